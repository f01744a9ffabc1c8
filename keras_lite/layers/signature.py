"""What a layer's `call` accepts, found once for each class."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import Any, NamedTuple

from keras_lite.saving.configurable import is_own


class CallSignature(NamedTuple):
    """The parameters of `call` that the machinery has to know about."""

    names: tuple[str, ...]  # without self; positional ones first
    positional: int  # how many of them are
    tensors: tuple[str, ...]  # what takes tensors: positional ones without a default, those whose shape `build` takes, the first
    training: bool
    training_index: int  # place of `training` among the positional names, beyond them all where it has none
    training_default: bool | None
    masks: tuple[tuple[str, str], ...]  # (tensor parameter, its mask parameter)
    variadic: bool
    shapes: tuple[str, ...]  # the parameters of `build`


@functools.cache
def call_signature(cls: type) -> CallSignature:
    """The `CallSignature` of a layer class."""
    parameters = list(inspect.signature(cls.call).parameters.values())[1:]  # type: ignore[attr-defined]  # a Layer class
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = tuple(p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))
    shapes = tuple(p.name for p in build_parameters(cls) if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    tensors = tuple(p.name for i, p in enumerate(positional) if i == 0 or p.default is p.empty or f"{p.name}_shape" in shapes)
    tensors += tuple(name for name in names[len(positional):] if f"{name}_shape" in shapes)
    masks = [(name, f"{name}_mask") for name in names if f"{name}_mask" in names]
    if "mask" in names and tensors:
        masks.append((tensors[0], "mask"))
    variadic = any(p.kind == p.VAR_KEYWORD for p in parameters)
    index = names.index("training") if "training" in names[:len(positional)] else sys.maxsize
    default = next((p.default for p in parameters if p.name == "training" and isinstance(p.default, bool)), None)
    return CallSignature(names, len(positional), tensors, "training" in names, index, default, tuple(masks), variadic, shapes)


@functools.cache
def build_parameters(cls: Any) -> tuple[inspect.Parameter, ...]:
    """The parameters of a layer class's `build`, without self."""
    return tuple(inspect.signature(cls.build).parameters.values())[1:]


def has_rule(cls: type, name: str, root: type) -> bool:
    """Whether a layer class tells its output by the method `name`: it, or a class between it and `root`, defines one.

    That of a layer of this package says nothing about a user's subclass with a `call` of its own, which so is run.
    """
    new_call = False
    for base in cls.__mro__:
        if name in vars(base):
            return base is not root and not (new_call and is_own(base))
        new_call = new_call or ("call" in vars(base) and not is_own(base))
    return False


def named(signature: CallSignature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments by name, as far as they have one."""
    return {**dict(zip(signature.names[:signature.positional], args, strict=False)), **kwargs}
