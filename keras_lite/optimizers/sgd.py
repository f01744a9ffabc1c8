"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.ops import updates
from keras_lite.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """`v <- momentum v - lr g`, `w <- w + v` (with `nesterov`, `w <- w + momentum v - lr g`).

    Args:
        learning_rate: step size.
        momentum: share of the last step that is kept.
        nesterov: whether to look ahead (Sutskever et al. 2013).
        The others are those of `Optimizer`.
    """

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, weight_decay: float | None = None,
                 clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None,
                 use_ema: bool = False, ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None,
                 loss_scale_factor: float | None = None, gradient_accumulation_steps: int | None = None, name: str | None = None,
                 **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        if not 0 <= momentum <= 1:
            raise invalid("SGD", f"momentum must lie in [0, 1], got {momentum!r}")
        self.momentum, self.nesterov = momentum, nesterov
        self.slots = (("momentum",),) if momentum else ()

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        velocities = slots.get("momentum")
        params, velocities = updates.sgd_update(params, grads, velocities, learning_rate, self.momentum, self.nesterov)
        return params, {"momentum": velocities} if slots else {}
