"""Standard normal numbers from random bits, equal to the bit on every engine.

They come from the inverse of the distribution function, computed without an engine's own transcendental functions, which differ by
several units in the last place: additions, multiplications, divisions and square roots are rounded alike everywhere.  For `x` uniform
in (-1, 1) let 1 + odds = (1 + |x|) / (1 - |x|) and y = (1 + odds)**(1/8) - 1; then z = sign(x) y P(y) / Q(y).  Numerator and
denominator of the odds are exact integers, so the tails are as fine as the bits: up to 6.2 standard deviations.
"""

from __future__ import annotations

import math
from typing import Any

from keras_lite import ops
from keras_lite.ops.random import random_bits

# P and Q, the constant term first: a minimax fit for 0 <= y <= 15 with relative error 4e-6, that is 1e-6 in the distribution function
_ABOVE = (5.01327595, 12.362625, 24.1633306, 6.37915403, 0.18634031)
_BELOW = (1.0, 2.96671185, 7.09304799, 5.9958678, 0.998931723, 0.0206041449)
_LOWEST = -3.0e38


def standard_normal(seed: Any, shape: Any, dtype: str) -> Any:
    """Normal numbers with mean 0 and standard deviation 1; `dtype` is "float32" or "float64"."""
    if dtype == "float64":
        return _from_uniform(centred_uniform(seed, shape))
    bits = random_bits(seed, shape, 31)
    above = ops.add(ops.bitwise_and(bits, -2), 1)  # an odd number of 31 bits: 2**31 |x|
    below = ops.add(ops.subtract(2**31 - 1, above), 1)
    return _signed(bits, ops.divide(ops.multiply(ops.cast(above, dtype), 2.0), ops.cast(below, dtype)))


def standard_truncated_normal(seed: Any, shape: Any, dtype: str, bound: float = 2.0) -> Any:
    """Normal numbers on the condition that they are within `bound` standard deviations."""
    share = math.erf(bound / math.sqrt(2))
    if dtype == "float64":
        return _from_uniform(ops.multiply(centred_uniform(seed, shape), share))
    bits = random_bits(seed, shape, 24)
    x = rounded_product(ops.cast(ops.add(ops.bitwise_and(bits, -2), 1), dtype), share / 2**24)
    return ops.clip(_signed(bits, ops.divide(ops.multiply(x, 2.0), ops.subtract(1.0, x))), -bound, bound)


def rounded_product(x: Any, factor: Any) -> Any:
    """`x * factor`, rounded before anything is added to it.

    A compiler may fuse a product and the sum that follows, which rounds once and gives another result.  It can't across this
    maximum, since it does not know that it changes nothing.
    """
    return ops.maximum(ops.multiply(x, factor), _LOWEST)


def centred_uniform(seed: Any, shape: Any) -> Any:
    """float64 numbers, uniform in (-1, 1): odd multiples of 2**-52."""
    high, low = ops.split(ops.cast(random_bits(seed, (2, *shape), 26), "float64"), 2)
    units = ops.subtract(ops.add(ops.multiply(high, 2.0**27), ops.multiply(low, 2.0)), 2.0**52 - 1)
    return ops.reshape(ops.multiply(units, 2.0**-52), shape)


def _from_uniform(x: Any) -> Any:
    return ops.multiply(ops.erfinv(x), math.sqrt(2))


def _signed(bits: Any, odds: Any) -> Any:
    """z, negative where the last bit is set."""
    y = odds
    for _ in range(3):
        y = ops.divide(y, ops.add(_exact_sqrt(ops.add(y, 1.0)), 1.0))  # sqrt(1 + y) - 1 without cancellation
    z = ops.multiply(y, ops.divide(_polynomial(_ABOVE, y), _polynomial(_BELOW, y)))
    return ops.multiply(z, ops.cast(ops.subtract(1, ops.multiply(ops.bitwise_and(bits, 1), 2)), "float32"))


def _exact_sqrt(x: Any) -> Any:
    """The rounded square root of a float32 tensor.

    Torch's vectorized one is off by a unit in every sixth number; in float64 that is rounded away.  Engines that lack float64 stay in
    float32.
    """
    return ops.cast(ops.sqrt(ops.cast(x, "float64")), "float32")


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    y = coefficients[-1]
    for c in coefficients[-2::-1]:
        y = ops.add(rounded_product(x, y), c)
    return y
