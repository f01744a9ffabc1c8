"""Pooling to a size that is given instead of a window's."""

from __future__ import annotations

from typing import Any

from keras_lite import config, ops
from keras_lite.engine.errors import invalid
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer


class _AdaptivePooling(Layer):
    rank: int

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.output_size = _output_size(type(self).__name__, output_size, self.rank)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)


class _AdaptiveAveragePooling(_AdaptivePooling):
    def call(self, inputs: Any) -> Any:
        return ops.adaptive_average_pool(inputs, self.output_size, self.data_format)


class _AdaptiveMaxPooling(_AdaptivePooling):
    def call(self, inputs: Any) -> Any:
        return ops.adaptive_max_pool(inputs, self.output_size, self.data_format)


class AdaptiveAveragePooling1D(_AdaptiveAveragePooling):
    """Means over `output_size` windows of steps; arguments as in `AdaptiveAveragePooling2D`."""

    rank = 1


class AdaptiveAveragePooling2D(_AdaptiveAveragePooling):
    """Means over as many windows as the output has places: (batch, rows, columns, channels) -> (batch, *output_size, channels).

    Of an axis of size n in m windows, window i reaches from floor(i * n / m) to ceil((i + 1) * n / m) - 1.

    Args:
        output_size: an int, or one for each spatial axis; None leaves an axis as it is.
        data_format: "channels_last" or "channels_first".

    Raises:
        ValueError: a size is not positive, or the input has another rank than 4.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.AdaptiveAveragePooling2D(2)(keras_lite.ops.ones((1, 7, 5, 3))).shape[1:])
    (2, 2, 3)
    """

    rank = 2


class AdaptiveAveragePooling3D(_AdaptiveAveragePooling):
    """Means over windows of a volume; arguments as in `AdaptiveAveragePooling2D`."""

    rank = 3


class AdaptiveMaxPooling1D(_AdaptiveMaxPooling):
    """Largest values of `output_size` windows of steps; arguments as in `AdaptiveAveragePooling2D`."""

    rank = 1


class AdaptiveMaxPooling2D(_AdaptiveMaxPooling):
    """Largest values of as many windows as the output has places; arguments as in `AdaptiveAveragePooling2D`."""

    rank = 2


class AdaptiveMaxPooling3D(_AdaptiveMaxPooling):
    """Largest values of windows of a volume; arguments as in `AdaptiveAveragePooling2D`."""

    rank = 3


def _output_size(where: str, value: Any, rank: int) -> tuple[int | None, ...]:
    items = tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank
    if value is None or len(items) != rank or not all(n is None or (_is_int(n) and n >= 1) for n in items):
        raise invalid(where, f"output_size must be a positive int, or one (or None) for each of {rank} axes, got {value!r}")
    return tuple(n if n is None else n.__index__() for n in items)


def _is_int(n: Any) -> bool:
    return hasattr(n, "__index__") and not isinstance(n, bool)
