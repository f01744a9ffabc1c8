"""Base of optimizers around another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.optimizers.optimizer import Optimizer
from keras_lite.saving.configurable import constructor_parameters
from keras_lite.state.variable import Variable


class Wrapper(Optimizer):
    """An optimizer that leaves the updates to an inner one; its learning rate, counters and averages are the inner one's."""

    def __init__(self, inner_optimizer: Any, name: str | None, **kwargs: Any):
        if not isinstance(inner_optimizer, Optimizer):
            raise wrong_type(type(self).__name__, f"inner_optimizer must be an optimizer, got {inner_optimizer!r}")
        if kwargs:
            raise invalid(type(self).__name__, f"unknown arguments {sorted(kwargs)}; settings such as clipping and decay belong to the "
                                               "inner optimizer")
        self.inner_optimizer: Optimizer = inner_optimizer
        super().__init__(0.0, name=name)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments, without those of `Optimizer`: they are the inner optimizer's."""
        declared_by = constructor_parameters(type(self))  # type: ignore[arg-type]  # classes are hashable
        return {name: value for name, value in super().get_config().items() if declared_by[name] is not Optimizer}

    def build(self, var_list: Sequence[Variable]) -> None:
        """Make the slots of the inner optimizer."""
        if not self.built:
            self.inner_optimizer.build(var_list)
            for own in super().variables:
                if self.inner_optimizer.trained and own.engine is not self.inner_optimizer.trained[0].engine:
                    own.move(self.inner_optimizer.trained[0].engine)
            self.built = True

    @property
    def trained(self) -> list[Variable]:
        """The variables that it was built for."""
        return self.inner_optimizer.trained

    @property
    def variables(self) -> list[Variable]:
        """Its own variables and those of the inner optimizer."""
        return [*super().variables, *self.inner_optimizer.variables]

    @property
    def iterations(self) -> Any:
        """Number of updates so far."""
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self.inner_optimizer.iterations = value

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def program_key(self) -> tuple[Any, ...]:
        """Another one wherever a compiled step would be another one."""
        return self._iterations.key, *self.inner_optimizer.program_key

    def scale_loss(self, loss: Any) -> Any:
        """`loss` times the loss scale of the inner optimizer."""
        return self.inner_optimizer.scale_loss(loss)

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Change the variables by one step of the inner optimizer."""
        variables = self._prepared(trainable_variables)
        self.inner_optimizer.apply(grads, variables)

    def apply_accumulated(self) -> None:
        """Let the inner optimizer make an update with the gradients gathered since the last one."""
        self.inner_optimizer.apply_accumulated()

    @property
    def _weights_gathered(self) -> list[Variable]:
        return self.inner_optimizer._weights_gathered

    def _number_gathered(self) -> Any:
        return self.inner_optimizer._number_gathered()

    def _has_leftovers(self) -> bool:
        return self.inner_optimizer._has_leftovers()

    def _prepared(self, trainable_variables: Sequence[Variable] | None) -> list[Variable]:
        """The variables of a call of `apply`; builds the optimizer, if there are any."""
        if trainable_variables is None and not self.built:
            raise invalid(f"{self.name}.apply", "which variables? Give them, or build the optimizer first: optimizer.build(variables)")
        variables = list(trainable_variables) if trainable_variables is not None else self.trained
        if variables:
            self.build(variables)
        return variables

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable as the inner optimizer does."""
        self.inner_optimizer.update_step(gradient, variable, learning_rate)

    def exclude_from_weight_decay(self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None) -> None:
        """Leave variables out of the weight decay of the inner optimizer."""
        self.inner_optimizer.exclude_from_weight_decay(var_list, var_names)

    def _use_weight_decay(self, variable: Variable) -> bool:
        return self.inner_optimizer._use_weight_decay(variable)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """At the end of training: replace the variables by their moving averages, where the inner optimizer keeps them."""
        self.inner_optimizer.finalize_variable_values(var_list)
