"""Checks of the portable random stream against its definition."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import bits
from keras_lite.engine.checks.tools import holds, same, tensor


def random_bits_are_the_test_vectors(e: Any) -> None:
    for (seed, counter, index), word in bits.VECTORS.items():
        if index < 2**21:  # the engine draws all the elements before it too
            for width in (31, 24, 1):
                drawn = e.random_bits(tensor(e, [seed, counter], "uint32"), (index + 1,), width)
                got, want = int(e.to_numpy(drawn)[index]), word >> (32 - width)
                holds(got == want, f"seed {seed}, counter {counter}, index {index}, width {width}: {got} for {want}")


def random_bits_run_through_the_shape(e: Any) -> None:
    words = bits.word(np.arange(24, dtype="uint64"), *bits.draw_key(2**32 - 1, 2**31))
    seed = tensor(e, [2**32 - 1, 2**31], "uint32")
    same(e, e.random_bits(seed, (2, 3, 4), 31), (words >> 1).reshape(2, 3, 4), "int32")
    same(e, e.random_bits(seed, (), 8), words[0] >> 24, "int32")
    same(e, e.random_bits(seed, (0, 3), 8), np.zeros((0, 3)), "int32")
    same(e, e.compile(lambda s: e.random_bits(s, (24,), 16))(seed), words >> 16, "int32", of="compiled")
