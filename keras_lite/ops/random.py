"""The random primitive.  Distributions, and the seeds that people use, are in `keras_lite.random`."""

from __future__ import annotations

from typing import Any

from keras_lite import config
from keras_lite.engine.errors import invalid, not_there
from keras_lite.ops import references, sizes
from keras_lite.ops.data import as_tensor
from keras_lite.ops.sample import Sample, array
from keras_lite.ops.table import primitive

SEED = array([7, 3], "uint32")


@primitive(samples=(Sample(SEED, (3, 4), 24), Sample(array([0, 2**32 - 1], "uint32"), (5,), 31), Sample(SEED, (0, 2), 8),
                    Sample(SEED, (), 1),
                    Sample(array([7], "uint32"), (2,), 24, error=r"seed must have shape \(2,\), got \(1,\)"),
                    Sample(SEED, (2,), 32, error="width must be 1 to 31")),
           differentiable=False, reference=references.random_bits)
def random_bits(engine: Any, seed: Any, shape: Any, width: int) -> Any:
    """int32 numbers of `width` random bits; `seed` holds (seed, counter) and names the draw: equal ones give equal numbers.

    The stream is defined in `keras_lite.engine.bits`, the same to the bit on every engine; with `config.set_random("native")` the
    engine's own generator draws instead.
    """
    seed = as_tensor(engine, seed, "uint32")
    if engine.shape_of(seed) != (2,):
        raise invalid("random_bits", f"seed must have shape (2,), got {engine.shape_of(seed)}")
    if not isinstance(width, int) or not 1 <= width <= 31:
        raise invalid("random_bits", f"width must be 1 to 31, got {width!r}")
    shape = sizes.known_shape("random_bits", engine, shape)
    if engine.is_abstract or config.random() == "portable":
        return seed, shape, width
    draw = getattr(engine, "native_random_bits", None)
    if draw is None:
        raise not_there("random", f"the engine {engine.name} offers no generator of its own, as config.set_random(\"native\") wants; "
                                  "those of jax, torch, tensorflow and numpy do, and \"portable\" works on every engine")
    return draw(seed, shape, width)
