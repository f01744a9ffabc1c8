"""Checks of complex numbers, Fourier transforms and bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine.checks.tools import INF, NAN, gradient, same, tensor, total

_TOL = 2e-5
_RE, _IM = np.array([[1.0, -3.0], [0.1, 0.7]]), np.array([[2.0, 0.5], [-2.0, 0.3]])
_OTHER = np.array([[1 - 2j, 3 + 1j], [0.2j, -0.4 + 1j]])
_UNARY = ("negative", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
          "arcsinh", "arccosh", "arctanh")
_BINARY = ("add", "subtract", "multiply", "divide", "power", "matmul")
_STEP = 1e-6


def _complex(e: Any, values: Any) -> Any:
    return tensor(e, values, "complex64")


def parts_of_complex_numbers(e: Any) -> None:
    values = np.array([1 - 2j, complex(INF, 0), complex(-0.0, NAN), 3e30j])
    for dtype, part in (("complex64", "float32"), ("complex128", "float64")):
        if e.canonical_dtype(dtype) == dtype:
            x = tensor(e, values, dtype)
            same(e, e.real(x), values.real, part, 1e-6, "real")
            same(e, e.imag(x), values.imag, part, 1e-6, "imag")
            same(e, e.make_complex(e.real(x), e.imag(x)), values, dtype, 1e-6, "make_complex of the parts")
    same(e, e.make_complex(tensor(e, [[1.0], [2.0]]), tensor(e, [3.0, 4.0])), [[1 + 3j, 1 + 4j], [2 + 3j, 2 + 4j]], "complex64")
    same(e, e.cast(_complex(e, [1 - 2j, 0]), "float32"), [1, 0], "float32", of="cast to float32")
    same(e, e.cast(_complex(e, [1j, 0]), "bool"), [True, False], "bool", of="cast to bool")
    same(e, e.cast(tensor(e, [1.5]), "complex64"), [1.5], "complex64", of="cast to complex64")
    same(e, e.absolute(_complex(e, [3 - 4j, 0, complex(INF, NAN)])), [5, 0, INF], "float32", 1e-6, "absolute")


def functions_of_complex_numbers_are_numpys(e: Any) -> None:
    x, other = _RE + 1j * _IM, _OTHER
    for name in _UNARY:
        same(e, getattr(e, name)(_complex(e, x)), getattr(np, name)(x), "complex64", _TOL, name)
    for name in (*_BINARY, "equal", "not_equal"):
        want = getattr(np, name)(x, other)
        same(e, getattr(e, name)(_complex(e, x), _complex(e, other)), want, str(want.dtype).replace("128", "64"), _TOL, name)
    same(e, e.multiply(_complex(e, x), 2j), 2j * x, "complex64", _TOL, "times 2j")
    same(e, e.add(1.5, _complex(e, x)), x + 1.5, "complex64", _TOL, "plus 1.5")
    same(e, e.reduce_prod(_complex(e, x), (0,), False), x.prod(0), "complex64", _TOL, "reduce_prod")
    same(e, e.cumsum(_complex(e, x), 1), x.cumsum(1), "complex64", _TOL, "cumsum")
    same(e, e.is_nan(_complex(e, [complex(0, NAN), 1])), [True, False], "bool")
    same(e, e.is_finite(_complex(e, [complex(0, INF), 1])), [False, True], "bool")


def _by_parts(e: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """A weighted sum of the parts of the result, as a function of the parts of the argument."""
    def apply(re: Any, im: Any) -> Any:
        y = function(e.make_complex(re, im))
        return e.add(e.multiply(e.real(y), 1.5), e.multiply(e.imag(y), 0.5))

    return apply


def _slopes(function: Callable[[np.ndarray], np.ndarray]) -> list[np.ndarray]:
    """The gradients by finite differences of NumPy's function."""
    def at(x: np.ndarray) -> float:
        y = function(x)
        return float(np.sum(1.5 * y.real + 0.5 * y.imag))

    out = []
    for direction in (1, 1j):
        slope = np.zeros(_RE.shape)
        for place in np.ndindex(_RE.shape):
            step = np.zeros(_RE.shape, complex)
            step[place] = direction * _STEP
            slope[place] = (at(_RE + 1j * _IM + step) - at(_RE + 1j * _IM - step)) / (2 * _STEP)
        out.append(slope)
    return out


def gradients_through_complex_numbers(e: Any) -> None:
    for name in _UNARY:
        for got, want in zip(gradient(e, _by_parts(e, getattr(e, name)), _RE, _IM), _slopes(getattr(np, name)), strict=True):
            same(e, got, want, "float32", 1e-3, f"the gradient of {name}")
    for name in _BINARY:
        function, numpys = getattr(e, name), getattr(np, name)
        pairs = ((lambda x, f=function: f(x, _complex(e, _OTHER)), lambda x, f=numpys: f(x, _OTHER)),
                 (lambda x, f=function: f(_complex(e, _OTHER), x), lambda x, f=numpys: f(_OTHER, x)))
        for place, (ours, theirs) in enumerate(pairs):
            for got, want in zip(gradient(e, _by_parts(e, ours), _RE, _IM), _slopes(theirs), strict=True):
                same(e, got, want, "float32", 1e-3, f"the gradient of {name} by argument {place}")
    size = np.hypot(_RE, _IM)
    for got, want in zip(gradient(e, lambda re, im: e.absolute(e.make_complex(re, im)), _RE, _IM), (_RE / size, _IM / size), strict=True):
        same(e, got, want, "float32", 1e-5, "the gradient of absolute")
    at_zero = gradient(e, lambda re, im: e.absolute(e.make_complex(re, im)), [0.0], [0.0])
    same(e, at_zero[0], [0], "float32", of="the gradient of absolute at 0")


def gradients_of_complex_tensors(e: Any) -> None:
    """They point to the steepest ascent, also those that `custom_gradient` gets and gives, and inside another differentiation."""
    x = _RE + 1j * _IM

    def of(function: Callable[[Any], Any]) -> Any:
        def loss(ts: list[Any]) -> tuple[Any, None]:
            y = function(ts[0])
            return total(e, e.add(e.multiply(e.real(y), 1.5), e.multiply(e.imag(y), 0.5))), None

        return e.value_and_grad(loss, [_complex(e, x)])[2][0]

    weight = 1.5 + 0.5j
    for name, slope in (("exp", np.exp(x)), ("sin", np.cos(x)), ("negative", -np.ones_like(x))):
        same(e, of(getattr(e, name)), weight * np.conj(slope), "complex64", 1e-4, f"the gradient of {name} by a complex tensor")

    def forward(x: Any) -> tuple[list[Any], list[Any]]:
        return [e.multiply(x, 2j)], []

    def backward(residuals: list[Any], grads: list[Any]) -> list[Any]:
        return [e.multiply(grads[0], 3j)]

    same(e, of(lambda x: e.custom_gradient(forward, backward, [x])[0]), weight * np.full(x.shape, 3j), "complex64", 1e-5, "custom_gradient")

    def squared_slope(ts: list[Any]) -> tuple[Any, None]:
        inner = e.value_and_grad(lambda us: (total(e, e.real(e.multiply(us[0], e.multiply(us[0], us[0])))), None), ts)[2][0]
        return total(e, e.imag(inner)), None

    # of Re x**3 the gradient is conj(3 x**2), whose imaginary part -6 a b has the gradient -6 (b + i a)
    second = e.value_and_grad(squared_slope, [_complex(e, x)])[2][0]
    same(e, second, -6 * (_IM + 1j * _RE), "complex64", 1e-4, "the gradient of a gradient by a complex tensor")


def gradients_of_gradients_through_complex_numbers(e: Any) -> None:
    """The Laplacian of |exp(z)| is that size itself; the size |z| has 1 / |z|."""
    for name, function, want in (("|exp(z)|", lambda z: e.absolute(e.exp(z)), np.exp(_RE)),
                                 ("|z|", e.absolute, 1 / np.hypot(_RE, _IM))):
        found = 0.0
        for part in (0, 1):
            def slope(*xs: Any, part: int = part, function: Any = function) -> Any:
                return e.value_and_grad(lambda ts: (total(e, function(e.make_complex(*ts))), None), list(xs))[2][part]

            found = found + e.to_numpy(gradient(e, slope, _RE, _IM)[part])
        same(e, tensor(e, found), want, "float32", 1e-3, f"the Laplacian of {name}")


def fourier_is_numpys(e: Any) -> None:
    rng = np.random.default_rng(0)
    for shape in ((8,), (2, 5), (3, 1, 6), (2, 1)):
        re, im = rng.normal(size=(2, *shape)).astype("float32")
        want = np.fft.fft(re + 1j * im)
        for got, part in zip(e.fourier(tensor(e, re), tensor(e, im)), (want.real, want.imag), strict=True):
            same(e, got, part, "float32", _TOL, f"fourier of shape {shape}")
    if e.canonical_dtype("float64") == "float64":
        re, im = rng.normal(size=(2, 3, 7))
        got = e.fourier(tensor(e, re, "float64"), tensor(e, im, "float64"))[1]
        same(e, got, np.fft.fft(re + 1j * im).imag, "float64", 1e-12, "fourier in float64")


def fourier_has_gradients(e: Any) -> None:
    """Of the weighted sum of the result the adjoint, of the sum of cubes its derivative, twice."""
    rng = np.random.default_rng(1)
    re, im, first, second = rng.normal(size=(4, 2, 6))
    got = gradient(e, lambda a, b: _weighted(e, e.fourier(a, b), first, second), re, im)
    want = np.conj(np.fft.fft(np.conj(first + 1j * second)))
    for part, expected in zip(got, (want.real, want.imag), strict=True):
        same(e, part, expected, "float32", 1e-4, "the gradient of fourier")

    def cubes(a: Any) -> Any:
        def of(ts: list[Any]) -> tuple[Any, None]:
            real, _ = e.fourier(ts[0], tensor(e, im))
            return total(e, e.multiply(real, e.multiply(real, real))), None

        return e.value_and_grad(of, [a])[2][0]

    y = np.fft.fft(re + 1j * im).real
    hessian = np.fft.fft(6 * y * np.fft.fft(np.ones_like(re)).real).real
    same(e, gradient(e, cubes, re)[0], hessian, "float32", 1e-3, "the gradient of a gradient of fourier")


def real_fourier_is_half_of_fourier(e: Any) -> None:
    rng = np.random.default_rng(2)
    for n in (1, 2, 7, 8):
        x, m = rng.normal(size=(3, n)).astype("float32"), n // 2 + 1
        want = np.fft.rfft(x)
        for got, part in zip(e.real_fourier(tensor(e, x)), (want.real, want.imag), strict=True):
            same(e, got, part, "float32", _TOL, f"real_fourier of {n}")
        first, second = rng.normal(size=(2, 3, m))
        got = gradient(e, lambda a, f=first, s=second: _weighted(e, e.real_fourier(a), f, s), x)[0]
        turn = 2 * np.pi * np.outer(np.arange(m), np.arange(n)) / n
        same(e, got, first @ np.cos(turn) - second @ np.sin(turn), "float32", 1e-4, f"the gradient of real_fourier of {n}")

        def slope(a: Any) -> Any:
            def of(ts: list[Any]) -> tuple[Any, None]:
                _, imag = e.real_fourier(ts[0])
                return total(e, e.multiply(imag, e.multiply(imag, imag))), None

            return e.value_and_grad(of, [a])[2][0]

        hessian = 6 * ((x @ -np.sin(turn).T) * (np.ones_like(x) @ -np.sin(turn).T)) @ -np.sin(turn)
        same(e, gradient(e, slope, x)[0], hessian, "float32", 1e-3, f"the gradient of a gradient of real_fourier of {n}")


def _weighted(e: Any, pair: Any, first: np.ndarray, second: np.ndarray) -> Any:
    return e.add(e.multiply(pair[0], tensor(e, first)), e.multiply(pair[1], tensor(e, second)))


def bits_are_read_as_they_are(e: Any) -> None:
    values = np.array([[1.0, -2.5, NAN, 0.0], [INF, -0.0, 1e-45, 3e38]], "float32")
    for dtype in ("int32", "uint32", "int16", "uint8", "bfloat16", "float16"):
        got = e.bitcast(tensor(e, values), dtype)
        same(e, got, values.view(e.to_numpy(got).dtype), dtype, of=f"float32 as {dtype}")
    short = np.arange(8, dtype="int16").reshape(2, 4)
    same(e, e.bitcast(tensor(e, short, "int16"), "int32"), short.view("int32"), "int32", of="int16 as int32")
    same(e, e.bitcast(tensor(e, np.zeros((2, 0))), "int16"), np.zeros((2, 0)), "int16", of="bits of nothing")
