"""Python operators on KerasTensor and Variable; imported for its effect by `keras_lite.ops`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keras_lite.ops import arithmetic as a
from keras_lite.ops import elementwise as e
from keras_lite.ops.contraction import matmul
from keras_lite.ops.shaping import reshape, squeeze, unstack
from keras_lite.ops.slicing import get_item
from keras_lite.state.variable import Variable
from keras_lite.symbolic.spec import KerasTensor, Operators

Function = Callable[..., Any]

BINARY: dict[str, Function] = {
    "add": a.add, "sub": a.subtract, "mul": a.multiply, "truediv": a.divide, "floordiv": a.floor_divide, "mod": a.remainder,
    "pow": a.power, "matmul": matmul, "and": a.logical_and, "or": a.logical_or, "xor": a.logical_xor,
}
COMPARISONS: dict[str, Function] = {"lt": a.less, "le": a.less_equal, "gt": a.greater, "ge": a.greater_equal, "ne": a.not_equal}
UNARY: dict[str, Function] = {"neg": e.negative, "abs": e.absolute, "invert": a.logical_not}


def _operator(function: Function) -> Function:
    def method(self: Any, other: Any) -> Any:
        return NotImplemented if other is None or isinstance(other, (str, dict)) else function(self, other)

    return method


def _reflected(function: Function) -> Function:
    def method(self: Any, other: Any) -> Any:
        return NotImplemented if other is None or isinstance(other, (str, dict)) else function(other, self)

    return method


def _unary(function: Function) -> Function:
    return lambda self: function(self)


def _attach(kind: Any) -> None:
    for name, function in BINARY.items():
        setattr(kind, f"__{name}__", _operator(function))
        setattr(kind, f"__r{name}__", _reflected(function))
    for name, function in COMPARISONS.items():
        setattr(kind, f"__{name}__", _operator(function))
    for name, function in UNARY.items():
        setattr(kind, f"__{name}__", _unary(function))
    kind.__pos__ = lambda self: self
    kind.__round__ = lambda self, decimals=0: e.round(self, decimals or 0)
    kind.__getitem__ = lambda self, key: get_item(self, key)
    kind.__array_priority__ = 100  # `ndarray + x` asks `x` before it tries elementwise itself


def _variable_rows(self: Any) -> Iterator[Any]:
    return iter(unstack(self))


def _reshape_method(self: Any, *newshape: Any) -> Any:
    return reshape(self, newshape[0] if len(newshape) == 1 and isinstance(newshape[0], (list, tuple)) else newshape)


_tensor: Any = KerasTensor  # Any, since the classes do not declare what they are given here
_variable: Any = Variable
_attach(Operators)
# `==` compares the values of variables, but the identity of KerasTensors (they are looked up in lists and dicts), as in Keras.
_variable.__eq__ = _operator(a.equal)
_variable.__iter__ = _variable_rows
_tensor.reshape = _reshape_method
_tensor.squeeze = lambda self, axis=None: squeeze(self, axis)
