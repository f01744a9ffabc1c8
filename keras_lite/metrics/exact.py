"""Sums of squares around a mean that is found later, from sums that add up over batches and replicas.

`sum(w (y - mean)**2) = sum(w y**2) - sum(w y)**2 / sum(w)` is right in exact arithmetic, and hopeless in float32 where the mean is large
beside the spread.  So each sum is a pair of numbers, the second of which is what rounding left over, and products are made of short
factors, whose product needs no rounding (whether or not a compiler fuses it with a sum).
"""

from __future__ import annotations

from typing import Any

from keras_lite import ops

_BITS = 8  # of a short number: three of them make a float32, and a product of three short ones fits into it
_KEPT = -(1 << (24 - _BITS))  # the bits that a short number keeps, as an int32

_NOISE = 2.0**-38  # beside the sum of the squares: numbers that differ by less than some 30 units in their last place


def short(x: Any) -> Any:
    """The first bits of float32 numbers."""
    return ops.view(ops.bitwise_and(ops.view(x, "int32"), _KEPT), "float32")


def pieces(x: Any) -> list[Any]:
    """Three short numbers whose sum is `x`."""
    first = short(x)
    second = short(ops.subtract(x, first))
    return [first, second, ops.subtract(ops.subtract(x, first), second)]


def add_up(terms: list[Any]) -> tuple[Any, Any]:
    """The sum of the terms, and what rounding left over (Neumaier's sum)."""
    total, rest = terms[0], ops.zeros_like(terms[0])
    for term in terms[1:]:
        new = ops.add(total, term)
        large = ops.greater_equal(ops.absolute(total), ops.absolute(term))
        left = ops.where(large, ops.add(ops.subtract(total, new), term), ops.add(ops.subtract(term, new), total))
        total, rest = new, ops.add(rest, left)
    new = ops.add(total, rest)
    return new, ops.add(ops.subtract(total, new), rest)


def times(c: Any, *parts: Any) -> list[Any]:
    """The terms of the short number `c` times the sum of the parts."""
    return [ops.multiply(c, piece) for part in parts for piece in pieces(part)]


def moments(weight: Any, y: Any) -> list[tuple[Any, Any]]:
    """The pairs of `sum(w)`, `sum(w y)` and `sum(w y**2)` over the rows of a batch."""
    count = ops.sum(weight, axis=0)
    centre = short(ops.divide_no_nan(ops.sum(ops.multiply(weight, y), axis=0), count))
    off = ops.subtract(y, centre)
    first, second = (ops.sum(ops.multiply(weight, x), axis=0) for x in (off, ops.square(off)))
    ones = add_up([first, *times(centre, count)])
    squares = add_up([second, *times(centre, ops.multiply(2.0, first)), *times_square(centre, count)])
    return [(count, ops.zeros_like(count)), ones, squares]


def times_square(c: Any, *parts: Any) -> list[Any]:
    """The terms of the square of a short number times the sum of the parts."""
    return [ops.multiply(ops.multiply(c, c), piece) for part in parts for piece in pieces(part)]


def spread(count: tuple[Any, Any], ones: tuple[Any, Any], squares: tuple[Any, Any]) -> Any:
    """`sum(w (y - mean)**2)` from the three pairs; 0 where it is no more than rounding makes of equal numbers."""
    centre = short(ops.divide_no_nan(ones[0], count[0]))
    twice = ops.multiply(-2.0, centre)
    around, _ = add_up([*squares, *times(twice, *ones), *times_square(centre, *count)])
    off, _ = add_up([*ones, *times(ops.negative(centre), *count)])
    found = ops.subtract(around, ops.divide_no_nan(ops.square(off), count[0]))
    return ops.where(ops.greater(found, ops.multiply(_NOISE, squares[0])), found, 0.0)
