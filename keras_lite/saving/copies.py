"""Copies of layers and models, in this process or by way of pickle: from their config, with the values of their variables."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.saving.serialization import deserialize_keras_object, in_memory, serialize_keras_object


def snapshot(layer: Any) -> dict[str, Any]:
    """What `restored` makes a copy of a layer or model from: plain data, NumPy arrays, and the user's classes and functions."""
    with in_memory():
        config = serialize_keras_object(layer)
    compiled = config.pop("compile_config", None)
    if layer.built and layer.variables and not config.get("build_config") and not _builds_itself(layer, config):
        raise invalid(layer.name, "it was built by a call whose shapes are not known; call build(input_shape) before it is copied")
    variables = layer.variables
    places = {v.key: i for i, v in enumerate(variables)}
    optimizer = layer.optimizer if compiled and layer.optimizer.built else None
    return {
        "engine": registry.current().name if layer.engine is None else layer.engine.name,
        "config": config, "compile_config": compiled,
        "values": [v.numpy() for v in variables], "trainable": [v.trainable for v in variables],
        "trained": None if optimizer is None else [places[v.key] for v in optimizer.trained],
        "undecayed": [] if optimizer is None else [places[v.key] for v in optimizer.trained if not optimizer._use_weight_decay(v)],
        "optimizer": None if optimizer is None else [v.numpy() for v in (*optimizer.variables, *optimizer._weights_gathered)],
    }


def _builds_itself(layer: Any, config: dict[str, Any]) -> bool:
    """Whether an instance made from the config has its variables at once."""
    if getattr(layer, "_graph", None) is not None:
        return True
    with in_memory():
        return len(deserialize_keras_object(config).variables) == len(layer.variables)


def restored(what: dict[str, Any], engine: str | None = None) -> Any:
    """The copy, on `engine` or on that of the original."""
    with registry.using(engine or what["engine"]), in_memory():
        copy = deserialize_keras_object(what["config"])
        variables = copy.variables
        if [v.shape for v in variables] != [value.shape for value in what["values"]]:
            raise invalid(copy.name, f"made from its config it has variables of shapes {[v.shape for v in variables]}, not "
                                     f"{[value.shape for value in what['values']]}; does get_config() give all arguments?")
        if what["compile_config"]:
            copy.compile(**deserialize_keras_object(what["compile_config"]))
        if what["trained"] is not None:
            copy.optimizer.exclude_from_weight_decay([variables[i] for i in what["undecayed"]])
            copy.optimizer.build([variables[i] for i in what["trained"]])  # not those that are trainable now
            _assign([*copy.optimizer.variables, *copy.optimizer._weights_gathered], what["optimizer"])
        _assign(variables, what["values"])
        for variable, trainable in zip(variables, what["trainable"], strict=True):
            variable.trainable = trainable
    return copy


def _assign(variables: list[Any], values: list[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
