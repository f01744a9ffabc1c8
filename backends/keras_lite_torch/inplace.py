"""Passes that let the calls of a recorded graph write into tensors that nobody needs any more.

An elementwise call can write its result into an argument which it is the last to read.  In the program of a step the old carry
is such a tensor too: most new values are computed right where the old ones were, and the rest are copied there at the end.
The carry is written to behind the last call that could fail, so that a step which fails leaves it as it was.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from typing import Any, TypeAlias

import torch
from torch.fx import Graph, Node

from keras_lite_torch.cleanup import argument, is_call, name_of, storage_of, written_positions, written_storages
from keras_lite_torch.tracing import Routine

Tensor: TypeAlias = torch.Tensor
aten = torch.ops.aten

_COPIES = {aten._to_copy.default, aten.clone.default}
_HIDDEN_VIEWS = {aten._unsafe_view.default}  # its schema does not tell that the result shares the input's storage


def reuse_buffers(graph: Graph, carried: int = 0) -> None:
    """Rewrite elementwise calls to write into dead tensors.

    With `carried`, the first so many inputs are a carry and the first outputs are its new values: the graph then leaves these in the
    tensors of the inputs and has only the other outputs.
    """
    places = [node for node in graph.nodes if node.op == "placeholder"][:carried]
    if places:
        _move_updates_to_the_end(graph)
    storages = _Storages(graph, places)
    for node in list(graph.nodes):
        if isinstance(node.target, Routine):
            _place_results(graph, node, storages)
        elif _list_twin(node) is not None:
            _update_lists(graph, node, storages)
        elif is_call(node) and torch.Tag.pointwise in node.target.tags and isinstance(node.meta.get("val"), torch.Tensor):
            _write_into_dead(node, storages)
    if places:
        _copy_the_rest(graph, places, storages)


def separate_results(graph: Graph, positions: range, private: int) -> None:
    """Make some outputs contiguous tensors of their own, or one of the first `private` inputs."""
    output = graph.output_node()
    own = {storage_of(node) for node in graph.nodes if _makes_storage(node)}
    own.update(storage_of(node) for node in [node for node in graph.nodes if node.op == "placeholder"][:private])
    results = list(output.args[0])
    for i in positions:
        x = results[i]
        if storage_of(x) not in own or not x.meta["val"].is_contiguous():
            with graph.inserting_before(output):
                results[i] = graph.call_function(aten.clone.default, (x,), {"memory_format": torch.contiguous_format})
            results[i].meta.update(val=x.meta["val"].contiguous(), storage=None)
        own.discard(storage_of(x))
    output.args = (results,)


class _Storages:
    """Which nodes share a storage, and who reads it last."""

    def __init__(self, graph: Graph, places: list[Node]):
        output = graph.output_node()
        self._position = {node: i for i, node in enumerate(graph.nodes)}
        self._merged: dict[int | None, int | None] = {}
        self._last_read = {storage_of(x): i for node, i in self._position.items() if node is not output for x in node.all_input_nodes}
        self._own = {storage_of(node) for node in self._position if _makes_storage(node)} - written_storages(graph)
        self._places = {storage_of(place): place for place in places}
        self._safe_from = max((i for node, i in self._position.items() if node is not output and not cannot_fail(node)), default=-1)
        self.results = {storage_of(x) for x in output.args[0]}
        self.place_of = dict(zip(output.args[0], places, strict=False)) if places else {}

    def of(self, node: Node) -> int | None:
        """The storage in which the result of `node` is."""
        storage = storage_of(node)
        while storage in self._merged:
            storage = self._merged[storage]
        return storage

    def is_place(self, node: Node) -> bool:
        """Whether `node` is in the storage of a carried input."""
        return self.of(node) in self._places

    def may_overwrite(self, node: Node, result: Node | None, x: Node) -> bool:
        """Whether the call `node` may put `result` (None: something that nobody reads) where `x` is."""
        storage, position = self.of(x), self._position[node]
        if storage is None or storage in self.results or self._last_read.get(storage, -1) > position:
            return False
        place = self._places.get(storage)
        if place is None:
            return storage in self._own
        strays = result is not None and self.of(result) in self.results and self.place_of.get(result) is not place
        return position > self._safe_from and not strays

    def may_place(self, node: Node, result: Node) -> bool:
        """Whether the routine called by `node` may put `result` into its place; if it fails it leaves all places as they were."""
        place = self.place_of.get(result)
        if place is None or storage_of(place) in self.results or not _same_layout(result, place):
            return False
        views = (x for x in node.all_input_nodes if x is not place and self.of(x) == storage_of(place))
        position = self._position[node]
        return self._last_read.get(storage_of(place), -1) <= position and position >= self._safe_from and not any(views)

    def put(self, result: Node, x: Node) -> None:
        """Note that `result` is now where `x` was."""
        old, storage = self.of(result), self.of(x)
        self._merged[old] = storage
        self._last_read[storage] = max(self._last_read.get(storage, -1), self._last_read.get(old, -1))
        if old in self.results:
            self.results.add(storage)


def _makes_storage(node: Node) -> bool:
    """Whether the result is in a storage of its own, and not in that of an input or of a captured tensor."""
    if node.target is operator.getitem:
        return _makes_storage(node.args[0])
    if isinstance(node.target, Routine):
        return True
    return is_call(node) and node.target not in _HIDDEN_VIEWS and all(result.alias_info is None for result in node.target._schema.returns)


def _write_into_dead(node: Node, storages: _Storages) -> None:
    for x in filter(None, (storages.place_of.get(node), *node.all_input_nodes)):
        if not _same_layout(node, x) or not storages.may_overwrite(node, node, x):
            continue
        if not all(_same_layout(used, x) for used in node.all_input_nodes if storages.of(used) == storages.of(x)):
            continue
        out = _out_overload(node.target)
        if out is not None:
            node.target = out
            node.kwargs = {**node.kwargs, out._schema.arguments[written_positions(out)[0]].name: x}
        elif node.args[0] is x and _in_place(node.target) is not None:
            node.target = _in_place(node.target)
        else:
            continue
        storages.put(node, x)
        return


def _same_layout(node: Node, other: Node) -> bool:
    """Whether the tensors of two nodes fill the same bytes of a storage that they share."""
    x, y = node.meta.get("val"), other.meta.get("val")
    if not isinstance(x, torch.Tensor) or not isinstance(y, torch.Tensor):
        return False
    return (x.shape, x.stride(), x.dtype, x.device, x.storage_offset()) == (y.shape, y.stride(), y.dtype, y.device, y.storage_offset())


@functools.cache
def _out_overload(target: torch._ops.OpOverload) -> torch._ops.OpOverload | None:
    """The overload of an operator that computes the same into a tensor given by name, if it has a kernel for that."""
    wanted = [(p.name, str(p.type)) for p in target._schema.arguments]
    for name in target.overloadpacket.overloads():
        overload = getattr(target.overloadpacket, name)
        written = written_positions(overload)
        rest = [(p.name, str(p.type)) for i, p in enumerate(overload._schema.arguments) if i not in written]
        if len(written) == 1 and overload._schema.arguments[written[0]].kwarg_only and rest == wanted and _has_kernel(overload):
            return overload
    return None


@functools.cache
def _in_place(target: torch._ops.OpOverload) -> torch._ops.OpOverload | None:
    """The overload that computes the same into its first argument, if it has a kernel."""
    overload = getattr(getattr(aten, f"{name_of(target)}_", None), target._overloadname, None)
    return overload if overload is not None and _has_kernel(overload) else None


def _has_kernel(overload: torch._ops.OpOverload) -> bool:
    """Whether there is a kernel of its own, not one that computes elsewhere and copies."""
    return torch._C._dispatch_has_kernel_for_dispatch_key(overload.name(), "CPU")


def _update_lists(graph: Graph, node: Node, storages: _Storages) -> None:
    """Turn a call on lists of tensors into the one in place, if all that it would write to is dead."""
    twin = _list_twin(node)
    positions = written_positions(twin)
    lists = {k: argument(node, position) for k, position in enumerate(positions) if not _is_only_read(node, position)}
    results = _list_results(node)
    pairs = [(x, results.get((k, i))) for k, items in lists.items() for i, x in enumerate(items)]
    written = {storages.of(x): x for x, _ in pairs}
    if len(written) < len(pairs) or not all(storages.may_overwrite(node, result, x) for x, result in pairs):
        return
    reads = _other_reads(node, list(lists.values()))
    if any(written.get(storages.of(y), y) is not lists[0][i] for i, y in reads if storages.of(y) in written):
        return
    node.target = twin
    for x, result in pairs:
        if result is not None:
            storages.put(result, x)
            if result in storages.place_of:
                storages.place_of[x] = storages.place_of.pop(result)
            result.replace_all_uses_with(x)
    for user in list(node.users):
        for item in list(user.users):
            if item.target is operator.getitem and not item.users:
                graph.erase_node(item)
        graph.erase_node(user)


def _is_only_read(node: Node, position: int) -> bool:
    """Whether a call in place leaves an argument alone that its schema says is written to: fused updates change gradients to take a
    scale off them, where one is given."""
    schema = node.target._schema
    is_gradient = name_of(node.target).startswith("_fused_") and schema.arguments[position].name == "grads"
    return is_gradient and node.kwargs.get("grad_scale") is None


def _place_results(graph: Graph, node: Node, storages: _Storages) -> None:
    """Let a routine put those results into their places that can go there."""
    found = {item.args[1]: item for item in node.users if storages.may_place(node, item)}
    twin = node.target.placed({i: _index(node.args[0], storages.place_of[item]) for i, item in found.items()}) if found else None
    if twin is None:
        return
    node.target, node.args = twin, (*node.args, [storages.place_of[item] for item in found.values()])
    for item in found.values():
        place = storages.place_of.pop(item)
        storages.put(item, place)
        storages.place_of[place] = place
        item.replace_all_uses_with(place)
        graph.erase_node(item)


def _index(nodes: Any, x: Node) -> int | None:
    return next((i for i, y in enumerate(nodes) if y is x), None)


def _other_reads(node: Node, lists: list[Any]) -> Iterator[tuple[int, Node]]:
    """(position in its list, tensor) of the arguments of a call on lists beside those that it writes to."""
    for items in (*node.args, *node.kwargs.values()):
        if isinstance(items, (list, tuple)) and not any(items is written for written in lists):
            yield from ((i, y) for i, y in enumerate(items) if isinstance(y, Node))
        elif isinstance(items, Node):
            yield -1, items


def _list_results(node: Node) -> dict[tuple[int, int], Node]:
    """The nodes that take single tensors out of the results of a call on lists, by number of the list and place in it."""
    if len(node.target._schema.returns) == 1:
        return {(0, item.args[1]): item for item in node.users}
    return {(items.args[1], item.args[1]): item for items in node.users for item in items.users}


def _list_twin(node: Node) -> torch._ops.OpOverload | None:
    """The overload that does in place what a call on lists of tensors (fused and foreach updates) does, if there is one."""
    if not is_call(node) or node.target._schema.is_mutable or not name_of(node.target).startswith(("_fused_", "_foreach_")):
        return None
    return getattr(getattr(aten, f"{name_of(node.target)}_", None), node.target._overloadname, None)


def _move_updates_to_the_end(graph: Graph) -> None:
    """Put the elementwise calls that nothing else depends on behind all others."""
    written = written_storages(graph)
    early: set[Node] = set()
    for node in reversed(graph.nodes):
        touches_written = any(storage_of(x) in written for x in (node, *node.all_input_nodes) if storage_of(x) is not None)
        if node.op != "output" and (node in early or touches_written or not cannot_fail(node)):
            early.update((node, *node.all_input_nodes))
    output = graph.output_node()
    for node in list(graph.nodes):
        if node.op == "call_function" and node not in early:
            output.prepend(node)


def cannot_fail(node: Node) -> bool:
    """Whether the values of its arguments can't make the call fail; it is quick, too."""
    if isinstance(node.target, Routine):
        return node.target.cannot_fail
    if node.op != "call_function" or node.target is operator.getitem:
        return True
    if not is_call(node):
        return False
    is_view = any(result.alias_info is not None for result in node.target._schema.returns)
    return torch.Tag.pointwise in node.target.tags or is_view or node.target in _COPIES or _list_twin(node) is not None


def _copy_the_rest(graph: Graph, places: list[Node], storages: _Storages) -> None:
    """Copy the new values to their places that are not there yet; what they come from may be a place itself."""
    output = graph.output_node()
    new = list(zip(places, output.args[0], strict=False))
    missing = [(p, v) for p, v in new if v is not p and not (storages.of(v) == storages.of(p) and _same_layout(v, p))]
    with graph.inserting_before(output):
        values = [graph.call_function(aten.clone.default, (v,)) if storages.is_place(v) else v for _, v in missing]
        for (place, _), value in zip(missing, values, strict=True):
            graph.call_function(aten.copy_.default, (place, value))
    output.args = (list(output.args[0][len(places):]),)
