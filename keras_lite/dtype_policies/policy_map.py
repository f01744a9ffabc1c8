"""DTypePolicyMap: a policy for each layer of a model, by its path."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from keras_lite.dtype_policies import policy as policies
from keras_lite.dtype_policies.policy import DTypePolicy
from keras_lite.engine.errors import invalid, wrong_type


class DTypePolicyMap(DTypePolicy, MutableMapping[str, DTypePolicy]):
    """Policies of layers by their paths, to be given as `dtype` to any of them.

    A layer has the policy whose key equals its path ("model/block/dense"), else that of the only key which, taken as a regular
    expression, matches its path, else the default one.

    Args:
        default_policy: a policy or its name; None for the default policy of new layers.
        policy_map: policies by key.

    Raises:
        ValueError: a key is set twice, or more than one expression matches a path.

    >>> policies = DTypePolicyMap("float32", {"encoder/.*": "mixed_bfloat16"})
    >>> policies["encoder/dense"].name, policies["decoder/dense"].name
    ('mixed_bfloat16', 'float32')
    """

    def __init__(self, default_policy: Any = None, policy_map: dict[str, Any] | None = None):
        if isinstance(default_policy, DTypePolicyMap):
            raise wrong_type("DTypePolicyMap", "the default policy must be the policy of a single layer")
        self._default = None if default_policy is None else policies.get(default_policy)
        self._policies: dict[str, DTypePolicy] = {}
        for key, policy in (policy_map or {}).items():
            self[key] = policy

    # --- as the policy of a layer that has no path yet --------------------------------------------------------------------

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of layers whose path matches no key."""
        return policies.dtype_policy() if self._default is None else self._default

    @property
    def name(self) -> str:
        """The name of the default policy, after "map_"."""
        return f"map_{self.default_policy.name}"

    @property
    def compute_dtype(self) -> str:
        """That of the default policy."""
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """That of the default policy."""
        return self.default_policy.variable_dtype

    @property
    def quantization_mode(self) -> str | None:
        """That of the default policy."""
        return self.default_policy.quantization_mode

    # --- as a mapping ---------------------------------------------------------------------------------------------------

    def __getitem__(self, key: str) -> DTypePolicy:
        if key in self._policies:
            return self._policies[key]
        matching = [pattern for pattern in self._policies if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise invalid("DTypePolicyMap", f"path {key!r} matches more than one key: {matching}")
        return self._policies[matching[0]] if matching else self.default_policy

    def __setitem__(self, key: str, policy: Any) -> None:
        if key in self._policies:
            raise invalid("DTypePolicyMap", f"key {key!r} is there already, with {self._policies[key]}; delete it first")
        policy = policies.get(policy)
        if isinstance(policy, DTypePolicyMap):
            raise wrong_type("DTypePolicyMap", f"the value of {key!r} must be the policy of a single layer")
        self._policies[key] = policy

    def __delitem__(self, key: str) -> None:
        del self._policies[key]

    def __contains__(self, key: object) -> bool:
        return key in self._policies

    def __len__(self) -> int:
        return len(self._policies)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    # --- config ---------------------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {"default_policy": None if self._default is None else self._default.name,
                "policy_map": {key: policies.serialize(policy) for key, policy in self._policies.items()}}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> DTypePolicyMap:
        given = {key: policies.deserialize(policy, custom_objects) for key, policy in config.get("policy_map", {}).items()}
        return cls(config.get("default_policy"), given)

    __hash__ = DTypePolicy.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicyMap) and self.get_config() == other.get_config()

    def __repr__(self) -> str:
        entries = ", ".join(f"{key!r}: {policy.name!r}" for key, policy in self._policies.items())
        return f"<DTypePolicyMap default_policy={self.default_policy.name!r} {{{entries}}}>"
