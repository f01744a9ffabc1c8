"""ConvLSTM1D, ConvLSTM2D, ConvLSTM3D: long short-term memories whose products are convolutions."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_lite import activations, config, ops
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import known_size, one_of, positive, sizes
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.rnn.cell import Masks, RecurrentCell, Stepper
from keras_lite.layers.rnn.lstm import with_open_gate
from keras_lite.layers.rnn.rnn import CellRNN, delegates
from keras_lite.ops.facts import shape_of
from keras_lite.ops.recurrent import lstm_step


class ConvLSTMCell(RecurrentCell):
    """One step of `ConvLSTM2D` and its like; it takes and returns the states [hidden, cell]."""

    gates = 4
    _mask_count = 4

    def __init__(self, rank: int, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
                 dilation_rate: Any = 1, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None,
                 bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None,
                 where: str = "ConvLSTM", **kwargs: Any):
        super().__init__(**kwargs)
        self.rank, self.filters = rank, positive(where, "filters", filters)
        self.kernel_size, self.strides = sizes(where, "kernel_size", kernel_size, rank), sizes(where, "strides", strides, rank)
        self.dilation_rate = sizes(where, "dilation_rate", dilation_rate, rank)
        self.padding, self.data_format = one_of(where, "padding", padding, ("valid", "same")), config.standardize_data_format(data_format)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise invalid(where, f"strides {self.strides} and dilation_rate {self.dilation_rate} can't both be above 1")
        self.activation, self.recurrent_activation = activations.get(activation), activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self._set_weights(use_bias, (kernel_initializer, recurrent_initializer, bias_initializer),
                          (kernel_regularizer, recurrent_regularizer, bias_regularizer),
                          (kernel_constraint, recurrent_constraint, bias_constraint))
        self._set_dropout(dropout, recurrent_dropout, seed)
        self.state_size: Any = [-1, -1]  # shapes, known when it is built

    def build(self, input_shape: Any) -> None:
        axis = self._axis
        channels = known_size("ConvLSTM", input_shape, axis)
        self.kernel = self._add("kernel", (*self.kernel_size, channels, 4 * self.filters))
        self.recurrent_kernel = self._add("recurrent_kernel", (*self.kernel_size, self.filters, 4 * self.filters))
        first = with_open_gate(self.bias_initializer) if self.unit_forget_bias else self.bias_initializer
        self.bias = self._add("bias", (4 * self.filters,), first) if self.use_bias else None
        places = self._places(input_shape[1:-1] if axis == -1 else input_shape[2:], input_shape)
        shape = (*places, self.filters) if axis == -1 else (self.filters, *places)
        self.state_size, self.output_size = [shape, shape], shape

    @property
    def _axis(self) -> int:
        """The axis of the channels."""
        return -1 if self.data_format == "channels_last" else 1

    def _places(self, spatial: Any, shape: Any) -> tuple[int, ...]:
        """Sizes of the output's spatial axes."""
        if None in spatial:
            raise invalid("ConvLSTM", f"the sizes of the spatial axes must be known, got inputs of shape {tuple(shape)}")
        spans = [(k - 1) * d + 1 if self.padding == "valid" else 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)]
        return tuple((n - span) // stride + 1 for n, span, stride in zip(spatial, spans, self.strides, strict=True))

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        return self._advance(inputs, states, training)

    def _project(self, inputs: Any, masks: Masks) -> Any:
        steps = shape_of(inputs)[:-self.rank - 2]
        if masks is not None:
            inputs = [ops.multiply(inputs, mask) for mask in masks]
        sums = self._convolved(inputs, self.kernel, self.strides, self.padding, self.dilation_rate, steps)
        if self.bias is None:
            return sums
        return ops.add(sums, self.bias if self._axis == -1 else ops.reshape(self.bias, (-1, *(1,) * self.rank)))

    def _convolved(self, x: Any, kernel: Any, strides: Any, padding: str, dilation: Any, steps: tuple[Any, ...] = ()) -> Any:
        """The convolution of x, or of one x for each gate, for all steps in one."""
        if isinstance(x, list):
            parts = ops.split(kernel, len(x), axis=-1)
            sums = [self._convolved(one, part, strides, padding, dilation, steps) for one, part in zip(x, parts, strict=True)]
            return ops.concatenate(sums, axis=self._axis if self._axis == -1 else len(steps) + 1)
        sizes = shape_of(x)[len(steps):]
        sums = ops.conv(ops.reshape(x, (-1, *sizes[1:])) if steps else x, kernel, strides, padding, self.data_format, dilation)
        return ops.reshape(sums, (*steps, sizes[0], *shape_of(sums)[1:])) if steps else sums

    def _stepper(self, masks: Masks) -> Stepper:
        kernel = ops.convert_to_tensor(self.recurrent_kernel)

        def step(projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
            hidden = states[0] if masks is None else [ops.multiply(states[0], mask) for mask in masks]
            sums = ops.add(projected, self._convolved(hidden, kernel, 1, "same", 1))
            hidden, memory = lstm_step(sums, states[1], self.activation, self.recurrent_activation, self._axis)
            return hidden, [hidden, memory]

        return step


_OPTIONS = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "activation", "recurrent_activation",
            "use_bias", "unit_forget_bias")


@delegates(*_OPTIONS)
class _ConvLSTM(CellRNN):
    """Constructor of the convolutional LSTMs, for `rank` spatial axes."""

    cell: ConvLSTMCell
    rank: ClassVar[int]

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
                 dilation_rate: Any = 1, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                 recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0,
                 seed: int | None = None, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
                 stateful: bool = False, **kwargs: Any):
        cell = ConvLSTMCell(
            self.rank, filters, kernel_size, strides, padding, data_format, dilation_rate, activation, recurrent_activation, use_bias,
            kernel_initializer, recurrent_initializer, bias_initializer, unit_forget_bias, kernel_regularizer, recurrent_regularizer,
            bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            type(self).__name__, **self._for_cell("conv_lstm_cell", kwargs))
        CellRNN.__init__(self, cell, return_sequences, return_state, go_backwards, stateful, activity_regularizer=activity_regularizer,
                         **kwargs)
        self.input_spec = InputSpec(ndim=self.rank + 3)


class ConvLSTM1D(_ConvLSTM):
    """A convolutional LSTM over sequences of rows; arguments as in `ConvLSTM2D`, with one number in place of two."""

    rank = 1


class ConvLSTM2D(_ConvLSTM):
    """A long short-term memory whose products are convolutions: (batch, steps, rows, columns, channels) -> (batch, rows, columns, filters).

    Args:
        filters: channels of the states and the output.
        kernel_size: size of the windows, an int or two.
        strides, padding, dilation_rate: of the convolution of the input, as in `Conv2D`; that of the state has stride 1 and padding
            "same".
        data_format: "channels_last" or "channels_first" (batch, steps, channels, rows, columns).
        activation ... recurrent_dropout, seed: as in `LSTM`; the kernels have the shapes (rows, columns, channels, 4 * filters) and
            (rows, columns, filters, 4 * filters).
        return_sequences, return_state, go_backwards, stateful: as in `RNN`, and so are the arguments of calls.

    Source: Shi et al. 2015 (https://arxiv.org/abs/1506.04214), without the peepholes.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.ConvLSTM2D(4, 3)(keras_lite.ops.ones((2, 5, 8, 8, 3))).shape)
    (2, 6, 6, 4)
    """

    rank = 2


class ConvLSTM3D(_ConvLSTM):
    """A convolutional LSTM over sequences of volumes; arguments as in `ConvLSTM2D`, with three numbers in place of two."""

    rank = 3
