"""Custom objects: the user's classes and functions that a config may name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from keras_lite.engine.errors import invalid

_registered: dict[str, Any] = {}
_names: dict[Any, str] = {}
_scope: ContextVar[dict[str, Any] | None] = ContextVar("keras_lite_custom_objects", default=None)


def get_custom_objects() -> dict[str, Any]:
    """The registered objects by name; entries may be added and removed."""
    return _registered


class CustomObjectScope:
    """Scope in which configs may name the objects in `custom_objects`, a dict from name to class or function.

    >>> import keras_lite
    >>> def double(x):
    ...     return 2 * x
    >>> with keras_lite.saving.custom_object_scope({"double": double}):
    ...     layer = keras_lite.layers.Activation("double")
    >>> layer.activation is double
    True
    """

    def __init__(self, custom_objects: dict[str, Any] | None):
        self.custom_objects = dict(custom_objects or {})

    def __enter__(self) -> CustomObjectScope:
        self._token = _scope.set({**(_scope.get() or {}), **self.custom_objects})
        return self

    def __exit__(self, *exc: object) -> None:
        _scope.reset(self._token)


custom_object_scope = CustomObjectScope


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """Decorator that makes a class or function known to loading, as "package>name".

    Raises:
        ValueError: a class without `get_config`.

    >>> import keras_lite
    >>> @keras_lite.saving.register_keras_serializable("mine")
    ... def double(x):
    ...     return 2 * x
    >>> keras_lite.saving.get_registered_name(double)
    'mine>double'
    """

    def register(thing: Any) -> Any:
        if inspect.isclass(thing) and not hasattr(thing, "get_config"):
            raise invalid("register_keras_serializable", f"class {thing.__name__} needs a get_config method")
        full = f"{package}>{name or thing.__name__}"
        _registered[full] = thing
        _names[thing] = full
        return thing

    return register


def get_registered_name(obj: Any) -> str:
    """The name under which a class or function was registered, else its own name."""
    return _names.get(obj, obj.__name__)


def get_registered_object(name: str, custom_objects: dict[str, Any] | None = None, module_objects: dict[str, Any] | None = None) -> Any:
    """The object of that name: in the open scopes, among the registered ones, then in the two dicts; None if it is in none."""
    for table in (_scope.get(), _registered, custom_objects, module_objects):
        if table and name in table:
            return table[name]
    return None


def is_registered(obj: Any) -> bool:
    """Whether `register_keras_serializable` was used on `obj`."""
    return obj in _names


def custom_names() -> list[str]:
    """All the names that stand for custom objects here, for messages."""
    return [*(_scope.get() or {}), *_registered]
