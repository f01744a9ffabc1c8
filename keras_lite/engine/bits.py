"""The portable random stream: the definition that every engine's `random_bits` follows to the bit.

A stream is named by `seed` and `counter`, two 32-bit unsigned numbers.  Each draw of a tensor takes one pair:

1. `draw_key`: one threefry2x32 block (20 rounds) encrypts (seed, counter) under a fixed key.  A block cipher is a permutation,
   so two different pairs never share a draw key.
2. `word`: a keyed hash turns the row-major index of each element (0, 1, ...) and the draw key (k0, k1) into a 32-bit word.
3. `random_bits` keeps the top `width` bits of each word (the higher, the better mixed).

Threefry alone would be sound too but costs five times as much outside compilers.  The hash has two 32-bit multiplications.
The second multiplies the two halves of a mixed index with each other, which makes it non-linear and also not invertible: words
of one draw repeat as often as random ones do (a permutation of the index would never repeat and fail birthday tests).  The
second key word enters between the two, so that each word is uniform over keys, and draws that share `k0` are unrelated.
Draws with indices below 2**28 pass tests/random/test_bits_statistics.py, and one long draw the tests of dieharder 3.31 up to its
lagged sums (97 results, none failed).  Known limit: in a draw that uses the whole range of indices, words of elements 2**30 apart
are measurably related.

The functions here are the reference, in arithmetic modulo 2**32 written with masks: they accept Python ints, NumPy arrays of
uint32, uint64 or int64, and tensors of such dtypes that have these operators.  An engine may use int32 arithmetic that wraps
around, if right shifts are logical (`(x >> n) & (2**(32 - n) - 1)`).

This stream is a run format: it is frozen, `VECTORS` are its test vectors, and a change would be a new stream beside it.

Sources: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (threefry); C. Wellons, "Prospecting for
hash functions", 2018 (the multiplier 0xED5AD4BB).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_lite.engine.errors import invalid

MASK = 0xFFFFFFFF
KEY = (0x243F6A88, 0x85A308D3)  # the first fraction digits of pi
PARITY = 0x1BD11BDA
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
MULTIPLIER = 0xED5AD4BB
FACTOR = 0x9E340001  # high bits of the data-dependent factor, and the 1 that makes it odd
MAX_ELEMENTS = 2**32


def threefry2x32(k0: Any, k1: Any, c0: Any, c1: Any) -> tuple[Any, Any]:
    """The block (c0, c1) encrypted under the key (k0, k1) with 20 rounds of threefry.

    >>> [hex(x) for x in threefry2x32(0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3)]
    ['0xc4923a9c', '0x483df7a0']
    """
    schedule = (k0, k1, k0 ^ k1 ^ PARITY)
    x0, x1 = (c0 + k0) & MASK, (c1 + k1) & MASK
    for group in range(5):
        for distance in ROTATIONS[group % 2]:
            x0 = (x0 + x1) & MASK
            x1 = ((x1 << distance) & MASK | x1 >> (32 - distance)) ^ x0
        x0 = (x0 + schedule[(group + 1) % 3]) & MASK
        x1 = (x1 + schedule[(group + 2) % 3] + (group + 1)) & MASK
    return x0, x1


def draw_key(seed: Any, counter: Any) -> tuple[Any, Any]:
    """The key (k0, k1) of the draw number `counter` of `seed`; about 10 microseconds for Python ints.

    >>> draw_key(0, 0) != draw_key(0, 1)
    True
    """
    return threefry2x32(*KEY, seed, counter)


def word(index: Any, k0: Any, k1: Any) -> Any:
    """The 32-bit word of the element `index` (0 <= index < 2**32) in the draw with key (k0, k1).

    >>> import numpy as np
    >>> k0, k1 = draw_key(7, 0)
    >>> bool(word(np.arange(3, dtype="uint32"), k0, k1)[2] == word(2, k0, k1))
    True
    """
    x = index ^ k0
    x = x ^ x >> 16
    x = (x * MULTIPLIER) & MASK
    high = x >> 15
    y = ((x ^ high) + k1) & MASK
    y = (y * (high | FACTOR)) & MASK
    return y ^ y >> 15


BLOCK = 1 << 15  # elements that stay in the processor's cache from one step of the hash to the next; at most 2**16, see `host_draw`
_INDICES = np.arange(BLOCK, dtype="uint32")
_SHIFT, _MULTIPLIER, _FACTOR = map(np.uint32, (15, MULTIPLIER, FACTOR))


def host_bits(state: Sequence[int], size: int, width: int) -> np.ndarray:
    """The int32 vector of the draw of (seed, counter): the top `width` bits of each `word`, block by block."""
    words, scratch, fill = np.empty(size, "uint32"), np.empty(min(size, BLOCK), "uint32"), host_draw(state, width)
    for start in range(0, size, BLOCK):
        x = words[start:start + BLOCK]
        fill(start, x, scratch[:len(x)])
    return words.view("int32")


def host_draw(state: Sequence[int], width: int) -> Callable[[int, np.ndarray, np.ndarray], None]:
    """What fills a uint32 array with the words of a draw from a multiple of BLOCK on, at most BLOCK of them; it wants a scratch array too.

    The upper 16 bits of the indices are the same in all of a block, so that the first step of the hash is one XOR with a number.
    """
    k0, k1 = draw_key(*state)
    last, shift = np.uint32(k1), np.uint32(32 - width)

    def fill(start: int, x: np.ndarray, high: np.ndarray) -> None:
        np.bitwise_xor(_INDICES[:len(x)], np.uint32(start ^ k0 ^ (start ^ k0) >> 16), out=x)
        x *= _MULTIPLIER
        np.right_shift(x, _SHIFT, out=high)
        x ^= high
        x += last
        high |= _FACTOR
        x *= high
        np.right_shift(x, _SHIFT, out=high)
        x ^= high
        x >>= shift

    return fill


def check_draw(size: int, width: int) -> None:
    """Raise ValueError for a draw of more than 2**32 elements or a `width` outside 1 to 31."""
    if size > MAX_ELEMENTS:
        raise invalid("random_bits", f"one draw has at most 2**32 elements, got {size}; split it")
    if not 1 <= width <= 31:
        raise invalid("random_bits", f"width must be 1 to 31, got {width}")


# (seed, counter, index) -> word
VECTORS = {
    (0, 0, 0): 0xC3C041B6,
    (0, 0, 1): 0x44F69403,
    (0, 0, 2**32 - 1): 0x36EE13D9,
    (0, 1, 0): 0x89BACC29,
    (1, 0, 0): 0xD182E2C7,
    (1337, 0, 5): 0xA121E616,
    (1337, 42, 1000003): 0xFA506A47,
    (2**31, 2**31 - 1, 2**31): 0x1CE00821,
    (2**32 - 1, 2**32 - 1, 2**32 - 1): 0xFD79BA5F,
}
