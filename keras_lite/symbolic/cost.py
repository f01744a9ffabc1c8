"""How many floating point operations a description stands for: a multiplication and an addition for each of the products that matrix
products and convolutions add up.  Everything else counts nothing."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

Size = int | None


class Count:
    """The operations so far; None as soon as some number is not known."""

    def __init__(self) -> None:
        self.flops: int | None = 0

    def add(self, flops: int | None) -> None:
        self.flops = None if self.flops is None or flops is None else self.flops + flops


_current: ContextVar[Count | None] = ContextVar("keras_lite_flops", default=None)


@contextlib.contextmanager
def counting() -> Iterator[Count]:
    """Scope in which what is described is counted."""
    count = Count()
    token = _current.set(count)
    try:
        yield count
    finally:
        _current.reset(token)


def note(*sizes: Size) -> None:
    """Count as many multiplications and additions as the product of the sizes."""
    count = _current.get()
    if count is not None:
        count.add(_times(sizes, 2))


def note_einsum(subscripts: str, shapes: Sequence[tuple[Size, ...]]) -> None:
    """Count those of an explicit einsum: each product of its operands' entries, in one step."""
    count = _current.get()
    if count is not None and len(shapes) > 1:
        sizes: dict[str, Size] = {}
        for term, shape in zip(subscripts.partition("->")[0].split(","), shapes, strict=True):
            sizes |= {letter: n for letter, n in zip(term, shape, strict=True) if n != 1 or letter not in sizes}
        count.add(_times(list(sizes.values()), len(shapes)))


def unknown() -> None:
    """Say that something can't be counted."""
    count = _current.get()
    if count is not None:
        count.add(None)


@contextlib.contextmanager
def repeated(times: Any) -> Iterator[None]:
    """Scope that is described once for as many turns; a number that is not an int is not known."""
    count = _current.get()
    if count is None:
        yield
        return
    with counting() as turn:
        yield
    count.add(0 if turn.flops == 0 else _times([turn.flops, times if isinstance(times, int) else None], 1))


def largest(branches: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results of all branches, of which the most expensive one counts."""
    results, counts = [], []
    for branch in branches:
        with counting() as count:
            results.append(branch())
        counts.append(count.flops)
    around = _current.get()
    if around is not None:
        around.add(None if None in counts else max(n for n in counts if n is not None))
    return results


def _times(sizes: Sequence[Size], factor: int) -> int | None:
    known = [n for n in sizes if n is not None]
    return factor * math.prod(known) if len(known) == len(sizes) else None
