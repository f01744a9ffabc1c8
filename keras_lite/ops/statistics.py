"""Means and spreads."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import COMPLEX, part_dtype, promote
from keras_lite.engine.errors import invalid
from keras_lite.ops import references, sizes
from keras_lite.ops.arithmetic import add, divide, multiply, not_equal, subtract, where
from keras_lite.ops.core import cast
from keras_lite.ops.elementwise import sqrt, square
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.families import NAN, normal_axes, normal_axis
from keras_lite.ops.reductions import AXES, reduce_max, reduce_min, reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.shaping import broadcast_to, reshape
from keras_lite.ops.table import op

_WIDE = ("float32", "float64", *COMPLEX)
MEANS = (*AXES, Sample(f32(3, 0), axis=0), Sample(i32(3, 4), axis=1), Sample(boolean(3, 4)), Sample(f32(4, 4, low=100, high=101), axis=0))


def count(x: Any, axis: Any) -> Any:
    """Number of elements of `x` over `axis`, as a float or (unknown) a scalar tensor of the dtype of `x`."""
    shape = shape_of(x)
    n = sizes.product(shape[a] for a in normal_axes("mean", axis, len(shape)))
    if n is None:
        return 1.0  # on specs, where any number has the same shape
    return float(n) if isinstance(n, int) else cast(n, dtype_of(x))


def wide(x: Any) -> Any:
    """`x` in at least float32, in which sums of low precision neither overflow nor stall."""
    dtype = dtype_of(x)
    return x if dtype in _WIDE else cast(x, promote(dtype, "float32"))


def back(x: Any, like: Any) -> Any:
    """`x` in the dtype of `like`."""
    return x if dtype_of(x) == dtype_of(like) else cast(x, dtype_of(like))


def real_back(x: Any, like: Any) -> Any:
    """Real `x` in the dtype of `like`, or of its parts."""
    dtype = part_dtype(dtype_of(like))
    return x if dtype_of(x) == dtype else cast(x, dtype)


def squared_size(x: Any) -> Any:
    """`|x|**2`, real for complex numbers too."""
    if dtype_of(x) not in COMPLEX:
        return square(x)
    from keras_lite.ops.complex_numbers import imag, real  # made of functions of this module

    return add(square(real(x)), square(imag(x)))


def root(x: Any) -> Any:
    """The square root, with gradient 0 at 0."""
    something = not_equal(x, 0)
    return where(something, sqrt(where(something, x, 1.0)), 0.0)


@op(floating=True, complexes=True, samples=(*MEANS, Sample(c64(3, 4), axis=0)))
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Arithmetic mean over `axis`, a float, taken in at least float32; NaN for an empty axis.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> float(ops.mean([[1, 2], [3, 6]])), ops.convert_to_numpy(ops.mean([[1, 2], [3, 6]], axis=0)).tolist()
    (3.0, [2.0, 4.0])
    """
    y = wide(x)
    return back(divide(reduce_sum(y, axis, keepdims), count(y, axis)), x)


def _variance(x: Any, axis: Any, keepdims: bool) -> tuple[Any, Any]:
    """Mean (kept) and variance of a float or complex tensor; the latter is real."""
    center = divide(reduce_sum(x, axis, keepdims=True), count(x, axis))
    squares = squared_size(subtract(x, center))
    return center, divide(reduce_sum(squares, axis, keepdims), count(squares, axis))


@op(floating=True, complexes=True, samples=(*MEANS, Sample(c64(3, 4), axis=0),
                                              Sample(f32(), axis=-1, error="axis -1 is out of range for rank 0")))
def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Variance over `axis`: the mean of the squared distances from the mean, a real float; no n - 1 instead of n.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> float(ops.var([1.0, 3.0])), ops.convert_to_numpy(ops.var([[1.0, 3.0], [0.0, 10.0]], axis=1)).tolist()
    (1.0, [1.0, 25.0])
    """
    return real_back(_variance(wide(x), axis, keepdims)[1], x)


@op(floating=True, complexes=True, samples=(
    *MEANS, Sample(c64(3, 4)), Sample(array([[1.0, 2.0], [1.0, 3.0], [1.0, 7.0]]), axis=0), Sample(array([3.0, NAN]), grad=False)))
def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Standard deviation over `axis`: the square root of `var`, with gradient 0 where that is 0.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> float(ops.std([1.0, 3.0])), ops.convert_to_numpy(ops.std([[1.0, 3.0], [0.0, 10.0]], axis=1)).tolist()
    (1.0, [1.0, 5.0])
    """
    return real_back(root(_variance(wide(x), axis, keepdims)[1]), x)


@op(floating=True, complexes=True, samples=(
    Sample(c64(3, 4), 1), Sample(f32(3, 4), 0), Sample(f32(2, 3, 4), (0, 2), keepdims=True), Sample(f32(3, 0), 0), Sample(f32(4), [0]),
    Sample(f32(3), 1, error="axis 1 is out of range"), Sample(f32(), 0, error="axis 0 is out of range for rank 0"),
    Sample(f32(2, 3), True, error="axis must be an int, got True")))
def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> tuple[Any, Any]:
    """Mean and variance over `axes`, a pair of floats of the dtype of `x`.

    Args:
        x: a tensor; integers and bools become floats first.
        axes: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.
        synchronized: asks for the moments over all replicas; a program with one replica has them already.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> mean, variance = ops.moments([[1.0, 3.0], [5.0, 9.0]], axes=0)
    >>> ops.convert_to_numpy(mean).tolist(), ops.convert_to_numpy(variance).tolist()
    ([3.0, 6.0], [4.0, 9.0])
    """
    center, variance = _variance(wide(x), axes, keepdims)
    center = center if keepdims else reduce_sum(center, axes)
    return back(center, x), real_back(variance, x)


@op(samples=AXES)
def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Range of the values over `axis`: the maximum minus the minimum.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        TypeError: `x` is complex or of bools.
        ValueError: an axis is out of range or named twice, or empty.

    >>> from keras_lite import ops
    >>> int(ops.ptp([[1, 5], [7, 4]])), ops.convert_to_numpy(ops.ptp([[1, 5], [7, 4]], axis=1)).tolist()
    (6, [4, 3])
    """
    return subtract(reduce_max(x, axis, keepdims), reduce_min(x, axis, keepdims))


@op(tensors=("x", "weights"), floating=True, complexes=True, samples=(Sample(f32(3, 4)), Sample(f32(3, 4), axis=1, weights=f32(4, low=0.1)),
                                                      Sample(i32(3, 2), axis=0),
                                                      Sample(f32(0, 2), axis=1), Sample(f32(2, 3), weights=f32(2, 3, low=0.1)),
                                                      Sample(f32(2, 3), axis=1, weights=f32(2), error="does not broadcast to")),
    reference=references.average)
def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """Mean over `axis`, a float: `sum(x * weights) / sum(weights)` where there are weights.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        weights: a tensor of the shape of `x`, or a vector along one axis.

    Raises:
        ValueError: the weights have another shape, or an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> float(ops.average([1.0, 2.0], weights=[3.0, 1.0]))
    1.25
    >>> ops.convert_to_numpy(ops.average([[1.0, 2.0], [3.0, 4.0]], axis=1, weights=[3.0, 1.0])).tolist()
    [1.25, 3.25]
    """
    if weights is None:
        return mean(x, axis)
    shape, given = shape_of(x), shape_of(weights)
    if len(given) != len(shape):
        if len(given) != 1 or not isinstance(axis, int):
            raise invalid("average", f"weights of shape {given} need the shape {shape} of x, or one axis to lie along, got axis={axis!r}")
        along = normal_axis("average", axis, len(shape))
        weights = reshape(weights, tuple(n if i == along else 1 for i, n in enumerate(given * len(shape))))
    weights = broadcast_to(weights, shape)
    return divide(reduce_sum(multiply(x, weights), axis), reduce_sum(weights, axis))
