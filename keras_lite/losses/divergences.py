"""Losses between distributions, and between counts and their rates."""

from __future__ import annotations

from typing import Any

from keras_lite import config, ops
from keras_lite.losses.loss import MEAN, LossFunctionWrapper
from keras_lite.losses.pairs import of_pairs, of_vectors


@of_vectors
def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """`sum(y_true log(y_true / y_pred))` over the last axis, both limited to [epsilon, 1].

    Kullback and Leibler, "On information and sufficiency", 1951.

    >>> round(kl_divergence([[1.0, 0.0]], [[0.5, 0.5]])[0].item(), 4)
    0.6931
    """
    y_true, y_pred = (ops.clip(y, config.epsilon(), 1.0) for y in (y_true, y_pred))
    return ops.sum(ops.multiply(y_true, ops.log(ops.divide(y_true, y_pred))), axis=-1)


@of_pairs
def poisson(y_true: Any, y_pred: Any) -> Any:
    """`mean(y_pred - y_true log(y_pred + epsilon))` over the last axis: counts `y_true` that are Poisson distributed with rates `y_pred`.

    NaN for negative rates, for which there is no likelihood.
    """
    return ops.mean(ops.subtract(y_pred, ops.multiply(y_true, ops.log(ops.add(y_pred, config.epsilon())))), axis=-1)


class KLDivergence(LossFunctionWrapper):
    """Kullback-Leibler divergence of the outputs from the targets, distributions over the last axis."""

    def __init__(self, reduction: str | None = MEAN, name: str = "kl_divergence", dtype: Any = None):
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(LossFunctionWrapper):
    """Negative log-likelihood of counts, up to a constant of the targets."""

    def __init__(self, reduction: str | None = MEAN, name: str = "poisson", dtype: Any = None):
        super().__init__(poisson, reduction, name, dtype)
