"""Planting faults: a working engine with one function replaced by a wrong one, and what the matrix says about it."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.testing import Result, run
from keras_lite.testing.cells import cells, forget

MISSING = object()


@contextlib.contextmanager
def planted(owner: Any, **wrong: Any) -> Iterator[None]:
    """`owner` (an engine module) with attributes replaced; what was computed before is forgotten, but not the references."""
    saved = {name: getattr(owner, name, MISSING) for name in wrong}
    forget()
    for name, value in wrong.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, value in saved.items():
            delattr(owner, name) if value is MISSING else setattr(owner, name, value)
        forget()


def results(op: str, engine: str, check: str | None = None, quick: bool = True) -> list[Result]:
    """All cells of an op on an engine, or those of one check."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if engine != "symbolic":
            registry.load(engine)
        return [run(cell, quick) for cell in cells((engine,), (op,), quick) if check in (None, cell.check)]


def kinds(found: list[Result], status: str = "failed") -> set[str]:
    """The checks (or dtypes of the sweep) of the results with a status."""
    return {r.cell.dtype or r.cell.check for r in found if r.status == status}


def caught_by(op: str, engine: str, fault: Callable[[], contextlib.AbstractContextManager[None]], quick: bool = True) -> set[str]:
    """The checks that fail on `op` with the fault planted and pass without it, before and after."""
    sound = results(op, engine, quick=quick)
    assert not kinds(sound), [r.message for r in sound if not r.ok]
    with fault():
        faulty = results(op, engine, quick=quick)
    assert not kinds(results(op, engine, quick=quick)), "the fault outlived its scope"
    return kinds(faulty)
