"""The abstract engine: the contract's functions on specs.  One rule per family; values are never computed.

An unknown size is None.  Two unknown sizes are taken to fit; an unknown one beside a known one takes the known size (except 1,
which broadcasts).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_lite.engine.errors import invalid
from keras_lite.symbolic import cost
from keras_lite.symbolic.complex_numbers import (  # noqa: F401  # functions of the contract
    absolute,
    bitcast,
    fourier,
    imag,
    make_complex,
    real,
    real_fourier,
)
from keras_lite.symbolic.linear_algebra import (  # noqa: F401  # functions of the contract
    cholesky,
    det,
    eig,
    eigh,
    lu_factor,
    qr,
    singular_values,
    slogdet,
    solve,
    solve_triangular,
    svd,
)
from keras_lite.symbolic.rules import broadcast, broadcast_shapes, contracted, conv_size, kept, matmul_shape, transposed_size
from keras_lite.symbolic.spec import KerasTensor

name = "symbolic"
is_abstract = has_unknown_sizes = True
eager_compiles = False
natives: dict[str, Callable[..., Any]] = {}
spec = KerasTensor.spec


def is_tensor(x: Any) -> bool:
    return isinstance(x, KerasTensor) and not x.sparse


def is_eager() -> bool:
    return False


def is_sparse(x: Any) -> bool:
    return isinstance(x, KerasTensor) and x.sparse


def canonical_dtype(dtype: str) -> str:
    return dtype


def convert(x: Any, dtype: str) -> KerasTensor:
    if isinstance(x, KerasTensor):
        return spec(x.shape, dtype)
    if isinstance(x, (list, tuple)) and any(isinstance(item, KerasTensor) for item in x):
        return spec((len(x), *next(item.shape for item in x if isinstance(item, KerasTensor))), dtype)
    shape = getattr(x, "shape", None)  # tensors of any engine are constants here: only their shape matters
    return spec(tuple(shape) if shape is not None else np.shape(x), dtype)


def cast(x: KerasTensor, dtype: str) -> KerasTensor:
    return x if x.dtype == dtype else spec(x.shape, dtype)


def to_numpy(x: KerasTensor) -> Any:
    hint = "" if x.history is None else "; it stands for tensors of a model, and no function that an op takes can close over it"
    raise invalid("convert_to_numpy", f"{x!r} has no values{hint}")


def shape_of(x: KerasTensor) -> tuple[Any, ...]:
    return x.shape


def dtype_of(x: KerasTensor) -> str:
    return x.dtype


def full(shape: tuple[Any, ...], value: Any, dtype: str) -> KerasTensor:
    return spec(tuple(shape), dtype)


def iota(size: Any, dtype: str) -> KerasTensor:
    return spec((size,), dtype)


# --- elementwise ---------------------------------------------------------------------------------------------------------


def _same(x: KerasTensor) -> KerasTensor:
    return spec(x.shape, x.dtype)


def _bool(x: KerasTensor) -> KerasTensor:
    return spec(x.shape, "bool")


for _name in ("negative", "sign", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "sin", "cos", "tan", "arcsin", "arccos",
              "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "erf", "erfinv", "lgamma", "digamma", "floor", "ceil",
              "round", "bitwise_not", "stop_gradient"):
    globals()[_name] = _same
for _name in ("is_nan", "is_finite"):
    globals()[_name] = _bool


def _binary(x1: Any, x2: Any) -> KerasTensor:
    tensor = x1 if isinstance(x1, KerasTensor) else x2
    return spec(broadcast(x1, x2), tensor.dtype)


def _compare(x1: Any, x2: Any) -> KerasTensor:
    return spec(broadcast(x1, x2), "bool")


def _named(rule: Callable[..., Any], op: str) -> Callable[..., Any]:
    """`rule` with shape errors that begin with the op's name and the two shapes."""

    def function(x1: Any, x2: Any) -> KerasTensor:
        try:
            return rule(x1, x2)
        except ValueError as error:
            shapes = " and ".join(str(getattr(x, "shape", x)) for x in (x1, x2))
            raise invalid(op, f"shapes {shapes} do not broadcast: {error}") from None

    function.__name__ = op
    return function


for _name in ("add", "subtract", "multiply", "divide", "floor_divide", "remainder", "power", "arctan2", "maximum", "minimum",
              "nextafter", "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"):
    globals()[_name] = _named(_binary, _name)
for _name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
    globals()[_name] = _named(_compare, _name)


def where(condition: KerasTensor, x1: Any, x2: Any) -> KerasTensor:
    tensor = x1 if isinstance(x1, KerasTensor) else x2
    shapes = [getattr(x, "shape", ()) for x in (condition, x1, x2)]
    try:
        return spec(broadcast_shapes(*shapes), tensor.dtype)
    except ValueError as error:
        raise invalid("where", f"shapes {shapes[0]}, {shapes[1]} and {shapes[2]} do not broadcast: {error}") from None


# --- reductions ----------------------------------------------------------------------------------------------------------


def _reduce(x: KerasTensor, axes: tuple[int, ...], keepdims: bool) -> KerasTensor:
    return spec(kept(x.shape, axes, keepdims), x.dtype)


reduce_sum = reduce_prod = reduce_max = reduce_min = reduce_any = reduce_all = _reduce


def argmax(x: KerasTensor, axis: int) -> KerasTensor:
    return spec(kept(x.shape, (axis,), False), "int32")


argmin = argmax


def cumsum(x: KerasTensor, axis: int) -> KerasTensor:
    return _same(x)


cumprod = cumsum


# --- shaping -------------------------------------------------------------------------------------------------------------


def reshape(x: KerasTensor, shape: tuple[Any, ...]) -> KerasTensor:
    """The size for -1 follows where it can; with an unknown size in `x` or in `shape` it may stay unknown."""
    sizes = [n for n in x.shape if n is not None]
    known, rest = math.prod(sizes), [n for n in shape if n not in (-1, None)]
    product, free = math.prod(rest), len(shape) - len(rest)
    if None not in x.shape:
        fills = product == known if free == 0 else known % product == 0 if product else known == 0
        if not fills:
            raise invalid("reshape", f"{x.shape} has {known} elements, which do not fill the shape {tuple(shape)}")
        if free == 1:
            return spec(tuple((known // product if product else 0) if n in (-1, None) else n for n in shape), x.dtype)
        return spec(tuple(None if n in (-1, None) else n for n in shape), x.dtype)
    return spec(tuple(None if n in (-1, None) else n for n in shape), x.dtype)


def transpose(x: KerasTensor, axes: tuple[int, ...]) -> KerasTensor:
    return spec(tuple(x.shape[a] for a in axes), x.dtype)


def broadcast_to(x: KerasTensor, shape: tuple[Any, ...]) -> KerasTensor:
    shape = tuple(shape)
    fits = len(shape) >= x.ndim and all(a in (1, None) or b is None or a == b for a, b in zip(x.shape[::-1], shape[::-1], strict=False))
    if not fits:
        raise invalid("broadcast_to", f"{x.shape} does not broadcast to {shape}")
    return spec(shape, x.dtype)


def concatenate(xs: Sequence[KerasTensor], axis: int) -> KerasTensor:
    first = xs[0]
    shape = list(first.shape)
    for x in xs[1:]:
        if x.ndim != first.ndim:
            raise invalid("concatenate", f"ranks differ: {', '.join(str(t.shape) for t in xs)}")
        for i, (a, b) in enumerate(zip(shape, x.shape, strict=True)):
            if i == axis:
                shape[i] = None if a is None or b is None else a + b
            elif a is None or b is None:
                shape[i] = b if a is None else a
            elif a != b:
                raise invalid("concatenate", f"sizes of axis {i} differ, only axis {axis} may: {', '.join(str(t.shape) for t in xs)}")
    return spec(tuple(shape), first.dtype)


def pad(x: KerasTensor, pairs: Any, value: Any) -> KerasTensor:
    return spec(tuple(None if n is None else n + low + high for n, (low, high) in zip(x.shape, pairs, strict=True)), x.dtype)


def flip(x: KerasTensor, axes: tuple[int, ...]) -> KerasTensor:
    return _same(x)


def strided_slice(x: KerasTensor, starts: Any, stops: Any, steps: Any) -> KerasTensor:
    sizes = (None if stop is None or start is None else max(0, -(-(stop - start) // step))
             for start, stop, step in zip(starts, stops, steps, strict=True))
    return spec(tuple(sizes), x.dtype)


def dynamic_slice(x: KerasTensor, starts: Any, sizes: Any) -> KerasTensor:
    for axis, (size, n) in enumerate(zip(sizes, x.shape, strict=True)):
        if n is not None and size is not None and size > n:
            raise invalid("slice", f"a block of {tuple(sizes)} does not fit into {x.shape} (axis {axis})")
    return spec(tuple(sizes), x.dtype)


def dynamic_update_slice(x: KerasTensor, update: KerasTensor, starts: Any) -> KerasTensor:
    if update.ndim != x.ndim or any(u is not None and n is not None and u > n for u, n in zip(update.shape, x.shape, strict=False)):
        raise invalid("slice_update", f"an update of shape {update.shape} does not fit into {x.shape}")
    return _same(x)


# --- indexing ------------------------------------------------------------------------------------------------------------


def gather(x: KerasTensor, indices: KerasTensor, axis: int) -> KerasTensor:
    return spec(x.shape[:axis] + indices.shape + x.shape[axis + 1:], x.dtype)


def take_along_axis(x: KerasTensor, indices: KerasTensor, axis: int) -> KerasTensor:
    if x.ndim != indices.ndim:
        raise invalid("take_along_axis", f"ranks differ: {x.shape} and indices {indices.shape}")
    try:
        others = broadcast_shapes(*((*shape[:axis], 1, *shape[axis + 1:]) for shape in (x.shape, indices.shape)))
    except ValueError as error:
        raise invalid("take_along_axis", f"{x.shape} and indices {indices.shape} differ beside axis {axis}: {error}") from None
    return spec((*others[:axis], indices.shape[axis], *others[axis + 1:]), x.dtype)


def scatter(x: KerasTensor, indices: KerasTensor, updates: KerasTensor, mode: str) -> KerasTensor:
    if indices.ndim != 2 or indices.shape[1] is None or indices.shape[1] > x.ndim:
        raise invalid("scatter", f"indices must be (n, k) with k <= {x.ndim}, got {indices.shape}")
    expected = (indices.shape[0], *x.shape[indices.shape[1]:])
    differ = any(a is not None and b is not None and a != b for a, b in zip(expected, updates.shape, strict=False))
    if len(expected) != updates.ndim or differ:
        raise invalid("scatter", f"updates must have shape {expected}, got {updates.shape}")
    return _same(x)


def sort(x: KerasTensor, axis: int) -> KerasTensor:
    return _same(x)


def argsort(x: KerasTensor, axis: int) -> KerasTensor:
    return spec(x.shape, "int32")


def top_k(x: KerasTensor, k: int) -> tuple[KerasTensor, KerasTensor]:
    if x.shape[-1] is not None and k > x.shape[-1]:
        raise invalid("top_k", f"k={k} exceeds the last axis of {x.shape}")
    shape = (*x.shape[:-1], k)
    return spec(shape, x.dtype), spec(shape, "int32")


def searchsorted(sorted_sequence: KerasTensor, values: KerasTensor, side: str) -> KerasTensor:
    return spec(values.shape, "int32")


# --- contraction ---------------------------------------------------------------------------------------------------------


def matmul(x1: KerasTensor, x2: KerasTensor) -> KerasTensor:
    shape = matmul_shape(x1.shape, x2.shape)
    cost.note(*shape, x1.shape[-1])
    return spec(shape, x1.dtype)


def einsum(subscripts: str, operands: Sequence[KerasTensor]) -> KerasTensor:
    shapes = [x.shape for x in operands]
    result = spec(contracted(subscripts, shapes), operands[0].dtype)
    cost.note_einsum(subscripts, shapes)
    return result


def _spatial(x: KerasTensor, channels_last: bool) -> tuple[Any, ...]:
    return x.shape[1:-1] if channels_last else x.shape[2:]


def _image(x: KerasTensor, spatial: Any, channels: Any, channels_last: bool) -> KerasTensor:
    return spec((x.shape[0], *spatial, channels) if channels_last else (x.shape[0], channels, *spatial), x.dtype)


def _windows(op: str, x: KerasTensor, window: Any, strides: Any, padding: Any, dilation: Any, channels_last: bool) -> tuple[Any, ...]:
    pads = [padding] * len(window) if isinstance(padding, str) else padding
    sizes = tuple(map(conv_size, _spatial(x, channels_last), window, strides, pads, dilation))
    if any(n is not None and n < 0 for n in sizes):
        raise invalid(op, f"the window {tuple(window)} (dilation {tuple(dilation)}) is larger than the input {x.shape}, "
                          f"padding {padding!r}")
    return sizes


def conv(x: KerasTensor, kernel: KerasTensor, strides: Any, padding: Any, dilation: Any, groups: int, channels_last: bool) -> KerasTensor:
    channels = x.shape[-1 if channels_last else 1]
    if channels is not None and kernel.shape[-2] is not None and channels != kernel.shape[-2] * groups:
        raise invalid("conv", f"the input {x.shape} has {channels} channels, the kernel {kernel.shape} with groups={groups} "
                              f"wants {kernel.shape[-2] * groups}")
    sizes = _windows("conv", x, kernel.shape[:-2], strides, padding, dilation, channels_last)
    cost.note(x.shape[0], *sizes, *kernel.shape)
    return _image(x, sizes, kernel.shape[-1], channels_last)


def conv_transpose(x: KerasTensor, kernel: KerasTensor, strides: Any, padding: Any, dilation: Any, channels_last: bool) -> KerasTensor:
    channels = x.shape[-1 if channels_last else 1]
    if channels is not None and kernel.shape[-1] is not None and channels != kernel.shape[-1]:
        raise invalid("conv_transpose", f"the input {x.shape} has {channels} channels, the kernel {kernel.shape} wants {kernel.shape[-1]}")
    sizes = tuple(map(transposed_size, _spatial(x, channels_last), kernel.shape[:-2], strides, padding, dilation))
    cost.note(x.shape[0], *_spatial(x, channels_last), *kernel.shape)
    return _image(x, sizes, kernel.shape[-2], channels_last)


def reduce_window(x: KerasTensor, kind: str, window: Any, strides: Any, padding: Any, channels_last: bool) -> KerasTensor:
    sizes = _windows("pool", x, window, strides, padding, (1,) * len(window), channels_last)
    return _image(x, sizes, x.shape[-1 if channels_last else 1], channels_last)


# --- control and transformation ------------------------------------------------------------------------------------------


def random_bits(seed: KerasTensor, shape: Any, width: int) -> KerasTensor:
    return spec(tuple(shape), "int32")


def cond(predicate: KerasTensor, true_fn: Callable[[], list[KerasTensor]], false_fn: Callable[[], list[KerasTensor]]) -> list[KerasTensor]:
    """Both branches are described; a size in which they differ is unknown."""
    pairs = zip(*cost.largest([true_fn, false_fn]), strict=True)
    return [spec(tuple(m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)), a.dtype) for a, b in pairs]


def while_loop(condition: Callable[..., Any], body: Callable[..., Any], state: list[KerasTensor],
               maximum_iterations: Any) -> list[KerasTensor]:
    condition(state)
    with cost.repeated(None):  # how often depends on values
        body(state)
    return [_same(x) for x in state]


def scan(body: Callable[..., Any], state: list[KerasTensor], xs: list[KerasTensor], length: Any,
         reverse: bool) -> tuple[list[Any], list[Any]]:
    with cost.repeated(length):
        _, ys = body(state, [spec(x.shape[1:], x.dtype) for x in xs])
    return [_same(x) for x in state], [spec((length, *y.shape), y.dtype) for y in ys]


def vectorized_map(fn: Callable[..., Any], xs: list[KerasTensor]) -> list[KerasTensor]:
    with cost.repeated(xs[0].shape[0]):
        ys = fn([spec(x.shape[1:], x.dtype) for x in xs])
    return [spec((xs[0].shape[0], *y.shape), y.dtype) for y in ys]


def custom_gradient(forward: Callable[..., Any], backward: Callable[..., Any], tensors: list[KerasTensor]) -> list[KerasTensor]:
    return forward(*tensors)[0]


def compile(fn: Callable[..., Any]) -> Callable[..., Any]:  # noqa: A001  # the contract's name; the builtin is not used here
    return fn


def value_and_grad(fn: Callable[..., Any], tensors: list[KerasTensor]) -> tuple[Any, Any, list[KerasTensor]]:
    value, aux = fn(tensors)
    return value, aux, [_same(x) for x in tensors]
