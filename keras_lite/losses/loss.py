"""Loss: the mean (or another reduction) of the loss of each row, with sample weights and masks.

One rule: `loss = reduce(weight * values)`.  `values` are the losses of the single entries; `weight` (rows, or any shape that
broadcasts from the left) multiplies them; "sum_over_batch_size" divides the sum by the number of values,
"mean_with_sample_weight" by the sum of the weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from keras_lite import config, dtype_policies, ops
from keras_lite.engine.errors import invalid
from keras_lite.layers.context import mask_of
from keras_lite.saving.configurable import Configurable
from keras_lite.state import tree
from keras_lite.state.names import auto_name, to_snake_case

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


class Loss(Configurable):
    """Base of losses; a subclass defines `call(y_true, y_pred)`, the loss of each entry.

    Args:
        name: name of the loss.
        reduction: "sum_over_batch_size" (also "mean": sum of the weighted values / number of values), "sum",
            "mean_with_sample_weight" (sum of the weighted values / sum of the weights) or "none" (no reduction).
        dtype: dtype or policy in which it is computed; `floatx` by default, in mixed precision too.
    """

    def __init__(self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None):
        if reduction not in REDUCTIONS:
            raise invalid(type(self).__name__, f"reduction must be one of {', '.join(map(repr, REDUCTIONS))}, got {reduction!r}")
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.reduction = reduction
        self._policy = dtype_policies.get(dtype or config.floatx())

    _left_out: ClassVar[dict[str, Any]] = {"dtype": None}
    _keeps_targets: ClassVar[bool] = False  # whether targets stay in their own dtype: integer labels would be rounded in 16 bits

    @property
    def dtype(self) -> str:
        return self._policy.compute_dtype

    def _argument(self, name: str, declared_by: type) -> Any:
        return self._recorded.get(name) if name == "dtype" else super()._argument(name, declared_by)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each entry."""
        raise NotImplementedError(f"{type(self).__name__} defines no call()")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        mask = mask_of(tree.flatten(y_pred)[0])
        y_pred = as_tensors(y_pred, self.dtype)
        y_true = as_tensors(y_true, None if self._keeps_targets else self.dtype)
        return reduce_weighted(self.call(y_true, y_pred), sample_weight, _both(mask, self.valid(y_true)), self.reduction, self.dtype)

    def valid(self, y_true: Any) -> Any:
        """A bool tensor that says which entries count, None if all do."""
        return None

    def check_targets(self, y_true: Any, shape: Any) -> None:
        """Look at targets on the host before training, for outputs of `shape`; raises ValueError."""


def as_tensors(nest: Any, dtype: Any = None) -> Any:
    """A nest of tensors; a (nested) list of numbers is one tensor."""
    numbers = isinstance(nest, (list, tuple)) and all(isinstance(x, (int, float, complex, np.generic)) for x in tree.flatten(nest))
    if numbers:
        return ops.convert_to_tensor(nest, dtype=dtype)
    return tree.map_structure(lambda x: ops.convert_to_tensor(x, dtype=dtype), nest)


def _both(mask: Any, other: Any) -> Any:
    """Where both masks hold; either may be None."""
    return other if mask is None else mask if other is None else ops.logical_and(*fitted(mask, other))


def reduce_weighted(values: Any, sample_weight: Any, mask: Any, reduction: str | None, dtype: str) -> Any:
    """The rule of this module; a mask is a weight of 0 where it is false, and its entries do not count."""
    values = ops.cast(ops.convert_to_tensor(values), dtype)
    weight = None if sample_weight is None else ops.convert_to_tensor(sample_weight, dtype=dtype)
    if mask is not None:
        mask = ops.cast(ops.convert_to_tensor(mask), dtype)
        if weight is not None:
            mask, weight = fitted(mask, weight)
            weight = ops.multiply(weight, mask)
        else:
            weight = mask
    if weight is not None:
        values, weight = fitted(values, weight)
        values = ops.multiply(values, weight)
    if reduction in ("none", None):
        return values
    total = ops.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weight is not None:
        return ops.divide_no_nan(total, ops.sum(ops.broadcast_to(weight, ops.shape(values))))
    if mask is not None:  # masked entries are not there
        return ops.divide_no_nan(total, ops.sum(ops.broadcast_to(fitted(values, mask)[1], ops.shape(values))))
    return ops.divide(total, count_of(values))


def count_of(x: Any) -> Any:
    """Number of entries of `x`, at least 1, in its dtype."""
    size: Any = 1
    for n in ops.shape(x):
        size = size if n is None else size * n
    return max(float(size), 1.0) if isinstance(size, int) else ops.cast(size, ops.dtype(x))


def fitted(values: Any, weight: Any) -> tuple[Any, Any]:
    """`values` and `weight` in ranks that broadcast: a weight of rows serves all entries of its row, a last axis of 1 goes.

    A single value stands for all that are weighed.
    """
    rank, have = len(values.shape), len(weight.shape)
    if rank == 0:
        return values, weight
    if have == rank + 1 and weight.shape[-1] == 1:
        values = ops.expand_dims(values, -1)
    elif have == rank - 1 and values.shape[-1] == 1:
        values = ops.squeeze(values, -1)
    elif have < rank:
        weight = ops.reshape(weight, (*(-1 if n is None else n for n in weight.shape), *(1,) * (rank - have)))
    elif have > rank:
        raise invalid("sample_weight", f"shape {tuple(weight.shape)} does not fit losses of shape {tuple(values.shape)}")
    return values, weight


def same_rank(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Targets and outputs of one rank: a missing or additional last axis of 1 is settled as Keras does."""
    true, pred = len(y_true.shape), len(y_pred.shape)
    if true == pred - 1 and y_pred.shape[-1] == 1:
        y_true = ops.expand_dims(y_true, -1)
    elif true == pred + 1 and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    a, b = tuple(y_true.shape), tuple(y_pred.shape)
    if len(a) != len(b) or any(m is not None and n is not None and m != n and 1 not in (m, n) for m, n in zip(a, b, strict=True)):
        raise invalid("loss", f"targets of shape {a} do not fit outputs of shape {b}")
    return y_true, y_pred


class LossFunctionWrapper(Loss):
    """A loss from a function `(y_true, y_pred, **kwargs)` that gives the loss of each entry."""

    def __init__(self, fn: Callable[..., Any], reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: Any = None,
                 **kwargs: Any):
        super().__init__(name=name or getattr(fn, "__name__", None), reduction=reduction, dtype=dtype)
        self.fn, self._kwargs = fn, kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if not tree.is_nested(y_true) and not tree.is_nested(y_pred) and abs(len(y_true.shape) - len(y_pred.shape)) <= 1:
            rank = len(y_true.shape), len(y_pred.shape)
            if rank[0] != rank[1] and 1 in (y_true.shape[-1:] or (None,))[0:1] + (y_pred.shape[-1:] or (None,))[0:1]:
                y_true, y_pred = same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._kwargs)
