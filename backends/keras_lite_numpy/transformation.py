"""Differentiation and compilation of pure functions of tensors.  There is no compiler: functions run as they are."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import numpy_dtype
from keras_lite.engine.errors import not_there
from keras_lite_numpy.complex_numbers import conjugate
from keras_lite_numpy.elementwise import add
from keras_lite_numpy.functions import NAMES, is_inexact
from keras_lite_numpy.tape import Tensor, Traced, gradients, level_of, outside, several, silence, values_of
from keras_lite_numpy.tensors import is_tensor

Tensors = list[Tensor]
_levels = itertools.count(1)  # a level that opens inside another has the higher number


def stop_gradient(x: Tensor) -> Tensor:
    return values_of(x)


def on_host(x: Tensor) -> np.ndarray | None:
    return None if x.__class__ is Traced else x


def is_eager() -> bool:
    return True


def value_and_grad(fn: Callable[[Tensors], tuple[Tensor, Any]], tensors: Tensors) -> tuple[Tensor, Any, Tensors]:
    level = next(_levels)
    inputs = [Traced(x, level) if is_inexact(x.dtype) else x for x in tensors]
    with silence():
        value, aux = fn(inputs)
        aux = _map(lambda x: x.value if x.__class__ is Traced and x.level == level else x, aux)
        if value.__class__ is not Traced or value.level != level:
            return value, aux, [_zeros(x) for x in tensors]
        slopes = gradients(value, np.ones(value.shape, value.dtype), inputs, add)
    return value.value, aux, [_zeros(x) if slope is None else conjugate(slope) for x, slope in zip(tensors, slopes, strict=True)]


def _zeros(x: Tensor) -> Tensor:
    return np.zeros(x.shape, x.dtype)


def _map(fn: Callable[[Tensor], Any], nest: Any) -> Any:
    """`fn` of the tensors in a nest of lists, tuples and dicts."""
    if is_tensor(nest):
        return fn(nest)
    if isinstance(nest, dict):
        return type(nest)((key, _map(fn, value)) for key, value in nest.items())
    if isinstance(nest, tuple) and hasattr(nest, "_fields"):
        return type(nest)(*(_map(fn, item) for item in nest))
    return type(nest)(_map(fn, item) for item in nest) if isinstance(nest, (list, tuple)) else nest


def custom_gradient(forward: Callable[..., tuple[Tensors, Tensors]], backward: Callable[[Tensors, Tensors], Tensors],
                    tensors: Tensors) -> Tensors:
    level = level_of(tensors)
    if not level:
        return [values_of(y) for y in forward(*tensors)[0]]  # also where `forward` closes over what is traced
    outputs, residuals = forward(*outside(tensors, level))
    outputs = list(outside(outputs, level))

    def pull(cotangents: dict[int, Tensor]) -> list[tuple[Traced, Tensor]]:
        given = [conjugate(cotangents[i]) if i in cotangents else _zeros(y) for i, y in enumerate(outputs)]
        pairs = zip(tensors, backward(residuals, given), strict=True)
        return [(x, conjugate(slope)) for x, slope in pairs if x.__class__ is Traced and x.level == level]

    return several(outputs, level, pull)


def compile(fn: Callable[..., Any]) -> Callable[..., Any]:  # noqa: A001  # the contract's name; the builtin is not used here
    return functools.wraps(fn)(silence()(fn))


def compile_step(step: Callable[[Tensors, Tensors, Tensor], Tensors], layouts: Any = None) -> Callable[..., Tensors]:
    if layouts is not None:
        raise not_there("compile_step", f"the numpy engine has no layouts, got {layouts!r}; leave it None")

    def run(carry: Tensors, source: Tensors, start: int, count: int) -> Tensors:
        with silence():
            for index in range(start, start + count):
                carry = step(carry, source, np.array(index, "int32"))
        return carry

    return run


def eval_shape(fn: Callable[..., Any], specs: list[tuple[tuple[int, ...], str]]) -> Any:
    with silence():
        result = fn(*(np.zeros(shape, numpy_dtype(dtype)) for shape, dtype in specs))
    return _map(lambda x: (x.shape, NAMES[x.dtype]), result)
