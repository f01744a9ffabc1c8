"""Many steps in one call: the whole step is recorded once and its program updates the carry in place."""

from __future__ import annotations

import contextlib
import operator
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import torch

from keras_lite.engine.errors import invalid, not_there
from keras_lite_torch.program import Program
from keras_lite_torch.tensors import current_device
from keras_lite_torch.tracing import ReadsValues, layout_of, record

Tensor: TypeAlias = torch.Tensor
Step = Callable[[list[Tensor], list[Tensor], Tensor], list[Tensor]]


def compile_step(step: Step, layouts: Any = None) -> Callable[..., list[Tensor]]:
    if layouts is not None:
        raise not_there("compile_step", f"the torch engine has no layouts yet, got {layouts!r}; leave it None")
    return _Runner(step)


class _Runner:
    """`run(carry, source, start, count)` of one step function."""

    def __init__(self, step: Step):
        self._step = step
        self._programs: dict[Any, Any] = {}
        self._own: list[Tensor] = []  # the carry of the last call: its tensors were checked then
        self._layouts: tuple[Any, ...] = ()
        self._index: Tensor | None = None

    def __call__(self, carry: list[Tensor], source: list[Tensor], start: int, count: int) -> list[Tensor]:
        if not (len(carry) == len(self._own) and all(map(operator.is_, carry, self._own))):
            self._own = _separate(carry, source)
            self._layouts = tuple(map(layout_of, self._own))
        device = current_device()
        if self._index is None or self._index.device != device:
            self._index = torch.zeros((), dtype=torch.int32, device=device)
        self._index.fill_(start)
        tensors = [*self._own, *source, self._index]
        run, scope = self._program((device, self._layouts, *map(layout_of, source)), tensors)
        with scope(), _interrupts_later() as interrupts:
            for _ in range(count):
                run(tensors)
                self._index.add_(1)
                if interrupts:
                    break
        return list(self._own)

    def _program(self, key: Any, tensors: list[Tensor]) -> tuple[Callable[[list[Tensor]], Any], Callable[[], Any]]:
        """What performs one step, and the scope in which it runs."""
        found = self._programs.get(key)
        if found is None:
            try:
                found = Program(record(self._flat, tensors), carried=len(self._own)).run, torch._C._AutoDispatchBelowADInplaceOrView
            except ReadsValues:
                found = self._eagerly, torch.no_grad
            self._programs[key] = found
        return found

    def _flat(self, *tensors: Tensor) -> list[Tensor]:
        count = len(self._own)
        carry = list(tensors[:count])
        new = self._step(carry, list(tensors[count:-1]), tensors[-1])
        _check_carry(tensors[:count], new)
        return new

    def _eagerly(self, tensors: list[Tensor]) -> None:
        new = self._flat(*tensors[:-1], tensors[-1].clone())
        old = tensors[:len(new)]
        held = {x.untyped_storage().data_ptr() for x in old}
        values = [y.clone() if y is not x and y.untyped_storage().data_ptr() in held else y for x, y in zip(old, new, strict=True)]
        for x, y in zip(old, values, strict=True):
            if y is not x:
                x.copy_(y)


def _separate(carry: list[Tensor], source: list[Tensor]) -> list[Tensor]:
    """The carry as tensors that can be written to one by one: no overlap within or between them, nor with the source."""
    seen = {x.untyped_storage().data_ptr() for x in source}
    own = []
    for x in carry:
        place = x.untyped_storage().data_ptr()
        apart = x.is_contiguous() and (place not in seen or not x.numel())
        own.append(x if apart else x.detach().clone(memory_format=torch.contiguous_format))
        seen.add(place)
    return own


def _check_carry(old: Any, new: list[Tensor]) -> None:
    if len(new) != len(old):
        raise invalid("compile_step", f"the step was given {len(old)} tensors to carry and returned {len(new)}")
    for i, (x, y) in enumerate(zip(old, new, strict=True)):
        if x.shape != y.shape or x.dtype != y.dtype:
            raise invalid("compile_step", f"tensor {i} of the carry went in as {tuple(x.shape)} {x.dtype} "
                                          f"and came out as {tuple(y.shape)} {y.dtype}; a carry keeps its shapes and dtypes")


@contextlib.contextmanager
def _interrupts_later() -> Iterator[list[Any]]:
    """Scope in which Ctrl-C is put in the list that it gives, to be raised at the end: a program writes many tensors in turn."""
    seen: list[Any] = []
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield seen
        return
    signal.signal(signal.SIGINT, lambda *event: seen.append(event))
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, handler)
        if seen:
            handler(*seen[0])
