"""Questions about elements: signs, infinities, closeness, membership."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import COMPLEX, UNSIGNED, is_float, is_integer
from keras_lite.ops.arithmetic import (
    add,
    divide,
    equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    multiply,
    not_equal,
    subtract,
)
from keras_lite.ops.complex_numbers import imag
from keras_lite.ops.core import cast
from keras_lite.ops.creation import full_like
from keras_lite.ops.data import refuse_complex
from keras_lite.ops.elementwise import absolute, is_finite, is_nan
from keras_lite.ops.facts import dtype_of
from keras_lite.ops.families import EDGES, INF, NAN, NO_TENSOR, REFUSED
from keras_lite.ops.hosted import hosted
from keras_lite.ops.indexing import searchsorted, sort
from keras_lite.ops.reductions import reduce_all
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.statistics import wide
from keras_lite.ops.table import op

NUMBERS = (Sample(f32(3, 4)), Sample(f32()), Sample(f32(0, 2)), Sample(EDGES), Sample(i32(3, 2)), Sample(boolean(3)), NO_TENSOR)
_TINY = array([1e-40, -1e-40, 1e-38, -3.0])
_APART = Sample(f32(2, 3), f32(4), error=r"shapes \(2, 3\) and \(4,\) do not broadcast")
_PAIR = (array([1.0, -2.0, 1e10, 1e-10, 0.0]), array([1.000001, -2.1, 1.0001e10, 2e-10, 0.0]))
_LIMITLESS = (array([INF, INF, NAN, -INF, 1.0]), array([INF, -INF, NAN, 1.0, INF]))
CLOSE = (Sample(*_PAIR), Sample(f32(3, 1), f32(2), rtol=0.5), Sample(f32(4), f32(4), atol=1.0), Sample(*_LIMITLESS),
         Sample(*_LIMITLESS, equal_nan=True), Sample(f32(0, 3), f32(3)), Sample(f32(3), 0.5, rtol=0.0, atol=1.0),
         Sample(array([16777217, -2147483648, 7], "int32"), array([16777216, 2147483647, 7], "int32"), rtol=0.0, atol=0.5),
         Sample(boolean(4), boolean(4)), Sample(i32(3), f32(3), rtol=0.5), Sample(i32(3, 4), i32(4), atol=2.0), _APART,
         Sample(array([1j, complex(INF, 1), complex(NAN, 0), 2 + 1e-7j], "complex64"),
                array([1.000001j, complex(INF, 1), complex(NAN, 0), 2.0], "complex64"), equal_nan=True))


@op(differentiable=False, samples=(*NUMBERS, REFUSED))
def isposinf(x: Any) -> Any:
    """True where `x` is inf; integers and bools never are.  Raises TypeError for complex numbers.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.isposinf([1.0, np.inf, -np.inf])).tolist()
    [False, True, False]
    """
    refuse_complex("isposinf", dtype_of(x))
    return equal(x, INF) if is_float(dtype_of(x)) else full_like(x, False, "bool")


@op(differentiable=False, samples=(*NUMBERS, REFUSED))
def isneginf(x: Any) -> Any:
    """True where `x` is -inf; integers and bools never are.  Raises TypeError for complex numbers.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.isneginf([1.0, np.inf, -np.inf])).tolist()
    [False, False, True]
    """
    refuse_complex("isneginf", dtype_of(x))
    return equal(x, -INF) if is_float(dtype_of(x)) else full_like(x, False, "bool")


@op(differentiable=False, samples=(*NUMBERS, Sample(array([1j, 1.0, 2 + 0j, -0.5j, complex(NAN, 0), complex(0, NAN)], "complex64"))))
def isreal(x: Any) -> Any:
    """True where `x` has no imaginary part; real numbers, NaN too, have none.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.isreal([1 + 0j, 2j])).tolist()
    [True, False]
    >>> ops.convert_to_numpy(ops.isreal([1.0, np.nan])).tolist()
    [True, True]
    """
    if dtype_of(x) not in COMPLEX:
        return full_like(x, True, "bool")
    return equal(imag(x), 0)


@op(differentiable=False, samples=(*NUMBERS, Sample(_TINY), Sample(array([0, 5, 255], "uint8")), REFUSED))
def signbit(x: Any) -> Any:
    """True where the sign of `x` is negative, that of -0.0 too.  Raises TypeError for complex numbers.

    Engines read the bit itself, which a NaN has as well; the composite takes NaN for positive.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.signbit([-2.0, -0.0, 0.0, 3.0])).tolist()
    [True, True, False, False]
    """
    dtype = dtype_of(x)
    if dtype == "bool":
        return full_like(x, False, "bool")
    return logical_or(less(x, 0), less(divide(1.0, x), 0)) if is_float(dtype) else less(x, 0)


# --- closeness -----------------------------------------------------------------------------------------------------------


@op(tensors=("x1", "x2"), differentiable=False, samples=CLOSE)
def isclose(x1: Any, x2: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Any:
    """True where `|x1 - x2| <= atol + rtol * |x2|`; infinities are close to themselves alone.

    Distances of low-precision floats are taken in float32, those of integers exactly.

    Args:
        x1, x2: tensors that broadcast.
        rtol: tolerance relative to `x2`.
        atol: absolute tolerance.
        equal_nan: whether NaN is close to NaN.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.isclose([1.0, 1.0, np.nan], [1.000001, 1.1, np.nan])).tolist()
    [True, False, False]
    >>> ops.convert_to_numpy(ops.isclose([1.0, 1.0, np.nan], [1.000001, 1.1, np.nan], rtol=0.2, equal_nan=True)).tolist()
    [True, True, True]
    """
    dtype = dtype_of(x1)
    if not is_float(dtype) and dtype not in COMPLEX:
        return less_equal(cast(_distance(x1, x2), "float64"), add(atol, multiply(rtol, absolute(cast(x2, "float64")))))
    near = less_equal(absolute(subtract(wide(x1), wide(x2))), add(atol, multiply(rtol, absolute(wide(x2)))))
    close = logical_or(equal(x1, x2), logical_and(near, is_finite(x2)))
    return logical_or(close, logical_and(is_nan(x1), is_nan(x2))) if equal_nan else close


def _distance(x1: Any, x2: Any) -> Any:
    """`|x1 - x2|` of integers or bools as an unsigned integer, which has room for it."""
    dtype = dtype_of(x1)
    if not is_integer(dtype):
        x1, x2, dtype = cast(x1, "uint8"), cast(x2, "uint8"), "uint8"
    gap = subtract(maximum(x1, x2), minimum(x1, x2))
    return gap if dtype in UNSIGNED else cast(gap, f"u{dtype}")


@op(tensors=("x1", "x2"), differentiable=False, samples=(*CLOSE, Sample(f32(2, 3), 0.0, atol=5.0)))
def allclose(x1: Any, x2: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Any:
    """Whether all elements of two tensors are close, a bool without axes; see `isclose`.

    Args:
        x1, x2: tensors that broadcast.
        rtol: tolerance relative to `x2`.
        atol: absolute tolerance.
        equal_nan: whether NaN is close to NaN.

    >>> from keras_lite import ops
    >>> bool(ops.allclose([1.0, 2.0], [1.000001, 2.0])), bool(ops.allclose([1.0, 2.0], [1.1, 2.0]))
    (True, False)
    """
    return reduce_all(isclose(x1, x2, rtol, atol, equal_nan))


# --- membership ----------------------------------------------------------------------------------------------------------


@op(tensors=("x1", "x2"), differentiable=False, samples=(
    Sample(i32(3, 4), i32(5)), Sample(array([1.0, NAN, INF, -0.0, 7.0]), array([NAN, 0.0, INF])), Sample(i32(2, 3), i32(2, 2), invert=True),
    Sample(i32(3), i32(0)), Sample(i32(0), i32(3)), Sample(f32(3), i32(2)), Sample(i32(), i32(3)), Sample(3, i32(4), assume_unique=True),
    Sample(boolean(3), array([True], "bool")), Sample(array([-2**31, 2**31 - 1, 0], "int32"), array([2**31 - 1, -2**31], "int32")),
    Sample("text", i32(2), error="expected a tensor, an array or a number")))
@hosted
def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """True where an element of `x1` is one of the elements of `x2`; NaN is equal to nothing.

    Args:
        x1: a tensor, whose shape the result has.
        x2: a tensor of any shape.
        assume_unique: the promise that neither has an element twice; it may speed up an engine and changes no result.
        invert: whether the answers are turned round.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.isin([[1, 2], [3, 4]], [2, 4, 9])).tolist()
    [[False, True], [False, True]]
    >>> ops.convert_to_numpy(ops.isin([1, 2], [2], invert=True)).tolist()
    [True, False]
    """
    if dtype_of(x1) == "bool":
        x1, x2 = cast(x1, "int32"), cast(x2, "int32")
    ascending = sort(x2, None)
    first, end = (searchsorted(ascending, x1, side) for side in ("left", "right"))
    found = logical_and(not_equal(first, end), equal(x1, x1))
    return logical_not(found) if invert else found
