"""Metrics of real numbers: functions of the errors, of angles, and the share of the variance that is explained."""

from __future__ import annotations

from typing import Any

from keras_lite import losses, ops
from keras_lite.metrics.means import Mean, MeanMetricWrapper
from keras_lite.metrics.metric import matching, weight_of


class MeanSquaredError(MeanMetricWrapper):
    """Mean of the squares of the errors."""

    _direction = "down"

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None):
        super().__init__(losses.mean_squared_error, name, dtype)


class RootMeanSquaredError(Mean):
    """Root of the mean of the squares of the errors.

    >>> m = RootMeanSquaredError()
    >>> m.update_state([0.0, 0.0], [3.0, 4.0], sample_weight=[0.0, 1.0])
    >>> float(m.result())
    4.0
    """

    _direction = "down"

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None):
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]  # two tensors
        weight = weight_of(y_pred, sample_weight, self.sum_dtype)
        y_true, y_pred = matching(y_true, ops.convert_to_tensor(y_pred, dtype=self.sum_dtype), self.name)
        super().update_state(ops.square(ops.subtract(y_pred, y_true)), weight)

    def result(self) -> Any:
        return ops.sqrt(super().result())


class MeanAbsoluteError(MeanMetricWrapper):
    """Mean of the absolute errors."""

    _direction = "down"

    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None):
        super().__init__(losses.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """Mean of the absolute errors, in percent of the targets."""

    _direction = "down"

    def __init__(self, name: str = "mean_absolute_percentage_error", dtype: Any = None):
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """Mean of the squares of the errors of log(1 + y)."""

    _direction = "down"

    def __init__(self, name: str = "mean_squared_logarithmic_error", dtype: Any = None):
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanMetricWrapper):
    """Mean of the logarithm of the hyperbolic cosine of the errors."""

    _direction = "down"

    def __init__(self, name: str = "logcosh", dtype: Any = None):
        super().__init__(losses.log_cosh, name, dtype)


class CosineSimilarity(MeanMetricWrapper):
    """Mean of the cosines of the angles of targets and outputs along `axis`: 1 for the same direction."""

    _direction = "up"

    def __init__(self, name: str = "cosine_similarity", dtype: Any = None, axis: int = -1):
        super().__init__(_cosine, name, dtype, axis=axis)
        self.axis = axis


def _cosine(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    return ops.negative(losses.cosine_similarity(y_true, y_pred, axis))
