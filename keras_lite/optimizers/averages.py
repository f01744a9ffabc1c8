"""Moving averages of the trained variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_lite import ops
from keras_lite.state.variable import Variable


class Averages:
    """What `Optimizer` does with `use_ema`."""

    use_ema: bool
    built: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    _trained: list[Variable]
    _slots: dict[str, list[Any]]

    def _average(self, step: Any) -> None:
        """At each step, for variables without a gradient too, also while gradients gather; of the values before the constraints."""
        first, every = ops.equal(step, 1), self.ema_overwrite_frequency
        due = ops.equal(ops.mod(step, every), 0) if every else None
        for variable, average in zip(self._trained, self._slots["average"], strict=True):
            mixed = ops.add(ops.multiply(average, self.ema_momentum), ops.multiply(variable, 1.0 - self.ema_momentum))
            average.assign(ops.where(first, variable.value, mixed))
            if due is not None:
                variable.assign(ops.where(due, average.value, variable.value))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """At the end of training: replace the variables by their moving averages, where these are kept."""
        if self.use_ema and self.built:
            index = {v.key: i for i, v in enumerate(self._trained)}
            for variable in var_list:
                if variable.key in index:
                    variable.assign(self._slots["average"][index[variable.key]].value)
