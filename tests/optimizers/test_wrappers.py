"""Optimizers around optimizers: loss scaling, several optimizers, parameter groups; also inside compiled training steps."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import ops, optimizers
from keras_lite.optimizers import LossScaleOptimizer, MultiOptimizer, OptimizerMap, ParameterGroup, ParameterGroups

INF = float("inf")


def _variables(*names: str) -> list[Any]:
    return [keras.Variable(np.ones(2, "float32"), name=name) for name in names]


def _apply(optimizer: Any, variables: list[Any], *values: float) -> list[float]:
    for value in values:
        optimizer.apply([ops.full((2,), value) for _ in variables], variables)
    return [float(v.numpy()[0]) for v in variables]


# --- loss scaling ----------------------------------------------------------------------------------------------------------


def test_loss_scale(engine: Any) -> None:
    optimizer, (w,) = LossScaleOptimizer(optimizers.SGD(1.0), 8.0, dynamic_growth_steps=2), _variables("w")
    seen = [(_apply(optimizer, [w], g)[0], float(optimizer.dynamic_scale.numpy())) for g in (0.8, 0.8, INF, float("nan"), 0.4)]
    np.testing.assert_allclose(seen, [(0.9, 8), (0.8, 16), (0.8, 8), (0.8, 4), (0.7, 4)], rtol=1e-6)
    assert int(ops.convert_to_numpy(optimizer.iterations)) == 3
    assert float(ops.convert_to_numpy(optimizer.scale_loss(ops.full((), 0.5)))) == 2.0
    optimizer.learning_rate = 0.5
    assert float(optimizer.inner_optimizer.learning_rate.numpy()) == 0.5


def test_loss_scale_stays_in_bounds(engine: Any) -> None:
    """1 / 2**127 is no normal number: XLA takes it for 0, and nothing would be learnt any more."""
    optimizer, (w,) = LossScaleOptimizer(optimizers.SGD(0.5), 2.0**125, dynamic_growth_steps=1), _variables("w")
    _apply(optimizer, [w], 0.0, 0.0, 0.0)
    assert float(optimizer.dynamic_scale.numpy()) == 2.0**126
    assert _apply(optimizer, [w], 2.0**126) == [0.5]


# --- several optimizers ----------------------------------------------------------------------------------------------------


def test_several_optimizers(engine: Any) -> None:
    table = OptimizerMap(optimizers.SGD(0.5), {"bias": optimizers.SGD(0.25)})
    table["embed.*"] = optimizers.Lion(0.125)
    optimizer, variables = MultiOptimizer(table), _variables("kernel", "bias", "embeddings")
    assert _apply(optimizer, variables, 1.0) == [0.5, 0.75, 0.875]
    assert len(optimizer.optimizers) == 3
    assert not hasattr(optimizer, "learning_rate")
    values, own = optimizer.stateless_apply([v.value for v in optimizer.variables], [ops.ones(2)] * 3, [v.value for v in variables])
    assert [float(ops.convert_to_numpy(x)[0]) for x in values] == [0.0, 0.5, 0.75]
    assert len(own) == len(optimizer.variables)


def test_optimizer_map() -> None:
    table = OptimizerMap(optimizers.SGD(), {"a.*": optimizers.Adam(), ".*z": optimizers.Lion()})
    assert [type(table[key]).__name__ for key in ("ab", "yz", "other")] == ["Adam", "Lion", "SGD"]
    assert (list(table), len(table)) == (["a.*", ".*z"], 2)
    for mistake, message in ((lambda: table["az"], "several keys fit"), (lambda: table.update({"a.*": optimizers.SGD()}), "already"),
                             (lambda: table.update({"(": optimizers.SGD()}), "no regular expression"),
                             (lambda: table.update({"b": "adam"}), "must be an optimizer"),
                             (lambda: OptimizerMap(None), "default_optimizer"),
                             (lambda: MultiOptimizer({"a": optimizers.SGD()}), "must be an OptimizerMap or a function")):
        with pytest.raises((ValueError, TypeError), match=message):
            mistake()


def test_loss_scales_of_several() -> None:
    shared = MultiOptimizer(OptimizerMap(optimizers.SGD(loss_scale_factor=4.0)))
    assert (shared.loss_scale_factor, float(shared.scale_loss(np.float32(2.0)))) == (4.0, 8.0)
    with pytest.raises(ValueError, match="several loss scales"):
        MultiOptimizer(OptimizerMap(optimizers.SGD(loss_scale_factor=4.0), {"a": optimizers.SGD()}))
    given = MultiOptimizer(OptimizerMap(optimizers.SGD(loss_scale_factor=4.0), {"a": optimizers.SGD()}), loss_scale_factor=2.0)
    assert [optimizer.loss_scale_factor for optimizer in given.optimizers] == [2.0, 2.0]


# --- parameter groups ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("settings", "expected"), [
    ({"learning_rate": 0.25}, 0.75), ({"learning_rate_factor": 0.5}, 0.75), ({"learning_rate": lambda step: 0.125}, 0.875),
    ({"weight_decay": 0.5}, 0.25), ({"clipvalue": 0.5}, 0.75), ({"clipnorm": 0.5 * 2**0.5}, 0.75),
    ({"global_clipnorm": 0.5 * 2**0.5}, 0.75), ({"frozen": True}, 1.0), ({"frozen": 1}, 1.0), ({"frozen": lambda step: step < 1}, 1.0),
    ({}, 0.5),
], ids=lambda x: str(x)[:30])
def test_settings_of_groups(engine: Any, settings: dict[str, Any], expected: float) -> None:
    """One step for a variable in a group and for one that is not."""
    optimizer = ParameterGroups(optimizers.SGD(0.5), [ParameterGroup("bias$", **settings)])
    np.testing.assert_allclose(_apply(optimizer, _variables("kernel", "bias"), 1.0), [0.5, expected], rtol=1e-6)


def test_frozen_for_some_steps(engine: Any) -> None:
    """Neither the variable nor its slots change before; afterwards it goes as from its beginning."""
    optimizer = ParameterGroups(optimizers.SGD(0.5, momentum=0.5), [ParameterGroup("late", frozen=2)])
    early, late = _variables("early", "late")
    _apply(optimizer, [early, late], 1.0, 1.0)
    assert _apply(optimizer, [early, late], 1.0)[1] == 0.5


def test_matches() -> None:
    a, b, c = _variables("a", "b", "c")
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    for match, fitting in (("^a|^b$", [a, b]), (b, [b]), ([a, "c"], [a, c]), (lambda v: v is c, [c]), (layer, layer.variables)):
        group = ParameterGroup(match)
        assert [v.key for v in (a, b, c, *layer.variables) if group.fits(v)] == [v.key for v in fitting]
    assert ParameterGroup([layer, "x"]).get_config()["match"] == [f"^{v.path}$" for v in layer.variables] + ["x"]


@pytest.mark.parametrize(("make", "message"), [
    (lambda: ParameterGroup("("), "no regular expression"), (lambda: ParameterGroup(3), "match must be"),
    (lambda: ParameterGroup("a", frozen=-1), "frozen must be"), (lambda: ParameterGroup("a", clipnorm=1.0, clipvalue=1.0), "at most one"),
    (lambda: ParameterGroup("a", weight_decay=-1.0), "not be negative"), (lambda: ParameterGroup("a", learning_rate="b"), "learning_rate"),
    (lambda: ParameterGroups(optimizers.SGD(), ["a"]), "must be a list of ParameterGroup"),
    (lambda: ParameterGroups(optimizers.SGD(), [ParameterGroup("zzz")]).build(_variables("a")), "no variable belongs to the group"),
], ids=lambda x: x if isinstance(x, str) else "")
def test_mistakes_in_groups(make: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make()


# --- compiled steps --------------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(24, 3)).astype("float32"), RNG.normal(size=(24, 2)).astype("float32")
KERNEL = RNG.normal(size=(3, 2)).astype("float32")
WRAPPED: dict[str, Any] = {
    "scaled": lambda: LossScaleOptimizer(optimizers.Adam(0.1), 64.0, 3),
    "scaled_accumulation": lambda: LossScaleOptimizer(optimizers.Adam(0.1, gradient_accumulation_steps=2, use_ema=True)),
    "several": lambda: MultiOptimizer(OptimizerMap(optimizers.Muon(0.1), {".*bias": optimizers.Lamb(0.1)})),
    "groups": lambda: ParameterGroups(optimizers.AdamW(0.1), [ParameterGroup("bias", learning_rate=0.05, weight_decay=0.0, frozen=5)]),
    "scaled_groups": lambda: LossScaleOptimizer(ParameterGroups(optimizers.SGD(0.1), [ParameterGroup("bias", clipnorm=0.1)]), 16.0),
    "scheduled": lambda: optimizers.Nadam(optimizers.schedules.CosineDecay(0.1, 20), global_clipnorm=0.5),
    "schedule_free": lambda: optimizers.ScheduleFreeAdamW(0.1, warmup_steps=3, weight_decay=0.1),
}


def _fitted(make: Any, **options: Any) -> list[np.ndarray]:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.layers[-1].kernel.assign(KERNEL)
    model.compile(make(), "mse", **options)
    model.fit(X, Y, batch_size=4, epochs=3, shuffle=False, verbose=0)
    return [v.numpy() for v in (*model.weights, *model.optimizer.variables)]


@pytest.mark.parametrize("name", WRAPPED)
def test_compiled(engine: Any, name: str) -> None:
    """Compiled and plain Python give the same, variables of the optimizers included."""
    if engine.name == "numpy":
        pytest.skip("NumPy compiles nothing")
    for mine, theirs in zip(_fitted(WRAPPED[name]), _fitted(WRAPPED[name], run_eagerly=True), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-5, atol=2e-6)


def test_copies(engine: Any) -> None:
    """A model's copy has the optimizer in its state."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(WRAPPED["scaled_groups"](), "mse")
    model.train_on_batch(X, Y)
    again = copy.deepcopy(model)
    for mine, theirs in zip(again.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
@pytest.mark.parametrize("name", WRAPPED)
def test_copies_in_mid_training(engine: Any, name: str, copied: Any) -> None:
    """Variables and their optimizer, copied together, go on as the originals do."""
    variables, optimizer = _variables("kernel", "bias"), WRAPPED[name]()
    optimizer.exclude_from_weight_decay(var_list=variables[1:])
    _apply(optimizer, variables, 1.0, 0.5)
    again, other = copied((variables, optimizer))
    assert _apply(other, again, 0.25, -1.0) == _apply(optimizer, variables, 0.25, -1.0)
    for mine, theirs in zip(other.variables, optimizer.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


@pytest.mark.parametrize("name", ["plain", "scaled", "several"])
def test_copies_of_models_know_what_is_not_decayed(engine: Any, name: str) -> None:
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    if name == "scaled":
        optimizer = LossScaleOptimizer(optimizer)
    elif name == "several":
        optimizer = MultiOptimizer(OptimizerMap(optimizer, {".*bias": optimizers.SGD(0.5, weight_decay=0.5)}))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, bias_initializer="ones")])
    optimizer.exclude_from_weight_decay(var_list=[model.layers[0].bias])
    model.compile(optimizer, "mse")
    model.train_on_batch(X, Y)
    again = copy.deepcopy(model)
    for net in (model, again):
        net.train_on_batch(X, Y)
    for mine, theirs in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_no_variables(engine: Any) -> None:
    """No gradients for no variables: no step, and the optimizer waits for its variables."""
    for optimizer in (optimizers.SGD(0.5), LossScaleOptimizer(optimizers.SGD(0.5), 1.0), MultiOptimizer(OptimizerMap(optimizers.SGD(0.5)))):
        optimizer.apply([], [])
        assert _apply(optimizer, _variables("a"), 1.0) == [0.5]


def test_scale_beyond_float16(engine: Any) -> None:
    w = keras.Variable(np.ones(2), dtype="float16")
    LossScaleOptimizer(optimizers.SGD(0.5), 2.0**16).apply([ops.full((2,), 2.0**15, "float16")], [w])
    assert float(w.numpy()[0]) == 0.75


def test_half_precision(engine: Any) -> None:
    """With the policy mixed_float16 `compile` puts a loss scale around the optimizer, unless there is one."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="half")
    half = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype="mixed_float16")])
    half.dtype_policy = keras.DTypePolicy("mixed_float16")
    half.compile("sgd", "mse")
    assert isinstance(half.optimizer, LossScaleOptimizer)
    for net, optimizer in ((model, optimizers.SGD(0.1)), (half, LossScaleOptimizer(optimizers.SGD(0.1), 128.0))):
        net.layers[-1].kernel.assign(KERNEL)
        net.compile(optimizer, "mse")
        net.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    assert type(model.optimizer) is optimizers.SGD
    assert type(half.optimizer.inner_optimizer) is optimizers.SGD
    np.testing.assert_allclose(half.layers[-1].kernel.numpy(), model.layers[-1].kernel.numpy(), atol=2e-3)
    half.compile(optimizers.SGD(0.1, loss_scale_factor=2.0), "mse")
    assert type(half.optimizer) is optimizers.SGD
