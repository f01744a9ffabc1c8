"""Elementwise functions of one tensor."""

from __future__ import annotations

import functools
import math
from typing import Any

import ml_dtypes

from keras_lite.engine.dtypes import COMPLEX, is_float, numpy_dtype
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references
from keras_lite.ops.arithmetic import bitwise_and, divide, equal, less, multiply, not_equal, power, where
from keras_lite.ops.core import cast
from keras_lite.ops.data import as_numbers, refuse_complex
from keras_lite.ops.facts import dtype_of
from keras_lite.ops.families import EDGES, INF, NAN, NO_TENSOR, REFUSED, UNARY, unary
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.sizes import as_int
from keras_lite.ops.table import op, primitive

SIGNED = (*UNARY, Sample(i32(3, 4)))
TRUTH = Sample(boolean(3), error="not defined for bool")


def _inside(low: float, high: float) -> tuple[Sample, ...]:
    """Samples from the domain of a function, with the edges outside it."""
    return Sample(f32(4, 5, low=low, high=high)), Sample(f32(0, 3)), Sample(f32(low=low, high=high)), Sample(EDGES, grad=False), NO_TENSOR


@unary(bools="refused", samples=(*SIGNED, TRUTH))
def negative(x: Any) -> Any:
    """`-x`; unsigned integers wrap around.  Raises TypeError for bools.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.negative([1.5, -2.0])).tolist()
    [-1.5, 2.0]
    """


@unary(bools="unchanged", samples=(*SIGNED, Sample(boolean(3))))
def absolute(x: Any) -> Any:
    """`|x|`, for complex numbers a float; the derivative at 0 is 0.  Bools stay as they are.  `abs` is another name.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.absolute([-3, 0, 2])).tolist(), float(ops.absolute(3 - 4j))
    ([3, 0, 2], 5.0)
    """


@unary(bools="refused", real=True, samples=(*SIGNED, TRUTH))
def sign(x: Any) -> Any:
    """-1, 0 or 1 for a negative, a zero and a positive `x`; NaN stays.  Raises TypeError for bools and complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sign([-0.5, 0.0, 7.0])).tolist()
    [-1.0, 0.0, 1.0]
    """


@unary(floating=True, samples=(*UNARY, Sample(i32(3))))
def exp(x: Any) -> Any:
    """`e**x`; integers and bools become floats first.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.exp([0, 1, -1])).round(3)
    array([1.   , 2.718, 0.368], dtype=float32)
    """


@unary(floating=True)
def expm1(x: Any) -> Any:
    """`e**x - 1`, accurate near 0, where the difference would lose all digits; integers and bools become floats first.

    >>> from keras_lite import ops
    >>> float(ops.exp(1e-10) - 1), f"{float(ops.expm1(1e-10)):.4g}"
    (0.0, '1e-10')
    """


@unary(floating=True, samples=_inside(0.01, 4))
def log(x: Any) -> Any:
    """Natural logarithm of `x`, a float: -inf at 0 and NaN below, for complex numbers the principal value.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.log([1.0, np.e, 0.0])).round(3)
    array([  0.,   1., -inf], dtype=float32)
    """


@unary(floating=True, samples=_inside(-0.9, 4))
def log1p(x: Any) -> Any:
    """`log(1 + x)`, accurate near 0, where the sum would lose all digits; integers and bools become floats first.

    >>> from keras_lite import ops
    >>> float(ops.log(ops.add(1e-10, 1.0))), f"{float(ops.log1p(1e-10)):.4g}"
    (0.0, '1e-10')
    """


@unary(floating=True, samples=_inside(0.01, 4))
def sqrt(x: Any) -> Any:
    """Square root of `x`, a float: NaN below 0, for complex numbers the principal value.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sqrt([4, 9])).tolist(), complex(ops.convert_to_numpy(ops.sqrt(-4 + 0j)))
    ([2.0, 3.0], 2j)
    """


@unary(floating=True, samples=_inside(0.05, 4), reference=references.rsqrt)
def rsqrt(x: Any) -> Any:
    """`1 / sqrt(x)`, a float: inf at 0 and NaN below.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.rsqrt([4.0, 0.25])).tolist()
    [0.5, 2.0]
    """


@unary(floating=True)
def sin(x: Any) -> Any:
    """Sine of the angle `x` in radians; integers and bools become floats first.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sin([0.0, np.pi / 6, np.pi / 2])).round(3)
    array([0. , 0.5, 1. ], dtype=float32)
    """


@unary(floating=True)
def cos(x: Any) -> Any:
    """Cosine of the angle `x` in radians; integers and bools become floats first.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cos([0.0, np.pi / 3, np.pi])).round(3)
    array([ 1. ,  0.5, -1. ], dtype=float32)
    """


@unary(floating=True, samples=_inside(-1.2, 1.2))
def tan(x: Any) -> Any:
    """Tangent of the angle `x` in radians; integers and bools become floats first.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.tan([0.0, np.pi / 4])).round(3)
    array([0., 1.], dtype=float32)
    """


@unary(floating=True, samples=_inside(-0.9, 0.9))
def arcsin(x: Any) -> Any:
    """Angle in [-pi/2, pi/2] with sine `x`, a float; NaN for a real `x` outside [-1, 1].

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.arcsin([0.0, 0.5, -1.0])).round(3)
    array([ 0.   ,  0.524, -1.571], dtype=float32)
    """


@unary(floating=True, samples=_inside(-0.9, 0.9))
def arccos(x: Any) -> Any:
    """Angle in [0, pi] with cosine `x`, a float; NaN for a real `x` outside [-1, 1].

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.arccos([1.0, 0.5, -1.0])).round(3)
    array([0.   , 1.047, 3.142], dtype=float32)
    """


@unary(floating=True)
def arctan(x: Any) -> Any:
    """Angle in [-pi/2, pi/2] with tangent `x`, a float; the bounds are those of the infinities.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.arctan([0.0, 1.0, -np.inf])).round(3)
    array([ 0.   ,  0.785, -1.571], dtype=float32)
    """


@unary(floating=True)
def sinh(x: Any) -> Any:
    """Hyperbolic sine, `(e**x - e**-x) / 2`, a float.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sinh([0.0, 1.0, -1.0])).round(3)
    array([ 0.   ,  1.175, -1.175], dtype=float32)
    """


@unary(floating=True)
def cosh(x: Any) -> Any:
    """Hyperbolic cosine, `(e**x + e**-x) / 2`, a float.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cosh([0.0, 1.0, -1.0])).round(3)
    array([1.   , 1.543, 1.543], dtype=float32)
    """


@unary(floating=True)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent, `sinh(x) / cosh(x)`, a float in [-1, 1].

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.tanh([0.0, 0.5, 20.0])).round(3)
    array([0.   , 0.462, 1.   ], dtype=float32)
    """


@unary(floating=True)
def arcsinh(x: Any) -> Any:
    """The float whose `sinh` is `x`: `log(x + sqrt(x**2 + 1))`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.arcsinh([0.0, 1.0, -1.0])).round(3)
    array([ 0.   ,  0.881, -0.881], dtype=float32)
    """


@unary(floating=True, samples=_inside(1.1, 4))
def arccosh(x: Any) -> Any:
    """The float from 0 on whose `cosh` is `x`: `log(x + sqrt(x**2 - 1))`; NaN for a real `x` below 1.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.arccosh([1.0, 2.0])).round(3)
    array([0.   , 1.317], dtype=float32)
    """


@unary(floating=True, samples=_inside(-0.9, 0.9))
def arctanh(x: Any) -> Any:
    """The float whose `tanh` is `x`: `log((1 + x) / (1 - x)) / 2`; infinite at -1 and 1, NaN for a real `x` outside.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.arctanh([0.0, 0.5, 1.0])).round(3)
    array([0.   , 0.549,   inf], dtype=float32)
    """


@unary(floating=True, real=True, reference=references.scipy_special("erf"))
def erf(x: Any) -> Any:
    """Gauss error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to `x`, a float.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.erf([0.0, 0.5, -3.0])).round(3)
    array([ 0.  ,  0.52, -1.  ], dtype=float32)
    """


@unary(floating=True, real=True, samples=_inside(-0.95, 0.95), reference=references.scipy_special("erfinv"))
def erfinv(x: Any) -> Any:
    """Inverse of `erf`, a float: infinite for an `x` of -1 and 1, NaN outside.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.erfinv([0.0, 0.5, 1.0])).round(3)
    array([0.   , 0.477,   inf], dtype=float32)
    """


@unary(floating=True, real=True, samples=_inside(0.1, 6), reference=references.lgamma)
def lgamma(x: Any) -> Any:
    """Logarithm of the absolute value of the gamma function."""


@unary(floating=True, real=True, samples=_inside(0.1, 6), reference=references.scipy_special("digamma"))
def digamma(x: Any) -> Any:
    """Derivative of `lgamma`."""


@unary(floating=True, real=True)
def floor(x: Any) -> Any:
    """Largest integer not above `x`, as a float.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.floor([1.7, -1.2, 3])).tolist()
    [1.0, -2.0, 3.0]
    """


@unary(floating=True, real=True)
def ceil(x: Any) -> Any:
    """Smallest integer not below `x`, as a float.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.ceil([1.2, -1.7, 3])).tolist()
    [2.0, -1.0, 3.0]
    """


@unary(public="isnan", floating=True, differentiable=False)
def is_nan(x: Any) -> Any:
    """True where `x` is NaN; of a complex number where one of its parts is.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.isnan([1.0, np.nan, np.inf])).tolist()
    [False, True, False]
    """


@unary(public="isfinite", floating=True, differentiable=False)
def is_finite(x: Any) -> Any:
    """True where `x` is neither NaN nor infinite; of a complex number where both of its parts are neither.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.isfinite([1.0, np.nan, -np.inf])).tolist()
    [True, False, False]
    """


@unary(integer=True, samples=(Sample(i32(3, 4)), Sample(boolean(5)), Sample(i32(0)), Sample(f32(2), error="integers or bools")),
       differentiable=False)
def bitwise_not(x: Any) -> Any:
    """Complement of each bit of `x`, which is `-x - 1` for signed integers; `not x` for bools.  `bitwise_invert` is another name.

    Raises TypeError for floats.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.bitwise_not([5, -1])).tolist()
    [-6, 0]
    >>> ops.convert_to_numpy(ops.bitwise_not([True, False])).tolist()
    [False, True]
    """


@primitive(samples=(*SIGNED, Sample(array([0.5, 1.5, -2.5, 0.125])), Sample(f32(3, low=-30, high=30), -1, grad=False),
                    Sample(f32(3), 2, grad=False), REFUSED,
                    Sample(i32(3, low=-50, high=50), decimals=-1), Sample(f32(3), 1.5, error="decimals must be an int, got 1.5"),
                    Sample(f32(3), 400, error="decimals must lie in -38 ... 38 for float32, got 400"),
                    Sample(i32(3), -10, error="decimals must be at least -9 for int32, got -10"), Sample(i32(3), 99)))
def round(engine: Any, x: Any, decimals: int = 0) -> Any:  # noqa: A001  # the contract's name; the builtin is not used here
    """`x` rounded to `decimals` places after the point, halves to even; the dtype stays.

    Args:
        x: a tensor of numbers; integers change only where `decimals` is negative.
        decimals: an int; below 0 the places before the point, -2 for hundreds.

    Raises:
        TypeError: `x` is complex or of bools, or `decimals` is no int.
        ValueError: the dtype holds no power of ten of so many places.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.round([0.5, 1.5, 2.5])).tolist()
    [0.0, 2.0, 2.0]
    >>> ops.convert_to_numpy(ops.round([1249, 1250], -2)).tolist()
    [1200, 1200]
    """
    x = as_numbers(engine, "round", x)
    dtype = engine.dtype_of(x)
    if dtype == "bool":
        raise wrong_type("round", "is not defined for bool; expected numbers")
    refuse_complex("round", dtype)
    decimals = as_int("round", "decimals", decimals)
    if decimals == 0:
        return (x,) if is_float(dtype) else x
    most = _digits(dtype)
    if is_float(dtype):
        if not -most <= decimals <= most:
            raise invalid("round", f"decimals must lie in {-most} ... {most} for {dtype}, got {decimals}")
        scale = 10.0 ** abs(decimals)
        up, down = (engine.multiply, engine.divide) if decimals > 0 else (engine.divide, engine.multiply)
        return down(engine.round(up(x, scale)), scale)
    if decimals > 0:
        return x
    if decimals < -most:
        raise invalid("round", f"decimals must be at least {-most} for {dtype}, got {decimals}")
    scale = 10**-decimals
    return engine.multiply(engine.cast(engine.round(engine.divide(engine.cast(x, "float32"), float(scale))), dtype), scale)


@functools.cache
def _digits(dtype: str) -> int:
    """The largest n for which a dtype holds 10**n."""
    return int(math.log10((ml_dtypes.finfo if is_float(dtype) else ml_dtypes.iinfo)(numpy_dtype(dtype)).max))


@op(public="isinf", differentiable=False, samples=(*UNARY, Sample(array([complex(INF, NAN), 1 + 1j, complex(3e38, 3e38)], "complex64"))))
def is_inf(x: Any) -> Any:
    """True where `x` is inf or -inf; of a complex number where one of its parts is.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.isinf([1.0, np.nan, -np.inf])).tolist()
    [False, False, True]
    """
    if dtype_of(x) in COMPLEX:  # whose size may overflow too
        return bitwise_and(equal(absolute(x), INF), bitwise_not(is_finite(x)))
    return equal(absolute(x), INF) if is_float(dtype_of(x)) else not_equal(x, x)


@op(samples=(*SIGNED[:3], Sample(i32(3, 4)), Sample(boolean(3)), Sample(array([NAN, INF, -INF, -0.0]), grad=False), Sample(c64(3)),
             NO_TENSOR))
def square(x: Any) -> Any:
    """`x * x`; bools become int32.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.square([-3, 4])).tolist()
    [9, 16]
    """
    return multiply(cast(x, "int32") if dtype_of(x) == "bool" else x, x)


@op(floating=True, complexes=True, samples=(*UNARY[:3], NO_TENSOR, Sample(array([0.5, -2.0])), Sample(c64(3))))
def reciprocal(x: Any) -> Any:
    """`1 / x`, a float; inf at 0.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.reciprocal([2, -4, 0])).tolist()
    [0.5, -0.25, inf]
    """
    return divide(1.0, x)


@op(floating=True, complexes=True, samples=_inside(0.01, 4))
def log2(x: Any) -> Any:
    """Logarithm of `x` to base 2, a float; -inf at 0 and NaN below.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.log2([1, 8, 0.25])).round(3).tolist()
    [0.0, 3.0, -2.0]
    """
    return divide(log(x), math.log(2))


@op(floating=True, complexes=True, samples=_inside(0.01, 4))
def log10(x: Any) -> Any:
    """Logarithm of `x` to base 10, a float; -inf at 0 and NaN below.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.log10([1, 1000, 0.1])).round(3).tolist()
    [0.0, 3.0, -1.0]
    """
    return divide(log(x), math.log(10))


@op(floating=True, complexes=True, samples=UNARY)
def exp2(x: Any) -> Any:
    """`2**x`, a float.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.exp2([3, -1, 0])).tolist()
    [8.0, 0.5, 1.0]
    """
    return power(2.0, x)


@op(floating=True, samples=(*UNARY, Sample(i32(3))))
def fabs(x: Any) -> Any:
    """`|x|` as a float, while `absolute` leaves integers what they are; the derivative at 0 is 0.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.fabs([-3, 2])).tolist()
    [3.0, 2.0]
    """
    return absolute(x)


@op(samples=(*UNARY, Sample(array([-1.5, -0.2, 0.9, 2.0, 1e30]), grad=False), Sample(i32(3, 4)), Sample(boolean(3)), REFUSED))
def trunc(x: Any) -> Any:
    """`x` without its fractional part: rounded toward zero.  Integers and bools stay as they are.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.trunc([1.7, -1.7])).tolist()
    [1.0, -1.0]
    """
    refuse_complex("trunc", dtype_of(x))
    return where(less(x, 0), ceil(x), floor(x)) if is_float(dtype_of(x)) else x


@op(floating=True, samples=(*UNARY, Sample(array([180.0, -90.0, 720.0])), Sample(i32(3))))
def deg2rad(x: Any) -> Any:
    """The angle `x` in degrees as one in radians, a float: `x * pi / 180`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.deg2rad([180, -90])).round(3)
    array([ 3.142, -1.571], dtype=float32)
    """
    return multiply(x, math.pi / 180)


@op(floating=True, samples=(*UNARY, Sample(array([math.pi, -1e-30, 1e30])), Sample(i32(3))))
def rad2deg(x: Any) -> Any:
    """The angle `x` in radians as one in degrees, a float: `x * 180 / pi`.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.rad2deg([np.pi, 1.0])).round(3)
    array([180.   ,  57.296], dtype=float32)
    """
    return multiply(x, 180 / math.pi)
