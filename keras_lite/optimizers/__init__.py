"""Optimizers."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import wrong_type
from keras_lite.optimizers import legacy, schedules
from keras_lite.optimizers.accumulation import accumulation_weight
from keras_lite.optimizers.adagrad import Adadelta, Adagrad, Ftrl
from keras_lite.optimizers.adam import Adam, AdamW
from keras_lite.optimizers.adam_kin import Adamax, Nadam, ScheduleFreeAdamW
from keras_lite.optimizers.lion import Lion
from keras_lite.optimizers.loss_scale import LossScaleOptimizer
from keras_lite.optimizers.matrices import Adafactor, Lamb, Muon
from keras_lite.optimizers.multi import MultiOptimizer, OptimizerMap
from keras_lite.optimizers.optimizer import Optimizer
from keras_lite.optimizers.parameter_groups import ParameterGroup, ParameterGroups
from keras_lite.optimizers.rmsprop import RMSprop
from keras_lite.optimizers.sgd import SGD
from keras_lite.saving.lookup import find
from keras_lite.saving.serialization import serialize_keras_object

__all__ = [
    "SGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "LossScaleOptimizer", "MultiOptimizer",
    "Muon", "Nadam", "Optimizer", "OptimizerMap", "ParameterGroup", "ParameterGroups", "RMSprop", "ScheduleFreeAdamW",
    "accumulation_weight", "deserialize", "get", "legacy", "schedules", "serialize",
]
_NAMED = (Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam, RMSprop, ScheduleFreeAdamW, SGD)
_KNOWN: dict[str, Any] = {cls.__name__: cls for cls in (*_NAMED, LossScaleOptimizer, MultiOptimizer, ParameterGroups)}
_KNOWN |= {name.lower(): cls for name, cls in _KNOWN.items()}


def get(identifier: Any) -> Optimizer:
    """An optimizer from a name, in capitals or not, a config, a class or itself.

    >>> get("adamw").weight_decay
    0.004
    """
    return _found(identifier, None)


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """The config of an optimizer."""
    return serialize_keras_object(optimizer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Optimizer:
    """The optimizer that a config describes."""
    return _found(config, custom_objects)


def _found(identifier: Any, custom_objects: dict[str, Any] | None) -> Optimizer:
    if isinstance(identifier, str) and identifier not in _KNOWN and identifier.lower() in _KNOWN:
        identifier = identifier.lower()
    found = find("optimizer", identifier, _KNOWN, custom_objects, instance_of=Optimizer)
    if not isinstance(found, Optimizer):
        raise wrong_type("optimizer", f"expected a name or an optimizer, got {identifier!r}")
    return found
