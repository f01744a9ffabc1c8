"""Normalization of each example on its own."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_lite import constraints, initializers, ops, regularizers
from keras_lite.engine.dtypes import promote
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import known_size, not_negative, positive
from keras_lite.layers.layer import Layer
from keras_lite.ops.families import normal_axes, normal_axis
from keras_lite.state.variable import Variable
from keras_lite.symbolic.rules import may_equal


def _axes(where: str, axis: Any) -> Any:
    """`axis` as an int or a list of ints."""
    if isinstance(axis, (list, tuple)) and axis and all(hasattr(a, "__index__") for a in axis):
        return list(axis)
    if isinstance(axis, (list, tuple, bool)) or not hasattr(axis, "__index__"):
        raise invalid(where, f"axis must be an int or a sequence of ints, got {axis!r}")
    return axis


def _ordered(axis: Any) -> list[int]:
    """An axis, or several in the order in which Keras has their sizes in the shapes of weights: by number, negative ones first."""
    return sorted(axis) if isinstance(axis, list) else [axis]


def _wide(x: Any) -> Any:
    """`x` in float32 at least: sums of squares overflow in float16."""
    return ops.cast(x, promote(ops.dtype(x), "float32"))


class _Scaled(Layer):
    """A layer with an optional `gamma` and `beta` of one shape."""

    gamma: Variable | None
    beta: Variable | None

    def _set_scaling(self, center: bool, scale: bool, beta: tuple[Any, Any, Any], gamma: tuple[Any, Any, Any]) -> None:
        """Keep (initializer, regularizer, constraint) of the two variables."""
        self.center, self.scale = center, scale
        self.beta_initializer, self.gamma_initializer = initializers.get(beta[0]), initializers.get(gamma[0])
        self.beta_regularizer, self.gamma_regularizer = regularizers.get(beta[1]), regularizers.get(gamma[1])
        self.beta_constraint, self.gamma_constraint = constraints.get(beta[2]), constraints.get(gamma[2])
        self.gamma = self.beta = None

    def _add_scaling(self, shape: tuple[int, ...]) -> None:
        if self.scale:
            self.gamma = self.add_weight(shape, self.gamma_initializer, regularizer=self.gamma_regularizer,
                                         constraint=self.gamma_constraint, autocast=False, name="gamma")
        if self.center and not getattr(self, "rms_scaling", False):
            self.beta = self.add_weight(shape, self.beta_initializer, regularizer=self.beta_regularizer,
                                        constraint=self.beta_constraint, autocast=False, name="beta")

    def _rescaled(self, x: Any, shape: Any) -> Any:
        """`x * gamma + beta`, the two in `shape`, in the compute dtype."""
        if self.gamma is not None:
            x = ops.multiply(x, ops.cast(ops.reshape(self.gamma, shape), ops.dtype(x)))
        if self.beta is not None:
            x = ops.add(x, ops.cast(ops.reshape(self.beta, shape), ops.dtype(x)))
        return ops.cast(x, self.compute_dtype)


class LayerNormalization(_Scaled):
    """Shifts and scales each example to mean 0 and variance 1 over `axis`, then to `beta` and `gamma`.

    Args:
        axis: an axis or several, over which the statistics are taken; `gamma` and `beta` have their sizes.
        epsilon: added to the variance.
        center, scale: whether there is a `beta`, a `gamma`.
        beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: of these two.
        **kwargs: also `rms_scaling`, which old configs hold: True divides by the standard deviation and does nothing else but scale.

    Source: Ba et al. 2016 (arXiv:1607.06450).

    >>> import keras_lite
    >>> y = keras_lite.layers.LayerNormalization()(keras_lite.ops.array([[1.0, 3.0]]))
    >>> [round(float(v), 2) for v in keras_lite.ops.convert_to_numpy(y)[0]]
    [-1.0, 1.0]
    """

    supports_masking = True

    def __init__(self, axis: Any = -1, epsilon: float = 1e-3, center: bool = True, scale: bool = True, beta_initializer: Any = "zeros",
                 gamma_initializer: Any = "ones", beta_regularizer: Any = None, gamma_regularizer: Any = None,
                 beta_constraint: Any = None, gamma_constraint: Any = None, **kwargs: Any):
        self.rms_scaling = bool(kwargs.pop("rms_scaling", False))
        super().__init__(**kwargs)
        self.axis, self.epsilon = _axes("LayerNormalization", axis), not_negative("LayerNormalization", "epsilon", epsilon)
        self._set_scaling(center, scale, (beta_initializer, beta_regularizer, beta_constraint),
                          (gamma_initializer, gamma_regularizer, gamma_constraint))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rms_scaling": self.rms_scaling}

    def build(self, input_shape: Any) -> None:
        normal_axes("LayerNormalization", self.axis, len(input_shape))
        self.axis = _ordered(self.axis)
        self._add_scaling(tuple(known_size("LayerNormalization", input_shape, a) for a in self.axis))

    def call(self, inputs: Any) -> Any:
        if self.rms_scaling:
            x = _wide(inputs)
            axes = normal_axes("LayerNormalization", self.axis, len(x.shape))
            scaled = ops.multiply(x, ops.rsqrt(ops.add(ops.var(x, axis=axes, keepdims=True), self.epsilon)))
            return self._rescaled(scaled, tuple(n if i in axes else 1 for i, n in enumerate(x.shape)))
        gamma, beta = self.gamma, self.beta
        if len(self.axis) > 1:
            sizes = [inputs.shape[a] for a in normal_axes("LayerNormalization", self.axis, len(inputs.shape))]
            gamma, beta = (None if w is None else ops.reshape(w, sizes) for w in (gamma, beta))
        return ops.cast(ops.layer_normalization(inputs, gamma, beta, axis=tuple(self.axis), epsilon=self.epsilon), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input.  Raises ValueError where it does not fit the variables."""
        normal_axes("LayerNormalization", self.axis, len(input_shape))
        sizes = tuple(input_shape[a] for a in self.axis)  # in the order in which `build` took them
        for variable in (self.gamma, self.beta):
            if variable is not None and not may_equal(variable.shape, sizes):
                raise invalid("LayerNormalization", f"{variable.name} of shape {variable.shape} does not fit the axes {self.axis} of an "
                                                    f"input of shape {tuple(input_shape)}")
        return tuple(input_shape)


class GroupNormalization(_Scaled):
    """Shifts and scales groups of channels of each example to mean 0 and variance 1, then each channel to `beta` and `gamma`.

    Args:
        groups: number of groups, which divides the channels; -1 for a group of each channel.
        axis: the channels.
        epsilon: added to the variance.
        center, scale: whether there is a `beta`, a `gamma`.
        beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: of these two.

    Raises:
        ValueError: the groups do not divide the channels.

    Source: Wu and He 2018 (arXiv:1803.08494).

    >>> import keras_lite
    >>> keras_lite.layers.GroupNormalization(2)(keras_lite.ops.ones((2, 3, 4))).shape[-1]
    4
    """

    supports_masking = True

    def __init__(self, groups: int = 32, axis: int = -1, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
                 beta_initializer: Any = "zeros", gamma_initializer: Any = "ones", beta_regularizer: Any = None,
                 gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(_axes("GroupNormalization", axis), list):
            raise invalid("GroupNormalization", f"axis must be an int, got {axis!r}")
        self.groups = groups if groups == -1 else positive("GroupNormalization", "groups", groups)
        self.axis, self.epsilon = axis, not_negative("GroupNormalization", "epsilon", epsilon)
        self._set_scaling(center, scale, (beta_initializer, beta_regularizer, beta_constraint),
                          (gamma_initializer, gamma_regularizer, gamma_constraint))

    def build(self, input_shape: Any) -> None:
        axis = normal_axis("GroupNormalization", self.axis, len(input_shape))
        channels = known_size("GroupNormalization", input_shape, axis)
        if self.groups == -1:
            self.groups = channels
        if channels % self.groups:
            raise invalid("GroupNormalization", f"groups={self.groups} does not divide the {channels} channels of an input of shape "
                                                f"{tuple(input_shape)}")
        self._add_scaling((channels,))

    def call(self, inputs: Any) -> Any:
        x = _wide(inputs)
        rank, shape = len(x.shape), ops.shape(x)
        axis = normal_axis("GroupNormalization", self.axis, rank)
        grouped = ops.reshape(x, (*shape[:axis], self.groups, shape[axis] // self.groups, *shape[axis + 1:]))
        others = tuple(i for i in range(1, rank + 1) if i != axis)
        mean, variance = ops.moments(grouped, axes=others, keepdims=True)
        normal = ops.multiply(ops.subtract(grouped, mean), ops.rsqrt(ops.add(variance, self.epsilon)))
        return self._rescaled(ops.reshape(normal, shape), tuple(n if i == axis else 1 for i, n in enumerate(x.shape)))


class RMSNormalization(Layer):
    """Divides by the root of the mean square over `axis`, then multiplies by `scale`.

    Args:
        axis: an axis or several; `scale` has their sizes.
        epsilon: added to the mean square.

    Source: Zhang and Sennrich 2019 (arXiv:1910.07467).

    >>> import keras_lite
    >>> y = keras_lite.layers.RMSNormalization()(keras_lite.ops.array([[1.0, 7.0]]))
    >>> [round(float(v), 3) for v in keras_lite.ops.convert_to_numpy(y)[0]]
    [0.2, 1.4]
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis, self.epsilon = _axes("RMSNormalization", axis), not_negative("RMSNormalization", "epsilon", epsilon)

    def build(self, input_shape: Any) -> None:
        normal_axes("RMSNormalization", self.axis, len(input_shape))
        self.axis = _ordered(self.axis)
        shape = tuple(known_size("RMSNormalization", input_shape, a) for a in self.axis)
        self.scale = self.add_weight(shape, "ones", autocast=False, name="scale")

    def call(self, x: Any) -> Any:
        x = _wide(x)
        axes = normal_axes("RMSNormalization", self.axis, len(x.shape))
        scale = ops.cast(ops.reshape(self.scale, tuple(n if i in axes else 1 for i, n in enumerate(x.shape))), ops.dtype(x))
        root = ops.rsqrt(ops.add(ops.mean(ops.square(x), axis=axes, keepdims=True), self.epsilon))
        return ops.cast(ops.multiply(ops.multiply(x, root), scale), self.compute_dtype)


class UnitNormalization(Layer):
    """Divides by the Euclidean norm over `axis`, so that it becomes 1.

    Args:
        axis: an axis or several.

    >>> import keras_lite
    >>> [round(float(v), 2) for v in keras_lite.layers.UnitNormalization()(keras_lite.ops.array([[3.0, 4.0]]))[0]]
    [0.6, 0.8]
    """

    supports_masking = True
    EPSILON: ClassVar[float] = 1e-12

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = _axes("UnitNormalization", axis)

    def call(self, inputs: Any) -> Any:
        x = _wide(inputs)
        squares = ops.sum(ops.square(x), axis=tuple(self.axis) if isinstance(self.axis, list) else self.axis, keepdims=True)
        return ops.cast(ops.multiply(x, ops.rsqrt(ops.maximum(squares, self.EPSILON))), self.compute_dtype)
