"""What callbacks that watch a log share: which way is better, and whether it got better."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.callbacks.callback import Callback
from keras_lite.engine.errors import invalid, warn

_LARGER = ("acc", "auc", "precision", "recall", "f1", "fbeta", "iou", "r2", "true_positives", "true_negatives", "similarity")


class Monitor(Callback):
    """Base of callbacks that watch one of the logs.

    Args:
        monitor: name of the log.
        mode: "min" or "max" is better; "auto" decides by the name.
        min_delta: smallest change that counts.
        best: value that must be beaten at first.
    """

    def __init__(self, monitor: str, mode: str = "auto", min_delta: float = 0.0, best: float | None = None):
        super().__init__()
        if mode not in ("auto", "min", "max"):
            raise invalid(type(self).__name__, f'mode must be "auto", "min" or "max", got {mode!r}')
        self.monitor, self.mode, self.min_delta = monitor, mode, abs(min_delta)
        self.best = best

    @property
    def larger_is_better(self) -> bool:
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        return any(part in name for part in _LARGER) and "loss" not in name

    def value(self, logs: Any) -> float | None:
        """The watched value; a warning that names the logs there are if it is not among them."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            there = ", ".join(logs or {})
            warn(f"{type(self).__name__} watches {self.monitor!r}, which is not among the logs: {there}")
            return None
        return float(np.asarray(value))

    def is_better(self, value: float) -> bool:
        """Whether `value` beats the best so far by more than `min_delta`."""
        if self.best is None:
            return not np.isnan(value)
        return value - self.min_delta > self.best if self.larger_is_better else value + self.min_delta < self.best
