"""First values of weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.initializers.constants import STFT, Constant, Identity, Ones, Zeros
from keras_lite.initializers.draws import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from keras_lite.initializers.initializer import Initializer
from keras_lite.saving.lookup import find
from keras_lite.saving.serialization import serialize_keras_object
from keras_lite.state.names import to_snake_case

IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT
constant, identity, ones, zeros, stft = Constant, Identity, Ones, Zeros, STFT
glorot_normal, glorot_uniform, he_normal, he_uniform = GlorotNormal, GlorotUniform, HeNormal, HeUniform
lecun_normal, lecun_uniform, orthogonal = LecunNormal, LecunUniform, Orthogonal
random_normal, random_uniform, truncated_normal, variance_scaling = RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling

_CLASSES = (Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, LecunNormal, LecunUniform, Ones, Orthogonal, RandomNormal,
            RandomUniform, STFT, TruncatedNormal, VarianceScaling, Zeros)
_KNOWN = {cls.__name__: cls for cls in _CLASSES} | {to_snake_case(cls.__name__): cls for cls in _CLASSES}
_KNOWN |= {"IdentityInitializer": Identity, "OrthogonalInitializer": Orthogonal, "STFTInitializer": STFT, "normal": RandomNormal,
           "uniform": RandomUniform, "one": Ones, "zero": Zeros}

__all__ = [
    "STFT", "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity", "IdentityInitializer", "Initializer",
    "LecunNormal", "LecunUniform", "Ones", "Orthogonal", "OrthogonalInitializer", "RandomNormal", "RandomUniform", "STFTInitializer",
    "TruncatedNormal", "VarianceScaling", "Zeros", "constant", "deserialize", "get", "glorot_normal", "glorot_uniform", "he_normal",
    "he_uniform", "identity", "lecun_normal", "lecun_uniform", "ones", "orthogonal", "random_normal", "random_uniform", "serialize",
    "stft", "truncated_normal", "variance_scaling", "zeros",
]


def get(identifier: Any) -> Any:
    """The initializer for a name, a config, a class, a callable or an array (which is the value); None for None.

    >>> get("glorot_uniform").mode
    'fan_avg'
    """
    if isinstance(identifier, np.ndarray) or (not callable(identifier) and registry.engine_of((identifier,)) is not None):
        return Constant(identifier)
    return find("initializer", identifier, _KNOWN)


def serialize(initializer: Any) -> Any:
    """The config of an initializer."""
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The initializer that a config describes."""
    return find("initializer", config, _KNOWN, custom_objects)
