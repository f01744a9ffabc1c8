"""What layers that hold other layers have in common."""

from __future__ import annotations

from typing import Any

from keras_lite.layers.layer import Layer
from keras_lite.saving.custom_objects import custom_object_scope


class NestedConfig(Layer):
    """A layer whose config holds the configs of other layers."""

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A new instance from `get_config`'s dictionary; `custom_objects` are classes by the names in it."""
        with custom_object_scope(custom_objects or {}):
            return super().from_config(config)
