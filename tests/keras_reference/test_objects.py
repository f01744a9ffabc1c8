"""Activations, initializers, regularizers and constraints beside Keras's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from keras_lite import activations, constraints, initializers, ops, regularizers
from keras_lite.engine import registry

W = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")
SQUARE = W[:, :4]


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with registry.using("numpy"):
        yield


def _close(mine: Any, reference: Any, rtol: float = 2e-6) -> None:
    mine, reference = ops.convert_to_numpy(mine), np.asarray(reference)
    assert mine.shape == reference.shape
    np.testing.assert_allclose(mine.astype("float64"), reference.astype("float64"), rtol=rtol, atol=rtol)


def _same_config(mine: dict[str, Any], reference: dict[str, Any]) -> None:
    assert {**mine, "config": None} == {**reference, "config": None}
    assert mine["config"].keys() == reference["config"].keys()
    for key, value in reference["config"].items():
        ours = mine["config"][key]
        assert math.isclose(ours, value, rel_tol=1e-7) if isinstance(value, float) else ours == value, key


# --- activations ---------------------------------------------------------------------------------------------------------

OPTIONS = [
    ("relu", {"negative_slope": 0.2, "max_value": 1.0, "threshold": 0.5}), ("relu", {"threshold": 0.5}), ("relu", {"max_value": 0.5}),
    ("relu", {"negative_slope": 0.2, "max_value": 0.5}),
    ("gelu", {"approximate": True}), ("elu", {"alpha": 0.5}), ("celu", {"alpha": 0.5}),
    ("leaky_relu", {"negative_slope": 0.4}), ("softmax", {"axis": 0}), ("log_softmax", {"axis": 0}), ("glu", {"axis": 0}),
    ("hard_shrink", {"threshold": 1.0}), ("soft_shrink", {"threshold": 1.0}), ("squareplus", {"b": 2}),
    ("threshold", {"threshold": 0.3, "default_value": -2.0}),
]
NAMES = sorted(set(activations.__all__) - {"get", "serialize", "deserialize", "threshold", "sparsemax"})  # sparsemax: see cases.py


@pytest.mark.parametrize(("name", "options"), [*((name, {}) for name in NAMES), *OPTIONS], ids=str)
def test_activations(keras: Any, name: str, options: dict[str, Any]) -> None:
    _close(getattr(activations, name)(W, **options), getattr(keras.activations, name)(keras.ops.array(W), **options), 3e-6)
    if not options:
        assert activations.serialize(activations.get(name)) == keras.activations.serialize(keras.activations.get(name))
        assert activations.deserialize(keras.activations.serialize(keras.activations.get(name))) is activations.get(name)


def test_names_of_activations(keras: Any) -> None:
    assert set(activations.__all__) == {name for name in dir(keras.activations) if not name.startswith("_")}


# --- initializers --------------------------------------------------------------------------------------------------------

INITIALIZERS = [
    ("Zeros", {}), ("Ones", {}), ("Constant", {"value": 2.5}), ("RandomNormal", {"mean": 1.0, "stddev": 0.5}), ("RandomUniform", {}),
    ("TruncatedNormal", {"seed": 3}), ("VarianceScaling", {"scale": 2.0, "mode": "fan_avg", "distribution": "uniform"}),
    ("VarianceScaling", {"input_axes": [0], "output_axes": [1]}), ("Orthogonal", {"gain": 2.0}), ("GlorotUniform", {}),
    ("GlorotNormal", {"seed": 1}), ("HeUniform", {}), ("HeNormal", {}), ("LecunUniform", {}), ("LecunNormal", {}),
    ("STFT", {"side": "imag", "window": "hamming", "scaling": "spectrum", "periodic": True}),
]


@pytest.mark.parametrize(("name", "args"), INITIALIZERS, ids=str)
def test_initializer_configs(keras: Any, name: str, args: dict[str, Any]) -> None:
    ours, theirs = getattr(initializers, name)(**args), getattr(keras.initializers, name)(**args)
    _same_config(initializers.serialize(ours), keras.initializers.serialize(theirs))
    assert initializers.deserialize(keras.initializers.serialize(theirs)).get_config() == ours.get_config()
    assert type(keras.initializers.deserialize(initializers.serialize(ours))) is type(theirs)


@pytest.mark.parametrize("name", ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
                                  "random_normal", "random_uniform", "truncated_normal", "variance_scaling"])
@pytest.mark.parametrize("shape", [(200, 300), (3, 3, 40, 50), (5000,)])
def test_initializer_moments(keras: Any, name: str, shape: Any) -> None:
    """The same mean, standard deviation and bounds; the values are the package's own stream."""
    mine = ops.convert_to_numpy(type(initializers.get(name))(seed=1)(shape))
    reference = np.asarray(type(keras.initializers.get(name))(seed=1)(shape))
    assert (mine.dtype, mine.shape) == (reference.dtype, reference.shape)
    assert abs(mine.mean() - reference.mean()) < 0.1 * reference.std()
    np.testing.assert_allclose(mine.std(), reference.std(), rtol=0.05)
    np.testing.assert_allclose(np.abs(mine).max(), np.abs(reference).max(), rtol=0.2)


@pytest.mark.parametrize(("axes", "shape"), [(([0], [1]), (30, 40, 50)), (([0, 1], [2]), (30, 40, 50)), (((-1,), (0, 1)), (30, 40, 50)),
                                             ((None, (2,)), (30, 40, 50)), (((0,), None), (30, 40, 50))])
@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
def test_fans(keras: Any, axes: Any, shape: Any, mode: str) -> None:
    """The bound of the uniform distribution shows the fan that was used."""
    bounds = [float(np.abs(np.asarray(module.VarianceScaling(1.0, mode, "uniform", 1, *axes)(shape))).max())
              for module in (initializers, keras.initializers)]
    np.testing.assert_allclose(*bounds, rtol=1e-3)


def test_orthogonal() -> None:
    for shape in ((6, 4), (4, 6), (2, 3, 4)):
        q = ops.convert_to_numpy(initializers.Orthogonal(2.0, seed=1)(shape)).reshape(-1, shape[-1])
        product = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
        np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)


@pytest.mark.parametrize("side", ["real", "imag"])
@pytest.mark.parametrize("window", [None, "hann", "hamming", np.arange(1.0, 9.0)], ids=str)
@pytest.mark.parametrize("scaling", [None, "density", "spectrum"])
@pytest.mark.parametrize("periodic", [False, True])
def test_stft(keras: Any, side: str, window: Any, scaling: Any, periodic: bool) -> None:
    args = (side, window, scaling, periodic)
    for shape in ((8, 1, 5), (8, 1, 9)):
        _close(initializers.STFT(*args)(shape), keras.initializers.STFT(*args)(shape), 2e-5 if window is None or scaling is None else 2e-6)


def test_fixed_values(keras: Any) -> None:
    for name, args, shape, dtype in (("Zeros", (), (2, 3), "int32"), ("Ones", (), (2,), None), ("Identity", (2.0,), (2, 3), None),
                                     ("Constant", ([1.0, 2.0, 3.0],), (2, 3), "float16"), ("Identity", (), (3, 3), "float64")):
        mine, reference = (getattr(module, name)(*args)(shape, dtype=dtype) for module in (initializers, keras.initializers))
        _close(mine, reference)
        assert str(ops.convert_to_numpy(mine).dtype) == str(np.asarray(reference).dtype)


def test_seeds(keras: Any) -> None:
    """A fixed seed and an initializer without one give the same values each time; a generator gives others."""
    from keras_lite.random import SeedGenerator

    for make in (lambda: initializers.RandomNormal(seed=3), initializers.RandomNormal):
        one = make()
        np.testing.assert_array_equal(*(ops.convert_to_numpy(one((3,))) for _ in range(2)))
    one = initializers.RandomNormal(seed=SeedGenerator(3))
    assert not np.array_equal(*(ops.convert_to_numpy(one((3,))) for _ in range(2)))
    assert not np.array_equal(*(ops.convert_to_numpy(initializers.RandomNormal()((3,))) for _ in range(2)))


@pytest.mark.parametrize(("make", "message"), [
    (lambda: initializers.VarianceScaling(0), "scale must be positive, got 0"),
    (lambda: initializers.VarianceScaling(mode="fan"), "mode must be"),
    (lambda: initializers.VarianceScaling(distribution="x"), "distribution must be"),
    (lambda: initializers.Identity()((2, 3, 4)), "only a matrix"),
    (lambda: initializers.RandomNormal(seed="x"), "seed must be an int"), (lambda: initializers.Orthogonal()((3,)), "two axes or more"),
    (lambda: initializers.STFT("x"), "side must be"), (lambda: initializers.STFT(window="han"), "did you mean 'hann'"),
], ids=lambda x: x if isinstance(x, str) else "")
def test_mistakes(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


# --- regularizers and constraints ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "args", "x"), [
    ("L1", {}, W), ("L1", {"l1": 0.3}, W), ("L2", {}, W), ("L1L2", {"l1": 0.1, "l2": 0.2}, W), ("L1L2", {}, W),
    ("OrthogonalRegularizer", {}, W), ("OrthogonalRegularizer", {"factor": 0.2}, SQUARE)], ids=lambda x: "" if x is W else str(x)[:40])
def test_regularizers(keras: Any, name: str, args: dict[str, Any], x: Any) -> None:
    ours, theirs = getattr(regularizers, name)(**args), getattr(keras.regularizers, name)(**args)
    _close(ours(x), theirs(x))
    _same_config(regularizers.serialize(ours), keras.regularizers.serialize(theirs))
    assert regularizers.deserialize(keras.regularizers.serialize(theirs)).get_config().keys() == ours.get_config().keys()


def test_orthogonal_columns() -> None:
    """The penalty of columns is that of the rows of the transpose; Keras divides rows by the norms of columns there."""
    found = regularizers.OrthogonalRegularizer(0.2, "columns")(W)
    _close(found, regularizers.OrthogonalRegularizer(0.2, "rows")(W.T))
    assert float(regularizers.OrthogonalRegularizer(0.2, "columns")(np.linalg.qr(W)[0] * 3)) < 1e-6 < float(found)
    assert float(regularizers.OrthogonalRegularizer()(W[:1])) == 0, "a single row has no pair"


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), "x"])
@pytest.mark.parametrize("name", ["L1", "L2", "L1L2", "OrthogonalRegularizer"])
def test_factors_of_regularizers(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match="must be a number, at least 0"):
        getattr(regularizers, name)(value)


@pytest.mark.parametrize(("name", "args"), [
    ("MaxNorm", {}), ("MaxNorm", {"max_value": 0.5, "axis": 1}), ("MaxNorm", {"axis": [0, 1]}), ("NonNeg", {}), ("UnitNorm", {}),
    ("UnitNorm", {"axis": [0, 1]}), ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 2.0, "max_value": 3.0, "rate": 0.3, "axis": 1})], ids=str)
def test_constraints(keras: Any, name: str, args: dict[str, Any]) -> None:
    ours, theirs = getattr(constraints, name)(**args), getattr(keras.constraints, name)(**args)
    _close(ours(W), theirs(W))
    _same_config(constraints.serialize(ours), keras.constraints.serialize(theirs))
    assert constraints.deserialize(keras.constraints.serialize(theirs)).get_config() == ours.get_config()


def test_names(keras: Any) -> None:
    """Every name that Keras's `get` knows gives the class of that name here."""
    names = {initializers: ("zeros", "zero", "ones", "one", "uniform", "normal", "glorot_uniform", "GlorotUniform", "identity",
                            "orthogonal", "IdentityInitializer", "OrthogonalInitializer", "STFT", "stft", "variance_scaling",
                            "LecunNormal"),
             regularizers: ("l1", "L1", "l2", "L2", "l1l2", "L1L2", "orthogonal_regularizer", "OrthogonalRegularizer"),
             constraints: ("max_norm", "MaxNorm", "non_neg", "NonNeg", "unit_norm", "min_max_norm")}
    for module, known in names.items():
        reference = getattr(keras, module.__name__.rpartition(".")[2])
        for name in known:
            assert type(module.get(name)).__name__ == type(reference.get(name)).__name__, name
