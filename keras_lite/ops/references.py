"""Answers in plain NumPy (and SciPy) for ops that NumPy has no function for: the parity matrix takes them in float64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_lite.engine import bits
from keras_lite.engine.dtypes import is_float, numpy_dtype


def cast(x: Any, dtype: str) -> Any:
    return np.asarray(x).astype("float64" if is_float(dtype) else numpy_dtype(dtype))


def strided_slice(x: Any, starts: Any, stops: Any, steps: Any) -> Any:
    return x[tuple(map(slice, starts, stops, steps))]


def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    return np.mean(x, axis) if weights is None else np.average(x, axis, weights)


def rsqrt(x: Any) -> Any:
    return 1 / np.sqrt(x)


def scipy_special(name: str) -> Any:
    """SciPy's special function of that name; SciPy is imported when it is called."""

    def function(x: Any) -> Any:
        import scipy.special

        return getattr(scipy.special, name)(x)

    return function


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for a in sorted(a % x.ndim for a in axes):
        x = np.logaddexp.reduce(x, a, keepdims=True, initial=-np.inf)
    return x if keepdims or x.ndim == 0 else np.squeeze(x, axes)


def lgamma(x: Any) -> Any:
    return np.where(np.isneginf(x), np.inf, scipy_special("gammaln")(x))  # as in C; SciPy has -inf there


def i0(x: Any) -> Any:
    return np.where(np.isinf(x), np.inf, scipy_special("i0")(x))  # SciPy has NaN there


def matmul(x1: Any, x2: Any) -> Any:
    return np.matmul(x1.astype("int32"), x2.astype("int32")) if x1.dtype == "int8" else np.matmul(x1, x2)


def unstack(x: Any, num: int | None = None, axis: int = 0) -> Any:
    return list(np.moveaxis(x, axis, 0))


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    return np.take_along_axis(np.ravel(x), np.ravel(indices), 0) if axis is None else np.take_along_axis(x, indices, axis)


def scatter(x: Any, indices: Any, updates: Any, mode: str = "set") -> Any:
    out = x.copy()
    combine = {"add": np.add, "multiply": np.multiply, "max": np.maximum, "min": np.minimum}
    for at, update in zip(map(tuple, indices), updates, strict=True):
        out[at] = update if mode == "set" else combine[mode](out[at], update)
    return out


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    depth = indices.shape[-1]
    mode = "set" if reduction is None else "multiply" if reduction == "mul" else reduction
    return scatter(inputs, indices.reshape(-1, depth), updates.reshape(-1, *inputs.shape[depth:]), mode)


def scatter_zeros(indices: Any, values: Any, shape: Any) -> Any:
    return scatter_update(np.zeros(shape, values.dtype), indices, values, "add")


def argsort(x: Any, axis: int | None = -1) -> Any:
    return np.argsort(x, axis, kind="stable")


def top_k(x: Any, k: int, sorted: bool = True) -> Any:  # noqa: A002  # the op's name for it
    order = x.shape[-1] - 1 - np.argsort(x[..., ::-1], axis=-1, kind="stable")[..., ::-1][..., :k]
    return np.take_along_axis(x, order, -1), order


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    return np.moveaxis((np.trunc(x)[..., None] == np.arange(num_classes)).astype(dtype or "float64"), -1, axis)


def multi_hot(inputs: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    return one_hot(inputs, num_classes, axis, dtype).max(1 if inputs.ndim > 1 else 0, initial=0)


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    inside = (targets >= 0) & (targets < predictions.shape[1])
    chosen = predictions[np.arange(len(targets)), np.where(inside, targets, 0)]
    return inside & ((predictions > chosen[:, None]).sum(1) < k) & np.isfinite(chosen)


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


def pad(x: Any, pad_width: Any, mode: Any = "constant", constant_values: Any = None) -> Any:
    return np.pad(x, pad_width, constant_values=constant_values or 0) if mode == "constant" else np.pad(x, pad_width, mode)


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


def relu6(x: Any) -> Any:
    return np.clip(x, 0, 6)


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    return np.where(x <= threshold, default_value, x)


def sigmoid(x: Any) -> Any:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def softplus(x: Any) -> Any:
    return np.logaddexp(x, 0)


def log_sigmoid(x: Any) -> Any:
    return -np.logaddexp(-x, 0)


def log_softmax(x: Any, axis: Any = -1) -> Any:
    x = x * 1.0
    z = x - x.max(axis, keepdims=True, initial=-np.inf) if x.size else x
    with np.errstate(divide="ignore"):
        return z - np.log(np.exp(z).sum(axis, keepdims=True))


def softmax(x: Any, axis: Any = -1) -> Any:
    return np.exp(log_softmax(x, axis))


def sparsemax(x: Any, axis: int = -1) -> Any:
    x = np.moveaxis(x, axis, -1)
    out = np.empty_like(x)
    for at in np.ndindex(x.shape[:-1]):
        row = np.sort(x[at] - x[at].max())[::-1]
        count = max(k for k in range(1, len(row) + 1) if 1 + k * row[k - 1] > row[:k].sum())
        out[at] = np.maximum(x[at] - x[at].max() - (row[:count].sum() - 1) / count, 0)
    return np.moveaxis(out, -1, axis)


EPSILON = 1e-7


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    if from_logits:
        return np.logaddexp(output, 0) - target * output
    output = np.clip(output, EPSILON, float(np.float32(1 - EPSILON)))  # the limit as float32 has it: log(1 - output) is sensitive
    return -(target * np.log(output) + (1 - target) * np.log(1 - output))


def _log_probabilities(output: Any, from_logits: bool, axis: int) -> Any:
    if from_logits:
        return log_softmax(output, axis)
    return np.log(np.clip(output / output.sum(axis, keepdims=True), EPSILON, 1 - EPSILON))


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    return -(target * _log_probabilities(output, from_logits, axis)).sum(axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    target = (np.squeeze(target, axis) if target.ndim == output.ndim else target).astype("int64")
    return categorical_crossentropy(one_hot(target, output.shape[axis], axis), output, from_logits, axis)


def _spread(x: Any, axes: tuple[int, ...], parameter: Any, default: float) -> Any:
    axes = tuple(a % x.ndim for a in axes)
    return default if parameter is None else np.reshape(parameter, [n if i in axes else 1 for i, n in enumerate(x.shape)])


def batch_normalization(x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3) -> Any:
    mean, variance, offset, scale = (_spread(x, (axis,), p, default) for p, default in ((mean, 0), (variance, 1), (offset, 0), (scale, 1)))
    return (x - mean) / np.sqrt(variance + epsilon) * scale + offset


def take_class(x: Any, labels: Any, axis: int) -> Any:
    inside = (labels >= 0) & (labels < x.shape[axis])
    found = np.take_along_axis(x, np.expand_dims(np.where(inside, labels, 0), axis), axis)
    return np.where(inside, np.squeeze(found, axis), 0.0)


def layer_normalization(x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None) -> Any:
    axes = axis if isinstance(axis, tuple) else (axis,)
    y = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + (EPSILON if epsilon is None else epsilon))
    return y * _spread(x, axes, gamma, 1) + _spread(x, axes, beta, 0)


def rms_normalization(x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None) -> Any:
    y = x / np.sqrt(np.mean(x**2, axis, keepdims=True) + (EPSILON if epsilon is None else epsilon))
    return y if scale is None else y * scale


def normalize(x: Any, axis: int = -1, order: int = 2, epsilon: float | None = None) -> Any:
    norm = np.sum(np.abs(x) ** order, axis, keepdims=True) ** (1 / order)
    return x / np.maximum(norm, EPSILON if epsilon is None else epsilon)


def _windows(x: Any, window: Any, strides: Any, padding: Any, dilation: Any, channels_last: bool, fill: float) -> Any:
    """(samples, *positions, channels, *window) views of the padded images."""
    x = x if channels_last else np.moveaxis(x, 1, -1)
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    pairs = []
    for i, (n, k, s) in enumerate(zip(x.shape[1:-1], spans, strides, strict=True)):
        total = max((-(-n // s) - 1) * s + k - n, 0) if padding == "same" else 0
        pairs.append((total // 2, total - total // 2) if isinstance(padding, str) else padding[i])
    x = np.pad(x, [(0, 0), *pairs, (0, 0)], constant_values=fill)
    views = np.lib.stride_tricks.sliding_window_view(x, spans, tuple(range(1, x.ndim - 1)))
    rank = len(spans)
    steps = (slice(None), *(slice(None, None, s) for s in strides), slice(None), *(slice(None, None, d) for d in dilation))
    return views[steps[:rank + 2] + steps[rank + 2:]]


def _each(value: Any, rank: int) -> Any:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank


def conv(inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1) -> Any:
    *window, inner, outer = kernel.shape
    rank, last = len(window), data_format != "channels_first"
    if last and padding == "same" and 0 in inputs.shape:
        return np.zeros((len(inputs), *(-(-n // s) for n, s in zip(inputs.shape[1:-1], _each(strides, rank), strict=True)), outer))
    views = _windows(inputs, window, _each(strides, rank), padding, _each(dilation_rate, rank), last, 0)
    groups = views.shape[rank + 1] // inner if inner else 1
    parts = []
    for g in range(groups):
        x, k = views.take(range(g * inner, (g + 1) * inner), rank + 1), kernel[..., g * outer // groups:(g + 1) * outer // groups]
        axes = [rank + 1, *range(rank + 2, 2 * rank + 2)], [rank, *range(rank)]
        parts.append(np.tensordot(x, k, axes))
    out = np.concatenate(parts, -1)
    return out if last else np.moveaxis(out, -1, 1)


def conv_transpose(inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
                   data_format: str | None = None, dilation_rate: Any = 1) -> Any:
    *window, outer, _ = kernel.shape
    rank, last = len(window), data_format != "channels_first"
    x = inputs if last else np.moveaxis(inputs, 1, -1)
    steps, dilation, extra = _each(strides, rank), _each(dilation_rate, rank), _each(output_padding, rank)
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    sizes = x.shape[1:-1]
    full = np.zeros((x.shape[0],
                     *((n - 1) * s + k + max(s - k, 0) + (e or 0) for n, s, k, e in zip(sizes, steps, spans, extra, strict=True)), outer))
    for at in np.ndindex(*window):
        where = tuple(slice(i * d, i * d + (n - 1) * s + 1, s) for i, d, n, s in zip(at, dilation, sizes, steps, strict=True))
        full[(slice(None), *where)] += x @ kernel[at].T
    cut = []
    for n, s, k, e in zip(sizes, steps, spans, extra, strict=True):
        same = padding == "same"
        size = (n * s if same else (n - 1) * s + max(k, s)) if e is None else (n - 1) * s + k - 2 * (k // 2) * same + e
        before = max((n - 1) * s + k - size, 0) // 2
        cut.append(slice(before, before + size))
    out = full[(slice(None), *cut)]
    return out if last else np.moveaxis(out, -1, 1)


def reduce_window(x: Any, kind: str, window: Any, strides: Any, padding: Any, channels_last: bool) -> Any:
    rank = len(window)
    views = _windows(x, window, strides, padding, (1,) * rank, channels_last, -np.inf if kind == "max" else 0)
    out = (views.max if kind == "max" else views.sum)(tuple(range(rank + 2, 2 * rank + 2)))
    return out if channels_last else np.moveaxis(out, -1, 1)


def max_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None) -> Any:
    window = _each(pool_size, inputs.ndim - 2)
    return reduce_window(inputs * 1.0, "max", window, window if strides is None else _each(strides, len(window)), padding,
                         data_format != "channels_first")


def average_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None) -> Any:
    window = _each(pool_size, inputs.ndim - 2)
    rest = window if strides is None else _each(strides, len(window)), padding, data_format != "channels_first"
    return reduce_window(inputs, "sum", window, *rest) / reduce_window(np.ones(inputs.shape), "sum", window, *rest)


def cond(pred: Any, true_fn: Any, false_fn: Any) -> Any:
    return true_fn() if pred else false_fn()


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    return branches[min(max(int(index), 0), len(branches) - 1)](*operands)


def while_loop(cond: Any, body: Any, loop_vars: Any, maximum_iterations: int | None = None) -> Any:
    several = isinstance(loop_vars, (list, tuple))
    values, count = tuple(loop_vars) if several else (loop_vars,), 0
    while cond(*values) and (maximum_iterations is None or count < maximum_iterations):
        values, count = tuple(body(*values)) if several else (body(*values),), count + 1
    return values if several else values[0]


def fori_loop(lower: Any, upper: Any, body_fun: Any, init_val: Any) -> Any:
    for i in range(int(lower), int(upper)):
        init_val = body_fun(i, init_val)
    return init_val


def _rows(nest: Any, i: int) -> Any:
    if isinstance(nest, dict):
        return {key: _rows(x, i) for key, x in nest.items()}
    return type(nest)(_rows(x, i) for x in nest) if isinstance(nest, (list, tuple)) else nest[i]


def _stacked(rows: Sequence[Any]) -> Any:
    if isinstance(rows[0], dict):
        return {key: _stacked([row[key] for row in rows]) for key in rows[0]}
    return tuple(map(_stacked, zip(*rows, strict=True))) if isinstance(rows[0], tuple) else np.stack(rows) if rows[0] is not None else None


def _first_size(nest: Any) -> int:
    leaf = nest
    while isinstance(leaf, (list, tuple, dict)):
        leaf = next(iter(leaf.values())) if isinstance(leaf, dict) else leaf[0]
    return len(leaf)


def scan(f: Any, init: Any, xs: Any = None, length: int | None = None, reverse: bool = False) -> Any:
    n = _first_size(xs) if length is None else length
    carry, ys = init, []
    for i in reversed(range(n)) if reverse else range(n):
        carry, y = f(carry, None if xs is None else _rows(xs, i))
        ys.append(y)
    return carry, _stacked(ys[::-1] if reverse else ys) if ys else np.zeros(xs.shape)


def map_rows(function: Any, elements: Any) -> Any:
    n = _first_size(elements)
    return _stacked([function(_rows(elements, i)) for i in range(n)]) if n else function(elements)


def random_bits(seed: Any, shape: Any, width: int) -> Any:
    k0, k1 = (np.uint64(k) for k in bits.draw_key(*(int(n) for n in seed)))
    words = bits.word(np.arange(np.prod(shape, dtype="int64"), dtype="uint64"), k0, k1)
    return (words >> np.uint64(32 - width)).astype("int64").reshape(shape)
