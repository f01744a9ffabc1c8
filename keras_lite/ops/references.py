"""Answers in plain NumPy for ops that NumPy has no function for: the parity matrix takes them in float64."""

from __future__ import annotations

from typing import Any

import numpy as np


def rsqrt(x: Any) -> Any:
    return 1 / np.sqrt(x)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for a in sorted(a % x.ndim for a in axes):
        x = np.logaddexp.reduce(x, a, keepdims=True, initial=-np.inf)
    return x if keepdims or x.ndim == 0 else np.squeeze(x, axes)


def scatter(x: Any, indices: Any, updates: Any, mode: str = "set") -> Any:
    out = x.copy()
    combine = {"add": np.add, "multiply": np.multiply, "max": np.maximum, "min": np.minimum}
    for at, update in zip(map(tuple, indices), updates, strict=True):
        out[at] = update if mode == "set" else combine[mode](out[at], update)
    return out


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    depth = indices.shape[-1]
    mode = {None: "set", "mul": "multiply"}.get(reduction, reduction)
    return scatter(inputs, indices.reshape(-1, depth), updates.reshape(-1, *inputs.shape[depth:]), mode)  # type: ignore[arg-type]


def scatter_zeros(indices: Any, values: Any, shape: Any) -> Any:
    return scatter_update(np.zeros(shape, values.dtype), indices, values, "add")


def top_k(x: Any, k: int, sorted: bool = True) -> Any:  # noqa: A002  # the op's name for it
    order = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, order, -1), order


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    return np.moveaxis((np.trunc(x)[..., None] == np.arange(num_classes)).astype(dtype or "float64"), -1, axis)


def multi_hot(inputs: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    return one_hot(inputs, num_classes, axis, dtype).max(1 if inputs.ndim > 1 else 0, initial=0)


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    chosen = predictions[np.arange(len(targets)), targets]
    return ((predictions > chosen[:, None]).sum(1) < k) & np.isfinite(chosen)


def get_item(x: Any, key: Any) -> Any:
    return x[key]


def dynamic_slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    shape = [n - int(s) if size == -1 else size for s, size, n in zip(start_indices, shape, inputs.shape, strict=True)]
    starts = [min(max(int(s), 0), n - size) for s, size, n in zip(start_indices, shape, inputs.shape, strict=True)]
    return inputs[tuple(slice(s, s + size) for s, size in zip(starts, shape, strict=True))]


def dynamic_update_slice(inputs: Any, start_indices: Any, updates: Any) -> Any:
    out = inputs.copy()
    starts = [min(max(int(s), 0), n - size) for s, size, n in zip(start_indices, updates.shape, inputs.shape, strict=True)]
    out[tuple(slice(s, s + size) for s, size in zip(starts, updates.shape, strict=True))] = updates
    return out


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    return np.pad(x, pad_width, mode,
                  **({"constant_values": constant_values or 0} if mode == "constant" else {}))  # type: ignore[call-overload]
