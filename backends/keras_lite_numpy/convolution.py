"""Convolution of images (n, *spatial, c) that are padded already, as products of matrices.

It is linear in the image, the kernel and the gradient of the result, so each of `convolve`, `image_gradient` and `kernel_gradient` is
a derivative of the two others, to any order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_lite_numpy.functions import in_float32
from keras_lite_numpy.tape import primitive
from keras_lite_numpy.windows import Ints, counts_of, taps

Array = np.ndarray
_CHUNK = 1 << 21  # elements worked on at a time, so that they stay in the cache


def _convolved(x: Array, kernel: Array, *how: Any) -> Array:
    strides, dilation, groups = how
    window, channels = kernel.shape[:-2], kernel.shape[-1]
    counts = counts_of(x.shape[1:-1], window, strides, dilation)
    y = np.zeros((len(x), *counts, channels), x.dtype)
    if _is_depthwise(kernel, groups):
        for place, part in taps(x, window, counts, strides, dilation):
            y += _repeated(part, channels // groups) * kernel[place]
        return y
    matrices = np.moveaxis(kernel.reshape(-1, groups, channels // groups), 1, 0)
    for rows, windows in _unrolled(x, window, counts, how):
        y[rows] = np.moveaxis(windows @ matrices, 0, 1).reshape(y[rows].shape)
    return y


def _kernel_gradient(x: Array, g: Array, shape: Ints, *how: Any) -> Array:
    strides, dilation, groups = how
    window, channels, counts = shape[:-2], shape[-1], g.shape[1:-1]
    y = np.zeros(shape, x.dtype)
    if _is_depthwise(y, groups):
        for place, part in taps(x, window, counts, strides, dilation):
            y[place] = (_repeated(part, channels // groups) * g).reshape(-1, channels).sum(0)
        return y
    total = np.zeros((groups, math.prod(shape[:-1]), channels // groups), x.dtype)
    for rows, windows in _unrolled(x, window, counts, how):
        total += windows.swapaxes(1, 2) @ _stacked(g[rows], groups)
    return np.moveaxis(total, 0, 1).reshape(shape)


def _image_gradient(g: Array, kernel: Array, shape: Ints, *how: Any) -> Array:
    strides, dilation, groups = how
    window, counts = kernel.shape[:-2], g.shape[1:-1]
    y = np.zeros(shape, g.dtype)
    many = max(1, _CHUNK // max(8 * math.prod(counts) * kernel.shape[-1], 1))
    for start in range(0, len(g), many):
        rows = g[start:start + many]
        stacked = None if _is_depthwise(kernel, groups) else _stacked(rows, groups)
        for place, part in taps(y[start:start + many], window, counts, strides, dilation):
            if stacked is None:
                part += (rows * kernel[place]).reshape(*part.shape, -1).sum(-1)
            else:
                matrices = np.moveaxis(kernel[place].reshape(kernel.shape[-2], groups, -1), 0, 2)
                part += np.moveaxis(stacked @ matrices, 0, 1).reshape(part.shape)
    return y


def _is_depthwise(kernel: Array, groups: int) -> bool:
    """One channel of the image in each of several groups: sums of elementwise products are faster than tiny matrices."""
    return groups > 1 and kernel.shape[-2] == 1


def _repeated(x: Array, count: int) -> Array:
    return x if count == 1 else np.repeat(x, count, -1)


def _stacked(g: Array, groups: int) -> Array:
    """(n, *spatial, c) as matrices (groups, positions, c / groups)."""
    return np.moveaxis(g.reshape(-1, groups, g.shape[-1] // groups), 1, 0)


def _unrolled(x: Array, window: Ints, counts: Ints, how: Any) -> Iterator[tuple[slice, Array]]:
    """Rows of images, some at a time, and their windows as matrices (groups, positions, elements of a window)."""
    strides, dilation, groups = how
    rank, size = len(counts), x.shape[-1] // groups
    many = max(1, _CHUNK // max(math.prod((*counts, *window, x.shape[-1])), 1))
    steps = [stride * s for pace in (strides, dilation) for stride, s in zip(x.strides[1:-1], pace, strict=True)]
    order = (2 * rank + 1, *range(2 * rank + 1), 2 * rank + 2)
    for start in range(0, len(x), many):
        part = x[start:start + many]
        windows = np.lib.stride_tricks.as_strided(part, (len(part), *counts, *window, groups, size), (
            x.strides[0], *steps, size * x.strides[-1], x.strides[-1]), writeable=False)
        yield slice(start, start + many), windows.transpose(order).reshape(groups, len(part) * math.prod(counts), -1)


convolve = in_float32(primitive(_convolved, lambda g, y, x, kernel, *how: image_gradient(g, kernel, x.shape, *how),
                                lambda g, y, x, kernel, *how: kernel_gradient(x, g, kernel.shape, *how)))
image_gradient = in_float32(primitive(_image_gradient, lambda h, y, g, kernel, shape, *how: convolve(h, kernel, *how),
                                      lambda h, y, g, kernel, shape, *how: kernel_gradient(h, g, kernel.shape, *how)))
kernel_gradient = in_float32(primitive(_kernel_gradient, lambda h, y, x, g, shape, *how: image_gradient(g, h, x.shape, *how),
                                       lambda h, y, x, g, shape, *how: convolve(x, h, *how)))
