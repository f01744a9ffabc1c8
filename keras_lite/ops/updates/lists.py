"""What the updates have in common: lists of tensors, scalars that change from step to step, and moving averages."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from keras_lite.engine.dtypes import promote
from keras_lite.engine.errors import invalid
from keras_lite.ops.arithmetic import add, multiply, subtract
from keras_lite.ops.core import cast
from keras_lite.ops.data import refuse_complex
from keras_lite.ops.elementwise import expm1, negative
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.sample import array, f32

Tensors = list[Any]
RATE, STEP = array(0.1), array(3.0)
ONE, TWO, NONE = [f32(2, 2)], [f32(3, 4), f32(2)], [f32(0)]
POSITIVE = [array([[0.5, 0.0], [2.0, 1.0]])]
TWO_POSITIVE = [f32(3, 4, low=0), f32(2, low=0)]
SMALLER = r"parameter 0 of shape \(2, 2\) got a gradient of shape \(2,\)"


def checked(name: str, params: Tensors, grads: Tensors, *slots: Tensors | None, real: bool = True) -> Tensors:
    """The gradients in the dtypes of the parameters.

    Raises ValueError where lists or shapes do not fit, and with `real` TypeError for complex parameters: squares of complex gradients
    are no velocities.
    """
    lengths = [len(params), len(grads), *(len(slot) for slot in slots if slot is not None)]
    if len(set(lengths)) > 1:
        raise invalid(name, f"parameters, gradients and slots must be as many, got {lengths}")
    for i, (p, g) in enumerate(zip(params, grads, strict=True)):
        if shape_of(p) != shape_of(g):
            raise invalid(name, f"parameter {i} of shape {shape_of(p)} got a gradient of shape {shape_of(g)}")
        if real:
            refuse_complex(name, dtype_of(p))
    return [cast(g, dtype_of(p)) for p, g in zip(params, grads, strict=True)]


def each(rule: Callable[..., tuple[Any, ...]], count: int, *lists: Tensors) -> Any:
    """`rule` on each row of the lists; its `count` results as a tuple of lists."""
    rows = [rule(*row) for row in zip(*lists, strict=True)]
    return tuple([row[i] for row in rows] for i in range(count))


def by_dtype(params: Tensors, make: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A scalar for each parameter, made once for each dtype by `make(wide)` in at least float32, then cast to the dtype."""
    made = {dtype: cast(make(promote(dtype, "float32")), dtype) for dtype in dict.fromkeys(map(dtype_of, params))}
    return lambda p: made[dtype_of(p)]


def rates(params: Tensors, learning_rate: Any) -> Callable[[Any], Any]:
    """The learning rate for each parameter, in its dtype."""
    return by_dtype(params, lambda wide: cast(learning_rate, wide))


def one_minus_power(beta: float, step: Any) -> Any:
    """`1 - beta**step` without the cancellation: in float32 `1 - 0.999**1` has four digits."""
    return negative(expm1(multiply(step, math.log(beta) if beta > 0 else -math.inf)))


def toward(average: Any, value: Any, keep: float) -> Any:
    """The running average `keep * average + (1 - keep) * value`."""
    return add(average, multiply(subtract(value, average), 1.0 - keep))


def mixed(average: Any, value: Any, keep: float) -> Any:
    """As `toward`; an infinite value leaves an infinite average, not NaN: fused kernels do the same."""
    return add(multiply(average, keep), multiply(value, 1.0 - keep))
