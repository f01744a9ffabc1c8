"""Constructors that differ from another one in their defaults only."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, TypeVar

C = TypeVar("C", bound=type)


def with_defaults(**defaults: Any) -> Callable[[C], C]:
    """Class decorator: the constructor that the class inherits, with other defaults.

    The one- to three-dimensional layers of a family so share a constructor and still show their own signatures, as Keras's do.
    """

    def change(cls: C) -> C:
        inherited = cls.__init__  # type: ignore[misc]  # of this very class
        own = types.FunctionType(inherited.__code__, inherited.__globals__, "__init__", closure=inherited.__closure__)
        names, last = inherited.__code__.co_varnames[:inherited.__code__.co_argcount], inherited.__defaults__ or ()
        known = {**dict(zip(names[len(names) - len(last):], last, strict=True)), **defaults}
        own.__defaults__ = tuple(known[name] for name in names if name in known)
        own.__annotations__, own.__module__, own.__qualname__ = inherited.__annotations__, cls.__module__, f"{cls.__qualname__}.__init__"
        cls.__init__ = own  # type: ignore[misc]  # `cls` is a class, never an instance
        return cls

    return change
