"""The graph behind symbolic tensors: who made which tensor out of which, and running a part of it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from keras_lite.engine.dtypes import standardize
from keras_lite.engine.errors import invalid
from keras_lite.state import tree
from keras_lite.state.names import auto_name
from keras_lite.symbolic.spec import LEAF, KerasTensor, known_sizes


class Node:
    """One call of an op or a layer: `operation(*args, **kwargs) -> outputs` with KerasTensors among them."""

    __slots__ = ("args", "kwargs", "name", "operation", "outputs", "parents")

    def __init__(self, operation: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]):
        self.operation, self.args, self.kwargs = operation, args, kwargs
        self.parents = [x for x in tree.flatten((args, kwargs)) if isinstance(x, KerasTensor) and x.history]
        self.outputs: list[KerasTensor] = []
        name = getattr(operation, "name", None)
        self.name: str = name if name is not None else auto_name(operation.__name__)


def without_history(args: Any, kwargs: Any) -> tuple[Any, Any, bool]:
    """`args` and `kwargs` with bare specs, and whether one of them had a history."""
    if len(args) == 1 and not kwargs and args[0].__class__ is KerasTensor:  # the usual call
        x = args[0]
        return ((x,), {}, False) if x.history is None else ((KerasTensor.spec(x.shape, x.dtype, x.sparse),), {}, True)
    recorded = False

    def bare(x: Any) -> Any:
        nonlocal recorded
        if not isinstance(x, KerasTensor) or x.history is None:
            return x
        recorded = True
        return KerasTensor.spec(x.shape, x.dtype, x.sparse)

    return (*tree.map_structure(bare, (tuple(args), kwargs)), recorded)


def record(operation: Callable[..., Any], args: Any, kwargs: Any, result: Any) -> Any:
    """`result`, a nest of specs, as the outputs of a new node."""
    node = Node(operation, tuple(args), kwargs)

    def output(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        made = KerasTensor.spec(x.shape, x.dtype)
        made.mask, made._sparse, made._ragged = x.mask, x.sparse, x.ragged
        made.history = (node, len(node.outputs))
        made.name = f"{node.name}_output" if made.name is None else made.name
        node.outputs.append(made)
        return made

    return output(result) if result.__class__ is KerasTensor else tree.map_structure(output, result)


def specs_of(engine: Any, nest: Any) -> Any:
    """`nest` with the tensors and variables of `engine` replaced by bare specs."""
    from keras_lite.state.variable import Variable

    def spec(x: Any) -> Any:
        if isinstance(x, Variable):
            return x.spec
        if engine.is_tensor(x):
            return KerasTensor.spec(known_sizes(engine.shape_of(x)), engine.dtype_of(x))
        if engine.is_sparse(x):
            return KerasTensor.spec(tuple(x.shape), standardize(x.dtype), sparse=True)
        return x

    return tree.map_structure(spec, nest)


def ordered_nodes(inputs: list[KerasTensor], outputs: list[KerasTensor]) -> list[Node]:
    """Nodes between `inputs` and `outputs`, each after those it needs.  Raises ValueError naming an input that is missing."""
    given = {id(x) for x in inputs}
    order: list[Node] = []
    done: set[int] = set()
    wanted = [x for x in outputs if id(x) not in given]
    for x in wanted:
        if x.history in (LEAF, None):
            raise invalid("graph", f"output {x!r} does not come from the inputs {inputs!r}")
    stack: list[tuple[Node, bool]] = [(x.history[0], False) for x in reversed(wanted)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        if ready:
            done.add(id(node))
            order.append(node)
            continue
        stack.append((node, True))
        for parent in reversed(node.parents):
            if id(parent) in given:
                continue
            if parent.history == LEAF:
                raise invalid("graph", f"{node.name} needs {parent!r}, which is not among the inputs {inputs!r}")
            if id(parent.history[0]) not in done:
                stack.append((parent.history[0], False))
    return order


def filled(nest: Any, tensors: Iterable[Any]) -> Any:
    """`nest` with `tensors` in place of its symbolic ones, in the order of `tree.flatten`."""
    rest = iter(tensors)
    return tree.pack_as(nest, [next(rest) if isinstance(x, KerasTensor) else x for x in tree.flatten(nest)])
