"""Structured control flow.  Eagerly it is Python's own, which a gradient tape follows; in a graph it is TensorFlow's."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

Tensors = list[tf.Tensor]


def cond(predicate: tf.Tensor, true_fn: Callable[[], Tensors], false_fn: Callable[[], Tensors]) -> Tensors:
    if tf.executing_eagerly():
        return true_fn() if predicate else false_fn()
    return list(tf.nest.flatten(tf.cond(predicate, true_fn, false_fn)))


def while_loop(condition: Callable[[Tensors], tf.Tensor], body: Callable[[Tensors], Tensors], state: Tensors,
               maximum_iterations: int | None) -> Tensors:
    if tf.executing_eagerly():
        number = 0
        while (maximum_iterations is None or number < maximum_iterations) and condition(state):
            state, number = body(state), number + 1
        return state
    return tf.while_loop(condition, lambda s: (body(s),), (state,), maximum_iterations=maximum_iterations)[0]


def scan(body: Callable[[Tensors, Tensors], tuple[Tensors, Tensors]], state: Tensors, xs: Tensors, length: int,
         reverse: bool) -> tuple[Tensors, Tensors]:
    if isinstance(length, int) and length == 0:  # inside graphs an unknown length is a tensor
        return state, [tf.zeros([0, *spec.shape], spec.dtype) for spec in _result_specs(body, state, xs)]
    if tf.executing_eagerly():
        return _scan_eagerly(body, state, xs, length, reverse)
    return _scan_in_graph(body, state, xs, length, reverse)


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
                   reverse: bool) -> tuple[Tensors, Tensors]:
    rows = [tf.TensorArray(x.dtype, length, element_shape=x.shape[1:]).unstack(x) for x in xs]
    collected = [tf.TensorArray(spec.dtype, length, element_shape=spec.shape) for spec in _result_specs(body, state, xs)]

    def step(index: tf.Tensor, state: Tensors, collected: list[tf.TensorArray]) -> tuple[tf.Tensor, Tensors, list[tf.TensorArray]]:
        place = length - 1 - index if reverse else index
        state, y = body(state, [row.read(place) for row in rows])
        return index + 1, state, [array.write(place, item) for array, item in zip(collected, y, strict=True)]

    _, state, collected = tf.while_loop(lambda index, *_: index < length, step, (0, state, collected), maximum_iterations=length)
    return state, [array.stack() for array in collected]


def vectorized_map(fn: Callable[[Tensors], Tensors], xs: Tensors) -> Tensors:
    if not tf.executing_eagerly():
        return tf.vectorized_map(fn, xs)
    specs = [tf.TensorSpec(x.shape, x.dtype) for x in xs]  # traced here: the function that TensorFlow would make warns of retracing
    return tf.function(lambda *xs: tf.vectorized_map(fn, list(xs)), autograph=False).get_concrete_function(*specs)(*xs)
