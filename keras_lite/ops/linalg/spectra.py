"""Eigenvalues, singular values, and what is computed from them."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import not_there
from keras_lite.ops import references_linalg as references
from keras_lite.ops.arithmetic import greater, multiply
from keras_lite.ops.core import cast, with_gradient
from keras_lite.ops.families import NAN
from keras_lite.ops.linalg import canonical
from keras_lite.ops.linalg.factors import completed
from keras_lite.ops.linalg.matrices import (
    COMPLEX_MATRIX,
    LOW_RANK,
    NOT_SQUARE,
    VECTOR,
    largest,
    matrix,
    positive_definite,
    rounding,
    square_matrix,
    swap,
    symmetric,
)
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.statistics import back
from keras_lite.ops.table import op

NAN_IN_STACK = array([[[NAN, 1.0], [1.0, 2.0]], [[2.0, 1.0], [1.0, 3.0]]])


@op(floating=True, reference=references.eigh, canonical=canonical.eigenvectors, normwise=True,
    samples=(Sample(positive_definite(3, 3)), Sample(positive_definite(2, 4, 4)), Sample(f32(3, 3)), Sample(f32(0, 0)),
             Sample(array([[4, 1], [0, 9]], "int32")), Sample(f32(0, 2, 2)), Sample(NAN_IN_STACK, grad=False),
             Sample(array([[1e20, 0], [0, 1e-20]]), grad=False), NOT_SQUARE, VECTOR, COMPLEX_MATRIX))
def eigh(x: Any) -> tuple[Any, Any]:
    """Ascending eigenvalues (..., n) of symmetric matrices `x` (..., n, n), and eigenvectors of unit length as columns (..., n, n).

    The lower triangle alone is read, and gets the gradient; gradients of vectors want different eigenvalues.  The signs of the
    vectors are the engine's.  Raises ValueError for matrices that are not square.

    >>> from keras_lite import ops
    >>> values, vectors = ops.eigh([[2.0, 1.0], [1.0, 2.0]])
    >>> ops.convert_to_numpy(values).round(3)
    array([1., 3.], dtype=float32)
    """
    values, vectors = registry.current().eigh(symmetric(square_matrix("eigh", x)))
    return back(values, x), back(vectors, x)


@op(floating=True, differentiable=False, reference=references.eig, canonical=canonical.complex_eigenvectors, normwise=True,
    samples=(Sample(f32(3, 3)), Sample(f32(2, 4, 4)), Sample(array([[0.0, 1.0], [-1.0, 0.0]])), Sample(array([[4, 1], [2, 3]], "int32")),
             Sample(f32(0, 0)), Sample(NAN_IN_STACK), Sample(array([[1e10, 0], [1, 1e-10]])), NOT_SQUARE, VECTOR, COMPLEX_MATRIX))
def eig(x: Any) -> tuple[Any, Any]:
    """Eigenvalues (..., n) of `x` (..., n, n) and eigenvectors of unit length as columns (..., n, n), complex and in no order.

    They have no gradient: differentiating raises NotImplementedError.  For symmetric matrices see `eigh`.  Raises ValueError for matrices
    that are not square.

    >>> from keras_lite import ops
    >>> values, vectors = ops.eig([[0.0, 1.0], [-1.0, 0.0]])
    >>> sorted(ops.convert_to_numpy(ops.imag(values)).round(3).tolist())
    [-1.0, 1.0]
    """
    values, vectors = with_gradient([square_matrix("eig", x)], lambda x: (list(registry.current().eig(x)), []), _no_gradient)
    return values, vectors


def _no_gradient(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    raise not_there("eig", "no engine has its gradient; for symmetric matrices use eigh")


@op(floating=True, reference=references.svd, canonical=canonical.singular_vectors, normwise=True,
    samples=(Sample(f32(3, 3)), Sample(f32(2, 4, 3)), Sample(f32(2, 3, 5)), Sample(f32(4, 2), full_matrices=False),
             Sample(f32(2, 4), False), Sample(f32(2, 3, 4), compute_uv=False), Sample(f32(0, 3)), Sample(f32(0, 2, 2)), Sample(i32(3, 2)),
             Sample(NAN_IN_STACK, grad=False), Sample(array([[1e18, 0], [0, 1e-18]]), grad=False), VECTOR, COMPLEX_MATRIX))
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """`u`, `s`, `vt` with `u @ diag(s) @ vt == x`, the singular values s descending.

    With k = min(m, n), `s` is (..., k), `u` (..., m, m) and `vt` (..., n, n).  Gradients of vectors want different singular values;
    those of columns that only complete a basis see the space that they span.  The signs are the engine's.

    Args:
        x: matrices (..., m, n).
        full_matrices: whether u and vt are square; without, they are (..., m, k) and (..., k, n).
        compute_uv: whether u and vt are returned; without, `s` alone.

    Raises:
        ValueError: less than two axes.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.svd([[3.0, 0.0], [4.0, 5.0]], compute_uv=False)).round(3)
    array([6.708, 2.236], dtype=float32)
    """
    y, engine = matrix("svd", x), registry.current()
    if not compute_uv:
        return back(engine.singular_values(y), x)
    u, s, vt = engine.svd(y)
    if full_matrices:
        u, vt = completed(u), swap(completed(swap(vt)))
    return back(u, x), back(s, x), back(vt, x)


@op(floating=True, differentiable=False, reference=references.matrix_rank,
    samples=(Sample(f32(4, 3)), Sample(f32(2, 3, 5)), Sample(LOW_RANK), Sample(array([[1, 0], [0, 0.01]]), tol=0.1),
             Sample(array([[1, 0], [0, 0.01]]), 0.001), Sample(i32(3, 3)), Sample(f32(0, 3)), Sample(f32(0, 2, 2)),
             Sample(array([[[0.0, 0], [0, 0]], [[1e20, 0], [0, 2e19]]])), VECTOR, COMPLEX_MATRIX))
def matrix_rank(x: Any, tol: Any = None) -> Any:
    """How many singular values of `x` (..., m, n) exceed `tol`, as int32.

    By default `tol` is the largest of them times max(m, n) units of the dtype.  Raises ValueError for less than two axes.

    >>> from keras_lite import ops
    >>> int(ops.matrix_rank([[1.0, 2.0], [2.0, 4.0]]))
    1
    >>> int(ops.matrix_rank([[1.0, 0.0], [0.0, 0.01]])), int(ops.matrix_rank([[1.0, 0.0], [0.0, 0.01]], tol=0.1))
    (2, 1)
    """
    y = matrix("matrix_rank", x)
    s = registry.current().singular_values(y)
    limit = multiply(largest(s), rounding(x, y)) if tol is None else tol
    return reduce_sum(cast(greater(s, limit), "int32"), -1)
