"""Operation: what a node of a graph calls, with a name and the tensors it was called on."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.saving.configurable import Configurable
from keras_lite.state import tree
from keras_lite.state.names import auto_name, to_snake_case


class Operation(Configurable):
    """Base of layers: a name, a config, and the nodes of the graphs it stands in."""

    name: str
    _nodes: list[Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        instance = super().__new__(cls, *args, **kwargs)
        instance.__dict__["_nodes"] = []
        return instance

    def __init__(self, name: str | None = None):
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise invalid(type(self).__name__, f"name must be a string without '/', got {name!r}")
        self.name = name or auto_name(to_snake_case(type(self).__name__))

    @property
    def input(self) -> Any:
        """The symbolic input of the only place where this stands in a graph."""
        node = self._only_node()
        tensors = [x for x in tree.flatten(node.args) if hasattr(x, "history")]
        first = node.args[0] if node.args else tensors
        return first if len(tree.flatten(first)) == len(tensors) else tensors

    @property
    def output(self) -> Any:
        """The symbolic output of the only place where this stands in a graph."""
        outputs = self._only_node().outputs
        return outputs[0] if len(outputs) == 1 else outputs

    def _only_node(self) -> Any:
        if len(self._nodes) != 1:
            count = "never" if not self._nodes else f"{len(self._nodes)} times"
            raise AttributeError(f"{self.name} was called {count} on symbolic tensors, so it has no single input and output")
        return self._nodes[0]
