"""Modules of PyTorch as layers: their parameters and buffers, and calls with other values in the place of these."""

from __future__ import annotations

from typing import Any

import torch
from torch.func import functional_call

from keras_lite.engine.errors import invalid, wrong_type


def module_state(module: Any, device: str) -> list[tuple[str, torch.Tensor, bool]]:
    """Name and tensor of each parameter and buffer, and whether it is trained; the module is moved to `device` first.

    Raises TypeError for what is no module, ValueError for one whose parameters have no shapes yet.
    """
    if not isinstance(module, torch.nn.Module):
        raise wrong_type("TorchModuleWrapper", f"expects a torch.nn.Module, got {module!r}")
    tensors = [*module.named_parameters(), *module.named_buffers()]
    if any(torch.nn.parameter.is_lazy(x) for _, x in tensors):
        raise invalid("TorchModuleWrapper", "the module is lazy: its parameters have no shapes before it is called; call it once, then "
                                            "wrap it")
    module.to(device)
    parameters = [(name, x, x.requires_grad) for name, x in module.named_parameters()]
    return parameters + [(name, x, False) for name, x in module.named_buffers()]


def call_module(module: torch.nn.Module, values: dict[str, torch.Tensor], args: Any, kwargs: dict[str, Any],
                training: bool) -> tuple[Any, dict[str, torch.Tensor]]:
    """The result with `values` as parameters and buffers; and while training the buffers afterwards, which modules change in place."""
    module.train(training)
    buffers = {name: values[name].clone() for name, _ in module.named_buffers()} if training else {}
    return functional_call(module, {**values, **buffers}, args, kwargs), buffers
