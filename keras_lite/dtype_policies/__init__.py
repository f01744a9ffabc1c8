"""Dtype policies: the dtype of a layer's variables and the dtype it computes in."""

from keras_lite.dtype_policies.policy import DTypePolicy, FloatDTypePolicy, deserialize, get, serialize
from keras_lite.dtype_policies.policy import dtype_policy as dtype_policy
from keras_lite.dtype_policies.policy import set_dtype_policy as set_dtype_policy
from keras_lite.dtype_policies.policy_map import DTypePolicyMap

__all__ = ["DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy", "deserialize", "get", "serialize"]
