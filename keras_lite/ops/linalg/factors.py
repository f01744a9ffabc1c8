"""Factorizations of matrices: Cholesky, LU and QR."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_linalg as references
from keras_lite.ops.arithmetic import add, multiply, subtract, where
from keras_lite.ops.contraction import matmul
from keras_lite.ops.core import stop_gradient
from keras_lite.ops.creation import eye, zeros, zeros_like
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.families import NAN
from keras_lite.ops.linalg import canonical
from keras_lite.ops.linalg.matrices import (
    COMPLEX_MATRIX,
    NOT_SQUARE,
    VECTOR,
    matrix,
    positive_definite,
    refuse_failure,
    solved,
    square_matrix,
    swap,
    symmetric,
)
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.shaping import concatenate, part_of, reshape
from keras_lite.ops.statistics import back
from keras_lite.ops.table import op

FACTOR = array([[2, 0, 0], [1, 1, 0], [-1, 0.5, 4]])
ZERO_IN_STACK = array([[[0, 0], [0, 0]], [[1, 2], [3, 4]]])


@op(floating=True, fails=True, reference=references.cholesky,
    samples=(Sample(positive_definite(3, 3)), Sample(positive_definite(2, 4, 4)), Sample(positive_definite(3, 3), upper=True),
             Sample(array([[4, 1], [0, 9]], "int32")), Sample(array([[4.0, NAN], [2.0, 3.0]]), grad=False), Sample(f32(0, 0)),
             Sample(array([[4, 1], [2, 3]]), upper=True), Sample(array([[4, 1], [2, 3]])),
             Sample(f32(0, 2, 2)), Sample(array([[1e30, 0], [0, 1e-30]])), NOT_SQUARE, VECTOR, COMPLEX_MATRIX))
def cholesky(x: Any, upper: bool = False) -> Any:
    """The lower triangular `l` with `l @ l.T == x`.

    Args:
        x: symmetric and positive definite matrices (..., n, n); the lower triangle alone is read, and gets the gradient.
        upper: whether to return `l.T` instead, and to read the upper triangle.

    Raises:
        ValueError: `x` is not square; eagerly, a matrix is not positive definite.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cholesky([[4.0, 2.0], [2.0, 5.0]])).tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """
    y = square_matrix("cholesky", x)
    whole = symmetric(swap(y) if upper else y)
    y = registry.current().cholesky(whole)
    refuse_failure("cholesky", "the matrix is not positive definite", y, whole)
    return back(swap(y) if upper else y, x)


@op(floating=True, fails=True, reference=references.cholesky_inverse,
    samples=(Sample(FACTOR), Sample(array([[[2, 0], [1, 1]], [[1, 0], [3, -2]]])), Sample(f32(0, 0)), Sample(array([[2, 9], [1, 1.5]])),
             Sample(array([[2, 1], [0, 1.5]]), upper=True), Sample(array([[1e10, 0], [0, 1e-10]]), grad=False),
             Sample(array([[2, 0], [1, 1]], "int32")), NOT_SQUARE, VECTOR))
def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """The inverse of `x @ x.T` for a lower triangular `x`, as `cholesky` gives it.

    Args:
        x: triangular matrices (..., n, n); the other triangle is not read.
        upper: whether they are upper triangular: then the inverse of `x.T @ x`.

    Raises:
        ValueError: `x` is not square; eagerly, there is a zero on the diagonal.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cholesky_inverse([[2.0, 0.0], [0.0, 4.0]])).tolist()
    [[0.25, 0.0], [0.0, 0.0625]]
    """
    y = square_matrix("cholesky_inverse", x)
    ones = eye(shape_of(y)[-1], dtype=dtype_of(y))
    inverse = registry.current().solve_triangular(y, ones, not upper)
    refuse_failure("cholesky_inverse", "the matrix is singular: there is a zero on its diagonal", inverse, y)
    return back(matmul(inverse, swap(inverse)) if upper else matmul(swap(inverse), inverse), x)


@op(floating=True, samples=(Sample(f32(3, 3)), Sample(f32(2, 4, 2)), Sample(f32(2, 3, 5)), Sample(i32(3, 3)), Sample(f32(0, 2)),
                            Sample(f32(0, 3, 3)), Sample(array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])),
                            Sample(ZERO_IN_STACK, grad=False), Sample(array([[1e-30, 1], [2, 1e30]]), grad=False), VECTOR, COMPLEX_MATRIX),
    reference=references.lu_factor)
def lu_factor(x: Any) -> tuple[Any, Any]:
    """L and U in one matrix, and the pivots of a factorization of `x` (..., m, n) by elimination with row swaps.

    U stands on and above the diagonal, L below it (its diagonal of ones is left out).  Row i was swapped with row `pivots[i]`
    (int32, counted from 0) before column i was eliminated, as in `scipy.linalg.lu_factor`.  Raises ValueError for less than two axes.

    >>> from keras_lite import ops
    >>> lu, pivots = ops.lu_factor([[1.0, 2.0], [4.0, 4.0]])
    >>> ops.convert_to_numpy(lu).tolist(), ops.convert_to_numpy(pivots).tolist()
    ([[4.0, 4.0], [0.25, 1.0]], [1, 1])
    """
    lu, pivots = registry.current().lu_factor(matrix("lu_factor", x))
    return back(lu, x), pivots


@op(floating=True, reference=np.linalg.qr, canonical=canonical.reflected, normwise=True,
    samples=(Sample(f32(4, 3)), Sample(f32(2, 3, 5)), Sample(f32(2, 5, 2), mode="complete"), Sample(f32(2, 3), mode="complete"),
             Sample(f32(3, 3), "complete"), Sample(f32(0, 2)), Sample(f32(3, 0), mode="complete"), Sample(i32(3, 2)),
             Sample(array([[3.0, 1.0], [4.0, NAN]]), grad=False), Sample(array([[1e15, 0], [0, 1e-15]]), grad=False),
             Sample(f32(3, 2), mode="r", error="mode must be 'reduced' or 'complete', got 'r'"), VECTOR, COMPLEX_MATRIX))
def qr(x: Any, mode: str = "reduced") -> tuple[Any, Any]:
    """Orthonormal columns and an upper triangle whose product is `x`.

    The columns that only complete the others are any basis of the rest; gradients see the space that they span.

    Args:
        x: matrices (..., m, n).
        mode: "reduced" for results (..., m, k) and (..., k, n) with k = min(m, n), "complete" for k = m.

    Raises:
        ValueError: less than two axes, or another mode.

    >>> from keras_lite import ops
    >>> q, r = ops.qr([[3.0, 5.0], [4.0, 0.0]])
    >>> ops.convert_to_numpy(ops.absolute(r)).round(3)
    array([[5., 3.],
           [0., 4.]], dtype=float32)
    >>> ops.convert_to_numpy(ops.matmul(q, r)).round(3)
    array([[3., 5.],
           [4., 0.]], dtype=float32)
    """
    if mode not in ("reduced", "complete"):
        raise invalid("qr", f"mode must be 'reduced' or 'complete', got {mode!r}")
    engine, y = registry.current(), matrix("qr", x)
    *stack, m, n = shape_of(y)
    if mode == "complete" and not (isinstance(m, int) and isinstance(n, int)):
        q, r = engine.qr(y, True)
        return back(q, x), back(r, x)
    q, r = _qr(y)
    if mode == "complete" and m > n:
        q, r = completed(q), concatenate([r, zeros((*stack, m - n, n), dtype_of(r))], -2)
    return back(q, x), back(r, x)


def _qr(x: Any) -> tuple[Any, Any]:
    """The engine's factors.  Where they are differentiated twice, and sizes are known, gradients are those of `_qr_slope`.

    The usual formula multiplies rounding by the inverse of r's last pivot, on which a square q hardly depends, once in each order.
    """
    engine, (*stack, m, n) = registry.current(), shape_of(x)
    if registry.order() < 2 or not (isinstance(m, int) and isinstance(n, int)):
        q, r = engine.qr(x, False)
        return q, r
    axis = len(stack) + 1
    if m < n:
        q, r = _qr(part_of(x, axis, 0, m))
        return q, concatenate([r, matmul(swap(q), part_of(x, axis, m, n))], -1)
    return _by_factors(x, *engine.qr(stop_gradient(x), False))


def _by_factors(*tensors: Any) -> tuple[Any, Any]:
    """q and r of matrices (..., m, n), m >= n, of which these are known: `tensors` is x, q, r."""
    q, r = solved(lambda x, q, r: [q, r], _qr_slope, list(tensors))
    return q, r


def _qr_slope(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    """By x = q @ r, q.T @ dx @ inv(r) is the antisymmetric q.T @ dq and the upper triangle dr @ inv(r): its lower triangle says all of
    the first, so the adjoint has `inv(r)` behind a strictly lower triangle, and behind what leaves the space of q's columns."""
    *_, q, r = residuals
    gq, gr = cotangents
    m, n = shape_of(q)[-2:]
    below, overlap = np.tri(n, k=-1, dtype=bool), matmul(swap(q), gq)
    gr = where(below, 0.0, gr)
    turn = add(overlap, matmul(r, swap(gr)))
    slope = matmul(q, add(gr, _over(where(below, subtract(turn, swap(turn)), 0.0), r)))
    if m > n:
        slope = add(slope, _over(subtract(gq, matmul(q, overlap)), r))
    return [slope, zeros_like(q), zeros_like(r)]


def _over(x: Any, r: Any) -> Any:
    """x @ inv(r).T for upper triangles r."""
    return swap(registry.current().solve_triangular(r, swap(x), False))


def completed(q: Any) -> Any:
    """Orthonormal columns (..., m, k) and behind them others that make a basis: (..., m, m).

    For gradients these move as little as they must to stay orthonormal, which holds up to the third derivatives.
    """
    *stack, m, k = shape_of(q)
    if isinstance(m, int) and isinstance(k, int) and m == k:
        return q
    basis, _ = registry.current().qr(stop_gradient(q), True)
    rest = stop_gradient(part_of(basis, len(stack) + 1, k, m))
    overlap = matmul(swap(q), rest)  # 0, but its derivative is not
    rest = subtract(rest, matmul(q, overlap))
    rest = add(rest, multiply(0.5, matmul(rest, matmul(swap(overlap), overlap))))  # rest @ (rest.T @ rest)**-0.5 to the third order
    return reshape(concatenate([q, rest], -1), (*stack, m, m))
