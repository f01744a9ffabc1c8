"""Known differences from another implementation of the API: the `[[difference]]` tables of `differences.toml`.

    [[difference]]
    reason = "an int is no pool size"
    numpy = ["max_pool[0,3]", "max_pool:int*"]      # on this backend: samples, dtypes of the sweep
    jax = ["max_pool"]                              # or all of an op
    any = ["nan*:float16"]                          # on some backend
    kinds = ["error"]                               # optional, see `against.Difference`; without it, all
    message = "inconsistent window"                 # optional: a regular expression that the difference matches

An entry is a promise that something differs: a cell that names an op, without a difference, is reported until the entry is mended.
"""

from __future__ import annotations

import fnmatch
import pathlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops.table import TABLE
from keras_lite.testing.against import KINDS, Difference
from keras_lite.testing.rival import Question

FILE = pathlib.Path(__file__).with_name("differences.toml")
CELL = re.compile(r"(?P<op>[\w*]+)(\[(?P<samples>[\d,]+)\])?(:(?P<dtype>[\w*]+))?")
ANY = "any"
FIGURES = ("accuracy",)  # kinds that depend on the machine and ask for no explanation


@dataclass(frozen=True)
class Known:
    """One entry; `cells` by backend, "any" for some of them."""

    reason: str
    cells: dict[str, tuple[str, ...]]
    kinds: tuple[str, ...] = ()
    message: str = ""

    def explains(self, difference: Difference) -> bool:
        """Whether the entry is about this difference."""
        cells = (*self.cells.get(difference.backend, ()), *self.cells.get(ANY, ()))
        return any(names(cell, difference.question) for cell in cells) and self._is_such(difference)

    def _is_such(self, difference: Difference) -> bool:
        return (not self.kinds or difference.kind in self.kinds) and bool(re.search(self.message, difference.message))

    def unmet(self, found: list[Difference], asked: list[Question], backends: Iterable[str], everywhere: bool) -> list[str]:
        """The promises of this entry about `asked` that no difference keeps; `everywhere`: all backends were asked."""
        such = [d for d in found if self._is_such(d)]
        where = (*backends, *([ANY] if everywhere else []))
        promised = [(backend, cell) for backend in where for cell in _single(self.cells.get(backend, ()))]
        return [f"{cell} on {backend}: {self.reason}" for backend, cell in promised
                if not cell.startswith("*") and any(names(cell, question) for question in asked)
                and not any(names(cell, d.question) and backend in (ANY, d.backend) for d in such)]


def names(cell: str, question: Question) -> bool:
    """Whether a cell of an entry means the question.

    >>> names("max_pool[0,3]", Question("max_pool", 3)), names("erf:int8", Question("erf", 0)), names("nan*", Question("nanmax", 0))
    (True, False, True)
    """
    parts = CELL.fullmatch(cell)
    if parts is None:
        raise invalid("differences", f"{cell!r} is no cell; expected op, op[sample] or op:dtype")
    if parts["samples"] is not None and (question.dtype or str(question.index) not in parts["samples"].split(",")):
        return False
    if parts["dtype"] is not None and not (question.dtype and fnmatch.fnmatch(question.dtype, parts["dtype"])):
        return False
    return fnmatch.fnmatch(question.op, parts["op"])


def _single(cells: Iterable[str]) -> list[str]:
    """Cells with several samples, one by one."""
    found = []
    for cell in cells:
        head, _, samples = cell.partition("[")
        found += [f"{head}[{i}]" for i in samples.rstrip("]").split(",")] if samples else [cell]
    return found


def read(path: pathlib.Path = FILE) -> tuple[Known, ...]:
    """The entries of a file; raises ValueError for one with an unknown key, kind or op, or without a reason."""
    entries = []
    for given in tomllib.loads(path.read_text()).get("difference", []):
        cells = {key: tuple(value) for key, value in given.items() if key in (ANY, *registry.BUILT_IN)}
        unknown = set(given) - {"reason", "kinds", "message", *cells} | (set(given.get("kinds", ())) - set(KINDS))
        if unknown or not cells or not given.get("reason"):
            raise invalid(str(path), f"a difference needs `reason` and cells, and has no {sorted(unknown)}: {given}")
        for cell in (cell for several in cells.values() for cell in several):
            parts = CELL.fullmatch(cell)
            if parts is None or not fnmatch.filter(TABLE, parts["op"]):
                raise invalid(str(path), f"{cell!r} names no op of the table")
        entries.append(Known(given["reason"], cells, tuple(given.get("kinds", ())), given.get("message", "")))
    return tuple(entries)


def reason(difference: Difference, known: Iterable[Known]) -> str:
    """Why the difference is there, "" if nobody has said."""
    if difference.kind == "accepts" and difference.question.call().sample.error:
        return "a mistake, which keras_lite names"
    if difference.kind in FIGURES:
        return "a matter of accuracy"
    return next((entry.reason for entry in known if entry.explains(difference)), "")


def unmet(found: list[Difference], asked: list[Question], backends: list[str], known: Iterable[Known], every: Iterable[str]) -> list[str]:
    """The promises of `known` that were not kept in this run."""
    everywhere = set(every) <= set(backends)
    return [line for entry in known for line in entry.unmet(found, asked, backends, everywhere)]


def report(found: list[Difference], known: Iterable[Known], explained: bool = True) -> str:
    """The differences for people: an op's sample, and beneath it who differs and how, whom the reference confirms, and the reason."""
    known, lines, last = tuple(known), [], ""
    order = {op: i for i, op in enumerate(TABLE)}
    grouped: dict[tuple[Question, str, str, str], list[str]] = {}
    for d in sorted(found, key=lambda d: (order[d.question.op], d.question.dtype, d.question.index)):
        why = reason(d, known)
        if explained or not why:
            judged = "Keras's own rule" if d.kind in ("dtype", "width") else "NumPy"
            verdict = f"; {judged} confirms {d.confirms}" if d.confirms else ""
            grouped.setdefault((d.question, d.kind, d.message + verdict, why), []).append(d.backend)
    for (question, kind, message, why), backends in grouped.items():
        if str(question) != last:
            last = str(question)
            lines.append(f"{last}  {_shown(question)}")
        lines.append(f"    {kind} on {', '.join(backends)}: {message}" + (f"  [{why}]" if why else ""))
    return "\n".join(lines)


def _shown(question: Question) -> str:
    sample = question.call().sample
    parts = [*map(_argument, sample.args), *(f"{name}={_argument(value)}" for name, value in sample.kwargs.items())]
    return f"({', '.join(parts)})"[:160]


def _argument(x: object) -> str:
    shape, dtype = getattr(x, "shape", None), getattr(x, "dtype", None)
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(map(_argument, x))}]"
    return repr(x) if shape is None or dtype is None else f"{dtype}{list(shape)}"


def summary(found: list[Difference], known: Iterable[Known]) -> str:
    """How many differences of each kind there are on each backend, and how many of them nobody has explained."""
    known = tuple(known)
    backends = list(dict.fromkeys(d.backend for d in found))
    lines = [f"{'':<12}" + "".join(f"{kind:>11}" for kind in KINDS) + f"{'unexplained':>13}"]
    for backend in backends:
        own = [d for d in found if d.backend == backend]
        counts = "".join(f"{sum(d.kind == kind for d in own):>11}" for kind in KINDS)
        lines.append(f"{backend:<12}{counts}{sum(not reason(d, known) for d in own):>13}")
    return "\n".join(lines)
