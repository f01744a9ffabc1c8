"""Losses of real numbers: functions of the error of each output."""

from __future__ import annotations

from typing import Any

from keras_lite import config, ops
from keras_lite.engine.errors import invalid
from keras_lite.losses.loss import MEAN, LossFunctionWrapper
from keras_lite.losses.pairs import of_pairs


@of_pairs
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """`mean((y_true - y_pred)**2)` over the last axis.

    >>> mean_squared_error([[0.0, 1.0]], [[1.0, 1.0]])[0].item()
    0.5
    """
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


@of_pairs
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """`mean(|y_true - y_pred|)` over the last axis."""
    return ops.mean(ops.absolute(ops.subtract(y_true, y_pred)), axis=-1)


@of_pairs
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """`100 mean(|y_true - y_pred| / max(|y_true|, epsilon))` over the last axis."""
    scale = ops.maximum(ops.absolute(y_true), config.epsilon())
    return ops.multiply(100.0, ops.mean(ops.divide(ops.absolute(ops.subtract(y_true, y_pred)), scale), axis=-1))


@of_pairs
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """`mean((log(1 + y_true) - log(1 + y_pred))**2)` over the last axis; values below epsilon count as epsilon."""
    y_true, y_pred = (ops.log1p(ops.maximum(y, config.epsilon())) for y in (y_true, y_pred))
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


@of_pairs
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Mean over the last axis of `e**2 / 2` for errors e up to `delta`, and `delta |e| - delta**2 / 2` for larger ones.

    Huber, "Robust estimation of a location parameter", 1964.

    >>> huber([[0.0, 0.0]], [[0.5, 3.0]])[0].item()  # (0.125 + 2.5) / 2
    1.3125
    """
    error = ops.absolute(ops.subtract(y_true, y_pred))
    inside = ops.minimum(error, delta)
    return ops.mean(ops.multiply(inside, ops.subtract(error, ops.multiply(inside, 0.5))), axis=-1)


@of_pairs
def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """`mean(log(cosh(y_pred - y_true)))` over the last axis: near 0 half the square, far from it the absolute error less log(2)."""
    error = ops.absolute(ops.subtract(y_pred, y_true))
    half = ops.multiply(ops.minimum(error, 1.0), 0.5)
    near = ops.log1p(ops.multiply(2.0, ops.square(ops.sinh(half))))  # 1 + 2 sinh(e / 2)**2 is cosh(e), without cancellation
    far = ops.add(error, ops.log1p(ops.multiply(0.5, ops.expm1(ops.multiply(-2.0, ops.maximum(error, 1.0))))))
    return ops.mean(ops.where(ops.less(error, 1.0), near, far), axis=-1)


class MeanSquaredError(LossFunctionWrapper):
    """Mean of the squares of the errors."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_squared_error", dtype: Any = None):
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """Mean of the absolute errors."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_absolute_error", dtype: Any = None):
        super().__init__(mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """Mean of the absolute errors, in percent of the targets."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_absolute_percentage_error", dtype: Any = None):
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """Mean of the squares of the errors of log(1 + y)."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_squared_logarithmic_error", dtype: Any = None):
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class Huber(LossFunctionWrapper):
    """Squares of errors up to `delta`, absolute values of larger ones, as in `huber`."""

    def __init__(self, delta: float = 1.0, reduction: str | None = MEAN, name: str = "huber_loss", dtype: Any = None):
        if not delta > 0:
            raise invalid("Huber", f"delta must be positive, got {delta!r}")
        super().__init__(huber, reduction, name, dtype, delta=delta)


class LogCosh(LossFunctionWrapper):
    """Logarithm of the hyperbolic cosine of the errors."""

    def __init__(self, reduction: str | None = MEAN, name: str = "log_cosh", dtype: Any = None):
        super().__init__(log_cosh, reduction, name, dtype)
