"""Counts of right and wrong decisions at thresholds, precision and recall."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.losses.pairs import squeezed, wide
from keras_lite.metrics.metric import Metric, weight_of
from keras_lite.metrics.outcomes import checked_class, checked_thresholds, largest_alone, outcomes
from keras_lite.state.variable import Variable


class ThresholdMetric(Metric):
    """Base of metrics that sum up outcomes at thresholds; a subclass names them and defines `result`."""

    _wanted: ClassVar[frozenset[str]]
    class_id: int | None = None
    top_k: int | None = None
    true_positives: Variable
    true_negatives: Variable
    false_positives: Variable
    false_negatives: Variable

    def __init__(self, name: str | None, dtype: Any, cuts: np.ndarray):
        super().__init__(name=name, dtype=dtype)
        self._cuts = cuts

    @property
    def thresholds(self) -> list[float]:
        """What outputs are compared with."""
        return [float(cut) for cut in self._cuts]

    def _make_sums(self, *labels: int) -> None:
        """The variables: a vector over the thresholds each."""
        for name in ("true_positives", "false_positives", "true_negatives", "false_negatives"):
            if name in self._wanted:
                setattr(self, name, self.add_sum((len(self._cuts), *labels), name))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: targets: positive where not 0.
            y_pred: outputs of the same shape.
            sample_weight: weights of rows, or of single outputs.
        """
        weight = weight_of(y_pred, sample_weight, self.sum_dtype)
        y_true, y_pred = squeezed(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
        checked_class(type(self).__name__, self.class_id, y_pred)
        if self.top_k is not None:
            y_pred = largest_alone(wide(y_pred), self.top_k)
        if self.class_id is not None:
            if weight is not None and len(weight.shape) == len(y_pred.shape):
                weight = weight[..., self.class_id if weight.shape[-1] != 1 else 0]
            y_true, y_pred = y_true[..., self.class_id], y_pred[..., self.class_id]
        self._add(outcomes(self._wanted, y_true, y_pred, self._cuts, weight))

    def _add(self, amounts: dict[str, Any]) -> None:
        for name, amount in amounts.items():
            self.accumulate(getattr(self, name), amount)

    def _one_or_all(self, values: Any) -> Any:
        """A scalar where there is a single threshold."""
        return ops.cast(values[0] if len(self._cuts) == 1 else values, self.dtype)

    def _argument(self, name: str, declared_by: type) -> Any:
        return self._recorded.get(name) if name == "thresholds" else super()._argument(name, declared_by)


class _Count(ThresholdMetric):
    """One outcome."""

    def __init__(self, thresholds: Any, name: str | None, dtype: Any):
        super().__init__(name, dtype, checked_thresholds(type(self).__name__, thresholds, 0.5))
        self.accumulator = self.add_sum((len(self._cuts),), "accumulator")

    def _add(self, amounts: dict[str, Any]) -> None:
        self.accumulate(self.accumulator, *amounts.values())

    def result(self) -> Any:
        return self._one_or_all(self.accumulator)


class FalsePositives(_Count):
    """How many negatives are above the threshold (0.5 by default; for several a vector)."""

    _wanted, _direction = frozenset({"false_positives"}), "down"

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None):
        super().__init__(thresholds, name, dtype)


class FalseNegatives(_Count):
    """How many positives are not above the threshold (0.5 by default; for several a vector)."""

    _wanted, _direction = frozenset({"false_negatives"}), "down"

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None):
        super().__init__(thresholds, name, dtype)


class TrueNegatives(_Count):
    """How many negatives are not above the threshold (0.5 by default; for several a vector)."""

    _wanted, _direction = frozenset({"true_negatives"}), "up"

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None):
        super().__init__(thresholds, name, dtype)


class TruePositives(_Count):
    """How many positives are above the threshold (0.5 by default; for several a vector).

    >>> m = TruePositives()
    >>> m.update_state([0, 1, 1, 1], [0.9, 0.2, 0.7, 0.8])
    >>> float(m.result())
    2.0
    """

    _wanted, _direction = frozenset({"true_positives"}), "up"

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None):
        super().__init__(thresholds, name, dtype)


class _Share(ThresholdMetric):
    """Base of precision and recall."""

    _direction = "up"

    def __init__(self, thresholds: Any, top_k: int | None, class_id: int | None, name: str | None, dtype: Any):
        where = type(self).__name__
        if top_k is not None and not top_k >= 1:
            raise invalid(where, f"top_k must be at least 1, got {top_k!r}")
        super().__init__(name, dtype, checked_thresholds(where, thresholds, 0.5 if top_k is None else -np.inf))
        self.top_k, self.class_id = top_k, class_id
        self._make_sums()


class Precision(_Share):
    """Share of the positives among the outputs above the threshold: `tp / (tp + fp)`, 0 where there are none.

    Args:
        thresholds: one or several in [0, 1]; 0.5 by default, none with `top_k`.
        top_k: if given, only the `top_k` largest outputs of a row can be positive.
        class_id: if given, only this class of the last axis counts.
        name, dtype: as in `Metric`.

    >>> m = Precision()
    >>> m.update_state([0, 1, 1, 1], [0.9, 0.2, 0.7, 0.8])
    >>> round(float(m.result()), 4)
    0.6667
    """

    _wanted = frozenset({"true_positives", "false_positives"})

    def __init__(self, thresholds: Any = None, top_k: int | None = None, class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):
        super().__init__(thresholds, top_k, class_id, name, dtype)

    def result(self) -> Any:
        return self._one_or_all(share(self.true_positives, self.false_positives))


class Recall(_Share):
    """Share of the positives that are above the threshold: `tp / (tp + fn)`, 0 without positives; arguments as in `Precision`.

    >>> m = Recall(thresholds=[0.5, 0.75])
    >>> m.update_state([0, 1, 1], [0.9, 0.6, 0.8])
    >>> [float(x) for x in m.result()]
    [1.0, 0.5]
    """

    _wanted = frozenset({"true_positives", "false_negatives"})

    def __init__(self, thresholds: Any = None, top_k: int | None = None, class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):
        super().__init__(thresholds, top_k, class_id, name, dtype)

    def result(self) -> Any:
        return self._one_or_all(share(self.true_positives, self.false_negatives))


def share(part: Any, rest: Any) -> Any:
    """`part / (part + rest)`, 0 of nothing."""
    return ops.divide_no_nan(part, ops.add(part, rest))
