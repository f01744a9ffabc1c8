"""Shape rules of linear algebra."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.symbolic.rules import broadcast_shapes
from keras_lite.symbolic.spec import KerasTensor

spec = KerasTensor.spec


def _smaller(m: Any, n: Any) -> Any:
    """min(m, n); unknown if one is, unless the other is 0."""
    if m is None or n is None:
        return 0 if 0 in (m, n) else None
    return min(m, n)


def cholesky(x: KerasTensor) -> KerasTensor:
    return spec(x.shape, x.dtype)


def det(x: KerasTensor) -> KerasTensor:
    return spec(x.shape[:-2], x.dtype)


def slogdet(x: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    return det(x), det(x)


def eig(x: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    dtype = {"float32": "complex64", "float64": "complex128"}[x.dtype]
    return spec(x.shape[:-1], dtype), spec(x.shape, dtype)


def eigh(x: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    return spec(x.shape[:-1], x.dtype), spec(x.shape, x.dtype)


def lu_factor(x: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    return spec(x.shape, x.dtype), spec((*x.shape[:-2], _smaller(*x.shape[-2:])), "int32")


def qr(x: KerasTensor, complete: bool) -> tuple[KerasTensor, KerasTensor]:
    *stack, m, n = x.shape
    rows = m if complete else _smaller(m, n)
    return spec((*stack, m, rows), x.dtype), spec((*stack, rows, n), x.dtype)


def _solved(name: str, a: KerasTensor, b: KerasTensor) -> KerasTensor:
    try:
        stack = broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError as error:
        raise invalid(name, f"leading axes of {a.shape} and {b.shape} do not broadcast: {error}") from None
    n = b.shape[-2] if a.shape[-1] is None else a.shape[-1]
    return spec((*stack, n, b.shape[-1]), b.dtype)


def solve(a: KerasTensor, b: KerasTensor) -> KerasTensor:
    return _solved("solve", a, b)


def solve_triangular(a: KerasTensor, b: KerasTensor, lower: bool) -> KerasTensor:
    return _solved("solve_triangular", a, b)


def svd(x: KerasTensor) -> tuple[KerasTensor, KerasTensor, KerasTensor]:
    *stack, m, n = x.shape
    k = _smaller(m, n)
    return spec((*stack, m, k), x.dtype), spec((*stack, k), x.dtype), spec((*stack, k, n), x.dtype)


def singular_values(x: KerasTensor) -> KerasTensor:
    return svd(x)[1]
