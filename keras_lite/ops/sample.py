"""Samples: the calls by which an op is checked.  An op without samples fails the suite."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import COMPLEX, is_float, numpy_dtype


@dataclass(eq=False)  # and not frozen: importing the package makes thousands, and to freeze one takes longer than to make it
class Array:
    """A random array of a sample, the same in every run: uniform in [low, high), or exactly `values`."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    low: float = -2.0
    high: float = 2.0
    values: Any = None

    def make(self, salt: str, dtype: str | None = None) -> np.ndarray:
        """The array; `dtype` replaces the declared one in the dtype sweep."""
        dtype = dtype or self.dtype
        if self.values is not None:
            return np.array(self.values).astype(numpy_dtype(dtype)).reshape(self.shape)
        seed = int.from_bytes(hashlib.sha256(f"{salt}{self.shape}{self.dtype}".encode()).digest()[:8], "little")
        rng = np.random.default_rng(seed)
        if dtype == "bool":
            return rng.random(self.shape) < 0.5
        if dtype in COMPLEX:
            first, second = rng.uniform(self.low, self.high, (2, *self.shape))
            return np.asarray(first + 1j * second).astype(dtype)
        low = max(self.low, 0) if dtype.startswith("uint") else self.low
        x = rng.uniform(low, self.high, self.shape) if is_float(dtype) else rng.integers(int(low), max(int(self.high), int(low) + 1),
                                                                                         self.shape)
        return np.asarray(x).astype(numpy_dtype(dtype))


def f32(*shape: int, low: float = -2.0, high: float = 2.0) -> Array:
    """A float32 array of the shape."""
    return Array(shape, "float32", low, high)


def i32(*shape: int, low: int = -5, high: int = 6) -> Array:
    """An int32 array of the shape, low <= x < high."""
    return Array(shape, "int32", low, high)


def c64(*shape: int) -> Array:
    """A complex64 array of the shape, both parts uniform in [-2, 2)."""
    return Array(shape, "complex64")


def boolean(*shape: int) -> Array:
    """A bool array of the shape."""
    return Array(shape, "bool")


def array(values: Any, dtype: str = "float32") -> Array:
    """Exactly these values."""
    return Array(np.shape(values), dtype, values=values)


@dataclass(eq=False, init=False)
class Sample:
    """One call of an op: positional and keyword arguments, where each `Array` (also in lists) stands for a tensor.

    `error` is a regular expression that the message of the expected error must match.  `grad=False` leaves the gradient
    out (with a reason as a string where it is not obvious); `tol` multiplies the tolerance, also with a reason beside it.
    `eager=False` is for calls whose error shows only on specs.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    error: str | None
    grad: bool
    tol: float
    eager: bool

    def __init__(self, *args: Any, error: str | None = None, grad: bool = True, tol: float = 1.0, eager: bool = True, **kwargs: Any):
        self.args, self.kwargs, self.error, self.grad, self.tol, self.eager = args, kwargs, error, grad, tol, eager
