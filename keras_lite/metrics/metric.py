"""Metric: sums that are carried over batches, and a result made of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from keras_lite import dtype_policies, initializers, ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import promote
from keras_lite.engine.errors import invalid
from keras_lite.layers.context import mask_of
from keras_lite.layers.tracking import attributes
from keras_lite.losses.pairs import same_rank
from keras_lite.losses.weights import fitted
from keras_lite.metrics.exact import add_up
from keras_lite.saving.configurable import Configurable
from keras_lite.state.names import auto_name, name_scope, to_snake_case
from keras_lite.state.scope import Scope, outside_scopes
from keras_lite.state.variable import Variable


class Metric(Configurable):
    """Base of metrics; a subclass makes variables in `__init__` and defines `update_state` and `result`.

    Args:
        dtype: dtype of the variables and of the result.
        name: name of the metric, the key in logs.

    A subclass may set `_direction` to "up" or "down": whether a larger or a smaller result is better, for the callbacks that watch it.
    """

    _direction: str | None = None

    def __init__(self, dtype: Any = None, name: str | None = None):
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self._policy = dtype_policies.get(dtype)
        self._added: list[Variable] = []
        self._rests: dict[str, Variable] = {}

    @property
    def dtype(self) -> str:
        return self._policy.variable_dtype

    @property
    def sum_dtype(self) -> str:
        """The dtype of sums: `dtype`, but at least float32, since a sum in 16 bits soon stands still or overflows."""
        return promote(self.dtype, "float32")

    def add_variable(self, shape: Any, initializer: Any, dtype: Any = None, aggregation: str = "sum", name: str | None = None) -> Variable:
        """A variable that holds a sum; `reset_state` sets it to zeros."""
        with self._outside():
            variable = Variable(initializers.get(initializer), shape=shape, dtype=dtype or self.dtype, trainable=False, autocast=False,
                                aggregation=aggregation, name=name)
        self._added.append(variable)
        return variable

    def add_weight(self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: str | None = None) -> Variable:
        """As `add_variable`, zeros by default."""
        return self.add_variable(shape, initializer or "zeros", dtype, name=name)

    def add_sum(self, shape: Any, name: str) -> Variable:
        """A variable of zeros for `accumulate`; a second one beside it keeps what rounding leaves over."""
        variable, _ = (self.add_variable(shape, "zeros", self.sum_dtype, name=n) for n in (name, f"{name}_rest"))
        self._rests[name] = self._added.pop()
        return variable

    @contextlib.contextmanager
    def _outside(self) -> Iterator[None]:
        """Scope in which variables are made, also while an update is traced: some metrics see only then how many outputs there are."""
        with name_scope(self.name), outside_scopes(), registry.concrete().untraced():
            yield

    def accumulate(self, variable: Variable, amount: Any) -> None:
        """Add to a variable of `add_sum` without loss: counts beyond 2**24 stay exact (Kahan's sum)."""
        rest = self._rests[variable.name]
        before = variable.value
        amount = ops.add(rest, ops.cast(amount, variable.dtype))
        total = ops.add(before, amount)
        left = ops.subtract(amount, ops.subtract(total, before))
        rest.assign(ops.where(ops.isnan(left), 0.0, left))  # NaN beside an infinite total, which so stays infinite
        variable.assign(total)

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
        with Scope(zip(self.variables, metric_variables, strict=True)) as scope:
            self.update_state(*args, **kwargs)
        return [scope.value_of(v) for v in self.variables]

    def stateless_result(self, metric_variables: Any) -> Any:
        """`result` for given values of the variables."""
        with Scope(zip(self.variables, metric_variables, strict=True)):
            return self.result()

    def stateless_reset_state(self) -> list[Any]:
        """The values of the variables after `reset_state`."""
        with Scope() as scope:
            self.reset_state()
        return [scope.value_of(v) for v in self.variables]

    def stateless_merge(self, parts: Sequence[Sequence[Any]]) -> list[Any]:
        """The values of the variables for all that was added in several places, from those of each place.

        Each variable is merged as its `aggregation` says; a sum that has a rest together with it, so that nothing is lost on the way.

        >>> from keras_lite.metrics import Sum
        >>> m = Sum()
        >>> parts = [m.stateless_update_state(m.stateless_reset_state(), x) for x in ([2.0**24, 1.0], [1.0, 1.0, 1.0])]
        >>> float(m.stateless_result(m.stateless_merge(parts))) - 2.0**24
        4.0
        """
        if not parts:
            raise invalid(type(self).__name__, "stateless_merge needs the values of at least one place, got none")
        variables = self.variables
        given = dict(zip((v.key for v in variables), zip(*parts, strict=True), strict=True))
        merged: dict[int, Any] = {}
        for total, rest in self._pairs():
            merged[total.key], merged[rest.key] = add_up([*given[total.key], *given[rest.key]])
        return [merged[v.key] if v.key in merged else _merged(given[v.key], v.aggregation) for v in variables]

    def _pairs(self) -> list[tuple[Variable, Variable]]:
        """The variables of `add_sum` with their rests, also those of metrics inside."""
        inner = [pair for metric in attributes(self, Metric) for pair in metric._pairs()]
        return [*((v, self._rests[v.name]) for v in self._added if v.name in self._rests), *inner]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _merged(values: Sequence[Any], aggregation: str) -> Any:
    """The values that a variable has in several places as one."""
    if aggregation == "only_first_replica":
        return values[0]
    return (ops.mean if aggregation == "mean" else ops.sum)(ops.stack(values), axis=0)


def with_mask(weight: Any, mask: Any, dtype: str) -> Any:
    """The weights with those of masked entries set to 0."""
    if mask is None:
        return weight
    mask = ops.cast(mask, dtype)
    return mask if weight is None else ops.multiply(*fitted(mask, ops.convert_to_tensor(weight, dtype=dtype)))


def weight_of(y_pred: Any, sample_weight: Any, dtype: str) -> Any:
    """The weights with the mask of the outputs in them; None if there is neither."""
    weight = with_mask(sample_weight, mask_of(y_pred), dtype)
    return None if weight is None else ops.convert_to_tensor(weight, dtype=dtype)


def spread_over(outputs: Any, weight: Any) -> Any:
    """The weight of each output, in their shape; None stays None."""
    if weight is None:
        return None
    values, weight = fitted(outputs, weight)
    return ops.reshape(ops.broadcast_to(weight, ops.shape(values)), ops.shape(outputs))


def matching(y_true: Any, y_pred: Any, where: str = "metric") -> tuple[Any, Any]:
    """Targets and outputs as tensors of one rank, the targets in the dtype of the outputs."""
    y_pred = ops.convert_to_tensor(y_pred)
    return same_rank(ops.convert_to_tensor(y_true, dtype=ops.dtype(y_pred)), y_pred, where)


def one_of(where: str, what: str, given: Any, known: tuple[Any, ...]) -> Any:
    """`given`, if it is among what is known; raises ValueError if not."""
    if given not in known:
        raise invalid(where, f"{what} must be one of {', '.join(map(repr, known))}, got {given!r}")
    return given
