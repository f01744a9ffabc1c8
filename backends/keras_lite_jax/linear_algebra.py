"""Linear algebra."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import jax.scipy.linalg


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


def lu_factor(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    lu, pivots = jax.scipy.linalg.lu_factor(x)
    return lu, pivots


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
