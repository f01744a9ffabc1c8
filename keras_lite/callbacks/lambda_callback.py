"""LambdaCallback: events as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite.callbacks.callback import Callback
from keras_lite.engine.errors import wrong_type

_EVENTS = frozenset(name for name in vars(Callback) if name.startswith("on_"))


class LambdaCallback(Callback):
    """A callback made of functions.

    Args:
        on_epoch_begin, on_epoch_end: functions of `(epoch, logs)`.
        on_train_begin, on_train_end: functions of `(logs)`.
        on_train_batch_begin, on_train_batch_end: functions of `(batch, logs)`.
        kwargs: functions for other events, by the event's name.

    >>> LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"])).on_epoch_end(0, {"loss": 1.5})
    0 1.5
    """

    def __init__(self, on_epoch_begin: Callable[..., Any] | None = None, on_epoch_end: Callable[..., Any] | None = None,
                 on_train_begin: Callable[..., Any] | None = None, on_train_end: Callable[..., Any] | None = None,
                 on_train_batch_begin: Callable[..., Any] | None = None, on_train_batch_end: Callable[..., Any] | None = None,
                 **kwargs: Any):
        super().__init__()
        functions = {"on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end, "on_train_begin": on_train_begin,
                     "on_train_end": on_train_end, "on_train_batch_begin": on_train_batch_begin,
                     "on_train_batch_end": on_train_batch_end, **kwargs}
        unknown = sorted(set(functions) - _EVENTS)
        if unknown:
            raise wrong_type("LambdaCallback", f"unknown events {unknown}; known: {', '.join(sorted(_EVENTS))}")
        self.__dict__.update({event: function for event, function in functions.items() if function is not None})
