"""Own implementations of ops of the table, where a kernel of TensorFlow beats the composite.

Each has the parameters of its op and gets its tensors converted and promoted.  It gives what the composite gives, also at NaN,
at infinities and at the seams of piecewise functions; where a kernel differs there (elu and selu lose small numbers), it is not
used.  XLA makes the same programs of both; natives count eagerly and in training steps with convolutions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import tensorflow as tf

from keras_lite_tensorflow.elementwise import greater, less, multiply, not_equal, where
from keras_lite_tensorflow.kernels import in_float32, plain_eager, raw
from keras_lite_tensorflow.shaping import reshape, transpose
from keras_lite_tensorflow.shortcuts import SHORTCUTS
from keras_lite_tensorflow.tensors import cast, shape_of

Tensor: TypeAlias = tf.Tensor


def relu(x: Tensor) -> Tensor:
    return raw.Relu(features=cast(x, "int32") if x.dtype is tf.bool else x)


def relu6(x: Tensor) -> Tensor:
    return raw.Relu6(features=cast(x, "int32") if x.dtype is tf.bool else x)


def leaky_relu(x: Tensor, negative_slope: Any = 0.2) -> Tensor:
    if not isinstance(negative_slope, (int, float)):
        return NotImplemented
    if x.dtype == tf.float64:  # the kernel rounds the slope to float32
        return where(greater(x, 0), x, multiply(x, negative_slope))
    return raw.LeakyRelu(features=x, alpha=float(negative_slope))  # for which the kernel would take None as its own default


def sigmoid(x: Tensor) -> Tensor:
    return raw.Sigmoid(x=x) if plain_eager() else _sigmoid(x)


@tf.custom_gradient
def _sigmoid(x: Tensor) -> Any:
    """With the derivative y(x) * y(-x), for TensorFlow's y * (1 - y) loses its digits where y nears 1."""
    y = raw.Sigmoid(x=x)
    return y, lambda cotangent: cotangent * y * sigmoid(-x)


def softplus(x: Tensor) -> Tensor:
    return raw.Softplus(features=x)


def softmax(x: Tensor, axis: Any = -1) -> Tensor:
    return _along_last(in_float32(_softmax), x, axis)


def _softmax(x: Tensor) -> Tensor:
    """NaN for the whole of a row in which there is one or an infinity; the kernel makes zeros of the rest."""
    y = raw.Softmax(logits=x)
    total = tf.stop_gradient(raw.Sum(input=y, axis=-1, keep_dims=True))
    return tf.where(tf.math.is_nan(total), total, y)


def log_softmax(x: Tensor, axis: Any = -1) -> Tensor:
    return _along_last(in_float32(lambda x: raw.LogSoftmax(logits=x)), x, axis)


def _along_last(function: Callable[[Tensor], Tensor], x: Tensor, axis: Any) -> Tensor:
    """`function`, which works along the last axis, along the axis or axes `axis` of `x`; None means all."""
    if isinstance(axis, bool) or 0 in x.shape:  # TensorFlow's optimizer divides by an empty axis in second derivatives, and dies
        return NotImplemented
    if x.shape.rank > 5:  # which oneDNN refuses: it is switched on unless TF_ENABLE_ONEDNN_OPTS=0
        return NotImplemented
    places = range(x.shape.rank)
    axes = list(places) if axis is None else [places[a] for a in ([axis] if isinstance(axis, int) else axis)]
    if axes == [len(places) - 1]:
        return function(x)
    order = [*(a for a in places if a not in axes), *axes]
    sizes = [shape_of(x)[a] for a in order]
    count = len(order) - len(axes)
    y = function(reshape(transpose(x, tuple(order)), (*sizes[:count], math.prod(sizes[count:]))))
    return transpose(reshape(y, tuple(sizes)), tuple(order.index(a) for a in places))


def signbit(x: Tensor) -> Any:
    if x.dtype.is_complex:
        return NotImplemented
    if not x.dtype.is_floating:
        return less(x, 0)
    whole = {2: tf.int16, 4: tf.int32, 8: tf.int64}[x.dtype.size]
    return raw.Less(x=raw.Bitcast(input=x, type=whole), y=tf.zeros([], whole))


def nonzero(x: Tensor) -> Any:
    """In programs too, where the number of positions is a size that is not known before."""
    if not x.shape.rank:
        return NotImplemented
    places = raw.Where(condition=x if x.dtype is tf.bool else not_equal(x, 0))
    return tuple(tf.unstack(cast(places, "int32"), x.shape.rank, axis=1))


NATIVES: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (relu, relu6, leaky_relu, sigmoid, softplus, softmax, log_softmax, nonzero, signbit)
} | SHORTCUTS
