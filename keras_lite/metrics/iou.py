"""Intersections over unions of classes, from a matrix of how often a class was taken for another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_lite import ops
from keras_lite.engine.dtypes import is_float
from keras_lite.engine.errors import invalid
from keras_lite.losses.pairs import labels_of, squeezed
from keras_lite.metrics.metric import Metric, spread_over, weight_of
from keras_lite.symbolic.rules import may_equal


class IoU(Metric):
    """Mean over classes of `true positives / (true positives + false positives + false negatives)`.

    Classes that are in neither the targets nor the outputs do not count.  Jaccard 1912.

    Args:
        num_classes: number of classes.
        target_class_ids: classes over which the mean is taken.
        name, dtype: as in `Metric`; sums are at least float32.
        ignore_class: label of targets that do not count.
        sparse_y_true: whether targets are integer labels; else the largest entry along `axis` is the label.
        sparse_y_pred: the same for outputs.
        axis: axis of the classes.

    >>> m = IoU(num_classes=2, target_class_ids=[1])
    >>> m.update_state([0, 1, 1, 1], [1, 1, 1, 0])
    >>> float(m.result())
    0.5
    """

    _direction = "up"

    def __init__(self, num_classes: int, target_class_ids: Sequence[int], name: str | None = None, dtype: Any = None,
                 ignore_class: int | None = None, sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1):
        super().__init__(name=name, dtype=dtype or "int32")
        if isinstance(num_classes, bool) or num_classes != int(num_classes) or num_classes < 1:
            raise invalid(type(self).__name__, f"num_classes must be a positive integer, got {num_classes!r}")
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        if not self.target_class_ids or not all(0 <= i < num_classes for i in self.target_class_ids):
            raise invalid(type(self).__name__, f"target_class_ids must lie in 0 to {num_classes - 1}, got {target_class_ids!r}")
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.total_cm = self.add_sum((num_classes, num_classes), "total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch; pairs of a target or an output outside the classes do not count."""
        weight = weight_of(y_pred, sample_weight, self.sum_dtype)
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        y_true = y_true if self.sparse_y_true else ops.argmax(y_true, axis=self.axis)
        y_pred = y_pred if self.sparse_y_pred else ops.argmax(y_pred, axis=self.axis)
        self._add(*squeezed(y_true, y_pred), weight)

    def _add(self, y_true: Any, y_pred: Any, weight: Any) -> None:
        """Add pairs of labels."""
        if not may_equal(tuple(y_true.shape), tuple(y_pred.shape)):
            raise invalid(type(self).__name__, f"labels of shape {tuple(y_true.shape)} do not fit those of outputs, of shape "
                                               f"{tuple(y_pred.shape)}; see sparse_y_true and sparse_y_pred")
        if weight is not None:
            weight = ops.reshape(spread_over(y_true, weight), (-1,))
        y_true, y_pred = (ops.reshape(labels_of(y, len(y.shape)), (-1,)) for y in (y_true, y_pred))
        count, inside = self.num_classes, ops.logical_and(_among(y_true, self.num_classes), _among(y_pred, self.num_classes))
        if self.ignore_class is not None:
            inside = ops.logical_and(inside, ops.not_equal(y_true, self.ignore_class))
        amounts = ops.cast(inside, "int32") if weight is None else ops.where(inside, weight, 0.0)
        cells = ops.where(inside, ops.add(ops.multiply(y_true, count), y_pred), 0)
        self.accumulate(self.total_cm, ops.reshape(ops.segment_sum(amounts, cells, count * count), (count, count)))

    def result(self) -> Any:
        hits = ops.diagonal(self.total_cm)
        union = ops.subtract(ops.add(ops.sum(self.total_cm, axis=0), ops.sum(self.total_cm, axis=1)), hits)
        hits, union = (ops.take(x, self.target_class_ids, axis=0) for x in (hits, union))
        there = ops.cast(ops.logical_not(ops.less_equal(union, 0)), ops.dtype(hits))  # NaN counts
        mean = ops.divide_no_nan(ops.sum(ops.divide_no_nan(hits, union)), ops.sum(there))
        return ops.cast(mean, self.dtype) if is_float(self.dtype) else mean


def _among(labels: Any, count: int) -> Any:
    return ops.logical_and(ops.greater_equal(labels, 0), ops.less(labels, count))


class BinaryIoU(IoU):
    """IoU of two classes, of outputs that are cut at a threshold.

    Args:
        target_class_ids: of 0 (outputs below the threshold) and 1 (the others), those over which the mean is taken.
        threshold: the smallest output of class 1.
        name, dtype: as in `IoU`.

    >>> m = BinaryIoU(target_class_ids=[1], threshold=0.3)
    >>> m.update_state([0, 1, 1, 1], [0.1, 0.2, 0.4, 0.7])
    >>> round(float(m.result()), 4)
    0.6667
    """

    def __init__(self, target_class_ids: Sequence[int] = (0, 1), threshold: float = 0.5, name: str | None = None, dtype: Any = None):
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch of binary targets and outputs of the same shape."""
        weight = weight_of(y_pred, sample_weight, self.sum_dtype)
        y_true, y_pred = squeezed(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
        self._add(y_true, ops.cast(ops.greater_equal(y_pred, self.threshold), "int32"), weight)


class MeanIoU(IoU):
    """IoU over all classes; arguments as in `IoU`."""

    def __init__(self, num_classes: int, name: str | None = None, dtype: Any = None, ignore_class: int | None = None,
                 sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1):
        super().__init__(num_classes, range(num_classes), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)


class OneHotIoU(IoU):
    """IoU of one-hot targets and outputs over classes; arguments as in `IoU`.

    >>> m = OneHotIoU(num_classes=2, target_class_ids=[0])
    >>> m.update_state([[1, 0], [0, 1], [1, 0]], [[0.9, 0.1], [0.6, 0.4], [0.8, 0.2]])
    >>> round(float(m.result()), 4)
    0.6667
    """

    def __init__(self, num_classes: int, target_class_ids: Sequence[int], name: str | None = None, dtype: Any = None,
                 ignore_class: int | None = None, sparse_y_pred: bool = False, axis: int = -1):
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)


class OneHotMeanIoU(MeanIoU):
    """IoU of one-hot targets and outputs over all classes; arguments as in `IoU`."""

    def __init__(self, num_classes: int, name: str | None = None, dtype: Any = None, ignore_class: int | None = None,
                 sparse_y_pred: bool = False, axis: int = -1):
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
