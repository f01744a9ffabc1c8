"""Layers that add noise while training."""

from __future__ import annotations

import math
from typing import Any

from keras_lite import config, ops, random
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import fraction
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer
from keras_lite.random import SeedGenerator


class _Noise(Layer):
    """A layer that draws random numbers while training and hands on its input otherwise."""

    supports_masking = True

    def _set_seed(self, seed: int | None, used: bool) -> None:
        """A random state of its own, where there is anything to draw."""
        self.seed = seed
        if used:
            self.seed_generator = SeedGenerator(seed)

    def _noise_sizes(self, x: Any, noise_shape: Any) -> tuple[Any, ...]:
        """`noise_shape` with the sizes of `x` in place of None."""
        if noise_shape is None:
            return tuple(ops.shape(x))
        if len(noise_shape) != len(x.shape):
            raise invalid(type(self).__name__, f"noise_shape {tuple(noise_shape)} does not fit an input of shape {tuple(x.shape)}: "
                                               "one size for each axis, 1 where the axis shares its draws, None for the input's size")
        return tuple(n if wanted is None else wanted for n, wanted in zip(ops.shape(x), noise_shape, strict=True))


class Dropout(_Noise):
    """While training, sets a random share `rate` of the values to 0 and divides the others by `1 - rate`.

    Args:
        rate: share of values to drop, from 0 to 1.
        noise_shape: shape of the drawn mask, which broadcasts to the input: 1 for an axis along which all is dropped or kept
            together, None for the size of the input.
        seed: of the random numbers.

    Raises:
        ValueError: `rate` is outside [0, 1], or `noise_shape` does not fit.

    Source: Srivastava et al. 2014.

    >>> import keras_lite
    >>> float(keras_lite.layers.Dropout(0.5)(1.0))
    1.0
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate, self.noise_shape = fraction(type(self).__name__, "rate", rate), _noise_shape("Dropout", noise_shape)
        self._set_seed(seed, rate > 0)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        return random.dropout(inputs, self.rate, self._noise_sizes(inputs, self.noise_shape), seed=self.seed_generator)


class _SpatialDropout(Dropout):
    """Dropout with one draw for all places of a channel."""

    def _set(self, rank: int, rate: float, data_format: str | None, seed: int | None, name: str | None, dtype: Any) -> None:
        ones = (1,) * rank
        layout = config.standardize_data_format(data_format)
        shape = (None, *ones, None) if layout == "channels_last" else (None, None, *ones)
        Dropout.__init__(self, rate, shape, seed, name=name, dtype=dtype)
        self.data_format, self.input_spec = layout, InputSpec(ndim=rank + 2)


class SpatialDropout1D(_SpatialDropout):
    """Dropout of whole channels of (batch, steps, channels); arguments as in `Dropout` (Tompson et al. 2014)."""

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None):
        self._set(1, rate, "channels_last", seed, name, dtype)


class SpatialDropout2D(_SpatialDropout):
    """Dropout of whole channels of images; arguments as in `Dropout` (Tompson et al. 2014)."""

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, name: str | None = None, dtype: Any = None):
        self._set(2, rate, data_format, seed, name, dtype)


class SpatialDropout3D(_SpatialDropout):
    """Dropout of whole channels of volumes; arguments as in `Dropout` (Tompson et al. 2014)."""

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, name: str | None = None, dtype: Any = None):
        self._set(3, rate, data_format, seed, name, dtype)


class GaussianNoise(_Noise):
    """While training, adds normal noise with standard deviation `stddev`.

    Args:
        stddev: standard deviation, at least 0.
        seed: of the random numbers.
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(stddev, bool) or not isinstance(stddev, (int, float)) or not stddev >= 0:
            raise invalid("GaussianNoise", f"stddev must be a number, at least 0, got {stddev!r}")
        self.stddev = stddev
        self._set_seed(seed, stddev > 0)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.stddev == 0:
            return inputs
        noise = random.normal(ops.shape(inputs), 0.0, self.stddev, dtype=self.compute_dtype, seed=self.seed_generator)
        return ops.add(inputs, noise)


class GaussianDropout(_Noise):
    """While training, multiplies by normal noise with mean 1 and standard deviation `sqrt(rate / (1 - rate))`.

    Args:
        rate: the share that a `Dropout` of the same variance drops, below 1.
        seed: of the random numbers.

    Source: Srivastava et al. 2014.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate = fraction("GaussianDropout", "rate", rate)
        if rate == 1:
            raise invalid("GaussianDropout", "rate must be below 1: the noise would be infinite")
        self._set_seed(seed, rate > 0)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        stddev = math.sqrt(self.rate / (1 - self.rate))
        noise = random.normal(ops.shape(inputs), 1.0, stddev, dtype=self.compute_dtype, seed=self.seed_generator)
        return ops.multiply(inputs, noise)


class AlphaDropout(_Noise):
    """Dropout that keeps mean 0 and variance 1 of the inputs, for networks with `selu`.

    Dropped values become the negative limit of selu; an affine map then restores mean and variance.

    Args:
        rate, noise_shape, seed: as in `Dropout`; the rate is below 1.

    Source: Klambauer et al. 2017 (arXiv:1706.02515), appendix.
    """

    LIMIT = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717  # -scale * alpha of selu

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate, self.noise_shape = fraction("AlphaDropout", "rate", rate), _noise_shape("AlphaDropout", noise_shape)
        if rate == 1:
            raise invalid("AlphaDropout", "rate must be below 1: mean and variance can't be restored when all is dropped")
        self._set_seed(seed, rate > 0)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        keep, limit = 1 - self.rate, self.LIMIT
        drawn = random.uniform(self._noise_sizes(inputs, self.noise_shape), dtype="float32", seed=self.seed_generator)
        x = ops.where(ops.greater_equal(drawn, self.rate), inputs, limit)
        scale = (keep * (1 + self.rate * limit**2)) ** -0.5
        return ops.add(ops.multiply(scale, x), -scale * self.rate * limit)


def _noise_shape(where: str, value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or not all(n is None or (isinstance(n, int) and n > 0) for n in value):
        raise invalid(where, f"noise_shape must be a sequence of positive ints and None, got {value!r}")
    return tuple(value)
