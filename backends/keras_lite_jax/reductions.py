"""Reductions and cumulative sums."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

Axes = tuple[int, ...]
_WIDE = {jnp.dtype("bfloat16"): "float32", jnp.dtype("float16"): "float32"}


def accumulator(x: jax.Array) -> Any:
    """The dtype in which values like `x` are added up."""
    return _WIDE.get(x.dtype, x.dtype)


def reduce_sum(x: jax.Array, axes: Axes, keepdims: bool) -> jax.Array:
    return jnp.sum(x, axes, dtype=accumulator(x), keepdims=keepdims).astype(x.dtype)


def reduce_prod(x: jax.Array, axes: Axes, keepdims: bool) -> jax.Array:
    return jnp.prod(x, axes, dtype=accumulator(x), keepdims=keepdims).astype(x.dtype)


def reduce_max(x: jax.Array, axes: Axes, keepdims: bool) -> jax.Array:
    return jnp.max(x, axes, keepdims=keepdims)


def reduce_min(x: jax.Array, axes: Axes, keepdims: bool) -> jax.Array:
    return jnp.min(x, axes, keepdims=keepdims)


def reduce_any(x: jax.Array, axes: Axes, keepdims: bool) -> jax.Array:
    return jnp.any(x, axes, keepdims=keepdims)


def reduce_all(x: jax.Array, axes: Axes, keepdims: bool) -> jax.Array:
    return jnp.all(x, axes, keepdims=keepdims)


def argmax(x: jax.Array, axis: int) -> jax.Array:
    return lax.argmax(x, axis, jnp.int32)


def argmin(x: jax.Array, axis: int) -> jax.Array:
    return lax.argmin(x, axis, jnp.int32)


def cumsum(x: jax.Array, axis: int) -> jax.Array:
    return lax.cumsum(x.astype(accumulator(x)), axis).astype(x.dtype)


def cumprod(x: jax.Array, axis: int) -> jax.Array:
    return lax.cumprod(x.astype(accumulator(x)), axis).astype(x.dtype)
