"""SimpleRNN: a recurrent network without gates, and its cell."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_lite import activations, ops
from keras_lite.layers.rnn.cell import Masks, RecurrentCell, Stepper, masked_product
from keras_lite.layers.rnn.rnn import CellRNN, delegates


class SimpleRNNCell(RecurrentCell):
    """One step of `SimpleRNN`: `activation(x @ kernel + bias + h @ recurrent_kernel)`.

    Called with (batch, features) and the state (batch, units), or a list of it, it returns the output and the new state.

    Args:
        units: size of the state and output.
        activation: name or function.
        use_bias: whether there is a bias.
        kernel_initializer, kernel_regularizer, kernel_constraint: of the kernel, shape (features, units).
        recurrent_initializer, recurrent_regularizer, recurrent_constraint: of the recurrent kernel, shape (units, units).
        bias_initializer, bias_regularizer, bias_constraint: of the bias, shape (units,).
        dropout, recurrent_dropout: share of the inputs, and of the state, that is dropped while training.
        seed: of the masks of dropout.

    >>> import keras_lite
    >>> cell = keras_lite.layers.SimpleRNNCell(4)
    >>> output, state = cell(keras_lite.ops.ones((2, 3)), cell.get_initial_state(2))
    >>> tuple(output.shape)
    (2, 4)
    """

    def __init__(self, units: int, activation: Any = "tanh", use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None,
                 recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0,
                 seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self._set_units(units, 1)
        self.activation = activations.get(activation)
        self._set_weights(use_bias, (kernel_initializer, recurrent_initializer, bias_initializer),
                          (kernel_regularizer, recurrent_regularizer, bias_regularizer),
                          (kernel_constraint, recurrent_constraint, bias_constraint))
        self._set_dropout(dropout, recurrent_dropout, seed)

    def call(self, sequence: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        return self._advance(sequence, states, training)

    def _stepper(self, masks: Masks) -> Stepper:
        kernel = ops.convert_to_tensor(self.recurrent_kernel)

        def step(projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
            output = self.activation(ops.add(projected, masked_product(states[0], masks, kernel)))
            return output, [output]

        return step


@delegates("units", "activation", "use_bias")
class SimpleRNN(CellRNN):
    """A recurrent network whose output is fed back: (batch, steps, features) -> (batch, units).

    Args:
        units ... recurrent_dropout, seed: as in `SimpleRNNCell`.
        activity_regularizer: of the output.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`, and so are `zero_output_for_mask` and the
            arguments of calls.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.SimpleRNN(4)(keras_lite.ops.ones((2, 10, 3))).shape)
    (2, 4)
    """

    cell: SimpleRNNCell
    _left_out: ClassVar[dict[str, Any]] = {**CellRNN._left_out, "seed": None}

    def __init__(self, units: int, activation: Any = "tanh", use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 recurrent_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
                 kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0,
                 recurrent_dropout: float = 0.0, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
                 stateful: bool = False, unroll: bool = False, seed: int | None = None, **kwargs: Any):
        cell = SimpleRNNCell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer,
            recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint, dropout,
            recurrent_dropout, seed, **self._for_cell("simple_rnn_cell", kwargs))
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll,
                         activity_regularizer=activity_regularizer, **kwargs)
