"""Metrics of distributions and rates: means of functions that are losses too."""

from __future__ import annotations

from typing import Any

from keras_lite import losses, ops
from keras_lite.losses.pairs import labels_of
from keras_lite.metrics.means import MeanMetricWrapper
from keras_lite.metrics.metric import with_mask


class BinaryCrossentropy(MeanMetricWrapper):
    """Mean of the cross-entropy of binary targets and probabilities or logits.

    Args:
        name, dtype: as in `Metric`.
        from_logits: whether the outputs are logits.
        label_smoothing: share of the uniform distribution mixed into the targets.
    """

    _direction = "down"

    def __init__(self, name: str = "binary_crossentropy", dtype: Any = None, from_logits: bool = False, label_smoothing: float = 0):
        super().__init__(losses.binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing)
        self.from_logits, self.label_smoothing = from_logits, label_smoothing


class CategoricalCrossentropy(MeanMetricWrapper):
    """Mean of the cross-entropy of one-hot targets and probabilities or logits over the classes of `axis`."""

    _direction = "down"

    def __init__(self, name: str = "categorical_crossentropy", dtype: Any = None, from_logits: bool = False, label_smoothing: float = 0,
                 axis: int = -1):
        super().__init__(losses.categorical_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Mean of the cross-entropy of integer labels and probabilities or logits over the classes of `axis`.

    Entries of `ignore_class` do not count.
    """

    _direction = "down"

    def __init__(self, name: str = "sparse_categorical_crossentropy", dtype: Any = None, from_logits: bool = False,
                 ignore_class: int | None = None, axis: int = -1):
        super().__init__(losses.sparse_categorical_crossentropy, name, dtype, from_logits=from_logits, ignore_class=ignore_class, axis=axis)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]  # two tensors
        if self.ignore_class is not None:
            labels = labels_of(ops.convert_to_tensor(y_true), len(ops.shape(y_pred)) - 1)
            sample_weight = with_mask(sample_weight, ops.not_equal(labels, self.ignore_class), self.sum_dtype)
        super().update_state(y_true, y_pred, sample_weight)


class KLDivergence(MeanMetricWrapper):
    """Mean of the Kullback-Leibler divergences of outputs from targets, distributions over the last axis."""

    _direction = "down"

    def __init__(self, name: str = "kl_divergence", dtype: Any = None):
        super().__init__(losses.kl_divergence, name, dtype)


class Poisson(MeanMetricWrapper):
    """Mean of the negative log-likelihood of counts, up to a constant of the targets."""

    _direction = "down"

    def __init__(self, name: str = "poisson", dtype: Any = None):
        super().__init__(losses.poisson, name, dtype)
