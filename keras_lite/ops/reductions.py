"""Reductions over axes, positions of extremes, and cumulative sums and products."""

from __future__ import annotations

from typing import Any

from keras_lite import config
from keras_lite.engine.dtypes import standardize
from keras_lite.engine.errors import invalid
from keras_lite.ops import references, sizes
from keras_lite.ops.arithmetic import add, not_equal, subtract, where
from keras_lite.ops.core import cast, stop_gradient
from keras_lite.ops.data import as_numbers, as_tensor, refuse_complex
from keras_lite.ops.elementwise import exp, is_finite, log
from keras_lite.ops.facts import shape_of
from keras_lite.ops.families import INF, NAN, REFUSED, STORED, normal_axes, normal_axis
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.table import op, primitive

AXES = (Sample(f32(3, 4)), Sample(f32(2, 3, 4), axis=1), Sample(f32(2, 3, 4), axis=(0, -1), keepdims=True), Sample(f32()),
        Sample(f32(2, 3), axis=2, error="axis 2 is out of range for rank 2"),
        Sample(f32(2, 3), axis=(1, -1), error="an axis is named twice"))
SUMS = (*AXES, Sample(f32(0, 3)), Sample(f32(0, 3), axis=0), Sample(f32(2, 3), axis=()), Sample(i32(3, 4), axis=0), Sample(boolean(3, 4)))
COMPLEX_SUM = Sample(c64(3, 4), axis=1)
EXTREMES = (*AXES, Sample(f32(0, 3), axis=1), Sample(f32(0, 3), axis=0, error="axis 0 of shape .* is empty"),
            Sample(f32(0, 3), axis=0, initial=1.0), Sample(f32(2, 3), axis=1, initial=0.5), Sample(i32(3, 4), axis=1),
            Sample(boolean(3, 4), axis=0), REFUSED,
            Sample(array([[1.0, NAN], [INF, 2.0]]), axis=0, grad=False), Sample(array([2.0, 2.0, 1.0])))
TRUTHS = (Sample(boolean(3, 4)), Sample(boolean(3, 4), axis=1, keepdims=True), Sample(boolean(0, 4), axis=0), Sample(f32(2, 3), axis=-1),
          Sample(boolean(2), axis=1, error="axis 1 is out of range"))
POSITIONS = (Sample(f32(3, 4)), Sample(f32(3, 4), axis=0), Sample(f32(2, 3, 4), axis=1, keepdims=True), Sample(f32(2, 3), keepdims=True),
             Sample(i32(3, 4), axis=-1), Sample(boolean(2, 5), axis=1), Sample(array([1.0, NAN, 3.0, NAN])),
             Sample(array([2, 5, 5, 2], "int32")),
             Sample(f32(0, 3), axis=1), Sample(f32(0, 3), axis=0, error="axis 0 of shape .* is empty"), REFUSED)
CUMULATIVE = (Sample(f32(3, 4), axis=1), Sample(f32(2, 3)), Sample(f32(0, 3), axis=0), Sample(i32(4), axis=0), Sample(boolean(4), axis=-1),
              Sample(i32(3), axis=0, dtype="float32"), Sample(f32(2), axis=1, error="axis 1 is out of range"))

_WIDER = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}


def _reduced(name: str, engine: Any, x: Any, axis: Any, keepdims: bool, dtype: Any = None) -> tuple[Any, tuple[int, ...], bool]:
    """Canonical arguments of a reduction."""
    x = as_numbers(engine, name, x, dtype)
    return x, normal_axes(name, axis, len(engine.shape_of(x))), bool(keepdims)


def _total(name: str, engine: Any, x: Any, axis: Any, keepdims: bool, dtype: Any = None) -> tuple[Any, ...]:
    """Canonical arguments of a sum or product, which is taken in a dtype that is wide enough for many small integers."""
    dtype = None if dtype is None else standardize(dtype, config.floatx())
    x, axes, keepdims = _reduced(name, engine, x, axis, keepdims, dtype)
    if dtype is None and (wider := _WIDER.get(engine.dtype_of(x))) is not None:
        x = engine.cast(x, engine.canonical_dtype(wider))
    return x, axes, keepdims


def _extreme(name: str, combine: str, engine: Any, x: Any, axis: Any, keepdims: bool, initial: Any) -> tuple[Any, ...]:
    """Canonical arguments of a maximum or minimum, over at least one element."""
    x, axes, keepdims = _reduced(name, engine, x, axis, keepdims)
    refuse_complex(name, engine.dtype_of(x))
    shape = engine.shape_of(x)
    empty = next((a for a in axes if sizes.is_empty((shape[a],))), None)
    if initial is None:
        if empty is not None:
            raise invalid(name, f"axis {empty} of shape {shape} is empty, and there is no `initial`")
        return x, axes, keepdims
    if empty is not None:
        x = engine.full(tuple(1 if i in axes else n for i, n in enumerate(shape)), initial, engine.dtype_of(x))
    return getattr(engine, combine)(x, as_tensor(engine, initial, engine.dtype_of(x))), axes, keepdims


@primitive(public="sum", samples=(*SUMS, Sample(f32(2, 400, low=0.5), axis=1), COMPLEX_SUM, STORED))
def reduce_sum(engine: Any, x: Any, axis: Any = None, keepdims: bool = False) -> tuple[Any, ...]:
    """Sum of the elements over `axis`; bools and integers of less than 32 bits are summed in 32 bits.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> int(ops.sum([[1, 2], [3, 4]])), ops.convert_to_numpy(ops.sum([[1, 2], [3, 4]], axis=0)).tolist()
    (10, [4, 6])
    >>> ops.convert_to_numpy(ops.sum([[1, 2], [3, 4]], axis=1, keepdims=True)).tolist()
    [[3], [7]]
    """
    return _total("sum", engine, x, axis, keepdims)


@primitive(public="prod", samples=(*SUMS, Sample(i32(3), dtype="float32"), COMPLEX_SUM))
def reduce_prod(engine: Any, x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> tuple[Any, ...]:
    """Product of the elements over `axis`; bools and integers of less than 32 bits are multiplied in 32 bits.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.
        dtype: dtype to which the elements are cast first, and of the result.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> int(ops.prod([[1, 2], [3, 4]]))
    24
    >>> ops.convert_to_numpy(ops.prod([[1, 2], [3, 4]], axis=1, dtype="float32")).tolist()
    [2.0, 12.0]
    """
    return _total("prod", engine, x, axis, keepdims, dtype)


@primitive(public="max", samples=(*EXTREMES, STORED))
def reduce_max(engine: Any, x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> tuple[Any, ...]:
    """The largest element over `axis`; NaN if there is one.  Equal ones share the gradient.  `amax` is another name.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.
        initial: a number that is compared as well, and the result for an empty axis.

    Raises:
        TypeError: `x` is complex.
        ValueError: an axis is out of range or named twice, or is empty and there is no `initial`.

    >>> from keras_lite import ops
    >>> int(ops.max([[1, 5], [6, 2]])), ops.convert_to_numpy(ops.max([[1, 5], [6, 2]], axis=1)).tolist()
    (6, [5, 6])
    >>> int(ops.max([1, 5], initial=7))
    7
    """
    return _extreme("max", "maximum", engine, x, axis, keepdims, initial)


@primitive(public="min", samples=EXTREMES)
def reduce_min(engine: Any, x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> tuple[Any, ...]:
    """The smallest element over `axis`; NaN if there is one.  Equal ones share the gradient.  `amin` is another name.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.
        initial: a number that is compared as well, and the result for an empty axis.

    Raises:
        TypeError: `x` is complex.
        ValueError: an axis is out of range or named twice, or is empty and there is no `initial`.

    >>> from keras_lite import ops
    >>> int(ops.min([[1, 5], [6, 2]])), ops.convert_to_numpy(ops.min([[1, 5], [6, 2]], axis=1)).tolist()
    (1, [1, 2])
    >>> int(ops.min([1, 5], initial=0))
    0
    """
    return _extreme("min", "minimum", engine, x, axis, keepdims, initial)


@primitive(public="any", samples=TRUTHS, differentiable=False)
def reduce_any(engine: Any, x: Any, axis: Any = None, keepdims: bool = False) -> tuple[Any, ...]:
    """Whether an element over `axis` is true (not zero; NaN is true); False for an empty axis.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> bool(ops.any([[0, 1], [0, 0]])), ops.convert_to_numpy(ops.any([[0, 1], [0, 0]], axis=1)).tolist()
    (True, [True, False])
    """
    return _reduced("any", engine, x, axis, keepdims, "bool")


@primitive(public="all", samples=TRUTHS, differentiable=False)
def reduce_all(engine: Any, x: Any, axis: Any = None, keepdims: bool = False) -> tuple[Any, ...]:
    """Whether all elements over `axis` are true (not zero; NaN is true); True for an empty axis.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> bool(ops.all([[0, 1], [2, 3]])), ops.convert_to_numpy(ops.all([[0, 1], [2, 3]], axis=1)).tolist()
    (False, [False, True])
    """
    return _reduced("all", engine, x, axis, keepdims, "bool")


def _position(name: str, engine: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """int32 position of the extreme along `axis`, or in the flattened tensor."""
    x = as_numbers(engine, name, x)
    shape = engine.shape_of(x)
    refuse_complex(name, engine.dtype_of(x))
    if engine.dtype_of(x) == "bool":
        x = engine.cast(x, "int32")
    if axis is None:
        result, axes = engine.reshape(x, (-1,) if shape else (1,)), tuple(range(len(shape)))
        along = 0
    else:
        along = normal_axis(name, axis, len(shape))
        result, axes = x, (along,)
    empty = next((a for a in axes if sizes.is_empty((shape[a],))), None)
    if empty is not None:
        raise invalid(name, f"axis {empty} of shape {shape} is empty")
    result = getattr(engine, name)(result, along)
    return engine.reshape(result, tuple(1 if i in axes else n for i, n in enumerate(shape))) if keepdims else result


@primitive(samples=(*POSITIONS, STORED), differentiable=False)
def argmax(engine: Any, x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """int32 index of the largest element along `axis`, of several the first one; a NaN counts as the largest.

    Args:
        x: a tensor.
        axis: an int, or None for the flattened tensor.
        keepdims: whether the axis stays, with size 1 (all axes if it is None).

    Raises:
        TypeError: `x` is complex.
        ValueError: the axis is out of range or has size 0.

    >>> from keras_lite import ops
    >>> int(ops.argmax([[1, 5], [7, 2]])), ops.convert_to_numpy(ops.argmax([[1, 5], [7, 2]], axis=1)).tolist()
    (2, [1, 0])
    """
    return _position("argmax", engine, x, axis, keepdims)


@primitive(samples=POSITIONS, differentiable=False)
def argmin(engine: Any, x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """int32 index of the smallest element along `axis`, of several the first one; a NaN counts as the smallest.

    Args:
        x: a tensor.
        axis: an int, or None for the flattened tensor.
        keepdims: whether the axis stays, with size 1 (all axes if it is None).

    Raises:
        TypeError: `x` is complex.
        ValueError: the axis is out of range or has size 0.

    >>> from keras_lite import ops
    >>> int(ops.argmin([[1, 5], [7, 2]])), ops.convert_to_numpy(ops.argmin([[1, 5], [7, 2]], axis=1)).tolist()
    (0, [0, 1])
    """
    return _position("argmin", engine, x, axis, keepdims)


def _cumulative(name: str, engine: Any, x: Any, axis: Any, dtype: Any) -> tuple[Any, int]:
    x = as_numbers(engine, name, x, None if dtype is None else standardize(dtype, config.floatx()))
    if engine.dtype_of(x) == "bool":
        x = engine.cast(x, "int32")
    if axis is None:
        return engine.reshape(x, (-1,)), 0
    return x, normal_axis(name, axis, len(engine.shape_of(x)))


@primitive(samples=(*CUMULATIVE, Sample(c64(3, 2), axis=0), STORED))
def cumsum(engine: Any, x: Any, axis: int | None = None, dtype: Any = None) -> tuple[Any, ...]:
    """Sums of the elements up to each one along `axis`; short integers wrap around, unlike in `sum`.

    Args:
        x: a tensor.
        axis: an int, or None for the flattened tensor.
        dtype: dtype of the result, in which it is computed; that of `x` by default, int32 for bools.

    Raises:
        ValueError: the axis is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cumsum([[1, 2], [3, 4]])).tolist()
    [1, 3, 6, 10]
    >>> ops.convert_to_numpy(ops.cumsum([[1, 2], [3, 4]], axis=1)).tolist()
    [[1, 3], [3, 7]]
    """
    return _cumulative("cumsum", engine, x, axis, dtype)


@primitive(samples=(*CUMULATIVE, REFUSED))
def cumprod(engine: Any, x: Any, axis: int | None = None, dtype: Any = None) -> tuple[Any, ...]:
    """Products of the elements up to each one along `axis`; short integers wrap around, unlike in `prod`.

    Args:
        x: a tensor.
        axis: an int, or None for the flattened tensor.
        dtype: dtype of the result, in which it is computed; that of `x` by default, int32 for bools.

    Raises:
        TypeError: `x` is complex.
        ValueError: the axis is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cumprod([[1, 2], [3, 4]])).tolist()
    [1, 2, 6, 24]
    >>> ops.convert_to_numpy(ops.cumprod([[1, 2], [3, 4]], axis=1)).tolist()
    [[1, 2], [3, 12]]
    """
    x, along = _cumulative("cumprod", engine, x, axis, dtype)
    refuse_complex("cumprod", engine.dtype_of(x))
    return x, along


@op(differentiable=False, samples=(Sample(f32(3, 4)), Sample(i32(3, 4, low=0, high=2), axis=1), Sample(f32(0, 3), axis=0),
                                   Sample(boolean(4, 2), axis=(0, 1)),
                                   Sample(f32(2), axis=3, error="axis 3 is out of range")))
def count_nonzero(x: Any, axis: Any = None) -> Any:
    """int32 number of the elements that are not zero, NaN included, over `axis`.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> int(ops.count_nonzero([[0, 1], [2, 3]]))
    3
    >>> ops.convert_to_numpy(ops.count_nonzero([[0, 1], [2, 3]], axis=0)).tolist()
    [1, 2]
    """
    return reduce_sum(cast(not_equal(x, 0), "int32"), axis)


def highest(name: str, x: Any, axis: Any) -> Any:
    """The maximum over `axis`, kept, as a constant: subtracting it before `exp` prevents overflow and changes no derivative."""
    shape = shape_of(x)
    axes = normal_axes(name, axis, len(shape))
    return stop_gradient(reduce_max(x, axes, keepdims=True, initial=-INF if sizes.is_empty(shape[a] for a in axes) else None))


@op(floating=True, samples=(*AXES, Sample(f32(0, 3)), Sample(f32(2, 0), axis=1), Sample(array([800.0, 801.0])),
                            Sample(array([-INF, -INF]), grad=False),
                            Sample(array([INF, 1.0]), grad=False), Sample(i32(3, 4), axis=0)), reference=references.logsumexp)
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`log(sum(exp(x)))` over `axis`, a float, without overflow; -inf for an empty axis.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.logsumexp([1000.0, 1000.0])).round(3)
    np.float32(1000.693)
    >>> ops.convert_to_numpy(ops.logsumexp([[0.0, 0.0], [1.0, -np.inf]], axis=1)).round(3)
    array([0.693, 1.   ], dtype=float32)
    """
    top = highest("logsumexp", x, axis)
    top = where(is_finite(top), top, 0.0)
    total = log(reduce_sum(exp(subtract(x, top)), axis, keepdims))
    return add(total, top if keepdims else reduce_sum(top, axis))
