"""Elementwise arithmetic, comparison and select."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


def _with_derivative(function: Callable[..., jax.Array], derivative: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """`function` of one tensor with a derivative that replaces JAX's."""
    ruled = jax.custom_jvp(function)
    ruled.defjvps(lambda tangent, _, x: tangent * derivative(x))
    return jax.jit(ruled)  # eager calls of a bare custom_jvp are slow


negative = jnp.negative


@jax.custom_jvp
def _absolute(x: jax.Array) -> jax.Array:
    return jnp.hypot(x.real, x.imag) if jnp.iscomplexobj(x) else jnp.absolute(x)  # which says NaN for inf + NaN i


def _direction(x: jax.Array, size: jax.Array) -> jax.Array:
    """The sign; JAX's own has no derivative for complex numbers."""
    return x / jnp.where(size == 0, 1, size) if jnp.iscomplexobj(x) else jnp.sign(x)


# 0 at 0, where JAX's own rule says 1
_absolute.defjvps(lambda tangent, size, x: jnp.real(tangent * jnp.conj(_direction(x, size))))
absolute = jax.jit(_absolute)
sign = jnp.sign

exp = jnp.exp
expm1 = _with_derivative(jnp.expm1, jnp.exp)  # JAX's own rule, expm1(x) + 1, has no digits left below -17
log = jnp.log
log1p = jnp.log1p
sqrt = jnp.sqrt
rsqrt = lax.rsqrt
sin = jnp.sin
cos = jnp.cos
tan = jnp.tan
arcsin = jnp.arcsin
arccos = jnp.arccos
arctan = jnp.arctan
sinh = jnp.sinh
cosh = jnp.cosh
tanh = jnp.tanh
arccosh = _with_derivative(jnp.arccosh, lambda x: lax.rsqrt(x - 1) * lax.rsqrt(x + 1))  # not the root of the product: complex numbers


@jax.jit
def arcsinh(x: jax.Array) -> jax.Array:
    """Halves by way of float32: how precise XLA's own program for them is depends on what it fuses."""
    return jnp.arcsinh(x.astype("float32")).astype(x.dtype) if x.dtype.itemsize < 4 else jnp.arcsinh(x)


def _arctanh(x: jax.Array) -> jax.Array:
    """An odd function through log1p of a positive number: XLA's float64 log1p of a negative one is 100 units off."""
    if jnp.iscomplexobj(x):
        return jnp.arctanh(x)
    size = jnp.where(x < 0, -x, x)
    y = 0.5 * jnp.log1p(2 * size / (1 - size))
    return jnp.where(x < 0, -y, y)


arctanh = _with_derivative(_arctanh, lambda x: 1 / ((1 - x) * (1 + x)))
erf = lax.erf
erfinv = lax.erf_inv
lgamma = lax.lgamma


def digamma(x: jax.Array) -> jax.Array:
    """With its one-sided limit at 0, where XLA has NaN."""
    return jnp.where(x == 0, -1 / x, lax.digamma(x))


floor = jnp.floor
ceil = jnp.ceil
round = jnp.round  # noqa: A001  # the contract's name; the builtin is not used here
is_nan = jnp.isnan
is_finite = jnp.isfinite


def _binary(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """`function` of two operands, of which one may be a Python scalar of any size that the other's dtype holds."""

    def apply(x1: Any, x2: Any) -> jax.Array:
        return function(_fit(x1, x2), _fit(x2, x1))

    return apply


def _fit(x: Any, other: Any) -> Any:
    """A Python int beyond int32 as a scalar of the other operand's dtype; JAX would take it for an int32."""
    return other.dtype.type(x) if type(x) is int and not -(2**31) <= x < 2**31 else x


add = _binary(jnp.add)
subtract = _binary(jnp.subtract)
multiply = _binary(jnp.multiply)
divide = _binary(jnp.divide)
remainder = _binary(jnp.remainder)


@_binary
def floor_divide(x1: Any, x2: Any) -> jax.Array:
    """An integer divided by 0 is 0, as in NumPy; XLA has -1 or -2."""
    quotient = jnp.floor_divide(x1, x2)
    if jnp.issubdtype(quotient.dtype, jnp.floating) or (type(x2) is int and x2):
        return quotient
    return jnp.where(x2 == 0, 0, quotient)


def power(x1: Any, x2: Any) -> jax.Array:
    if isinstance(x2, float) and x2.is_integer() and abs(x2) <= 4:
        x2 = int(x2)  # repeated products, differentiable at 0 to any order
    elif isinstance(x1, jax.Array) and isinstance(x2, jax.Array) and jnp.issubdtype(x1.dtype, jnp.inexact):
        return _power(x1, x2)
    elif isinstance(x2, jax.Array) and jnp.issubdtype(x2.dtype, jnp.integer):
        return _integer_power(_fit(x1, x2), x2)
    return jnp.power(x1, x2)


@jax.jit
def _integer_power(x1: Any, x2: jax.Array) -> jax.Array:
    """By squares, one for each bit of the exponent: `jnp.power` looks at the last 6 bits alone (JAX 0.10)."""
    x1, x2 = jnp.broadcast_arrays(jnp.asarray(x1, x2.dtype), x2)
    x1 = jnp.where((x2 < 0) & (x1 != 1) & (x1 != -1), 0, x1) if jnp.issubdtype(x2.dtype, jnp.signedinteger) else x1
    y = jnp.ones_like(x1)
    for bit in range(8 * x2.dtype.itemsize):
        y = jnp.where(lax.shift_right_logical(x2, jnp.asarray(bit, x2.dtype)) & 1 == 1, y * x1, y)
        x1 = x1 * x1
    return y


@jax.custom_jvp
def _power_of_two_tensors(x1: jax.Array, x2: jax.Array) -> jax.Array:
    return jnp.power(x1, x2)


# 0**0 is 1 with gradient 0, where JAX's rule says 0 * inf
_power_of_two_tensors.defjvps(
    lambda tangent, y, x1, x2: tangent * x2 * _power(x1, jnp.where(x2 == 0, 1, x2) - 1),
    lambda tangent, y, x1, x2: tangent * jnp.where(x1 == 0, 0, y * jnp.log(jnp.where(x1 == 0, 1, x1))))
_power: Callable[[jax.Array, jax.Array], jax.Array] = jax.jit(_power_of_two_tensors)


arctan2 = _binary(jnp.arctan2)
maximum = _binary(jnp.maximum)
minimum = _binary(jnp.minimum)


@jax.custom_jvp
def _nextafter(x1: Any, x2: Any) -> jax.Array:
    return jnp.nextafter(x1, x2)


_nextafter.defjvps(lambda tangent, y, x1, x2: jnp.broadcast_to(tangent, y.shape).astype(y.dtype), None)
nextafter = jax.jit(_nextafter)

bitwise_and = _binary(jnp.bitwise_and)
bitwise_or = _binary(jnp.bitwise_or)
bitwise_xor = _binary(jnp.bitwise_xor)
bitwise_not = jnp.bitwise_not
left_shift = _binary(jnp.left_shift)
right_shift = _binary(jnp.right_shift)

equal = _binary(jnp.equal)
not_equal = _binary(jnp.not_equal)
less = _binary(jnp.less)
less_equal = _binary(jnp.less_equal)
greater = _binary(jnp.greater)
greater_equal = _binary(jnp.greater_equal)


def where(condition: jax.Array, x1: jax.Array, x2: jax.Array) -> jax.Array:
    return jnp.where(condition, x1, x2)
