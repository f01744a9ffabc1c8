"""Loops and branches of a recorded program: one call in it, which runs the programs of their bodies.

What the backward programs want stays in a tape, a Python object: so a loop may take any number of turns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch

from keras_lite_torch.bodies import Body, fresh
from keras_lite_torch.tracing import Inseparable, Recorder, Routine, Tape, local, recorder

Tensor: TypeAlias = torch.Tensor


class Differentiable(Routine):
    """A routine `routine([*tensors]) -> [*results, tape]`, and its gradient."""

    results: list[Tensor]  # fake ones
    derived: list[int]  # positions of the results that have a derivative
    reads: list[int]  # positions of the tensors that the gradient reads,
    by: list[int]  # and of those by which it differentiates

    def backward(self, tape: Any, tensors: list[Tensor], cotangents: list[Tensor]) -> list[Tensor]:
        """The gradients, from the tensors that it reads and the cotangents of the derived results."""
        raise NotImplementedError


class _Gradient(Routine):
    """The backward of a routine as a routine."""

    def __init__(self, routine: Differentiable):
        self.__name__ = f"{routine.__name__}_gradient"
        self._routine = routine

    def __call__(self, tape: Any, tensors: list[Tensor], cotangents: list[Tensor]) -> list[Any]:
        return self._routine.backward(tape, tensors, cotangents)


def call(active: Recorder, routine: Differentiable, tensors: list[Tensor]) -> list[Tensor]:
    """Record a call of `routine`, whose results can be differentiated once."""
    tensors = [local(x) for x in tensors]
    if routine.by and torch.is_grad_enabled() and any(x.requires_grad for x in tensors):
        return list(_Call.apply(routine, *tensors))
    return active.call(routine, (tensors,), [*map(fresh, routine.results), Tape()])[:-1]


class _Call(torch.autograd.Function):
    """A recorded call of a routine."""

    @staticmethod
    def forward(ctx: Any, routine: Differentiable, *tensors: Tensor) -> tuple[Tensor, ...]:
        *results, ctx.tape = _recorder().call(routine, (tensors,), [*map(fresh, routine.results), Tape()])
        ctx.routine = routine
        ctx.save_for_backward(*tensors)
        ctx.mark_non_differentiable(*(x for i, x in enumerate(results) if i not in routine.derived))
        ctx.set_materialize_grads(False)
        return tuple(results)

    @staticmethod
    def backward(ctx: Any, *cotangents: Tensor | None) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise Inseparable("the gradient of a loop or a branch is to be differentiated again")
        routine, tensors = ctx.routine, ctx.saved_tensors
        given = [_cotangent(routine.results[i], cotangents[i]) for i in routine.derived]
        arguments = ctx.tape, [tensors[i] for i in routine.reads], given
        found = _recorder().call(_Gradient(routine), arguments, [fresh(tensors[i]) for i in routine.by])
        gradients = dict(zip(routine.by, found, strict=True))
        return None, *(gradients.get(i) for i in range(len(tensors)))


def _cotangent(result: Tensor, given: Tensor | None) -> Tensor:
    return torch.zeros((), dtype=result.dtype, device=result.device).expand(result.shape) if given is None else given


def _recorder() -> Recorder:
    active = recorder()
    assert active is not None
    return active


class Branch(Differentiable):
    """`routine([predicate, *captured])`: the results of one of two bodies."""

    __name__ = "branch"

    def __init__(self, active: Recorder, functions: list[Callable[[], list[Tensor]]]):
        self._bodies = [Body(active, fn, []) for fn in functions]
        self.cannot_fail = all(body.cannot_fail for body in self._bodies)
        self.captured, self._places = united(self._bodies, offset=1)
        self.results = self._bodies[0].results
        self.derived, self.reads, self.by = [], [], []
        for body, places in zip(self._bodies, self._places, strict=True):
            if body.backward is not None:
                self.derived = sorted({*self.derived, *body.backward.results})
                self.reads = sorted({*self.reads, *(places[i] for i in body.backward.captured)})
                self.by = sorted({*self.by, *(places[i] for i in body.backward.by_captured)})

    def __call__(self, tensors: list[Tensor]) -> list[Any]:
        taken = 0 if bool(tensors[0]) else 1
        body, count = self._bodies[taken], len(self.results)
        found = body.run([tensors[i] for i in self._places[taken]])
        return [*body.hand_out(found[:count]), (taken, found[count:])]

    def backward(self, tape: Any, tensors: list[Tensor], cotangents: list[Tensor]) -> list[Tensor]:
        taken, saved = tape
        backward, places = self._bodies[taken].backward, self._places[taken]
        gradients: dict[int, Tensor] = {}
        if backward is not None:
            given, wanted = dict(zip(self.reads, tensors, strict=True)), dict(zip(self.derived, cotangents, strict=True))
            read = [given[places[i]] for i in backward.captured]
            found = backward.run([*saved, *(wanted[i].contiguous() for i in backward.results), *read])
            gradients = {places[i]: x for i, x in zip(backward.by_captured, found, strict=True)}
        return [gradients[i] if i in gradients else zeros(self.captured[i - 1]) for i in self.by]

    def placed(self, places: dict[int, int | None]) -> Routine:
        return _PlacedBranch([body.placed({i: mine.index(place) if place in mine else None for i, place in places.items()})
                              for body, mine in zip(self._bodies, self._places, strict=True)], self._places, len(self.results), set(places))


def zeros(like: Tensor) -> Tensor:
    """Zeros in the shape of a tensor, also of a fake one."""
    return torch.zeros(like.shape, dtype=like.dtype, device=like.device)


class _PlacedBranch(Routine):
    """A branch that puts some of its results into given tensors."""

    __name__ = "branch_in_place"

    def __init__(self, runs: list[Callable[[list[Any]], list[Any]]], captured: list[list[int]], count: int, placed: set[int]):
        self._runs, self._captured, self._placed = runs, captured, placed
        self._rest = [i for i in range(count) if i not in placed]
        self._count = count

    def __call__(self, tensors: list[Tensor], places: list[Tensor]) -> list[Any]:
        taken = 0 if bool(tensors[0]) else 1
        found = self._runs[taken]([*places, *(tensors[i] for i in self._captured[taken])])
        results: list[Any] = [None] * self._count
        for i, x in zip(self._rest, found, strict=False):
            results[i] = x
        return [*results, (taken, found[len(self._rest):])]


def cond(active: Recorder, predicate: Tensor, true_fn: Callable[[], list[Tensor]], false_fn: Callable[[], list[Tensor]]) -> list[Tensor]:
    """The contract's `cond`, as one call."""
    branch = Branch(active, [true_fn, false_fn])
    return call(active, branch, [predicate, *branch.captured])


def united(bodies: list[Body], offset: int) -> tuple[list[Tensor], list[list[int]]]:
    """The tensors that any of the bodies captured, and for each body the places of its own among them, counted from `offset`."""
    tensors = list({id(x): x for body in bodies for x in body.captured}.values())
    place = {id(x): i + offset for i, x in enumerate(tensors)}
    return tensors, [[place[id(x)] for x in body.captured] for body in bodies]
