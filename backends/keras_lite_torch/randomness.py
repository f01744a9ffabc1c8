"""The portable random stream of `keras_lite.engine.bits`.

It is an operator of its own: in a recorded program it stays one call; so is the draw from torch's own generator.  On the CPU NumPy
draws the portable stream, in a third of the time that torch takes for small tensors, and reads the two words of the seed; on a GPU,
which is not waited for, all is done with tensors.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import torch

from keras_lite.engine import bits
from keras_lite_torch.program import OWN_OPERATORS
from keras_lite_torch.tracing import is_transformed

Tensor: TypeAlias = torch.Tensor

_GOLDEN = 0x9E3779B1  # 2**32 divided by the golden ratio

_library = torch.library.Library("keras_lite", "DEF")


def random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    bits.check_draw(math.prod(shape), width)
    draw = torch.ops.keras_lite.random_bits.default if is_transformed() else _draw
    return draw(seed, shape, width)


def _draw(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    if seed.device.type == "cpu":
        return torch.from_numpy(bits.host_bits(seed.tolist(), math.prod(shape), width)).reshape(shape)
    return _draw_with_tensors(bits.draw_key(*seed.to(torch.int64).unbind()), math.prod(shape), width).reshape(shape)


def _draw_with_tensors(key: tuple[Tensor, Tensor], size: int, width: int) -> Tensor:
    """The same in int32 arithmetic, which wraps around too; the mask makes right shifts logical."""
    k0, k1 = (word.to(torch.int32) for word in key)
    x = torch.arange(size, dtype=torch.int64 if size > 2**31 else torch.int32, device=k0.device).to(torch.int32)
    x ^= k0
    x ^= (x >> 16) & 0xFFFF
    x *= _as_int32(bits.MULTIPLIER)
    high = (x >> 15) & 0x1FFFF
    x ^= high
    x += k1
    x *= high | _as_int32(bits.FACTOR)
    x ^= (x >> 15) & 0x1FFFF
    return (x >> 32 - width) & 2**width - 1


def _as_int32(word: int) -> int:
    """The int32 with the bits of a number below 2**32."""
    return (word ^ 2**31) - 2**31


def native_random_bits(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    draw = torch.ops.keras_lite.native_random_bits.default if is_transformed() else _draw_natively
    return draw(seed, shape, width)


def _draw_natively(seed: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    """From a generator that exists for this draw only; on a GPU the seed is waited for.

    A generator on the CPU takes the low 32 bits of its seed alone.  So the counter goes through them all, and the golden ratio keeps
    neighbouring seeds, which start far from each other, apart for long.
    """
    key, counter = seed.tolist()
    generator = torch.Generator(seed.device).manual_seed(key << 32 | (key * _GOLDEN + counter) % 2**32)
    return torch.randint(2**width, shape, generator=generator, dtype=torch.int32, device=seed.device)


for _name, _function in (("random_bits", _draw), ("native_random_bits", _draw_natively)):
    OWN_OPERATORS[_name] = _function
    _library.define(f"{_name}(Tensor seed, SymInt[] shape, int width) -> Tensor")
    _library.impl(_name, _function, "CompositeExplicitAutograd")
    _library.impl(_name, lambda seed, shape, width: seed.new_empty(shape, dtype=torch.int32), "Meta")
