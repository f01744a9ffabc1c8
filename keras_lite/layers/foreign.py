"""What layers around code of one framework need of its engine."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import not_there


def of_engine(where: str, capability: str, engine_name: str) -> Any:
    """A function that not every engine has; NotImplementedError where the active one has it not, with the name of one that has."""
    engine = registry.concrete()
    found = getattr(engine, capability, None)
    if found is None:
        raise not_there(where, f"needs the {engine_name} engine, the active one is {engine.name}: "
                               f"keras_lite.config.set_backend({engine_name!r})")
    return found
