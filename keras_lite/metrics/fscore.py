"""F-scores: precision and recall of each class in one number."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.losses.pairs import squeezed, wide
from keras_lite.losses.weights import weighed
from keras_lite.metrics.metric import Metric, one_of, spread_over, weight_of
from keras_lite.symbolic.rules import may_equal


class FBetaScore(Metric):
    """`(1 + beta**2) tp / ((1 + beta**2) tp + beta**2 fn + fp)` of each class; 0 for a class that is nowhere.

    van Rijsbergen, "Information retrieval", 1979.

    Args:
        average: None for a vector over the classes, "micro" for one score of all decisions, "macro" for the mean over the classes,
            "weighted" for their mean weighted by the number of targets.
        beta: how many times as much recall counts as precision.
        threshold: outputs above it are positive; with None the largest of each row is (the first one, and none if all are 0).
        name, dtype: as in `Metric`.

    >>> m = FBetaScore(average="macro", beta=1.0)
    >>> m.update_state([[1, 0], [0, 1], [0, 1]], [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    >>> round(float(m.result()), 4)
    0.6667
    """

    _direction = "up"

    def __init__(self, average: str | None = None, beta: float = 1.0, threshold: float | None = None, name: str | None = "fbeta_score",
                 dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        where = type(self).__name__
        if not beta > 0:
            raise invalid(where, f"beta must be positive, got {beta!r}")
        if threshold is not None and (isinstance(threshold, str) or not 0 < threshold <= 1):
            raise invalid(where, f"threshold must lie in (0, 1], got {threshold!r}")
        self.average = one_of(where, "average", average, (None, "micro", "macro", "weighted"))
        self.beta, self.threshold = beta, threshold
        self._built = False

    def _build(self, classes: int) -> None:
        shape = () if self.average == "micro" else (classes,)
        self.true_positives = self.add_sum(shape, "true_positives")
        self.false_positives = self.add_sum(shape, "false_positives")
        self.false_negatives = self.add_sum(shape, "false_negatives")
        self.intermediate_weights = self.add_sum(shape, "intermediate_weights")
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch of one-hot or multi-hot targets and outputs (B, classes); targets of a single output may be (B,)."""
        weight = weight_of(y_pred, sample_weight, self.sum_dtype)
        y_pred = wide(ops.convert_to_tensor(y_pred))
        y_true, y_pred = squeezed(ops.convert_to_tensor(y_true, dtype=ops.dtype(y_pred)), y_pred)
        if len(y_pred.shape) != 2 or not may_equal(tuple(y_true.shape), tuple(y_pred.shape)):
            raise invalid(type(self).__name__, f"expected targets and outputs (samples, classes), got shapes {tuple(y_true.shape)} and "
                                               f"{tuple(y_pred.shape)}")
        if not self._built:
            self._build(y_pred.shape[-1])
        y_pred, weight = self._decided(y_pred), spread_over(y_pred, weight)
        self._add(self.true_positives, ops.multiply(y_true, y_pred), weight)
        self._add(self.false_positives, ops.multiply(ops.subtract(1.0, y_true), y_pred), weight)
        self._add(self.false_negatives, ops.multiply(y_true, ops.subtract(1.0, y_pred)), weight)
        self._add(self.intermediate_weights, y_true, weight)

    def _add(self, variable: Any, amounts: Any, weight: Any) -> None:
        """Add the weighted sum over the rows, for "micro" over all."""
        amounts = weighed(amounts, weight, None, self.sum_dtype)[0]
        self.accumulate(variable, ops.sum(amounts, axis=None if self.average == "micro" else 0))

    def _decided(self, y_pred: Any) -> Any:
        """1 for the outputs that are positive, else 0."""
        dtype = ops.dtype(y_pred)
        if self.threshold is not None:
            return ops.cast(ops.greater(y_pred, self.threshold), dtype)
        largest = ops.one_hot(ops.argmax(y_pred, axis=-1), y_pred.shape[-1], dtype=dtype)
        return ops.multiply(largest, ops.cast(ops.any(ops.not_equal(y_pred, 0), axis=-1, keepdims=True), dtype))

    def result(self) -> Any:
        if not self._built:
            return ops.zeros((), self.dtype)
        square = self.beta**2
        hits = ops.multiply(1.0 + square, self.true_positives)
        misses = ops.add(ops.multiply(square, self.false_negatives), self.false_positives)
        scores = ops.divide_no_nan(hits, ops.add(hits, misses))
        if self.average == "weighted":
            support = self.intermediate_weights
            scores = ops.divide_no_nan(ops.sum(ops.multiply(scores, support)), ops.sum(support))
        elif self.average == "macro":
            scores = ops.mean(scores)
        return ops.cast(scores, self.dtype)


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall: `FBetaScore` with beta 1; the other arguments as there."""

    def __init__(self, average: str | None = None, threshold: float | None = None, name: str | None = "f1_score", dtype: Any = None):
        super().__init__(average, 1.0, threshold, name, dtype)
