"""A cell run over all steps of a sequence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.layers.rnn.cell import RecurrentCell
from keras_lite.layers.rnn.stacked import StackedRNNCells, output_sizes, told
from keras_lite.ops.bodies import described
from keras_lite.ops.control import scan
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.saving.configurable import is_own
from keras_lite.state import tree
from keras_lite.symbolic.spec import KerasTensor, known_sizes


@dataclass
class Loop:
    """How a cell is run over `inputs` (steps, batch, ...), where `mask` (steps, batch) is true; it gets the same results however."""

    training: Any = False
    every: bool = True  # whether the outputs of all steps are wanted
    zero_output: bool = False  # what a masked step puts out: zeros, or what the step before put out
    unroll: bool = False  # a loop of Python's in place of the engine's
    fused: Any = "auto"  # whether one op does all the steps: where one can, always (True), or never
    dtypes: tuple[str, str] = ("float32", "float32")  # the compute and variable dtypes of the layer

    def run(self, cell: Any, inputs: Any, states: list[Any], mask: Any) -> tuple[Any, Any, list[Any]]:
        """The last output, the outputs of all steps (None unless they are wanted), and the last states."""
        if self._is_stack(cell):
            return self._run_stack(cell, inputs, states, mask)
        return self._run_own(cell, inputs, states, mask) if self._is_own(cell) else self._run_any(cell, inputs, states, mask)

    def _is_own(self, cell: Any) -> bool:
        """Whether a cell of the package does here what its `call` would do."""
        return isinstance(cell, RecurrentCell) and is_own(type(cell)) and (cell.compute_dtype, cell.variable_dtype) == self.dtypes

    def _is_stack(self, cell: Any) -> bool:
        return type(cell) is StackedRNNCells and all(self._is_own(inner) or self._is_stack(inner) for inner in cell.cells)

    def _run_stack(self, cell: Any, inputs: Any, states: list[Any], mask: Any) -> tuple[Any, Any, list[Any]]:
        """One cell after the other, each over all steps."""
        inner = Loop(self.training, True, False, self.unroll, self.fused, self.dtypes)
        results = []
        for lower, state in zip(cell.cells[:-1], states, strict=False):
            _, inputs, state = inner.run(lower, inputs, list(state), mask)
            results.append(state)
        last, outputs, state = self.run(cell.cells[-1], inputs, list(states[-1]), mask)
        return last, outputs, [*results, state]

    # --- the package's own cells ----------------------------------------------------------------------------------------

    def _run_own(self, cell: RecurrentCell, inputs: Any, states: list[Any], mask: Any) -> tuple[Any, Any, list[Any]]:
        """A cell whose inputs are projected for all steps at once, and whose output is its first state."""
        masks, recurrent_masks = cell._masks(inputs[0], states, self.training)
        whole = None
        if self.fused is not False and not self.unroll and (masks is None or len(masks) == 1):
            whole = cell._whole(inputs if masks is None else ops.multiply(inputs, masks[0]), states, recurrent_masks, mask)
        if whole is None and self.fused is True:
            raise invalid(type(cell).__name__.removesuffix("Cell"), "use_cudnn=True needs the activations tanh and sigmoid, reset_after, "
                          "no unroll and no recurrent_dropout; use_cudnn=\"auto\" makes no such demand")
        if whole is not None:
            outputs, states = whole
            return self._last(states, mask), self._shown(outputs, mask) if self.every else None, states
        step = cell._stepper(recurrent_masks)

        def advance(states: list[Any], row: tuple[Any, Any]) -> tuple[list[Any], Any]:
            projected, on = row
            output, new = step(projected, states)
            if on is not None:
                new = _where(on, new, states)
                output = _where(on, output, None) if self.zero_output else new[0]
            return new, output if self.every else None

        states, outputs = self._repeat(advance, states, (cell._project(inputs, masks), mask))
        return self._last(states, mask), outputs, states

    def _shown(self, outputs: Any, mask: Any) -> Any:
        """The states of all steps as outputs."""
        return outputs if mask is None or not self.zero_output else ops.where(ops.expand_dims(mask, -1), outputs, 0)

    def _last(self, states: list[Any], mask: Any) -> Any:
        """The output of the last step."""
        return states[0] if mask is None or not self.zero_output else _where(mask[-1], states[0], None)

    # --- any cell -------------------------------------------------------------------------------------------------------

    def _run_any(self, cell: Any, inputs: Any, states: list[Any], mask: Any) -> tuple[Any, Any, list[Any]]:
        """A cell that is called for each step."""
        self._draw_masks(cell, inputs[0], states)
        step = self._caller(cell)
        row = KerasTensor.spec(known_sizes(shape_of(inputs))[1:], ops.dtype(inputs))
        output = described(step, row, states)[0][0]
        nothing = ops.zeros((shape_of(inputs)[1], *output.shape[1:]), output.dtype)

        def advance(carry: tuple[list[Any], Any], row: tuple[Any, Any]) -> tuple[tuple[list[Any], Any], Any]:
            (states, previous), (x, on) = carry, row
            output, new = step(x, states)
            if on is not None:
                new = _where(on, new, states)
                output = _where(on, output, None if self.zero_output else previous)
            return (new, output), output if self.every else None

        (states, last), outputs = self._repeat(advance, (states, nothing), (inputs, mask))
        return last, outputs, states

    def _draw_masks(self, cell: Any, x: Any, states: Any) -> None:
        """Let the package's cells inside draw their masks of dropout, which are the same for all steps."""
        if isinstance(cell, RecurrentCell):
            cell._masks(x, states, self.training)
        elif isinstance(cell, StackedRNNCells) and self.training:
            for inner, state in zip(cell.cells, states, strict=True):
                self._draw_masks(inner, x, state)
                x = ops.zeros((shape_of(x)[0], *output_sizes(inner)), ops.dtype(x))

    def _caller(self, cell: Any) -> Callable[[Any, list[Any]], tuple[Any, list[Any]]]:
        """`cell(x, states)`, told whether it is being trained if it asks, with the new states in the form of the old ones."""
        keywords = told(cell, self.training)

        def step(x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
            output, new = cell(x, states, **keywords)
            return output, tree.pack_as(states, tree.flatten(new))

        return step

    def _repeat(self, advance: Callable[[Any, Any], tuple[Any, Any]], carry: Any, rows: tuple[Any, Any]) -> tuple[Any, Any]:
        """`scan`, or the same as a loop of Python's."""
        count = shape_of(rows[0])[0]
        if not self.unroll or not isinstance(count, int):
            return scan(advance, carry, rows)
        columns = [[None] * count if x is None else ops.unstack(x, count) for x in rows]
        outputs = []
        for row in zip(*columns, strict=True):
            carry, output = advance(carry, row)
            outputs.append(output)
        return carry, ops.stack(outputs) if self.every else None


def _where(on: Any, new: Any, old: Any) -> Any:
    """The nest `new` in the rows of the batch where `on` is true, elsewhere `old`, or zeros if that is None."""
    def chosen(x: Any, other: Any) -> Any:
        rows = ops.reshape(on, (-1, *(1,) * (rank_of(x) - 1)))
        return ops.where(rows, x, ops.zeros_like(x) if other is None else other)

    return chosen(new, None) if old is None else tree.map_structure(chosen, new, old)
