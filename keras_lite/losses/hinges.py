"""Losses of margins: what an output lacks to lie on the right side by 1."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.losses.loss import MEAN, LossFunctionWrapper
from keras_lite.losses.pairs import of_pairs, of_vectors


def _shortfall(y_true: Any, y_pred: Any) -> Any:
    """`max(1 - y_true * y_pred, 0)` for targets of -1 and 1; targets that are all 0 or 1 mean -1 and 1."""
    bits = ops.all(ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1)))
    signs = ops.where(bits, ops.subtract(ops.multiply(2.0, y_true), 1.0), y_true)
    return ops.maximum(ops.subtract(1.0, ops.multiply(signs, y_pred)), 0.0)


@of_pairs
def hinge(y_true: Any, y_pred: Any) -> Any:
    """`mean(max(1 - y_true * y_pred, 0))` over the last axis, for targets of -1 and 1 (or 0 and 1, which mean them).

    >>> hinge([[-1.0, 1.0]], [[-2.0, 0.5]])[0].item()
    0.25
    """
    return ops.mean(_shortfall(y_true, y_pred), axis=-1)


@of_pairs
def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """`mean(max(1 - y_true * y_pred, 0)**2)` over the last axis, for targets of -1 and 1 (or 0 and 1, which mean them)."""
    return ops.mean(ops.square(_shortfall(y_true, y_pred)), axis=-1)


@of_vectors
def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """`max(wrong - right + 1, 0)`: the output of the one-hot target's class against the largest of the others, or 0 if they are negative.

    Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector machines", 2001.
    """
    right = ops.sum(ops.multiply(y_true, y_pred), axis=-1)
    wrong = ops.max(ops.multiply(ops.subtract(1.0, y_true), y_pred), axis=-1)
    return ops.maximum(ops.add(ops.subtract(wrong, right), 1.0), 0.0)


class Hinge(LossFunctionWrapper):
    """What outputs lack to lie on the side of their target, -1 or 1, by 1."""

    def __init__(self, reduction: str | None = MEAN, name: str = "hinge", dtype: Any = None):
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(LossFunctionWrapper):
    """The squares of what outputs lack to lie on the side of their target by 1."""

    def __init__(self, reduction: str | None = MEAN, name: str = "squared_hinge", dtype: Any = None):
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(LossFunctionWrapper):
    """What the output of the target's class lacks to exceed the others by 1."""

    def __init__(self, reduction: str | None = MEAN, name: str = "categorical_hinge", dtype: Any = None):
        super().__init__(categorical_hinge, reduction, name, dtype)
