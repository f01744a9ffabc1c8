"""Elementwise functions of two tensors: arithmetic, comparison, logic, selection."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOATS, INTEGERS, promote
from keras_lite.engine.errors import invalid
from keras_lite.ops.core import cast
from keras_lite.ops.data import as_tensor, unify, weak_dtype_of
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
    """`x1 + x2`, which broadcast and are promoted to one dtype; integers wrap around, for bools it is `or`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.add([[1], [2]], [10, 20])).tolist()
    [[11, 21], [12, 22]]
    >>> ops.convert_to_numpy(ops.add([1, 2], 0.5)).tolist()
    [1.5, 2.5]
    """


@binary(bools="refused", samples=(*NUMBERS, Sample(boolean(3), boolean(3), error="not defined for bools")))
def subtract(x1: Any, x2: Any) -> Any:
    """`x1 - x2`, which broadcast and are promoted to one dtype; integers wrap around.  Raises TypeError for two bools: use `logical_xor`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.subtract([5, 3], [[1], [2]])).tolist()
    [[4, 2], [3, 1]]
    """


@binary(bools="bitwise_and", samples=(*NUMBERS, TRUTHS))
def multiply(x1: Any, x2: Any) -> Any:
    """`x1 * x2`, which broadcast and are promoted to one dtype; integers wrap around, for bools it is `and`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.multiply([1, 2, 3], [[1.0], [-0.5]])).tolist()
    [[1.0, 2.0, 3.0], [-0.5, -1.0, -1.5]]
    """


@binary(floating=True, samples=(*BINARY, Sample(i32(3), i32(3, low=1)), Sample(array([1.0, -1.0, 0.0]), 0.0, grad=False)))
def divide(x1: Any, x2: Any) -> Any:
    """`x1 / x2`; integers become floats first, and a division by 0 gives inf, -inf or NaN.  `true_divide` is another name.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.divide([3, -1, 0], [2, 0, 0])).tolist()
    [1.5, -inf, nan]
    """


@binary(bools="int32", real=True, samples=INTEGER_DIVISION)
def floor_divide(x1: Any, x2: Any) -> Any:
    """`x1 / x2` rounded toward minus infinity; two integers give an integer, which is 0 where `x2` is 0.

    Bools count as int32.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.floor_divide([7, -7], 2)).tolist(), float(ops.floor_divide(7.5, 2))
    ([3, -4], 3.0)
    """


@binary(public="mod", bools="int32", real=True, samples=INTEGER_DIVISION)
def remainder(x1: Any, x2: Any) -> Any:
    """`x1 - x2 * floor(x1 / x2)`: the rest of a division, with the sign of the divisor (`fmod` has that of `x1`).

    Of integers 0 where `x2` is 0; bools count as int32.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.mod([7, -7], 3)).tolist()
    [1, 2]
    >>> ops.convert_to_numpy(ops.mod([7.5, -7.5], -3)).tolist()
    [-1.5, -1.5]
    """


def _negative_exponent(engine: Any, x1: Any, x2: Any) -> None:
    """Raise ValueError for integers and a negative integer exponent that can be seen without waiting for a computation."""
    x2 = x2.value if isinstance(x2, Variable) else x2
    if x2.__class__ is float or (x2.__class__ is int and x2 >= 0):
        return
    if is_tensor := engine.is_tensor(x2):
        if engine.dtype_of(x2) not in INTEGERS or not hasattr(engine, "on_host"):
            return
    elif not isinstance(x2, (int, np.ndarray, np.generic)) and registry.engine_of((x2,)) is not None:
        return
    if promote(weak_dtype_of(engine, x1), weak_dtype_of(engine, x2)) not in (*INTEGERS, "bool"):
        return
    x2 = engine.on_host(x2) if is_tensor else x2
    if x2 is None:
        return
    least = np.min(x2, initial=0)
    if least < 0:
        raise invalid("power", f"an integer has no integer power {least}; make it a float first")


@binary(bools="int32", refuse=_negative_exponent, samples=(
    *POSITIVE, Sample(i32(3, low=0), array([0, 1, 2], "int32")), Sample(i32(2), -1, error="an integer has no integer power -1"),
    Sample(i32(2), [1, -2], error="no integer power -2"), Sample(boolean(2), -1, error="no integer power -1"),
    Sample(2, -1, error="no integer power -1"), Sample(f32(2, low=0.5), -1)))
def power(x1: Any, x2: Any) -> Any:
    """`x1 ** x2` in their common dtype; bools count as int32, and a negative float has no power but whole ones (NaN).

    Raises ValueError for integers and negative integer exponents whose values are known: numbers, NumPy arrays, and eager tensors in the
    host's memory except on jax.  Of others, and in compiled programs, the result is what rounding toward 0 leaves: 1 and -1 keep their
    sign in odd powers, the rest is 0.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.power([2, -3], [3, 2])).tolist()
    [8, 9]
    >>> ops.convert_to_numpy(ops.power([2.0, 4.0], [-1, 0.5])).tolist()
    [0.5, 2.0]
    """


@binary(floating=True, real=True, samples=(Sample(f32(3, 4), f32(4)), Sample(f32(0, 2), f32(2)), Sample(f32(3), 1.5), APART))
def arctan2(x1: Any, x2: Any) -> Any:
    """Angle in [-pi, pi] of the point whose height is `x1` and whose distance to the right is `x2`, a float; that of (0, 0) is 0.

    Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.arctan2([0.0, 1.0, -1.0], [1.0, 0.0, -1.0])).round(3)
    array([ 0.   ,  1.571, -2.356], dtype=float32)
    """


@binary(bools="bitwise_or", real=True, samples=(*NUMBERS, TRUTHS, TIES))
def maximum(x1: Any, x2: Any) -> Any:
    """The larger of `x1` and `x2`; NaN if one is NaN.  A tie gives each half of the gradient.  Raises TypeError for complex numbers.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.maximum([1.0, 5.0, np.nan], 3.0)).tolist()
    [3.0, 5.0, nan]
    """


@binary(bools="bitwise_and", real=True, samples=(*NUMBERS, TRUTHS, TIES))
def minimum(x1: Any, x2: Any) -> Any:
    """The smaller of `x1` and `x2`; NaN if one is NaN.  A tie gives each half of the gradient.  Raises TypeError for complex numbers.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.minimum([1.0, 5.0, np.nan], 3.0)).tolist()
    [1.0, 3.0, nan]
    """


@binary(floating=True, real=True, differentiable=False, dtypes=("float32", "float64"))
def nextafter(x1: Any, x2: Any) -> Any:
    """The float after `x1` on the way to `x2`, and `x2` where they are equal; it has no gradient.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> (float(ops.nextafter(1.0, 2.0)) - 1) * 2**23, (float(ops.nextafter(1.0, 0.0)) - 1) * 2**24
    (1.0, -1.0)
    """


@binary(integer=True, samples=BITS, differentiable=False)
def bitwise_and(x: Any, y: Any) -> Any:
    """Bits that are set in both `x` and `y`; integers or bools, else TypeError.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.bitwise_and([0b1100, -1], 0b1010)).tolist()
    [8, 10]
    """


@binary(integer=True, samples=BITS, differentiable=False)
def bitwise_or(x: Any, y: Any) -> Any:
    """Bits that are set in `x` or in `y`; integers or bools, else TypeError.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.bitwise_or([0b1100, 0], 0b1010)).tolist()
    [14, 10]
    """


@binary(integer=True, samples=BITS, differentiable=False)
def bitwise_xor(x: Any, y: Any) -> Any:
    """Bits that are set in just one of `x` and `y`; integers or bools, else TypeError.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.bitwise_xor([0b1100, -1], 0b1010)).tolist()
    [6, -11]
    """


@binary(integer=True, bools="int32",
        samples=(Sample(i32(3), i32(3, low=0)), Sample(i32(0), 1), Sample(f32(2), 1, error="integers or bools"), ALL_BITS),
        differentiable=False)
def left_shift(x: Any, y: Any) -> Any:
    """`x * 2**y`; bits beyond the width are lost, by a negative distance all of them.  `bitwise_left_shift` is another name.

    Bools count as int32.  Raises TypeError for floats.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.left_shift([1, 5, 5], [4, 1, -1])).tolist()
    [16, 10, 0]
    """


@binary(integer=True, bools="int32",
        samples=(Sample(i32(3), i32(3, low=0)), Sample(i32(0), 1), Sample(f32(2), 1, error="integers or bools"), ALL_BITS),
        differentiable=False)
def right_shift(x: Any, y: Any) -> Any:
    """`x // 2**y`: arithmetic for signed integers; by a negative distance all bits are lost, as by one beyond the width.

    `bitwise_right_shift` is another name.  Bools count as int32.  Raises TypeError for floats.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.right_shift([20, -7, 5], [2, 1, -1])).tolist()
    [5, -4, 0]
    """


@binary(samples=NUMBERS, differentiable=False)
def equal(x1: Any, x2: Any) -> Any:
    """True where `x1 == x2` in their common dtype; NaN equals nothing.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.equal([1.0, 2.0, np.nan], [1.0, 3.0, np.nan])).tolist()
    [True, False, False]
    """


@binary(samples=NUMBERS, differentiable=False)
def not_equal(x1: Any, x2: Any) -> Any:
    """True where `x1 != x2` in their common dtype; NaN differs from all, itself included.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.not_equal([1.0, 2.0, np.nan], [1.0, 3.0, np.nan])).tolist()
    [False, True, True]
    """


@binary(real=True, samples=NUMBERS, differentiable=False)
def less(x1: Any, x2: Any) -> Any:
    """True where `x1 < x2` in their common dtype, nowhere beside NaN.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.less([1, 2, 3], 2)).tolist()
    [True, False, False]
    """


@binary(real=True, samples=NUMBERS, differentiable=False)
def less_equal(x1: Any, x2: Any) -> Any:
    """True where `x1 <= x2` in their common dtype, nowhere beside NaN.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.less_equal([1, 2, 3], 2)).tolist()
    [True, True, False]
    """


@binary(real=True, samples=NUMBERS, differentiable=False)
def greater(x1: Any, x2: Any) -> Any:
    """True where `x1 > x2` in their common dtype, nowhere beside NaN.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.greater([1, 2, 3], 2)).tolist()
    [False, False, True]
    """


@binary(real=True, samples=NUMBERS, differentiable=False)
def greater_equal(x1: Any, x2: Any) -> Any:
    """True where `x1 >= x2` in their common dtype, nowhere beside NaN.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.greater_equal([1, 2, 3], 2)).tolist()
    [False, True, True]
    """


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
    """True where both `x1` and `x2` are true (not zero; NaN is true).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.logical_and([True, 0.5, 0.0], [True, False, 1])).tolist()
    [True, False, False]
    """
    return bitwise_and(_truth(x1), _truth(x2))


@op(tensors=("x1", "x2"), samples=(*BITS[:3], Sample(f32(3), f32(3)), APART), differentiable=False)
def logical_or(x1: Any, x2: Any) -> Any:
    """True where `x1` or `x2` is true (not zero; NaN is true).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.logical_or([0, 0.5, 0], [0, 0, 2])).tolist()
    [False, True, True]
    """
    return bitwise_or(_truth(x1), _truth(x2))


@op(tensors=("x1", "x2"), samples=(*BITS[:3], Sample(f32(3), f32(3)), APART), differentiable=False)
def logical_xor(x1: Any, x2: Any) -> Any:
    """True where just one of `x1` and `x2` is true (not zero; NaN is true).

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.logical_xor([0, 0.5, 3], [0, 0, 2])).tolist()
    [False, True, False]
    """
    return bitwise_xor(_truth(x1), _truth(x2))


@op(samples=(Sample(boolean(3)), Sample(i32(3, 2)), Sample(f32(0)), NO_TENSOR), differentiable=False)
def logical_not(x: Any) -> Any:
    """True where `x` is false (zero).

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.logical_not([0.0, 0.5, np.nan])).tolist()
    [True, False, False]
    """
    return equal(x, 0)


@op(tensors=("x",), samples=(Sample(f32(3, 4), -0.5, 0.5), Sample(i32(5), 0, 2), Sample(f32(0), 0, 1), Sample(f32(2, 3), f32(3), 2.0),
                             Sample(f32(3), -10**30, 1e30), Sample(f32(2), f32(3), 1.0, error="do not broadcast")))
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """`x` limited to [x_min, x_max]: `minimum(maximum(x, x_min), x_max)`, so `x_max` where the limits are the wrong way round.

    Args:
        x: a tensor of numbers; bools count as int32.
        x_min, x_max: numbers, or tensors that broadcast with `x`; the dtype is that of all three together.

    Raises:
        TypeError: a limit is None, or something is complex.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.clip([1, 5, 9], 2, 6)).tolist()
    [2, 5, 6]
    >>> ops.convert_to_numpy(ops.clip([1, 5, 9], [0, 6, 0], 8.5)).tolist()
    [1.0, 6.0, 8.5]
    """
    return minimum(maximum(cast(x, "int32") if dtype_of(x) == "bool" else x, x_min), x_max)


def _divide_no_nan(x1: Any, x2: Any) -> Any:
    return np.divide(x1, x2, out=np.zeros(np.broadcast(x1, x2).shape, np.result_type(x1, x2, "float64")), where=np.asarray(x2) != 0)


@op(tensors=("x1", "x2"), floating=True, complexes=True, reference=_divide_no_nan,
    samples=(Sample(c64(3), array([0.0, 1.0, 2j], "complex64")),
             Sample(f32(3, 4), array([0.0, 1.0, -2.0, 0.0])), Sample(f32(2), 0.0), Sample(f32(0), f32(0)), Sample(i32(3), i32(3)), APART))
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """`x1 / x2`, and 0 where `x2` is 0, with gradients of 0 there; a float.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.divide_no_nan([3.0, 1.0, 0.0], [2.0, 0.0, 0.0])).tolist()
    [1.5, 0.0, 0.0]
    """
    zero = equal(x2, 0)
    return where(zero, 0.0, divide(x1, where(zero, 1.0, x2)))
