"""A recorded graph as a program: cleaned up, then written out as straight-line Python.

Calls in the program go to torch's own Python bindings where there are any (half the cost of `torch.ops`), results are dropped
when they are dead, and no autograd bookkeeping takes place.
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch.fx import Node

from keras_lite_torch.cleanup import clean_up, is_constant, name_of
from keras_lite_torch.inplace import reuse_buffers, separate_results
from keras_lite_torch.tracing import Recording, Routine

Tensor: TypeAlias = torch.Tensor


def words(text: str) -> frozenset[str]:
    """The words of a text: many names without as many quotes."""
    return frozenset(text.split())


# Functions and methods whose parameters are those of the ATen overloads of that name.
_FUNCTIONS = words("""
    add sub mul div rsub neg abs sign exp expm1 log log1p sqrt rsqrt reciprocal square pow sin cos tan tanh sigmoid erf floor ceil round
    relu maximum minimum clamp clamp_min clamp_max where eq ne lt le gt ge isnan isfinite addcmul addcdiv lerp masked_fill
    logical_and logical_or logical_not bitwise_and bitwise_or bitwise_xor bitwise_not remainder atan2
    mm bmm addmm baddbmm sum mean amax amin argmax argmin any all cumsum prod var_mean
    t transpose permute squeeze unsqueeze select narrow cat stack flip clone
    index_select gather embedding index_add scatter_add index_put _softmax _log_softmax
    convolution constant_pad_nd native_layer_norm native_batch_norm""")
_NN_FUNCTIONS = words("max_pool2d_with_indices avg_pool2d avg_pool3d gelu silu leaky_relu")
_METHODS = words("view expand relu_ copy_ add_ sub_ mul_ div_ index_copy_ index_put_ fill_ zero_")

OWN_OPERATORS: dict[str, Callable[..., Any]] = {}  # the engine's own operators as Python functions, which a program calls directly
_numbers = itertools.count()


class Program:
    """A graph that can be called with a list of tensors and returns the list of its results.

    If the first tensors are `carried`, it returns nothing: they get the results as their new values.  The first `separate` results are
    contiguous tensors of their own, which share no memory with each other nor with arguments; the first `private` arguments may be
    returned as they are.
    """

    def __init__(self, recording: Recording, carried: int = 0, separate: int = 0, private: int = 0):
        clean_up(recording)
        separate_results(recording.graph, separate, private)
        reuse_buffers(recording.graph, carried)
        self.source, self.run = _write(recording)

    def __call__(self, tensors: list[Tensor]) -> list[Tensor]:
        with torch._C._AutoDispatchBelowADInplaceOrView():
            return self.run(tensors)


class _Names:
    """Python names for nodes and for the objects that the program refers to."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}
        self._of_node: dict[Node, str] = {}
        self._of_object: dict[int, str] = {}

    def node(self, node: Node) -> str:
        return self._of_node.setdefault(node, f"t{len(self._of_node)}")

    def object(self, x: Any, hint: str) -> str:
        name = self._of_object.get(id(x))
        if name is None:
            name = self._of_object[id(x)] = f"{hint}_{len(self.objects)}"
            self.objects[name] = x
        return name

    def value(self, x: Any) -> str:
        """An argument of a call as source text."""
        if isinstance(x, Node):
            return self.node(x)
        if isinstance(x, (list, tuple)):
            return f"[{', '.join(map(self.value, x))}]"
        if x is None or isinstance(x, (bool, int, str)) or (isinstance(x, float) and x - x == 0):
            return repr(x)
        return self.object(x, "constant")


def _write(recording: Recording) -> tuple[str, Callable[[list[Tensor]], list[Tensor]]]:
    """Source text of the graph, and the function compiled from it."""
    nodes = list(recording.graph.nodes)
    names = _Names()
    last_use = {used: node for node in nodes for used in node.all_input_nodes}
    inputs = [names.node(node) for node in nodes if node.op == "placeholder"]
    lines = ["def program(tensors):", f"    [{', '.join(inputs)}] = tensors", "    del tensors"]
    for node in nodes:
        if node.op == "get_attr":
            names.objects[names.node(node)] = recording.constants[node.target]
        elif node.op == "call_function":
            lines.append(f"    {names.node(node)} = {_call(node, names)}")
            dead = [names.node(used) for used in node.all_input_nodes if last_use[used] is node and used.op != "get_attr"]
            if not node.users:
                dead.append(names.node(node))
            if dead:
                lines.append(f"    del {', '.join(dead)}")
        elif node.op == "output":
            results = (f"{names.node(x)}.clone()" if is_constant(x) else names.node(x) for x in node.args[0])
            lines.append(f"    return [{', '.join(results)}]")
    source = "\n".join(lines)
    return source, _compiled(source, names.objects)


def _call(node: Node, names: _Names) -> str:
    arguments = [names.value(x) for x in node.args] + [f"{key}={names.value(x)}" for key, x in node.kwargs.items()]
    if isinstance(node.target, Routine):
        return f"{names.object(node.target, node.target.__name__)}({', '.join(arguments)})"
    if not isinstance(node.target, torch._ops.OpOverload):  # operator.getitem on a tuple of results
        return f"{arguments[0]}[{arguments[1]}]"
    if node.target is torch.ops.aten._to_copy.default and list(node.kwargs) == ["dtype"] and _changes_dtype(node):
        return f"{arguments[0]}.to({names.value(node.kwargs['dtype'])})"
    return f"{names.object(_binding(node.target), name_of(node.target))}({', '.join(arguments)})"


def _changes_dtype(node: Node) -> bool:
    argument = node.args[0].meta.get("val")
    return isinstance(argument, torch.Tensor) and argument.dtype != node.kwargs["dtype"]


def _binding(target: torch._ops.OpOverload) -> Callable[..., Any]:
    """The quickest callable for an ATen overload."""
    name = name_of(target)
    if target.namespace == "keras_lite":
        return OWN_OPERATORS[name]
    if target.namespace != "aten":
        return target._op
    if name in _FUNCTIONS:
        return getattr(torch._C._VariableFunctions, name)
    if name in _NN_FUNCTIONS:
        return getattr(torch._C._nn, name)
    if name in _METHODS:
        return getattr(torch._C.TensorBase, name)
    return target._op


def _compiled(source: str, objects: dict[str, Any]) -> Callable[[list[Tensor]], list[Tensor]]:
    filename = f"<torch program {next(_numbers)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)  # for tracebacks
    scope = dict(objects)
    exec(compile(source, filename, "exec"), scope)
    return scope["program"]

