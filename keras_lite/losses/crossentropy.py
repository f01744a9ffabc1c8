"""Cross-entropies of labels and probabilities or logits, and the forms of them that count hard examples more."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_lite import config, ops
from keras_lite.engine.errors import invalid
from keras_lite.losses.loss import MEAN, LossFunctionWrapper
from keras_lite.losses.pairs import check_distributions, check_labels, check_unit, of_labels, of_pairs, of_vectors
from keras_lite.ops.crossentropy import take_class
from keras_lite.symbolic.rules import may_equal

TINY = 1e-37  # nearly the smallest float32: a bound that keeps the derivatives of powers and logarithms finite


def _smoothed(y_true: Any, label_smoothing: float, classes: Any) -> Any:
    """Targets mixed with the uniform distribution."""
    if label_smoothing and classes is None:
        raise invalid("label_smoothing", "the number of classes must be known, the outputs do not say it")
    return ops.add(ops.multiply(y_true, 1.0 - label_smoothing), label_smoothing / classes) if label_smoothing else y_true


@of_pairs
def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """Mean over `axis` of `-y log(p) - (1-y) log(1-p)`; `y_pred` are p, or with `from_logits` their logits."""
    return ops.mean(ops.binary_crossentropy(_smoothed(y_true, label_smoothing, 2), y_pred, from_logits=from_logits), axis=axis)


@of_vectors
def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """`-sum(y log(p))` over the classes of `axis`; `y_true` are one-hot or probabilities."""
    y_true = _smoothed(y_true, label_smoothing, y_pred.shape[axis])
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


@of_labels
def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None,
                                    axis: int = -1) -> Any:
    """`-log(p[y])` for integer labels `y_true`; entries of `ignore_class`, and labels that name no class, have loss 0."""
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)
    valid = ops.not_equal(y_true, ignore_class)
    values = ops.sparse_categorical_crossentropy(ops.where(valid, y_true, 0), y_pred, from_logits=from_logits, axis=axis)
    return ops.where(valid, values, 0.0)


@of_pairs
def binary_focal_crossentropy(y_true: Any, y_pred: Any, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0,
                              from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """Mean over `axis` of the binary cross-entropy times `w**gamma`, where w is the probability of the wrong answer.

    With `apply_class_balancing` targets of 1 count `alpha` times and those of 0 `1 - alpha` times.
    Lin et al., https://arxiv.org/abs/1708.02002.
    """
    y_true = _smoothed(y_true, label_smoothing, 2)
    one, zero = (ops.sigmoid(y_pred), ops.sigmoid(ops.negative(y_pred))) if from_logits else (y_pred, ops.subtract(1.0, y_pred))
    wrong = ops.add(ops.multiply(y_true, zero), ops.multiply(ops.subtract(1.0, y_true), one))
    values = ops.multiply(_focus(wrong, gamma), ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits))
    if apply_class_balancing:
        weight = ops.add(ops.multiply(y_true, alpha), ops.multiply(ops.subtract(1.0, y_true), 1.0 - alpha))
        values = ops.multiply(weight, values)
    return ops.mean(values, axis=axis)


@of_vectors
def categorical_focal_crossentropy(y_true: Any, y_pred: Any, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False,
                                   label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """`-sum(alpha (1 - p)**gamma y log(p))` over the classes of `axis`; `alpha` may be a weight for each class (on the last axis).

    Lin et al., https://arxiv.org/abs/1708.02002.
    """
    y_true = _smoothed(y_true, label_smoothing, y_pred.shape[axis])
    if from_logits:
        logarithm = ops.log_softmax(y_pred, axis=axis)
        wrong = ops.negative(ops.expm1(logarithm))
    else:
        p = ops.divide_no_nan(y_pred, ops.sum(y_pred, axis=axis, keepdims=True))
        p = ops.clip(p, config.epsilon(), 1.0 - config.epsilon())
        logarithm, wrong = ops.log(p), ops.subtract(1.0, p)
    values = ops.multiply(ops.multiply(y_true, logarithm), ops.multiply(_focus(wrong, gamma), alpha))
    return ops.negative(ops.sum(values, axis=axis))


def _focus(wrong: Any, gamma: float) -> Any:
    """`wrong**gamma`, with a derivative where `wrong` is 0."""
    return ops.power(ops.maximum(wrong, config.epsilon()), gamma)


@of_labels
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """`(1 - p[y]**q) / q` for integer labels `y_true` and probabilities p on the last axis: with q near 0 the cross-entropy, with 1 the
    absolute error, which wrong labels disturb less.

    Zhang and Sabuncu, https://arxiv.org/abs/1805.07836.

    >>> categorical_generalized_cross_entropy([0], [[0.25, 0.75]], 0.5)[0].item()
    1.0
    """
    if not may_equal(tuple(y_true.shape), tuple(y_pred.shape)[:-1]):
        raise invalid("categorical_generalized_cross_entropy", f"labels of shape {tuple(y_true.shape)} do not fit outputs of shape "
                                                               f"{tuple(y_pred.shape)}: expected one for each row of classes")
    p = take_class(y_pred, y_true, len(y_pred.shape) - 1)
    return ops.divide(ops.negative(ops.expm1(ops.multiply(ops.log(ops.maximum(p, TINY)), q))), q)


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
        super().__init__(binary_crossentropy, reduction, name, dtype, from_logits=from_logits, label_smoothing=_share(label_smoothing),
                         axis=axis)

    def check_targets(self, y_true: Any, shape: Any) -> None:
        check_unit(self.name, y_true)


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """Binary cross-entropy in which examples that are right already count little.

    Args:
        apply_class_balancing: whether targets of 1 count `alpha` times and those of 0 `1 - alpha` times.
        alpha: weight of the targets of 1.
        gamma: how much less right answers count; with 0 it is the cross-entropy.
        from_logits, label_smoothing, axis: as in `BinaryCrossentropy`.
        reduction, name, dtype: as in `Loss`.
    """

    def __init__(self, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False,
                 label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = MEAN, name: str = "binary_focal_crossentropy",
                 dtype: Any = None):
        super().__init__(binary_focal_crossentropy, reduction, name, dtype, apply_class_balancing=apply_class_balancing, alpha=alpha,
                         gamma=_exponent(gamma), from_logits=from_logits, label_smoothing=_share(label_smoothing), axis=axis)

    def check_targets(self, y_true: Any, shape: Any) -> None:
        check_unit(self.name, y_true)


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot targets and probabilities (or logits) over classes; arguments as in `BinaryCrossentropy`."""

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = MEAN,
                 name: str = "categorical_crossentropy", dtype: Any = None):
        super().__init__(categorical_crossentropy, reduction, name, dtype, from_logits=from_logits,
                         label_smoothing=_share(label_smoothing), axis=axis)

    def check_targets(self, y_true: Any, shape: Any) -> None:
        check_distributions(self.name, y_true, shape, self._kwargs["axis"], "sparse_categorical_crossentropy")


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """Categorical cross-entropy in which examples that are right already count little.

    Args:
        alpha: weight of the classes, one number or one for each.
        gamma: how much less right answers count; with 0 it is the cross-entropy.
        from_logits, label_smoothing: as in `CategoricalCrossentropy`.
        axis: axis of the classes.
        reduction, name, dtype: as in `Loss`.
    """

    def __init__(self, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
                 reduction: str | None = MEAN, name: str = "categorical_focal_crossentropy", dtype: Any = None):
        super().__init__(categorical_focal_crossentropy, reduction, name, dtype, alpha=alpha, gamma=_exponent(gamma),
                         from_logits=from_logits, label_smoothing=_share(label_smoothing), axis=axis)

    def check_targets(self, y_true: Any, shape: Any) -> None:
        check_distributions(self.name, y_true, shape, self._kwargs["axis"], "sparse_categorical_crossentropy")


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of integer labels and probabilities (or logits) over classes.

    Args:
        from_logits: whether the outputs are logits.
        ignore_class: label of entries that do not count.
        reduction: as in `Loss`.
        axis: axis of the classes.
        name, dtype: as in `Loss`; labels stay in their own dtype.
    """

    _keeps_targets: ClassVar[bool] = True

    def __init__(self, from_logits: bool = False, ignore_class: int | None = None, reduction: str | None = MEAN, axis: int = -1,
                 name: str = "sparse_categorical_crossentropy", dtype: Any = None):
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype, from_logits=from_logits, ignore_class=ignore_class,
                         axis=axis)
        self._ignored, self._axis = ignore_class, axis

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.fn(y_true, y_pred, **self._kwargs)

    def valid(self, y_true: Any) -> Any:
        return None if self._ignored is None else ops.not_equal(ops.cast(y_true, "int32"), self._ignored)

    def check_targets(self, y_true: Any, shape: Any) -> None:
        check_labels(self.name, y_true, shape, self._axis, "use categorical_crossentropy, or ", self._ignored)


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """Between cross-entropy (q near 0) and absolute error (q near 1), for integer labels some of which may be wrong.

    Args:
        q: between 0 and 1: the larger, the less wrong labels disturb.
        reduction, name, dtype: as in `Loss`; labels stay in their own dtype.
    """

    _keeps_targets: ClassVar[bool] = True

    def __init__(self, q: float = 0.5, reduction: str | None = MEAN, name: str = "categorical_generalized_cross_entropy",
                 dtype: Any = None):
        if not 0 < q < 1:
            raise invalid("CategoricalGeneralizedCrossEntropy", f"q must lie between 0 and 1, got {q!r}")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.fn(y_true, y_pred, **self._kwargs)

    def check_targets(self, y_true: Any, shape: Any) -> None:
        check_labels(self.name, y_true, shape, -1, "")


def _share(label_smoothing: float) -> float:
    if not 0 <= label_smoothing <= 1:
        raise invalid("crossentropy", f"label_smoothing must lie in [0, 1], got {label_smoothing!r}")
    return label_smoothing


def _exponent(gamma: float) -> float:
    if not gamma >= 0:
        raise invalid("focal crossentropy", f"gamma must not be negative, got {gamma!r}")
    return gamma
