"""Same elements, another arrangement."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

Shape = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]


def reshape(x: jax.Array, shape: Shape) -> jax.Array:
    return jnp.reshape(x, shape)


def transpose(x: jax.Array, axes: Shape) -> jax.Array:
    return jnp.transpose(x, axes)


def broadcast_to(x: jax.Array, shape: Shape) -> jax.Array:
    return jnp.broadcast_to(x, shape)


def concatenate(xs: Sequence[jax.Array], axis: int) -> jax.Array:
    return jnp.concatenate(xs, axis)


def pad(x: jax.Array, pairs: Pairs, value: float | int | bool) -> jax.Array:
    return lax.pad(x, x.dtype.type(value), [(before, after, 0) for before, after in pairs])


def flip(x: jax.Array, axes: Shape) -> jax.Array:
    return lax.rev(x, axes)


def strided_slice(x: jax.Array, starts: Shape, stops: Shape, steps: Shape) -> jax.Array:
    return lax.slice(x, starts, stops, steps)


def dynamic_slice(x: jax.Array, starts: Sequence[jax.Array | int], sizes: Shape) -> jax.Array:
    return lax.dynamic_slice(x, _as_int32(starts), sizes, allow_negative_indices=False)


def dynamic_update_slice(x: jax.Array, update: jax.Array, starts: Sequence[jax.Array | int]) -> jax.Array:
    return lax.dynamic_update_slice(x, update, _as_int32(starts), allow_negative_indices=False)


def _as_int32(starts: Sequence[jax.Array | int]) -> list[jax.Array]:
    return [jnp.asarray(start, "int32") for start in starts]  # JAX wants one dtype for all
