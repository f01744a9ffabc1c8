"""Dtype policies, for one layer and by path, and their serialized forms."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import dtype_policies, layers, mixed_precision, ops
from keras_lite.dtype_policies import DTypePolicy, DTypePolicyMap

X = np.ones((2, 4), "float32")


def test_policies() -> None:
    for name, compute, variable in (("float16", "float16", "float16"), ("mixed_float16", "float16", "float32"),
                                    ("mixed_bfloat16", "bfloat16", "float32"), ("float8_e4m3fn", "float8_e4m3fn", "float8_e4m3fn")):
        policy = DTypePolicy(name)
        assert (policy.name, policy.compute_dtype, policy.variable_dtype, policy.quantization_mode) == (name, compute, variable, None)
        assert dtype_policies.deserialize(json.loads(json.dumps(dtype_policies.serialize(policy)))) == policy
    assert DTypePolicy() == DTypePolicy("float32") == dtype_policies.get(None) == keras.FloatDTypePolicy("float32")
    assert DTypePolicy("float32") != DTypePolicy("float16")
    assert mixed_precision.Policy is DTypePolicy and mixed_precision.global_policy() == DTypePolicy("float32")
    for wrong, error in (("mixed_float17", "did you mean 'mixed_float16'"), ("float33", "float32")):
        with pytest.raises(ValueError, match=error):
            DTypePolicy(wrong)
    with pytest.raises(TypeError, match="expected a name, got 3"):
        DTypePolicy(3)


def test_a_map_as_a_mapping() -> None:
    policies = DTypePolicyMap("mixed_float16", {"a/b": "float32"})
    policies["c/.*"] = DTypePolicy("bfloat16")
    assert [policies[key].name for key in ("a/b", "a/b/c", "c/d", "c")] == ["float32", "mixed_float16", "bfloat16", "mixed_float16"]
    assert (list(policies), len(policies), "c/d" in policies, "c/.*" in policies) == (["a/b", "c/.*"], 2, False, True)
    assert (policies.name, policies.compute_dtype, policies.variable_dtype) == ("map_mixed_float16", "float16", "float32")
    assert DTypePolicyMap.from_config(policies.get_config()) == policies != DTypePolicyMap()
    assert dtype_policies.deserialize(dtype_policies.serialize(policies)) == policies
    with pytest.raises(ValueError, match="'a/b' is there already"):
        policies["a/b"] = "float16"
    with pytest.raises(TypeError, match="of a single layer"):
        policies["x"] = DTypePolicyMap()
    policies["c/d.*"] = "float16"
    with pytest.raises(ValueError, match="'c/d' matches more than one key"):
        policies["c/d"]
    del policies["c/d.*"]
    assert policies["c/d"].name == "bfloat16"


def test_layers_have_the_policies_of_their_paths(engine: Any) -> None:
    policies = DTypePolicyMap(policy_map={"net/first": "mixed_bfloat16", "net/last": "float16"})

    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="net", dtype=policies)
            self.first, self.middle, self.last = (layers.Dense(3, name=name, dtype=policies) for name in ("first", "middle", "last"))

        def call(self, x: Any) -> Any:
            return self.last(self.middle(self.first(x)))

    net = Net()
    assert ops.dtype(net(X)) == "float16"
    assert [(layer.compute_dtype, layer.kernel.dtype) for layer in net.layers] == [
        ("bfloat16", "float32"), ("float32", "float32"), ("float16", "float16")]
    config = net.first.get_config()["dtype"]
    assert (config["module"], config["class_name"]) == ("keras.dtype_policies", "DTypePolicyMap")
    alone = layers.Dense.from_config(net.last.get_config())
    assert alone.dtype_policy == policies and ops.dtype(alone(X)) == "float32"


def test_a_policy_map_beside_keras() -> None:
    reference = pytest.importorskip("keras", minversion="3.15")
    make: Any = lambda module: module.DTypePolicyMap("mixed_float16", {"a": module.DTypePolicy("float16"), "b.*": "bfloat16"})  # noqa: E731
    mine, theirs = make(dtype_policies), make(reference.dtype_policies)
    theirs["c"], mine["c"] = "float32", "float32"
    assert mine.get_config()["policy_map"]["a"] == theirs.get_config()["policy_map"]["a"]
    assert mine.get_config()["policy_map"]["c"] == theirs.get_config()["policy_map"]["c"]
    assert [mine[key].name for key in ("a", "c", "d")] == [theirs[key].name for key in ("a", "c", "d")]
    serialized = dtype_policies.serialize(mine)
    assert reference.dtype_policies.deserialize(serialized).get_config() == mine.get_config()
    assert dtype_policies.deserialize(reference.dtype_policies.serialize(theirs)).default_policy == mine.default_policy


def test_a_mask_goes_with_what_is_cast(engine: Any) -> None:
    """A layer of another dtype than the one that made the mask leaves out the masked steps too."""
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    x[:, 3:] = 0
    layer = layers.GRU(2, dtype="mixed_bfloat16")
    inner = keras.Sequential([keras.Input((5, 3)), layer])
    for model in (keras.Sequential([keras.Input((5, 3)), layers.Masking(), layer]),
                  keras.Sequential([keras.Input((5, 3)), layers.Masking(dtype="float16"), inner])):
        found, expected, all_steps = (ops.convert_to_numpy(ops.cast(y, "float32")) for y in (model(x), layer(x[:, :3]), layer(x)))
        np.testing.assert_allclose(found, expected, rtol=2e-2, atol=2e-2)
        assert not np.allclose(found, all_steps, rtol=5e-2, atol=5e-2)
