"""The pure step: a method of a model that works on variables, as a function from tensors to tensors, compiled.

A dry run (`training/describing.py`) finds out which variables the step reads and writes, and meets every wrong shape before
anything is computed.  Those it writes are the carry, donated at each call; those it only reads (a learning rate, frozen weights) are
inputs, so a callback may change them at any time.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from keras_lite.engine import registry
from keras_lite.ops.data import as_tensor
from keras_lite.state import tree
from keras_lite.state.scope import Scope
from keras_lite.training.describing import described, leaves_of


class Program:
    """`step(batch) -> logs` of a model for batches of one form.

    Args:
        engine: where it runs.
        step: works on variables; returns a nest of scalars or None.
        feed: says what a batch looks like and takes it out of a source, see `training.data`.
    """

    def __init__(self, engine: Any, step: Callable[[Any], Any], feed: Any):
        self.engine, self._step, self._feed = engine, step, feed
        self._logs, self._log_specs, self.read, self.written = described(engine, step, feed.specs())
        self._run = engine.compile_step(self._pure, layouts=None)

    def _pure(self, carry: list[Any], source: list[Any], index: Any) -> list[Any]:
        count, inputs = len(self.written), len(self.read)
        bindings = [*zip(self.written, carry[:count], strict=True), *zip(self.read, source[:inputs], strict=True)]
        with registry.using(self.engine), Scope(bindings) as scope:
            logs = self._step(self._feed.take(self.engine, source[inputs:], index))
            new = [scope.value_of(v) for v in self.written]
        pairs = zip(leaves_of(logs), self._log_specs, strict=True)
        return new + [as_tensor(self.engine, x, dtype) for x, (_, dtype) in pairs]

    def __call__(self, source: list[Any], start: int, count: int) -> Any:
        """Steps start, ..., start+count-1 on a feed's source; the variables are up to date afterwards.  Returns the last logs."""
        with unbroken():
            carry = [v.take() for v in self.written] + [self.engine.full(shape, 0, dtype) for shape, dtype in self._log_specs]
            carry = self._run(carry, [v.peek() for v in self.read] + source, start, count)
            for variable, value in zip(self.written, carry, strict=False):
                variable.rebind(value)
        rest = iter(carry[len(self.written):])
        return tree.pack_as(self._logs, [None if x is None else next(rest) for x in tree.flatten(self._logs)])


@contextlib.contextmanager
def unbroken() -> Iterator[None]:
    """Scope that an interrupt from the keyboard does not cut in two: it comes right after it.

    A step gives its old values away and then stores the new ones; between the two nothing must stop it.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    pending: list[Any] = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: pending.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if pending:
        raise KeyboardInterrupt
