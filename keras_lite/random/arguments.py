"""What people give to random functions, checked before anything is drawn.

Parameters of a distribution may be numbers, lists, arrays or tensors.  Kind, dtype and shape of all of them are checked, values of those
on the host.  Nothing waits for the values of an engine's tensors: where these are out of range the numbers drawn have no meaning.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from keras_lite import config, ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX, FLOATS, standardize
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops.data import as_number, host_values
from keras_lite.symbolic.rules import broadcast_shapes, may_equal

INF = float("inf")
LARGEST = {"float16": 65504.0, "bfloat16": (2 - 2.0**-7) * 2.0**127, "float32": (2 - 2.0**-23) * 2.0**127,
           "float64": (2 - 2.0**-52) * 2.0**1023}


def float_dtype(name: str, dtype: Any) -> str:
    """A float dtype given by a user, as the active engine has it."""
    dtype = standardize(dtype, config.floatx())
    if dtype not in FLOATS:
        raise invalid(name, f"dtype must be a float dtype, got {dtype}; `randint` draws integers")
    return registry.current().canonical_dtype(dtype)


# --- parameters ----------------------------------------------------------------------------------------------------------


class Limits(NamedTuple):
    """Which finite numbers a parameter can be, for people and for `hold`."""

    expected: str
    low: float = -INF
    high: float = INF
    above: bool = False  # only above `low`
    whole: bool = False

    def hold(self, x: Any, largest: float) -> Any:
        """Whether a number is one of them, or which of an array's."""
        inside = (x >= max(self.low, -largest)) & (x <= min(self.high, largest))  # NaN is outside
        if self.above:
            inside = inside & (x > self.low)
        return inside & (x % 1 == 0) if self.whole else inside


FINITE = Limits("finite")
POSITIVE = Limits("positive and finite", 0, above=True)
SPREAD = Limits("at least 0 and finite", 0)
SHARE = Limits("from 0 to 1", 0, 1)
COUNT = Limits("a whole number, at least 0 and below 2**24", 0, 2**24 - 1, whole=True)


def check(name: str, limits: Limits, shape: tuple[Any, ...], dtype: str, **parameters: Any) -> None:
    """Raise an error for parameters that are no real numbers, do not broadcast to `shape`, or are outside the limits in `dtype`."""
    for parameter, value in parameters.items():
        if type(value) in (int, float):
            wrong: Any = () if limits.hold(value, LARGEST[dtype]) else (value,)
        else:
            wrong = _wrong(name, limits, shape, dtype, parameter, value)
        if len(wrong):
            place = f" in {dtype}" if limits.high == INF else ""
            raise invalid(name, f"{parameter} must be {limits.expected}{place}, got {wrong[0]}")


def _wrong(name: str, limits: Limits, shape: tuple[Any, ...], dtype: str, parameter: str, value: Any) -> Any:
    """The known values that are outside the limits, of a parameter that is of the right kind."""
    try:
        given, found = ops.dtype(value), ops.shape(value)
        known = host(value)
    except (TypeError, ValueError, OverflowError):
        raise wrong_type(name, f"{parameter} must be a number or a tensor, got {value!r}") from None
    if given in COMPLEX:
        raise wrong_type(name, f"{parameter} must be real, got {given}")
    if not broadcasts(found, shape):
        raise invalid(name, f"{parameter} of shape {found} does not broadcast to {shape}")
    return () if known is None else known[~limits.hold(known, LARGEST[dtype])]


def host(value: Any) -> np.ndarray | None:
    """What is known now, as real float64 numbers; None for an engine's tensor."""
    known = host_values(value)
    return None if known is None else np.asarray(known.real if known.dtype.kind == "c" else known, "float64")


def broadcasts(given: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    """Whether the shape of a tensor broadcasts to the one of the result; sizes that are unknown fit any."""
    given, wanted = (tuple(n if isinstance(n, int) else None for n in shape) for shape in (given, wanted))
    try:
        return may_equal(broadcast_shapes(given, wanted), wanted)
    except ValueError:
        return False


def number(name: str, parameter: str, value: Any) -> Any:
    """A real number whose value is known, as a Python number."""
    known = as_number(name, parameter, value)
    if isinstance(known, complex):
        raise wrong_type(name, f"{parameter} must be real, got {known}")
    return known


def whole(name: str, parameter: str, value: Any) -> int:
    """A whole number whose value is known, as an int."""
    known = number(name, parameter, value)
    if known % 1 != 0:  # NaN and infinity too
        raise wrong_type(name, f"{parameter} must be a whole number, got {known}")
    return int(known)
