"""Natives that are one kernel of TensorFlow, or a function of NumPy, where the composite is many: they count in small eager calls.

They serve float32 and float64 tensors that no tape records.  What a kernel refuses, the composite computes or explains.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from keras_lite_tensorflow.elementwise import greater, multiply, where
from keras_lite_tensorflow.kernels import plain_eager, raw

Tensor: TypeAlias = tf.Tensor
_FLOATS = (tf.float32, tf.float64)
_WHOLE = (tf.int32, tf.int64)
_MANY = 65536  # elements above which the way to NumPy and back is not worth it


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """A native of a tensor, by position, and of further arguments."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        x = args[0] if args else None
        if not (isinstance(x, tf.Tensor) and x.dtype in _FLOATS and plain_eager() and 0 not in x.shape):
            return NotImplemented
        try:
            return function(*args, **kwargs)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
            return NotImplemented

    return run


def _finite(y: Tensor) -> Any:
    """A result of linear algebra if it is one."""
    return y if np.isfinite(y.numpy().sum()) else NotImplemented


def _alike(x: Tensor, y: Any) -> bool:
    """Whether `y` is a tensor of the dtype of `x` and not empty."""
    return isinstance(y, tf.Tensor) and y.dtype == x.dtype and 0 not in y.shape


# --- matrices ------------------------------------------------------------------------------------------------------------


@plain
def tril(x: Tensor, k: int = 0) -> Any:
    return raw.MatrixBandPart(input=x, num_lower=-1, num_upper=k) if type(k) is int and k >= 0 and len(x.shape) > 1 else NotImplemented


@plain
def triu(x: Tensor, k: int = 0) -> Any:
    if type(k) is not int or k > 0 or len(x.shape) < 2:
        return NotImplemented
    return raw.MatrixBandPart(input=x, num_lower=-k, num_upper=-1)


@plain
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    if not type(offset) is type(axis1) is type(axis2) is int or (offset, axis1, axis2) != (0, 0, 1) or len(x.shape) != 2:
        return NotImplemented
    return raw.MatrixDiagPart(input=x)


@plain
def diag(x: Tensor, k: int = 0) -> Any:
    if type(k) is not int or k or len(x.shape) not in (1, 2):
        return NotImplemented
    return raw.MatrixDiagPart(input=x) if len(x.shape) == 2 else raw.MatrixDiag(diagonal=x)


@plain
def cholesky(x: Tensor, upper: bool = False) -> Any:
    return NotImplemented if upper or len(x.shape) < 2 else _finite(raw.Cholesky(input=x))


@plain
def inv(x: Tensor) -> Any:
    return _finite(raw.MatrixInverse(input=x)) if len(x.shape) > 1 else NotImplemented


@plain
def eigh(x: Tensor) -> Any:
    if len(x.shape) < 2 or not np.isfinite(x.numpy().sum()):
        return NotImplemented
    values, vectors = raw.SelfAdjointEigV2(input=x)
    return values, vectors


@plain
def solve(a: Tensor, b: Tensor) -> Any:
    fits = _alike(a, b) and len(a.shape) > 1 and len(a.shape) == len(b.shape) and a.shape[:-1] == b.shape[:-1]
    return _finite(raw.MatrixSolve(matrix=a, rhs=b)) if fits else NotImplemented


@plain
def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Any:
    fits = _alike(a, b) and len(a.shape) > 1 and len(a.shape) == len(b.shape) and a.shape[:-1] == b.shape[:-1]
    return _finite(raw.MatrixTriangularSolve(matrix=a, rhs=b, lower=bool(lower))) if fits and a.shape[-1] == a.shape[-2] else NotImplemented


@plain
def norm(x: Tensor, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002  # the op's name
    one = type(axis) is int and (ord is None or (type(ord) in (int, float) and ord == 2))
    if not x.shape.rank or not (one or (ord is None and axis is None)):
        return NotImplemented
    axes = axis if one else tf.constant(range(len(x.shape)))
    return raw.Sqrt(x=raw.Sum(input=raw.Square(x=x), axis=axes, keep_dims=bool(keepdims)))


@plain
def cross(x1: Tensor, x2: Tensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    known = axis is None and axisa == axisb == axisc == -1 and x1.shape == x2.shape and x1.shape[-1:] == [3]
    return raw.Cross(a=x1, b=x2) if known else NotImplemented


# --- elements ------------------------------------------------------------------------------------------------------------


@plain
def elu(x: Tensor, alpha: Any = 1.0) -> Any:
    below = raw.Expm1(x=x)
    return where(greater(x, 0.0), x, below if alpha == 1.0 else multiply(below, alpha)) if type(alpha) in (int, float) else NotImplemented


@plain
def selu(x: Tensor) -> Any:
    return multiply(elu(x, 1.6732632423543772), 1.0507009873554805)


@plain
def softsign(x: Tensor) -> Any:
    return raw.Softsign(features=x)


# --- classes and segments ------------------------------------------------------------------------------------------------


@plain
def take_class(x: Tensor, labels: Tensor, axis: int) -> Any:
    if not isinstance(labels, tf.Tensor) or labels.shape != x.shape[:axis] + x.shape[axis + 1:] or np.prod(x.shape) > _MANY:
        return NotImplemented
    values, classes = x.numpy(), labels.numpy()
    inside = (classes >= 0) & (classes < values.shape[axis])
    index = np.expand_dims(np.where(inside, classes, 0), axis)
    return tf.constant(np.where(inside, np.take_along_axis(values, index, axis).squeeze(axis), 0), x.dtype)


@plain
def segment_sum(data: Tensor, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:  # noqa: A002  # as above
    if not isinstance(segment_ids, tf.Tensor) or segment_ids.dtype not in _WHOLE or segment_ids.shape != data.shape[:1]:
        return NotImplemented
    if type(num_segments) is not int or num_segments < 0:
        return NotImplemented
    return raw.UnsortedSegmentSum(data=data, segment_ids=segment_ids, num_segments=num_segments)


@plain
def scatter_update(inputs: Tensor, indices: Any, updates: Tensor, reduction: str | None = None) -> Any:
    if reduction is not None or not isinstance(indices, tf.Tensor) or indices.dtype not in _WHOLE or not _alike(inputs, updates):
        return NotImplemented
    if not indices.shape.rank or 0 in indices.shape or updates.shape != indices.shape[:-1] + inputs.shape[indices.shape[-1]:]:
        return NotImplemented
    return raw.TensorScatterUpdate(tensor=inputs, indices=indices, updates=updates)


# --- arrangement ---------------------------------------------------------------------------------------------------------


@plain
def unstack(x: Tensor, num: int | None = None, axis: int = 0) -> Any:
    if num is not None or type(axis) is not int or not -len(x.shape) <= axis < len(x.shape):
        return NotImplemented
    return list(raw.Unpack(value=x, num=x.shape[axis], axis=axis))


@plain
def split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> Any:
    parts = indices_or_sections
    if type(parts) is not int or type(axis) is not int or not -len(x.shape) <= axis < len(x.shape) or parts < 1 or x.shape[axis] % parts:
        return NotImplemented
    return list(tf.split(x, parts, axis))


def irfft(x: Any, fft_length: int | None = None) -> Any:
    if type(x) not in (list, tuple) or len(x) != 2 or type(fft_length) not in (int, type(None)):
        return NotImplemented
    return _irfft(*x, fft_length)


@plain
def _irfft(real: Tensor, imag: Any, length: int | None) -> Any:
    if not _alike(real, imag) or real.shape != imag.shape or not real.shape.rank or "CPU" not in real.device:
        return NotImplemented
    n = 2 * (real.shape[-1] - 1) if length is None else length
    if n < 1 or real.shape[-1] != n // 2 + 1:
        return NotImplemented
    spectrum = raw.Complex(real=real, imag=imag, Tout=tf.complex64 if real.dtype == tf.float32 else tf.complex128)
    return raw.IRFFT(input=spectrum, fft_length=[n], Treal=real.dtype)


SHORTCUTS: dict[str, Callable[..., Any]] = {f.__name__: f for f in (
    tril, triu, diagonal, diag, cholesky, inv, eigh, solve, solve_triangular, norm, cross, elu, selu, softsign, take_class, segment_sum,
    scatter_update, unstack, split, irfft,
)}
