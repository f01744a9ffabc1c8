"""Pipeline: layers one after the other, as one layer."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import wrong_type
from keras_lite.layers.checks import listed
from keras_lite.layers.layer import Layer
from keras_lite.layers.rnn.nested import NestedConfig


class Pipeline(NestedConfig):
    """Applies layers one after the other; a plain layer, not a model.

    Args:
        layers: the layers.
        name: name of the pipeline.

    Call arguments:
        inputs: what the first layer takes.
        training: handed to the layers; unlike elsewhere True by default.
        mask: handed to each layer that takes one.

    Raises:
        TypeError: what is given is no layer.

    >>> import keras_lite
    >>> layer = keras_lite.layers.Pipeline([keras_lite.layers.Dense(3), keras_lite.layers.ReLU()])
    >>> tuple(layer(keras_lite.ops.ones((2, 4))).shape)
    (2, 3)
    """

    def __init__(self, layers: Any, name: str | None = None):
        super().__init__(name=name)
        self._pipeline_layers = listed("Pipeline", "layers", layers)
        for layer in self._pipeline_layers:
            if not isinstance(layer, Layer):
                raise wrong_type("Pipeline", f"expects layers, got {layer!r}")

    @property
    def layers(self) -> list[Layer]:
        """The layers, in the order in which they are applied."""
        return self._pipeline_layers

    def build(self, input_shape: Any) -> None:
        for layer in self._pipeline_layers:
            if not layer.built:
                layer.build(input_shape)
            input_shape = layer.compute_output_shape(input_shape)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        for layer in self._pipeline_layers:
            inputs = layer(inputs, **({"mask": mask} if mask is not None and "mask" in layer._signature.names else {}))
        return inputs
