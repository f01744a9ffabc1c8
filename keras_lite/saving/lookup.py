"""Finding an object by what a user gives for it: a name, a config, a class, or the object itself."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from keras_lite.engine.errors import unknown_name, wrong_type
from keras_lite.saving.custom_objects import custom_names, get_registered_object
from keras_lite.saving.serialization import deserialize_keras_object


def find(kind: str, identifier: Any, table: Mapping[str, Any], custom_objects: dict[str, Any] | None = None,
         instance_of: type | None = None) -> Any:
    """The object for `identifier`; None stays None, classes are called without arguments.

    Args:
        kind: what it is, for messages, e.g. "initializer".
        identifier: a name in `table` or of a custom object, a config, a class, or a callable object.
        table: the known classes and functions by name.
        custom_objects: further ones.
        instance_of: objects of this class are accepted though they can't be called.

    Raises:
        ValueError: an unknown name, with the nearest ones.
        TypeError: neither a name nor a config nor callable.
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        chosen = deserialize_keras_object(identifier, custom_objects, module_objects=dict(table))
    elif isinstance(identifier, str):
        chosen = get_registered_object(identifier, custom_objects, dict(table))
        if chosen is None:
            raise unknown_name(kind, identifier, [*table, *custom_names()])
    else:
        chosen = identifier
    if inspect.isclass(chosen):
        chosen = chosen()
    if not callable(chosen) and not (instance_of is not None and isinstance(chosen, instance_of)):
        raise wrong_type(kind, f"expected a name, a config or a callable, got {chosen!r} ({type(chosen).__name__})")
    return chosen
