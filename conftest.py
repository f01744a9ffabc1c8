"""What the examples of docstrings find without importing it: `ops` and `np`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import ops


@pytest.fixture(autouse=True, scope="session")
def names_of_examples(doctest_namespace: dict[str, Any]) -> None:
    """Fill the namespace of the doctests."""
    doctest_namespace.update(ops=ops, np=np)
