"""Reductions that leave NaN out.  Of integers and bools, which have none, they are the plain reductions."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import COMPLEX, is_float
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_statistics as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import divide, not_equal, subtract, where
from keras_lite.ops.core import cast
from keras_lite.ops.elementwise import is_nan, square
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.families import INF, NAN, normal_axes
from keras_lite.ops.reductions import argmax, argmin, cumprod, cumsum, reduce_all, reduce_max, reduce_min, reduce_prod, reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.statistics import back, root, wide
from keras_lite.ops.table import op

HOLES = array([[1.0, NAN, 3.0, -2.0], [NAN, NAN, NAN, NAN], [0.5, -1.5, NAN, 4.0], [1.0, 2.0, -3.0, 0.25]])
_CUBE = array([[[NAN, 1.0], [2.0, NAN], [0.5, 3.0]], [[-1.0, NAN], [1.5, -2.0], [NAN, 2.5]]])
_OUTSIDE = (Sample(f32(2, 3), axis=2, error="axis 2 is out of range for rank 2"),
            Sample(f32(2, 3), axis=(1, -1), error="an axis is named twice"))
AXES = (Sample(f32(3, 4)), Sample(HOLES), Sample(_CUBE, axis=1), Sample(_CUBE, axis=(0, -1), keepdims=True), Sample(f32()),
        Sample(HOLES, axis=0), Sample(HOLES, axis=1, grad=False), Sample(i32(3, 4), axis=0), Sample(boolean(3, 4)), *_OUTSIDE)
SUMS = (*AXES, Sample(f32(0, 3)), Sample(f32(0, 3), axis=0), Sample(_CUBE, axis=()), Sample(array([INF, NAN, 1.0]), grad=False),
        Sample(array([1e38, NAN, 1e-30, 2.0])))
SPREADS = (*AXES, Sample(f32(3, 0), axis=0), Sample(f32(3, 0), axis=1, grad=False), Sample(array([100.0, NAN, 100.5, 101.0])),
           Sample(array([NAN, 5.0]), grad=False), Sample(array([INF, NAN, 1.0]), grad=False))
EXTREMES = (*AXES, Sample(f32(0, 3), axis=1), Sample(f32(0, 3), axis=0, error="axis 0 of shape .* is empty"),
            Sample(array([2.0, NAN, 2.0, -2.0, -2.0])), Sample(array([[NAN, -INF], [NAN, INF], [1e38, NAN]]), axis=1, grad=False))
POSITIONS = (Sample(f32(3, 4)), Sample(HOLES), Sample(HOLES, axis=1), Sample(_CUBE, axis=0, keepdims=True), Sample(_CUBE, keepdims=True),
             Sample(array([NAN, NAN])), Sample(array([1.0, 3.0, NAN, 3.0, 1.0])), Sample(i32(3, 4), axis=-1), Sample(boolean(2, 5), axis=1),
             Sample(f32(0, 3), axis=1), Sample(f32(0, 3), axis=0, error="axis 0 of shape .* is empty"), _OUTSIDE[0])
CUMULATIVE = (Sample(HOLES, axis=1), Sample(_CUBE), Sample(f32(0, 3), axis=0), Sample(i32(4), axis=0), Sample(boolean(4), axis=-1),
              Sample(array([NAN, 2.0, 3.0]), dtype="int32", grad=False), Sample(i32(3), axis=0, dtype="float32"), Sample(f32(3), axis=-1),
              Sample(f32(2), axis=1, error="axis 1 is out of range"))


def missing(x: Any) -> Any:
    """True where `x` is NaN; None where its dtype has none."""
    dtype = dtype_of(x)
    return is_nan(x) if is_float(dtype) else not_equal(x, x) if dtype in COMPLEX else None


def filled(x: Any, value: float) -> Any:
    """`x` with `value` in place of NaN."""
    holes = missing(x)
    return x if holes is None else where(holes, value, x)


@op(samples=SUMS)
def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Sum over `axis` of what is not NaN, 0 if nothing is; the dtype is that of `sum`.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> float(ops.nansum([1.0, np.nan, 3.0]))
    4.0
    >>> ops.convert_to_numpy(ops.nansum([[1.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [1.0, 0.0]
    """
    return reduce_sum(filled(x, 0.0), axis, keepdims)


@op(samples=SUMS)
def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Product over `axis` of what is not NaN, 1 if nothing is; the dtype is that of `prod`.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> float(ops.nanprod([2.0, np.nan, 3.0]))
    6.0
    >>> ops.convert_to_numpy(ops.nanprod([[2.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [2.0, 1.0]
    """
    return reduce_prod(filled(x, 1.0), axis, keepdims)


@op(samples=CUMULATIVE)
def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Sums of the elements up to each one along `axis`, of which NaN counts as 0.

    Args:
        x: a tensor.
        axis: an int, or None for the flattened tensor.
        dtype: dtype of the result, in which it is computed; that of `x` by default, int32 for bools.

    Raises:
        ValueError: the axis is out of range.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.nancumsum([1.0, np.nan, 3.0])).tolist()
    [1.0, 1.0, 4.0]
    """
    return cumsum(filled(x, 0.0), axis, dtype)


@op(samples=CUMULATIVE)
def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Products of the elements up to each one along `axis`, of which NaN counts as 1.

    Args:
        x: a tensor.
        axis: an int, or None for the flattened tensor.
        dtype: dtype of the result, in which it is computed; that of `x` by default, int32 for bools.

    Raises:
        ValueError: the axis is out of range.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.nancumprod([2.0, np.nan, 3.0])).tolist()
    [2.0, 2.0, 6.0]
    """
    return cumprod(filled(x, 1.0), axis, dtype)


# --- extremes ------------------------------------------------------------------------------------------------------------


def _check_filled(name: str, x: Any, axis: Any) -> None:
    shape = shape_of(x)
    empty = next((a for a in normal_axes(name, axis, len(shape)) if sizes.is_empty((shape[a],))), None)
    if empty is not None:
        raise invalid(name, f"axis {empty} of shape {shape} is empty")


def _extreme(name: str, reduce: Any, x: Any, axis: Any, keepdims: bool, lowest: float) -> Any:
    _check_filled(name, x, axis)
    holes = missing(x)
    if holes is None:
        return reduce(x, axis, keepdims)
    return where(reduce_all(holes, axis, keepdims), NAN, reduce(where(holes, lowest, x), axis, keepdims))


@op(samples=EXTREMES)
def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest element over `axis` of those that are not NaN; NaN if none is.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        TypeError: `x` is complex.
        ValueError: an axis is out of range or named twice, or empty.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> float(ops.nanmax([1.0, np.nan, 3.0]))
    3.0
    >>> ops.convert_to_numpy(ops.nanmax([[1.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [1.0, nan]
    """
    return _extreme("nanmax", reduce_max, x, axis, keepdims, -INF)


@op(samples=EXTREMES)
def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest element over `axis` of those that are not NaN; NaN if none is.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        TypeError: `x` is complex.
        ValueError: an axis is out of range or named twice, or empty.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> float(ops.nanmin([1.0, np.nan, 3.0]))
    1.0
    >>> ops.convert_to_numpy(ops.nanmin([[1.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [1.0, nan]
    """
    return _extreme("nanmin", reduce_min, x, axis, keepdims, INF)


def _position(name: str, find: Any, x: Any, axis: Any, keepdims: bool, lowest: float) -> Any:
    _check_filled(name, x, axis)
    holes = missing(x)
    if holes is None:
        return find(x, axis, keepdims)
    return where(reduce_all(holes, axis, keepdims), -1, find(where(holes, lowest, x), axis, keepdims))


@op(differentiable=False, samples=POSITIONS, reference=references.nanargmax)
def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """int32 index of the first largest element along `axis` of those that are not NaN; -1 if none is.

    Args:
        x: a tensor.
        axis: an int, or None for the flattened tensor.
        keepdims: whether the axis stays, with size 1 (all axes if it is None).

    Raises:
        TypeError: `x` is complex.
        ValueError: the axis is out of range or has size 0.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> int(ops.nanargmax([1.0, np.nan, 3.0]))
    2
    >>> ops.convert_to_numpy(ops.nanargmax([[1.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [0, -1]
    """
    return _position("nanargmax", argmax, x, axis, keepdims, -INF)


@op(differentiable=False, samples=POSITIONS, reference=references.nanargmin)
def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """int32 index of the first smallest element along `axis` of those that are not NaN; -1 if none is.

    Args:
        x: a tensor.
        axis: an int, or None for the flattened tensor.
        keepdims: whether the axis stays, with size 1 (all axes if it is None).

    Raises:
        TypeError: `x` is complex.
        ValueError: the axis is out of range or has size 0.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> int(ops.nanargmin([1.0, np.nan, 3.0]))
    0
    >>> ops.convert_to_numpy(ops.nanargmin([[1.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [0, -1]
    """
    return _position("nanargmin", argmin, x, axis, keepdims, INF)


# --- means and spreads ---------------------------------------------------------------------------------------------------


def _count(x: Any, axis: Any, keepdims: bool) -> Any:
    """Number of elements over `axis` that are not NaN, in the dtype of `x`."""
    return cast(reduce_sum(cast(subtract(1, cast(missing(x), "int32")), "int32"), axis, keepdims), dtype_of(x))


@op(floating=True, complexes=True, samples=(*SPREADS, Sample(array([1j, complex(NAN, 1), 3.0], "complex64"), grad=False)))
def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Mean over `axis` of what is not NaN, a float, taken in at least float32; NaN if nothing is.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> float(ops.nanmean([1.0, np.nan, 3.0]))
    2.0
    >>> ops.convert_to_numpy(ops.nanmean([[1.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [1.0, nan]
    """
    y = wide(x)
    return back(divide(reduce_sum(filled(y, 0.0), axis, keepdims), _count(y, axis, keepdims)), x)


def _variance(x: Any, axis: Any, keepdims: bool) -> Any:
    center = divide(reduce_sum(filled(x, 0.0), axis, keepdims=True), _count(x, axis, keepdims=True))
    squares = where(missing(x), 0.0, square(subtract(filled(x, 0.0), center)))
    return divide(reduce_sum(squares, axis, keepdims), _count(x, axis, keepdims))


@op(floating=True, samples=SPREADS)
def nanvar(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Variance over `axis` of what is not NaN, a float, without a correction; NaN if nothing is.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        TypeError: `x` is complex.
        ValueError: an axis is out of range or named twice.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> float(ops.nanvar([1.0, np.nan, 5.0]))
    4.0
    >>> ops.convert_to_numpy(ops.nanvar([[1.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [0.0, nan]
    """
    return back(_variance(wide(x), axis, keepdims), x)


@op(floating=True, samples=SPREADS)
def nanstd(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Standard deviation over `axis` of what is not NaN, a float: the square root of `nanvar`, with gradient 0 at 0.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        TypeError: `x` is complex.
        ValueError: an axis is out of range or named twice.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> float(ops.nanstd([1.0, np.nan, 5.0]))
    2.0
    >>> ops.convert_to_numpy(ops.nanstd([[1.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [0.0, nan]
    """
    return back(root(_variance(wide(x), axis, keepdims)), x)
