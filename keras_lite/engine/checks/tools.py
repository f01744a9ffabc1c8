"""What the checks are written with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import numpy_dtype

Check = Callable[[Any], None]
NAN, INF = float("nan"), float("inf")


class Unexpected(Exception):
    """A result differs from what the contract says."""


def checks_of(module: ModuleType) -> list[Check]:
    """The public functions that `module` defines, in their order: its checks."""
    defined = [f for f in vars(module).values() if isinstance(f, FunctionType) and f.__module__ == module.__name__]
    return [f for f in defined if not f.__name__.startswith("_")]


def tensor(engine: Any, values: Any, dtype: str = "float32") -> Any:
    """A tensor of the engine with these values."""
    return engine.convert(np.asarray(values, numpy_dtype(dtype)), dtype)


def same(engine: Any, got: Any, want: Any, dtype: str | None = None, tol: float = 0.0, of: str = "") -> None:
    """Raise `Unexpected` unless the tensor `got` has the shape and values of `want` (NaN equal to NaN) and the dtype if given."""
    if not engine.is_tensor(got):
        raise Unexpected(f"{of or 'the result'} is no tensor of the engine but {type(got).__name__}: {got!r}")
    want, array = np.asarray(want), engine.to_numpy(got)
    kind = complex if array.dtype.kind == "c" else float
    values, expected = array.astype(kind), want.astype(kind)
    fits = array.shape == want.shape == tuple(engine.shape_of(got))
    fits = fits and np.allclose(values, expected, rtol=tol, atol=tol, equal_nan=True)
    if not fits or (dtype is not None and engine.dtype_of(got) != dtype):
        raise Unexpected(f"{of and of + ': '}expected {dtype or 'values'} {want.tolist()}, got {array.dtype} {array.tolist()}")


def holds(fact: Any, what: str) -> None:
    """Raise `Unexpected` with `what` unless `fact`."""
    if not fact:
        raise Unexpected(what)


def total(engine: Any, x: Any) -> Any:
    """The sum of all elements as a scalar tensor."""
    return engine.reduce_sum(x, tuple(range(len(engine.shape_of(x)))), False)


def gradient(engine: Any, fn: Callable[..., Any], *values: Any, weights: Any = None) -> list[Any]:
    """Gradients of the sum of `fn(*tensors)`, times `weights` if given, with respect to the float32 tensors of `values`."""
    def scalar(tensors: list[Any]) -> tuple[Any, None]:
        y = fn(*tensors)
        return total(engine, y if weights is None else engine.multiply(y, tensor(engine, weights))), None

    return engine.value_and_grad(scalar, [tensor(engine, v) for v in values])[2]


def second_gradient(engine: Any, fn: Callable[..., Any], *values: Any) -> list[Any]:
    """Gradients of the sum of all elements of the gradients of the sum of `fn(*tensors)`."""
    def slope(tensors: list[Any]) -> tuple[Any, None]:
        slopes = engine.value_and_grad(lambda xs: (total(engine, fn(*xs)), None), tensors)[2]
        return functools.reduce(engine.add, (total(engine, x) for x in slopes)), None

    return engine.value_and_grad(slope, [tensor(engine, v) for v in values])[2]
