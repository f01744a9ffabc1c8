"""The loop: epochs, batches, events.  It knows no engine; callbacks, progress and logs are sinks of its events."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from keras_lite.engine.errors import invalid, unknown_arguments, warn, wrong_type
from keras_lite.state import tree
from keras_lite.training.data import ArrayData, IterData, class_weighted, is_arrays, pack, unpack, warn_of_missing, whole_number
from keras_lite.training.execution import Execution
from keras_lite.training.prediction import Predictor


def make_data(where: str, x: Any, y: Any, sample_weight: Any, batch_size: int | None) -> Any:
    """ArrayData or IterData from the arguments of `fit`, `evaluate` and `predict`."""
    if x is None:
        raise invalid(where, "no data: x is None")
    if is_arrays(x):
        return ArrayData(x, y, sample_weight, batch_size, where)
    if y is not None or sample_weight is not None:
        raise invalid(where, f"x is {type(x).__name__}, an iterable of batches; then y and sample_weight come from the batches")
    if not hasattr(x, "__iter__") and not hasattr(x, "__getitem__"):
        raise wrong_type(where, f"expected arrays or an iterable of batches, got {type(x).__name__}")
    return IterData(x, where)


def fit(model: Any, *, x: Any, y: Any, batch_size: Any, epochs: int, verbose: Any, callbacks: Any, validation_split: float,
        validation_data: Any, shuffle: bool, class_weight: Any, sample_weight: Any, initial_epoch: int, steps_per_epoch: Any,
        validation_steps: Any, validation_batch_size: Any, validation_freq: Any) -> Any:
    """`Model.fit`."""
    from keras_lite.callbacks.callback_list import CallbackList
    from keras_lite.optimizers import Optimizer

    model.needs_compile("fit")
    epochs, initial_epoch = whole_number("fit", "epochs", epochs, 0), whole_number("fit", "initial_epoch", initial_epoch, 0)
    verbose = _verbosity("fit", verbose)
    data, validation = _training_data(x, y, sample_weight, batch_size, class_weight, validation_split)
    validation = _validation_data(validation_data, validation, batch_size, validation_batch_size)
    steps = _steps("fit", "steps_per_epoch", steps_per_epoch, data)
    execution = Execution(model, "train")
    _prepare(execution, data)
    planned = steps if steps is not None else data.batches
    events = CallbackList.of(callbacks, model=model, history=True, progbar=verbose != 0, verbose=verbose, epochs=epochs, steps=planned)
    evaluation = _Evaluation(model, validation, validation_steps, validation_freq) if validation is not None else None
    passes, history = _Passes(data, shuffle, steps), model.history
    model.stop_training, model._in_fit = False, True
    events.on_train_begin()
    logs: dict[str, Any] = {}
    try:
        for epoch in passes.epochs(initial_epoch, epochs):
            model.reset_metrics()
            events.on_epoch_begin(epoch)
            logs = run_epoch(execution, data, passes.epoch(), events, "train")
            if evaluation is not None and evaluation.is_due(epoch):
                logs |= {f"val_{k}": v for k, v in evaluation(events).items()}
            logs = by_name(logs)
            events.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    finally:
        model._in_fit = False
        events.close()
    if isinstance(model.optimizer, Optimizer):
        model.optimizer.finalize_variable_values(model.trainable_variables)
    events.on_train_end(logs)
    model.history = history  # a callback may have called `fit` too
    return history


def run_epoch(execution: Execution, data: Any, parts: Iterable[tuple[Any, int, int | None]], events: Any, kind: str) -> dict[str, Any]:
    """An epoch over `parts` of the data, (order of the rows, first batch, number of batches), with its batch events.

    Returns the logs at its end.
    """
    begin, end = getattr(events, f"on_{kind}_batch_begin"), getattr(events, f"on_{kind}_batch_end")
    every = execution.model.steps_per_execution if events.wants_batches(kind) else None
    done, current, step = False, None, 0
    for count in (count for part in parts for count in execution.epoch(data, *part, every)):
        if not done:
            begin(step)
            done = True
            continue
        step += count
        current = execution.logs() if events.wants_logs(kind) else None
        end(step - 1, None if current is None else by_name(current))
        done = False
        if kind == "train" and execution.model.stop_training:
            break
    if kind == "train":
        execution.finish()
    return dict(current if current is not None else execution.logs())


def whole(data: Any, steps: int | None) -> list[tuple[Any, int, int | None]]:
    """One part: the data from its beginning, in its own order."""
    return [(None, 0, data.batches if steps is None and isinstance(data, ArrayData) else steps)]


def _training_data(x: Any, y: Any, sample_weight: Any, batch_size: Any, class_weight: Any, fraction: float) -> tuple[Any, Any]:
    """The data to train on and, split off, that for validation."""
    data = make_data("fit", x, y, sample_weight, batch_size)
    validation = None
    if fraction:
        if not isinstance(data, ArrayData):
            raise invalid("fit", "validation_split needs arrays; with an iterable of batches give validation_data")
        data, validation = data.split(fraction)
    if class_weight is not None:
        if isinstance(data, ArrayData):
            data.data = class_weighted(data.data, class_weight)
        else:
            data.change = lambda batch: class_weighted(batch, class_weight)
    return data, validation


def _validation_data(given: Any, split: Any, batch_size: Any, validation_batch_size: Any) -> Any:
    """What was given, else what was split off."""
    if given is None:
        if split is not None and validation_batch_size:
            split.cut(whole_number("fit", "validation_batch_size", validation_batch_size))
        return split
    batch_size = validation_batch_size or batch_size
    if isinstance(given, (tuple, list)) and len(given) in (2, 3) and is_arrays(given[0]):
        x, y, weight = unpack(tuple(given))
        return make_data("validation_data", x, y, weight, batch_size)
    return make_data("validation_data", given, None, None, batch_size)


def _steps(where: str, name: str, steps: Any, data: Any) -> int | None:
    """The number of steps that was asked for, as far as the data has so many; arrays without a batch size are cut into so many batches."""
    if steps is None:
        if isinstance(data, IterData) and not data.has_end:
            raise invalid(where, f"the data has no end: say by {name} how many batches to take")
        return None
    steps = whole_number(where, name, steps)
    if isinstance(data, ArrayData) and not data.is_cut:
        data.cut(-(-data.rows // steps))
    if data.batches is None or steps <= data.batches:
        return steps
    of_what = f" of {data.batch_size} in {data.rows} rows" if data.rows else ""
    warn(f"{where}: {name}={steps} is cut to {data.batches}, the number of batches{of_what}")
    return data.batches


def _verbosity(where: str, verbose: Any) -> int:
    if isinstance(verbose, str) and verbose == "auto":
        return 1
    if verbose is not None and not isinstance(verbose, (int, np.integer)):
        raise invalid(where, f'verbose must be 0 (silent), 1 (progress bar), 2 (one line an epoch) or "auto", got {verbose!r}')
    return int(verbose or 0)


def _prepare(execution: Execution, data: Any) -> None:
    """Build and check on the first batch; the labels of arrays are all checked."""
    if isinstance(data, ArrayData):
        execution.prepare(data.batch(None, 0), data.data)
        return
    first = data.start()
    if first is None:
        raise invalid(data.where, "the iterable of batches is empty")
    execution.prepare(first)


class _Passes:
    """What each epoch of training takes: one pass over the data, or with `steps` what follows where the last epoch stopped.

    Each pass over arrays has a new order of the rows, drawn from the portable stream: the same on every engine.
    """

    def __init__(self, data: Any, shuffle: bool, steps: int | None):
        from keras_lite.engine import registry
        from keras_lite.random import SeedGenerator

        self._data, self._steps, self._next = data, steps, 0
        self._order: np.ndarray | None = None
        self._generator: Any = None
        if shuffle and isinstance(data, ArrayData):
            with registry.using("numpy"):
                self._generator = SeedGenerator(name="shuffle")

    def epochs(self, first: int, last: int) -> Iterator[int]:
        """Numbers of the epochs, as long as there is data; warns if it ends before the last one."""
        for epoch in range(first, last):
            if isinstance(self._data, IterData) and self._data.start(go_on=self._steps is not None) is None:
                warn(f"fit: the data ran out after {epoch} of {last} epochs, so training ends here; give an iterable that begins anew "
                     "when it is iterated again (a generator does not), or a generator with enough batches for all epochs")
                return
            yield epoch

    def epoch(self) -> Iterator[tuple[Any, int, int | None]]:
        """Parts of passes: the order of the rows, the first batch and the number of batches."""
        from keras_lite.random.permutation import host_permutation

        if not isinstance(self._data, ArrayData):
            yield None, 0, self._steps
            return
        left = self._steps or self._data.batches
        while left:
            if self._next == 0 and self._generator is not None:
                self._order = host_permutation(self._generator, self._data.rows)
            start, count = self._next, min(left, self._data.batches - self._next)
            self._next, left = (start + count) % self._data.batches, left - count
            yield self._order, start, count


class _Evaluation:
    """Validation after an epoch."""

    def __init__(self, model: Any, data: Any, steps: Any, freq: Any):
        self._epochs = {whole_number("fit", "validation_freq", n) for n in freq} if isinstance(freq, (list, tuple, set, range)) else None
        self._every = whole_number("fit", "validation_freq", freq) if self._epochs is None else 1
        self.execution, self.data = Execution(model, "test"), data
        self.steps = _steps("fit", "validation_steps", steps, data)
        self._has_ended = False
        _prepare(self.execution, data)

    def __call__(self, events: Any) -> dict[str, Any]:
        if isinstance(self.data, IterData) and self.data.start() is None:
            self._warn_of_end()
            return {}
        model = self.execution.model
        model.reset_metrics()
        events.on_test_begin()
        logs = run_epoch(self.execution, self.data, whole(self.data, self.steps), events, "test")
        events.on_test_end(by_name(logs))
        return logs

    def is_due(self, epoch: int) -> bool:
        """Whether to validate after this epoch."""
        return (epoch + 1) % self._every == 0 if self._epochs is None else epoch + 1 in self._epochs

    def _warn_of_end(self) -> None:
        if not self._has_ended:
            warn("fit: validation_data ran out of batches, so the epochs from here on are not validated; give an iterable that begins "
                 "anew when it is iterated again (a generator does not), or a generator with enough batches for all epochs")
        self._has_ended = True


def evaluate(model: Any, x: Any, y: Any, batch_size: Any, verbose: Any, sample_weight: Any, steps: Any, callbacks: Any,
             return_dict: bool, **kwargs: Any) -> Any:
    """`Model.evaluate`."""
    from keras_lite.callbacks.callback_list import CallbackList

    if kwargs:
        raise unknown_arguments("evaluate", kwargs, model.evaluate, invalid)
    model.needs_compile("evaluate")
    data = make_data("evaluate", x, y, sample_weight, batch_size)
    steps = _steps("evaluate", "steps", steps, data)
    execution = Execution(model, "test")
    _prepare(execution, data)
    verbose = _verbosity("evaluate", verbose)
    planned = steps if steps is not None else data.batches
    events = CallbackList.of(callbacks, model=model, progbar=verbose != 0, verbose=verbose, epochs=1, steps=planned)
    with _set_aside(model.metrics_variables if model._in_fit else []):
        model.reset_metrics()
        events.on_test_begin()
        logs = run_epoch(execution, data, whole(data, steps), events, "test")
        events.on_test_end(by_name(logs))
    return by_name(logs) if return_dict else in_order(logs)


@contextlib.contextmanager
def _set_aside(variables: list[Any]) -> Iterator[None]:
    """Scope after which variables have their values again: a callback may evaluate in the middle of an epoch of training."""
    values = [v.numpy() for v in variables]
    try:
        yield
    finally:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def by_name(logs: dict[str, Any]) -> dict[str, Any]:
    """Logs sorted by name, as Keras gives them to callbacks, to the history and to the user."""
    return dict(sorted(logs.items()))


def in_order(logs: dict[str, Any]) -> Any:
    """Values of logs, the loss first, then in the order of the metrics; a single one by itself."""
    values = list({**{k: logs[k] for k in ("loss",) if k in logs}, **logs}.values())
    return values[0] if len(values) == 1 else values


def predict(model: Any, x: Any, batch_size: Any, verbose: Any, steps: Any, callbacks: Any) -> Any:
    """`Model.predict`."""
    from keras_lite.callbacks.callback_list import CallbackList

    data = make_data("predict", x, None, None, batch_size)
    steps = _steps("predict", "steps", steps, data)
    planned = steps if steps is not None else data.batches
    verbose = _verbosity("predict", verbose)
    events = CallbackList.of(callbacks, model=model, progbar=verbose != 0, verbose=verbose, epochs=1, steps=planned)
    predictor = Predictor(model)
    if isinstance(data, IterData):
        data.start()
    batches = iter(data.take, None) if isinstance(data, IterData) else (data.batch(None, i) for i in range(data.batches))
    outputs: list[Any] = []
    if isinstance(data, ArrayData):
        predictor.prepare(data.batch(None, 0), data.data)
    events.on_predict_begin()
    for index, batch in enumerate(itertools.islice(batches, steps)):
        if isinstance(data, IterData):
            predictor.prepare(batch, batch)
        events.on_predict_batch_begin(index)
        outputs.append(_with_rows(predictor(batch)))
        events.on_predict_batch_end(index, {"outputs": outputs[-1]})
    events.on_predict_end()
    if not outputs:
        raise invalid("predict", "the iterable of batches gave no batch")
    warn_of_missing(data, len(outputs), steps)
    return tree.map_structure(lambda *parts: np.concatenate(parts) if len(parts) > 1 else parts[0], *outputs)


def _with_rows(outputs: Any) -> Any:
    """Outputs of a batch that can be joined with those of the next one."""
    if any(np.ndim(x) == 0 for x in tree.flatten(outputs)):
        raise invalid("predict", "an output of the model is a scalar, so there is nothing for each row; use predict_on_batch, or call "
                                 "the model")
    return outputs


def predict_on_batch(model: Any, x: Any) -> Any:
    """`Model.predict_on_batch`."""
    predictor, batch = Predictor(model), make_data("predict_on_batch", x, None, None, None).data
    predictor.prepare(batch, batch)
    return predictor(batch)


def on_batch(model: Any, kind: str, x: Any, y: Any, sample_weight: Any, class_weight: Any, return_dict: bool) -> Any:
    """`Model.train_on_batch` and `Model.test_on_batch`."""
    where = f"{kind}_on_batch"
    model.needs_compile(where)
    data = ArrayData(x, y, sample_weight, None, where)
    batch = data.data
    if class_weight is not None:
        batch = pack(*class_weighted(batch, class_weight, where))
    execution = Execution(model, kind)
    execution.prepare(batch)
    model.reset_metrics()
    execution.batch(batch)
    logs = execution.logs()
    return by_name(logs) if return_dict else in_order(logs)
