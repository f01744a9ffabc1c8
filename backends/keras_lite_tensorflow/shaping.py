"""Same elements, another arrangement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import tensorflow as tf

from keras_lite_tensorflow.kernels import raw
from keras_lite_tensorflow.tensors import cast, ints, scalar, shape_of

Tensor: TypeAlias = tf.Tensor
Shape = tuple[Any, ...]
Pairs = tuple[tuple[int, int], ...]


def reshape(x: Tensor, shape: Shape) -> Tensor:
    return raw.Reshape(tensor=x, shape=ints(shape))


def transpose(x: Tensor, axes: Shape) -> Tensor:
    return raw.Transpose(x=x, perm=ints(axes))


def broadcast_to(x: Tensor, shape: Shape) -> Tensor:
    return raw.BroadcastTo(input=x, shape=ints(shape))


def concatenate(xs: Sequence[Tensor], axis: int) -> Tensor:
    return raw.ConcatV2(values=xs, axis=axis) if len(xs) > 1 else xs[0]


def pad(x: Tensor, pairs: Pairs, value: float | int | bool) -> Tensor:
    known = all(isinstance(n, int) for pair in pairs for n in pair)
    paddings = tf.constant(pairs, "int32", [len(pairs), 2]) if known else tf.stack([tf.stack(pair) for pair in pairs])
    if value == 0:
        return _sized(raw.Pad(input=x, paddings=paddings), x, pairs)  # which oneDNN can make a part of the convolution that follows
    return _sized(raw.PadV2(input=x, paddings=paddings, constant_values=scalar(value, x.dtype)), x, pairs)


def _sized(y: Tensor, x: Tensor, pairs: Pairs) -> Tensor:
    """`y`, which is `x` padded, with the sizes that are known although some of `pairs` are not."""
    if not tf.executing_eagerly():
        known = [all(isinstance(k, int) for k in (n, *pair)) for n, pair in zip(x.shape, pairs, strict=True)]
        y.set_shape([n + sum(pair) if whole else None for n, pair, whole in zip(x.shape, pairs, known, strict=True)])
    return y


def flip(x: Tensor, axes: Shape) -> Tensor:
    return raw.ReverseV2(tensor=x, axis=ints(axes))


def strided_slice(x: Tensor, starts: Shape, stops: Shape, steps: Shape) -> Tensor:
    if all(step == 1 for step in steps):  # the gradient of Slice takes an eighth of the time of the other's
        return raw.Slice(input=x, begin=ints(starts), size=ints([stop - start for start, stop in zip(starts, stops, strict=True)]))
    return raw.StridedSlice(input=x, begin=ints(starts), end=ints(stops), strides=ints(steps))


def dynamic_slice(x: Tensor, starts: Sequence[Tensor | int], sizes: Shape) -> Tensor:
    return raw.Slice(input=x, begin=_inside(x, starts, sizes), size=ints(sizes))


def dynamic_update_slice(x: Tensor, update: Tensor, starts: Sequence[Tensor | int]) -> Tensor:
    sizes = shape_of(update)
    begin = _inside(x, starts, sizes)
    return raw.TensorStridedSliceUpdate(input=x, begin=begin, end=begin + ints(sizes), strides=ints([1] * len(sizes)), value=update)


def _inside(x: Tensor, starts: Sequence[Tensor | int], sizes: Shape) -> Tensor:
    """`starts` as an int32 vector, moved so that a block of `sizes` lies inside `x`."""
    inside = []
    for start, size, block in zip(starts, shape_of(x), sizes, strict=True):
        room = size - block
        if isinstance(start, int) and isinstance(room, int):
            inside.append(min(max(start, 0), room))
        else:
            inside.append(cast(tf.clip_by_value(cast(tf.convert_to_tensor(start), "int64"), 0, tf.cast(room, "int64")), "int32"))
    return ints(inside)
