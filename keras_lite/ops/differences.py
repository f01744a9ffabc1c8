"""Differences of neighbours, and sums over the areas between them."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_statistics, sizes
from keras_lite.ops.arithmetic import add, maximum, multiply, not_equal, subtract
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN, normal_axis
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.shaping import part_of, reshape
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import broadcast_shapes


def _neighbours(x: Any, axis: int) -> tuple[Any, Any]:
    """`x` without its first and without its last element along `axis`."""
    n = shape_of(x)[axis]
    fewer = max(n - 1, 0) if isinstance(n, int) else None if n is None else maximum(sizes.minus(n, 1), 0)
    first = min(n, 1) if isinstance(n, int) else 1
    return part_of(x, axis, first, n), part_of(x, axis, 0, fewer)


def _axis(name: str, axis: Any, x: Any) -> int:
    if rank_of(x) == 0:
        raise invalid(name, "at least one axis is needed, got a scalar")
    return normal_axis(name, axis, rank_of(x))


@op(tensors=("a",), samples=(Sample(f32(3, 4)), Sample(f32(3, 4), axis=0), Sample(f32(2, 5), n=3), Sample(f32(2, 3), n=0),
                             Sample(f32(2, 3), 5), Sample(f32(0, 3), axis=0), Sample(f32(1)), Sample(i32(4, 3), 2, 0),
                             Sample(array([3, 1, 200], "uint8")), Sample(boolean(6), n=2), Sample(array([INF, INF, NAN, 1.0]), grad=False),
                             Sample(array([1e38, -1e38, 1e-38, 0.0])), Sample(f32(3), n=-1, error="n must be an int of at least 0, got -1"),
                             Sample(f32(), error="at least one axis is needed"), Sample(f32(3), axis=1, error="axis 1 is out of range")))
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """`a[i + 1] - a[i]` along an axis, taken several times.

    Of bools whether neighbours differ; unsigned integers wrap around.

    Args:
        a: a tensor with at least one axis.
        n: how many times differences are taken; the axis gets shorter by as many elements.
        axis: the axis, the last one by default.

    Raises:
        TypeError: `n` or `axis` is no int.
        ValueError: `a` is a scalar, `n` is negative, or `axis` is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.diff([1, 4, 9, 16])).tolist()
    [3, 5, 7]
    >>> ops.convert_to_numpy(ops.diff([1, 4, 9, 16], n=2)).tolist()
    [2, 2]
    """
    along = _axis("diff", axis, a)
    n, length = sizes.as_int("diff", "n", n, 0), shape_of(a)[along]
    for _ in range(min(n, length) if isinstance(length, int) else n):  # beyond it is empty
        later, earlier = _neighbours(a, along)
        a = not_equal(later, earlier) if dtype_of(a) == "bool" else subtract(later, earlier)
    return a


@op(tensors=("y",), floating=True, complexes=True, reference=references_statistics.trapezoid, samples=(
    Sample(f32(3, 4)), Sample(f32(3, 4), axis=0), Sample(f32(3, 4), dx=0.5), Sample(f32(3, 4), x=f32(4)), Sample(f32(3, 4), f32(3), axis=0),
    Sample(f32(2, 3), f32(2, 3), axis=-1), Sample(f32(3), f32(2, 3)), Sample(f32(4), dx=f32(3)), Sample(i32(5)), Sample(i32(5), i32(5)),
    Sample(boolean(4)), Sample(f32(0)), Sample(f32(2, 1)), Sample(array([1e38, 1e38, -1e38])), Sample(array([1.0, NAN, 2.0]), grad=False),
    Sample(f32(3), x=f32(4), error=r"x of shape \(4,\) does not fit y of shape \(3,\)"), Sample(f32(), error="at least one axis is needed"),
    Sample(f32(3), axis=2, error="axis 2 is out of range"), Sample(c64(2, 4), x=f32(4))))
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integral of `y` along an axis by the trapezoidal rule; the result has the float dtype of `y`.

    Args:
        y: heights, with at least one axis.
        x: points at which they stand: a vector along the axis, or a tensor that broadcasts with `y`; by default evenly spaced ones.
        dx: distance of these.
        axis: the axis, the last one by default.

    Raises:
        ValueError: `y` is a scalar, `axis` is out of range, or `x` or `dx` does not fit `y`.

    >>> from keras_lite import ops
    >>> float(ops.trapezoid([1.0, 2.0, 4.0])), float(ops.trapezoid([1.0, 2.0, 4.0], x=[0.0, 1.0, 3.0]))
    (4.5, 7.5)
    """
    along, values = _axis("trapezoid", axis, y), wide(y)
    heights = add(*(multiply(side, 0.5) for side in _neighbours(values, along)))
    if x is None:
        widths = as_tensor(registry.current(), dx, dtype_of(values))
    else:
        x = as_tensor(registry.current(), x, dtype_of(values))
        widths = diff(x, axis=-1 if rank_of(x) == 1 else axis)
        if rank_of(x) == 1:
            widths = reshape(widths, (*shape_of(widths), *(1,) * (rank_of(y) - along - 1)))
    try:
        broadcast_shapes(*(tuple(n if isinstance(n, int) else None for n in shape_of(z)) for z in (widths, heights)))
    except ValueError as error:
        given = f"dx of shape {shape_of(widths)}" if x is None else f"x of shape {shape_of(x)}"
        raise invalid("trapezoid", f"{given} does not fit y of shape {shape_of(y)}: {error}") from None
    return back(reduce_sum(multiply(widths, heights), axis), y)
