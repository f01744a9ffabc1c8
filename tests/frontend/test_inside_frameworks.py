"""Models inside functions of their framework: jax's transforms of `stateless_call`, TensorFlow's functions and data pipelines."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def _model() -> Any:
    keras.utils.set_random_seed(0)
    x = keras.Input((4,))
    y = layers.Dropout(0.5)(layers.BatchNormalization()(layers.Dense(3, activation="tanh")(x)))
    return keras.Model(x, layers.Dense(1, kernel_regularizer="l2")(y))


def _without_dropout() -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="tanh"), layers.BatchNormalization(), layers.Dense(1)])


@pytest.fixture
def jax(engine: Any) -> Any:
    if engine.name != "jax":
        pytest.skip("runs with the jax engine")
    return pytest.importorskip("jax")


@pytest.fixture
def tf(engine: Any) -> Any:
    if engine.name != "tensorflow":
        pytest.skip("runs with the tensorflow engine")
    return pytest.importorskip("tensorflow")


def _values(model: Any) -> tuple[list[Any], list[Any]]:
    return [v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables]


def test_stateless_call_compiled(jax: Any) -> None:
    """Under jit: the outputs and updates of a call while training, and the model itself stays as it is."""
    model = _model()
    before = [v.numpy() for v in model.variables]
    outputs, updates, losses = jax.jit(lambda a, b, x: model.stateless_call(a, b, x, training=True, return_losses=True))(*_values(model), X)
    for a, v in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(a, v.numpy())
    np.testing.assert_allclose(outputs, model(X, training=True), rtol=1e-5, atol=1e-6)
    for a, v in zip(updates, model.non_trainable_variables, strict=True):
        np.testing.assert_allclose(np.asarray(a, "float64"), v.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(losses[0], 0.01 * np.sum(model.layers[-1].kernel.numpy() ** 2), rtol=1e-5)


def test_stateless_call_differentiated(jax: Any) -> None:
    """Under grad, and under vmap over rows and over an ensemble of weights."""
    model = _model()
    trainable, others = _values(model)
    slopes = jax.jit(jax.grad(lambda a: model.stateless_call(a, others, X)[0].sum()))(trainable)
    _, expected = keras.value_and_grad(lambda: keras.ops.sum(model(X)), model.trainable_variables)
    for a, b in zip(slopes, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    rows = jax.vmap(lambda x: model.stateless_call(trainable, others, x[None])[0][0])(X)
    np.testing.assert_allclose(rows, model(X), rtol=1e-5, atol=1e-6)
    ensemble = [jax.numpy.stack([v, 2 * v]) for v in trainable]
    both = jax.vmap(lambda a: model.stateless_call(a, others, X)[0])(ensemble)
    np.testing.assert_allclose(both[0], model(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(both[1], model.stateless_call([2 * v for v in trainable], others, X)[0], rtol=1e-5, atol=1e-6)


def test_own_loop_of_jax(jax: Any) -> None:
    """A loop of one's own: gradient steps on the values alone, which are then given back to the model."""
    model, target = _model(), X[:, :1]

    @jax.jit
    def step(trainable: Any, others: Any) -> Any:
        def loss(trainable: Any) -> Any:
            outputs, updates = model.stateless_call(trainable, others, X, training=True)
            return ((outputs - target) ** 2).mean(), updates

        (value, updates), slopes = jax.value_and_grad(loss, has_aux=True)(trainable)
        return value, [v - 0.1 * g for v, g in zip(trainable, slopes, strict=True)], updates

    trainable, others = _values(model)
    losses = []
    for _ in range(30):
        value, trainable, others = step(trainable, others)
        losses.append(float(value))
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])
    for variables, values in ((model.trainable_variables, trainable), (model.non_trainable_variables, others)):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
    np.testing.assert_allclose(model(X), model.stateless_call(trainable, others, X)[0], rtol=1e-5, atol=1e-6)


def test_with_optax(jax: Any) -> None:
    """Optax's momentum on the values gives the weights and moving means that the model's own SGD gives."""
    optax = pytest.importorskip("optax")
    model = _without_dropout()
    target, optimizer = X[:, :1], optax.sgd(0.1, momentum=0.9)

    @jax.jit
    def step(trainable: Any, others: Any, state: Any) -> Any:
        def loss(trainable: Any) -> Any:
            outputs, updates = model.stateless_call(trainable, others, X, training=True)
            return optax.squared_error(outputs, target).mean(), updates

        slopes, updates = jax.grad(loss, has_aux=True)(trainable)
        changes, state = optimizer.update(slopes, state, trainable)
        return optax.apply_updates(trainable, changes), updates, state

    trainable, others = _values(model)
    state = optimizer.init(trainable)
    for _ in range(5):
        trainable, others, state = step(trainable, others, state)
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse")
    for _ in range(5):
        model.train_on_batch(X, target)
    assert not np.allclose(model.get_weights()[0], before[0], atol=1e-2)
    for variables, values in ((model.trainable_variables, trainable), (model.non_trainable_variables, others)):
        for variable, value in zip(variables, values, strict=True):
            np.testing.assert_allclose(value, variable.numpy(), rtol=1e-4, atol=1e-5)


def test_in_a_tensorflow_function(tf: Any) -> None:
    """In `tf.function`, with a batch of unknown size."""
    model = _model()
    run = tf.function(model, input_signature=[tf.TensorSpec((None, 4), "float32")], autograph=False)
    for n in (6, 2):
        np.testing.assert_allclose(run(X[:n]), model(X[:n]), rtol=1e-5, atol=1e-6)


def test_own_step_of_tensorflow(tf: Any) -> None:
    """A step in `tf.function` with a tape and `assign_sub` does what the model's own SGD does, moving means included."""
    model = _without_dropout()
    target, first = X[:, :1], model.get_weights()

    @tf.function(autograph=False)
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
        variables = [v.held for v in model.trainable_variables]
        for variable, slope in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.1 * slope)
        return loss

    losses = [float(step(X, target)) for _ in range(5)]
    assert losses[-1] < losses[0]
    found = model.get_weights()
    model.set_weights(first)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    for _ in range(5):
        model.train_on_batch(X, target)
    for a, b in zip(found, model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_in_a_tensorflow_pipeline(tf: Any) -> None:
    """In `tf.data.Dataset.map`, on batches, the last of which is smaller."""
    model = _model()
    data = tf.data.Dataset.from_tensor_slices(X).batch(4).map(model)
    np.testing.assert_allclose(np.concatenate(list(data.as_numpy_iterator())), model(X), rtol=1e-5, atol=1e-6)


def test_attention_over_many_axes_with_onednn(tf: Any) -> None:
    """oneDNN, which TensorFlow switches on by itself, has no softmax of more than five axes."""
    code = ("import numpy, keras_lite; x = numpy.ones((1, 2, 2, 2, 4), 'float32'); keras_lite.config.set_backend('tensorflow')\n"
            "print(tuple(keras_lite.layers.MultiHeadAttention(2, 2, attention_axes=(2, 3))(x, x).shape))")
    environment = {key: value for key, value in os.environ.items() if key != "TF_ENABLE_ONEDNN_OPTS"}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "(1, 2, 2, 2, 4)", run.stderr


@pytest.mark.parametrize("layer", [
    lambda: layers.LSTM(2), lambda: layers.GRU(2, return_sequences=True), lambda: layers.SimpleRNN(2, go_backwards=True),
    lambda: layers.Bidirectional(layers.LSTM(2)), lambda: layers.RNN([layers.LSTMCell(2), layers.GRUCell(2)]),
])
def test_unknown_numbers_of_steps_in_a_tensorflow_function(tf: Any, layer: Any) -> None:
    layer, x = layer(), np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    expected = [layer(x), layer(x, mask=np.arange(5) < np.array([[2], [4]]))]
    plain = tf.function(lambda x: layer(x), input_signature=[tf.TensorSpec([None, None, 3])])
    masked = tf.function(lambda x, mask: layer(x, mask=mask), input_signature=[tf.TensorSpec([None, None, 3]),
                                                                               tf.TensorSpec([None, None], "bool")])
    np.testing.assert_allclose(plain(x), expected[0], atol=1e-6)
    np.testing.assert_allclose(masked(x, np.arange(5) < np.array([[2], [4]])), expected[1], atol=1e-6)
