"""Recurrent networks over whole sequences, and single steps of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.ops import references_recurrent as references
from keras_lite.ops.activation import sigmoid
from keras_lite.ops.arithmetic import add, multiply, subtract
from keras_lite.ops.contraction import matmul
from keras_lite.ops.control import scan
from keras_lite.ops.elementwise import tanh
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.shaping import split
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import may_equal

Function = Callable[[Any], Any]
FLOATS = ("float32", "float64", "float16", "bfloat16")


def lstm_step(gates: Any, cell: Any, activation: Function = tanh, recurrent_activation: Function = sigmoid,
              axis: int = -1) -> tuple[Any, Any]:
    """The new hidden and cell state from the sums at the input, forget, candidate and output gates, which stand along `axis`."""
    into, kept, candidate, out = split(gates, 4, axis)
    cell = add(multiply(recurrent_activation(kept), cell), multiply(recurrent_activation(into), activation(candidate)))
    return multiply(recurrent_activation(out), activation(cell)), cell


def gru_step(inputs: Any, states: Any, hidden: Any, activation: Function = tanh, recurrent_activation: Function = sigmoid,
             candidate: Function | None = None) -> Any:
    """The new hidden state from the sums of the input and of the state at the update, reset and candidate gates.

    `candidate` gives the state's sum at that gate from the reset gate, where the state is reset before the product with its kernel.
    """
    x_update, x_reset, x_candidate = split(inputs, 3, -1)
    h_update, h_reset, *h_candidate = split(states, 2 if candidate is not None else 3, -1)
    update, reset = recurrent_activation(add(x_update, h_update)), recurrent_activation(add(x_reset, h_reset))
    recalled = multiply(reset, h_candidate[0]) if candidate is None else candidate(reset)
    proposed = activation(add(x_candidate, recalled))
    return add(proposed, multiply(update, subtract(hidden, proposed)))


def _checked(name: str, gates: int, x: Any, states: dict[str, Any], kernel: Any, recurrent_kernel: Any, biases: dict[str, Any]) -> None:
    """Raise ValueError where the shapes do not fit."""
    if rank_of(x) != 3:
        raise invalid(name, f"x must have 3 axes (steps, batch, features), got shape {shape_of(x)}")
    (_, batch, features), units = shape_of(x), shape_of(recurrent_kernel)[0]
    wanted = {**{key: (value, (batch, units)) for key, value in states.items()},
              "kernel": (kernel, (features, _times(gates, units))), "recurrent_kernel": (recurrent_kernel, (units, _times(gates, units))),
              **{key: (value, (_times(gates, units),)) for key, value in biases.items()}}
    for key, (value, shape) in wanted.items():
        if value is not None and not may_equal(_known(shape_of(value)), _known(shape)):
            raise invalid(name, f"{key} must have shape {shape} for x of shape {shape_of(x)}, got {shape_of(value)}")


def _times(number: int, size: Any) -> Any:
    return None if size is None else number * size


def _known(shape: tuple[Any, ...]) -> tuple[int | None, ...]:
    return tuple(n if isinstance(n, int) else None for n in shape)


_LSTM = f32(5, 2, 3), f32(2, 4), f32(2, 4), f32(3, 16), f32(4, 16), f32(16)
_GRU = f32(5, 2, 3), f32(2, 4), f32(3, 12), f32(4, 12), f32(12), f32(12)


@op(tensors=("x", "hidden", "cell", "kernel", "recurrent_kernel", "bias"), floating=True, dtypes=FLOATS, reference=references.lstm,
    normwise=True, samples=(
        Sample(*_LSTM), Sample(*_LSTM[:5], None), Sample(f32(1, 3, 2), f32(3, 1), f32(3, 1), f32(2, 4), f32(1, 4), f32(4)),
        Sample(f32(0, 2, 3), *_LSTM[1:]), Sample(f32(5, 0, 3), f32(0, 4), f32(0, 4), *_LSTM[3:]),
        Sample(f32(4, 2, 3, low=-200, high=200), *_LSTM[1:], grad=False),
        Sample(array([[[0.5, float("nan")]], [[1.0, 2.0]]]), f32(1, 1), f32(1, 1), f32(2, 4), f32(1, 4), f32(4), grad=False),
        Sample(array([[[0.5, float("inf")]], [[1.0, 2.0]]]), f32(1, 1), f32(1, 1), f32(2, 4), f32(1, 4), f32(4), grad=False),
        Sample(f32(2, 3), *_LSTM[1:], error=r"x must have 3 axes \(steps, batch, features\), got shape \(2, 3\)"),
        Sample(_LSTM[0], f32(2, 5), *_LSTM[2:], error=r"hidden must have shape \(2, 4\)"),
        Sample(*_LSTM[:3], f32(4, 16), *_LSTM[4:], error=r"kernel must have shape \(3, 16\)")))
def lstm(x: Any, hidden: Any, cell: Any, kernel: Any, recurrent_kernel: Any, bias: Any = None) -> tuple[Any, Any, Any]:
    """A long short-term memory over sequences: the hidden states of all steps, the last one, and the last cell state.

    Args:
        x: (steps, batch, features).
        hidden, cell: the first states, (batch, units).
        kernel: (features, 4 * units), for the input, forget, candidate and output gates.
        recurrent_kernel: (units, 4 * units).
        bias: (4 * units,).

    Source: Hochreiter and Schmidhuber 1997; the forget gate: Gers et al. 2000.
    """
    _checked("lstm", 4, x, {"hidden": hidden, "cell": cell}, kernel, recurrent_kernel, {"bias": bias})
    sums = matmul(x, kernel) if bias is None else add(matmul(x, kernel), bias)

    def step(state: tuple[Any, Any], inputs: Any) -> tuple[tuple[Any, Any], Any]:
        state = lstm_step(add(inputs, matmul(state[0], recurrent_kernel)), state[1])
        return state, state[0]

    (hidden, cell), outputs = scan(step, (hidden, cell), sums)
    return outputs, hidden, cell


@op(tensors=("x", "hidden", "kernel", "recurrent_kernel", "bias", "recurrent_bias"), floating=True, dtypes=FLOATS,
    reference=references.gru, normwise=True, samples=(
        Sample(*_GRU), Sample(*_GRU[:4]), Sample(f32(1, 3, 2), f32(3, 1), f32(2, 3), f32(1, 3), f32(3), f32(3)),
        Sample(*_GRU[:4], None, f32(12)), Sample(f32(0, 2, 3), *_GRU[1:]), Sample(f32(5, 0, 3), f32(0, 4), *_GRU[2:]),
        Sample(f32(4, 2, 3, low=-200, high=200), *_GRU[1:], grad=False),
        Sample(array([[[0.5, float("nan")]], [[1.0, 2.0]]]), f32(1, 1), f32(2, 3), f32(1, 3), f32(3), f32(3), grad=False),
        Sample(f32(2, 3), *_GRU[1:], error=r"x must have 3 axes \(steps, batch, features\), got shape \(2, 3\)"),
        Sample(*_GRU[:5], f32(4), error=r"recurrent_bias must have shape \(12,\)")))
def gru(x: Any, hidden: Any, kernel: Any, recurrent_kernel: Any, bias: Any = None, recurrent_bias: Any = None) -> tuple[Any, Any]:
    """A gated recurrent unit over sequences: the hidden states of all steps, and the last one.

    The state's product with its kernel is reset, not the state before it.

    Args:
        x: (steps, batch, features).
        hidden: the first state, (batch, units).
        kernel: (features, 3 * units), for the update, reset and candidate gates.
        recurrent_kernel: (units, 3 * units).
        bias, recurrent_bias: (3 * units,).

    Source: Cho et al. 2014 (https://arxiv.org/abs/1406.1078v1).
    """
    _checked("gru", 3, x, {"hidden": hidden}, kernel, recurrent_kernel, {"bias": bias, "recurrent_bias": recurrent_bias})
    sums = matmul(x, kernel) if bias is None else add(matmul(x, kernel), bias)

    def step(state: Any, inputs: Any) -> tuple[Any, Any]:
        recalled = matmul(state, recurrent_kernel)
        state = gru_step(inputs, recalled if recurrent_bias is None else add(recalled, recurrent_bias), state)
        return state, state

    hidden, outputs = scan(step, hidden, sums)
    return outputs, hidden
