"""Checks of elementwise functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_lite.engine.checks.tools import INF, NAN, gradient, holds, same, second_gradient, tensor

_UNARY = ("negative", "absolute", "sign", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh",
          "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "floor", "ceil", "round")
_BINARY = ("add", "subtract", "multiply", "divide", "floor_divide", "remainder", "power", "arctan2", "maximum", "minimum", "equal",
           "not_equal", "less", "less_equal", "greater", "greater_equal")
_EDGES = np.array([-2.5, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.5, 30.0, INF, -INF, NAN], "float32")


def functions_of_one_float_are_numpys(e: Any) -> None:
    with np.errstate(all="ignore"):
        for name in _UNARY:
            want = getattr(np, name)(_EDGES.astype("float64")).astype("float32")
            same(e, getattr(e, name)(tensor(e, _EDGES)), want, "float32", 1e-5, name)
    same(e, e.is_nan(tensor(e, _EDGES)), np.isnan(_EDGES), "bool")
    same(e, e.is_finite(tensor(e, _EDGES)), np.isfinite(_EDGES), "bool")


def functions_beyond_numpy(e: Any) -> None:
    x = [0.1, 0.5, 0.9]
    same(e, e.rsqrt(tensor(e, [0.25, 4.0, 0.0])), [2, 0.5, INF], "float32", 1e-6)
    same(e, e.erf(tensor(e, x)), [math.erf(v) for v in x], "float32", 1e-6)
    same(e, e.erf(e.erfinv(tensor(e, x))), x, "float32", 1e-5)
    same(e, e.erfinv(tensor(e, [1, -1, 0])), [INF, -INF, 0])
    same(e, e.lgamma(tensor(e, [0.5, 3.0, 10.0])), [math.lgamma(v) for v in (0.5, 3.0, 10.0)], "float32", 1e-5)
    same(e, e.digamma(tensor(e, [1.0, 2.0])), [-0.5772157, 0.4227843], "float32", 1e-5)


def small_arguments_keep_their_digits(e: Any) -> None:
    tiny = tensor(e, [1e-10])
    for name in ("expm1", "log1p", "sin", "tanh", "arcsinh", "arctanh"):
        got = float(e.to_numpy(getattr(e, name)(tiny))[0])
        holds(abs(got - 1e-10) < 1e-15, f"{name}(1e-10) is {got}")


def round_goes_to_even(e: Any) -> None:
    same(e, e.round(tensor(e, [0.5, 1.5, 2.5, -0.5, -1.5])), [0, 2, 2, 0, -2], "float32")


def functions_of_two_floats_are_numpys(e: Any) -> None:
    x1, x2 = (a.ravel() for a in np.meshgrid(_EDGES, np.array([-3.0, -0.5, 1.0, 2.0, 4.0], "float32")))
    with np.errstate(all="ignore"):
        for name in _BINARY:
            finite = np.isfinite(x1) if name in ("floor_divide", "remainder", "power") else np.full(x1.shape, True)
            want = getattr(np, name)(x1[finite], x2[finite])
            same(e, getattr(e, name)(tensor(e, x1[finite]), tensor(e, x2[finite])), want, str(want.dtype), 1e-5, name)


def functions_of_two_integers_are_numpys(e: Any) -> None:
    x1, x2 = np.array([7, -7, 7, -7, 0], "int32"), np.array([3, 3, -3, -3, 5], "int32")
    for name in ("add", "subtract", "multiply", "floor_divide", "remainder", "maximum", "minimum", "less", "equal"):
        want = getattr(np, name)(x1, x2)
        same(e, getattr(e, name)(tensor(e, x1, "int32"), tensor(e, x2, "int32")), want, str(want.dtype), of=name)
    same(e, e.power(tensor(e, [2, 0, -3], "int32"), tensor(e, [3, 0, 3], "int32")), [8, 1, -27], "int32")


def integer_powers_look_at_all_bits_of_the_exponent(e: Any) -> None:
    same(e, e.power(tensor(e, [0, 2, 3, 3, 1], "int32"), tensor(e, [64, 64, 100, 65, 2**30], "int32")), [0, 0, -818408495, 1820079875, 1],
         "int32")
    same(e, e.power(tensor(e, [3, 2], "uint16"), tensor(e, [65535, 64], "uint16")), [43691, 0], "uint16")
    same(e, e.power(3, tensor(e, [100], "int32")), [-818408495], "int32")


def operands_broadcast(e: Any) -> None:
    same(e, e.add(tensor(e, [[1], [2]]), tensor(e, [10, 20, 30])), [[11, 21, 31], [12, 22, 32]], "float32")
    same(e, e.less(tensor(e, np.zeros((0, 1))), tensor(e, [1, 2])), np.zeros((0, 2)), "bool")


def integers_wrap_around(e: Any) -> None:
    same(e, e.add(tensor(e, [200], "uint8"), tensor(e, [100], "uint8")), [44], "uint8")
    same(e, e.multiply(tensor(e, [100], "int8"), 3), [44], "int8")
    same(e, e.negative(tensor(e, [1, 0], "uint8")), [255, 0], "uint8")
    same(e, e.subtract(tensor(e, [0], "uint32"), 1), [4294967295], "uint32")


def a_python_scalar_takes_the_dtype(e: Any) -> None:
    for dtype, scalar in (("bfloat16", 2.0), ("float16", 2), ("uint8", 200), ("uint32", 4294967295), ("int8", -2)):
        x = tensor(e, [1, 0], dtype)
        same(e, e.multiply(x, scalar), [scalar, 0], dtype)
        same(e, e.add(scalar, e.multiply(x, 0)), [scalar, scalar], dtype)
        same(e, e.equal(e.full((1,), scalar, dtype), scalar), [True], "bool")
    same(e, e.subtract(1.0, tensor(e, [3.0], "bfloat16")), [-2], "bfloat16")
    same(e, e.power(2.0, tensor(e, [3.0])), [8], "float32")


def nan_wins_maximum_and_minimum(e: Any) -> None:
    x1, x2 = tensor(e, [NAN, 1.0, 2.0]), tensor(e, [0.0, NAN, 1.0])
    same(e, e.maximum(x1, x2), [NAN, NAN, 2])
    same(e, e.minimum(x1, x2), [NAN, NAN, 1])


def maximum_shares_its_gradient_on_ties(e: Any) -> None:
    for function in (e.maximum, e.minimum):
        first, second = gradient(e, function, [2.0], [2.0])
        same(e, first, [0.5])
        same(e, second, [0.5])


def nextafter_steps_once(e: Any) -> None:
    x1, x2 = np.array([1.0, 1.0, -2.0], "float32"), np.array([2.0, 0.0, -2.0], "float32")
    got = e.to_numpy(e.nextafter(tensor(e, x1), tensor(e, x2)))
    holds((got == np.nextafter(x1, x2)).all(), f"got {got.tolist()}")
    same(e, gradient(e, lambda x: e.nextafter(x, tensor(e, [2, 1, -1])), [1, 2, 0])[0], [1, 1, 1])


def bits_of_integers_and_bools(e: Any) -> None:
    x1, x2 = np.array([0b1100, -1], "int32"), np.array([0b1010, 7], "int32")
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        same(e, getattr(e, name)(tensor(e, x1, "int32"), tensor(e, x2, "int32")), getattr(np, name)(x1, x2), "int32", of=name)
        yes, no = tensor(e, [True, True], "bool"), tensor(e, [True, False], "bool")
        same(e, getattr(e, name)(yes, no), getattr(np, name)([True, True], [True, False]), "bool", of=name)
    same(e, e.bitwise_not(tensor(e, [5, -1], "int32")), [-6, 0], "int32")
    same(e, e.bitwise_not(tensor(e, [True, False], "bool")), [False, True], "bool")
    same(e, e.left_shift(tensor(e, [1, 3], "int32"), 4), [16, 48], "int32")
    same(e, e.right_shift(tensor(e, [-8, 8], "int32"), 1), [-4, 4], "int32")
    same(e, e.right_shift(tensor(e, [200, 255], "uint8"), tensor(e, [1, 4], "uint8")), [100, 15], "uint8")


def where_broadcasts_and_selects_gradients(e: Any) -> None:
    same(e, e.where(tensor(e, [[True], [False]], "bool"), tensor(e, [1, 2]), tensor(e, 9)), [[1, 2], [9, 9]], "float32")
    first, second = gradient(e, lambda x1, x2: e.where(tensor(e, [True, False], "bool"), x1, x2), [1, 1], [2, NAN])
    same(e, first, [1, 0])
    same(e, second, [0, 1])


def gradients_of_products_and_powers(e: Any) -> None:
    first, second = gradient(e, e.multiply, [[1.0], [2.0]], [3.0, 4.0])
    same(e, first, [[7], [7]])
    same(e, second, [3, 3])
    same(e, gradient(e, lambda x: e.power(x, 2.0), [0.0, 3.0])[0], [0, 6], tol=1e-6)
    same(e, gradient(e, e.absolute, [0.0, -2.0])[0], [0, -1])
    by_base, by_exponent = second_gradient(e, e.power, [0.0, 0.0, 1.0], [2.0, 3.0, 2.0])
    same(e, by_base, [2, 0, 3], tol=1e-6)
    same(e, by_exponent, [0, 0, 1], tol=1e-6)
