"""Elementwise arithmetic and comparison."""

from __future__ import annotations

from typing import Any, TypeAlias

import torch

from keras_lite_torch import unsigned
from keras_lite_torch.tensors import filled
from keras_lite_torch.transformation import custom_gradient, is_differentiated_twice
from keras_lite_torch.unsigned import SIGNED, in_order, on_bits

Tensor: TypeAlias = torch.Tensor


@on_bits(0)
def negative(x: Tensor) -> Tensor:
    return -x


def absolute(x: Tensor) -> Tensor:
    return x if x.dtype in SIGNED or x.dtype is torch.bool else torch.abs(x)


def sign(x: Tensor) -> Tensor:
    if x.dtype in SIGNED:
        return (x != 0).to(x.dtype)
    if x.is_floating_point():
        return torch.where(torch.isnan(x), x.detach(), torch.sign(x))  # torch says 0 for NaN
    return torch.sgn(x)


exp = torch.exp
expm1 = torch.expm1
log = torch.log
log1p = torch.log1p
sqrt = torch.sqrt
rsqrt = torch.rsqrt
sin = torch.sin
cos = torch.cos
tan = torch.tan
arcsin = torch.arcsin
arccos = torch.arccos
arctan = torch.arctan
sinh = torch.sinh
cosh = torch.cosh
tanh = torch.tanh
arcsinh = torch.arcsinh
arccosh = torch.arccosh
arctanh = torch.arctanh
erf = torch.erf
erfinv = torch.erfinv
lgamma = torch.lgamma
digamma = torch.digamma
floor = torch.floor
ceil = torch.ceil
round = torch.round  # noqa: A001  # the contract's name; the builtin is not used here
is_nan = torch.isnan
is_finite = torch.isfinite


@on_bits(0, 1)
def add(x1: Any, x2: Any) -> Tensor:
    return x1 + x2


@on_bits(0, 1)
def subtract(x1: Any, x2: Any) -> Tensor:
    return x1 - x2


@on_bits(0, 1)
def multiply(x1: Any, x2: Any) -> Tensor:
    return x1 * x2


def divide(x1: Any, x2: Any) -> Tensor:
    return x1 / x2


def floor_divide(x1: Any, x2: Any) -> Tensor:
    if type(x2) is int and x2 and x1.dtype not in SIGNED:
        return torch.div(x1, x2, rounding_mode="floor")
    x1, x2 = _both(x1, x2)
    if x1.is_floating_point():
        return torch.div(x1, x2, rounding_mode="floor")
    if x1.dtype in SIGNED:
        return unsigned.divide(x1, x2)[0]
    zero = x2 == 0  # there torch raises, while NumPy says 0
    return torch.where(zero, 0, torch.div(x1, torch.where(zero, 1, x2), rounding_mode="floor"))


def remainder(x1: Any, x2: Any) -> Tensor:
    if type(x2) is int and x2 and x1.dtype not in SIGNED:
        return torch.remainder(x1, x2)
    x1, x2 = _both(x1, x2)
    if x1.is_floating_point():
        return torch.remainder(x1, x2)
    if x1.dtype in SIGNED:
        return unsigned.divide(x1, x2)[1]
    zero = x2 == 0
    return torch.where(zero, 0, torch.remainder(x1, torch.where(zero, 1, x2)))


def power(x1: Any, x2: Any) -> Tensor:
    dtype = x1.dtype if isinstance(x1, torch.Tensor) else x2.dtype
    if isinstance(x2, torch.Tensor) and x2.requires_grad and is_differentiated_twice():
        return custom_gradient(lambda x1, x2: ([x1**x2], [x1, x2]), _power_gradient, list(torch.broadcast_tensors(*_both(x1, x2))))[0]
    return unsigned.power(x1, x2) if dtype in SIGNED else x1**x2


def _power_gradient(xs: list[Tensor], cotangents: list[Tensor]) -> list[Tensor]:
    """As torch's own; but the derivative of that one is NaN where the base is 0."""
    (x1, x2), (g,), zero = xs, cotangents, xs[0] == 0
    to_base = g * x2 * power(x1, torch.where(x2 == 0, 1, x2) - 1)
    return [to_base, torch.where(zero, 0, g * power(x1, x2) * torch.log(torch.where(zero, 1, x1)))]


def arctan2(x1: Any, x2: Any) -> Tensor:
    return torch.arctan2(*_both(x1, x2))


@in_order(0, 1, values=True)
def maximum(x1: Any, x2: Any) -> Tensor:
    return torch.maximum(*_both(x1, x2))


@in_order(0, 1, values=True)
def minimum(x1: Any, x2: Any) -> Tensor:
    return torch.minimum(*_both(x1, x2))


def nextafter(x1: Any, x2: Any) -> Tensor:
    return torch.nextafter(*_both(x1, x2))


@on_bits(0, 1)
def bitwise_and(x1: Any, x2: Any) -> Tensor:
    return x1 & x2


@on_bits(0, 1)
def bitwise_or(x1: Any, x2: Any) -> Tensor:
    return x1 | x2


@on_bits(0, 1)
def bitwise_xor(x1: Any, x2: Any) -> Tensor:
    return x1 ^ x2


@on_bits(0)
def bitwise_not(x: Tensor) -> Tensor:
    return ~x


@on_bits(0, 1)
def left_shift(x1: Any, x2: Any) -> Tensor:
    return x1 << x2


def right_shift(x1: Any, x2: Any) -> Tensor:
    dtype = x1.dtype if isinstance(x1, torch.Tensor) else x2.dtype
    return unsigned.right_shift(x1, x2) if dtype in SIGNED else x1 >> x2


@on_bits(0, 1)
def equal(x1: Any, x2: Any) -> Tensor:
    return x1 == x2


@on_bits(0, 1)
def not_equal(x1: Any, x2: Any) -> Tensor:
    return x1 != x2


@in_order(0, 1, values=False)
def less(x1: Any, x2: Any) -> Tensor:
    return x1 < x2


@in_order(0, 1, values=False)
def less_equal(x1: Any, x2: Any) -> Tensor:
    return x1 <= x2


@in_order(0, 1, values=False)
def greater(x1: Any, x2: Any) -> Tensor:
    return x1 > x2


@in_order(0, 1, values=False)
def greater_equal(x1: Any, x2: Any) -> Tensor:
    return x1 >= x2


@on_bits(1, 2)
def where(condition: Tensor, x1: Any, x2: Any) -> Tensor:
    try:
        return torch.where(condition, x1, x2)
    except (RuntimeError, OverflowError):  # of a number that is too large for the dtype
        return torch.where(condition, *_both(x1, x2))


def _both(x1: Any, x2: Any) -> tuple[Tensor, Tensor]:
    """Both as tensors of one dtype, for the functions of torch that take no Python scalars."""
    if not isinstance(x1, torch.Tensor):
        return filled((), x1, x2.dtype, x2.device), x2
    if not isinstance(x2, torch.Tensor):
        return x1, filled((), x2, x1.dtype, x1.device)
    return x1, x2
