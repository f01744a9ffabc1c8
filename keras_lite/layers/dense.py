"""Dense: a fully connected layer."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_lite import activations, constraints, initializers, ops, regularizers
from keras_lite.layers.checks import known_size, no_transforms, positive
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer
from keras_lite.state.variable import Variable


class Dense(Layer):
    """`activation(x @ kernel + bias)` over the last axis: (..., n) -> (..., units).

    Args:
        units: size of the last axis of the output.
        activation: name or function; none by default.
        use_bias: whether there is a bias.
        kernel_initializer, kernel_regularizer, kernel_constraint: of the kernel, shape (n, units).
        bias_initializer, bias_regularizer, bias_constraint: of the bias, shape (units,).
        activity_regularizer: of the output.
        lora_rank, lora_alpha, quantization_config: must be None; these are transforms of a model.

    Raises:
        ValueError: `units` is not positive, or an input does not have the size it was built for.

    >>> import keras_lite
    >>> keras_lite.layers.Dense(3, activation="relu")(keras_lite.ops.ones((2, 5))).shape[-1]
    3
    """

    kernel: Variable
    bias: Variable | None
    supports_masking = True
    _left_out: ClassVar[dict[str, Any]] = {**Layer._left_out, "lora_rank": None, "lora_alpha": None}

    def __init__(self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
                 lora_rank: Any = None, lora_alpha: Any = None, quantization_config: Any = None, **kwargs: Any):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive("Dense", "units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer, self.bias_initializer = initializers.get(kernel_initializer), initializers.get(bias_initializer)
        self.kernel_regularizer, self.bias_regularizer = regularizers.get(kernel_regularizer), regularizers.get(bias_regularizer)
        self.kernel_constraint, self.bias_constraint = constraints.get(kernel_constraint), constraints.get(bias_constraint)
        no_transforms("Dense", lora_rank=lora_rank, lora_alpha=lora_alpha, quantization_config=quantization_config)
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        size = known_size("Dense", input_shape, -1)
        self.kernel = self.add_weight((size, self.units), self.kernel_initializer, regularizer=self.kernel_regularizer,
                                      constraint=self.kernel_constraint, name="kernel")
        self.bias = self.add_weight((self.units,), self.bias_initializer, regularizer=self.bias_regularizer,
                                    constraint=self.bias_constraint, name="bias") if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=2, axes={-1: size})

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        x = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            x = ops.add(x, self.bias)
        return self.activation(x)
