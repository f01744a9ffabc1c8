"""Modules over 400 lines and functions over 40, docstrings not counted: `python -m tests.meta_rules.sizes` prints them.

exceptions.toml lists the ones that are right as they are, each with its reason and its size.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from typing import NamedTuple

from tests.meta_rules.source import ROOT, parse, python_files

MODULE_LINES, FUNCTION_LINES = 400, 40
FOLDERS = ("keras_lite", "backends", "tests", "examples", "benchmarks")


class Size(NamedTuple):
    """How many lines something has; `place` is its file, with "::name" for a function."""

    place: str
    lines: int
    limit: int


def functions(tree: ast.AST, prefix: str = "") -> list[tuple[str, int]]:
    """(qualified name, lines) of each function; a nested one counts in the outer as well."""
    found = []
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{prefix}.{node.name}".lstrip(".")
            if not isinstance(node, ast.ClassDef):
                found.append((name, body_lines(node)))
        found += functions(node, name)
    return found


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the function's own docstring: what has to be followed when reading."""
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring_lines(function)


def module_lines(source: str) -> int:
    """Lines of a module without docstrings: its own, and those of its classes and functions."""
    return len(source.splitlines()) - sum(docstring_lines(node) for node in ast.walk(ast.parse(source)))


def docstring_lines(node: ast.AST) -> int:
    """Lines of the docstring of a module, class or function; 0 for what has none."""
    if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) or not node.body:
        return 0
    first = node.body[0]
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)):
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def sizes(*folders: str) -> list[Size]:
    """Every module and function below `folders`."""
    found = []
    for path in python_files(*folders):
        place = path.relative_to(ROOT).as_posix()
        found.append(Size(place, module_lines(path.read_text()), MODULE_LINES))
        found += [Size(f"{place}::{name}", lines, FUNCTION_LINES) for name, lines in functions(parse(path))]
    return found


def offenders() -> list[Size]:
    """What is over its limit, the longest first."""
    return sorted((size for size in sizes(*FOLDERS) if size.lines > size.limit), key=lambda size: -size.lines / size.limit)


def exceptions() -> dict[str, str]:
    """The reasons, by place."""
    return tomllib.loads((ROOT / "tests/meta_rules/exceptions.toml").read_text())


def main() -> int:
    """Print the offenders and a line for each folder; 1 if one has no reason."""
    reasons, without = exceptions(), 0
    for size in offenders():
        without += size.place not in reasons
        print(f"{size.lines:5} lines (limit {size.limit})  {size.place}  {reasons.get(size.place, 'NO REASON GIVEN')}")
    for folder in FOLDERS:
        modules = [size for size in sizes(folder) if size.limit == MODULE_LINES]
        print(f"{sum(size.lines for size in modules):7} lines without docstrings in {len(modules)} modules of {folder}/")
    return int(without > 0)


if __name__ == "__main__":
    sys.exit(main())
