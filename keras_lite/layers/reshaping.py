"""Layers that arrange the same values in another shape."""

from __future__ import annotations

import math
from typing import Any

from keras_lite import config, ops
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import listed, positive
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer


class Flatten(Layer):
    """All axes but the batch as one: (batch, a, b, c) -> (batch, a * b * c).

    Args:
        data_format: with "channels_first", the channels are moved to the end first, so that both layouts give the same order.

    >>> import keras_lite
    >>> keras_lite.layers.Flatten()(keras_lite.ops.ones((2, 3, 4))).shape[1]
    12
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 2:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        batch, *rest = ops.shape(inputs)
        if all(isinstance(n, int) for n in rest):
            return ops.reshape(inputs, (-1 if math.prod(rest) else batch, math.prod(rest)))
        return ops.reshape(inputs, (batch, -1))


class Reshape(Layer):
    """Another shape for each example: (batch, ...) -> (batch, *target_shape).

    Args:
        target_shape: sizes without the batch; one may be -1, which takes what is left.

    Raises:
        ValueError: more than one -1, or another number of values.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.Reshape((2, -1))(keras_lite.ops.ones((5, 6))).shape[1:])
    (2, 3)
    """

    def __init__(self, target_shape: Any, **kwargs: Any):
        super().__init__(**kwargs)
        target_shape = (target_shape,) if isinstance(target_shape, int) else tuple(listed("Reshape", "target_shape", target_shape))
        if not all(isinstance(n, int) and n >= -1 for n in target_shape) or target_shape.count(-1) > 1:
            raise invalid("Reshape", f"target_shape must be ints, at least 0, with at most one -1, got {target_shape}")
        self.target_shape = target_shape

    def call(self, inputs: Any) -> Any:
        batch, *rest = ops.shape(inputs)
        target = self.target_shape
        if all(isinstance(n, int) for n in rest):
            target = self._resolved(math.prod(rest), tuple(rest))
        if -1 not in target and math.prod(target):
            batch = -1  # the batch size may be unknown, all others are not
        return ops.reshape(inputs, (batch, *target))

    def _resolved(self, size: int, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The target with -1 replaced, once the size of an example is known."""
        known = math.prod(n for n in self.target_shape if n != -1)
        fits = size == known if -1 not in self.target_shape else known > 0 and size % known == 0
        if not fits:
            raise invalid("Reshape", f"examples of shape {shape} with {size} values can't have the shape {self.target_shape}")
        return tuple(size // known if n == -1 else n for n in self.target_shape)


class Permute(Layer):
    """Axes in another order; the batch stays first.

    Args:
        dims: the axes by number, from 1.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.Permute((2, 1))(keras_lite.ops.ones((5, 3, 4))).shape[1:])
    (4, 3)
    """

    def __init__(self, dims: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.dims = tuple(listed("Permute", "dims", dims))
        if set(self.dims) != set(range(1, len(self.dims) + 1)):
            raise invalid("Permute", f"dims must be the numbers 1 to {len(self.dims)} in some order, got {self.dims}")
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        return ops.transpose(inputs, (0, *self.dims))


class RepeatVector(Layer):
    """`n` copies along a new axis: (batch, features) -> (batch, n, features).

    >>> import keras_lite
    >>> tuple(keras_lite.layers.RepeatVector(3)(keras_lite.ops.ones((2, 4))).shape[1:])
    (3, 4)
    """

    def __init__(self, n: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.n = positive("RepeatVector", "n", n)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        batch, features = ops.shape(inputs)
        return ops.broadcast_to(ops.expand_dims(inputs, 1), (batch, self.n, features))
