"""Own implementations of ops of the table.

Under `jax.jit` XLA fuses the composites into the same programs as the functions of jax.nn, so there are few.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def signbit(x: jax.Array) -> jax.Array:
    return jnp.signbit(x) if jnp.issubdtype(x.dtype, jnp.floating) else x < 0


NATIVES: dict[str, Callable[..., Any]] = {"signbit": signbit}
