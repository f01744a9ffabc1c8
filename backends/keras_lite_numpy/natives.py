"""Own implementations of ops of the table.  They are few: the composites are the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine import normals
from keras_lite_numpy.elementwise import less_equal, where
from keras_lite_numpy.functions import as_type, is_inexact, unary
from keras_lite_numpy.reductions import comparable
from keras_lite_numpy.tape import Tensor, call, values_of


def normal_from_odds(odds: Tensor, sign: Tensor) -> Tensor:
    """The composite on blocks that stay in the cache, in place: several times as fast."""
    return call(normals.normal_from_odds, values_of(odds), values_of(sign))


def normal_from_bits(bits: Tensor) -> Tensor:
    return call(normals.normal_from_bits, values_of(bits))


_relu = unary(lambda x: np.maximum(x, x.dtype.type(0)), lambda g, y, x: where(less_equal(x, 0), 0, g), exact=True)


def relu(x: Tensor) -> Tensor:
    """The composite makes a mask first: a fourth of the speed for small arrays."""
    kind = x.dtype.kind
    return NotImplemented if kind == "c" else _relu(as_type(x, np.dtype("int32")) if kind == "b" else x)


def signbit(x: Tensor) -> Tensor:
    x = values_of(x)
    return np.asarray(np.signbit(x) if is_inexact(x.dtype) else x < 0)


def isin(x1: Tensor, x2: Tensor, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Of integers by a table instead of a search."""
    return call(lambda x1, x2: np.isin(x1, x2, invert=bool(invert)), comparable(x1), comparable(x2))


NATIVES: dict[str, Callable[..., Any]] = {
    "normal_from_bits": normal_from_bits, "normal_from_odds": normal_from_odds, "relu": relu, "signbit": signbit,
    "isin": isin,
}
