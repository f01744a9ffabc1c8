"""Ops in programs that a framework makes of its user's Python code: those of AutoGraph and of `torch.compile`.

AutoGraph leaves a function as it is that has the attribute `autograph_info__`.  Dynamo, which reads that code, can't follow the way
from an op to its engine, and need not: the op is one call for it, which the later stages of torch trace with tensors.  It has to be
told so, which takes a second for importing it: that waits until it meets an op.  Then it follows the op's attribute
`_torchdynamo_inline` instead, and calls `_announce`, which claims to be a constant, at once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from keras_lite.engine import registry

_NONE = "keras_lite: None"  # stands for None, which is no argument of such a call
_waiting: list[tuple[Callable[..., Any], Any, bool, list[Callable[..., Any]]]] = []  # `whole`, code, `is_pure` and `announced` of each


def publish(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark `function` as one call for Dynamo and one that AutoGraph leaves to Python, and return it.

    Those with a seed may write to its state, which a call in a graph of Dynamo must not: there the graph breaks.
    """
    body = inspect.unwrap(function).__code__
    is_pure = "seed" not in body.co_varnames[:body.co_argcount + body.co_kwonlyargcount]
    announced: list[Callable[..., Any]] = []

    def inlined(*args: Any, **kwargs: Any) -> Any:
        _announce()
        return announced[0](*[_NONE if x is None else x for x in args], **{name: _NONE if x is None else x for name, x in kwargs.items()})

    def whole(*args: Any, **kwargs: Any) -> Any:
        return function(*map(_meant, args), **{name: _meant(x) for name, x in kwargs.items()})

    whole.__name__ = function.__name__
    _waiting.append((whole, function.__code__, is_pure, announced))
    vars(function).update(_torchdynamo_inline=inlined, autograph_info__=None)
    return function


def _meant(x: Any) -> Any:
    return None if x.__class__ is str and x == _NONE else x


def _announce() -> bool:
    """Tell Dynamo of all functions that were published since the last call."""
    engine = registry.load("torch")
    while _waiting:
        function, code, is_pure, announced = _waiting.pop()
        announced.append(engine.whole(function, code, is_pure))
    return True


vars(_announce).update(_dynamo_marked_constant=True)
