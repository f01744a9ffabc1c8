"""Areas under curves of two shares over all thresholds."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from keras_lite import config, ops
from keras_lite.engine.errors import invalid
from keras_lite.metrics.confusion import ThresholdMetric, share
from keras_lite.metrics.metric import one_of, weight_of
from keras_lite.metrics.outcomes import checked_thresholds, outcomes


class AUC(ThresholdMetric):
    """Area under the ROC or the precision-recall curve, from its points at given thresholds.

    With thresholds between all different outputs the area under the ROC curve is exact: the probability that a positive has a larger
    output than a negative.

    Args:
        num_thresholds: how many there are, evenly over [0, 1], where `thresholds` is not given.
        curve: "ROC" (true positive rate over false positive rate), "PR" (precision over recall) or "PRGAIN" (their gains over always
            answering "positive", Flach and Kull, "Precision-recall-gain curves", 2015).
        summation_method: height between two points: their mean by "interpolation" (for "PR" with true and false positives in
            proportion, Davis and Goadrich, "The relationship between precision-recall and ROC curves", 2006), the smaller one by
            "minoring", the larger one by "majoring".
        name, dtype: as in `Metric`.
        thresholds: those between 0 and 1; one below 0 and one above 1 are added.
        multi_label: whether each label of the last axis has a curve of its own; the result is their mean.
        num_labels: number of labels, with `multi_label`; None for that of the first batch.
        label_weights: weights of the labels: of their areas with `multi_label`, else of their outputs.
        from_logits: whether outputs are logits.

    >>> m = AUC()
    >>> m.update_state([0, 0, 1, 1], [0.0, 0.6, 0.4, 0.9])
    >>> float(m.result())
    0.75
    """

    _wanted = frozenset({"true_positives", "true_negatives", "false_positives", "false_negatives"})
    _direction = "up"
    _left_out: ClassVar[dict[str, Any]] = {"thresholds": None}

    def __init__(self, num_thresholds: int = 200, curve: str = "ROC", summation_method: str = "interpolation", name: str | None = None,
                 dtype: Any = None, thresholds: Any = None, multi_label: bool = False, num_labels: int | None = None,
                 label_weights: Any = None, from_logits: bool = False):
        super().__init__(name, dtype, _cuts(num_thresholds, thresholds))
        self.num_thresholds, self.from_logits = len(self._cuts), from_logits
        self.curve = one_of("AUC", "curve", str(curve).upper(), ("ROC", "PR", "PRGAIN"))
        self.summation_method = one_of("AUC", "summation_method", str(summation_method).lower(), ("interpolation", "majoring", "minoring"))
        if num_labels is not None and not multi_label:
            raise invalid("AUC", f"num_labels is for multi_label=True, got num_labels={num_labels} without it")
        self.multi_label, self.num_labels, self.label_weights = multi_label, num_labels, _label_weights(label_weights, num_labels)
        self._built = False
        if not multi_label or num_labels is not None:
            self._build(num_labels)

    @property
    def thresholds(self) -> list[float]:
        """What outputs are compared with; the first one is below all of them, the last one above."""
        return [-config.epsilon(), *super().thresholds[1:-1], 1.0 + config.epsilon()]

    def _build(self, labels: int | None) -> None:
        self._make_sums(*(() if labels is None else (labels,)))
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch; see `ThresholdMetric`.  With `multi_label` outputs are (B, labels)."""
        weight = weight_of(y_pred, sample_weight, self.sum_dtype)
        y_pred = ops.convert_to_tensor(y_pred)
        self._check(tuple(y_pred.shape))
        if not self._built:
            self._build(y_pred.shape[-1])
        if self.label_weights is not None and not self.multi_label:
            labels = ops.convert_to_tensor(self.label_weights, dtype=self.sum_dtype)
            weight = labels if weight is None else ops.multiply(weight if len(weight.shape) > 1 else ops.expand_dims(weight, -1), labels)
            weight = ops.broadcast_to(weight, ops.shape(y_pred))
        y_pred = ops.sigmoid(y_pred) if self.from_logits else y_pred
        self._add(outcomes(self._wanted, y_true, y_pred, self._cuts, weight, self.multi_label))

    def _check(self, shape: tuple[Any, ...]) -> None:
        """Raise ValueError for outputs of a shape that does not fit the labels."""
        if self.multi_label and len(shape) != 2:
            raise invalid("AUC", f"multi_label expects outputs (samples, labels), got shape {shape}")
        known = [self.num_labels, *(tuple(self.true_positives.shape)[1:] if self._built else ()),
                 None if self.label_weights is None else len(self.label_weights)]
        for labels in known:
            if labels is not None and (not shape or shape[-1] not in (labels, None)):
                raise invalid("AUC", f"expected outputs of {labels} labels, got shape {shape}")

    def result(self) -> Any:
        if not self._built:
            return ops.zeros((), self.dtype)
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = self._interpolated()
        else:
            x, y = self._points()
            low, high = y[1:], y[:-1]
            heights = {"interpolation": lambda: ops.divide(ops.add(low, high), 2.0), "minoring": lambda: ops.minimum(low, high),
                       "majoring": lambda: ops.maximum(low, high)}[self.summation_method]()
            areas = ops.sum(ops.multiply(ops.subtract(x[:-1], x[1:]), heights), axis=0)
        return ops.cast(self._mean_of_labels(areas), self.dtype)

    def _points(self) -> tuple[Any, Any]:
        """The points of the curve; the first coordinate falls from threshold to threshold."""
        tp, fp, tn, fn = self.true_positives, self.false_positives, self.true_negatives, self.false_negatives
        if self.curve == "ROC":
            return share(fp, tn), share(tp, fn)
        if self.curve == "PR":
            return share(tp, fn), share(tp, fp)
        positives, negatives = ops.add(tp, fn), ops.add(tn, fp)
        return ops.maximum(_gain(positives, fn, negatives, tp), 0.0), _gain(positives, fp, negatives, tp)

    def interpolate_pr_auc(self) -> Any:
        """The area under the precision-recall curve, true positives growing in proportion to all that are called positive."""
        return ops.cast(self._mean_of_labels(self._interpolated()), self.dtype) if self._built else ops.zeros((), self.dtype)

    def _interpolated(self) -> Any:
        """Such areas of the labels.

        Between two points the precision is `slope + b / p` for p called positive, where `slope` is the share of true positives among
        those added; its integral over the recall has a logarithm.
        """
        tp, called = ops.convert_to_tensor(self.true_positives), ops.add(self.true_positives, self.false_positives)
        more = ops.subtract(tp[:-1], tp[1:])
        slope = ops.divide_no_nan(more, ops.subtract(called[:-1], called[1:]))
        offset = ops.subtract(tp[1:], ops.multiply(slope, called[1:]))
        both = ops.logical_and(ops.greater(called[:-1], 0), ops.greater(called[1:], 0))
        ratio = ops.where(both, ops.divide_no_nan(called[:-1], called[1:]), 1.0)
        parts = ops.multiply(slope, ops.add(more, ops.multiply(offset, ops.log(ops.where(both, ratio, 1.0)))))
        positives = ops.add(tp, self.false_negatives)[1:]
        return ops.sum(ops.divide_no_nan(parts, positives), axis=0)

    def _mean_of_labels(self, areas: Any) -> Any:
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.mean(areas)
        weights = ops.convert_to_tensor(self.label_weights, dtype=ops.dtype(areas))
        return ops.divide_no_nan(ops.sum(ops.multiply(areas, weights)), ops.sum(weights))

    def _argument(self, name: str, declared_by: type) -> Any:
        given = name == "thresholds" and self._recorded.get(name) is not None
        return self.thresholds[1:-1] if given else super()._argument(name, declared_by)


def _gain(positives: Any, mistakes: Any, negatives: Any, hits: Any) -> Any:
    """`1 - (positives / negatives) (mistakes / hits)`; 1 where there are no mistakes, 0 where there are no hits."""
    excess, room = ops.multiply(positives, mistakes), ops.multiply(negatives, hits)
    gain = ops.subtract(1.0, ops.divide_no_nan(excess, room))
    return ops.where(ops.greater(room, 0), gain, ops.where(ops.greater(mistakes, 0), 0.0, 1.0))


def _cuts(count: int, thresholds: Any) -> np.ndarray:
    if thresholds is not None:
        inner = np.sort(checked_thresholds("AUC", thresholds, 0.5)) if np.size(thresholds) else np.zeros(0)
    elif isinstance(count, bool) or count != int(count) or count < 2:
        raise invalid("AUC", f"num_thresholds must be an integer of at least 2, got {count!r}")
    else:
        inner = np.linspace(0.0, 1.0, count)[1:-1]
    return np.array([-np.inf, *inner, np.inf])  # all outputs are between the ends, also those outside [0, 1]


def _label_weights(weights: Any, labels: int | None) -> list[float] | None:
    if weights is None:
        return None
    found = np.asarray(ops.convert_to_numpy(weights), "float64")
    if found.ndim != 1 or not np.all(found >= 0) or (labels is not None and len(found) != labels):
        raise invalid("AUC", f"label_weights must be a vector with a number of at least 0 for each label, got {weights!r}")
    return [float(x) for x in found]
