"""A framework's own differentiation and compilation around a model, before and after `fit`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops

X = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
Y = X[:, :1]


def _model(fit: bool) -> Any:
    keras.utils.set_random_seed(0)
    stack = [keras.Input((4,)), layers.Dense(3, activation="tanh"), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)]
    model = keras.Sequential(stack)
    model.compile("sgd", "mse")
    if fit:
        model.fit(X, Y, verbose=0)
    return model


def _expected(model: Any) -> list[np.ndarray]:
    """Gradients of the sum of the outputs."""
    _, gradients = keras.value_and_grad(lambda: ops.sum(model(X)), model.trainable_variables)
    return [ops.convert_to_numpy(g) for g in gradients]


@pytest.mark.parametrize("fit", [False, True])
def test_torch_backward(engine: Any, fit: bool) -> None:
    """`loss.backward()` fills the gradients of the parameters, and torch's optimizers change the weights, as often as one likes."""
    if engine.name != "torch":
        pytest.skip("runs with the torch engine")
    import torch

    model = _model(fit)
    for _ in range(2):
        expected = _expected(model)
        parameters = [v.value for v in model.trainable_variables]
        assert all(isinstance(p, torch.nn.Parameter) for p in parameters)
        model(X).sum().backward()
        for parameter, gradient in zip(parameters, expected, strict=True):
            np.testing.assert_allclose(parameter.grad.numpy(), gradient, rtol=1e-5, atol=1e-6)
        before = model.get_weights()[0]
        optimizer = torch.optim.SGD(parameters, 0.1)
        optimizer.step()
        optimizer.zero_grad()
        np.testing.assert_allclose(model.get_weights()[0], before - 0.1 * expected[0], rtol=1e-5)
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("fit", [False, True])
def test_tensorflow_tape(engine: Any, fit: bool) -> None:
    """A tape gives gradients for variables of the model, eagerly and in a `tf.function`, in which `training` may be True."""
    if engine.name != "tensorflow":
        pytest.skip("runs with the tensorflow engine")
    import tensorflow as tf

    def slopes(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(model(x))
        return tape.gradient(y, model.trainable_variables)

    model = _model(fit)
    for run in (slopes, tf.function(slopes, autograph=False)):
        for found, gradient in zip(run(tf.constant(X)), _expected(model), strict=True):
            np.testing.assert_allclose(found.numpy(), gradient, rtol=1e-5, atol=1e-6)
        model.fit(X, Y, verbose=0)
    mean = model.layers[1].moving_mean
    before = mean.numpy()
    tf.function(lambda x: model(x, training=True), autograph=False)(tf.constant(X))
    assert not np.array_equal(mean.numpy(), before)


def test_jax_transformations(engine: Any) -> None:
    """A call that stores nothing may be compiled as it is; one that would leave a traced value in a variable is refused."""
    if engine.name != "jax":
        pytest.skip("runs with the jax engine")
    import jax

    model = _model(fit=True)
    np.testing.assert_allclose(jax.jit(lambda x: model(x))(X), model(X), rtol=1e-5)
    before = [v.numpy() for v in model.variables]
    with pytest.raises(ValueError, match=r"a variable can't keep .* use stateless_call there"):
        jax.jit(lambda x: model(x, training=True))(X)
    generator = keras.random.SeedGenerator(3)
    with pytest.raises(ValueError, match=r"SeedGenerator: a variable can't keep uint32\[2\].*give draws an int as their seed"):
        jax.jit(lambda: keras.random.normal((2,), seed=generator))()
    with pytest.raises(ValueError, match="a variable can't keep int32"):
        jax.jit(lambda x: keras.Variable(x))(3)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    weights, others = ([v.value for v in vs] for vs in (model.trainable_variables, model.non_trainable_variables))
    _, new = jax.jit(lambda w, o, x: model.stateless_call(w, o, x, training=True))(weights, others, X)
    for variable, value in zip(model.non_trainable_variables, new, strict=True):
        variable.assign(value)
    slopes = jax.grad(lambda w: model.stateless_call(w, new, X)[0].sum())(weights)
    for slope, gradient in zip(slopes, _expected(model), strict=True):
        np.testing.assert_allclose(slope, gradient, rtol=1e-5, atol=1e-6)


def test_values_handed_out_stay(engine: Any) -> None:
    """A value that was read keeps its numbers, or is the parameter itself, whatever is trained afterwards; reading changes nothing."""
    losses = []
    for read in (False, True):
        model = _model(fit=False)
        kept = []
        for _ in range(3):
            kept += [(v.value, v.numpy()) for v in model.variables if read and not v.trainable]
            losses.append(model.fit(X, Y, verbose=0).history["loss"][0])
        if engine.name != "torch":  # there it is the holder, which is updated in place
            assert all(np.array_equal(ops.convert_to_numpy(value), array) for value, array in kept)
    assert losses[:3] == losses[3:]
