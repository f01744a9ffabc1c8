"""The accuracy family."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.losses.pairs import labels_of
from keras_lite.metrics.means import MeanMetricWrapper
from keras_lite.metrics.metric import matching
from keras_lite.symbolic.rules import may_equal


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the two are equal, else 0."""
    return _hits(*matching(y_true, y_pred, "accuracy"))


def _hits(a: Any, b: Any) -> Any:
    return ops.cast(ops.equal(a, b), "float32")


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """1 where `y_pred > threshold` agrees with the label in `y_true`, else 0.

    >>> binary_accuracy([[1, 0]], [[0.9, 0.7]])[0].tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = matching(y_true, y_pred, "binary_accuracy")
    return _hits(y_true, ops.cast(ops.greater(y_pred, threshold), ops.dtype(y_true)))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest output is that of the one-hot target, else 0; the classes are on the last axis.

    >>> categorical_accuracy([[0, 1]], [[0.2, 0.8]])[0].item()
    1.0
    """
    y_true, y_pred = _one_hot("categorical_accuracy", y_true, y_pred)
    return _hits(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest output is that of the integer label, else 0; the classes are on the last axis.

    >>> sparse_categorical_accuracy([1, 1], [[0.2, 0.8], [0.9, 0.1]]).tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = _labels("sparse_categorical_accuracy", y_true, y_pred)
    return _hits(y_true, ops.cast(ops.argmax(y_pred, axis=-1), ops.dtype(y_true)))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the target's class is among the `k` largest outputs, else 0."""
    y_true, y_pred = _one_hot("top_k_categorical_accuracy", y_true, y_pred)
    return _in_top_k(ops.argmax(y_true, axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    """1 where the integer label is among the `k` largest outputs (or first ids, with `from_sorted_ids`), else 0.

    >>> sparse_top_k_categorical_accuracy([0], [[0.2, 0.7, 0.1]], k=2)[0].item()
    1.0
    """
    y_true, y_pred = _labels("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        first = ops.cast(y_pred[..., :k], ops.dtype(y_true))
        return ops.cast(ops.any(ops.equal(ops.expand_dims(y_true, -1), first), axis=-1), "float32")
    return _in_top_k(y_true, y_pred, k)


def _in_top_k(labels: Any, y_pred: Any, k: int) -> Any:
    if len(y_pred.shape) == 2:
        return ops.cast(ops.in_top_k(labels, y_pred, k), "float32")
    flat = ops.in_top_k(ops.reshape(labels, (-1,)), ops.reshape(y_pred, (-1, y_pred.shape[-1])), k)
    return ops.reshape(ops.cast(flat, "float32"), ops.shape(labels))


def _one_hot(where: str, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Targets and outputs of one shape."""
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if not may_equal(tuple(y_true.shape), tuple(y_pred.shape)):
        hint = f"; for integer labels use sparse_{where}" if len(y_true.shape) < len(y_pred.shape) or y_true.shape[-1] == 1 else ""
        raise invalid(where, f"targets of shape {tuple(y_true.shape)} do not fit outputs of shape {tuple(y_pred.shape)}{hint}")
    return y_true, y_pred


def _labels(where: str, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Integer labels, one for each row of outputs."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true)
    labels = labels_of(y_true, len(y_pred.shape) - 1)
    if not may_equal(tuple(labels.shape), tuple(y_pred.shape)[:-1]):
        raise invalid(where, f"labels of shape {tuple(y_true.shape)} do not fit outputs of shape {tuple(y_pred.shape)}: expected one "
                             f"for each row of classes; for one-hot targets use {where.removeprefix('sparse_')}")
    return labels, y_pred


class Accuracy(MeanMetricWrapper):
    """How often outputs equal targets."""

    _direction = "up"

    def __init__(self, name: str = "accuracy", dtype: Any = None):
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often outputs, cut at a threshold, equal binary targets; for logits the threshold is 0."""

    _direction = "up"

    def __init__(self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5):
        if isinstance(threshold, bool) or not isinstance(threshold, (int, float)):
            raise wrong_type("BinaryAccuracy", f"threshold must be a number, got {threshold!r}")
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is that of the one-hot target."""

    _direction = "up"

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None):
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is that of the integer label."""

    _direction = "up"

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None):
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the one-hot target is among the `k` largest outputs."""

    _direction = "up"

    def __init__(self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: Any = None):
        super().__init__(top_k_categorical_accuracy, name, dtype, k=_positive("TopKCategoricalAccuracy", k))
        self.k = k


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the integer label is among the `k` largest outputs (or first ids, with `from_sorted_ids`)."""

    _direction = "up"

    def __init__(self, k: int = 5, name: str = "sparse_top_k_categorical_accuracy", dtype: Any = None, from_sorted_ids: bool = False):
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=_positive("SparseTopKCategoricalAccuracy", k),
                         from_sorted_ids=from_sorted_ids)
        self.k, self.from_sorted_ids = k, from_sorted_ids


def _positive(where: str, k: int) -> int:
    if not k >= 1:
        raise invalid(where, f"k must be at least 1, got {k!r}")
    return k
