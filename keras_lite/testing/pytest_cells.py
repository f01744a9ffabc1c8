"""The parity matrix as pytest tests, one for each op and engine.  A test file of an engine needs no more than this:

    from keras_lite.testing.pytest_cells import matrix_tests

    test_parity = matrix_tests("my_engine")

`KERAS_LITE_FULL=1` runs all dtypes; without it those that differ from others only in width are left out.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras_lite.engine import registry
from keras_lite.ops.table import TABLE
from keras_lite.testing.cells import SYMBOLIC, Cell, Result, cells, run, stale_gaps
from keras_lite.testing.matrix import installed
from keras_lite.testing.report import failures

QUICK = not os.environ.get("KERAS_LITE_FULL")


def engines_here() -> list[str]:
    """The engine that KERAS_LITE_BACKEND names, else all that are installed."""
    chosen = os.environ.get("KERAS_LITE_BACKEND")
    return [chosen] if chosen else installed()


def matrix_tests(*engines: str, ops: Any = None) -> Callable[..., None]:
    """A parametrized test over ops and engines; the checks that need no engine are the engine "symbolic"."""
    pairs = [(op, engine) for op in (TABLE if ops is None else ops) for engine in (SYMBOLIC, *engines)]

    @pytest.mark.parametrize(("op", "engine"), pairs, ids=[f"{op}-{engine}" for op, engine in pairs])
    def test_matrix(op: str, engine: str, record_property: Callable[[str, object], None]) -> None:
        results = check(op, engine)
        for status in sorted({r.status for r in results}):
            record_property(status, sum(r.status == status for r in results))

    return test_matrix


def check(op: str, engine: str) -> list[Result]:
    """Run all cells of an op on an engine; fails listing those that have no explanation, and gaps that are none any more."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # frameworks warn of NaN, overflow and their own deprecations
        if engine != SYMBOLIC:
            registry.load(engine)
        results = [run(cell, QUICK) for cell in chosen(op, engine)]
    problems = failures(results, stale_gaps(results))
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
    return results


def chosen(op: str, engine: str) -> list[Cell]:
    """The cells of one op that belong to `engine`, which may be "symbolic"."""
    return list(cells((engine,), (op,), QUICK))
