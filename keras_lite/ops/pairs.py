"""Elementwise functions of two tensors that are made of others.

Where a formula has branches, they are chosen by `where` with arguments that are harmless in both, so that derivatives of any order
are right and finite.
"""

from __future__ import annotations

import math
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, is_integer
from keras_lite.engine.errors import wrong_type
from keras_lite.ops.arithmetic import (
    add,
    clip,
    divide,
    equal,
    floor_divide,
    greater,
    greater_equal,
    less,
    logical_and,
    logical_or,
    maximum,
    minimum,
    multiply,
    not_equal,
    power,
    remainder,
    subtract,
    where,
)
from keras_lite.ops.core import cast, stop_gradient
from keras_lite.ops.data import as_tensor
from keras_lite.ops.elementwise import absolute, exp, is_finite, is_inf, is_nan, log1p, negative, sqrt, square
from keras_lite.ops.facts import dtype_of
from keras_lite.ops.families import BINARY, INF, NAN
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op

PAIR = ("x1", "x2")
HOLES = Sample(array([NAN, 1.0, NAN, -INF, 3.0]), array([2.0, NAN, NAN, 0.0, 3.0]), grad=False)
EXTREMES = (*BINARY[:-1], Sample(f32(2, 3), f32(4), error="do not broadcast"), Sample(i32(3, 4), i32(4)), Sample(i32(3), f32(3)),
            Sample(boolean(3), boolean(3)), HOLES,
            Sample(array([1.0, 2.0, -3.0]), array([1.0, 3.0, -3.0])))
FAR = (Sample(f32(3, 4, low=-60, high=60), f32(4, low=-60, high=60)), Sample(array([1e5, -1e5, 0.0, 3.0]), array([1e5, 0.0, -30.0, 3.0])),
       Sample(array([-INF, INF, INF, NAN, 0.0]), array([-INF, INF, -INF, 1.0, -INF]), grad=False))
NOTHING = Sample(array([NAN, -INF, NAN]), array([-INF, NAN, NAN]))


def _without_nan(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Both, each NaN replaced by the other one."""
    if not is_float(dtype_of(x1)):
        return x1, x2
    return where(is_nan(x1), x2, x1), where(is_nan(x2), x1, x2)


@op(tensors=PAIR, samples=EXTREMES)
def fmax(x1: Any, x2: Any) -> Any:
    """The larger of `x1` and `x2`, or the one that is no NaN.  A tie gives each half of the gradient.

    Raises TypeError for complex numbers.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.fmax([1.0, np.nan, 5.0], 3.0)).tolist()
    [3.0, 3.0, 5.0]
    """
    return maximum(*_without_nan(x1, x2))


@op(tensors=PAIR, samples=EXTREMES)
def fmin(x1: Any, x2: Any) -> Any:
    """The smaller of `x1` and `x2`, or the one that is no NaN.  A tie gives each half of the gradient.

    Raises TypeError for complex numbers.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.fmin([1.0, np.nan, 5.0], 3.0)).tolist()
    [1.0, 3.0, 3.0]
    """
    return minimum(*_without_nan(x1, x2))


@op(tensors=PAIR, samples=(
    Sample(f32(3, 4), array([0.7, -0.7, 2.0, -3.0])), Sample(f32(3), 0.25), Sample(5.5, f32(2, 2, low=0.5)), Sample(f32(0, 3), f32(3)),
    Sample(array([-4.0, 5.5, -5.5, 5.0, -1e-20, 1e20]), array([2.0, 2.0, 2.0, -3.0, 1.0, 3.0]), grad=False),
    Sample(array([INF, 1.0, 1.0, NAN]), array([2.0, INF, 0.0, 1.0]), grad=False), Sample(i32(3, 4), array([1, -2, 3, -5], "int32")),
    Sample(array([7, -7], "int32"), 3), Sample(boolean(3), array([True, True, True], "bool")),
    Sample(f32(2, 3), f32(4), error="do not broadcast")))
def fmod(x1: Any, x2: Any) -> Any:
    """What is left of `x1` when `x2` is taken from it a whole number of times, with the sign of `x1` (`mod` has that of `x2`).

    Of floats the result is exact; bools count as int32.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.fmod([7, -7], 3)).tolist(), ops.convert_to_numpy(ops.mod([7, -7], 3)).tolist()
    ([1, -1], [1, 2])
    """
    if is_float(dtype_of(x1)):
        below = less(x1, 0)
        rest = remainder(where(below, negative(x1), x1), where(less(x2, 0), negative(x2), x2))
        return where(below, negative(rest), rest)
    rest = remainder(x1, x2)
    x1, x2 = (cast(x, dtype_of(rest)) for x in (x1, x2))
    other_sign = logical_and(not_equal(rest, 0), not_equal(less(x1, 0), less(x2, 0)))
    return where(other_sign, subtract(rest, x2), rest)


@op(tensors=PAIR, floating=True, samples=(
    Sample(array([[-1.5, 0.0, 2.0], [0.0, -0.0, 1.0]]), f32(3)), Sample(f32(3, 4), f32(4)), Sample(f32(3), 0.5),
    Sample(array([0.0, -1.0]), f32(2, 1)), Sample(f32(0, 3), f32(3)), Sample(i32(3, low=-1, high=2), 0.5),
    Sample(array([NAN, INF, -INF, 0.0, 1.0]), array([1.0, NAN, NAN, NAN, NAN]), grad=False), Sample(0.0, 2.0),
    Sample(f32(2, 3), f32(4), error="do not broadcast")))
def heaviside(x1: Any, x2: Any) -> Any:
    """0 where `x1` is negative, `x2` where it is 0, 1 where it is positive; a float, and NaN where `x1` is.

    Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.heaviside([-2.0, 0.0, 3.0], 0.5)).tolist()
    [0.0, 0.5, 1.0]
    """
    return where(less(x1, 0), 0.0, where(greater(x1, 0), 1.0, where(equal(x1, 0), x2, NAN)))


@op(tensors=PAIR, floating=True, samples=(
    *BINARY, Sample(array([3e30, 1e-30, 0.0, -5.0, 0.0]), array([4e30, 1e-30, 0.0, 12.0, -2.0])), Sample(i32(3), i32(3)),
    Sample(array([INF, -INF, NAN, INF]), array([NAN, 1.0, 1.0, INF]), grad=False), Sample(array([1.0, -2.0]), array([1.0, 2.0])),
    Sample(boolean(2), boolean(2))))
def hypot(x1: Any, x2: Any) -> Any:
    """`sqrt(x1**2 + x2**2)`, a float, without overflow and underflow; the derivative at (0, 0) is 0, and infinity beats NaN.

    Raises TypeError for complex numbers.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.hypot([3, 5], [4, 12])).tolist(), float(ops.hypot(np.inf, np.nan))
    ([5.0, 13.0], inf)
    """
    like = x1
    x1, x2 = wide(x1), wide(x2)
    largest = stop_gradient(maximum(absolute(x1), absolute(x2)))  # a constant scale: the function is homogeneous
    scale = where(logical_and(is_finite(largest), greater(largest, 0)), largest, 1.0)
    total = add(square(divide(x1, scale)), square(divide(x2, scale)))
    origin = equal(total, 0)
    length = multiply(scale, sqrt(where(origin, 1.0, total)))
    infinite = logical_or(is_inf(x1), is_inf(x2))
    return back(where(infinite, INF, where(origin, 0.0, length)), like)


_EXPONENTS = {"float64": 2200, "float16": 48}  # beyond these any number becomes 0 or infinite; 300 for the others


@op(tensors=("x1",), floating=True, samples=(
    Sample(f32(3, 4), i32(4)), Sample(f32(3), 3), Sample(i32(3), i32(3, low=0)), Sample(f32(0, 2), i32(2)), Sample(f32(2, 1), i32(3)),
    Sample(array([1e-30, 1e30, 3.0, 0.0, 1.0]), array([200, -190, -120, 5, 127], "int32"), grad=False),
    Sample(array([INF, -INF, NAN, 0.0, 1.0]), array([-3, 2, 1, 2000, 2000], "int32"), grad=False),
    Sample(f32(2), array([-2000, 3], "int64"), grad=False), Sample(f32(2), array([2**31, 3], "uint32"), grad=False),
    Sample(f32(2), array([3, 0], "uint8")),
    Sample(f32(2), f32(2), error="x2 must be integers, got float32"), Sample(f32(2), boolean(2), error="x2 must be integers, got bool"),
    Sample(f32(2, 3), i32(4), error="do not broadcast")))
def ldexp(x1: Any, x2: Any) -> Any:
    """`x1 * 2**x2`, a float, for integers `x2`; exact wherever the result is a normal number.

    Raises TypeError where `x2` is not of integers, and for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.ldexp([1.0, 3.0], [3, -1])).tolist()
    [8.0, 1.5]
    """
    x2 = as_tensor(registry.current(), x2)
    if not is_integer(dtype_of(x2)):
        raise wrong_type("ldexp", f"x2 must be integers, got {dtype_of(x2)}")
    bound = _EXPONENTS.get(dtype_of(x1), 300)
    if dtype_of(x2) in ("uint32", "uint64"):  # which no signed dtype of the engine may hold
        x2 = minimum(x2, bound)
    exponent = clip(cast(x2, "int64" if dtype_of(x2) == "int64" else "int32"), -bound, bound)
    quarter = floor_divide(exponent, 4)
    factor = power(2.0, cast(quarter, dtype_of(x1)))  # four factors: none of them is infinite or 0
    last = power(2.0, cast(subtract(exponent, multiply(quarter, 3)), dtype_of(x1)))
    return multiply(multiply(multiply(multiply(x1, factor), factor), factor), last)


def _ordered(x1: Any, x2: Any) -> tuple[Any, Any, Any]:
    """The larger of two logarithms and how far below it the other is; and where both are -inf.

    Written with the difference, the second derivatives too are free of cancellation.
    """
    larger = greater_equal(x1, x2)
    high, low = where(larger, x1, x2), where(larger, x2, x1)
    none = logical_and(equal(x1, -INF), equal(x2, -INF))  # not of `high` alone, which is -inf beside a NaN
    high, low = where(none, 0.0, high), where(none, 0.0, low)
    return high, where(logical_and(is_inf(high), equal(low, low)), -INF, subtract(low, high)), none  # NaN beside -inf stays NaN


@op(tensors=PAIR, floating=True, samples=(*BINARY, *FAR, Sample(i32(3), i32(3)), NOTHING))
def logaddexp(x1: Any, x2: Any) -> Any:
    """`log(exp(x1) + exp(x2))`, a float, without overflow; where both are -inf the derivatives are 0, where both are inf that of `x1` is 1.

    Raises TypeError for complex numbers.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.logaddexp([0.0, 100.0, -np.inf], [0.0, 100.0, 2.0])).round(3)
    array([  0.693, 100.693,   2.   ], dtype=float32)
    """
    high, below, none = _ordered(x1, x2)
    return where(none, -INF, add(high, log1p(exp(below))))


@op(tensors=PAIR, floating=True, samples=(*BINARY, *FAR, Sample(i32(3), i32(3)), NOTHING))
def logaddexp2(x1: Any, x2: Any) -> Any:
    """`log2(2**x1 + 2**x2)`, a float, without overflow; where both are -inf the derivatives are 0, where both are inf that of `x1` is 1.

    Raises TypeError for complex numbers.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.logaddexp2([3.0, 1000.0, -np.inf], [3.0, 1000.0, 2.0])).round(3)
    array([   4., 1001.,    2.], dtype=float32)
    """
    high, below, none = _ordered(x1, x2)
    return where(none, -INF, add(high, multiply(log1p(exp(multiply(below, math.log(2)))), 1 / math.log(2))))
