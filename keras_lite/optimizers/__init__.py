"""Optimizers."""

from typing import Any

from keras_lite.engine.errors import wrong_type
from keras_lite.optimizers.adam import Adam, AdamW
from keras_lite.optimizers.optimizer import Optimizer
from keras_lite.optimizers.rmsprop import RMSprop
from keras_lite.optimizers.sgd import SGD
from keras_lite.saving.lookup import find

OBJECTS: dict[str, Any] = {cls.__name__: cls for cls in (Adam, AdamW, RMSprop, SGD)}
OBJECTS |= {name.lower(): cls for name, cls in OBJECTS.items()}


def get(identifier: Any) -> Optimizer:
    """An optimizer from a name, a config, a class or itself."""
    if isinstance(identifier, str) and identifier not in OBJECTS and identifier.lower() in OBJECTS:
        identifier = identifier.lower()
    found = find("optimizer", identifier, OBJECTS, instance_of=Optimizer)
    if not isinstance(found, Optimizer):
        raise wrong_type("optimizer", f"expected a name or an optimizer, got {identifier!r}")
    return found


__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "get"]
