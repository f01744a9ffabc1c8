"""Elementwise functions of one tensor."""

from __future__ import annotations

from typing import Any

from keras_lite.ops.arithmetic import divide, multiply, subtract
from keras_lite.ops.families import EDGES, UNARY, unary
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.table import op

SIGNED = (*UNARY, Sample(i32(3, 4)))


def _inside(low: float, high: float) -> tuple[Sample, ...]:
    """Samples from the domain of a function, with the edges outside it."""
    return Sample(f32(4, 5, low=low, high=high)), Sample(f32(0, 3)), Sample(f32(low=low, high=high)), Sample(EDGES, grad=False)


@unary(samples=SIGNED)
def negative(x: Any) -> Any:
    """`-x`."""


@unary(samples=SIGNED)
def absolute(x: Any) -> Any:
    """`|x|`; the derivative at 0 is 0."""


@unary(samples=SIGNED)
def sign(x: Any) -> Any:
    """-1, 0 or 1; NaN stays."""


@unary(floating=True, samples=(*UNARY, Sample(i32(3))))
def exp(x: Any) -> Any:
    """`e**x`."""


@unary(floating=True)
def expm1(x: Any) -> Any:
    """`e**x - 1`, accurate near 0."""


@unary(floating=True, samples=_inside(0.01, 4))
def log(x: Any) -> Any:
    """Natural logarithm; -inf at 0, NaN below."""


@unary(floating=True, samples=_inside(-0.9, 4))
def log1p(x: Any) -> Any:
    """`log(1 + x)`, accurate near 0."""


@unary(floating=True, samples=_inside(0.01, 4))
def sqrt(x: Any) -> Any:
    """Square root; NaN below 0."""


@unary(floating=True, samples=_inside(0.05, 4), reference=lambda x: 1 / x**0.5)
def rsqrt(x: Any) -> Any:
    """`1 / sqrt(x)`."""


@unary(floating=True)
def sin(x: Any) -> Any:
    """Sine of an angle in radians."""


@unary(floating=True)
def cos(x: Any) -> Any:
    """Cosine of an angle in radians."""


@unary(floating=True, samples=_inside(-1.2, 1.2))
def tan(x: Any) -> Any:
    """Tangent of an angle in radians."""


@unary(floating=True, samples=_inside(-0.9, 0.9))
def arcsin(x: Any) -> Any:
    """Angle in [-pi/2, pi/2] with sine `x`."""


@unary(floating=True, samples=_inside(-0.9, 0.9))
def arccos(x: Any) -> Any:
    """Angle in [0, pi] with cosine `x`."""


@unary(floating=True)
def arctan(x: Any) -> Any:
    """Angle in (-pi/2, pi/2) with tangent `x`."""


@unary(floating=True)
def sinh(x: Any) -> Any:
    """Hyperbolic sine."""


@unary(floating=True)
def cosh(x: Any) -> Any:
    """Hyperbolic cosine."""


@unary(floating=True)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""


@unary(floating=True)
def arcsinh(x: Any) -> Any:
    """Inverse of sinh."""


@unary(floating=True, samples=_inside(1.1, 4))
def arccosh(x: Any) -> Any:
    """Inverse of cosh on [1, inf)."""


@unary(floating=True, samples=_inside(-0.9, 0.9))
def arctanh(x: Any) -> Any:
    """Inverse of tanh on (-1, 1)."""


@unary(floating=True)
def erf(x: Any) -> Any:
    """Gauss error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to `x`."""


@unary(floating=True, samples=_inside(-0.95, 0.95))
def erfinv(x: Any) -> Any:
    """Inverse of `erf` on (-1, 1)."""


@unary(floating=True, samples=_inside(0.1, 6))
def lgamma(x: Any) -> Any:
    """Logarithm of the absolute value of the gamma function."""


@unary(floating=True, samples=_inside(0.1, 6))
def digamma(x: Any) -> Any:
    """Derivative of `lgamma`."""


@unary(floating=True)
def floor(x: Any) -> Any:
    """Largest integer not above `x`, as a float."""


@unary(floating=True)
def ceil(x: Any) -> Any:
    """Smallest integer not below `x`, as a float."""


@unary(floating=True, differentiable=False)
def is_nan(x: Any) -> Any:
    """True where `x` is NaN."""


@unary(floating=True, differentiable=False)
def is_finite(x: Any) -> Any:
    """True where `x` is neither NaN nor infinite."""


@unary(samples=(Sample(i32(3, 4)), Sample(boolean(5)), Sample(i32(0))), differentiable=False)
def bitwise_not(x: Any) -> Any:
    """Complement of each bit; `not x` for bools."""


@op(samples=(*SIGNED, Sample(f32(2, 3))))
def square(x: Any) -> Any:
    """`x * x`."""
    return multiply(x, x)


@op(floating=True, samples=(*UNARY, Sample(array([0.5, -2.0]))))
def reciprocal(x: Any) -> Any:
    """`1 / x`."""
    return divide(1.0, x)


@op(floating=True, samples=(*UNARY, Sample(f32(3, low=-30, high=30))), reference=lambda x: 1 / (1 + __import__("numpy").exp(-x)))
def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`, as `(1 + tanh(x/2)) / 2`, which neither overflows nor divides."""
    return multiply(0.5, subtract(1.0, tanh(multiply(-0.5, x))))
