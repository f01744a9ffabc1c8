"""Adagrad, Adadelta and FTRL: step sizes from the squares of all gradients so far."""

from __future__ import annotations

from typing import Any

from keras_lite import initializers
from keras_lite.engine.errors import invalid
from keras_lite.ops import updates
from keras_lite.optimizers.checks import check_not_negative, check_share
from keras_lite.optimizers.listwise import Listwise


class Adagrad(Listwise):
    """`a <- a + g**2`, `w <- w - lr g / sqrt(a + epsilon)` (Duchi et al. 2011).

    Args:
        learning_rate: step size.
        initial_accumulator_value: first value of the sums of squares.
        epsilon: added to the sums.
        The others are those of `Optimizer`.
    """

    slots = (("accumulator",),)

    def __init__(self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        check_not_negative("Adagrad", epsilon=epsilon, initial_accumulator_value=initial_accumulator_value)
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def _make_slot(self, name: str, variable: Any) -> Any:
        return self.add_variable_from_reference(variable, name, initializers.Constant(self.initial_accumulator_value))

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, sums = updates.adagrad_update(params, grads, slots["accumulator"], learning_rate, self.epsilon)
        return params, {"accumulator": sums}


class Adadelta(Listwise):
    """Gradients in units of the steps before (Zeiler 2012), so that the learning rate has no unit; 1.0 is the paper's.

    Args:
        learning_rate: factor of the steps.
        rho: momentum of the averages of squares.
        epsilon: added to the averages.
        The others are those of `Optimizer`.
    """

    slots = (("accumulated_grad", "accumulated_delta_var"),)

    def __init__(self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        check_share("Adadelta", rho=rho)
        check_not_negative("Adadelta", epsilon=epsilon)
        self.rho, self.epsilon = rho, epsilon

    def update_step(self, grad: Any, variable: Any, learning_rate: Any) -> None:
        """Change one variable and its slots along its gradient, which has this name in Keras here."""
        super().update_step(grad, variable, learning_rate)

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, *new = updates.adadelta_update(params, grads, slots["accumulated_grad"], slots["accumulated_delta_var"], learning_rate,
                                               self.rho, self.epsilon)
        return params, dict(zip(self.slots[0], new, strict=True))


class Ftrl(Listwise):
    """Follow the regularized leader (McMahan et al. 2013): many weights become exactly 0.

    Args:
        learning_rate: step size.
        learning_rate_power: power of the sum of squares by which the step size falls; 0 keeps it.
        initial_accumulator_value: first value of the sums of squares.
        l1_regularization_strength: size below which the sum of gradients leaves a weight at 0.
        l2_regularization_strength: penalty of the squares.
        l2_shrinkage_regularization_strength: penalty of the squares by way of the gradient.
        beta: added to the root of the sums, as in the paper.
        The others are those of `Optimizer`.
    """

    slots = (("accumulator", "linear"),)

    def __init__(self, learning_rate: Any = 0.001, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
                 l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
                 l2_shrinkage_regularization_strength: float = 0.0, beta: float = 0.0,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        if not learning_rate_power <= 0:
            raise invalid("Ftrl", f"learning_rate_power must not be positive, got {learning_rate_power!r}")
        check_not_negative("Ftrl", initial_accumulator_value=initial_accumulator_value, beta=beta,
                           l1_regularization_strength=l1_regularization_strength, l2_regularization_strength=l2_regularization_strength,
                           l2_shrinkage_regularization_strength=l2_shrinkage_regularization_strength)
        self.learning_rate_power, self.initial_accumulator_value, self.beta = learning_rate_power, initial_accumulator_value, beta
        self.l1_regularization_strength, self.l2_regularization_strength = l1_regularization_strength, l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength

    def _make_slot(self, name: str, variable: Any) -> Any:
        first = initializers.Constant(self.initial_accumulator_value) if name == "accumulator" else "zeros"
        return self.add_variable_from_reference(variable, name, first)

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, *new = updates.ftrl_update(params, grads, slots["accumulator"], slots["linear"], learning_rate, self.learning_rate_power,
                                           self.l1_regularization_strength, self.l2_regularization_strength,
                                           self.l2_shrinkage_regularization_strength, self.beta)
        return params, dict(zip(self.slots[0], new, strict=True))
