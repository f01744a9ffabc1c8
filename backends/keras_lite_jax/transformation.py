"""Differentiation and compilation of pure functions of tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.extend.core
import jax.numpy as jnp
import numpy as np
from jax import lax

from keras_lite.engine.errors import invalid, not_there
from keras_lite_jax.control import strong
from keras_lite_jax.tensors import dtype_of, shape_of

Tensors = list[jax.Array]


def stop_gradient(x: jax.Array) -> jax.Array:
    return lax.stop_gradient(x)


def is_eager() -> bool:
    return not isinstance(jnp.zeros(()), jax.core.Tracer)


def is_traced(x: jax.Array) -> bool:
    return isinstance(x, jax.core.Tracer)


def value_and_grad(fn: Callable[[Tensors], tuple[jax.Array, Any]], tensors: Tensors) -> tuple[jax.Array, Any, Tensors]:
    try:
        (value, aux), gradients = jax.value_and_grad(fn, has_aux=True, allow_int=True)(tensors)
    except ValueError as error:
        if "Reverse-mode differentiation does not work" not in str(error):
            raise
        raise invalid("value_and_grad", "jax can't differentiate a loop of which it does not know how many turns it makes at most; give "
                      "while_loop a maximum_iterations, and fori_loop bounds that are ints") from None
    gradients = [jnp.zeros_like(t) if g.dtype == jax.dtypes.float0 else _ascent(g) for t, g in zip(tensors, gradients, strict=True)]
    return value, jax.tree.map(lax.stop_gradient, aux), gradients


def _ascent(g: jax.Array) -> jax.Array:
    """From JAX's gradient of complex tensors to the contract's, or back: the conjugate."""
    return jnp.conj(g) if jnp.issubdtype(g.dtype, jnp.complexfloating) else g


def custom_gradient(forward: Callable[..., tuple[Tensors, Tensors]], backward: Callable[[Tensors, Tensors], Tensors],
                    tensors: Tensors) -> Tensors:
    if not any(isinstance(t, jax.core.Tracer) for t in tensors):
        # nothing is differentiated, and `custom_vjp` would look at its functions anew at each call
        return [lax.stop_gradient(y) for y in forward(*tensors)[0]]
    try:
        return _with_gradient(forward, backward, tensors)
    except jax.errors.UnexpectedTracerError:  # `forward` closes over what is differentiated: `custom_vjp` wants that as an argument
        return _with_gradient(*_unclosed(forward, backward, tensors))


def _unclosed(forward: Callable[..., tuple[Tensors, Tensors]], backward: Callable[[Tensors, Tensors], Tensors],
              tensors: Tensors) -> tuple[Any, Any, Tensors]:
    """Arguments of `_with_gradient` where what the functions close over stands among the tensors, with a gradient of zero."""
    hoisted, closed = jax.closure_convert(forward, *tensors)
    outputs, residuals = jax.eval_shape(hoisted, *tensors, *closed)
    examples = [y if jnp.issubdtype(y.dtype, jnp.inexact) else jax.ShapeDtypeStruct(y.shape, "int32") for y in outputs]
    pulled, more = jax.closure_convert(backward, residuals, examples)
    count, own = len(tensors) + len(closed), len(residuals)

    def there(*args: jax.Array) -> tuple[Tensors, Tensors]:
        outputs, residuals = hoisted(*args[:count])
        return outputs, [*residuals, *args[count:]]

    def back(residuals: Tensors, cotangents: Tensors) -> Tensors:
        return [*pulled(residuals[:own], cotangents, *residuals[own:]), *map(jnp.zeros_like, (*closed, *more))]

    return there, back, [*tensors, *closed, *more]


def _with_gradient(forward: Callable[..., tuple[Tensors, Tensors]], backward: Callable[[Tensors, Tensors], Tensors],
                   tensors: Tensors) -> Tensors:
    wanted = [t.dtype if jnp.issubdtype(t.dtype, jnp.inexact) else None for t in tensors]

    @jax.custom_vjp
    def run(*args: jax.Array) -> Tensors:
        return forward(*args)[0]

    def pull_back(residuals: Tensors, cotangents: Tensors) -> tuple[jax.Array | None, ...]:
        # an integer tensor has no gradient, which JAX spells None for arguments and float0 for results
        given = [jnp.zeros(c.shape, "int32") if c.dtype == jax.dtypes.float0 else _ascent(c) for c in cotangents]
        try:
            found = backward(residuals, given)
        except jax.errors.UnexpectedTracerError:
            raise invalid("custom_gradient", "the function closes over a tensor or variable that is differentiated, which jax can't "
                          "give to its gradient; make it an argument of the function, or take its stop_gradient before") from None
        return tuple(None if dtype is None else _ascent(g.astype(dtype)) for g, dtype in zip(found, wanted, strict=True))

    run.defvjp(forward, pull_back)
    return run(*tensors)


def held_back(tensors: Tensors, until: Tensors) -> Tensors:
    """Copies which a compiler takes for other values, not there before `until`: what is computed from them is computed again."""
    return list(jax.lax.optimization_barrier((tensors, until))[0])


def compile(fn: Callable[..., Any]) -> Callable[..., Any]:  # noqa: A001  # the contract's name; the builtin is not used here
    return jax.jit(fn)


def compile_step(step: Callable[[Tensors, Tensors, jax.Array], Tensors], layouts: Any = None) -> Callable[..., Tensors]:
    """The loop is in the program, with its bounds as arguments, except where XLA would be slow: its CPU convolutions are 13 times
    slower in a loop (measured on a small convnet).  Which form is taken depends on the step alone, so that runs repeat.
    """
    if layouts is not None:
        raise not_there("compile_step", f"the jax engine takes no layouts yet, got {layouts!r}")
    one = jax.jit(lambda carry, source, index: strong(step(carry, source, index)))
    chosen: list[Callable[..., Tensors]] = []  # known after the first call

    def run(carry: Tensors, source: Tensors, start: int, count: int) -> Tensors:
        if not chosen:
            program = one.trace(carry, source, np.int32(start)).jaxpr.jaxpr
            chosen.append(_form(one, {equation.primitive.name for equation in _equations(program)}))
        return chosen[0](carry, source, start, count)

    return run


def _form(one: Callable[..., Tensors], primitives: set[str]) -> Callable[..., Tensors]:
    """How a step with these primitives is run: a loop in the program or in Python, with or without giving the carry away."""
    if any("callback" in name for name in primitives):
        return _undonated(one)
    once = jax.jit(lambda carry, source, index: one(carry, source, index), donate_argnums=0)
    many = jax.jit(lambda carry, source, start, stop: lax.fori_loop(start, stop, lambda i, c: one(c, source, i), carry), donate_argnums=0)

    def loop_in_python(carry: Tensors, source: Tensors, start: int, count: int) -> Tensors:
        for index in range(start, start + count):
            carry = once(carry, source, np.int32(index))
        return carry

    if jax.default_backend() == "cpu" and "conv_general_dilated" in primitives:
        return loop_in_python
    return lambda carry, source, start, count: many(carry, source, np.int32(start), np.int32(start + count))


def _undonated(one: Callable[..., Tensors]) -> Callable[..., Tensors]:
    """For steps that call back into Python: when the user's function raises, the carry of before the call is still there."""

    def run(carry: Tensors, source: Tensors, start: int, count: int) -> Tensors:
        for index in range(start, start + count):
            carry = jax.block_until_ready(one(carry, source, np.int32(index)))
        return carry

    return run


def _equations(program: Any) -> Iterator[Any]:
    """The equations of a jaxpr and of all the jaxprs in it."""
    yield from program.eqns
    for inner in jax.extend.core.subjaxprs(program):
        yield from _equations(inner)


def eval_shape(fn: Callable[..., Any], specs: list[tuple[tuple[int, ...], str]]) -> Any:
    result = jax.eval_shape(fn, *(jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in specs))
    return jax.tree.map(lambda spec: (shape_of(spec), dtype_of(spec)), result)
