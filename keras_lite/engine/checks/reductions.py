"""Checks of reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine.checks.tools import NAN, gradient, same, second_gradient, tensor

_SUMS = ("sum", "prod", "max", "min")


def reductions_are_numpys(e: Any) -> None:
    x = np.array([[[1, 2], [3, -4]], [[0.5, 6], [-7, 8]]], "float32")
    for name in _SUMS:
        for axes in ((0,), (1,), (0, 2), (0, 1, 2)):
            for keepdims in (False, True):
                want = getattr(np, name)(x, axis=axes, keepdims=keepdims)
                same(e, getattr(e, f"reduce_{name}")(tensor(e, x), axes, keepdims), want, "float32", 1e-6, f"{name} over {axes}")
    for name in ("any", "all"):
        want = getattr(np, name)(x > 2, axis=(0, 2))
        same(e, getattr(e, f"reduce_{name}")(tensor(e, x > 2, "bool"), (0, 2), False), want, "bool", of=name)


def no_axes_leave_the_values(e: Any) -> None:
    for name in _SUMS:
        same(e, getattr(e, f"reduce_{name}")(tensor(e, [1, 2]), (), False), [1, 2], "float32", of=name)


def empty_axes_give_the_neutral_element(e: Any) -> None:
    x = tensor(e, np.zeros((2, 0)))
    same(e, e.reduce_sum(x, (1,), False), [0, 0], "float32")
    same(e, e.reduce_prod(x, (1,), True), [[1], [1]], "float32")
    same(e, e.reduce_any(e.cast(x, "bool"), (1,), False), [False, False], "bool")
    same(e, e.reduce_all(e.cast(x, "bool"), (1,), False), [True, True], "bool")


def reductions_keep_the_dtype(e: Any) -> None:
    same(e, e.reduce_sum(tensor(e, [100, 100], "int8"), (0,), False), -56, "int8")
    same(e, e.reduce_prod(tensor(e, [2, 3], "uint8"), (0,), False), 6, "uint8")
    same(e, e.reduce_max(tensor(e, [2, 3], "bfloat16"), (0,), False), 3, "bfloat16")
    same(e, e.cumsum(tensor(e, [200, 100], "uint8"), 0), [200, 44], "uint8")


def short_floats_are_summed_in_float32(e: Any) -> None:
    for dtype in ("bfloat16", "float16"):
        same(e, e.reduce_sum(tensor(e, np.ones((2, 4096)), dtype), (1,), False), [4096, 4096], dtype)


def nan_wins_max_and_min(e: Any) -> None:
    x = tensor(e, [[1, NAN, 3], [1, 2, 3]])
    same(e, e.reduce_max(x, (1,), False), [NAN, 3])
    same(e, e.reduce_min(x, (1,), False), [NAN, 1])


def argmax_takes_the_first(e: Any) -> None:
    x = tensor(e, [[1, 5, 5], [-2, -2, -3]])
    same(e, e.argmax(x, 1), [1, 0], "int32")
    same(e, e.argmin(x, 1), [0, 2], "int32")
    same(e, e.argmax(x, 0), [0, 0, 0], "int32")
    for function in (e.argmax, e.argmin):
        same(e, function(tensor(e, [1, NAN, 9, NAN, -9]), 0), 1, "int32")
    same(e, e.argmax(tensor(e, [False, True], "bool"), 0), 1, "int32")


def running_sums_and_products(e: Any) -> None:
    x = np.array([[1, 2, 3], [4, 0, 6]], "float32")
    for axis in (0, 1):
        same(e, e.cumsum(tensor(e, x), axis), np.cumsum(x, axis), "float32")
        same(e, e.cumprod(tensor(e, x), axis), np.cumprod(x, axis), "float32")
    same(e, e.cumsum(tensor(e, np.zeros((0, 2))), 0), np.zeros((0, 2)), "float32")


def max_shares_its_gradient_over_ties(e: Any) -> None:
    for function in (e.reduce_max, e.reduce_min):
        same(e, gradient(e, lambda x, reduce=function: reduce(x, (0,), False), [2, 2, 2, 2])[0], [0.25] * 4)
    same(e, gradient(e, lambda x: e.reduce_max(x, (1,), True), [[1, 3, 3], [5, 0, 1]])[0], [[0, 0.5, 0.5], [1, 0, 0]])
    same(e, gradient(e, lambda x: e.reduce_max(x, (1,), True), [[1, NAN], [5, 0]])[0], [[NAN, NAN], [1, 0]])


def products_with_zeros_have_gradients(e: Any) -> None:
    same(e, gradient(e, lambda x: e.reduce_prod(x, (0,), False), [0, 2, 3])[0], [6, 0, 0])
    same(e, gradient(e, lambda x: e.reduce_prod(x, (0,), False), [0, 2, 0])[0], [0, 0, 0])
    same(e, gradient(e, lambda x: e.cumprod(x, 0), [2, 0, 3])[0], [1, 8, 0])


def products_with_zeros_have_second_gradients(e: Any) -> None:
    for x, want in (([0, 2, 3], [5, 3, 2]), ([0, 0, 3], [3, 3, 0]), ([2, 3, 4], [7, 6, 5])):
        same(e, second_gradient(e, lambda x: e.reduce_prod(x, (0,), True), x)[0], want, tol=1e-6, of=f"the product of {x}")
