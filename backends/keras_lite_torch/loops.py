"""`scan` and `while_loop` in a recorded program: one call, which runs the program of the body turn by turn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import torch

from keras_lite_torch.bodies import Backward, Body, Like, record_body
from keras_lite_torch.routines import Differentiable, call, united, zeros
from keras_lite_torch.tracing import Recorder, unrecorded

Tensor: TypeAlias = torch.Tensor


def scan(active: Recorder, body: Callable[[list[Tensor], list[Tensor]], tuple[list[Tensor], list[Tensor]]], state: list[Tensor],
         xs: list[Tensor], length: int, reverse: bool) -> tuple[list[Tensor], list[Tensor]]:
    """The contract's `scan`, as one call."""
    n = len(state)

    def flat(*tensors: Tensor) -> list[Tensor]:
        new, y = body(list(tensors[:n]), list(tensors[n:]))
        return [*new, *y]

    with unrecorded(), torch._C.DisableTorchFunction():
        rows = [Like(x.new_empty_strided(x.shape[1:], x.stride()[1:]), differentiated=x.requires_grad) for x in xs]
    loop = Loop(record_body(active, flat, [*map(_state, state), *rows], separate=n), n, length, reverse)
    results = call(active, loop, [*state, *xs, *loop.captured])
    return results[:n], results[n:]


def while_loop(active: Recorder, condition: Callable[[list[Tensor]], Tensor], body: Callable[[list[Tensor]], list[Tensor]],
               state: list[Tensor], maximum_iterations: int | None) -> list[Tensor]:
    """The contract's `while_loop`, as one call; without a bound it can be differentiated too."""
    likes = [_state(x) for x in state]
    with torch.no_grad():
        test = record_body(active, lambda *tensors: [condition(list(tensors))], likes, separate=0)
    loop = Loop(record_body(active, lambda *tensors: body(list(tensors)), likes), len(state), maximum_iterations, condition=test)
    return call(active, loop, [*state, *loop.captured])


def _state(x: Tensor) -> Like:
    return Like(x, private=True, differentiated=_has_gradient(x))


def _has_gradient(x: Tensor) -> bool:
    return x.is_floating_point() or x.is_complex()


def _own(x: Tensor) -> Tensor:
    return x.clone(memory_format=torch.contiguous_format)


class Loop(Differentiable):
    """`routine([*state, *xs, *captured])`: the last state and the stacked outputs of a body.

    It takes as many turns as there are rows, or at most `turns` while a condition holds.
    """

    def __init__(self, body: Body, states: int, turns: int | None, reverse: bool = False, condition: Body | None = None):
        self.__name__ = "scan" if condition is None else "while_loop"
        self._body, self._states, self._turns, self._reverse, self._condition = body, states, turns, reverse, condition
        self.captured, (self._for_body, *others) = united([body] if condition is None else [body, condition], offset=body.inputs)
        self._for_condition = others[0] if others else []
        with unrecorded():
            self.results = [*body.results[:states], *(y.new_empty((turns, *y.shape)) for y in body.results[states:])]
        self._list_derivatives(body.backward)

    def _list_derivatives(self, backward: Backward | None) -> None:
        n = self._states
        derived = [] if backward is None else backward.results
        by_state = [] if backward is None else [i for i in backward.by_inputs if i < n]
        if self._condition is not None:  # it may take no turn: then each state is its own result
            derived = by_state = [i for i, x in enumerate(self.results) if _has_gradient(x)]
        self.derived, self._by_state, self.reads, self.by = derived, by_state, [], by_state
        if backward is not None:
            self.reads = [*backward.inputs, *(self._for_body[i] for i in backward.captured)]
            self.by = [*by_state, *(i for i in backward.by_inputs if i >= n), *(self._for_body[i] for i in backward.by_captured)]

    def __call__(self, tensors: list[Tensor]) -> list[Any]:
        n, m = self._states, len(self.results)
        state, xs = [_own(x) for x in tensors[:n]], tensors[n:self._body.inputs]
        captured, seen = [tensors[i] for i in self._for_body], [tensors[i] for i in self._for_condition]
        outputs, tape = [], []
        for row in self._rows(xs):
            if self._condition is not None and not self._condition.run([*state, *seen])[0]:
                break
            found = self._body.run([*state, *row, *captured])
            state = found[:n]
            outputs.append(found[n:m])
            tape.append(found[m:])
        if self._reverse:
            outputs.reverse()
        return [*state, *map(torch.stack, zip(*outputs, strict=True)), tape]

    def _rows(self, xs: list[Tensor]) -> Iterable[tuple[Tensor, ...]]:
        """The rows of `xs` in the order of the turns."""
        if not xs:
            return itertools.repeat(()) if self._turns is None else itertools.repeat((), self._turns)
        columns = (x.unbind(0) for x in xs)
        return zip(*(column[::-1] if self._reverse else column for column in columns), strict=True)

    def backward(self, tape: Any, tensors: list[Tensor], cotangents: list[Tensor]) -> list[Tensor]:
        given = dict(zip(self.derived, cotangents, strict=True))
        by_state = {i: _own(x) for i, x in given.items() if i < self._states}
        if self._body.backward is None:
            return [zeros(x) if tape else x for x in by_state.values()]
        ys = [x.contiguous() for i, x in given.items() if i >= self._states]
        return self._turn_back(self._body.backward, tape, tensors, by_state, ys)

    def _turn_back(self, backward: Backward, tape: list[list[Any]], tensors: list[Tensor], by_state: dict[int, Tensor],
                   ys: list[Tensor]) -> list[Tensor]:
        n, count = len(backward.inputs), len(backward.by_inputs)
        xs, captured = tensors[:n], tensors[n:]
        wanted, found = ([i for i in places if i < self._states] for places in (backward.results, backward.by_inputs))
        still = {i: zeros(self.results[i]) for i in {*wanted, *self._by_state} - {*found}}
        columns, sums = [], [zeros(self._body.captured[i]) for i in backward.by_captured]
        for saved, row, y in reversed([*zip(tape, self._rows(xs), self._rows(ys), strict=False)]):
            gradients = backward.run([*saved, *row, *captured, *(by_state[i] for i in wanted), *y])
            by_state = {**still, **dict(zip(found, gradients, strict=False))}
            columns.append(gradients[len(found):count])
            if sums:
                torch._foreach_add_(sums, gradients[count:])
        if not self._reverse:
            columns.reverse()
        return [*(by_state[i] for i in self._by_state), *map(torch.stack, zip(*columns, strict=True)), *sums]
