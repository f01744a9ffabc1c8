"""Layers that add, cut off or repeat rows and columns."""

from __future__ import annotations

from typing import Any

from keras_lite import config, ops
from keras_lite.engine.dtypes import is_float
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import one_of, pairs, sizes
from keras_lite.layers.defaults import with_defaults
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer
from keras_lite.ops.image.resizing import INTERPOLATIONS
from keras_lite.ops.sizes import times
from keras_lite.symbolic.spec import KerasTensor

Pairs = tuple[tuple[int, int], ...]


def _on_axes(spatial: Pairs, data_format: str) -> Pairs:
    """The pairs of the spatial axes with none for batch and channels."""
    none = (0, 0)
    return (none, *spatial, none) if data_format == "channels_last" else (none, none, *spatial)


class _ZeroPadding(Layer):
    rank: int

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.padding: Any = pairs(type(self).__name__, "padding", padding, self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        return ops.pad(inputs, _on_axes(self.padding, self.data_format))


class ZeroPadding1D(_ZeroPadding):
    """Zeros before and after the steps.

    Args:
        padding: number on both sides, or (before, after).
        data_format: "channels_last" or "channels_first".
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__((padding,), data_format, **kwargs)
        self.padding = self.padding[0]

    def call(self, inputs: Any) -> Any:
        return ops.pad(inputs, _on_axes((self.padding,), self.data_format))


@with_defaults(padding=(1, 1))
class ZeroPadding2D(_ZeroPadding):
    """Zeros around images.

    Args:
        padding: number on each side; (rows, columns); or ((top, bottom), (left, right)).
        data_format: "channels_last" or "channels_first".

    >>> import keras_lite
    >>> tuple(keras_lite.layers.ZeroPadding2D(((1, 0), (2, 2)))(keras_lite.ops.ones((1, 3, 3, 1))).shape[1:])
    (4, 7, 1)
    """

    rank = 2


@with_defaults(padding=((1, 1), (1, 1), (1, 1)))
class ZeroPadding3D(_ZeroPadding):
    """Zeros around volumes; arguments as in `ZeroPadding2D`, with three axes."""

    rank = 3


def _cropped(where: str, x: Any, cropping: Pairs, data_format: str) -> Any:
    """`x` without its margins."""
    around = _on_axes(cropping, data_format)
    if any(isinstance(n, int) and 0 < before + after >= n for n, (before, after) in zip(x.shape, around, strict=True)):
        raise invalid(where, f"cropping={cropping} leaves nothing of an input of shape {tuple(x.shape)}")
    return x[tuple(slice(before, -after if after else None) for before, after in around)]


class Cropping1D(Layer):
    """Cuts off steps.

    Args:
        cropping: number on both sides, or (before, after).
    """

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any):
        super().__init__(**kwargs)
        self.cropping = pairs("Cropping1D", "cropping", (cropping,), 1)[0]
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        return _cropped("Cropping1D", inputs, (self.cropping,), "channels_last")


class _Cropping(Layer):
    rank: int

    def __init__(self, cropping: Any = 0, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.cropping = pairs(type(self).__name__, "cropping", cropping, self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        return _cropped(type(self).__name__, inputs, self.cropping, self.data_format)


@with_defaults(cropping=((0, 0), (0, 0)))
class Cropping2D(_Cropping):
    """Cuts off the margins of images.

    Args:
        cropping: number on each side; (rows, columns); or ((top, bottom), (left, right)).
        data_format: "channels_last" or "channels_first".

    Raises:
        ValueError: nothing would be left.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.Cropping2D((1, 2))(keras_lite.ops.ones((1, 5, 6, 1))).shape[1:])
    (3, 2, 1)
    """

    rank = 2


@with_defaults(cropping=((1, 1), (1, 1), (1, 1)))
class Cropping3D(_Cropping):
    """Cuts off the margins of volumes; arguments as in `Cropping2D`, with three axes."""

    rank = 3


class UpSampling1D(Layer):
    """Each step `size` times.

    >>> import keras_lite
    >>> keras_lite.layers.UpSampling1D(2)(keras_lite.ops.ones((1, 3, 1))).shape[1]
    6
    """

    def __init__(self, size: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        self.size = sizes("UpSampling1D", "size", size, 1)[0]
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        return ops.repeat(inputs, self.size, axis=1)


class UpSampling2D(Layer):
    """Images with `size` times as many rows and columns.

    Args:
        size: factor, or one for rows and one for columns.
        data_format: "channels_last" or "channels_first".
        interpolation: "nearest" repeats, "bilinear" interpolates between the centres of the pixels (beyond the outer ones, they go on);
            "bicubic", "lanczos3", "lanczos5" and "area" as in `ops.image.resize`.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.UpSampling2D((2, 3))(keras_lite.ops.ones((1, 2, 2, 1))).shape[1:])
    (4, 6, 1)
    """

    def __init__(self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any):
        super().__init__(**kwargs)
        self.size = sizes("UpSampling2D", "size", size, 2)
        self.data_format = config.standardize_data_format(data_format)
        self.interpolation = one_of("UpSampling2D", "interpolation", interpolation, INTERPOLATIONS)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Any) -> Any:
        first = 1 if self.data_format == "channels_last" else 2
        if self.interpolation not in ("nearest", "bilinear"):
            size = self.compute_output_shape(inputs.shape)[first:first + 2]
            return ops.image.resize(inputs, size, self.interpolation, data_format=self.data_format)
        enlarged = ops.repeat if self.interpolation == "nearest" else _interpolated
        return enlarged(enlarged(inputs, self.size[0], axis=first), self.size[1], axis=first + 1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape with rows and columns enlarged."""
        factors = (1, *self.size, 1) if self.data_format == "channels_last" else (1, 1, *self.size)
        return tuple(n if factor == 1 or n is None else n * factor for n, factor in zip(input_shape, factors, strict=True))

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        """Shape and dtype of the output, also for images of unknown size."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype if is_float(inputs.dtype) else inputs.dtype)


def _interpolated(x: Any, factor: int, axis: int) -> Any:
    """`x` with `factor` points in place of each one along `axis`, on the lines between the old ones."""
    all_before = (slice(None),) * axis
    before = ops.concatenate([x[(*all_before, slice(0, 1))], x[(*all_before, slice(0, -1))]], axis=axis)
    after = ops.concatenate([x[(*all_before, slice(1, None))], x[(*all_before, slice(-1, None))]], axis=axis)
    points = []
    for i in range(factor):
        offset = (i + 0.5) / factor - 0.5  # from the centre of the old point
        points.append(ops.add(ops.multiply(x, 1 - abs(offset)), ops.multiply(before if offset < 0 else after, abs(offset))))
    shape = ops.shape(x)
    return ops.reshape(ops.stack(points, axis=axis + 1), (*shape[:axis], times(shape[axis], factor), *shape[axis + 1:]))


class UpSampling3D(Layer):
    """Volumes in which each voxel stands `size` times along each axis.

    Args:
        size: factor, or one for each axis.
        data_format: "channels_last" or "channels_first".
    """

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.size = sizes("UpSampling3D", "size", size, 3)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=5)

    def call(self, inputs: Any) -> Any:
        first = 1 if self.data_format == "channels_last" else 2
        for axis, factor in enumerate(self.size, first):
            inputs = ops.repeat(inputs, factor, axis=axis)
        return inputs
