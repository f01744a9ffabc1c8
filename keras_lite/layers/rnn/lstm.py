"""LSTM: long short-term memory, and its cell."""

from __future__ import annotations

from typing import Any

from keras_lite import activations, initializers, ops
from keras_lite.layers.rnn.cell import Masks, RecurrentCell, Stepper, masked_product
from keras_lite.layers.rnn.rnn import FusedRNN, delegates
from keras_lite.ops.recurrent import lstm, lstm_step


class LSTMCell(RecurrentCell):
    """One step of `LSTM`.

    Called with (batch, features) and the states [hidden, cell], both (batch, units), it returns the output and the new states.

    Args:
        units: size of the states and the output.
        activation: of the candidate and of the cell state; name or function.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, kernel_regularizer, kernel_constraint: of the kernel, shape (features, 4 * units), for the input, forget,
            candidate and output gates.
        recurrent_initializer, recurrent_regularizer, recurrent_constraint: of the recurrent kernel, shape (units, 4 * units).
        bias_initializer, bias_regularizer, bias_constraint: of the bias, shape (4 * units,).
        unit_forget_bias: the forget gate's bias starts at 1 (Jozefowicz et al. 2015).
        dropout, recurrent_dropout: share of the inputs, and of the hidden state, that is dropped while training.
        seed: of the masks of dropout.

    Source: Hochreiter and Schmidhuber 1997.

    >>> import keras_lite
    >>> cell = keras_lite.layers.LSTMCell(4)
    >>> output, (hidden, memory) = cell(keras_lite.ops.ones((2, 3)), cell.get_initial_state(2))
    >>> tuple(memory.shape)
    (2, 4)
    """

    gates = 4

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None,
                 bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None,
                 **kwargs: Any):
        self._set_implementation(kwargs)
        super().__init__(**kwargs)
        self._set_units(units, 2)
        self.activation, self.recurrent_activation = activations.get(activation), activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self._set_weights(use_bias, (kernel_initializer, recurrent_initializer, bias_initializer),
                          (kernel_regularizer, recurrent_regularizer, bias_regularizer),
                          (kernel_constraint, recurrent_constraint, bias_constraint))
        self._set_dropout(dropout, recurrent_dropout, seed)

    def _first_bias(self) -> Any:
        return with_open_gate(self.bias_initializer) if self.unit_forget_bias else self.bias_initializer

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        return self._advance(inputs, states, training)

    def _stepper(self, masks: Masks) -> Stepper:
        kernel = ops.convert_to_tensor(self.recurrent_kernel)

        def step(projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
            sums = ops.add(projected, masked_product(states[0], masks, kernel))
            hidden, memory = lstm_step(sums, states[1], self.activation, self.recurrent_activation)
            return hidden, [hidden, memory]

        return step

    def _whole(self, inputs: Any, states: list[Any], recurrent_masks: Masks, mask: Any) -> tuple[Any, list[Any]] | None:
        if recurrent_masks is not None or self.activation is not activations.tanh or self.recurrent_activation is not activations.sigmoid:
            return None
        outputs, hidden, memory = lstm(inputs, *states, self.kernel, self.recurrent_kernel, self.bias, mask)
        return outputs, [hidden, memory]


def with_open_gate(initializer: Any) -> Any:
    """An initializer of a bias for four gates, whose second quarter, the forget gate's, is 1; None is that of `add_weight`."""
    initializer = initializer or initializers.GlorotUniform()

    def initialize(shape: Any, dtype: Any = None) -> Any:
        quarter = shape[0] // 4
        before, after = initializer((quarter,), dtype=dtype), initializer((2 * quarter,), dtype=dtype)
        return ops.concatenate([before, ops.ones((quarter,), dtype), after])

    return initialize


@delegates("units", "activation", "recurrent_activation", "use_bias", "unit_forget_bias")
class LSTM(FusedRNN):
    """Long short-term memory: (batch, steps, features) -> (batch, units).

    Args:
        units ... recurrent_dropout, seed: as in `LSTMCell`.
        activity_regularizer: of the output.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`, and so are `zero_output_for_mask` and the
            arguments of calls.  The states are [hidden, cell].
        use_cudnn: whether the engine may compute all steps by one kernel: "auto" where the arguments allow it, True (an error where
            they do not), or False.

    Source: Hochreiter and Schmidhuber 1997.

    >>> import keras_lite
    >>> layer = keras_lite.layers.LSTM(4, return_sequences=True, return_state=True)
    >>> outputs, hidden, memory = layer(keras_lite.ops.ones((2, 10, 3)))
    >>> tuple(outputs.shape), tuple(memory.shape)
    ((2, 10, 4), (2, 4))
    """

    cell: LSTMCell

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                 recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0,
                 seed: int | None = None, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
                 stateful: bool = False, unroll: bool = False, use_cudnn: Any = "auto", **kwargs: Any):
        cell = LSTMCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **self._for_cell("lstm_cell", kwargs))
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll,
                         activity_regularizer=activity_regularizer, **kwargs)
        self._set_fused(use_cudnn)
