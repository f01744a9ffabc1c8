"""Bounds on weights, applied after each update."""

from __future__ import annotations

from typing import Any

from keras_lite.constraints.norms import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from keras_lite.saving.lookup import find
from keras_lite.saving.serialization import serialize_keras_object

max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

__all__ = ["Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "max_norm", "min_max_norm", "non_neg",
           "serialize", "unit_norm"]
_KNOWN = {"MaxNorm": MaxNorm, "max_norm": MaxNorm, "MinMaxNorm": MinMaxNorm, "min_max_norm": MinMaxNorm, "NonNeg": NonNeg,
          "non_neg": NonNeg, "UnitNorm": UnitNorm, "unit_norm": UnitNorm}


def get(identifier: Any) -> Any:
    """The constraint for a name, a config, a class or a callable; None for None.

    >>> get("max_norm").max_value
    2
    """
    return find("constraint", identifier, _KNOWN)


def serialize(constraint: Any) -> Any:
    """The config of a constraint."""
    return serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The constraint that a config describes."""
    return find("constraint", config, _KNOWN, custom_objects)
