"""Passes over a recorded graph that leave out what need not run: no-ops, constants, repetitions, dead calls."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, TypeAlias

import torch
from torch.fx import Node

from keras_lite_torch.tracing import Recording

Tensor: TypeAlias = torch.Tensor
aten = torch.ops.aten

_SAME = {aten.detach.default, aten.alias.default, aten.lift_fresh.default}
_IF_UNCHANGED = {aten.view.default, aten.expand.default, aten._unsafe_view.default, aten.reshape.default}
_FILLERS = {aten.zeros_like.default: 0, aten.new_zeros.default: 0, aten.ones_like.default: 1, aten.new_ones.default: 1,
            aten.full_like.default: None, aten.new_full.default: None}  # None: the value is the last argument
_LARGEST_CONSTANT = 1 << 22  # bytes


def clean_up(recording: Recording) -> None:
    """Simplify the graph in place; what it computes stays the same, bit for bit."""
    graph = recording.graph
    for node in graph.nodes:
        value = node.meta.get("val")
        if "storage" not in node.meta:  # a part of a graph that was cleaned before has it: calls left out there tell of no storage here
            node.meta["storage"] = value.untyped_storage()._cdata if isinstance(value, torch.Tensor) else None
    written = written_storages(graph)
    _fold_constants(recording, written)
    _skip_no_ops(graph)
    _share_repeated(graph, written)
    _drop_dead(graph)


def storage_of(node: Node) -> int | None:
    """Identity of the storage of the node's tensor, if it has one: nodes with the same one are views of each other."""
    return node.meta.get("storage")


def is_call(node: Node) -> bool:
    """Whether the node calls an ATen overload."""
    return node.op == "call_function" and isinstance(node.target, torch._ops.OpOverload)


def name_of(target: torch._ops.OpOverload) -> str:
    """The name of an operator, without its namespace and overload."""
    return target._schema.name.rpartition("::")[2]


def is_constant(node: Node) -> bool:
    """Whether the node is a tensor kept with the program."""
    return node.op == "get_attr"


def written_storages(graph: torch.fx.Graph) -> set[int | None]:
    """Storages that some call of the graph changes in place."""
    return {storage_of(x) for node in graph.nodes if is_call(node) for x in written_arguments(node)}


def written_arguments(node: Node) -> Iterable[Node]:
    """Arguments that the call changes in place."""
    for position in written_positions(node.target):
        x = argument(node, position)
        yield from (n for n in (x if isinstance(x, (list, tuple)) else [x]) if isinstance(n, Node))


def written_positions(target: torch._ops.OpOverload) -> list[int]:
    """Positions of the parameters that an overload changes in place."""
    return [i for i, p in enumerate(target._schema.arguments) if p.alias_info is not None and p.alias_info.is_write]


def argument(node: Node, position: int) -> Any:
    """The argument for the parameter at `position`, None if it is not given."""
    return node.args[position] if position < len(node.args) else node.kwargs.get(node.target._schema.arguments[position].name)


def _skip_no_ops(graph: torch.fx.Graph) -> None:
    for node in list(graph.nodes):
        if is_call(node) and (node.target in _SAME or (node.target in _IF_UNCHANGED and _same_layout(node, node.args[0]))):
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)


def _same_layout(node: Node, other: Node) -> bool:
    x, y = node.meta["val"], other.meta.get("val")
    return isinstance(y, torch.Tensor) and x.shape == y.shape and x.stride() == y.stride() and x.dtype == y.dtype


def _is_pure(node: Node) -> bool:
    """Whether the call gives the same result whenever it is made with the same arguments, and does nothing else."""
    return is_call(node) and not node.target._schema.is_mutable and torch.Tag.nondeterministic_seeded not in node.target.tags


def _fold_constants(recording: Recording, written: set[int | None]) -> None:
    """Compute once what depends on no input; a tensor that the recorded function captured is none: it may change."""
    known: dict[Node, Tensor] = {}
    for node in list(recording.graph.nodes):
        if node.target is aten.lift_fresh.default and storage_of(node) in written:
            node.target = aten.clone.default  # a new tensor at every call, for it is changed in place
        elif _is_pure(node) and isinstance(node.meta.get("val"), torch.Tensor) and storage_of(node) not in written:
            value = _constant_value(recording, node, known)
            if value is not None:
                known[node] = value
    for node, value in known.items():
        if all(user in known for user in node.users):
            continue
        with recording.graph.inserting_before(node):
            constant = recording.constant(value)
        constant.meta.update(val=value, storage=storage_of(node))
        node.replace_all_uses_with(constant)


def _constant_value(recording: Recording, node: Node, known: dict[Node, Tensor]) -> Tensor | None:
    like = node.meta["val"]
    if node.target is aten.lift_fresh.default and is_constant(node.args[0]):
        return recording.constants[node.args[0].target]
    if like.untyped_storage().nbytes() > _LARGEST_CONSTANT:
        return None
    if node.target in _FILLERS:
        filler = _FILLERS[node.target]
        result = torch.empty_strided(like.shape, like.stride(), dtype=like.dtype, device=like.device)
        return result.fill_(node.args[-1] if filler is None else filler)
    if any(x not in known for x in node.all_input_nodes):
        return None
    args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), known.__getitem__)
    with torch.no_grad():
        return node.target(*args, **kwargs)


def _share_repeated(graph: torch.fx.Graph, written: set[int | None]) -> None:
    first: dict[Any, Node] = {}
    shared: dict[int | None, int | None] = {}  # storages of calls that are left out, with those that take their place

    def final(storage: int | None) -> int | None:
        while storage in shared:
            storage = shared[storage]
        return storage

    for node in list(graph.nodes):
        involved = (storage_of(x) for x in (node, *node.all_input_nodes))
        if not (_is_pure(node) or node.target is operator.getitem) or any(s in written for s in involved if s is not None):
            continue
        same = first.setdefault((node.target, _key(node.args), _key(node.kwargs)), node)
        if same is not node:
            old, new = final(storage_of(node)), final(storage_of(same))
            if old != new:  # a view of the call that stays may have come behind one of the call that goes
                shared[old] = new
            node.replace_all_uses_with(same)
            graph.erase_node(node)
    for node in graph.nodes:
        node.meta["storage"] = final(node.meta["storage"])


def _key(x: Any) -> Any:
    """A hashable stand-in for arguments, in which 1, 1.0 and True differ."""
    if isinstance(x, (list, tuple)):
        return tuple(map(_key, x))
    if isinstance(x, dict):
        return tuple((name, _key(value)) for name, value in x.items())
    return x if isinstance(x, Node) else (type(x), repr(x))


def _drop_dead(graph: torch.fx.Graph) -> None:
    for node in reversed(list(graph.nodes)):
        if node.users or node.op in ("placeholder", "output") or (is_call(node) and node.target._schema.is_mutable):
            continue
        graph.erase_node(node)
