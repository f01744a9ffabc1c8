"""Gather, scatter, sort and search."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


def gather(x: jax.Array, indices: jax.Array, axis: int) -> jax.Array:
    if x.size == 0:  # then jnp.take forgets the shape of the indices
        return jnp.zeros((*x.shape[:axis], *indices.shape, *x.shape[axis + 1:]), x.dtype)
    return (_take_short if _is_short(x) else _take)(x, indices, axis)


def _is_short(x: jax.Array) -> bool:
    """Whether `x` is of 16-bit floats, whose sums stall: bfloat16 at 256."""
    return x.dtype.itemsize == 2 and jnp.issubdtype(x.dtype, jnp.floating)


def _with_wide_gradient(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """`function(x, indices, axis)`, linear in `x`, whose gradient sums in float32."""
    ruled = jax.custom_jvp(function, nondiff_argnums=(2,))

    @ruled.defjvp
    def tangent_of(axis: int, primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
        x, indices = primals
        return ruled(x, indices, axis), function(tangents[0].astype("float32"), indices, axis).astype(x.dtype)

    return functools.partial(jax.jit, static_argnums=2)(ruled)  # eager calls of a bare custom_jvp are slow


def _take(x: jax.Array, indices: jax.Array, axis: int) -> jax.Array:
    return jnp.take(x, indices, axis, mode="clip")  # XLA's gather clips anyway: no work is added


def _take_along(x: jax.Array, indices: jax.Array, axis: int) -> jax.Array:
    return jnp.take_along_axis(x, indices, axis, mode="promise_in_bounds")


_take_short, _take_along_short = _with_wide_gradient(_take), _with_wide_gradient(_take_along)


def take_along_axis(x: jax.Array, indices: jax.Array, axis: int) -> jax.Array:
    return (_take_along_short if _is_short(x) else _take_along)(x, indices, axis)


def scatter(x: jax.Array, indices: jax.Array, updates: jax.Array, mode: str) -> jax.Array:
    if x.dtype.kind == "b":  # bools add and multiply as in NumPy, by "or" and "and"
        mode = {"add": "max", "multiply": "min"}.get(mode, mode)
    if mode == "set":
        return lax.platform_dependent(x, indices, updates, cpu=_set_in_order, default=_set_last)
    if mode == "add" and _is_short(x):
        return scatter(x.astype("float32"), indices, updates.astype("float32"), mode).astype(x.dtype)
    if mode == "multiply":
        return _multiply(x, indices, updates)
    return getattr(_at(x, indices), mode)(updates, mode="promise_in_bounds", wrap_negative_indices=False)


def _at(x: jax.Array, indices: jax.Array) -> Any:
    return x.at[tuple(indices[:, axis] for axis in range(indices.shape[1]))]


def _set_in_order(x: jax.Array, indices: jax.Array, updates: jax.Array) -> jax.Array:
    """On the CPU, XLA writes the updates one after the other."""
    return _at(x, indices).set(updates, mode="promise_in_bounds", wrap_negative_indices=False)


def _set_last(x: jax.Array, indices: jax.Array, updates: jax.Array) -> jax.Array:
    """Elsewhere the order is open, so only the last update of each index is written."""
    number = jnp.arange(1, len(updates) + 1, dtype="int32")
    last = _at(jnp.zeros(x.shape[:indices.shape[1]], "int32"), indices).max(number, wrap_negative_indices=False)
    wins = _at(last, indices).get(wrap_negative_indices=False) == number
    return _at(x, _send_outside(x, indices, wins)).set(updates, mode="drop", unique_indices=True, wrap_negative_indices=False)


def _send_outside(x: jax.Array, indices: jax.Array, keep: jax.Array) -> jax.Array:
    """`indices` with different places outside of `x`, which "drop" ignores, for those not to keep."""
    outside = x.shape[0] + jnp.arange(len(indices), dtype=indices.dtype)
    return indices.at[:, 0].set(jnp.where(keep, indices[:, 0], outside))


@jax.jit
def _multiply(x: jax.Array, indices: jax.Array, updates: jax.Array) -> jax.Array:
    """Products of the updates of equal indices first: JAX differentiates this mode for unique indices only."""
    if not len(updates):
        return x
    order = jnp.lexsort(tuple(indices.T))
    indices, updates = indices[order], updates[order]
    same = jnp.all(indices[1:] == indices[:-1], axis=1)
    edge = jnp.ones(1, bool)
    starts, ends = jnp.concatenate([edge, ~same]), jnp.concatenate([~same, edge])
    starts = jnp.broadcast_to(starts.reshape(-1, *[1] * (updates.ndim - 1)), updates.shape)
    _, products = lax.associative_scan(_segment_product, (starts, updates))
    return _at(x, _send_outside(x, indices, ends)).multiply(products, mode="drop", unique_indices=True, wrap_negative_indices=False)


def _segment_product(left: tuple[jax.Array, jax.Array], right: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
    return left[0] | right[0], jnp.where(right[0], right[1], left[1] * right[1])


def sort(x: jax.Array, axis: int) -> jax.Array:
    return jnp.sort(x, axis)


@functools.partial(jax.jit, static_argnums=1)
def argsort(x: jax.Array, axis: int) -> jax.Array:
    return lax.sort((lax.stop_gradient(x), lax.broadcasted_iota("int32", x.shape, axis)), dimension=axis, num_keys=1)[1]


@functools.partial(jax.jit, static_argnums=1)
def top_k(x: jax.Array, k: int) -> tuple[jax.Array, jax.Array]:
    keys = lax.stop_gradient(x)
    if jnp.issubdtype(x.dtype, jnp.floating):  # XLA orders -nan < -0.0 < 0.0 < nan
        keys = jnp.where(jnp.isnan(keys), jnp.nan, jnp.where(keys == 0, 0, keys))
    indices = lax.top_k(keys, k)[1]
    return take_along_axis(x, indices, x.ndim - 1), indices


def searchsorted(sorted_sequence: jax.Array, values: jax.Array, side: str) -> jax.Array:
    return jnp.searchsorted(sorted_sequence, values, side=side).astype("int32")
