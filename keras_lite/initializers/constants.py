"""Initializers without randomness."""

from __future__ import annotations

from typing import Any

from keras_lite import config, ops
from keras_lite.engine.errors import invalid
from keras_lite.initializers.initializer import Initializer


class Zeros(Initializer):
    """All 0."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.zeros(shape, dtype=dtype)


class Ones(Initializer):
    """All 1."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.ones(shape, dtype=dtype)


class Constant(Initializer):
    """`value`, a number or an array that broadcasts to the shape.

    >>> [float(v) for v in Constant([1.0, 2.0])((2,))]
    [1.0, 2.0]
    """

    def __init__(self, value: Any = 0.0):
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.broadcast_to(ops.cast(ops.convert_to_tensor(self.value), dtype or config.floatx()), shape)


class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere.

    >>> [[float(v) for v in row] for row in Identity(2.0)((2, 3))]
    [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """

    def __init__(self, gain: float = 1.0):
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if len(shape) != 2:
            raise invalid("Identity", f"only a matrix can be an identity, got shape {tuple(shape)}")
        return ops.multiply(ops.eye(*shape, dtype=dtype), self.gain)
