"""Counting: how often integers occur, and numbers in bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, is_integer, promote
from keras_lite.engine.errors import invalid, not_there, wrong_type
from keras_lite.ops import references_statistics as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add, equal, greater, greater_equal, less, less_equal, logical_and, maximum, minimum, subtract, where
from keras_lite.ops.core import cast
from keras_lite.ops.creation import full, iota, linspace, zeros
from keras_lite.ops.data import as_tensor, host_values, unify
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN
from keras_lite.ops.hosted import hosted
from keras_lite.ops.indexing import gather, index, scatter, searchsorted
from keras_lite.ops.reductions import reduce_max, reduce_min
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import broadcast_to, expand_dims, flip, ravel, reshape, stack
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import may_equal

_MOST_BINS = 2**31 - 1  # which int32 numbers them


@op(dynamic=True, reference=references.bincount, samples=(
    Sample(index("int32", 1, 3, 1)), Sample(i32(7, low=0), minlength=3), Sample(index("int32", 1, 0), minlength=6), Sample(i32(0)),
    Sample(i32(0), minlength=2), Sample(i32(2, 3, low=0)), Sample(i32(2, 0), minlength=2), Sample(boolean(5)),
    Sample(i32(5, low=0), f32(5)), Sample(i32(2, 3, low=0), f32(2, 3), 8), Sample(i32(4, low=0), array([200, 200, 100, 7], "uint8")),
    Sample(i32(4, low=0), boolean(4)), Sample(index("int32", 0, 1, 0), array([16777216, 3, 1], "int32")),
    Sample(index("int64", 2, 2), [0.5, 1.5]), Sample(i32(3, low=0), array([INF, NAN, 1e38])),
    Sample(f32(3), error="expected integers, got float32"), Sample(i32(1, 2, 3), error=r"expected one axis or two, got shape \(1, 2, 3\)"),
    Sample(i32(3), f32(2), error=r"weights of shape \(2,\) do not fit x of shape \(3,\)"), Sample(i32(2), minlength=-1, error="minlength"),
    Sample(i32(2), sparse=True, error="no engine has sparse tensors")))
@hosted
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each of 0, 1, ... occurs in `x`, or the sum of its `weights`; of a matrix for each row.

    The last axis of the result has `max(x) + 1` elements, at least `minlength`: it is unknown for symbolic tensors, and inside
    compiled functions.  Counts are int32, sums have the dtype of the weights, at least int32.

    Args:
        x: integers that are not negative, a vector or a matrix.
        weights: what each element counts, of the shape of `x`; 1 by default.
        minlength: least number of counts.
        sparse: must be False: results are dense.

    Raises:
        TypeError: `x` is not of integers.
        ValueError: a number is negative, a shape is wrong, or there would be 2**31 counts or more.
        NotImplementedError: `sparse` is asked for.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.bincount([1, 3, 1])).tolist()
    [0, 2, 0, 1]
    >>> ops.convert_to_numpy(ops.bincount([1, 3, 1], weights=[0.5, 1.0, 2.0], minlength=6)).tolist()
    [0.0, 2.5, 0.0, 1.0, 0.0, 0.0]
    """
    if sparse:
        raise not_there("bincount", "no engine has sparse tensors; leave `sparse` out")
    minlength = sizes.as_count("bincount", "minlength", minlength, 0)
    dtype, shape = dtype_of(x), shape_of(x)
    if dtype != "bool" and not is_integer(dtype):
        raise wrong_type("bincount", f"expected integers, got {dtype}")
    if len(shape) not in (1, 2):
        raise invalid("bincount", f"expected one axis or two, got shape {shape}")
    x = x if dtype in ("int32", "int64") else cast(x, "int64" if dtype in ("uint32", "uint64") else "int32")
    weights = _weights(weights, shape)
    length = _length(x, minlength)
    count = sizes.product((*shape[:-1], length))
    if isinstance(count, int) and count > _MOST_BINS:
        raise invalid("bincount", f"{count} counts are too many, of rows of {length}; there can be 2**31 - 1")
    if length is not None and not isinstance(length, int):  # not even now: then negative numbers, which nobody saw, count nothing
        weights, x = where(less(x, 0), 0, weights), maximum(x, 0)
    rows = [broadcast_to(expand_dims(iota(shape[0], dtype_of(x)), 1), shape)] if len(shape) == 2 else []
    places = reshape(stack([*rows, x], -1), (-1, len(shape)))
    terms = ravel(wide(weights) if is_float(dtype_of(weights)) else weights)
    return back(scatter(zeros((*shape[:-1], length), dtype_of(terms)), places, terms, "add"), weights)


def _weights(weights: Any, shape: Any) -> Any:
    """Weights of that shape as floats, or as integers of at least 32 bits; ones if there are none."""
    if weights is None:
        return full(shape, 1, "int32")
    weights = as_tensor(registry.current(), weights)
    if not may_equal(shape_of(weights), shape):
        raise invalid("bincount", f"weights of shape {shape_of(weights)} do not fit x of shape {shape}")
    dtype = dtype_of(weights)
    return cast(weights, promote(dtype, "int32")) if dtype == "bool" or (is_integer(dtype) and dtype != "uint64") else weights


def _length(x: Any, least: int) -> Any:
    """Number of bins: an int, None for specs, and a tensor in graphs whose sizes may be tensors."""
    engine = registry.current()
    if engine.is_abstract:
        return None
    if sizes.is_empty(shape_of(x)):
        return least
    lowest, highest = (sizes.as_size("bincount", engine, reduce(x)) for reduce in (reduce_min, reduce_max))
    if isinstance(lowest, int) and lowest < 0:
        raise invalid("bincount", f"x must not be negative, got {lowest}")
    return max(highest + 1, least) if isinstance(highest, int) else maximum(add(highest, 1), least)


# --- bins ----------------------------------------------------------------------------------------------------------------


@op(floating=True, samples=(
    Sample(f32(50)), Sample(f32(20), bins=3, range=(-1, 1.5)), Sample(f32(7), 4), Sample(i32(30), bins=4), Sample(boolean(6), bins=2),
    Sample(f32(0), bins=3), Sample(f32(), bins=2), Sample(array([2.0, 2.0]), bins=2), Sample(array([1.0, 2.0, 3.0, 4.0]), 3, (1.0, 4.0)),
    Sample(array([NAN, 1.0, INF, -INF, 3.9]), bins=4, range=(0.0, 4.0)), Sample(f32(4), bins=2, range=(1, 1)), Sample(f32(0), 2, (3, 4)),
    Sample(array([1e30, 2e30, 5e30]), 5), Sample(f32(2, 2), error=r"expected one axis, got shape \(2, 2\)"),
    Sample(f32(3), bins=0, error="bins must be an int of at least 1, got 0"), Sample(f32(3), bins=[0, 1], error="bins must be an int"),
    Sample(f32(3), range=(2, 1), error=r"range must be two finite numbers, the first not above the second, got \(2, 1\)"),
    Sample(f32(3), range=(0, INF), error="range must be two finite numbers"), Sample(f32(3), range=1, error="range must be two")))
@hosted
def histogram(x: Any, bins: int = 10, range: Any = None) -> tuple[Any, Any]:  # noqa: A002  # Keras's name; not used here
    """int32 counts of the elements of a vector in equal parts of a range, and the `bins + 1` edges of these parts.

    An edge belongs to the part above it, the last one to the last part; what is outside or NaN counts nowhere.  With a NaN and no
    `range` the edges are NaN and nothing counts.

    Args:
        x: a vector of numbers.
        bins: number of parts.
        range: a pair of numbers, by default the minimum and the maximum; one of no width is widened by 1/2 to both sides.

    Raises:
        TypeError: `bins` is no int.
        ValueError: `x` has several axes, there is no bin, or the range is infinite or the wrong way round.

    >>> from keras_lite import ops
    >>> counts, edges = ops.histogram([1.0, 2.0, 2.5, 4.0], bins=3)
    >>> ops.convert_to_numpy(counts).tolist(), ops.convert_to_numpy(edges).tolist()
    ([1, 2, 1], [1.0, 2.0, 3.0, 4.0])
    """
    bins = sizes.as_int("histogram", "bins", bins, 1)
    if rank_of(x) > 1:
        raise invalid("histogram", f"expected one axis, got shape {shape_of(x)}")
    y = wide(ravel(x))
    low, high = _span(y, range)
    edges = linspace(low, high, bins + 1)
    place = minimum(subtract(searchsorted(edges, y, "right"), 1), bins - 1)
    inside = logical_and(greater_equal(y, low), less_equal(y, high))
    counts = scatter(zeros((bins,), "int32"), expand_dims(maximum(place, 0), 1), cast(inside, "int32"), "add")
    return counts, back(edges, x)


def _span(y: Any, limits: Any) -> tuple[Any, Any]:
    """First and last edge."""
    if limits is None:
        low, high = reduce_min(y, initial=INF), reduce_max(y, initial=-INF)
        empty = greater(low, high)
        low, high = where(empty, 0.0, low), where(empty, 1.0, high)
    else:
        low, high = (as_tensor(registry.current(), limit, dtype_of(y)) for limit in _limits(limits))
    flat = equal(low, high)
    return where(flat, subtract(low, 0.5), low), where(flat, add(high, 0.5), high)


def _limits(limits: Any) -> tuple[float, float]:
    try:
        low, high = map(float, limits)
    except (TypeError, ValueError):
        low, high = NAN, NAN
    if not (low <= high and np.isfinite(low) and np.isfinite(high)):
        raise invalid("histogram", f"range must be two finite numbers, the first not above the second, got {limits!r}")
    return low, high


_EDGES = array([-1.0, 0.0, 0.5, 1.5])


@op(differentiable=False, samples=(
    Sample(f32(3, 4), _EDGES), Sample(array([-1.0, 0.0, 0.5, 9.0, -9.0, NAN, INF, -INF]), _EDGES), Sample(f32(5), [-1.0, 0.0, 1.0]),
    Sample(f32(5), array([1.5, 0.5, 0.0, -1.0])), Sample(array([1.0, NAN, 3.0, 0.0]), [3.0, 1.0]), Sample(f32(4), [0.0]),
    Sample(i32(6), array([-2, 0, 3], "int32")), Sample(i32(12), [0.5, 2.5]), Sample(f32(3), f32(0)), Sample(f32(0, 2), _EDGES),
    Sample(f32(), _EDGES), Sample(boolean(4), [0, 1]), Sample(array([1e-37, 1e38]), array([0.0, 1e-36, 1e38])),
    Sample(f32(3), f32(2, 2), error=r"bins must have one axis, got shape"),
    Sample(f32(3), [1.0, 3.0, 2.0], error="bins must rise or fall, got")))
def digitize(x: Any, bins: Any) -> Any:
    """int32 number of the bin of each element of `x`: `i` where `bins[i - 1] <= x < bins[i]`, or `bins[i - 1] > x >= bins[i]` if they fall.

    0 lies before the first edge, `len(bins)` behind the last one, where NaN goes in rising order.

    Args:
        x: a tensor of numbers.
        bins: the edges, a vector that rises or falls; if it is a tensor, that is not checked.

    Raises:
        ValueError: `bins` is no vector, or in no order.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.digitize([0.5, 1.0, 3.5], [1.0, 2.0, 3.0])).tolist()
    [0, 1, 3]
    >>> ops.convert_to_numpy(ops.digitize([0.5, 1.0, 3.5], [3.0, 2.0, 1.0])).tolist()
    [3, 2, 0]
    """
    known = host_values(bins)
    x, edges = unify(registry.current(), [x, bins])
    if rank_of(edges) != 1:
        raise invalid("digitize", f"bins must have one axis, got shape {shape_of(edges)}")
    n = shape_of(edges)[0]
    if known is not None or n is None or (isinstance(n, int) and n < 2):
        falling = known is not None and _fall(known)
        place = searchsorted(flip(edges) if falling else edges, x, "right")
        return subtract(n, place) if falling else place
    falling = greater(gather(edges, 0, 0), gather(edges, sizes.minus(n, 1), 0))
    place = searchsorted(where(falling, flip(edges), edges), x, "right")
    return where(falling, subtract(n, place), place)


def _fall(bins: np.ndarray) -> bool:
    """Whether known bins are in falling order; raises ValueError if they are in none."""
    steps = np.diff(bins.astype("float64"))
    if not ((steps >= 0).all() or (steps <= 0).all()):
        raise invalid("digitize", f"bins must rise or fall, got {bins.tolist()}")
    return bool((steps < 0).any())
