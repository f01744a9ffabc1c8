"""Answers in plain NumPy for ops that treat NaN, infinities, ranks and counts in another way than NumPy's functions."""

from __future__ import annotations

from typing import Any

import numpy as np


def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    nothing = np.isnan(x).all(axis, keepdims=keepdims)
    return np.where(nothing, -1, np.argmax(np.where(np.isnan(x), -np.inf, x), axis, keepdims=keepdims))


def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    nothing = np.isnan(x).all(axis, keepdims=keepdims)
    return np.where(nothing, -1, np.argmin(np.where(np.isnan(x), np.inf, x), axis, keepdims=keepdims))


def saturate_cast(x: Any, dtype: str) -> Any:
    x = np.asarray(x)
    if x.dtype == bool or dtype == "float64":
        return x.astype(dtype)
    if dtype == "bool":
        return np.isnan(x) | (x > 0) if x.dtype.kind == "f" else x > 0
    if dtype.startswith("float"):
        return np.clip(x.astype("float64"), np.finfo(dtype).min, np.finfo(dtype).max)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    return np.array([0 if n != n else int(min(max(n, low), high)) for n in x.ravel().tolist()], dtype).reshape(x.shape)


def _sane(function: Any) -> Any:
    """NumPy's quantiles, which are NaN between infinities of one sign and at one that has no weight, with what is meant there."""
    def reference(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
        flat = np.ravel(q) if np.ndim(q) > 1 else q  # np.nanquantile leaves the second axis of a `q` with two behind
        found, low, high = (function(x, flat, axis=axis, method=m, keepdims=keepdims) for m in (method, "lower", "higher"))
        y = np.where(np.isnan(found) & ~np.isnan(low), np.where(low == high, low, low + high), found)
        return y if np.ndim(q) < 2 else y.reshape(np.shape(q) + y.shape[1:])

    return reference


quantile, percentile, nanquantile, nanpercentile = map(_sane, (np.quantile, np.percentile, np.nanquantile, np.nanpercentile))


def argpartition(x: Any, kth: Any, axis: int | None = -1) -> Any:
    return np.argsort(x, axis, kind="stable")  # the one of the right answers that all engines give


def unravel_index(indices: Any, shape: Any) -> Any:
    count = int(np.prod(shape))
    return np.unravel_index(np.where(indices < 0, indices + count, indices), shape)


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    return np.trapezoid(y, None if x is None else x * 1.0, dx, axis)  # differences of unsigned integers would wrap around


def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    if x.ndim == 1:
        sums = np.bincount(x, None if weights is None else weights, minlength)
        return sums if weights is None or np.asarray(weights).dtype.kind == "f" else sums.astype("int64")
    length = max(int(x.max(initial=-1)) + 1, minlength)
    rows = [bincount(row, None if weights is None else weights[i], length) for i, row in enumerate(x)]
    return np.stack(rows) if rows else np.zeros((0, length))


def unique(x: Any, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,  # noqa: A002  # the op's name
           return_counts: bool = False, axis: int | None = None, size: int | None = None, fill_value: Any = None) -> Any:
    found = np.unique(x, True, True, True, axis, equal_nan=False) if size is None else distinct(x, size, axis, fill_value or 0)
    return tuple(y for y, wanted in zip(found, (True, return_index, return_inverse, return_counts), strict=True) if wanted)


def distinct(x: Any, size: int, axis: int | None = None, fill_value: Any = 0) -> Any:
    values, index, inverse, counts = np.unique(x, True, True, True, axis, equal_nan=False)
    place = 0 if axis is None else axis
    missing = max(size - len(index), 0)
    pairs = [(0, missing) if a == place % values.ndim else (0, 0) for a in range(values.ndim)]
    values = np.pad(values, pairs, constant_values=fill_value).take(range(size), place)
    index = np.pad(index, (0, missing), constant_values=index[0] if len(index) else 0)[:size]
    return values, index, inverse, np.pad(counts, (0, missing))[:size]
