"""Names: automatic ones ("dense_1") and the scopes that make up variable paths ("sequential/dense/kernel")."""

from __future__ import annotations

import collections
import functools
import re
from contextvars import ContextVar
from typing import Any

_counts: collections.Counter[str] = collections.Counter()
_path: ContextVar[tuple[tuple[str, Any], ...]] = ContextVar("keras_lite_name_scope", default=())  # names, with who opened them


def auto_name(prefix: str) -> str:
    """`prefix`, then `prefix_1`, `prefix_2`, ... in the order of asking."""
    number = _counts[prefix]
    _counts[prefix] += 1
    return f"{prefix}_{number}" if number else prefix


def count(prefix: str) -> int:
    """How often a name with this prefix was asked for, this time included."""
    _counts[prefix] += 1
    return _counts[prefix]


def clear() -> None:
    """Start the automatic names anew."""
    _counts.clear()


@functools.cache
def to_snake_case(name: str) -> str:
    """"Conv2DTranspose" -> "conv2d_transpose", as Keras names layers.

    >>> to_snake_case("GlobalAveragePooling2D")
    'global_average_pooling2d'
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


class name_scope:  # called like a function, once or more for each layer that is built
    """Scope that puts `name` in front of the paths of the variables made in it.

    Where the innermost scope was opened by the same `caller`, its name is not repeated, unless `deduplicate` is False.
    """

    __slots__ = ("_caller", "_deduplicate", "_name", "_token")

    def __init__(self, name: str, caller: Any = None, deduplicate: bool = True):
        self._name, self._caller, self._deduplicate = name, caller, deduplicate

    def __enter__(self) -> None:
        outer = _path.get()
        repeated = self._deduplicate and self._caller is not None and outer and outer[-1][1] is self._caller
        self._token = _path.set(outer if repeated else (*outer, (self._name, self._caller)))

    def __exit__(self, *exc: object) -> None:
        _path.reset(self._token)


def current_path(*last: str) -> str:
    """The names of the open scopes and `last`, joined by "/"."""
    return "/".join([*(name for name, _ in _path.get()), *last])
