"""The portable random stream of `keras_lite.engine.bits`, and NumPy's own generator."""

from __future__ import annotations

import math

import numpy as np

from keras_lite.engine import bits
from keras_lite_numpy.tape import Tensor, values_of


def random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    size = math.prod(shape)
    bits.check_draw(size, width)
    return bits.host_bits(values_of(seed).tolist(), size, width).reshape(shape)


def native_random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    return np.random.default_rng(values_of(seed)).integers(2**width, size=shape, dtype="int32")
