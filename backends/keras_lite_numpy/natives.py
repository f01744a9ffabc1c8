"""Own implementations of ops of the table.  They are few: the composites are the reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_lite_numpy.elementwise import less_equal, where
from keras_lite_numpy.functions import as_type, is_inexact, unary
from keras_lite_numpy.tape import Tensor, call, values_of

_BLOCK = 1 << 13

# the polynomials of the op, which must be followed operation by operation: its results are equal to the bit on every engine
_ABOVE = (5.01327595, 12.362625, 24.1633306, 6.37915403, 0.18634031)
_BELOW = (1.0, 2.96671185, 7.09304799, 5.9958678, 0.998931723, 0.0206041449)


def normal_from_odds(odds: Tensor, sign: Tensor) -> Tensor:
    """The composite on blocks that stay in the cache, in place: several times as fast."""
    odds, sign = np.broadcast_arrays(values_of(odds), values_of(sign))
    y = np.empty(odds.shape, "float32")
    call(_normal_into, y.reshape(-1), odds.reshape(-1).astype("float32", copy=False), sign.reshape(-1).astype("float32", copy=False))
    return y


def _normal_into(out: np.ndarray, odds: np.ndarray, sign: np.ndarray) -> np.ndarray:
    for start in range(0, len(out), _BLOCK):
        y = odds[start:start + _BLOCK]
        for _ in range(3):
            root = np.sqrt(y + np.float32(1))
            root += np.float32(1)
            y = y / root
        z = _polynomial(_ABOVE, y)
        z /= _polynomial(_BELOW, y)
        z *= y
        np.multiply(z, sign[start:start + _BLOCK], out=out[start:start + _BLOCK])
    return out


def _polynomial(coefficients: Sequence[float], x: np.ndarray) -> np.ndarray:
    y = x * np.float32(coefficients[-1])
    for c in coefficients[-2:0:-1]:
        y += np.float32(c)
        y *= x
    y += np.float32(coefficients[0])
    return y


_relu = unary(lambda x: np.maximum(x, x.dtype.type(0)), lambda g, y, x: where(less_equal(x, 0), 0, g), exact=True)


def relu(x: Tensor) -> Tensor:
    """The composite makes a mask first: a fourth of the speed for small arrays."""
    kind = x.dtype.kind
    return NotImplemented if kind == "c" else _relu(as_type(x, np.dtype("int32")) if kind == "b" else x)


def signbit(x: Tensor) -> Tensor:
    x = values_of(x)
    return np.asarray(np.signbit(x) if is_inexact(x.dtype) else x < 0)


NATIVES: dict[str, Callable[..., Any]] = {"normal_from_odds": normal_from_odds, "relu": relu, "signbit": signbit}
