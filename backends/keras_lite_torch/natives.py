"""Own implementations of ops of the table, where torch's fused kernels beat the composite.

Each has the parameters of its op and gets its tensors converted and promoted.  It gives what the composite gives, also at NaN,
at infinities and at the seams of piecewise functions; where a kernel of torch differs there, it is not used.

Three overflow first, as a way around would take up to three times as long: hard_silu and gelu within a factor of 6 of the
largest number, layer_norm near it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F

from keras_lite_torch.attention import attention, fused_attention
from keras_lite_torch.elementwise import less, minimum
from keras_lite_torch.recurrent import lstm
from keras_lite_torch.sequences import ctc
from keras_lite_torch.shortcuts import SHORTCUTS
from keras_lite_torch.tracing import is_recorded, local
from keras_lite_torch.unsigned import SIGNED
from keras_lite_torch.updates import accumulate_gradients, adam_update, rmsprop_update, sgd_update

Tensor: TypeAlias = torch.Tensor


def relu(x: Tensor) -> Tensor:
    if x.dtype in SIGNED:
        return x
    return torch.relu(x.to(torch.int32) if x.dtype is torch.bool else x)


def relu6(x: Tensor) -> Tensor:
    if x.dtype in SIGNED:
        return minimum(x, 6)
    return F.relu6(x.to(torch.int32) if x.dtype is torch.bool else x)


def _fits(number: Any, largest: float = torch.finfo(torch.float32).max) -> bool:
    """Whether the kernels take a parameter: a number of the host inside float32.  The others are the composites'."""
    return isinstance(number, (int, float)) and -largest <= number <= largest


def leaky_relu(x: Tensor, negative_slope: Any = 0.2) -> Tensor:
    return F.leaky_relu(x, float(negative_slope)) if _fits(negative_slope) else NotImplemented


def elu(x: Tensor, alpha: Any = 1.0) -> Tensor:
    return F.elu(x, float(alpha)) if _fits(alpha) else NotImplemented


def selu(x: Tensor) -> Tensor:
    return torch.selu(x)


def celu(x: Tensor, alpha: Any = 1.0) -> Tensor:
    return torch.celu(x, float(alpha)) if _fits(alpha) and alpha else NotImplemented


def sigmoid(x: Tensor) -> Tensor:
    return _Sigmoid.apply(local(x)) if is_recorded(x) else torch.sigmoid(x)


class _Sigmoid(torch.autograd.Function):
    """torch.sigmoid with the derivative as y(x) * y(-x), for torch's y * (1 - y) loses its digits where y nears 1."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.sigmoid(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)
        ctx.save_for_forward(*inputs, output)

    @staticmethod
    def backward(ctx: Any, cotangent: Tensor) -> Tensor:
        x, y = ctx.saved_tensors
        return cotangent * y * sigmoid(-x)

    jvp = backward  # element by element it is the same product


def log_sigmoid(x: Tensor) -> Tensor:
    return F.logsigmoid(x)


def softplus(x: Tensor) -> Tensor:
    return F.softplus(x, threshold=40 if x.dtype is torch.float64 else 20)  # from there on it is x to the last digit


def silu(x: Tensor) -> Tensor:
    return F.silu(x)


def mish(x: Tensor) -> Tensor:
    return F.mish(x)


def gelu(x: Tensor, approximate: bool = True) -> Tensor:
    if approximate:
        return F.gelu(x, approximate="tanh")
    if x.device.type == "cpu":  # whose kernel gives NaN at infinity, but infinity at the largest number
        return F.gelu(x.clamp(max=torch.finfo(x.dtype).max))
    return x * 0.5 * (torch.erf(x * math.sqrt(0.5)) + 1.0)


def threshold(x: Tensor, threshold: Any, default_value: Any) -> Tensor:
    if not (x.is_floating_point() and _fits(threshold) and _fits(default_value)):
        return NotImplemented
    return F.threshold(x, float(threshold), float(default_value))


def softsign(x: Tensor) -> Tensor:
    return F.softsign(x)


def glu(x: Tensor, axis: int = -1) -> Tensor:
    return F.glu(x, axis) if -x.ndim <= axis < x.ndim and x.shape[axis] % 2 == 0 else NotImplemented


def hard_sigmoid(x: Tensor) -> Tensor:
    return F.hardsigmoid(x)


def hard_silu(x: Tensor) -> Tensor:
    return F.hardswish(x)


def hard_tanh(x: Tensor) -> Tensor:
    return F.hardtanh(x)


def soft_shrink(x: Tensor, threshold: Any = 0.5) -> Tensor:
    return F.softshrink(x, float(threshold)) if _fits(threshold) and threshold >= 0 else NotImplemented


def hard_shrink(x: Tensor, threshold: Any = 0.5) -> Tensor:
    return torch.hardshrink(x, float(threshold)) if _fits(threshold) else NotImplemented


def erfc(x: Tensor) -> Tensor:
    return torch.special.erfc(x)


def hypot(x1: Tensor, x2: Tensor) -> Tensor:
    return _of_two(_Hypot, torch.hypot, x1, x2)


def logaddexp(x1: Tensor, x2: Tensor) -> Tensor:
    return _of_two(_LogAddExp, torch.logaddexp, x1, x2)


def _of_two(function: type[torch.autograd.Function], plain: Callable[..., Tensor], x1: Any, x2: Any) -> Tensor:
    """`function`, or what it computes, of two tensors in float32 at least."""
    if x1.dtype in (torch.float16, torch.bfloat16):
        return _of_two(function, plain, x1.to(torch.float32), x2.to(torch.float32)).to(x1.dtype)
    return function.apply(*torch.broadcast_tensors(x1, x2)) if is_recorded(x1, x2) else plain(x1, x2)


def _along(function: Any, ctx: Any, tangents: tuple[Tensor | None, ...]) -> Tensor:
    """The derivative of a function of two along a direction, for torch's forward mode, from its slopes by both."""
    given = [t for t in tangents if t is not None]
    slopes = function.backward(ctx, torch.ones_like(given[0]))
    terms = [slope * t for slope, t in zip(slopes, tangents, strict=True) if t is not None]
    return terms[0] + terms[1] if len(terms) == 2 else terms[0]


class _Hypot(torch.autograd.Function):
    """torch.hypot with the derivative 0 at the origin, where torch's is NaN."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x1: Tensor, x2: Tensor) -> Tensor:
        return torch.hypot(x1, x2)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)
        ctx.save_for_forward(*inputs, output)

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> Tensor:
        return _along(_Hypot, ctx, tangents)

    @staticmethod
    def backward(ctx: Any, cotangent: Tensor) -> tuple[Tensor, Tensor]:
        x1, x2, y = ctx.saved_tensors
        cotangent, length = torch.where(y == 0, 0.0, cotangent), torch.where(y == 0, 1.0, y)
        return cotangent * (x1 / length), cotangent * (x2 / length)


class _LogAddExp(torch.autograd.Function):
    """torch.logaddexp with derivatives 0 where both are -inf, where torch's are NaN."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x1: Tensor, x2: Tensor) -> Tensor:
        return torch.logaddexp(x1, x2)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)
        ctx.save_for_forward(*inputs, output)

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> Tensor:
        return _along(_LogAddExp, ctx, tangents)

    @staticmethod
    def backward(ctx: Any, cotangent: Tensor) -> tuple[Tensor, Tensor]:
        x1, x2, y = ctx.saved_tensors
        nothing = torch.isneginf(y)
        distance = torch.where(nothing, 0.0, x1) - torch.where(nothing, 0.0, x2)
        distance = torch.where(torch.isposinf(y) & (x1 == x2), torch.inf, distance)  # two infinities: the first counts
        cotangent = torch.where(nothing, 0.0, cotangent)
        return cotangent * sigmoid(distance), cotangent * sigmoid(-distance)


def softmax(x: Tensor, axis: Any = -1) -> Tensor:
    return _along_one_axis(torch.softmax, x, axis)


def log_softmax(x: Tensor, axis: Any = -1) -> Tensor:
    return _along_one_axis(torch.log_softmax, x, axis)


def moments(x: Tensor, axes: Any, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    if _unfit(x, axes):
        return NotImplemented
    center = torch.mean(*_reduction(x, axes, keepdims))  # torch.var_mean would give NaN for a mean of infinities
    return center.to(x.dtype), var(x, axes, keepdims)


def var(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    if _unfit(x, axis):
        return NotImplemented
    return _variance(*_reduction(x, axis, keepdims)).to(x.dtype.to_real())


def std(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    if _unfit(x, axis):
        return NotImplemented
    variance, dtype = _variance(*_reduction(x, axis, keepdims)), x.dtype.to_real()
    if is_recorded(variance):
        zero = variance == 0  # there the derivative is 0
        return torch.where(zero, 0, torch.sqrt(torch.where(zero, 1, variance))).to(dtype)
    return torch.sqrt(variance).to(dtype)


def _variance(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if not x.numel():  # where torch.var warns of it
        return torch.sum(torch.real(x), axes, keepdims) * torch.nan
    return torch.var(x, axes, correction=0, keepdim=keepdims)


def _reduction(x: Tensor, axis: Any, keepdims: bool) -> tuple[Tensor, tuple[int, ...], bool]:
    """Arguments for a reduction of torch: in float32 at least, and over an axis of size 1 for none, which torch takes for all."""
    x = x.to(torch.float32) if x.dtype in (torch.float16, torch.bfloat16) else x
    axes = _axes(x, axis)
    return (x, axes, bool(keepdims)) if axes else (x.unsqueeze(-1), (-1,), False)


def _unfit(x: Tensor, axis: Any) -> bool:
    """Whether torch takes `axis` for something else than the op does: an axis of a scalar, no axes, a bool."""
    return axis is not None and (not x.ndim or type(axis) is bool or (type(axis) in (tuple, list) and not axis))


def _axes(x: Tensor, axis: Any) -> tuple[int, ...]:
    """The axes as a tuple, all of them for None."""
    if axis is None:
        return tuple(range(x.ndim))
    return (axis,) if isinstance(axis, int) else tuple(axis)


def _along_one_axis(function: Callable[[Tensor, int], Tensor], x: Tensor, axis: Any) -> Tensor:
    """`function` over one axis or several, which are made one first."""
    if _unfit(x, axis):
        return NotImplemented
    if isinstance(axis, int):
        return function(x, axis)
    axes = _axes(x, axis)
    last = tuple(range(-len(axes), 0))
    moved = x.movedim(axes, last)
    return function(moved.flatten(x.ndim - len(axes)), -1).reshape(moved.shape).movedim(last, axes)


def split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """One call, whose gradient is one concatenation."""
    size = x.shape[axis] if -x.ndim <= axis < x.ndim else 0
    if type(indices_or_sections) is not int or type(axis) is bool or indices_or_sections < 1 or size < 1 or size % indices_or_sections:
        return NotImplemented
    return list(x.chunk(indices_or_sections, axis))


def signbit(x: Tensor) -> Tensor:
    return torch.signbit(x) if x.is_floating_point() else less(x, 0)


def layer_norm(x: Tensor, gamma: Tensor | None, beta: Tensor | None, axes: tuple[int, ...], epsilon: float) -> Tensor:
    """Fused over the last axes (they are sorted)."""
    if not axes or axes[0] != x.ndim - len(axes) or not x.numel():
        return NotImplemented
    shape = x.shape[axes[0]:]
    gamma = gamma if gamma is None or gamma.shape == shape else gamma.reshape(shape)
    beta = beta if beta is None or beta.shape == shape else beta.reshape(shape)
    return torch.layer_norm(x, shape, gamma, beta, epsilon)


_POOLS: dict[str, tuple[Callable[..., Tensor], ...]] = {
    "mean": (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d),
    "max": (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d),
}


def pool_to_size(x: Tensor, kind: str, parts: tuple[Any, ...], channels_last: bool) -> Tensor:
    if kind not in _POOLS or not x.is_floating_point() or not x.numel():
        return NotImplemented
    images = x.movedim(-1, 1) if channels_last else x
    y = _POOLS[kind][len(parts) - 1](images, parts if len(parts) > 1 else parts[0] or x.shape[1 if channels_last else 2])
    return y.movedim(1, -1) if channels_last else y


def unfold(x: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    if type(kernel_size) is bool or x.ndim != 4 or not x.numel() or x.dtype not in (torch.float32, torch.float64):
        return NotImplemented
    return F.unfold(x, kernel_size, dilation, padding, stride)


def fold(x: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    if x.ndim != 3 or not x.numel() or x.dtype not in (torch.float32, torch.float64):
        return NotImplemented
    return F.fold(x, output_size, kernel_size, dilation, padding, stride)


def take_class(x: Tensor, labels: Tensor, axis: int) -> Tensor:
    """A gather: the composite compares every class."""
    if not x.shape[axis] or labels.shape != x.shape[:axis] + x.shape[axis + 1:]:
        return NotImplemented
    nearest = labels.clamp(0, x.shape[axis] - 1)
    return torch.where(nearest == labels, x.gather(axis, nearest.to(torch.int64).unsqueeze(axis)).squeeze(axis), 0)


NATIVES: dict[str, Callable[..., Any]] = {f.__name__: f for f in (
    relu, relu6, leaky_relu, elu, selu, celu, sigmoid, log_sigmoid, softplus, silu, mish, gelu, hard_silu, hard_tanh, soft_shrink,
    hard_shrink, hard_sigmoid, threshold, softsign, glu, erfc, hypot, logaddexp, signbit, softmax, log_softmax, moments, var, std, split,
    layer_norm, take_class, pool_to_size, unfold, fold, attention, fused_attention, ctc, accumulate_gradients, sgd_update, rmsprop_update,
    adam_update, lstm,
)} | SHORTCUTS
FIRST_ORDER = frozenset({
    "attention", "fused_attention", "ctc", "lstm",  # kernels whose gradients are kernels
    "hard_sigmoid",  # not implemented
    "layer_norm",  # an error with beta alone
    "mish",  # NaN where it is as good as linear
})
