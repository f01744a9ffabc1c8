"""Nests of lists, tuples and dicts, taken apart and put together quickly: a compiled function does it at every call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

LEAF = None  # the structure of what is no container


def flatten(x: Any, leaves: list[Any]) -> Any:
    """Append the leaves of `x` to `leaves`; returns its structure, which can be compared and hashed.

    >>> leaves = []
    >>> structure = flatten({"a": [1, (2, None)]}, leaves)
    >>> leaves, unflatten(structure, iter("xyz"))
    ([1, 2, None], {'a': ['x', ('y', 'z')]})
    """
    if isinstance(x, dict):
        return type(x), tuple(x), tuple([flatten(item, leaves) for item in x.values()])
    if not isinstance(x, (list, tuple)):
        leaves.append(x)
        return LEAF
    inner = []
    for item in x:
        if isinstance(item, (list, tuple, dict)):
            inner.append(flatten(item, leaves))
        else:
            leaves.append(item)
            inner.append(LEAF)
    return type(x), None, tuple(inner)


def unflatten(structure: Any, leaves: Iterator[Any]) -> Any:
    """The nest of that structure with the next leaves."""
    if structure is LEAF:
        return next(leaves)
    kind, keys, inner = structure
    items = [next(leaves) if s is LEAF else unflatten(s, leaves) for s in inner]
    if keys is not None:
        return kind(zip(keys, items, strict=True))
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def map_leaves(fn: Callable[[Any], Any], x: Any) -> Any:
    """`x` with `fn` of each leaf in its place."""
    leaves: list[Any] = []
    structure = flatten(x, leaves)
    return unflatten(structure, map(fn, leaves))
