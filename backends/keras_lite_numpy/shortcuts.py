"""Natives that are a few functions of NumPy where the composite is many: they count in calls with small arrays.

They serve arrays that are not differentiated, most of them float32 and float64 ones; for others, and for arguments that they do not
know, the composite does its work.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite_numpy.tape import call

Array = np.ndarray
_FLOATS = frozenset((np.dtype("float32"), np.dtype("float64")))
_NUMBER = (int, float)


def _is_float(*xs: Any) -> bool:
    """Whether all are float32 or float64 arrays."""
    return all(x.__class__ is np.ndarray and x.dtype in _FLOATS for x in xs)


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """A native of one float array, which is computed without warnings."""

    @functools.wraps(function)
    def run(x: Any, *args: Any, **kwargs: Any) -> Any:
        if x.__class__ is not np.ndarray or x.dtype not in _FLOATS:
            return NotImplemented
        return call(function, x, *args, **kwargs)

    return run


def moving(function: Callable[..., Any]) -> Callable[..., Any]:
    """A native that moves the elements of one array, of any dtype."""

    @functools.wraps(function)
    def run(x: Any, *args: Any, **kwargs: Any) -> Any:
        return function(x, *args, **kwargs) if x.__class__ is np.ndarray else NotImplemented

    return run


def _is_whole(*numbers: Any) -> bool:
    return all(type(n) is int for n in numbers)


def _fits(x: Array, axis: Any) -> bool:
    """Whether there are numbers along `axis`: an int, or None for all."""
    return bool(x.size and x.ndim) and (axis is None or type(axis) is int)


# --- matrices ------------------------------------------------------------------------------------------------------------


@moving
def tril(x: Array, k: int = 0) -> Any:
    return np.tril(x, k) if _is_whole(k) and x.ndim > 1 else NotImplemented


@moving
def triu(x: Array, k: int = 0) -> Any:
    return np.triu(x, k) if _is_whole(k) and x.ndim > 1 else NotImplemented


@moving
def diagonal(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.diagonal(x, offset, axis1, axis2).copy() if _is_whole(offset, axis1, axis2) else NotImplemented


@moving
def diag(x: Array, k: int = 0) -> Any:
    return np.diag(x, k).copy() if _is_whole(k) and x.ndim in (1, 2) else NotImplemented


@plain
def trace(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.trace(x, offset, axis1, axis2) if _is_whole(offset, axis1, axis2) else NotImplemented


def _solved(function: Callable[[Array], Array], x: Array) -> Any:
    """The finite result of a function of linear algebra; what else there is the composite tells."""
    try:
        y = function(x)
    except np.linalg.LinAlgError:
        return NotImplemented
    return y if math.isfinite(y.sum()) else NotImplemented


@plain
def cholesky(x: Array, upper: bool = False) -> Any:
    return NotImplemented if upper else _solved(np.linalg.cholesky, x)


@plain
def inv(x: Array) -> Any:
    return _solved(np.linalg.inv, x)


@plain
def norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002  # the op's name
    one = type(axis) is int and (ord is None or (type(ord) in _NUMBER and ord == 2))
    if not x.ndim or not (one or (ord is None and axis is None)):
        return NotImplemented
    return np.sqrt(np.square(x).sum(axis, keepdims=bool(keepdims)))


# --- elements ------------------------------------------------------------------------------------------------------------


def _sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (e + 1)


def _softplus(x: Array) -> Array:
    return np.log1p(np.exp(-np.abs(x))) + np.where(x >= 0, x, 0)


@plain
def sigmoid(x: Array) -> Any:
    return _sigmoid(x)


@plain
def silu(x: Array) -> Any:
    return x * _sigmoid(x)


@plain
def softplus(x: Array) -> Any:
    return _softplus(x)


@plain
def log_sigmoid(x: Array) -> Any:
    return -_softplus(-x)


@plain
def gelu(x: Array, approximate: bool = True) -> Any:
    return x * _sigmoid(x * (x * x * 0.044715 + 1) * (2 * math.sqrt(2 / math.pi))) if approximate else NotImplemented


@plain
def relu6(x: Array) -> Any:
    return np.minimum(np.maximum(x, 0), 6)


@plain
def hard_sigmoid(x: Array) -> Any:
    return np.minimum(np.maximum(x + 3, 0), 6) / 6


@plain
def hard_silu(x: Array) -> Any:
    return x * (np.minimum(np.maximum(x + 3, 0), 6) / 6)


@plain
def clip(x: Array, x_min: Any, x_max: Any) -> Any:
    if type(x_min) not in _NUMBER or type(x_max) not in _NUMBER:
        return NotImplemented
    return np.minimum(np.maximum(x, x_min), x_max)


def divide_no_nan(x1: Array, x2: Array) -> Any:
    return call(lambda: np.where(x2 == 0, 0, x1 / x2)) if _is_float(x1, x2) else NotImplemented


def logaddexp(x1: Array, x2: Array) -> Any:
    return call(np.logaddexp, x1, x2) if _is_float(x1, x2) else NotImplemented


@plain
def nan_to_num(x: Array, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    if type(nan) not in _NUMBER or not all(n is None or type(n) in _NUMBER for n in (posinf, neginf)):
        return NotImplemented
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def isclose(x1: Array, x2: Array, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Any:
    if not _is_float(x1, x2) or type(rtol) not in _NUMBER or type(atol) not in _NUMBER:
        return NotImplemented
    close = call(lambda: (np.abs(x1 - x2) <= atol + rtol * np.abs(x2)) & np.isfinite(x2) | (x1 == x2))
    return call(lambda: close | (np.isnan(x1) & np.isnan(x2))) if equal_nan else close


# --- over axes -----------------------------------------------------------------------------------------------------------


@plain
def softmax(x: Array, axis: Any = -1) -> Any:
    if not _fits(x, axis):
        return NotImplemented
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


@plain
def log_softmax(x: Array, axis: Any = -1) -> Any:
    if not _fits(x, axis):
        return NotImplemented
    z = x - x.max(axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis, keepdims=True))


@plain
def logsumexp(x: Array, axis: Any = None, keepdims: bool = False) -> Any:
    if not _fits(x, axis):
        return NotImplemented
    top = x.max(axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    y = np.log(np.exp(x - top).sum(axis, keepdims=True)) + top
    return y if keepdims else y.squeeze(axis)


def take_class(x: Array, labels: Array, axis: int) -> Any:
    if not _is_float(x) or labels.__class__ is not np.ndarray or not x.shape[axis] or labels.shape != x.shape[:axis] + x.shape[axis + 1:]:
        return NotImplemented
    inside = (labels >= 0) & (labels < x.shape[axis])
    index = np.expand_dims(np.where(inside, labels, 0), axis)
    return np.where(inside, np.take_along_axis(x, index, axis).squeeze(axis), 0)


def segment_sum(data: Array, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:  # noqa: A002  # see above
    ids = segment_ids
    if not _is_float(data) or ids.__class__ is not np.ndarray or ids.dtype.kind != "i" or ids.shape != data.shape[:1]:
        return NotImplemented
    if type(num_segments) is not int or num_segments < 0 or not ids.size or ids.min() < 0 or ids.max() >= num_segments:
        return NotImplemented
    y = np.zeros((num_segments, *data.shape[1:]), data.dtype)
    np.add.at(y, ids, data)
    return y


def ctc(logits: Array, labels: Any, label_lengths: Any, frame_lengths: Any, blank: int) -> Any:
    """The forward recursion over the frames, with -inf for what can't be."""
    if not _is_float(logits) or not logits.size or not all(x.__class__ is np.ndarray for x in (labels, label_lengths, frame_lengths)):
        return NotImplemented
    path = np.full((len(labels), 2 * labels.shape[1] + 1), blank)
    path[:, 1::2] = labels
    return call(_alignments, np.take_along_axis(log_softmax(logits), path[:, None], 2), path, 2 * label_lengths[:, None], frame_lengths)


def _alignments(scores: Array, path: Array, ends: Array, frame_lengths: Array) -> Array:
    """`-log` of the sum over all ways along `path`, which has blanks around the labels, by `scores` (B, T, path)."""
    shut = path[:, 2:] == path[:, :-2]  # no blank between two equal labels may be left out
    alpha = np.where(np.arange(path.shape[1]) == 0, scores.dtype.type(0), scores.dtype.type(-np.inf)) + np.zeros(path.shape, scores.dtype)
    for t in range(scores.shape[1]):
        moved = alpha.copy()
        moved[:, 1:] = np.logaddexp(alpha[:, 1:], alpha[:, :-1])
        moved[:, 2:] = np.logaddexp(moved[:, 2:], np.where(shut, -np.inf, alpha[:, :-2]))
        alpha = np.where((t < frame_lengths)[:, None], moved + scores[:, t], alpha)
    label = np.where(ends > 0, np.take_along_axis(alpha, np.maximum(ends - 1, 0), 1), -np.inf)
    return -np.logaddexp(np.take_along_axis(alpha, ends, 1), label)[:, 0].astype(scores.dtype)


# --- arrangement ---------------------------------------------------------------------------------------------------------


@moving
def unstack(x: Array, num: int | None = None, axis: int = 0) -> Any:
    if num is not None or not _is_whole(axis):
        return NotImplemented
    rows = np.moveaxis(x, axis, 0)
    return [rows[i, ...] for i in range(len(rows))]


@moving
def repeat(x: Array, repeats: Any, axis: int | None = None) -> Any:
    return np.repeat(x, repeats, axis) if type(repeats) is int and (axis is None or type(axis) is int) else NotImplemented


@moving
def roll(x: Array, shift: Any, axis: Any = None) -> Any:
    return np.roll(x, shift, axis) if type(shift) is int and (axis is None or type(axis) is int) else NotImplemented


@moving
def tile(x: Array, repeats: Any) -> Any:
    counts = repeats if type(repeats) in (tuple, list) else (repeats,)
    return np.tile(x, counts) if _is_whole(*counts) and min(counts, default=0) >= 0 else NotImplemented


def irfft(x: Any, fft_length: int | None = None) -> Any:
    if type(x) not in (list, tuple) or len(x) != 2 or not _is_float(*x) or not (fft_length is None or type(fft_length) is int):
        return NotImplemented
    if x[0].dtype != x[1].dtype or x[0].shape != x[1].shape or not x[0].size:
        return NotImplemented
    spectrum = np.empty(x[0].shape, "complex64" if x[0].itemsize == 4 else "complex128")
    spectrum.real, spectrum.imag = x
    return call(np.fft.irfft, spectrum, fft_length)


SHORTCUTS: dict[str, Callable[..., Any]] = {f.__name__: f for f in (
    tril, triu, diagonal, diag, trace, cholesky, inv, norm, sigmoid, silu, softplus, log_sigmoid, gelu, relu6, hard_sigmoid, hard_silu,
    clip, divide_no_nan, logaddexp, nan_to_num, isclose, softmax, log_softmax, logsumexp, take_class, segment_sum, unstack, repeat, roll,
    tile, irfft, ctc,
)}
