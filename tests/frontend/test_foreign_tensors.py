"""Tensors of another engine, where a variable or a model takes values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from keras_lite.engine import registry
from tests.conftest import ENGINES, load_quietly

pytestmark = pytest.mark.all_engines


def _tensor_of(name: str, values: Any) -> Any:
    with registry.using(load_quietly(name)):
        return ops.convert_to_tensor(values)


@pytest.mark.parametrize("other", ENGINES)
def test_assign(engine: Any, other: str) -> None:
    """The variable stays on its engine, whatever tensor or variable is assigned to it."""
    variable = keras.Variable([1.0, 2.0])
    variable.assign(_tensor_of(other, [3.0, 4.0]))
    assert engine.is_tensor(variable.value)
    assert variable.numpy().tolist() == [3.0, 4.0]
    with registry.using(load_quietly(other)):
        source = keras.Variable([5, 6])
    variable.assign(source)
    assert engine.is_tensor(variable.value)
    assert ops.convert_to_numpy(variable + 1.0).tolist() == [6.0, 7.0]
    assert engine.is_tensor(keras.Variable(source).value)
    with pytest.raises(TypeError, match="symbolic tensor has no values"):
        variable.assign(keras.Input((2,), batch_size=2))


@pytest.mark.parametrize("other", ENGINES)
def test_model(engine: Any, other: str) -> None:
    """`set_weights` and a call take them, and the model still trains."""
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    model.set_weights([_tensor_of(other, np.eye(2, dtype="float32")), _tensor_of(other, [3.0, 4.0])])
    y = model(_tensor_of(other, [[1.0, 2.0]]))
    assert engine.is_tensor(y)
    assert ops.convert_to_numpy(y).tolist() == [[4.0, 6.0]]
    model.compile("sgd", "mse")
    model.fit(_tensor_of(other, np.ones((4, 2), "float32")), _tensor_of(other, np.ones((4, 2), "float32")), verbose=0)
    assert all(engine.is_tensor(v.value) for v in model.variables)


def test_layer_in_a_data_pipeline(engine: Any) -> None:
    """Tensors without values stay with their engine: a layer without weights runs inside its compiled functions."""
    layer = layers.Activation("relu")
    layer(np.ones((1, 2), "float32"))
    for name in ("jax", "torch", "tensorflow"):  # those that compile
        other = load_quietly(name)
        run = other.compile(lambda x: layer(x))
        with registry.using(other):
            result = run(ops.convert_to_tensor([[-1.0, 2.0]]))
        assert other.to_numpy(result).tolist() == [[0.0, 2.0]]
