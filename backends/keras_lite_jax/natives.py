"""Own implementations of ops of the table.

Under `jax.jit` XLA fuses the composites into the same programs as the functions of jax.nn; what is here has no such twin.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from keras_lite_jax.attention import fused_attention

Tensors = list[jax.Array]


def linearized(function: Callable[..., tuple[Tensors, Any]], primals: Tensors, tangents: Tensors) -> tuple[Tensors, Tensors, Any]:
    """In forward mode: one pass instead of three.  Functions with a gradient of their own have none; those go in reverse twice."""

    def floating(*xs: jax.Array) -> tuple[Tensors, tuple[Tensors, Any]]:
        outputs, aux = function(*xs)
        return [y for y in outputs if jnp.issubdtype(y.dtype, jnp.inexact)], (outputs, aux)

    try:
        _, moved, (outputs, aux) = jax.jvp(floating, tuple(primals), tuple(tangents), has_aux=True)
    except TypeError as error:
        if "custom_vjp" not in str(error):
            raise
        values, pull_back, (outputs, aux) = jax.vjp(floating, *primals, has_aux=True)
        _, push_forward = jax.vjp(pull_back, [jnp.zeros_like(y) for y in values])
        moved, = push_forward(tuple(tangents))
    rest = iter(moved)
    return outputs, [next(rest) if jnp.issubdtype(y.dtype, jnp.inexact) else jnp.zeros_like(y) for y in outputs], aux


def relu(x: jax.Array) -> Any:
    """The composite as one program: eagerly the call of a small one costs as much as an addition, three of them ten times that."""
    return NotImplemented if x.dtype.kind == "c" else _relu(x)


@functools.partial(jax.jit, inline=True)
def _relu(x: jax.Array) -> jax.Array:
    x = x.astype("int32") if x.dtype == bool else x
    return jnp.where(x <= 0, 0, x)


def signbit(x: jax.Array) -> Any:
    if x.dtype.kind == "c":
        return NotImplemented
    return jnp.signbit(x) if jnp.issubdtype(x.dtype, jnp.floating) else x < 0


NATIVES: dict[str, Callable[..., Any]] = {"fused_attention": fused_attention, "linearized": linearized, "relu": relu, "signbit": signbit}
FIRST_ORDER = frozenset({"fused_attention"})
