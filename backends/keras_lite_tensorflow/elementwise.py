"""Elementwise arithmetic, comparison and select.

Dtypes for which TensorFlow has no kernel go through the nearest one in which the result is the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import tensorflow as tf

from keras_lite_tensorflow.kernels import binary, in_float32, negative_zero, pair, raw, through, unary, with_gradient

Tensor: TypeAlias = tf.Tensor

# --- one operand -------------------------------------------------------------------------------------------------------


def negative(x: Tensor) -> Tensor:
    return tf.bitwise.invert(x) + tf.ones([], x.dtype) if x.dtype.is_unsigned else raw.Neg(x=x)


def absolute(x: Tensor) -> Tensor:
    return x if x.dtype.is_unsigned or x.dtype.is_bool else tf.abs(x)


def sign(x: Tensor) -> Tensor:
    return tf.cast(tf.not_equal(x, 0), x.dtype) if x.dtype.is_unsigned else raw.Sign(x=x)


exp = unary(raw.Exp)
expm1 = unary(raw.Expm1)
log = unary(raw.Log)
log1p = unary(raw.Log1p)
sqrt = unary(raw.Sqrt)
rsqrt = unary(raw.Rsqrt)
sin = unary(raw.Sin)
cos = unary(raw.Cos)
tan = unary(raw.Tan)
arcsin = unary(raw.Asin)
arccos = unary(raw.Acos)
arctan = unary(raw.Atan)
sinh = unary(raw.Sinh)
cosh = unary(raw.Cosh)
tanh = unary(raw.Tanh)
arcsinh = unary(raw.Asinh)
arccosh = unary(raw.Acosh)
arctanh = unary(raw.Atanh)


def erf(x: Tensor) -> Tensor:
    y = raw.Erf(x=x)
    return tf.where(tf.math.is_inf(x), tf.sign(x), y) if x.dtype == tf.float64 else y  # this kernel says NaN at infinity


def erfinv(x: Tensor) -> Tensor:
    return tf.cast(_erfinv(tf.cast(x, "float64")), x.dtype)


def _erfinv(x: Tensor) -> Tensor:
    """TensorFlow's own has an absolute error of 1e-16, too much near 0, where one step of Newton's method mends it."""
    y = raw.Erfinv(x=x)
    correction = (raw.Erf(x=y) - x) * (math.sqrt(math.pi) / 2) * tf.exp(tf.square(y))
    return y - tf.stop_gradient(tf.where(tf.abs(x) < 0.5, correction, tf.zeros([], x.dtype)))


def lgamma(x: Tensor) -> Tensor:
    return _lgamma(x)


def digamma(x: Tensor) -> Tensor:
    """With its one-sided limit at 0, where TensorFlow has NaN."""
    return tf.where(tf.equal(x, 0), -1 / x, _digamma(x))


_lgamma = in_float32(unary(raw.Lgamma))
_digamma = in_float32(unary(raw.Digamma))
floor = unary(raw.Floor)
ceil = unary(raw.Ceil)
round = unary(raw.Round)  # noqa: A001  # the contract's name; the builtin is not used here


def is_nan(x: Tensor) -> Tensor:
    return raw.NotEqual(x=x, y=x) if x.dtype.is_complex else raw.IsNan(x=x)


def is_finite(x: Tensor) -> Tensor:
    return is_finite(tf.math.real(x)) & is_finite(tf.math.imag(x)) if x.dtype.is_complex else raw.IsFinite(x=x)


# --- two operands ------------------------------------------------------------------------------------------------------

add = binary(raw.AddV2)


def subtract(x1: Any, x2: Any) -> Tensor:
    return _subtract(*pair(x1, x2))


_subtract = through({"uint8": "int32", "uint16": "int32"}, binary(raw.Sub))  # a graph makes 0 - x a negation, which these lack
multiply = binary(raw.Mul)
divide = binary(raw.RealDiv)


def floor_divide(x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    return _unless_zero(tf.math.floordiv, x1, x2) if x1.dtype.is_integer else _floor_divide(x1, x2)


def remainder(x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    return _unless_zero(tf.math.floormod, x1, x2) if x1.dtype.is_integer else _remainder(x1, x2)


def _unless_zero(function: Callable[[Tensor, Tensor], Tensor], x1: Tensor, x2: Tensor) -> Tensor:
    """0 where the divisor is 0, as in NumPy; TensorFlow would stop the program."""
    zero = tf.equal(x2, 0)
    return tf.where(zero, tf.zeros([], x1.dtype), function(x1, tf.where(zero, tf.ones([], x2.dtype), x2)))


def _modulo(x1: Tensor, x2: Tensor) -> Tensor:
    """C's fmod, moved to the divisor's sign.  TensorFlow's floormod rounds once more: 0 for -1e-20 modulo 3, which is 3."""
    rest = raw.TruncateMod(x=x1, y=x2)
    signed_zero = tf.where(x2 < 0, negative_zero(x2.dtype), tf.zeros([], x2.dtype))
    return tf.where(tf.equal(rest, 0), signed_zero, tf.where(_signs_differ(rest, x2), rest + x2, rest))


def _signs_differ(x1: Tensor, x2: Tensor) -> Tensor:
    return tf.not_equal(x1 < 0, x2 < 0)


def _whole_quotient(x1: Tensor, x2: Tensor) -> Tensor:
    """From the exact rest: the quotient itself may round up to the next integer (1 // 0.1 is 9)."""
    quotient, rest, zero = x1 / x2, raw.TruncateMod(x=x1, y=x2), tf.zeros([], x1.dtype)
    truncated = tf.round((x1 - rest) / x2)
    whole = tf.where(tf.not_equal(rest, 0) & _signs_differ(rest, x2), truncated - 1, truncated)
    return tf.where(tf.equal(x2, 0), quotient, tf.where(tf.equal(whole, 0), quotient * zero, whole))


_floor_divide = in_float32(lambda x1, x2: tf.stop_gradient(_whole_quotient(x1, x2)))
_remainder = in_float32(with_gradient(_modulo, lambda x1, x2, g: (g, -g * _floor_divide(x1, x2))))


def power(x1: Any, x2: Any) -> Tensor:
    if isinstance(x2, (int, float)) and x2 == 2:
        return raw.Square(x=x1)
    x1, x2 = pair(x1, x2)
    if x1.dtype.is_complex:
        return raw.Pow(x=x1, y=x2)
    return _integer_power(x1, x2) if x1.dtype.is_integer else _power(x1, x2)


def _rounded_power(x1: Tensor, x2: Tensor) -> Tensor:
    """Negative powers are rounded toward 0, where TensorFlow's kernel raises."""
    negative = x2 < 0
    y = raw.Pow(x=x1, y=tf.where(negative, x2 % 2, x2))
    return tf.where(negative & (tf.abs(x1) != 1), tf.zeros_like(y), y)


_integer_power = through(dict.fromkeys(("uint8", "uint16", "uint32", "uint64"), "int64"), _rounded_power)


def _power_gradient(x1: Tensor, x2: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """0 where TensorFlow's own says 0 * inf: for the base at 0**0, for the exponent at base 0."""
    one, zero = tf.ones([], x1.dtype), tf.zeros([], x1.dtype)
    to_base = g * x2 * _power(x1, tf.where(tf.equal(x2, 0), one, x2) - one)
    logarithm = tf.math.log(tf.where(tf.equal(x1, 0), one, x1))
    return to_base, tf.where(tf.equal(x1, 0), zero, g * _power(x1, x2) * logarithm)


_power = with_gradient(binary(raw.Pow), _power_gradient)


def arctan2(x1: Any, x2: Any) -> Tensor:
    return tf.atan2(*pair(x1, x2))


def maximum(x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    return _maximum(x1, x2) if x1.dtype.is_floating else _integer_maximum(x1, x2)


def minimum(x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    return _minimum(x1, x2) if x1.dtype.is_floating else _integer_minimum(x1, x2)


def _winner_takes(wins: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]:
    """The gradient of a choice between two: all for the one that `wins`, half for each on a tie."""

    def gradient(x1: Tensor, x2: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
        share = tf.where(tf.equal(x1, x2), g / 2, tf.zeros([], g.dtype))
        return tf.where(wins(x1, x2), g, share), tf.where(wins(x2, x1), g, share)

    return gradient


def _or_nan(kernel: Callable[..., Tensor], wins: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """The choice by `kernel`; in a graph by comparison, since XLA on the CPU drops a NaN on the right, and a graph may end up there."""

    def choose(x1: Tensor, x2: Tensor) -> Tensor:
        if tf.executing_eagerly():
            return kernel(x=x1, y=x2)
        return tf.where(wins(x1, x2) | tf.math.is_nan(x1), x1, x2)

    return choose


_maximum = with_gradient(_or_nan(raw.Maximum, tf.greater), _winner_takes(tf.greater))
_minimum = with_gradient(_or_nan(raw.Minimum, tf.less), _winner_takes(tf.less))
_integer_maximum = through({"bool": "uint8"}, binary(raw.Maximum))
_integer_minimum = through({"bool": "uint8"}, binary(raw.Minimum))


def nextafter(x1: Any, x2: Any) -> Tensor:
    return _nextafter(*pair(x1, x2))


def _next(x1: Tensor, x2: Tensor) -> Tensor:
    return _next_half(x1, x2) if x1.dtype.size == 2 else tf.math.nextafter(x1, x2)


def _next_half(x1: Tensor, x2: Tensor) -> Tensor:
    """One up or down in the bits, which count up from 0 in both directions."""
    bits, one = tf.bitcast(x1, "int16"), tf.ones([], "int16")
    step = tf.bitcast(tf.where(tf.equal(x2 > x1, x1 > 0), bits + one, bits - one), x1.dtype)
    tiny = tf.bitcast(one, x1.dtype)
    step = tf.where(tf.equal(x1, 0), tf.where(x2 > 0, tiny, -tiny), step)
    return tf.where(tf.equal(x1, x2), x2, tf.where(tf.math.is_nan(x1) | tf.math.is_nan(x2), x1 + x2, step))


_nextafter = with_gradient(_next, lambda x1, x2, g: (g, tf.zeros_like(g)))

# --- bool or integer ---------------------------------------------------------------------------------------------------


def bitwise_and(x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    return tf.logical_and(x1, x2) if x1.dtype.is_bool else tf.bitwise.bitwise_and(x1, x2)


def bitwise_or(x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    return tf.logical_or(x1, x2) if x1.dtype.is_bool else tf.bitwise.bitwise_or(x1, x2)


def bitwise_xor(x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    return tf.not_equal(x1, x2) if x1.dtype.is_bool else tf.bitwise.bitwise_xor(x1, x2)


def bitwise_not(x: Tensor) -> Tensor:
    return tf.logical_not(x) if x.dtype.is_bool else tf.bitwise.invert(x)


def left_shift(x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    return tf.where(_beyond(x2), tf.zeros([], x1.dtype), tf.bitwise.left_shift(x1, x2))


def right_shift(x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    zero = tf.zeros([], x1.dtype)
    lost = zero if x1.dtype.is_unsigned else tf.where(x1 < 0, tf.constant(-1, x1.dtype), zero)
    return tf.where(_beyond(x2), lost, tf.bitwise.right_shift(x1, x2))


def _beyond(distance: Tensor) -> Tensor:
    """Where all bits are lost: NumPy takes negative distances for large unsigned ones, TensorFlow's kernels for 0."""
    return (distance < 0) | (distance >= tf.constant(8 * distance.dtype.size, distance.dtype))


# --- comparison and select ---------------------------------------------------------------------------------------------

equal = binary(raw.Equal)
not_equal = binary(raw.NotEqual)


def _ordered(kernel: Callable[..., Tensor], strict_kernel: Callable[..., Tensor]) -> Callable[[Any, Any], Tensor]:
    """The comparison by `kernel`, also of bools, and of complex numbers by the real part first."""

    def compare(x1: Any, x2: Any) -> Tensor:
        x1, x2 = pair(x1, x2)
        if x1.dtype.is_bool:
            x1, x2 = tf.cast(x1, "uint8"), tf.cast(x2, "uint8")
        if x1.dtype.is_complex:
            real1, real2 = tf.math.real(x1), tf.math.real(x2)
            return strict_kernel(x=real1, y=real2) | tf.equal(real1, real2) & kernel(x=tf.math.imag(x1), y=tf.math.imag(x2))
        return kernel(x=x1, y=x2)

    return compare


less = _ordered(raw.Less, raw.Less)
less_equal = _ordered(raw.LessEqual, raw.Less)
greater = _ordered(raw.Greater, raw.Greater)
greater_equal = _ordered(raw.GreaterEqual, raw.Greater)


def where(condition: Tensor, x1: Any, x2: Any) -> Tensor:
    x1, x2 = pair(x1, x2)
    return raw.SelectV2(condition=condition, t=x1, e=x2)
