"""Natives of what sorts: a few functions of NumPy for arrays that are not differentiated."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite_numpy.shortcuts import Array, is_plain, plain

_LARGE = 1e30  # beyond which distances may overflow


@plain
def median(x: Array, axis: Any = None, keepdims: bool = False) -> Any:
    if not _serves(x, axis):
        return NotImplemented
    ordered = np.sort(x, axis)
    last = ordered[-1:] if axis is None else ordered.take([-1], axis)  # where NaN stands, which takes all
    return _arranged(x, _middle(np.where(np.isnan(last), last, ordered), axis), axis, keepdims)


@plain
def nanmedian(x: Array, axis: Any = None, keepdims: bool = False) -> Any:
    return _arranged(x, _middle(np.sort(x, axis), axis), axis, keepdims) if _serves(x, axis) else NotImplemented


def _serves(x: Array, axis: Any) -> bool:
    return bool(x.size and x.ndim) and (axis is None or type(axis) is int)


def _middle(ordered: Array, axis: int | None) -> Array:
    """The median along an axis, which stays, of what comes before NaN in sorted elements."""
    along = 0 if axis is None else axis
    there = ordered.shape[along] - np.isnan(ordered).sum(along, keepdims=True)
    low, high = (np.take_along_axis(ordered, place, along) for place in (np.maximum(there - 1, 0) // 2, there // 2))
    return np.where(low == high, low, low * 0.5 + high * 0.5)  # halves, whose sum does not overflow


def _arranged(x: Array, found: Array, axis: int | None, keepdims: bool) -> Array:
    if axis is None:
        return found.reshape((1,) * x.ndim if keepdims else ())
    return found if keepdims else found.squeeze(axis)


def histogram(x: Array, bins: int = 10, range: Any = None) -> Any:  # noqa: A002  # the op's name; not used here
    if not is_plain(x) or type(bins) is not int or bins < 1 or x.ndim != 1 or not x.size or range is not None:
        return NotImplemented
    low, high = x.min(), x.max()
    if not (math.isfinite(low) and abs(low) < _LARGE and math.isfinite(high) and abs(high) < _LARGE):
        return NotImplemented
    counts, edges = np.histogram(x, bins)
    return counts.astype("int32"), edges.astype(x.dtype, copy=False)


def unique(x: Array, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,  # noqa: A002  # the op's name
           return_counts: bool = False, axis: Any = None, size: Any = None, fill_value: Any = None) -> Any:
    """Only the elements; with anything else that is asked for it is the composite's."""
    asked = return_index or return_inverse or return_counts or any(y is not None for y in (axis, size, fill_value))
    if asked or x.__class__ is not np.ndarray or x.dtype.kind not in "iuf" or not x.size:
        return NotImplemented
    return np.unique(x + 0 if x.dtype.kind == "f" else x, equal_nan=False)  # -0.0 is 0.0


SORTING: dict[str, Callable[..., Any]] = {f.__name__: f for f in (median, nanmedian, histogram, unique)}
