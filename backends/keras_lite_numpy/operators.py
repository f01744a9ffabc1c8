"""Python's operators, indexing and conversions on traced tensors, with NumPy's promotion; imported for its effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_lite_numpy import elementwise as e
from keras_lite_numpy.contraction import matmul
from keras_lite_numpy.functions import as_type, is_array
from keras_lite_numpy.shaping import reshape, transpose, unstack
from keras_lite_numpy.tape import Tensor, Traced, primitive, values_of

BINARY = {
    "add": e.add, "sub": e.subtract, "mul": e.multiply, "truediv": e.divide, "floordiv": e.floor_divide, "mod": e.remainder,
    "pow": e.power, "matmul": matmul, "lt": e.less, "le": e.less_equal, "gt": e.greater, "ge": e.greater_equal, "eq": e.equal,
    "ne": e.not_equal,
}
REFLECTED = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")


def _operator(function: Callable[[Any, Any], Tensor], reflected: bool = False) -> Callable[[Traced, Any], Tensor]:
    def method(self: Traced, other: Any) -> Tensor:
        if not isinstance(other, (Traced, np.ndarray, np.generic, int, float, complex)):
            return NotImplemented
        if type(other) is complex:  # a real tensor becomes complex too
            other = np.asarray(other, np.result_type(self.dtype, np.complex64))
        x, other = self, other if is_array(other) or type(other) in (bool, int, float) else np.asarray(other)
        if is_array(other) and other.dtype != x.dtype:
            common = np.result_type(x.dtype, other.dtype)
            x, other = as_type(x, common), as_type(other, common)
        return function(other, x) if reflected else function(x, other)

    return method


def _unindexed(g: np.ndarray, shape: tuple[int, ...], key: Any) -> np.ndarray:
    y = np.zeros(shape, g.dtype)
    np.add.at(y, key, g)
    return y


_index = primitive(lambda x, key: x[key], lambda g, y, x, key: _unindex(g, x.shape, key))
_unindex = primitive(_unindexed, lambda h, y, g, shape, key: _index(h, key))


def _rows(self: Traced) -> Iterator[Tensor]:
    return iter(unstack(self))


def _reshaped(self: Traced, *shape: Any) -> Tensor:
    return reshape(self, tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (list, tuple)) else shape)


def _attach(**methods: Callable[..., Any] | property) -> None:
    for name, method in methods.items():
        setattr(Traced, name, method)


_attach(**{f"__{name}__": _operator(function) for name, function in BINARY.items()})
_attach(**{f"__r{name}__": _operator(BINARY[name], reflected=True) for name in REFLECTED})
_attach(__neg__=lambda self: e.negative(self), __pos__=lambda self: self, __abs__=lambda self: e.absolute(self), __hash__=object.__hash__,
        __getitem__=lambda self, key: _index(self, key), __len__=lambda self: self.shape[0], __iter__=_rows,
        __bool__=lambda self: bool(values_of(self)), __int__=lambda self: int(values_of(self)),
        __float__=lambda self: float(values_of(self)),
        reshape=_reshaped, astype=lambda self, dtype: as_type(self, np.dtype(dtype)),
        T=property(lambda self: transpose(self, tuple(range(self.ndim))[::-1])))
