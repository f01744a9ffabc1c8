"""Answers of NumPy and SciPy for linear algebra: the parity matrix takes them in float64.  Failures give NaN, as in a compiled function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _each(function: Callable[..., Any], *matrices: Any) -> list[Any]:
    """`function` of each matrix of a stack, its results stacked; NaN in the place of one that has no answer."""
    stack = np.broadcast_shapes(*(x.shape[:-2] for x in matrices))
    matrices = tuple(np.broadcast_to(x, (*stack, *x.shape[-2:])) for x in matrices)
    like = function(*(np.eye(*x.shape[-2:]) for x in matrices))
    results = [np.full((*stack, *np.shape(y)), np.nan, np.result_type(y)) for y in like]
    for at in np.ndindex(stack):
        if not all(np.isfinite(x[at]).all() for x in matrices):
            continue
        try:
            own = function(*(x[at] for x in matrices))
        except np.linalg.LinAlgError:
            continue
        for result, y in zip(results, own, strict=True):
            result[at] = y
    return results


def _swap(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _lower_read(x: Any) -> Any:
    """Symmetric matrices from their lower triangles."""
    return np.where(np.tri(x.shape[-1], dtype=bool), x, _swap(x))


def cholesky(x: Any, upper: bool = False) -> Any:
    y = np.tril(_each(lambda x: [np.linalg.cholesky(x)], _lower_read((_swap(x) if upper else x) * 1.0))[0])
    return _swap(y) if upper else y


def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    factor = np.triu(x) if upper else np.tril(x)
    return np.linalg.inv(_swap(factor) @ factor if upper else factor @ _swap(factor))


def lu_factor(x: Any) -> Any:
    import scipy.linalg

    if not x.size:
        return x * 1.0, np.zeros((*x.shape[:-2], min(x.shape[-2:])), "int32")
    lu, pivots = _each(lambda x: scipy.linalg.lu_factor(x, check_finite=False), x * 1.0)
    return lu, pivots.astype("int32")


def eigh(x: Any) -> Any:
    return tuple(_each(np.linalg.eigh, _lower_read(x * 1.0)))


def eig(x: Any) -> Any:
    return tuple(_each(lambda x: [y.astype("complex128") for y in np.linalg.eig(x)], x * 1.0))


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if compute_uv:
        return tuple(_each(lambda x: np.linalg.svd(x, full_matrices), x * 1.0))
    return np.linalg.svd(x * 1.0, compute_uv=False)


def matrix_rank(x: Any, tol: Any = None) -> Any:
    s = np.linalg.svd(x * 1.0, compute_uv=False)
    limit = s.max(-1, keepdims=True, initial=0) * max(x.shape[-2:]) * np.finfo("float64").eps if tol is None else tol
    return (s > limit).sum(-1).astype("int32")


def pinv(x: Any, rcond: Any = None) -> Any:
    return np.linalg.pinv(x * 1.0, max(x.shape[-2:]) * np.finfo("float64").eps if rcond is None else rcond)


def _columns(a: Any, b: Any) -> tuple[Any, bool]:
    vectors = b.ndim in (1, a.ndim - 1)
    return b[..., None] if vectors else b, vectors


def _solved(a: Any, b: Any) -> Any:
    columns, vectors = _columns(a, b)
    x = np.linalg.solve(a, columns)
    return x[..., 0] if vectors else x


def solve(a: Any, b: Any) -> Any:
    return _solved(a, b)


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    return _solved(np.tril(a) if lower else np.triu(a), b)


def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    columns, vectors = _columns(a, b)
    x = pinv(a, None if rcond is None or rcond < 0 else rcond) @ columns
    return x[..., 0] if vectors else x


def inv(x: Any) -> Any:
    return np.linalg.inv(x * 1.0)


def det(x: Any) -> Any:
    return np.linalg.det(x * 1.0)


def slogdet(x: Any) -> Any:
    return tuple(np.linalg.slogdet(x * 1.0))


def logdet(x: Any) -> Any:
    return np.linalg.slogdet(x * 1.0)[1]


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002  # the op's name for it
    return np.linalg.norm(x * 1.0, ord, tuple(axis) if isinstance(axis, list) else axis, keepdims)
