"""Recurrent networks over whole sequences, and single steps of them.

The gradients are written out: what the reverse loop multiplies with is worked out for all steps before it, and the gradients of the
kernels behind it, each in one product.  So the loop has a third of the work that differentiating each step would give it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_recurrent as references
from keras_lite.ops.activation import sigmoid
from keras_lite.ops.arithmetic import add, multiply, subtract, where
from keras_lite.ops.contraction import matmul
from keras_lite.ops.control import scan
from keras_lite.ops.core import with_gradient
from keras_lite.ops.creation import zeros, zeros_like
from keras_lite.ops.data import as_tensor
from keras_lite.ops.elementwise import tanh
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, f32
from keras_lite.ops.shaping import concatenate, expand_dims, part_of, reshape, split, transpose
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import may_equal

Function = Callable[..., Any]
FLOATS = ("float32", "float64", "float16", "bfloat16")

# --- single steps --------------------------------------------------------------------------------------------------------


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


# --- what both have in common --------------------------------------------------------------------------------------------


def _checked(name: str, gates: int, x: Any, states: dict[str, Any], kernels: tuple[Any, Any], biases: dict[str, Any], mask: Any) -> None:
    """Raise ValueError where the shapes do not fit."""
    if rank_of(x) != 3:
        raise invalid(name, f"x must have 3 axes (steps, batch, features), got shape {shape_of(x)}")
    (steps, batch, features), units = shape_of(x), shape_of(kernels[1])[0]
    width = None if units is None else gates * units
    wanted = {**{key: (value, (batch, units)) for key, value in states.items()}, "kernel": (kernels[0], (features, width)),
              "recurrent_kernel": (kernels[1], (units, width)), **{key: (value, (width,)) for key, value in biases.items()},
              "mask": (mask, (steps, batch))}
    for key, (value, shape) in wanted.items():
        if value is not None and not may_equal(_known(shape_of(value)), _known(shape)):
            raise invalid(name, f"{key} must have shape {shape} for x of shape {shape_of(x)}, got {shape_of(value)}")


def _known(shape: tuple[Any, ...]) -> tuple[int | None, ...]:
    return tuple(n if isinstance(n, int) else None for n in shape)


def _as_mask(mask: Any) -> Any:
    return None if mask is None else as_tensor(registry.current(), mask, "bool")


def _recurrence(forward: Function, backward: Function, tensors: list[Any], mask: Any) -> list[Any]:
    """`forward` with the gradient `backward`, both by lists of tensors, to which a mask is added as (steps, batch, 1)."""
    return with_gradient([*tensors, *([] if mask is None else [expand_dims(mask, -1)])], forward, backward)


def _before(first: Any, rows: Any) -> Any:
    """What there was before each step."""
    return part_of(concatenate([expand_dims(first, 0), rows], 0), 0, 0, shape_of(rows)[0])


def _kernel_slope(inputs: Any, slopes: Any) -> Any:
    """The gradient of a kernel from its inputs and the gradients of its products, for all steps at once."""
    inputs, slopes = (reshape(x, (-1, shape_of(x)[-1])) for x in (inputs, slopes))
    return matmul(transpose(inputs, (1, 0)), slopes)


def _chosen(on: Any, new: Any, old: Any) -> Any:
    return new if on is None else where(on, new, old)


def _slope(y: Any) -> Any:
    """The derivative of the sigmoid whose value is y."""
    return multiply(y, subtract(1, y))


def _bent(y: Any) -> Any:
    """The derivative of the tanh whose value is y."""
    return subtract(1, multiply(y, y))


# --- LSTM ----------------------------------------------------------------------------------------------------------------


def _lstm_forward(sums: Any, hidden: Any, cell: Any, kernel: Any, mask: Any = None) -> tuple[list[Any], list[Any]]:
    """All hidden states, the last one and the last cell state; and what the gradient wants, the gates too, which took long to compute."""
    def step(state: tuple[Any, Any], row: tuple[Any, Any]) -> tuple[tuple[Any, Any], Any]:
        inputs, on = row
        into, kept, candidate, out = split(add(inputs, matmul(state[0], kernel)), 4, -1)
        into, kept, candidate, out = sigmoid(into), sigmoid(kept), tanh(candidate), sigmoid(out)
        cell = add(multiply(kept, state[1]), multiply(into, candidate))
        level = tanh(cell)
        state = _chosen(on, multiply(out, level), state[0]), _chosen(on, cell, state[1])
        return state, (into, kept, candidate, out, level, *state)

    last, (*gates, outputs, cells) = scan(step, (hidden, cell), (sums, mask))
    return [outputs, *last], [*gates, outputs, cells, hidden, cell, kernel, *([] if mask is None else [mask])]


def _lstm_backward(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    into, kept, candidate, out, level, outputs, cells, hidden, cell, kernel, *masks = residuals
    on = masks[0] if masks else None
    by_cell = [multiply(candidate, _slope(into)), multiply(_before(cell, cells), _slope(kept)), multiply(into, _bent(candidate))]
    factors = _chosen(on, concatenate([*by_cell, multiply(level, _slope(out))], -1), 0)  # of the gates' sums, by cell and hidden state
    through, kept = _chosen(on, multiply(out, _bent(level)), 0), _chosen(on, kept, 1)
    back = transpose(kernel, (1, 0))

    def step(state: tuple[Any, Any], row: Any) -> tuple[tuple[Any, Any], Any]:
        hidden, cell = state
        given, factors, through, kept, on = row
        hidden = add(hidden, given)
        cell = add(cell, multiply(hidden, through))
        slope = multiply(concatenate([cell, cell, cell, hidden], -1), factors)
        before = matmul(slope, back)
        return (before if on is None else add(before, where(on, 0, hidden)), multiply(cell, kept)), slope

    state, slopes = scan(step, (cotangents[1], cotangents[2]), (cotangents[0], factors, through, kept, on), reverse=True)
    return [slopes, *state, _kernel_slope(_before(hidden, outputs), slopes), *map(zeros_like, masks)]


_LSTM = f32(5, 2, 3), f32(2, 4), f32(2, 4), f32(3, 16), f32(4, 16), f32(16)
_HOLES = array([[True, False], [False, False], [True, True], [False, True], [True, False]], "bool")


@op(tensors=("x", "hidden", "cell", "kernel", "recurrent_kernel", "bias"), floating=True, dtypes=FLOATS, reference=references.lstm,
    normwise=True, samples=(
        Sample(*_LSTM), Sample(*_LSTM[:5], None), Sample(f32(1, 3, 2), f32(3, 1), f32(3, 1), f32(2, 4), f32(1, 4), f32(4)),
        Sample(*_LSTM, mask=_HOLES), Sample(*_LSTM[:5], None, boolean(5, 2)), Sample(*_LSTM, mask=array(np.zeros((5, 2)), "bool")),
        Sample(f32(0, 2, 3), *_LSTM[1:]), Sample(f32(5, 0, 3), f32(0, 4), f32(0, 4), *_LSTM[3:]),
        Sample(f32(4, 2, 3, low=-200, high=200), *_LSTM[1:], grad=False),
        Sample(array([[[0.5, float("nan")]], [[1.0, 2.0]]]), f32(1, 1), f32(1, 1), f32(2, 4), f32(1, 4), f32(4), grad=False),
        Sample(array([[[0.5, float("inf")]], [[1.0, 2.0]]]), f32(1, 1), f32(1, 1), f32(2, 4), f32(1, 4), f32(4), grad=False),
        Sample(f32(2, 3), *_LSTM[1:], error=r"x must have 3 axes \(steps, batch, features\), got shape \(2, 3\)"),
        Sample(_LSTM[0], f32(2, 5), *_LSTM[2:], error=r"hidden must have shape \(2, 4\)"),
        Sample(*_LSTM, mask=boolean(2, 5), error=r"mask must have shape \(5, 2\)"),
        Sample(*_LSTM[:3], f32(4, 16), *_LSTM[4:], error=r"kernel must have shape \(3, 16\)")))
def lstm(x: Any, hidden: Any, cell: Any, kernel: Any, recurrent_kernel: Any, bias: Any = None, mask: Any = None) -> tuple[Any, Any, Any]:
    """A long short-term memory over sequences: the hidden states of all steps, the last one, and the last cell state.

    Args:
        x: (steps, batch, features).
        hidden, cell: the first states, (batch, units).
        kernel: (features, 4 * units), for the input, forget, candidate and output gates.
        recurrent_kernel: (units, 4 * units).
        bias: (4 * units,).
        mask: (steps, batch); steps where it is false leave the states as they are.

    Source: Hochreiter and Schmidhuber 1997; the forget gate: Gers et al. 2000.
    """
    mask = _as_mask(mask)
    _checked("lstm", 4, x, {"hidden": hidden, "cell": cell}, (kernel, recurrent_kernel), {"bias": bias}, mask)
    sums = matmul(x, kernel) if bias is None else add(matmul(x, kernel), bias)
    outputs, hidden, cell = _recurrence(_lstm_forward, _lstm_backward, [sums, hidden, cell, recurrent_kernel], mask)
    return outputs, hidden, cell


# --- GRU -----------------------------------------------------------------------------------------------------------------


def _gru_forward(sums: Any, hidden: Any, kernel: Any, bias: Any, mask: Any = None) -> tuple[list[Any], list[Any]]:
    """All hidden states and the last one; and what the gradient wants, the gates too, which took long to compute."""
    def step(state: Any, row: tuple[Any, Any]) -> tuple[Any, Any]:
        inputs, on = row
        x_update, x_reset, x_candidate = split(inputs, 3, -1)
        h_update, h_reset, recalled = split(add(matmul(state, kernel), bias), 3, -1)
        update, reset = sigmoid(add(x_update, h_update)), sigmoid(add(x_reset, h_reset))
        candidate = tanh(add(x_candidate, multiply(reset, recalled)))
        state = _chosen(on, add(candidate, multiply(update, subtract(state, candidate))), state)
        return state, (update, reset, candidate, recalled, state)

    last, (*gates, outputs) = scan(step, hidden, (sums, mask))
    return [outputs, last], [*gates, outputs, hidden, kernel, *([] if mask is None else [mask])]


def _gru_backward(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    update, reset, candidate, recalled, outputs, hidden, kernel, *masks = residuals
    on, before, back = masks[0] if masks else None, _before(hidden, outputs), transpose(kernel, (1, 0))
    by_candidate = multiply(subtract(1, update), _bent(candidate))
    gates = [multiply(subtract(before, candidate), _slope(update)), multiply(by_candidate, multiply(recalled, _slope(reset)))]
    by_state = _chosen(on, concatenate([*gates, multiply(by_candidate, reset)], -1), 0)
    by_inputs, update = _chosen(on, concatenate([*gates, by_candidate], -1), 0), _chosen(on, update, 1)

    def step(state: Any, row: Any) -> tuple[Any, Any]:
        given, factors, update = row
        state = add(state, given)
        slope = multiply(concatenate([state] * 3, -1), factors)
        return add(matmul(slope, back), multiply(state, update)), (slope, state)

    first, (slopes, states) = scan(step, cotangents[1], (cotangents[0], by_state, update), reverse=True)
    inputs = multiply(concatenate([states] * 3, -1), by_inputs)
    return [inputs, first, _kernel_slope(before, slopes), reduce_sum(slopes, (0, 1)), *map(zeros_like, masks)]


_GRU = f32(5, 2, 3), f32(2, 4), f32(3, 12), f32(4, 12), f32(12), f32(12)


@op(tensors=("x", "hidden", "kernel", "recurrent_kernel", "bias", "recurrent_bias"), floating=True, dtypes=FLOATS,
    reference=references.gru, normwise=True, samples=(
        Sample(*_GRU), Sample(*_GRU[:4]), Sample(f32(1, 3, 2), f32(3, 1), f32(2, 3), f32(1, 3), f32(3), f32(3)),
        Sample(*_GRU, mask=_HOLES), Sample(*_GRU[:4], None, None, boolean(5, 2)), Sample(*_GRU, mask=array(np.zeros((5, 2)), "bool")),
        Sample(*_GRU[:4], None, f32(12)), Sample(f32(0, 2, 3), *_GRU[1:]), Sample(f32(5, 0, 3), f32(0, 4), *_GRU[2:]),
        Sample(f32(4, 2, 3, low=-200, high=200), *_GRU[1:], grad=False),
        Sample(array([[[0.5, float("nan")]], [[1.0, 2.0]]]), f32(1, 1), f32(2, 3), f32(1, 3), f32(3), f32(3), grad=False),
        Sample(f32(2, 3), *_GRU[1:], error=r"x must have 3 axes \(steps, batch, features\), got shape \(2, 3\)"),
        Sample(*_GRU[:5], f32(4), error=r"recurrent_bias must have shape \(12,\)")))
def gru(x: Any, hidden: Any, kernel: Any, recurrent_kernel: Any, bias: Any = None, recurrent_bias: Any = None,
        mask: Any = None) -> tuple[Any, Any]:
    """A gated recurrent unit over sequences: the hidden states of all steps, and the last one.

    The state's product with its kernel is reset, not the state before it.

    Args:
        x: (steps, batch, features).
        hidden: the first state, (batch, units).
        kernel: (features, 3 * units), for the update, reset and candidate gates.
        recurrent_kernel: (units, 3 * units).
        bias, recurrent_bias: (3 * units,).
        mask: (steps, batch); steps where it is false leave the state as it is.

    Source: Cho et al. 2014 (https://arxiv.org/abs/1406.1078v1).
    """
    mask = _as_mask(mask)
    _checked("gru", 3, x, {"hidden": hidden}, (kernel, recurrent_kernel), {"bias": bias, "recurrent_bias": recurrent_bias}, mask)
    sums = matmul(x, kernel) if bias is None else add(matmul(x, kernel), bias)
    if recurrent_bias is None:
        recurrent_bias = zeros((shape_of(recurrent_kernel)[1],), dtype_of(recurrent_kernel))
    outputs, hidden = _recurrence(_gru_forward, _gru_backward, [sums, hidden, recurrent_kernel, recurrent_bias], mask)
    return outputs, hidden
