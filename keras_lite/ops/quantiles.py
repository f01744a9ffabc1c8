"""Medians, quantiles and percentiles, with NaN and without."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, unknown_name, wrong_type
from keras_lite.ops import elementwise, sizes
from keras_lite.ops import references_statistics as references
from keras_lite.ops.arithmetic import add, divide, equal, greater, logical_not, minimum, multiply, subtract, where
from keras_lite.ops.core import cast
from keras_lite.ops.creation import full
from keras_lite.ops.data import as_tensor, host_values
from keras_lite.ops.elementwise import ceil, floor, is_finite, is_nan
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN, NO_TENSOR, normal_axes
from keras_lite.ops.hosted import hosted
from keras_lite.ops.indexing import gather, sort, take_along_axis
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import expand_dims, moveaxis, part_of, ravel, reshape, transpose
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op

METHODS = ("linear", "lower", "higher", "nearest", "midpoint")
_TABLE = 1 << 16  # entries of a table of places, where an engine would compute them in float32
HOLES = array([[1.0, NAN, 3.0, -2.0], [NAN, NAN, NAN, NAN], [0.5, -1.5, NAN, 4.0], [1.25, 2.0, -3.0, 0.25]])
_CUBE = array([[[NAN, 1.0], [2.0, NAN], [0.5, 3.0]], [[-1.0, NAN], [1.5, -2.0], [NAN, 2.5]]])
_TIES = array([[2.0, 2.0, 2.0, 2.0], [1.0, 3.0, 3.0, 1.0], [0.0, 2.0, 2.0, 2.0]])
_LIMITLESS = array([[1.0, INF], [INF, INF], [-INF, 1.0], [-INF, -INF], [-3e38, 3e38]])
_OUTSIDE = (Sample(f32(2, 3), axis=2, error="axis 2 is out of range for rank 2"), NO_TENSOR,
            Sample(f32(2, 3), axis=(1, -1), error="an axis is named twice"))
MEDIANS = (Sample(f32(3, 5)), Sample(f32(3, 4)), Sample(f32(2, 3, 4), axis=1), Sample(f32(2, 3, 4), axis=(0, -1), keepdims=True),
           Sample(f32(2, 3), keepdims=True), Sample(f32()), Sample(f32(3, 4), axis=[-1]), Sample(_TIES, axis=1), Sample(i32(3, 4), axis=0),
           Sample(boolean(5)), Sample(f32(0, 3), axis=1), Sample(f32(0, 3), axis=0, grad=False), Sample(HOLES, axis=1, grad=False),
           Sample(_LIMITLESS, axis=1, grad=False), Sample(f32(4, 3), axis=()), *_OUTSIDE)


def _orders(top: float) -> tuple[Sample, ...]:
    """Samples of a function of `q` in 0 ... `top`."""
    some, many = 0.3 * top, [0.05 * top, 0.5 * top, 0.85 * top]
    outside = rf"q must lie in \[0, {top:g}\]"
    return (Sample(f32(3, 4), some), Sample(f32(2, 3, 4), many, axis=1), Sample(f32(2, 3, 4), [many, many], axis=(0, -1), keepdims=True),
            *(Sample(f32(9, 2), many, axis=0, method=method) for method in METHODS[1:]), Sample(f32(2, 3), [0, top], keepdims=True),
            Sample(f32(5, 3), array([0.2, 0.7]) if top == 1 else array([20.0, 70.0]), axis=0), Sample(f32(), some),
            Sample(f32(5), array(some), method="lower"), Sample(i32(3, 4), some, axis=0), Sample(_TIES, some, axis=1),
            Sample(_TIES, many, axis=-1, method="midpoint"), Sample(boolean(5), some), Sample(f32(0, 3), some, axis=1), Sample(f32(3), []),
            Sample(f32(3), 1.01 * top, error=outside), Sample(f32(3), [NAN], error=outside),
            Sample(f32(3), some, method="hazen", error="unknown method 'hazen'"), Sample(f32(3), "half", error="q must be numbers"),
            Sample(f32(2, 3), some, axis=2, error="axis 2 is out of range for rank 2"))


def _empty(top: float) -> tuple[Sample, ...]:
    return (Sample(f32(0, 3), 0.3 * top, axis=0, error="axis 0 of shape .* is empty"),
            *(Sample(_LIMITLESS, [0.0, 0.25 * top, 0.75 * top, top], axis=1, method=method, grad=False) for method in METHODS),
            Sample(HOLES, 0.3 * top, axis=1, grad=False))


def _holes(top: float) -> tuple[Sample, ...]:
    many = [0.05 * top, 0.5 * top, 0.85 * top]
    return (Sample(HOLES, 0.3 * top), Sample(HOLES, many, axis=0), Sample(_CUBE, many, axis=(0, -1), keepdims=True),
            *(Sample(_CUBE, many, method=method) for method in METHODS[1:]), Sample(HOLES, many, axis=1, grad=False),
            Sample(HOLES, array([0.2, 0.7]) if top == 1 else array([20.0, 70.0]), axis=0),
            Sample(f32(0, 3), 0.3 * top, axis=0, grad=False))


# --- where a quantile lies in sorted order -------------------------------------------------------------------------------


def _fractions(name: str, q: Any, top: float) -> Any:
    """`q` as numbers from 0 to 1 in float64 (or what the engine has for it): an array where the values are known, else a tensor."""
    host = host_values(q)
    if host is None:
        fractions = as_tensor(registry.current(), q, "float64")
        return fractions if top == 1 else divide(fractions, top)
    try:
        numbers = np.asarray(host, "float64")
    except (TypeError, ValueError):
        raise wrong_type(name, f"q must be numbers, got {q!r}") from None
    if not ((numbers >= 0) & (numbers <= top)).all():
        raise invalid(name, f"q must lie in [0, {top:g}], got {host.tolist()}")
    return np.asarray(numbers / top)


def _places(q: Any, last: Any, method: str) -> tuple[Any, Any, Any]:
    """For the last index of the sorted elements: int32 indices of the two that enclose a quantile, and the weight of the second.

    A weight of None means that the first alone is the quantile.
    """
    place = multiply(q, last)
    if method in ("nearest", "lower", "higher"):
        chosen = {"nearest": elementwise.round, "lower": floor, "higher": ceil}[method](place)
        return _index(chosen, last), None, None
    low = floor(place)
    high = ceil(place) if method == "midpoint" else add(low, 1.0)
    weight = full(shape_of(place), 0.5, dtype_of(place)) if method == "midpoint" else subtract(place, low)
    return _index(low, last), _index(high, last), weight


def _index(place: Any, last: Any) -> Any:
    """Positions as indices; where nothing is (`last` is -1) or `q` is out of range, the nearest there is."""
    place = minimum(place, last)
    return cast(where(greater(place, 0.0), place, 0.0), "int32")  # 0 also for NaN, which is no index of any element


def _between(low: Any, high: Any, weight: Any) -> Any:
    """`low` and `high` weighed: exact where they are equal, free of overflow, and right for infinities."""
    gap = subtract(high, low)
    weighed = add(multiply(low, subtract(1.0, weight)), multiply(high, weight))
    return where(is_finite(gap), add(low, multiply(gap, weight)), where(equal(weight, 0), low, weighed))


# --- the quantiles -------------------------------------------------------------------------------------------------------


def _last_axis(x: Any, axes: tuple[int, ...]) -> Any:
    """`x` with the axes `axes` made one, behind the others."""
    shape = shape_of(x)
    others = tuple(a for a in range(len(shape)) if a not in axes)
    x = transpose(x, (*others, *axes)) if others and axes and others[-1] > axes[0] else x
    return x if len(axes) == 1 else reshape(x, (*(shape[a] for a in others), sizes.product(shape[a] for a in axes)))


def _last(n: Any, dtype: str) -> Any:
    """The last index of `n` elements as a float; of an unknown number, on specs, any number will do."""
    return 0.0 if n is None else float(n - 1) if isinstance(n, int) else cast(subtract(n, 1), dtype)


def _all_places(q: Any, n: Any, method: str) -> tuple[Any, Any, Any]:
    """`_places` among `n` elements; on the host, in float64 on every engine, where all is known."""
    if isinstance(q, np.ndarray) and isinstance(n, int):
        return _host_places(q, n - 1.0, method)
    q = as_tensor(registry.current(), q, "float64")
    return _places(q, _last(n, dtype_of(q)), method)


def _host_places(q: np.ndarray, last: Any, method: str) -> tuple[Any, Any, Any]:
    with registry.using("numpy"):
        return _places(q, last, method)


def _present_places(q: Any, holes: Any, method: str) -> tuple[Any, Any, Any]:
    """`_places`, (..., k), among the elements of each row that are not NaN, (..., n)."""
    engine, n = registry.current(), shape_of(holes)[-1]
    present = reduce_sum(cast(logical_not(holes), "int32"), -1)
    narrow = engine.canonical_dtype("float64") != "float64"
    if narrow and isinstance(q, np.ndarray) and isinstance(n, int) and (n + 1) * q.size <= _TABLE:
        table = _host_places(q, np.arange(n + 1.0)[:, None] - 1, method)  # for each number of elements, from 0 to n
        low, high, weight = (None if column is None else gather(column, present, 0) for column in table)
        return low, high, weight
    q = as_tensor(engine, q, "float64")
    return _places(q, expand_dims(subtract(cast(present, dtype_of(q)), 1.0), -1), method)


def _along_last(x: Any, q: Any, method: str, skip_nan: bool) -> Any:
    """(..., n), (k,) -> (..., k)."""
    ordered, n = sort(x, -1), shape_of(x)[-1]
    low, high, weight = _present_places(q, is_nan(x), method) if skip_nan else _all_places(q, n, method)
    pick = take_along_axis if skip_nan else gather
    found = pick(ordered, low, -1)
    if weight is not None:
        first, second = wide(found), wide(pick(ordered, high, -1))
        found = back(_between(first, second, as_tensor(registry.current(), weight, dtype_of(first))), x)
    if skip_nan:
        return found
    return where(is_nan(part_of(ordered, rank_of(x) - 1, sizes.minus(n, 1), n)), NAN, found)  # NaN, which comes last, takes all


def _quantile(name: str, x: Any, q: Any, axis: Any, method: str, keepdims: bool, top: float = 1.0, skip_nan: bool = False) -> Any:
    if method not in METHODS:
        raise unknown_name("method", method, METHODS)
    shape = shape_of(x)
    axes = normal_axes(name, axis, len(shape))
    fractions = _fractions(name, q, top)
    many, flat = (fractions.shape, fractions.ravel()) if isinstance(fractions, np.ndarray) else (shape_of(fractions), ravel(fractions))
    empty = next((a for a in axes if sizes.is_empty((shape[a],))), None)
    if empty is not None and not skip_nan and name != "median":
        raise invalid(name, f"axis {empty} of shape {shape} is empty")
    kept = tuple(1 if a in axes else n for a, n in enumerate(shape) if keepdims or a not in axes)
    if empty is not None:
        return full((*many, *kept), NAN, dtype_of(x))
    found = _along_last(_last_axis(x, axes), flat, method, skip_nan)
    if not isinstance(flat, np.ndarray):
        found = where(is_nan(flat), NAN, found)
    return reshape(moveaxis(found, -1, 0), (*many, *kept))


@op(floating=True, samples=MEDIANS)
@hosted
def median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Middle of the sorted elements over `axis`, a float: the mean of the two middle ones if their number is even.

    NaN if there is one, and for an empty axis.  Among equal elements the gradient goes to those that stable sorting puts there.

    Args:
        x: a tensor of real numbers.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        TypeError: `x` is complex.
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> float(ops.median([3.0, 1.0, 2.0, 10.0]))
    2.5
    >>> ops.convert_to_numpy(ops.median([[1, 9, 2], [4, 4, 7]], axis=1)).tolist()
    [2.0, 4.0]
    """
    return _quantile("median", x, 0.5, axis, "linear", keepdims)


@op(floating=True, samples=(*_orders(1.0), *_empty(1.0)), reference=references.quantile)
@hosted
def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The element at the fraction `q` of the sorted elements over `axis`, a float; NaN if there is one.

    Args:
        x: a tensor of real numbers.
        q: a number or a tensor of numbers from 0 to 1 (a tensor is limited to that range); its axes come first in the result.
        axis: an int, several in a tuple, or None for all axes.
        method: what is between two elements: "linear" interpolates, "midpoint" takes their mean, "lower", "higher" and "nearest" (of two
            equally near the one of even index) choose one.
        keepdims: whether the axes stay, with size 1.

    Raises:
        TypeError: `x` is complex, or `q` is no number.
        ValueError: `q` is outside, `method` is unknown, or an axis is out of range, named twice or empty.

    >>> from keras_lite import ops
    >>> float(ops.quantile([1.0, 2.0, 4.0, 8.0], 0.5))
    3.0
    >>> float(ops.quantile([1.0, 2.0, 4.0, 8.0], 0.5, method="higher"))
    4.0
    >>> ops.convert_to_numpy(ops.quantile([[1.0, 3.0], [2.0, 6.0]], [0.0, 0.5, 1.0], axis=1)).tolist()
    [[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]
    """
    return _quantile("quantile", x, q, axis, method, keepdims)


@op(floating=True, samples=(*_orders(100.0), *_empty(100.0)), reference=references.percentile)
@hosted
def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`quantile` with `q` in percent.

    Args:
        x: a tensor of real numbers.
        q: a number or a tensor of numbers from 0 to 100 (a tensor is limited to that range); its axes come first in the result.
        axis: an int, several in a tuple, or None for all axes.
        method: what is between two elements: "linear" interpolates, "midpoint" takes their mean, "lower", "higher" and "nearest" (of two
            equally near the one of even index) choose one.
        keepdims: whether the axes stay, with size 1.

    Raises:
        TypeError: `x` is complex, or `q` is no number.
        ValueError: `q` is outside, `method` is unknown, or an axis is out of range, named twice or empty.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.percentile([1.0, 2.0, 4.0, 8.0], [25, 50, 100])).tolist()
    [1.75, 3.0, 8.0]
    """
    return _quantile("percentile", x, q, axis, method, keepdims, 100.0)


@op(floating=True, samples=(*MEDIANS, Sample(HOLES), Sample(HOLES, axis=0), Sample(_CUBE, axis=(0, -1), keepdims=True)))
@hosted
def nanmedian(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`median` of what is not NaN, a float; NaN if nothing is.

    Args:
        x: a tensor of real numbers.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        TypeError: `x` is complex.
        ValueError: an axis is out of range or named twice.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> float(ops.nanmedian([3.0, np.nan, 1.0, 2.0]))
    2.0
    >>> ops.convert_to_numpy(ops.nanmedian([[1.0, np.nan], [np.nan, np.nan]], axis=1)).tolist()
    [1.0, nan]
    """
    return _quantile("nanmedian", x, 0.5, axis, "linear", keepdims, skip_nan=True)


@op(floating=True, samples=(*_orders(1.0), *_holes(1.0)), reference=references.nanquantile)
@hosted
def nanquantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`quantile` of what is not NaN; NaN if nothing is, also for an empty axis.

    Args:
        x: a tensor of real numbers.
        q: a number or a tensor of numbers from 0 to 1 (a tensor is limited to that range); its axes come first in the result.
        axis: an int, several in a tuple, or None for all axes.
        method: what is between two elements: "linear" interpolates, "midpoint" takes their mean, "lower", "higher" and "nearest" (of two
            equally near the one of even index) choose one.
        keepdims: whether the axes stay, with size 1.

    Raises:
        TypeError: `x` is complex, or `q` is no number.
        ValueError: `q` is outside, `method` is unknown, or an axis is out of range or named twice.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.nanquantile([1.0, np.nan, 2.0, 6.0], [0.5, 0.75])).tolist()
    [2.0, 4.0]
    >>> float(ops.quantile([1.0, np.nan, 2.0, 6.0], 0.5))
    nan
    """
    return _quantile("nanquantile", x, q, axis, method, keepdims, skip_nan=True)


@op(floating=True, samples=(*_orders(100.0), *_holes(100.0)), reference=references.nanpercentile)
@hosted
def nanpercentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`nanquantile` with `q` in percent.

    Args:
        x: a tensor of real numbers.
        q: a number or a tensor of numbers from 0 to 100 (a tensor is limited to that range); its axes come first in the result.
        axis: an int, several in a tuple, or None for all axes.
        method: what is between two elements: "linear" interpolates, "midpoint" takes their mean, "lower", "higher" and "nearest" (of two
            equally near the one of even index) choose one.
        keepdims: whether the axes stay, with size 1.

    Raises:
        TypeError: `x` is complex, or `q` is no number.
        ValueError: `q` is outside, `method` is unknown, or an axis is out of range or named twice.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.nanpercentile([1.0, np.nan, 2.0, 6.0], [50, 75])).tolist()
    [2.0, 4.0]
    """
    return _quantile("nanpercentile", x, q, axis, method, keepdims, 100.0, skip_nan=True)
