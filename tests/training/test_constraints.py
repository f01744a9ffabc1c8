"""Constraints together with gradient accumulation and moving averages, in the order in which Keras does them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras

X, Y = np.array([[1, 0], [0, 2], [3, 1], [0, 4]], "float32"), np.array([0, 1, 0, 1], "float32")
RATE, MOMENTUM = 0.1, 0.5


def _kernels(steps: int, constraint: Any, **arguments: Any) -> list[np.ndarray]:
    """The kernel after each step of one row."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False, kernel_constraint=constraint)])
    model.set_weights([np.array([[3.0], [3.0]])])
    model.compile(keras.optimizers.SGD(RATE, ema_momentum=MOMENTUM, **arguments), "mse")
    found = []
    for i in range(steps):
        model.train_on_batch(X[i % 4:i % 4 + 1], Y[i % 4:i % 4 + 1])
        found.append(model.get_weights()[0].ravel())
    return found


def _expected(steps: int, constrained: Any, every: int, use_ema: bool, overwrite: int | None) -> list[np.ndarray]:
    """The same in plain NumPy: update, average, constrain, at each step."""
    w, average, total, found = np.full(2, 3.0), np.zeros(2), np.zeros(2), []
    for i in range(steps):
        x, y, update = X[i % 4], Y[i % 4], i // every
        total = total + 2 * (x @ w - y) * x
        if (i + 1) % every == 0:
            w, total = w - RATE * total / every, np.zeros(2)
        if use_ema:
            average = w if update == 0 else MOMENTUM * average + (1 - MOMENTUM) * w
            if overwrite and (update + 1) % overwrite == 0:
                w = average
        w = constrained(w)
        found.append(w)
    return found


RULES: dict[str, tuple[Any, Any]] = {
    "max_norm": (keras.constraints.MaxNorm(1.0), lambda w: w * min(1.0, 1.0 / np.linalg.norm(w))),
    "non_neg": (keras.constraints.NonNeg(), lambda w: np.maximum(w, 0)),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("every", "use_ema", "overwrite"),
                         [(1, False, None), (2, False, None), (1, True, 2), (2, True, 2), (3, True, None)])
def test_constraint_comes_last(engine: Any, rule: str, every: int, use_ema: bool, overwrite: int | None) -> None:
    """After every step the constraint holds; the average is of what was there before it."""
    constraint, constrained = RULES[rule]
    steps = 7
    arguments = {"gradient_accumulation_steps": every if every > 1 else None, "use_ema": use_ema, "ema_overwrite_frequency": overwrite}
    found = _kernels(steps, constraint, **arguments)
    np.testing.assert_allclose(found, _expected(steps, constrained, every, use_ema, overwrite), rtol=1e-5, atol=1e-6)


def test_values_of_keras(engine: Any) -> None:
    """Numbers that Keras 3.15.1 gave."""
    np.testing.assert_allclose(_kernels(1, keras.constraints.MaxNorm(1.0), gradient_accumulation_steps=2)[0], [0.7071, 0.7071], atol=1e-4)
    averaged = _kernels(2, keras.constraints.MaxNorm(1.0), use_ema=True, ema_overwrite_frequency=2)
    np.testing.assert_allclose(averaged[1], [0.6479, 0.7617], atol=1e-4)
