"""Answers in plain NumPy for pooling to a size and for windows as columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _pooled(x: Any, output_size: Any, data_format: str | None, reduce: Callable[..., Any]) -> Any:
    first = data_format == "channels_first"
    x = x if first else np.moveaxis(x, -1, 1)
    wanted = output_size if isinstance(output_size, (list, tuple)) else (output_size,) * (x.ndim - 2)
    wanted = tuple(n if m is None else m for n, m in zip(x.shape[2:], wanted, strict=True))
    out = np.empty((*x.shape[:2], *wanted), x.dtype if reduce is np.max else "float64")
    for at in np.ndindex(*wanted):
        part = tuple(slice(i * n // m, -(-(i + 1) * n // m)) for i, n, m in zip(at, x.shape[2:], wanted, strict=True))
        out[(..., *at)] = reduce(x[(..., *part)], tuple(range(2, x.ndim)))
    return out if first else np.moveaxis(out, 1, -1)


def adaptive_average_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    return _pooled(inputs, output_size, data_format, np.mean)


def adaptive_max_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    return _pooled(inputs, output_size, data_format, np.max)


def pool_to_size(x: Any, kind: str, parts: Any, channels_last: bool) -> Any:
    return _pooled(x, parts, None if channels_last else "channels_first", np.max if kind == "max" else np.mean)


def _pixels(shape: tuple[int, ...], kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> list[tuple[Any, Any]]:
    """For each pixel of a window, its rows and columns in the padded images."""
    given = (kernel_size, dilation, padding, stride)
    (kh, kw), (dh, dw), (ph, pw), (sh, sw) = (n if isinstance(n, (list, tuple)) else (n, n) for n in given)
    rows = np.arange(0, shape[0] + 2 * ph - (kh - 1) * dh, sh)
    columns = np.arange(0, shape[1] + 2 * pw - (kw - 1) * dw, sw)
    return [np.ix_(rows + i * dh, columns + j * dw) for i in range(kh) for j in range(kw)]


def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    ph, pw = padding if isinstance(padding, (list, tuple)) else (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    pixels = [padded[(..., *at)] for at in _pixels(x.shape[2:], kernel_size, dilation, padding, stride)]
    out = np.stack(pixels, 2)
    return out.reshape(out.shape[0], out.shape[1] * out.shape[2], -1 if out.size else out.shape[3] * out.shape[4])


def fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    h, w = output_size if isinstance(output_size, (list, tuple)) else (output_size, output_size)
    ph, pw = padding if isinstance(padding, (list, tuple)) else (padding, padding)
    pixels = _pixels((h, w), kernel_size, dilation, padding, stride)
    channels = x.shape[1] // len(pixels)
    out = np.zeros((x.shape[0], channels, h + 2 * ph, w + 2 * pw), x.dtype)
    for k, at in enumerate(pixels):
        shape = np.broadcast_shapes(at[0].shape, at[1].shape)
        out[(..., *at)] += x[:, k::len(pixels)].reshape(x.shape[0], channels, *shape)
    return out[:, :, ph:ph + h, pw:pw + w]


def associative_scan(f: Any, elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """One element after the other."""
    leaves = elems if isinstance(elems, tuple) else tuple(elems.values()) if isinstance(elems, dict) else (elems,)
    n = leaves[0].shape[axis]
    order = range(n)[::-1] if reverse else range(n)

    def rebuilt(items: tuple[Any, ...]) -> Any:
        return items if isinstance(elems, tuple) else dict(zip(elems, items, strict=True)) if isinstance(elems, dict) else items[0]

    def listed(nest: Any) -> tuple[Any, ...]:
        return tuple(nest) if isinstance(nest, (list, tuple)) else tuple(nest[key] for key in elems) if isinstance(elems, dict) else (nest,)

    rows: list[Any] = []
    for i in order:
        row = tuple(np.take(x, [i], axis) for x in leaves)
        rows.append(listed(f(rebuilt(rows[-1]), rebuilt(row))) if rows else row)
    rows = rows[::-1] if reverse else rows
    return rebuilt(tuple(np.concatenate(column, axis) for column in zip(*rows, strict=True)) if rows else leaves)
