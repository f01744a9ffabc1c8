"""Function: the part of a graph between some inputs and outputs, as something to call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.state import tree
from keras_lite.symbolic import graph
from keras_lite.symbolic.spec import KerasTensor

Step = tuple[Callable[..., Any], Any, tuple[int, ...]]


class Function:
    """The graph from `inputs` to `outputs` (nests of KerasTensors), called with values in the structure of `inputs`.

    The order of the calls and the places of the values are worked out once, here.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None):
        self.inputs_structure, self.outputs_structure, self.name = inputs, outputs, name
        self.inputs, self.outputs = tree.flatten(inputs), tree.flatten(outputs)
        for kind, tensors in (("input", self.inputs), ("output", self.outputs)):
            for x in tensors:
                if not isinstance(x, KerasTensor):
                    raise invalid("Model", f"each {kind} must be a KerasTensor, got {x!r}")
        if len({id(x) for x in self.inputs}) != len(self.inputs):
            raise invalid("Model", f"an input is named twice: {self.inputs!r}")
        self.nodes = graph.ordered_nodes(self.inputs, self.outputs)
        self._places = {id(x): i for i, x in enumerate(self.inputs)}
        for node in self.nodes:
            for x in node.outputs:
                self._places.setdefault(id(x), len(self._places))
        self._steps = [self._step(node) for node in self.nodes]

    @property
    def operations(self) -> list[Any]:
        """What the nodes call, each once, in order of the first call."""
        return list({id(node.operation): node.operation for node in self.nodes}.values())

    def _step(self, node: graph.Node) -> Step:
        """The node's call: its arguments with the place of each value, and the places of its outputs."""
        arguments = tree.map_structure(lambda x: _Place(self._places[id(x)]) if self._is_value(x) else x, (node.args, node.kwargs))
        targets = tuple(self._places[id(x)] for x in node.outputs)
        args, kwargs = arguments
        if len(args) == 1 and not kwargs and isinstance(args[0], _Place):
            return node.operation, args[0].index, targets
        return node.operation, arguments, targets

    def _is_value(self, x: Any) -> bool:
        return isinstance(x, KerasTensor) and id(x) in self._places

    def __call__(self, inputs: Any) -> Any:
        return self.run(tree.flatten(inputs))

    def run(self, values: list[Any]) -> Any:
        """The outputs for the input values in flat order."""
        if len(values) != len(self.inputs):
            raise invalid(self.name or "Function", f"expects {len(self.inputs)} inputs, got {len(values)}")
        held: list[Any] = values + [None] * (len(self._places) - len(values))
        for operation, arguments, targets in self._steps:
            if type(arguments) is int:
                result = operation(held[arguments])
            else:
                args, kwargs = tree.map_structure(lambda x: held[x.index] if type(x) is _Place else x, arguments)
                result = operation(*args, **kwargs)
            if len(targets) == 1 and not isinstance(result, (list, tuple, dict)):
                held[targets[0]] = result
            else:
                for target, value in zip(targets, _tensors(result), strict=True):
                    held[target] = value
        return tree.map_structure(lambda x: held[self._places[id(x)]], self.outputs_structure)


class _Place:
    """Stands for a value in the arguments of a call."""

    __slots__ = ("index",)

    def __init__(self, index: int):
        self.index = index


def _tensors(result: Any) -> list[Any]:
    return [x for x in tree.flatten(result) if x is not None and not isinstance(x, (int, float, str))]
