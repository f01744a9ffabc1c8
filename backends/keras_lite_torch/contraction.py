"""Products and windows.

torch's convolutions and pools want channels first.  Channels-last tensors go in as permuted views: these are what torch calls
the channels_last memory format, so nothing is copied and the result, permuted back, is contiguous again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
import torch.nn.functional as F

from keras_lite_torch.unsigned import SIGNED, in_order, on_bits

Tensor: TypeAlias = torch.Tensor
Ints = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]

_CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_CONV_TRANSPOSE = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
_MAX_POOL = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}


@on_bits(0, 1)
def matmul(x1: Tensor, x2: Tensor) -> Tensor:
    return _with_kernels(torch.matmul, x1, x2)


def einsum(subscripts: str, operands: Sequence[Tensor]) -> Tensor:
    dtype = operands[0].dtype
    if dtype in SIGNED:
        return einsum(subscripts, [x.view(SIGNED[dtype]) for x in operands]).view(dtype)
    return _with_kernels(lambda *xs: torch.einsum(subscripts, *xs), *operands)


@on_bits(0, 1)
def conv(x: Tensor, kernel: Tensor, strides: Ints, padding: str | Pairs, dilation: Ints, groups: int, channels_last: bool) -> Tensor:
    rank = len(strides)
    x = _channels_first(x) if channels_last else x
    x, symmetric = _pad_uneven(x, _resolve(padding, x.shape[2:], kernel.shape[:rank], strides, dilation), kernel.shape, 0)
    weight = kernel.permute(-1, -2, *range(rank))
    y = _with_kernels(lambda x, weight: _CONV[rank](x, weight, None, strides, symmetric, dilation, groups), x, weight)
    return _channels_last(y) if channels_last else y


@on_bits(0, 1)
def conv_transpose(x: Tensor, kernel: Tensor, strides: Ints, padding: Pairs, dilation: Ints, channels_last: bool) -> Tensor:
    rank = len(strides)
    x = _channels_first(x) if channels_last else x
    weight = kernel.permute(-1, -2, *range(rank))
    even = [max(min(pair), 0) for pair in padding]
    y = _with_kernels(lambda x, weight: _CONV_TRANSPOSE[rank](x, weight, None, strides, even, 0, 1, dilation), x, weight)
    rest = [size for pair, cut in zip(reversed(padding), reversed(even), strict=True) for size in (cut - pair[0], cut - pair[1])]
    y = F.pad(y, rest) if any(rest) else y
    return _channels_last(y) if channels_last else y


def reduce_window(x: Tensor, kind: str, window: Ints, strides: Ints, padding: str | Pairs, channels_last: bool) -> Tensor:
    x = _channels_first(x) if channels_last else x
    pairs = _resolve(padding, x.shape[2:], window, strides, (1,) * len(window))
    pool = {"max": _window_max, "sum": _window_sum}[kind]
    y = pool(x, window, strides, pairs)
    return _channels_last(y) if channels_last else y


@in_order(0, values=True)
def _window_max(x: Tensor, window: Ints, strides: Ints, pairs: Pairs) -> Tensor:
    if x.is_floating_point():
        x, symmetric = _pad_uneven(x, pairs, window, -torch.inf, half=True)
        return _MAX_POOL[len(window)](x, window, strides, symmetric)
    if x.dtype is torch.bool:
        return _window_max(x.to(torch.uint8), window, strides, pairs).to(torch.bool)
    return _windows(x, window, strides, pairs, torch.iinfo(x.dtype).min).amax(tuple(range(-len(window), 0)))


@on_bits(0)
def _window_sum(x: Tensor, window: Ints, strides: Ints, pairs: Pairs) -> Tensor:
    if not x.is_floating_point():
        return _windows(x, window, strides, pairs, 0).sum(tuple(range(-len(window), 0)), dtype=x.dtype)
    if len(window) == 1:  # only the pools of two and three axes can leave out the division
        return _window_sum(x.unsqueeze(2), (1, *window), (1, *strides), ((0, 0), *pairs)).squeeze(2)
    if len(window) == 3 and x.dtype in (torch.float16, torch.bfloat16):  # no kernel on the CPU
        return _window_sum(x.to(torch.float32), window, strides, pairs).to(x.dtype)
    x, symmetric = _pad_uneven(x, pairs, window, 0, half=True)
    pool = F.avg_pool2d if len(window) == 2 else F.avg_pool3d
    return pool(x, window, strides, symmetric, divisor_override=1)


def _windows(x: Tensor, window: Ints, strides: Ints, pairs: Pairs, filler: int) -> Tensor:
    """A view of the padded `x` with the sizes of the window as last axes."""
    x = F.pad(x, [size for pair in reversed(pairs) for size in pair], value=filler)
    for axis, (size, stride) in enumerate(zip(window, strides, strict=True), 2):
        x = x.unfold(axis, size, stride)
    return x


def _channels_first(x: Tensor) -> Tensor:
    return x.permute(0, -1, *range(1, x.ndim - 1))


def _channels_last(x: Tensor) -> Tensor:
    return x.permute(0, *range(2, x.ndim), 1)


def _resolve(padding: str | Pairs, sizes: Sequence[int], window: Sequence[int], strides: Ints, dilation: Ints) -> Pairs:
    """Padding as pairs; "same" is TensorFlow's, with the odd one after."""
    if padding == "valid":
        return ((0, 0),) * len(strides)
    if padding != "same":
        return padding  # type: ignore[return-value]  # pairs already
    totals = (max(((n + s - 1) // s - 1) * s + (k - 1) * d + 1 - n, 0) for n, k, s, d in zip(sizes, window, strides, dilation, strict=True))
    return tuple((total // 2, total - total // 2) for total in totals)


def _pad_uneven(x: Tensor, pairs: Pairs, window: Sequence[int], filler: float, half: bool = False) -> tuple[Tensor, Ints]:
    """`x` with what torch's symmetric padding can't do (in pools also not above half a window), and the symmetric rest."""
    if all(before == after >= 0 and not (half and before > size // 2) for (before, after), size in zip(pairs, window, strict=False)):
        return x, tuple(before for before, _ in pairs)
    return F.pad(x, [size for pair in reversed(pairs) for size in pair], value=filler), (0,) * len(pairs)


def _with_kernels(function: Callable[..., Tensor], *xs: Tensor) -> Tensor:
    """`function(*xs)`, in a wider dtype where torch lacks kernels: bool, most integers, and on a GPU all of them."""
    x = xs[0]
    if x.is_floating_point() or x.is_complex():
        return function(*xs)
    if x.dtype is torch.bool:  # products are "and", sums "or"
        return function(*(x.to(torch.float32) for x in xs)) > 0
    wide = torch.float64 if x.is_cuda else torch.int64  # on a GPU exact below 2**53
    return function(*(x.to(wide) for x in xs)).to(x.dtype)
