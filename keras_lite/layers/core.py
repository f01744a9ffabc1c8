"""Small layers: identity, rescaling, masking, and a user's function as a layer."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from keras_lite import ops
from keras_lite.engine.errors import wrong_type
from keras_lite.layers import calling
from keras_lite.layers.layer import Layer
from keras_lite.state import tree
from keras_lite.symbolic.spec import KerasTensor


class Identity(Layer):
    """The inputs as they are."""

    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs


class Rescaling(Layer):
    """`inputs * scale + offset`, in the compute dtype.

    Args:
        scale, offset: numbers, or sequences that broadcast to the input, such as one for each channel.

    >>> import keras_lite
    >>> [float(v) for v in keras_lite.layers.Rescaling(0.5, 1.0)(keras_lite.ops.array([2.0, 4.0]))]
    [2.0, 3.0]
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def call(self, inputs: Any) -> Any:
        dtype = self.compute_dtype
        scale, offset = (ops.convert_to_tensor(v, dtype=dtype) for v in (self.scale, self.offset))
        return ops.add(ops.multiply(ops.cast(inputs, dtype), scale), offset)


class Masking(Layer):
    """Masks the steps at which all features equal `mask_value`, and sets them to 0.

    >>> import keras_lite
    >>> layer = keras_lite.layers.Masking()
    >>> [bool(v) for v in layer.compute_mask(keras_lite.ops.array([[[0.0, 0.0], [0.0, 1.0]]]))[0]]
    [False, True]
    """

    supports_masking = True

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.mask_value = mask_value

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True at the steps that have another value than `mask_value`."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        kept = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return ops.multiply(inputs, ops.cast(kept, ops.dtype(inputs)))


class Lambda(Layer):
    """A function as a layer.

    A model that holds one can be described and saved if the function has a name; a lambda can't, since loading runs no stored code.

    Args:
        function: called with the inputs; with `mask` and `training` too, if it takes them.
        output_shape: shape of the output without the batch, or a function from the input's shape to it; needed only where it can't
            be found out.
        mask: mask of the output, or a function `(inputs, mask)`.
        arguments: further keyword arguments for the function.

    >>> import keras_lite
    >>> [float(v) for v in keras_lite.layers.Lambda(lambda x: 2 * x)(keras_lite.ops.array([1.0, 2.0]))]
    [2.0, 4.0]
    """

    _left_out: ClassVar[dict[str, Any]] = {**Layer._left_out, "output_shape": None, "mask": None}

    def __init__(self, function: Any, output_shape: Any = None, mask: Any = None, arguments: dict[str, Any] | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if not callable(function):
            raise wrong_type("Lambda", f"function must be callable, got {function!r}")
        self.function, self.mask, self.arguments = function, mask, arguments or {}
        self.output_shape = tuple(output_shape) if isinstance(output_shape, list) else output_shape
        self.supports_masking = mask is not None
        parameters = inspect.signature(function).parameters
        self._takes = [name for name in ("mask", "training") if name in parameters]

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        given = {"mask": mask, "training": training}
        return self.function(inputs, **{**self.arguments, **{name: given[name] for name in self._takes}})

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask that was given for the output."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that was given, else what the function makes of the input's."""
        if self.output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self.output_shape):
            return tuple(self.output_shape(input_shape))
        return (_first_shape(input_shape)[0], *self.output_shape)

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        """The shape as in `compute_output_shape`; with it given, the dtype is the compute dtype."""
        if self.output_shape is None:
            return calling.inferred_spec(self, (inputs,), kwargs)
        return KerasTensor.spec(self.compute_output_shape(tree.map_structure(lambda x: x.shape, inputs)), self.compute_dtype)


def _first_shape(nest: Any) -> Any:
    """The first of the shapes in a nest of them."""
    while isinstance(nest, dict) or (nest and isinstance(nest[0], (list, tuple, dict))):
        nest = next(iter(nest.values())) if isinstance(nest, dict) else nest[0]
    return nest
