"""Layers."""

from __future__ import annotations

from typing import Any

from keras_lite.layers.dense import Dense
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.layer import Layer
from keras_lite.saving.serialization import deserialize_keras_object, serialize_keras_object

__all__ = ["Dense", "InputSpec", "Layer", "deserialize", "serialize"]


def serialize(layer: Any) -> dict[str, Any]:
    """The config of a layer, with its class."""
    return serialize_keras_object(layer)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The layer that a config from `serialize` describes."""
    return deserialize_keras_object(config, custom_objects)
