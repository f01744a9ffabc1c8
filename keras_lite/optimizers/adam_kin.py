"""Adamax, Nadam and schedule-free Adam."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.ops import updates
from keras_lite.optimizers.checks import check_not_negative, check_share
from keras_lite.optimizers.listwise import Listwise
from keras_lite.state.variable import Variable


class Adamax(Listwise):
    """Adam with the largest absolute value of the gradients instead of their squares (Kingma and Ba 2014, section 7.1).

    Args:
        learning_rate: step size.
        beta_1, beta_2: momenta of the average and of the largest value.
        epsilon: added to the largest value.
        The others are those of `Optimizer`.
    """

    slots = (("momentum", "norm"),)

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        check_share("Adamax", beta_1=beta_1, beta_2=beta_2)
        check_not_negative("Adamax", epsilon=epsilon)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, *new = updates.adamax_update(params, grads, slots["momentum"], slots["norm"], self._step_number(), learning_rate,
                                             self.beta_1, self.beta_2, self.epsilon)
        return params, dict(zip(self.slots[0], new, strict=True))


class Nadam(Listwise):
    """Adam with Nesterov's momentum, which grows from step to step (Dozat 2016).

    Args:
        learning_rate: step size.
        beta_1, beta_2: momenta of the averages.
        epsilon: added to the root.
        The others are those of `Optimizer`.
    """

    slots = (("momentum", "velocity"),)

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        check_share("Nadam", beta_1=beta_1, beta_2=beta_2)
        check_not_negative("Nadam", epsilon=epsilon)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        super().build(var_list)
        with registry.using(self._iterations.engine):
            self._product = Variable(1.0, dtype="float32", trainable=False, autocast=False, aggregation="only_first_replica")
        self._added.append(self._product)  # in Keras's files it comes last and has no name of its own

    def _next_product(self) -> Any:
        return ops.multiply(self._product, updates.nadam_momentum(self._step_number(), self.beta_1))

    def _end_of_step(self) -> None:
        self._product.assign(self._next_product())

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, *new = updates.nadam_update(params, grads, slots["momentum"], slots["velocity"], self._next_product(), self._step_number(),
                                            learning_rate, self.beta_1, self.beta_2, self.epsilon)
        return params, dict(zip(self.slots[0], new, strict=True))


class ScheduleFreeAdamW(Listwise):
    """Adam whose averages of the weights stand for a schedule of the learning rate (Defazio et al. 2024).

    Args:
        learning_rate: step size.
        beta_1: share of the average of all weights so far in the weights at which gradients are taken.
        beta_2: momentum of the average of squares.
        epsilon: added to the root.
        warmup_steps: number of steps in which the learning rate grows to its value.
        The others are those of `Optimizer`.

    Three points belong to each variable: y, at which gradients are taken; the base point z, which takes the steps; and x, the average of
    all z so far, at which the paper evaluates.  As in Keras the variables hold y, in validation and after training too, and the slots
    "momentum" hold z.  `y = beta_1 * x + (1 - beta_1) * z`, so x can be had at any time, and with `beta_1` of 0.9 it is near y:

    >>> import keras_lite
    >>> variable = keras_lite.Variable([0.0])
    >>> optimizer = ScheduleFreeAdamW(1.0, beta_1=0.5)
    >>> for gradient in (1.0, 1.0):
    ...     optimizer.apply([keras_lite.ops.full((1,), gradient)], [variable])
    >>> y, z = variable.numpy(), optimizer.variables[2].numpy()
    >>> x = (y - 0.5 * z) / 0.5
    >>> [round(float(point[0]), 4) for point in (z, x, y)]  # z was -1 and is -2
    [-2.0, -1.5, -1.75]
    """

    slots = (("momentum", "velocity"),)

    def __init__(self, learning_rate: Any = 0.0025, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8,
                 warmup_steps: int = 0,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        check_share("ScheduleFreeAdamW", beta_1=beta_1, beta_2=beta_2)
        check_not_negative("ScheduleFreeAdamW", epsilon=epsilon, warmup_steps=warmup_steps)
        self.beta_1, self.beta_2, self.epsilon, self.warmup_steps = beta_1, beta_2, epsilon, warmup_steps

    def _make_slot(self, name: str, variable: Any) -> Any:
        slot = self.add_variable_from_reference(variable, name)
        if name == "momentum":  # the base point, which begins at the variable
            slot.assign(variable.value)
        return slot

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, *new = updates.schedule_free_update(params, grads, slots["momentum"], slots["velocity"], self._step_number(), learning_rate,
                                                    self.beta_1, self.beta_2, self.epsilon, self.warmup_steps)
        return params, dict(zip(self.slots[0], new, strict=True))
