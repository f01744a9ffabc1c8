"""Answers in plain NumPy for complex numbers, Fourier transforms and spectrograms."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine.dtypes import numpy_dtype


def make_complex(real: Any, imag: Any) -> Any:
    y = np.empty(np.broadcast(real, imag).shape, "complex128")
    y.real, y.imag = real, imag
    return y


def conj(x: Any) -> Any:
    return np.conj(x) if np.asarray(x).dtype.kind == "c" else x


def polar(abs_: Any, angle: Any) -> Any:
    return make_complex(abs_ * np.cos(angle), abs_ * np.sin(angle))


def view_as_complex(x: Any) -> Any:
    return make_complex(x[..., 0], x[..., 1])


def view_as_real(x: Any) -> Any:
    return np.stack([np.real(x), np.imag(x)], -1)


def view(x: Any, dtype: Any = None) -> Any:
    if dtype == "bool":
        return x.view("uint8") != 0
    return x if dtype is None else x.view(numpy_dtype(dtype))


# --- transforms ----------------------------------------------------------------------------------------------------------


def _parts(y: Any) -> Any:
    return np.real(y), np.imag(y)


def _number(x: Any) -> Any:
    real, imag = x
    return make_complex(real, imag)


def fourier(real: Any, imag: Any) -> Any:
    return _parts(np.fft.fft(make_complex(real, imag)))


def fft(x: Any) -> Any:
    return _parts(np.fft.fft(_number(x)) if x[0].size else _number(x))


def fft2(x: Any) -> Any:
    return _parts(np.fft.fft2(_number(x)) if x[0].size else _number(x))


def ifft2(x: Any) -> Any:
    return _parts(np.fft.ifft2(_number(x)) if x[0].size else _number(x))


def rfft(x: Any, fft_length: int | None = None) -> Any:
    return _parts(np.fft.rfft(x, fft_length))


def irfft(x: Any, fft_length: int | None = None) -> Any:
    y = _number(x)
    if y.shape[-1]:
        return np.fft.irfft(y, fft_length)
    return np.zeros((*y.shape[:-1], fft_length))  # NumPy reads beyond the end


# --- spectrograms --------------------------------------------------------------------------------------------------------


def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    if x.shape[-1] < sequence_length:
        return np.zeros((*x.shape[:-1], 0, sequence_length), x.dtype)
    return np.lib.stride_tricks.sliding_window_view(x, sequence_length, -1)[..., ::sequence_stride, :]


def _window(window: Any, sequence_length: int, fft_length: int) -> Any:
    if window is None:
        return np.ones(fft_length)
    if isinstance(window, str):
        turn = np.cos(2 * np.pi * np.arange(sequence_length) / sequence_length)
        window = {"hann": 0.5 - 0.5 * turn, "hamming": 0.54 - 0.46 * turn}[window] if sequence_length > 1 else np.ones(1)
    y = np.zeros(fft_length)
    start = (fft_length - sequence_length) // 2
    y[start:start + sequence_length] = window
    return y


def stft(x: Any, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True) -> Any:
    if center:
        x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(fft_length // 2,) * 2], mode="reflect")
    frames = extract_sequences(x, fft_length, sequence_stride)
    return _parts(np.fft.rfft(frames * _window(window, sequence_length, fft_length)))


def istft(x: Any, sequence_length: int, sequence_stride: int, fft_length: int, length: int | None = None, window: Any = "hann",
          center: bool = True) -> Any:
    frames, weights = np.fft.irfft(_number(x), fft_length), _window(window, sequence_length, fft_length)
    count = frames.shape[-2]
    total = (count - 1) * sequence_stride + fft_length
    y, norm = np.zeros((*frames.shape[:-2], total + (length or 0))), np.zeros(total + (length or 0))
    for i in range(count):
        at = slice(i * sequence_stride, i * sequence_stride + fft_length)
        y[..., at] += frames[..., i, :] * weights
        norm[at] += weights**2
    y = y if window is None else y / np.where(norm > 1e-10, norm, 1)
    start = fft_length // 2 if center else 0
    return y[..., start:total - start if length is None else start + length]
