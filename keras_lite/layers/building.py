"""Building: making a layer's variables once the shapes of its inputs are known."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from keras_lite.engine import registry
from keras_lite.layers.signature import build_parameters
from keras_lite.state.names import name_scope
from keras_lite.state.scope import outside_scopes


def shapes_of(config: Any) -> Any:
    """Shapes as tuples again, after JSON made lists of them; lists and dicts of shapes stay what they are."""
    if isinstance(config, dict):
        return {key: shapes_of(value) for key, value in config.items()}
    if not isinstance(config, (list, tuple)) or all(n is None or isinstance(n, int) for n in config):
        return tuple(config) if isinstance(config, list) else config
    return type(config)(shapes_of(item) for item in config)


def scoped_build(build: Callable[..., Any]) -> Callable[..., Any]:
    """`build` inside the layer's name scope and on its engine; marks the layer as built."""

    @functools.wraps(build)
    def scoped(self: Any, *args: Any, **kwargs: Any) -> None:
        if self.__dict__.get("_building"):  # super().build() inside build
            build(self, *args, **kwargs)
            return
        self._place()
        object.__setattr__(self, "_building", True)
        try:
            with name_scope(self.name, self), registry.using(self._home()) as engine, outside_scopes(), engine.untraced():
                build(self, *args, **kwargs)
        finally:
            object.__setattr__(self, "_building", False)
        self._build_shapes = _given(self, args, kwargs)
        self.built = True

    return scoped


def _given(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `build` by name."""
    names = [p.name for p in build_parameters(type(layer))]  # type: ignore[arg-type]  # classes are hashable
    return {**dict(zip(names, args, strict=False)), **kwargs}
