"""The portable random stream of `keras_lite.engine.bits`, in int32 arithmetic, which wraps around.

It is an operator of its own: in a recorded program it stays one call, which on the CPU reads the two words of the seed.
"""

from __future__ import annotations

import math

import torch

from keras_lite.engine import bits

Tensor = torch.Tensor

_library = torch.library.Library("keras_lite", "DEF")
_library.define("random_bits(Tensor seed, SymInt[] shape, int width) -> Tensor")


def random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    bits.check_draw(math.prod(shape), width)
    return torch.ops.keras_lite.random_bits.default(seed, shape, width)


def _draw(seed: Tensor, shape: list[int], width: int) -> Tensor:
    # Python ints make the key in 10 microseconds; a GPU is not waited for, there the key is computed with tensors
    words = seed.tolist() if seed.device.type == "cpu" else seed.to(torch.int64).unbind()
    k0, k1 = (_as_int32(key) for key in bits.draw_key(*words))
    x = torch.arange(math.prod(shape), dtype=torch.int64 if math.prod(shape) > 2**31 else torch.int32, device=seed.device).to(torch.int32)
    x ^= k0
    x ^= (x >> 16).bitwise_and_(0xFFFF)
    x *= _as_int32(bits.MULTIPLIER)
    high = (x >> 15).bitwise_and_(0x1FFFF)
    x ^= high
    x += k1
    x *= high.bitwise_or_(_as_int32(bits.FACTOR))
    if width > 15:  # the last step of the hash leaves the upper bits as they are
        x ^= (x >> 15).bitwise_and_(0x1FFFF)
    x >>= 32 - width
    return x.bitwise_and_(2**width - 1).reshape(shape)


def _as_int32(word: int | Tensor) -> int | Tensor:
    """The number below 2**32 as the int32 with the same bits."""
    return word.to(torch.int32) if isinstance(word, Tensor) else (word ^ 2**31) - 2**31


_library.impl("random_bits", _draw, "CompositeExplicitAutograd")
_library.impl("random_bits", lambda seed, shape, width: seed.new_empty(shape, dtype=torch.int32), "Meta")
