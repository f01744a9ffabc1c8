"""Random initializers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_lite import config, ops, random
from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.initializers.initializer import Initializer, fresh
from keras_lite.random.seed_generator import make_default_seed

# standard deviation of a standard normal cut off at two standard deviations (Johnson et al., Continuous Univariate
# Distributions 1, 13.10.1): sqrt(1 - 4 phi(2) / erf(sqrt(2)))
TRUNCATED_STDDEV = 0.87962566103423978


class RandomInitializer(Initializer):
    """Base of random initializers.

    Args:
        seed: an int gives the same values each time; None picks one when the initializer is made; a `SeedGenerator` gives other
            values each time.
    """

    def __init__(self, seed: Any = None):
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer, random.SeedGenerator, type(None))):
            raise invalid(type(self).__name__, f"seed must be an int, a SeedGenerator or None, got {seed!r}")
        self.seed = make_default_seed() if seed is None else seed

    def _argument(self, name: str, declared_by: type) -> Any:
        return self._recorded.get("seed") if name == "seed" else super()._argument(name, declared_by)


class RandomNormal(RandomInitializer):
    """Normal with `mean` and `stddev`; see `RandomInitializer` for the seed."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None):
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    @fresh
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return random.normal(shape, self.mean, self.stddev, dtype=dtype, seed=self.seed)


class TruncatedNormal(RandomInitializer):
    """Normal with `mean` and `stddev`, values further than two standard deviations from the mean left out."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None):
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    @fresh
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return random.truncated_normal(shape, self.mean, self.stddev, dtype=dtype, seed=self.seed)


class RandomUniform(RandomInitializer):
    """Uniform in [minval, maxval)."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None):
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    @fresh
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return random.uniform(shape, self.minval, self.maxval, dtype=dtype, seed=self.seed)


class VarianceScaling(RandomInitializer):
    """Mean 0 and variance `scale / n`, where n is the number of inputs or outputs of a unit.

    Args:
        scale: factor of the variance.
        mode: n is "fan_in" (inputs), "fan_out" (outputs) or "fan_avg" (their mean).
        distribution: "truncated_normal" (or "normal"), "untruncated_normal" or "uniform".
        seed: see `RandomInitializer`.
        input_axes, output_axes: axes of the shape that count as inputs and outputs, given together; by default the last is the
            outputs, the one before the inputs, and all others multiply both.

    Raises:
        ValueError: `scale` is not positive, or `mode` or `distribution` unknown.

    Sources: Glorot and Bengio 2010, He et al. 2015 (arXiv:1502.01852), LeCun et al. 1998.
    """

    def __init__(self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal", seed: Any = None,
                 input_axes: Any = None, output_axes: Any = None):
        if not scale > 0:
            raise invalid("VarianceScaling", f"scale must be positive, got {scale!r}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise invalid("VarianceScaling", f'mode must be "fan_in", "fan_out" or "fan_avg", got {mode!r}')
        distribution = {"normal": "truncated_normal"}.get(str(distribution).lower(), str(distribution).lower())
        if distribution not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise invalid("VarianceScaling", 'distribution must be "truncated_normal", "untruncated_normal" or "uniform", '
                                             f"got {distribution!r}")
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    @fresh
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, n))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * stddev
            return random.uniform(shape, -limit, limit, dtype=dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, stddev, dtype=dtype, seed=self.seed)
        return random.truncated_normal(shape, 0.0, stddev / TRUNCATED_STDDEV, dtype=dtype, seed=self.seed)


def fans(shape: Any, input_axes: Any = None, output_axes: Any = None) -> tuple[int, int]:
    """Numbers of inputs and outputs of a unit whose weights have `shape`.

    >>> fans((5, 7)), fans((3, 3, 5, 7)), fans((4,)), fans((2, 3, 4), (0,), (1, 2))
    ((5, 7), (45, 63), (4, 4), (2, 12))
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        rank = len(shape)
        if any(not -rank <= axis < rank for axis in (*input_axes, *output_axes)):
            raise invalid("VarianceScaling", f"axes {input_axes!r} and {output_axes!r} do not fit shape {shape}")
        return math.prod(shape[axis] for axis in input_axes), math.prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    around = math.prod(shape[:-2])
    return around * shape[-2], around * shape[-1]


class _Scaled(VarianceScaling):
    """A `VarianceScaling` whose scale, mode and distribution are given by its name."""

    _fixed: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None):
        super().__init__(*self._fixed, seed=seed, input_axes=input_axes, output_axes=output_axes)


class GlorotUniform(_Scaled):
    """Uniform within `sqrt(6 / (inputs + outputs))` of 0 (Glorot and Bengio 2010); arguments as in `VarianceScaling`."""

    _fixed = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Scaled):
    """Truncated normal with variance `2 / (inputs + outputs)` (Glorot and Bengio 2010)."""

    _fixed = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Scaled):
    """Uniform within `sqrt(6 / inputs)` of 0 (He et al. 2015)."""

    _fixed = (2.0, "fan_in", "uniform")


class HeNormal(_Scaled):
    """Truncated normal with variance `2 / inputs` (He et al. 2015)."""

    _fixed = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Scaled):
    """Uniform within `sqrt(3 / inputs)` of 0 (LeCun et al. 1998)."""

    _fixed = (1.0, "fan_in", "uniform")


class LecunNormal(_Scaled):
    """Truncated normal with variance `1 / inputs` (LeCun et al. 1998)."""

    _fixed = (1.0, "fan_in", "truncated_normal")


class Orthogonal(RandomInitializer):
    """`gain` times a matrix with orthonormal columns (rows, if there are fewer), uniformly distributed (Saxe et al. 2013).

    All axes but the last count as rows.

    Raises:
        ValueError: the shape has fewer than two axes.

    >>> import keras_lite
    >>> q = Orthogonal(seed=0)((4, 3))
    >>> bool(keras_lite.ops.max(keras_lite.ops.absolute(keras_lite.ops.transpose(q) @ q - keras_lite.ops.eye(3))) < 1e-5)
    True
    """

    def __init__(self, gain: float = 1.0, seed: Any = None):
        self.gain = gain
        super().__init__(seed)

    @fresh
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if len(shape) < 2:
            raise invalid("Orthogonal", f"needs a shape of two axes or more, got {tuple(shape)}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        with registry.using("numpy"):  # the factorisation is done on the host: the same values on every engine
            drawn = ops.convert_to_numpy(random.normal((max(rows, columns), min(rows, columns)), dtype="float32", seed=self.seed))
        q, r = np.linalg.qr(drawn.astype(np.float64))
        q = q * np.where(np.diag(r) < 0, -1.0, 1.0)  # makes the factorisation unique, hence the distribution uniform
        matrix = (q if rows >= columns else q.T).reshape(shape) * self.gain
        return ops.convert_to_tensor(matrix, dtype=dtype or config.floatx())
