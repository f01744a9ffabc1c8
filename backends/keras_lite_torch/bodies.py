"""Bodies of loops and branches as programs of their own inside a recorded program.

A body is recorded once, in a frame inside the one being recorded.  If it is to be differentiated, its gradient is recorded in the
same frame right behind it, and the whole is cut in two: the forward program also returns what the backward one reads of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch.fx import Graph, Node
from torch.utils._python_dispatch import _disable_current_modes

from keras_lite_torch.cleanup import clean_up, is_call, is_constant, storage_of, written_arguments, written_storages
from keras_lite_torch.program import Program
from keras_lite_torch.tracing import Frame, Inseparable, Locally, Recorder, Recording, unrecorded

Tensor: TypeAlias = torch.Tensor


@dataclass
class Like:
    """An argument of a body: a fresh tensor like `x`."""

    x: Tensor
    private: bool = False  # whether it is the loop's own: contiguous, and nobody else reads or writes it
    differentiated: bool = False


@dataclass
class Backward:
    """The gradient of a body: `run([*saved, *inputs, *captured, *cotangents])` gives those by inputs and then those by captured tensors.

    The lists are positions: of the results with a derivative, whose cotangents it wants; of the inputs and captured tensors that it
    reads; and of those by which it differentiates.
    """

    run: Callable[[list[Any]], list[Tensor]]
    results: list[int]
    inputs: list[int]
    captured: list[int]
    by_inputs: list[int]
    by_captured: list[int]


@dataclass
class Body:
    """`run([*inputs, *captured])` gives the results and then what is saved for `backward`."""

    inputs: int
    run: Callable[[list[Any]], list[Any]]
    results: list[Tensor]  # fake ones
    captured: list[Tensor]  # tensors of the frame around
    backward: Backward | None


def fresh(like: Tensor, contiguous: bool = True) -> Tensor:
    """A fake tensor like another, unknown to the recording around."""
    with unrecorded():
        if contiguous:
            return torch.empty(like.shape, dtype=like.dtype, device=like.device)
        return torch.empty_strided(like.shape, like.stride(), dtype=like.dtype, device=like.device)


def record_body(recorder: Recorder, fn: Callable[..., list[Tensor]], likes: list[Like], separate: int | None = None) -> Body:
    """`fn(*tensors)` as programs, with a backward one if anything that it reads is being differentiated.

    Private inputs stand first.  The first `separate` results and as many gradients (None: all) are new contiguous tensors, or private
    inputs as they are.
    """
    differentiated = torch.is_grad_enabled()
    frame = Frame(recorder.frame, differentiated)
    tensors = [fresh(like.x, like.private).requires_grad_(differentiated and like.differentiated) for like in likes]
    with recorder.inside(frame), Locally(recorder):
        inputs = [frame.node(frame.input(x)) for x in tensors]
        results = [frame.local(x) for x in fn(*tensors)]
        outputs = [frame.node(x) for x in results]
        derived = [i for i, x in enumerate(results) if x.requires_grad]
        gradients: list[tuple[Node, Node]] = []
        cotangents: list[Node] = []
        if derived and (frame.leaves or any(like.x.requires_grad for like in likes)):
            given = [frame.input(fresh(results[i])) for i in derived]
            gradients = _gradients(frame, [results[i] for i in derived], [*tensors, *frame.leaves.values()], given)
            cotangents = [frame.node(x) for x in given]
    with _disable_current_modes():
        joint = _Joint(frame, inputs, outputs, cotangents, gradients)
        private = sum(like.private for like in likes)
        saved, backward = joint.backward(private, derived, separate)
        forward = Program(joint.forward(saved), separate=len(results) if separate is None else separate, private=private)
    return Body(len(likes), forward.run, [fresh(x) for x in results], joint.captured, backward)


def _gradients(frame: Frame, results: list[Tensor], by: list[Tensor], cotangents: list[Tensor]) -> list[tuple[Node, Node]]:
    """(node, node of its gradient) of the tensors that matter."""
    leaves = [x for x in by if x.requires_grad]
    found = torch.autograd.grad(results, leaves, cotangents, allow_unused=True)
    return [(frame.node(x), frame.node(gradient)) for x, gradient in zip(leaves, found, strict=True) if gradient is not None]


class _Joint:
    """The cleaned graph of a body and its gradient, to be cut in two."""

    def __init__(self, frame: Frame, inputs: list[Node], outputs: list[Node], cotangents: list[Node], gradients: list[tuple[Node, Node]]):
        self._recording = frame.recording
        graph = frame.recording.graph
        graph.output([*outputs, *(gradient for _, gradient in gradients)])
        clean_up(frame.recording)
        results = list(graph.output_node().args[0])
        self._inputs, self._cotangents = inputs, cotangents
        self._outputs, self._gradients = results[:len(outputs)], results[len(outputs):]
        self._leaves = [leaf for leaf, _ in gradients]
        used = [(x, node) for x, node in frame.captured if node.users]
        self.captured = [x for x, _ in used]
        self._captured = [node for _, node in used]
        calls = [node for node in graph.nodes if node.op not in ("placeholder", "output")]
        order = {node: i for i, node in enumerate(graph.nodes)}
        cut = order[cotangents[0]] if cotangents else len(order)
        self._forward = [node for node in calls if order[node] < cut]
        self._backward = [node for node in calls if order[node] > cut]
        self._check_writes(graph)

    def _check_writes(self, graph: Graph) -> None:
        """Only the part that makes a tensor may write to it."""
        foreign = {storage_of(node) for node in graph.nodes if node.op == "placeholder" or is_constant(node)}
        made = {storage_of(node) for node in self._forward} - {None}
        late = {storage_of(x) for node in self._backward if is_call(node) for x in written_arguments(node)}
        if written_storages(graph) & foreign - {None} or late & made:
            raise Inseparable("the body of a loop or a branch writes to a tensor that it did not make")

    def forward(self, saved: list[Node]) -> Recording:
        """The part that gives the results and what is to be saved."""
        return self._part([*self._inputs, *self._captured], self._forward, [*self._outputs, *saved])

    def backward(self, private: int, derived: list[int], separate: int | None) -> tuple[list[Node], Backward | None]:
        """What the gradient's part reads of the other one, and its program."""
        if not self._gradients:
            return [], None
        saved, copied = self._read_by_backward(self._inputs[private:])
        inputs, captured = ([i for i, node in enumerate(nodes) if node in copied] for nodes in (self._inputs, self._captured))
        by_inputs, by_captured = ([nodes.index(leaf) for leaf in self._leaves if leaf in nodes] for nodes in (self._inputs, self._captured))
        arguments = [*saved, *(self._inputs[i] for i in inputs), *(self._captured[i] for i in captured), *self._cotangents]
        calls = [node for node in [*self._forward, *self._backward] if node in copied]
        part = self._part(arguments, calls, self._gradients)
        count = len(self._gradients) if separate is None else sum(i < separate for i in by_inputs)
        return saved, Backward(Program(part, separate=count).run, derived, inputs, captured, by_inputs, by_captured)

    def _read_by_backward(self, shared: list[Node]) -> tuple[list[Node], set[Node]]:
        """What the gradient's part wants saved, and the nodes that belong to it.

        Views of tensors that the caller has anyway, the `shared` inputs and captured ones, are made again: what is saved has memory of
        its own.
        """
        available = {*shared, *self._captured}
        lasting = {storage_of(node) for node in available} - {None}
        saved: dict[Node, None] = {}
        copied: set[Node] = set()
        pending = [*self._gradients, *(node for node in self._backward if is_call(node) and node.target._schema.is_mutable)]
        late = {*self._backward, *self._cotangents}
        while pending:
            node = pending.pop()
            if node in copied or node in saved:
                continue
            is_list = isinstance(node.meta["val"], (list, tuple))
            if node in late or node in available or is_constant(node) or is_list or storage_of(node) in lasting:
                copied.add(node)
                pending += node.all_input_nodes
            else:
                saved[node] = None
        return list(saved), copied

    def _part(self, arguments: list[Node], calls: Iterable[Node], results: list[Node]) -> Recording:
        part = Recording(constants=self._recording.constants)
        copies: dict[Node, Node] = {}
        for node in arguments:
            copies[node] = part.graph.placeholder(node.name)
            copies[node].meta.update(node.meta)
        for node in calls:
            copies[node] = part.graph.node_copy(node, copies.__getitem__)
        part.graph.output([copies[node] for node in results])
        return part
