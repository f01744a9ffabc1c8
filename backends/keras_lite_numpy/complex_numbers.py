"""Complex numbers, Fourier transforms and bits.

On the tape the gradient of a complex tensor is the derivative by its real part minus i times that by its imaginary part: then the
derivatives of functions like `exp` are the same formulas for complex numbers as for real ones.  The contract's is the conjugate.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from keras_lite.engine.dtypes import numpy_dtype
from keras_lite_numpy.elementwise import negative
from keras_lite_numpy.functions import sum_to, unary
from keras_lite_numpy.shaping import pad
from keras_lite_numpy.tape import Tensor, call, level_of, outside, primitive, several, values_of

Pair = tuple[Tensor, Tensor]

real = unary(np.real, lambda g, y, x: make_complex(g, np.zeros(g.shape, g.dtype)), exact=True)
imag = unary(np.imag, lambda g, y, x: make_complex(np.zeros(g.shape, g.dtype), negative(g)), exact=True)


def _joined(real: np.ndarray, imag: np.ndarray) -> np.ndarray:
    y = np.empty(np.broadcast_shapes(real.shape, imag.shape), np.result_type(real.dtype, np.complex64))
    y.real, y.imag = real, imag
    return y


_make_complex = primitive(_joined, lambda g, y, re, im: sum_to(real(g), re.shape), lambda g, y, re, im: sum_to(negative(imag(g)), im.shape))


def make_complex(real: Tensor, imag: Tensor) -> Tensor:
    return _make_complex(real, imag)


def conjugate(x: Tensor) -> Tensor:
    """The complex conjugate; `x` itself if it is real."""
    return make_complex(real(x), negative(imag(x))) if x.dtype.kind == "c" else x


def _transform(function: Callable[..., np.ndarray], adjoint: Callable[..., list[Tensor]]) -> Callable[..., Pair]:
    """A function of tensors with a complex result, given as its parts; `adjoint(g1, g2, *args)` has a gradient for each argument."""
    def transform(*args: Tensor) -> Pair:
        level = level_of(args)
        if not level:
            with np.errstate(all="ignore"):
                y = function(*args)
            return y.real.copy(), y.imag.copy()
        inner = outside(args, level)
        parts = transform(*inner)

        def pull(found: dict[int, Tensor]) -> list[tuple[Tensor, Tensor]]:
            g = [found[i] if i in found else np.zeros(part.shape, part.dtype) for i, part in enumerate(parts)]
            return [(x, slope) for x, slope in zip(args, adjoint(*g, *inner), strict=True) if level_of((x,)) == level]

        first, second = several(list(parts), level, pull)
        return first, second

    return transform


def fourier(real: Tensor, imag: Tensor) -> Pair:
    return _fourier(real, imag)


def real_fourier(x: Tensor) -> Pair:
    return _real_fourier(x)


def _real_adjoint(g1: Tensor, g2: Tensor, x: Tensor) -> list[Tensor]:
    """That of `fourier`, of what is left out 0."""
    rest = [(0, 0)] * (x.ndim - 1) + [(0, x.shape[-1] - g1.shape[-1])]
    return [fourier(*(pad(g, tuple(rest), 0) for g in (g2, g1)))[1]]


# the transform is symmetric, so its adjoint is the conjugate one: that of the exchanged parts
_fourier = _transform(lambda real, imag: np.fft.fft(_joined(real, imag)), lambda g1, g2, real, imag: [*fourier(g2, g1)][::-1])
_real_fourier = _transform(np.fft.rfft, _real_adjoint)


def bitcast(x: Tensor, dtype: str) -> Tensor:
    return call(np.ndarray.view, np.ascontiguousarray(values_of(x)).reshape(x.shape), numpy_dtype(dtype)).copy()
