"""Makers of functions of one and two tensors, and the rule for short floats.

bfloat16, float16 and the 8-bit floats are computed in float32 and rounded once.  Functions that do not round (`exact`) take them
as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import ALL, FLOAT8, numpy_dtype
from keras_lite_numpy.tape import Derivative, Tensor, Traced, call, primitive, record

NAMES = {numpy_dtype(name): name for name in ALL}  # a look-up: NumPy composes `dtype.name` anew at each reading
SHORT = frozenset(numpy_dtype(name) for name in ("bfloat16", "float16", *FLOAT8))
FLOAT32 = np.dtype("float32")


def is_array(x: Any) -> bool:
    """Whether `x` is an array or traced."""
    return x.__class__ is np.ndarray or x.__class__ is Traced


def _as_type(x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "b":
        return x != 0
    if x.dtype.kind == "c" and dtype.kind != "c":
        x = x.real
    return x.astype(dtype)


# the gradient comes back in the dtype of `x`; to and from integers there is none
as_type = primitive(_as_type, lambda g, y, x, dtype: as_type(g, x.dtype) if is_inexact(x.dtype) and is_inexact(dtype) else None)


def is_inexact(dtype: np.dtype) -> bool:
    """Whether it is a float or complex dtype."""
    return dtype.kind in "fc" or dtype in SHORT


def in_float32(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """`function` with the short floats among its arguments as float32, and the result rounded back."""
    @functools.wraps(function)
    def run(*args: Any) -> Tensor:
        for x in args:
            if is_array(x) and x.dtype in SHORT:
                dtype = x.dtype
                break
        else:
            return function(*args)
        return as_type(function(*(as_type(x, FLOAT32) if is_array(x) and x.dtype in SHORT else x for x in args)), dtype)

    return run


def unary(forward: Callable[[np.ndarray], Any], derivative: Derivative = None, exact: bool = False) -> Callable[[Tensor], Tensor]:
    """A function of one tensor; `derivative(g, y, x)`."""
    def function(x: Tensor) -> Tensor:
        if not exact and x.dtype in SHORT:
            return as_type(function(as_type(x, FLOAT32)), x.dtype)
        if x.__class__ is Traced:
            return record(function, (derivative,), x.level, (x,))
        return call(forward, x)

    function.__name__ = forward.__name__
    return function


def binary(forward: Callable[[Any, Any], Any], derivative1: Derivative = None, derivative2: Derivative = None,
           exact: bool = False) -> Callable[[Tensor, Tensor], Tensor]:
    """A function of two tensors that broadcast, or of a tensor and a number; `derivative(g, y, x1, x2)` before undoing broadcasts."""
    derivatives = tuple(d and _fitted(d, i) for i, d in enumerate((derivative1, derivative2)))

    def function(x1: Tensor, x2: Tensor) -> Tensor:
        dtype = x1.dtype if is_array(x1) else x2.dtype
        if dtype in SHORT:
            x1, x2 = (x if is_array(x) else call(np.asarray, x, dtype) for x in (x1, x2))
            if not exact:
                return _rounded(function(as_type(x1, FLOAT32), as_type(x2, FLOAT32)), dtype)
        level = x1.level if x1.__class__ is Traced else 0
        if x2.__class__ is Traced and x2.level > level:
            level = x2.level
        return record(function, derivatives, level, (x1, x2)) if level else call(forward, x1, x2)

    function.__name__ = forward.__name__
    return function


def _rounded(y: Tensor, dtype: np.dtype) -> Tensor:
    return as_type(y, dtype) if y.dtype == FLOAT32 else y


def _fitted(derivative: Callable[..., Tensor], position: int) -> Callable[..., Tensor]:
    """The gradient in the shape of the argument, which may have been broadcast."""
    return lambda g, y, *args: sum_to(derivative(g, y, *args), args[position].shape)


def _sum_to(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The sum over the axes along which something of `shape` was broadcast to the shape of `x`."""
    extra = x.ndim - len(shape)
    axes = (*range(extra), *(i + extra for i, n in enumerate(shape) if n == 1 and x.shape[i + extra] != 1))
    return x.sum(axes, dtype=x.dtype).reshape(shape)


_summed = in_float32(primitive(_sum_to, lambda g, y, x, shape: spread(g, x.shape)))
spread = primitive(np.broadcast_to, lambda g, y, x, shape: sum_to(g, x.shape))


def sum_to(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`x` if it has the shape, else summed to it: the adjoint of `spread`."""
    return x if x.shape == shape else _summed(x, shape)
