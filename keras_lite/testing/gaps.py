"""Known gaps of an engine: the `[[gap]]` tables of `limits.toml` beside its module.

    [[gap]]
    op = "erfinv"                   # or a list of ops
    dtypes = ["bfloat16"]           # optional: the cells of these dtypes; without it, all
    checks = ["gradient"]           # optional: the cells of these checks; without it, all
    reason = "the kernel does not exist"
    link = "https://..."            # optional

A gap is a promise that something fails.  When nothing it names fails any more, the matrix fails until the entry is deleted.
"""

from __future__ import annotations

import functools
import importlib.util
import pathlib
import tomllib
from dataclasses import dataclass
from typing import Any

from keras_lite.engine.errors import invalid


@dataclass(frozen=True)
class Gap:
    """One entry; empty `dtypes` or `checks` name all of them."""

    ops: tuple[str, ...]
    reason: str
    dtypes: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    link: str = ""

    def names(self, op: str, check: str, dtypes: set[str]) -> bool:
        """Whether the cell of `op` and `check`, whose arrays have `dtypes`, is one of this gap's."""
        return op in self.ops and (not self.checks or check in self.checks) and (not self.dtypes or bool(dtypes & set(self.dtypes)))

    def __str__(self) -> str:
        return " ".join([", ".join(self.ops), *(f"({', '.join(part)})" for part in (self.checks, self.dtypes) if part)])


def read(path: pathlib.Path) -> tuple[Gap, ...]:
    """The gaps in a file; raises ValueError for an entry without reason or with an unknown key."""
    if not path.is_file():
        return ()
    gaps = []
    for entry in tomllib.loads(path.read_text()).get("gap", []):
        unknown = set(entry) - {"op", "dtypes", "checks", "reason", "link"}
        if unknown or not entry.get("op") or not entry.get("reason"):
            raise invalid(str(path), f"a gap needs `op` and `reason` and has no {sorted(unknown)}: {entry}")
        ops = (entry["op"],) if isinstance(entry["op"], str) else tuple(entry["op"])
        gaps.append(Gap(ops, entry["reason"], tuple(entry.get("dtypes", ())), tuple(entry.get("checks", ())), entry.get("link", "")))
    return tuple(gaps)


def gaps_of(engine: Any) -> tuple[Gap, ...]:
    """The known gaps of an engine: its attribute `gaps`, else the file beside its module."""
    return tuple(engine.gaps) if hasattr(engine, "gaps") else _beside(getattr(engine, "__file__", None) or "")


def gaps_of_module(module: str) -> tuple[Gap, ...]:
    """The known gaps of an engine that need not be importable here, by the name of its module."""
    found = importlib.util.find_spec(module)
    return _beside(found.origin or "") if found else ()


@functools.cache
def _beside(origin: str) -> tuple[Gap, ...]:
    return read(pathlib.Path(origin).parent / "limits.toml") if origin else ()
