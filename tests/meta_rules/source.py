"""The project's Python files, parsed."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).parents[2]


def python_files(*folders: str) -> Iterator[pathlib.Path]:
    """Python files below the folders of the checkout."""
    for folder in folders:
        yield from sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def parse(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, module) of each absolute import, wherever it stands; `importlib.import_module("literal")` counts too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from ((node.lineno, arg.value) for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def engine_comparisons(tree: ast.AST, names: set[str]) -> Iterator[tuple[int, str]]:
    """(line, source) of each comparison, `match` pattern or string method that asks whether something is one of `names`."""
    for node in ast.walk(tree):
        operands: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            operands = [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("startswith", "endswith"):
            operands = node.args
        constants = {c.value for operand in operands for c in ast.walk(operand) if isinstance(c, ast.Constant)}
        if constants & names:
            place = node.value if isinstance(node, ast.MatchValue) else node
            yield place.lineno, ast.unparse(place)  # type: ignore[attr-defined]  # one of the three kinds above, which have a line
