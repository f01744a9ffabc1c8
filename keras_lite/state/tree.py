"""Nests of lists, tuples and dicts (Keras's `tree`), without a dependency."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keras_lite.engine.errors import invalid


def is_nested(x: Any) -> bool:
    """Whether `x` is a list, tuple or dict."""
    return isinstance(x, (list, tuple, dict))


def _leaves(x: Any) -> Iterator[Any]:
    if isinstance(x, dict):
        for key in _keys(x):
            yield from _leaves(x[key])
    elif isinstance(x, (list, tuple)):
        for item in x:
            yield from _leaves(item)
    else:
        yield x


def _keys(x: dict[Any, Any]) -> list[Any]:
    """Dict keys in sorted order where they can be sorted: equal dicts flatten alike."""
    try:
        return sorted(x)
    except TypeError:
        return list(x)


def flatten(x: Any) -> list[Any]:
    """The leaves in order; dicts by sorted key.

    >>> flatten({"b": [1, (2, None)], "a": 3})
    [3, 1, 2, None]
    """
    if x.__class__ is list or x.__class__ is tuple:  # mostly it is flat
        for item in x:
            if isinstance(item, (list, tuple, dict)):
                break
        else:
            return list(x)
    return list(_leaves(x))


def _rebuild(like: Any, items: list[Any]) -> Any:
    if isinstance(like, tuple) and hasattr(like, "_fields"):
        return type(like)(*items)
    return type(like)(items) if type(like) in (list, tuple) else (tuple(items) if isinstance(like, tuple) else list(items))


def map_structure(fn: Callable[..., Any], x: Any, *others: Any) -> Any:
    """`fn` of each leaf (and the leaves in the same place of `others`), in the same structure.

    >>> map_structure(lambda a, b: a + b, {"a": [1, 2]}, {"a": [10, 20]})
    {'a': [11, 22]}
    """
    if isinstance(x, dict):
        for other in others:
            if not isinstance(other, dict) or set(other) != set(x):
                raise invalid("structure", f"{_shape(x)} and {_shape(other)} differ")
        mapped = {key: map_structure(fn, x[key], *(o[key] for o in others)) for key in x}
        return mapped if type(x) is dict else type(x)(mapped)
    if isinstance(x, (list, tuple)):
        for other in others:
            if not isinstance(other, (list, tuple)) or len(other) != len(x):
                raise invalid("structure", f"{_shape(x)} and {_shape(other)} differ")
        return _rebuild(x, [map_structure(fn, *items) for items in zip(x, *others, strict=True)])
    return fn(x, *others)


def pack_as(like: Any, leaves: list[Any]) -> Any:
    """The structure of `like` with other leaves, in the order of `flatten`."""
    if like.__class__ in (list, tuple) and len(like) == len(leaves) and not any(isinstance(item, (list, tuple, dict)) for item in like):
        return like.__class__(leaves)
    rest = iter(leaves)

    def pack(node: Any) -> Any:
        if isinstance(node, dict):
            packed = {key: pack(node[key]) for key in _keys(node)}
            packed = {key: packed[key] for key in node}
            return packed if type(node) is dict else type(node)(packed)
        if isinstance(node, (list, tuple)):
            return _rebuild(node, [pack(item) for item in node])
        return next(rest)

    return pack(like)


def _shape(x: Any) -> str:
    if isinstance(x, dict):
        return "{" + ", ".join(f"{k}: {_shape(v)}" for k, v in x.items()) + "}"
    if isinstance(x, (list, tuple)):
        return "[" + ", ".join(_shape(v) for v in x) + "]"
    return "."
