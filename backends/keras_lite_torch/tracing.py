"""Recording a function of tensors as a flat graph of ATen calls.

The tensors are fake while the function runs: they have shapes and dtypes but no values, so nothing that depends on a value can
be baked into the graph unnoticed.  Reading one raises `ReadsValues`.  (torch's own `make_fx` does the same in twice the time.)
"""

from __future__ import annotations

import contextlib
import logging
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException, FakeTensorMode
from torch.fx import Graph, Node
from torch.utils._python_dispatch import TorchDispatchMode

_REFUSED = (DataDependentOutputException, DynamicOutputShapeException)
_REFUSED_MESSAGES = (".numpy() is not supported", "Cannot access data pointer", "Cannot copy out of meta tensor")


class ReadsValues(Exception):
    """A function wanted the values of its tensors while it was being recorded."""


@dataclass
class Recording:
    """A graph with one placeholder for each argument and a flat list as output; nodes have their fake tensors as meta["val"]."""

    graph: Graph = field(default_factory=Graph)
    constants: dict[str, torch.Tensor] = field(default_factory=dict)  # tensors that the function made or captured, by "get_attr" target

    def constant(self, value: torch.Tensor) -> Node:
        """A node for a tensor that is kept with the graph."""
        name = f"constant_{len(self.constants)}"
        self.constants[name] = value
        return self.graph.create_node("get_attr", name)


def record(fn: Callable[..., list[torch.Tensor]], tensors: list[torch.Tensor]) -> Recording:
    """What `fn(*tensors)` calls."""
    recording = Recording()
    with fake_tensors() as mode, torch.no_grad():
        recorder = _Recorder(recording)
        fakes = [recorder.input(mode.from_tensor(x.detach())) for x in tensors]
        with recorder:
            results = fn(*fakes)
        recording.graph.output([recorder.node(x) for x in results])
    return recording


class _Recorder(TorchDispatchMode):
    """Makes a node of each call that reaches the fake tensors."""

    def __init__(self, recording: Recording):
        super().__init__()
        self._recording = recording
        self._nodes: dict[int, tuple[Any, Node]] = {}  # by identity of the tensor, which is kept so that it stays unique

    def input(self, x: torch.Tensor) -> torch.Tensor:
        """`x`, as the next argument of the graph."""
        self._bind(x, self._recording.graph.placeholder(f"input_{len(self._nodes)}"))
        return x

    def node(self, x: torch.Tensor) -> Node:
        """The node whose result `x` is; for a tensor that comes from elsewhere a constant."""
        known = self._nodes.get(id(x))
        if known is None:
            self._nodes[id(x)] = known = x, self._recording.constant(x)
        return known[1]

    def _bind(self, x: Any, node: Node) -> None:
        """Note that `node` gives `x`, a tensor or a nest of lists of them."""
        node.meta["val"] = x
        if isinstance(x, torch.Tensor):
            self._nodes[id(x)] = x, node
        elif isinstance(x, (list, tuple)):
            for i, item in enumerate(x):
                self._bind(item, self._recording.graph.call_function(operator.getitem, (node, i)))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if func.namespace == "prim":  # questions about a tensor's device
            return result
        arguments = tuple(map(self._node_arguments, args)), {name: self._node_arguments(x) for name, x in kwargs.items()}
        self._bind(result, self._recording.graph.call_function(func, *arguments))
        return result

    def _node_arguments(self, x: Any) -> Any:
        if isinstance(x, torch.Tensor):
            return self.node(x)
        return [self._node_arguments(item) for item in x] if isinstance(x, (list, tuple)) else x


@contextlib.contextmanager
def fake_tensors() -> Iterator[FakeTensorMode]:
    """Scope in which new tensors are fake; reading a value raises `ReadsValues`."""
    log = logging.getLogger("torch._subclasses.fake_tensor")  # it prints a page about errors that are raised anyway
    disabled, log.disabled = log.disabled, True
    try:
        with FakeTensorMode(allow_non_fake_inputs=True) as mode:
            yield mode
    except _REFUSED as error:
        raise ReadsValues(str(error)) from error
    except RuntimeError as error:
        if not any(message in str(error) for message in _REFUSED_MESSAGES):
            raise
        raise ReadsValues(str(error)) from error
    finally:
        log.disabled = disabled


def is_transformed() -> bool:
    """Whether the code that calls this is itself being recorded or mapped: then its tensors are not plain ones."""
    return torch._C._len_torch_dispatch_stack() > 0 or torch._C._functorch.maybe_current_level() is not None


def layout_of(x: Any) -> tuple[Any, ...]:
    """What a recorded program depends on in a tensor."""
    return x.shape, x.dtype, x.stride(), x.device
