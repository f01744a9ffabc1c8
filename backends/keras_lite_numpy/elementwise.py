"""Elementwise arithmetic.  In derivatives `g` is the gradient of the result `y`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_lite_numpy import special
from keras_lite_numpy.functions import SHORT, as_type, binary, is_array, sum_to, unary
from keras_lite_numpy.tape import Tensor, call, primitive


def _one_minus_square(x: Tensor) -> Tensor:
    return multiply(subtract(1, x), add(1, x))


def _direction(x: Tensor, size: Tensor) -> Tensor:
    """The derivative of the size: the sign, of a complex number its conjugate (see `complex_numbers`)."""
    if x.dtype.kind != "c":
        return sign(x)
    zero = equal(x, 0)
    return where(zero, 0, divide(as_type(size, x.dtype), where(zero, 1, x)))


negative = unary(np.negative, lambda g, y, x: negative(g), exact=True)
absolute = unary(np.absolute, lambda g, y, x: multiply(as_type(g, x.dtype), _direction(x, y)), exact=True)
sign = unary(np.sign, exact=True)

exp = unary(np.exp, lambda g, y, x: multiply(g, y))
expm1 = unary(np.expm1, lambda g, y, x: multiply(g, exp(x)))
log = unary(np.log, lambda g, y, x: divide(g, x))
log1p = unary(np.log1p, lambda g, y, x: divide(g, add(x, 1)))
sqrt = unary(np.sqrt, lambda g, y, x: divide(multiply(g, 0.5), y))
rsqrt = unary(lambda x: np.reciprocal(np.sqrt(x)), lambda g, y, x: multiply(g, multiply(divide(y, x), -0.5)))
sin = unary(np.sin, lambda g, y, x: multiply(g, cos(x)))
cos = unary(np.cos, lambda g, y, x: negative(multiply(g, sin(x))))
tan = unary(np.tan, lambda g, y, x: multiply(g, add(multiply(y, y), 1)))
arcsin = unary(np.arcsin, lambda g, y, x: multiply(g, rsqrt(_one_minus_square(x))))
arccos = unary(np.arccos, lambda g, y, x: negative(multiply(g, rsqrt(_one_minus_square(x)))))
arctan = unary(np.arctan, lambda g, y, x: divide(g, add(multiply(x, x), 1)))
sinh = unary(np.sinh, lambda g, y, x: multiply(g, cosh(x)))
cosh = unary(np.cosh, lambda g, y, x: multiply(g, sinh(x)))
tanh = unary(np.tanh, lambda g, y, x: multiply(g, _one_minus_square(y)))
arcsinh = unary(np.arcsinh, lambda g, y, x: multiply(g, rsqrt(add(multiply(x, x), 1))))
arccosh = unary(np.arccosh, lambda g, y, x: multiply(g, multiply(rsqrt(subtract(x, 1)), rsqrt(add(x, 1)))))
arctanh = unary(np.arctanh, lambda g, y, x: divide(g, _one_minus_square(x)))
erf = unary(special.erf, lambda g, y, x: multiply(g, multiply(exp(negative(multiply(x, x))), 2 / math.sqrt(math.pi))))
erfinv = unary(special.erfinv, lambda g, y, x: multiply(g, multiply(exp(multiply(y, y)), math.sqrt(math.pi) / 2)))
lgamma = unary(special.lgamma, lambda g, y, x: multiply(g, digamma(x)))
digamma = unary(special.digamma, lambda g, y, x: multiply(g, _trigamma(x)))
floor = unary(np.floor, exact=True)
ceil = unary(np.ceil, exact=True)
round = unary(np.rint, exact=True)  # noqa: A001  # the contract's name; the builtin is not used here
is_nan = unary(np.isnan, exact=True)
is_finite = unary(np.isfinite, exact=True)

add = binary(np.add, lambda g, y, x1, x2: g, lambda g, y, x1, x2: g)
subtract = binary(np.subtract, lambda g, y, x1, x2: g, lambda g, y, x1, x2: negative(g))
multiply = binary(np.multiply, lambda g, y, x1, x2: multiply(g, x2), lambda g, y, x1, x2: multiply(g, x1))
divide = binary(np.divide, lambda g, y, x1, x2: divide(g, x2), lambda g, y, x1, x2: negative(divide(multiply(g, y), x2)))
floor_divide = binary(np.floor_divide)
remainder = binary(np.remainder, lambda g, y, x1, x2: g, lambda g, y, x1, x2: negative(multiply(g, floor_divide(x1, x2))))


def _power(x1: Any, x2: Any) -> Any:
    return np.square(x1) if x2.__class__ is not np.ndarray and x2 == 2 else np.power(x1, x2)  # np.power calls pow even for 2


def _power_by_base(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """x2 * x1 ** (x2 - 1), which is 0 at 0 ** 0."""
    lower = x2 - 1 if not is_array(x2) else subtract(where(equal(x2, 0), 1, x2), 1)
    return multiply(g, multiply(power(x1, 0 if not is_array(x2) and x2 == 0 else lower), x2))


def _power_by_exponent(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """log(x1) * y, which is 0 at 0 ** x2."""
    base = log(where(equal(x1, 0), 1, x1)) if is_array(x1) else math.log(x1) if x1 > 0 else 0.0 if x1 == 0 else math.nan
    return multiply(g, multiply(y, base))


power = binary(_power, _power_by_base, _power_by_exponent)
arctan2 = binary(np.arctan2, lambda g, y, x1, x2: multiply(g, divide(x2, _square_sum(x1, x2))),
                 lambda g, y, x1, x2: negative(multiply(g, divide(x1, _square_sum(x1, x2)))))


def _square_sum(x1: Tensor, x2: Tensor) -> Tensor:
    return add(*(multiply(x, x) if is_array(x) else x * x for x in (x1, x2)))


def _larger(g: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """The part of the gradient that goes to `x1` in maximum(x1, x2)."""
    return where(greater(x1, x2), g, where(equal(x1, x2), multiply(g, 0.5), 0))


maximum = binary(np.maximum, lambda g, y, x1, x2: _larger(g, x1, x2), lambda g, y, x1, x2: _larger(g, x2, x1), exact=True)
minimum = binary(np.minimum, lambda g, y, x1, x2: _larger(g, x2, x1), lambda g, y, x1, x2: _larger(g, x1, x2), exact=True)
nextafter = binary(np.nextafter, lambda g, y, x1, x2: g, exact=True)

bitwise_and = binary(np.bitwise_and)
bitwise_or = binary(np.bitwise_or)
bitwise_xor = binary(np.bitwise_xor)
bitwise_not = unary(np.bitwise_not)
left_shift = binary(np.left_shift)
right_shift = binary(np.right_shift)

equal = binary(np.equal, exact=True)
not_equal = binary(np.not_equal, exact=True)
less = binary(np.less, exact=True)
less_equal = binary(np.less_equal, exact=True)
greater = binary(np.greater, exact=True)
greater_equal = binary(np.greater_equal, exact=True)


def where(condition: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    dtype = x1.dtype if is_array(x1) else x2.dtype if is_array(x2) else None
    if dtype in SHORT:  # beside these NumPy turns numbers into float32
        x1, x2 = (x if is_array(x) else call(np.asarray, x, dtype) for x in (x1, x2))
    return _where(condition, x1, x2)


_BITS = {1: "int8", 2: "int16", 4: "int32", 8: "int64"}


def _select(condition: np.ndarray, x1: Any, x2: Any) -> Any:
    """np.where, which is slow where the condition changes often, without its branches: by masking bits."""
    dtype = np.result_type(x1, x2)
    if condition.size < 4096 or dtype.itemsize not in _BITS:
        return np.where(condition, x1, x2)
    bits = _BITS[dtype.itemsize]
    mask = np.negative(condition.view("int8").astype(bits))
    first, second = (np.asarray(x, dtype).view(bits) for x in (x1, x2))
    return ((first ^ second) & mask ^ second).view(dtype)


_where = primitive(_select, None, lambda g, y, condition, x1, x2: sum_to(where(condition, g, 0), x1.shape),
                   lambda g, y, condition, x1, x2: sum_to(where(condition, 0, g), x2.shape))


_hurwitz_zeta = primitive(special.hurwitz_zeta, None, lambda g, y, s, x: multiply(g, multiply(_hurwitz_zeta(s + 1, x), -s)))


def _trigamma(x: Tensor) -> Tensor:
    """The derivative of digamma; left of 1/2 by reflection (DLMF 5.15.6)."""
    left = less(x, 0.5)
    y = _hurwitz_zeta(2, where(left, subtract(1, x), x))
    ratio = divide(math.pi, sin(multiply(where(left, x, 0.5), math.pi)))
    return where(left, subtract(multiply(ratio, ratio), y), y)
