"""Same elements, another arrangement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch

from keras_lite_torch.unsigned import SIGNED, on_bits

Tensor: TypeAlias = torch.Tensor
Shape = tuple[int, ...]


def reshape(x: Tensor, shape: Shape) -> Tensor:
    return x.reshape(shape)


def transpose(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return x.permute(axes)


def broadcast_to(x: Tensor, shape: Shape) -> Tensor:
    return x.expand(shape)


def concatenate(xs: Sequence[Tensor], axis: int) -> Tensor:
    rank = xs[0].ndim
    for x in xs:
        if x.ndim != rank:  # torch would leave out a vector without elements
            raise ValueError(f"ranks {rank} and {x.ndim}")
    return torch.cat(tuple(xs), axis)


def pad(x: Tensor, pairs: tuple[tuple[int, int], ...], value: float | int | bool) -> Tensor:
    flat = [size for pair in reversed(pairs) for size in pair]
    return torch.nn.functional.pad(x, flat, value=value) if any(flat) else x


@on_bits(0)
def flip(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return torch.flip(x, axes) if axes else x


def strided_slice(x: Tensor, starts: tuple[int, ...], stops: tuple[int, ...], steps: tuple[int, ...]) -> Tensor:
    return x[tuple(map(slice, starts, stops, steps))]


@on_bits(0)
def dynamic_slice(x: Tensor, starts: Sequence[Tensor | int], sizes: Shape) -> Tensor:
    for axis, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        room = x.shape[axis] - size
        if isinstance(start, torch.Tensor):
            x = torch.index_select(x, axis, _rows(start, size, room, x.device))
        elif room:
            x = x.narrow(axis, min(max(start, 0), room), size)
    return x


def dynamic_update_slice(x: Tensor, update: Tensor, starts: Sequence[Tensor | int]) -> Tensor:
    if x.dtype in SIGNED:
        bits = SIGNED[x.dtype]
        return dynamic_update_slice(x.view(bits), update.view(bits), starts).view(x.dtype)
    result = x.clone()
    block, moving = result, []
    for axis, (start, size) in enumerate(zip(starts, update.shape, strict=True)):
        room = x.shape[axis] - size
        if isinstance(start, torch.Tensor):
            moving.append((axis, _rows(start, size, room, x.device)))
        elif room:
            block = block.narrow(axis, min(max(start, 0), room), size)
    if not moving:
        block.copy_(update)
    elif len(moving) == 1:
        block.index_copy_(*moving[0], update)
    else:
        index = [torch.arange(size, device=x.device) for size in update.shape]
        for axis, rows in moving:
            index[axis] = rows
        block.index_put_(torch.meshgrid(*index, indexing="ij"), update)
    return result


def _rows(start: Tensor, size: int, room: int, device: torch.device) -> Tensor:
    """The `size` indices from `start` on, moved into the axis; no value is read on the host."""
    return start.to(device=device, dtype=torch.int64).clamp(0, room) + torch.arange(size, device=device)
