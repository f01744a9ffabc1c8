"""StackedRNNCells: cells on top of each other as one."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import listed
from keras_lite.layers.layer import Layer
from keras_lite.layers.rnn.cell import RecurrentCell
from keras_lite.layers.rnn.nested import NestedConfig
from keras_lite.state import tree


class StackedRNNCells(NestedConfig):
    """A cell made of several: each gets the output of the one before it.

    The states are a list with the states of each cell.

    Args:
        cells: a list of cells.

    Raises:
        ValueError: one of them has no `call` or no `state_size`.

    >>> import keras_lite
    >>> cells = [keras_lite.layers.LSTMCell(4), keras_lite.layers.GRUCell(3)]
    >>> tuple(keras_lite.layers.RNN(keras_lite.layers.StackedRNNCells(cells))(keras_lite.ops.ones((2, 10, 5))).shape)
    (2, 3)
    """

    def __init__(self, cells: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.cells = listed("StackedRNNCells", "cells", cells)
        if not self.cells:
            raise invalid("StackedRNNCells", "cells must have at least one cell, got none")
        for cell in self.cells:
            check_cell("StackedRNNCells", cell)

    @property
    def state_size(self) -> list[Any]:
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        return output_size(self.cells[-1])

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """The first states of each cell."""
        return [initial_states(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
            input_shape = (input_shape[0], *output_sizes(cell))

    def call(self, inputs: Any, states: Any, training: bool = False, **kwargs: Any) -> tuple[Any, Any]:
        results = []
        for cell, state in zip(self.cells, states, strict=True):
            inputs, new = cell(inputs, list(state) if tree.is_nested(state) else [state], **told(cell, training), **kwargs)
            results.append(list(new) if tree.is_nested(new) else [new])
        return inputs, results


def check_cell(where: str, cell: Any) -> None:
    """Raise ValueError unless `cell` can be run over a sequence."""
    if not callable(cell) or not hasattr(cell, "call"):
        raise invalid(where, f"a cell needs a method call(inputs, states), got {cell!r}")
    if not hasattr(cell, "state_size"):
        raise invalid(where, f"a cell needs an attribute state_size, an int or a list of one int for each state; {cell!r} has none")
    if isinstance(cell.state_size, (dict, str)):
        raise invalid(where, f"state_size must be an int or a list of one int for each state, got {cell.state_size!r} of {cell!r}")


def output_size(cell: Any) -> Any:
    """The size of a cell's output: `output_size`, else that of its first state."""
    size = getattr(cell, "output_size", None)
    if size is None:
        size = cell.state_size
        size = size[0] if isinstance(size, (list, tuple)) else size
    return size


def output_sizes(cell: Any) -> tuple[Any, ...]:
    """The shape of a cell's output, without the batch."""
    size = output_size(cell)
    return tuple(size) if isinstance(size, (list, tuple)) else (size,)


def told(cell: Any, training: Any) -> dict[str, Any]:
    """`training` for a call of a layer that takes it; a cell need be no layer."""
    return {"training": training} if isinstance(cell, Layer) and cell._signature.training else {}


def initial_states(cell: Any, batch_size: Any, dtype: str) -> list[Any]:
    """The states before the first step: what the cell says, else zeros of its `state_size`."""
    if hasattr(cell, "get_initial_state"):
        states = cell.get_initial_state(batch_size=batch_size)
    else:
        states = _zeros(cell.state_size, batch_size, dtype)
    return list(states) if isinstance(states, (list, tuple)) else [states]


def _zeros(size: Any, batch_size: Any, dtype: str) -> Any:
    if isinstance(size, (list, tuple)):
        return [_zeros(item, batch_size, dtype) for item in size]
    return ops.zeros((batch_size, size), dtype)


def own_cells(cell: Any) -> list[RecurrentCell]:
    """The package's cells in `cell`, which draw masks of dropout."""
    inner = [c for part in cell.cells for c in own_cells(part)] if isinstance(cell, StackedRNNCells) else []
    return [cell] if isinstance(cell, RecurrentCell) else inner
