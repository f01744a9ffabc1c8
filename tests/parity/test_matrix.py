"""The parity matrix on the installed engines in one process, or on the one that KERAS_LITE_BACKEND names."""

from __future__ import annotations

from keras_lite.testing.pytest_cells import engines_here, matrix_tests

test_parity = matrix_tests(*engines_here())
