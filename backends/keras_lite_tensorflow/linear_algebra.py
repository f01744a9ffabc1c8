"""Linear algebra.

TensorFlow's kernels raise for matrices that have no answer; they get the identity in place of them.  XLA has no kernels for determinants
and solves singular systems: its programs eliminate as `lu_factor` does.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from keras_lite_tensorflow.contraction import matmul
from keras_lite_tensorflow.kernels import differentiated_apart, for_xla, plain_eager, raw
from keras_lite_tensorflow.tensors import shape_of

Tensor: TypeAlias = tf.Tensor


def _nan(x: Tensor) -> Tensor:
    """NaN of the dtype of `x`."""
    return tf.cast(tf.constant(float("nan")), x.dtype)


def _each_good(good: Callable[[Tensor], Tensor], function: Callable[[Tensor], Sequence[Tensor]], x: Tensor) -> list[Tensor]:
    """The results of `function`, NaN for the matrices of `x` that are not `good`."""
    if tf.executing_eagerly():  # first as if all were good: for less than the masks cost
        with contextlib.suppress(tf.errors.InvalidArgumentError):
            return list(function(x))
    fine = good(x)

    def mask(y: Tensor) -> Tensor:
        return tf.reshape(fine, [*shape_of(fine), *[1] * (y.shape.rank - fine.shape.rank)])

    results = function(tf.where(mask(x), x, tf.eye(*shape_of(x)[-2:], dtype=x.dtype)))
    return [tf.where(mask(y), y, _nan(y)) for y in results]


def _finite(x: Tensor) -> Tensor:
    return tf.reduce_all(tf.math.is_finite(x), [-2, -1])


def _regular(x: Tensor) -> Tensor:
    """Whether elimination meets no pivot of 0 or NaN; of what is beside the pivots the kernel alone would say nothing."""
    return _finite(x) & (tf.abs(slogdet(tf.stop_gradient(x))[0]) > 0)


def _one_stack(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both with the leading axes that they broadcast to: the kernels want them equal."""
    first, second = a.shape[:-2], b.shape[:-2]
    if first.is_fully_defined() and first == second:
        return a, b
    stack = tf.broadcast_dynamic_shape(tf.shape(a)[:-2], tf.shape(b)[:-2])
    known = tf.broadcast_static_shape(first, second)
    pair = []
    for x in (a, b):
        wide = tf.broadcast_to(x, tf.concat([stack, tf.shape(x)[-2:]], 0))
        wide.set_shape([*known, *x.shape[-2:]])
        pair.append(wide)
    return pair[0], pair[1]


def _swap(x: Tensor) -> Tensor:
    return tf.linalg.matrix_transpose(x)


def cholesky(x: Tensor) -> Tensor:
    return tf.linalg.band_part(raw.Cholesky(input=x), -1, 0)  # above the diagonal a failure leaves what was in the memory


def det(x: Tensor) -> Tensor:
    if plain_eager():
        return raw.MatrixDeterminant(input=x)
    differentiated_apart(_det)  # TensorFlow's map forgets the gradient, and its own stops the program at a singular matrix
    return _det(x)


@tf.custom_gradient
def _det(x: Tensor) -> Any:
    value = tf.reduce_prod(_pivots(x), -1) if for_xla() else raw.MatrixDeterminant(input=x)
    return value, lambda g: g[..., None, None] * _cofactors(x)


def slogdet(x: Tensor) -> tuple[Tensor, Tensor]:
    if plain_eager():
        sign, logarithm = raw.LogMatrixDeterminant(input=x)
    else:
        differentiated_apart(_slogdet)  # as `det`
        sign, logarithm = _slogdet(x)
    return sign, logarithm


@tf.custom_gradient
def _slogdet(x: Tensor) -> Any:
    """With NaN for the gradient of a singular matrix, for which TensorFlow's stops the program."""
    def backward(_: Tensor, g: Tensor) -> Tensor:
        return g[..., None, None] * _swap(solve(x, tf.eye(shape_of(x)[-1], dtype=x.dtype)))

    return _slogdet_by_pivots(x) if for_xla() else raw.LogMatrixDeterminant(input=x), backward


def _pivots(x: Tensor) -> Tensor:
    """The pivots of elimination, negative where rows were swapped: their product is the determinant."""
    lu, swaps = lu_factor(x)
    still = swaps == tf.range(shape_of(swaps)[-1])
    diagonal = tf.linalg.diag_part(lu)
    return tf.where(still, diagonal, -diagonal)


def _slogdet_by_pivots(x: Tensor) -> tuple[Tensor, Tensor]:
    pivots = _pivots(x)
    return tf.reduce_prod(tf.sign(pivots), -1), tf.reduce_sum(tf.math.log(tf.abs(pivots)), -1)


def _cofactors(x: Tensor, unit: float = np.finfo("float64").eps) -> Tensor:
    """det(x) * inv(x).T.  Cofactors are polynomials, so a singular matrix may be moved by a rounding first: what elimination then
    makes of its small pivot is the same in both factors.  For float32 in float64, where that is so for the derivatives too."""
    if x.dtype == tf.float32:
        return tf.cast(_cofactors(tf.cast(x, "float64"), 1e-8), x.dtype)
    identity = tf.eye(shape_of(x)[-1], dtype=x.dtype)
    size = tf.maximum(tf.reduce_max(tf.abs(x), [-2, -1], keepdims=True), tf.constant(1e-40, x.dtype))
    shift = tf.where(_regular(x)[..., None, None], tf.zeros_like(size), size * unit)
    regular = x + tf.stop_gradient(shift) * identity
    sign, logarithm = slogdet(regular)
    return (sign * tf.exp(logarithm))[..., None, None] * _swap(solve(regular, identity))


def eig(x: Tensor) -> tuple[Tensor, Tensor]:
    dtype = tf.complex128 if x.dtype == tf.float64 else tf.complex64
    values, vectors = _each_good(_finite, lambda x: raw.Eig(input=x, Tout=dtype), x)
    return values, vectors


def eigh(x: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = _each_good(_finite, lambda x: raw.SelfAdjointEigV2(input=x), x)
    return values, vectors


# --- LU: the kernel wants regular square matrices, gives an order of the rows instead of pivots, and has no gradient ---------


def lu_factor(x: Tensor) -> tuple[Tensor, Tensor]:
    return _lu(x)[:2]


@tf.custom_gradient
def _lu(x: Tensor) -> Any:
    lu, pivots, order = _eliminated(x)
    return (lu, pivots, order), lambda g, *_: tf.gather(_lu_slope(g, lu), tf.argsort(order), batch_dims=x.shape.rank - 2)


def _eliminated(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """L and U in one, the pivots, and which row of `x` each row is."""
    *stack, m, n = shape_of(x)
    if 0 in x.shape[-2:].as_list():  # XLA compiles no turn of the loop, though there is none
        return x, tf.zeros([*stack, 0], "int32"), tf.broadcast_to(tf.range(m), [*stack, m])
    lu, pivots, order = (tf.reshape(y, [*stack, *shape_of(y)[1:]]) for y in _elimination(x.dtype)(tf.reshape(x, [-1, m, n])))
    lu.set_shape(x.shape)
    return lu, pivots, order


@functools.cache
def _elimination(dtype: tf.DType) -> Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]:
    """Elimination column by column, with the largest entry as pivot (Golub and Van Loan, algorithm 3.4.1), of (count, m, n)."""

    @tf.function(input_signature=[tf.TensorSpec([None, None, None], dtype)], autograph=False)
    def eliminate(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        count, m, n = shape_of(x)
        numbers, size = tf.range(m), tf.minimum(m, n)

        def step(i: Tensor, y: Tensor, pivots: Tensor, order: Tensor) -> tuple[Tensor, ...]:
            below = tf.where(numbers >= i, tf.abs(y[:, :, i]), -tf.ones([], dtype))
            p = tf.argmax(below, -1, output_type=tf.int32)[:, None]
            swapped = tf.where(numbers == i, p, tf.where(numbers == p, i, numbers))
            y, order = tf.gather(y, swapped, batch_dims=1), tf.gather(order, swapped, batch_dims=1)
            row = tf.where(tf.range(n) > i, y[:, i, :], 0)
            factors = tf.where(numbers > i, tf.math.divide_no_nan(y[:, :, i], y[:, i, i, None]), 0)
            column = tf.where(numbers > i, factors, y[:, :, i])
            y = tf.where(tf.range(n) == i, column[:, :, None], y - factors[:, :, None] * row[:, None, :])
            return i + 1, y, tf.where(tf.range(size) == i, p, pivots), order

        start = tf.constant(0), x, tf.zeros([count, size], tf.int32), tf.repeat(numbers[None], count, 0)
        return tf.while_loop(lambda i, *_: i < size, step, start, maximum_iterations=size)[1:]  # XLA wants to know for the gradient

    return eliminate


def _lu_slope(g: Tensor, lu: Tensor) -> Tensor:
    """inv(L).T @ (gU + S @ inv(U).T) with S = tril(L.T @ gL - gU @ U.T, -1), the gradient of the rows in their new order, when x is square.

    By x = L @ U, inv(L) @ dx is F @ U + dU where F = inv(L) @ dL has as many columns as there are steps that eliminate something; so
    with S, of the same columns, no other pivot is divided by.  Rows beyond the columns of U are free: there S is gL.
    """
    *stack, m, n = shape_of(lu)
    known = isinstance(m, int) and isinstance(n, int)
    k, steps = (min(m, n), min(max(m - 1, 0), n)) if known else (tf.minimum(m, n), tf.minimum(tf.maximum(m - 1, 0), n))
    lower, upper = _lower(lu[..., :k], -1) + tf.eye(m, k, dtype=lu.dtype), _upper(lu[..., :k, :])
    lower_slope, upper_slope = _lower(g[..., :k], -1), _upper(g[..., :k, :])
    turn = _lower(matmul(_swap(lower), lower_slope) - matmul(upper_slope, _swap(upper)), -1)
    turn = tf.concat([turn[..., :steps], lower_slope[..., k:, :steps]], -2)
    turn = _swap(solve_triangular(upper[..., :steps, :steps], _swap(turn), False))
    turn = tf.concat([turn, tf.zeros([*stack, m, n - steps], lu.dtype)], -1)
    first = upper_slope + turn[..., :k, :] - matmul(_swap(lower[..., k:, :]), turn[..., k:, :])
    return tf.concat([solve_triangular(_swap(lower[..., :k, :]), first, False), turn[..., k:, :]], -2)


def _lower(x: Tensor, k: int) -> Tensor:
    """The part on and below diagonal `k`, -1 or 0."""
    y = tf.linalg.band_part(x, -1, 0)
    return y if k == 0 else y - tf.linalg.band_part(x, 0, 0)


def _upper(x: Tensor) -> Tensor:
    return tf.linalg.band_part(x, 0, -1)


def qr(x: Tensor, complete: bool) -> tuple[Tensor, Tensor]:
    q, r = raw.Qr(input=x, full_matrices=complete)
    return q, r


def solve(a: Tensor, b: Tensor) -> Tensor:
    a, b = _one_stack(a, b)
    if for_xla():
        return _solve_by_elimination(a, b)
    return _each_good(_regular, lambda a: [raw.MatrixSolve(matrix=a, rhs=b)], a)[0]


def _solve_by_elimination(a: Tensor, b: Tensor) -> Tensor:
    lu, _, order = _lu(a)
    lower = _lower(lu, -1) + tf.eye(shape_of(a)[-1], dtype=a.dtype)
    rows = tf.gather(b[None], order[None], batch_dims=a.shape.rank - 1)[0]  # one axis more: without any its gradient is no tensor
    x = solve_triangular(lu, solve_triangular(lower, rows, True), False)
    regular = tf.reduce_all(tf.abs(tf.linalg.diag_part(lu)) > 0, -1)
    return tf.where(regular[..., None, None], x, _nan(x))


def solve_triangular(a: Tensor, b: Tensor, lower: bool) -> Tensor:
    a, b = _one_stack(a, b)
    return raw.MatrixTriangularSolve(matrix=a, rhs=b, lower=lower)


def svd(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    s, u, v = _each_good(_finite, lambda x: raw.Svd(input=x), x)
    return u, s, _swap(v)


def singular_values(x: Tensor) -> Tensor:
    return _each_good(_finite, lambda x: [raw.Svd(input=x, compute_uv=False)[0]], x)[0]
