"""Natives that are one function of torch where the composite is many: they count in eager calls of small tensors.

Those that are `plain` serve tensors of which nobody wants a derivative.  The others have torch's own derivative, which is right.
Arguments that are wrong raise torch's error: the frontend then says what the composite says.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

import torch

from keras_lite_torch.tracing import is_recorded

Tensor: TypeAlias = torch.Tensor
_FLOATS = (torch.float32, torch.float64)
_USUAL = frozenset((*_FLOATS, torch.float16, torch.bfloat16, torch.int32, torch.int64, torch.bool))
_NUMBER = (int, float)
_LARGE = 1e15  # beyond which torch refuses ints, and floats that float32 does not hold


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """A native of float32 and float64 tensors, by position, that are not recorded."""

    @functools.wraps(function)
    def run(x: Any, *args: Any, **kwargs: Any) -> Any:
        return NotImplemented if x.dtype not in _FLOATS or is_recorded(x) else function(x, *args, **kwargs)

    return run


def _is_whole(*numbers: Any) -> bool:
    return all(type(n) is int for n in numbers)


# --- matrices ------------------------------------------------------------------------------------------------------------


def tril(x: Tensor, k: int = 0) -> Tensor:
    return torch.tril(x, k) if x.dtype in _USUAL and _is_whole(k) else NotImplemented


def triu(x: Tensor, k: int = 0) -> Tensor:
    return torch.triu(x, k) if x.dtype in _USUAL and _is_whole(k) else NotImplemented


def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return torch.diagonal(x, offset, axis1, axis2) if _is_whole(offset, axis1, axis2) else NotImplemented


def diag(x: Tensor, k: int = 0) -> Tensor:
    if not _is_whole(k) or x.dtype not in _USUAL or x.ndim not in (1, 2):
        return NotImplemented
    return torch.diag_embed(x, k) if x.ndim == 1 else torch.diagonal(x, k)


def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    if x.dtype not in _FLOATS:
        return NotImplemented
    found = diagonal(x, offset, axis1, axis2)
    return found if found is NotImplemented else found.sum(-1)


@plain
def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    y, failed = torch.linalg.cholesky_ex(x, upper=bool(upper))
    return NotImplemented if failed.any() else y


@plain
def inv(x: Tensor) -> Tensor:
    y, failed = torch.linalg.inv_ex(x)
    return NotImplemented if failed.any() or not torch.isfinite(y.sum()) else y


@plain
def eigh(x: Tensor) -> Any:
    if not torch.isfinite(x.sum()):
        return NotImplemented
    values, vectors = torch.linalg.eigh(x)
    return values, vectors


@plain
def norm(x: Tensor, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:  # noqa: A002  # the op's name
    one = type(axis) is int and (ord is None or (type(ord) in _NUMBER and ord == 2))
    if not x.ndim or not (one or (ord is None and axis is None)):
        return NotImplemented
    return torch.linalg.vector_norm(x, 2, axis, bool(keepdims))


# --- products ------------------------------------------------------------------------------------------------------------


def dot(x1: Tensor, x2: Tensor) -> Tensor:
    return x1 @ x2 if x1.dtype in _FLOATS and 0 < x1.ndim <= 2 and 0 < x2.ndim <= 2 else NotImplemented


def inner(x1: Tensor, x2: Tensor) -> Tensor:
    return x1 @ x2 if x1.dtype in _FLOATS and x1.ndim == x2.ndim == 1 else NotImplemented


def vdot(x1: Tensor, x2: Tensor) -> Tensor:
    return torch.dot(x1.reshape(-1), x2.reshape(-1)) if x1.dtype in _FLOATS else NotImplemented


def outer(x1: Tensor, x2: Tensor) -> Tensor:
    return torch.outer(x1, x2) if x1.dtype in _FLOATS and x1.ndim == x2.ndim == 1 else NotImplemented


def kron(x1: Tensor, x2: Tensor) -> Tensor:
    return torch.kron(x1, x2) if x1.dtype in _FLOATS else NotImplemented


def cross(x1: Tensor, x2: Tensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    if x1.dtype not in _FLOATS or axis is not None or not axisa == axisb == axisc == -1 or x1.ndim != x2.ndim or not x1.ndim:
        return NotImplemented
    return torch.linalg.cross(x1, x2) if x1.shape[-1] == x2.shape[-1] == 3 else NotImplemented


# --- elements ------------------------------------------------------------------------------------------------------------


@plain
def clip(x: Tensor, x_min: Any, x_max: Any) -> Tensor:
    if type(x_min) not in _NUMBER or type(x_max) not in _NUMBER or not (abs(x_min) < _LARGE and abs(x_max) < _LARGE):
        return NotImplemented
    return torch.clamp(x, x_min, x_max)


def divide_no_nan(x1: Tensor, x2: Tensor) -> Tensor:
    return NotImplemented if x1.dtype not in _FLOATS or is_recorded(x1, x2) else torch.where(x2 == 0, 0.0, x1 / x2)


def nan_to_num(x: Tensor, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Tensor:
    if x.dtype not in _FLOATS or type(nan) not in _NUMBER or not all(n is None or type(n) in _NUMBER for n in (posinf, neginf)):
        return NotImplemented
    return torch.nan_to_num(x, nan, posinf, neginf)


def isclose(x1: Tensor, x2: Tensor, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Tensor:
    if x1.dtype not in _FLOATS or type(rtol) not in _NUMBER or type(atol) not in _NUMBER or rtol < 0 or atol < 0:
        return NotImplemented
    return torch.isclose(x1, x2, rtol, atol, bool(equal_nan))


# --- over axes -----------------------------------------------------------------------------------------------------------


@plain
def logsumexp(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    if not x.numel() or not x.ndim or not (axis is None or type(axis) is int):
        return NotImplemented
    return torch.logsumexp(x, tuple(range(x.ndim)) if axis is None else axis, bool(keepdims))


@plain
def nansum(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.nansum(x, axis, bool(keepdims)) if x.ndim and (axis is None or type(axis) is int) else NotImplemented


# --- arrangement ---------------------------------------------------------------------------------------------------------


def unstack(x: Tensor, num: int | None = None, axis: int = 0) -> list[Tensor]:
    return list(x.unbind(axis)) if num is None and _is_whole(axis) else NotImplemented


def repeat(x: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    if type(repeats) is not int or not (axis is None or type(axis) is int) or not x.ndim or x.dtype not in _USUAL:
        return NotImplemented
    return torch.repeat_interleave(x, repeats, axis)


def tile(x: Tensor, repeats: Any) -> Tensor:
    """Always in a memory of its own, where the composite may be a view: of each element once, to be written."""
    counts = repeats if type(repeats) in (tuple, list) else (repeats,)
    return torch.tile(x, counts) if _is_whole(*counts) and min(counts, default=0) >= 0 else NotImplemented


def roll(x: Tensor, shift: Any, axis: Any = None) -> Tensor:
    if type(shift) is not int or not (axis is None or type(axis) is int) or x.dtype not in _USUAL:
        return NotImplemented
    return torch.roll(x, shift, axis)


def extract_sequences(x: Tensor, sequence_length: int, sequence_stride: int) -> Tensor:
    if not _is_whole(sequence_length, sequence_stride) or not x.ndim or not 0 < sequence_length <= x.shape[-1]:
        return NotImplemented
    return x.unfold(-1, sequence_length, sequence_stride).contiguous()


def irfft(x: Any, fft_length: int | None = None) -> Tensor:
    if not isinstance(x, (list, tuple)) or len(x) != 2 or not (fft_length is None or type(fft_length) is int):
        return NotImplemented
    real, imag = x
    if not all(isinstance(part, torch.Tensor) and part.dtype in _FLOATS and part.device.type == "cpu" for part in x) or is_recorded(*x):
        return NotImplemented  # elsewhere imaginary parts that mean nothing may have an effect
    if real.dtype is not imag.dtype or real.shape != imag.shape or not real.numel():
        return NotImplemented
    return torch.fft.irfft(torch.complex(real, imag), fft_length)


SHORTCUTS: dict[str, Callable[..., Any]] = {f.__name__: f for f in (
    tril, triu, diagonal, diag, trace, cholesky, inv, eigh, norm, dot, inner, vdot, outer, kron, cross, clip, divide_no_nan, nan_to_num,
    isclose, logsumexp, nansum, unstack, repeat, tile, roll, extract_sequences, irfft,
)}
