"""Coordinates: numbers in even ratios, and the points of a grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_integer, numpy_dtype, standardize
from keras_lite.engine.errors import invalid
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import equal, logical_and, multiply, not_equal, power, where
from keras_lite.ops.core import cast
from keras_lite.ops.creation import check_bounds, linspace, without_error
from keras_lite.ops.data import as_tensor, host_values, refuse_complex, unify
from keras_lite.ops.elementwise import absolute, exp, log, sign
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import NAN, normal_axis
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.shaping import broadcast_to, concatenate, moveaxis, ravel, reshape
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op

_LONG = 4096  # up to this size numbers that are known are made on the host
NUMBERS = Sample(1, 2, -1, error="num must be")
WRAPPED = Sample(1, 300, 3, dtype="uint8", error="are outside the range of uint8")


@op(tensors=(), samples=(
    Sample(0, 3, 4), Sample(f32(3), f32(3), 5), Sample(2.0, -1.0, 6, endpoint=False), Sample(f32(2), 1.0, 3, axis=-1), Sample(0, 3, 0),
    Sample(1, 2, 1), Sample(0, 4, 5, base=2), Sample(f32(2, 1), f32(3), 4, base=1.5, axis=1), Sample(0, 2, 3, base=f32(4, low=0.5)),
    Sample(f32(2), 2.0, 3, base=f32(3, 1, low=0.5)), Sample(0.1, 3.1, 4, dtype="int32"), NUMBERS,
    Sample(f32(2), f32(3), error="do not broadcast"), WRAPPED))
def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10, dtype: Any = None, axis: int = 0) -> Any:
    """Numbers in even ratios from `base ** start` to `base ** stop`: `base ** linspace(start, stop, num, endpoint)`.

    Args:
        start, stop: exponents of the bounds; numbers, or tensors that broadcast.
        num: how many numbers, an int.
        endpoint: whether the last number is that of `stop`; else it would be the next one.
        base: a number, or a tensor that broadcasts with the exponents.
        dtype: a float dtype by default; with an integer one the numbers lose their fractional part.
        axis: position of the new axis in the result.

    Raises:
        TypeError: `num` is no int, or a bound is complex.
        ValueError: `num` is negative, `axis` is out of range, or `dtype` can't hold bounds whose values are known.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.logspace(0, 3, 4, base=2)).tolist()
    [1.0, 2.0, 4.0, 8.0]
    >>> ops.convert_to_numpy(ops.logspace(0, 2, 3, dtype="int32")).tolist()
    [1, 10, 100]
    """
    num, dtype = sizes.as_int("logspace", "num", num, 0), dtype if dtype is None else standardize(dtype, config.floatx())
    if all(type(x) in (int, float) for x in (start, stop, base)) and num <= _LONG and dtype is None and axis in (0, -1):
        with np.errstate(all="ignore"):
            return cast(np.power(float(base), np.linspace(start, stop, num, bool(endpoint))), dtype)  # known values: one constant
    known = [values for x in (base, start, stop) if (values := host_values(x)) is not None]
    start, stop, base = unify(registry.current(), [start, stop, base], floating=True)
    refuse_complex("logspace", dtype_of(start))
    if len(known) == 3:
        check_bounds("logspace", dtype, *(known[0].astype("float64") ** x.astype("float64") for x in known[1:]))
    exponents = linspace(start, stop, num, endpoint)
    missing = rank_of(base) + 1 - rank_of(exponents)
    if missing > 0:
        exponents = reshape(exponents, (num, *(1,) * missing, *shape_of(exponents)[1:]))
    return _finished("logspace", power(base, exponents), dtype, axis)


def _finished(name: str, numbers: Any, dtype: Any, axis: int) -> Any:
    """The numbers along `axis` instead of the first one, in `dtype` if there is one."""
    numbers = moveaxis(numbers, 0, normal_axis(name, axis, rank_of(numbers)))
    return numbers if dtype is None else cast(without_error(numbers) if is_integer(dtype) else numbers, dtype)


@op(tensors=(), samples=(
    Sample(1, 1000, 7), Sample(f32(3, low=0.1), f32(3, low=0.1), 5), Sample(1e-30, 1e30, 8), Sample(-2.0, -8.0, 4, endpoint=False),
    Sample(f32(2, low=1), 9.0, 3, axis=-1), Sample(2, 16, 1), Sample(2, 16, 0), Sample(f32(2, 1, low=1), f32(3, low=1), 4, axis=1),
    Sample(-1.0, 10.0, 3, grad=False), Sample(1, 100, 4, dtype="int32"), Sample(array([1.0, 2.0]), array([1.0, 1e-6]), 6),
    Sample(array([1, 2, 3], "int32"), 100, 4), NUMBERS, Sample(f32(2), f32(3), error="do not broadcast"),
    Sample(1, 1000, 7, dtype="int32"), WRAPPED))
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """`num` numbers in even ratios from `start` to `stop`, along a new axis.

    Args:
        start, stop: bounds of the same sign, not 0: between others there is NaN.
        num: how many numbers, an int.
        endpoint: whether `stop` is the last of them; else it would be the next one.
        dtype: a float dtype by default; with an integer one the numbers lose their fractional part.
        axis: position of the new axis in the result.

    Raises:
        TypeError: `num` is no int, or a bound is complex.
        ValueError: `num` is negative, `axis` is out of range, or `dtype` can't hold bounds whose values are known.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.geomspace(1, 1000, 4)).round(3)
    array([   1.,   10.,  100., 1000.], dtype=float32)
    >>> ops.convert_to_numpy(ops.geomspace(-8, -1, 4, dtype="int32")).tolist()
    [-8, -4, -2, -1]
    """
    num, dtype = sizes.as_int("geomspace", "num", num, 0), dtype if dtype is None else standardize(dtype, config.floatx())
    check_bounds("geomspace", dtype, start, stop)
    start, stop = unify(registry.current(), [start, stop], floating=True)
    refuse_complex("geomspace", dtype_of(start))
    low, high = wide(start), wide(stop)
    direction = where(logical_and(equal(sign(low), sign(high)), not_equal(low, 0)), sign(low), NAN)
    shape = shape_of(direction)
    last = bool(endpoint) and num > 1  # then the last number is exactly `stop`
    t = np.arange(1, num - last) / max(num - 1 if endpoint else num, 1)
    t = t.reshape(len(t), *[1] * len(shape))
    magnitudes = (absolute(broadcast_to(x, (1, *shape))) for x in (low, high))
    parts = [multiply(direction, multiply(*map(_root, magnitudes, (1 - t, t))))]
    if num:
        parts.insert(0, broadcast_to(low, (1, *shape)))
    if last:
        parts.append(broadcast_to(high, (1, *shape)))
    return _finished("geomspace", back(concatenate(parts, 0), start), dtype, axis)


def _root(x: Any, t: np.ndarray) -> Any:
    """`x ** t` for exponents in float64, of which the dtype of `x` can hold only the first digits."""
    rounded = t.astype(numpy_dtype(dtype_of(x)))
    rest = (t - rounded).astype(rounded.dtype)
    root = power(x, rounded)
    return multiply(root, exp(multiply(log(x), rest))) if rest.any() else root


@op(tensors=(), samples=(Sample(f32(3), f32(4)), Sample(f32(3), i32(4), indexing="ij"), Sample(f32(3), f32(2), f32(4)), Sample(f32(3)),
                         Sample(), Sample(f32(0), f32(2)), Sample(f32(), f32(3)), Sample(f32(2, 2), f32(3), indexing="ij"),
                         Sample([1, 2], 3.0), Sample(f32(2), indexing="ab", error="indexing must be \"xy\" or \"ij\", got 'ab'")))
def meshgrid(*x: Any, indexing: str = "xy") -> list[Any]:
    """The coordinates of all points of a grid from those of its axes, as a list of one tensor for each axis.

    Args:
        x: any number of vectors, each an argument of its own; other tensors are flattened.
        indexing: "ij": the i-th coordinate grows along axis i; "xy": the first two axes are exchanged, as in images.

    Raises:
        ValueError: `indexing` is another.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(c).tolist() for c in ops.meshgrid([1, 2, 3], [4, 5])]
    [[[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]]]
    >>> [ops.convert_to_numpy(c).tolist() for c in ops.meshgrid([1, 2, 3], [4, 5], indexing="ij")]
    [[[1, 1], [2, 2], [3, 3]], [[4, 5], [4, 5], [4, 5]]]
    """
    if indexing not in ("xy", "ij"):
        raise invalid("meshgrid", f'indexing must be "xy" or "ij", got {indexing!r}')
    vectors = [ravel(as_tensor(registry.current(), item)) for item in x]
    places = list(range(len(x)))
    if indexing == "xy" and len(x) > 1:
        places[:2] = 1, 0
    lengths = [shape_of(vectors[place])[0] for place in places]
    return [broadcast_to(reshape(v, tuple(-1 if axis == place else 1 for axis in range(len(x)))), tuple(lengths))
            for v, place in zip(vectors, places, strict=True)]
