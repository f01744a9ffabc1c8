"""`StatelessScope`: values in, values out, nothing stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import ops
from keras_lite.engine import registry


def test_reads_and_writes_stay_inside(engine: Any) -> None:
    """Mapped variables read as given, others as they are; what is assigned is asked of the scope."""
    v, w, untouched = keras.Variable(1.0), keras.Variable([1.0, 2.0]), keras.Variable(0.0)
    with keras.StatelessScope([(v, 5.0)]) as scope:
        w.assign(w + v)
        scope.add_update((v, 8.0))
        assert float(v) == 8.0
    np.testing.assert_array_equal(ops.convert_to_numpy(scope.get_current_value(w)), [6.0, 7.0])
    assert float(scope.get_current_value(v)) == 8.0
    assert scope.get_current_value(untouched) is None
    assert (float(v), w.numpy().tolist()) == (1.0, [1.0, 2.0])


def test_in_a_compiled_program(engine: Any) -> None:
    """The engine's own compiler sees a pure function."""
    v = keras.Variable([1.0, 2.0])

    def step(values: list[Any], x: list[Any]) -> list[Any]:
        with keras.StatelessScope(zip([v], values, strict=True)) as scope:
            v.assign_add(x[0])
        return [scope.get_current_value(v)]

    here = registry.current()
    given = [here.convert(np.array(value, "float32"), "float32") for value in ([10.0, 20.0], [1.0, 1.0])]
    (result,) = here.compile(step)(given[:1], given[1:])
    np.testing.assert_array_equal(here.to_numpy(result), [11.0, 21.0])
    assert v.numpy().tolist() == [1.0, 2.0]


@pytest.mark.parametrize("collect", [False, True])
def test_losses(engine: Any, collect: bool) -> None:
    """Losses that layers add inside are the scope's, if asked for, and gone from the layer afterwards."""
    layer = keras.layers.Dense(2, kernel_initializer="ones", activity_regularizer=keras.regularizers.L2(0.5))
    layer.build((None, 2))
    with keras.StatelessScope(collect_losses=collect) as scope:
        layer(np.ones((1, 2), "float32"))
        scope.add_loss(1.0)
    assert [float(ops.convert_to_numpy(x)) for x in scope.losses] == ([4.0] if collect else []) + [1.0]
    assert layer.losses == []


def test_mistakes(engine: Any) -> None:
    v = keras.Variable([1.0, 2.0], name="v")
    with pytest.raises(ValueError, match=r"StatelessScope: variable v has shape \(2,\), the value has \(3,\)"):
        keras.StatelessScope([(v, np.zeros(3))])
    with pytest.raises(TypeError, match="StatelessScope: expected a Variable first in each pair, got 1"):
        keras.StatelessScope([(1, 2)])
    with pytest.raises(ValueError, match="StatelessScope: expected pairs"):
        keras.StatelessScope([v])
    with pytest.raises(TypeError, match="StatelessScope: expected a tensor, an array or a number, got NoneType"):
        keras.StatelessScope([(v, None)])
    with pytest.raises(NotImplementedError, match="variables always have values"):
        keras.StatelessScope(initialize_variables=False)


def test_named_initializers(engine: Any) -> None:
    """A variable takes the name of an initializer."""
    assert keras.Variable("ones", shape=(2,), dtype="int32").numpy().tolist() == [1, 1]
    assert keras.Variable("glorot_uniform", shape=(2, 3)).numpy().std() > 0
    with pytest.raises(ValueError, match="zeroes"):
        keras.Variable("zeroes", shape=(2,))
    with pytest.raises(ValueError, match="needs the argument `shape`"):
        keras.Variable("zeros")
