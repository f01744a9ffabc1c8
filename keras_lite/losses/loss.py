"""Loss: from targets and outputs to one number, by a formula for each entry and the rule of `losses/weights.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from keras_lite import config, dtype_policies, ops
from keras_lite.engine.errors import invalid
from keras_lite.layers.context import mask_of
from keras_lite.losses.pairs import squeezed
from keras_lite.losses.weights import REDUCTIONS, both_masks, fraction, reduce_weighted
from keras_lite.saving.configurable import Configurable
from keras_lite.state import tree
from keras_lite.state.names import auto_name, to_snake_case

MEAN = "sum_over_batch_size"  # the reduction that losses have unless told otherwise


class Loss(Configurable):
    """Base of losses; a subclass defines `call(y_true, y_pred)`, the loss of each entry.

    Args:
        name: name of the loss.
        reduction: "sum_over_batch_size" (also "mean": sum of the weighted values / number of values), "sum",
            "mean_with_sample_weight" (sum of the weighted values / sum of the weights) or "none" (no reduction).
        dtype: dtype or policy in which it is computed; `floatx` by default, in mixed precision too.
    """

    def __init__(self, name: str | None = None, reduction: str | None = MEAN, dtype: Any = None):
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
        values, mask = self._entries(y_true, y_pred)
        return reduce_weighted(values, sample_weight, mask, self.reduction, self.dtype)

    def fraction(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> tuple[Any, Any]:
        """Numerator and denominator of the loss, whose sums over batches are those of all rows at once; see `losses/weights.py`.

        Without a reduction, those of the mean.

        >>> from keras_lite.losses import MeanSquaredError
        >>> mse = MeanSquaredError()
        >>> total, count = mse.fraction([[0.0], [0.0]], [[1.0], [2.0]])
        >>> float(total), count
        (5.0, 2.0)
        """
        values, mask = self._entries(y_true, y_pred)
        return fraction(values, sample_weight, mask, self.reduction, self.dtype)

    def _entries(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """The loss of each entry, and which of them count."""
        mask = mask_of(tree.flatten(y_pred)[0])
        y_pred = as_tensors(y_pred, self.dtype)
        y_true = as_tensors(y_true, None if self._keeps_targets else self.dtype)
        return self.call(y_true, y_pred), both_masks(mask, self.valid(y_true))

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


class LossFunctionWrapper(Loss):
    """A loss from a function `(y_true, y_pred, **kwargs)` that gives the loss of each entry."""

    def __init__(self, fn: Callable[..., Any], reduction: str | None = MEAN, name: str | None = None, dtype: Any = None, **kwargs: Any):
        super().__init__(name=name or getattr(fn, "__name__", None), reduction=reduction, dtype=dtype)
        self.fn, self._kwargs = fn, kwargs
        vars(self).update(kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if not tree.is_nested(y_true) and not tree.is_nested(y_pred) and not hasattr(self.fn, "of_vectors"):
            y_true, y_pred = squeezed(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._kwargs)
