"""Constraints: what a weight is replaced by after each update."""

from __future__ import annotations

from typing import Any

from keras_lite import config, ops
from keras_lite.saving.configurable import Configurable


class Constraint(Configurable):
    """Base of constraints: a callable from a weight to the weight that takes its place.

    >>> import keras_lite
    >>> class Rounded(keras_lite.constraints.Constraint):
    ...     def __call__(self, w):
    ...         return keras_lite.ops.round(w)
    >>> float(Rounded()(keras_lite.ops.array(1.8)))
    2.0
    """

    def __call__(self, w: Any) -> Any:
        """`w` itself."""
        return w


class MaxNorm(Constraint):
    """Limits the Euclidean norm along `axis` to `max_value`.

    Args:
        max_value: largest norm.
        axis: an axis or several: 0 for the kernel of Dense (each unit's weights), (0, 1, 2) for that of Conv2D.

    >>> [round(float(v), 3) for v in MaxNorm(1.0)([3.0, 4.0])]
    [0.6, 0.8]
    """

    def __init__(self, max_value: float = 2, axis: Any = 0):
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        norm = _norm(w, self.axis)
        return _scaled(w, ops.minimum(norm, self.max_value), norm)


class MinMaxNorm(Constraint):
    """Draws the Euclidean norm along `axis` into [min_value, max_value].

    Args:
        min_value, max_value: bounds of the norm.
        rate: how far: 1 reaches the bound at once.
        axis: as in `MaxNorm`.
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0):
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        norm = _norm(w, self.axis)
        bounded = ops.multiply(self.rate, ops.clip(norm, self.min_value, self.max_value))
        return _scaled(w, ops.add(bounded, ops.multiply(1 - self.rate, norm)), norm)


class UnitNorm(Constraint):
    """Makes the Euclidean norm along `axis` 1; see `MaxNorm` for the axis."""

    def __init__(self, axis: Any = 0):
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return _scaled(w, 1.0, _norm(w, self.axis))


class NonNeg(Constraint):
    """Replaces negative values by 0.

    >>> [float(v) for v in NonNeg()([-1.0, 2.0])]
    [0.0, 2.0]
    """

    def __call__(self, w: Any) -> Any:
        return ops.maximum(w, 0.0)


def _norm(w: Any, axis: Any) -> Any:
    return ops.sqrt(ops.sum(ops.square(w), axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=True))


def _scaled(w: Any, wanted: Any, norm: Any) -> Any:
    return ops.multiply(w, ops.divide(wanted, ops.add(norm, config.epsilon())))
