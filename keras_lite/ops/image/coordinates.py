"""Values between the elements of a tensor, and beyond its edges.

A coordinate first gets its place on the axis by the fill mode, then the one or two elements next to it are gathered.

| fill mode | beyond the edges | SciPy's name |
| --- | --- | --- |
| "constant" | k k k k / a b c d / k k k k | "grid-constant" |
| "nearest" | a a a a / a b c d / d d d d | "nearest" |
| "wrap" | a b c d / a b c d / a b c d | "grid-wrap" |
| "mirror" | c d c b / a b c d / c b a b | "mirror" |
| "reflect" | d c b a / a b c d / d c b a | "reflect" |
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, promote
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.ops import references_image as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import (
    add,
    clip,
    divide,
    greater_equal,
    less,
    less_equal,
    logical_and,
    maximum,
    multiply,
    remainder,
    subtract,
    where,
)
from keras_lite.ops.core import cast
from keras_lite.ops.data import as_tensor, refuse_complex
from keras_lite.ops.elementwise import absolute, floor
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.image.layout import fill_for, like, number, times
from keras_lite.ops.image.samples import MAP
from keras_lite.ops.indexing import gather
from keras_lite.ops.shaping import part_of, reshape
from keras_lite.ops.statistics import wide
from keras_lite.ops.table import op

FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


class Tap(NamedTuple):
    """An element next to a coordinate on one axis: its index, its share (None: all), and whether it is inside (None: yes)."""

    index: Any
    share: Any
    inside: Any


@op(tensors=("inputs",), samples=MAP, reference=references.map_coordinates)
def map_coordinates(inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: Any = 0) -> Any:
    """The values of `inputs` at `coordinates`, which may lie between its elements: SciPy's `map_coordinates` of order 0 and 1.

    Of integer inputs the result is rounded, ties away from zero.  Differentiable in `inputs` and `coordinates`.

    Args:
        inputs: a tensor of any rank d.
        coordinates: (d, ...), one row for each axis of `inputs`.
        order: 0 (the nearest element) or 1 (linear interpolation).
        fill_mode: what is beyond the edges: "constant" (`fill_value`; between it and the last element it is interpolated),
            "nearest", "wrap", "mirror" (about the last element) or "reflect" (about the edge).
        fill_value: a number.

    Returns:
        A tensor of shape `coordinates.shape[1:]` in the dtype of `inputs`.

    Raises:
        ValueError: ranks, `order` or `fill_mode` that do not fit; inputs without elements.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.image.map_coordinates([[0.0, 1.0], [2.0, 3.0]], [[0.5, 0.0], [1.0, 0.5]], order=1)).tolist()
    [2.0, 0.5]
    """
    engine, shape = registry.current(), shape_of(inputs)
    if order not in (0, 1):
        raise invalid("map_coordinates", f"order must be 0 (nearest) or 1 (linear), got {order!r}")
    if fill_mode not in FILL_MODES:
        raise unknown_name("fill mode", fill_mode, FILL_MODES)
    places = as_tensor(engine, coordinates)
    given = engine.shape_of(places)
    if len(given) < 2 or not shape or (isinstance(given[0], int) and given[0] != len(shape)):
        raise invalid("map_coordinates", f"coordinates must be ({len(shape)}, ...), one row for each axis of inputs {shape}, got {given}")
    if sizes.is_empty(shape):
        raise invalid("map_coordinates", f"inputs of shape {shape} have no elements")
    places = cast(places, float_for(inputs, places))
    rows = [reshape(part_of(places, 0, i, i + 1), given[1:]) for i in range(len(shape))]
    return interpolated(inputs, reshape(inputs, (-1,)), shape, rows, order, fill_mode, fill_value)


def float_for(images: Any, places: Any) -> str:
    """The dtype to compute coordinates in: at least float32, and that of `images` and `places` where these are wider floats."""
    refuse_complex("map_coordinates", dtype_of(places))
    floats = [dtype for dtype in (dtype_of(images), dtype_of(places)) if is_float(dtype)]
    return promote("float32", *floats)


def interpolated(images: Any, rows: Any, shape: Any, places: list[Any], order: int, mode: str, fill_value: Any, base: Any = None) -> Any:
    """The values of `images` at `places` (float tensors that broadcast, one for each axis of `shape`).

    `rows` is `images` with these axes (and a leading one, whose index is `base`) as one axis, before the others.
    """
    fill = fill_for(dtype_of(images), fill_value)
    if order:
        rows = wide(rows)
        fill = cast(fill, dtype_of(rows))
    total = None
    for corner in itertools.product(*(taps(x, n, order, mode) for x, n in zip(places, shape, strict=True))):
        value = _element(rows, shape, corner, base, fill)
        for tap in corner:
            value = value if tap.share is None else multiply(value, _beside(tap.share, value))
        total = value if total is None else add(total, value)
    return like(total, images, ties="away") if order else total


def _element(rows: Any, shape: Any, corner: tuple[Tap, ...], base: Any, fill: Any) -> Any:
    """The elements at one combination of taps, and `fill` where one of them is outside."""
    flat, inside = base, None
    for tap, n in zip(corner, shape, strict=True):
        flat = tap.index if flat is None else add(times(flat, n), tap.index)
        if tap.inside is not None:
            inside = tap.inside if inside is None else logical_and(inside, tap.inside)
    value = gather(rows, flat, 0)
    return value if inside is None else where(_beside(inside, value), value, fill)


def _beside(x: Any, value: Any) -> Any:
    """`x` with further axes of size 1, to broadcast against `value`."""
    missing = rank_of(value) - rank_of(x)
    return reshape(x, (*shape_of(x), *(1,) * missing)) if missing else x


# --- one axis --------------------------------------------------------------------------------------------------------------


def taps(x: Any, n: Any, order: int, mode: str) -> list[Tap]:
    """The elements next to the coordinates `x` on an axis of `n` elements."""
    x = _folded(x, n, mode)
    if order == 0:
        return [_tap(cast(floor(add(x, 0.5)), "int32"), None, n, mode)]
    lower = floor(x)
    share, index = subtract(x, lower), cast(lower, "int32")
    return [_tap(index, subtract(1.0, share), n, mode), _tap(add(index, 1), share, n, mode)]


def _tap(index: Any, share: Any, n: Any, mode: str) -> Tap:
    """The index brought inside: a folded coordinate is at most one step beyond an edge."""
    limit = index if n is None else n  # on specs any number will do
    if mode == "wrap":
        return Tap(remainder(index, limit), share, None)
    inside = logical_and(greater_equal(index, 0), less(index, limit)) if mode == "constant" else None
    return Tap(clip(index, 0, subtract(limit, 1) if not isinstance(limit, int) else limit - 1), share, inside)


def _folded(x: Any, n: Any, mode: str) -> Any:
    """Coordinates on an axis of `n` elements, brought near to it as the mode says; those on it stay as they are."""
    size = number(n, dtype_of(x))
    if mode in ("constant", "nearest"):
        return clip(x, -1.0, size)  # nothing changes further out
    last = subtract(size, 1.0)
    if mode == "wrap":
        outside = subtract(x, multiply(floor(divide(x, size)), size))
    elif mode == "mirror":
        away = remainder(absolute(x), maximum(multiply(last, 2.0), 1.0))
        outside = subtract(last, absolute(subtract(away, last)))
    else:
        away = remainder(add(x, 0.5), multiply(size, 2.0))
        outside = subtract(subtract(size, absolute(subtract(away, size))), 0.5)
    return where(logical_and(greater_equal(x, 0.0), less_equal(x, last)), x, outside)
