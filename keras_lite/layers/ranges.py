"""Ranges of integers: a layer says what its input may hold, and it is checked wherever the values can be read.

They can be read in an eager call, and in the host's data that `fit`, `evaluate` and `predict` are given, before anything runs:
while a model is described, `watching` finds out which of its inputs reach such a layer as they are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.state import tree
from keras_lite.state.scope import current_scope


class Range(NamedTuple):
    """Input number `place` must lie in `low` to `high`, says the layer `where`."""

    place: int
    where: str
    low: int
    high: int


class _Watched:
    """The inputs of a model that is being described, and what its layers said of them."""

    def __init__(self, inputs: list[Any]):
        self.tensors = list(enumerate(inputs))
        self.found: list[Range] = []

    def places(self, x: Any) -> list[int]:
        return [place for place, tensor in self.tensors if tensor is x]


_watched: ContextVar[_Watched | None] = ContextVar("keras_lite_watched_inputs", default=None)


@contextlib.contextmanager
def watching(inputs: Any) -> Iterator[list[Range]]:
    """Scope that collects the ranges that layers declare of these symbolic inputs (a nest)."""
    watched = _Watched(tree.flatten(inputs))
    token = _watched.set(watched)
    try:
        yield watched.found
    finally:
        _watched.reset(token)


def renewed(new: Any, old: Any) -> Any:
    """`new`, which holds the values of `old` in another dtype or shape."""
    watched = _watched.get()
    if watched is not None and new is not old:
        watched.tensors += [(place, new) for place in watched.places(old)]
    return new


def within(where: str, x: Any, low: int, high: int) -> None:
    """Say that the integers in the tensor `x` lie in `low` to `high`; raises ValueError where they can be read and do not."""
    watched = _watched.get()
    if watched is not None:
        watched.found += [Range(place, where, low, high) for place in watched.places(x)]
    elif current_scope() is None and not registry.current().is_abstract:
        try:
            values = registry.current().to_numpy(x)
        except Exception:  # it has none yet: inside a function that the user compiles
            return
        _check(where, values, low, high)


def check_ranges(ranges: list[Range], inputs: Any) -> None:
    """Raise ValueError where arrays leave the ranges that were declared of them."""
    arrays = tree.flatten(inputs)
    for place, where, low, high in ranges:
        _check(where, np.asarray(arrays[place]), low, high)


def _check(where: str, values: np.ndarray, low: int, high: int) -> None:
    if values.size and not (low <= values.min() and values.max() <= high):
        found = [int(v) if v == np.trunc(v) else v for v in (values.min(), values.max())]
        raise invalid(where, f"indices must lie in {max(low, 0)} to {high}, got {found[0]} to {found[1]}")
