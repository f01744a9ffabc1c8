"""The terminal that is written to."""

from __future__ import annotations

import shutil
import sys

FILE_COLUMNS = 80


def columns() -> int:
    """How many characters fit on a line of standard output; 80 where it is no terminal."""
    return shutil.get_terminal_size((FILE_COLUMNS, 24)).columns if sys.stdout.isatty() else FILE_COLUMNS
