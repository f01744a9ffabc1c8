"""Pooling to a size that is given instead of a window's."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.ops import references_windows as references
from keras_lite.ops.arithmetic import divide, less, minimum, subtract, where
from keras_lite.ops.convolution import FIRST, average_pool, max_pool
from keras_lite.ops.core import cast
from keras_lite.ops.creation import iota
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.indexing import gather, take_along_axis
from keras_lite.ops.reductions import argmax, reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import expand_dims, reshape, squeeze
from keras_lite.ops.sizes import is_empty, whole
from keras_lite.ops.statistics import back, mean, wide
from keras_lite.ops.table import op

SIZES = (Sample(f32(2, 7, 3), 3), Sample(f32(2, 6, 3), (3,)), Sample(f32(1, 5, 7, 2), (2, 3)), Sample(f32(2, 4, 6, 2), 2),
         Sample(f32(2, 2, 5, 7), [3, None], FIRST), Sample(f32(1, 5, 4, 3, 2), (2, 3, None)),
         Sample(f32(1, 2, 4, 3, 5), 2, data_format=FIRST),
         Sample(f32(2, 3, 2), 5), Sample(f32(2, 5, 2), 1), Sample(f32(2, 5, 2), None), Sample(f32(0, 5, 3), 2), Sample(i32(2, 5, 3), 3),
         Sample(boolean(1, 5, 2), 2),
         Sample(array([[[1e30], [-1e30], [1e-30], [3.0], [float("inf")], [float("nan")], [2.0]]]), 4, grad=False),
         Sample(f32(3, 3), 2, error=r"one to three spatial axes beside samples and channels, got shape \(3, 3\)"),
         Sample(f32(2, 5, 5, 3), (2,), error=r"output_size must be a positive int, or one \(or None\) for each of 2 axes, got \(2,\)"),
         Sample(f32(2, 5, 3), 0, error="output_size must be a positive int"), Sample(f32(2, 5, 3), 1.5, error="output_size must be"),
         Sample(f32(2, 0, 3), 2, error=r"inputs of shape \(2, 0, 3\) have an empty axis"),
         Sample(f32(2, 5, 3), 2, "last", error="data_format"))


@op(tensors=("inputs",), floating=True, samples=SIZES, reference=references.adaptive_average_pool)
def adaptive_average_pool(inputs: Any, output_size: Any | None, data_format: str | None = None) -> Any:
    """Means over windows which divide the one to three spatial axes into `output_size` parts.

    Of an axis of size n in m parts, part i is the mean of the positions floor(i * n / m) to ceil((i + 1) * n / m) - 1: the parts
    overlap where m does not divide n.

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with "channels_first"; ints become floats.
        output_size: an int, or for each spatial axis an int or None, which leaves the axis as it is.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank, size or data format; an empty axis.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> ops.convert_to_numpy(ops.adaptive_average_pool(np.arange(7.0).reshape(1, 7, 1), 3)).tolist()
    [[[1.0], [3.0], [5.0]]]
    """
    return pool_to_size(inputs, "mean", *_plan("adaptive_average_pool", inputs, output_size, data_format))


@op(tensors=("inputs",), samples=SIZES, reference=references.adaptive_max_pool)
def adaptive_max_pool(inputs: Any, output_size: Any | None, data_format: str | None = None) -> Any:
    """Maxima over the windows of `adaptive_average_pool`; the gradient goes to the first maximum of each.

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with "channels_first".
        output_size: an int, or for each spatial axis an int or None, which leaves the axis as it is.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank, size or data format; an empty axis.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> ops.convert_to_numpy(ops.adaptive_max_pool(np.arange(7.0).reshape(1, 7, 1), 3)).tolist()
    [[[2.0], [4.0], [6.0]]]
    """
    return pool_to_size(inputs, "max", *_plan("adaptive_max_pool", inputs, output_size, data_format))


def _plan(name: str, x: Any, output_size: Any | None, data_format: str | None) -> tuple[tuple[Any, ...], bool]:
    """For each spatial axis its new size, None for one that stays; and whether the channels come last."""
    shape, last = shape_of(x), config.standardize_data_format(data_format) == "channels_last"
    rank = len(shape) - 2
    if not 1 <= rank <= 3:
        raise invalid(name, f"inputs need one to three spatial axes beside samples and channels, got shape {shape}")
    parts = tuple(output_size) if isinstance(output_size, (list, tuple)) else (output_size,) * rank
    if len(parts) != rank or not all(m is None or (whole(m) or 0) >= 1 for m in parts):
        raise invalid(name, f"output_size must be a positive int, or one (or None) for each of {rank} axes, got {output_size!r}")
    if is_empty(_spatial(shape, last)):
        raise invalid(name, f"inputs of shape {shape} have an empty axis")
    return tuple(m if m is None else int(m) for m in parts), last


def _spatial(shape: tuple[Any, ...], last: bool) -> tuple[Any, ...]:
    return shape[1:-1] if last else shape[2:]


@op(samples=(Sample(f32(2, 7, 3), "mean", (3,), True), Sample(f32(2, 3, 5, 6), "max", (2, None), False),
             Sample(f32(0, 4, 2), "mean", (2,), True),
             Sample(f32(2, 5, 6, 3), "mean", (1, 1), True), Sample(f32(2, 4, 6, 3), "max", (2, 3), True),
             Sample(f32(2, 6, 3), "sum", (2,), True, error="unknown kind of pooling 'sum'")), reference=references.pool_to_size)
def pool_to_size(x: Any, kind: str, parts: tuple[Any, ...], channels_last: bool) -> Any:
    """Adaptive pooling with every argument worked out: what an engine may have a kernel for.  `kind` is "mean" or "max"."""
    if kind not in ("mean", "max"):
        raise unknown_name("kind of pooling", kind, ("mean", "max"))
    spatial, start = _spatial(shape_of(x), channels_last), 1 if channels_last else 2
    if kind == "mean" and set(parts) == {1}:
        return mean(x, tuple(range(start, start + len(parts))), keepdims=True)
    axes = [(start + i, n, m) for i, (n, m) in enumerate(zip(spatial, parts, strict=True)) if m is not None]
    if all(isinstance(n, int) and n % m == 0 for _, n, m in axes) and dtype_of(x) != "bool":
        window = [1 if m is None else n // m for n, m in zip(spatial, parts, strict=True)]
        return (average_pool if kind == "mean" else max_pool)(x, window, None, "valid", "channels_last" if channels_last else FIRST)
    y = wide(x) if kind == "mean" else x
    for axis, _, m in reversed(axes):
        y = (_means if kind == "mean" else _maxima)(y, axis, m)
    return back(y, x)


def _bounds(n: Any, parts: int) -> tuple[Any, Any, Any]:
    """Where each part of an axis starts and stops, and how many elements the longest has (or more)."""
    if not isinstance(n, int):
        i, n = iota(parts), parts if n is None else cast(n, "int32")  # on specs, where any number has the same shape
        return i * n // parts, ((i + 1) * n + parts - 1) // parts, n // parts + 2
    i = np.arange(parts)
    starts, stops = i * n // parts, -(-(i + 1) * n // parts)
    return starts.astype("int32"), stops.astype("int32"), int((stops - starts).max())


def _windows(x: Any, axis: int, parts: int) -> tuple[Any, Any, Any]:
    """`x` with an axis made two, parts and their elements; where an element is no repetition of the last one; how many are none."""
    starts, stops, longest = _bounds(shape_of(x)[axis], parts)
    starts, stops, places = reshape(starts, (parts, 1)), reshape(stops, (parts, 1)), reshape(iota(longest), (1, -1))
    index = starts + places
    return gather(x, minimum(index, stops - 1), axis), less(index, stops), subtract(stops, starts)


def _means(x: Any, axis: int, parts: int) -> Any:
    windows, inside, lengths = _windows(x, axis, parts)
    rest = (1,) * (rank_of(x) - axis - 1)
    total = reduce_sum(where(reshape(inside, (*shape_of(inside), *rest)), windows, 0), axis + 1)
    return divide(total, cast(reshape(lengths, (parts, *rest)), dtype_of(x)))


def _maxima(x: Any, axis: int, parts: int) -> Any:
    windows, _, _ = _windows(x, axis, parts)
    return squeeze(take_along_axis(windows, expand_dims(argmax(windows, axis + 1), axis + 1), axis + 1), axis + 1)
