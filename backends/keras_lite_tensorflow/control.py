"""Structured control flow.  Eagerly it is Python's own, which a gradient tape follows; in a graph it is TensorFlow's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import tensorflow as tf

from keras_lite_tensorflow.kernels import a_tape_listens, differentiated_apart, mapping
from keras_lite_tensorflow.tensors import shape_of

Tensors = list[tf.Tensor]


def cond(predicate: tf.Tensor, true_fn: Callable[[], Tensors], false_fn: Callable[[], Tensors]) -> Tensors:
    if tf.executing_eagerly():
        return true_fn() if predicate else false_fn()
    # XLA lets pass what its second branch leaves as it is, and copies what the first one does: an update, mostly the true one, is second
    return list(tf.nest.flatten(tf.cond(tf.logical_not(predicate), false_fn, true_fn)))


def while_loop(condition: Callable[[Tensors], tf.Tensor], body: Callable[[Tensors], Tensors], state: Tensors,
               maximum_iterations: int | None) -> Tensors:
    if tf.executing_eagerly():
        number = 0
        while (maximum_iterations is None or number < maximum_iterations) and condition(state):
            state, number = body(state), number + 1
        return state
    differentiated_apart(condition)  # as rows may stop at different turns
    return tf.while_loop(condition, lambda s: (body(s),), (state,), maximum_iterations=maximum_iterations)[0]


def scan(body: Callable[[Tensors, Tensors], tuple[Tensors, Tensors]], state: Tensors, xs: Tensors, length: int,
         reverse: bool) -> tuple[Tensors, Tensors]:
    if tf.executing_eagerly():
        return _scan_eagerly(body, state, xs, int(length), reverse) if length else (state, _no_rows(_result_specs(body, state, xs)))
    specs = _result_specs(body, state, xs)
    loop = functools.partial(_scan_in_graph, body, state, xs, length, reverse, specs)
    if (isinstance(length, int) and length) or all(spec.shape.is_fully_defined() for spec in specs):
        return loop()
    # rows whose shape is not known can't be stacked zero times; a step on zeros tells their shape
    rows = [tf.zeros(shape_of(x)[1:], x.dtype) for x in xs]
    return tf.cond(tf.equal(length, 0), lambda: (state, _no_rows(body(state, rows)[1])), loop)


def _no_rows(rows: Sequence[tf.Tensor | tf.TensorSpec]) -> Tensors:
    """What rows like these are when stacked zero times."""
    return [tf.zeros([0, *shape_of(row)], row.dtype) for row in rows]


def _result_specs(body: Callable[[Tensors, Tensors], tuple[Tensors, Tensors]], state: Tensors, xs: Tensors) -> list[tf.TensorSpec]:
    """What `body` returns for one row of `xs`, from a trace that is thrown away."""
    given = [tf.TensorSpec(t.shape, t.dtype) for t in state] + [tf.TensorSpec(x.shape[1:], x.dtype) for x in xs]
    traced = tf.function(lambda *ts: body(list(ts[:len(state)]), list(ts[len(state):]))[1], autograph=False)
    return [tf.TensorSpec(y.shape, y.dtype) for y in traced.get_concrete_function(*given).structured_outputs]


def _scan_eagerly(body: Callable[[Tensors, Tensors], tuple[Tensors, Tensors]], state: Tensors, xs: Tensors, length: int,
                  reverse: bool) -> tuple[Tensors, Tensors]:
    rows, collected = [tf.unstack(x, length) for x in xs], []
    for index in reversed(range(length)) if reverse else range(length):
        state, y = body(state, [row[index] for row in rows])
        collected.append(y)
    return state, [tf.stack(ys) for ys in zip(*(reversed(collected) if reverse else collected), strict=True)]


def _scan_in_graph(body: Callable[[Tensors, Tensors], tuple[Tensors, Tensors]], state: Tensors, xs: Tensors, length: int,
                   reverse: bool, specs: list[tf.TensorSpec]) -> tuple[Tensors, Tensors]:
    rows = [tf.TensorArray(x.dtype, length, element_shape=x.shape[1:]).unstack(x) for x in xs]
    collected = [tf.TensorArray(spec.dtype, length, element_shape=spec.shape) for spec in specs]

    def step(index: tf.Tensor, state: Tensors, collected: list[tf.TensorArray]) -> tuple[tf.Tensor, Tensors, list[tf.TensorArray]]:
        place = length - 1 - index if reverse else index
        before = [x.shape for x in state]  # the sizes that are known stay known
        state, y = body(state, [row.read(place) for row in rows])
        state = [x if x.shape == shape else tf.ensure_shape(x, shape) for x, shape in zip(state, before, strict=True)]
        return index + 1, state, [array.write(place, item) for array, item in zip(collected, y, strict=True)]

    _, state, collected = tf.while_loop(lambda index, *_: index < length, step, (0, state, collected), maximum_iterations=length)
    return state, [array.stack() for array in collected]


def vectorized_map(fn: Callable[[Tensors], Tensors], xs: Tensors) -> Tensors:
    with mapping() as apart:
        if tf.executing_eagerly():
            specs = [tf.TensorSpec(x.shape, x.dtype) for x in xs]  # traced here: the function that TensorFlow would make warns of retracing
            traced = tf.function(lambda *xs: tf.vectorized_map(fn, list(xs)), autograph=False).get_concrete_function(*specs)
        else:
            results = tf.vectorized_map(fn, xs)
    if apart:
        differentiated_apart(*apart)  # in the map around this one too
    if apart and a_tape_listens():
        return scan(lambda state, row: (state, fn(row)), [], xs, shape_of(xs[0])[0], False)[1]
    return traced(*xs) if tf.executing_eagerly() else results
