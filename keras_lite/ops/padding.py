"""Tensors with a margin: of a number, or of their own mirror image."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.ops import references, sizes
from keras_lite.ops.data import as_number, as_tensor, fill_number
from keras_lite.ops.families import NAN
from keras_lite.ops.sample import Sample, boolean, c64, f32, i32
from keras_lite.ops.table import primitive
from keras_lite.state import tree

PAD_MODES = ("constant", "reflect", "symmetric")


@primitive(samples=(Sample(f32(2, 3), 1), Sample(f32(2, 3), ((1, 0), (0, 2)), constant_values=7.0), Sample(f32(3), (2, 1), mode="reflect"),
                    Sample(f32(2, 3), ((2, 1), (0, 3)), "symmetric"), Sample(f32(0, 2), ((1, 1), (0, 0))),
                    Sample(i32(3), 1, constant_values=5), Sample(boolean(2), 1),
                    Sample(f32(3), (3, 0), mode="reflect", error="reflect needs pad widths up to 2"),
                    Sample(i32(3), 1, constant_values=2.5),
                    Sample(i32(3), 1, constant_values=NAN, error="nan is outside the range of int32"),
                    Sample(f32(3), 1, constant_values=(0, 0), error="constant_values must be a number whose value is known"),
                    Sample(f32(2, 3), ((1, 2), (1,)), error="pad_width must be ints that are not negative"),
                    Sample(f32(3), 1, mode="edge", error="unknown pad mode 'edge'"),
                    Sample(f32(2, 3), ((1, 1),) * 3, error="one pair for each of the 2 axes"),
                    Sample(f32(3), 1, mode="reflect", constant_values=1, error="constant_values"),
                    Sample(f32(0, 3), ((0, 0), (2, 2)), mode="reflect"),
                    Sample(c64(3), 1, "reflect"), Sample(c64(2), 1)), reference=references.pad)
def pad(engine: Any, x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """`x` with more elements before and after it on each axis.

    Args:
        x: a tensor.
        pad_width: how many: a number, a pair (before, after) for all axes, or one pair for each axis.
        mode: what is added: "constant", "reflect" (mirrored at the last element) or "symmetric" (mirrored behind it).
        constant_values: the number that "constant" adds, 0 by default.

    Raises:
        TypeError: `constant_values` is no number.
        ValueError: a width is negative, no int, or too large for a mirror; the mode is unknown, or not that of `constant_values`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.pad([1, 2, 3], (2, 1))).tolist()
    [0, 0, 1, 2, 3, 0]
    >>> ops.convert_to_numpy(ops.pad([[1]], ((1, 0), (0, 2)), constant_values=9)).tolist()
    [[9, 9, 9], [1, 9, 9]]
    >>> ops.convert_to_numpy(ops.pad([1, 2, 3], 2, "reflect")).tolist()
    [3, 2, 1, 2, 3, 2, 1]
    >>> ops.convert_to_numpy(ops.pad([1, 2, 3], 2, "symmetric")).tolist()
    [2, 1, 1, 2, 3, 3, 2]
    """
    x = as_tensor(engine, x)
    pairs = _pairs(pad_width, engine.shape_of(x))
    if mode not in PAD_MODES:
        raise unknown_name("pad mode", mode, PAD_MODES)
    if mode == "constant":
        value = 0 if constant_values is None else constant_values
        try:
            return x, pairs, fill_number(as_number("pad", "constant_values", value), engine.dtype_of(x))
        except TypeError:
            if not engine.is_tensor(value) or engine.shape_of(value):
                raise
            return _filled(engine, x, pairs, as_tensor(engine, value, engine.dtype_of(x)))
    if constant_values is not None:
        raise invalid("pad", f'constant_values={constant_values!r} is for mode "constant", got mode={mode!r}')
    for axis, pair in enumerate(pairs):
        x = _mirrored(engine, x, axis, pair, 1 if mode == "reflect" else 0) if any(map(_is_some, pair)) else x
    return x


def _filled(engine: Any, x: Any, pairs: Any, value: Any) -> Any:
    """`x` with a margin of a number that is known only to the compiled function."""
    outside = engine.pad(engine.full(engine.shape_of(x), False, "bool"), pairs, True)
    return engine.where(outside, value, engine.pad(x, pairs, False if engine.dtype_of(x) == "bool" else 0))


def _pairs(pad_width: Any, shape: tuple[Any, ...]) -> tuple[tuple[Any, Any], ...]:
    if pad_width.__class__ in (list, tuple) and len(pad_width) == len(shape) and all(map(_is_pair, pad_width)):  # most calls
        return tuple(pad_width)
    try:
        widths = np.asarray(pad_width)
    except Exception:  # of numbers without a value each framework has one of its own
        widths = np.asarray(None)
    if widths.dtype.kind == "O" and isinstance(pad_width, (list, tuple)) and any(map(_is_later, tree.flatten(pad_width))):
        return _later_pairs(pad_width, shape)
    if widths.dtype.kind not in "iu" or (widths.size and widths.min() < 0):
        raise invalid("pad", f"pad_width must be ints that are not negative, got {pad_width!r}")
    if widths.ndim > 2 or (widths.ndim == 2 and widths.shape[0] not in (1, len(shape))) or (widths.ndim and widths.shape[-1] > 2):
        raise invalid("pad", f"pad_width must have one pair for each of the {len(shape)} axes, got {pad_width!r}")
    return tuple((int(low), int(high)) for low, high in np.broadcast_to(widths, (len(shape), 2)))


def _is_pair(pair: Any) -> bool:
    """Whether a pair of widths is in its canonical form."""
    return pair.__class__ is tuple and len(pair) == 2 and pair[0].__class__ is pair[1].__class__ is int and min(pair) >= 0


def _is_some(width: Any) -> bool:
    """Whether a width may be more than 0."""
    return not isinstance(width, int) or width > 0


def _is_later(n: Any) -> bool:
    """Whether a number has no value yet, be it one that has to be known."""
    return sizes.is_unknown(n) or (sizes.is_scalar(registry.current(), n) and sizes.whole(n) is None)


def _later_pairs(pad_width: Any, shape: tuple[Any, ...]) -> tuple[tuple[Any, Any], ...]:
    """Pairs from a list in which some numbers are not known yet."""
    rows = [tuple(row) if isinstance(row, (list, tuple)) else row for row in pad_width]
    rows = rows if all(isinstance(row, tuple) for row in rows) else [tuple(rows)]
    rows = rows * len(shape) if len(rows) == 1 else rows
    pairs = [tuple(sizes.as_count("pad", "each of pad_width", n, 0) for n in (row * 2 if len(row) == 1 else row)) for row in rows]
    if len(pairs) != len(shape) or any(len(pair) != 2 for pair in pairs):
        raise invalid("pad", f"pad_width must have one pair for each of the {len(shape)} axes, got {pad_width!r}")
    return tuple((low, high) for low, high in pairs)


def _mirrored(engine: Any, x: Any, axis: int, pair: tuple[int, int], gap: int) -> Any:
    """`x` continued by its mirror image on one axis, `gap` elements from the edges left out."""
    low, high = pair
    n = engine.shape_of(x)[axis]
    if isinstance(n, int) and max(k for k in (*pair, 0) if isinstance(k, int)) > (most := max(n - gap, 0)):
        raise invalid("pad", f"{'reflect' if gap else 'symmetric'} needs pad widths up to {most} on axis {axis} of size {n}, got {pair}")
    parts = [x]
    if _is_some(low):
        parts.insert(0, engine.flip(_slab(engine, x, axis, gap, sizes.plus(gap, low)), (axis,)))
    if _is_some(high):
        end = sizes.minus(n, gap)
        parts.append(engine.flip(_slab(engine, x, axis, sizes.minus(end, high), end), (axis,)))
    return engine.concatenate(parts, axis) if len(parts) > 1 else x


def _slab(engine: Any, x: Any, axis: int, start: Any, stop: Any) -> Any:
    shape = engine.shape_of(x)
    starts, stops = [0] * len(shape), list(shape)
    starts[axis], stops[axis] = start, stop
    return engine.strided_slice(x, tuple(starts), tuple(stops), (1,) * len(shape))
