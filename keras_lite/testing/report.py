"""The matrix's results for people: failures, counts and times as text."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from keras_lite.testing.cells import CHECKS, SYMBOLIC, Result


def failures(results: Iterable[Result], stale: Iterable[tuple[str, str, Any]]) -> list[str]:
    """The cells without an explanation and the gaps that pass, a line for each; empty when all is well."""
    lines = [f"{r.cell.id}: {r.message.splitlines()[0] if r.message else ''}" for r in results if r.status == "failed"]
    return lines + [f"{op}-{engine}: the gap {gap} of its limits.toml does not fail any more: delete it" for engine, op, gap in stale]


def summary(results: list[Result]) -> str:
    """Cells and seconds for each engine and check, and the largest error."""
    engines = list(dict.fromkeys(r.cell.engine for r in results))
    lines = [f"{'engine':<12}{'check':<15}{'cells':>7}{'failed':>8}{'gap':>6}{'void':>6}{'ulps':>9}{'seconds':>9}"]
    for engine in engines:
        for check in [*CHECKS, "dtype"]:
            rows = [r for r in results if r.cell.engine == engine and r.cell.check == check]
            if rows:
                lines.append(f"{engine:<12}{check:<15}{_tally(rows)}")
        rows = [r for r in results if r.cell.engine == engine]
        lines.append(f"{engine:<12}{'all':<15}{_tally(rows)}")
    return "\n".join(lines)


def _tally(rows: list[Result]) -> str:
    status = Counter(r.status for r in rows)
    ulps = max((r.ulps for r in rows if r.ulps is not None and r.status == "ok"), default=math.nan)
    seconds = sum(r.seconds for r in rows)
    return f"{len(rows):>7}{status['failed']:>8}{status['gap']:>6}{status['void']:>6}{ulps:>9.3g}{seconds:>9.2f}"


def details(results: list[Result]) -> str:
    """One line for each op and engine with its largest errors, for a short list of ops."""
    by: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for r in results:
        if r.ulps is not None and r.cell.engine != SYMBOLIC:
            errors = by[r.cell.op, r.cell.engine]
            name = r.cell.dtype or r.cell.check
            errors[name] = max(errors.get(name, 0.0), r.ulps)
    rows = ((f"{op:<24}{engine:<12}", errors) for (op, engine), errors in by.items())
    return "\n".join(head + "  ".join(f"{name} {ulps:.3g}" for name, ulps in errors.items()) for head, errors in rows)
