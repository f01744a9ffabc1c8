"""Linear algebra.  In derivatives `g` stands for the gradients of the results.

NumPy raises for a whole stack when one matrix has no answer; then each matrix is taken by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from keras_lite_numpy.contraction import matmul
from keras_lite_numpy.elementwise import add, divide, equal, exp, multiply, negative, subtract, where
from keras_lite_numpy.functions import sum_to
from keras_lite_numpy.indexing import take_along_axis
from keras_lite_numpy.shaping import concatenate, reshape, strided_slice, transpose
from keras_lite_numpy.tape import Tensor, call, level_of, outside, primitive, several, values_of
from keras_lite_numpy.tensors import cast

Arrays = list[np.ndarray]
Factors = tuple[Tensor, ...]


def _each(function: Callable[..., Sequence[np.ndarray]], *matrices: np.ndarray) -> Arrays:
    """The results of `function`, NaN for the matrices of the stack on which it raises; finite matrices are all that it gets."""
    good = np.ones(matrices[0].shape[:-2], bool)
    for x in matrices:
        good &= np.isfinite(x).all((-2, -1))
    try:
        if good.all():
            return list(function(*matrices))
    except np.linalg.LinAlgError:
        pass
    ones = [np.eye(*x.shape[-2:], dtype=x.dtype) for x in matrices]
    results = list(function(*(np.broadcast_to(one, x.shape) for one, x in zip(ones, matrices, strict=True))))
    for at in np.ndindex(good.shape):
        try:
            own = function(*(x[at] for x in matrices)) if good[at] else [np.nan] * len(results)
        except np.linalg.LinAlgError:
            own = [np.nan] * len(results)
        for result, value in zip(results, own, strict=True):
            result[at] = value
    return results


def _factorization(forward: Callable[..., Arrays], derivative: Callable[..., Tensor]) -> Callable[..., Factors]:
    """A function of a matrix with several results; `derivative(g, y, x)` gets a gradient for each of them."""
    def function(x: Tensor) -> Factors:
        level = level_of((x,))
        if not level:
            with np.errstate(all="ignore"):
                return tuple(map(np.asarray, forward(x)))
        inner, = outside((x,), level)
        y = function(inner)

        def pull(found: dict[int, Tensor]) -> list[tuple[Tensor, Tensor]]:
            g = [found[i] if i in found else np.zeros(part.shape, part.dtype) for i, part in enumerate(y)]
            return [(x, derivative(g, y, inner))]

        return tuple(several(list(y), level, pull))

    return function


def _swap(x: Tensor) -> Tensor:
    """Each matrix transposed."""
    return transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _product(*matrices: Tensor) -> Tensor:
    y = matrices[0]
    for x in matrices[1:]:
        y = matmul(y, x)
    return y


def _diagonal(x: Tensor) -> Tensor:
    """Diagonal matrices from their diagonals."""
    return multiply(reshape(x, (*x.shape, 1)), np.eye(x.shape[-1], dtype=x.dtype))


def _column(x: Tensor) -> Tensor:
    return reshape(x, (*x.shape, 1))


def _row(x: Tensor) -> Tensor:
    return reshape(x, (*x.shape[:-1], 1, x.shape[-1]))


def _lower(x: Tensor, k: int = 0) -> Tensor:
    """The part on and below diagonal `k`."""
    return where(np.tri(x.shape[-2], x.shape[-1], k, bool), x, 0)


def _upper(x: Tensor, k: int = 0) -> Tensor:
    """The part on and above diagonal `k`."""
    return where(np.tri(x.shape[-2], x.shape[-1], k - 1, bool), 0, x)


def _inverse_differences(x: Tensor) -> Tensor:
    """1 / (x[j] - x[i]), and 0 where they are equal."""
    d = subtract(_row(x), _column(x))
    same = equal(d, 0)
    return where(same, 0, divide(1, where(same, 1, d)))


def _reciprocal(x: Tensor) -> Tensor:
    """1 / x, and 0 for 0."""
    zero = equal(x, 0)
    return where(zero, 0, divide(1, where(zero, 1, x)))


# --- systems -------------------------------------------------------------------------------------------------------------


def _solved(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    try:
        return np.linalg.solve(a, b[(None,) * max(a.ndim - b.ndim, 0)])
    except np.linalg.LinAlgError:
        a, b = (np.broadcast_to(x, (*stack, *x.shape[-2:])) for x in (a, b))
        return _each(lambda a, b: [np.linalg.solve(a, b)], a, b)[0]


def solve(a: Tensor, b: Tensor) -> Tensor:
    return _solve(a, b)


_solve = primitive(_solved, lambda g, y, a, b: sum_to(negative(matmul(solve(_swap(a), g), _swap(y))), a.shape),
                   lambda g, y, a, b: sum_to(solve(_swap(a), g), b.shape))


def solve_triangular(a: Tensor, b: Tensor, lower: bool) -> Tensor:
    return solve(_lower(a) if lower else _upper(a), b)


def _inverse(x: Tensor) -> Tensor:
    return solve(x, np.eye(x.shape[-1], dtype=x.dtype))


def det(x: Tensor) -> Tensor:
    return _det(x)


_det = primitive(np.linalg.det, lambda g, y, x: multiply(_column(_column(g)), _cofactors(x)))
_slogdet = _factorization(lambda x: list(np.linalg.slogdet(x)), lambda g, y, x: multiply(_column(_column(g[1])), _swap(_inverse(x))))


def _cofactors(x: Tensor, unit: float = np.finfo("float64").eps) -> Tensor:
    """det(x) * inv(x).T.  Cofactors are polynomials, so a singular matrix may be moved by a rounding first: what elimination then
    makes of its small pivot is the same in both factors.  For float32 in float64, where that is so for the derivatives too."""
    if x.dtype == np.float32:
        return cast(_cofactors(cast(x, "float64"), 1e-8), "float32")
    size = np.abs(values_of(x)).max((-2, -1), keepdims=True, initial=1e-40)
    singular = np.linalg.slogdet(values_of(x))[0] == 0
    regular = add(x, np.where(singular[..., None, None], size * unit, 0) * np.eye(x.shape[-1], dtype=x.dtype))
    sign, logarithm = slogdet(regular)
    return multiply(_column(_column(multiply(sign, exp(logarithm)))), _swap(_inverse(regular)))


def slogdet(x: Tensor) -> tuple[Tensor, Tensor]:
    sign, logarithm = _slogdet(x)
    return sign, logarithm


# --- factors -------------------------------------------------------------------------------------------------------------


def cholesky(x: Tensor) -> Tensor:
    return _cholesky(x)[0]


def _half_diagonal(x: Tensor) -> Tensor:
    """The lower triangle with half of the diagonal."""
    return multiply(add(_lower(x), _lower(x, -1)), 0.5)


def _cholesky_derivative(g: Factors, y: Factors, x: Tensor) -> Tensor:
    """inv(L).T @ P(L.T @ g) @ inv(L), where P is `_half_diagonal` (Murray, "Differentiation of the Cholesky decomposition", 2016)."""
    middle = _half_diagonal(matmul(_swap(y[0]), _lower(g[0])))
    left = solve_triangular(_swap(y[0]), middle, False)
    return _swap(solve_triangular(_swap(y[0]), _swap(left), False))


_cholesky = _factorization(lambda x: [np.tril(y) for y in _each(lambda x: [np.linalg.cholesky(x)], x)], _cholesky_derivative)


def _factored(x: np.ndarray) -> Arrays:
    """Elimination column by column, with the largest entry as pivot (Golub and Van Loan, algorithm 3.4.1)."""
    m, n = x.shape[-2:]
    y = x.reshape(math.prod(x.shape[:-2]), m, n).copy()
    pivots = np.zeros((len(y), min(m, n)), "int32")
    for i in range(min(m, n)):
        pivots[:, i] = i + np.abs(y[:, i:, i]).argmax(-1)
        _swap_rows(y, i, pivots[:, i])
        pivot = y[:, i, i, None]
        y[:, i + 1:, i] /= np.where(pivot == 0, 1, pivot)  # below a pivot of 0 there are zeros alone
        y[:, i + 1:, i + 1:] -= y[:, i + 1:, i, None] * y[:, i, None, i + 1:]
    return [y.reshape(x.shape), pivots.reshape(*x.shape[:-2], min(m, n))]


def _swap_rows(y: np.ndarray, i: int, p: np.ndarray) -> None:
    """Row i of each matrix of (count, ...) in place with its row p."""
    at = np.arange(len(y))
    first, second = y[:, i].copy(), y[at, p]
    y[:, i], y[at, p] = second, first


def _order(pivots: np.ndarray, m: int) -> np.ndarray:
    """The order of the rows after the swaps."""
    flat = pivots.reshape(math.prod(pivots.shape[:-1]), pivots.shape[-1])
    order = np.tile(np.arange(m), (len(flat), 1))
    for i, p in enumerate(flat.T):
        _swap_rows(order, i, p)
    return order.reshape(*pivots.shape[:-1], m)


def _block(x: Tensor, rows: slice, columns: slice) -> Tensor:
    """A part of the last two axes."""
    bounds = [(0, n) for n in x.shape[:-2]] + [s.indices(n)[:2] for s, n in zip((rows, columns), x.shape[-2:], strict=True)]
    starts, stops = zip(*bounds, strict=True)
    return strided_slice(x, starts, stops, (1,) * x.ndim)


def _lu_derivative(g: Factors, y: Factors, x: Tensor) -> Tensor:
    """inv(L).T @ (gU + S @ inv(U).T) with S = tril(L.T @ gL - gU @ U.T, -1), for the rows in their new order, when x is square.

    By x = L @ U, inv(L) @ dx is F @ U + dU where F = inv(L) @ dL has as many columns as there are steps that eliminate something; so
    with S, of the same columns, no other pivot is divided by.  Rows beyond the columns of U are free: there S is gL.
    """
    m, n = x.shape[-2:]
    k, steps = min(m, n), min(max(m - 1, 0), n)
    head, tail, done, whole = slice(0, k), slice(k, None), slice(0, steps), slice(None)
    lu = y[0]
    lower, upper = add(_lower(_block(lu, whole, head), -1), np.eye(m, k, dtype=lu.dtype)), _upper(_block(lu, head, whole))
    lower_slope, upper_slope = _lower(_block(g[0], whole, head), -1), _upper(_block(g[0], head, whole))
    turn = subtract(matmul(_swap(lower), lower_slope), matmul(upper_slope, _swap(upper)))
    turn = concatenate([_block(_lower(turn, -1), whole, done), _block(lower_slope, tail, done)], -2 % x.ndim)
    turn = _swap(solve_triangular(_block(upper, done, done), _swap(turn), False))
    turn = concatenate([turn, np.zeros((*x.shape[:-1], n - steps), x.dtype)], x.ndim - 1)
    below = _block(turn, tail, whole)
    first = subtract(add(upper_slope, _block(turn, head, whole)), matmul(_swap(_block(lower, tail, whole)), below))
    first = solve_triangular(_swap(_block(lower, head, whole)), first, False)
    back = _order(values_of(y[1]), m).argsort(-1)
    return take_along_axis(concatenate([first, below], -2 % x.ndim), back[..., None], x.ndim - 2)


_lu = _factorization(_factored, _lu_derivative)


def lu_factor(x: Tensor) -> tuple[Tensor, Tensor]:
    lu, pivots = _lu(x)
    return lu, pivots


def _qr_derivative(g: Factors, y: Factors, x: Tensor) -> Tensor:
    """(gQ + Q @ S(M)) @ inv(R).T with M = R @ gR.T - gQ.T @ Q and S the symmetric matrix with the same lower triangle
    (Walter and Lehmann, "Algorithmic differentiation of linear algebra functions", 2018)."""
    (gq, gr), (q, r) = g, y
    m = subtract(matmul(r, _swap(_upper(gr))), matmul(_swap(gq), q))
    symmetric = add(_lower(m), _swap(_lower(m, -1)))
    return _swap(solve_triangular(r, _swap(add(gq, matmul(q, symmetric))), False))


_qr = _factorization(lambda x: list(np.linalg.qr(x)), _qr_derivative)


def qr(x: Tensor, complete: bool) -> tuple[Tensor, Tensor]:
    m, n = x.shape[-2:]
    if complete:
        q, r = _complete(x)
    elif m < n:  # only the first columns have a part in q
        q, square = _qr(_block(x, slice(0, m), slice(0, m)))
        r = concatenate([square, matmul(_swap(q), _block(x, slice(0, m), slice(m, n)))], x.ndim - 1)
    else:
        q, r = _qr(x)
    return q, r


def _complete(x: Tensor) -> Arrays:
    return [call(lambda x, i=i: np.linalg.qr(x, "complete")[i], values_of(x)) for i in (0, 1)]


# --- spectra -------------------------------------------------------------------------------------------------------------


def _eigh_derivative(g: Factors, y: Factors, x: Tensor) -> Tensor:
    """V @ (diag(gw) + (V.T @ gV) / (w[j] - w[i])) @ V.T (Giles, "Collected matrix derivative results", 2008)."""
    (gw, gv), (w, v) = g, y
    middle = add(_diagonal(gw), multiply(matmul(_swap(v), gv), _inverse_differences(w)))
    return _product(v, middle, _swap(v))


_eigh = _factorization(lambda x: _each(np.linalg.eigh, x), _eigh_derivative)


def eigh(x: Tensor) -> tuple[Tensor, Tensor]:
    w, v = _eigh(x)
    return w, v


def eig(x: Tensor) -> tuple[Tensor, Tensor]:
    x = values_of(x)
    dtype = np.result_type(x.dtype, np.complex64)

    def complex_pair(x: np.ndarray) -> Arrays:
        return [np.asarray(y).astype(dtype) for y in np.linalg.eig(x)]

    with np.errstate(all="ignore"):
        w, v = _each(complex_pair, x)
    return w, v


def _svd_derivative(g: Factors, y: Factors, x: Tensor) -> Tensor:
    """U @ (diag(gs) + A * s[j] + B * s[i]) @ V.T and what leaves the spaces of U and V, where A and B are the antisymmetric parts
    of U.T @ gU and V.T @ gV over s[j]**2 - s[i]**2 (Townsend, "Differentiating the singular value decomposition", 2016)."""
    (gu, gs, gvt), (u, s, vt) = g, y
    slopes = _inverse_differences(multiply(s, s))

    def turned(q: Tensor, gq: Tensor) -> Tensor:
        z = matmul(_swap(q), gq)
        return multiply(subtract(z, _swap(z)), slopes)

    v, gv = _swap(vt), _swap(gvt)
    middle = add(_diagonal(gs), add(multiply(turned(u, gu), _row(s)), multiply(_column(s), turned(v, gv))))
    out = _product(u, middle, vt)
    inverse = _row(_reciprocal(s))
    if x.shape[-2] > s.shape[-1]:
        out = add(out, matmul(multiply(_outside(u, gu), inverse), vt))
    if x.shape[-1] > s.shape[-1]:
        out = add(out, matmul(u, _swap(multiply(_outside(v, gv), inverse))))
    return out


def _outside(q: Tensor, g: Tensor) -> Tensor:
    """The part of `g` that is orthogonal to the columns of `q`."""
    return subtract(g, matmul(q, matmul(_swap(q), g)))


_svd = _factorization(lambda x: _each(lambda x: np.linalg.svd(x, full_matrices=False), x), _svd_derivative)


def svd(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    u, s, vt = _svd(x)
    return u, s, vt


def _values_derivative(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    u, _, vt = svd(x)
    return matmul(multiply(u, _row(g)), vt)


_singular_values = primitive(lambda x: _each(lambda x: [np.linalg.svd(x, compute_uv=False)], x)[0], _values_derivative)


def singular_values(x: Tensor) -> Tensor:
    return _singular_values(x)
