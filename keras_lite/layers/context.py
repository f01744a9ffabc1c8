"""The call context: what holds during one outermost call of a layer, for all the layers inside it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any


class CallContext:
    """`training` for layers that were not told, the masks of tensors, and the losses added so far."""

    __slots__ = ("losses", "masks", "training")

    def __init__(self, training: bool | None = None):
        self.training = training
        self.losses: list[tuple[Any, Any]] = []  # (layer, scalar)
        self.masks: list[tuple[Any, Any]] = []  # (tensor, mask); few, so a list, and the reference keeps the tensor itself alive

    def mask_of(self, x: Any) -> Any:
        """The mask that was set for the tensor `x`, None if there is none."""
        for tensor, mask in reversed(self.masks):
            if tensor is x:
                return mask
        return getattr(x, "_keras_mask", None)

    def set_mask(self, x: Any, mask: Any) -> None:
        self.masks.append((x, mask))


_current: ContextVar[CallContext | None] = ContextVar("keras_lite_call_context", default=None)


def current_context() -> CallContext | None:
    """The context of the outermost call that is under way, None outside calls."""
    return _current.get()
