"""Lion."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.ops import updates
from keras_lite.optimizers.checks import check_share
from keras_lite.optimizers.listwise import Listwise


class Lion(Listwise):
    """Steps along the sign of the average gradient (Chen et al. 2023); it wants a learning rate 3 to 10 times smaller than Adam's.

    Args:
        learning_rate: size of the steps.
        beta_1: share of the average in the direction of a step.
        beta_2: momentum of the average.
        The others are those of `Optimizer`.
    """

    slots = (("momentum",),)

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        if not 0 < beta_1 <= 1:
            raise invalid("Lion", f"beta_1 must lie in (0, 1], got {beta_1!r}; with 0 only the sign of the present gradient counts")
        check_share("Lion", beta_2=beta_2)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, momenta = updates.lion_update(params, grads, slots["momentum"], learning_rate, self.beta_1, self.beta_2)
        return params, {"momentum": momenta}
