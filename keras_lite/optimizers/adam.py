"""Adam and AdamW."""

from __future__ import annotations

from typing import Any

from keras_lite.ops import updates
from keras_lite.optimizers.checks import check_not_negative, check_share
from keras_lite.optimizers.listwise import Listwise


class Adam(Listwise):
    """Adaptive moments (Kingma and Ba 2014), with the bias correction in the step size.

    `m <- b1 m + (1-b1) g`, `v <- b2 v + (1-b2) g**2`, `w <- w - lr sqrt(1-b2**t)/(1-b1**t) m / (sqrt(v) + epsilon)`.

    Args:
        learning_rate: step size.
        beta_1, beta_2: momenta of the averages.
        epsilon: added to the root.
        amsgrad: divide by the largest average so far (Reddi et al. 2018).
        The others are those of `Optimizer`.
    """

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7, amsgrad: bool = False,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        check_share("Adam", beta_1=beta_1, beta_2=beta_2)
        check_not_negative("Adam", epsilon=epsilon)
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad
        self.slots = (("momentum", "velocity"), *([("velocity_hat",)] if amsgrad else []))

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, *new = updates.adam_update(params, grads, slots["momentum"], slots["velocity"], slots.get("velocity_hat"),
                                           self._step_number(), learning_rate, self.beta_1, self.beta_2, self.epsilon)
        named = dict(zip(("momentum", "velocity", "velocity_hat"), new, strict=True))
        return params, {name: named[name] for name in slots}


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019); arguments as in `Adam`."""

    def __init__(self, learning_rate: Any = 0.001, weight_decay: float = 0.004, beta_1: float = 0.9, beta_2: float = 0.999,
                 epsilon: float = 1e-7, amsgrad: bool = False, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
