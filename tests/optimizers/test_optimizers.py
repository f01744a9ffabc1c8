"""What users do with optimizers: learning rates, exclusions, own optimizers, configs, wrong arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import ops, optimizers
from keras_lite.optimizers import schedules

ONES = np.ones(2, "float32")


def _variables(*names: str, value: float = 1.0) -> list[Any]:
    return [keras.Variable(np.full(2, value, "float32"), name=name) for name in names or ("w",)]


def _after(optimizer: Any, variables: list[Any], steps: int = 1, gradient: float = 1.0) -> list[float]:
    for _ in range(steps):
        optimizer.apply([ops.multiply(ONES, gradient) for _ in variables], variables)
    return [float(v.numpy()[0]) for v in variables]


# --- the learning rate -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda: 0.5, lambda: keras.Variable(0.5), lambda: (lambda: 0.5),
                                  lambda: (lambda step: ops.where(ops.less(step, 9), 0.5, 0.1)),
                                  lambda: schedules.PiecewiseConstantDecay([10], [0.5, 0.1]), lambda: np.float32(0.5)],
                         ids=["number", "variable", "function", "function of the step", "schedule", "scalar"])
def test_kinds_of_learning_rates(engine: Any, make: Any) -> None:
    optimizer = optimizers.SGD(make())
    assert _after(optimizer, _variables(), 2) == [0.0]
    for rate in (optimizer.learning_rate, optimizer.lr):
        assert float(ops.convert_to_numpy(ops.convert_to_tensor(rate))) == 0.5


def test_a_shared_variable_as_learning_rate(engine: Any) -> None:
    rate = keras.Variable(0.5)
    optimizer, (w,) = optimizers.SGD(rate), _variables()
    rate.assign(0.25)
    assert _after(optimizer, [w]) == [0.75]
    optimizer.lr = 0.5
    assert float(rate.numpy()) == 0.5 == optimizer.get_config()["learning_rate"]


def test_schedule_in_the_place_of_a_number(engine: Any) -> None:
    optimizer, (w,) = optimizers.SGD(0.5), _variables()
    _after(optimizer, [w])
    optimizer.learning_rate = schedules.PiecewiseConstantDecay([1], [0.25, 0.125])
    assert _after(optimizer, [w]) == [0.25], "iterations counts from 0"
    assert _after(optimizer, [w]) == [0.125]
    with pytest.raises(ValueError, match="it is a schedule"):
        optimizer.learning_rate = 0.1


# --- decay, excluded and overwritten variables -----------------------------------------------------------------------------


@pytest.mark.parametrize("cls", ["SGD", "AdamW", "Muon", "Lion"])
def test_excluded_from_decay(engine: Any, cls: str) -> None:
    variables = _variables("kernel", "bias", "gamma")
    optimizer = getattr(optimizers, cls)(0.5, weight_decay=0.5, **({"adam_weight_decay": 0.5} if cls == "Muon" else {}))
    optimizer.exclude_from_weight_decay(var_list=[variables[2]], var_names=["^bi.s$", "^ernel"])
    with pytest.raises(ValueError, match=r"'\(' is no regular expression"):
        optimizer.exclude_from_weight_decay(var_names=["("])
    assert _after(optimizer, variables, gradient=0.0) == [0.75, 1.0, 1.0]
    with pytest.raises(ValueError, match="before the optimizer is built"):
        optimizer.exclude_from_weight_decay(var_names=["x"])


def test_names_excluded_from_decay_are_those_of_variables(engine: Any) -> None:
    """Not their paths: a layer's name is in the paths of all its variables."""
    with keras.name_scope("bias_free"):
        variables = _variables("kernel", "bias")
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    assert _after(optimizer, variables, gradient=0.0) == [0.75, 1.0]


# --- gradients that are large, and that are not there -----------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["clipnorm", "global_clipnorm"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_norms_beyond_16_bits(engine: Any, dtype: str, limit: str) -> None:
    """Of a gradient of 300 and 400 the square is more than float16 holds."""
    w = keras.Variable(np.zeros(2), dtype=dtype)
    optimizers.SGD(1.0, **{limit: 1.0}).apply([ops.convert_to_tensor([300.0, 400.0], dtype=dtype)], [w])
    np.testing.assert_allclose(np.asarray(w.numpy(), "float32"), [-0.6, -0.8], rtol=4e-3 if dtype != "float32" else 1e-6)


def test_averages_without_a_gradient(engine: Any) -> None:
    """The average is that of the variable's values from its first one, whether or not there was a gradient."""
    optimizer, (a, b) = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5), _variables("a", "b")
    for gradients in ([ONES, None], [ONES, ONES], [None, ONES]):
        optimizer.apply([None if g is None else ops.convert_to_tensor(g) for g in gradients], [a, b])
    optimizer.finalize_variable_values([a, b])
    assert [float(v.numpy()[0]) for v in (a, b)] == [-0.75, -0.25]


def test_overwritten_by_the_gradient(engine: Any) -> None:
    scale, w = _variables("scale", "w")
    scale.overwrite_with_gradient = True
    optimizer = optimizers.SGD(0.5, clipvalue=0.5, loss_scale_factor=2.0)
    assert _after(optimizer, [scale, w], gradient=6.0) == [6.0, 0.75]
    assert optimizer.trained == [w]


# --- optimizers of one's own ------------------------------------------------------------------------------------------------


class Halving(optimizers.Optimizer):
    """Written as for Keras: `build`, and `update_step` for one variable."""

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self.seen, self.largest = self.add_optimizer_variables(variables, ("seen", "largest"), ("ones", "zeros"))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        seen = self.seen[self._get_variable_index(variable)]
        self.assign_add(seen, gradient)
        self.assign_sub(variable, ops.multiply(ops.cast(learning_rate, variable.dtype), seen))
        self.assign(self.largest[self._get_variable_index(variable)], ops.maximum(gradient, 0))


def test_update_step(engine: Any) -> None:
    optimizer, variables = Halving(0.5, weight_decay=1.0, name="own"), _variables("a", "b")
    assert _after(optimizer, variables) == [-0.5, -0.5]
    assert [v.path for v in optimizer.variables] == ["own/iteration", "own/learning_rate", "own/a_seen", "own/a_largest", "own/b_seen",
                                                     "own/b_largest"]
    with pytest.raises(NotImplementedError, match="neither update"):
        optimizers.Optimizer(0.1).apply([ONES], _variables())


def test_update_of_one_variable(engine: Any) -> None:
    """`update_step` of the optimizers here does what `apply` does, without clipping and decay."""
    first, second = optimizers.Adam(0.5), optimizers.Adam(0.5, weight_decay=0.5, clipvalue=0.1)
    (a,), (b,) = _variables(), _variables()
    second.build([b])
    second.update_step(ops.convert_to_tensor(ONES), b, 0.5)
    assert _after(first, [a]) == [float(b.numpy()[0])]


# --- configs, weights, names --------------------------------------------------------------------------------------------------


def test_stored_variables(engine: Any) -> None:
    optimizer, variables = optimizers.Adam(0.5), _variables("a", "b")
    _after(optimizer, variables, 3)
    store: dict[str, Any] = {}
    optimizer.save_own_variables(store)
    again = optimizers.Adam(0.1)
    again.build(variables)
    again.load_own_variables(store)
    for mine, theirs in zip(again.variables, optimizer.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())
    with pytest.raises(ValueError, match="got 3 values for 6 variables"):
        again.load_own_variables({key: store[key] for key in "012"})
    with pytest.raises(ValueError, match="has shape"):
        again.set_weights([ONES] * 6)


def test_round_trips() -> None:
    inner = optimizers.AdamW(schedules.CosineDecay(0.1, 10), weight_decay=0.1, name="mine")
    slow = optimizers.ParameterGroup("bias", learning_rate=0.5, clipnorm=1.0, frozen=3)
    for optimizer in (inner, optimizers.LossScaleOptimizer(inner, 4.0), optimizers.ParameterGroups(inner, [slow]),
                      optimizers.MultiOptimizer(optimizers.OptimizerMap(inner, {"a.*": optimizers.Muon()}), 2.0)):
        config = optimizers.serialize(optimizer)
        assert optimizers.serialize(optimizers.deserialize(config)) == config
        assert type(optimizer).from_config(optimizer.get_config()).get_config() == optimizer.get_config()


@pytest.mark.parametrize(("name", "cls"), [("adamw", "AdamW"), ("RMSprop", "RMSprop"), ("lamb", "Lamb"),
                                           ("schedulefreeadamw", "ScheduleFreeAdamW"), ("Adafactor", "Adafactor")])
def test_names(name: str, cls: str) -> None:
    assert type(optimizers.get(name)).__name__ == cls
    assert type(optimizers.deserialize({"class_name": name, "config": {"learning_rate": 0.5}})).__name__ == cls


def test_capitals() -> None:
    assert type(optimizers.get("ADAM")).__name__ == "Adam"


@pytest.mark.parametrize(("make", "message"), [
    (lambda: optimizers.get("adma"), "unknown optimizer 'adma'; did you mean 'adamax' or 'adam'"),
    (lambda: optimizers.Adam(lr=0.1), r"unknown arguments \['lr'\]; did you mean 'learning_rate'"),
    (lambda: optimizers.Adam(momentun=0.1), "unknown arguments"), (lambda: optimizers.SGD("a"), "learning_rate must be"),
    (lambda: optimizers.SGD(momentum=2.0), r"momentum must lie in \[0, 1\]"), (lambda: optimizers.Adam(beta_1=2.0), "beta_1 must"),
    (lambda: optimizers.Adam(epsilon=-1.0), "epsilon must not be negative"), (lambda: optimizers.RMSprop(rho=-1.0), "rho must"),
    (lambda: optimizers.SGD(clipnorm=0.0), "clipnorm must be positive"), (lambda: optimizers.Lion(beta_1=0.0), "beta_1 must lie in"),
    (lambda: optimizers.SGD(clipnorm=1.0, clipvalue=1.0), "at most one kind"), (lambda: optimizers.Ftrl(learning_rate_power=1.0), "not be"),
    (lambda: optimizers.SGD(gradient_accumulation_steps=1), "at least 2"), (lambda: optimizers.SGD(weight_decay=-1.0), "not be negative"),
    (lambda: optimizers.SGD(use_ema=True, ema_momentum=1.5), "ema_momentum must lie"),
    (lambda: optimizers.SGD(ema_overwrite_frequency=0), "positive int"),
    (lambda: optimizers.Adagrad(initial_accumulator_value=-1), "not be"),
    (lambda: optimizers.Muon(exclude_layers="dense"), "must be a list"), (lambda: optimizers.SGD().apply([ONES]), "which variables"),
    (lambda: optimizers.SGD().apply([None], _variables()), "no variable has a gradient"),
    (lambda: optimizers.SGD().apply([ONES, ONES], _variables()), "got 2 gradients for 1 variables"),
    (lambda: optimizers.SGD().apply([ONES, ONES], _variables() * 2), r"\['w'\] are given more than once"),
    (lambda: optimizers.SGD().stateless_apply([], [ONES], [ONES]), "must be built first"),
    (lambda: optimizers.SGD().apply([np.ones(3, "float32")], _variables()), "got a gradient of shape"),
    (lambda: optimizers.legacy.Adam(0.1), "no optimizers of Keras 2"),
    (lambda: optimizers.LossScaleOptimizer("sgd"), "must be an optimizer"),
    (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), clipnorm=1.0), "belong to the inner optimizer"),
    (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), 0.0), "initial_scale must be positive"),
    (lambda: schedules.CosineDecay(0.1, 0), "decay_steps must be positive"),
    (lambda: schedules.PiecewiseConstantDecay([3, 1], [1.0, 2.0, 3.0]), "boundaries must increase"),
    (lambda: schedules.PiecewiseConstantDecay([1], [1.0]), "one value more"), (lambda: schedules.LearningRateSchedule()(1), "__call__"),
    (lambda: schedules.deserialize("ExponentialDecay"), "expected a config"),
], ids=lambda x: x if isinstance(x, str) else "")
def test_mistakes(make: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError, NotImplementedError), match=message):
        make()


def test_restarts_begin_at_the_top() -> None:
    """Right at each restart, where the logarithm of the number of decays may be a little too small."""
    for t in (2.0, 3.0, 1.0, 1.5):
        schedule = schedules.CosineDecayRestarts(1.0, 8, t_mul=t)
        begins = np.cumsum([8 * t**n for n in range(9)])
        for step in begins[begins == np.round(begins)]:
            assert float(ops.convert_to_numpy(schedule(int(step)))) > 0.99, (t, step)


@pytest.mark.parametrize("cls", ["SGD", "Adam"])
def test_variables_and_gradients_that_cannot_be_trained(engine: Any, cls: str) -> None:
    """Steps of integers would be cut to nothing, and half of a complex gradient would be lost."""
    whole, real = keras.Variable(np.ones(2, "int32"), name="whole"), keras.Variable(ONES, name="real")
    optimizer = getattr(optimizers, cls)(0.5)
    with pytest.raises(TypeError, match="the variable whole is int32 and can make no small steps"):
        optimizer.apply([ops.convert_to_tensor(ONES), ops.convert_to_tensor(ONES)], [real, whole])
    with pytest.raises(TypeError, match="the gradient of real, a float32 variable, is complex"):
        optimizer.apply([ops.convert_to_tensor(ONES * 1j), None], [real, whole])
    optimizer.apply([ops.convert_to_tensor(ONES), None], [real, whole])
    assert 0.49 < float(real.numpy()[0]) < 0.51


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_whose_second_average_never_moves(engine: Any, amsgrad: bool) -> None:
    """The root of `1 - beta_2**t` is 0: no steps, and no NaN of a fused kernel."""
    assert _after(optimizers.Adam(0.5, beta_2=1.0, amsgrad=amsgrad), _variables(), 2) == [1.0]
