"""Standard normal numbers from random bits, by the inverse of the distribution function.

In float32 no engine's own inverse is used, as these differ by many units in the last place.  The number is a function of the odds of
being nearer to 0: for `x` uniform in (-1, 1), odds = 2 |x| / (1 - |x|) and L = log(1 + odds), z = sign(x) L P(L) / Q(L).  Numerator
and denominator of the odds are exact integers, so the tail is as fine as the bits (up to 6.2 standard deviations), and since
L P(L) / Q(L) grows slower than L, an engine's rounding of the logarithm is not magnified.
"""

from __future__ import annotations

import math
from typing import Any

from keras_lite import ops
from keras_lite.ops.random import random_bits

# P and Q, the constant term first: a minimax fit with relative error 4e-7 for 0 <= L <= 22.2, by `scipy.special.ndtri`
_ABOVE = (0.6266568156, 0.3200353899, 0.08990214460, 0.01755917077, 7.732547080e-4, 3.106488520e-6)
_BELOW = (1.0, 0.5106872179, 0.1614384984, 0.03694980020, 3.370695749e-3, 5.253019591e-5)


def standard_normal(seed: Any, shape: Any, dtype: str) -> Any:
    """Normal numbers with mean 0 and standard deviation 1; `dtype` is "float32" or "float64"."""
    if dtype == "float64":
        return _from_uniform(centred_uniform(seed, shape))
    odd = ops.add(ops.multiply(ops.subtract(random_bits(seed, shape, 31), 2**30), 2), 1)  # uniform in (-2**31, 2**31)
    size = ops.absolute(odd)
    rest = ops.add(ops.subtract(2**31 - 1, size), 1)
    odds = ops.divide(ops.multiply(ops.cast(size, dtype), 2.0), ops.cast(rest, dtype))
    return _signed(odd, odds)


def standard_truncated_normal(seed: Any, shape: Any, dtype: str, bound: float = 2.0) -> Any:
    """Normal numbers on the condition that they are within `bound` standard deviations."""
    share = math.erf(bound / math.sqrt(2))
    if dtype == "float64":
        return _from_uniform(ops.multiply(centred_uniform(seed, shape), share))
    odd = ops.subtract(ops.multiply(random_bits(seed, shape, 24), 2), 2**24 - 1)
    x = rounded_product(ops.cast(ops.absolute(odd), dtype), share / 2**24)
    return _signed(odd, ops.divide(ops.multiply(x, 2.0), ops.subtract(1.0, x)))


def rounded_product(x: Any, factor: Any) -> Any:
    """`x * factor` for numbers that are not negative, rounded on its own.

    A compiler must not fuse the product with a sum that follows, as that would round otherwise; it can't see that the maximum
    changes nothing.
    """
    return ops.maximum(ops.multiply(x, factor), 0.0)


def centred_uniform(seed: Any, shape: Any) -> Any:
    """float64 numbers, uniform in (-1, 1): odd multiples of 2**-53."""
    high, low = ops.split(ops.cast(random_bits(seed, (2, *shape), 26), "float64"), 2)
    units = ops.subtract(ops.add(ops.multiply(high, 2.0**27), ops.multiply(low, 2.0)), 2.0**52 - 1)
    return ops.reshape(ops.multiply(units, 2.0**-52), shape)


def _from_uniform(x: Any) -> Any:
    return ops.multiply(ops.erfinv(x), math.sqrt(2))


def _signed(sign: Any, odds: Any) -> Any:
    level = ops.log1p(odds)
    z = ops.multiply(level, ops.divide(_polynomial(_ABOVE, level), _polynomial(_BELOW, level)))
    return ops.where(ops.less(sign, 0), ops.negative(z), z)


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    y = coefficients[-1]
    for c in coefficients[-2::-1]:
        y = ops.add(ops.multiply(y, x), c)
    return y
