"""Wrapper: the base of layers around a layer."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import wrong_type
from keras_lite.layers.layer import Layer
from keras_lite.layers.rnn.nested import NestedConfig


class Wrapper(NestedConfig):
    """A layer around another one, `layer`; subclasses define `call`.

    >>> import keras_lite
    >>> class Twice(keras_lite.layers.Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(self.layer(inputs))
    >>> tuple(Twice(keras_lite.layers.Dense(3))(keras_lite.ops.ones((2, 3))).shape)
    (2, 3)
    """

    def __init__(self, layer: Any, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            raise wrong_type(type(self).__name__, f"expects a layer, got {layer!r}")
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)
