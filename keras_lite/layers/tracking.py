"""What belongs to an object: variables, layers, metrics, optimizers and seed generators among its attributes.

Attributes are walked in the order in which they were set, lists, tuples and dicts inside them too, each time someone asks: so
appending to a list of layers needs no special list, and nothing is paid when an attribute is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

_PLAIN = frozenset({type(None), bool, int, float, str})  # most attributes
_NESTS = (list, tuple, dict)
_HIDDEN = frozenset({"_recorded", "_nodes", "_added_losses"})


def attributes(owner: Any, kind: type | tuple[type, ...]) -> list[Any]:
    """Objects of `kind` among the attributes of `owner` (not inside other objects), each once."""
    found: dict[int, Any] = {}
    hidden: frozenset[str] = getattr(type(owner), "_hidden_attributes", frozenset())
    for name, value in vars(owner).items():
        if value.__class__ not in _PLAIN and name not in _HIDDEN and name not in hidden:
            if isinstance(value, kind):
                found.setdefault(id(value), value)
            elif isinstance(value, _NESTS) and value:
                _collect(value, kind, found, ())
    return list(found.values())


def _collect(value: Any, kind: Any, found: dict[int, Any], around: tuple[int, ...]) -> None:
    """Add objects of `kind` in a nest to `found`, by identity."""
    if isinstance(value, kind):
        found.setdefault(id(value), value)
    elif isinstance(value, _NESTS) and value and id(value) not in around:
        for item in value.values() if isinstance(value, dict) else value:
            if item.__class__ not in _PLAIN:
                _collect(item, kind, found, (*around, id(value)))


def flattened(root: Any, enter: Callable[[Any], bool] = lambda layer: True) -> list[Any]:
    """`root` and the layers inside it for which `enter` holds, and those inside these: depth first, each once."""
    found: dict[int, Any] = {}

    def visit(layer: Any) -> None:
        if id(layer) not in found and enter(layer):
            found[id(layer)] = layer
            for inner in layer._layers:
                visit(inner)

    visit(root)
    return list(found.values())


def unique(items: Iterator[Any] | list[Any]) -> list[Any]:
    """`items` without repetitions (by identity), in order."""
    return list({id(item): item for item in items}.values())


def trainable_first(variables: list[Any]) -> list[Any]:
    """Variables in Keras's order: those made trainable, then the others."""
    return sorted(variables, key=lambda v: not v.made_trainable)
