"""Operation: what a node of a graph calls, with a name and the tensors it was called on."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.saving.configurable import Configurable
from keras_lite.state import tree
from keras_lite.state.names import auto_name, to_snake_case
from keras_lite.symbolic import engine as abstract
from keras_lite.symbolic import graph
from keras_lite.symbolic.spec import KerasTensor


class Operation(Configurable):
    """Base of layers: a name, a config, and the nodes of the graphs it stands in.

    A subclass defines `call`; on symbolic tensors a call of it makes a node of their graph.

    >>> import keras_lite
    >>> class Times(keras_lite.Operation):
    ...     def __init__(self, factor, name=None):
    ...         super().__init__(name)
    ...         self.factor = factor
    ...     def call(self, x):
    ...         return x * self.factor
    >>> Times(3)(keras_lite.KerasTensor((None, 2))).shape
    (None, 2)
    """

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

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, KerasTensor) for x in tree.flatten((args, kwargs))):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation."""
        raise NotImplementedError(f"{type(self).__name__} defines no call()")

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """The symbolic output for symbolic arguments; a node of their graph."""
        bare_args, bare_kwargs, recorded = graph.without_history(args, kwargs)
        result = self.compute_output_spec(*bare_args, **bare_kwargs)
        if not recorded:
            return result
        result = graph.record(self, args, kwargs, result)
        self._nodes.append(next(x for x in tree.flatten(result) if isinstance(x, KerasTensor)).history[0])
        return result

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Shape and dtype of the output as KerasTensors, for KerasTensors as arguments: `call` is run on them."""
        args, kwargs, _ = graph.without_history(args, kwargs)
        with registry.using(abstract):
            return self.call(*args, **kwargs)

    def rematerialized_call(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """`fn(*args, **kwargs)`, computed again for the gradient; see `remat`."""
        from keras_lite.layers.remat import remat

        return remat(fn)(*args, **kwargs)

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
