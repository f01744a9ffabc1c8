"""Special functions that NumPy lacks, to within a few units in the last place of float64 (near zeros: of the largest term)."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np

Array = np.ndarray


def _in_float64(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return functools.wraps(function)(lambda x: function(x.astype("float64")).astype(x.dtype))


def _polynomial(coefficients: Sequence[float], x: Array) -> Array:
    """The polynomial with the highest power first, by Horner's rule."""
    y = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        y *= x
        y += x.dtype.type(c)
    return y


def _ratio(above: Sequence[float], below: Sequence[float], x: Array) -> Array:
    y = _polynomial(above, x)
    y /= _polynomial(below, x)
    return y


# --- error function ----------------------------------------------------------------------------------------------------

# erf(x) / x for |x| < 0.46875 and erfc(x) exp(x**2) above: W. J. Cody, "Rational Chebyshev approximations for the error
# function", Math. Comp. 23 (1969)
_NEAR = ((1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
         (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3))
_FAR = ((2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1, 2.98635138197400131e2,
         8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
        (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
         4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3))
# erf(x) / x in float32 for |x| < 3.9, as a ratio of polynomials in x**2 (the one of Eigen and XLA)
_SINGLE = ((-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05, -7.34990630326855e-04,
            -2.95459980854025e-03, -1.60960333262415e-02),
           (-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03, -1.42647390514189e-02))


def erf(x: Array) -> Array:
    """2 / sqrt(pi) times the integral of exp(-t**2) from 0 to x."""
    if x.dtype == np.float32:
        x = np.clip(x, -4, 4)
        return np.clip(x * _ratio(*_SINGLE, x * x), -1, 1)
    y, size = np.empty_like(x), np.abs(x)
    near = size < 0.46875
    y[near] = x[near] * _ratio(*_NEAR, x[near] ** 2)
    far = np.minimum(size[~near], 6.0)
    y[~near] = np.copysign(1.0 - np.exp(-far * far) * _ratio(*_FAR, far), x[~near])
    return y


# the normal quantile: M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), PPND16
_CENTRE = ((2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4, 1.3731693765509461125e4,
            1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
           (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4, 5.3941960214247511077e3,
            6.8718700749205790830e2, 4.2313330701600911252e1, 1.0))
_FLANK = ((7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
           3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
          (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
           6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0))
_TAIL = ((2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
          2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
         (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
          1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0))


@_in_float64
def erfinv(x: Array) -> Array:
    """The inverse of erf; NaN outside [-1, 1]."""
    q, p = x / 2, (1 - np.abs(x)) / 2  # distance of the probability from 1/2 and from the nearer end
    y = np.empty_like(x)
    centre = np.abs(q) <= 0.425
    y[centre] = q[centre] * _ratio(*_CENTRE, 0.180625 - q[centre] ** 2)
    r = np.sqrt(-np.log(p[~centre]))
    flank = np.where(r <= 5, _ratio(*_FLANK, r - 1.6), _ratio(*_TAIL, r - 5))
    y[~centre] = np.copysign(np.where(np.isinf(r), r, flank), q[~centre])
    return y / math.sqrt(2)


# --- gamma function ----------------------------------------------------------------------------------------------------

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)  # B2, B4, ...
_LARGE = 10.0  # from here on the asymptotic series give all digits


def hurwitz_zeta(s: int, x: Array) -> Array:
    """The sum of (x + n) ** -s over n = 0, 1, ... for x > 0 and s > 1, by Euler and Maclaurin (DLMF 25.11.5)."""
    dtype, x = x.dtype, x.astype("float64")
    y = np.zeros_like(x)
    for n in range(10):
        y += (x + n) ** -s
    x = x + 10
    y += x ** (1 - s) / (s - 1) + x ** -s / 2
    factor = s / x ** (s + 1)
    for k, b in enumerate(_BERNOULLI, 1):
        y += b / math.factorial(2 * k) * factor
        factor = factor * (s + 2 * k - 1) * (s + 2 * k) / (x * x)
    return y.astype(dtype)


# lgamma(2 + t) = (1 - gamma) t + the sum of (-1)**k (zeta(k) - 1) / k t**k over k = 2, 3, ... (DLMF 5.7.3)
_TAYLOR = [(-1) ** k * float(hurwitz_zeta(k, np.array(2.0))) / k for k in range(28, 1, -1)] + [1 - 0.57721566490153286061, 0.0]


@_in_float64
def lgamma(x: Array) -> Array:
    """Logarithm of the absolute value of the gamma function."""
    left = x < 0.5
    z = np.where(left, 1 - x, x)
    y = _lgamma(z.ravel()).reshape(z.shape)
    sine = np.abs(np.sin(math.pi * (x - np.round(x))))
    return np.where(left, np.where(np.isinf(x), np.inf, math.log(math.pi) - np.log(sine) - y), y)


def _lgamma(x: Array) -> Array:
    """For x >= 0.5."""
    y = np.empty_like(x)
    large = ~(x < _LARGE)
    y[large] = _stirling(x[large])
    z, shift = x[~large], np.ones(np.count_nonzero(~large))
    for _ in range(8):  # down to [1.5, 2.5)
        high = z >= 2.5
        z = np.where(high, z - 1, z)
        shift = np.where(high, shift * z, shift)
    low = z < 1.5
    y[~large] = _polynomial(_TAYLOR, np.where(low, z - 1, z - 2)) + np.log(shift) - np.where(low, np.log(z), 0.0)
    return y


def _stirling(x: Array) -> Array:
    series = _polynomial([b / (2 * k * (2 * k - 1)) for k, b in reversed(list(enumerate(_BERNOULLI, 1)))], 1 / (x * x)) / x
    return np.where(np.isinf(x), x, (x - 0.5) * np.log(x) - x + math.log(2 * math.pi) / 2 + series)


@_in_float64
def digamma(x: Array) -> Array:
    """The derivative of lgamma; -inf at 0, inf at -0 and NaN at the negative integers."""
    left = x < 0.5
    z = np.where(left, 1 - x, x)
    y = np.zeros_like(x)
    for _ in range(10):
        small = z < _LARGE
        y -= np.where(small, 1 / z, 0.0)
        z = np.where(small, z + 1, z)
    series = _polynomial([b / (2 * k) for k, b in reversed(list(enumerate(_BERNOULLI, 1)))], 1 / (z * z)) / (z * z)
    y += np.log(z) - 0.5 / z - series
    fraction = x - np.round(x)
    reflected = y - math.pi / np.tan(math.pi * fraction)
    poles = np.where(x == 0, np.copysign(np.inf, -x), np.nan)
    return np.where(left, np.where(fraction == 0, poles, reflected), y)
