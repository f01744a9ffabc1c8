"""Structured control flow, which is Python's here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from keras_lite_numpy.shaping import stack, unstack
from keras_lite_numpy.tape import Tensor, silence, values_of

Tensors = list[Tensor]


def cond(predicate: Tensor, true_fn: Callable[[], Tensors], false_fn: Callable[[], Tensors]) -> Tensors:
    return true_fn() if values_of(predicate) else false_fn()


def while_loop(condition: Callable[[Tensors], Tensor], body: Callable[[Tensors], Tensors], state: Tensors,
               maximum_iterations: int | None) -> Tensors:
    count = 0
    with silence():
        while (maximum_iterations is None or count < maximum_iterations) and values_of(condition(state)):
            state, count = body(state), count + 1
    return state


def scan(body: Callable[[Tensors, Tensors], tuple[Tensors, Tensors]], state: Tensors, xs: Tensors, length: int,
         reverse: bool) -> tuple[Tensors, Tensors]:
    if not length:
        return state, _no_rows(lambda rows: body(state, rows)[1], xs)
    columns = [unstack(x) for x in xs]
    results: list[Tensors] = []
    with silence():
        for i in range(length - 1, -1, -1) if reverse else range(length):
            state, y = body(state, [column[i] for column in columns])
            results.append(y)
    return state, _stacked(results[::-1] if reverse else results)


def vectorized_map(fn: Callable[[Tensors], Tensors], xs: Tensors) -> Tensors:
    if not xs[0].shape[0]:
        return _no_rows(fn, xs)
    return _stacked([fn(list(row)) for row in zip(*map(unstack, xs), strict=True)])


def _stacked(results: list[Tensors]) -> Tensors:
    """Lists of tensors, one for each step, as one list of stacked tensors."""
    return [stack(column) for column in zip(*results, strict=True)]


def _no_rows(fn: Callable[[Tensors], Tensors], xs: Tensors) -> Tensors:
    """What stacking no results of `fn` gives."""
    results = fn([np.zeros(x.shape[1:], x.dtype) for x in xs])
    return [np.zeros((0, *y.shape), y.dtype) for y in results]
