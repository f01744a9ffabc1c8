"""Tensors from a shape and a rule."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, is_integer, part_dtype, promote, standardize
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add, divide, equal, greater_equal, multiply, subtract, where
from keras_lite.ops.core import cast
from keras_lite.ops.data import as_tensor, dtype_of_data
from keras_lite.ops.elementwise import floor
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN, NO_TENSOR, normal_axis
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.shaping import broadcast_to, concatenate, moveaxis, reshape
from keras_lite.ops.table import op, primitive

LIKE = (Sample(f32(3, 4)), Sample(i32(2)), Sample(f32(0, 2), dtype="int32"), Sample(f32(), dtype="bool"),
        Sample(f32(2), dtype="flaot32", error="'flaot32' is no dtype"))
SHAPES = (Sample((2, 3)), Sample(4, dtype="int32"), Sample((0, 2)), Sample((), dtype="bool"),
          Sample((2, -1), error="all sizes must be known and not negative"),
          Sample((2.5,), error="sizes must be ints"))
BANDS = (Sample(f32(3, 4)), Sample(f32(2, 3, 3), k=1), Sample(f32(4, 3), k=-2), Sample(f32(0, 3)), Sample(i32(3, 3)), Sample(boolean(2, 2)),
         Sample(f32(3), error="at least 2 axes"))


def _dtype(engine: Any, dtype: Any, default: str | None = None) -> str:
    """A dtype given by a user; None is `default`, else `floatx`."""
    name = default if dtype is None and default is not None else standardize(dtype, config.floatx())
    return engine.canonical_dtype(name)


@primitive(samples=(Sample((2, 3), 1.5), Sample(4, 7, dtype="int32"), Sample((0, 2), True, dtype="bool"), Sample((2, 3), f32(3)),
                    Sample((), 2),
                    Sample((2,), f32(3), error=r"\(3,\) does not broadcast to \(2,\)"), Sample((-2,), 0, error="sizes can't be negative")))
def full(engine: Any, shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """A tensor of `shape` filled with `fill_value`, a number or a tensor that broadcasts to it; of `floatx` by default."""
    shape, dtype = sizes.known_shape("full", engine, shape), _dtype(engine, dtype)
    if type(fill_value) in (bool, int, float):
        return shape, fill_value, dtype
    return engine.broadcast_to(as_tensor(engine, fill_value, dtype), shape)


@primitive(samples=(Sample(5), Sample(0), Sample(3, "float32"), Sample(3, "int64"), Sample(3, "int23", error="'int23' is no dtype")),
           reference=lambda size, dtype=None: np.arange(size))
def iota(engine: Any, size: Any, dtype: Any = "int32") -> tuple[Any, ...]:
    """`[0, 1, ..., size - 1]`; the size may be one that is still unknown (see `sizes`)."""
    return size, _dtype(engine, dtype)


@op(tensors=(), samples=SHAPES)
def zeros(shape: Any, dtype: Any = None) -> Any:
    """A tensor of zeros, of `floatx` by default."""
    return full(shape, 0, dtype)


@op(tensors=(), samples=SHAPES)
def ones(shape: Any, dtype: Any = None) -> Any:
    """A tensor of ones, of `floatx` by default."""
    return full(shape, 1, dtype)


@op(samples=LIKE)
def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros of the shape and dtype of `x`."""
    return full(shape_of(x), 0, dtype or dtype_of(x))


@op(samples=LIKE)
def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones of the shape and dtype of `x`."""
    return full(shape_of(x), 1, dtype or dtype_of(x))


@op(tensors=(), samples=SHAPES, reference=np.zeros)
def empty(shape: Any, dtype: Any = None) -> Any:
    """A tensor of `shape`, of `floatx` by default; nothing is promised about its values (they are zeros)."""
    return full(shape, 0, dtype)


@op(samples=LIKE, reference=np.zeros_like)
def empty_like(x: Any, dtype: Any = None) -> Any:
    """A tensor of the shape and dtype of `x`; nothing is promised about its values (they are zeros)."""
    return full(shape_of(x), 0, dtype or dtype_of(x))


@op(samples=(*LIKE[:2], Sample(boolean(3)), Sample(f32(0, 2)), Sample(f32()), Sample(array([NAN, -INF, -0.0]), grad=False), NO_TENSOR))
def copy(x: Any) -> Any:
    """A new tensor with the values of `x`."""
    return where(True, x, x)


@op(samples=(Sample(f32(3, 4), 2.5), Sample(i32(2), 3), Sample(f32(0, 2), 1, dtype="int32"), Sample(f32(2, 3), f32(3)),
             Sample(f32(2), f32(3), error="does not broadcast")))
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """A tensor of the shape and dtype of `x` filled with `fill_value`."""
    return full(shape_of(x), fill_value, dtype or dtype_of(x))


@op(tensors=(), samples=(Sample(5), Sample(2, 8), Sample(1, 10, 3), Sample(5, 0, -2), Sample(0), Sample(0.0, 1.0, 0.25),
                         Sample(3, dtype="float32"), Sample(5, 1),
                         Sample(0, 5, 0, error="step is 0"), Sample("a", error="numbers")))
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Numbers from `start` up to but without `stop`, in steps of `step`; `arange(n)` starts at 0.

    Integers give int32, floats `floatx`, unless `dtype` says otherwise.
    """
    start, stop = (0, start) if stop is None else (start, stop)
    bounds = [_number("arange", x) for x in (start, stop, 1 if step is None else step)]
    kinds = [dtype_of_data(x) for x in (start, stop, step) if x is not None]
    name = promote(*kinds, floatx=config.floatx()) if dtype is None else standardize(dtype, config.floatx())
    first, last, stride = bounds
    if stride == 0:
        raise invalid("arange", f"step is 0 in arange({start}, {stop}, {step})")
    length = max(0, math.ceil((last - first) / stride))
    if is_float(name):
        return cast(np.arange(length, dtype="float64") * stride + first, name)
    numbers = iota(length, name)
    numbers = numbers if stride == 1 else multiply(numbers, stride)
    return numbers if first == 0 else add(numbers, first)


def _number(name: str, x: Any) -> int | float:
    """A concrete number."""
    try:
        return x.__index__() if hasattr(x, "__index__") and not isinstance(x, float) else float(x)
    except (TypeError, ValueError):
        raise wrong_type(name, f"the bounds must be numbers whose value is known, got {x!r}") from None


@op(tensors=(), samples=(Sample(3), Sample(2, 4), Sample(3, k=1), Sample(3, 4, -1, dtype="int32"), Sample(0),
                         Sample(-1, error="all sizes must be known and not negative")))
def eye(N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Any:
    """A matrix of `N` rows and `M` columns (`N` by default) with ones on the diagonal `k`."""
    return cast(equal(add(_rows(N, "eye"), k), _columns(N if M is None else M, "eye")), dtype)


@op(tensors=(), samples=(Sample(3), Sample(2, dtype="int32"), Sample(0), Sample(-1, error="all sizes must be known and not negative")))
def identity(n: Any, dtype: Any = None) -> Any:
    """The identity matrix of `n` rows."""
    return eye(n, dtype=dtype)


@op(tensors=(), samples=(Sample(3), Sample(2, 4), Sample(3, k=1), Sample(3, 4, -1, dtype="int32"), Sample(0),
                         Sample(-1, error="all sizes must be known and not negative")))
def tri(N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Any:
    """A matrix with ones on and below the diagonal `k`, zeros above."""
    return cast(_below(N, N if M is None else M, k), dtype)


def _rows(n: Any, name: str) -> Any:
    """Numbers of the rows, as a column."""
    n, = sizes.known_shape(name, registry.current(), (n,))
    return reshape(iota(n), (n, 1))


def _columns(n: Any, name: str) -> Any:
    """Numbers of the columns, as a row."""
    return reshape(_rows(n, name), (1, n))


def _below(n: Any, m: Any, k: int) -> Any:
    """True on and below the diagonal `k` of an (n, m) matrix."""
    return greater_equal(add(_rows(n, "tri"), k), _columns(m, "tri"))


@op(samples=BANDS)
def tril(x: Any, k: int = 0) -> Any:
    """`x` with zeros above the diagonal `k` of its last two axes."""
    return where(_below(*_matrix("tril", x), k), x, zeros_like(x))


@op(samples=BANDS)
def triu(x: Any, k: int = 0) -> Any:
    """`x` with zeros below the diagonal `k` of its last two axes."""
    return where(_below(*_matrix("triu", x), k - 1), zeros_like(x), x)


def _matrix(name: str, x: Any) -> tuple[Any, Any]:
    if rank_of(x) < 2:
        raise invalid(name, f"at least 2 axes are needed, got shape {shape_of(x)}")
    rows, columns = shape_of(x)[-2:]
    return rows, columns


@op(tensors=("start", "stop"), floating=True, complexes=True, samples=(
    Sample(0, 1, 5), Sample(2.0, -2.0, 4, endpoint=False),
    Sample(f32(3), f32(3), 4), Sample(f32(2), 1.0, 3, axis=-1), Sample(0, 1, 0), Sample(0, 10, 1), Sample(0, 10, 5, dtype="int32"),
    Sample(0, 1, 5, retstep=True), Sample(0, 1, -1, error="num must be"), Sample(0, 1, 3, dtype="complex64"), Sample(c64(2), 1.0, 4)))
def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0) -> Any:
    """`num` evenly spaced numbers from `start` to `stop`, which is the last one if `endpoint`; along a new `axis`.

    With `retstep` a pair of the numbers and their distance.
    """
    if not isinstance(num, int) or num < 0:
        raise invalid("linspace", f"num must be an int that is not negative, got {num!r}")
    intervals = num - 1 if endpoint else num
    step = divide(subtract(stop, start), float(max(intervals, 1)))
    last = endpoint and num > 1  # then the last number is exactly `stop`
    column = reshape(iota(num - last, part_dtype(dtype_of(step))), (num - last, *(1,) * rank_of(step)))
    numbers = add(start, multiply(column, step))
    if last:
        numbers = concatenate([numbers, reshape(broadcast_to(stop, shape_of(step)), (1, *shape_of(step)))], 0)
    numbers = moveaxis(numbers, 0, normal_axis("linspace", axis, rank_of(numbers)))
    if dtype is not None:
        numbers = cast(floor(numbers) if is_integer(standardize(dtype)) or dtype == "bool" else numbers, dtype)
    return (numbers, step if intervals else multiply(step, math.nan)) if retstep else numbers
