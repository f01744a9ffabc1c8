"""Diagonals: taken from matrices, summed, and laid out in new ones."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import minimum, multiply, where
from keras_lite.ops.creation import eye, iota, zeros
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import normal_axis
from keras_lite.ops.indexing import gather
from keras_lite.ops.padding import pad
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import expand_dims, moveaxis, part_of, ravel, reshape
from keras_lite.ops.table import op

TAKEN = (Sample(f32(3, 4)), Sample(f32(4, 3), 1), Sample(f32(3, 3), offset=-2), Sample(f32(2, 3, 4), 1, -1, 0), Sample(i32(3, 3)),
         Sample(f32(2, 4, 3, 5), offset=-1, axis1=1, axis2=3), Sample(f32(0, 3)), Sample(f32(2, 3), 5), Sample(f32(2, 3), offset=-4),
         Sample(boolean(2, 2)), Sample(f32(3), error="axis 1 is out of range"),
         Sample(f32(2, 3), axis1=-1, axis2=1, error=r"two different axes are needed, got axis1=-1 and axis2=1"),
         Sample(f32(2, 3), 0.5, error="offset must be an int, got 0.5"))
LAID = (Sample(f32(3)), Sample(f32(3), 1), Sample(f32(2), k=-2), Sample(f32(0)), Sample(f32(0), 2), Sample(i32(3)), Sample(boolean(2), 1),
        Sample(array([float("nan"), float("inf")]), grad=False), Sample(f32(2), k=1.5, error="k must be an int, got 1.5"))


@op(samples=(*LAID, Sample(f32(3, 4)), Sample(f32(3, 4), 2), Sample(f32(3, 4), -3), Sample(f32(2, 2, 2), error="one or two axes"),
             Sample(f32(), error="one or two axes")))
def diag(x: Any, k: int = 0) -> Any:
    """A diagonal of a matrix, or a matrix with a given vector on it and zeros elsewhere.

    Args:
        x: a matrix or a vector.
        k: the diagonal: 0 for the main one, 1 for that above it, -1 for that below.

    Raises:
        TypeError: `k` is no int.
        ValueError: `x` has another number of axes.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.diag([[1, 2], [3, 4]])).tolist()
    [1, 4]
    >>> ops.convert_to_numpy(ops.diag([5, 6], k=1)).tolist()
    [[0, 5, 0], [0, 0, 6], [0, 0, 0]]
    """
    if rank_of(x) not in (1, 2):
        raise invalid("diag", f"x must have one or two axes, got shape {shape_of(x)}; use diagonal for more")
    k = sizes.as_count("diag", "k", k)
    return _laid_out(x, k) if rank_of(x) == 1 else diagonal(x, k)


@op(samples=(*LAID, Sample(f32(2, 3)), Sample(f32(2, 2), -1), Sample(f32())))
def diagflat(x: Any, k: int = 0) -> Any:
    """A square matrix with the elements of `x`, flattened, on the diagonal `k` (above the main one if positive) and zeros elsewhere.

    Args:
        x: a tensor, which is flattened.
        k: the diagonal: 0 for the main one, 1 for that above it, -1 for that below.

    Raises:
        TypeError: `k` is no int.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.diagflat([[5, 6]])).tolist()
    [[5, 0], [0, 6]]
    >>> ops.convert_to_numpy(ops.diagflat([5, 6], k=-1)).tolist()
    [[0, 0, 0], [5, 0, 0], [0, 6, 0]]
    """
    return _laid_out(ravel(x), sizes.as_count("diagflat", "k", k))


def _laid_out(vector: Any, k: Any) -> Any:
    """A square matrix with `vector` on the diagonal `k`."""
    if not isinstance(k, int):
        return _laid_out_later(vector, k)
    size = sizes.plus(shape_of(vector)[0], abs(k))
    vector = pad(vector, ((0, abs(k)),)) if k else vector
    # above the main diagonal an element stands in the row of its number, below it in the column
    return where(eye(size, k=k, dtype="bool"), expand_dims(vector, 1 if k >= 0 else 0), zeros((), dtype_of(vector)))


def _laid_out_later(vector: Any, k: Any) -> Any:
    """`_laid_out` on a diagonal which is not known yet."""
    up, down = sizes.larger(k, 0), sizes.larger(sizes.minus(0, k), 0)
    n = shape_of(vector)[0]
    matrix = where(eye(n, dtype="bool"), expand_dims(vector, 1), zeros((), dtype_of(vector)))
    return pad(matrix, ((down, up), (up, down)), constant_values=False if dtype_of(vector) == "bool" else 0)


@op(samples=TAKEN)
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals of the matrices on two axes of `x`, along a new last axis.

    Args:
        x: a tensor with at least two axes.
        offset: the diagonal: 0 for the main one, 1 for that above it, -1 for that below.
        axis1, axis2: axes of the rows and of the columns.

    Raises:
        ValueError: an axis is out of range, or both are the same.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> x = np.arange(8).reshape(2, 2, 2)
    >>> ops.convert_to_numpy(ops.diagonal(x, axis1=1, axis2=2)).tolist()
    [[0, 3], [4, 7]]
    >>> ops.convert_to_numpy(ops.diagonal(x[0], offset=1)).tolist()
    [1]
    """
    offset = sizes.as_count("diagonal", "offset", offset)
    first, second = (normal_axis("diagonal", a, rank_of(x)) for a in (axis1, axis2))
    if first == second:
        raise invalid("diagonal", f"two different axes are needed, got axis1={axis1} and axis2={axis2}")
    x = moveaxis(x, (first, second), (-2, -1))
    *lead, rows, columns = shape_of(x)
    top, left = _smaller(sizes.larger(sizes.minus(0, offset), 0), rows), _smaller(sizes.larger(offset, 0), columns)
    length = _smaller(sizes.minus(rows, top), sizes.minus(columns, left))
    x = part_of(x, len(lead), top, sizes.plus(top, length))
    x = part_of(x, len(lead) + 1, left, sizes.plus(left, length))
    square = sizes.times(length, length)
    x = reshape(x, (*lead, square))
    if length is None or isinstance(length, int):
        return part_of(x, len(lead), 0, square, sizes.plus(length, 1))
    return gather(x, multiply(iota(length), length + 1), len(lead))  # a step that is a tensor would hide the rank of the result


def _smaller(m: Any, n: Any) -> Any:
    """The smaller of two sizes; 0 even if the other one is unknown."""
    if isinstance(m, int) and isinstance(n, int):
        return min(m, n)
    if sizes.is_empty((m, n)):
        return 0
    return None if m is None or n is None else minimum(m, n)


@op(samples=TAKEN)
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Sum of the diagonal of each matrix on two axes of `x`; bools and short integers are summed in 32 bits.

    Args:
        x: a tensor with at least two axes.
        offset: the diagonal: 0 for the main one, 1 for that above it, -1 for that below.
        axis1, axis2: axes of the rows and of the columns.

    Raises:
        ValueError: an axis is out of range, or both are the same.

    >>> from keras_lite import ops
    >>> int(ops.trace([[1, 2], [3, 4]])), int(ops.trace([[1, 2], [3, 4]], offset=1))
    (5, 2)
    """
    return reduce_sum(diagonal(x, offset, axis1, axis2), -1)
