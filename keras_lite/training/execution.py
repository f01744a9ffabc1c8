"""Running the steps of a model over data: which program, how many steps in a call, and the logs."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.layers.context import keeping_masks
from keras_lite.state import tree
from keras_lite.state.scope import Scope
from keras_lite.state.variable import freezes
from keras_lite.training import data as data_module
from keras_lite.training.data import ArrayData, Feed, IterData, ResidentFeed, warn_of_missing
from keras_lite.training.preflight import check_batch, preflight
from keras_lite.training.step import Program

CALL_SECONDS = 0.1  # about how long a call of many steps should take, so that progress shows and an interrupt is heard


class Execution:
    """Steps of one kind, "train" or "test", of a model."""

    def __init__(self, model: Any, kind: str):
        self.model, self.kind = model, kind
        self.engine = model._home()
        self.standard = model._standard(f"{kind}_step")
        core = getattr(model, f"_{kind}_core" if self.standard else f"{kind}_step")
        if not self.standard and list(inspect.signature(core).parameters) == ["state", "data"]:
            raise invalid(f"{type(model).__name__}.{kind}_step", f"takes (state, data) as in Keras on JAX; define {kind}_step(self, data), "
                                                                 "with value_and_grad and optimizer.apply: it is compiled on each engine")

        def step(batch: Any) -> Any:
            with keeping_masks():
                return core(batch)

        self._step: Callable[[Any], Any] = step
        self.eager = model.run_eagerly or not model.jit_compile
        self._last_logs: Any = None
        self._metrics: list[Any] | None = None

    # --- programs -------------------------------------------------------------------------------------------------------

    def program(self, feed: Feed) -> Program:
        """The compiled step for a feed, made once for each form of batch and all that a step takes for fixed."""
        model = self.model
        fixed: tuple[Any, ...] = ()
        if self.kind == "train":
            trainable = tuple(layer.trainable for layer in model._flatten_layers())
            fixed = (tuple(v.key for v in model.trainable_variables), trainable, getattr(model.optimizer, "program_key", None))
        key = (self.kind, self.engine.name, config.random(), feed.key(), fixed)
        programs = model._programs
        if key not in programs:
            programs[key] = Program(self.engine, self._step, feed)
        return programs[key]

    def prepare(self, batch: Any, data: Any = None) -> None:
        """Describe a step on a batch like this: builds what is not built, and meets what does not fit before anything runs.

        `data` is all the data, whose labels are checked, where there is more than the batch.
        """
        preflight(self.model, self.kind, Feed(batch, self.engine), batch if data is None else data)

    # --- one batch ------------------------------------------------------------------------------------------------------

    def batch(self, batch: Any, feed: Feed | None = None) -> None:
        """One step on a batch of arrays."""
        feed = feed or Feed(batch, self.engine)
        if self.eager:
            self._eager(feed, batch)
        else:
            self._last_logs = self.program(feed)(feed.source(batch, self.engine), 0, 1)

    def _eager(self, feed: Feed, batch: Any) -> None:
        with registry.using(self.engine):
            self._last_logs = self._step(feed.take(self.engine, feed.source(batch, self.engine), 0))

    # --- many batches ---------------------------------------------------------------------------------------------------

    def epoch(self, data: Any, order: np.ndarray | None, start: int, steps: int | None, every: int | None) -> Iterator[int]:
        """Run over `steps` batches of `data` from `start`; yields the number of steps of each call, before and after it.

        `every` is the number of steps in a call, None to choose it by time (which changes no result: any number of steps is the
        same machine code).
        """
        if isinstance(data, IterData):
            yield from self._iterate(data, steps)
        elif self.eager or data.bytes > data_module.RESIDENT_BYTES or data.is_sparse:
            yield from self._from_host(data, order, range(start, start + (steps or 0)))
        else:
            yield from self._resident(data, order, range(start, start + (steps or 0)), every)

    def _iterate(self, data: IterData, steps: int | None) -> Iterator[int]:
        """The batches of the epoch that `data.start` began, all or `steps` of them."""
        done = 0
        while (steps is None or done < steps) and (batch := data.take()) is not None:
            feed = Feed(batch, self.engine)
            check_batch(self.model, self.kind, feed, batch)
            yield 1
            self.batch(batch, feed)
            yield 1
            done += 1
        warn_of_missing(data, done, steps)

    def _from_host(self, data: ArrayData, order: np.ndarray | None, batches: range) -> Iterator[int]:
        for index in batches:
            yield 1
            self.batch(data.batch(order, index))
            yield 1

    def _resident(self, data: ArrayData, order: np.ndarray | None, batches: range, every: int | None) -> Iterator[int]:
        full = data.rows // data.batch_size
        arrays = self._placed(data)
        rows = self.engine.convert(np.arange(data.rows, dtype="int32") if order is None else order.astype("int32"), "int32")
        programs: dict[tuple[int, int], Program] = {}
        index, count = batches.start, every or 1
        while index < batches.stop:
            whole = index < full
            size = data.batch_size if whole else data.rows - full * data.batch_size
            count = min(count, full - index, batches.stop - index) if whole else 1
            yield count
            form = size, freezes()  # a callback may have frozen a layer
            if form not in programs:
                programs[form] = self.program(ResidentFeed(data.data, self.engine, size, data.batch_size))
            begun = time.perf_counter()
            self._last_logs = programs[form]([rows, *arrays], index, count)
            yield count
            index += count
            count = every or _next_count(count, time.perf_counter() - begun)

    def _placed(self, data: ArrayData) -> list[Any]:
        """The arrays on the device, once for each set of arrays."""
        placed = getattr(data, "placed", None)
        if placed is None or placed[0] is not self.engine:
            feed = Feed(data.data, self.engine)
            data.placed = placed = (self.engine, feed.source(data.data, self.engine))  # type: ignore[attr-defined]  # a cache
        return placed[1]

    def finish(self) -> None:
        """At the end of an epoch of training: an update with the gradients that were gathered and are not enough for one."""
        waiting = [optimizer for optimizer in self.model._optimizers() if optimizer._has_leftovers()]
        if not waiting:
            return
        if self.eager:
            with registry.using(self.engine):
                self.model._apply_leftovers()
            return
        key = ("leftovers", self.engine.name, self.model._adds_up, tuple(optimizer.program_key for optimizer in waiting))
        if key not in self.model._programs:
            self.model._programs[key] = Program(self.engine, lambda batch: self.model._apply_leftovers(), Feed((), self.engine))
        self.model._programs[key]([], 0, 1)

    # --- logs -----------------------------------------------------------------------------------------------------------

    def logs(self) -> dict[str, float]:
        """The logs as numbers; waits for the steps to finish."""
        if self.standard:
            if self._metrics is None:  # the walk that finds them costs more than their results
                self._metrics = self.model.metrics
            return metric_results(self.model, self._metrics)
        logs = tree.map_structure(lambda x: self.engine.to_numpy(x) if self.engine.is_tensor(x) else x, self._last_logs or {})
        return {key: _number(value) for key, value in logs.items()}


def _next_count(count: int, seconds: float) -> int:
    """How many steps to do in the next call."""
    return max(1, min(4 * count, int(count * CALL_SECONDS / max(seconds, 1e-6))))


def _number(value: Any) -> Any:
    return value if value is None else float(value) if np.ndim(value) == 0 else np.asarray(value)


def metric_results(model: Any, metrics: list[Any]) -> dict[str, float]:
    """Results of the metrics, computed on the host from their sums: no call of a compiled function for a few divisions."""
    ours = all(type(m).__module__.startswith("keras_lite.") for m in metrics)
    if not ours:  # a user's metric may use its framework's own functions
        results = model._results_of(metrics)
        return {k: _number(model.engine.to_numpy(v) if model.engine.is_tensor(v) else v) for k, v in results.items()}
    variables = [v for m in metrics for v in m.variables]
    with registry.using("numpy") as host, Scope((v, host.convert(v.engine.to_numpy(v.peek()), v.dtype)) for v in variables):
        return {k: _number(host.to_numpy(v)) for k, v in model._results_of(metrics).items()}
