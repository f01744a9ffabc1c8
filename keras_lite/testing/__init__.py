"""The parity matrix: every op, on every sample, on every engine, by every check.

An engine's author runs it too; five lines make a test file (see `keras_lite.testing.pytest_cells`), one command a report:

    python -m keras_lite.testing.matrix --engine torch --op softmax
"""

from keras_lite.testing.cells import Cell, Result, cells, run, stale_gaps

__all__ = ["Cell", "Result", "cells", "run", "stale_gaps"]
