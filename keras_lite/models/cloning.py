"""Models from models: configs of graphs, JSON, and clones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from keras_lite.engine.errors import invalid, unknown_arguments, wrong_type
from keras_lite.layers.input import InputLayer, layer_of
from keras_lite.layers.layer import Layer
from keras_lite.layers.operation import Operation
from keras_lite.models.function import Function
from keras_lite.saving.op_configs import is_op_config, op_config, op_from_config
from keras_lite.saving.serialization import deserialize_keras_object, serialize_keras_object
from keras_lite.state import tree
from keras_lite.symbolic.spec import KerasTensor

# --- configs of graphs -----------------------------------------------------------------------------------------------------


def graph_config(model: Any) -> dict[str, Any]:
    """Name, layers with their calls, inputs and outputs of a model made from a graph, as Keras writes them."""
    function: Function = model._graph
    operations: list[tuple[Any, list[Any]]] = []
    rows: dict[int, list[Any]] = {}
    places = {id(x): (layer_of(x).name, 0, 0) for x in function.inputs}
    for node in function.order:
        if isinstance(node, KerasTensor):
            operations.append((layer_of(node), []))
            continue
        is_layer = isinstance(node.operation, Operation)
        key = id(node.operation) if is_layer else id(node)
        if key not in rows:
            rows[key] = []
            operations.append((node.operation if is_layer else node, rows[key]))
        for i, x in enumerate(node.outputs):
            places[id(x)] = (node.name, len(rows[key]), i)
        rows[key].append(node)
    layers = [_operation_config(operation, calls, places) for operation, calls in operations]
    ends = [tree.map_structure(lambda x: list(places[id(x)]), nest) for nest in (function.inputs_structure, function.outputs_structure)]
    return {"name": model.name, "trainable": model.trainable, "layers": layers, "input_layers": ends[0], "output_layers": ends[1]}


def _operation_config(operation: Any, calls: list[Any], places: dict[int, Any]) -> dict[str, Any]:
    if isinstance(operation, Operation):
        config, arguments = serialize_keras_object(operation), [(list(node.args), node.kwargs) for node in calls]
    else:  # a node that calls an op
        config, args, kwargs = op_config(operation.operation.op, operation.name, operation.args, operation.kwargs)
        config, arguments = {**config, "config": _located(config["config"], places)}, [(args, kwargs)]
    nodes = [{"args": _located(args, places), "kwargs": _located(kwargs, places)} for args, kwargs in arguments]
    return {**config, "name": operation.name, "inbound_nodes": nodes}


def _located(nest: Any, places: dict[int, Any]) -> Any:
    """Arguments of a call with each tensor of the graph replaced by where it comes from."""

    def locate(x: Any) -> Any:
        if isinstance(x, KerasTensor) and id(x) in places:
            config = {"shape": list(x.shape), "dtype": x.dtype, "keras_history": list(places[id(x)])}
            return {"class_name": "__keras_tensor__", "config": config}
        return serialize_keras_object(x)

    return tree.map_structure(locate, nest)


def is_graph_config(config: dict[str, Any]) -> bool:
    """Whether a config is one of `graph_config`."""
    return {"layers", "input_layers", "output_layers"} <= set(config)


def model_from_graph_config(cls: type, config: dict[str, Any]) -> Any:
    """The model of a config of `graph_config`."""
    made: dict[str, Any] = {}
    tensors: dict[tuple[str, int, int], Any] = {}
    waiting: list[tuple[str, int, dict[str, Any]]] = []
    for row in config["layers"]:
        made[row["name"]] = operation = _operation(row)
        if isinstance(operation, InputLayer):
            tensors[row["name"], 0, 0] = operation.output
        waiting += [(row["name"], i, call) for i, call in enumerate(row["inbound_nodes"])]
    while waiting:
        ready = [item for item in waiting if all(place in tensors for place in _origins(item[2]))]
        if not ready:
            raise invalid("config", f"the calls of {sorted({name for name, _, _ in waiting})} need tensors that no layer makes")
        for name, number, call in ready:
            args, kwargs = _replaced((call["args"], call["kwargs"]), tensors)
            outputs = [x for x in tree.flatten(made[name](*args, **kwargs)) if isinstance(x, KerasTensor)]
            tensors |= {(name, number, i): x for i, x in enumerate(outputs)}
            if not isinstance(made[name], Operation) and outputs:
                outputs[0].history[0].name = name  # a call of an op keeps its name
        waiting = [item for item in waiting if item not in ready]
    inputs, outputs = (_ends(config[key], tensors) for key in ("input_layers", "output_layers"))
    from keras_lite.models.functional import Functional

    cls = cls if issubclass(cls, Functional) else Functional
    return cls(inputs, outputs, name=config.get("name"), trainable=config.get("trainable", True))


def _operation(row: dict[str, Any]) -> Any:
    """The layer of a row, or a function that calls the op."""
    if is_op_config(row):
        return op_from_config(row["class_name"], deserialize_keras_object(row["config"]))
    return deserialize_keras_object(row)


def _is_tensor_config(x: Any) -> bool:
    return isinstance(x, dict) and x.get("class_name") == "__keras_tensor__"


def _origins(nest: Any) -> list[tuple[str, int, int]]:
    if _is_tensor_config(nest):
        return [tuple(nest["config"]["keras_history"])]  # (name, node, tensor)
    if isinstance(nest, dict):
        return [place for value in nest.values() for place in _origins(value)]
    return [place for item in nest for place in _origins(item)] if isinstance(nest, (list, tuple)) else []


def _replaced(nest: Any, tensors: dict[Any, Any]) -> Any:
    if _is_tensor_config(nest):
        return tensors[tuple(nest["config"]["keras_history"])]
    if isinstance(nest, dict) and "class_name" not in nest:
        return {key: _replaced(value, tensors) for key, value in nest.items()}
    if isinstance(nest, (list, tuple)):
        return type(nest)(_replaced(item, tensors) for item in nest)
    return deserialize_keras_object(nest)


def _ends(nest: Any, tensors: dict[Any, Any]) -> Any:
    if isinstance(nest, (list, tuple)) and len(nest) == 3 and isinstance(nest[0], str):
        return tensors[tuple(nest)]
    if isinstance(nest, dict):
        return {key: _ends(value, tensors) for key, value in nest.items()}
    return type(nest)(_ends(item, tensors) for item in nest)


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """The model of the text that `to_json` gave, here or in Keras, with fresh weights.

    Raises ValueError for a text that is no JSON or names a class that is neither of this package nor among the custom objects.

    >>> from keras_lite import Input, Sequential, layers
    >>> model_from_json(Sequential([Input((3,)), layers.Dense(2)]).to_json()).count_params()
    8
    """
    try:
        config = json.loads(json_string)
    except (TypeError, ValueError) as error:
        raise invalid("model_from_json", f"expected the text that model.to_json() gives, got {json_string!r:.60}: {error}") from error
    return deserialize_keras_object(config, custom_objects)


# --- clones ------------------------------------------------------------------------------------------------------------------


def clone_model(model: Any, input_tensors: Any = None, clone_function: Callable[[Any], Any] | None = None,
                call_function: Callable[..., Any] | None = None, recursive: bool = False, **kwargs: Any) -> Any:
    """A new model with the structure of another one and fresh weights.

    Args:
        model: a model made from a graph or a `Sequential`; a subclass with `get_config`, if no function is given.
        input_tensors: symbolic tensors for the inputs of the clone.
        clone_function: makes a new layer of a layer; from its config by default.
        call_function: `(layer, *args, **kwargs)`, called in place of the layer.
        recursive: whether models inside the model are cloned layer by layer too.
    """
    if kwargs:
        raise unknown_arguments("clone_model", kwargs, clone_model, invalid)
    if not hasattr(model, "_graph"):
        raise wrong_type("clone_model", f"expected a model, got {model!r}")
    if model._graph is None:
        if clone_function is not None or call_function is not None or input_tensors is not None:
            raise invalid("clone_model", f"{model.name} is a subclass without a graph: it can only be cloned as a whole, from its config")
        return type(model).from_config(model.get_config())

    def clone(layer: Any) -> Any:
        if recursive and getattr(layer, "_graph", None) is not None:
            return clone_model(layer, clone_function=clone_function, call_function=call_function, recursive=True)
        return clone_function(layer) if clone_function is not None else type(layer).from_config(layer.get_config())

    from keras_lite.models.sequential import Sequential

    if isinstance(model, Sequential) and call_function is None:
        if input_tensors is not None:
            first = [layer_of(x) for x in tree.flatten(input_tensors)]
        else:
            first = [clone_input(layer) for layer in model._stack[:1] if isinstance(layer, InputLayer)]
        return Sequential([*first, *map(clone, model.layers)], name=model.name, trainable=model.trainable)
    return _cloned_graph(model, input_tensors, clone, call_function)


def clone_input(layer: InputLayer) -> InputLayer:
    """A new input layer like another one."""
    return InputLayer(**layer.get_config())


def _cloned_graph(model: Any, input_tensors: Any, clone: Callable[[Any], Any], call_function: Any) -> Any:
    function: Function = model._graph
    inputs = tree.flatten(input_tensors) if input_tensors is not None else [clone_input(layer_of(x)).output for x in function.inputs]
    if len(inputs) != len(function.inputs):
        raise invalid("clone_model", f"{model.name} has {len(function.inputs)} inputs, got {len(inputs)} tensors")
    tensors = {id(old): new for old, new in zip(function.inputs, inputs, strict=True)}
    clones: dict[int, Any] = {}
    for node in function.nodes:
        operation = node.operation
        if isinstance(operation, Layer):
            if id(operation) not in clones:
                clones[id(operation)] = clone(operation)
            operation = clones[id(operation)]
        args, kwargs = tree.map_structure(lambda x: tensors.get(id(x), x), (node.args, node.kwargs))
        result = call_function(operation, *args, **kwargs) if call_function is not None else operation(*args, **kwargs)
        made = [x for x in tree.flatten(result) if isinstance(x, KerasTensor)]
        tensors.update({id(old): new for old, new in zip(node.outputs, made, strict=True)})
    outputs = tree.map_structure(lambda x: tensors[id(x)], function.outputs_structure)
    from keras_lite.models.functional import Functional

    return Functional(tree.pack_as(function.inputs_structure, inputs), outputs, name=model.name, trainable=model.trainable)
