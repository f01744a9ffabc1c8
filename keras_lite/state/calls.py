"""What can be called with what."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def accepts(function: Callable[..., Any], *args: Any) -> bool:
    """Whether `function` can be called with these positional arguments; True where that can't be known.

    >>> accepts(lambda step: step, 0), accepts(lambda: 1.0, 0)
    (True, False)
    """
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions written in C have no signature
        return True
    try:
        signature.bind(*args)
    except TypeError:
        return False
    return True
