"""What is changed between and during two fits takes effect; what one model does leaves the others alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers

rng = np.random.default_rng(0)
X = rng.normal(size=(64, 5)).astype("float32")
Y = rng.normal(size=(64, 1)).astype("float32")


def _line(**compile_arguments: Any) -> Any:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5,)), layers.Dense(1)])
    model.compile(**{"optimizer": keras.optimizers.SGD(0.1), "loss": "mse", **compile_arguments})
    return model


def test_a_compiled_model_inside_another(engine: Any) -> None:
    """The outer loss is the outer model's, and the inner model's sums are its own."""
    inner = keras.Sequential([keras.Input((5,)), layers.Dense(3)])
    inner.compile("sgd", "mse", metrics=["mae"])
    outer = keras.Sequential([keras.Input((5,)), inner, layers.Dense(1)])
    outer.compile("sgd", "mse")
    assert [m.name for m in outer.metrics] == ["loss"]
    logs = outer.evaluate(X, Y, verbose=0, return_dict=True)
    np.testing.assert_allclose(logs["loss"], np.square(outer.predict(X, verbose=0) - Y).mean(), rtol=1e-5)


def test_layers_added_after_a_prediction(engine: Any) -> None:
    model = _line()
    assert model.predict(X, verbose=0).shape == (64, 1)
    model.add(layers.Dense(2))
    assert model.predict(X, verbose=0).shape == (64, 2)
    model.pop()
    assert model.predict(X, verbose=0).shape == (64, 1)


@pytest.mark.parametrize("change", ["schedule", "optimizer"])
def test_a_new_rule_between_fits(engine: Any, change: str) -> None:
    """A schedule, or another optimizer, in place of the old one: a rate of 0 moves nothing."""
    model = _line()
    model.fit(X, Y, verbose=0)
    if change == "schedule":
        model.optimizer.learning_rate = lambda step: 0.0
    else:
        model.optimizer = keras.optimizers.SGD(0.0)
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_freezing_a_layer_without_weights_to_train(engine: Any) -> None:
    """A frozen BatchNormalization uses its moving averages from the next fit on."""
    model = keras.Sequential([keras.Input((5,)), layers.BatchNormalization(scale=False, center=False), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = False
    before = model.layers[0].get_weights()
    loss = model.fit(X, Y, verbose=0).history["loss"][0]
    np.testing.assert_array_equal(before[0], model.layers[0].get_weights()[0])
    np.testing.assert_allclose(loss, np.square(model.predict(X, verbose=0) - Y).mean(), rtol=1e-5)


def test_a_train_step_of_the_instance(engine: Any) -> None:
    model, seen = _line(), []
    standard = model.train_step

    def step(data: Any) -> Any:
        seen.append(1)
        return standard(data)

    model.train_step = step
    model.fit(X, Y, verbose=0)
    assert seen


def test_a_frozen_model_has_a_loss(engine: Any) -> None:
    model = _line()
    model.trainable = False
    before = model.get_weights()
    loss = model.fit(X, Y, verbose=0).history["loss"][0]
    np.testing.assert_allclose(loss, np.square(model.predict(X, verbose=0) - Y).mean(), rtol=1e-5)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_fit_inside_a_callback(engine: Any) -> None:
    """The outer `fit` returns its own history."""
    model = _line()
    inner: list[Any] = []

    class Nested(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                inner.append(model.fit(X, Y, epochs=2, verbose=0))

    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[Nested()])
    assert history.epoch == [0, 1, 2] and inner[0].epoch == [0, 1] and model.history is history


def test_evaluate_inside_an_epoch(engine: Any) -> None:
    """The mean over the epoch goes on where it stood."""
    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.evaluate(X[:8], Y[:8], verbose=0)

    plain, watched = (_line().fit(X, Y, batch_size=16, verbose=0, shuffle=False, callbacks=c).history["loss"] for c in ([], [Watch()]))
    np.testing.assert_allclose(plain, watched, rtol=1e-6)
