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
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException, FakeTensor, FakeTensorMode
from torch.fx import Graph, Node
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _get_current_dispatch_mode_stack

_log = logging.getLogger(__name__)

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
    plain = [x.detach() for x in tensors]
    try:
        return _record(fn, plain, bodies=True)
    except Inseparable as error:
        _log.info("loops and branches are unrolled, for %s", error)
        return _record(fn, plain, bodies=False)


def _record(fn: Callable[..., list[torch.Tensor]], tensors: list[torch.Tensor], bodies: bool) -> Recording:
    frame = Frame()
    with fake_tensors() as mode, torch.no_grad():
        inputs = [frame.input(mode.from_tensor(x)) for x in tensors]
        with Recorder(frame, bodies):
            results = fn(*inputs)
        frame.recording.graph.output([frame.node(x) for x in results])
    return frame.recording


class Inseparable(Exception):
    """The body of a loop or a branch can't be a program of its own: it writes to a tensor from outside, or one of its own leaks."""


class Routine:
    """A callable of the engine's own that a program calls like an operator.

    It returns a list of new contiguous tensors that share no memory, and behind them a tape: anything that its backward wants to know.
    """

    __name__ = "routine"
    cannot_fail = False  # whatever the values of its arguments are; then it is quick, too

    def __call__(self, *args: Any) -> list[Any]:
        raise NotImplementedError

    def placed(self, places: dict[int, int | None]) -> Routine | None:
        """One that puts some results, by their positions, into given tensors, which are its further argument.

        Those may be among its arguments, with these positions.  It writes to them behind its last call that could fail.
        """
        return None


class Frame:
    """What is recorded of one function: of the outermost, or of the body of a loop or branch inside of another frame.

    Tensors of the frames around a body become further inputs of it.  If the body is to be differentiated, those that matter for that
    are replaced by leaves, `local` to the body, before an operator sees them.
    """

    def __init__(self, around: Frame | None = None, differentiated: bool = False):
        self.recording = Recording()
        self.captured: list[tuple[torch.Tensor, Node]] = []  # tensors from around, with the inputs that they became
        self.leaves: dict[int, torch.Tensor] = {}  # by identity of the captured tensor
        self._around = around
        self._differentiated = differentiated
        self._nodes: dict[int, tuple[Any, Node]] = {}  # by identity of the tensor, which is kept so that it stays unique

    def input(self, x: torch.Tensor) -> torch.Tensor:
        """`x`, as the next argument of the graph."""
        self.bind(x, self.recording.graph.placeholder(f"input_{len(self._nodes)}"))
        return x

    def bind(self, x: Any, node: Node) -> None:
        """Note that `node` gives `x`, a tensor, a tape or a nest of lists of them."""
        node.meta["val"] = x
        if isinstance(x, (list, tuple)):
            for i, item in enumerate(x):
                self.bind(item, self.recording.graph.call_function(operator.getitem, (node, i)))
        elif x is not None:
            self._nodes[id(x)] = x, node

    def knows(self, x: Any) -> bool:
        """Whether `x` was made here or in a frame around."""
        return id(x) in self._nodes or (self._around is not None and self._around.knows(x))

    def node(self, x: Any) -> Node:
        """The node whose result `x` is; for a tensor that comes from elsewhere a constant."""
        known = self._nodes.get(id(x))
        if known is not None:
            return known[1]
        if self._differentiated and x.requires_grad:
            raise Inseparable("an operator got at a differentiated tensor past `local`")
        if self._around is not None and self._around.knows(x):
            return self._capture(x, x)
        if isinstance(x, FakeTensor) or not isinstance(x, torch.Tensor):
            raise Inseparable("a tensor that was made in the body of a loop or a branch is used outside of it")
        self.bind(x, self.recording.constant(x))
        return self._nodes[id(x)][1]

    def _capture(self, x: torch.Tensor, alias: torch.Tensor) -> Node:
        node = self.recording.graph.placeholder(f"captured_{len(self.captured)}")
        self.captured.append((x, node))
        self.bind(alias, node)
        return node

    def local(self, x: torch.Tensor) -> torch.Tensor:
        """`x`, or the leaf that stands for it here if it comes from around and is differentiated."""
        if not self._differentiated or not x.requires_grad or id(x) in self._nodes or torch._C._functorch.is_functorch_wrapped_tensor(x):
            return x
        if not torch.is_grad_enabled():  # inside an `autograd.Function`, which got it past this
            return x
        if id(x) not in self.leaves:
            with unrecorded(), temporarily_clear_interpreter_stack(), torch._C.DisableTorchFunction():
                leaf = x.detach().requires_grad_()
            self._capture(x, leaf)
            self.leaves[id(x)] = leaf
        return self.leaves[id(x)]


# what a zero gradient may be stands for zeros without having them, which fake tensors can't tell from tensors without data
WITH_MEMORY = {torch.ops.aten._efficientzerotensor.default: torch.ops.aten.zeros.default}


class Recorder(TorchDispatchMode):
    """Makes a node of each call that reaches the fake tensors."""

    def __init__(self, frame: Frame, bodies: bool):
        super().__init__()
        self.frame = frame
        self.bodies = bodies  # whether loops and branches get programs of their own
        self.is_paused = False

    @contextlib.contextmanager
    def inside(self, frame: Frame) -> Iterator[None]:
        """Scope in which calls are recorded in `frame`."""
        around, self.frame = self.frame, frame
        try:
            yield
        finally:
            self.frame = around

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Scope in which nothing is recorded."""
        before, self.is_paused = self.is_paused, True
        try:
            yield
        finally:
            self.is_paused = before

    def call(self, routine: Routine, args: tuple[Any, ...], results: list[Any]) -> list[Any]:
        """Record a call of `routine` that gives `results`."""
        self.frame.bind(results, self.frame.recording.graph.call_function(routine, tuple(map(self._node_arguments, args))))
        return results

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        func = WITH_MEMORY.get(func, func)
        result = func(*args, **kwargs)
        if self.is_paused or func.namespace == "prim":  # questions about a tensor's device
            return result
        arguments = tuple(map(self._node_arguments, args)), {name: self._node_arguments(x) for name, x in kwargs.items()}
        self.frame.bind(result, self.frame.recording.graph.call_function(func, *arguments))
        return result

    def _node_arguments(self, x: Any) -> Any:
        if isinstance(x, (torch.Tensor, Tape)):
            return self.frame.node(x)
        return [self._node_arguments(item) for item in x] if isinstance(x, (list, tuple)) else x


class Tape:
    """Stands for a routine's tape while it is recorded."""


class Locally(TorchFunctionMode):
    """Scope in which functions get the tensors that are `local` to the frame in which they are recorded."""

    def __init__(self, active: Recorder):
        super().__init__()
        self._recorder = active

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*map(self._local, args), **{name: self._local(x) for name, x in (kwargs or {}).items()})

    def _local(self, x: Any) -> Any:
        if isinstance(x, torch.Tensor):
            return self._recorder.frame.local(x)
        return type(x)(map(self._local, x)) if type(x) in (list, tuple) else x


def recorder() -> Recorder | None:
    """What records the code that calls this; None in plain eager code and inside torch's function transforms."""
    return _innermost() if torch._C._functorch.maybe_current_level() is None else None


def _innermost() -> Recorder | None:
    if not torch._C._len_torch_dispatch_stack():
        return None
    active = next((mode for mode in reversed(_get_current_dispatch_mode_stack()) if isinstance(mode, Recorder)), None)
    return None if active is None or active.is_paused else active


@contextlib.contextmanager
def unrecorded() -> Iterator[None]:
    """Scope whose calls leave no trace in the recording around."""
    active = _innermost()
    with contextlib.nullcontext() if active is None else active.paused():
        yield


def local(x: torch.Tensor) -> torch.Tensor:
    """`x` for a call that torch's function modes do not see (`autograd.Function.apply`): the recorded body's own leaf, if there is one."""
    active = _innermost()
    return x if active is None else active.frame.local(x)


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
    except (RuntimeError, TypeError) as error:
        if not (getattr(error, "needs_values", False) or any(message in str(error) for message in _REFUSED_MESSAGES)):
            raise
        raise ReadsValues(str(error)) from error
    finally:
        log.disabled = disabled


def is_transformed() -> bool:
    """Whether the code that calls this is itself being recorded or mapped: then its tensors are not plain ones."""
    return torch._C._len_torch_dispatch_stack() > 0 or torch._C._functorch.maybe_current_level() is not None


def is_recorded(*xs: Any) -> bool:
    """Whether someone may ask for a derivative, or a program is made: else a function with a derivative of its own, which costs 20
    microseconds, is not needed, and values can be read."""
    return is_transformed() or (torch.is_grad_enabled() and any(x.requires_grad for x in xs))


def layout_of(x: Any) -> tuple[Any, ...]:
    """What a recorded program depends on in a tensor."""
    return x.shape, x.dtype, x.stride(), x.device
