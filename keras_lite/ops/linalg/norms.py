"""Norms of vectors and matrices."""

from __future__ import annotations

import math
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import part_dtype
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_linalg as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add, divide, equal, logical_or, multiply, not_equal, power, subtract, where
from keras_lite.ops.contraction import matmul
from keras_lite.ops.core import cast, stop_gradient
from keras_lite.ops.creation import ones_like, zeros_like
from keras_lite.ops.data import refuse_complex
from keras_lite.ops.elementwise import absolute
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN, normal_axes, normal_axis
from keras_lite.ops.linalg.matrices import composed, solved, swap
from keras_lite.ops.reductions import reduce_max, reduce_min, reduce_sum
from keras_lite.ops.sample import Sample, array, c64, f32, i32
from keras_lite.ops.shaping import expand_dims, moveaxis, reshape, squeeze
from keras_lite.ops.statistics import real_back, root, squared_size, wide
from keras_lite.ops.table import op

VECTOR_ORDERS = (Sample(f32(4)), *(Sample(f32(2, 5), ord=p, axis=1) for p in (None, 0, 1, 2, 3, 0.5, -1, -2, INF, -INF)))
MATRIX_ORDERS = tuple(Sample(f32(3, 2, 4), ord=p, axis=(0, -1)) for p in (None, "fro", "nuc", 1, -1, 2, -2, INF, -INF))
WRONG = (Sample(f32(3), ord="fro", error="ord='fro' is for matrices; a vector takes a number"),
         Sample(f32(2, 3), ord=0, error="ord=0 is no norm of a matrix; known: None, 'fro', 'nuc', 1, -1, 2, -2, inf, -inf"),
         Sample(f32(2, 3), ord="euclid", error="ord='euclid' is no norm of a matrix"),
         Sample(f32(2, 2, 3), ord=2, error=r"ord=2 needs one axis or two, got axis=None for shape \(2, 2, 3\)"),
         Sample(f32(2, 2, 3), axis=(0, 1, 2), error="ord=None needs one axis or two"),
         Sample(f32(2, 3), axis=2, error="axis 2 is out of range"), Sample(f32(2, 3), axis=(1, -1), error="an axis is named twice"),
         Sample(f32(0, 3), ord=-INF, axis=0, error="ord=-inf of an empty axis, shape .*, has no value"),
         Sample(c64(2, 2), ord=2, error="is for real numbers, got complex64"))


@op(floating=True, complexes=True, reference=references.norm,
    samples=(*VECTOR_ORDERS, *MATRIX_ORDERS, Sample(f32(2, 2, 3)), Sample(f32(), keepdims=True), Sample(f32(2, 3), ord=1),
             Sample(f32(2, 3, 2), ord="nuc", axis=(2, 0), keepdims=True), Sample(f32(2, 3), axis=(1,), keepdims=True),
             Sample(f32(2, 3, 2), ord=1, axis=[2, 0]), Sample(f32(0, 3)), Sample(f32(0, 3), ord=2), Sample(f32(2, 0), INF, 1),
             Sample(f32(0, 3), ord=INF), Sample(i32(3, 4)), Sample(array([0.0, 0.0])), Sample(array([[0.0, 0.0]]), ord=3, axis=1),
             Sample(array([NAN, 1.0])), Sample(array([INF, -1.0]), grad=False), Sample(array([1e18, 1e-18])), *WRONG,
             Sample(c64(3, 4)), *(Sample(c64(2, 5), p, 1) for p in (None, 0, 1, 3, -INF)),
             *(Sample(c64(2, 3, 2), p, (0, 2)) for p in ("fro", 1, -INF))))
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002  # Keras's name
    """Norm of vectors, along one `axis`, or of matrices, along two (the rows' and the columns').

    Norms of complex numbers are real; those by singular values are for real matrices.  The gradient at 0 is 0.

    Args:
        x: a tensor; ints become floats.
        ord: None for the root of the sum of squares.  Vectors take a number p, the p-th root of the sum of |x|**p (0 counts what is not 0),
            and +-inf, the largest or smallest size.  Matrices take "fro", "nuc" (the sum of the singular values), 2 and -2 (the largest and
            smallest of them), 1 and -1 (the largest and smallest sum of a column's sizes), inf and -inf (of a row's).
        axis: an int or two; None for all axes, or with `ord` for an `x` that is itself a vector or a matrix.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range, or there is no such norm of one or two axes.

    >>> from keras_lite import ops
    >>> float(ops.norm([3.0, 4.0])), float(ops.norm([3.0, -4.0], ord=1))
    (5.0, 7.0)
    >>> ops.convert_to_numpy(ops.norm([[3.0, 4.0], [6.0, 8.0]], axis=1, keepdims=True)).tolist()
    [[5.0], [10.0]]
    """
    rank, y = rank_of(x), wide(x)
    if axis is None and ord is None:
        return real_back(root(reduce_sum(squared_size(y), None, keepdims)), x)
    named = tuple(axis) if isinstance(axis, (list, tuple)) else tuple(range(rank)) if axis is None else (axis,)
    if len(named) not in (1, 2):
        raise invalid("norm", f"ord={ord!r} needs one axis or two, got axis={axis!r} for shape {shape_of(x)}")
    normal_axes("norm", named, rank)  # refuses repetitions
    axes = tuple(normal_axis("norm", a, rank) for a in named)
    result = _vector_norm(y, ord, axes[0]) if len(axes) == 1 else _matrix_norm(y, ord, *axes)
    return real_back(result if keepdims else squeeze(result, axes), x)


def _largest(x: Any, axis: int) -> Any:
    """Maximum of what is not negative; 0 for an empty axis."""
    return reduce_max(x, axis, keepdims=True, initial=0.0 if sizes.is_empty((shape_of(x)[axis],)) else None)


def _smallest(x: Any, axis: int, order: Any) -> Any:
    if sizes.is_empty((shape_of(x)[axis],)):
        raise invalid("norm", f"ord={order} of an empty axis, shape {shape_of(x)}, has no value")
    return reduce_min(x, axis, keepdims=True)


def _sum(x: Any, axis: Any) -> Any:
    return reduce_sum(x, axis, keepdims=True)


def _vector_norm(x: Any, order: Any, axis: int) -> Any:
    """The norm along an axis, which is kept."""
    if order is None or order == 2:
        return root(_sum(squared_size(x), axis))
    if isinstance(order, str) or not isinstance(order, (int, float)):
        raise invalid("norm", f"ord={order!r} is for matrices; a vector takes a number" if order in ("fro", "nuc") else
                      f"ord={order!r} is no norm of a vector; a vector takes a number")
    if order == 0:
        return _sum(cast(not_equal(x, 0), part_dtype(dtype_of(x))), axis)
    size = absolute(x)
    if math.isinf(order):
        return _largest(size, axis) if order > 0 else _smallest(size, axis, order)
    if order == 1:
        return _sum(size, axis)
    total = _sum(power(size, float(order)), axis)
    something = not_equal(total, 0)
    return where(something, power(where(something, total, 1.0), 1.0 / order), 0.0 if order > 0 else INF)


def _matrix_norm(x: Any, order: Any, rows: int, columns: int) -> Any:
    """The norm along two axes, which are kept."""
    if order is None or order == "fro":
        return root(_sum(squared_size(x), (rows, columns)))
    if order in ("nuc", 2, -2):
        refuse_complex("norm", dtype_of(x))
        result = _norm_by_values(moveaxis(x, (rows, columns), (-2, -1)), order)
        return reshape(result, tuple(1 if a in (rows, columns) else n for a, n in enumerate(shape_of(x))))
    if order not in (1, -1, INF, -INF):
        raise invalid("norm", f"ord={order!r} is no norm of a matrix; known: None, 'fro', 'nuc', 1, -1, 2, -2, inf, -inf")
    summed, other = (rows, columns) if abs(order) == 1 else (columns, rows)
    sums = _sum(absolute(x), summed)
    return _largest(sums, other) if order > 0 else _smallest(sums, other, order)


def _of_values(s: Any, order: Any) -> Any:
    """The norm of matrices with the singular values (..., k): (..., 1)."""
    return _sum(s, -1) if order == "nuc" else _largest(s, rank_of(s) - 1) if order == 2 else _smallest(s, rank_of(s) - 1, order)


def _norm_by_values(x: Any, order: Any) -> Any:
    """The norm of `x` (..., m, n): (..., 1).  Where it is differentiated twice, and sizes are known, singular vectors are not
    differentiated: they have no gradient where values are equal, but the norm has."""
    engine = registry.current()
    if registry.order() < 2 or not all(isinstance(n, int) and n for n in shape_of(x)[-2:]):
        return _of_values(engine.singular_values(x), order)
    u, s, vt = engine.svd(stop_gradient(x))
    chosen = ones_like(s) if order == "nuc" else cast(equal(s, _of_values(s, order)), dtype_of(s))
    shares = chosen if order == "nuc" else divide(chosen, _sum(chosen, -1))

    def forward(x: Any, u: Any, s: Any, vt: Any, shares: Any) -> list[Any]:
        return [_of_values(s, order)]

    return solved(forward, _norm_slope, [x, u, s, vt, shares])[0]


def _norm_slope(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    x, *constants, _ = residuals
    return [multiply(_slope(x, *constants), expand_dims(cotangents[0], -1)), *map(zeros_like, constants)]


def _slope(*tensors: Any) -> Any:
    """u @ diag(shares) @ vt, the gradient of the norm that is the sum of `shares * s`; `tensors` is x, u, s, vt, shares."""
    def forward(x: Any, u: Any, s: Any, vt: Any, shares: Any) -> list[Any]:
        return [composed(u, shares, vt)]

    return solved(forward, _slope_of_slope, list(tensors))[0]


def _slope_of_slope(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    """The second derivative of a function of singular values (Lewis and Sendov, "Twice differentiable spectral functions", 2001), whose
    first one is the same for equal values: then nothing is divided by their difference."""
    x, *constants, _ = residuals
    shares, (u, s, vt), c = constants[-1], registry.current().svd(x), cotangents[0]
    m, n = shape_of(x)[-2:]
    inner = matmul(swap(u), matmul(c, swap(vt)))
    rows, columns = expand_dims(s, -1), expand_dims(s, -2)
    first, second = expand_dims(shares, -1), expand_dims(shares, -2)
    turned = multiply(subtract(inner, swap(inner)), _ratio(add(first, second), add(rows, columns)))
    both = multiply(add(inner, swap(inner)), _ratio(subtract(first, second), subtract(rows, columns)))
    slope = matmul(u, matmul(multiply(0.5, add(turned, both)), vt))
    weights = expand_dims(_ratio(shares, s), -2)
    if m > n:
        right = matmul(c, swap(vt))
        slope = add(slope, matmul(multiply(subtract(right, matmul(u, inner)), weights), vt))
    elif m < n:
        left = matmul(swap(u), c)
        slope = add(slope, matmul(multiply(u, weights), subtract(left, matmul(inner, vt))))
    return [slope, *map(zeros_like, constants)]


def _ratio(a: Any, b: Any) -> Any:
    """a / b, and 0 where either is 0."""
    none = logical_or(equal(a, 0), equal(b, 0))
    return where(none, 0.0, divide(a, where(none, 1.0, b)))
