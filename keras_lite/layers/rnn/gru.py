"""GRU: gated recurrent unit, and its cell."""

from __future__ import annotations

from typing import Any

from keras_lite import activations, ops
from keras_lite.layers.rnn.cell import Masks, RecurrentCell, Stepper, masked_product
from keras_lite.layers.rnn.rnn import FusedRNN, delegates
from keras_lite.ops.recurrent import gru, gru_step


class GRUCell(RecurrentCell):
    """One step of `GRU`.

    Called with (batch, features) and the state (batch, units), or a list of it, it returns the output and the new state.

    Args:
        units: size of the state and output.
        activation: of the candidate; name or function.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, kernel_regularizer, kernel_constraint: of the kernel, shape (features, 3 * units), for the update, reset
            and candidate gates.
        recurrent_initializer, recurrent_regularizer, recurrent_constraint: of the recurrent kernel, shape (units, 3 * units).
        bias_initializer, bias_regularizer, bias_constraint: of the bias, shape (2, 3 * units), for the input and the state, with
            `reset_after`, else (3 * units,).
        dropout, recurrent_dropout: share of the inputs, and of the state, that is dropped while training.
        reset_after: whether the state is reset after the product with its kernel, or before.
        seed: of the masks of dropout.

    Source: Cho et al. 2014 (https://arxiv.org/abs/1406.1078v1 with `reset_after`, v3 without).

    >>> import keras_lite
    >>> cell = keras_lite.layers.GRUCell(4)
    >>> output, state = cell(keras_lite.ops.ones((2, 3)), cell.get_initial_state(2))
    >>> tuple(output.shape)
    (2, 4)
    """

    gates = 3

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None,
                 kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0,
                 recurrent_dropout: float = 0.0, reset_after: bool = True, seed: int | None = None, **kwargs: Any):
        self._set_implementation(kwargs)
        super().__init__(**kwargs)
        self._set_units(units, 1)
        self.activation, self.recurrent_activation = activations.get(activation), activations.get(recurrent_activation)
        self.reset_after = reset_after
        self._set_weights(use_bias, (kernel_initializer, recurrent_initializer, bias_initializer),
                          (kernel_regularizer, recurrent_regularizer, bias_regularizer),
                          (kernel_constraint, recurrent_constraint, bias_constraint))
        self._set_dropout(dropout, recurrent_dropout, seed)

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        return self._advance(inputs, states, training)

    def _biases(self) -> list[Any]:
        """The biases of the input's and of the state's sums."""
        if self.bias is None:
            return [None, None]
        return ops.unstack(ops.convert_to_tensor(self.bias), 2) if self.reset_after else [self.bias, None]

    def _project(self, inputs: Any, masks: Masks) -> Any:
        sums, bias = masked_product(inputs, masks, self.kernel), self._biases()[0]
        return sums if bias is None else ops.add(sums, bias)

    def _stepper(self, masks: Masks) -> Stepper:
        kernel, bias = ops.convert_to_tensor(self.recurrent_kernel), self._biases()[1]
        gates, candidate = kernel[:, :2 * self.units], kernel[:, 2 * self.units:]
        first, last = (masks, masks) if masks is None or len(masks) == 1 else (masks[:2], masks[2:])

        def step(projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
            hidden, recall = states[0], None
            if self.reset_after:
                recalled = masked_product(hidden, masks, kernel)
                recalled = recalled if bias is None else ops.add(recalled, bias)
            else:
                recalled = masked_product(hidden, first, gates)
                recall = lambda reset: masked_product(ops.multiply(reset, hidden), last, candidate)  # noqa: E731  # used once, below
            output = gru_step(projected, recalled, hidden, self.activation, self.recurrent_activation, recall)
            return output, [output]

        return step

    def _whole(self, inputs: Any, states: list[Any], recurrent_masks: Masks, mask: Any) -> tuple[Any, list[Any]] | None:
        usual = self.activation is activations.tanh and self.recurrent_activation is activations.sigmoid
        if recurrent_masks is not None or not self.reset_after or not usual:
            return None
        outputs, hidden = gru(inputs, *states, self.kernel, self.recurrent_kernel, *self._biases(), mask)
        return outputs, [hidden]


@delegates("units", "activation", "recurrent_activation", "use_bias", "reset_after")
class GRU(FusedRNN):
    """Gated recurrent unit: (batch, steps, features) -> (batch, units).

    Args:
        units ... recurrent_dropout, seed, reset_after: as in `GRUCell`.
        activity_regularizer: of the output.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`, and so are `zero_output_for_mask` and the
            arguments of calls.
        use_cudnn: as in `LSTM`.

    Source: Cho et al. 2014.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.GRU(4, return_sequences=True)(keras_lite.ops.ones((2, 10, 3))).shape)
    (2, 10, 4)
    """

    cell: GRUCell

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None,
                 bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None,
                 return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False,
                 unroll: bool = False, reset_after: bool = True, use_cudnn: Any = "auto", **kwargs: Any):
        cell = GRUCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint,
            dropout, recurrent_dropout, reset_after, seed, **self._for_cell("gru_cell", kwargs))
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll,
                         activity_regularizer=activity_regularizer, **kwargs)
        self._set_fused(use_cudnn)
