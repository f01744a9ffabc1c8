"""`python -m keras_lite.testing.matrix`: run the parity matrix and report, write or check its page.

    python -m keras_lite.testing.matrix                                  # all installed engines
    python -m keras_lite.testing.matrix --engine torch --op conv         # a part; --op also takes patterns like 'reduce_*'
    python -m keras_lite.testing.matrix --jobs 2 --page docs/parity.md   # ... in two processes, and write the page
    python -m keras_lite.testing.matrix --check docs/parity.md           # are its rows, columns and gaps still right? (runs nothing)
    python -m keras_lite.testing.matrix --against keras --op 'nan*'      # the samples on Keras's backends instead, where they differ
"""

from __future__ import annotations

import argparse
import concurrent.futures
import fnmatch
import functools
import importlib.util
import multiprocessing
import pathlib
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures.process import BrokenProcessPool

import numpy as np

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.errors import unknown_name
from keras_lite.ops.table import TABLE, Record
from keras_lite.testing import pages
from keras_lite.testing.cells import SYMBOLIC, Cell, Result, cells, run, stale_gaps
from keras_lite.testing.reference import REFERENCE
from keras_lite.testing.report import details, failures, summary

FEW = 8  # up to so many ops get a line of their own, and all their failures are shown
MANY = 200  # failures shown of more ops


def installed() -> list[str]:
    """The built-in engines whose framework is here, the reference first."""
    names = [name for name, row in registry.BUILT_IN.items() if importlib.util.find_spec(row.frameworks[0])]
    return sorted(names, key=lambda name: name != REFERENCE)


def _names() -> dict[str, set[str]]:
    """The ops of the table by each name they can be asked for: their own, the public one and aliases of it."""
    named: dict[str, set[str]] = {name: {name} for name in TABLE}
    for public, function in vars(ops).items():
        record = getattr(function, "op", None)
        if isinstance(record, Record):
            named.setdefault(public, set()).add(record.name)
    return named


def chosen_ops(patterns: Iterable[str] | None) -> list[str]:
    """Ops of the table of which a name matches one of the patterns, in the table's order.

    Raises ValueError with the nearest names for a pattern that matches none.
    """
    named, chosen = _names(), set[str]()
    for pattern in patterns or ["*"]:
        matching = fnmatch.filter(named, pattern)
        if not matching:
            raise unknown_name("op", pattern, named)
        chosen.update(*(named[name] for name in matching))
    return [name for name in TABLE if name in chosen]


def run_all(chosen: Iterable[Cell], quick: bool = True) -> list[Result]:
    """The results of the cells; warnings of the frameworks (NaN, overflow) are left out."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [run(cell, quick) for cell in chosen]


def run_ops(names: list[str], engines: list[str], quick: bool = True, brief: bool = False, jobs: int = 1) -> list[Result]:
    """The results of all cells of some ops, in `jobs` processes; of `brief` ones the values of one sample alone.

    What needs no engine is checked along with the reference.
    """
    named = [SYMBOLIC, *engines] if REFERENCE in engines else engines
    one = functools.partial(_run_op, engines=named, quick=quick, brief=brief)
    if jobs == 1:
        return [result for name in names for result in one(name)]
    found = _spread(one, names, jobs)
    return [result for name in names for result in found[name]]


def _spread(one: Callable[[str], list[Result]], names: list[str], jobs: int) -> dict[str, list[Result]]:
    """The results of the ops, in so many processes; an op whose code ends its process has failed."""
    found: dict[str, list[Result]] = {}
    while left := [name for name in names if name not in found]:
        found |= _until_one_ends(one, left, jobs)
        for name in [name for name in left if name not in found][:jobs]:  # one of those at work ended its process
            alone = _until_one_ends(one, [name], 1)
            found |= alone or {name: [Result(Cell(name, 0, "", "process"), "failed", message="ended its process")]}
    return found


def _until_one_ends(one: Callable[[str], list[Result]], names: list[str], jobs: int) -> dict[str, list[Result]]:
    with concurrent.futures.ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:  # a fork suits no framework
        futures = {name: pool.submit(one, name) for name in names}
        concurrent.futures.wait(futures.values())
    return {name: future.result() for name, future in futures.items() if not _is_broken(future)}


def _is_broken(future: concurrent.futures.Future[list[Result]]) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


def _run_op(name: str, engines: list[str], quick: bool, brief: bool) -> list[Result]:
    chosen = list(cells(engines, [name], quick))
    if brief:
        chosen = [cell for cell in chosen if cell.check == "value" and cell.index == min(c.index for c in chosen if c.check == "value")]
    return run_all(chosen, quick)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status: 1 for problems, 2 where what was asked for is not there."""
    options = _parser().parse_args(arguments)
    try:
        engines, names = options.engine or installed(), chosen_ops(options.op)
        for engine in engines:
            registry.load(engine)
        if options.against and importlib.util.find_spec(options.against) is None:
            raise ImportError(f"--against {options.against}: {options.against} is not installed here; pip install {options.against}")
    except (ValueError, ImportError) as error:
        print(f"matrix: {error}", file=sys.stderr)
        return 2
    if options.check:
        return _report_page(pages.outdated(options.check, engines), options.check)
    if options.against:
        return _compare(options.against, engines, names, not options.full)
    return _run(options, engines, names)


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m keras_lite.testing.matrix", description=__doc__, formatter_class=raw)
    parser.add_argument("--engine", action="append", help="an engine (may be repeated); default: all that are installed")
    parser.add_argument("--op", action="append", help="an op or a pattern (may be repeated); default: all")
    parser.add_argument("--full", action="store_true", help="also the dtypes that differ from others only in width")
    parser.add_argument("--brief", action="store_true", help="the values of one sample of each op alone: do the engines get along?")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the work (default: 1)")
    parser.add_argument("--page", type=pathlib.Path, help="write the parity page here, and coverage.md beside it")
    parser.add_argument("--check", type=pathlib.Path, help="compare the rows, columns and gaps of a page with the table")
    parser.add_argument("--against", metavar="MODULE", help="run the samples on the backends of this implementation of the API (keras)")
    return parser


def _run(options: argparse.Namespace, engines: list[str], names: list[str]) -> int:
    quick, start = not options.full, time.perf_counter()
    results = run_ops(names, engines, quick, options.brief, options.jobs)
    problems = failures(results, [] if options.brief else stale_gaps(results))
    shown = problems if len(names) <= FEW else problems[:MANY]
    shown = [*shown, f"... and {len(problems) - len(shown)} more"] if len(shown) < len(problems) else shown
    print("\n\n".join(filter(None, [details(results) if len(names) <= FEW else "", summary(results), "\n".join(shown)])))
    print(f"\n{len(results)} cells of {len(names)} ops in {time.perf_counter() - start:.1f} s; {len(problems)} unexplained")
    if options.page:
        pages.write(options.page, engines, results)
    return 1 if problems else 0


def _compare(module: str, engines: list[str], names: list[str], quick: bool) -> int:
    from keras_lite.testing import against, differences

    asked, known = against.questions(names, quick=quick), differences.read()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = against.compared(module, engines, asked, functools.partial(print, file=sys.stderr, flush=True))
        unmet = differences.unmet(found, asked, engines, known, registry.BUILT_IN)
        print("\n\n".join(filter(None, [differences.report(found, known), differences.summary(found, known), "\n".join(unmet)])))
        unexplained = sum(not differences.reason(d, known) for d in found)
    print(f"\n{len(asked)} samples; {len(found)} differences, {unexplained} unexplained; {len(unmet)} promised ones are not there")
    return 1 if unexplained or unmet else 0


def _report_page(differences: list[str], path: pathlib.Path) -> int:
    for line in differences:
        print(line)
    print(f"{path}: {'outdated, run python -m keras_lite.testing.matrix --page ' + str(path) if differences else 'up to date'}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
