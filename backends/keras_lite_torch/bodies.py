"""Bodies of loops and branches as programs of their own inside a recorded program.

A body is recorded once, in a frame inside the one being recorded.  If it is to be differentiated, its gradient is recorded in the
same frame right behind it, and the whole is cut in two: the forward program also returns what the backward one reads of it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch.fx import Graph, Node
from torch.utils._python_dispatch import _disable_current_modes

from keras_lite_torch.cleanup import clean_up, is_call, is_constant, storage_of, written_arguments, written_storages
from keras_lite_torch.hoisting import Turns
from keras_lite_torch.inplace import cannot_fail
from keras_lite_torch.program import Program
from keras_lite_torch.tracing import Frame, Inseparable, Locally, Recorder, Recording, unrecorded

Tensor: TypeAlias = torch.Tensor


@dataclass
class Like:
    """An argument of a body: a fresh tensor like `x`, which is differentiated if `x` is."""

    x: Tensor
    private: bool = False  # the loop's own, contiguous, which nobody else reads or writes; a turn may make it one that is differentiated


def is_smooth(x: Tensor) -> bool:
    """Whether the dtype has derivatives."""
    return x.is_floating_point() or x.is_complex()


def own(x: Tensor) -> Tensor:
    """A contiguous copy."""
    return x.clone(memory_format=torch.contiguous_format)


def fresh(like: Tensor, contiguous: bool = True) -> Tensor:
    """A fake tensor like another, unknown to the recording around."""
    with unrecorded():
        if contiguous:
            return torch.empty(like.shape, dtype=like.dtype, device=like.device)
        return torch.empty_strided(like.shape, like.stride(), dtype=like.dtype, device=like.device)


class Body:
    """`fn(*tensors)`, recorded; with its gradient if anything that it reads is being differentiated.

    Private inputs stand first.  The first `separate` results (None: all) are new contiguous tensors, or private inputs as they are; so
    are as many gradients.
    """

    def __init__(self, active: Recorder, fn: Callable[..., list[Tensor]], likes: list[Like], separate: int | None = None):
        frame = Frame(active.frame, differentiated=torch.is_grad_enabled())
        tensors = [fresh(like.x, like.private) for like in likes]
        for x, like in zip(tensors, likes, strict=True):
            x.requires_grad_(torch.is_grad_enabled() and (like.x.requires_grad or (like.private and is_smooth(x))))
        with active.inside(frame), Locally(active):
            inputs = [frame.node(frame.input(x)) for x in tensors]
            results = [frame.local(x) for x in fn(*tensors)]
            outputs = [frame.node(x) for x in results]
            derived = [i for i, x in enumerate(results) if x.requires_grad]
            cotangents: list[Node] = []
            gradients: list[tuple[Node, Node]] = []
            if derived and (frame.leaves or any(like.x.requires_grad for like in likes)):
                given = [frame.input(fresh(results[i])) for i in derived]
                gradients = _gradients(frame, [results[i] for i in derived], [*tensors, *frame.leaves.values()], given)
                cotangents = [frame.node(x) for x in given]
        with _disable_current_modes():
            self._joint = _Joint(frame, inputs, outputs, cotangents, gradients)
        self._private = sum(like.private for like in likes)
        self._separate = len(results) if separate is None else separate
        self.inputs = len(inputs)
        self.results = [fresh(x) for x in results]  # fake ones
        self.captured = self._joint.captured  # tensors of the frame around, which the programs get as arguments
        self.cannot_fail = self._joint.cannot_fail
        self._saved: list[Node] = []
        self.backward = None
        if gradients:
            self._saved, copied = self._joint.read_by_backward(self._private)
            self.backward = Backward(self._joint, self._saved, copied, derived, separate)
        self._shared = self._joint.results_in_memory_of(self._saved)

    @functools.cached_property
    def run(self) -> Callable[[list[Any]], list[Any]]:
        """`run([*inputs, *captured])` gives the results and then what is saved for the gradient."""
        return Program(self._joint.forward(self._saved), separate=range(self._separate), private=self._private).run

    @functools.cached_property
    def turns(self) -> Turns:
        """`turns.start(captured)([*inputs])` gives the same."""
        return Turns(self._joint.forward(self._saved), len(self.captured), range(self._separate), self._private)

    def hand_out(self, results: list[Tensor]) -> list[Tensor]:
        """Results of `run` for others, who may write to them: copies of those that are saved as well."""
        return [own(x) if i in self._shared else x for i, x in enumerate(results)]

    def placed(self, places: dict[int, int | None]) -> Callable[[list[Any]], list[Any]]:
        """A `run([*places, *inputs, *captured])` that puts some results, by their positions, into places and returns the others.

        A place may also be a captured tensor, with this position.
        """
        return Program(self._joint.forward(self._saved, places), carried=len(places), separate=range(len(places), self._separate)).run


def _gradients(frame: Frame, results: list[Tensor], by: list[Tensor], cotangents: list[Tensor]) -> list[tuple[Node, Node]]:
    """(node, node of its gradient) of the tensors that matter."""
    leaves = [x for x in by if x.requires_grad]
    found = torch.autograd.grad(results, leaves, cotangents, allow_unused=True)
    return [(frame.node(x), frame.node(gradient)) for x, gradient in zip(leaves, found, strict=True) if gradient is not None]


class Backward:
    """The gradient of a body.

    The lists are positions: of the results with a derivative, whose cotangents it wants; of the inputs and captured tensors that it
    reads; and of those by which it differentiates.
    """

    def __init__(self, joint: _Joint, saved: list[Node], copied: set[Node], derived: list[int], separate: int | None):
        self.results = derived
        self.inputs = [i for i, node in enumerate(joint.inputs) if node in copied]
        self.captured = [i for i, node in enumerate(joint.captures) if node in copied]
        self.by_inputs = [joint.inputs.index(leaf) for leaf in joint.leaves if leaf in joint.inputs]
        self.by_captured = [joint.captures.index(leaf) for leaf in joint.leaves if leaf in joint.captures]
        self._separate = len(joint.leaves) if separate is None else sum(i < separate for i in self.by_inputs)
        self._arguments = [*saved, *(joint.inputs[i] for i in self.inputs), *joint.cotangents, *(joint.captures[i] for i in self.captured)]
        self._joint, self._copied = joint, copied

    @functools.cached_property
    def run(self) -> Callable[[list[Any]], list[Tensor]]:
        """`run([*saved, *inputs, *cotangents, *captured])` gives the gradients by inputs and then those by captured tensors."""
        return Program(self._joint.backward(self._arguments, self._copied), separate=range(self._separate)).run

    @functools.cached_property
    def turns(self) -> Turns:
        """`turns.start(captured)([*saved, *inputs, *cotangents])` gives the same."""
        return Turns(self._joint.backward(self._arguments, self._copied), len(self.captured), range(self._separate))


class _Joint:
    """The cleaned graph of a body and its gradient, to be cut in two."""

    def __init__(self, frame: Frame, inputs: list[Node], outputs: list[Node], cotangents: list[Node], gradients: list[tuple[Node, Node]]):
        self._recording = frame.recording
        graph = frame.recording.graph
        graph.output([*outputs, *(gradient for _, gradient in gradients)])
        clean_up(frame.recording)
        results = list(graph.output_node().args[0])
        self._results, self._gradients = results[:len(outputs)], results[len(outputs):]
        self.inputs, self.cotangents, self.leaves = inputs, cotangents, [leaf for leaf, _ in gradients]
        used = [(x, node) for x, node in frame.captured if node.users]
        self.captured, self.captures = [x for x, _ in used], [node for _, node in used]
        calls = [node for node in graph.nodes if node.op not in ("placeholder", "output")]
        order = {node: i for i, node in enumerate(graph.nodes)}
        cut = order[cotangents[0]] if cotangents else len(order)
        self._forward = [node for node in calls if order[node] < cut]
        self.cannot_fail = all(map(cannot_fail, self._forward))
        self._backward = [node for node in calls if order[node] > cut]
        self._check_writes(graph)

    def _check_writes(self, graph: Graph) -> None:
        """Only the part that makes a tensor may write to it."""
        foreign = {storage_of(node) for node in graph.nodes if node.op == "placeholder" or is_constant(node)}
        made = {storage_of(node) for node in self._forward} - {None}
        late = {storage_of(x) for node in self._backward if is_call(node) for x in written_arguments(node)}
        if written_storages(graph) & foreign - {None} or late & made:
            raise Inseparable("the body of a loop or a branch writes to a tensor that it did not make")

    def forward(self, saved: list[Node], places: dict[int, int | None] | None = None) -> Recording:
        """The part that gives the results and what is to be saved; those with places come first, and so do the places."""
        places = places or {}
        given = [self._place(i) if position is None else self.captures[position] for i, position in places.items()]
        rest = [result for i, result in enumerate(self._results) if i not in places]
        arguments = [*given, *self.inputs, *self.captures]
        return self._part(arguments, self._forward, [*(self._results[i] for i in places), *rest, *saved])

    def _place(self, i: int) -> Node:
        """An argument in memory of its own for result `i`."""
        node = self._recording.graph.placeholder(f"place_{i}")
        node.meta.update(val=self._results[i].meta["val"], storage=-1 - i)
        return node

    def backward(self, arguments: list[Node], copied: set[Node]) -> Recording:
        """The part that gives the gradients."""
        calls = [node for node in [*self._forward, *self._backward] if node in copied]
        return self._part(arguments, calls, self._gradients)

    def results_in_memory_of(self, nodes: list[Node]) -> set[int]:
        """Positions of the results that share memory with some of `nodes`."""
        storages = {storage_of(node) for node in nodes} - {None}
        return {i for i, node in enumerate(self._results) if storage_of(node) in storages}

    def read_by_backward(self, private: int) -> tuple[list[Node], set[Node]]:
        """What the gradient's part wants saved, and the nodes that belong to it.

        Views of tensors that the caller has anyway, captured ones and inputs that are not private, are made again: what is saved has
        memory of its own.
        """
        available = {*self.inputs[private:], *self.captures}
        lasting = {storage_of(node) for node in available} - {None}
        saved: dict[Node, None] = {}
        copied: set[Node] = set()
        pending = [*self._gradients, *(node for node in self._backward if is_call(node) and node.target._schema.is_mutable)]
        late = {*self._backward, *self.cotangents}
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
            argument = part.graph.placeholder(node.name)
            argument.meta.update(node.meta)
            copies.setdefault(node, argument)  # a captured tensor that is a place comes twice
        for node in calls:
            copies[node] = part.graph.node_copy(node, copies.__getitem__)
        part.graph.output([copies[node] for node in results])
        return part
