"""One of the equally right answers of a factorization: that on which two engines must agree.

Eigenvectors and singular vectors have no sign, the columns that complete a basis are any, and eigenvalues of general matrices
have no order.  The parity matrix maps results by these functions before it compares them; shapes and dtypes stay.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import greater_equal, multiply
from keras_lite.ops.contraction import matmul
from keras_lite.ops.core import cast
from keras_lite.ops.elementwise import absolute, sign
from keras_lite.ops.facts import shape_of
from keras_lite.ops.indexing import take_along_axis
from keras_lite.ops.linalg.matrices import swap
from keras_lite.ops.reductions import argmax, reduce_max, reduce_sum
from keras_lite.ops.shaping import concatenate, part_of

_LARGE = 0.73  # of the largest entry; no ratio that turns up in simple matrices


def _signs(v: Any) -> Any:
    """For each column the sign of its first large entry."""
    if sizes.is_empty(shape_of(v)):
        return reduce_sum(v, -2, keepdims=True)
    size = absolute(v)
    large = greater_equal(size, multiply(reduce_max(size, -2, keepdims=True), _LARGE))
    return sign(take_along_axis(v, argmax(cast(large, "int32"), -2, keepdims=True), -2))


def eigenvectors(w: Any, v: Any) -> tuple[Any, Any]:
    """The first large entry of each vector is positive."""
    return w, multiply(v, _signs(v))


def singular_vectors(*parts: Any) -> tuple[Any, ...]:
    """The first large entry of each left vector is positive; for a basis of the rest stand columns of the projection on it."""
    if len(parts) == 1:
        return parts
    u, s, vt = parts
    k, v = shape_of(s)[-1], swap(vt)
    signs = _signs(_columns(u, 0, k))
    return _with_projection(u, k, signs), s, swap(_with_projection(v, k, signs))


def reflected(q: Any, r: Any) -> tuple[Any, Any]:
    """For the basis of the rest stand columns of the projection on it."""
    return _with_projection(q, min(shape_of(q)[-2], shape_of(r)[-1]), 1.0), r


def _columns(q: Any, start: int, stop: int) -> Any:
    return part_of(q, len(shape_of(q)) - 1, start, stop)


def _with_projection(q: Any, k: int, signs: Any) -> Any:
    n = shape_of(q)[-1]
    rest = _columns(q, k, n)
    return concatenate([multiply(_columns(q, 0, k), signs), _columns(matmul(rest, swap(rest)), 0, n - k)], -1)


def complex_eigenvectors(w: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues in order of their real and imaginary parts; the first large entry of each vector is a positive number."""
    order = np.lexsort((w.imag, np.round(w.real, 3)), axis=-1)
    w, v = np.take_along_axis(w, order, -1), np.take_along_axis(v, order[..., None, :], -1)
    if not v.size:
        return w, v
    size = np.abs(v)
    first = (size >= _LARGE * size.max(-2, keepdims=True)).argmax(-2, keepdims=True)
    entry = np.take_along_axis(v, first, -2)
    return w, v / (entry / np.abs(entry))
