"""uint16, uint32 and uint64, for which torch has storage and conversions but hardly any arithmetic.

The bits of an unsigned integer, read as a signed one, give the right bits for sums, products and moves (`on_bits`).  With the
sign bit flipped they have the right order too (`in_order`).  Both readings are free views, and signed kernels exist for all.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

SIGNED = {torch.uint16: torch.int16, torch.uint32: torch.int32, torch.uint64: torch.int64}


def on_bits(*positions: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: the arguments at `positions`, if unsigned, are read as signed; a result of that dtype is read back."""
    return functools.partial(_wrap, positions=positions, flip=False, values=True)


def in_order(*positions: int, values: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: as `on_bits` for functions that compare; `values` says whether the result holds elements of the arguments."""
    return functools.partial(_wrap, positions=positions, flip=True, values=values)


def _wrap(function: Callable[..., Any], positions: tuple[int, ...], flip: bool, values: bool) -> Callable[..., Any]:
    first, last = positions[0], positions[-1]

    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        x = args[first]
        dtype = x.dtype if isinstance(x, torch.Tensor) else args[last].dtype
        if dtype not in SIGNED:
            return function(*args)
        changed = [read_signed(arg, dtype, flip) if i in positions else arg for i, arg in enumerate(args)]
        result = function(*changed)
        return read_unsigned(result, dtype, flip) if values else result

    return wrapper


def read_signed(x: Any, dtype: torch.dtype, flip: bool = False) -> Any:
    """The bits of `x`, a tensor of the unsigned `dtype` or a Python int, as a signed integer; a list of such likewise."""
    lowest = torch.iinfo(SIGNED[dtype]).min
    if isinstance(x, torch.Tensor):
        bits = x.view(SIGNED[dtype])
        return bits ^ lowest if flip else bits
    if flip:
        return x + lowest
    return (x - lowest) % (-2 * lowest) + lowest  # two's complement


def read_unsigned(x: torch.Tensor, dtype: torch.dtype, flip: bool = False) -> torch.Tensor:
    """Inverse of `read_signed`; tensors of another dtype (bool, indices) stay."""
    if x.dtype is not SIGNED[dtype]:
        return x
    return (x ^ torch.iinfo(x.dtype).min if flip else x).view(dtype)


def _wide(x: Any, like: torch.Tensor) -> torch.Tensor:
    """`x` (a tensor or an int) as int64; uint64 keeps its bits."""
    if not isinstance(x, torch.Tensor):
        x = torch.full((), x, dtype=like.dtype, device=like.device)
    return x.view(torch.int64) if x.dtype is torch.uint64 else x.to(torch.int64)


def divide(x1: Any, x2: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Quotient and remainder; both are 0 where the divisor is 0, as in NumPy."""
    like = x1 if isinstance(x1, torch.Tensor) else x2
    n, d = _wide(x1, like), _wide(x2, like)
    zero = d == 0
    d = torch.where(zero, 1, d)
    half = (n >> 1) & torch.iinfo(torch.int64).max
    quotient = torch.div(half, d.clamp(min=1), rounding_mode="floor") << 1  # of n without its last bit: at most 1 too small
    rest = n - quotient * d
    quotient = quotient + _not_less(rest, d)
    quotient = torch.where(d < 0, _not_less(n, d), quotient)  # a divisor from 2**63 goes at most once
    rest = n - quotient * d
    return torch.where(zero, 0, quotient).to(like.dtype), torch.where(zero, 0, rest).to(like.dtype)


def _not_less(x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
    """1 where x1 >= x2 as uint64, else 0."""
    lowest = torch.iinfo(torch.int64).min
    return ((x1 ^ lowest) >= (x2 ^ lowest)).to(torch.int64)


def power(x1: Any, x2: Any) -> torch.Tensor:
    """`x1 ** x2`, wrapping around."""
    like = x1 if isinstance(x1, torch.Tensor) else x2
    base, exponent = _wide(x1, like), _wide(x2, like)
    # from 2**63 on: odd powers repeat every 2**62 and even ones are 0 from 64 on, so a smaller exponent does the same
    exponent = torch.where(exponent < 0, (exponent & (2**62 - 1)) | 2**62, exponent)
    return (base**exponent).to(like.dtype)


def right_shift(x1: Any, x2: Any) -> torch.Tensor:
    """Logical shift; 0 from the width of the dtype on.  A distance of uint64 from 2**63 on reads as a negative one."""
    like = x1 if isinstance(x1, torch.Tensor) else x2
    bits, count = _wide(x1, like), _wide(x2, like)
    first = (bits >> 1) & torch.iinfo(torch.int64).max  # the sign bit must not be copied
    shifted = torch.where(count == 0, bits, first >> (count - 1).clamp(0, 63))
    return torch.where((count < 0) | (count > 63), 0, shifted).to(like.dtype)
