"""Penalties on weights and outputs."""

from __future__ import annotations

from typing import Any

from keras_lite.regularizers.penalties import L1, L1L2, L2, OrthogonalRegularizer, Regularizer
from keras_lite.saving.lookup import find
from keras_lite.saving.serialization import serialize_keras_object

l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]
_KNOWN = {"L1": L1, "l1": L1, "L2": L2, "l2": L2, "L1L2": L1L2, "l1l2": L1L2, "l1_l2": L1L2,
          "OrthogonalRegularizer": OrthogonalRegularizer, "orthogonal_regularizer": OrthogonalRegularizer}


def get(identifier: Any) -> Any:
    """The regularizer for a name, a config, a class or a callable; None for None.

    >>> get("l2").l2
    0.01
    """
    return find("regularizer", identifier, _KNOWN)


def serialize(regularizer: Any) -> Any:
    """The config of a regularizer."""
    return serialize_keras_object(regularizer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The regularizer that a config describes."""
    return find("regularizer", config, _KNOWN, custom_objects)
