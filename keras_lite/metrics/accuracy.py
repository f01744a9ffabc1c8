"""The accuracy family."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.metrics.metric import MeanMetricWrapper, matching


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the two are equal, else 0; the mean over the last axis."""
    y_true, y_pred = matching(y_true, y_pred)
    return ops.mean(ops.cast(ops.equal(y_true, y_pred), "float32"), axis=-1) if len(y_pred.shape) > 1 else _hits(y_true, y_pred)


def _hits(a: Any, b: Any) -> Any:
    return ops.cast(ops.equal(a, b), "float32")


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """1 where `y_pred > threshold` agrees with the label in `y_true`, else 0; the mean over the last axis."""
    y_true, y_pred = matching(y_true, y_pred)
    return ops.mean(_hits(y_true, ops.cast(ops.greater(y_pred, threshold), ops.dtype(y_true))), axis=-1)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest output is that of the one-hot target, else 0."""
    return _hits(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest output is that of the integer label, else 0."""
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    return _hits(ops.cast(y_true, "int32"), ops.argmax(y_pred, axis=-1))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the target's class is among the `k` largest outputs, else 0."""
    return ops.cast(ops.in_top_k(ops.argmax(y_true, axis=-1), y_pred, k), "float32")


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    """1 where the integer label is among the `k` largest outputs (or first ids, with `from_sorted_ids`), else 0."""
    y_true = ops.cast(ops.convert_to_tensor(y_true), "int32")
    y_pred = ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if from_sorted_ids:
        first = ops.cast(y_pred[..., :k], "int32")
        return ops.cast(ops.any(ops.equal(ops.expand_dims(y_true, -1), first), axis=-1), "float32")
    return ops.cast(ops.in_top_k(y_true, y_pred, k), "float32")


class Accuracy(MeanMetricWrapper):
    """How often outputs equal targets."""

    def __init__(self, name: str = "accuracy", dtype: Any = None):
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often outputs, cut at a threshold, equal binary targets."""

    def __init__(self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5):
        if not 0 < threshold < 1:
            raise invalid("BinaryAccuracy", f"threshold must lie between 0 and 1, got {threshold!r}")
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is that of the one-hot target."""

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None):
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is that of the integer label."""

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None):
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the one-hot target is among the `k` largest outputs."""

    def __init__(self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: Any = None):
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)
        self.k = k


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the integer label is among the `k` largest outputs."""

    def __init__(self, k: int = 5, name: str = "sparse_top_k_categorical_accuracy", dtype: Any = None, from_sorted_ids: bool = False):
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
        self.k, self.from_sorted_ids = k, from_sorted_ids
