"""Optimizers and schedules beside Keras's: the same weights, variables and configs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite import ops, optimizers
from keras_lite.engine import registry
from tests.optimizers.cases import CASES, OWN, check_weights, optimizer_of, run

pytestmark = pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # variables of Keras, on NumPy 2.4


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with registry.using("numpy"):
        yield


@pytest.mark.parametrize(("cls", "options"), CASES, ids=str)
def test_steps(keras: Any, cls: str, options: dict[str, Any]) -> None:
    """20 steps: the weights, and the paths, order, shapes, dtypes and values of the optimizer's variables."""
    mine, theirs = run(keras_lite, cls, options), run(keras, cls, options)
    check_weights(cls, mine["weights"], theirs["weights"], times=2)  # both round; the matrix has the formulas in float64
    assert mine["iterations"] == theirs["iterations"]
    assert [(path, x.shape, x.dtype) for path, x in mine["own"]] == [(path, x.shape, x.dtype) for path, x in theirs["own"]]
    for (path, x), (_, y) in zip(mine["own"], theirs["own"], strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-5, err_msg=path)


@pytest.mark.parametrize(("cls", "options"), [(cls, options) for cls, own in OWN.items() for options in own], ids=str)
def test_configs(keras: Any, cls: str, options: dict[str, Any]) -> None:
    ours, theirs = optimizer_of(keras_lite, cls, options), optimizer_of(keras, cls, options)
    mine, reference = optimizers.serialize(ours), keras.optimizers.serialize(theirs)
    _same(mine, reference)
    _same(optimizers.deserialize(reference).get_config(), reference["config"])
    if cls != "Lamb":  # Keras can't read its own config of it
        _same(keras.optimizers.deserialize(mine).get_config(), mine["config"])


def _same(mine: Any, theirs: Any) -> None:
    if isinstance(theirs, dict):
        assert mine.keys() == theirs.keys()
        for key, value in theirs.items():
            _same(mine[key], value)
    elif isinstance(theirs, float):
        assert math.isclose(mine, theirs, rel_tol=1e-6)
    else:
        assert mine == theirs


def _wrapped(K: Any) -> dict[str, Any]:
    o = K.optimizers
    return {
        "scaled": o.LossScaleOptimizer(o.SGD(0.5, momentum=0.5, name="sgd"), 8.0, 2, name="scaled"),
        "several": o.MultiOptimizer(
            o.OptimizerMap(o.SGD(0.1, name="sgd"), {"bias": o.Adam(0.02, name="adam"), "emb.*": o.Lion(0.3, name="lion")}),
            loss_scale_factor=4.0, name="several"),
        "several_without_scale": o.MultiOptimizer(o.OptimizerMap(o.Adam(0.1, name="adam")), name="several"),
        "schedule": o.SGD(o.schedules.ExponentialDecay(0.1, 10, 0.9), name="sgd"),
    }


@pytest.mark.parametrize("name", ["scaled", "several", "several_without_scale", "schedule"])
def test_wrapped(keras: Any, name: str) -> None:
    """Optimizers of optimizers: variables, configs, and 8 steps of which two are not finite for the one that bears it."""
    found = []
    for K in (keras_lite, keras):
        optimizer = _wrapped(K)[name]
        variables = [K.Variable(np.full(shape, 2.0, "float32"), name=part) for part, shape in
                     (("kernel", (3, 2)), ("bias", (2,)), ("embeddings", (2, 2)))]
        optimizer.build(variables)
        track = []
        for step in range(8):
            value = np.inf if name == "scaled" and step in (3, 4) else 0.5 + 0.1 * step
            optimizer.apply([np.full(v.shape, value, "float32") for v in variables], variables)
            track.append([np.array(v.numpy()) for v in (*variables, *optimizer.variables)])
        paths = [v.path for v in optimizer.variables]
        found.append((track, paths, optimizer.get_config(), float(K.ops.convert_to_numpy(optimizer.scale_loss(np.float32(2.0))))))
    (mine, my_paths, my_config, my_loss), (theirs, paths, config, loss) = found
    assert (my_paths, my_loss) == (paths, loss)
    _same(my_config, config)
    for a, b in zip(itertools.chain(*mine), itertools.chain(*theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-6)


SCHEDULES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("ExponentialDecay", (0.1, 10, 0.9), {}), ("ExponentialDecay", (0.1, 7, 0.5), {"staircase": True}),
    ("InverseTimeDecay", (0.1, 10, 0.9), {}), ("InverseTimeDecay", (0.1, 7, 0.5), {"staircase": True}),
    ("PolynomialDecay", (0.1, 10), {}), ("PolynomialDecay", (0.1, 10), {"power": 2.0, "end_learning_rate": 0.01}),
    ("PolynomialDecay", (0.1, 7), {"cycle": True, "power": 0.5}), ("PiecewiseConstantDecay", ([3, 10], [1.0, 0.5, 0.1]), {}),
    ("PiecewiseConstantDecay", ([2.5], [1, 2]), {}), ("CosineDecay", (0.1, 10), {}), ("CosineDecay", (0.1, 10), {"alpha": 0.2}),
    ("CosineDecay", (0.0, 10), {"warmup_target": 0.3, "warmup_steps": 5, "alpha": 0.1}), ("CosineDecay", (0.1, 10), {"warmup_steps": 5}),
    ("CosineDecay", (0.1, 10), {"warmup_target": 0.3}),
    ("CosineDecayRestarts", (0.1, 5), {}), ("CosineDecayRestarts", (0.1, 4), {"t_mul": 1.0, "m_mul": 0.5, "alpha": 0.1}),
    ("CosineDecayRestarts", (0.1, 6), {"t_mul": 1.5, "m_mul": 0.9}),
]


@pytest.mark.parametrize(("name", "args", "options"), SCHEDULES, ids=str)
def test_schedules(keras: Any, name: str, args: Any, options: dict[str, Any]) -> None:
    ours, theirs = (getattr(K.optimizers.schedules, name)(*args, **options) for K in (keras_lite, keras))
    for step in (0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 14, 15, 16, 20, 21, 29, 30, 35, 75, 1000):
        rate = ops.convert_to_numpy(ours(step))
        assert (rate.shape, rate.dtype) == ((), np.dtype("float32"))
        np.testing.assert_allclose(rate, np.asarray(theirs(step)), rtol=1e-5, atol=1e-7, err_msg=str(step))
    _same(optimizers.schedules.serialize(ours), keras.optimizers.schedules.serialize(theirs))
    _same(optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(theirs)).get_config(), theirs.get_config())


def test_names(keras: Any) -> None:
    for name in ("adam", "Adam", "ADAM", "adamw", "sgd", "rmsprop", "RMSprop", "schedulefreeadamw", "muon", "lion", "ftrl",
                 "nadam", "adamax", "adagrad", "adadelta", "adafactor"):
        assert type(optimizers.get(name)).__name__ == type(keras.optimizers.get(name)).__name__, name
