"""Layers, losses and metrics that call their framework directly: in every kind of model they train as those of `ops` do."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from keras_lite.layers.probing import probed
from keras_lite.symbolic.spec import KerasTensor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 6)).astype("float32")
Y = (X[:, :1] * 2).astype("float32")


class Native(NamedTuple):
    """Functions of a framework."""

    matmul: Any
    relu: Any
    mean_square: Any  # of a difference, along the last axis


def native(engine: Any) -> Native:
    """The framework's own functions; where it does not take a variable itself, on its value."""
    if engine.name == "torch":
        import torch

        return Native(torch.matmul, torch.relu, lambda d: torch.mean(torch.square(d), -1))
    if engine.name == "tensorflow":
        import tensorflow as tf

        return Native(tf.matmul, tf.nn.relu, lambda d: tf.reduce_mean(tf.square(d), -1))
    if engine.name == "jax":
        import jax
        import jax.numpy as jnp

        return Native(lambda x, w: jnp.matmul(x, w.value), jax.nn.relu, lambda d: jnp.mean(jnp.square(d), -1))
    pytest.skip("NumPy's own functions have no derivatives")


class Through(layers.Layer):
    """`relu(x @ w)` by the given functions, with a count of the training steps."""

    def __init__(self, functions: Native, units: int = 8, **kwargs: Any):
        super().__init__(**kwargs)
        self.functions, self.units = functions, units

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight((input_shape[-1], self.units))
        self.count = self.add_weight((), initializer="zeros", trainable=False)

    def call(self, x: Any, training: bool = False) -> Any:
        if training:
            self.count.assign(self.count + 1)
        return self.functions.relu(self.functions.matmul(x, self.w))


class Stack(keras.Model):
    """A subclass that makes its layers first and calls a function of the framework between them."""

    def __init__(self, functions: Native):
        super().__init__()
        self.first, self.last, self.functions = Through(functions), layers.Dense(1), functions

    def call(self, x: Any, training: bool = False) -> Any:
        return self.last(self.functions.relu(self.first(x, training=training)))


def _functional(functions: Native) -> Any:
    x = keras.Input((6,))
    return keras.Model(x, layers.Dense(1)(Through(functions)(x)))


MODELS = {
    "sequential": lambda f: keras.Sequential([keras.Input((6,)), Through(f), layers.Dense(1)]),
    "sequential without input": lambda f: keras.Sequential([Through(f), layers.Dense(1)]),
    "functional": _functional, "subclass": Stack,
    "inner model": lambda f: keras.Sequential([keras.Input((6,)), keras.Sequential([Through(f)]), layers.Dense(1)]),
}
IN_OPS = Native(ops.matmul, ops.relu, lambda d: ops.mean(ops.square(d), -1))


def _trained(make: Any, functions: Native, **arguments: Any) -> tuple[Any, dict[str, Any]]:
    keras.utils.set_random_seed(0)
    model = make(functions)
    model.compile(**{"optimizer": "adam", "loss": "mse", **arguments})
    return model, model.fit(X, Y, batch_size=16, epochs=3, verbose=0, validation_split=0.25).history


@pytest.mark.parametrize("kind", MODELS)
def test_layers(engine: Any, kind: str) -> None:
    """Losses, counters and predictions are those of the same model in `ops`; no variable is left over from a trace."""
    functions = native(engine)
    (model, found), (twin, expected) = (_trained(MODELS[kind], f) for f in (functions, IN_OPS))
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5)
    np.testing.assert_allclose(model.predict(X, verbose=0), twin.predict(X, verbose=0), rtol=1e-4, atol=1e-6)
    counts = [float(v) for v in model.variables if v.shape == ()]
    assert counts == [6.0]
    assert all(np.isfinite(v.numpy()).all() for v in model.variables)


def test_unknown_sizes(engine: Any) -> None:
    """The output's shape knows what does not depend on the batch."""
    y = Through(native(engine), 5)(keras.Input((None, 6)))
    assert (y.shape, y.dtype) == ((None, None, 5), "float32")


def test_variables_made_while_a_call_is_described(engine: Any) -> None:
    """They hold real values: what `build` assigned, and what a first call made; loops with the framework's functions write them."""

    class Recurrent(layers.Layer):
        def __init__(self, functions: Native):
            super().__init__()
            self.functions, self.made = functions, None

        def build(self, input_shape: Any) -> None:
            self.bias, self.steps = self.add_weight((8,)), self.add_weight((), initializer="zeros", trainable=False)
            self.bias.assign(np.full(8, 0.5))

        def call(self, x: Any) -> Any:
            if self.made is None:
                self.made = self.add_weight((1, 8), name="made")

            def step(state: Any, row: Any) -> Any:
                self.steps.assign_add(1.0)
                return state * self.functions.relu(row) + self.bias, None

            rows = self.functions.matmul(ops.reshape(x, (-1, 1)), self.made)
            return ops.scan(step, ops.ones((8,)), rows)[0] + ops.zeros_like(x[:, :1])

    models = []
    for functions in (native(engine), IN_OPS):
        keras.utils.set_random_seed(0)
        layer = Recurrent(functions)
        model = keras.Sequential([layers.Dense(6), layer])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        models.append((model.fit(X[:8], np.repeat(Y[:8], 8, 1), batch_size=4, verbose=0).history["loss"][0], float(layer.steps)))
        np.testing.assert_array_equal(layer.bias.numpy(), np.full(8, 0.5))
        assert np.abs(layer.made.numpy()).min() > 0
    np.testing.assert_allclose(*models, rtol=1e-5)
    assert models[0][1] == 48.0


def test_losses_and_metrics(engine: Any) -> None:
    """Functions and classes that call the framework, for `fit`, `evaluate` and `train_on_batch`."""
    functions = native(engine)

    def loss(y_true: Any, y_pred: Any) -> Any:
        return functions.mean_square(y_pred - y_true)

    class Square(keras.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return functions.mean_square(y_true - y_pred)

    class Total(keras.metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="total")
            self.sum = self.add_variable((), "zeros", name="sum")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.sum.assign(self.sum + ops.mean(functions.mean_square(y_true - y_pred)))

        def result(self) -> Any:
            return functions.relu(self.sum.value)

    dense = lambda f: keras.Sequential([keras.Input((6,)), layers.Dense(1)])  # noqa: E731  # one expression, read in place
    _, expected = _trained(dense, functions, metrics=["mse"])
    for given in (loss, Square()):
        model, found = _trained(dense, functions, loss=given, metrics=[loss, Total()])
        np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-5)
        np.testing.assert_allclose(found["val_loss"], expected["val_mse"], rtol=1e-5)
        logs = model.evaluate(X, Y, batch_size=40, verbose=0, return_dict=True)
        np.testing.assert_allclose(logs["total"], logs["loss"], rtol=1e-5)
        np.testing.assert_allclose(model.train_on_batch(X, Y, return_dict=True)["loss"], logs["loss"], rtol=1e-5)


def test_steps_that_call_the_framework(engine: Any) -> None:
    """A `compute_loss`, a `train_step` and a `predict_step` may do so too."""
    functions = native(engine)

    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, **kwargs: Any) -> Any:
            return ops.mean(functions.mean_square(y - y_pred))

        def predict_step(self, data: Any) -> Any:
            return functions.relu(super().predict_step(data))

    model, found = _trained(lambda f: Own(), functions)
    assert found["loss"][-1] < found["loss"][0]
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(model.predict(X, verbose=0), np.maximum(X @ kernel + bias, 0), rtol=1e-4, atol=1e-6)


def test_the_framework_explains(engine: Any) -> None:
    """What goes wrong with the framework's own tensors stands below the error that the layer has with specs."""
    functions = native(engine)

    class Wrong(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight((5, 2))

        def call(self, x: Any) -> Any:
            return functions.matmul(x, self.w)

    with pytest.raises(Exception) as caught:  # of the framework's own type
        Wrong()(keras.Input((6,)))
    note, = (note for note in caught.value.__notes__ if note.startswith(f"on {engine.name} itself: "))
    assert "6" in note and "5" in note


@pytest.mark.parametrize("kind", MODELS)
def test_numpy_functions_compute_and_refuse_derivatives(engine: Any, kind: str) -> None:
    """NumPy's own functions serve prediction and evaluation; in training they say that they have no derivatives."""
    if engine.name != "numpy":
        pytest.skip("runs with the numpy engine")
    model, twin = (MODELS[kind](f) for f in (Native(np.matmul, lambda x: np.maximum(x, 0), None), IN_OPS))
    for each in (model, twin):
        each.compile("sgd", "mse")
        each.predict(X, verbose=0)
    model.set_weights(twin.get_weights())
    np.testing.assert_allclose(model.predict(X, verbose=0), twin.predict(X, verbose=0), rtol=1e-5)
    np.testing.assert_allclose(model.evaluate(X, Y, verbose=0), twin.evaluate(X, Y, verbose=0), rtol=1e-5)
    with pytest.raises(TypeError, match=r"a tensor under differentiation can't become an array; use keras_lite\.ops"):
        model.fit(X, Y, verbose=0)


def test_jax_functions_take_the_value_of_a_variable(engine: Any) -> None:
    """JAX's own functions refuse variables, as they do in Keras; operators and `.value` work."""
    if engine.name != "jax":
        pytest.skip("runs with the jax engine")
    import jax.numpy as jnp

    v = keras.Variable(np.ones((2, 3), "float32"))
    with pytest.raises(ValueError, match="__jax_array__"):
        jnp.matmul(jnp.ones((4, 2)), v)
    for product in (jnp.ones((4, 2)) @ v, jnp.matmul(jnp.ones((4, 2)), v.value), jnp.matmul(jnp.ones((4, 2)), jnp.asarray(v))):
        np.testing.assert_array_equal(product, np.full((4, 3), 2.0))


def test_dicts_in_any_order(engine: Any) -> None:
    """Probing gives each name its own tensor, whatever the order in which the names were written."""
    inputs = {"b": KerasTensor.spec((2, 3), "float32"), "a": KerasTensor.spec((4,), "float32")}
    assert probed(engine, lambda args, kwargs: args[0]["b"], (inputs,), {}).shape == (2, 3)


class Pair(keras.Model):
    """Two models and a step; no `call`."""

    def __init__(self, own_tape: bool = False) -> None:
        super().__init__()
        self.first, self.second = (keras.Sequential([keras.Input((3,)), layers.Dense(3)]) for _ in range(2))
        self.mean, self.own_tape = keras.metrics.Mean(name="mean"), own_tape

    def _loss(self, x: Any) -> Any:
        return ops.mean(ops.square(self.second(self.first(x)) - 1.0))

    def train_step(self, data: Any) -> dict[str, Any]:
        (x,) = data
        weights = self.trainable_variables
        if self.own_tape:
            tf = pytest.importorskip("tensorflow")
            with tf.GradientTape() as tape:
                loss = self._loss(x)
            gradients = tape.gradient(loss, weights)
        else:
            loss, gradients = keras.value_and_grad(lambda: self._loss(x), weights)
        self.optimizer.apply(gradients, weights)
        self.mean.update_state(loss)
        return {"mean": self.mean.result()}


@pytest.mark.parametrize("eager", [False, True])
def test_a_model_of_models_needs_no_call(engine: Any, eager: bool) -> None:
    """Its step says what is called; the last batch is a smaller one."""
    model = Pair()
    model.compile("sgd", run_eagerly=eager)
    history = model.fit(np.random.default_rng(0).normal(size=(16, 3)).astype("float32"), batch_size=6, epochs=4, verbose=0).history["mean"]
    assert model.built and len(model.get_weights()) == 4 and history[-1] < history[0]


def test_a_tape_in_a_step(engine: Any) -> None:
    """It works eagerly, and the error of the compiled step says so."""
    if engine.name != "tensorflow":
        pytest.skip("runs with the tensorflow engine")
    x, model = np.ones((4, 3), "float32"), Pair(own_tape=True)
    model.compile("sgd", run_eagerly=True)
    history = model.fit(x, epochs=3, verbose=0).history["mean"]
    assert history[-1] < history[0]
    model.compile("sgd")
    with pytest.raises(ValueError, match=r"no variable has a gradient.*run_eagerly=True"):
        model.fit(x, verbose=0)
