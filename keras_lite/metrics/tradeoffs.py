"""The best of one share where another one is at least as large as asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.metrics.confusion import ThresholdMetric, share


class _AtLeast(ThresholdMetric):
    """Base: over all thresholds, the largest of one share where the other one is at least `value`; 0 where it never is."""

    _wanted = frozenset({"true_positives", "true_negatives", "false_positives", "false_negatives"})
    _direction = "up"

    def __init__(self, what: str, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any):
        where = type(self).__name__
        if not 0 <= value <= 1:
            raise invalid(where, f"{what} must lie in [0, 1], got {value!r}")
        if isinstance(num_thresholds, bool) or num_thresholds != int(num_thresholds) or num_thresholds < 1:
            raise invalid(where, f"num_thresholds must be a positive integer, got {num_thresholds!r}")
        super().__init__(name, dtype, np.linspace(0.0, 1.0, num_thresholds) if num_thresholds > 1 else np.array([0.5]))
        self.value, self.num_thresholds, self.class_id = value, num_thresholds, class_id
        setattr(self, what, value)
        self._make_sums()

    def _best(self, found: Any, where: Any) -> Any:
        allowed = ops.greater_equal(where, self.value)
        return ops.cast(ops.max(ops.where(allowed, found, 0.0)), self.dtype)

    def _sensitivity(self) -> Any:
        return share(self.true_positives, self.false_negatives)

    def _specificity(self) -> Any:
        return share(self.true_negatives, self.false_positives)

    def _precision(self) -> Any:
        return share(self.true_positives, self.false_positives)


class SensitivityAtSpecificity(_AtLeast):
    """The best sensitivity `tp / (tp + fn)` where the specificity `tn / (tn + fp)` is at least as asked.

    Args:
        specificity: what is asked, in [0, 1].
        num_thresholds: how many thresholds are tried, evenly over [0, 1]; a single one is 0.5.
        class_id: if given, only this class of the last axis counts.
        name, dtype: as in `Metric`.

    >>> m = SensitivityAtSpecificity(0.5)
    >>> m.update_state([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    >>> float(m.result())
    0.5
    """

    def __init__(self, specificity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):
        super().__init__("specificity", specificity, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._best(self._sensitivity(), self._specificity())


class SpecificityAtSensitivity(_AtLeast):
    """The best specificity where the sensitivity is at least as asked; arguments as in `SensitivityAtSpecificity`."""

    def __init__(self, sensitivity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):
        super().__init__("sensitivity", sensitivity, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._best(self._specificity(), self._sensitivity())


class PrecisionAtRecall(_AtLeast):
    """The best precision where the recall is at least as asked; arguments as in `SensitivityAtSpecificity`."""

    def __init__(self, recall: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None, dtype: Any = None):
        super().__init__("recall", recall, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._best(self._precision(), self._sensitivity())


class RecallAtPrecision(_AtLeast):
    """The best recall where the precision is at least as asked; arguments as in `SensitivityAtSpecificity`."""

    def __init__(self, precision: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):
        super().__init__("precision", precision, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._best(self._sensitivity(), self._precision())
