"""What the functions of matrices share: checks, transposes, symmetry, and errors that depend on values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import numpy_dtype
from keras_lite.engine.errors import invalid, not_there
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import maximum, multiply, where
from keras_lite.ops.contraction import matmul
from keras_lite.ops.core import cast, with_gradient
from keras_lite.ops.creation import tri
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.reductions import reduce_max
from keras_lite.ops.sample import Array, Sample, array, f32
from keras_lite.ops.shaping import expand_dims
from keras_lite.ops.statistics import wide

_ORDERS = 3  # of the gradients that `solved` has
_SMALL = 256  # up to this size a mask is made on the host: one constant in place of five ops
NOT_SQUARE = Sample(f32(3, 2), error=r"the matrices must be square, got shape \(3, 2\)")
LOW_RANK = array([[1, 2, 3], [2, 4, 6], [1, 0, 1], [3, 4, 7]])
VECTOR = Sample(f32(3), error=r"a matrix has 2 axes or more, got shape \(3,\)")
COMPLEX_MATRIX = Sample(array([[1j]], "complex64"), error="is for real numbers, got complex64")


def positive_definite(*shape: int) -> Array:
    """A sample's symmetric matrices with eigenvalues of about 1 to 5, of small multiples of 1/8: exact in every float dtype."""
    x = np.random.default_rng(shape).integers(-3, 4, shape) / 8
    n = shape[-1]
    return array(np.round((x + np.swapaxes(x, -1, -2)) * 4) / 8 + np.diag(np.arange(2.0, n + 2.0)))


def matrix(name: str, x: Any) -> Any:
    """`x` in at least float32; raises for a vector."""
    if rank_of(x) < 2:
        raise invalid(name, f"a matrix has 2 axes or more, got shape {shape_of(x)}")
    return wide(x)


def square_matrix(name: str, x: Any) -> Any:
    """`matrix`, with as many rows as columns."""
    x = matrix(name, x)
    m, n = shape_of(x)[-2:]
    if isinstance(m, int) and isinstance(n, int) and m != n:
        raise invalid(name, f"the matrices must be square, got shape {shape_of(x)}")
    return x


def swap(x: Any) -> Any:
    """Each matrix transposed."""
    rank = rank_of(x)
    return registry.current().transpose(x, (*range(rank - 2), rank - 1, rank - 2))


def composed(u: Any, s: Any, vt: Any) -> Any:
    """u @ diag(s) @ vt."""
    return matmul(multiply(u, expand_dims(s, -2)), vt)


def symmetric(x: Any) -> Any:
    """The symmetric matrices whose lower triangle is that of `x`, which alone is read."""
    n = shape_of(x)[-1]
    lower = np.tri(n, dtype=bool) if isinstance(n, int) and n <= _SMALL else tri(n, dtype="bool")
    return where(lower, x, swap(x))


def largest(s: Any) -> Any:
    """Largest of the values along the last axis (kept); 0 if there are none."""
    return reduce_max(s, -1, keepdims=True, initial=0.0 if sizes.is_empty(shape_of(s)[-1:]) else None)


def unit(x: Any) -> float:
    """The distance from 1 to the next number in the dtype of `x`."""
    return float(ml_dtypes.finfo(numpy_dtype(dtype_of(x))).eps)


def rounding(like: Any, x: Any) -> Any:
    """How far singular values of matrices `x` are known, relative to the largest one: max(m, n) units of the dtype of `like`."""
    m, n = shape_of(x)[-2:]
    if isinstance(m, int) and isinstance(n, int):
        return max(m, n) * unit(like)
    return unit(like) if m is None or n is None else multiply(cast(maximum(m, n), dtype_of(x)), unit(like))


def solved(forward: Callable[..., list[Any]], backward: Callable[..., Any], tensors: list[Any], orders: int = _ORDERS) -> list[Any]:
    """`outputs` of `forward(*tensors)`, whose gradients of every order are those of `backward([*tensors, *outputs], cotangents)`.

    For what is already known of a tensor, such as its factors: `forward` may take it from them, as if it were a constant.  Some engines
    differentiate what `forward` does once more, so it does the same again for each order, and there is an end to these.
    """
    def again(*tensors: Any) -> tuple[list[Any], list[Any]]:
        outputs = solved(forward, backward, list(tensors), orders - 1) if orders else forward(*tensors)
        return outputs, [*tensors, *outputs]

    return with_gradient(tensors, again, backward if orders else _no_more)


def _no_more(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
    raise not_there("gradient", f"functions of matrices have gradients up to order {_ORDERS}")


def refuse_failure(name: str, problem: str, result: Any, *given: Any) -> None:
    """Raise ValueError where `result` is not finite though all that was given is, if values can be read: eagerly."""
    engine = registry.current()
    total = _values(engine, engine.reduce_sum(result, tuple(range(rank_of(result))), False))
    if total is None or np.isfinite(total):  # the cheapest question; a sum that only overflows is asked again
        return
    arrays = [_values(engine, x) for x in (result, *given)]
    if not np.isfinite(arrays[0]).all() and all(np.isfinite(x).all() for x in arrays[1:]):
        raise invalid(name, problem)


def _values(engine: Any, x: Any) -> Any:
    """The values of a tensor; None inside a transformation or a description, where it has none yet."""
    try:
        return engine.to_numpy(x)
    except Exception:  # each engine has its own way to say so
        return None
