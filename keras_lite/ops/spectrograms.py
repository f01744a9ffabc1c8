"""Sequences of a signal that overlap, and its short-time Fourier transform."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.ops import references_spectral as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add, divide, floor_divide, greater, maximum, multiply, where
from keras_lite.ops.core import cast
from keras_lite.ops.creation import iota, zeros
from keras_lite.ops.data import as_tensor
from keras_lite.ops.elementwise import square
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import NAN
from keras_lite.ops.fourier_transforms import first_elements, irfft, pair_of, rfft
from keras_lite.ops.indexing import gather
from keras_lite.ops.padding import pad
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import broadcast_to, part_of, reshape, transpose
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op

WINDOWS = ("hann", "hamming")
_SHORT = 65536  # up to so many samples the norm of a signal is made on the host
_SILENT = 1e-10  # where the squared windows add up to no more, nothing of the signal is left


@op(reference=references.extract_sequences, samples=(
    Sample(f32(10), 4, 2), Sample(f32(2, 9), 3, 4), Sample(f32(2, 3, 8), 4, 1), Sample(f32(6), 6, 1), Sample(f32(5), 1, 1),
    Sample(f32(6), 2, sequence_stride=7), Sample(f32(3), 4, 1), Sample(f32(0, 6), 3, 2), Sample(f32(2, 0), 3, 2), Sample(i32(2, 7), 3, 2),
    Sample(boolean(6), 2, 2), Sample(array([1e30, NAN, 1e-30, -1.0]), 2, 1, grad=False),
    Sample("text", 2, 1, error="expected a tensor"), Sample(f32(), 2, 1, error=r"expected at least 1 axis, got shape \(\)"),
    Sample(f32(5), 0, 1, error="sequence_length must be an int of at least 1, got 0"),
    Sample(f32(5), 2, 0, error="sequence_stride must be an int of at least 1, got 0"),
    Sample(f32(5), 2.5, 1, error="sequence_length must be an int of at least 1, got 2.5")))
def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    """Parts of `sequence_length` elements of the last axis, each `sequence_stride` after the one before: (..., n) -> (..., count, length).

    As many as there are in full: none of an axis of `x` that is too short.  Raises TypeError for lengths that are no ints,
    ValueError for those below 1 and for a scalar.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.extract_sequences([0, 1, 2, 3, 4, 5], 4, 2)).tolist()
    [[0, 1, 2, 3], [2, 3, 4, 5]]
    """
    shape = shape_of(x)
    if not shape:
        raise invalid("extract_sequences", f"expected at least 1 axis, got shape {shape}")
    length = sizes.as_count("extract_sequences", "sequence_length", sequence_length, 1)
    stride = sizes.as_count("extract_sequences", "sequence_stride", sequence_stride, 1)
    n = shape[-1]
    if all(isinstance(k, int) for k in (n, length, stride)):
        starts = np.arange(0, n - length + 1, stride, dtype="int32")
        if not len(starts):
            return zeros((*shape[:-1], 0, length), dtype_of(x))
        places = starts[:, None] + np.arange(length, dtype="int32")
    else:
        count = None if None in (n, length, stride) else maximum(add(floor_divide(n - length, stride), 1), 0)
        places = add(multiply(reshape(iota(count), (count, 1)), sizes.number(stride)), iota(length))
    return gather(x, places, len(shape) - 1)


# --- windows -------------------------------------------------------------------------------------------------------------


def _window(name: str, window: Any, sequence_length: int, fft_length: int, dtype: str) -> Any:
    """The weights of a frame of `fft_length` samples: those of the window, with zeros on both sides."""
    engine = registry.current()
    before = (fft_length - sequence_length) // 2
    margins = before, fft_length - sequence_length - before
    if isinstance(window, str):
        if window not in WINDOWS:
            raise unknown_name("window", window, WINDOWS)
        return as_tensor(engine, _periodic(window, sequence_length, margins), dtype)
    weights = as_tensor(engine, window, dtype)
    shape = shape_of(weights)
    if len(shape) != 1 or (isinstance(shape[0], int) and shape[0] != sequence_length):
        raise invalid(name, f"the window must have the shape ({sequence_length},), that of a sequence, got {shape}")
    return pad(weights, margins)


@functools.lru_cache(maxsize=64)
def _periodic(window: str, n: int, margins: tuple[int, int]) -> np.ndarray:
    """One period of a raised cosine, of a single sample 1, between zeros."""
    low = {"hann": 0.5, "hamming": 0.54}[window]
    return np.pad(low - (1 - low) * np.cos(2 * np.pi * np.arange(n) / n) if n > 1 else np.ones(1), margins)


def _lengths(name: str, sequence_length: Any, sequence_stride: Any, fft_length: Any) -> tuple[int, int, int]:
    length, stride = (sizes.as_int(name, parameter, value, 1) for parameter, value in (
        ("sequence_length", sequence_length), ("sequence_stride", sequence_stride)))
    return length, stride, sizes.as_int(name, "fft_length", fft_length, length)


_OPTIONS: tuple[dict[str, Any], ...] = ({}, {"window": None}, {"window": "hamming"}, {"center": False},
                                         {"window": f32(6, low=0.5), "center": False})
_WRONG = (((0, 3, 8), "sequence_length must be an int of at least 1, got 0"),
          ((6, 0, 8), "sequence_stride must be an int of at least 1, got 0"),
          ((6, 3, 5), "fft_length must be an int of at least 6, got 5"))


# --- the transform and its inverse ---------------------------------------------------------------------------------------


@op(floating=True, normwise=True, reference=references.stft, samples=(
    *(Sample(f32(20), 6, 3, 8, **options) for options in _OPTIONS), Sample(f32(2, 15), 5, 4, 5), Sample(f32(2, 3, 12), 7, 2, 7),
    Sample(f32(9), 1, 1, 1), Sample(f32(25), 8, 10, 8, center=False), Sample(f32(8), 8, 3, 8, "hann", False), Sample(f32(0, 12), 4, 2, 4),
    Sample(i32(2, 12), 4, 2, 4), Sample(boolean(12), 4, 2, 4), Sample(f32(12), 4, 2, 4, [1.0, 2.0, 2.0, 1.0]),
    Sample(array([1e30, 1e-30, -1e30, 1.0, 2.0]), 4, 1, 4), Sample(array([1.0, NAN, 2.0, 3.0, 4.0, 5.0]), 2, 2, 2, grad=False),
    *(Sample(f32(20), *lengths, error=error) for lengths, error in _WRONG), Sample("text", 6, 3, 8, error="expected a tensor"),
    Sample(f32(20), 6, 3, 8, "hanning", error="unknown window 'hanning'"),
    Sample(f32(20), 6, 3, 8, window=f32(8), error=r"the window must have the shape \(6,\), that of a sequence, got \(8,\)"),
    Sample(f32(4), 6, 3, 8, error="4 samples can't be mirrored by 4, half of fft_length"),
    Sample(f32(4), 6, 3, 8, center=False, error="4 samples do not fill a frame of fft_length=8"),
    Sample(f32(), 2, 1, 2, error=r"expected at least 1 axis, got shape \(\)")))
def stft(x: Any, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True) -> tuple[Any, Any]:
    """Short-time Fourier transform of real signals, as a pair (real, imaginary): (..., n) -> (..., frames, fft_length // 2 + 1) twice.

    Allen, Rabiner, "A unified approach to short-time Fourier analysis and synthesis", Proc. IEEE 1977.

    Args:
        x: signals along the last axis.
        sequence_length: samples of the window.
        sequence_stride: distance of the frames.
        fft_length: samples of a frame, at least `sequence_length`; the window lies in the middle of it.
        window: weights of the samples: "hann", "hamming", `sequence_length` numbers, or None for the samples as they are.
        center: whether the middle of the first frame is on the first sample; the signal is mirrored at both ends then.

    Raises:
        TypeError: a length is no int.
        ValueError: a length that is too small; a signal that fills no frame or is too short to be mirrored; an unknown window, or one of
            another length.

    >>> from keras_lite import ops
    >>> real, imag = ops.stft([1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0, 0.0], 4, 4, 4, window=None, center=False)
    >>> ops.convert_to_numpy(real).round(3)  # all at frequency 1 of 0, 1, 2
    array([[0., 2., 0.],
           [0., 2., 0.]], dtype=float32)
    """
    shape = shape_of(x)
    if not shape:
        raise invalid("stft", f"expected at least 1 axis, got shape {shape}")
    length, stride, size = _lengths("stft", sequence_length, sequence_stride, fft_length)
    n, half = shape[-1], size // 2
    if isinstance(n, int) and center and n <= half:
        raise invalid("stft", f"{n} samples can't be mirrored by {half}, half of fft_length={size}; pass center=False, or pad them")
    if isinstance(n, int) and not center and n < size:
        raise invalid("stft", f"{n} samples do not fill a frame of fft_length={size}; pad them")
    y = wide(x)
    weights = None if window is None else _window("stft", window, length, size, dtype_of(y))
    if center and half:
        y = pad(y, [(0, 0)] * (len(shape) - 1) + [(half, half)], "reflect")
    frames = extract_sequences(y, size, stride)
    real, imag = rfft(frames if weights is None else multiply(frames, weights), size)
    return back(real, x), back(imag, x)


_FRAMES = f32(5, 5), f32(5, 5)


@op(tensors=(), normwise=True, reference=references.istft, samples=(
    *(Sample(_FRAMES, 6, 3, 8, **options) for options in _OPTIONS), *(Sample(_FRAMES, 6, 3, 8, length=n) for n in (0, 7, 12, 25)),
    Sample(_FRAMES, 6, 3, 8, 30, center=False), Sample(_FRAMES, 6, 3, 8, 4, center=False), Sample((f32(2, 4, 3), f32(2, 4, 3)), 5, 4, 5),
    Sample((f32(2, 3, 2, 4), f32(2, 3, 2, 4)), 7, 2, 7), Sample(_FRAMES, 8, 10, 8, center=False), Sample(_FRAMES, 8, 8, 8),
    Sample((f32(9, 1), f32(9, 1)), 1, 1, 1), Sample(_FRAMES, 6, 3, 12), Sample((f32(0, 5, 5), f32(0, 5, 5)), 6, 3, 8),
    Sample((f32(1, 5), f32(1, 5)), 8, 4, 8), Sample((i32(5, 5), i32(5, 5)), 6, 3, 8), Sample(_FRAMES, 4, 2, 8, window=[1.0, 2.0, 2.0, 1.0]),
    Sample((array([[1e30, -1e30], [1.0, 1e-30]]), array([[0.0, 1.0], [1e30, 0.0]])), 2, 1, 2),
    *(Sample(_FRAMES, *lengths, error=error) for lengths, error in _WRONG),
    Sample(_FRAMES, 6, 3, 8, -1, error="length must be an int of at least 0, got -1"),
    Sample((f32(0, 5), f32(0, 5)), 6, 3, 8, error=r"there is no frame in shape \(0, 5\)"),
    Sample(_FRAMES, 6, 3, 8, window=f32(8), error=r"the window must have the shape \(6,\), that of a sequence, got \(8,\)"),
    Sample(_FRAMES, 6, 3, 8, window="boxcar", error="unknown window 'boxcar'"),
    Sample((f32(5), f32(5)), 6, 3, 8, error=r"expected at least 2 axes, got shape \(5,\)"),
    Sample(f32(5, 5), 6, 3, 8, error="expected a pair of tensors"),
    Sample((f32(5, 5), f32(4, 5)), 6, 3, 8, error=r"both parts must have one shape, got \(5, 5\) and \(4, 5\)")))
def istft(x: Any, sequence_length: int, sequence_stride: int, fft_length: int, length: int | None = None, window: Any = "hann",
          center: bool = True) -> Any:
    """Inverse of `stft` with the same arguments: (..., frames, fft_length // 2 + 1), real and imaginary -> (..., n).

    The signal whose frames are nearest to those given: frames times the window, added where they overlap, over the sum of the squared
    windows; 0 where that is 0.  Without a window frames are only added.
    Griffin, Lim, "Signal estimation from modified short-time Fourier transform", IEEE Trans. ASSP 1984.

    Args:
        x: a pair of tensors, real and imaginary parts.
        sequence_length, sequence_stride, fft_length, window, center: as for `stft`.
        length: elements of the result, with zeros behind the last frame; by default all that the frames reach (with `center` without half a
            frame on both sides).

    Raises:
        TypeError: `x` is no pair, or a length no int.
        ValueError: a length that is too small; parts that differ in shape, no frame, an unknown window or one of another length.

    >>> from keras_lite import ops
    >>> signal = ops.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    >>> ops.convert_to_numpy(ops.istft(ops.stft(signal, 4, 2, 4), 4, 2, 4)).round(3)
    array([1., 2., 3., 4., 5., 6.], dtype=float32)
    """
    spectrum = pair_of("istft", x, 2)
    shape, dtype = shape_of(spectrum[0]), dtype_of(spectrum[0])
    sequence, stride, size = _lengths("istft", sequence_length, sequence_stride, fft_length)
    if sizes.is_empty(shape[-2:-1]):
        raise invalid("istft", f"there is no frame in shape {shape}")
    frames = irfft([wide(part) for part in spectrum], size)
    if window is None:
        signal = _overlapped(frames, stride)
    else:
        weights = _window("istft", window, sequence, size, dtype_of(frames))
        norm = _norm(window, sequence, shape_of(frames)[-2:], stride)
        if norm is None:
            norm = _overlapped(broadcast_to(square(weights), shape_of(frames)[-2:]), stride)
            norm = where(greater(norm, _SILENT), norm, 1.0)
        signal = divide(_overlapped(multiply(frames, weights), stride), as_tensor(registry.current(), norm, dtype_of(frames)))
    return cast(_cut(signal, size // 2 if center else 0, length), dtype)


@functools.lru_cache(maxsize=64)
def _known_norm(window: str, sequence: int, count: int, size: int, stride: int) -> np.ndarray:
    """The sum of the squares of a window by name, `count` times `stride` after one another; 1 where it is 0."""
    before = (size - sequence) // 2
    squares = np.square(_periodic(window, sequence, (before, size - sequence - before)))
    norm = np.zeros((count - 1) * stride + size)
    for i in range(count):
        norm[i * stride:i * stride + size] += squares
    return np.where(norm > _SILENT, norm, 1.0)


def _norm(window: Any, sequence: int, shape: Any, stride: int) -> np.ndarray | None:
    """`_known_norm` of a short signal, whose sizes are known."""
    count, size = shape
    short = isinstance(window, str) and isinstance(count, int) and count > 0 and (count - 1) * stride + size <= _SHORT
    return _known_norm(window, sequence, count, size, stride) if short else None


def _overlapped(frames: Any, stride: int) -> Any:
    """The sum of frames that begin `stride` after one another: (..., count, size) -> (..., (count - 1) * stride + size).

    Frames are taken apart into k blocks of `stride`.  Block i of frame j belongs to place i + j: in rows of count + k blocks, one for
    each i, read as rows of one block less, it stands there.
    """
    *lead, count, size = shape_of(frames)
    k = -(-size // stride)
    rank = len(lead)
    blocks = reshape(pad(frames, [(0, 0)] * (rank + 1) + [(0, k * stride - size)]), (*lead, count, k, stride))
    rows = transpose(blocks, (*range(rank), rank + 1, rank, rank + 2))
    rows = pad(rows, [(0, 0)] * (rank + 1) + [(0, k), (0, 0)])
    places = sizes.plus(count, k - 1)
    flat = reshape(rows, (*lead, sizes.times(sizes.plus(count, k), k), stride))
    skewed = reshape(part_of(flat, rank, 0, sizes.times(places, k)), (*lead, k, places, stride))
    total = reshape(reduce_sum(skewed, rank), (*lead, sizes.times(places, stride)))
    return part_of(total, rank, 0, sizes.plus(sizes.times(sizes.minus(count, 1), stride), size))


def _cut(signal: Any, margin: int, length: Any) -> Any:
    """`signal` from `margin` on: `length` elements, or all but a `margin` at the end."""
    axis, total = rank_of(signal) - 1, shape_of(signal)[-1]
    if length is None:
        return part_of(signal, axis, margin, sizes.minus(total, margin))
    wanted = sizes.plus(margin, sizes.as_count("istft", "length", length, 0))
    return part_of(first_elements(signal, wanted), axis, margin, wanted)
