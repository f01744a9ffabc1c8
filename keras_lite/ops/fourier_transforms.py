"""Discrete Fourier transforms.  Complex numbers go in and come out as pairs (real part, imaginary part) of one shape.

All are written with one function of the engine, the transform of the last axis.  With the parts exchanged, before and after, it is
the inverse one times the number of elements.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references_spectral as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import divide, equal, logical_or, multiply, where
from keras_lite.ops.creation import iota, zeros
from keras_lite.ops.data import as_tensor, refuse_complex, unify
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.families import INF, NAN, NO_TENSOR
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import concatenate, part_of, swapaxes
from keras_lite.ops.statistics import back, count, wide
from keras_lite.ops.table import op, primitive
from keras_lite.symbolic.rules import may_equal

Pair = tuple[Any, Any]
_EDGES = (array([1e30, -1e30, 1.0, 1e-30]), array([0.0, 1e30, -1e-30, 1.0]))
_PARTS = "expected a pair of tensors, real and imaginary parts"
_WRONG = (Sample((f32(2, 3), f32(3)), error=r"both parts must have one shape, got \(2, 3\) and \(3,\)"),
          Sample(f32(2, 3), error=f"{_PARTS}, got one tensor"), Sample((f32(2),), error=f"{_PARTS}, got 1"),
          Sample((array([1j], "complex64"), f32(1)), error="is for real numbers, got complex64"))
PAIRS = (Sample((f32(3, 4), f32(3, 4))), Sample((f32(2, 3, 5), f32(2, 3, 5))), Sample([f32(2, 1), f32(2, 1)]),
         Sample((f32(0, 3), f32(0, 3))), Sample((f32(3, 0), f32(3, 0))), Sample((i32(2, 8), i32(2, 8))),
         Sample((boolean(2, 3), f32(2, 3))), Sample((f32(2, 16), f32(2, 16))), *_WRONG)


@primitive(normwise=True, reference=references.fourier, dtypes=("float32", "float64"),
           samples=(Sample(f32(2, 8), f32(2, 8)), Sample(f32(2, 3, 5), f32(2, 3, 5)), Sample(f32(1), f32(1)), Sample(*_EDGES),
                    Sample("text", f32(1), error="expected a tensor")))
def fourier(engine: Any, real: Any, imag: Any) -> tuple[Any, ...]:
    """Parts of the transform of the last axis, of two float32 or float64 tensors of one shape that are not empty."""
    parts = as_tensor(engine, real), as_tensor(engine, imag)
    for part in parts:
        refuse_complex("fourier", engine.dtype_of(part))
    return parts


@primitive(normwise=True, reference=references.rfft, dtypes=("float32", "float64"),
           samples=(Sample(f32(2, 8)), Sample(f32(2, 3, 5)), Sample(f32(1)), Sample(_EDGES[0]), Sample("text", error="expected a tensor")))
def real_fourier(engine: Any, x: Any) -> tuple[Any, ...]:
    """Parts of the first half of the transform of the last axis, of a float32 or float64 tensor that is not empty."""
    x = as_tensor(engine, x)
    refuse_complex("real_fourier", engine.dtype_of(x))
    return (x,)


def pair_of(name: str, x: Any, axes: int) -> Pair:
    """The parts of complex numbers as tensors of one float dtype and one shape with at least so many axes."""
    engine = registry.current()
    if not isinstance(x, (list, tuple)) or len(x) != 2:
        one = "one tensor" if hasattr(x, "shape") else type(x).__name__
        raise wrong_type(name, f"{_PARTS}, got {len(x) if isinstance(x, (list, tuple)) else one}")
    real, imag = unify(engine, list(x), True)
    refuse_complex(name, dtype_of(real))
    shapes = shape_of(real), shape_of(imag)
    if not may_equal(*shapes):
        raise invalid(name, f"both parts must have one shape, got {shapes[0]} and {shapes[1]}")
    if len(shapes[0]) < axes:
        raise invalid(name, f"expected at least {axes} {'axis' if axes == 1 else 'axes'}, got shape {shapes[0]}")
    return real, imag


def _transform(real: Any, imag: Any) -> Pair:
    """`fourier`, also of nothing."""
    return (real, imag) if sizes.is_empty(shape_of(real)) else fourier(real, imag)


def _transform2(real: Any, imag: Any) -> Pair:
    """The transform of the last two axes."""
    rows = (swapaxes(part, -1, -2) for part in _transform(real, imag))
    real, imag = _transform(*rows)
    return swapaxes(real, -1, -2), swapaxes(imag, -1, -2)


@op(tensors=(), normwise=True, reference=references.fft, samples=(
    *PAIRS, Sample((f32(4), f32(4))), Sample(_EDGES), Sample((array([1.0, NAN, 2.0]), array([INF, 0.0, 1.0])), grad=False),
    Sample((f32(), f32()), error=r"expected at least 1 axis, got shape \(\)")))
def fft(x: Any) -> Pair:
    """Fourier transform `sum_n x[n] * exp(-2 pi i k n / N)` of the last axis of `x`, a pair of parts (real, imaginary), as such a pair.

    Raises TypeError for what is no pair of real tensors, ValueError for parts of different shapes and scalars.

    >>> from keras_lite import ops
    >>> real, imag = ops.fft(([1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]))
    >>> ops.convert_to_numpy(real).round(3), ops.convert_to_numpy(imag).round(3)
    (array([1., 0., 1., 2.], dtype=float32), array([ 1.,  0., -1.,  0.], dtype=float32))
    """
    real, imag = pair_of("fft", x, 1)
    first, second = _transform(wide(real), wide(imag))
    return back(first, real), back(second, real)


_PLANES = (*PAIRS, Sample((f32(4, 0, 2), f32(4, 0, 2))), Sample((f32(4), f32(4)), error=r"expected at least 2 axes, got shape \(4,\)"))


@op(tensors=(), normwise=True, reference=references.fft2, samples=_PLANES)
def fft2(x: Any) -> Pair:
    """Fourier transform of the last two axes of `x`, a pair of parts (real, imaginary), as such a pair; see `fft`.

    Raises TypeError for what is no pair of real tensors, ValueError for parts of different shapes and of less than two axes.

    >>> from keras_lite import ops
    >>> real, imag = ops.fft2((ops.ones((2, 2)), ops.zeros((2, 2))))
    >>> ops.convert_to_numpy(real).tolist()
    [[4.0, 0.0], [0.0, 0.0]]
    """
    real, imag = pair_of("fft2", x, 2)
    first, second = _transform2(wide(real), wide(imag))
    return back(first, real), back(second, real)


@op(tensors=(), normwise=True, reference=references.ifft2, samples=_PLANES)
def ifft2(x: Any) -> Pair:
    """Inverse of `fft2`, of a pair `x`: with `exp(+2 pi i ...)`, divided by the number of elements in the two axes.

    Raises TypeError for what is no pair of real tensors, ValueError for parts of different shapes and of less than two axes.

    >>> from keras_lite import ops
    >>> real, imag = ops.ifft2(ops.fft2(([[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]])))
    >>> ops.convert_to_numpy(real).round(3)
    array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    real, imag = pair_of("ifft2", x, 2)
    second, first = _transform2(wide(imag), wide(real))
    n = 1.0 if sizes.is_empty(shape_of(real)) else count(first, (-2, -1))
    return back(divide(first, n), real), back(divide(second, n), real)


# --- real signals --------------------------------------------------------------------------------------------------------


def _half(n: Any) -> Any:
    """Number of frequencies of `n` real values."""
    return sizes.plus(None if n is None else n // 2, 1)


def first_elements(x: Any, size: Any) -> Any:
    """The first `size` elements of the last axis, with zeros behind them where there are fewer."""
    *lead, n = shape_of(x)
    axis = len(lead)
    known = isinstance(n, int) and isinstance(size, int)
    if not known or n < size:
        x = concatenate([x, zeros((*lead, size - n if known else size), dtype_of(x))], axis)
    return x if known and n <= size else part_of(x, axis, 0, size)


REAL = (Sample(f32(3, 8)), Sample(f32(2, 3, 5)), Sample(f32(7)), Sample(f32(1)), Sample(f32(3, 4), 6), Sample(f32(3, 4), fft_length=3),
        Sample(f32(3, 4), 1), Sample(f32(0, 4)), Sample(f32(2, 0), 3), Sample(i32(2, 6)), Sample(boolean(5)),
        Sample(f32(2, 32), np.int64(32)), Sample(array([1e30, 1e-30, -1e30])), Sample(array([1.0, NAN, 2.0]), grad=False), NO_TENSOR,
        Sample(f32(2, 0), error=r"the last axis of shape \(2, 0\) is empty; give fft_length"),
        Sample(f32(), error=r"expected at least 1 axis, got shape \(\)"),
        Sample(f32(3), 0, error="fft_length must be an int of at least 1, got 0"),
        Sample(f32(3), 2.5, error="fft_length must be an int of at least 1, got 2.5"),
        Sample(array([1j], "complex64"), error="is for real numbers, got complex64"))


@op(floating=True, normwise=True, reference=references.rfft, samples=REAL)
def rfft(x: Any, fft_length: int | None = None) -> Pair:
    """Fourier transform of a real signal along the last axis, as a pair (real, imaginary): (..., n) -> (..., n // 2 + 1) twice.

    Of the frequencies, those that are not the conjugates of others.

    Args:
        x: real numbers; ints become floats.
        fft_length: the size n that the signal is cut to, or filled up to with zeros; its own by default.

    Raises:
        TypeError: complex numbers, or a length that is no int.
        ValueError: a length below 1, a scalar, or an empty axis without `fft_length`.

    >>> from keras_lite import ops
    >>> real, imag = ops.rfft([0.0, 1.0, 0.0, -1.0])
    >>> ops.convert_to_numpy(imag).round(3)  # a sine of frequency 1
    array([ 0., -2.,  0.], dtype=float32)
    """
    shape = shape_of(x)
    if not shape:
        raise invalid("rfft", f"expected at least 1 axis, got shape {shape}")
    if fft_length is None and sizes.is_empty(shape[-1:]):
        raise invalid("rfft", f"the last axis of shape {shape} is empty; give fft_length")
    length = shape[-1] if fft_length is None else sizes.as_count("rfft", "fft_length", fft_length, 1)
    y = first_elements(wide(x), length)
    if sizes.is_empty(shape_of(y)):
        first, second = (zeros((*shape[:-1], _half(length)), dtype_of(y)) for _ in range(2))
    else:
        first, second = real_fourier(y)
    return back(first, x), back(second, x)


HALVES = (Sample((f32(3, 5), f32(3, 5))), Sample((f32(2, 3, 4), f32(2, 3, 4))),
          *(Sample((f32(2, 4), f32(2, 4)), n) for n in (1, 2, 5, 6, 7, 9)),
          Sample((f32(2, 1), f32(2, 1)), 3), Sample((f32(0, 4), f32(0, 4))), Sample((f32(2, 0), f32(2, 0)), fft_length=4),
          Sample((i32(2, 5), i32(2, 5))), Sample((f32(17), f32(17)), 32), Sample(_EDGES),
          Sample((array([1.0, NAN, 2.0]), array([0.0, 0.0, 1.0])), grad=False),
          Sample((f32(2, 1), f32(2, 1)), error="1 frequency makes a signal of length 0; give fft_length"),
          Sample((f32(3), f32(3)), -1, error="fft_length must be an int of at least 1, got -1"), *_WRONG)


@op(tensors=(), normwise=True, finite=True, reference=references.irfft, samples=HALVES)
def irfft(x: Any, fft_length: int | None = None) -> Any:
    """Inverse of `rfft`: the real signal with the first m frequencies of `x`, (..., m) twice -> (..., fft_length).

    The imaginary parts of the first, and of the one at half of an even `fft_length`, have no effect.

    Args:
        x: a pair of tensors, real and imaginary parts.
        fft_length: size of the signal, 2 * (m - 1) by default; frequencies beyond `fft_length // 2 + 1` are left out, missing ones are 0.

    Raises:
        TypeError: `x` is no pair, or the length no int.
        ValueError: a length below 1, parts that differ in shape, a scalar, or a single frequency without `fft_length`.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.irfft(ops.rfft([1.0, 2.0, 3.0, 4.0, 5.0]), fft_length=5)).round(3)
    array([1., 2., 3., 4., 5.], dtype=float32)
    """
    real, imag = pair_of("irfft", x, 1)
    m = shape_of(real)[-1]
    if fft_length is None and isinstance(m, int) and m < 2:
        raise invalid("irfft", f"{m} {'frequency makes' if m == 1 else 'frequencies make'} a signal of length 0; give fft_length")
    length = sizes.times(sizes.minus(m, 1), 2) if fft_length is None else sizes.as_count("irfft", "fft_length", fft_length, 1)
    first, second = (first_elements(wide(part), _half(length)) for part in (real, imag))
    alone = _alone(length)
    one_sided = where(alone, 0.0, multiply(second, 2.0)), where(alone, first, multiply(first, 2.0))
    _, signal = _transform(*(first_elements(part, length) for part in one_sided))
    return back(divide(signal, count(signal, -1)), real)


def _alone(length: Any) -> Any:
    """Which frequencies of the first half of `length` are their own conjugates, and real: the first, and the last of an even number."""
    if isinstance(length, int):
        k = np.arange(length // 2 + 1)
        return (k == 0) | (2 * k == length)
    k = iota(_half(length))
    return logical_or(equal(k, 0), equal(multiply(k, 2), 0 if length is None else length))
