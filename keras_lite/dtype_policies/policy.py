"""DTypePolicy and the global default policy."""

from __future__ import annotations

from typing import Any

from keras_lite import config
from keras_lite.engine.dtypes import ALL, is_float, standardize
from keras_lite.engine.errors import unknown_name, wrong_type

_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_default: list[DTypePolicy] = []


class DTypePolicy:
    """What dtype variables have and what dtype a layer computes in.

    Args:
        name: a dtype ("float32": both), or "mixed_float16" / "mixed_bfloat16" (variables float32, computation 16 bits); `floatx` by
            default.

    >>> DTypePolicy("mixed_bfloat16").compute_dtype
    'bfloat16'
    """

    def __init__(self, name: str | None = None):
        if name is None:
            name = config.floatx()
        if not isinstance(name, str):
            raise wrong_type("DTypePolicy", f"expected a name, got {name!r}")
        if name not in (*ALL, *_MIXED):
            raise unknown_name("dtype policy", name, (*ALL, *_MIXED))
        self._name = name

    @property
    def name(self) -> str:
        """The name it was made from."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype in which a layer computes."""
        return _MIXED.get(self.name, self.name)

    @property
    def variable_dtype(self) -> str:
        """The dtype of a layer's variables."""
        return "float32" if self.name in _MIXED else self.name

    @property
    def quantization_mode(self) -> str | None:
        """None: the layer is not quantized."""
        return None

    def convert_input(self, x: Any, autocast: bool, dtype: str) -> Any:
        """`x` as a tensor; floats in `dtype` where `autocast` is on."""
        from keras_lite import ops

        x = ops.convert_to_tensor(x)
        return ops.cast(x, dtype) if autocast and is_float(ops.dtype(x)) and ops.dtype(x) != dtype else x

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and (self.get_config(), self.quantization_mode) == (other.get_config(),
                                                                                                  other.quantization_mode)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


class FloatDTypePolicy(DTypePolicy):
    """As `DTypePolicy`; configs of Keras may name it."""


def get(identifier: Any) -> DTypePolicy:
    """A policy from a policy, a name, a dtype or a config; None is the default policy."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier) if "class_name" in identifier else DTypePolicy(**identifier)
    return DTypePolicy(identifier if isinstance(identifier, str) and identifier in _MIXED else standardize(identifier, config.floatx()))


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """The config of a policy, with its class."""
    from keras_lite.saving.serialization import serialize_keras_object

    return serialize_keras_object(dtype_policy)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The policy that `serialize` described."""
    from keras_lite.saving.serialization import deserialize_keras_object

    return deserialize_keras_object(config, custom_objects)


def dtype_policy() -> DTypePolicy:
    """The default policy of new layers: `floatx` unless set."""
    return _default[0] if _default else DTypePolicy(config.floatx())


def set_dtype_policy(policy: Any) -> None:
    """Set the default policy of new layers."""
    _default[:] = [get(policy)]
