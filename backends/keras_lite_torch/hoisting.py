"""What a loop's body computes in each turn from tensors that stay the same is computed once, before the first turn."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch.fx import Node

from keras_lite_torch.cleanup import is_constant, is_pure, storage_of, written_storages
from keras_lite_torch.program import Program
from keras_lite_torch.tracing import Recording

Tensor: TypeAlias = torch.Tensor


class Turns:
    """The program of a body, to be run again and again with the same last arguments: `start(fixed)(others)`."""

    def __init__(self, part: Recording, fixed: int, separate: range, private: int = 0):
        before = _split(part, fixed)
        self._before = None if before is None else Program(before).run
        self._run = Program(part, separate=separate, private=private).run

    def start(self, fixed: list[Tensor]) -> Callable[[list[Any]], list[Any]]:
        """A function for the turns."""
        run, rest = self._run, fixed if self._before is None else [*fixed, *self._before(fixed)]
        return lambda given: run([*given, *rest])


def _split(part: Recording, fixed: int) -> Recording | None:
    """Take out of `part` what depends on its last `fixed` arguments only; the results become further arguments of it."""
    given = [node for node in part.graph.nodes if node.op == "placeholder"]
    unchanging = _unchanging(part, given[len(given) - fixed:])
    needed = [node for node in unchanging if any(user not in unchanging for user in node.users)]
    if not needed:
        return None
    before = Recording(constants=part.constants)
    copies: dict[Node, Node] = {}
    for node in given[len(given) - fixed:]:
        copies[node] = before.graph.placeholder(node.name)
        copies[node].meta.update(node.meta)
    for node in unchanging:
        for x in (x for x in node.all_input_nodes if is_constant(x) and x not in copies):
            copies[x] = before.graph.node_copy(x)
        copies[node] = before.graph.node_copy(node, copies.__getitem__)
    before.graph.output([copies[node] for node in needed])
    _make_arguments(part, needed, given[-1])
    return before


def _unchanging(part: Recording, fixed: list[Node]) -> dict[Node, None]:
    written = written_storages(part.graph) - {None}
    known = {*fixed, *(node for node in part.graph.nodes if is_constant(node) and storage_of(node) not in written)}
    found: dict[Node, None] = {}
    for node in part.graph.nodes:
        is_simple = (is_pure(node) or node.target is operator.getitem) and storage_of(node) not in written
        if is_simple and node.all_input_nodes and all(x in known or x in found for x in node.all_input_nodes):
            found[node] = None
    return found


def _make_arguments(part: Recording, nodes: list[Node], last: Node) -> None:
    for node in nodes:
        with part.graph.inserting_after(last):
            last = part.graph.placeholder(node.name)
        last.meta.update(node.meta)
        node.replace_all_uses_with(last)
