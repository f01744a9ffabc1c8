"""Reductions over axes, and running sums and products."""

from __future__ import annotations

from typing import TypeAlias

import torch

from keras_lite_torch.transformation import is_differentiated_twice
from keras_lite_torch.unsigned import in_order, on_bits

Tensor: TypeAlias = torch.Tensor
_HALF = (torch.float16, torch.bfloat16)


@on_bits(0)
def reduce_sum(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return torch.sum(x, axes, keepdims, dtype=x.dtype) if axes else x


@on_bits(0)
def reduce_prod(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    product = x.to(torch.float32) if x.dtype in _HALF else x  # torch would round after every factor
    if x.requires_grad and x.numel() and is_differentiated_twice():
        return _prod_by_halves(product, axes, keepdims).to(x.dtype)
    for axis in reversed(axes):
        product = torch.prod(product, axis, keepdims, dtype=product.dtype)
    return product.to(x.dtype)


def _prod_by_halves(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """Products of halves of the axes: torch's gradient divides the product by `x`, and the gradient of that one overflows."""
    for axis in reversed(axes):
        while (n := x.shape[axis]) > 1:
            first, second, rest = x.split((n // 2, n // 2, n % 2), axis)
            x = torch.cat([first * second, rest], axis)
        x = x if keepdims else x.squeeze(axis)
    return x


@in_order(0, values=True)
def reduce_max(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return torch.amax(x, axes, keepdims) if axes else x


@in_order(0, values=True)
def reduce_min(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return torch.amin(x, axes, keepdims) if axes else x


def reduce_any(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return torch.any(x, axes, keepdims) if axes else x


def reduce_all(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return torch.all(x, axes, keepdims) if axes else x


@in_order(0, values=False)
def argmax(x: Tensor, axis: int) -> Tensor:
    return torch.argmax(_comparable(x), axis).to(torch.int32)  # torch promises the first of equals


@in_order(0, values=False)
def argmin(x: Tensor, axis: int) -> Tensor:
    return torch.argmin(_comparable(x), axis).to(torch.int32)


@on_bits(0)
def cumsum(x: Tensor, axis: int) -> Tensor:
    return torch.cumsum(x, axis, dtype=x.dtype)


@on_bits(0)
def cumprod(x: Tensor, axis: int) -> Tensor:
    return torch.cumprod(x, axis, dtype=x.dtype)


def _comparable(x: Tensor) -> Tensor:
    return x.to(torch.uint8) if x.dtype is torch.bool else x
