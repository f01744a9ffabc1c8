"""Loops and branches in a trained model: compiled and differentiated they train as on the NumPy engine, which runs them eagerly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import ops
from keras_lite.engine import registry

STEPS, FEATURES, UNITS = 7, 3, 4
Cell = Callable[[Any, Any, Any, Any], Any]


class Recurrent(keras.Layer):
    """An LSTM as a scan over the time steps; masked ones pass the state on."""

    def __init__(self, cell: Cell, **kwargs: Any):
        super().__init__(**kwargs)
        self.cell = cell
        self.seed_generator = keras.random.SeedGenerator(5)

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight((FEATURES, 4 * UNITS), name="kernel")
        self.recurrent = self.add_weight((UNITS, 4 * UNITS), name="recurrent")
        self.turns = self.add_weight((), initializer="zeros", trainable=False, name="turns")

    def call(self, x: Any, mask: Any = None) -> Any:
        mask = ops.expand_dims(ops.any(ops.not_equal(x, 0.0), axis=-1), -1)

        def step(carry: Any, row: Any) -> Any:
            (h, c), (inputs, present) = carry, row
            self.turns.assign_add(1.0)
            new_h, new_c = self.cell(self, ops.matmul(inputs, self.kernel), h, c)
            h, c = ops.where(present, new_h, h), ops.where(present, new_c, c)
            return (h, c), h

        start = ops.zeros((ops.shape(x)[0], UNITS))
        (h, _), ys = ops.scan(step, (start, start), (ops.swapaxes(x, 0, 1), ops.swapaxes(mask, 0, 1)))
        return h + ops.mean(ys, axis=0)


def lstm(layer: Any, z: Any, h: Any, c: Any) -> Any:
    i, f, g, o = ops.split(z + ops.matmul(h, layer.recurrent), 4, axis=-1)
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
    return ops.sigmoid(o) * ops.tanh(c), c


def with_draws(layer: Any, z: Any, h: Any, c: Any) -> Any:
    return lstm(layer, z, keras.random.dropout(h, 0.3, seed=layer.seed_generator), c)


def with_branch(layer: Any, z: Any, h: Any, c: Any) -> Any:
    return ops.cond(ops.sum(z) > 0.0, lambda: lstm(layer, z, h, c), lambda: (ops.tanh(h + ops.sum(layer.recurrent)), c))


def with_loop(layer: Any, z: Any, h: Any, c: Any) -> Any:
    def halve(i: Any, h: Any) -> Any:
        return i + 1, h * 0.5 * ops.mean(ops.square(layer.recurrent))

    _, h = ops.while_loop(lambda i, h: ops.sum(ops.abs(h)) > 0.1, halve, (0, h), maximum_iterations=3)
    return lstm(layer, z, h, c)


def with_scan(layer: Any, z: Any, h: Any, c: Any) -> Any:
    h, _ = ops.scan(lambda h, w: (h + 0.1 * ops.tanh(w[:UNITS]), None), h, layer.recurrent)
    return lstm(layer, z, h, c)


def trained(cell: Cell) -> tuple[list[float], list[np.ndarray]]:
    """Losses and weights after two epochs."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, STEPS, FEATURES)).astype("float32"), rng.normal(size=(12, 1)).astype("float32")
    x[::2, 4:] = 0
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((STEPS, FEATURES)), Recurrent(cell), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    losses = model.fit(x, y, batch_size=4, epochs=2, verbose=0).history["loss"]
    return losses, model.get_weights()


@pytest.mark.parametrize("cell", [lstm, with_draws, with_branch, with_loop, with_scan])
def test_training_is_that_of_numpy(engine: Any, cell: Cell) -> None:
    losses, weights = trained(cell)
    with registry.using("numpy"):
        expected_losses, expected_weights = trained(cell)
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    for x, expected in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(x, expected, rtol=1e-4, atol=1e-5)
