"""Tensors from a shape and a rule."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOATS, is_integer, numpy_dtype, part_dtype, promote, standardize
from keras_lite.engine.errors import invalid
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import (
    add,
    divide,
    equal,
    floor_divide,
    greater_equal,
    less_equal,
    maximum,
    multiply,
    subtract,
    where,
)
from keras_lite.ops.core import cast
from keras_lite.ops.data import as_number, as_tensor, check_range, check_scalar, dtype_of_data, fill_number, host_values, unify
from keras_lite.ops.elementwise import absolute, ceil, floor, negative
from keras_lite.ops.elementwise import round as nearest_integer
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN, NO_TENSOR, normal_axis
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.shaping import broadcast_to, concatenate, moveaxis, reshape
from keras_lite.ops.table import op, primitive

LIKE = (Sample(f32(3, 4)), Sample(i32(2)), Sample(f32(0, 2), dtype="int32"), Sample(f32(), dtype="bool"),
        Sample(f32(2), dtype="flaot32", error="'flaot32' is no dtype"), Sample(f32(2), dtype=0, error="0 is no dtype"))
SHAPES = (Sample((2, 3)), Sample(4, dtype="int32"), Sample((0, 2)), Sample((), dtype="bool"),
          Sample((2, -1), error="all sizes must be known and not negative"),
          Sample((2.5,), error="sizes must be ints"), Sample(True, error="sizes must be ints, got True"))
_MOST, _MODULUS = 2**40, 2**64
_SMALL, _LONG = 256, 4096  # up to these sizes masks and vectors are made on the host
_REAL = (int, float)
BANDS = (Sample(f32(3, 4)), Sample(f32(2, 3, 3), k=1), Sample(f32(4, 3), k=-2), Sample(f32(0, 3)), Sample(i32(3, 3)), Sample(boolean(2, 2)),
         Sample(f32(3), error="at least 2 axes"), Sample(f32(3, 4), 1.5, error="k must be an int, got 1.5"))


def _dtype(engine: Any, dtype: Any, default: str | None = None) -> str:
    """A dtype given by a user; None is `default`, else `floatx`."""
    name = default if dtype is None and default is not None else standardize(dtype, config.floatx())
    return engine.canonical_dtype(name)


@primitive(samples=(Sample((2, 3), 1.5), Sample(4, 7, dtype="int32"), Sample((0, 2), True, dtype="bool"), Sample((2, 3), f32(3)),
                    Sample((), 2),
                    Sample((2,), f32(3), error=r"\(3,\) does not broadcast to \(2,\)"), Sample((-2,), 0, error="sizes can't be negative"),
                    Sample((2,), 1.5, dtype="int32"), Sample((2,), 5, dtype="bool"),
                    Sample((2,), -1, "uint8", error="-1 is outside the range of uint8"),
                    Sample((True, 2), 0, error="sizes must be ints, got True")))
def full(engine: Any, shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """A tensor of `shape` filled with one value.

    Args:
        shape: sizes of the result; an int makes a vector.
        fill_value: a number, or a tensor that broadcasts to the shape.
        dtype: dtype of the result, `floatx` by default.

    Raises:
        TypeError: a size is no int.
        ValueError: a size is negative or unknown, or the value does not fit the dtype or the shape.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.full((2, 3), 7, dtype="int32")).tolist()
    [[7, 7, 7], [7, 7, 7]]
    >>> ops.convert_to_numpy(ops.full((2, 2), [0.5, 1])).tolist()
    [[0.5, 1.0], [0.5, 1.0]]
    """
    shape, dtype = sizes.known_shape("full", engine, shape), _dtype(engine, dtype)
    if type(fill_value) in (bool, int, float):
        return shape, fill_number(fill_value, dtype), dtype
    value = engine.broadcast_to(as_tensor(engine, fill_value, dtype), shape)
    return engine.where(engine.full((), True, "bool"), value, value)  # a new tensor, not a view of the value: users write into it


@primitive(samples=(Sample(5), Sample(0), Sample(3, "float32"), Sample(3, "int64"), Sample(3, "int23", error="'int23' is no dtype")),
           reference=lambda size, dtype=None: np.arange(size))
def iota(engine: Any, size: Any, dtype: Any = "int32") -> tuple[Any, ...]:
    """`[0, 1, ..., size - 1]`; the size may be one that is still unknown (see `sizes`)."""
    return size, _dtype(engine, dtype)


@op(tensors=(), samples=SHAPES)
def zeros(shape: Any, dtype: Any = None) -> Any:
    """A tensor of zeros.

    Args:
        shape: sizes of the result; an int makes a vector.
        dtype: dtype of the result, `floatx` by default.

    Raises:
        TypeError: a size is no int.
        ValueError: a size is negative or unknown.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.zeros((2, 3))).tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    >>> ops.convert_to_numpy(ops.zeros(2, dtype="bool")).tolist()
    [False, False]
    """
    return full(shape, 0, dtype)


@op(tensors=(), samples=SHAPES)
def ones(shape: Any, dtype: Any = None) -> Any:
    """A tensor of ones; arguments and errors are those of `zeros`.

    Args:
        shape: sizes of the result; an int makes a vector.
        dtype: dtype of the result, `floatx` by default.

    Raises:
        TypeError: a size is no int.
        ValueError: a size is negative or unknown.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.ones((2, 3))).tolist(), ops.convert_to_numpy(ops.ones(2, dtype="bool")).tolist()
    ([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], [True, True])
    """
    return full(shape, 1, dtype)


@op(samples=LIKE)
def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `x`; `dtype` is that of `x` by default.

    Args:
        x: the tensor.
        dtype: dtype of the result, that of `x` by default.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.zeros_like([[1, 2], [3, 4]])).tolist()
    [[0, 0], [0, 0]]
    """
    return full(shape_of(x), 0, dtype_of(x) if dtype is None else dtype)


@op(samples=LIKE)
def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones of the shape of `x`; `dtype` is that of `x` by default.

    Args:
        x: the tensor.
        dtype: dtype of the result, that of `x` by default.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.ones_like([[1, 2], [3, 4]], dtype="bool")).tolist()
    [[True, True], [True, True]]
    """
    return full(shape_of(x), 1, dtype_of(x) if dtype is None else dtype)


@op(tensors=(), samples=SHAPES, reference=np.zeros)
def empty(shape: Any, dtype: Any = None) -> Any:
    """A tensor of which only shape and dtype are promised; its values are zeros at present.

    Args:
        shape: sizes of the result; an int makes a vector.
        dtype: dtype of the result, `floatx` by default.

    Raises:
        TypeError: a size is no int.
        ValueError: a size is negative or unknown.

    >>> from keras_lite import ops
    >>> x = ops.empty((2, 3), dtype="int32")
    >>> ops.shape(x), ops.dtype(x)
    ((2, 3), 'int32')
    """
    return full(shape, 0, dtype)


@op(samples=LIKE, reference=np.zeros_like)
def empty_like(x: Any, dtype: Any = None) -> Any:
    """A tensor of the shape of `x`; `dtype` is that of `x` by default, and nothing is promised about the values (zeros at present).

    Args:
        x: the other tensor.
        dtype: dtype of the result, that of `x` by default.

    >>> from keras_lite import ops
    >>> x = ops.empty_like([[1, 2], [3, 4]], dtype="float16")
    >>> ops.shape(x), ops.dtype(x)
    ((2, 2), 'float16')
    """
    return full(shape_of(x), 0, dtype_of(x) if dtype is None else dtype)


@op(samples=(*LIKE[:2], Sample(boolean(3)), Sample(f32(0, 2)), Sample(f32()), Sample(array([NAN, -INF, -0.0]), grad=False), NO_TENSOR))
def copy(x: Any) -> Any:
    """A new tensor with the values of `x`: what is later written to one of them leaves the other as it is.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> x = np.array([1, 2])
    >>> y = ops.copy(x)
    >>> x[0] = 9
    >>> ops.convert_to_numpy(y).tolist()
    [1, 2]
    """
    return where(True, x, x)


@op(samples=(Sample(f32(3, 4), 2.5), Sample(i32(2), 3), Sample(f32(0, 2), 1, dtype="int32"), Sample(f32(2, 3), f32(3)),
             Sample(f32(2), f32(3), error="does not broadcast"), Sample(i32(2), 1.5), Sample(f32(2), 1, dtype="", error="'' is no dtype")))
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """A tensor of the shape of `x` filled with one value.

    Args:
        x: a tensor.
        fill_value: a number, or a tensor that broadcasts to the shape; made an integer by truncation where the dtype is one.
        dtype: dtype of the result, that of `x` by default.

    Raises:
        ValueError: the value does not fit the dtype or the shape.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.full_like([[1, 2], [3, 4]], 7)).tolist()
    [[7, 7], [7, 7]]
    """
    return full(shape_of(x), fill_value, dtype_of(x) if dtype is None else dtype)


@op(tensors=(), samples=(Sample(5), Sample(2, 8), Sample(1, 10, 3), Sample(5, 0, -2), Sample(0), Sample(0.0, 1.0, 0.25),
                         Sample(3, dtype="float32"), Sample(5, 1),
                         Sample(0, 5, 0, error="step is 0"), Sample("a", error="each bound must be a number whose value is known, got 'a'"),
                         Sample(0.5, 3, dtype="int32"), Sample(0, 5, 1.5, dtype="int32"), Sample(-100, 101, 200, dtype="int8"),
                         Sample(9, 0, -3, dtype="uint64"), Sample(0, 300, 100, dtype="int8", error="200 is outside the range of int8"),
                         Sample(NAN, error="the bounds must be finite"), Sample(0, INF, error="the bounds must be finite"),
                         Sample(1e20, error="100000000000000000000 elements are too many")))
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Numbers from `start` up to but without `stop`, in steps of `step`; `arange(n)` starts at 0.

    Args:
        start, stop: bounds; given one alone, it is `stop`.
        step: distance of two numbers, 1 by default; below 0 they fall.
        dtype: by default int32 from integers and `floatx` from floats.  With an integer dtype the first two numbers lose their fractional
            part, as in NumPy, and the others follow in steps of their difference.

    Raises:
        TypeError: an argument is no number.
        ValueError: `step` is 0, a bound is infinite, or a number is out of the dtype's range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.arange(4)).tolist(), ops.convert_to_numpy(ops.arange(5, 0, -2)).tolist()
    ([0, 1, 2, 3], [5, 3, 1])
    >>> ops.convert_to_numpy(ops.arange(1.0, 2.0, 0.25)).tolist()
    [1.0, 1.25, 1.5, 1.75]
    """
    start, stop = (0, start) if stop is None else (start, stop)
    first, last, stride = bounds = tuple(_bound(x) for x in (start, stop, 1 if step is None else step))
    kinds = [dtype_of_data(x) for x in (start, stop, step) if x is not None] or ["int"]
    name = promote(*kinds, floatx=config.floatx()) if dtype is None else standardize(dtype, config.floatx())
    if not all(isinstance(x, (int, float, complex)) for x in bounds):
        return _later_range(bounds, name)
    length = _length(first, last, stride)
    if not is_integer(name):
        return cast(np.arange(length, dtype="float64") * stride + first, name)
    first, stride = int(first), int(first + stride) - int(first)
    if length:
        check_scalar(first, name)
        check_scalar(first + stride * (length - 1), name)
    if first == 0 and stride == 1:
        return iota(length, name)
    wide = np.arange(length, dtype="uint64") * (stride % _MODULUS) + first % _MODULUS  # all integers are a part of this arithmetic
    return cast(wide.astype(numpy_dtype(name)), name)


def _bound(x: Any) -> Any:
    """A number, or what has no value yet: a scalar tensor, None on specs."""
    engine = registry.current()
    try:
        return as_number("arange", "each bound", x)
    except TypeError:
        if sizes.is_scalar(engine, x):
            sizes.whole(x)  # raises the error of an engine that then runs the function without compiling it
        if (x is None and engine.is_abstract) or (engine.has_unknown_sizes and engine.is_tensor(x) and not engine.shape_of(x)):
            return x
        raise


def _later_range(bounds: tuple[Any, Any, Any], name: str) -> Any:
    """`arange` between bounds whose values are not known yet."""
    if registry.current().is_abstract:
        return iota(None, name)
    first, last, stride = bounds
    if all(is_integer(dtype_of_data(x)) or type(x) is int for x in bounds):
        length = negative(floor_divide(subtract(first, last), stride))
    else:
        length = ceil(divide(subtract(cast(last, "float64"), cast(first, "float64")), cast(stride, "float64")))
    wide = "int64" if is_integer(name) else "float64"
    start = cast(first, wide)
    step = subtract(cast(add(first, stride), wide), start) if is_integer(name) else cast(stride, wide)
    return cast(add(start, multiply(iota(maximum(cast(length, "int32"), 0), wide), step)), name)


def _length(first: Any, last: Any, stride: Any) -> int:
    """How many numbers lie between two bounds."""
    if any(type(x) is complex or not math.isfinite(x) for x in (first, last, stride)):
        raise invalid("arange", f"the bounds must be finite real numbers, got {first}, {last} and the step {stride}")
    if stride == 0:
        raise invalid("arange", f"step is 0 in arange({first}, {last}, {stride})")
    length = max(0, math.ceil((last - first) / stride))
    if length > _MOST:
        raise invalid("arange", f"{length} elements are too many for a tensor")
    return length


@op(tensors=(), samples=(Sample(3), Sample(2, 4), Sample(3, k=1), Sample(3, 4, -1, dtype="int32"), Sample(0),
                         Sample(-1, error="all sizes must be known and not negative"), Sample(3, k=1.5, error="k must be an int, got 1.5")))
def eye(N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Any:
    """A matrix with ones on a diagonal and zeros elsewhere.

    Args:
        N: number of rows.
        M: number of columns, `N` by default.
        k: the diagonal: 0 for the main one, 1 for that above it, -1 for that below.
        dtype: dtype of the result, `floatx` by default.

    Raises:
        TypeError: a size or `k` is no int.
        ValueError: a size is negative.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.eye(2, 3, k=1)).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    >>> ops.convert_to_numpy(ops.eye(2, dtype="int32")).tolist()
    [[1, 0], [0, 1]]
    """
    known = _on_host(np.eye, N, N if M is None else M, k)
    if known is not None:
        return cast(known, dtype)
    return cast(equal(add(_rows(N, "eye"), _diagonal("eye", k)), _columns(N if M is None else M, "eye")), dtype)


@op(tensors=(), samples=(Sample(3), Sample(2, dtype="int32"), Sample(0), Sample(-1, error="all sizes must be known and not negative")))
def identity(n: Any, dtype: Any = None) -> Any:
    """The identity matrix of `n` rows and columns, in `dtype` (`floatx` by default); errors are those of `eye`.

    Args:
        n: number of rows and columns.
        dtype: dtype of the result, `floatx` by default.

    Raises:
        TypeError: `n` is no int.
        ValueError: it is negative.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.identity(3, dtype="int32")).tolist()
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    """
    return eye(n, dtype=dtype)


@op(tensors=(), samples=(Sample(3), Sample(2, 4), Sample(3, k=1), Sample(3, 4, -1, dtype="int32"), Sample(0),
                         Sample(-1, error="all sizes must be known and not negative"), Sample(3, k=1.5, error="k must be an int, got 1.5")))
def tri(N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Any:
    """A matrix with ones on a diagonal and below it, zeros above.

    Args:
        N: number of rows.
        M: number of columns, `N` by default.
        k: the diagonal: 0 for the main one, 1 for that above it, -1 for that below.
        dtype: dtype of the result, `floatx` by default.

    Raises:
        TypeError: a size or `k` is no int.
        ValueError: a size is negative.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.tri(3, dtype="int32")).tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    >>> ops.convert_to_numpy(ops.tri(2, 3, k=1)).tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
    """
    return cast(_below(N, N if M is None else M, k), dtype)


def _rows(n: Any, name: str) -> Any:
    """Numbers of the rows, as a column."""
    n, = sizes.known_shape(name, registry.current(), (n,))
    return reshape(iota(n), (n, 1))


def _columns(n: Any, name: str) -> Any:
    """Numbers of the columns, as a row."""
    return reshape(_rows(n, name), (1, n))


def _on_host(function: Callable[..., np.ndarray], n: Any, m: Any, k: Any) -> np.ndarray | None:
    """A mask of known sizes made by NumPy, one constant in place of five ops; None where it would be a large one in a program."""
    if not (n.__class__ is m.__class__ is k.__class__ is int and 0 <= n <= _SMALL and 0 <= m <= _SMALL):
        return None
    return function(n, m, max(-n, min(k, m)), dtype=bool)


def _diagonal(name: str, k: Any) -> Any:
    """The number of a diagonal, for arithmetic."""
    return sizes.number(sizes.as_count(name, "k", k))


def _below(n: Any, m: Any, k: Any) -> Any:
    """True on and below the diagonal `k` of an (n, m) matrix."""
    known = _on_host(np.tri, n, m, k)
    if known is not None:
        return known
    return greater_equal(add(_rows(n, "tri"), _diagonal("tri", k)), _columns(m, "tri"))


@op(samples=BANDS)
def tril(x: Any, k: int = 0) -> Any:
    """`x` with zeros above the diagonal `k` (0 the main one, 1 that above it) of the matrices on its last two axes.

    Args:
        x: a tensor with at least two axes.
        k: the diagonal, which is kept: 0 for the main one, 1 for that above it, -1 for that below.

    Raises:
        TypeError: `k` is no int.
        ValueError: `x` has fewer axes.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.tril([[1, 2, 3], [4, 5, 6]])).tolist()
    [[1, 0, 0], [4, 5, 0]]
    >>> ops.convert_to_numpy(ops.tril([[1, 2], [3, 4]], k=-1)).tolist()
    [[0, 0], [3, 0]]
    """
    return where(_below(*_matrix("tril", x), k), x, zeros_like(x))


@op(samples=BANDS)
def triu(x: Any, k: int = 0) -> Any:
    """`x` with zeros below the diagonal `k` (0 the main one, 1 that above it) of the matrices on its last two axes.

    Args:
        x: a tensor with at least two axes.
        k: the diagonal, which is kept: 0 for the main one, 1 for that above it, -1 for that below.

    Raises:
        TypeError: `k` is no int.
        ValueError: `x` has fewer axes.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.triu([[1, 2, 3], [4, 5, 6]])).tolist()
    [[1, 2, 3], [0, 5, 6]]
    >>> ops.convert_to_numpy(ops.triu([[1, 2], [3, 4]], k=1)).tolist()
    [[0, 2], [0, 0]]
    """
    return where(_below(*_matrix("triu", x), _diagonal("triu", k) - 1), zeros_like(x), x)


def _matrix(name: str, x: Any) -> tuple[Any, Any]:
    if rank_of(x) < 2:
        raise invalid(name, f"at least 2 axes are needed, got shape {shape_of(x)}")
    rows, columns = shape_of(x)[-2:]
    return rows, columns


@op(tensors=(), samples=(
    Sample(0, 1, 5), Sample(2.0, -2.0, 4, endpoint=False), Sample(array(-3e38), array(3e38), 5, grad=False),
    Sample(f32(3), f32(3), 4), Sample(f32(2), 1.0, 3, axis=-1), Sample(0, 1, 0), Sample(0, 10, 1), Sample(0, 10, 5, dtype="int32"),
    Sample(0, 1, 5, retstep=True), Sample(0, 1, -1, error="num must be"), Sample(0, 1, 3, dtype="complex64"), Sample(c64(2), 1.0, 4),
    Sample(0, 7, 50, dtype="int32"), Sample(-7.0, 0, 50, dtype="int8"), Sample(0, 1, 3, None),
    Sample(0, 1000, 3, dtype="int8", error="values from 0 to 1000 are outside the range of int8"),
    Sample(0, 1, 2.5, error="num must be an int of at least 0, got 2.5"),
    Sample(0, 1, array(5, "int32"), eager=False, error="whose value is known beforehand")))
def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0) -> Any:
    """`num` evenly spaced numbers from `start` to `stop`, along a new axis.

    Args:
        start, stop: bounds; numbers, or tensors that broadcast.
        num: how many numbers, an int.
        endpoint: whether `stop` is the last of them; else it would be the next one.
        retstep: whether a pair is returned, of the numbers and their distance.
        dtype: a float dtype by default; with an integer one the numbers are rounded down.
        axis: position of the new axis in the result.

    Raises:
        TypeError: `num` is no int.
        ValueError: `num` is negative, `axis` is out of range, or `dtype` can't hold bounds whose values are known.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.linspace(0, 1, 5)).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    >>> ops.convert_to_numpy(ops.linspace(0, 1, 4, endpoint=False)).tolist()
    [0.0, 0.25, 0.5, 0.75]
    >>> ops.convert_to_numpy(ops.linspace([0, 10], [1, 20], 3, axis=-1)).tolist()
    [[0.0, 0.5, 1.0], [10.0, 15.0, 20.0]]
    """
    num, dtype = sizes.as_int("linspace", "num", num, 0), dtype if dtype is None else standardize(dtype, config.floatx())
    check_bounds("linspace", dtype, start, stop)
    if type(start) in _REAL and type(stop) in _REAL and num <= _LONG and not retstep and dtype in (None, *FLOATS) and axis in (0, -1):
        return cast(np.linspace(start, stop, num, bool(endpoint)), dtype)  # values that are known: one constant
    start, stop = unify(registry.current(), [start, stop], floating=True)
    intervals = num - 1 if endpoint else num
    # halves, which lose no digits: the distance of two numbers may be infinite
    step = divide(subtract(multiply(stop, 0.5), multiply(start, 0.5)), 0.5 * max(intervals, 1))
    last = bool(endpoint) and num > 1  # then the last number is exactly `stop`
    column = reshape(iota(num - last, part_dtype(dtype_of(step))), (num - last, *(1,) * rank_of(step)))
    numbers = multiply(add(multiply(start, 0.5), multiply(column, multiply(step, 0.5))), 2.0)
    if last:
        numbers = concatenate([numbers, reshape(broadcast_to(stop, shape_of(step)), (1, *shape_of(step)))], 0)
    numbers = moveaxis(numbers, 0, normal_axis("linspace", axis, rank_of(numbers)))
    if dtype is not None:
        numbers = cast(floor(without_error(numbers)) if is_integer(dtype) or dtype == "bool" else numbers, dtype)
    return (numbers, step if intervals else multiply(step, math.nan)) if retstep else numbers


def check_bounds(name: str, dtype: str | None, *bounds: Any) -> None:
    """Raise ValueError if `dtype` can't hold bounds whose values are known."""
    known = [values for x in bounds if (values := host_values(x)) is not None]
    if dtype is not None and known:
        check_range(name, np.concatenate([values.ravel() for values in known]), dtype)


def without_error(x: Any) -> Any:
    """`x`, with what is an integer but for some rounding errors made one: rounding it down then does not lose a whole unit."""
    if dtype_of(x) not in FLOATS:
        return x
    nearest = nearest_integer(x)
    error = float(ml_dtypes.finfo(numpy_dtype(dtype_of(x))).eps) * 8.0
    return where(less_equal(absolute(subtract(x, nearest)), multiply(absolute(nearest), error)), nearest, x)
