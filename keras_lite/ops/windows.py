"""Window functions of signal processing: weights that fall toward both ends.

They are computed in float64, once, and rounded to `floatx`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops.arithmetic import add, divide, equal, multiply, subtract, where
from keras_lite.ops.core import cast
from keras_lite.ops.creation import full, iota
from keras_lite.ops.elementwise import absolute, cos, sqrt
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.sizes import as_count, is_unknown, larger, minus, number, whole
from keras_lite.ops.special import i0
from keras_lite.ops.statistics import wide
from keras_lite.ops.table import op

LENGTHS = (Sample(8), Sample(7), Sample(2), Sample(1), Sample(0), Sample(np.int64(3)),
           Sample(-1, error="the length of a window can't be negative, got -1"),
           Sample(2.5, error="the length of a window must be an int whose value is known, got 2.5"))


def _length(name: str, x: Any) -> int:
    length = whole(x)
    if length is None:
        raise wrong_type(name, f"the length of a window must be an int whose value is known, got {x!r}")
    if length < 0:
        raise invalid(name, f"the length of a window can't be negative, got {length}")
    return length


def _weights(name: str, window: Callable[..., np.ndarray], x: Any, *args: Any) -> Any:
    """The weights of NumPy's function as a tensor of `floatx`."""
    if is_unknown(x):
        return cast(_later(name, as_count(name, "the length of a window", x)), config.floatx())
    return cast(window(_length(name, x), *args), config.floatx())


_COSINES = {"blackman": (0.42, -0.5, 0.08), "hamming": (0.54, -0.46), "hanning": (0.5, -0.5)}


def _later(name: str, length: Any) -> Any:
    """The weights of a window whose length is not known yet."""
    t = _from_end_to_end(length)
    if name == "bartlett":
        weights = subtract(1.0, absolute(t))
    else:
        weights = full((length,), 0.0, "float64")
        for k, factor in enumerate(_COSINES[name]):  # with t + 1 from 0 to 2
            weights = add(weights, multiply(cos(multiply(add(t, 1.0), k * math.pi)), factor))
    return where(equal(number(length), 1), 1.0, weights)


def _from_end_to_end(length: Any) -> Any:
    """Numbers from -1 to 1."""
    return subtract(divide(multiply(iota(length, "float64"), 2.0), cast(number(larger(minus(length, 1), 1)), "float64")), 1.0)


@op(tensors=(), samples=LENGTHS)
def bartlett(x: Any) -> Any:
    """The `x` weights `1 - |2 i / (x - 1) - 1|` for i = 0, ..., x - 1, a triangle (`numpy.bartlett`), in `floatx`; [1] for one.

    Raises TypeError for an `x` that is no int, ValueError for a negative one.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.bartlett(5)).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    return _weights("bartlett", np.bartlett, x)


@op(tensors=(), samples=LENGTHS)
def blackman(x: Any) -> Any:
    """The `x` weights `0.42 - 0.5 cos(2 pi i / (x - 1)) + 0.08 cos(4 pi i / (x - 1))` (`numpy.blackman`), in `floatx`; [1] for one.

    Raises TypeError for an `x` that is no int, ValueError for a negative one.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.absolute(ops.blackman(5))).round(3)
    array([0.  , 0.34, 1.  , 0.34, 0.  ], dtype=float32)
    """
    return _weights("blackman", np.blackman, x)


@op(tensors=(), samples=LENGTHS)
def hamming(x: Any) -> Any:
    """The `x` weights `0.54 - 0.46 cos(2 pi i / (x - 1))` (`numpy.hamming`), in `floatx`; [1] for one.

    Raises TypeError for an `x` that is no int, ValueError for a negative one.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.hamming(5)).round(3)
    array([0.08, 0.54, 1.  , 0.54, 0.08], dtype=float32)
    """
    return _weights("hamming", np.hamming, x)


@op(tensors=(), samples=LENGTHS)
def hanning(x: Any) -> Any:
    """The `x` weights `0.5 - 0.5 cos(2 pi i / (x - 1))` (`numpy.hanning`), in `floatx`; [1] for one.

    Raises TypeError for an `x` that is no int, ValueError for a negative one.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.hanning(5)).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    return _weights("hanning", np.hanning, x)


@op(tensors=("beta",), floating=True, samples=(
    Sample(8, 14.0), Sample(7, 0), Sample(1, 5.0), Sample(0, 5.0), Sample(6, beta=-3.5), Sample(7, f32(low=1, high=9)),
    Sample(1, array(2.0)), Sample(2.5, 1.0, error="must be an int"), Sample(4, f32(2), error=r"beta must be a scalar, got shape \(2,\)")))
def kaiser(x: Any, beta: Any) -> Any:
    """The `x` weights `i0(beta * sqrt(1 - t**2)) / i0(beta)` for t from -1 to 1 (`numpy.kaiser`), in `floatx`; [1] for one.

    Kaiser, "Digital filters", in: Kuo, Kaiser, System analysis by digital computer, Wiley 1966.

    Args:
        x: their number, an int.
        beta: a scalar, which may be learnt: 0 is the rectangle, the larger it is the narrower they are.

    Raises:
        TypeError: `x` is no int.
        ValueError: `x` is negative, or `beta` no scalar.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.kaiser(5, 14.0)).round(3)
    array([0.   , 0.165, 1.   , 0.165, 0.   ], dtype=float32)
    """
    length = as_count("kaiser", "the length of a window", x) if is_unknown(x) else _length("kaiser", x)
    if shape_of(beta) != ():
        raise invalid("kaiser", f"beta must be a scalar, got shape {shape_of(beta)}")
    known = isinstance(length, int)
    if known and length == 1:
        return cast(np.ones(1), config.floatx())
    beta = wide(beta)
    t = np.linspace(-1, 1, length) if known else _from_end_to_end(length)
    root = np.sqrt((1 - t) * (1 + t)) if known else sqrt(multiply(subtract(1.0, t), add(t, 1.0)))
    weights = divide(i0(multiply(beta, cast(root, dtype_of(beta)))), i0(beta))
    return cast(weights if known else where(equal(number(length), 1), 1.0, weights), config.floatx())
