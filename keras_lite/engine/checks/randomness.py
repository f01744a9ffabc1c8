"""Checks of the portable random stream against its definition, and of an engine's own generator where it offers one."""

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


def native_random_bits_follow_their_seed(e: Any) -> None:
    draw = getattr(e, "native_random_bits", None)
    if draw is None:
        return
    compiled = e.compile(lambda seed: draw(seed, (1000,), 31))
    rows = {}
    for pair in ((7, 3), (7, 4), (8, 3), (3, 7), (2**32 - 1, 2**32 - 1)):
        seed = tensor(e, pair, "uint32")
        first = rows[pair] = e.to_numpy(compiled(seed)).astype("int64")
        same(e, compiled(seed), first, "int32", of="drawn again")
        holds(first.min() >= 0 and 0.45 < first.mean() / 2**31 < 0.55, f"numbers of 31 bits have the mean {first.mean()}")
    equal = max(np.mean(rows[a] == rows[b]) for a in rows for b in rows if a != b)
    holds(equal < 0.01, f"draws with other seeds have {equal} of their numbers in common")
    for shape, width in (((2, 3), 1), ((), 8), ((0, 3), 31)):
        drawn = e.to_numpy(draw(tensor(e, [7, 3], "uint32"), shape, width))
        holds(drawn.shape == shape and (not drawn.size or drawn.max() < 2**width), f"{width} bits of shape {shape}: {drawn.tolist()}")
