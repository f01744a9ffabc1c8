"""Each layer beside the one of Keras: the same config, variables, output shape, masks, and the same output for the same weights."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from keras_lite import layers, ops
from keras_lite.engine import registry
from keras_lite.state import tree
from keras_lite.state.scope import Scope
from keras_lite.symbolic.spec import KerasTensor
from keras_lite.testing.layer_cases import CASES, Case, weights
from tests.keras_reference.gradients import cotangent

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning", "ignore:You passed `rms_scaling:UserWarning")
every_case = pytest.mark.parametrize("case", CASES, ids=repr)


@pytest.fixture(autouse=True)
def _on_numpy(request: pytest.FixtureRequest, keras: Any) -> Any:
    if not hasattr(keras.layers, request.node.callspec.params["case"].cls):
        pytest.skip("Keras has no such layer")
    with registry.using("numpy"):
        yield


def _pair(keras: Any, case: Case) -> tuple[Any, Any]:
    """Our layer and that of Keras, of one name, built, with the same random weights."""
    ours, theirs = (case.build(case.make(module, name="layer")) for module in (layers, keras.layers))
    values = weights(theirs)
    ours.set_weights(values)
    theirs.set_weights(values)
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


def _compare(mine: Any, reference: Any, case: Case) -> None:
    """The serialized layers are equal, but for what is unlike."""
    mine, reference = ({**x, "config": {k: v for k, v in x["config"].items() if k not in case.unlike}} for x in (mine, reference))
    assert _same(mine, reference), f"\n{mine}\n{reference}"


@every_case
def test_config(keras: Any, case: Case) -> None:
    """The serialized layer, before and after it is built, is Keras's; each side makes an equal layer from the other's."""
    if "config" in case.unlike:
        pytest.skip(case.unlike["config"])
    ours, theirs = case.make(layers, name="layer"), case.make(keras.layers, name="layer")
    mine, reference = layers.serialize(ours), keras.layers.serialize(theirs)
    _compare(mine, reference, case)
    ours, theirs = _pair(keras, case)
    mine, reference = layers.serialize(ours), keras.layers.serialize(theirs)
    _compare({**mine, "build_config": None}, {**reference, "build_config": None}, case)
    made, returned = layers.deserialize(reference), keras.layers.deserialize(mine)
    assert _same(made.get_config(), ours.get_config())
    assert _same(returned.get_config(), theirs.get_config())
    if not made.built:
        case.build(made)
    made.set_weights(ours.get_weights())
    args, kwargs = case.data()
    _agree(made(*args, **kwargs), ours(*args, **kwargs), 1e-6)
    if ours.weights:  # Keras keeps the shape for some layers that need none, too
        assert _same(mine.get("build_config"), reference.get("build_config"))
        paths = [v.path for v in keras.layers.deserialize(reference).weights]
        assert [v.path for v in returned.weights] == paths
        assert [v.path for v in made.weights] in (paths, [v.path for v in ours.weights])  # Keras builds some from the inside


def _path(variable: Any) -> str:
    """The path; counters of random numbers have names of their own."""
    return "seed" if "seed_generator" in variable.path else variable.path


@every_case
def test_variables(keras: Any, case: Case) -> None:
    """Paths, shapes, dtypes and trainability of the variables, in order; and the names by which a layer holds those inside it."""
    ours, theirs = _pair(keras, case)
    mine, reference = ([(_path(v), tuple(v.shape), str(v.dtype), bool(v.trainable)) for v in layer.variables] for layer in (ours, theirs))
    assert mine == reference
    for kind in ("trainable_variables", "non_trainable_variables", "weights", "trainable_weights", "non_trainable_weights"):
        assert [_path(v) for v in getattr(ours, kind)] == [_path(v) for v in getattr(theirs, kind)], kind
    assert ours.count_params() == theirs.count_params()
    held, expected = ([name for name, value in vars(layer).items() if isinstance(value, base)]
                      for layer, base in ((ours, layers.Layer), (theirs, keras.layers.Layer)))
    assert sorted(held) == sorted(expected)


def _agree(mine: Any, reference: Any, tolerance: float) -> None:
    assert len(tree.flatten(mine)) == len(tree.flatten(reference))
    assert isinstance(mine, (list, tuple)) == isinstance(reference, (list, tuple))
    for a, b in zip(tree.flatten(mine), tree.flatten(reference), strict=True):
        assert (str(a.dtype), tuple(a.shape)) == (str(b.dtype), tuple(b.shape))
        a, b = (np.asarray(x).astype("float64") for x in (a, b))
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(np.abs(b).max(initial=0), 1e-3))


@every_case
def test_output(keras: Any, case: Case) -> None:
    """The same outputs for the same weights, twice, and the same weights and losses afterwards."""
    if "output" in case.unlike:
        pytest.skip(case.unlike["output"])
    ours, theirs = _pair(keras, case)
    tolerance = {"float16": 4e-3, "bfloat16": 2e-2}.get(ours.compute_dtype, 5e-6)
    for seed in (3, 4):
        args, kwargs = case.data(seed)
        _agree(ours(*args, **kwargs), theirs(*args, **kwargs), tolerance)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a.astype("float64"), np.asarray(b, "float64"), rtol=5e-6, atol=1e-6)
    mine, reference = (sorted(float(x) for x in layer.losses) for layer in (ours, theirs))
    np.testing.assert_allclose(mine, reference, rtol=max(tolerance, 1e-5))


@every_case
def test_symbolic_shape(keras: Any, case: Case) -> None:
    """The same shapes and dtypes on symbolic inputs whose batch size is unknown, and from compute_output_shape."""
    if "symbolic" in case.unlike:
        pytest.skip(case.unlike["symbolic"])
    ours, theirs = _pair(keras, case)
    results = []
    for layer, spec in ((ours, KerasTensor), (theirs, keras.KerasTensor)):
        args, kwargs = case.arguments(lambda s, dtype, spec=spec: spec((None, *s[1:]), dtype))
        with np.errstate(all="ignore"):  # Keras's NumPy backend computes with what is in memory
            results.append(tree.flatten(layer(*args, **kwargs)))
    for a, b in zip(*results, strict=True):
        assert a.dtype == b.dtype
        assert len(a.shape) == len(b.shape)
        assert all(n in (m, None) for m, n in zip(a.shape, b.shape, strict=True))  # we may know a size that Keras does not
    if not isinstance(case.shape, dict) and len(results[0]) == 1:
        shapes = [(None, *s[1:]) for s in case.shape] if isinstance(case.shape, list) else (None, *case.shape[1:])
        assert tuple(ours.compute_output_shape(shapes)) == results[0][0].shape


@every_case
def test_masks(keras: Any, case: Case) -> None:
    """The same mask of the output, or none, for a mask of the input; and the same output for it where `call` takes one."""
    if "ConvLSTM" in repr(case):
        pytest.skip("Keras's NumPy backend does not broadcast the mask")
    if isinstance(case.shape, (list, dict)) or len(case.shape) < 3 or "masks" in case.unlike:
        pytest.skip(case.unlike.get("masks", "the input has no mask of steps"))
    ours, theirs = _pair(keras, case)
    assert bool(ours.supports_masking) == bool(theirs.supports_masking)
    mask = np.random.default_rng(7).random(case.mask_shape(case.shape)) < 0.6
    (x,), kwargs = case.data()
    mine, reference = (tree.flatten(layer.compute_mask(x, mask)) for layer in (ours, theirs))
    for a, b in itertools.zip_longest(mine, reference):  # Keras leaves out those of some states, which have none
        assert (a is None) == (b is None)
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
    if "mask" in ours._signature.names:
        tolerance = {"float16": 4e-3, "bfloat16": 2e-2}.get(ours.compute_dtype, 1e-5)
        _agree(ours(x, mask=mask, **kwargs), theirs(x, mask=mask, **kwargs), tolerance)


@every_case
def test_gradients(keras_gradients: Any, case: Case) -> None:
    """The same gradients by the inputs and by the trainable variables."""
    if "gradient" in case.unlike or "output" in case.unlike:
        pytest.skip(case.unlike.get("gradient") or case.unlike["output"])
    expected = keras_gradients(case)
    layer = case.build(case.make(layers, name="layer"))
    layer.set_weights(weights(layer))
    args, kwargs = case.data()
    floats = case.dtype != "int32"
    inputs = [ops.convert_to_tensor(x) for x in tree.flatten((args, kwargs)) if isinstance(x, np.ndarray)] if floats else []
    places = [isinstance(x, np.ndarray) for x in tree.flatten((args, kwargs))]

    def total(tensors: list[Any]) -> tuple[Any, None]:
        values, rest = tensors[:len(inputs)], tensors[len(inputs):]
        given = iter(values)
        filled = [next(given) if at and floats else x for at, x in zip(places, tree.flatten((args, kwargs)), strict=True)]
        with Scope(zip(layer.trainable_variables, rest, strict=True)):
            new_args, new_kwargs = tree.pack_as((args, kwargs), filled)
            outputs = tree.flatten(layer(*new_args, **new_kwargs))
        parts = [ops.sum(ops.cast(y, "float32") * cotangent(i, y.shape)) for i, y in enumerate(outputs)]
        return sum(parts[1:], parts[0]), None

    engine = registry.current()
    _, _, found = engine.value_and_grad(total, [*inputs, *(v.value for v in layer.trainable_variables)])
    tolerance = {"float16": 1e-2, "bfloat16": 5e-2}.get(layer.compute_dtype, 2e-5)
    assert len(found) == len(expected)
    largest = max((np.abs(b).max(initial=0) for b in expected), default=0)  # some are 0 but for rounding, such as that of a key's bias
    for a, b in zip(found, expected, strict=True):
        a, b = np.asarray(a, "float64"), b.astype("float64")
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(np.abs(b).max(initial=0), largest / 20, 1e-3))
