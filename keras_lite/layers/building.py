"""Building: making a layer's variables once the shapes of its inputs are known."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.layers.signature import build_parameters
from keras_lite.state.names import name_scope
from keras_lite.state.scope import outside_scopes
from keras_lite.symbolic.spec import map_shapes

building = threading.RLock()
"""Held while a layer is built: threads that call one layer build it once."""


def shapes_of(config: Any) -> Any:
    """Shapes as tuples again, after JSON made lists of them; lists and dicts of shapes stay what they are."""
    return map_shapes(lambda shape: tuple(shape) if isinstance(shape, list) else shape, config)


def scoped_build(build: Callable[..., Any]) -> Callable[..., Any]:
    """`build` inside the layer's name scope and on its engine; marks the layer as built.  One that fails leaves nothing behind."""

    @functools.wraps(build)
    def scoped(self: Any, *args: Any, **kwargs: Any) -> None:
        if self.__dict__.get("_building") == threading.get_ident():  # super().build() inside build
            build(self, *args, **kwargs)
            return
        with building:
            _build(self, build, args, kwargs)

    scoped.is_scoped = True  # type: ignore[attr-defined]  # for subclasses
    return scoped


def _build(layer: Any, build: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    layer._place()
    before = {**vars(layer), "_added": [*vars(layer).get("_added", ())]}
    count = None if layer._build_shapes is None else len(layer._own_variables())
    object.__setattr__(layer, "_building", threading.get_ident())
    try:
        with name_scope(layer.name, layer), registry.using(layer._home()) as engine, outside_scopes(), engine.untraced():
            build(layer, *args, **kwargs)
        if count is not None and len(layer._own_variables()) > count:
            raise invalid(layer.name, "is built already, and a second build() would make its variables once more; make a new layer")
    except BaseException:
        for name in vars(layer).keys() - before.keys():
            del vars(layer)[name]
        vars(layer).update(before)
        raise
    finally:
        object.__setattr__(layer, "_building", None)
    layer._build_shapes = _given(layer, args, kwargs)
    layer.built = True


def _given(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `build` by name."""
    names = [p.name for p in build_parameters(type(layer))]  # type: ignore[arg-type]  # classes are hashable
    return {**dict(zip(names, args, strict=False)), **kwargs}
