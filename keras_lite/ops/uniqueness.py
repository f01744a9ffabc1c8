"""The different elements of a tensor, or its different slices along an axis."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX
from keras_lite.engine.errors import wrong_type
from keras_lite.ops import references_statistics as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add, less, not_equal, subtract, where
from keras_lite.ops.control import scan
from keras_lite.ops.core import cast
from keras_lite.ops.creation import full, iota, zeros
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN, NO_TENSOR, normal_axis
from keras_lite.ops.hosted import hosted
from keras_lite.ops.indexing import argsort, gather, scatter, searchsorted, sort
from keras_lite.ops.reductions import cumsum, reduce_any, reduce_max
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import concatenate, expand_dims, moveaxis, part_of, ravel, reshape, transpose
from keras_lite.ops.table import op

_ROWS = array([[3, 1, 2], [2, 1, 5], [3, 1, 2], [2, 0, 9], [2, 1, 5]], "int32")
_SPECIAL = array([2.0, NAN, -0.0, INF, 0.0, NAN, -INF, INF, 1e-30])
_ALL: dict[str, Any] = {"return_index": True, "return_inverse": True, "return_counts": True}
_OUTSIDE = Sample(f32(2, 3), axis=2, error="axis 2 is out of range for rank 2")


def _slices(x: Any, axis: int | None) -> Any:
    """What is compared, along the first axis: the elements (n,), or the slices along `axis` as rows (n, m)."""
    if axis is None:
        return ravel(x)
    x = moveaxis(x, axis, 0)
    n, *rest = shape_of(x)
    return reshape(x, (n, sizes.product(rest)))


def _order(rows: Any) -> Any:
    """int32 indices that sort the elements, or the rows by their first column, then the next; equal ones in order of index."""
    if rank_of(rows) == 1:
        return argsort(rows)

    def refine(order: Any, column: Any) -> tuple[Any, Any]:
        return gather(order, argsort(gather(column, order, 0)), 0), None

    return scan(refine, iota(shape_of(rows)[0]), transpose(rows), reverse=True)[0]


def _groups(ordered: Any) -> Any:
    """The number of its group for each sorted element: int32, from 0 on, ascending."""
    n = shape_of(ordered)[0]
    new = not_equal(part_of(ordered, 0, 1, n), part_of(ordered, 0, 0, sizes.minus(n, 1)))
    new = new if rank_of(ordered) == 1 else reduce_any(new, 1)
    return concatenate([zeros((1,), "int32"), cumsum(cast(new, "int32"), 0)])


def _distinct(x: Any, axis: int | None, order: Any, group: Any, size: Any, fill_value: Any) -> tuple[Any, Any, Any, Any]:
    """Values, first indices, inverse and counts of `size` groups; what is more than there are is filled."""
    items = ravel(x) if axis is None else moveaxis(x, axis, 0)
    numbers = iota(size)
    first, end = (searchsorted(group, numbers, side) for side in ("left", "right"))
    there = less(numbers, add(reduce_max(group), 1))
    index = gather(order, where(there, first, 0), 0)
    shown = reshape(there, (size, *(1,) * (rank_of(items) - 1)))
    values = where(shown, gather(items, index, 0), as_tensor(registry.current(), fill_value, dtype_of(x)))
    inverse = scatter(zeros(shape_of(order), "int32"), expand_dims(order, 1), group)
    return _placed(values, axis), index, reshape(inverse, shape_of(x)) if axis is None else inverse, subtract(end, first)


def _placed(values: Any, axis: int | None) -> Any:
    return values if axis is None else moveaxis(values, 0, axis)


def _nothing(x: Any, axis: int | None, size: int, fill_value: Any) -> tuple[Any, Any, Any, Any]:
    """The answers for no elements at all."""
    shape = shape_of(x)
    rest = () if axis is None else (*shape[:axis], *shape[axis + 1:])
    values = full((size, *rest), as_tensor(registry.current(), fill_value, dtype_of(x)), dtype_of(x))
    numbers = zeros((size,), "int32")
    return _placed(values, axis), numbers, zeros(shape if axis is None else (0,), "int32"), numbers


def _checked(name: str, x: Any, axis: Any, size: Any) -> int | None:
    """The axis, not negative, or None."""
    if dtype_of(x) in COMPLEX:
        raise wrong_type(name, f"is not defined for {dtype_of(x)}, which has no order")
    if size is not None:
        sizes.as_int(name, "size", size, 0)
    return None if axis is None else normal_axis(name, axis, rank_of(x))


def _is_empty(x: Any, axis: int | None) -> bool:
    shape = shape_of(x)
    return sizes.is_empty(shape if axis is None else (shape[axis],))


@op(reference=references.distinct, samples=(
    Sample(f32(6), 6), Sample(array([3, 1, 2, 1, 3, 3], "int32"), 5, fill_value=-7), Sample(i32(3, 4), 2), Sample(_ROWS, 4, axis=0),
    Sample(_ROWS, 5, -2, 9), Sample(i32(2, 5, low=0, high=2), 3, axis=1, fill_value=4), Sample(i32(4, 2, 2, low=0, high=2), 3, axis=0),
    Sample(f32(3, 4), 4, axis=1), Sample(_SPECIAL, 10, grad=False), Sample(array([[NAN, 1.0], [1.0, 2.0], [NAN, 1.0]]), 3, 0, grad=False),
    Sample(f32(), 1), Sample(f32(0), 2, fill_value=1.5), Sample(f32(2, 0), 1, axis=1), Sample(f32(2, 0), 2, axis=0), Sample(f32(4), 0),
    Sample(boolean(5), 2), Sample(f32(3), -1, error="size must be an int of at least 0"), Sample(f32(2, 3), 1, 2, error="out of range")))
def distinct(x: Any, size: int, axis: int | None = None, fill_value: Any = 0) -> tuple[Any, Any, Any, Any]:
    """The first `size` different elements (slices along `axis`) in ascending order, their indices, the inverse, and their counts.

    What is more than there are has `fill_value`, the index of the first element and a count of 0.  See `unique`.
    """
    axis = _checked("unique", x, axis, size)
    if _is_empty(x, axis):
        return _nothing(x, axis, int(size), fill_value)
    rows = _slices(x, axis)
    order = _order(rows)
    return _distinct(x, axis, order, _groups(gather(rows, order, 0)), int(size), fill_value)


@op(dynamic=True, reference=references.unique, samples=(
    Sample(f32(6)), Sample(array([3, 1, 2, 1, 3, 3], "int32"), **_ALL), Sample(i32(3, 4), return_inverse=True),
    Sample(_ROWS, return_counts=True, axis=0), Sample(_ROWS, axis=-1, **_ALL), Sample(i32(2, 5, low=0, high=2), axis=1, **_ALL),
    Sample(i32(4, 2, 2, low=0, high=2), return_index=True, axis=0), Sample(_SPECIAL, **_ALL),
    Sample(array([[NAN, 1.0], [1.0, 2.0], [NAN, 1.0]]), axis=0, **_ALL), Sample(f32(), **_ALL), Sample(f32(0), **_ALL),
    Sample(f32(0, 2), axis=0, **_ALL), Sample(f32(2, 0), axis=0, **_ALL), Sample(boolean(5), sorted=False),
    Sample(i32(9), size=4, fill_value=7, **_ALL), Sample(_ROWS, axis=0, size=5, return_inverse=True), Sample(i32(3), size=0),
    Sample(f32(3), size=-1, error="size must be an int of at least 0"), _OUTSIDE, NO_TENSOR))
@hosted
def unique(x: Any, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,  # noqa: A002  # Keras's name
           return_counts: bool = False, axis: int | None = None, size: int | None = None, fill_value: Any = None) -> Any:
    """The different elements of `x` in ascending order, or its different slices along `axis` in lexicographic order.

    NaN is equal to nothing, so each is its own; -0.0 is 0.0.  The number of values depends on `x`: it is unknown on symbolic tensors,
    and inside compiled functions `size` is needed.

    Args:
        x: a tensor of real numbers.
        sorted: False only says that the order does not matter: they are sorted in any case.
        return_index: whether the index of the first of each is returned too, as int32.
        return_inverse: whether for each element the position of its value in the result is returned too, as int32.
        return_counts: whether the number of each is returned too, as int32.
        axis: the axis of the slices; None for the elements.
        size: how many values to return: what is more is left out, what is missing is filled, with the index of the first and a count of 0.
        fill_value: what fills them, 0 by default.

    Raises:
        TypeError: `x` is complex, or `size` is no int.
        ValueError: `axis` is out of range, or `size` is negative.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(y).tolist() for y in ops.unique([3, 1, 3], return_inverse=True, return_counts=True)]
    [[1, 3], [1, 0, 1], [1, 2]]
    >>> ops.convert_to_numpy(ops.unique([3, 1, 3], size=3, fill_value=9)).tolist()
    [1, 3, 9]
    >>> ops.convert_to_numpy(ops.unique([[1, 2], [0, 5], [1, 2]], axis=0)).tolist()
    [[0, 5], [1, 2]]
    """
    fill = 0 if fill_value is None else fill_value
    axis = _checked("unique", x, axis, size)
    if size is not None:
        found = distinct(x, size, axis, fill)
    elif _is_empty(x, axis):
        found = _nothing(x, axis, 0, fill)
    elif axis is None and not (return_index or return_inverse or return_counts):
        ordered = sort(ravel(x))
        group = _groups(ordered)
        return gather(ordered, searchsorted(group, iota(_number(group))), 0)
    else:
        rows = _slices(x, axis)
        order = _order(rows)
        group = _groups(gather(rows, order, 0))
        found = _distinct(x, axis, order, group, _number(group), fill)
    asked = [y for y, wanted in zip(found, (True, return_index, return_inverse, return_counts), strict=True) if wanted]
    return asked[0] if len(asked) == 1 else tuple(asked)


def _number(group: Any) -> Any:
    """How many groups there are: an int, None for specs, and a tensor in graphs whose sizes may be tensors."""
    engine = registry.current()
    return None if engine.is_abstract else sizes.as_size("unique", engine, add(reduce_max(group), 1))
