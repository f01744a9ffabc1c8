"""Distances between vectors and between images."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.ops import references_arrays as references
from keras_lite.ops.arithmetic import divide, equal, multiply, subtract, where
from keras_lite.ops.elementwise import log10, sqrt, square
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import expand_dims
from keras_lite.ops.statistics import back, mean, wide
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import may_equal


@op(tensors=("x", "y"), floating=True, samples=(
    Sample(f32(3, 4), f32(5, 4)), Sample(f32(2, 1, 3, 4), f32(5, 2, 4)), Sample(f32(0, 4), f32(2, 4)), Sample(f32(3, 0), f32(2, 0)),
    Sample(i32(2, 3), f32(4, 3)), Sample(array([[1.0, 2.0], [3.0, -1.0]]), array([[1.0, 2.0], [1e3, 1e-3]])),
    Sample(boolean(2, 3), boolean(1, 3)), Sample(array([[1e15, -1e15]]), array([[1e-15, 0.0]])),
    Sample(f32(4), f32(4), error=r"at least two axes, got shapes \(4,\) and \(4,\)"),
    Sample(f32(3, 4), f32(2, 5), error=r"sizes of the last axes differ: \(3, 4\) and \(2, 5\)"),
    Sample(f32(2, 3, 4), f32(3, 3, 4), error="do not broadcast")), reference=references.cdist)
def cdist(x: Any, y: Any) -> Any:
    """Euclidean distances of all rows of `x` (..., n, d) from all rows of `y` (..., m, d), as (..., n, m); leading axes broadcast.

    The derivative at distance 0 is 0.  Raises ValueError for vectors, last axes that differ and leading ones that do not broadcast.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cdist([[0.0, 0.0], [3.0, 4.0]], [[0.0, 0.0], [3.0, 0.0]])).tolist()
    [[0.0, 3.0], [5.0, 4.0]]
    """
    if min(rank_of(x), rank_of(y)) < 2:
        raise invalid("cdist", f"x and y need at least two axes, got shapes {shape_of(x)} and {shape_of(y)}")
    if not may_equal(shape_of(x)[-1:], shape_of(y)[-1:]):
        raise invalid("cdist", f"sizes of the last axes differ: {shape_of(x)} and {shape_of(y)}")
    total = reduce_sum(square(subtract(expand_dims(wide(x), -2), expand_dims(wide(y), -3))), -1)
    zero = equal(total, 0)
    return back(where(zero, 0.0, sqrt(where(zero, 1.0, total))), x)


@op(tensors=("x1", "x2", "max_val"), floating=True, samples=(
    Sample(f32(3, 4), f32(3, 4), 2.0), Sample(i32(2, 3), f32(2, 3), max_val=255), Sample(f32(), f32(), 1.0),
    Sample(f32(2, 3), f32(2, 3), f32(low=0.5)), Sample(f32(0, 3), f32(0, 3), 1.0),
    Sample(array([1.0, 2.0]), array([1.0, 2.0]), 1.0, grad=False), Sample(array([0, 255], "uint8"), array([255, 3], "uint8"), 255),
    Sample(array([1e-3, 0.0]), array([0.0, 1e-3]), 1.0), Sample(f32(2, 3), f32(3), 1.0, error=r"the shapes \(2, 3\) and \(3,\) differ"),
    Sample(f32(2), f32(2), f32(2), error=r"max_val must be a scalar, got shape \(2,\)")), reference=references.psnr)
def psnr(x1: Any, x2: Any, max_val: Any) -> Any:
    """Peak signal-to-noise ratio `20 log10(max_val / sqrt(mean((x1 - x2)**2)))` in decibel; infinite for equal images.

    Args:
        x1, x2: tensors of one shape.
        max_val: the range of the values, such as 1 or 255; a scalar.

    Raises:
        ValueError: the shapes differ, or `max_val` is no scalar.

    >>> from keras_lite import ops
    >>> round(float(ops.psnr([0.0, 1.0], [0.1, 0.9], max_val=1.0)), 3)
    20.0
    """
    if not may_equal(shape_of(x1), shape_of(x2)):
        raise invalid("psnr", f"the shapes {shape_of(x1)} and {shape_of(x2)} differ")
    if shape_of(max_val) != ():
        raise invalid("psnr", f"max_val must be a scalar, got shape {shape_of(max_val)}")
    error = sqrt(mean(square(subtract(wide(x1), wide(x2)))))
    return back(multiply(log10(divide(wide(max_val), error)), 20.0), x1)
