"""Answers in plain NumPy for ops on whole arrays that it has no function for; see `references`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.state import tree


def cdist(x: Any, y: Any) -> Any:
    return np.linalg.norm(x[..., :, None, :] - y[..., None, :, :], axis=-1)


def psnr(x1: Any, x2: Any, max_val: Any) -> Any:
    x1, x2 = (np.asarray(x, "float64") for x in (x1, x2))
    return 20 * np.log10(max_val / np.sqrt(np.mean((x1 - x2) ** 2)))


# --- arrangement ---------------------------------------------------------------------------------------------------------


def _atoms(side: str, dots: list[str]) -> list[list[str]]:
    """The names of each axis on a side of a pattern."""
    groups = side.replace("(", " ( ").replace(")", " ) ").split()
    out: list[list[str]] = []
    inside = False
    for token in groups:
        if token in "()":
            inside = token == "("
            out += [[]] if inside else []
        elif inside:
            out[-1] += dots if token == "..." else [token]
        else:
            out += [[name] for name in dots] if token == "..." else [[] if token == "1" else [token]]
    return out


def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    left, right = pattern.split("->")
    hidden = tensor.ndim - len(_atoms(left, []))
    dots = [f"dots{i}" for i in range(hidden)] if "..." in left else []
    before, after = _atoms(left, dots), _atoms(right, dots)
    for size, names in zip(tensor.shape, before, strict=True):
        free = [name for name in names if name not in axes_lengths]
        known = int(np.prod([axes_lengths[name] for name in names if name in axes_lengths]))
        axes_lengths.update(dict.fromkeys(free, size // known))
    order = [name for names in before for name in names]
    x = tensor.reshape([axes_lengths[name] for name in order])
    x = x.transpose([order.index(name) for names in after for name in names])
    return x.reshape([int(np.prod([axes_lengths[name] for name in names])) for names in after])


def _blocks(x: Any, block_size: int, data_format: str | None, inverse: bool) -> Any:
    """Each pixel of a block in turn to its channels, or back."""
    x, b = (np.moveaxis(x, 1, -1) if data_format == "channels_first" else x), block_size
    order = "last" if data_format != "channels_first" else "first"
    n, h, w, c = x.shape
    out = np.zeros((n, h * b, w * b, c // b**2) if inverse else (n, h // b, w // b, c * b**2), x.dtype)
    depth = (out if inverse else x).shape[-1]
    for i, j in np.ndindex(b, b):
        channels = slice((i * b + j) * depth, (i * b + j + 1) * depth) if order == "last" else slice(i * b + j, None, b**2)
        if inverse:
            out[:, i::b, j::b] = x[..., channels]
        else:
            out[..., channels] = x[:, i::b, j::b]
    return np.moveaxis(out, -1, 1) if order == "first" else out


def space_to_depth(x: Any, block_size: int, data_format: str | None = "channels_last") -> Any:
    return _blocks(x, block_size, data_format, inverse=False)


def depth_to_space(x: Any, block_size: int, data_format: str | None = "channels_last") -> Any:
    return _blocks(x, block_size, data_format, inverse=True)


# --- segments ------------------------------------------------------------------------------------------------------------


def _segments(reduce: Callable[..., Any], neutral: Any) -> Callable[..., Any]:
    def function(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:  # noqa: A002  # the op's name
        ids = np.asarray(segment_ids, "int64")
        n = int(ids.max(initial=-1)) + 1 if num_segments is None else num_segments
        start = neutral(data.dtype)
        rows = [reduce(data[ids == i], axis=0, initial=start) for i in range(n)]
        return np.array(rows, data.dtype).reshape(n, *data.shape[1:])

    return function


def _bound(sign: int) -> Callable[[Any], Any]:
    def bound(dtype: Any) -> Any:
        if dtype.kind == "f":
            return sign * np.inf
        return sign > 0 if dtype.kind == "b" else getattr(np.iinfo(dtype), "max" if sign > 0 else "min")

    return bound


segment_sum = _segments(np.sum, lambda dtype: 0)
segment_prod = _segments(np.prod, lambda dtype: 1)
segment_max = _segments(np.max, _bound(-1))
segment_min = _segments(np.min, _bound(1))


# --- functions -----------------------------------------------------------------------------------------------------------


def vectorized(pyfunc: Callable[..., Any], args: Any, kwargs: Any, excluded: Any, signature: str | None) -> Any:
    function = np.vectorize(pyfunc, excluded=set(excluded or ()), signature=signature)
    if all(np.size(x) for x in args):
        return function(*args, **kwargs)
    return np.zeros(np.broadcast_shapes(*map(np.shape, args)))


def linearized(function: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """By complex steps, whose error is far below float64's rounding."""
    step = 1e-200
    outputs, aux = function(*(x + 1j * step * t for x, t in zip(primals, tangents, strict=True)))
    return [np.real(y) for y in outputs], [np.imag(y) / step for y in outputs], None if aux is None else np.asarray(aux).real


def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    step = 1e-200
    result = fun(*tree.map_structure(lambda x, t: x + 1j * step * t, tuple(primals), tuple(tangents)))
    outputs, aux = result if has_aux else (result, None)
    made = tree.map_structure(np.real, outputs), tree.map_structure(lambda y: np.imag(y) / step, outputs)
    return (*made, np.asarray(aux).real) if has_aux else made


def sparse_matmul(indices: Any, values: Any, size: int, x: Any) -> Any:
    matrix = np.zeros((size, len(x)), np.result_type(values, x))
    for (row, column), value in zip(indices, values, strict=True):
        matrix[row, column] += value
    return matrix @ x
