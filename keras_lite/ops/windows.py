"""Window functions of signal processing: weights that fall toward both ends.

They are computed in float64, once, and rounded to `floatx`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops.arithmetic import divide, multiply
from keras_lite.ops.core import cast
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.special import i0
from keras_lite.ops.statistics import wide
from keras_lite.ops.table import op

LENGTHS = (Sample(8), Sample(7), Sample(2), Sample(1), Sample(0), Sample(np.int64(3)),
           Sample(array(5, "int32"), eager=False, error="known"), Sample(-1, error="the length of a window can't be negative, got -1"),
           Sample(2.5, error="the length of a window must be an int whose value is known, got 2.5"))


def _length(name: str, x: Any) -> int:
    try:
        length = int(x.__index__())
    except (AttributeError, TypeError):
        raise wrong_type(name, f"the length of a window must be an int whose value is known, got {x!r}") from None
    if length < 0:
        raise invalid(name, f"the length of a window can't be negative, got {length}")
    return length


def _weights(name: str, window: Callable[..., np.ndarray], x: Any, *args: Any) -> Any:
    """The weights of NumPy's function as a tensor of `floatx`."""
    return cast(window(_length(name, x), *args), config.floatx())


@op(tensors=(), samples=LENGTHS)
def bartlett(x: Any) -> Any:
    """`x` weights of the triangle `1 - |2 i / (x - 1) - 1|`."""
    return _weights("bartlett", np.bartlett, x)


@op(tensors=(), samples=LENGTHS)
def blackman(x: Any) -> Any:
    """`x` weights `0.42 - 0.5 cos(2 pi i / (x - 1)) + 0.08 cos(4 pi i / (x - 1))`."""
    return _weights("blackman", np.blackman, x)


@op(tensors=(), samples=LENGTHS)
def hamming(x: Any) -> Any:
    """`x` weights `0.54 - 0.46 cos(2 pi i / (x - 1))`."""
    return _weights("hamming", np.hamming, x)


@op(tensors=(), samples=LENGTHS)
def hanning(x: Any) -> Any:
    """`x` weights `0.5 - 0.5 cos(2 pi i / (x - 1))`."""
    return _weights("hanning", np.hanning, x)


@op(tensors=("beta",), floating=True, samples=(
    Sample(8, 14.0), Sample(7, 0), Sample(1, 5.0), Sample(0, 5.0), Sample(6, beta=-3.5), Sample(7, f32(low=1, high=9)),
    Sample(1, array(2.0)), Sample(2.5, 1.0, error="must be an int"), Sample(4, f32(2), error=r"beta must be a scalar, got shape \(2,\)")))
def kaiser(x: Any, beta: Any) -> Any:
    """`x` weights `i0(beta * sqrt(1 - t**2)) / i0(beta)` for t from -1 to 1; `beta` is a scalar and may be learnt.

    Kaiser, "Digital filters", in: Kuo, Kaiser, System analysis by digital computer, Wiley 1966.
    """
    length = _length("kaiser", x)
    if shape_of(beta) != ():
        raise invalid("kaiser", f"beta must be a scalar, got shape {shape_of(beta)}")
    if length == 1:
        return cast(np.ones(1), config.floatx())
    beta = wide(beta)
    t = np.linspace(-1, 1, length)
    root = cast(np.sqrt((1 - t) * (1 + t)), dtype_of(beta))
    return cast(divide(i0(multiply(beta, root)), i0(beta)), config.floatx())
