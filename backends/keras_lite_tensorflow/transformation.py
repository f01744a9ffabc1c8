"""Differentiation and compilation of pure functions of tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from keras_lite.engine.errors import not_there
from keras_lite_tensorflow.kernels import differentiated_apart, plain_eager
from keras_lite_tensorflow.programs import Program, specs_of, steps_program
from keras_lite_tensorflow.tensors import dtype_of, has_values, is_tensor, to_numpy

Tensors = list[tf.Tensor]


def stop_gradient(x: tf.Tensor) -> tf.Tensor:
    return tf.stop_gradient(x)


def on_host(x: tf.Tensor) -> np.ndarray | None:
    return to_numpy(x) if plain_eager() and has_values(x) and ":CPU:" in x.device else None


def is_eager() -> bool:
    return tf.executing_eagerly()


def value_and_grad(fn: Callable[[Tensors], tuple[tf.Tensor, Any]], tensors: Tensors) -> tuple[tf.Tensor, Any, Tensors]:
    inputs = [tf.identity(t) for t in tensors]  # new ones: `fn` may use the same tensors as constants too
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([t for t in inputs if _has_gradient(t)])
        value, aux = fn(inputs)
    gradients = tape.gradient(value, inputs, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return value, tf.nest.map_structure(_detached, aux), [_dense(g, t) for g, t in zip(gradients, inputs, strict=True)]


def _has_gradient(x: tf.Tensor) -> bool:
    return x.dtype.is_floating or x.dtype.is_complex


def _detached(x: Any) -> Any:
    return tf.stop_gradient(x) if is_tensor(x) else x


def _dense(gradient: Any, x: tf.Tensor) -> tf.Tensor:
    """Gathering rows has the gradient tf.IndexedSlices; integers have none."""
    return tf.zeros_like(x) if gradient is None else tf.convert_to_tensor(gradient)


def custom_gradient(forward: Callable[..., tuple[Tensors, Tensors]], backward: Callable[[Tensors, Tensors], Tensors],
                    tensors: Tensors) -> Tensors:
    if plain_eager():
        return forward(*tensors)[0]
    differentiated_apart(backward)  # TensorFlow's map forgets it

    @tf.custom_gradient
    def run(*xs: tf.Tensor) -> Any:
        outputs, residuals = forward(*xs)

        def pull_back(*cotangents: Any) -> Tensors:
            return backward(residuals, [tf.convert_to_tensor(c) for c in cotangents])

        return [tf.stop_gradient(y) for y in outputs], pull_back  # also of what `forward` closes over

    return run(*tensors)


def held_back(tensors: Tensors, until: Tensors) -> Tensors:
    """Copies which a graph does not have before `until`: what is computed from them is computed again."""
    with tf.control_dependencies(until):
        return [tf.identity(x) for x in tensors]


def compile(fn: Callable[..., Any]) -> Callable[..., Any]:  # noqa: A001  # the contract's name; the builtin is not used here
    programs: dict[Any, tuple[Program, Callable[[Tensors], Any]]] = {}

    def call(*args: Any) -> Any:
        if not tf.executing_eagerly():
            return fn(*args)
        signature = _signature(args)
        known = programs.get(signature)
        if known is None:
            known = programs[signature] = _trace(fn, args)
        program, pack = known
        return pack(program(_tensors_of(args)))

    return call


def _signature(x: Any) -> Any:
    """A key for the structure, shapes and dtypes of a nest."""
    if isinstance(x, (list, tuple)):
        return (type(x), *[_signature(item) for item in x])
    if isinstance(x, dict):
        return (type(x), *[(key, _signature(x[key])) for key in x])
    return (x.shape, x.dtype) if is_tensor(x) else (type(x), x)  # None, or a value that is part of the program


def _tensors_of(nest: Any) -> Tensors:
    return [tf.convert_to_tensor(x) for x in tf.nest.flatten(nest) if is_tensor(x)]


def _with_tensors(nest: Any, tensors: Iterable[tf.Tensor]) -> Any:
    """The nest with other tensors, in the order of `_tensors_of`."""
    rest = iter(tensors)
    return tf.nest.map_structure(lambda x: next(rest) if is_tensor(x) else x, nest)


def _trace(fn: Callable[..., Any], args: Any) -> tuple[Program, Callable[[Tensors], Any]]:
    """The program of `fn` for such arguments, and what packs its results as `fn` does."""
    nests: list[Any] = []

    def flat(*tensors: tf.Tensor) -> Tensors:
        nests.append(fn(*_with_tensors(args, tensors)))
        return _tensors_of(nests[-1])

    program = Program(flat, specs_of(_tensors_of(args)))
    nest = nests[-1]
    if is_tensor(nest):
        return program, lambda tensors: tensors[0]
    if type(nest) is list and all(map(is_tensor, nest)):
        return program, list
    return program, lambda tensors: _with_tensors(nest, tensors)


def compile_step(step: Callable[[Tensors, Tensors, tf.Tensor], Tensors], layouts: Any = None) -> Callable[..., Tensors]:
    """A loop in an XLA program, with its bounds as arguments, where XLA pays; else a program for one step, called in a loop.

    TensorFlow's own loops are no third way: inside of them oneDNN's kernels are chosen by chance or not at all.
    """
    if layouts is not None:
        raise not_there("compile_step", f"the TensorFlow engine does not distribute yet; layouts must be None, got {layouts!r}")
    programs: dict[Any, Callable[[Tensors, Tensors, Any, Any], Tensors]] = {}

    def run(carry: Tensors, source: Tensors, start: int, count: int) -> Tensors:
        signature = (len(carry), *[(t.shape, t.dtype) for t in carry], *[(t.shape, t.dtype) for t in source])
        steps = programs.get(signature)
        if steps is None:
            steps = programs[signature] = steps_program(step, carry, source)
        return steps(carry, source, start, count)

    return run


def eval_shape(fn: Callable[..., Any], specs: list[tuple[tuple[int, ...], str]]) -> Any:
    traced = tf.function(fn, autograph=False).get_concrete_function(*(tf.TensorSpec(shape, dtype) for shape, dtype in specs))
    # a size that is not known is None: a tensor of the traced program has no meaning outside
    return tf.nest.map_structure(lambda x: (tuple(x.shape), dtype_of(x)) if is_tensor(x) else x, traced.structured_outputs)
