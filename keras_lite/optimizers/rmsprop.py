"""RMSprop."""

from __future__ import annotations

from typing import Any

from keras_lite.ops import updates
from keras_lite.optimizers.checks import check_not_negative, check_share
from keras_lite.optimizers.listwise import Listwise


class RMSprop(Listwise):
    """Gradients divided by the root of the moving average of their squares (Hinton, Coursera lecture 6, 2012).

    Args:
        learning_rate: step size.
        rho: momentum of the average of the squares.
        momentum: share of the last step that is kept.
        epsilon: added to the average.
        centered: whether the square of the average gradient is taken off (Graves 2013).
        The others are those of `Optimizer`.
    """

    def __init__(self, learning_rate: Any = 0.001, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7, centered: bool = False,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        check_share("RMSprop", rho=rho, momentum=momentum)
        check_not_negative("RMSprop", epsilon=epsilon)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered
        self.slots = (("velocity",), *([("momentum",)] if momentum > 0 else []), *([("average_gradient",)] if centered else []))

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, *new = updates.rmsprop_update(params, grads, slots["velocity"], slots.get("momentum"), slots.get("average_gradient"),
                                              learning_rate, self.rho, self.momentum, self.epsilon)
        named = dict(zip(("velocity", "momentum", "average_gradient"), new, strict=True))
        return params, {name: named[name] for name in slots}
