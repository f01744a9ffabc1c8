"""Correlations of targets and outputs along an axis, averaged over the other axes."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.losses.pairs import of_pairs
from keras_lite.metrics.means import MeanMetricWrapper


@of_pairs
def pearson_correlation(y_true: Any, y_pred: Any, axis: Any = -1) -> Any:
    """Covariance over the product of the standard deviations along `axis`; NaN where one of the two is constant, as in SciPy.

    Pearson, "Notes on regression and inheritance in the case of two parents", 1895.

    >>> round(pearson_correlation([[0.0, 1.0, 2.0]], [[1.0, 0.0, 5.0]])[0].item(), 4)
    0.7559
    """
    a, b = (_scaled(_centred(y, axis), axis) for y in (y_true, y_pred))
    squares = ops.multiply(ops.sum(ops.square(a), axis=axis), ops.sum(ops.square(b), axis=axis))
    return ops.clip(ops.divide(ops.sum(ops.multiply(a, b), axis=axis), ops.sqrt(squares)), -1.0, 1.0)


@of_pairs
def concordance_correlation(y_true: Any, y_pred: Any, axis: Any = -1) -> Any:
    """`2 cov / (var_true + var_pred + (mean_true - mean_pred)**2)` along `axis`: 1 only for equal ones; 1 for two equal constants.

    Lin, "A concordance correlation coefficient to evaluate reproducibility", 1989.

    >>> round(concordance_correlation([[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]])[0].item(), 4)
    0.5714
    """
    a, b = (_centred(y, axis) for y in (y_true, y_pred))
    covariance = ops.mean(ops.multiply(a, b), axis=axis)
    apart = ops.square(ops.mean(ops.subtract(y_true, y_pred), axis=axis))
    spread = ops.add(ops.mean(ops.square(a), axis=axis), ops.mean(ops.square(b), axis=axis))
    whole = ops.add(spread, apart)
    nothing = ops.equal(whole, 0)
    return ops.where(nothing, 1.0, ops.divide(ops.multiply(2.0, covariance), ops.where(nothing, 1.0, whole)))


def _centred(x: Any, axis: Any) -> Any:
    """`x` less its mean, exactly 0 where it is constant."""
    x = ops.subtract(x, ops.max(x, axis=axis, keepdims=True, initial=-3e38))
    return ops.subtract(x, ops.mean(x, axis=axis, keepdims=True))


def _scaled(x: Any, axis: Any) -> Any:
    """`x` with 1 as its largest magnitude, so that squares neither vanish nor overflow; 0 stays."""
    top = ops.max(ops.absolute(x), axis=axis, keepdims=True, initial=0.0)
    return ops.divide_no_nan(x, top)


class PearsonCorrelation(MeanMetricWrapper):
    """Mean of the correlations of targets and outputs along `axis`; NaN with a constant row, which has none."""

    _direction = "up"

    def __init__(self, name: str = "pearson_correlation", dtype: Any = None, axis: Any = -1):
        super().__init__(pearson_correlation, name, dtype, axis=axis)
        self.axis = axis


class ConcordanceCorrelation(MeanMetricWrapper):
    """Mean of the concordance correlations of targets and outputs along `axis`."""

    _direction = "up"

    def __init__(self, name: str = "concordance_correlation", dtype: Any = None, axis: Any = -1):
        super().__init__(concordance_correlation, name, dtype, axis=axis)
        self.axis = axis
