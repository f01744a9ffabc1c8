"""The pass that makes a step's program store the new carry in the tensors of the old one.

A result is computed right into its place where nothing reads the old value any more; the rest is copied there at the end.
All writes are moved behind the last call that could fail, so that a step which fails leaves the carry as it was.
"""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch.fx import Graph, Node

from keras_lite_torch.cleanup import argument, is_call, name_of, storage_of, written_positions, written_storages
from keras_lite_torch.program import words

Tensor = torch.Tensor
aten = torch.ops.aten

# Elementwise functions whose Python binding takes `out`.
_WITH_OUT = words("""
    add sub mul div neg abs sign exp expm1 log log1p sqrt rsqrt reciprocal square pow sin cos tan tanh sigmoid floor ceil round
    maximum minimum clamp clamp_min clamp_max where eq ne lt le gt ge addcmul addcdiv lerp remainder atan2
    logical_and logical_or logical_not bitwise_and bitwise_or bitwise_xor bitwise_not""")


def write_back(graph: Graph, count: int) -> None:
    """Rewrite `graph`, whose first `count` inputs are the carry and whose outputs are the new one, to have no outputs."""
    places = [node for node in graph.nodes if node.op == "placeholder"][:count]
    _move_updates_to_the_end(graph)
    for node in list(graph.nodes):
        if _list_twin(node) is not None:
            _update_lists_in_place(graph, node, places)
    output = graph.output_node()
    readers = _Readers(graph)
    copied = []
    for place, value in zip(places, output.args[0], strict=True):
        if value is place:
            continue
        if _takes_out(value, place) and readers.allow_writing(value, place):
            value.kwargs = {**value.kwargs, "out": place}
        else:
            copied.append((place, value))
    _copy_at_the_end(graph, places, copied)


def _copy_at_the_end(graph: Graph, places: list[Node], copied: list[tuple[Node, Node]]) -> None:
    output = graph.output_node()
    held = {storage_of(place) for place in places}
    with graph.inserting_before(output):
        values = [graph.call_function(aten.clone.default, (value,)) if storage_of(value) in held else value for _, value in copied]
        for (place, _), value in zip(copied, values, strict=True):
            graph.call_function(aten.copy_.default, (place, value))
    output.args = ([],)


def _move_updates_to_the_end(graph: Graph) -> None:
    """Put the elementwise calls that nothing else depends on behind all others."""
    written = written_storages(graph)
    early: set[Node] = set()
    for node in reversed(graph.nodes):
        touches_written = any(storage_of(x) in written for x in (node, *node.all_input_nodes) if storage_of(x) is not None)
        if node.op != "output" and (node in early or touches_written or not _cannot_fail(node)):
            early.update((node, *node.all_input_nodes))
    output = graph.output_node()
    for node in list(graph.nodes):
        if node.op == "call_function" and node not in early:
            output.prepend(node)


def _cannot_fail(node: Node) -> bool:
    """Whether the values of its arguments can't make the call fail; it is quick, too."""
    if node.op != "call_function" or node.target is operator.getitem:
        return True
    if not is_call(node):
        return False
    is_view = any(result.alias_info is not None for result in node.target._schema.returns)
    return torch.Tag.pointwise in node.target.tags or is_view or _list_twin(node) is not None


class _Readers:
    """Who reads which storage, in order of the calls."""

    def __init__(self, graph: Graph):
        output = graph.output_node()
        self._order = {node: i for i, node in enumerate(graph.nodes)}
        self._last = {storage_of(x): self._order[node] for node in graph.nodes if node is not output for x in node.all_input_nodes}
        self._results = {storage_of(x) for x in output.args[0]}
        self._last_failing = max((i for node, i in self._order.items() if node is not output and not _cannot_fail(node)), default=-1)

    def allow_writing(self, node: Node, place: Node) -> bool:
        """Whether `node` may overwrite `place`: no later call, and no result, needs its old value, and none can fail."""
        storage, position = storage_of(place), self._order[node]
        return position > self._last_failing and self._last.get(storage, -1) <= position and storage not in self._results


def _takes_out(value: Node, place: Node) -> bool:
    """Whether the call can compute its result right in `place`."""
    if not is_call(value) or torch.Tag.pointwise not in value.target.tags or "out" in value.kwargs:
        return False
    x, y = value.meta["val"], place.meta["val"]
    reads = [used for used in value.all_input_nodes if storage_of(used) == storage_of(place)]
    return (name_of(value.target) in _WITH_OUT and x.stride() == y.stride()
            and all(used is place for used in reads))


def _list_twin(node: Node) -> Any:
    """The overload that does in place what a call on lists of tensors (fused and foreach updates) does, if there is one."""
    if not is_call(node) or not name_of(node.target).startswith(("_fused_", "_foreach_")):
        return None
    packet = getattr(aten, f"{name_of(node.target)}_", None)
    return None if node.target._schema.is_mutable else getattr(packet, node.target._overloadname, None)


def _update_lists_in_place(graph: Graph, node: Node, places: list[Node]) -> None:
    """Turn a call on lists into its twin if all that it would write to is either its own place or dead."""
    twin = _list_twin(node)
    lists = [argument(node, position) for position in written_positions(twin)]
    results = _list_results(node, single=len(node.target._schema.returns) == 1)
    readers, output = _Readers(graph), graph.output_node()
    new = dict(zip(places, output.args[0], strict=True))
    held = {storage_of(x) for x in graph.nodes if x.op in ("placeholder", "get_attr")}
    storages = [storage_of(x) for items in lists for x in items]
    if len(set(storages)) < len(storages):
        return
    for k, items in enumerate(lists):
        for i, x in enumerate(items):
            result = results.get((k, i))
            in_place = x in new and result is not None and new[x] is result
            dead = storage_of(x) not in held and (result is None or not result.users)
            if not (in_place or dead) or not readers.allow_writing(node, x):
                return
    node.target = twin
    for (k, i), result in results.items():
        result.replace_all_uses_with(lists[k][i])
    for user in list(node.users):
        for result in list(user.users):
            graph.erase_node(result)
        graph.erase_node(user)


def _list_results(node: Node, single: bool) -> dict[tuple[int, int], Node]:
    """The nodes that take single tensors out of the results of a call on lists, by number of the list and place in it."""
    if single:
        return {(0, item.args[1]): item for item in node.users}
    return {(items.args[1], item.args[1]): item for items in node.users for item in items.users}
