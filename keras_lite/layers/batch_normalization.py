"""BatchNormalization."""

from __future__ import annotations

from typing import Any

from keras_lite import config, constraints, initializers, ops, regularizers
from keras_lite.engine.dtypes import promote
from keras_lite.engine.errors import invalid, not_there
from keras_lite.layers.checks import fraction, known_size, not_negative
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer
from keras_lite.ops.families import normal_axis
from keras_lite.state.variable import Variable

_CLIPPING = ("rmin", "rmax", "dmax")


class BatchNormalization(Layer):
    """Shifts and scales each channel to mean 0 and variance 1 over the batch, then to `beta` and `gamma`.

    While training (`training=True` and the layer is trainable) the statistics are those of the batch, and the moving ones follow:
    `moving = moving * momentum + batch * (1 - momentum)`.  Otherwise the moving ones are used and stay as they are.

    Args:
        axis: the channels; each has statistics of its own.
        momentum: of the moving statistics.
        epsilon: added to the variance.
        center, scale: whether there is a `beta`, a `gamma`.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer: first values.
        beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: of these two variables.
        renorm: batch renormalization (Ioffe 2017): training uses the statistics of the batch, corrected toward renorm_mean and
            renorm_stddev, moving statistics with the momentum `renorm_momentum`; the correction counts as a constant for gradients.
        renorm_clipping: bounds of the correction, a dict with "rmin", "rmax" and "dmax".
        renorm_momentum: see `renorm`.
        synchronized: must be False; statistics over replicas come with distribution.

    The mask of the input, of its shape without the last axis, leaves steps out of the statistics.

    Raises:
        ValueError: an axis outside the input's rank, or a mask of another shape.

    Source: Ioffe and Szegedy 2015 (arXiv:1502.03167).

    >>> import keras_lite
    >>> keras_lite.layers.BatchNormalization()(keras_lite.ops.ones((2, 3))).shape[-1]
    3
    """

    supports_masking = True
    gamma: Variable | None
    beta: Variable | None

    def __init__(self, axis: int = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
                 beta_initializer: Any = "zeros", gamma_initializer: Any = "ones", moving_mean_initializer: Any = "zeros",
                 moving_variance_initializer: Any = "ones", beta_regularizer: Any = None, gamma_regularizer: Any = None,
                 beta_constraint: Any = None, gamma_constraint: Any = None, renorm: bool = False,
                 renorm_clipping: dict[str, float] | None = None, renorm_momentum: float = 0.99, synchronized: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(axis, bool) or not hasattr(axis, "__index__"):
            raise invalid("BatchNormalization", f"axis must be an int, got {axis!r}")
        if synchronized:
            raise not_there("BatchNormalization", "synchronized=True: statistics over replicas come with distribution; leave it out")
        if renorm_clipping and (not isinstance(renorm_clipping, dict) or set(renorm_clipping) - set(_CLIPPING)):
            raise invalid("BatchNormalization", f"renorm_clipping is a dict with keys among {', '.join(_CLIPPING)}, got "
                                                f"{renorm_clipping!r}")
        self.axis, self.center, self.scale = axis, center, scale
        self.momentum = fraction("BatchNormalization", "momentum", momentum)
        self.epsilon = not_negative("BatchNormalization", "epsilon", epsilon)
        self.beta_initializer, self.gamma_initializer = initializers.get(beta_initializer), initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer, self.gamma_regularizer = regularizers.get(beta_regularizer), regularizers.get(gamma_regularizer)
        self.beta_constraint, self.gamma_constraint = constraints.get(beta_constraint), constraints.get(gamma_constraint)
        self.renorm, self.renorm_momentum = renorm, fraction("BatchNormalization", "renorm_momentum", renorm_momentum)
        self.renorm_clipping = dict(renorm_clipping or {}) if renorm else renorm_clipping
        self.synchronized = synchronized
        self.gamma = self.beta = None

    def build(self, input_shape: Any) -> None:
        axis = normal_axis("BatchNormalization", self.axis, len(input_shape))
        shape = (known_size("BatchNormalization", input_shape, axis),)
        if self.scale:
            self.gamma = self.add_weight(shape, self.gamma_initializer, regularizer=self.gamma_regularizer,
                                         constraint=self.gamma_constraint, name="gamma")
        if self.center:
            self.beta = self.add_weight(shape, self.beta_initializer, regularizer=self.beta_regularizer,
                                        constraint=self.beta_constraint, name="beta")
        self.moving_mean = self._add_statistic("moving_mean", shape, self.moving_mean_initializer)
        self.moving_variance = self._add_statistic("moving_variance", shape, self.moving_variance_initializer)
        if self.renorm:
            self.moving_stddev = self._add_statistic("moving_stddev", shape, _Root(self.moving_variance_initializer))
            self.renorm_mean = self._add_statistic("renorm_mean", shape, self.moving_mean_initializer)
            self.renorm_stddev = self._add_statistic("renorm_stddev", shape, _Root(self.moving_variance_initializer))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={axis: shape[0]})

    def _add_statistic(self, name: str, shape: tuple[int, ...], initializer: Any) -> Any:
        return self.add_weight(shape, initializer, trainable=False, autocast=False, name=name)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        x = ops.cast(inputs, promote(ops.dtype(inputs), "float32"))  # sums of squares overflow in float16
        axis = normal_axis("BatchNormalization", self.axis, len(x.shape))
        gamma, beta = (None if v is None else ops.cast(v, ops.dtype(x)) for v in (self.gamma, self.beta))
        if training and self.trainable:
            mean, variance = self._moments(x, mask, axis)
            _follow(self.moving_mean, mean, self.momentum)
            if self.renorm:
                gamma, beta = self._renormed(gamma, beta, mean, variance)
            else:
                _follow(self.moving_variance, variance, self.momentum)
        else:
            mean, variance = (ops.cast(v, ops.dtype(x)) for v in (self.moving_mean, self.moving_variance))
        out = ops.batch_normalization(x, mean, variance, axis, offset=beta, scale=gamma, epsilon=self.epsilon)
        return ops.cast(out, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return tuple(input_shape)

    def _moments(self, x: Any, mask: Any, axis: int) -> tuple[Any, Any]:
        """Mean and variance of each channel, over the places that the mask keeps."""
        others = tuple(i for i in range(len(x.shape)) if i != axis)
        if mask is None:
            return ops.moments(x, axes=others)
        if len(mask.shape) != len(x.shape) - 1:
            raise invalid("BatchNormalization", f"the mask must have the input's shape without its last axis: "
                                                f"{tuple(mask.shape)} for an input of shape {tuple(x.shape)}")
        weights = ops.broadcast_to(ops.expand_dims(ops.cast(mask, ops.dtype(x)), -1), ops.shape(x))
        count = ops.maximum(ops.sum(weights, axis=others, keepdims=True), config.epsilon())
        mean = ops.divide(ops.sum(ops.multiply(x, weights), axis=others, keepdims=True), count)
        squares = ops.multiply(weights, ops.square(ops.subtract(x, mean)))
        variance = ops.divide(ops.sum(squares, axis=others, keepdims=True), count)
        return ops.squeeze(mean, others), ops.squeeze(variance, others)

    def _renormed(self, gamma: Any, beta: Any, mean: Any, variance: Any) -> tuple[Any, Any]:
        """`gamma` and `beta` with the correction `x * r + d` toward the moving statistics, which follow afterwards."""
        stddev = ops.sqrt(ops.add(variance, self.epsilon))
        clipping = self.renorm_clipping or {}
        r = ops.clip(ops.divide(stddev, self.renorm_stddev), clipping.get("rmin", 0.0), clipping.get("rmax", float("inf")))
        d = ops.divide(ops.subtract(mean, self.renorm_mean), self.renorm_stddev)
        d = ops.clip(d, -clipping.get("dmax", float("inf")), clipping.get("dmax", float("inf")))
        r, d = ops.stop_gradient(r), ops.stop_gradient(d)
        _follow(self.moving_stddev, stddev, self.momentum)
        self.moving_variance.assign(ops.maximum(ops.subtract(ops.square(self.moving_stddev), self.epsilon), 0.0))
        _follow(self.renorm_mean, mean, self.renorm_momentum)
        _follow(self.renorm_stddev, stddev, self.renorm_momentum)
        d = d if gamma is None else ops.multiply(gamma, d)
        return r if gamma is None else ops.multiply(gamma, r), d if beta is None else ops.add(beta, d)


def _follow(variable: Any, value: Any, momentum: float) -> None:
    """Move a statistic toward its value in the batch."""
    value = ops.stop_gradient(ops.cast(value, variable.dtype))
    variable.assign(ops.add(ops.multiply(variable, momentum), ops.multiply(value, 1.0 - momentum)))


class _Root:
    """The square root of what another initializer gives."""

    def __init__(self, initializer: Any):
        self.initializer = initializer

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.sqrt(self.initializer(shape, dtype=dtype))
