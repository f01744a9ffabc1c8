"""Structured control flow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

Tensors = list[jax.Array]


def strong(xs: Tensors) -> Tensors:
    """`xs` without weak types: branches and states must agree in them, and the contract does not know them."""
    return [lax.convert_element_type(x, jnp.result_type(x)) for x in xs]


def cond(predicate: jax.Array, true_fn: Callable[[], Tensors], false_fn: Callable[[], Tensors]) -> Tensors:
    if not isinstance(predicate, jax.core.Tracer):
        return true_fn() if predicate else false_fn()
    return lax.cond(predicate, lambda: strong(true_fn()), lambda: strong(false_fn()))


def while_loop(condition: Callable[[Tensors], jax.Array], body: Callable[[Tensors], Tensors], state: Tensors,
               maximum_iterations: int | None) -> Tensors:
    state = strong(state)
    if maximum_iterations is None:
        return lax.while_loop(condition, lambda s: strong(body(s)), state)
    return _bounded_loop(condition, lambda s: strong(body(s)), state, maximum_iterations)


def _bounded_loop(condition: Callable[[Tensors], jax.Array], body: Callable[[Tensors], Tensors], state: Tensors, bound: int) -> Tensors:
    """A loop with reverse-mode gradients: scans of a fixed length whose steps do nothing once `condition` fails.

    Two levels, so that an early end skips about sqrt(bound) steps at a time.
    """
    inner = max(math.isqrt(bound), 1)

    def step(carry: Any, _: None) -> Any:
        number, current = carry
        on = (number < bound) & condition(current)
        return lax.cond(on, lambda: (number + 1, body(current)), lambda: (number, current)), None

    def chunk(carry: Any, _: None) -> Any:
        number, current = carry
        on = (number < bound) & condition(current)
        return lax.cond(on, lambda: lax.scan(step, carry, length=inner)[0], lambda: carry), None

    return lax.scan(chunk, (jnp.int32(0), state), length=-(-bound // inner))[0][1]


def scan(body: Callable[[Tensors, Tensors], tuple[Tensors, Tensors]], state: Tensors, xs: Tensors, length: int,
         reverse: bool) -> tuple[Tensors, Tensors]:
    def step(carry: Tensors, x: Tensors) -> tuple[Tensors, Tensors]:
        carry, y = body(carry, x)
        return strong(carry), y

    return lax.scan(step, strong(state), xs, length=length, reverse=reverse)


def vectorized_map(fn: Callable[[Tensors], Tensors], xs: Tensors) -> Tensors:
    return jax.vmap(fn)(xs)
