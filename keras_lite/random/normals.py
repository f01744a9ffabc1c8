"""Standard normal numbers from random bits, equal to the bit on every engine.

They come from the inverse of the distribution function, computed without an engine's own transcendental functions, which differ by
several units in the last place: additions, multiplications, divisions and square roots are rounded alike everywhere.  For `x` uniform
in (-1, 1) let 1 + odds = (1 + |x|) / (1 - |x|) and y = (1 + odds)**(1/8) - 1; then z = sign(x) y P(y) / Q(y).  Numerator and
denominator of the odds are exact integers, so the tails are as fine as the bits: up to 6.2 standard deviations.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_lite import ops
from keras_lite.engine.normals import ABOVE, BELOW
from keras_lite.ops.hosted import drawn, hosted
from keras_lite.ops.random import random_bits
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.table import op

_LOWEST = -3.0e38  # nearly the lowest float32


@drawn
def standard_normal(seed: Any, shape: Any, dtype: str) -> Any:
    """Normal numbers with mean 0 and standard deviation 1; `dtype` is "float32" or "float64"."""
    if dtype == "float64":
        return _from_uniform(centred_uniform(seed, shape))
    return normal_of(random_bits(seed, shape, 31))


@hosted
def normal_of(bits: Any) -> Any:
    """Normal numbers in float32 from numbers of 31 random bits."""
    return normal_from_bits(bits)


@op(tensors=("bits",), differentiable=False, dtypes=("int32",), reference=lambda bits: _from_bits_in_float64(bits), samples=(
    Sample(array([0, 1, 2**31 - 1, 2**31 - 2, 2**30, 12345], "int32")), Sample(i32(3, 4, low=0, high=2**31 - 1)), Sample(i32(0)),
    Sample(i32(9000, low=0, high=2**31 - 1)), Sample(array(77, "int32")), Sample(f32(3), error="integer")))
def normal_from_bits(bits: Any) -> Any:
    """The composite behind `normal_of`."""
    above = ops.add(ops.bitwise_and(bits, -2), 1)  # an odd number of 31 bits: 2**31 |x|
    below = ops.add(ops.subtract(2**31 - 1, above), 1)
    return normal_from_odds(ops.divide(ops.multiply(ops.cast(above, "float32"), 2.0), ops.cast(below, "float32")), _sign(bits))


def _from_bits_in_float64(bits: Any) -> Any:
    above = (np.asarray(bits).astype("int64") & -2) + 1
    return np.where(np.asarray(bits).astype("int64") & 1, -1.0, 1.0) * _from_odds_in_float64(2 * above / (2**31 - above))


@drawn
def standard_truncated_normal(seed: Any, shape: Any, dtype: str, bound: float = 2.0) -> Any:
    """Normal numbers on the condition that they are within `bound` standard deviations."""
    share = math.erf(bound / math.sqrt(2))
    if dtype == "float64":
        return _from_uniform(ops.multiply(centred_uniform(seed, shape), share))
    bits = random_bits(seed, shape, 24)
    x = rounded(ops.multiply(ops.cast(ops.add(ops.bitwise_and(bits, -2), 1), dtype), share / 2**24))
    return ops.clip(normal_from_odds(ops.divide(ops.multiply(x, 2.0), ops.subtract(1.0, x)), _sign(bits)), -bound, bound)


def rounded(x: Any) -> Any:
    """The float32 or float64 `x`, which a compiler must compute and round as it is written.

    Compilers fuse a product with the sum that follows, and make one division of two, which changes the last bit.  They can't across
    this maximum, since they do not know that it changes nothing.
    """
    return ops.maximum(x, _LOWEST)


def centred_uniform(seed: Any, shape: Any) -> Any:
    """float64 numbers, uniform in (-1, 1): odd multiples of 2**-52."""
    high, low = ops.split(ops.cast(random_bits(seed, (2, *shape), 26), "float64"), 2)
    units = ops.subtract(ops.add(ops.multiply(high, 2.0**27), ops.multiply(low, 2.0)), 2.0**52 - 1)
    return ops.reshape(ops.multiply(units, 2.0**-52), shape)


def _from_uniform(x: Any) -> Any:
    return ops.multiply(ops.erfinv(x), math.sqrt(2))


def _sign(bits: Any) -> Any:
    """1.0 or -1.0 by the last bit."""
    return ops.cast(ops.subtract(1, ops.multiply(ops.bitwise_and(bits, 1), 2)), "float32")


@op(tensors=("odds", "sign"), floating=True, differentiable=False, dtypes=("float32",),
    samples=(Sample(f32(3, 4, low=0, high=9), array([1.0, -1.0, 1.0, -1.0])), Sample(array([0.0, 1e-9, 1.0, 1e9, 2.0**32]), 1.0),
             Sample(f32(0, 2, low=0), -1.0), Sample(f32(5000, low=0, high=99), -1.0),
             Sample(f32(2, low=0), f32(3), error="do not broadcast")),
    reference=lambda odds, sign: sign * _from_odds_in_float64(odds))
def normal_from_odds(odds: Any, sign: Any) -> Any:
    """`sign` times the normal number `z` for which `odds` is `P(|Z| < z) / P(Z > z)`, in float32."""
    y, sign = rounded(ops.cast(odds, "float32")), ops.cast(sign, "float32")
    for _ in range(3):
        y = rounded(ops.divide(y, ops.add(_exact_sqrt(ops.add(y, 1.0)), 1.0)))  # sqrt(1 + y) - 1 without cancellation
    return ops.multiply(ops.multiply(y, ops.divide(_polynomial(ABOVE, y), _polynomial(BELOW, y))), sign)


def _from_odds_in_float64(odds: Any) -> Any:
    y = np.expm1(np.log1p(odds) / 8)
    return y * np.polyval(ABOVE[::-1], y) / np.polyval(BELOW[::-1], y)


def _exact_sqrt(x: Any) -> Any:
    """The rounded square root of a float32 tensor.

    Torch's vectorized one is off by a unit in every sixth number; in float64 that is rounded away.  Engines that lack float64 stay in
    float32.
    """
    return ops.cast(ops.sqrt(ops.cast(x, "float64")), "float32")


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    y = coefficients[-1]
    for c in coefficients[-2::-1]:
        y = ops.add(rounded(ops.multiply(x, y)), c)
    return y
