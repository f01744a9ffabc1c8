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
    return [item for item in by_depth(inputs, outputs) if isinstance(item, Node)]


def by_depth(inputs: list[KerasTensor], outputs: list[KerasTensor]) -> list[Node | KerasTensor]:
    """The nodes between `inputs` and `outputs`, and the inputs among them, in Keras's order, which is that of weights in its files.

    Farthest from the outputs first; at the same distance what a walk back from the outputs meets first. A layer's call is as far as those
    of its calls that were met before it. Inputs that lead nowhere stand before what is next to the outputs.
    """
    given = {id(x): x for x in inputs}
    order, met = _walked_back(given, outputs)
    depths: dict[int, int] = {}  # of nodes and inputs
    farthest: dict[int, int] = {}  # of what they call
    for item in reversed(order):
        depth = farthest[_called(item)] = depths[id(item)] = max(depths.get(id(item), 0), farthest.get(_called(item), 0))
        for x in _needs(item):
            before = _maker(x, given)
            depths[id(before)] = max(depths.get(id(before), 0), depth + 1)
    unused = [x for x in inputs if id(x) not in met]
    return sorted(unused + order, key=lambda item: (-depths.get(id(item), 0), met.get(_called(item), -1)))


def _walked_back(given: dict[int, KerasTensor], outputs: list[KerasTensor]) -> tuple[list[Node | KerasTensor], dict[int, int]]:
    """What is met on the way from `outputs` back to the tensors `given`, each after those it needs; and when its layer was first met."""
    order: list[Node | KerasTensor] = []
    done: set[int] = set()
    met: dict[int, int] = {}
    for x in outputs:
        if id(x) not in given and x.history in (LEAF, None):
            raise invalid("graph", f"output {x!r} does not come from the inputs {[*given.values()]!r}")
    stack: list[tuple[Node | KerasTensor, bool]] = [(_maker(x, given), False) for x in reversed(outputs)]
    while stack:
        item, ready = stack.pop()
        if id(item) in done:
            continue
        met.setdefault(_called(item), len(met))
        if ready or id(item) in given:
            done.add(id(item))
            order.append(item)
            continue
        stack.append((item, True))
        for x in reversed(_needs(item)):
            if id(x) not in given and x.history == LEAF:
                raise invalid("graph", f"{item.name} needs {x!r}, which is not among the inputs {[*given.values()]!r}")
            before = _maker(x, given)
            if id(before) not in done:
                stack.append((before, False))
    return order, met


def _needs(item: Node | KerasTensor) -> list[KerasTensor]:
    return item.parents if isinstance(item, Node) else []


def _maker(x: KerasTensor, given: dict[int, KerasTensor]) -> Node | KerasTensor:
    """The node that `x` comes from; `x` itself, where it is given."""
    return x if id(x) in given else x.history[0]


def _called(item: Node | KerasTensor) -> int:
    """Which layer a node calls; ops and inputs are one of a kind."""
    return id(item.operation) if isinstance(item, Node) and hasattr(item.operation, "name") else id(item)


def filled(nest: Any, tensors: Iterable[Any]) -> Any:
    """`nest` with `tensors` in place of its symbolic ones, in the order of `tree.flatten`."""
    rest = iter(tensors)
    return tree.pack_as(nest, [next(rest) if isinstance(x, KerasTensor) else x for x in tree.flatten(nest)])
