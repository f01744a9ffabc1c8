"""Gather, scatter, sort and search."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import torch

from keras_lite_torch.transformation import is_differentiated_twice, on_host
from keras_lite_torch.unsigned import in_order, on_bits

Tensor: TypeAlias = torch.Tensor
_SHORT = (torch.bfloat16, torch.float16)  # whose sums stall: bfloat16 at 256
_REDUCTIONS = {"multiply": "prod", "max": "amax", "min": "amin"}


@on_bits(0)
def gather(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    if x.requires_grad and x.dtype in _SHORT:  # the gradient sums in float32
        return gather(x.to(torch.float32), indices, axis).to(x.dtype)
    if axis == 0 and x.ndim == 2 and indices.numel():  # of no indices it has no second gradient
        return torch.embedding(x, indices)
    if indices.ndim == 1:
        return torch.index_select(x, axis, indices)
    taken = torch.index_select(x, axis, indices.reshape(-1))
    return taken.reshape((*x.shape[:axis], *indices.shape, *x.shape[axis + 1:]))  # a tuple: it may be empty


@on_bits(0)
def take_along_axis(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    others = torch.broadcast_shapes(_without(x.shape, axis), _without(indices.shape, axis))
    x = x.expand(*others[:axis], x.shape[axis], *others[axis:])
    indices = indices.expand(*others[:axis], indices.shape[axis], *others[axis:])
    if x.requires_grad and x.dtype in _SHORT:
        return torch.gather(x.to(torch.float32), axis, indices.to(torch.int64)).to(x.dtype)
    return torch.gather(x, axis, indices.to(torch.int64))


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1:])


def scatter(x: Tensor, indices: Tensor, updates: Tensor, mode: str) -> Tensor:
    if not indices.shape[0] or not x.numel():
        return x.clone()  # as always a tensor of its own
    leading = x.shape[:indices.shape[1]]
    rows = _row_numbers(indices, leading)
    table = x.reshape(math.prod(leading), -1)
    updates = updates.reshape(indices.shape[0], -1)
    if mode == "multiply" and updates.requires_grad and is_differentiated_twice():
        return (table * _products(updates, rows, len(table))).reshape(x.shape)
    combine = {"set": _set_rows, "max": _reduce_in_order, "min": _reduce_in_order}.get(mode, _reduce_on_bits)
    return combine(table, updates, rows, mode).reshape(x.shape)


def _row_numbers(indices: Tensor, leading: tuple[int, ...]) -> Tensor:
    """(n,) int64 numbers of the rows that `indices` (n, k) name, counted in C order; negative for an index outside of its axis."""
    rows = indices[:, 0].to(torch.int64)
    for axis, size in enumerate(leading[1:], 1):
        column = indices[:, axis]
        rows = torch.where((column >= 0) & (column < size), rows * size + column, -1)
    return rows


def _set_rows(table: Tensor, updates: Tensor, rows: Tensor, mode: str) -> Tensor:
    """Said as a gather, for index_put promises no order among equal indices."""
    last = torch.full((len(table),), -1, dtype=torch.int64, device=table.device)
    last = last.scatter_reduce(0, rows, torch.arange(len(rows), device=rows.device), "amax")
    return torch.where(last[:, None] >= 0, gather(updates, last.clamp(min=0), 0), table)


def _products(updates: Tensor, rows: Tensor, count: int) -> Tensor:
    """The product of the updates of each of `count` rows, 1 where there is none.

    By products of 2, 4, 8, ... neighbours: differentiable to any order, zeros included, where torch's own gradient is not.
    """
    order = torch.argsort(rows, stable=True)
    rows, products, step = rows[order], updates[order], 1
    while step < len(rows):
        late = products[step:]
        late = torch.where((rows[step:] == rows[:-step])[:, None], late * products[:-step], late)
        products, step = torch.cat([products[:step], late]), 2 * step
    numbers = torch.arange(count, device=rows.device)
    ends = (torch.searchsorted(rows, numbers, right=True) - 1).clamp(min=0)
    return torch.where((rows[ends] == numbers)[:, None], products[ends], 1)


@on_bits(0, 1)
def _reduce_on_bits(table: Tensor, updates: Tensor, rows: Tensor, mode: str) -> Tensor:
    if table.dtype is torch.bool:  # sum is "or", product is "and", as in NumPy
        mode = {"add": "max", "multiply": "min"}[mode]
        return _reduce_in_order(table, updates, rows, mode)
    if mode == "add" and table.dtype in _SHORT:
        return table.to(torch.float32).index_add(0, rows, updates.to(torch.float32)).to(table.dtype)
    if mode == "add":
        return table.index_add(0, rows, updates)
    return table.scatter_reduce(0, rows[:, None].expand_as(updates), updates, _REDUCTIONS[mode])


@in_order(0, 1, values=True)
def _reduce_in_order(table: Tensor, updates: Tensor, rows: Tensor, mode: str) -> Tensor:
    if table.dtype is torch.bool:
        return _reduce_in_order(table.to(torch.uint8), updates.to(torch.uint8), rows, mode).to(torch.bool)
    return table.scatter_reduce(0, rows[:, None].expand_as(updates), updates, _REDUCTIONS[mode])


def sort(x: Tensor, axis: int) -> Tensor:
    if x.dtype in _QUICK:
        array = on_host(x)  # NumPy's kernels take a small part of the time, where equal elements need no order
        if array is not None:
            return torch.from_numpy(np.sort(array, axis))
    return torch.sort(x, dim=axis, stable=True).values


_QUICK = (torch.float32, torch.float64, torch.int32, torch.int64)
_FEW = 4096  # elements for which the number of calls counts


def argsort(x: Tensor, axis: int) -> Tensor:
    return torch.sort(x, dim=axis, stable=True).indices.to(torch.int32)


def top_k(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """A few of many by torch.topk, which gives ties in any order: its keys are the elements with their places as further digits."""
    n = x.shape[-1]
    if x.dtype in (torch.float64, torch.int64, torch.uint64) or 8 * k > n or n < 64 or x.numel() < _FEW:
        values, order = torch.sort(x, dim=-1, descending=True, stable=True)
        return values[..., :k], order[..., :k].to(torch.int32)
    keys = (_sort_keys(x) if x.is_floating_point() else x).to(torch.int64)
    places = torch.topk((keys << 32) - torch.arange(n, device=x.device), k).indices
    return torch.gather(x, -1, places), places.to(torch.int32)


@in_order(0, 1, values=False)
def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str) -> Tensor:
    if values.dtype in _QUICK and values.numel() < _FEW:
        sequence, wanted = on_host(sorted_sequence), on_host(values)
        if sequence is not None and wanted is not None:
            return torch.from_numpy(np.asarray(np.searchsorted(sequence, wanted, "left" if side == "left" else "right"), "int32"))
    if sorted_sequence.is_floating_point():  # torch loses its way among NaNs; integers in the same order have none
        sorted_sequence, values = _sort_keys(sorted_sequence), _sort_keys(values)
    elif sorted_sequence.dtype is torch.bool:
        sorted_sequence, values = sorted_sequence.to(torch.uint8), values.to(torch.uint8)
    return torch.searchsorted(sorted_sequence.contiguous(), values.contiguous(), right=side == "right", out_int32=True)


def _sort_keys(x: Tensor) -> Tensor:
    """Integers in the order of the floats `x`: NaN last, and the two zeros equal."""
    x = x.detach() if x.dtype is torch.float64 else x.detach().to(torch.float32)
    bits = (x + 0.0).view(torch.int64 if x.dtype is torch.float64 else torch.int32)
    largest = torch.iinfo(bits.dtype).max
    return torch.where(torch.isnan(x), largest, torch.where(bits < 0, bits ^ largest, bits))


