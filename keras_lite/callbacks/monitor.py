"""What callbacks that watch a log share: which way is better, and whether it got better."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from keras_lite.callbacks.callback import Callback
from keras_lite.engine.errors import invalid, warn

_LARGER = "acc|accuracy|auc|precision|recall|specificity|sensitivity|f1|f1_score|fbeta_score|iou|r2|r2_score|cosine_similarity"
_SMALLER = "loss|error|mse|mae|mape|msle|rmse|crossentropy|divergence|hinge|log_cosh|logcosh|poisson|perplexity"


class Monitor(Callback):
    """Base of callbacks that watch one of the logs.

    Args:
        monitor: name of the log.
        mode: "min" or "max" is better; "auto" decides by the direction of the metric (its `_direction`, "up" or "down"), else by the
            last words of its name, and raises ValueError where neither says it.
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
        """Whether the log should rise.  Raises ValueError where nothing says it."""
        mode = self._direction() if self.mode == "auto" else self.mode
        if mode is None:
            known = ", ".join(m.name for m in getattr(self.model, "metrics", ()))
            raise invalid(type(self).__name__, f"can't tell whether a larger or a smaller {self.monitor!r} is better: say it by "
                                               f'mode="max" or mode="min", or watch one of the metrics {known or "of the model"}')
        return mode == "max"

    def check_direction(self) -> None:
        """Raise ValueError where it is not known which way is better."""
        self.larger_is_better  # noqa: B018  # asking is the check

    def _direction(self) -> str | None:
        """"max" or "min" by the metric or its name, None if they don't say."""
        name = self.monitor.removeprefix("val_")
        found = [m for m in getattr(self.model, "metrics", ()) if name == m.name or name.endswith(f"_{m.name}")]
        metric = max(found, key=lambda m: len(m.name), default=None)
        told = {"up": "max", "down": "min"}.get(getattr(metric, "_direction", None) or "")
        return told or _by_name(name) or _by_name(getattr(getattr(metric, "_fn", None), "__name__", ""))

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


def _by_name(name: str) -> str | None:
    """"max" or "min" where the last words of a name tell it: "dense_1_accuracy", "auc_2", "root_mean_squared_error"."""
    for words, mode in ((_LARGER, "max"), (_SMALLER, "min")):
        if re.search(rf"(^|_)({words})(_\d+)?$", name, re.IGNORECASE):
            return mode
    return None
