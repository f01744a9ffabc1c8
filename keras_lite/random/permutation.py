"""Random orders, drawn on the host."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import bits, registry


def host_permutation(generator: Any, size: int) -> np.ndarray:
    """A random order of `range(size)` as int32: the stable order of `size` random words, equal for every engine."""
    with registry.using("numpy"):
        seed, counter = (int(x) for x in np.asarray(generator.next()))
    k0, k1 = bits.draw_key(seed, counter)
    words = bits.word(np.arange(size, dtype=np.uint32), np.uint32(k0), np.uint32(k1))
    return np.argsort(words, kind="stable").astype(np.int32)
