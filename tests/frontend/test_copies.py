"""deepcopy, pickle and `to_backend` of models with the user's own parts."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from tests.conftest import ENGINES

X = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
Y = np.random.default_rng(1).normal(size=(16, 2)).astype("float32")


class Scale(layers.Layer):
    """A user's layer, not registered."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((input_shape[-1],), "ones")

    def call(self, x: Any) -> Any:
        return x * self.scale


def shifted(x: Any) -> Any:
    return x + 1.0


def _model(activation: Any = shifted) -> Any:
    model = keras.Sequential([keras.Input((4,)), Scale(), layers.Dense(3, activation=activation), layers.BatchNormalization(),
                              layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, verbose=0)
    return model


def _pickled(x: Any) -> Any:
    return pickle.loads(pickle.dumps(x))


@pytest.mark.parametrize("how", [copy.deepcopy, _pickled])
def test_models(engine: Any, how: Any) -> None:
    """A copy predicts the same, trains on alike, and leaves the original alone."""
    model = _model()
    before = model.get_weights()
    other = how(model)
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    losses = [m.fit(X, Y, verbose=0, epochs=2, shuffle=False).history["loss"] for m in (other,)]
    np.testing.assert_array_equal(before[0], model.get_weights()[0])
    np.testing.assert_allclose(losses[0], model.fit(X, Y, verbose=0, epochs=2, shuffle=False).history["loss"], rtol=1e-6)
    assert int(other.optimizer.iterations) == int(model.optimizer.iterations)


@pytest.mark.parametrize("target", ENGINES)
def test_own_parts_move(engine: Any, target: str) -> None:
    """Classes that are not registered, functions and lambdas go along to another engine."""
    model = _model(lambda x: x * 2.0)
    moved = model.to_backend(target)
    assert moved.engine.name == target
    np.testing.assert_allclose(moved.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("how", [copy.deepcopy, copy.copy, _pickled])
def test_variables_and_layers(engine: Any, how: Any) -> None:
    variable = keras.Variable([1.0, 2.0], name="v", trainable=False)
    other = how(variable)
    assert other.key != variable.key and (other.path, other.trainable, other.engine) == (variable.path, False, variable.engine)
    other.assign([3.0, 4.0])
    assert variable.numpy().tolist() == [1.0, 2.0]
    layer = layers.Dense(3)
    assert not how(layer).built
    layer(X)
    np.testing.assert_array_equal(how(layer).get_weights()[0], layer.get_weights()[0])


class _MadeAtOnce(layers.Layer):
    """A layer with variables from its constructor on."""

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units
        self.kernel = self.add_weight((4, units))

    def call(self, x: Any) -> Any:
        return ops.matmul(x, self.kernel)


@pytest.mark.parametrize("how", [copy.deepcopy, copy.copy, _pickled])
def test_variables_made_by_the_constructor(engine: Any, how: Any) -> None:
    layer = _MadeAtOnce(3)
    layer(X)
    np.testing.assert_array_equal(how(layer).get_weights()[0], layer.get_weights()[0])
