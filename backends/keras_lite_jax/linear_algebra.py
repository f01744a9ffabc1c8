"""Linear algebra."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.linalg
import numpy as np
from jax import lax


def _each_finite(function: Callable[[jax.Array], Sequence[jax.Array]], x: jax.Array) -> list[jax.Array]:
    """The results of `function`, NaN for the matrices that are not finite: what LAPACK makes of them is left to chance."""
    if not isinstance(x, jax.core.Tracer) and math.isfinite(x.sum()):  # most eager calls, for less than the masks cost
        return list(function(x))
    good = jnp.isfinite(x).all((-2, -1))
    results = function(jnp.where(good[..., None, None], x, 0))
    return [jnp.where(good.reshape(good.shape + (1,) * (y.ndim - good.ndim)), y, jnp.nan) for y in results]


def cholesky(x: jax.Array) -> jax.Array:
    return jnp.linalg.cholesky(x, symmetrize_input=False)


def det(x: jax.Array) -> jax.Array:
    return jnp.linalg.det(x) if x.shape[-1] else jnp.ones(x.shape[:-2], x.dtype)  # whose derivative JAX lacks


def slogdet(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    if x.shape[-1] == 2:  # of these JAX takes the logarithm of the determinant, which may be too large or too small for the dtype
        x = jnp.pad(x, [(0, 0)] * (x.ndim - 2) + [(0, 1), (0, 1)]).at[..., 2, 2].set(1)
    sign, logarithm = jnp.linalg.slogdet(x)
    return sign, logarithm


def eig(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    values, vectors = _each_finite(jnp.linalg.eig, x)
    return values, vectors


def eigh(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    values, vectors = _each_finite(functools.partial(jnp.linalg.eigh, symmetrize_input=False), x)
    return values, vectors


@jax.jit
def lu_factor(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    lu, pivots, _ = _lu(x)
    return lu, pivots


@jax.custom_jvp
def _lu(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """L and U in one, the pivots, and which row of `x` each row is."""
    lu, pivots, order = lax.linalg.lu(x)
    return lu, pivots, order


@_lu.defjvp
def _lu_slope(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> Any:
    """dL = L @ F and dU = inv(L) @ dx - F @ U with F = tril(inv(L) @ dx @ inv(U), -1), when x is square, with its rows in their new order.

    F has as many columns as there are steps that eliminate something, so no other pivot is divided by.  JAX's own formula multiplies what
    it divides by the last pivot with it again: that costs digits of second gradients.  Rows beyond the columns of U are free.
    """
    lu, pivots, order = _lu(*primals)
    m, n = lu.shape[-2:]
    k, steps = min(m, n), min(max(m - 1, 0), n)
    lower, upper = jnp.tril(lu[..., :k], -1) + jnp.eye(m, k, dtype=lu.dtype), jnp.triu(lu[..., :k, :])
    dx = jnp.take_along_axis(tangents[0], order[..., None], -2)
    first = solve_triangular(lower[..., :k, :], dx[..., :k, :], True)
    left = jnp.concatenate([first, dx[..., k:, :] - lower[..., k:, :] @ first], -2)
    turn = solve_triangular(upper[..., :steps, :steps].mT, left[..., :steps].mT, True).mT
    turn = jnp.tril(turn, -1)
    below = lower @ turn[..., :k, :] + jnp.pad(turn[..., k:, :], [(0, 0)] * (turn.ndim - 2) + [(k, 0), (0, 0)])
    below = jnp.pad(below, [(0, 0)] * (below.ndim - 1) + [(0, n - steps)])
    slope = jnp.where(jnp.tri(m, n, -1, dtype=bool), below, left - turn @ upper[..., :steps, :])
    none = [np.zeros(y.shape, jax.dtypes.float0) for y in (pivots, order)]
    return (lu, pivots, order), (slope, *none)


def qr(x: jax.Array, complete: bool) -> tuple[jax.Array, jax.Array]:
    q, r = jnp.linalg.qr(x, "complete" if complete else "reduced")
    return q, r


def solve(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.linalg.solve(a, b)


def solve_triangular(a: jax.Array, b: jax.Array, lower: bool) -> jax.Array:
    if b.ndim < a.ndim:  # else it would be taken for a stack of vectors
        b = b.reshape((1,) * (a.ndim - b.ndim) + b.shape)
    return jax.scipy.linalg.solve_triangular(a, b, lower=lower)


def svd(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    u, s, vt = _each_finite(functools.partial(jnp.linalg.svd, full_matrices=False), x)
    return u, s, vt


def singular_values(x: jax.Array) -> jax.Array:
    return _each_finite(lambda x: [jnp.linalg.svd(x, compute_uv=False)], x)[0]
