"""The loss of each row as plain functions of targets and outputs."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.losses.loss import same_rank


def _pair(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    y_pred = ops.convert_to_tensor(y_pred)
    return same_rank(ops.convert_to_tensor(y_true, dtype=ops.dtype(y_pred)), y_pred)


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """`mean((y_true - y_pred)**2)` over the last axis.

    >>> mean_squared_error([[0.0, 1.0]], [[1.0, 1.0]])[0].item()
    0.5
    """
    y_true, y_pred = _pair(y_true, y_pred)
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """`mean(|y_true - y_pred|)` over the last axis."""
    y_true, y_pred = _pair(y_true, y_pred)
    return ops.mean(ops.absolute(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """`100 mean(|y_true - y_pred| / max(|y_true|, epsilon))` over the last axis."""
    from keras_lite import config

    y_true, y_pred = _pair(y_true, y_pred)
    scale = ops.maximum(ops.absolute(y_true), config.epsilon())
    return ops.multiply(100.0, ops.mean(ops.divide(ops.absolute(ops.subtract(y_true, y_pred)), scale), axis=-1))


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """`mean((log(1 + y_true) - log(1 + y_pred))**2)` over the last axis; values below epsilon count as epsilon."""
    from keras_lite import config

    y_true, y_pred = (ops.log1p(ops.maximum(y, config.epsilon())) for y in _pair(y_true, y_pred))
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


def _smoothed(y_true: Any, label_smoothing: float, classes: Any) -> Any:
    """Targets mixed with the uniform distribution."""
    return ops.add(ops.multiply(y_true, 1.0 - label_smoothing), label_smoothing / classes) if label_smoothing else y_true


def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """Mean over `axis` of `-y log(p) - (1-y) log(1-p)`; `y_pred` are p, or with `from_logits` their logits."""
    y_true, y_pred = _pair(y_true, y_pred)
    return ops.mean(ops.binary_crossentropy(_smoothed(y_true, label_smoothing, 2), y_pred, from_logits=from_logits), axis=axis)


def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """`-sum(y log(p))` over the classes of `axis`; `y_true` are one-hot or probabilities."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=ops.dtype(y_pred))
    classes = y_pred.shape[axis]
    return ops.categorical_crossentropy(_smoothed(y_true, label_smoothing, classes), y_pred, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None,
                                    axis: int = -1) -> Any:
    """`-log(p[y])` for integer labels `y_true`; entries of `ignore_class`, and labels that name no class, have loss 0."""
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    labels = ops.cast(y_true, "int32")
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(labels, y_pred, from_logits=from_logits, axis=axis)
    valid = ops.not_equal(labels, ignore_class)
    values = ops.sparse_categorical_crossentropy(ops.where(valid, labels, 0), y_pred, from_logits=from_logits, axis=axis)
    return ops.where(valid, values, 0.0)
