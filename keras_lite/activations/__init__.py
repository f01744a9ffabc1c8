"""Activation functions.  Most of them are ops, under the same name."""

from __future__ import annotations

from typing import Any

from keras_lite.activations.functions import exponential, gelu, linear, relu
from keras_lite.ops import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
)
from keras_lite.ops.activation import mish
from keras_lite.saving.lookup import find
from keras_lite.saving.serialization import serialize_keras_object

swish, hard_swish = silu, hard_silu

_KNOWN = {
    "celu": celu, "elu": elu, "exponential": exponential, "gelu": gelu, "glu": glu, "hard_shrink": hard_shrink,
    "hard_sigmoid": hard_sigmoid, "hard_silu": hard_silu, "hard_tanh": hard_tanh, "leaky_relu": leaky_relu, "linear": linear,
    "log_sigmoid": log_sigmoid,
    "log_softmax": log_softmax, "mish": mish, "relu": relu, "relu6": relu6, "selu": selu, "sigmoid": sigmoid, "silu": silu,
    "soft_shrink": soft_shrink, "softmax": softmax, "softplus": softplus, "softsign": softsign, "sparse_plus": sparse_plus,
    "sparse_sigmoid": sparse_sigmoid, "sparsemax": sparsemax, "squareplus": squareplus, "tanh": tanh, "tanh_shrink": tanh_shrink,
    "threshold": threshold, "swish": silu, "hard_swish": hard_silu,
}
_NAMES = {function: name for name, function in reversed(_KNOWN.items())}

__all__ = [*_KNOWN, "deserialize", "get", "serialize"]


def get(identifier: Any) -> Any:
    """The activation for a name, a config or a callable (a layer too); `linear` for None.

    >>> get("swish").__name__
    'silu'
    """
    return linear if identifier is None else find("activation", identifier, _KNOWN)


def serialize(activation: Any) -> Any:
    """The name of an activation of this module; the config of another function or of a layer."""
    try:
        name = _NAMES.get(activation)
    except TypeError:  # not hashable
        name = None
    return serialize_keras_object(activation) if name is None else name


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The activation that a name or config describes."""
    return find("activation", config, _KNOWN, custom_objects)
