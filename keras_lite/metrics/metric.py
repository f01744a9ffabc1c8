"""Metric: sums that are carried over batches, and a result made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite import dtype_policies, initializers, ops
from keras_lite.layers.context import mask_of
from keras_lite.layers.tracking import attributes
from keras_lite.losses.loss import as_tensors
from keras_lite.losses.pairs import same_rank
from keras_lite.losses.weights import fitted
from keras_lite.saving.configurable import Configurable
from keras_lite.state.names import auto_name, name_scope, to_snake_case
from keras_lite.state.variable import Variable


class Metric(Configurable):
    """Base of metrics; a subclass makes variables in `__init__` and defines `update_state` and `result`.

    Args:
        dtype: dtype of the sums.
        name: name of the metric, the key in logs.

    A subclass may set `_direction` to "up" or "down": whether a larger or a smaller result is better, for the callbacks that watch it.
    """

    _direction: str | None = None

    def __init__(self, dtype: Any = None, name: str | None = None):
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self._policy = dtype_policies.get(dtype)
        self._added: list[Variable] = []

    @property
    def dtype(self) -> str:
        return self._policy.variable_dtype

    def add_variable(self, shape: Any, initializer: Any, dtype: Any = None, aggregation: str = "sum", name: str | None = None) -> Variable:
        """A variable that holds a sum; `reset_state` sets it to zeros."""
        with name_scope(self.name):
            variable = Variable(initializers.get(initializer), shape=shape, dtype=dtype or self.dtype, trainable=False, autocast=False,
                                aggregation=aggregation, name=name)
        self._added.append(variable)
        return variable

    def add_weight(self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: str | None = None) -> Variable:
        """As `add_variable`, zeros by default."""
        return self.add_variable(shape, initializer or "zeros", dtype, name=name)

    @property
    def variables(self) -> list[Variable]:
        """The variables of the metric and of metrics inside it."""
        inner = [v for metric in attributes(self, Metric) for v in metric.variables]
        return list({v.key: v for v in (*self._added, *attributes(self, Variable), *inner)}.values())

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Add a batch."""
        raise NotImplementedError(f"{type(self).__name__} defines no update_state()")

    def result(self) -> Any:
        """The value for all that was added: a scalar tensor, or a dict of them."""
        raise NotImplementedError(f"{type(self).__name__} defines no result()")

    def reset_state(self) -> None:
        """Forget all that was added."""
        for variable in self.variables:
            variable.fill(0)

    def stateless_update_state(self, metric_variables: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """`update_state` from values to values of the variables."""
        from keras_lite.state.scope import Scope

        with Scope(zip(self.variables, metric_variables, strict=True)) as scope:
            self.update_state(*args, **kwargs)
        return [scope.value_of(v) for v in self.variables]

    def stateless_result(self, metric_variables: Any) -> Any:
        """`result` for given values of the variables."""
        from keras_lite.state.scope import Scope

        with Scope(zip(self.variables, metric_variables, strict=True)):
            return self.result()

    def stateless_reset_state(self) -> list[Any]:
        """The values of the variables after `reset_state`."""
        from keras_lite.state.scope import Scope

        with Scope() as scope:
            self.reset_state()
        return [scope.value_of(v) for v in self.variables]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


class Mean(Metric):
    """The weighted mean of all values: `sum(weight * value) / sum(weight)`.

    >>> m = Mean()
    >>> m.update_state([1.0, 3.0], sample_weight=[3.0, 1.0])
    >>> float(m.result())
    1.5
    """

    def __init__(self, name: str = "mean", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        total, count = sums(values, sample_weight, self.dtype)
        self.total.assign(self.total + total)
        self.count.assign(self.count + count)

    def result(self) -> Any:
        return ops.divide_no_nan(self.total, self.count)


class Sum(Metric):
    """The weighted sum of all values."""

    def __init__(self, name: str = "sum", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, weight = weighted(values, sample_weight, self.dtype)
        self.total.assign(self.total + ops.sum(values if weight is None else ops.multiply(values, weight)))

    def result(self) -> Any:
        return ops.convert_to_tensor(self.total)


def sums(values: Any, sample_weight: Any, dtype: str) -> tuple[Any, Any]:
    """`(sum(weight * value), sum(weight))` over rows: a row of several values counts as their mean."""
    values, weight = weighted(values, sample_weight, dtype)
    if weight is None:
        values = _by_row(values)
        return ops.sum(values), ops.cast(ops.size(values), dtype)
    product = ops.multiply(values, weight)
    return ops.sum(_by_row(product)), ops.sum(_by_row(ops.broadcast_to(weight, ops.shape(product))))


def weighted(values: Any, sample_weight: Any, dtype: str) -> tuple[Any, Any]:
    """`values` and their weights (None if there are none) in ranks that broadcast; weights of rows serve all values of their row."""
    weight = with_mask(sample_weight, mask_of(values), dtype)
    values = ops.convert_to_tensor(values, dtype=dtype)
    return (values, None) if weight is None else fitted(values, ops.convert_to_tensor(weight, dtype=dtype))


def with_mask(weight: Any, mask: Any, dtype: str) -> Any:
    """The weights with those of masked entries set to 0."""
    if mask is None:
        return weight
    mask = ops.cast(mask, dtype)
    return mask if weight is None else ops.multiply(*fitted(mask, ops.convert_to_tensor(weight, dtype=dtype)))


def _by_row(x: Any) -> Any:
    return ops.mean(x, axis=tuple(range(1, len(x.shape)))) if len(x.shape) > 1 else x


class MeanMetricWrapper(Mean):
    """The mean of a function `(y_true, y_pred, **kwargs)` that gives a value for each entry."""

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any):
        super().__init__(name=name or str(getattr(fn, "__name__", "metric")), dtype=dtype)
        self._fn, self._kwargs = fn, kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]  # two tensors
        mask = mask_of(y_pred)
        values = self._fn(as_tensors(y_true), as_tensors(y_pred), **self._kwargs)
        super().update_state(values, sample_weight=with_mask(sample_weight, mask, self.dtype))


def matching(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Targets and outputs as tensors of one rank, the targets in the dtype of the outputs."""
    y_pred = ops.convert_to_tensor(y_pred)
    return same_rank(ops.convert_to_tensor(y_true, dtype=ops.dtype(y_pred)), y_pred)
