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


def uniform_numbers(seed: Tensor, shape: tuple[int, ...], factor: float, offset: float, highest: float) -> Tensor:
    """The composite in one pass."""
    numbers = _aligned(math.prod(shape))
    bits.check_draw(len(numbers), 24)
    scale, least, most = map(np.float32, (factor, offset, highest))
    is_bounded = max(least, np.float32(2**24 - 1) * scale + least) <= most  # NumPy's minimum takes as long as half of the hash
    words = np.empty(min(len(numbers), bits.BLOCK), "uint32")
    fill = bits.host_draw(values_of(seed).tolist(), 24)
    for start in range(0, len(numbers), bits.BLOCK):
        x = numbers[start:start + bits.BLOCK]
        fill(start, words[:len(x)], x.view("uint32"))
        x[...] = words[:len(x)].view("int32")
        x *= scale
        x += least
        if not is_bounded:
            np.minimum(x, most, out=x)
    return numbers.reshape(shape)


def _aligned(size: int) -> np.ndarray:
    """A float32 vector to be filled, at a multiple of 64 bytes: there JAX takes over an array without a copy (NumPy's: of 16)."""
    words = np.empty(size + 15, "float32")
    start = -words.__array_interface__["data"][0] % 64 // 4
    return words[start:start + size]


def native_random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    return np.random.default_rng(values_of(seed)).integers(2**width, size=shape, dtype="int32")
