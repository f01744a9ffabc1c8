"""The losses as classes."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.losses import functions
from keras_lite.losses.loss import LossFunctionWrapper

MEAN = "sum_over_batch_size"


class MeanSquaredError(LossFunctionWrapper):
    """Mean of the squares of the errors."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_squared_error", dtype: Any = None):
        super().__init__(functions.mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """Mean of the absolute errors."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_absolute_error", dtype: Any = None):
        super().__init__(functions.mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """Mean of the absolute errors, in percent of the targets."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_absolute_percentage_error", dtype: Any = None):
        super().__init__(functions.mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """Mean of the squares of the errors of log(1 + y)."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_squared_logarithmic_error", dtype: Any = None):
        super().__init__(functions.mean_squared_logarithmic_error, reduction, name, dtype)


class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of targets in [0, 1] and probabilities (or logits).

    Args:
        from_logits: whether the outputs are logits.
        label_smoothing: share of the uniform distribution mixed into the targets.
        axis: axis over which the mean is taken.
        reduction, name, dtype: as in `Loss`.
    """

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = MEAN,
                 name: str = "binary_crossentropy", dtype: Any = None):
        super().__init__(functions.binary_crossentropy, reduction, name, dtype, from_logits=from_logits,
                         label_smoothing=_share(label_smoothing), axis=axis)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def check_targets(self, y_true: Any, shape: Any) -> None:
        low, high = np.min(y_true), np.max(y_true)
        if not (low >= 0 and high <= 1):  # NaN is not inside either
            raise invalid(self.name, f"targets must lie in [0, 1], got {low} to {high}")


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot targets and probabilities (or logits) over classes; arguments as in `BinaryCrossentropy`."""

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = MEAN,
                 name: str = "categorical_crossentropy", dtype: Any = None):
        super().__init__(functions.categorical_crossentropy, reduction, name, dtype, from_logits=from_logits,
                         label_smoothing=_share(label_smoothing), axis=axis)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def check_targets(self, y_true: Any, shape: Any) -> None:
        if len(shape) > 1 and (y_true.ndim != len(shape) or shape[self.axis] not in (None, y_true.shape[self.axis])):
            hint = "; for integer labels use sparse_categorical_crossentropy" if y_true.ndim < len(shape) or y_true.shape[-1] == 1 else ""
            raise invalid(self.name, f"targets of shape {y_true.shape} do not fit outputs of shape {tuple(shape)}{hint}")
        if not np.all(np.isfinite(y_true)):
            raise invalid(self.name, "the targets have NaN or infinity")


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of integer labels and probabilities (or logits) over classes.

    Args:
        from_logits: whether the outputs are logits.
        ignore_class: label of entries that do not count.
        axis: axis of the classes.
        reduction, name, dtype: as in `Loss`; labels stay in their own dtype.
    """

    _keeps_targets: ClassVar[bool] = True

    def __init__(self, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1, reduction: str | None = MEAN,
                 name: str = "sparse_categorical_crossentropy", dtype: Any = None):
        super().__init__(functions.sparse_categorical_crossentropy, reduction, name, dtype, from_logits=from_logits,
                         ignore_class=ignore_class, axis=axis)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return functions.sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, self.ignore_class, self.axis)

    def valid(self, y_true: Any) -> Any:
        return None if self.ignore_class is None else ops.not_equal(ops.cast(y_true, "int32"), self.ignore_class)

    def check_targets(self, y_true: Any, shape: Any) -> None:
        classes = shape[self.axis]
        if y_true.ndim == len(shape) and y_true.shape[-1] == classes and classes not in (None, 1):
            raise invalid(self.name, f"targets of shape {y_true.shape} look one-hot; use categorical_crossentropy, or give integer labels")
        labels = y_true if self.ignore_class is None else y_true[y_true != self.ignore_class]
        if classes is not None and labels.size and not (labels.min() >= 0 and labels.max() < classes):  # NaN is not inside either
            raise invalid(self.name, f"labels must lie in 0 to {classes - 1} for outputs of shape {tuple(shape)}, "
                                     f"got {labels.min()} to {labels.max()}")


def _share(label_smoothing: float) -> float:
    if not 0 <= label_smoothing <= 1:
        raise invalid("crossentropy", f"label_smoothing must lie in [0, 1], got {label_smoothing!r}")
    return label_smoothing
