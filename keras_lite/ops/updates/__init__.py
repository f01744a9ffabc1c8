"""Optimizer updates, on whole lists of tensors: an engine can have one fused native for all of them.

Each takes the parameters, their gradients and the optimizer's slots as lists in the same order, and returns new lists.  The
learning rate and the step number are scalar tensors: they change while a compiled step stays.  Slots that are not used are None.
"""

from keras_lite.ops.updates.accumulation import accumulate_gradients
from keras_lite.ops.updates.adagrad import adadelta_update, adagrad_update, ftrl_update
from keras_lite.ops.updates.adam import adam_update, adamax_update, nadam_momentum, nadam_update, schedule_free_update
from keras_lite.ops.updates.descent import lion_update, rmsprop_update, sgd_update
from keras_lite.ops.updates.matrices import adafactor_update, lamb_update, muon_update, orthogonalized

__all__ = [
    "accumulate_gradients", "adadelta_update", "adafactor_update", "adagrad_update", "adam_update", "adamax_update", "ftrl_update",
    "lamb_update", "lion_update", "muon_update", "nadam_momentum", "nadam_update", "orthogonalized", "rmsprop_update",
    "schedule_free_update", "sgd_update",
]
