"""Sums, products and extremes of the rows that share a number."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, is_integer
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references_arrays as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import divide, equal, greater_equal, less, logical_and, multiply, where
from keras_lite.ops.core import cast, convert_to_numpy, with_gradient
from keras_lite.ops.creation import full, zeros_like
from keras_lite.ops.data import as_tensor, host_values, refuse_complex
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN
from keras_lite.ops.hosted import hosted
from keras_lite.ops.indexing import gather, scatter
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.shaping import expand_dims, part_of, reshape
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import may_equal
from keras_lite.symbolic.spec import KerasTensor

IDS = array([2, 0, 2, 0, 3], "int32")
NO_ORDER = Sample(c64(2), np.array([0, 1]), error="is for real numbers, got complex64")
SEGMENTS = (
    Sample(f32(5, 3), IDS, 5), Sample(f32(5), np.array([0, 0, 2, 2, 2])), Sample(f32(4), array([0, 0, 1, 3], "int64"), 4, sorted=True),
    Sample(f32(5, 2), array([1, -1, 7, 0, 1], "int32"), 2), Sample(f32(0, 2), i32(0), 3), Sample(f32(0, 2), []),
    Sample(f32(2), np.array([-1, -1]), 0), Sample(i32(6, 2), np.array([0, 1, 0, 2, 1, 2])),
    Sample(array([200, 100, 3], "uint8"), np.array([0, 0, 2]), 4), Sample(boolean(5, 2), np.array([2, 0, 2, 0, 3]), 5),
    Sample(f32(5, 2, 2), np.array([1, 1, 0, 0, 1])), Sample(array([NAN, 1.0, INF, -INF, 2.0]), IDS, 4, grad=False),
    Sample(f32(3), f32(3), 2, error="segment_ids must be integers, got float32"), Sample(f32(), 0, 1, error="data needs at least one axis"),
    Sample(f32(4), i32(2, 2), 2, error=r"segment_ids must be a vector as long as the first axis of data, \(4,\); got shape \(2, 2\)"),
    Sample(f32(4), i32(3), 2, error=r"first axis of data, \(4,\); got shape \(3,\)"),
    Sample(f32(2), i32(2), -1, error="num_segments can't be negative, got -1"),
    Sample(f32(2), i32(2), 2.5, error="sizes must be ints, got 2.5"))
TIES = Sample(array([2.0, 2.0, 1.0, 2.0, 5.0]), array([0, 0, 0, 0, 1], "int32"), 2)
ZEROS = Sample(array([0.0, 2.0, 3.0, 0.0, 0.0]), array([0, 0, 0, 1, 1], "int32"), 3)


def _numbered(name: str, data: Any, segment_ids: Any, num_segments: Any) -> tuple[Any, Any]:
    """The row of the result for each row of `data`, as a column, and the number of rows; the row behind the last is for those left out."""
    engine, host = registry.current(), host_values(segment_ids)
    if host is not None and host.shape == (0,):
        segment_ids = np.zeros(0, "int32")  # a list without elements has no dtype
    ids = as_tensor(engine, segment_ids)
    if not is_integer(dtype_of(ids)):
        raise wrong_type(name, f"segment_ids must be integers, got {dtype_of(ids)}")
    if rank_of(data) == 0:
        raise invalid(name, "data needs at least one axis, got a scalar")
    rows = shape_of(data)[:1]
    if not may_equal(rows, shape_of(ids)):
        raise invalid(name, f"segment_ids must be a vector as long as the first axis of data, {rows}; got shape {shape_of(ids)}")
    n = _found(ids, segment_ids) if num_segments is None else sizes.as_size(name, engine, num_segments)
    if isinstance(n, int) and n < 0:
        raise invalid(name, f"num_segments can't be negative, got {n}")
    ids = cast(ids, "int64" if dtype_of(ids) in ("int64", "uint32", "uint64") else "int32")
    if n is not None:
        behind = n if isinstance(n, int) else cast(n, dtype_of(ids))
        ids = where(logical_and(greater_equal(ids, 0), less(ids, behind)), ids, behind)
    return expand_dims(ids, 1), n


def _found(ids: Any, segment_ids: Any) -> Any:
    """The number of segments that the values ask for; None where they are not known yet, while a model is described."""
    if isinstance(segment_ids, KerasTensor):
        return None
    engine = registry.current()
    if engine.has_unknown_sizes and not engine.is_abstract:
        return sizes.larger(sizes.as_size("segment_ids", engine, engine.reduce_max(ids, (0,), False) + 1), 0)
    return max(int(convert_to_numpy(segment_ids).max(initial=-1)) + 1, 0)


def _table(data: Any, n: Any, value: Any) -> Any:
    """One row of `value` for each segment, and one more."""
    return full((sizes.plus(n, 1), *shape_of(data)[1:]), value, dtype_of(data))


@op(tensors=("data",), samples=SEGMENTS, reference=references.segment_sum)
def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:  # noqa: A002  # Keras's name
    """Sums of the rows of `data` with the same number in `segment_ids`, as rows 0, 1, ..., num_segments - 1; 0 where none is.

    Args:
        data: a tensor with at least one axis.
        segment_ids: integers, one for each position on the first axis; rows with a number outside the segments are left out.
        num_segments: an int; by default as many as the largest number asks for, whose value must be known then: inside compiled functions
            and for symbolic tensors, give it.
        sorted: promises that the numbers ascend; changes no result.

    Raises:
        TypeError: the numbers are no integers.
        ValueError: shapes that do not fit, or a negative `num_segments`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.segment_sum([1.0, 2.0, 3.0], [2, 0, 2])).tolist()
    [2.0, 0.0, 4.0]
    """
    column, n = _numbered("segment_sum", data, segment_ids, num_segments)
    return part_of(scatter(_table(data, n, 0), column, data, "add"), 0, 0, n)


@op(tensors=("data",), samples=(*SEGMENTS, ZEROS), reference=references.segment_prod)
@hosted
def segment_prod(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:  # noqa: A002  # Keras's name
    """Products of the rows of `data` with the same number in `segment_ids`, 1 where none is; see `segment_sum` for the arguments.

    `num_segments` is the number of rows of the result; `sorted` changes nothing.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.segment_prod([2.0, 5.0, 3.0], [0, 2, 0])).tolist()
    [6.0, 1.0, 5.0]
    """
    column, n = _numbered("segment_prod", data, segment_ids, num_segments)
    return part_of(scatter(_table(data, n, 1), column, data, "multiply"), 0, 0, n)


@op(tensors=("data",), samples=(*SEGMENTS, TIES, NO_ORDER), reference=references.segment_max)
@hosted
def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:  # noqa: A002  # Keras's name
    """Maxima of the rows of `data` with the same number in `segment_ids`, NaN if there is one; see `segment_sum` for the arguments.

    -inf (of integers the lowest, of bools False) where no row is.  Rows that are equal to the maximum share its gradient.
    `num_segments` is the number of rows of the result; `sorted` changes nothing.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.segment_max([2.0, 5.0, 3.0], [0, 2, 0])).tolist()
    [3.0, -inf, 5.0]
    """
    return _extreme("segment_max", "max", data, segment_ids, num_segments)


@op(tensors=("data",), samples=(*SEGMENTS, TIES, NO_ORDER), reference=references.segment_min)
@hosted
def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:  # noqa: A002  # Keras's name
    """Minima of the rows of `data` with the same number in `segment_ids`, NaN if there is one; see `segment_sum` for the arguments.

    inf (of integers the highest, of bools True) where no row is.  Rows that are equal to the minimum share its gradient.
    `num_segments` is the number of rows of the result; `sorted` changes nothing.  Raises TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.segment_min([2.0, 5.0, 3.0], [0, 2, 0])).tolist()
    [2.0, inf, 5.0]
    """
    return _extreme("segment_min", "min", data, segment_ids, num_segments)


def _extreme(name: str, mode: str, data: Any, segment_ids: Any, num_segments: Any) -> Any:
    refuse_complex(name, dtype_of(data))
    column, n = _numbered(name, data, segment_ids, num_segments)

    def forward(data: Any, column: Any) -> tuple[list[Any], list[Any]]:
        table = scatter(_table(data, n, _worst(mode, dtype_of(data))), column, data, mode)
        return [table], [data, column, table]

    table = forward(data, column)[0] if not is_float(dtype_of(data)) else with_gradient([data, column], forward, _shared)
    return part_of(table[0], 0, 0, n)


def _worst(mode: str, dtype: str) -> float | int | bool:
    """What any number beats."""
    if is_float(dtype):
        return -INF if mode == "max" else INF
    if dtype == "bool":
        return mode == "min"
    bounds = np.iinfo(dtype)
    return int(bounds.min if mode == "max" else bounds.max)


def _shared(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    """The gradient of each segment, divided evenly among the rows that are its extreme."""
    data, column, table = residuals
    ids = reshape(column, (-1,))
    hits = cast(equal(data, gather(table, ids, 0)), dtype_of(data))
    count = scatter(zeros_like(table), column, hits, "add")
    share = divide(cotangents[0], where(equal(count, 0), 1, count))
    return [multiply(hits, gather(share, ids, 0)), zeros_like(column)]
