"""ModelCheckpoint: keep the weights of good epochs."""

from __future__ import annotations

import pathlib
from typing import Any

from keras_lite.callbacks.monitor import Monitor
from keras_lite.engine.errors import invalid, not_there
from keras_lite.saving.weights import checked


class ModelCheckpoint(Monitor):
    """Saves the weights after epochs, or after a number of batches.

    Args:
        filepath: a .npz file, in a folder that is made if need be; may name the epoch and logs: "w{epoch:02d}-{val_loss:.2f}.npz".
        monitor: name of the log that tells which is best.
        verbose: 1 says when it saves.
        save_best_only: whether to save only when the log is better than ever.
        save_weights_only: must be True: whole models are not saved yet.
        mode: "min" or "max" is better; "auto" decides by the metric or its name, see `Monitor`.
        save_freq: "epoch", or after how many batches.
        initial_value_threshold: value that must be beaten at first.
    """

    def __init__(self, filepath: Any, monitor: str = "val_loss", verbose: int = 0, save_best_only: bool = False,
                 save_weights_only: bool = False, mode: str = "auto", save_freq: Any = "epoch",
                 initial_value_threshold: float | None = None):
        super().__init__(monitor, mode, best=initial_value_threshold)
        if not save_weights_only:
            raise not_there("ModelCheckpoint", "whole models are not saved yet; pass save_weights_only=True and a path ending in .npz")
        path = checked("ModelCheckpoint", filepath)
        if save_freq != "epoch" and (isinstance(save_freq, bool) or not isinstance(save_freq, int) or save_freq < 1):
            raise invalid("ModelCheckpoint", f'save_freq must be "epoch" or a positive int, got {save_freq!r}')
        self.filepath, self.verbose, self.save_best_only = str(path), verbose, save_best_only
        self.save_weights_only, self.save_freq = save_weights_only, save_freq
        self._batches, self._epoch = 0, 0
        if save_freq != "epoch":
            self.on_train_batch_end = self._count_batches  # type: ignore[method-assign]  # listens to batches only if asked to

    def on_train_begin(self, logs: Any = None) -> None:
        if self.save_best_only:
            self.check_direction()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch, self._last = epoch, -1

    def _count_batches(self, batch: int, logs: Any = None) -> None:
        self._batches += batch - self._last
        self._last = batch
        if self._batches >= self.save_freq:
            self._batches = 0
            self._save(self._epoch, batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch, None, logs)

    def _save(self, epoch: int, batch: int | None, logs: Any) -> None:
        path = self._path(epoch, batch, logs or {})
        if self.save_best_only:
            value = self.value(logs)
            if value is None or not self.is_better(value):
                if self.verbose and value is not None:
                    print(f"\nEpoch {epoch + 1}: {self.monitor} did not improve from {self.best:.5f}")
                return
            if self.verbose:
                before = "" if self.best is None else f" from {self.best:.5f}"
                print(f"\nEpoch {epoch + 1}: {self.monitor} improved{before} to {value:.5f}, saving weights to {path}")
            self.best = value
        elif self.verbose:
            print(f"\nEpoch {epoch + 1}: saving weights to {path}")
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.model.save_weights(path, overwrite=True)

    def _path(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> str:
        names = {"epoch": epoch + 1, **({} if batch is None else {"batch": batch + 1}), **logs}
        try:
            return self.filepath.format(**names)
        except KeyError as error:
            raise invalid("ModelCheckpoint", f"the path {self.filepath!r} names {error}, known are {', '.join(names)}") from None


