"""Gather, scatter, sort and search."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from keras_lite_tensorflow.kernels import in_float32, order_key, plain_eager, raw, through, with_gradient_of
from keras_lite_tensorflow.tensors import HALF, has_values, shape_of
from keras_lite_tensorflow.transformation import on_host

Tensor: TypeAlias = tf.Tensor


def gather(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    if x.dtype.name in HALF and not plain_eager():
        return _gather_short(x, indices, axis)
    return raw.GatherV2(params=x, indices=indices, axis=axis)


def _gather_short(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    """For 16-bit floats, whose sums stall (bfloat16 at 256): the gradient sums in float32."""
    sizes = shape_of(x)
    to_front = [axis, *range(axis), *range(axis + 1, len(sizes))]
    to_back = [*range(1, axis + 1), 0, *range(axis + 1, len(sizes))]

    @tf.custom_gradient
    def differentiable(x: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        def backward(cotangent: Tensor) -> Tensor:
            slices = tf.reshape(tf.cast(cotangent, "float32"), [*sizes[:axis], tf.size(indices), *sizes[axis + 1:]])
            sums = tf.math.unsorted_segment_sum(tf.transpose(slices, to_front), tf.reshape(indices, [-1]), sizes[axis])
            return tf.cast(tf.transpose(sums, to_back), x.dtype)

        return raw.GatherV2(params=x, indices=indices, axis=axis), backward

    return differentiable(x)


def take_along_axis(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    x, indices = _swap_with_last(x, axis), _swap_with_last(indices, axis)
    if not x.shape[:-1].is_fully_defined() or x.shape[:-1] != indices.shape[:-1]:
        x, indices = _broadcast_but_last(x, indices), _broadcast_but_last(indices, x)
    if x.shape.rank == 1:
        return gather(x, indices, 0)
    return _swap_with_last(_gather_rows(x, indices), axis)


def _gather_rows(x: Tensor, indices: Tensor) -> Tensor:
    def gathered(x: Tensor) -> Tensor:
        return tf.gather(x, indices, batch_dims=x.shape.rank - 1)

    return gathered(x) if plain_eager() else in_float32(gathered)(x)  # for the gradient's sums


def _swap_with_last(x: Tensor, axis: int) -> Tensor:
    axes = list(range(x.shape.rank))
    axes[axis], axes[-1] = axes[-1], axes[axis]
    return x if axes[axis] == axis else tf.transpose(x, axes)


def _broadcast_but_last(x: Tensor, other: Tensor) -> Tensor:
    sizes = [n if isinstance(m, int) and m == 1 else m for m, n in zip(shape_of(x)[:-1], shape_of(other)[:-1], strict=True)]
    return tf.broadcast_to(x, [*sizes, shape_of(x)[-1]])


def scatter(x: Tensor, indices: Tensor, updates: Tensor, mode: str) -> Tensor:
    return x if 0 in x.shape else _SCATTER[mode](x, indices, updates)  # the kernels want to change something


def _multiply(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """By way of the product of all updates of each place."""
    places = shape_of(x)[:indices.shape[1]]
    strides = [math.prod(places[axis + 1:]) for axis in range(len(places))]
    count = math.prod(places)
    number = tf.reduce_sum(indices * tf.cast(tf.stack(strides), indices.dtype), 1)
    inside = tf.reduce_all((indices >= 0) & (indices < tf.cast(tf.stack(places), indices.dtype)), 1)
    number = tf.where(inside, number, tf.cast(count, number.dtype))  # for which the kernel raises, or leaves the update out

    def kernel(updates: Tensor) -> Tensor:
        return tf.math.unsorted_segment_prod(updates, number, count)

    products = with_gradient_of(lambda updates: _products(updates, number, count), kernel) if updates.shape[0] else kernel
    return x * tf.reshape(products(updates), tf.shape(x))


def _products(updates: Tensor, numbers: Tensor, count: int) -> Tensor:
    """By products of 2, 4, 8, ... neighbours of one number: differentiable to any order, zeros included, where the kernel's own
    gradient divides by them."""
    order = tf.argsort(numbers, stable=True)
    numbers, products, step = tf.gather(numbers, order), tf.gather(updates, order), 1
    wide = [-1, *[1] * (updates.shape.rank - 1)]
    while step < updates.shape[0]:
        same = tf.reshape(tf.equal(numbers[step:], numbers[:-step]), wide)
        late = tf.where(same, products[step:] * products[:-step], products[step:])
        products, step = tf.concat([products[:step], late], 0), 2 * step
    places = tf.range(count, dtype=numbers.dtype)
    ends = tf.maximum(tf.searchsorted(numbers, places, "right") - 1, 0)
    there = tf.reshape(tf.equal(tf.gather(numbers, ends), places), wide)
    return tf.where(there, tf.gather(products, ends), tf.ones([], products.dtype))


def _maximum(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    return _nan_or(tf.tensor_scatter_nd_max, x, indices, updates)


def _minimum(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    return _nan_or(tf.tensor_scatter_nd_min, x, indices, updates)


def _nan_or(combine: Callable[..., Tensor], x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    y = through({"bool": "uint8"}, lambda x, updates: combine(x, indices, updates))(x, updates)
    if not x.dtype.is_floating:
        return y
    count = tf.tensor_scatter_nd_add(tf.cast(tf.math.is_nan(x), "int32"), indices, tf.cast(tf.math.is_nan(updates), "int32"))
    return tf.where(count > 0, tf.constant(float("nan"), x.dtype), y)


_WIDE_SUMS = {"bool": "int32", "bfloat16": "float32", "float16": "float32"}
_SCATTER = {
    "set": tf.tensor_scatter_nd_update,
    "add": lambda x, indices, updates: through(_WIDE_SUMS, lambda x, u: tf.tensor_scatter_nd_add(x, indices, u))(x, updates),
    "multiply": _multiply,
    "max": _maximum,
    "min": _minimum,
}


def sort(x: Tensor, axis: int) -> Tensor:
    if x.dtype in _QUICK and plain_eager() and has_values(x) and ":CPU:" in x.device:
        return tf.constant(np.sort(x.numpy(), axis))  # in a small part of the time
    return take_along_axis(x, argsort(x, axis), axis)


_QUICK = (tf.float32, tf.float64, tf.int32, tf.int64)
_FEW = 65536  # elements for which the number of calls counts


def argsort(x: Tensor, axis: int) -> Tensor:
    array = on_host(x) if x.dtype in (tf.float32, tf.float64, tf.int32) and (x.shape.num_elements() or _FEW) < _FEW else None
    if array is not None:
        return tf.constant(np.argsort(array, axis, kind="stable"), tf.int32)
    descending = tf.bitwise.invert(order_key(_swap_with_last(x, axis)))
    return _swap_with_last(tf.math.top_k(descending, tf.shape(descending)[-1]).indices, axis)


def top_k(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    array = on_host(x) if x.dtype in (tf.float32, tf.float64) and (x.shape.num_elements() or _FEW) < _FEW else None
    if array is not None and not np.isnan(array).any():
        values, places = raw.TopKV2(input=x, k=k)
        return values, places
    indices = tf.math.top_k(order_key(x), k).indices  # equal keys in order of index
    return tf.gather(x, indices, batch_dims=x.shape.rank - 1), indices


def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str) -> Tensor:
    bound = raw.LowerBound if side == "left" else raw.UpperBound
    found = bound(sorted_inputs=order_key(sorted_sequence)[None], values=tf.reshape(order_key(values), [1, -1]))
    return tf.reshape(found, tf.shape(values))
