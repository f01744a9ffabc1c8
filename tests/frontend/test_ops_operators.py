"""Python operators and indexing on variables and symbolic tensors."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.models.function import Function
from keras_lite.state.variable import Variable
from keras_lite.symbolic.spec import KerasTensor

X = np.array([[1.5, -2.0], [3.0, 0.5]], "float32")
Y = np.array([[2.0, 4.0], [0.5, 1.0]], "float32")
BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.matmul,
          operator.lt, operator.le, operator.gt, operator.ge, operator.ne]
UNARY = [operator.neg, operator.abs, operator.pos]


@pytest.mark.parametrize("function", BINARY, ids=lambda f: f.__name__)
def test_binary_on_variables(engine: Any, function: Any) -> None:
    """Variable with variable, array and tensor, from both sides, as NumPy has it."""
    v, expected = Variable(X), function(X, Y)
    for result in (function(v, Variable(Y)), function(v, Y), function(v, ops.convert_to_tensor(Y)), function(Variable(X), Y)):
        np.testing.assert_allclose(ops.convert_to_numpy(result), expected, rtol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(function(X, Variable(Y))), expected, rtol=1e-6)


@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_unary_on_variables(engine: Any, function: Any) -> None:
    """One operand."""
    np.testing.assert_allclose(ops.convert_to_numpy(function(Variable(X))), function(X))


@pytest.mark.parametrize("function", [*BINARY, *UNARY], ids=lambda f: f.__name__)
def test_symbolic(engine: Any, function: Any) -> None:
    """On KerasTensors operators make nodes, which compute the same later."""
    x = KerasTensor((None, 2))
    unary = function in UNARY
    symbolic = function(x) if unary else function(x, Y)
    expected = function(X) if unary else function(X, Y)
    assert symbolic.shape == (None, 2) if unary or function is operator.matmul else symbolic.shape == (2, 2)
    np.testing.assert_allclose(ops.convert_to_numpy(Function([x], [symbolic])([ops.convert_to_tensor(X)])[0]), expected, rtol=1e-6)


def test_powers_and_scalars(engine: Any) -> None:
    """Python numbers keep the dtype of the tensor."""
    v = Variable(X)
    for result, expected in ((v ** 2, X ** 2), (2 - v, 2 - X), (1 / v, 1 / X), (v // 2, X // 2), (2.0 ** v, 2.0 ** X),
                             (3 % v, 3 % X), (round(v, 0), np.round(X))):
        assert ops.dtype(result) == "float32"
        np.testing.assert_allclose(ops.convert_to_numpy(result), expected, rtol=1e-6)


def test_numbers_beyond_float16(engine: Any) -> None:
    """They are infinite beside its tensors."""
    x = ops.convert_to_tensor(np.float16([6e4, 0.5]))
    for number in (1e5, 70000):
        assert ops.convert_to_numpy(ops.divide(x, number)).tolist() == [0.0, 0.0]
        assert ops.convert_to_numpy(ops.multiply(number, x)).tolist() == [np.inf, np.inf]
        assert ops.convert_to_numpy(ops.subtract(x, number)).tolist() == [-np.inf, -np.inf]
    assert ops.convert_to_numpy(ops.multiply(x, 65504.0))[1] == 32752


def test_logic(engine: Any) -> None:
    """&, |, ^ and ~ are logical."""
    a, b = np.array([True, True, False]), np.array([True, False, False])
    v = Variable(a, dtype="bool", trainable=False)
    for result, expected in ((v & b, a & b), (v | b, a | b), (v ^ b, a ^ b), (~v, ~a)):
        np.testing.assert_array_equal(ops.convert_to_numpy(result), expected)


def test_equality(engine: Any) -> None:
    """Variables compare values and hash by identity; KerasTensors are equal only to themselves."""
    v, w = Variable(X), Variable(X)
    assert ops.convert_to_numpy(v == w).all()
    assert len({v, w}) == 2 and v in {v}
    x, y = KerasTensor((2,)), KerasTensor((2,))
    assert [x, y].index(y) == 1 and len({x, y}) == 2


def test_indexing(engine: Any) -> None:
    """Brackets on variables and symbolic tensors, and rows of a variable."""
    v = Variable(X)
    np.testing.assert_array_equal(ops.convert_to_numpy(v[0, ::-1]), X[0, ::-1])
    np.testing.assert_array_equal(ops.convert_to_numpy(v[v > 1.0]), X[X > 1.0])
    assert [ops.convert_to_numpy(row).tolist() for row in v] == X.tolist()
    assert KerasTensor((None, 3, 1)).squeeze(-1).reshape(-1, 3).shape == (None, 3)


def test_unsupported() -> None:
    """An operand that can't be one is Python's own error."""
    with pytest.raises(TypeError):
        KerasTensor((2,)) + None
    with pytest.raises(TypeError):
        "text" + KerasTensor((2,))
