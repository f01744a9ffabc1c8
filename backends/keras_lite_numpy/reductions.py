"""Reductions and running sums."""

from __future__ import annotations

import numpy as np

from keras_lite_numpy.elementwise import divide, equal, multiply
from keras_lite_numpy.functions import SHORT, in_float32, spread
from keras_lite_numpy.shaping import concatenate, flip, reshape, strided_slice, transpose
from keras_lite_numpy.tape import Tensor, Traced, call, primitive, values_of
from keras_lite_numpy.tensors import cast, dtype_of, full


def _kept(x: Tensor, axes: tuple[int, ...], of: Tensor) -> Tensor:
    """The reduced `x` with the axes of `of` back as ones."""
    return reshape(x, tuple(1 if i in axes else n for i, n in enumerate(of.shape)))


_sum = in_float32(primitive(lambda x, axes, keepdims: x.sum(axes, dtype=x.dtype, keepdims=keepdims),
                            lambda g, y, x, axes, keepdims: spread(_kept(g, axes, x), x.shape)))


def reduce_sum(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return _sum(x, axes, keepdims)


def reduce_prod(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return _prod(x, axes, keepdims)


@in_float32
def _prod(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if x.__class__ is Traced:
        return _prod_by_halves(x, axes, keepdims)
    return call(lambda x: x.prod(axes, dtype=x.dtype, keepdims=keepdims), x)


def _prod_by_halves(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """Products of halves of the axes: differentiable to any order, zeros included, where dividing the product by `x` is not."""
    kept = tuple(i for i in range(x.ndim) if i not in axes)
    y = transpose(x, kept + axes)
    y = reshape(y, (*(x.shape[i] for i in kept), int(np.prod([x.shape[i] for i in axes], dtype=int))))
    while y.shape[-1] > 1:
        half = y.shape[-1] // 2
        product = multiply(_last(y, 0, half), _last(y, half, 2 * half))
        y = concatenate([product, _last(y, 2 * half, y.shape[-1])], y.ndim - 1) if y.shape[-1] % 2 else product
    if not y.shape[-1]:
        y = full((*y.shape[:-1], 1), 1, dtype_of(x))
    y = reshape(y, y.shape[:-1])
    return _kept(y, axes, x) if keepdims else y


def _last(x: Tensor, start: int, stop: int) -> Tensor:
    """A range of the last axis."""
    lead = x.shape[:-1]
    return strided_slice(x, (0,) * len(lead) + (start,), (*lead, stop), (1,) * x.ndim)


def _shared(g: Tensor, y: Tensor, x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """The gradient in equal parts to all the elements that equal the largest (smallest) one; NaN where that is NaN."""
    hits = cast(equal(x, _kept(y, axes, x)), dtype_of(x))
    return multiply(hits, divide(_kept(g, axes, x), reduce_sum(hits, axes, True)))


_max = in_float32(primitive(lambda x, axes, keepdims: x.max(axes, keepdims=keepdims), _shared))
_min = in_float32(primitive(lambda x, axes, keepdims: x.min(axes, keepdims=keepdims), _shared))


def reduce_max(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return _max(x, axes, keepdims)


def reduce_min(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return _min(x, axes, keepdims)


def reduce_any(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return np.asarray(x.any(axes, keepdims=keepdims))


def reduce_all(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return np.asarray(x.all(axes, keepdims=keepdims))


def comparable(x: Tensor) -> np.ndarray:
    """The array of `x` in a dtype that NumPy orders with NaN last."""
    x = values_of(x)
    return x.astype("float32") if x.dtype in SHORT else x


def argmax(x: Tensor, axis: int) -> Tensor:
    return np.asarray(comparable(x).argmax(axis), "int32")


def argmin(x: Tensor, axis: int) -> Tensor:
    return np.asarray(comparable(x).argmin(axis), "int32")


def cumsum(x: Tensor, axis: int) -> Tensor:
    return _cumsum(x, axis)


_cumsum = in_float32(primitive(lambda x, axis: x.cumsum(axis, dtype=x.dtype),
                               lambda g, y, x, axis: flip(cumsum(flip(g, (axis,)), axis), (axis,))))


def cumprod(x: Tensor, axis: int) -> Tensor:
    return _cumprod(x, axis)


@in_float32
def _cumprod(x: Tensor, axis: int) -> Tensor:
    if x.__class__ is not Traced:
        return call(lambda x: x.cumprod(axis, dtype=x.dtype), x)
    return _cumprod_by_doubling(x, axis)


def _cumprod_by_doubling(x: Tensor, axis: int) -> Tensor:
    """Products of 2, 4, 8, ... neighbours: differentiable to any order, zeros included."""
    step, size = 1, x.shape[axis]
    while step < size:
        head, late, early = (part_of(x, axis, *bounds) for bounds in ((0, step), (step, size), (0, size - step)))
        x, step = concatenate([head, multiply(late, early)], axis), 2 * step
    return x


def part_of(x: Tensor, axis: int, start: int, stop: int) -> Tensor:
    """A range of one axis."""
    starts = tuple(start if i == axis else 0 for i in range(x.ndim))
    return strided_slice(x, starts, tuple(stop if i == axis else n for i, n in enumerate(x.shape)), (1,) * x.ndim)
