"""RNN: a cell run over the steps of a sequence; and what LSTM, GRU and the like add to it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from keras_lite import ops
from keras_lite.engine.dtypes import is_float
from keras_lite.engine.errors import invalid
from keras_lite.layers import calling
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer
from keras_lite.layers.rnn.loop import Loop
from keras_lite.layers.rnn.nested import NestedConfig
from keras_lite.layers.rnn.stacked import StackedRNNCells, check_cell, initial_states, own_cells
from keras_lite.state import tree
from keras_lite.state.variable import Variable
from keras_lite.symbolic.rules import may_equal

C = TypeVar("C", bound=type)


class RNN(NestedConfig):
    """A cell run over the steps of a sequence: (batch, steps, ...) -> (batch, ...), the output of the last step.

    A cell is a layer with `call(inputs, states)`, which returns the output and the new states for one step, and `state_size`, an int
    or a list of one int for each state; it may have `get_initial_state(batch_size)` and `output_size`.

    A call takes `initial_state` (a list of tensors, zeros by default), `mask` (batch, steps), and `training`.  A step that is masked
    leaves the states as they are.

    Args:
        cell: a cell, or a list of cells to stack.
        return_sequences: return the outputs of all steps, (batch, steps, ...).
        return_state: return a tuple of the output and the last states.
        go_backwards: begin with the last step; outputs are in that order.
        stateful: begin each batch with the last states of the one before; the batch size must be known.  See `reset_state`.
        unroll: write out the steps in place of a loop, if their number is known; faster for a few steps, and takes more memory.
        zero_output_for_mask: masked steps put out zeros; else what the step before did.

    Raises:
        ValueError: the cell has no `call` or `state_size`, or a stateful layer meets another batch size.

    >>> import keras_lite
    >>> class Sum(keras_lite.Layer):
    ...     state_size = 3
    ...     def call(self, inputs, states):
    ...         total = states[0] + inputs
    ...         return total, [total]
    >>> keras_lite.layers.RNN(Sum())(keras_lite.ops.ones((1, 5, 3))).tolist()
    [[5.0, 5.0, 5.0]]
    """

    supports_masking = True
    _hidden_attributes = frozenset({"states"})
    use_cudnn: Any = "auto"

    def __init__(self, cell: Any, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
                 stateful: bool = False, unroll: bool = False, zero_output_for_mask: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        check_cell(type(self).__name__, cell)
        self.cell = cell
        self.return_sequences, self.return_state, self.go_backwards = return_sequences, return_state, go_backwards
        self.stateful, self.unroll, self.zero_output_for_mask = stateful, unroll, zero_output_for_mask
        self.states: Any = None  # variables of a stateful layer; no weights of it, and not in files
        self.input_spec = InputSpec(min_ndim=3)

    @property
    def state_size(self) -> list[Any]:
        """Size of each state."""
        size = self.cell.state_size
        return list(size) if isinstance(size, (list, tuple)) else [size]

    def _refused(self, problem: str) -> Exception:
        return invalid(f"{type(self).__name__} {self.name!r}", problem)

    # --- variables ------------------------------------------------------------------------------------------------------

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
        if self.stateful and self.states is None:
            if sequences_shape[0] is None:
                raise self._refused("a stateful layer needs a known batch size, such as of Input(..., batch_size=32), got inputs of shape "
                                    f"{tuple(sequences_shape)}")
            self.states = tree.map_structure(lambda x: Variable(x, dtype=self.variable_dtype, trainable=False, name="rnn_state"),
                                             self.get_initial_state(sequences_shape[0]))

    def reset_state(self) -> None:
        """Set the states of a stateful layer to zeros."""
        for state in tree.flatten(self.states):
            if state is not None:
                state.fill(0)

    def reset_states(self) -> None:
        """As `reset_state`."""
        self.reset_state()

    # --- computing ------------------------------------------------------------------------------------------------------

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """The states before the first step, zeros unless the cell has a `get_initial_state`."""
        return tree.map_structure(self._in_dtype, initial_states(self.cell, batch_size, self.compute_dtype))

    def _in_dtype(self, state: Any) -> Any:
        return ops.cast(state, self.compute_dtype) if is_float(ops.dtype(state)) else state

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        if sequences.shape[1] == 0:
            raise self._refused(f"expects at least one step, got inputs of shape {tuple(sequences.shape)}")
        states = self._first_states(sequences, initial_state)
        try:
            last, outputs, states = self.inner_loop(sequences, states, tree.flatten(mask)[0], training)
        finally:
            for cell in own_cells(self.cell):
                cell.reset_dropout_mask()
                cell.reset_recurrent_dropout_mask()
        if self.stateful:
            tree.map_structure(lambda variable, state: variable.assign(state), self.states, states)
        output = self._in_dtype(outputs if self.return_sequences else last)
        return (output, *states) if self.return_state else output

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> tuple[Any, Any, Any]:
        """The output of the last step, those of all steps (None unless they are to be returned), and the last states."""
        inputs = ops.swapaxes(sequences, 0, 1)
        mask = None if mask is None else ops.swapaxes(self._fitting(mask, sequences), 0, 1)
        if self.go_backwards:
            inputs, mask = ops.flip(inputs, 0), None if mask is None else ops.flip(mask, 0)
        loop = Loop(training, self.return_sequences, self.zero_output_for_mask, self.unroll, self.use_cudnn,
                    (self.compute_dtype, self.variable_dtype))
        last, outputs, states = loop.run(self.cell, inputs, list(initial_state), mask)
        return last, None if outputs is None else ops.swapaxes(outputs, 0, 1), states

    def _fitting(self, mask: Any, sequences: Any) -> Any:
        """The mask as bools (batch, steps); given may be one row for the whole batch, and a last axis of size 1."""
        mask = ops.cast(mask, "bool")
        given, wanted = (tuple(n if isinstance(n, int) else None for n in x.shape) for x in (mask, sequences))
        if len(given) == 3 and given[2] == 1:
            mask, given = ops.squeeze(mask, -1), given[:2]
        if len(given) != 2 or not may_equal((1 if given[0] == 1 else wanted[0], wanted[1]), given):
            raise self._refused(f"the mask must have the shape (batch, steps) of the inputs {wanted}, got {given}")
        return ops.broadcast_to(mask, ops.shape(sequences)[:2]) if given[0] == 1 != wanted[0] else mask

    def _first_states(self, sequences: Any, given: Any) -> list[Any]:
        """The states that were given, else those of the last batch, else those of a first one."""
        batch = ops.shape(sequences)[0]
        if given is not None:
            states = list(given) if isinstance(given, (list, tuple)) else [given]
            if len(states) != len(self.state_size):
                raise self._refused(f"initial_state must have {len(self.state_size)} states, got {len(states)}")
            return tree.map_structure(ops.convert_to_tensor, states)
        if not self.stateful:
            return self.get_initial_state(batch)
        expected = tree.flatten(self.states)[0].shape[0]
        if isinstance(batch, int) and batch != expected:
            raise self._refused(f"it is stateful and was built for batches of {expected}, got one of {batch}; make all of that size")
        return tree.map_structure(lambda state: ops.add(state, 0), self.states)  # copies: the variables are written at the end

    # --- describing -----------------------------------------------------------------------------------------------------

    def compute_mask(self, _: Any, mask: Any) -> Any:
        """The mask of the outputs of all steps; states have none."""
        mask = tree.flatten(mask)[0] if self.return_sequences else None
        return [mask, *(None for _ in self.state_size)] if self.return_state else mask

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        return super().compute_output_shape(sequences_shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """By running the loop on specs: a cell may say nothing about its output."""
        return calling.inferred_spec(self, args, kwargs)


# --- layers with a cell of their own -------------------------------------------------------------------------------------


def delegates(*names: str) -> Callable[[C], C]:
    """Class decorator: properties that are those of the cell."""
    def add(cls: C) -> C:
        for name in names:
            setattr(cls, name, property(operator.attrgetter(f"cell.{name}")))
        return cls

    return add


_KINDS = [f"{weight}_{kind}" for weight in ("kernel", "recurrent", "bias") for kind in ("initializer", "regularizer", "constraint")]


@delegates("dropout", "recurrent_dropout", "seed", *_KINDS)
class CellRNN(RNN):
    """An RNN that makes its cell from its own arguments."""

    _left_out: ClassVar[dict[str, Any]] = {"autocast": True}

    @staticmethod
    def _for_cell(name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments that the cell has in common with its layer, and those in `kwargs` that are the cell's alone."""
        own = {"implementation": kwargs.pop("implementation")} if "implementation" in kwargs else {}
        return {"name": name, "dtype": kwargs.get("dtype"), "trainable": kwargs.get("trainable", True), **own}

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        super().build(sequences_shape, initial_state_shape)
        self.input_spec = InputSpec(ndim=len(sequences_shape))


class FusedRNN(CellRNN):
    """An RNN for which engines may have one kernel."""

    _left_out: ClassVar[dict[str, Any]] = {**CellRNN._left_out, "use_cudnn": "auto"}

    def _set_fused(self, use_cudnn: Any) -> None:
        if use_cudnn not in ("auto", True, False):
            raise invalid(type(self).__name__, f'use_cudnn must be "auto", True or False, got {use_cudnn!r}')
        self.use_cudnn = use_cudnn
        self.input_spec = InputSpec(ndim=3)
