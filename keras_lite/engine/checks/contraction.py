"""Checks of products and windows; what a window function must give is computed element by element."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from keras_lite.engine.checks.tools import gradient, same, tensor, total

_RNG = np.random.default_rng(7)  # small whole numbers: sums of their products are exact
_IMAGE = _RNG.integers(-3, 4, (2, 5, 4, 4)).astype("float32")  # (n, height, width, channels)


def matmul_is_numpys(e: Any) -> None:
    shapes = (((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 1, 2, 3), (4, 3, 2)), ((2, 0), (0, 3)), ((0, 2), (2, 3)))
    for first, second in shapes:
        x1, x2 = (_RNG.integers(-3, 4, shape).astype("float32") for shape in (first, second))
        same(e, e.matmul(tensor(e, x1), tensor(e, x2)), x1 @ x2, "float32", of=f"{first} @ {second}")


def einsum_is_numpys(e: Any) -> None:
    cases = ("ij,jk->ki", "bij,bjk->bik", "ij->", "ij->ji", "ii->i", "ij,ij->i", "i,j->ij", "ij,jk,kl->il", "ij,k->i")
    for subscripts in cases:
        operands = [_RNG.integers(-3, 4, (2,) * len(term)).astype("float32") for term in subscripts.split("->")[0].split(",")]
        same(e, e.einsum(subscripts, [tensor(e, x) for x in operands]), np.einsum(subscripts, *operands), "float32", of=subscripts)


def products_of_short_floats_are_summed_in_float32(e: Any) -> None:
    for dtype in ("bfloat16", "float16"):
        row, column = tensor(e, np.ones((1, 4096)), dtype), tensor(e, np.ones((4096, 1)), dtype)
        same(e, e.matmul(row, column), [[4096]], dtype)
        same(e, e.einsum("ij,jk->ik", [row, column]), [[4096]], dtype)
        same(e, e.einsum("ij->i", [row]), [4096], dtype)
        same(e, e.conv(e.reshape(row, (1, 4096, 1)), e.reshape(column, (4096, 1, 1)), (1,), "valid", (1,), 1, True), [[[4096]]], dtype)
        same(e, e.reduce_window(e.reshape(row, (1, 4096, 1)), "sum", (4096,), (4096,), "valid", True), [[[4096]]], dtype)


def _pairs(padding: Any, sizes: tuple[int, ...], window: tuple[int, ...], strides: tuple[int, ...], dilation: tuple[int, ...]) -> Any:
    if padding == "valid":
        return [(0, 0)] * len(sizes)
    if padding == "same":
        totals = [max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, k, s, d in zip(sizes, window, strides, dilation, strict=True)]
        return [(t // 2, t - t // 2) for t in totals]
    return padding


def _windows(x: np.ndarray, window: tuple[int, ...], strides: tuple[int, ...], padding: Any, dilation: tuple[int, ...],
             fill: float) -> np.ndarray:
    """The windows of the padded channels-last `x`: (n, *counts, *window, c)."""
    pairs = _pairs(padding, x.shape[1:-1], window, strides, dilation)
    x = np.pad(x, [(0, 0), *pairs, (0, 0)], constant_values=fill)
    counts = [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(x.shape[1:-1], window, strides, dilation, strict=True)]
    out = np.zeros((len(x), *counts, *window, x.shape[-1]), x.dtype)
    for place, offset in itertools.product(np.ndindex(*counts), np.ndindex(*window)):
        source = tuple(p * s + o * d for p, s, o, d in zip(place, strides, offset, dilation, strict=True))
        out[:, *place, *offset] = x[:, *source]
    return out


def _convolved(x: np.ndarray, kernel: np.ndarray, strides: Any, padding: Any, dilation: Any, groups: int) -> np.ndarray:
    windows = _windows(x, kernel.shape[:-2], strides, padding, dilation, 0.0)
    rank = kernel.ndim - 2
    parts = zip(np.split(windows, groups, -1), np.split(kernel, groups, -1), strict=True)
    return np.concatenate([np.tensordot(w, k, rank + 1) for w, k in parts], -1)


_CONVOLUTIONS = (  # spatial sizes, window, strides, padding, dilation, groups
    ((5, 4), (3, 2), (1, 1), "valid", (1, 1), 1),
    ((5, 4), (3, 2), (2, 3), "same", (1, 1), 1),
    ((5, 4), (2, 2), (1, 1), "same", (2, 3), 2),
    ((5, 4), (2, 3), (2, 1), ((2, 0), (1, 3)), (1, 1), 4),
    ((6,), (3,), (2,), "same", (1,), 1),
    ((3, 4, 3), (2, 2, 2), (1, 2, 1), "same", (1, 1, 1), 1),
)


def convolutions_of_every_layout(e: Any) -> None:
    for sizes, window, strides, padding, dilation, groups in _CONVOLUTIONS:
        x = _RNG.integers(-3, 4, (2, *sizes, 4)).astype("float32")
        kernel = _RNG.integers(-3, 4, (*window, 4 // groups, 8)).astype("float32")
        want = _convolved(x, kernel, strides, padding, dilation, groups)
        case = f"sizes {sizes}, window {window}, strides {strides}, padding {padding}, dilation {dilation}, groups {groups}"
        same(e, e.conv(tensor(e, x), tensor(e, kernel), strides, padding, dilation, groups, True), want, "float32", 1e-5, case)
        got = e.conv(tensor(e, np.moveaxis(x, -1, 1)), tensor(e, kernel), strides, padding, dilation, groups, False)
        same(e, got, np.moveaxis(want, -1, 1), "float32", 1e-5, f"channels first, {case}")


def conv_transpose_is_the_gradient_of_conv(e: Any) -> None:
    cases = (((1, 1), (1, 1), ((0, 0), (0, 0))), ((2, 3), (1, 1), ((1, 0), (0, 2))), ((2, 1), (1, 2), ((1, 1), (0, -1))))
    for strides, dilation, crop in cases:
        kernel = _RNG.integers(-3, 4, (3, 2, 2, 4)).astype("float32")  # (window, channels out, channels in)
        full = [(n - 1) * s + (k - 1) * d + 1 for n, k, s, d in zip(_IMAGE.shape[1:3], kernel.shape, strides, dilation, strict=False)]
        sizes = [n - sum(pair) for n, pair in zip(full, crop, strict=True)]

        def conv(x: Any, kernel: Any = kernel, how: Any = (strides, crop, dilation)) -> Any:
            pairs = tuple((max(before, 0), max(after, 0)) for before, after in how[1])
            inside = tuple(n + min(pair[0], 0) + min(pair[1], 0) for n, pair in zip(e.shape_of(x)[1:3], how[1], strict=True))
            x = e.strided_slice(x, (0, 0, 0, 0), (2, *inside, 2), (1, 1, 1, 1))
            return e.conv(x, tensor(e, kernel), how[0], pairs, how[2], 1, True)

        want = e.to_numpy(gradient(e, conv, np.zeros((2, *sizes, 2)), weights=_IMAGE)[0])
        got = e.conv_transpose(tensor(e, _IMAGE), tensor(e, kernel), strides, crop, dilation, True)
        same(e, got, want, "float32", 1e-5, f"strides {strides}, dilation {dilation}, crop {crop}")
        first = e.conv_transpose(tensor(e, np.moveaxis(_IMAGE, -1, 1)), tensor(e, kernel), strides, crop, dilation, False)
        same(e, first, np.moveaxis(want, -1, 1), "float32", 1e-5, f"channels first, strides {strides}")


def gradients_of_conv(e: Any) -> None:
    kernel = _RNG.integers(-3, 4, (3, 2, 4, 8)).astype("float32")
    x = tensor(e, _IMAGE)
    got = gradient(e, lambda k: e.conv(x, k, (2, 1), "same", (1, 1), 1, True), kernel)[0]
    windows = _windows(_IMAGE, (3, 2), (2, 1), "same", (1, 1), 0.0)
    same(e, got, np.broadcast_to(windows.sum((0, 1, 2))[..., None], kernel.shape), "float32", 1e-5)
    energy = lambda k: e.multiply(*[e.conv(x, k, (1, 1), "valid", (1, 1), 1, True)] * 2)  # noqa: E731  # quadratic: the gradient is linear in k
    same(e, gradient(e, energy, 2 * kernel)[0], 2 * e.to_numpy(gradient(e, energy, kernel)[0]), "float32", 1e-4)


def windows_of_every_layout(e: Any) -> None:
    cases: Any = (((2, 2), (2, 2), "valid"), ((2, 2), (2, 2), "same"), ((3, 2), (1, 2), "same"), ((2, 3), (2, 1), ((1, 0), (1, 2))),
                  ((4, 4), (1, 1), "same"))
    for window, strides, padding in cases:
        for kind, fill in (("max", -np.inf), ("sum", 0.0)):
            want = getattr(_windows(_IMAGE, window, strides, padding, (1, 1), fill), kind)((3, 4))
            case = f"{kind} of {window} steps {strides} padding {padding}"
            same(e, e.reduce_window(tensor(e, _IMAGE), kind, window, strides, padding, True), want, "float32", of=case)
            first = e.reduce_window(tensor(e, np.moveaxis(_IMAGE, -1, 1)), kind, window, strides, padding, False)
            same(e, first, np.moveaxis(want, -1, 1), "float32", of=case)
    line = np.array([[[1], [-5], [3], [2], [7]]], "float32")
    same(e, e.reduce_window(tensor(e, line, "int32"), "max", (2,), (2,), "same", True), [[[1], [3], [7]]], "int32")


def the_first_maximum_of_a_window_gets_the_gradient(e: Any) -> None:
    cases = (((2,), (2,), [1, 0, 0, 10, 100, 0]), ((2,), (1,), [1, 10, 0, 1100, 10000, 0]), ((3,), (3,), [1, 0, 0, 10, 0, 0]))
    for window, strides, want in cases:
        x = np.array([[[5], [5], [0], [2], [2], [2]]], "float32")
        weights = [[[10.0**i] for i in range((6 - window[0]) // strides[0] + 1)]]
        pooled = lambda v, w=window, s=strides: e.reduce_window(v, "max", w, s, "valid", True)  # noqa: E731  # used once, below
        same(e, gradient(e, pooled, x, weights=weights)[0], np.reshape(want, (1, 6, 1)), of=f"window {window}, strides {strides}")
    square = gradient(e, lambda v: e.reduce_window(v, "max", (2, 2), (2, 2), "same", True), np.zeros((1, 3, 3, 1)))[0]
    same(e, square, np.reshape([[1, 0, 1], [0, 0, 0], [1, 0, 1]], (1, 3, 3, 1)))


def sums_over_windows_have_gradients(e: Any) -> None:
    got = gradient(e, lambda v: total(e, e.reduce_window(v, "sum", (2,), (1,), "valid", True)), np.zeros((1, 4, 1)))[0]
    same(e, got, [[[1], [2], [2], [1]]])
