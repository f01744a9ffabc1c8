"""Base of the optimizers whose `build` takes `var_list`, as they have it in Keras."""

from __future__ import annotations

from collections.abc import Sequence

from keras_lite.optimizers.optimizer import Optimizer
from keras_lite.state.variable import Variable


class Listwise(Optimizer):
    """An optimizer whose update is one op on lists of tensors."""

    def build(self, var_list: Sequence[Variable]) -> None:
        """Make the slots for the variables to be trained."""
        super().build(var_list)
