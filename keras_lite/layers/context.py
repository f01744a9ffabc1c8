"""The call context: what holds during one outermost call of a layer, for all the layers inside it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from keras_lite.state import tree


class CallContext:
    """`training` for layers that were not told, the masks of tensors, the losses added so far, and the layer whose `call` runs."""

    __slots__ = ("layer", "losses", "masks", "training")

    def __init__(self, training: bool | None = None):
        self.training = training
        self.layer: Any = None
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


@contextlib.contextmanager
def entered(context: CallContext | None) -> Iterator[None]:
    """Scope in which layers are called as parts of a call with that context; with None as outermost calls."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


_kept: ContextVar[list[tuple[Any, Any]] | None] = ContextVar("keras_lite_kept_masks", default=None)


@contextlib.contextmanager
def keeping_masks() -> Iterator[None]:
    """Scope of a step, in which losses and metrics find the masks of outputs: tensors of most engines take no attributes."""
    token = _kept.set([])
    try:
        yield
    finally:
        _kept.reset(token)


def keep_mask(x: Any, mask: Any) -> None:
    """Remember the mask of an output after its outermost call."""
    kept = _kept.get()
    if kept is not None:
        kept.append((x, mask))
    else:
        with contextlib.suppress(AttributeError):  # what takes no attributes has no mask in the next call
            x._keras_mask = mask


def mask_of(x: Any) -> Any:
    """The mask of an output, None if there is none."""
    for tensor, mask in reversed(_kept.get() or ()):
        if tensor is x:
            return mask
    return getattr(x, "_keras_mask", None)


def masks_of(outputs: Any) -> list[Any]:
    """The mask of each tensor in a nest."""
    return [mask_of(x) for x in tree.flatten(outputs)]


def keep_masks(outputs: Any, masks: list[Any]) -> None:
    """Remember masks taken by `masks_of`, for tensors with the same values."""
    for x, mask in zip(tree.flatten(outputs), masks, strict=True):
        if mask is not None:
            keep_mask(x, mask)


def current_context() -> CallContext | None:
    """The context of the outermost call that is under way, None outside calls."""
    return _current.get()
