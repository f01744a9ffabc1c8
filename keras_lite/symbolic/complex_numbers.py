"""Rules of the abstract engine for complex numbers, Fourier transforms and bits."""

from __future__ import annotations

from keras_lite.engine.dtypes import numpy_dtype, part_dtype
from keras_lite.engine.errors import invalid
from keras_lite.symbolic.rules import broadcast
from keras_lite.symbolic.spec import KerasTensor

spec = KerasTensor.spec


def real(x: KerasTensor) -> KerasTensor:
    return spec(x.shape, part_dtype(x.dtype))


imag = absolute = real


def make_complex(real: KerasTensor, imag: KerasTensor) -> KerasTensor:
    try:
        shape = broadcast(real, imag)
    except ValueError as error:
        raise invalid("complex", f"shapes {real.shape} and {imag.shape} of the parts do not broadcast: {error}") from None
    return spec(shape, {"float32": "complex64", "float64": "complex128"}[real.dtype])


def fourier(real: KerasTensor, imag: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    return spec(real.shape, real.dtype), spec(real.shape, real.dtype)


def real_fourier(x: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    n = x.shape[-1]
    half = spec((*x.shape[:-1], None if n is None else n // 2 + 1), x.dtype)
    return half, spec(half.shape, x.dtype)


def bitcast(x: KerasTensor, dtype: str) -> KerasTensor:
    given, wanted = numpy_dtype(x.dtype).itemsize, numpy_dtype(dtype).itemsize
    if given == wanted:
        return spec(x.shape, dtype)
    n = x.shape[-1]
    return spec((*x.shape[:-1], None if n is None else n * given // wanted), dtype)
