"""Optimizers that look at a variable as a whole: at its norm, or at its rows and columns."""

from __future__ import annotations

import re
from typing import Any

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import updates
from keras_lite.ops.facts import rank_of
from keras_lite.optimizers.checks import check_not_negative, check_pattern, check_positive, check_share
from keras_lite.optimizers.listwise import Listwise
from keras_lite.optimizers.optimizer import Row
from keras_lite.state.variable import Variable


class Lamb(Listwise):
    """Adam whose steps are as long as the variables, for large batches (You et al. 2019).

    Args:
        learning_rate: step size, relative to the norm of each variable.
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
        check_share("Lamb", beta_1=beta_1, beta_2=beta_2)
        check_not_negative("Lamb", epsilon=epsilon)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, *new = updates.lamb_update(params, grads, slots["momentum"], slots["velocity"], self._step_number(), learning_rate,
                                           self.beta_1, self.beta_2, self.epsilon)
        return params, dict(zip(self.slots[0], new, strict=True))


class Adafactor(Listwise):
    """Adam without momentum, whose averages of squares are kept for rows and columns alone (Shazeer and Stern 2018).

    Args:
        learning_rate: step size, relative to the root mean square of each variable.
        beta_2_decay: power of the step number in the momentum of the averages.
        epsilon_1: added to the squares.
        epsilon_2: smallest root mean square of a variable that counts.
        clip_threshold: largest root mean square of a step.
        relative_step: whether the step size is at most `1 / sqrt(step)`.
        The others are those of `Optimizer`.
    """

    slots = (("r", "c", "velocity"),)

    def __init__(self, learning_rate: Any = 0.001, beta_2_decay: float = -0.8, epsilon_1: float = 1e-30, epsilon_2: float = 1e-3,
                 clip_threshold: float = 1.0, relative_step: bool = True,
                 weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
                 global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
                 ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
                 gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        check_positive("Adafactor", clip_threshold=clip_threshold)
        check_not_negative("Adafactor", epsilon_1=epsilon_1, epsilon_2=epsilon_2)
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step

    def _make_slot(self, name: str, variable: Variable) -> Variable | None:
        if name == "velocity":
            return self.add_variable_from_reference(variable, name)
        if variable.ndim > 1:
            gone = -1 if name == "r" else -2
            shape = [size for i, size in enumerate(variable.shape) if i != variable.ndim + gone]
            return self._beside(variable, variable.name, shape)
        with registry.using(variable.engine):  # Keras's files hold a number in the place of rows and columns
            self._added.append(Variable(0, dtype="int32", trainable=False, autocast=False, name=variable.name))
        return None

    def _parts(self, rows: list[Row]) -> list[list[Row]]:
        return _split(rows, lambda variable: variable.ndim > 1)

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        params, *new = updates.adafactor_update(
            params, grads, slots.get("r"), slots.get("c"), slots["velocity"], self._step_number(), learning_rate, self.beta_2_decay,
            self.epsilon_1, self.epsilon_2, self.clip_threshold, self.relative_step)
        return params, dict(zip(self.slots[0], new, strict=True))


class Muon(Listwise):
    """Momentum with orthogonalized steps for matrices (Jordan et al. 2024, Liu et al. 2025), and Adam for all other variables.

    Args:
        learning_rate: step size.
        adam_beta_1, adam_beta_2, adam_weight_decay, epsilon: arguments of Adam for what is no matrix.
        weight_decay: share of each matrix that is taken off at each step (times the learning rate).
        exclude_layers: regular expressions; a matrix in whose path one is found is left to Adam.
        exclude_embeddings: whether matrices with "embedding" in their path are left to Adam.
        muon_a, muon_b, muon_c: coefficients of the iteration that makes steps orthogonal.
        adam_lr_ratio: Adam's learning rate in units of `learning_rate`.
        momentum: share of the last step that is kept.
        ns_steps: number of turns of that iteration.
        nesterov: whether to look ahead.
        rms_rate: root mean square of a step for matrices, 0.2 being that of Adam; None leaves the steps orthogonal.
        The others are those of `Optimizer`.
    """

    slots = (("momentum", "velocity"),)

    def __init__(self, learning_rate: Any = 0.001, adam_beta_1: float = 0.9, adam_beta_2: float = 0.999,
                 adam_weight_decay: float | None = 0.004, epsilon: float = 1e-7, weight_decay: float | None = 0.004,
                 clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None,
                 use_ema: bool = False, ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None,
                 loss_scale_factor: float | None = None, gradient_accumulation_steps: int | None = None, name: str | None = None,
                 exclude_layers: Any = None, exclude_embeddings: bool = True, muon_a: float = 3.4445, muon_b: float = -4.775,
                 muon_c: float = 2.0315, adam_lr_ratio: float = 1, momentum: float = 0.95, ns_steps: int = 5, nesterov: bool = True,
                 rms_rate: float | None = 0.2, **kwargs: Any):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        if isinstance(exclude_layers, str) or not all(isinstance(name, str) for name in exclude_layers or []):
            raise wrong_type("Muon", f"exclude_layers must be a list of regular expressions, got {exclude_layers!r}")
        for pattern in exclude_layers or []:
            check_pattern("Muon", pattern)
        check_share("Muon", adam_beta_1=adam_beta_1, adam_beta_2=adam_beta_2, momentum=momentum)
        check_not_negative("Muon", epsilon=epsilon, adam_weight_decay=adam_weight_decay, ns_steps=ns_steps)
        self.adam_beta_1, self.adam_beta_2, self.adam_weight_decay, self.epsilon = adam_beta_1, adam_beta_2, adam_weight_decay, epsilon
        self.exclude_layers, self.exclude_embeddings = list(exclude_layers or []), exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c, self.adam_lr_ratio = muon_a, muon_b, muon_c, adam_lr_ratio
        self.momentum, self.ns_steps, self.nesterov, self.rms_rate = momentum, ns_steps, nesterov, rms_rate

    def _is_for_muon(self, variable: Variable) -> bool:
        excluded = self.exclude_embeddings and "embedding" in variable.path.lower()
        return variable.ndim == 2 and not excluded and not any(re.search(name, variable.path) for name in self.exclude_layers)

    def _make_slot(self, name: str, variable: Variable) -> Variable | None:
        return None if name == "velocity" and self._is_for_muon(variable) else super()._make_slot(name, variable)

    def _parts(self, rows: list[Row]) -> list[list[Row]]:
        return _split(rows, self._is_for_muon)

    def _decay_of(self, variable: Variable) -> float | None:
        return self.weight_decay if self._is_for_muon(variable) else self.adam_weight_decay

    def update(self, params: Any, grads: Any, slots: Any, learning_rate: Any) -> Any:
        if "velocity" in slots:
            rate = ops.multiply(learning_rate, self.adam_lr_ratio)
            params, momenta, velocities, _ = updates.adam_update(
                params, grads, slots["momentum"], slots["velocity"], None, self._step_number(), rate, self.adam_beta_1, self.adam_beta_2,
                self.epsilon)
            return params, {"momentum": momenta, "velocity": velocities}
        params, momenta = updates.muon_update(params, grads, slots["momentum"], learning_rate, self.momentum, self.nesterov, self.ns_steps,
                                              self.muon_a, self.muon_b, self.muon_c, self.rms_rate)
        return params, {"momentum": momenta}

    def lr_adjust(self, x: Any) -> Any:
        """Steps of the root mean square `rms_rate`, from orthogonal ones."""
        return x if self.rms_rate is None else ops.multiply(x, self.rms_rate * max(ops.shape(x)[:2]) ** 0.5)

    def transpose_last_axis(self, X: Any) -> Any:  # the name in Keras
        """Matrices with rows and columns exchanged."""
        return ops.swapaxes(X, -1, -2)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Matrices with the singular vectors of `x` and singular values near 1."""
        x = ops.convert_to_tensor(x)
        if rank_of(x) < 2:
            raise invalid("zeropower_via_newtonschulz5", f"a matrix is needed, got shape {ops.shape(x)}")
        return updates.orthogonalized(x, steps, self.muon_a, self.muon_b, self.muon_c)


def _split(rows: list[Row], belongs: Any) -> list[list[Row]]:
    """The rows whose variables belong, and the others; none of the two is empty."""
    parts = [[row for row in rows if belongs(row.variable)], [row for row in rows if not belongs(row.variable)]]
    return [part for part in parts if part]
