"""Special functions of one tensor, to a few units in the last place of float32 and float64.

Where a formula has branches, they are chosen by `where` with arguments that are harmless in both.  Derivatives are those of the
formulas, so these keep their digits too: no branch is a difference of numbers that nearly cancel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from keras_lite.ops import references
from keras_lite.ops.arithmetic import add, divide, less, logical_and, minimum, multiply, remainder, subtract, where
from keras_lite.ops.core import stop_gradient
from keras_lite.ops.elementwise import absolute, erf, exp, expm1, floor, is_finite, log, negative, sign, sin, sqrt, square
from keras_lite.ops.elementwise import round as nearest_whole
from keras_lite.ops.families import INF, UNARY
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op

TYPES = (Sample(i32(3)), Sample(boolean(2)))


def _polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """The polynomial with the highest power first, by Horner's rule."""
    y = multiply(x, coefficients[0])
    for c in coefficients[1:-1]:
        y = multiply(add(y, c), x)
    return add(y, coefficients[-1])


# --- cube root -----------------------------------------------------------------------------------------------------------


@op(floating=True, samples=(*UNARY, *TYPES, Sample(array([-8.0, 27.0, 0.001, -1e30])),
                            Sample(array([1e-37, 3e38, 0.0, -0.0]), grad=False)))
def cbrt(x: Any) -> Any:
    """Cube root of `x`, of negative numbers too.  The derivative is infinite at 0; there 0 stands for it.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cbrt([-8.0, 0.125, 27.0])).round(3)
    array([-2. ,  0.5,  3. ], dtype=float32)
    """
    y = wide(x)
    ordinary = logical_and(is_finite(y), less(0, absolute(y)))
    size = where(ordinary, absolute(y), 1.0)
    root = exp(divide(log(size), 3.0))
    root = subtract(root, divide(subtract(root, divide(size, square(root))), 3.0))  # one step of Newton's method
    return back(where(ordinary, multiply(sign(y), root), stop_gradient(y)), x)


# --- error function ------------------------------------------------------------------------------------------------------

# erfc(x) exp(x**2) (1 + 2 x) for x >= 0.5 in t = (x - 3.5) / (x + 2.5): its Chebyshev series up to degree 22, worked out with 40 digits.
# The form is that of Shepherd, Laframboise, "Chebyshev approximation of (1 + 2x) exp(x**2) erfc x", Math. Comp. 36 (1981)
_SCALED = (1.6009310718528812e-10, 1.092308627077016e-09, -5.265155374253378e-10, -1.1321915871008347e-08, -7.048645572370208e-09,
           6.53799486484962e-08, 9.884277880833735e-08, -2.9715525598902684e-07, -8.089527440407269e-07, 1.2984721525578876e-06,
           5.783338616875706e-06, -7.0711730826536025e-06, -4.11671888122742e-05, 6.401263391098269e-05, 0.0002904648461114711,
           -0.0008848860694647274, -0.0011965769232229573, 0.012587446516849664, -0.03662799043760748, 0.05674654966876825,
           -0.024899113240524618, -0.12000786868938904, 1.2423492448711544)


@op(floating=True, samples=(*UNARY, *TYPES, Sample(f32(4, 5, low=-7, high=9)), Sample(array([-30.0, 0.49, 0.5, 4.0, 4.1, 9.0])),
                            Sample(array([1e-30, 12.0, 30.0]))), reference=references.scipy_special("erfc"))
def erfc(x: Any) -> Any:
    """`1 - erf(x)`, of full relative precision where it is small.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.erfc([-1.0, 0.0, 1.0])).round(3)
    array([1.843, 1.   , 0.157], dtype=float32)
    >>> float(ops.erfc(5.0)) > 0, float(1.0 - ops.erf(5.0))
    (True, 0.0)
    """
    y = wide(x)
    near = less(y, 0.5)
    large = where(near, 1.0, minimum(y, 30.0))  # from where on the result is 0
    scaled = divide(_polynomial(_SCALED, divide(subtract(large, 3.5), add(large, 2.5))), add(multiply(large, 2.0), 1.0))
    return back(where(near, subtract(1.0, erf(where(near, y, 0.0))), multiply(_exp_of_minus_square(large), scaled)), x)


def _exp_of_minus_square(x: Any) -> Any:
    """`exp(-x**2)` without the error that rounding the square makes: the square of the first digits is exact.

    A compiler would make one exponential of the sum out of a product of two; so the second is written otherwise.
    """
    head = stop_gradient(divide(floor(multiply(x, 64.0)), 64.0))
    return multiply(exp(negative(square(head))), add(expm1(multiply(subtract(head, x), add(head, x))), 1.0))


# --- modified Bessel function --------------------------------------------------------------------------------------------

# i0(x) on [-8, 8]: the coefficients of its power series in (x / 2)**2
_SERIES = [1 / math.factorial(k) ** 2 for k in range(25, -1, -1)]
# i0(x) exp(-x) sqrt(x) for x > 8 in t = 16 / x - 1: its Chebyshev series up to degree 21, worked out with 40 digits
_LEVEL = 0.40217650944500816
_DECAY = (3.629355229718733e-11, -1.4824893214970786e-10, -2.8033819978869995e-10, 9.735776625085242e-10, 1.1050558794424347e-09,
          -2.9337366286377844e-09, -3.1346276429240787e-09, 5.191958083669399e-09, 7.3359687108161536e-09, -4.305727426988361e-09,
          -1.3326094405766387e-08, -7.1010934904762744e-09, 7.534355843803342e-09, 2.1620199017859248e-08, 3.932889375114634e-08,
          8.871360038754707e-08, 2.973596046562712e-07, 1.48384809739718e-06, 1.1143033800708978e-05, 0.00013621607437904054,
          0.0033605519836677504, _LEVEL)


@op(floating=True, samples=(*UNARY, *TYPES, Sample(f32(4, 5, low=-30, high=30)), Sample(array([-8.0, 8.0, 1e-3, 90.0, 60.0])),
                            Sample(array([1000.0, INF, -INF]), grad=False)), reference=references.i0)
def i0(x: Any) -> Any:
    """Modified Bessel function of the first kind and order 0 of `x`: the sum of `(x / 2)**(2 k) / k!**2` over k = 0, 1, ...

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.i0([0.0, 1.0, 2.0])).round(3)
    array([1.   , 1.266, 2.28 ], dtype=float32)
    """
    y = wide(x)
    size = absolute(y)
    small = less(size, 8.0)
    series = _polynomial(_SERIES, square(multiply(where(small, y, 0.0), 0.5)))
    large = where(small, 8.0, minimum(size, 1000.0))  # from where on the result is infinite
    decay = _polynomial([c / _LEVEL for c in _DECAY], subtract(divide(16.0, large), 1.0))
    # exp(large) alone would overflow too early, and so would derivatives if a factor were much smaller than 1
    growth = multiply(divide(multiply(exp(subtract(large, 16.0)), decay), sqrt(large)), _LEVEL * math.exp(16))
    return back(where(small, series, growth), x)


# --- sine over its argument ----------------------------------------------------------------------------------------------

_NEAR_ZERO = [(-1) ** k * math.pi ** (2 * k) / math.factorial(2 * k + 1) for k in range(10, -1, -1)]


@op(floating=True, samples=(*UNARY, *TYPES, Sample(f32(4, 5, low=-40, high=40)), Sample(array([12345.678, -1000.001])),
                            Sample(array([0.0, 1.0, -3.0, 0.5, 1e-3, 1e-30, 0.3, 0.31]))))
def sinc(x: Any) -> Any:
    """`sin(pi x) / (pi x)`, and 1 at 0; the argument of the sine is reduced before it is rounded.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sinc([0.0, 0.5, 1.5])).round(3)
    array([ 1.   ,  0.637, -0.212], dtype=float32)
    """
    y = wide(x)
    small = less(absolute(y), 0.3)
    series = _polynomial(_NEAR_ZERO, square(where(small, y, 0.0)))
    large = where(small, 1.0, y)
    nearest = stop_gradient(nearest_whole(large))
    signed = multiply(sin(multiply(subtract(large, nearest), math.pi)), subtract(1.0, multiply(remainder(nearest, 2.0), 2.0)))
    return back(where(small, series, divide(signed, multiply(large, math.pi))), x)
