"""A step that fails while it runs leaves the model as the last complete step left it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers
from tests.training.models import flowers


def _raise_at(count: int) -> Any:
    seen: list[int] = []

    def check(x: Any) -> Any:
        seen.append(1)
        if len(seen) >= count:
            raise ArithmeticError("the user's own function")
        return np.asarray(x)

    return check


def _calls_back(engine: Any, check: Any) -> Any:
    """The identity, by way of a Python function that the engine calls while the program runs."""
    if engine.name == "jax":
        import jax

        @jax.custom_jvp
        def call(x: Any) -> Any:
            return jax.pure_callback(check, jax.ShapeDtypeStruct(x.shape, x.dtype), x, vmap_method="sequential")

        call.defjvp(lambda primals, tangents: (call(*primals), tangents[0]))
        return call
    if engine.name == "tensorflow":
        import tensorflow as tf

        return lambda x: tf.ensure_shape(tf.numpy_function(check, [x], x.dtype), x.shape)
    pytest.skip("has no Python callbacks in compiled programs")


def test_weights_survive(engine: Any) -> None:
    call = _calls_back(engine, _raise_at(4))

    class Checked(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return call(x)

        def compute_output_shape(self, shape: Any) -> Any:
            return shape

    x, y = flowers(32)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layers.Input((4,)), Checked(), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    first = model.get_weights()
    with pytest.raises(Exception, match="the user's own function"):
        model.fit(x, y, batch_size=8, epochs=5, verbose=0)
    assert all(np.isfinite(w).all() for w in model.get_weights())
    assert not np.array_equal(first[0], model.get_weights()[0])
