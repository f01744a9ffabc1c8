"""The Python blocks of README and the guides run as they stand, top to bottom, each page in a fresh process."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import textwrap

import pytest

from tests.meta_rules.source import ROOT

BLOCK = re.compile(r"^( *)```python\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def code_of(page: pathlib.Path) -> str:
    """The page's blocks one after the other, on the lines where they stand (so that a traceback points into the page)."""
    text, code, line = page.read_text(), [], 1
    for block in BLOCK.finditer(text):
        start = text.count("\n", 0, block.start(2)) + 1
        code.append("\n" * (start - line) + textwrap.dedent(block.group(2)))
        line = start + block.group(2).count("\n")
    return "".join(code)


@pytest.mark.parametrize("page", [page for page in PAGES if BLOCK.search(page.read_text())], ids=lambda page: page.name)
def test_code_blocks(page: pathlib.Path, tmp_path: pathlib.Path) -> None:
    roots = [str(ROOT), str(ROOT / "backends")]
    program = tmp_path / f"{page.stem}_code.py"
    program.write_text(f"import sys; sys.path[:0] = {roots!r}\nexec(compile({code_of(page)!r}, {str(page)!r}, 'exec'))\n")
    done = subprocess.run([sys.executable, program], cwd=tmp_path, env=os.environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
