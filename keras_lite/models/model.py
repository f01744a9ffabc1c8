"""Model: a layer that can be trained, saved and summarised; described by a graph or by a subclass."""

from __future__ import annotations

import collections
import json
from typing import Any

import numpy as np

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX
from keras_lite.engine.errors import briefly, invalid, unknown_name, wrong_type
from keras_lite.layers import calling
from keras_lite.layers.input import layer_of
from keras_lite.layers.layer import Layer
from keras_lite.layers.ranges import renewed
from keras_lite.layers.tracking import unique
from keras_lite.models import state_tree as trees
from keras_lite.models.function import Function
from keras_lite.models.torch_methods import TorchMethods
from keras_lite.state import tree
from keras_lite.symbolic.rules import may_equal
from keras_lite.symbolic.spec import KerasTensor, known_sizes, map_shapes
from keras_lite.training.trainer import Trainer


class Model(Trainer, TorchMethods, Layer):
    """A network with `fit`, `evaluate` and `predict`.

    Three ways to make one: `Model(inputs, outputs)` from symbolic tensors, `Sequential(layers)`, or a subclass with layers
    made in `__init__` and used in `call`.

    >>> import keras_lite
    >>> x = keras_lite.Input((3,))
    >>> model = keras_lite.Model(x, x * 2)
    >>> model.output_shape
    (None, 3)
    """

    _hidden_attributes = frozenset({"_graph", "_compiled", "_compile_loss", "_compile_metrics", "_loss_tracker", "optimizer", "loss",
                                    "_programs", "history"})
    _graph: Function | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and (args or "inputs" in kwargs):
            from keras_lite.models.functional import Functional

            return Functional.__new__(Functional, *args, **kwargs)
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any):
        inputs = kwargs.pop("inputs", args[0] if args else None)
        outputs = kwargs.pop("outputs", args[1] if len(args) > 1 else None)
        super().__init__(**kwargs)
        self._init_training()
        if outputs is not None:
            self._set_graph(Function(inputs, outputs, self.name))
        elif args:
            raise wrong_type("Model", f"expected (inputs, outputs), got {len(args)} arguments")

    def _set_graph(self, function: Function) -> None:
        self._graph = function
        self._graph_layers = unique([*map(layer_of, function.inputs), *(o for o in function.operations if isinstance(o, Layer))])
        for layer, count in collections.Counter(layer.name for layer in self._graph_layers).items():
            if count > 1:
                raise invalid(self.name, f"{count} layers are named {layer!r}; names must differ")
        engines = {layer.engine.name: layer.engine for layer in self._graph_layers if layer.engine is not None}
        if len(engines) > 1:
            raise invalid(self.name, f"its layers were built on different engines ({', '.join(engines)}); a model lives on one")
        self.engine = next(iter(engines.values()), None) or registry.concrete()
        self.built = True

    @property
    def _casts_inputs(self) -> bool:
        return self.autocast and self._graph is None  # the inputs of a graph have dtypes of their own

    # --- structure ------------------------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside the model."""
        from keras_lite.metrics import Metric

        return [layer for layer in self._layers if not isinstance(layer, Metric)]

    @briefly
    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by name or by place."""
        if (name is None) == (index is None):
            raise invalid("get_layer", f"give a name or an index, got name={name!r}, index={index!r}")
        layers = self.layers
        if index is not None:
            if isinstance(index, bool) or not isinstance(index, (int, np.integer)):
                raise wrong_type("get_layer", f"index must be an int, got {index!r}")
            if not -len(layers) <= index < len(layers):
                raise invalid("get_layer", f"index {index} is out of range, the model has {len(layers)} layers")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        if not isinstance(name, str):
            raise wrong_type("get_layer", f"name must be a string, got {name!r}; layers are counted by index={name!r}")
        raise unknown_name("layer", name, [layer.name for layer in layers])

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs of a model made from a graph."""
        return self._graph.inputs if self._graph is not None else []

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs of a model made from a graph."""
        return self._graph.outputs if self._graph is not None else []

    def _needs_graph(self) -> Function:
        if self._graph is None:
            raise AttributeError(f"{self.name} was not made from a graph, so it has no symbolic inputs and outputs")
        return self._graph

    @property
    def input(self) -> Any:
        return self._needs_graph().inputs_structure

    @property
    def output(self) -> Any:
        return self._needs_graph().outputs_structure

    @property
    def input_shape(self) -> Any:
        return tree.map_structure(lambda x: x.shape, self.input)

    @property
    def output_shape(self) -> Any:
        return tree.map_structure(lambda x: x.shape, self.output)

    @property
    def output_names(self) -> list[str | None]:
        """A name for each output: that of the layer it comes from."""
        return [x.history[0].name if x.history and x.history[0] else x.name for x in self.outputs]

    @property
    def input_names(self) -> list[str | None]:
        return [x.name for x in self.inputs]

    # --- calling --------------------------------------------------------------------------------------------------------

    def build(self, input_shape: Any = None, **shapes: Any) -> None:
        """Make the variables by describing a call on inputs of these shapes (a shape, or a list or dict of shapes)."""
        if self._graph is not None:
            return
        if input_shape is None and not shapes:
            raise invalid("build", f"{self.name} needs the shape of its input")

        def spec(nest: Any) -> Any:
            return map_shapes(lambda shape: KerasTensor(shape, self.input_dtype, record_history=False), nest)

        args = () if input_shape is None else (spec(input_shape),)
        self.built = True  # the call below is the build
        try:
            calling.output_spec(self, args, {k.removesuffix("_shape"): spec(v) for k, v in shapes.items()})
        except BaseException:
            self.built = False
            raise

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Run the graph; a subclass defines its own."""
        if self._graph is None:
            raise NotImplementedError(f"{type(self).__name__} defines no call() and was not made from a graph")
        return self._graph.run(self._graph_values(inputs))

    def _graph_values(self, inputs: Any) -> list[Any]:
        """The inputs in the order of the graph's: dicts by name, a missing last axis of size 1 added."""
        graph = self._needs_graph()
        if isinstance(inputs, dict):
            by_key = isinstance(graph.inputs_structure, dict)
            names = sorted(graph.inputs_structure) if by_key else [x.name for x in graph.inputs]
            missing = [name for name in names if name not in inputs]
            if missing:
                raise invalid(self.name, f"inputs {missing} are missing, got {sorted(inputs)}")
            values = tree.flatten([inputs[name] for name in names])
        else:
            values = tree.flatten(inputs)
        if len(values) != len(graph.inputs):
            raise invalid(self.name, f"expects {len(graph.inputs)} inputs, got {len(values)}")
        engine, out = registry.current(), []
        for x, given in zip(graph.inputs, values, strict=True):
            value = ops.convert_to_tensor(given, sparse=False) if engine.is_sparse(given) and not x.sparse else given
            rank = len(value.shape) if value is not None else x.ndim
            if rank == x.ndim - 1 and x.shape[-1] == 1:
                value = ops.expand_dims(value, -1)
            elif rank == x.ndim + 1 and value.shape[-1] == 1:
                value = ops.squeeze(value, -1)
            self._check_graph_input(x, value)
            out.append(renewed(value if value is None else self._in_dtype_of(x, value), given))
        return out

    def _check_graph_input(self, x: KerasTensor, value: Any) -> None:
        if value is None:
            return
        sizes = known_sizes(value.shape)
        if not may_equal(x.shape, sizes):
            raise invalid(self.name, f"input {x.name!r} expects shape {x.shape}, got {sizes}")

    def _in_dtype_of(self, x: KerasTensor, value: Any) -> Any:
        """`value` in the dtype of the graph's input `x`."""
        given = ops.dtype(value)
        if given == x.dtype:
            return value
        if given in COMPLEX and x.dtype not in COMPLEX:
            raise invalid(self.name, f"input {x.name!r} expects {x.dtype}, got {given}, whose imaginary part would be lost: make it an "
                                     'input of dtype="complex64", or pass real and imaginary parts as two numbers')
        return calling.with_mask_of(value, ops.cast(value, x.dtype))

    # --- state ----------------------------------------------------------------------------------------------------------

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """The values of all variables, those of the optimizer and the metrics too, as a nest of dictionaries by path.

        Args:
            value_format: "backend_tensor" for tensors of the engine, "numpy_array" for copies.

        >>> import keras_lite
        >>> model = keras_lite.Sequential([keras_lite.Input((2,)), keras_lite.layers.Dense(1, name="d")], name="net")
        >>> sorted(model.get_state_tree()["trainable_variables"]["net"]["d"])
        ['bias', 'kernel']
        """
        return trees.state_tree(self, value_format)

    def set_state_tree(self, state_tree: dict[str, Any]) -> None:
        """Assign the values of a nest as `get_state_tree` gives it; it may be a part of one.  Unknown paths are a ValueError."""
        trees.set_state_tree(self, state_tree)

    # --- moving and saving ----------------------------------------------------------------------------------------------

    def to_backend(self, name: str) -> Any:
        """The same model, with its weights, optimizer and compile arguments, on the engine `name`.

        >>> import keras_lite
        >>> model = keras_lite.Sequential([keras_lite.Input((2,)), keras_lite.layers.Dense(1)])
        >>> model.to_backend("numpy").engine.name
        'numpy'
        """
        from keras_lite.saving.copies import restored, snapshot

        if not self.built:
            raise invalid("to_backend", f"{self.name} must be built first: call it, or build(input_shape)")
        return restored(snapshot(self), name)

    @briefly
    def save_weights(self, filepath: Any, overwrite: bool = True, max_shard_size: Any = None) -> None:
        """Write the weights to a `.npz` file (temporary file, then rename)."""
        from keras_lite.saving import weights

        weights.save(self, filepath, overwrite, max_shard_size)

    @briefly
    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Read the weights from a file that `save_weights` wrote."""
        from keras_lite.saving import weights

        weights.load(self, filepath, skip_mismatch, **kwargs)

    @briefly
    def summary(self, line_length: int | None = None, positions: Any = None, print_fn: Any = None, expand_nested: bool = False,
                show_trainable: bool = False, layer_range: Any = None, *, show_flops: bool = False, show_memory: bool = False) -> None:
        """Print a table of the layers, their output shapes and numbers of parameters; `utils.summary` says what the arguments are.

        `show_flops` and `show_memory` add columns for the cost of one row of the batch.
        """
        from keras_lite.utils.summary import print_summary

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range, show_flops=show_flops,
                      show_memory=show_memory)

    def get_config(self) -> dict[str, Any]:
        if self._graph is not None:
            from keras_lite.models.cloning import graph_config

            return graph_config(self)
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from keras_lite.models.cloning import is_graph_config, model_from_graph_config
        from keras_lite.saving.serialization import custom_object_scope

        with custom_object_scope(custom_objects or {}):
            return model_from_graph_config(cls, config) if is_graph_config(config) else super().from_config(config)

    def to_json(self, **kwargs: Any) -> str:
        """The model without its weights as JSON, which Keras reads too; `kwargs` are those of `json.dumps`."""
        from keras_lite.saving.serialization import serialize_keras_object

        return json.dumps(serialize_keras_object(self), **kwargs)

    def get_weights(self) -> list[np.ndarray]:
        if not self.built:
            raise invalid(self.name, "has no weights before it is built; call it, or build(input_shape)")
        return super().get_weights()
