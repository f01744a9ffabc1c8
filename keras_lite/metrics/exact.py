"""Sums of squares around a mean that is found later, from sums that add up over batches and replicas.

`sum(w (y - mean)**2) = sum(w y**2) - sum(w y)**2 / sum(w)` is right in exact arithmetic, and hopeless in float32 where the mean is large
beside the spread.  So each sum is a pair of numbers, the second of which is what rounding left over, and products are made of short
factors, whose product needs no rounding (whether or not a compiler fuses it with a sum).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_lite import ops

_BITS = 8  # of a short number: three of them make a float32, and a product of three short ones fits into it
_KEPT = -(1 << (24 - _BITS))  # the bits that a short number keeps, as an int32

_NOISE = 2.0**-44  # beside the sum of the squares: numbers that differ by less than some 4 units in their last place


def pieces(x: Any) -> list[Any]:
    """Three short numbers whose sum is the float32 number `x`."""
    first = _short(x)
    second = _short(ops.subtract(x, first))
    return [first, second, ops.subtract(ops.subtract(x, first), second)]


def _short(x: Any) -> Any:
    """The first bits of float32 numbers."""
    return ops.view(ops.bitwise_and(ops.view(x, "int32"), _KEPT), "float32")


def add_up(terms: Sequence[Any]) -> tuple[Any, Any]:
    """The sum of the terms, and what rounding left over: two halves are added, with the error of each sum, until one is left."""
    sums = ops.stack(terms)
    rests = ops.zeros_like(sums)
    while (count := sums.shape[0]) > 1:
        if count % 2:
            sums, rests = (ops.concatenate([x, ops.zeros_like(x[:1])]) for x in (sums, rests))
        half = (count + 1) // 2
        sums, errors = two_sum(sums[:half], sums[half:])
        rests = ops.add(ops.add(rests[:half], rests[half:]), errors)
    total, rest = two_sum(sums[0], _finite(rests[0]))
    return total, _finite(rest)


def _finite(rest: Any) -> Any:
    """A rest; 0 for the NaN that stands beside an infinite sum, which so stays infinite."""
    return ops.where(ops.isnan(rest), 0.0, rest)


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """`a + b` and its rounding error (Knuth, "The art of computer programming", volume 2, 1969)."""
    total = ops.add(a, b)
    part = ops.subtract(total, a)
    return total, ops.add(ops.subtract(a, ops.subtract(total, part)), ops.subtract(b, part))


def times(shorts: Sequence[Any], *parts: Any) -> list[Any]:
    """The terms of the sum of short numbers times the sum of the parts."""
    split = [piece for part in parts for piece in pieces(part)]
    return [ops.multiply(c, piece) for c in shorts for piece in split]


def moments(weight: Any, y: Any) -> list[tuple[Any, Any]]:
    """The pairs of `sum(w)`, `sum(w y)` and `sum(w y**2)` over the rows of a batch."""
    count = ops.sum(weight, axis=0)
    centre = _centre(ops.divide_no_nan(ops.sum(ops.multiply(weight, y), axis=0), count))
    off = ops.subtract(ops.subtract(y, centre[0]), centre[1])
    first, second = (ops.sum(ops.multiply(weight, x), axis=0) for x in (off, ops.square(off)))
    ones = add_up([first, *times(centre, count)])
    squares = add_up([second, *times(centre, ops.multiply(2.0, first)), *times(_squared(centre), count)])
    return [(count, ops.zeros_like(count)), ones, squares]


def _centre(mean: Any) -> list[Any]:
    """Two short numbers that are nearly the mean."""
    return pieces(mean)[:2]


def _squared(c: Sequence[Any]) -> list[Any]:
    """The terms of the square of the sum of two short numbers; they are short enough to be multiplied once more."""
    return [ops.square(c[0]), ops.multiply(ops.multiply(2.0, c[0]), c[1]), ops.square(c[1])]


def spread(count: tuple[Any, Any], ones: tuple[Any, Any], squares: tuple[Any, Any]) -> Any:
    """`sum(w (y - mean)**2)` from the three pairs; 0 where it is no more than rounding makes of equal numbers."""
    centre = _centre(ops.divide_no_nan(ones[0], count[0]))
    around, _ = add_up([*squares, *times([ops.multiply(-2.0, c) for c in centre], *ones), *times(_squared(centre), *count)])
    off, _ = add_up([*ones, *times([ops.negative(c) for c in centre], *count)])
    found = ops.subtract(around, ops.divide_no_nan(ops.square(off), count[0]))
    return ops.where(ops.greater(ops.abs(found), ops.multiply(_NOISE, ops.abs(squares[0]))), found, 0.0)
