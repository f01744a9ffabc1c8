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
        name: a dtype ("float32": both), or "mixed_float16" / "mixed_bfloat16" (variables float32, computation 16 bits).
        source_name: kept for quantized policies.

    >>> DTypePolicy("mixed_bfloat16").compute_dtype
    'bfloat16'
    """

    def __init__(self, name: str, source_name: str | None = None):
        if not isinstance(name, str):
            raise wrong_type("DTypePolicy", f"expected a name, got {name!r}")
        if name not in (*ALL, *_MIXED):
            raise unknown_name("dtype policy", name, (*ALL, *_MIXED))
        self.name = name
        self.compute_dtype = _MIXED.get(name, name)
        self.variable_dtype = "float32" if name in _MIXED else name
        self.quantization_mode = source_name

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
        return type(self) is type(other) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


def get(identifier: Any) -> DTypePolicy:
    """A policy from a policy, a name, a dtype or a config; None is the default policy."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return DTypePolicy(**identifier.get("config", identifier))
    return DTypePolicy(identifier if identifier in _MIXED else standardize(identifier, config.floatx()))


def dtype_policy() -> DTypePolicy:
    """The default policy of new layers: `floatx` unless set."""
    return _default[0] if _default else DTypePolicy(config.floatx())


def set_dtype_policy(policy: Any) -> None:
    """Set the default policy of new layers."""
    _default[:] = [get(policy)]
