"""The portable random stream of `keras_lite.engine.bits`, in place on blocks that stay in the cache, and NumPy's own generator."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from keras_lite.engine import bits
from keras_lite_numpy.tape import Tensor, values_of

_BLOCK = 1 << 14
_SHIFT15, _SHIFT16, _MULTIPLIER, _FACTOR = map(np.uint32, (15, 16, bits.MULTIPLIER, bits.FACTOR))


def random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    words = np.empty(math.prod(shape), "uint32")
    draw = _drawing(seed, len(words), width)
    for start in range(0, len(words), _BLOCK):
        draw(start, words[start:start + _BLOCK])
    return words.view("int32").reshape(shape)


def uniform_numbers(seed: Tensor, shape: tuple[int, ...], factor: float, offset: float, highest: float) -> Tensor:
    """The composite in one pass."""
    numbers = np.empty(math.prod(shape), "float32")
    scale, least, most = map(np.float32, (factor, offset, highest))
    words = np.empty(min(len(numbers), _BLOCK), "uint32")
    draw = _drawing(seed, len(numbers), 24)
    for start in range(0, len(numbers), _BLOCK):
        x = numbers[start:start + _BLOCK]
        draw(start, words[:len(x)])
        x[...] = words[:len(x)].view("int32")
        x *= scale
        x += least
        np.minimum(x, most, out=x)
    return numbers.reshape(shape)


def _drawing(seed: Tensor, size: int, width: int) -> Callable[[int, np.ndarray], None]:
    """What fills an array with the words from a place in the stream on."""
    bits.check_draw(size, width)
    k0, k1 = map(np.uint32, bits.draw_key(*values_of(seed).tolist()))
    index, scratch = np.arange(min(size, _BLOCK), dtype="uint32"), np.empty(min(size, _BLOCK), "uint32")

    def fill(start: int, x: np.ndarray) -> None:
        np.add(index[:len(x)], np.uint32(start), out=x)
        _hash(x, k0, k1, scratch[:len(x)])
        x >>= np.uint32(32 - width)

    return fill


def _hash(x: np.ndarray, k0: np.uint32, k1: np.uint32, high: np.ndarray) -> None:
    """Turn indices into words; `high` is memory of the same size to work in."""
    x ^= k0
    np.right_shift(x, _SHIFT16, out=high)
    x ^= high
    x *= _MULTIPLIER
    np.right_shift(x, _SHIFT15, out=high)
    x ^= high
    x += k1
    high |= _FACTOR
    x *= high
    np.right_shift(x, _SHIFT15, out=high)
    x ^= high


def native_random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    return np.random.default_rng(values_of(seed)).integers(2**width, size=shape, dtype="int32")
