"""What an eager Variable holds: the array itself."""

from __future__ import annotations

import jax


def variable(value: jax.Array, trainable: bool) -> jax.Array:
    return value


def read(holder: jax.Array) -> jax.Array:
    return holder


def write(holder: jax.Array, value: jax.Array) -> jax.Array:
    return value
