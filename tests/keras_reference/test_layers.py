"""Each layer beside the one of Keras: the same config, variables, output shape, and the same output for the same weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from keras_lite import layers
from keras_lite.engine import registry
from keras_lite.symbolic.spec import KerasTensor
from tests.keras_reference.cases import CASES, Case
from tests.keras_reference.recurrent_cases import RECURRENT

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning", "ignore:You passed `rms_scaling:UserWarning")


@pytest.fixture(autouse=True)
def _on_numpy() -> Any:
    with registry.using("numpy"):
        yield


def _nest(fn: Any, shape: Any) -> Any:
    return [fn(s) for s in shape] if isinstance(shape, list) else fn(shape)


def _data(case: Case) -> Any:
    rng = np.random.default_rng(3)
    return _nest(lambda s: (rng.integers(0, 7, s) if case.dtype == "int32" else rng.normal(size=s)).astype(case.dtype), case.shape)


def _pair(keras: Any, case: Case) -> tuple[Any, Any]:
    """Our layer and that of Keras, of one name, built, with the same random weights."""
    args = {"name": "layer", **case.args}
    ours, theirs = getattr(layers, case.cls)(**args), getattr(keras.layers, case.cls)(**args)
    ours.build(case.shape)
    theirs.build(case.shape)
    rng = np.random.default_rng(0)
    weights = [rng.uniform(0.3, 1.5, w.shape).astype(w.dtype) for w in theirs.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def _same(a: Any, b: Any) -> bool:
    """Equality of nests; tuples count as lists, and floats as equal to 7 digits (Keras keeps some in float32)."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-7)
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("case", [*CASES, *RECURRENT], ids=repr)
def test_config(keras: Any, case: Case) -> None:
    """The serialized layer, before it is built, is Keras's; each side makes an equal layer from the other's."""
    args = {"name": "layer", **case.args}
    ours, theirs = getattr(layers, case.cls)(**args), getattr(keras.layers, case.cls)(**args)
    mine, reference = layers.serialize(ours), keras.layers.serialize(theirs)
    for key in case.unlike:
        mine["config"].pop(key, None), reference["config"].pop(key, None)
    assert _same(mine, reference), f"\n{mine}\n{reference}"
    assert _same(layers.deserialize(reference).get_config(), ours.get_config())
    assert _same(keras.layers.deserialize(mine).get_config(), theirs.get_config())


@pytest.mark.parametrize("case", [*CASES, *RECURRENT], ids=repr)
def test_variables(keras: Any, case: Case) -> None:
    """Paths, shapes, dtypes and trainability of the variables, in order, and what is kept for building again."""
    ours, theirs = _pair(keras, case)
    mine, reference = ([(v.path.rpartition("/")[2], tuple(v.shape), str(v.dtype), bool(v.trainable)) for v in layer.variables]
                       for layer in (ours, theirs))
    assert mine == reference
    for name in ("trainable_variables", "non_trainable_variables", "weights"):
        assert [v.name for v in getattr(ours, name)] == [v.name for v in getattr(theirs, name)], name
    assert ours.count_params() == theirs.count_params()
    if ours.get_build_config() is not None or ours.weights:  # Keras keeps the shape for some layers that need none, too
        assert _same(ours.get_build_config(), theirs.get_build_config())


@pytest.mark.parametrize("case", [*CASES, *RECURRENT], ids=repr)
def test_output(keras: Any, case: Case) -> None:
    """The same output for the same weights, and the same weights and losses afterwards."""
    if "output" in case.unlike:
        pytest.skip(case.unlike["output"])
    ours, theirs = _pair(keras, case)
    kwargs = {"training": True} if case.training else {}
    mine, reference = (np.asarray(layer(_data(case), **kwargs)) for layer in (ours, theirs))
    assert str(mine.dtype) == ours.compute_dtype
    assert mine.shape == reference.shape
    tolerance = {"float16": 2e-3, "bfloat16": 2e-2}.get(str(mine.dtype), 2e-6)
    mine, reference = mine.astype("float64"), reference.astype("float64")
    np.testing.assert_allclose(mine, reference, rtol=tolerance, atol=tolerance * np.abs(reference).max())
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a.astype("float64"), np.asarray(b, "float64"), rtol=2e-6, atol=1e-6)
    np.testing.assert_allclose([float(x) for x in ours.losses], [float(x) for x in theirs.losses], rtol=max(tolerance, 1e-5))


@pytest.mark.parametrize("case", [*CASES, *RECURRENT], ids=repr)
def test_symbolic_shape(keras: Any, case: Case) -> None:
    """The same shape and dtype on symbolic inputs whose batch size is unknown, and from compute_output_shape."""
    if "symbolic" in case.unlike:
        pytest.skip(case.unlike["symbolic"])
    ours, theirs = _pair(keras, case)
    shapes = _nest(lambda s: (None, *s[1:]), case.shape)
    mine = ours(_nest(lambda s: KerasTensor(s, case.dtype), shapes))
    reference = theirs(_nest(lambda s: keras.KerasTensor(s, case.dtype), shapes))
    assert mine.dtype == reference.dtype
    assert len(mine.shape) == len(reference.shape)
    assert all(n in (m, None) for m, n in zip(mine.shape, reference.shape, strict=True))  # we may know a size that Keras does not
    assert tuple(ours.compute_output_shape(shapes)) == mine.shape
