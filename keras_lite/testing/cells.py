"""The cells of the matrix: which there are, and running one."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOATS, INTEGERS, is_float, is_integer
from keras_lite.ops.sample import Array
from keras_lite.ops.table import TABLE, Record
from keras_lite.symbolic import engine as abstract
from keras_lite.testing import checks
from keras_lite.testing.bench import Bench, differentiated, twice_differentiated
from keras_lite.testing.calls import leading, places
from keras_lite.testing.gaps import Gap, gaps_of
from keras_lite.testing.native import native
from keras_lite.testing.reference import Undefined
from keras_lite.testing.unknown import unknown_sizes

QUICK = (*FLOATS, "uint8", "int8", "int32", "int64", "bool")
FULL = (*FLOATS, *INTEGERS, "bool")
SYMBOLIC = "symbolic"  # the column of the checks that need no engine


@dataclass(frozen=True)
class Cell:
    """One check of one sample of an op on an engine; `dtype` is set in the dtype sweep."""

    op: str
    index: int
    engine: str
    check: str
    dtype: str = ""

    @property
    def id(self) -> str:
        return f"{self.op}[{self.index}]-{self.engine}-{self.dtype or self.check}"

    def dtypes(self) -> set[str]:
        """Dtypes of the arguments; a gap may be limited to some."""
        return {self.dtype} if self.dtype else {x.dtype for x in places(TABLE[self.op].samples[self.index])}


@dataclass(frozen=True)
class Result:
    """What became of a cell.

    `status` is "ok", "failed", "gap" (failed as the engine's limits say) or "void" (NumPy or the frontend define no result for such
    dtypes).  `gap` is the entry of the limits that names the cell, if there is one.
    """

    cell: Cell
    status: str
    ulps: float | None = None
    message: str = ""
    seconds: float = 0.0
    gap: Gap | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        return self.status != "failed"


def cells(engines: Iterable[str], ops: Iterable[str] | None = None, quick: bool = True) -> Iterator[Cell]:
    """All cells, op by op; those that need no engine belong to the engine "symbolic".

    `quick` leaves out dtypes that differ from the others only in width or that the engine narrows by default, the gradients of later
    samples and most second gradients, compiles every other sample, and runs most samples in their program alone on engines that
    compile each eager call.
    """
    engines = list(engines)
    for name in TABLE if ops is None else ops:
        for engine in engines:
            yield from _symbolic_cells(TABLE[name]) if engine == SYMBOLIC else engine_cells(TABLE[name], engine, quick)


def _symbolic_cells(record: Record) -> Iterator[Cell]:
    if not record.samples:
        yield Cell(record.name, 0, SYMBOLIC, "samples")
    for i, sample in enumerate(record.samples):
        yield Cell(record.name, i, SYMBOLIC, "error" if sample.error else "unknown_sizes")


def engine_cells(record: Record, engine: str, quick: bool = True) -> Iterator[Cell]:
    """The cells of one op on one engine."""
    loaded = registry.load(engine)
    bench = _bench(record.name, engine, loaded, quick)
    once, twice = differentiated(loaded, record, quick), twice_differentiated(loaded, record, quick)
    for i, sample in enumerate(record.samples):
        if sample.error:
            if sample.eager:
                yield Cell(record.name, i, engine, "error")
            continue
        optional = {"compiled": not record.dynamic and bench.runs_alone(i) and bench.is_compiled(i), "gradient": i in once,
                    "native": record.name in loaded.natives, "second_gradient": i in twice}
        names = ["value", "spec", *(check for check, there in optional.items() if there)]
        yield from (Cell(record.name, i, engine, check) for check in names)
    yield from (Cell(record.name, i, engine, "dtype", dtype) for i, dtype in engine_sweep(record, loaded, quick))


@functools.cache
def _swept(name: str, quick: bool) -> tuple[tuple[int, str], ...]:
    record = TABLE[name]
    filled = {i: places(s) for i, s in enumerate(record.samples) if not s.error and places(s) and all(0 not in x.shape for x in places(s))}
    with_floats = {i: arrays for i, arrays in filled.items() if any(is_float(x.dtype) for x in arrays)}
    with_integers = {i: x for i, x in filled.items() if i not in with_floats and any(is_integer(array.dtype) for array in x)}
    floats, integers = _largest(with_floats), _largest(with_integers or with_floats)
    wanted = record.dtypes or (QUICK if quick else FULL)
    pairs = ((floats if is_float(dtype) else integers, dtype) for dtype in wanted)
    return tuple((i, dtype) for i, dtype in pairs if i is not None and _is_new(filled[i], dtype))


def _largest(samples: dict[int, list[Array]]) -> int | None:
    """The sample with the most elements: short sums hide in which dtype they were accumulated."""
    return max(samples, key=lambda i: sum(math.prod(x.shape) for x in samples[i]), default=None)


def _is_new(arrays: list[Array], dtype: str) -> bool:
    """Whether the arrays can be and are not yet of `dtype`; explicit negative values have no counterpart in an unsigned one."""
    explicit = [np.ravel(x.values) for x in arrays if x.values is not None]
    return any(x.dtype != dtype for x in leading(arrays)) and (not dtype.startswith("uint") or all((v >= 0).all() for v in explicit))


def sweep(record: Record, quick: bool = True) -> tuple[tuple[int, str], ...]:
    """(sample, dtype) of the dtype sweep: the largest sample with floats in the float dtypes, that with integers in the others."""
    return _swept(record.name, quick)


def engine_sweep(record: Record, engine: Any, quick: bool = True) -> list[tuple[int, str]]:
    """The sweep on an engine; quick runs leave out dtypes that it narrows by default."""
    return [(i, dtype) for i, dtype in sweep(record, quick) if not quick or engine.canonical_dtype(dtype) == dtype]


@functools.lru_cache(maxsize=16)
def _bench(op: str, engine: str, loaded: Any, quick: bool) -> Bench:
    return Bench(loaded, TABLE[op], quick)


def forget() -> None:
    """Drop remembered outcomes (after an engine or an op has changed); references are kept."""
    _bench.cache_clear()


def run(cell: Cell, quick: bool = True) -> Result:
    """The result of a cell; what its op and engine computed before is used again."""
    engine = abstract if cell.engine == SYMBOLIC else registry.load(cell.engine)
    bench = _bench(cell.op, cell.engine, engine, quick)
    gap = next((g for g in gaps_of(engine) if g.names(cell.op, cell.check, cell.dtypes())), None) if cell.engine != SYMBOLIC else None
    start = time.perf_counter()
    try:
        status, ulps, message = "ok", _check(bench, cell, quick), ""
    except Undefined as undefined:
        status, ulps, message = "void", None, str(undefined)
    except checks.Failure as failure:
        status, ulps, message = "gap" if gap else "failed", failure.ulps, str(failure)
    except Exception as error:
        status, ulps, message = "gap" if gap else "failed", None, f"{type(error).__name__}: {error}"[:600]
    return Result(cell, status, ulps, message, time.perf_counter() - start, gap)


def _check(bench: Bench, cell: Cell, quick: bool) -> float | None:
    if cell.check == "samples":
        raise checks.Failure("the op has no samples")
    if cell.check == "dtype":
        return checks.dtype(bench, cell.index, cell.dtype, list(engine_sweep(bench.record, bench.engine, quick)))
    return CHECKS[cell.check](bench, cell.index)


CHECKS: dict[str, Any] = {
    "value": checks.value, "gradient": checks.gradient, "compiled": checks.compiled, "spec": checks.spec,
    "error": checks.error_raised, "unknown_sizes": unknown_sizes, "native": native,
    "second_gradient": checks.second_gradient,
}


def stale_gaps(results: Iterable[Result]) -> list[tuple[str, str, Gap]]:
    """(engine, op, gap) for which cells were run and none failed: entries of limits.toml to delete."""
    fails: dict[tuple[str, str, Gap], bool] = {}
    for result in results:
        if result.gap is not None:
            key = (result.cell.engine, result.cell.op, result.gap)
            fails[key] = fails.get(key, False) or result.status == "gap"
    return [key for key, failed in fails.items() if not failed]
