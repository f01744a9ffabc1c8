"""Pooling: maxima and means of windows."""

from __future__ import annotations

from typing import Any

from keras_lite import config, ops
from keras_lite.layers.checks import one_of, sizes
from keras_lite.layers.defaults import with_defaults
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer


class _Pooling(Layer):
    rank: int

    def _set_windows(self, pool_size: Any, strides: Any, padding: str, data_format: str | None) -> None:
        where = type(self).__name__
        self.pool_size = sizes(where, "pool_size", pool_size, self.rank)
        self.strides = self.pool_size if strides is None else sizes(where, "strides", strides, self.rank)
        self.padding = one_of(where, "padding", padding, ("valid", "same"))
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)


class _MaxPooling(_Pooling):
    def __init__(self, pool_size: Any = 2, strides: Any = None, padding: str = "valid", data_format: str | None = None,
                 name: str | None = None, **kwargs: Any):
        super().__init__(name=name, **kwargs)
        self._set_windows(pool_size, strides, padding, data_format)

    def call(self, inputs: Any) -> Any:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class _AveragePooling(_Pooling):
    def __init__(self, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None,
                 name: str | None = None, **kwargs: Any):
        super().__init__(name=name, **kwargs)
        self._set_windows(pool_size, strides, padding, data_format)

    def call(self, inputs: Any) -> Any:
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class MaxPooling1D(_MaxPooling):
    """Largest value of each window of steps; arguments as in `MaxPooling2D`."""

    rank = 1


@with_defaults(pool_size=(2, 2))
class MaxPooling2D(_MaxPooling):
    """Largest value of each window, for each channel: (batch, rows, columns, channels) -> (batch, new rows, new columns, channels).

    Args:
        pool_size: size of the window, an int or two.
        strides: step of the window, `pool_size` by default.
        padding: "valid" (windows inside the input) or "same" (output size = ceil(size / stride); what is outside does not count).
        data_format: "channels_last" or "channels_first".

    Raises:
        ValueError: a size is not positive, or the input has another rank than 4.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.MaxPooling2D()(keras_lite.ops.ones((1, 28, 28, 3))).shape[1:])
    (14, 14, 3)
    """

    rank = 2


@with_defaults(pool_size=(2, 2, 2))
class MaxPooling3D(_MaxPooling):
    """Largest value of each window of a volume; arguments as in `MaxPooling2D`."""

    rank = 3


class AveragePooling1D(_AveragePooling):
    """Mean of each window of steps; arguments as in `MaxPooling2D`."""

    rank = 1


class AveragePooling2D(_AveragePooling):
    """Mean of each window, for each channel; arguments as in `MaxPooling2D`.  What "same" padding adds does not count in the mean."""

    rank = 2


class AveragePooling3D(_AveragePooling):
    """Mean of each window of a volume; arguments as in `MaxPooling2D`."""

    rank = 3


class _GlobalPooling(Layer):
    rank: int

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format, self.keepdims = config.standardize_data_format(data_format), keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def _spatial(self) -> tuple[int, ...]:
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + self.rank))


class _GlobalMaxPooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, axis=self._spatial, keepdims=self.keepdims)


class _GlobalAveragePooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return ops.mean(inputs, axis=self._spatial, keepdims=self.keepdims)


class GlobalMaxPooling1D(_GlobalMaxPooling):
    """Largest value of each channel over the steps; arguments as in `GlobalAveragePooling2D`."""

    rank = 1


class GlobalMaxPooling2D(_GlobalMaxPooling):
    """Largest value of each channel over rows and columns; arguments as in `GlobalAveragePooling2D`."""

    rank = 2


class GlobalMaxPooling3D(_GlobalMaxPooling):
    """Largest value of each channel over a volume; arguments as in `GlobalAveragePooling2D`."""

    rank = 3


class GlobalAveragePooling1D(_GlobalAveragePooling):
    """Mean of each channel over the steps, of those that the mask (batch, steps) keeps; arguments as in `GlobalAveragePooling2D`."""

    rank = 1
    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        axis = self._spatial[0]
        weights = ops.expand_dims(ops.cast(mask, ops.dtype(inputs)), 2 if axis == 1 else 1)
        total = ops.sum(ops.multiply(inputs, weights), axis=axis, keepdims=self.keepdims)
        return ops.divide(total, ops.sum(weights, axis=axis, keepdims=self.keepdims))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the steps are gone."""
        return None


class GlobalAveragePooling2D(_GlobalAveragePooling):
    """Mean of each channel over rows and columns: (batch, rows, columns, channels) -> (batch, channels).

    Args:
        data_format: "channels_last" or "channels_first".
        keepdims: keep the spatial axes, with size 1.

    >>> import keras_lite
    >>> keras_lite.layers.GlobalAveragePooling2D()(keras_lite.ops.ones((2, 4, 4, 3))).shape[-1]
    3
    """

    rank = 2


class GlobalAveragePooling3D(_GlobalAveragePooling):
    """Mean of each channel over a volume; arguments as in `GlobalAveragePooling2D`."""

    rank = 3
