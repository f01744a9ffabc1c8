"""Reductions and cumulative sums."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import tensorflow as tf

from keras_lite_tensorflow.kernels import in_float32, plain_eager, raw, through, with_gradient_of
from keras_lite_tensorflow.shaping import reshape, transpose
from keras_lite_tensorflow.tensors import HALF, cast, ints, shape_of

Tensor: TypeAlias = tf.Tensor
Axes = tuple[int, ...]


def reduce_sum(x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    return in_float32(lambda x: raw.Sum(input=x, axis=ints(axes), keep_dims=keepdims))(x)


def reduce_prod(x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    def kernel(x: Tensor) -> Tensor:
        return raw.Prod(input=x, axis=ints(axes), keep_dims=keepdims)

    if x.dtype.is_integer or not all(x.shape[i] for i in axes):
        return kernel(x)
    return in_float32(with_gradient_of(lambda x: _prod_by_halves(x, axes, keepdims), kernel))(x)


def _prod_by_halves(x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    """Products of halves of the axes: differentiable to any order, zeros included; the gradient of the kernel's gradient is not."""
    kept = tuple(i for i in range(x.shape.rank) if i not in axes)
    sizes, n = shape_of(x), math.prod(x.shape[i] for i in axes)
    y = reshape(transpose(x, kept + axes), (*(sizes[i] for i in kept), n))
    while n > 1:
        first, second, rest = tf.split(y, [n // 2, n // 2, n % 2], -1)
        y, n = tf.concat([first * second, rest], -1), n - n // 2
    return reshape(y, tuple(1 if i in axes else size for i, size in enumerate(sizes) if keepdims or i not in axes))


def reduce_max(x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    return _extreme(raw.Max, tf.less_equal, x, axes, keepdims)


def reduce_min(x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    return _extreme(raw.Min, tf.greater_equal, x, axes, keepdims)


def _extreme(kernel: Callable[..., Tensor], within: Callable[..., Tensor], x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    """The largest or smallest element, NaN where there is one.  XLA on the CPU drops NaN, and a graph may end up there."""
    if x.dtype.is_bool:
        return cast(kernel(input=cast(x, "uint8"), axis=ints(axes), keep_dims=keepdims), "bool")
    y = kernel(input=x, axis=ints(axes), keep_dims=keepdims)
    if tf.executing_eagerly() or not x.dtype.is_floating:
        return y
    bound = y if keepdims else kernel(input=tf.stop_gradient(x), axis=ints(axes), keep_dims=True)
    return tf.where(reduce_all(within(x, bound), axes, keepdims), y, tf.constant(float("nan"), x.dtype))


def reduce_any(x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    return raw.Any(input=cast(x, "bool"), axis=ints(axes), keep_dims=keepdims)


def reduce_all(x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    return raw.All(input=cast(x, "bool"), axis=ints(axes), keep_dims=keepdims)


def argmax(x: Tensor, axis: int) -> Tensor:
    return _first_nan_or(raw.ArgMax, x, axis)


def argmin(x: Tensor, axis: int) -> Tensor:
    return _first_nan_or(raw.ArgMin, x, axis)


def _first_nan_or(kernel: Callable[..., Tensor], x: Tensor, axis: int) -> Tensor:
    """The index of the first NaN, else of what the kernel finds."""
    found = kernel(input=x, dimension=axis, output_type=tf.int32)
    if not x.dtype.is_floating:
        return found
    nan = tf.math.is_nan(x)
    return tf.where(reduce_any(nan, (axis,), False), raw.ArgMax(input=nan, dimension=axis, output_type=tf.int32), found)


def cumsum(x: Tensor, axis: int) -> Tensor:
    return through(_CUMULATE, lambda x: raw.Cumsum(x=x, axis=axis))(x)


def cumprod(x: Tensor, axis: int) -> Tensor:
    return through(_CUMULATE, lambda x: _cumprod(x, axis))(x)


_CUMULATE = {  # XLA knows no narrow integers; those are equal modulo 2**n when cast back
    "uint8": "int32", "uint16": "int32", "uint32": "int64", "uint64": "int64", "int8": "int32", "int16": "int32"
} | dict.fromkeys(HALF, "float32")


def _cumprod(x: Tensor, axis: int) -> Tensor:
    """By doubling the distance: the gradient of TensorFlow's kernel divides by `x` and breaks at 0."""
    size = x.shape[axis]
    if not x.dtype.is_floating or size is None or plain_eager():
        return raw.Cumprod(x=x, axis=axis)
    distance = 1
    while distance < size:
        done, rest = tf.split(x, [distance, size - distance], axis)
        earlier, _ = tf.split(x, [size - distance, distance], axis)
        x = tf.concat([done, rest * earlier], axis)
        distance *= 2
    return x
