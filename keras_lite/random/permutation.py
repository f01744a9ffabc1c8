"""Random orders, drawn on the host."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.random.distributions import permutation


def host_permutation(generator: Any, size: int) -> np.ndarray:
    """A random order of `range(size)` as int32: `shuffle`'s, computed by NumPy."""
    with registry.using("numpy"):
        return permutation(np.asarray(generator.next()), size)
