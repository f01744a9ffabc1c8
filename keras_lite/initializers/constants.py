"""Initializers without randomness."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite import config, ops
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.initializers.initializer import Initializer, fresh

_WINDOWS = {"hann": np.hanning, "hamming": np.hamming, "blackman": np.blackman, "bartlett": np.bartlett}


class Zeros(Initializer):
    """All 0."""

    @fresh
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.zeros(shape, dtype=dtype)


class Ones(Initializer):
    """All 1."""

    @fresh
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.ones(shape, dtype=dtype)


class Constant(Initializer):
    """`value`, a number or an array that broadcasts to the shape.

    >>> [float(v) for v in Constant([1.0, 2.0])((2,))]
    [1.0, 2.0]
    """

    def __init__(self, value: Any = 0.0):
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.broadcast_to(ops.cast(ops.convert_to_tensor(self.value), dtype or config.floatx()), shape)


class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere.

    >>> [[float(v) for v in row] for row in Identity(2.0)((2, 3))]
    [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """

    def __init__(self, gain: float = 1.0):
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if len(shape) != 2:
            raise invalid("Identity", f"only a matrix can be an identity, got shape {tuple(shape)}")
        return ops.multiply(ops.eye(*shape, dtype=dtype), self.gain)


class STFT(Initializer):
    """Kernel of a one-dimensional convolution that is a short-time Fourier transform.

    The shape is (frame length, 1, number of frequencies); frequency k of n has the angle `2 pi k / (2 (n - 1))` per step.

    Args:
        side: "real" (cosines) or "imag" (negative sines).
        window: "hann", "hamming", "blackman", "bartlett", an array of the frame length, or None for no window and no scaling.
        scaling: "density" divides by the root of the window's energy, "spectrum" by its sum, None by nothing.
        periodic: whether the named window is periodic rather than symmetric.

    Raises:
        ValueError: another side, window or scaling, or a shape of other than three axes.

    >>> [round(float(v)) for v in STFT("real", window=None)((4, 1, 3))[:, 0, 1]]
    [1, 0, -1, 0]
    """

    def __init__(self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False):
        if side not in ("real", "imag"):
            raise invalid("STFT", f'side must be "real" or "imag", got {side!r}')
        if isinstance(window, str) and window not in _WINDOWS:
            raise unknown_name("window", window, _WINDOWS)
        if scaling not in (None, "density", "spectrum"):
            raise invalid("STFT", f'scaling must be "density", "spectrum" or None, got {scaling!r}')
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if len(shape) != 3:
            raise invalid("STFT", f"the shape must be (frame length, 1, frequencies), got {tuple(shape)}")
        length, _, frequencies = shape
        angles = 2 * np.pi * np.outer(np.arange(length), np.arange(frequencies)) / (2 * max(frequencies - 1, 1))
        waves = np.cos(angles) if self.side == "real" else -np.sin(angles)
        if self.window is not None:
            waves = waves * self._weights(length)[:, None]
        return ops.convert_to_tensor(np.broadcast_to(waves[:, None], shape), dtype=dtype or config.floatx())

    def _weights(self, length: int) -> np.ndarray:
        """The scaled window."""
        if isinstance(self.window, str):
            window = _WINDOWS[self.window](length + self.periodic)[:length]
        else:
            window = np.asarray(ops.convert_to_numpy(self.window), np.float64)
        if window.shape != (length,):
            raise invalid("STFT", f"the window has shape {window.shape}, the frame length is {length}")
        scale = {None: 1.0, "density": np.sqrt((window**2).sum()), "spectrum": np.abs(window.sum())}[self.scaling]
        return window / scale
