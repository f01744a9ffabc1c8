"""Keras itself, as the reference for behaviour; the tests are skipped where it is not installed."""

from __future__ import annotations

import os
import warnings
from typing import Any

import pytest


@pytest.fixture(scope="session")
def keras() -> Any:
    """The Keras package, on its NumPy backend."""
    before = os.environ.get("KERAS_BACKEND")
    os.environ["KERAS_BACKEND"] = "numpy"  # read once, when Keras is imported; keras_lite reads it too, so it is put back
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = pytest.importorskip("keras", minversion="3.15")
    finally:
        if before is None:
            del os.environ["KERAS_BACKEND"]
        else:
            os.environ["KERAS_BACKEND"] = before
    return module
