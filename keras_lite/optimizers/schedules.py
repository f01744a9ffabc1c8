"""Schedules: learning rates as functions of the step."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.optimizers.checks import check_not_negative, check_positive
from keras_lite.saving.configurable import Configurable
from keras_lite.saving.lookup import find
from keras_lite.saving.serialization import serialize_keras_object

__all__ = ["CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay", "LearningRateSchedule", "PiecewiseConstantDecay",
           "PolynomialDecay", "deserialize", "serialize"]


class LearningRateSchedule(Configurable):
    """Base of schedules: `schedule(step)` is the learning rate of a step, a float32 scalar; steps count from 0.

    A schedule of one's own defines `__call__` with the functions of `ops`: it runs inside compiled steps.
    """

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, step)")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A schedule from `get_config`'s dictionary."""
        return super().from_config(config)


def _share(step: Any, steps: float, staircase: bool = False) -> Any:
    """`step / steps`, with `staircase` whole numbers alone."""
    share = ops.divide(ops.cast(step, "float32"), float(steps))
    return ops.floor(share) if staircase else share


class ExponentialDecay(LearningRateSchedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`; with `staircase` the quotient is rounded down.

    >>> float(ExponentialDecay(0.5, 10, 0.5)(20))
    0.125
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False,
                 name: str = "ExponentialDecay"):
        check_positive("ExponentialDecay", decay_steps=decay_steps)
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: Any) -> Any:
        power = ops.power(float(self.decay_rate), _share(step, self.decay_steps, self.staircase))
        return ops.multiply(power, float(self.initial_learning_rate))


class InverseTimeDecay(LearningRateSchedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`; with `staircase` the quotient is rounded down."""

    def __init__(self, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False,
                 name: str = "InverseTimeDecay"):
        check_positive("InverseTimeDecay", decay_steps=decay_steps)
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: Any) -> Any:
        growth = ops.multiply(_share(step, self.decay_steps, self.staircase), float(self.decay_rate))
        return ops.divide(float(self.initial_learning_rate), ops.add(growth, 1.0))


class PolynomialDecay(LearningRateSchedule):
    """From the initial to the end rate in `decay_steps`: `(initial - end) * (1 - step / decay_steps) ** power + end`.

    With `cycle` the steps are stretched to the next multiple of `decay_steps`, so that the rate jumps up there; else it stays.
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, end_learning_rate: float = 0.0001, power: float = 1.0,
                 cycle: bool = False, name: str = "PolynomialDecay"):
        check_positive("PolynomialDecay", decay_steps=decay_steps)
        self.initial_learning_rate, self.decay_steps, self.end_learning_rate = initial_learning_rate, decay_steps, end_learning_rate
        self.power, self.cycle, self.name = power, cycle, name

    def __call__(self, step: Any) -> Any:
        share = _share(step, self.decay_steps)
        share = ops.divide(share, ops.maximum(ops.ceil(share), 1.0)) if self.cycle else ops.minimum(share, 1.0)
        fall = ops.power(ops.subtract(1.0, share), float(self.power))
        return ops.add(ops.multiply(fall, float(self.initial_learning_rate - self.end_learning_rate)), float(self.end_learning_rate))


class PiecewiseConstantDecay(LearningRateSchedule):
    """`values[0]` up to the step `boundaries[0]`, `values[1]` up to `boundaries[1]`, ..., the last value after the last boundary.

    >>> [round(float(PiecewiseConstantDecay([3, 6], [1.0, 0.5, 0.1])(step)), 1) for step in (3, 4, 7)]
    [1.0, 0.5, 0.1]
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"):
        if len(boundaries) != len(values) - 1:
            raise invalid("PiecewiseConstantDecay", f"one value more than boundaries is needed, got {len(values)} values for "
                                                    f"{len(boundaries)} boundaries")
        if any(a >= b for a, b in itertools.pairwise(boundaries)):
            raise invalid("PiecewiseConstantDecay", f"boundaries must increase, got {list(boundaries)}")
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: Any) -> Any:
        step = ops.convert_to_tensor(step)
        rate = ops.full((), float(self.values[0]), "float32")
        for boundary, value in zip(self.boundaries, self.values[1:], strict=True):
            rate = ops.where(ops.greater(step, boundary), ops.full((), float(value), "float32"), rate)
        return rate


def _cosine(share: Any, alpha: float, height: Any = 1.0) -> Any:
    """Half a wave of a height from its top at 0 to its bottom at 1; `alpha` is the smallest value."""
    wave = ops.multiply(ops.add(ops.cos(ops.multiply(share, math.pi)), 1.0), 0.5)
    return ops.add(ops.multiply(ops.multiply(wave, height), 1.0 - alpha), alpha)


class CosineDecay(LearningRateSchedule):
    """Half a cosine wave from the initial rate to `alpha` times it, in `decay_steps` (Loshchilov and Hutter 2016).

    With a `warmup_target` the rate first goes straight from the initial one to the target in `warmup_steps`, and decays from there.
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, alpha: float = 0.0, name: str = "CosineDecay",
                 warmup_target: float | None = None, warmup_steps: int = 0):
        check_positive("CosineDecay", decay_steps=decay_steps)
        check_not_negative("CosineDecay", warmup_steps=warmup_steps)
        self.initial_learning_rate, self.decay_steps, self.alpha, self.name = initial_learning_rate, decay_steps, alpha, name
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step: Any) -> Any:
        if self.warmup_target is None:
            share = ops.minimum(_share(step, self.decay_steps), 1.0)
            return ops.multiply(_cosine(share, self.alpha), float(self.initial_learning_rate))
        step = ops.cast(step, "float32")
        share = ops.clip(ops.divide(ops.subtract(step, self.warmup_steps), float(self.decay_steps)), 0.0, 1.0)
        decayed = ops.multiply(_cosine(share, self.alpha), float(self.warmup_target))
        if not self.warmup_steps:
            return decayed
        slope = float(self.warmup_target - self.initial_learning_rate) / self.warmup_steps
        return ops.where(ops.less(step, self.warmup_steps), ops.add(ops.multiply(step, slope), float(self.initial_learning_rate)), decayed)


class CosineDecayRestarts(LearningRateSchedule):
    """`CosineDecay` again and again (SGDR, Loshchilov and Hutter 2016).

    Each time it takes `t_mul` times as long as before, from a rate `m_mul` times that of before.
    """

    def __init__(self, initial_learning_rate: float, first_decay_steps: int, t_mul: float = 2.0, m_mul: float = 1.0, alpha: float = 0.0,
                 name: str = "SGDRDecay"):
        check_positive("CosineDecayRestarts", first_decay_steps=first_decay_steps, t_mul=t_mul)
        self.initial_learning_rate, self.first_decay_steps, self.t_mul = initial_learning_rate, first_decay_steps, t_mul
        self.m_mul, self.alpha, self.name = m_mul, alpha, name

    def __call__(self, step: Any) -> Any:
        share = _share(step, self.first_decay_steps)
        number, share = self._within(share)
        return ops.multiply(_cosine(share, self.alpha, ops.power(float(self.m_mul), number)), float(self.initial_learning_rate))

    def _within(self, share: Any) -> tuple[Any, Any]:
        """Number of restarts so far, and how much of the present decay is over."""
        t = float(self.t_mul)
        if t == 1.0:
            number = ops.floor(share)
            return number, ops.subtract(share, number)

        def begin(n: Any) -> Any:
            return ops.divide(ops.subtract(ops.power(t, n), 1.0), t - 1.0)

        number = ops.floor(ops.divide(ops.log(ops.maximum(ops.add(ops.multiply(share, t - 1.0), 1.0), 1e-30)), math.log(t)))
        later = ops.add(number, 1.0)  # the logarithm may be a little too small right at a restart
        number = ops.where(ops.less_equal(begin(later), ops.multiply(share, 1.0 + 1e-6)), later, number)
        return number, ops.divide(ops.subtract(share, begin(number)), ops.power(t, number))


_KNOWN = {cls.__name__: cls for cls in (CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay,
                                        PolynomialDecay)}


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """The config of a schedule."""
    return serialize_keras_object(learning_rate_schedule)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The schedule that a config describes."""
    if not isinstance(config, dict):
        raise wrong_type("schedules.deserialize", f"expected a config, got {config!r}; schedules have no defaults")
    return find("schedule", config, _KNOWN, custom_objects)
