"""Regularizers: scalars of a tensor that are added to the loss."""

from __future__ import annotations

import math
from typing import Any

from keras_lite import config, ops
from keras_lite.engine.errors import invalid
from keras_lite.saving.configurable import Configurable


class Regularizer(Configurable):
    """Base of regularizers: a callable from a tensor to a scalar.

    >>> import keras_lite
    >>> class Spread(keras_lite.regularizers.Regularizer):
    ...     def __call__(self, x):
    ...         return keras_lite.ops.max(x) - keras_lite.ops.min(x)
    >>> float(Spread()(keras_lite.ops.array([1.0, 4.0])))
    3.0
    """

    def __call__(self, x: Any) -> Any:
        """The penalty for `x`."""
        return 0.0


class L1(Regularizer):
    """`l1 * sum(|x|)`.

    >>> float(L1(0.5)([1.0, -3.0]))
    2.0
    """

    def __init__(self, l1: float = 0.01):
        self.l1 = _factor("l1", 0.01 if l1 is None else l1)

    def __call__(self, x: Any) -> Any:
        return ops.multiply(self.l1, ops.sum(ops.absolute(x)))


class L2(Regularizer):
    """`l2 * sum(x**2)`.

    >>> float(L2(0.5)([1.0, -3.0]))
    5.0
    """

    def __init__(self, l2: float = 0.01):
        self.l2 = _factor("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: Any) -> Any:
        return ops.multiply(self.l2, ops.sum(ops.square(x)))


class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x**2)`.

    >>> float(L1L2(1.0, 0.5)([1.0, -3.0]))
    9.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0):
        self.l1 = _factor("l1", 0.0 if l1 is None else l1)
        self.l2 = _factor("l2", 0.0 if l2 is None else l2)

    def __call__(self, x: Any) -> Any:
        return ops.add(ops.multiply(self.l1, ops.sum(ops.absolute(x))), ops.multiply(self.l2, ops.sum(ops.square(x))))


class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean |cosine| between each two rows (or columns) of a matrix.

    Args:
        factor: weight of the penalty.
        mode: "rows" or "columns", what is to become orthogonal.

    >>> float(OrthogonalRegularizer(1.0)([[1.0, 0.0], [0.0, 3.0]]))
    0.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows"):
        self.factor, self.mode = _factor("factor", factor), mode
        if mode not in ("rows", "columns"):
            raise invalid("OrthogonalRegularizer", f'mode must be "rows" or "columns", got {mode!r}')

    def __call__(self, inputs: Any) -> Any:
        x = ops.convert_to_tensor(inputs)
        if len(x.shape) != 2:
            raise invalid("OrthogonalRegularizer", f"expects a matrix, got shape {tuple(x.shape)}")
        rows = x if self.mode == "rows" else ops.transpose(x)
        norm = ops.sqrt(ops.maximum(ops.sum(ops.square(rows), axis=1, keepdims=True), config.epsilon() ** 2))
        rows = ops.divide(rows, norm)
        cosines = ops.absolute(ops.matmul(rows, ops.transpose(rows)))
        count = rows.shape[0]
        others = ops.subtract(1.0, ops.eye(count, dtype=ops.dtype(cosines)))
        return ops.multiply(self.factor / max(count * (count - 1), 1), ops.sum(ops.multiply(cosines, others)))


def _factor(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise invalid("regularizer", f"{name} must be a number, at least 0, got {value!r}")
    return float(value)
