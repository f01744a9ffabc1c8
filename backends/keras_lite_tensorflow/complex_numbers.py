"""Complex numbers, Fourier transforms and bits."""

from __future__ import annotations

from typing import TypeAlias

import tensorflow as tf

from keras_lite_tensorflow.kernels import raw
from keras_lite_tensorflow.shaping import reshape
from keras_lite_tensorflow.tensors import shape_of

Tensor: TypeAlias = tf.Tensor

real = tf.math.real
imag = tf.math.imag


def make_complex(real: Tensor, imag: Tensor) -> Tensor:
    if real.shape != imag.shape or not real.shape.is_fully_defined():
        shape = tf.broadcast_dynamic_shape(tf.shape(real), tf.shape(imag))
        real, imag = tf.broadcast_to(real, shape), tf.broadcast_to(imag, shape)
    return tf.complex(real, imag)


def fourier(real: Tensor, imag: Tensor) -> tuple[Tensor, Tensor]:
    y = raw.FFT(input=tf.complex(real, imag))
    return tf.math.real(y), tf.math.imag(y)


def real_fourier(x: Tensor) -> tuple[Tensor, Tensor]:
    y = tf.signal.rfft(x)
    return tf.math.real(y), tf.math.imag(y)


def bitcast(x: Tensor, dtype: str) -> Tensor:
    """TensorFlow's bitcast takes the numbers that make one from an axis of their own, and puts the parts of one in such an axis."""
    wanted, x = tf.as_dtype(dtype), tf.stop_gradient(x)
    ratio = wanted.size // x.dtype.size
    if ratio > 1:
        *lead, n = shape_of(x)
        x = reshape(x, (*lead, n // ratio, ratio))
    y = raw.Bitcast(input=x, type=wanted)
    if wanted.size >= x.dtype.size:
        return y
    *lead, n = shape_of(x)
    return reshape(y, (*lead, n * (x.dtype.size // wanted.size)))
