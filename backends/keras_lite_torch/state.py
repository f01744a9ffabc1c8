"""What an eager Variable holds: a Parameter if it is trainable, else a plain tensor; both are updated in place."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch._C import _len_torch_dispatch_stack
from torch._ops import _len_torch_dispatch_stack_pre_dispatch
from torch.utils._python_dispatch import _disable_current_modes

from keras_lite.engine.errors import not_there

_NOTHING: AbstractContextManager[Any] = nullcontext()


def variable(value: torch.Tensor, trainable: bool, layout: Any = None, is_own: bool = False) -> torch.Tensor:
    if layout is not None:
        raise not_there("variable", f"the torch engine has no layouts yet, got {layout!r}; leave it None")
    own = value.detach() if is_own else value.detach().clone(memory_format=torch.contiguous_format)
    return torch.nn.Parameter(own) if trainable and own.is_floating_point() else own


def read(holder: torch.Tensor) -> torch.Tensor:
    return holder  # the Parameter itself: with it torch's own `loss.backward()` fills `.grad`


def write(holder: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    if value is not holder:
        with torch.no_grad():
            holder.copy_(value)
    return holder


def untraced() -> AbstractContextManager[Any]:
    if torch.is_inference_mode_enabled():  # a parameter made in it could never be trained
        return torch.inference_mode(False)
    if not _len_torch_dispatch_stack() and not _len_torch_dispatch_stack_pre_dispatch():  # nothing is traced
        return _NOTHING
    return _disable_current_modes()
