"""Losses of the overlap of two (soft) sets, such as masks of images."""

from __future__ import annotations

from typing import Any

from keras_lite import config, ops
from keras_lite.losses.loss import MEAN, LossFunctionWrapper
from keras_lite.losses.pairs import of_pairs


@of_pairs
def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """`1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred) + epsilon)`, the sums over `axis`, all axes by default.

    Sorensen 1948, Dice 1945; as a loss: Milletari et al., https://arxiv.org/abs/1606.04797.

    >>> round(dice([[1.0, 0.0]], [[0.5, 0.5]]).item(), 4)
    0.5
    """
    common = ops.sum(ops.multiply(y_true, y_pred), axis=axis)
    both = ops.add(ops.sum(y_true, axis=axis), ops.sum(y_pred, axis=axis))
    return ops.subtract(1.0, ops.divide(ops.multiply(2.0, common), ops.add(both, config.epsilon())))


@of_pairs
def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    """`1 - hits / (hits + alpha false_positives + beta false_negatives + epsilon)`, sums over `axis`, all axes by default.

    With 0.5 and 0.5 it is `dice`.  Salehi et al., https://arxiv.org/abs/1706.05721.
    """
    hits = ops.sum(ops.multiply(y_true, y_pred), axis=axis)
    extra = ops.sum(ops.multiply(ops.subtract(1.0, y_true), y_pred), axis=axis)
    missed = ops.sum(ops.multiply(y_true, ops.subtract(1.0, y_pred)), axis=axis)
    total = ops.add(hits, ops.add(ops.multiply(extra, alpha), ops.multiply(missed, beta)))
    return ops.subtract(1.0, ops.divide(hits, ops.add(total, config.epsilon())))


class Dice(LossFunctionWrapper):
    """1 less twice the common part of targets and outputs over their sum.

    Args:
        reduction, name, dtype: as in `Loss`.
        axis: the axes that one overlap is taken over: None for one of the whole batch, (1, 2, 3) for one of each image.
    """

    def __init__(self, reduction: str | None = MEAN, name: str = "dice", axis: Any = None, dtype: Any = None):
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(LossFunctionWrapper):
    """1 less the overlap of targets and outputs, with weights for the two kinds of mistakes.

    Args:
        alpha: weight of false positives.
        beta: weight of false negatives.
        reduction, name, dtype: as in `Loss`.
        axis: as in `Dice`.
    """

    def __init__(self, alpha: float = 0.5, beta: float = 0.5, reduction: str | None = MEAN, name: str = "tversky", axis: Any = None,
                 dtype: Any = None):
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
