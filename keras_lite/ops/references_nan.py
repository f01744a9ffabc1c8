"""Answers in plain NumPy for ops that treat NaN, infinities and the limits of dtypes in another way than NumPy's functions."""

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
