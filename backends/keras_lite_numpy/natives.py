"""Own implementations of ops of the table.  They are few: the composites are the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine import normals
from keras_lite_numpy.elementwise import less_equal, where
from keras_lite_numpy.functions import as_type, is_inexact, unary
from keras_lite_numpy.randomness import uniform_numbers
from keras_lite_numpy.reductions import comparable
from keras_lite_numpy.shortcuts import SHORTCUTS
from keras_lite_numpy.sorting import SORTING
from keras_lite_numpy.tape import Tensor, Traced, call, values_of


def normal_from_odds(odds: Tensor, sign: Tensor) -> Tensor:
    """The composite on blocks that stay in the cache, in place: several times as fast."""
    return call(normals.normal_from_odds, values_of(odds), values_of(sign))


def normal_from_bits(bits: Tensor) -> Any:
    return NotImplemented if bits.dtype.kind != "i" else call(normals.normal_from_bits, values_of(bits))


_relu = unary(lambda x: np.maximum(x, x.dtype.type(0)), lambda g, y, x: where(less_equal(x, 0), 0, g), exact=True)


def relu(x: Tensor) -> Tensor:
    """The composite makes a mask first: a fourth of the speed for small arrays."""
    kind = x.dtype.kind
    return NotImplemented if kind == "c" else _relu(as_type(x, np.dtype("int32")) if kind == "b" else x)


def signbit(x: Tensor) -> Tensor:
    x = values_of(x)
    return np.asarray(np.signbit(x) if is_inexact(x.dtype) else x < 0)


def isin(x1: Tensor, x2: Tensor, assume_unique: bool = False, invert: bool = False) -> Any:
    """Of integers by a table instead of a search."""
    if "c" in (x1.dtype.kind, x2.dtype.kind):
        return NotImplemented
    return call(lambda x1, x2: np.isin(x1, x2, invert=bool(invert)), comparable(x1), comparable(x2))


def bincount(x: Tensor, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """Counts in a vector by NumPy's own function, which refuses negative numbers too."""
    if sparse or weights is not None or x.ndim != 1 or type(minlength) is not int or not x.size or x.min() < 0:
        return NotImplemented
    if not 0 <= minlength < 2**31:
        return NotImplemented
    return np.bincount(x, minlength=minlength).astype("int32") if x.dtype.kind in "iu" and x.max() < 2**31 - 1 else NotImplemented


def correlate(x1: Tensor, x2: Tensor, mode: str = "valid") -> Any:
    """NumPy's own function, where the composite's zeros beside the vectors make no NaN."""
    if mode not in _MODES or any(x.__class__ is Traced or x.ndim != 1 or not x.size or not np.isfinite(x).all() for x in (x1, x2)):
        return NotImplemented
    return call(np.correlate, comparable(x1), comparable(x2), mode).astype(x1.dtype, copy=False)


_MODES = ("valid", "same", "full")

NATIVES: dict[str, Callable[..., Any]] = {
    "normal_from_bits": normal_from_bits, "normal_from_odds": normal_from_odds, "relu": relu, "signbit": signbit,
    "uniform_numbers": uniform_numbers, "bincount": bincount, "correlate": correlate, "isin": isin, **SHORTCUTS, **SORTING,
}
