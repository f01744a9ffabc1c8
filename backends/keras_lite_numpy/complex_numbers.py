"""Complex numbers, Fourier transforms and bits.

The gradient of a complex tensor is the derivative by its real part minus i times that by its imaginary part.  So derivatives of
functions like `exp` are the same formulas for complex numbers as for real ones.
"""

from __future__ import annotations

import numpy as np

from keras_lite.engine.dtypes import numpy_dtype
from keras_lite_numpy.elementwise import negative
from keras_lite_numpy.functions import sum_to, unary
from keras_lite_numpy.tape import Tensor, call, level_of, outside, primitive, several, values_of

real = unary(np.real, lambda g, y, x: make_complex(g, np.zeros(g.shape, g.dtype)), exact=True)
imag = unary(np.imag, lambda g, y, x: make_complex(np.zeros(g.shape, g.dtype), negative(g)), exact=True)


def _joined(real: np.ndarray, imag: np.ndarray) -> np.ndarray:
    y = np.empty(np.broadcast_shapes(real.shape, imag.shape), np.result_type(real.dtype, np.complex64))
    y.real, y.imag = real, imag
    return y


_make_complex = primitive(_joined, lambda g, y, re, im: sum_to(real(g), re.shape), lambda g, y, re, im: sum_to(negative(imag(g)), im.shape))


def make_complex(real: Tensor, imag: Tensor) -> Tensor:
    return _make_complex(real, imag)


def _transformed(real: np.ndarray, imag: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y = np.fft.fft(_joined(real, imag))
    return call(np.ascontiguousarray, y.real), call(np.ascontiguousarray, y.imag)


def fourier(real: Tensor, imag: Tensor) -> tuple[Tensor, Tensor]:
    level = level_of((real, imag))
    if not level:
        with np.errstate(all="ignore"):
            return _transformed(real, imag)
    y = fourier(*outside((real, imag), level))

    def pull(found: dict[int, Tensor]) -> list[tuple[Tensor, Tensor]]:
        """The transform is symmetric, so its adjoint is the conjugate one: the transform of the exchanged parts."""
        g = [found[i] if i in found else np.zeros(part.shape, part.dtype) for i, part in enumerate(y)]
        of_imag, of_real = fourier(g[1], g[0])
        return [(x, slope) for x, slope in ((real, of_real), (imag, of_imag)) if level_of((x,)) == level]

    first, second = several(list(y), level, pull)
    return first, second


def bitcast(x: Tensor, dtype: str) -> Tensor:
    return call(np.ndarray.view, np.ascontiguousarray(values_of(x)).reshape(x.shape), numpy_dtype(dtype)).copy()
