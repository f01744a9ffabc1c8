"""Function: the part of a graph between some inputs and outputs, as an operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.layers.operation import Operation
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import shape_of
from keras_lite.state import tree
from keras_lite.symbolic import graph
from keras_lite.symbolic.rules import may_equal
from keras_lite.symbolic.spec import KerasTensor, known_sizes

Step = tuple[Callable[..., Any], Any, tuple[int, ...]]


class Function(Operation):
    """The graph from `inputs` to `outputs` (nests of KerasTensors), called with values in the structure of `inputs`.

    The order of the calls and the places of the values are worked out once, here.

    >>> import keras_lite
    >>> x = keras_lite.Input((2,))
    >>> Function(x, [x + 1, x * 2])(keras_lite.ops.ones((1, 2)))[1].tolist()
    [[2.0, 2.0]]
    """

    inputs: list[KerasTensor]
    outputs: list[KerasTensor]

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None):
        super().__init__(name)
        self.inputs_structure, self.outputs_structure = inputs, outputs
        self.inputs, self.outputs = tree.flatten(inputs), tree.flatten(outputs)
        for kind, tensors in (("input", self.inputs), ("output", self.outputs)):
            for x in tensors:
                if not isinstance(x, KerasTensor):
                    raise invalid("Model", f"each {kind} must be a KerasTensor, got {x!r}")
        if len({id(x) for x in self.inputs}) != len(self.inputs):
            raise invalid("Model", f"an input is named twice: {self.inputs!r}")
        self.order = graph.by_depth(self.inputs, self.outputs)  # nodes, and the inputs among them
        self.nodes = [item for item in self.order if isinstance(item, graph.Node)]
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

    def call(self, inputs: Any) -> Any:
        """The outputs for a nest of values.  Raises ValueError where structure or shapes do not fit."""
        values = [x if x is None else as_tensor(registry.current(), x) for x in self._values(inputs)]
        for x, value in zip(self.inputs, values, strict=True):
            if value is not None and not may_equal(x.shape, known_sizes(shape_of(value))):
                raise invalid(self.name, f"input {x.name!r} expects shape {x.shape}, got {tuple(shape_of(value))}")
        return self.run(values)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs for the shapes of the inputs, in the structure of `inputs`."""
        shapes = [tuple(shape) for shape in _shapes_in(input_shape)]
        if len(shapes) != len(self.inputs):
            raise invalid(self.name, f"expects {len(self.inputs)} shapes, got {input_shape!r}")
        specs = [KerasTensor.spec(shape, x.dtype) for shape, x in zip(shapes, self.inputs, strict=True)]
        return tree.map_structure(lambda x: x.shape, self.compute_output_spec(tree.pack_as(self.inputs_structure, specs)))

    def _values(self, inputs: Any) -> list[Any]:
        if not _alike(self.inputs_structure, inputs):
            raise invalid(self.name, f"expects inputs in the structure {self.inputs_structure!r}, got {inputs!r}")
        return tree.flatten(inputs)

    def run(self, values: list[Any]) -> Any:
        """The outputs for the input values in flat order."""
        if len(values) != len(self.inputs):
            raise invalid(self.name, f"expects {len(self.inputs)} inputs, got {len(values)}")
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


def _alike(expected: Any, given: Any) -> bool:
    """Whether two nests have the same structure; a list is like a tuple, and a single tensor like a list of it."""
    if isinstance(expected, dict):
        return isinstance(given, dict) and given.keys() == expected.keys() and all(_alike(expected[k], given[k]) for k in expected)
    if isinstance(expected, (list, tuple)):
        if len(expected) == 1 and not tree.is_nested(given):
            return True
        return isinstance(given, (list, tuple)) and len(given) == len(expected) and all(map(_alike, expected, given))
    return not tree.is_nested(given)


def _shapes_in(nest: Any) -> list[Any]:
    """The shapes in a nest of them, in the order of `tree.flatten`."""
    if isinstance(nest, dict):
        return [shape for key in sorted(nest) for shape in _shapes_in(nest[key])]
    if isinstance(nest, (list, tuple)) and any(isinstance(item, (list, tuple, dict)) for item in nest):
        return [shape for item in nest for shape in _shapes_in(item)]
    return [nest]
