"""Convolutions."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_lite import activations, config, constraints, initializers, ops, regularizers
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import known_size, one_of, positive, sizes
from keras_lite.layers.defaults import with_defaults
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer
from keras_lite.state.variable import Variable


class Convolution(Layer):
    """What all convolutions have in common: windows over `rank` spatial axes, a bias and an activation."""

    rank: int
    bias: Variable | None
    _paddings: tuple[str, ...] = ("valid", "same")
    _left_out: ClassVar[dict[str, Any]] = {"autocast": True}

    def _set_windows(self, kernel_size: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any) -> None:
        where = type(self).__name__
        self.kernel_size = sizes(where, "kernel_size", kernel_size, self.rank)
        self.strides = sizes(where, "strides", strides, self.rank)
        self.dilation_rate = sizes(where, "dilation_rate", dilation_rate, self.rank)
        self.padding = one_of(where, "padding", padding, self._paddings)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise invalid(where, f"strides {self.strides} and dilation_rate {self.dilation_rate} can't both be above 1")

    def _set_bias(self, activation: Any, use_bias: bool, initializer: Any, regularizer: Any, constraint: Any) -> None:
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer, self.bias_regularizer = initializers.get(initializer), regularizers.get(regularizer)
        self.bias_constraint = constraints.get(constraint)

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else 1

    def _channels(self, input_shape: Any) -> int:
        """Number of channels of the input, from now on required."""
        channels = known_size(type(self).__name__, input_shape, self._channel_axis)
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self._channel_axis: channels})
        return channels

    def _add_kernel(self, name: str, shape: tuple[int, ...]) -> Any:
        """The variable `name` with the initializer, regularizer and constraint named after it."""
        prefix = name.removesuffix("_kernel")
        return self.add_weight(shape, getattr(self, f"{prefix}_initializer"), regularizer=getattr(self, f"{prefix}_regularizer"),
                               constraint=getattr(self, f"{prefix}_constraint"), name=name)

    def _add_bias(self, size: int) -> Any:
        return self._add_kernel("bias", (size,)) if self.use_bias else None

    def _finish(self, x: Any) -> Any:
        """Bias and activation."""
        if self.bias is not None:
            bias = self.bias
            if self.data_format == "channels_first":
                bias = ops.reshape(bias, (1, -1, *(1,) * self.rank))
            x = ops.add(x, bias)
        return self.activation(x)


class _Conv(Convolution):
    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
                 dilation_rate: Any = 1, groups: int = 1, activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        where = type(self).__name__
        self.filters, self.groups = positive(where, "filters", filters), positive(where, "groups", groups)
        if self.filters % self.groups:
            raise invalid(where, f"filters={filters} can't be divided into groups={groups}")
        self._set_windows(kernel_size, strides, padding, data_format, dilation_rate)
        self._set_bias(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.kernel_initializer, self.kernel_regularizer = initializers.get(kernel_initializer), regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise invalid(type(self).__name__, f"groups={self.groups} does not divide the {channels} channels of {tuple(input_shape)}")
        self._kernel = self._add_kernel("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self.bias = self._add_bias(self.filters)

    @property
    def kernel(self) -> Variable:
        """The weights of the windows; AttributeError before the layer is built."""
        return self._kernel

    def call(self, inputs: Any) -> Any:
        return self._finish(self.convolution_op(inputs, self.kernel))

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution alone, without bias and activation; a subclass may do it otherwise."""
        padding = self.padding
        if padding == "causal":
            inputs, padding = self._padded_before(inputs), "valid"
        return ops.conv(inputs, kernel, strides=self.strides, padding=padding, data_format=self.data_format,
                        dilation_rate=self.dilation_rate)

    def _padded_before(self, x: Any) -> Any:
        """Zeros in front, so that no output sees a later input."""
        before = (self.dilation_rate[0] * (self.kernel_size[0] - 1), 0)
        return ops.pad(x, ((0, 0), before, (0, 0)) if self.data_format == "channels_last" else ((0, 0), (0, 0), before))


class Conv1D(_Conv):
    """Convolution over one spatial axis: (batch, steps, channels) -> (batch, new steps, filters).

    Arguments as in `Conv2D`, with one number in place of two; `padding` may also be "causal": step t sees no later step.

    >>> import keras_lite
    >>> keras_lite.layers.Conv1D(4, 3, padding="causal")(keras_lite.ops.ones((2, 10, 3))).shape[1]
    10
    """

    rank = 1
    _paddings = ("valid", "same", "causal")


@with_defaults(strides=(1, 1), dilation_rate=(1, 1))
class Conv2D(_Conv):
    """Convolution over two spatial axes: (batch, rows, columns, channels) -> (batch, new rows, new columns, filters).

    It is the cross-correlation with `kernel`, plus `bias`, then the activation.

    Args:
        filters: channels of the output.
        kernel_size: size of the window, an int or two.
        strides: step of the window; not above 1 together with `dilation_rate`.
        padding: "valid" (none) or "same" (zeros, output size = ceil(size / stride); the odd one goes after).
        data_format: "channels_last" or "channels_first" (batch, channels, rows, columns).
        dilation_rate: distance between the taps of the window.
        groups: parts into which the channels are divided, each with its own filters.
        activation: name or function.
        use_bias: whether there is a bias.
        kernel_initializer, kernel_regularizer, kernel_constraint: of the kernel, shape (rows, columns, channels / groups, filters).
        bias_initializer, bias_regularizer, bias_constraint: of the bias, shape (filters,).
        activity_regularizer: of the output.

    Raises:
        ValueError: a size is not positive, groups do not divide filters and channels, or the input has another rank or number of
            channels.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.Conv2D(8, 3, activation="relu")(keras_lite.ops.ones((2, 28, 28, 1))).shape[1:])
    (26, 26, 8)
    """

    rank = 2


@with_defaults(strides=(1, 1, 1), dilation_rate=(1, 1, 1))
class Conv3D(_Conv):
    """Convolution over three spatial axes; arguments as in `Conv2D`, with three numbers in place of two."""

    rank = 3
