"""Differentiation and compilation of pure functions of tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.extend.core
import jax.numpy as jnp
import numpy as np
from jax import lax

from keras_lite_jax.control import strong
from keras_lite_jax.tensors import dtype_of, shape_of

Tensors = list[jax.Array]


def stop_gradient(x: jax.Array) -> jax.Array:
    return lax.stop_gradient(x)


def value_and_grad(fn: Callable[[Tensors], tuple[jax.Array, Any]], tensors: Tensors) -> tuple[jax.Array, Any, Tensors]:
    (value, aux), gradients = jax.value_and_grad(fn, has_aux=True, allow_int=True)(tensors)
    gradients = [jnp.zeros_like(t) if g.dtype == jax.dtypes.float0 else g for t, g in zip(tensors, gradients, strict=True)]
    return value, jax.tree.map(lax.stop_gradient, aux), gradients


def custom_gradient(forward: Callable[..., tuple[Tensors, Tensors]], backward: Callable[[Tensors, Tensors], Tensors],
                    tensors: Tensors) -> Tensors:
    wanted = [t.dtype if jnp.issubdtype(t.dtype, jnp.inexact) else None for t in tensors]

    @jax.custom_vjp
    def run(*args: jax.Array) -> Tensors:
        return forward(*args)[0]

    def pull_back(residuals: Tensors, cotangents: Tensors) -> tuple[jax.Array | None, ...]:
        # an integer tensor has no gradient, which JAX spells None for arguments and float0 for results
        given = [jnp.zeros(c.shape, "int32") if c.dtype == jax.dtypes.float0 else c for c in cotangents]
        gradients = zip(backward(residuals, given), wanted, strict=True)
        return tuple(None if dtype is None else g.astype(dtype) for g, dtype in gradients)

    run.defvjp(forward, pull_back)
    return run(*tensors)


def compile(fn: Callable[..., Any]) -> Callable[..., Any]:  # noqa: A001  # the contract's name; the builtin is not used here
    return jax.jit(fn)


def compile_step(step: Callable[[Tensors, Tensors, jax.Array], Tensors], layout: Any = None) -> Callable[..., Tensors]:
    """The loop is in the program, with its bounds as arguments, except where XLA would be slow: its CPU convolutions are 13 times
    slower in a loop (measured on a small convnet).  Which form is taken depends on the step alone, so that runs repeat.
    """
    once = jax.jit(lambda carry, source, index: strong(step(carry, source, index)), donate_argnums=0)
    many = jax.jit(lambda carry, source, start, stop: lax.fori_loop(start, stop, lambda i, c: once(c, source, i), carry), donate_argnums=0)
    loops_in_python: list[bool] = []  # known after the first call

    def run(carry: Tensors, source: Tensors, start: int, count: int) -> Tensors:
        if not loops_in_python:
            program = once.trace(carry, source, np.int32(start)).jaxpr.jaxpr
            loops_in_python.append(jax.default_backend() == "cpu" and _convolves(program))
        if not loops_in_python[0]:
            return many(carry, source, np.int32(start), np.int32(start + count))
        for index in range(start, start + count):
            carry = once(carry, source, np.int32(index))
        return carry

    return run


def _convolves(program: Any) -> bool:
    return any(equation.primitive.name == "conv_general_dilated" for equation in _equations(program))


def _equations(program: Any) -> Iterator[Any]:
    """The equations of a jaxpr and of all the jaxprs in it."""
    yield from program.eqns
    for inner in jax.extend.core.subjaxprs(program):
        yield from _equations(inner)


def eval_shape(fn: Callable[..., Any], specs: list[tuple[tuple[int, ...], str]]) -> Any:
    result = jax.eval_shape(fn, *(jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in specs))
    return jax.tree.map(lambda spec: (shape_of(spec), dtype_of(spec)), result)
