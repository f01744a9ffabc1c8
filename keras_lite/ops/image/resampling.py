"""Resampling along an axis: each new sample is a weighted sum of the old ones, a matrix product.

Sample j of an axis lies at j + 1/2 ("half-pixel centres").  The weights come from a kernel around the place that a new sample takes
between the old ones; they are scaled to add up to 1, so that at the edges those inside count for those missing.  With antialiasing
the kernel is as wide as a new sample where that is wider than an old one.

Kernels: triangle (linear), cubic with a = -1/2 [1], and windowed sinc (Lanczos).

[1] Keys, "Cubic convolution interpolation for digital image processing", 1981.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import (
    add,
    divide,
    floor_divide,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    maximum,
    minimum,
    multiply,
    subtract,
    where,
)
from keras_lite.ops.contraction import matmul
from keras_lite.ops.core import cast
from keras_lite.ops.creation import iota
from keras_lite.ops.data import as_tensor
from keras_lite.ops.elementwise import absolute, sin, square
from keras_lite.ops.facts import shape_of
from keras_lite.ops.image.layout import number, times
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.shaping import expand_dims, moveaxis, reshape, swapaxes

Kernel = Callable[[Any], Any]


def triangle(x: Any) -> Any:
    """Linear interpolation, for distances x >= 0."""
    return maximum(subtract(1.0, x), 0.0)


def cubic(x: Any) -> Any:
    """Cubic convolution with a = -1/2, for distances x >= 0."""
    near = add(multiply(subtract(1.0, multiply(x, 1.5)), x), 1.0)  # 1.5 x**3 - 2.5 x**2 + 1 and 2 - 4 x + 2.5 x**2 - 0.5 x**3,
    far = multiply(square(subtract(2.0, x)), 0.5)  # both without their common factor 1 - x: exact where they vanish
    return multiply(subtract(1.0, x), where(less(x, 1.0), near, where(less(x, 2.0), far, 0.0)))


def lanczos(radius: int) -> Kernel:
    """sinc(x) sinc(x / radius) up to the radius, for distances x >= 0."""

    def kernel(x: Any) -> Any:
        centre = less(x, 1e-9)  # where the quotient is 1 to the last digit
        angle = multiply(where(centre, 1.0, x), math.pi)
        waves = divide(multiply(multiply(sin(angle), sin(divide(angle, float(radius)))), float(radius)), multiply(angle, angle))
        return where(greater(x, float(radius)), 0.0, where(centre, 1.0, waves))

    return kernel


FEW = 32  # so few elements behind an axis (channels, say) make a bad matrix

KERNELS: dict[str, Kernel] = {
    "linear": triangle, "bilinear": triangle, "trilinear": triangle, "cubic": cubic, "bicubic": cubic, "tricubic": cubic,
    "lanczos3": lanczos(3), "lanczos5": lanczos(5),
}


def kernel_weights(n: Any, m: Any, scale: Any, translation: Any, kernel: Kernel, antialias: bool, dtype: str) -> Any:
    """The (m, n) weights of `n` samples, stretched by `scale` about 0 and then moved by `translation`, on `m` new ones.

    A new sample that lies beyond the old ones gets no weights.
    """
    place = subtract(divide(subtract(add(iota(m, dtype), 0.5), translation), scale), 0.5)
    distance = absolute(subtract(expand_dims(place, 1), iota(n, dtype)))
    weights = kernel(divide(distance, maximum(divide(1.0, scale), 1.0)) if antialias else distance)
    total = reduce_sum(weights, 1, keepdims=True)
    some = greater(absolute(total), 1e-4)
    inside = logical_and(greater_equal(place, -0.5), less_equal(place, subtract(number(n, dtype), 0.5)))
    return where(logical_and(some, expand_dims(inside, 1)), divide(weights, where(some, total, 1.0)), 0.0)


def area_weights(n: Any, m: Any, dtype: str) -> Any:
    """The (m, n) shares of `n` old samples, taken as intervals of length 1, in `m` new ones of equal length."""
    step = divide(cast(number(n, dtype), dtype), number(m, dtype))
    start = expand_dims(multiply(iota(m, dtype), step), 1)
    old = iota(n, dtype)
    overlap = subtract(minimum(add(start, step), add(old, 1.0)), maximum(start, old))
    return divide(maximum(overlap, 0.0), step)


def resize_weights(n: Any, m: Any, method: str, antialias: bool, dtype: str) -> Any:
    """The (m, n) weights that resize an axis.  For a known size they are computed on the host, in float64."""
    if isinstance(n, int) and isinstance(m, int):
        return as_tensor(registry.current(), _host_weights(n, m, method, antialias), dtype)
    return _resize_weights(n, m, method, antialias, dtype)


@functools.lru_cache(maxsize=8)
def _host_weights(n: int, m: int, method: str, antialias: bool) -> np.ndarray:
    with registry.using("numpy") as host:
        return host.to_numpy(_resize_weights(n, m, method, antialias, "float64"))


def _resize_weights(n: Any, m: Any, method: str, antialias: bool, dtype: str) -> Any:
    if method == "area":
        return area_weights(n, m, dtype)
    return kernel_weights(n, m, divide(cast(number(m, dtype), dtype), number(n, dtype)), 0.0, KERNELS[method], antialias, dtype)


def nearest_positions(n: Any, m: Any) -> Any:
    """For each of `m` new samples the old one in which its centre lies."""
    if isinstance(n, int) and isinstance(m, int):
        return ((np.arange(m) * 2 + 1) * n // (2 * m)).astype("int32")
    return floor_divide(times(add(multiply(iota(m), 2), 1), n), 2 if m is None else 2 * m)


def along(x: Any, weights: Any, axis: int) -> Any:
    """`x` with the sums over `axis` by the rows of `weights` in place of its elements."""
    shape, m = shape_of(x), shape_of(weights)[0]
    axis %= len(shape)
    before, after = shape[:axis], shape[axis + 1:]
    inner = sizes.product(after)
    if not isinstance(inner, int) or inner > FEW:
        rows = matmul(weights, reshape(x, (sizes.product(before), shape[axis], inner)))
        return reshape(rows, (*before, m, *after))
    last = moveaxis(reshape(x, (*before, shape[axis], inner)), axis, -1)  # many small products would take much longer than one
    rows = matmul(reshape(last, (sizes.product((*before, inner)), shape[axis])), swapaxes(weights, 0, 1))
    return reshape(moveaxis(reshape(rows, (*before, inner, m)), -1, axis), (*before, m, *after))
