"""One seed for everything that draws random numbers."""

from __future__ import annotations

import operator
import random
from typing import Any

import numpy as np

from keras_lite.engine.errors import invalid


def set_random_seed(seed: Any) -> None:
    """Seed Python's `random`, `numpy.random` and the package's own generator, from which layers and `fit` draw.

    The same seed then gives the same initial weights, shuffles and dropout masks, on every engine.

    Args:
        seed: an integer, 0 <= seed < 2**32.

    Raises:
        ValueError: the seed is no integer or out of range.

    >>> set_random_seed(7)
    """
    try:
        number = operator.index(seed)
    except TypeError:
        raise invalid("set_random_seed", f"seed must be an integer, got {seed!r} ({type(seed).__name__})") from None
    if not 0 <= number < 2**32:
        raise invalid("set_random_seed", f"seed must be at least 0 and below 2**32, got {number}")
    random.seed(number)
    np.random.seed(number)
    from keras_lite.random.seed_generator import seed_global_generator

    seed_global_generator(number)
