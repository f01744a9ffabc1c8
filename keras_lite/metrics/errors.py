"""Metrics of errors and crossentropies: means of the functions that are losses too."""

from __future__ import annotations

from typing import Any

from keras_lite import losses as functions
from keras_lite import ops
from keras_lite.metrics.metric import Mean, MeanMetricWrapper, matching


class MeanSquaredError(MeanMetricWrapper):
    """Mean of the squares of the errors."""

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None):
        super().__init__(functions.mean_squared_error, name, dtype)


class RootMeanSquaredError(Mean):
    """Root of the mean of the squares of the errors."""

    _direction = "down"

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None):
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]  # two tensors
        y_true, y_pred = matching(y_true, y_pred)
        super().update_state(ops.square(ops.subtract(y_pred, y_true)), sample_weight)

    def result(self) -> Any:
        return ops.sqrt(super().result())


class MeanAbsoluteError(MeanMetricWrapper):
    """Mean of the absolute errors."""

    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None):
        super().__init__(functions.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """Mean of the absolute errors, in percent of the targets."""

    def __init__(self, name: str = "mean_absolute_percentage_error", dtype: Any = None):
        super().__init__(functions.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """Mean of the squares of the errors of log(1 + y)."""

    def __init__(self, name: str = "mean_squared_logarithmic_error", dtype: Any = None):
        super().__init__(functions.mean_squared_logarithmic_error, name, dtype)


class BinaryCrossentropy(MeanMetricWrapper):
    """Mean of the cross-entropy of binary targets and probabilities or logits."""

    def __init__(self, name: str = "binary_crossentropy", dtype: Any = None, from_logits: bool = False, label_smoothing: float = 0):
        super().__init__(functions.binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing)
        self.from_logits, self.label_smoothing = from_logits, label_smoothing


class CategoricalCrossentropy(MeanMetricWrapper):
    """Mean of the cross-entropy of one-hot targets and probabilities or logits."""

    def __init__(self, name: str = "categorical_crossentropy", dtype: Any = None, from_logits: bool = False, label_smoothing: float = 0,
                 axis: int = -1):
        super().__init__(functions.categorical_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing,
                         axis=axis)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Mean of the cross-entropy of integer labels and probabilities or logits."""

    def __init__(self, name: str = "sparse_categorical_crossentropy", dtype: Any = None, from_logits: bool = False,
                 ignore_class: int | None = None, axis: int = -1):
        super().__init__(functions.sparse_categorical_crossentropy, name, dtype, from_logits=from_logits, ignore_class=ignore_class,
                         axis=axis)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis
