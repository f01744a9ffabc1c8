"""Elementwise functions of two tensors: arithmetic, comparison, logic, selection."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOATS, INTEGERS, promote
from keras_lite.engine.errors import invalid
from keras_lite.ops.core import cast
from keras_lite.ops.data import as_tensor, unify
from keras_lite.ops.data import dtype_of as dtype_of_any
from keras_lite.ops.facts import dtype_of
from keras_lite.ops.families import BINARY, NO_TENSOR, STORED, binary, joins
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.table import op, primitive
from keras_lite.state.variable import Variable

NUMBERS = (*BINARY, Sample(i32(3, 4), i32(4)), Sample(i32(3), f32(3)))
TIES = Sample(array([1.0, 2.0, -3.0]), array([1.0, 3.0, -3.0]))
TRUTHS = Sample(boolean(3, 4), boolean(4))
BITS = (Sample(i32(3, 4), i32(4)), Sample(boolean(5), boolean(5)), Sample(i32(0), i32(0)), Sample(i32(3), 6),
        Sample(f32(2), f32(2), error="integers or bools"))
ALL_BITS = Sample(array([1, -8, 5, -5, 7], "int32"), array([-1, -1, -40, 32, 1], "int32"))
APART = Sample(f32(2, 3), f32(4), error=r"\(2, 3\) and \(4,\) do not broadcast")
POSITIVE = (Sample(f32(3, 4, low=0.1), f32(4)), Sample(f32(2, 2, low=0.1), 2), Sample(2.0, f32(3)), Sample(f32(0, 2), f32(2)), APART)
INTEGER_DIVISION = (Sample(i32(3, 4), array([1, -2, 3, -5], "int32")), Sample(f32(3, 4), array([0.7, -0.7, 2.0, -3.0]), grad=False),
                    Sample(f32(0), 2.0), Sample(array([5.0, -5.0, 5.5]), 2), Sample(array([7, -7], "int32"), 3), APART,
                    Sample(array([5, -5, 0], "int32"), array([0, 0, 0], "int32")))


@binary(bools="bitwise_or", samples=(*NUMBERS, TRUTHS, Sample(*STORED.args * 2, error=STORED.error)))
def add(x1: Any, x2: Any) -> Any:
    """`x1 + x2`."""


@binary(bools="refused", samples=(*NUMBERS, Sample(boolean(3), boolean(3), error="not defined for bools")))
def subtract(x1: Any, x2: Any) -> Any:
    """`x1 - x2`."""


@binary(bools="bitwise_and", samples=(*NUMBERS, TRUTHS))
def multiply(x1: Any, x2: Any) -> Any:
    """`x1 * x2`."""


@binary(floating=True, samples=(*BINARY, Sample(i32(3), i32(3, low=1)), Sample(array([1.0, -1.0, 0.0]), 0.0, grad=False)))
def divide(x1: Any, x2: Any) -> Any:
    """`x1 / x2`; integers become floats first."""


@binary(bools="int32", real=True, samples=INTEGER_DIVISION)
def floor_divide(x1: Any, x2: Any) -> Any:
    """`x1 // x2`, rounded toward minus infinity."""


@binary(public="mod", bools="int32", real=True, samples=INTEGER_DIVISION)
def remainder(x1: Any, x2: Any) -> Any:
    """`x1 - x2 * floor(x1 / x2)`, with the sign of the divisor."""


def _negative_exponent(engine: Any, x1: Any, x2: Any) -> None:
    """Raise ValueError for integers and a negative integer exponent that can be seen without asking the engine."""
    x2 = x2.value if isinstance(x2, Variable) else x2
    if x2.__class__ is float or (x2.__class__ is int and x2 >= 0):
        return
    if not isinstance(x2, (int, np.ndarray, np.generic)) and registry.engine_of((x2,)) is not None:
        return
    if promote(dtype_of_any(engine, x1), dtype_of_any(engine, x2)) not in (*INTEGERS, "bool"):
        return
    least = np.min(x2, initial=0)
    if least < 0:
        raise invalid("power", f"an integer has no integer power {least}; make it a float first")


@binary(bools="int32", refuse=_negative_exponent, samples=(
    *POSITIVE, Sample(i32(3, low=0), array([0, 1, 2], "int32")), Sample(i32(2), -1, error="an integer has no integer power -1"),
    Sample(i32(2), [1, -2], error="no integer power -2"), Sample(boolean(2), -1, error="no integer power -1"),
    Sample(2, -1, error="no integer power -1"), Sample(f32(2, low=0.5), -1)))
def power(x1: Any, x2: Any) -> Any:
    """`x1 ** x2`.

    Raises ValueError for integers and negative integer exponents given as numbers or NumPy arrays.  Where these are tensors, whose
    values nobody sees before, the result is what rounding toward 0 leaves: 1 and -1 keep their sign in odd powers, the rest is 0.
    """


@binary(floating=True, real=True, samples=(Sample(f32(3, 4), f32(4)), Sample(f32(0, 2), f32(2)), Sample(f32(3), 1.5), APART))
def arctan2(x1: Any, x2: Any) -> Any:
    """Angle of the point (x2, x1) in (-pi, pi]."""


@binary(bools="bitwise_or", real=True, samples=(*NUMBERS, TRUTHS, TIES))
def maximum(x1: Any, x2: Any) -> Any:
    """The larger of the two; NaN if one is NaN.  A tie gives each half of the gradient."""


@binary(bools="bitwise_and", real=True, samples=(*NUMBERS, TRUTHS, TIES))
def minimum(x1: Any, x2: Any) -> Any:
    """The smaller of the two; NaN if one is NaN.  A tie gives each half of the gradient."""


@binary(floating=True, real=True, differentiable=False, dtypes=("float32", "float64"))
def nextafter(x1: Any, x2: Any) -> Any:
    """The float after `x1` on the way to `x2`."""


@binary(integer=True, samples=BITS, differentiable=False)
def bitwise_and(x: Any, y: Any) -> Any:
    """Bits set in both."""


@binary(integer=True, samples=BITS, differentiable=False)
def bitwise_or(x: Any, y: Any) -> Any:
    """Bits set in one of them."""


@binary(integer=True, samples=BITS, differentiable=False)
def bitwise_xor(x: Any, y: Any) -> Any:
    """Bits set in just one of them."""


@binary(integer=True, bools="int32",
        samples=(Sample(i32(3), i32(3, low=0)), Sample(i32(0), 1), Sample(f32(2), 1, error="integers or bools"), ALL_BITS),
        differentiable=False)
def left_shift(x: Any, y: Any) -> Any:
    """`x * 2**y`; bits beyond the width are lost, by a negative distance all of them."""


@binary(integer=True, bools="int32",
        samples=(Sample(i32(3), i32(3, low=0)), Sample(i32(0), 1), Sample(f32(2), 1, error="integers or bools"), ALL_BITS),
        differentiable=False)
def right_shift(x: Any, y: Any) -> Any:
    """`x // 2**y`: arithmetic for signed integers; by a negative distance all bits are lost, as by one beyond the width."""


@binary(samples=NUMBERS, differentiable=False)
def equal(x1: Any, x2: Any) -> Any:
    """True where `x1 == x2`; NaN equals nothing."""


@binary(samples=NUMBERS, differentiable=False)
def not_equal(x1: Any, x2: Any) -> Any:
    """True where `x1 != x2`."""


@binary(real=True, samples=NUMBERS, differentiable=False)
def less(x1: Any, x2: Any) -> Any:
    """True where `x1 < x2`."""


@binary(real=True, samples=NUMBERS, differentiable=False)
def less_equal(x1: Any, x2: Any) -> Any:
    """True where `x1 <= x2`."""


@binary(real=True, samples=NUMBERS, differentiable=False)
def greater(x1: Any, x2: Any) -> Any:
    """True where `x1 > x2`."""


@binary(real=True, samples=NUMBERS, differentiable=False)
def greater_equal(x1: Any, x2: Any) -> Any:
    """True where `x1 >= x2`."""


@primitive(samples=(Sample(boolean(3, 4), f32(3, 4), f32(4)), Sample(boolean(3, 1), f32(4), 0.0), Sample(boolean(0), f32(0), f32(0)),
                    Sample(boolean(2), 1, 2.5), Sample(boolean(3), c64(3), f32(2, 1)),
                    Sample(boolean(2), f32(3), f32(2), error="do not broadcast")))
def where(engine: Any, condition: Any, x1: Any, x2: Any) -> Any:
    """`x1` where `condition` holds, else `x2`; all three broadcast."""
    is_tensor, dtype_in = engine.is_tensor, engine.dtype_of
    if is_tensor(condition) and dtype_in(condition) == "bool":  # most calls
        if is_tensor(x1):
            dtype = dtype_in(x1)
            if dtype == dtype_in(x2) if is_tensor(x2) else dtype in FLOATS and joins(x2, dtype):
                return condition, x1, x2
        elif is_tensor(x2) and (dtype := dtype_in(x2)) in FLOATS and joins(x1, dtype):
            return condition, x1, x2
    return as_tensor(engine, condition, "bool"), *unify(engine, [x1, x2])


def _truth(x: Any) -> Any:
    """Whether elements are not zero."""
    return x if dtype_of(x) == "bool" else not_equal(x, 0)


@op(tensors=("x1", "x2"), samples=(*BITS[:3], Sample(f32(3), f32(3)), APART), differentiable=False)
def logical_and(x1: Any, x2: Any) -> Any:
    """True where both are true (not zero)."""
    return bitwise_and(_truth(x1), _truth(x2))


@op(tensors=("x1", "x2"), samples=(*BITS[:3], Sample(f32(3), f32(3)), APART), differentiable=False)
def logical_or(x1: Any, x2: Any) -> Any:
    """True where one of them is true (not zero)."""
    return bitwise_or(_truth(x1), _truth(x2))


@op(tensors=("x1", "x2"), samples=(*BITS[:3], Sample(f32(3), f32(3)), APART), differentiable=False)
def logical_xor(x1: Any, x2: Any) -> Any:
    """True where just one of them is true (not zero)."""
    return bitwise_xor(_truth(x1), _truth(x2))


@op(samples=(Sample(boolean(3)), Sample(i32(3, 2)), Sample(f32(0)), NO_TENSOR), differentiable=False)
def logical_not(x: Any) -> Any:
    """True where `x` is false (zero)."""
    return equal(x, 0)


@op(tensors=("x",), samples=(Sample(f32(3, 4), -0.5, 0.5), Sample(i32(5), 0, 2), Sample(f32(0), 0, 1), Sample(f32(2, 3), f32(3), 2.0),
                             Sample(f32(2), f32(3), 1.0, error="do not broadcast")))
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """`x` limited to [x_min, x_max]; the dtype is that of `x` and the limits together."""
    return minimum(maximum(cast(x, "int32") if dtype_of(x) == "bool" else x, x_min), x_max)


def _divide_no_nan(x1: Any, x2: Any) -> Any:
    return np.divide(x1, x2, out=np.zeros(np.broadcast(x1, x2).shape, np.result_type(x1, x2, "float64")), where=np.asarray(x2) != 0)


@op(tensors=("x1", "x2"), floating=True, complexes=True, reference=_divide_no_nan,
    samples=(Sample(c64(3), array([0.0, 1.0, 2j], "complex64")),
             Sample(f32(3, 4), array([0.0, 1.0, -2.0, 0.0])), Sample(f32(2), 0.0), Sample(f32(0), f32(0)), Sample(i32(3), i32(3)), APART))
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """`x1 / x2`, and 0 where `x2` is 0."""
    zero = equal(x2, 0)
    return where(zero, 0.0, divide(x1, where(zero, 1.0, x2)))
