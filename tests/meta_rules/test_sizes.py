"""Modules up to 400 lines, functions up to 40, or a reason."""

from __future__ import annotations

import ast

from tests.meta_rules import sizes


def test_what_is_too_long_has_a_reason() -> None:
    reasons = sizes.exceptions()
    assert not [size for size in sizes.offenders() if size.place not in reasons]


def test_reasons_are_given_for_what_is_too_long_alone() -> None:
    assert set(sizes.exceptions()) <= {size.place for size in sizes.offenders()}
    assert all(len(reason) > 10 for reason in sizes.exceptions().values())


def test_lines_of_functions_are_counted_without_their_docstring() -> None:
    source = 'class A:\n    def f(self):\n        """One\n        two."""\n        def g():\n            pass\n        return g\n'
    assert sizes.functions(ast.parse(source)) == [("A.f", 4), ("A.f.g", 2)]


def test_lines_of_modules_are_counted_without_docstrings() -> None:
    source = '"""One."""\n\nclass A:\n    """Two\n    lines."""\n\n    def f(self):\n        """One."""\n        return """no\nmore"""\n'
    assert sizes.module_lines(source) == 6
