"""Sequential: a stack of layers."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.layers.context import note_masks
from keras_lite.layers.input import InputLayer, layer_of
from keras_lite.layers.layer import Layer
from keras_lite.models.function import Function
from keras_lite.models.model import Model
from keras_lite.state import tree
from keras_lite.state.names import auto_name, name_scope
from keras_lite.symbolic.rules import may_equal
from keras_lite.symbolic.spec import KerasTensor, known_sizes, standardize_shape


class Sequential(Model):
    """A model that applies its layers one after the other.

    It is built as soon as the shape of its input is known: from an `Input`, from `input_shape=` of the first layer, from
    `build(input_shape)`, or from the first data it sees.

    >>> import keras_lite
    >>> model = keras_lite.Sequential([keras_lite.Input((4,)), keras_lite.layers.Dense(2)])
    >>> model.output_shape
    (None, 2)
    """

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None):
        super().__init__(trainable=trainable, name=name)
        self._stack: list[Layer] = []
        for layer in layers or []:
            self.add(layer, rebuild=False)
        self._rebuild()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer on top."""
        if isinstance(layer, KerasTensor):
            layer = layer_of(layer)
        if not isinstance(layer, Layer):
            raise wrong_type("Sequential.add", f"expected a layer, got {layer!r}")
        if any(layer is other or layer.name == other.name for other in self._stack):
            raise invalid("Sequential.add", f"a layer named {layer.name!r} is already there; names must differ")
        if not self._stack and not isinstance(layer, InputLayer):
            given = _given_input(layer)
            if given is not None:
                self._stack.append(given)
        elif self._stack and isinstance(layer, InputLayer):
            raise invalid("Sequential.add", f"{layer.name!r} is an input and must come first")
        self._stack.append(layer)
        if rebuild:
            self._rebuild()

    def pop(self, rebuild: bool = True) -> Layer:
        """Take off the last layer and return it."""
        if not self._stack:
            raise invalid("Sequential.pop", "the model has no layers")
        layer = self._stack.pop()
        self.built, self._graph = False, None
        if rebuild:
            self._rebuild()
        return layer

    def _rebuild(self) -> None:
        """Describe the stack on the known input, if there is one."""
        self.built, self._graph, self._programs = False, None, {}
        first = self._stack[0] if self._stack else None
        if isinstance(first, InputLayer) and len(self._stack) > 1:
            with name_scope(self.name):
                self._describe(first.batch_shape, first)

    def _describe(self, shape: Any, first: InputLayer | None = None) -> None:
        if first is None:
            first = InputLayer(batch_shape=standardize_shape(shape), dtype=self.input_dtype)
            self._stack.insert(0, first)
        auto_name("functional")  # in Keras the stack is described by a model, which takes a name
        inputs = x = first.output
        for layer in self._stack:
            if not isinstance(layer, InputLayer):
                x = layer(x)
        self._set_graph(Function(inputs, x, self.name))

    def build(self, input_shape: Any = None, **shapes: Any) -> None:
        if not self._stack:
            raise invalid("Sequential.build", f"{self.name} has no layers yet")
        if self._graph is None:
            if input_shape is None:
                raise invalid("Sequential.build", f"{self.name} needs the shape of its input")
            self._describe((None, *standardize_shape(input_shape)[1:]))  # the first batch's size is nobody's promise

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        if self._graph is not None and not kwargs and not tree.is_nested(inputs) and not self._has_other_lengths(inputs):
            return super().call(inputs, mask=mask)
        if mask is not None and not tree.is_nested(inputs):
            note_masks([inputs], tree.flatten(mask))
        for layer in self.layers:
            inputs = layer(inputs, **kwargs)
        return inputs

    def _has_other_lengths(self, x: Any) -> bool:
        """Whether only steps or pixels differ in number from the input described: the layers, not the stack, say which they take."""
        expected = self.inputs[0].shape
        if len(expected) < 3 or len(x.shape) != len(expected):
            return False
        sizes = known_sizes(x.shape)
        return not may_equal(expected, sizes) and may_equal((expected[0], *expected[-1:]), (sizes[0], *sizes[-1:]))

    @property
    def _casts_inputs(self) -> bool:
        return False  # its layers do

    @property
    def input_dtype(self) -> str:
        """The dtype that the first layer wants."""
        return self.layers[0].input_dtype if self.layers else super().input_dtype

    def get_config(self) -> dict[str, Any]:
        from keras_lite.saving.serialization import serialize_keras_object

        config = {"name": self.name, "trainable": self.trainable, "dtype": serialize_keras_object(self.dtype_policy),
                  "layers": [serialize_keras_object(layer) for layer in self._stack]}
        if self._graph is not None:
            config["build_input_shape"] = list(self.input_shape)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from keras_lite.saving.serialization import custom_object_scope, deserialize_keras_object

        with custom_object_scope(custom_objects or {}):
            layers = [deserialize_keras_object(layer) for layer in config["layers"]]
        model = cls(layers, name=config.get("name"), trainable=config.get("trainable", True))
        if model._graph is None and config.get("build_input_shape"):
            model.build(tuple(config["build_input_shape"]))
        return model

    @property
    def layers(self) -> list[Layer]:
        return [layer for layer in self._stack if not isinstance(layer, InputLayer)]

    @property
    def _layers(self) -> list[Layer]:
        return self._stack


def _given_input(layer: Layer) -> InputLayer | None:
    """The input that a first layer declares by `input_shape=` and the like, or that a first model has."""
    if isinstance(layer, Model) and layer.inputs:
        return InputLayer(batch_shape=layer.inputs[0].shape, dtype=layer.inputs[0].dtype, sparse=layer.inputs[0].sparse)
    given = layer._given_input
    if "batch_input_shape" in given:
        return InputLayer(batch_shape=given["batch_input_shape"], dtype=given.get("input_dtype"))
    shape = given.get("input_shape", (given["input_dim"],) if "input_dim" in given else None)
    return None if shape is None else InputLayer(shape=shape, batch_size=given.get("batch_size"), dtype=given.get("input_dtype"))
