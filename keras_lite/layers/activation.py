"""Activations as layers."""

from __future__ import annotations

from typing import Any

from keras_lite import activations, constraints, initializers, ops, regularizers
from keras_lite.engine.errors import invalid, unknown_arguments
from keras_lite.layers.checks import known_size, not_negative, sizes
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer


class _Elementwise(Layer):
    """A layer without variables whose output has the mask of its input."""

    supports_masking = True


class Activation(_Elementwise):
    """An activation function.

    Args:
        activation: name, function or layer.

    >>> import keras_lite
    >>> [float(v) for v in keras_lite.layers.Activation("relu")(keras_lite.ops.array([-1.0, 2.0]))]
    [0.0, 2.0]
    """

    def __init__(self, activation: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)


class ReLU(_Elementwise):
    """`x` from `threshold` up to `max_value`, `negative_slope * (x - threshold)` below.

    Args:
        max_value: upper limit of the output, none by default.
        negative_slope, threshold: at least 0.
    """

    def __init__(self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else not_negative("ReLU", "max_value", max_value)
        self.negative_slope = not_negative("ReLU", "negative_slope", negative_slope)
        self.threshold = not_negative("ReLU", "threshold", threshold)

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(_Elementwise):
    """`x` above 0, `negative_slope * x` below."""

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any):
        super().__init__(**kwargs)
        if negative_slope is None:
            raise invalid("LeakyReLU", "negative_slope must be a number, got None")
        self.negative_slope = negative_slope

    def call(self, inputs: Any) -> Any:
        return ops.leaky_relu(inputs, self.negative_slope)


class ELU(_Elementwise):
    """`x` above 0, `alpha * (exp(x) - 1)` below (Clevert et al. 2015)."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        return ops.elu(inputs, self.alpha)


class PReLU(_Elementwise):
    """`x` above 0, `alpha * x` below, where `alpha` is learned for each place of an example (He et al. 2015).

    Args:
        alpha_initializer, alpha_regularizer, alpha_constraint: of `alpha`.
        shared_axes: axes along which one `alpha` holds for all places, numbered from 1.
    """

    def __init__(self, alpha_initializer: Any = "Zeros", alpha_regularizer: Any = None, alpha_constraint: Any = None,
                 shared_axes: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.alpha_initializer, self.alpha_regularizer = initializers.get(alpha_initializer), regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        count = len(shared_axes) if isinstance(shared_axes, (list, tuple)) else 1
        self.shared_axes = None if shared_axes is None else list(sizes("PReLU", "shared_axes", shared_axes, count))

    def build(self, input_shape: Any) -> None:
        shared = self.shared_axes or []
        if any(not 1 <= axis < len(input_shape) for axis in shared):
            raise invalid("PReLU", f"shared_axes {shared} must be from 1 to {len(input_shape) - 1} for input shape {tuple(input_shape)}")
        free = [axis for axis in range(1, len(input_shape)) if axis not in shared]
        shape = tuple(known_size("PReLU", input_shape, axis) if axis in free else 1 for axis in range(1, len(input_shape)))
        self.alpha = self.add_weight(shape, self.alpha_initializer, regularizer=self.alpha_regularizer,
                                     constraint=self.alpha_constraint, name="alpha")
        self.input_spec = InputSpec(ndim=len(input_shape), axes={axis: input_shape[axis] for axis in free})

    def call(self, inputs: Any) -> Any:
        return ops.subtract(ops.relu(inputs), ops.multiply(self.alpha, ops.relu(ops.negative(inputs))))


class Softmax(_Elementwise):
    """Positive values with sum 1 along `axis` (an int or several): `exp(x) / sum(exp(x))`.

    Where the mask (of the input's shape) is False, the result is 0.

    >>> import keras_lite
    >>> [round(float(v), 2) for v in keras_lite.layers.Softmax()(keras_lite.ops.array([0.0, 0.0]))]
    [0.5, 0.5]
    """

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        axis = tuple(self.axis) if isinstance(self.axis, list) else self.axis
        if mask is None:
            return ops.softmax(inputs, axis)
        kept = ops.cast(mask, "bool")
        lowest = -3e4 if self.compute_dtype == "float16" else -1e9
        return ops.where(kept, ops.softmax(ops.where(kept, inputs, lowest), axis), 0.0)


class ActivityRegularization(_Elementwise):
    """The input as it is; adds `l1 * sum(|x|) + l2 * sum(x**2)`, divided by the batch size, to the loss."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any):
        if "activity_regularizer" in kwargs:
            raise unknown_arguments("ActivityRegularization", ["activity_regularizer"], ["l1", "l2"])
        super().__init__(activity_regularizer=regularizers.L1L2(l1, l2), **kwargs)
        self.l1, self.l2 = l1, l2

    def _argument(self, name: str, declared_by: type) -> Any:
        """`l1` and `l2` say it all."""
        return None if name == "activity_regularizer" else super()._argument(name, declared_by)

    def call(self, inputs: Any) -> Any:
        return inputs
