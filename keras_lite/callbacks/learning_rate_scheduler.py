"""LearningRateScheduler: the learning rate as a function of the epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.callbacks.callback import Callback
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.state.calls import accepts


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch.

    Args:
        schedule: function of `(epoch, learning_rate)`, or of `(epoch)`, that gives the new rate.
        verbose: 1 says what it sets.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0):
        super().__init__()
        if not callable(schedule):
            raise wrong_type("LearningRateScheduler", f"schedule must be a function of the epoch, got {schedule!r}")
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        present = float(np.asarray(self.model.optimizer.learning_rate))
        rate = self.schedule(epoch, present) if accepts(self.schedule, epoch, present) else self.schedule(epoch)
        if isinstance(rate, bool) or not isinstance(rate, (float, int, np.floating)):
            raise invalid("LearningRateScheduler", f"the schedule must return a float, got {rate!r} for epoch {epoch}")
        self.model.optimizer.learning_rate = float(rate)
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {float(rate)}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(np.asarray(self.model.optimizer.learning_rate))
