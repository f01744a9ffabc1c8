"""Transposed, depthwise and separable convolutions."""

from __future__ import annotations

from typing import Any

from keras_lite import constraints, initializers, ops, regularizers
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import positive, sizes
from keras_lite.layers.conv import Convolution
from keras_lite.layers.defaults import with_defaults


class _ConvTranspose(Convolution):
    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
                 data_format: str | None = None, dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        where = type(self).__name__
        self.filters = positive(where, "filters", filters)
        self._set_windows(kernel_size, strides, padding, data_format, dilation_rate)
        self.output_padding = None if output_padding is None else sizes(where, "output_padding", output_padding, self.rank, lowest=0)
        if self.output_padding and any(extra >= stride for extra, stride in zip(self.output_padding, self.strides, strict=True)):
            raise invalid(where, f"output_padding {self.output_padding} must be below strides {self.strides}")
        self._set_bias(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.kernel_initializer, self.kernel_regularizer = initializers.get(kernel_initializer), regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)

    def build(self, input_shape: Any) -> None:
        self.kernel = self._add_kernel("kernel", (*self.kernel_size, self.filters, self._channels(input_shape)))
        self.bias = self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        return self._finish(ops.conv_transpose(inputs, self.kernel, strides=self.strides, padding=self.padding,
                                               output_padding=self.output_padding, data_format=self.data_format,
                                               dilation_rate=self.dilation_rate))


class Conv1DTranspose(_ConvTranspose):
    """Transposed convolution over one spatial axis; arguments as in `Conv2DTranspose`, with one number in place of two."""

    rank = 1


@with_defaults(strides=(1, 1), dilation_rate=(1, 1))
class Conv2DTranspose(_ConvTranspose):
    """The map that goes the other way round a convolution: each input value spreads over a window of the output.

    (batch, rows, columns, channels) -> (batch, new rows, new columns, filters); the sizes grow by the factor `strides`.

    Args:
        filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias: as in `Conv2D`.
        output_padding: rows and columns added at the end of the output, below `strides`; by default what makes the size
            `size * stride` with "same" padding, and `size * stride + max(kernel_size - stride, 0)` with "valid".
        kernel_initializer, kernel_regularizer, kernel_constraint: of the kernel, shape (rows, columns, filters, channels).
        bias_initializer, bias_regularizer, bias_constraint, activity_regularizer: as in `Conv2D`.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.Conv2DTranspose(4, 3, strides=2, padding="same")(keras_lite.ops.ones((1, 5, 5, 2))).shape[1:])
    (10, 10, 4)
    """

    rank = 2


class Conv3DTranspose(_ConvTranspose):
    """Transposed convolution over three spatial axes; arguments as in `Conv2DTranspose`, with three numbers in place of two."""

    rank = 3

    def __init__(self, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid", data_format: str | None = None,
                 output_padding: Any = None, dilation_rate: Any = (1, 1, 1), activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):  # Keras has output_padding in another place here
        super().__init__(filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation, use_bias,
                         kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
                         kernel_constraint, bias_constraint, **kwargs)


class _Depthwise(Convolution):
    def __init__(self, kernel_size: Any, strides: Any = 1, padding: str = "valid", depth_multiplier: int = 1,
                 data_format: str | None = None, dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
                 depthwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros", depthwise_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.depth_multiplier = positive(type(self).__name__, "depth_multiplier", depth_multiplier)
        self._set_windows(kernel_size, strides, padding, data_format, dilation_rate)
        self._set_bias(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.kernel = self.add_weight((*self.kernel_size, channels, self.depth_multiplier), self.depthwise_initializer,
                                      regularizer=self.depthwise_regularizer, constraint=self.depthwise_constraint, name="kernel")
        self.bias = self._add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Any) -> Any:
        return self._finish(ops.depthwise_conv(inputs, self.kernel, strides=self.strides, padding=self.padding,
                                               data_format=self.data_format, dilation_rate=self.dilation_rate))


class DepthwiseConv1D(_Depthwise):
    """`DepthwiseConv2D` over one spatial axis."""

    rank = 1


@with_defaults(strides=(1, 1), dilation_rate=(1, 1))
class DepthwiseConv2D(_Depthwise):
    """Convolution of each channel on its own, with `depth_multiplier` kernels for each.

    Args:
        depth_multiplier: channels of the output for each of the input.
        depthwise_initializer, depthwise_regularizer, depthwise_constraint: of the kernel, shape (rows, columns, channels,
            depth_multiplier).
        kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias: as in `Conv2D`.
        bias_initializer, bias_regularizer, bias_constraint, activity_regularizer: as in `Conv2D`.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.DepthwiseConv2D(3, depth_multiplier=2)(keras_lite.ops.ones((1, 5, 5, 4))).shape[1:])
    (3, 3, 8)
    """

    rank = 2


class _Separable(Convolution):
    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
                 dilation_rate: Any = 1, depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True,
                 depthwise_initializer: Any = "glorot_uniform", pointwise_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None,
                 pointwise_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        where = type(self).__name__
        self.filters, self.depth_multiplier = positive(where, "filters", filters), positive(where, "depth_multiplier", depth_multiplier)
        self._set_windows(kernel_size, strides, padding, data_format, dilation_rate)
        self._set_bias(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.depthwise_constraint, self.pointwise_constraint = constraints.get(depthwise_constraint), constraints.get(pointwise_constraint)

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.depthwise_kernel = self._add_kernel("depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier))
        self.pointwise_kernel = self._add_kernel("pointwise_kernel", (*(1,) * self.rank, channels * self.depth_multiplier, self.filters))
        self.bias = self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        return self._finish(ops.separable_conv(inputs, self.depthwise_kernel, self.pointwise_kernel, strides=self.strides,
                                               padding=self.padding, data_format=self.data_format, dilation_rate=self.dilation_rate))


class SeparableConv1D(_Separable):
    """`SeparableConv2D` over one spatial axis."""

    rank = 1


@with_defaults(strides=(1, 1), dilation_rate=(1, 1))
class SeparableConv2D(_Separable):
    """A depthwise convolution, then a mixture of the channels at each place (Chollet 2017, arXiv:1610.02357).

    Args:
        filters: channels of the output.
        depthwise_initializer, depthwise_regularizer, depthwise_constraint: of the kernel (rows, columns, channels, depth_multiplier).
        pointwise_initializer, pointwise_regularizer, pointwise_constraint: of the kernel (1, 1, channels * depth_multiplier, filters).
        kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier, activation, use_bias: as in `DepthwiseConv2D`.
        bias_initializer, bias_regularizer, bias_constraint, activity_regularizer: as in `Conv2D`.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.SeparableConv2D(6, 3)(keras_lite.ops.ones((1, 5, 5, 4))).shape[1:])
    (3, 3, 6)
    """

    rank = 2
