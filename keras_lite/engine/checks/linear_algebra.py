"""Checks of linear algebra: factors against the matrix that they make, and gradients of such products, which have simple forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine.checks.tools import INF, NAN, gradient, holds, same, second_gradient, tensor

_RNG = np.random.default_rng(11)
_REGULAR = np.array([[[4, 1, -2], [1, 3, 0.5], [2, -1, 5]], [[0, 2, 1], [1, 0, 0], [3, 1, 2]]], "float32")
_SYMMETRIC = np.array([[[4, 1, 0], [1, 3, 0.5], [0, 0.5, 6]], [[2, -1, 0.5], [-1, 5, 1], [0.5, 1, 9]]], "float32")
_TALL = np.array([[[1, 2], [3, 5], [-2, 0.5]], [[2, 0], [1, 1], [0, 3]]], "float32")
_WIDE = np.swapaxes(_TALL, 1, 2)
_WEIGHTS = _RNG.integers(-4, 5, (2, 3, 3)).astype("float32")
_TOL = 2e-5


def _swap(e: Any, x: Any) -> Any:
    return e.transpose(x, (*range(len(e.shape_of(x)) - 2), len(e.shape_of(x)) - 1, len(e.shape_of(x)) - 2))


def _turned(x: np.ndarray) -> np.ndarray:
    return np.swapaxes(x, -1, -2)


def _scaled(e: Any, q: Any, s: Any) -> Any:
    """The columns of `q` times the elements of `s`."""
    *stack, k = e.shape_of(s)
    return e.multiply(q, e.reshape(s, (*stack, 1, k)))


def _same_slope(e: Any, fn: Callable[[Any], Any], x: np.ndarray, want: np.ndarray, of: str, symmetric: bool = False) -> None:
    """The gradient of `fn`, whose value is a stack of matrices, weighted."""
    shape = e.shape_of(fn(tensor(e, x)))
    got = gradient(e, fn, x, weights=_WEIGHTS[:, :shape[1], :shape[2]])[0]
    if symmetric:
        got = e.multiply(e.add(got, _swap(e, got)), 0.5)
    same(e, got, want, "float32", _TOL, of)


def _weights(m: int, n: int) -> np.ndarray:
    return _WEIGHTS[:, :m, :n].astype("float64")


def _half_sum(x: np.ndarray) -> np.ndarray:
    return (x + _turned(x)) / 2


def cholesky_makes_the_matrix(e: Any) -> None:
    factor = e.cholesky(tensor(e, _SYMMETRIC))
    same(e, factor, np.linalg.cholesky(_SYMMETRIC), "float32", _TOL)
    whole = lambda x: e.matmul(e.cholesky(x), _swap(e, e.cholesky(x)))  # noqa: E731  # used once, below
    _same_slope(e, whole, _SYMMETRIC, _half_sum(_weights(3, 3)), "the gradient of l @ l.T", symmetric=True)


def eigh_makes_the_matrix(e: Any) -> None:
    w, v = e.eigh(tensor(e, _SYMMETRIC))
    same(e, w, np.linalg.eigvalsh(_SYMMETRIC), "float32", _TOL)
    same(e, e.matmul(_scaled(e, v, w), _swap(e, v)), _SYMMETRIC, "float32", _TOL)
    same(e, e.matmul(_swap(e, v), v), np.broadcast_to(np.eye(3), (2, 3, 3)), "float32", _TOL)

    def cube(x: Any) -> Any:
        w, v = e.eigh(x)
        return e.matmul(_scaled(e, v, e.multiply(w, e.multiply(w, w))), _swap(e, v))

    x, g = _SYMMETRIC.astype("float64"), _half_sum(_weights(3, 3))
    _same_slope(e, cube, _SYMMETRIC, x @ x @ g + x @ g @ x + g @ x @ x, "the gradient of x @ x @ x", symmetric=True)


def eig_makes_the_matrix(e: Any) -> None:
    for dtype, parts in (("complex64", "float32"), ("complex128", "float64")):
        if e.canonical_dtype(dtype) == dtype:
            x = _REGULAR.astype(parts)
            w, v = e.eig(tensor(e, x, parts))
            holds((e.dtype_of(w), e.dtype_of(v)) == (dtype, dtype), f"eig of {parts} gives {e.dtype_of(w)} and {e.dtype_of(v)}")
            w, v = e.to_numpy(w), e.to_numpy(v)
            holds(np.allclose(x @ v, v * w[:, None, :], atol=1e-4), "x @ v is not v * w")
            holds(np.allclose(np.abs(v * v.conj()).sum(1), 1, atol=1e-4), "eigenvectors have no unit length")


def svd_makes_the_matrix(e: Any) -> None:
    for x in (_TALL, _WIDE, _REGULAR):
        u, s, vt = e.svd(tensor(e, x))
        m, n = x.shape[1:]
        k = min(m, n)
        same(e, s, np.linalg.svd(x, compute_uv=False), "float32", _TOL)
        same(e, e.singular_values(tensor(e, x)), np.linalg.svd(x, compute_uv=False), "float32", _TOL)
        same(e, e.matmul(_scaled(e, u, s), vt), x, "float32", _TOL)
        for q in (u, _swap(e, vt)):
            same(e, e.matmul(_swap(e, q), q), np.broadcast_to(np.eye(k), (2, k, k)), "float32", _TOL, "u.T @ u or v.T @ v")

        def cube(x: Any) -> Any:
            u, s, vt = e.svd(x)
            return e.matmul(_scaled(e, u, e.multiply(s, e.multiply(s, s))), vt)

        y, g = x.astype("float64"), _weights(m, n)
        yt, gt = _turned(y), _turned(g)
        _same_slope(e, cube, x, g @ yt @ y + y @ gt @ y + y @ yt @ g, f"{x.shape}: the gradient of x @ x.T @ x")
        nuclear = gradient(e, lambda x: e.singular_values(x), x)[0]
        same(e, nuclear, e.to_numpy(e.matmul(u, vt)), "float32", _TOL, f"{x.shape}: the gradient of the sum of the singular values")


def equal_singular_values_have_a_gradient(e: Any) -> None:
    same(e, gradient(e, lambda x: e.singular_values(x), 2 * np.eye(2))[0], np.eye(2), "float32", _TOL)
    same(e, gradient(e, lambda x: e.eigh(x)[0], 2 * np.eye(2))[0], np.eye(2), "float32", _TOL)


def qr_makes_the_matrix(e: Any) -> None:
    for x in (_TALL, _WIDE, _REGULAR):
        m, n = x.shape[1:]
        for complete in (False, True):
            q, r = e.qr(tensor(e, x), complete)
            k = m if complete else min(m, n)
            same(e, e.matmul(q, r), x, "float32", _TOL, f"{x.shape}, complete={complete}: q @ r")
            same(e, e.matmul(_swap(e, q), q), np.broadcast_to(np.eye(k), (2, k, k)), "float32", _TOL, "q.T @ q")
            same(e, r, np.linalg.qr(x, "complete" if complete else "reduced")[1], "float32", _TOL, "r")
        gram = lambda x: e.matmul(_swap(e, e.qr(x, False)[1]), e.qr(x, False)[1])  # noqa: E731  # used once, below
        y, g = x.astype("float64"), _weights(n, n)
        _same_slope(e, gram, x, y @ (g + _turned(g)), f"{x.shape}: the gradient of r.T @ r")
        _same_slope(e, lambda x: e.matmul(*e.qr(x, False)), x, _weights(m, n), f"{x.shape}: the gradient of q @ r")


def lu_factor_makes_the_matrix(e: Any) -> None:
    for x in (_REGULAR, _TALL, _WIDE, np.zeros((2, 2, 2), "float32")):
        m, n = x.shape[1:]
        k = min(m, n)
        lu, pivots = e.lu_factor(tensor(e, x))
        holds(e.dtype_of(pivots) == "int32" and e.shape_of(pivots) == (2, k), f"pivots are {e.dtype_of(pivots)} {e.shape_of(pivots)}")
        got, rows = e.to_numpy(lu), x.copy()
        for at, row in np.ndenumerate(e.to_numpy(pivots)):
            rows[at[0], [at[1], row]] = rows[at[0], [row, at[1]]]
        lower = np.tril(got, -1)[:, :, :k] + np.eye(m, k)
        holds(np.allclose(lower @ np.triu(got)[:, :k], rows, atol=_TOL), f"{x.shape}: l @ u is not the matrix with its rows swapped")
        holds(np.abs(lower).max() <= 1, f"{x.shape}: a pivot is not the largest entry of its column")
    for x in (_REGULAR, _TALL, _WIDE):
        _lu_slope(e, x)


def _lu_slope(e: Any, x: np.ndarray) -> None:
    """The gradient of l @ u, which is the matrix in another order of the rows."""
    m, n = x.shape[1:]
    k = min(m, n)
    below = tensor(e, np.tri(m, n, -1, dtype=bool), "bool")

    def product(x: Any) -> Any:
        lu = e.lu_factor(x)[0]
        lower, upper = (e.strided_slice(e.where(*pair), (0, 0, 0), (2, *size), (1, 1, 1)) for pair, size in
                        (((below, lu, 0.0), (m, k)), ((below, 0.0, lu), (k, n))))
        return e.matmul(e.add(lower, tensor(e, np.eye(m, k))), upper)

    want = np.zeros_like(x)
    for at in range(2):
        order = np.arange(m)
        for i, row in enumerate(e.to_numpy(e.lu_factor(tensor(e, x))[1])[at]):
            order[[i, row]] = order[[row, i]]
        want[at, order] = _WEIGHTS[at, :m, :n]
    _same_slope(e, product, x, want, f"{x.shape}: the gradient of l @ u")


def solutions_broadcast(e: Any) -> None:
    b = _RNG.integers(-3, 4, (5, 1, 3, 2)).astype("float32")
    for a, rhs in ((_REGULAR, b), (_REGULAR, b[0, 0]), (_REGULAR[0], b), (_REGULAR, np.zeros((2, 3, 0), "float32"))):
        wide = a.astype("float64")
        same(e, e.solve(tensor(e, a), tensor(e, rhs)), np.linalg.solve(wide, rhs), "float32", 1e-4, f"{a.shape} and {rhs.shape}")
        for lower in (True, False):
            triangle = (np.tril if lower else np.triu)(wide) + 2 * np.eye(3)
            dirty = (triangle + (np.triu(wide, 1) if lower else np.tril(wide, -1))).astype("float32")
            got = e.solve_triangular(tensor(e, dirty), tensor(e, rhs), lower)
            same(e, got, np.linalg.solve(triangle, rhs), "float32", 1e-4, f"{a.shape} and {rhs.shape}, lower={lower}")


def solutions_have_gradients(e: Any) -> None:
    a, b, g = _REGULAR[0].astype("float64"), np.array([[1.0], [2.0], [-1.0]]), np.array([[1.0], [-2.0], [3.0]])
    for triangle, function in ((a, e.solve), (np.tril(a), lambda x, y: e.solve_triangular(x, y, True)),
                               (np.triu(a), lambda x, y: e.solve_triangular(x, y, False))):
        of_a, of_b = gradient(e, function, a, b, weights=g)
        back, x = np.linalg.solve(triangle.T, g), np.linalg.solve(triangle, b)
        same(e, of_b, back, "float32", 1e-4)
        same(e, of_a, -(back @ x.T) * (triangle != 0), "float32", 1e-4)


def determinants(e: Any) -> None:
    x = _REGULAR.astype("float64")
    sign, logarithm = np.linalg.slogdet(x)
    inverse = _turned(np.linalg.inv(x))
    same(e, e.det(tensor(e, x)), np.linalg.det(x), "float32", 1e-4)
    for got, want in zip(e.slogdet(tensor(e, x)), (sign, logarithm), strict=True):
        same(e, got, want, "float32", _TOL)
    same(e, gradient(e, e.det, x)[0], np.linalg.det(x)[:, None, None] * inverse, "float32", 1e-4, "the gradient of det")
    same(e, gradient(e, lambda x: e.slogdet(x)[1], x)[0], inverse, "float32", 1e-4, "the gradient of log |det|")
    for got, want in zip(e.slogdet(tensor(e, [[1, 2], [2, 4]])), (0, -INF), strict=True):
        same(e, got, want, "float32", of="slogdet of a singular matrix")
    for matrix in ([[1, 2], [2, 4]], [[1, 1], [1, 1]], [[0, 0], [0, 0]], [[2, 1], [1, 3]]):
        same(e, second_gradient(e, e.det, matrix)[0], [[1, -1], [-1, 1]], "float32", 1e-6, f"the second gradient of det at {matrix}")


def a_matrix_without_an_answer_spoils_no_other(e: Any) -> None:
    good = np.array([[4, 2], [2, 5]], "float32")
    singular, negative, undefined = np.array([[[1, 2], [2, 4]], [[1, 2], [2, 1]], [[NAN, 1], [1, 2]]], "float32")
    functions = {
        "cholesky": (e.cholesky, (negative, undefined)), "solve": (lambda x: e.solve(x, x), (singular, undefined)),
        "eigh": (lambda x: e.eigh(x)[0], (undefined,)), "eig": (lambda x: e.absolute(e.cast(e.eig(x)[0], "float32")), (undefined,)),
        "svd": (lambda x: e.svd(x)[1], (undefined,)), "singular_values": (e.singular_values, (undefined,)), "det": (e.det, (undefined,)),
        "slogdet": (lambda x: e.slogdet(x)[1], (undefined,)), "qr": (lambda x: e.qr(x, False)[1], (undefined,)),
        "lu_factor": (lambda x: e.lu_factor(x)[0], (undefined,)),
    }
    for name, (function, bad) in functions.items():
        alone = e.to_numpy(function(tensor(e, good)))
        for x in bad:
            first, second = e.to_numpy(function(tensor(e, [x, good])))
            holds(not np.isfinite(first).all(), f"{name}({x.tolist()}) is {first.tolist()}, which is finite")
            holds(np.allclose(second, alone, atol=_TOL), f"{name} of {good.tolist()} is {second.tolist()} beside {x.tolist()}")
    triangle = e.to_numpy(e.cholesky(tensor(e, negative)))
    holds(np.isnan(triangle[np.tril_indices(2)]).all() and triangle[0, 1] == 0, f"cholesky of {negative.tolist()}: {triangle.tolist()}")


def empty_matrices(e: Any) -> None:
    for shape in ((0, 0), (2, 0, 0), (0, 2, 2)):
        x = tensor(e, np.zeros(shape))
        stack, n = shape[:-2], shape[-1]
        same(e, e.det(x), np.ones(stack), "float32")
        for got, want in ((e.cholesky(x), shape), (e.solve(x, x), shape), (e.eigh(x)[0], (*stack, n)), (e.svd(x)[0], shape),
                          (e.qr(x, True)[0], shape), (e.lu_factor(x)[1], (*stack, n)), (e.eig(x)[1], shape), (e.slogdet(x)[1], stack)):
            holds(e.shape_of(got) == want, f"an empty matrix {shape} gives {e.shape_of(got)}, not {want}")
    same(e, e.qr(tensor(e, np.zeros((3, 0))), True)[0], np.eye(3), "float32", of="q of an empty matrix, complete")
