"""The portable random stream of `keras_lite.engine.bits`, in uint32 arithmetic, which wraps around by itself, and TensorFlow's own."""

from __future__ import annotations

import math
from typing import TypeAlias

import tensorflow as tf

from keras_lite.engine import bits

Tensor: TypeAlias = tf.Tensor


def random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    size = math.prod(shape)
    if isinstance(size, int):
        bits.check_draw(size, width)
    if tf.executing_eagerly():
        words = seed.numpy().tolist()
        if ":CPU:" in seed.device:
            return tf.constant(bits.host_bits(words, size, width).reshape(shape))
        k0, k1 = (tf.constant(key, "uint32") for key in bits.draw_key(*words))
    else:
        k0, k1 = _draw_key(seed[0], seed[1])
    index = tf.cast(tf.range(tf.cast(size, "int64")), "uint32")
    return tf.cast(_right(_word(tf.reshape(index, shape), k0, k1), 32 - width), "int32")


def _draw_key(x0: Tensor, x1: Tensor) -> tuple[Tensor, Tensor]:
    """One block of threefry2x32."""
    schedule = (*bits.KEY, bits.KEY[0] ^ bits.KEY[1] ^ bits.PARITY)
    x0, x1 = x0 + schedule[0], x1 + schedule[1]
    for group in range(5):
        for distance in bits.ROTATIONS[group % 2]:
            x0 = x0 + x1
            x1 = (_left(x1, distance) | _right(x1, 32 - distance)) ^ x0
        x0 = x0 + schedule[(group + 1) % 3]
        x1 = x1 + (schedule[(group + 2) % 3] + group + 1) % 2**32
    return x0, x1


def _word(index: Tensor, k0: Tensor, k1: Tensor) -> Tensor:
    """The keyed hash of an element's index."""
    x = index ^ k0
    x = (x ^ _right(x, 16)) * bits.MULTIPLIER
    high = _right(x, 15)
    y = ((x ^ high) + k1) * (high | bits.FACTOR)
    return y ^ _right(y, 15)


def _left(x: Tensor, distance: int) -> Tensor:
    return tf.bitwise.left_shift(x, tf.constant(distance, x.dtype))


def _right(x: Tensor, distance: int) -> Tensor:
    return tf.bitwise.right_shift(x, tf.constant(distance, x.dtype))


def native_random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    # philox gives the same numbers eagerly and compiled, on every device
    words = tf.random.stateless_uniform(shape, tf.cast(seed, "int64"), None, None, "uint32", alg="philox")
    return tf.cast(_right(words, 32 - width), "int32")
