"""Callback: a sink of the events of the loop."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import misspelt


class Callback:
    """Base of callbacks; override the events of interest.

    `self.model` is the model and `self.params` a dict with "epochs", "steps" and "verbose".  `on_batch_begin` and `on_batch_end` are
    other names for the events of training batches.  A callback that overrides a batch event is called after every
    `steps_per_execution` steps; without such a callback many steps run in one call.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        problem = misspelt(cls.__init__, kwargs, cls.__name__) if kwargs else None
        if problem is not None:
            raise problem
        return super().__new__(cls)

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self._model: Any = None

    @property
    def model(self) -> Any:
        return self._model

    def set_model(self, model: Any) -> None:
        """Called once before the first event."""
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once before the first event."""
        self.params = params

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Before an epoch of training."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """After an epoch of training and its validation."""

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a step of training."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a step of training."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a step of training."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a step of training."""
        self.on_batch_end(batch, logs=logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a step of evaluation."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a step of evaluation."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a step of prediction."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a step of prediction; `logs["outputs"]` are the outputs."""

    def on_train_begin(self, logs: Any = None) -> None:
        """Before training."""

    def on_train_end(self, logs: Any = None) -> None:
        """After training."""

    def on_test_begin(self, logs: Any = None) -> None:
        """Before evaluation or validation."""

    def on_test_end(self, logs: Any = None) -> None:
        """After evaluation or validation."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Before prediction."""

    def on_predict_end(self, logs: Any = None) -> None:
        """After prediction."""


BATCH_EVENTS = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


def overrides(callback: Any, event: str) -> bool:
    """Whether a callback does something at an event."""
    return getattr(type(callback), event, None) is not getattr(Callback, event) or event in vars(callback)
