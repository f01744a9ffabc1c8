"""What an eager Variable holds: the array itself."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import jax

from keras_lite.engine.errors import invalid, not_there


def variable(value: jax.Array, trainable: bool, layout: Any = None, is_own: bool = False) -> jax.Array:
    if layout is not None:
        raise not_there("variable", f"the jax engine takes no layout yet, got {layout!r}; leave it None")
    return _lasting("Variable", value)


def read(holder: jax.Array) -> jax.Array:
    return holder


def write(holder: jax.Array, value: jax.Array) -> jax.Array:
    return _lasting("assign", value)


def _lasting(where: str, value: jax.Array) -> jax.Array:
    """`value`, unless it exists only while JAX traces a function: kept in a variable it would leak."""
    if isinstance(value, jax.core.Tracer):
        raise invalid(where, f"a variable can't keep {value.aval.str_short()}, which has no value outside of the function that JAX is "
                             "tracing (jit, grad, vmap, ...); use stateless_call there (stateless_apply of an optimizer, "
                             "stateless_update_state of a metric), return the new values, and assign them outside")
    return value


def untraced() -> AbstractContextManager[None]:
    return jax.ensure_compile_time_eval()
