"""How often outputs above a threshold, and not above it, are right and wrong."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.losses.pairs import same_rank, wide
from keras_lite.metrics.metric import spread_over

FEW = 4  # thresholds with which comparing each output is quicker than finding its place among them
OUTCOMES = (("true_positives", "false_negatives"), ("false_positives", "true_negatives"))


def outcomes(wanted: AbstractSet[str], y_true: Any, y_pred: Any, thresholds: np.ndarray, weight: Any = None,
             by_label: bool = False) -> dict[str, Any]:
    """Sums of the weights of the `wanted` outcomes at each threshold; an output is positive if it is larger.

    Args:
        wanted: of "true_positives", "false_negatives", "false_positives" and "true_negatives".
        y_true: targets: positive where not 0.
        y_pred: outputs of the same shape.
        thresholds: a vector.
        weight: weights of rows or of single outputs; without them the sums are int32 counts.
        by_label: whether each label of the last axis has sums of its own.

    Returns:
        Tensors of shape (thresholds,), with `by_label` (thresholds, labels).
    """
    y_true, y_pred = same_rank(ops.convert_to_tensor(y_true), wide(ops.convert_to_tensor(y_pred)), "metric")
    labels = y_pred.shape[-1] if by_label else 1
    positive, y_pred, weight = (None if x is None else ops.reshape(x, (-1, labels))
                                for x in (ops.cast(y_true, "bool"), y_pred, spread_over(y_pred, weight)))
    tally = _Compared(y_pred, thresholds) if len(thresholds) <= FEW else _Placed(y_pred, thresholds)
    found: dict[str, Any] = {}
    for kind, names in zip((positive, ops.logical_not(positive)), OUTCOMES, strict=True):
        if wanted & set(names):
            amounts = ops.cast(kind, "int32") if weight is None else ops.where(kind, weight, 0.0)
            found |= zip(names, tally.sums(amounts), strict=True)
    return {name: found[name] if by_label else ops.squeeze(found[name], -1) for name in wanted}


class _Compared:
    """Each output is compared with each threshold."""

    def __init__(self, y_pred: Any, thresholds: np.ndarray):
        cuts = ops.convert_to_tensor(thresholds.reshape(-1, 1, 1), dtype=ops.dtype(y_pred))
        self._above = ops.greater(y_pred, cuts)

    def sums(self, amounts: Any) -> tuple[Any, Any]:
        """The amounts above each threshold, and those not above it, (thresholds, labels)."""
        return (ops.sum(ops.where(self._above, amounts, 0), axis=1), ops.sum(ops.where(self._above, 0, amounts), axis=1))


class _Placed:
    """Each output finds its place among the sorted thresholds; NaN is above none."""

    def __init__(self, y_pred: Any, thresholds: np.ndarray):
        self._order = np.argsort(thresholds, kind="stable")
        self._count, self._labels = len(thresholds), y_pred.shape[-1]
        cuts = ops.convert_to_tensor(thresholds[self._order], dtype=ops.dtype(y_pred))
        place = ops.where(ops.isnan(y_pred), 0, ops.searchsorted(cuts, y_pred))  # how many thresholds are smaller
        labels = ops.convert_to_tensor(np.arange(self._labels, dtype="int32"))
        self._ids = ops.reshape(ops.add(ops.multiply(place, self._labels), labels), (-1,))

    def sums(self, amounts: Any) -> tuple[Any, Any]:
        """As those of `_Compared`."""
        segments = ops.segment_sum(ops.reshape(amounts, (-1,)), self._ids, (self._count + 1) * self._labels)
        segments = ops.reshape(segments, (self._count + 1, self._labels))
        below = ops.cumsum(segments, axis=0)[:-1]
        above = ops.flip(ops.cumsum(ops.flip(segments, axis=0), axis=0), axis=0)[1:]
        if np.array_equal(self._order, np.arange(self._count)):
            return above, below
        back = np.argsort(self._order).astype("int32")
        return ops.take(above, back, axis=0), ops.take(below, back, axis=0)


def largest_alone(y_pred: Any, k: int) -> Any:
    """The `k` largest outputs of each row; minus infinity in the place of the others."""
    classes = y_pred.shape[-1]
    if classes is None:
        raise invalid("top_k", f"the number of classes must be known, got outputs of shape {tuple(y_pred.shape)}")
    _, indices = ops.top_k(y_pred, min(k, classes))
    chosen = ops.any(ops.cast(ops.one_hot(indices, classes), "bool"), axis=-2)
    return ops.where(chosen, y_pred, -np.inf)


def checked_thresholds(where: str, thresholds: Any, default: float) -> np.ndarray:
    """A vector of thresholds in [0, 1], from one, several or None; raises ValueError for others."""
    if thresholds is None:
        return np.array([default])
    cuts = np.atleast_1d(np.asarray(thresholds, "float64"))
    if cuts.ndim != 1 or not cuts.size or not np.all((cuts >= 0) & (cuts <= 1)):
        raise invalid(where, f"thresholds must be numbers in [0, 1], got {thresholds!r}")
    return cuts


def checked_class(where: str, class_id: int | None, y_pred: Any) -> None:
    """Raise ValueError for a class that the outputs do not have."""
    classes = y_pred.shape[-1] if len(y_pred.shape) else 0
    if class_id is not None and classes is not None and not -classes <= class_id < classes:
        raise invalid(where, f"class_id must lie in 0 to {classes - 1} for outputs of shape {tuple(y_pred.shape)}, got {class_id}")
