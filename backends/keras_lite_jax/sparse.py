"""jax.experimental.sparse.BCOO: a product's matrix, an input of a model."""

from __future__ import annotations

import sys
from typing import Any

import jax
import jax.numpy as jnp


def is_sparse(x: Any) -> bool:
    module = sys.modules.get("jax.experimental.sparse")  # not imported before somebody uses it
    return module is not None and isinstance(x, module.BCOO)


def sparse_parts(x: Any) -> tuple[jax.Array, jax.Array, tuple[int, ...]]:
    """What fills an array up stands outside of its shape; here it is a zero in the first place."""
    if x.n_batch or x.n_dense:
        x = x.update_layout(n_batch=0, n_dense=0)
    inside = jnp.all(x.indices < jnp.array(x.shape, x.indices.dtype), axis=1)
    return jnp.where(inside[:, None], x.indices, 0), jnp.where(inside, x.data, jnp.zeros_like(x.data)), x.shape


def make_sparse(indices: jax.Array, values: jax.Array, shape: tuple[int, ...]) -> Any:
    from jax.experimental.sparse import BCOO

    return BCOO((values, indices), shape=shape)
