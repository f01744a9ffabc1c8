"""Recording a function of tensors as a flat graph of ATen calls.

The tensors are fake while the function runs: they have shapes and dtypes but no values, so nothing that depends on a value can
be baked into the graph unnoticed.  Reading one raises `ReadsValues`.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException, FakeTensorMode
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

Tensor = torch.Tensor

_REFUSED = (DataDependentOutputException, DynamicOutputShapeException)
_REFUSED_MESSAGES = (".numpy() is not supported", "Cannot access data pointer", "Cannot copy out of meta tensor")


class ReadsValues(Exception):
    """A function wanted the values of its tensors while it was being recorded."""


def record(fn: Callable[..., list[Tensor]], tensors: list[Tensor]) -> GraphModule:
    """The graph of `fn(*tensors)`: one placeholder for each tensor, a flat list as output."""
    with fake_tensors() as mode, torch.no_grad():
        return make_fx(fn, _allow_non_fake_inputs=True)(*(mode.from_tensor(x.detach()) for x in tensors))


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
