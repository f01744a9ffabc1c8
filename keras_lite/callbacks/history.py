"""History: the logs of all epochs."""

from __future__ import annotations

from typing import Any

from keras_lite.callbacks.callback import Callback


class History(Callback):
    """Keeps the logs of each epoch; what `fit` returns.

    `history` is a dict with a list for each log, `epoch` the list of epochs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epoch.append(epoch)
        for key, value in (logs or {}).items():
            self.history.setdefault(key, []).append(value)
