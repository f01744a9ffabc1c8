"""Checks of shaping and indexing."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine.checks.tools import INF, NAN, gradient, same, second_gradient, tensor

_X = np.arange(24, dtype="float32").reshape(2, 3, 4)


def shapes_change_as_in_numpy(e: Any) -> None:
    x = tensor(e, _X)
    same(e, e.reshape(x, (4, -1)), _X.reshape(4, 6), "float32")
    same(e, e.reshape(tensor(e, [7]), ()), 7)
    same(e, e.transpose(x, (2, 0, 1)), _X.transpose(2, 0, 1), "float32")
    same(e, e.broadcast_to(tensor(e, [[1], [2]]), (2, 2, 3)), np.broadcast_to([[1], [2]], (2, 2, 3)), "float32")
    same(e, e.flip(x, (0, 2)), np.flip(_X, (0, 2)), "float32")
    same(e, e.flip(x, ()), _X)


def concatenate_and_pad(e: Any) -> None:
    parts = [_X, _X[:, :1], _X[:, :0]]
    same(e, e.concatenate([tensor(e, p) for p in parts], 1), np.concatenate(parts, 1), "float32")
    same(e, e.pad(tensor(e, [[1, 2]], "int32"), ((1, 0), (0, 2)), 9), [[9, 9, 9, 9], [1, 2, 9, 9]], "int32")
    same(e, e.pad(tensor(e, [True], "bool"), ((1, 1),), False), [False, True, False], "bool")
    same(e, e.pad(tensor(e, np.zeros((0,))), ((2, 0),), -INF), [-INF, -INF])


def slices_with_steps(e: Any) -> None:
    same(e, e.strided_slice(tensor(e, _X), (0, 1, 0), (2, 3, 4), (1, 1, 3)), _X[0:2, 1:3, 0:4:3], "float32")
    same(e, e.strided_slice(tensor(e, _X), (1, 2, 4), (1, 3, 4), (1, 1, 1)), _X[1:1, 2:3, 4:4], "float32")
    weights = gradient(e, lambda x: e.strided_slice(x, (0,), (5,), (2,)), np.zeros(5), weights=[1, 2, 3])[0]
    same(e, weights, [1, 0, 2, 0, 3])


def dynamic_slices_are_clamped(e: Any) -> None:
    x = tensor(e, [0, 1, 2, 3, 4])
    for start, want in ((1, [1, 2]), (9, [3, 4]), (-3, [0, 1])):
        for given in (start, tensor(e, start, "int32")):
            same(e, e.dynamic_slice(x, (given,), (2,)), want, "float32", of=f"start {start}")
            same(e, e.dynamic_update_slice(x, tensor(e, [8, 9]), (given,)), [{want[0]: 8, want[1]: 9}.get(i, i) for i in range(5)])
    same(e, x, [0, 1, 2, 3, 4], of="the tensor that was updated")
    same(e, e.dynamic_slice(tensor(e, _X), (1, tensor(e, 1, "int32"), 0), (1, 2, 4)), _X[1:2, 1:3], "float32")


def gather_is_take(e: Any) -> None:
    for axis in (0, 1, 2):
        for indices in (1, [1, 0, 1], [[0], [1]], np.zeros((0, 2))):
            want = np.take(_X, np.asarray(indices, "int32"), axis)
            same(e, e.gather(tensor(e, _X), tensor(e, indices, "int32"), axis), want, "float32", of=f"axis {axis}")
    same(e, e.gather(tensor(e, np.zeros((0, 2))), tensor(e, np.zeros((0, 3, 4)), "int32"), 0), np.zeros((0, 3, 4, 2)), of="no rows")
    same(e, gradient(e, lambda x: e.gather(x, tensor(e, [2, 0, 2], "int32"), 0), np.zeros(3), weights=[1, 2, 3])[0], [2, 0, 4])


def take_along_axis_broadcasts(e: Any) -> None:
    indices = np.array([[[2, 0, 1, 1]], [[0, 0, 1, 2]]], "int32")
    same(e, e.take_along_axis(tensor(e, _X), tensor(e, indices, "int32"), 1), np.take_along_axis(_X, indices, 1), "float32")
    same(e, e.take_along_axis(tensor(e, _X[:1]), tensor(e, indices, "int32"), 1), _X[:1][0][indices, np.arange(4)], "float32")
    same(e, e.take_along_axis(tensor(e, _X), tensor(e, indices[:1], "int32"), 1), np.take_along_axis(_X, indices[:1], 1), "float32")


def scatter_combines(e: Any) -> None:
    x, indices, updates = tensor(e, [1, 2, 3]), tensor(e, [[2], [0], [2]], "int32"), tensor(e, [5, -4, 6])
    for mode, want in (("set", [-4, 2, 6]), ("add", [-3, 2, 14]), ("multiply", [-4, 2, 90]), ("max", [1, 2, 6]), ("min", [-4, 2, 3])):
        same(e, e.scatter(x, indices, updates, mode), want, "float32", of=mode)
    same(e, x, [1, 2, 3], of="the tensor that was scattered into")
    twice = tensor(e, [[1, 0], [1, 0]], "int32")
    rows = e.scatter(tensor(e, np.zeros((2, 2, 2)), "int32"), twice, tensor(e, [[1, 2], [3, 4]], "int32"), "add")
    same(e, rows, [[[0, 0], [0, 0]], [[4, 6], [0, 0]]], "int32")
    none = e.scatter(x, tensor(e, np.zeros((0, 1)), "int32"), tensor(e, np.zeros(0)), "multiply")
    same(e, none, [1, 2, 3])


def sums_of_short_floats_do_not_stall(e: Any) -> None:
    n = 3000
    zeros, ones = tensor(e, np.zeros((n, 1)), "int32"), tensor(e, np.ones(n), "bfloat16")
    same(e, e.scatter(tensor(e, [0.0], "bfloat16"), zeros, ones, "add"), [3008], "bfloat16", of="scatter")
    for dtype, want in (("bfloat16", 3008), ("float16", 3000)):
        for shape, axis in (((2,), 0), ((2, 1), 0), ((1, 2), 1)):
            for name in ("gather", "take_along_axis"):
                at = np.zeros([n if i == axis else 1 for i in range(len(shape))] if name == "take_along_axis" else n)
                take = lambda x, name=name, at=at, axis=axis, dtype=dtype: e.cast(  # noqa: E731  # a name makes the next line readable
                    getattr(e, name)(e.cast(x, dtype), tensor(e, at, "int32"), axis), "float32")
                same(e, gradient(e, take, np.ones(shape))[0], np.reshape([want, 0], shape), of=f"the gradient of {name} of {dtype}")


def the_last_update_wins(e: Any) -> None:
    n = 1000
    got = e.scatter(tensor(e, np.zeros(3)), tensor(e, np.arange(n)[:, None] % 3, "int32"), tensor(e, np.arange(n)), "set")
    same(e, got, [999, 997, 998])


def scatter_has_gradients(e: Any) -> None:
    indices = tensor(e, [[0], [0], [2]], "int32")
    wanted = {"add": ([1, 10, 100], [1, 1, 100]), "multiply": ([6, 10, 0], [3, 2, 400])}
    for mode, (of_x, of_updates) in wanted.items():
        scatter = lambda x, u, mode=mode: e.scatter(x, indices, u, mode)  # noqa: E731  # a name makes the next line readable
        first, second = gradient(e, scatter, [1, 2, 4], [2, 3, 0], weights=[1, 10, 100])
        same(e, first, of_x, tol=1e-6, of=f"{mode}, gradient of x")
        same(e, second, of_updates, tol=1e-6, of=f"{mode}, gradient of the updates")


def scattered_products_have_second_gradients(e: Any) -> None:
    indices = tensor(e, [[0], [2], [0], [0]], "int32")
    for updates, want in (([0, 7, 2, 3], [5, 0, 3, 2]), ([0, 7, 0, 3], [3, 0, 3, 0]), ([4, 7, 2, 3], [5, 0, 7, 6])):
        products = lambda u: e.scatter(tensor(e, [1, 2, 1]), indices, u, "multiply")  # noqa: E731  # a name makes the next line readable
        same(e, second_gradient(e, products, updates)[0], want, tol=1e-6, of=f"products of {updates}")


def scatter_writes_to_no_other_place(e: Any) -> None:
    """An index outside of its axis is an error or is left out (a GPU may stop the program, so this is for the CPU)."""
    with e.device("cpu"):
        x, updates = tensor(e, np.ones((2, 3))), tensor(e, [9])
        for mode in ("set", "add", "multiply", "max"):
            try:
                y = e.scatter(x, tensor(e, [[0, 5]], "int32"), updates, mode)
            except Exception:  # each framework's own
                continue
            same(e, y, np.ones((2, 3)), of=mode)


def sorting_puts_nan_last_and_is_stable(e: Any) -> None:
    x = np.array([[3, NAN, -INF, 1], [0, 5, 5, 5]], "float32")
    for axis in (0, 1):
        same(e, e.sort(tensor(e, x), axis), np.sort(x, axis), "float32")
        same(e, e.argsort(tensor(e, x), axis), np.argsort(x, axis, kind="stable"), "int32")
    same(e, e.argsort(tensor(e, np.tile([1, 0], 50)), 0), np.argsort(np.tile([1, 0], 50), kind="stable"), "int32")
    same(e, gradient(e, lambda v: e.sort(v, 0), [3, 1, 2], weights=[1, 10, 100])[0], [100, 1, 10])


def top_k_keeps_the_order_of_ties(e: Any) -> None:
    values, indices = e.top_k(tensor(e, [[1, 4, 4, 0], [7, 7, 7, 7]]), 3)
    same(e, values, [[4, 4, 1], [7, 7, 7]], "float32")
    same(e, indices, [[1, 2, 0], [0, 1, 2]], "int32")
    same(e, gradient(e, lambda x: e.top_k(x, 2)[0], [1, 3, 2], weights=[1, 10])[0], [0, 1, 10])


def searchsorted_has_two_sides(e: Any) -> None:
    for side in ("left", "right"):
        want = np.searchsorted([1, 2, 2, 5], [[0, 2], [3, 9]], side)
        same(e, e.searchsorted(tensor(e, [1, 2, 2, 5]), tensor(e, [[0, 2], [3, 9]]), side), want, "int32", of=side)
