"""Computing in 16 bits with variables of 32: dtype policies and loss scaling, by the names that Keras has for them here."""

from keras_lite.config import dtype_policy, set_dtype_policy
from keras_lite.dtype_policies import DTypePolicy
from keras_lite.optimizers import LossScaleOptimizer

Policy, global_policy, set_global_policy = DTypePolicy, dtype_policy, set_dtype_policy

__all__ = ["DTypePolicy", "LossScaleOptimizer", "Policy", "dtype_policy", "global_policy", "set_dtype_policy", "set_global_policy"]
