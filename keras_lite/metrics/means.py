"""Means and sums of values, and of functions of targets and outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite import ops
from keras_lite.layers.context import mask_of
from keras_lite.losses.loss import as_tensors
from keras_lite.losses.weights import fraction
from keras_lite.metrics.metric import Metric, with_mask
from keras_lite.saving.serialization import serialize_keras_object

WEIGHTED = "mean_with_sample_weight"


class Mean(Metric):
    """The weighted mean of all values: `sum(weight * value) / sum(weight)`, whatever the batches; 0 where nothing was added.

    Weights have the shape of the values, or that of their first axes: a weight of a row serves all values of the row.

    >>> m = Mean()
    >>> m.update_state([1.0, 3.0], sample_weight=[3.0, 1.0])
    >>> float(m.result())
    1.5
    """

    def __init__(self, name: str = "mean", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_sum((), "total")
        self.count = self.add_sum((), "count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        total, count = sums(values, sample_weight, self.sum_dtype)
        self.accumulate(self.total, total)
        self.accumulate(self.count, count)

    def result(self) -> Any:
        return ops.cast(ops.divide_no_nan(self.total, self.count), self.dtype)


class Sum(Metric):
    """The weighted sum of all values.

    >>> m = Sum()
    >>> m.update_state([1.0, 3.0], sample_weight=[3.0, 1.0])
    >>> float(m.result())
    6.0
    """

    def __init__(self, name: str = "sum", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_sum((), "total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        self.accumulate(self.total, sums(values, sample_weight, self.sum_dtype)[0])

    def result(self) -> Any:
        return ops.cast(self.total, self.dtype)


def sums(values: Any, sample_weight: Any, dtype: str) -> tuple[Any, Any]:
    """`(sum(weight * value), sum(weight))`; masked values are not there."""
    if isinstance(sample_weight, (int, float)) and sample_weight:
        total, count = fraction(values, None, mask_of(values), WEIGHTED, dtype)
        return ops.multiply(total, sample_weight), count * sample_weight
    return fraction(values, sample_weight, mask_of(values), WEIGHTED, dtype)


class MeanMetricWrapper(Mean):
    """The mean of a function `(y_true, y_pred, **kwargs)` that gives a value for each entry.

    Args:
        fn: the function; its results have the shape of the targets, or of the first axes of it.
        name, dtype: as in `Metric`.
        **kwargs: further arguments of the function.
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any):
        super().__init__(name=name, dtype=dtype)  # type: ignore[arg-type]  # a name is made up for None
        self._fn, self._kwargs = fn, kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]  # two tensors
        mask = mask_of(y_pred)
        values = self._fn(as_tensors(y_true), as_tensors(y_pred), **self._kwargs)
        super().update_state(values, sample_weight=with_mask(sample_weight, mask, self.sum_dtype))

    def get_config(self) -> dict[str, Any]:
        more = self._kwargs if type(self) is MeanMetricWrapper else {}
        return super().get_config() | {name: serialize_keras_object(value) for name, value in more.items()}
