"""Rematerialization: the same values and gradients, with intermediate values computed again."""

from __future__ import annotations

import collections
import weakref
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from keras_lite.engine import registry
from tests.conftest import ENGINES, load_quietly

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(16, 4)).astype("float32"), rng.normal(size=(16, 1)).astype("float32")


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


def test_gradients_of_functions(engine: Any) -> None:
    """By tensors and by variables, of nested results, also the second one."""
    w = keras.Variable(np.array([0.5, 2.0, -1.0], "float32"))
    runs: list[int] = []

    def f(x: Any, scale: Any = 1.0) -> Any:
        runs.append(1)
        return {"a": ops.sin(x * w) * scale, "b": [ops.cast(x > 0, "int32"), ops.sum(x * x * w)]}

    def total(function: Any) -> Any:
        found = function(w * 2.0, scale=3.0)
        return ops.sum(found["a"]) + found["b"][1]

    value, (gradient,) = keras.value_and_grad(lambda: total(f), [w])
    runs.clear()
    again, (other,) = keras.value_and_grad(lambda: total(keras.remat(f)), [w])
    assert len(runs) == 3, "described once, then computed forward and for the gradient"
    np.testing.assert_allclose(array(again), array(value), rtol=1e-6)
    np.testing.assert_allclose(array(other), array(gradient), rtol=1e-5)
    second = [keras.value_and_grad(lambda g=g: ops.sum(keras.value_and_grad(lambda: total(g), [w])[1][0]), [w])[1][0]
              for g in (f, keras.remat(f))]
    np.testing.assert_allclose(array(second[1]), array(second[0]), rtol=1e-5)
    np.testing.assert_array_equal(array(keras.remat(f)(ops.ones(3))["b"][0]), [1, 1, 1])


def test_variables_that_are_written(engine: Any) -> None:
    count = keras.Variable(0.0, trainable=False)

    @keras.remat
    def f(x: Any) -> Any:
        count.assign_add(1.0)
        return x * count

    w = keras.Variable(2.0)
    value, (gradient,) = keras.value_and_grad(lambda: f(w.value) + f(w.value), [w])
    assert [float(array(x)) for x in (value, gradient, count)] == [6.0, 3.0, 2.0]


def _model(scope: Any) -> Any:
    """Batch normalization, dropout, losses, masks and an activation, made inside of `scope`."""
    with scope:
        parts = [layers.Dense(8, activation="tanh", activity_regularizer="l2"), layers.BatchNormalization(), layers.Dropout(0.3, seed=1)]
        inner = keras.Sequential([layers.Input((4,)), *parts])
        model = keras.Sequential([layers.Input((4,)), inner, layers.Dense(1, kernel_regularizer="l2")])
    for i, variable in enumerate(model.trainable_variables):
        variable.assign(np.random.default_rng(i).normal(size=variable.shape))
    model.compile(keras.optimizers.SGD(0.05), "mse")
    return model


@pytest.mark.parametrize("mode", ["full", "activations", "larger_than", "list_of_layers"])
def test_models_train_as_without(engine: Any, mode: str) -> None:
    plain, cheap = _model(keras.RematScope(None)), _model(keras.RematScope(mode, 7, ["sequential", "dense"]))
    for model in (plain, cheap):
        model.history_of_losses = model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(cheap.history_of_losses, plain.history_of_losses, rtol=1e-5)
    for a, b in zip(cheap.variables, plain.variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-6)


def test_masks_pass(engine: Any) -> None:
    def build() -> Any:
        inner = keras.Sequential([layers.Input((5,)), layers.Embedding(7, 3, mask_zero=True), layers.Dense(3)])
        model = keras.Sequential([layers.Input((5,)), inner, layers.LSTM(2)])
        for i, variable in enumerate(model.variables):
            variable.assign(np.random.default_rng(i).normal(size=variable.shape))
        return model

    plain = build()
    with keras.RematScope():
        cheap = build()
    x = np.array([[1, 2, 0, 0, 0], [3, 4, 5, 6, 0]])
    np.testing.assert_allclose(array(cheap(x)), array(plain(x)), rtol=1e-6)
    assert not np.allclose(array(plain(x)), array(plain(np.maximum(x, 1))))


def test_which_layers(engine: Any) -> None:
    calls: list[str] = []

    class Noted(layers.Layer):
        def call(self, x: Any) -> Any:
            if not isinstance(x, keras.KerasTensor):
                calls.append(self.name)
            return ops.sin(x)

    def gradient_calls(scope: Any) -> list[str]:
        """The layers that compute twice."""
        with scope:
            first, last = Noted(name="first"), Noted(name="last")
        w = keras.Variable(np.ones((2, 3), "float32"))
        calls.clear()
        keras.value_and_grad(lambda: ops.sum(last(first(w.value))), [w])
        return [name for name, count in collections.Counter(calls).items() if count > 1]

    assert gradient_calls(keras.RematScope()) == ["first", "last"]
    assert gradient_calls(keras.RematScope(None)) == []
    assert gradient_calls(keras.RematScope("larger_than", 6)) == gradient_calls(keras.RematScope("activations")) == []
    assert gradient_calls(keras.RematScope("larger_than", 5)) == ["first", "last"]
    assert gradient_calls(keras.RematScope("list_of_layers", layer_names=["last"])) == ["last"]
    with keras.RematScope(), keras.RematScope(None):
        assert layers.Dense(1)._remat is None
    with pytest.raises(ValueError, match="did you mean 'full'"):
        keras.RematScope("ful")


@pytest.mark.skipif("torch" not in ENGINES, reason="asks torch for what it keeps")
def test_what_is_kept_for_the_gradient() -> None:
    """The input of each part, in place of each intermediate value."""
    with registry.using(load_quietly("torch")):
        import torch

        def chain(x: Any) -> Any:
            for _ in range(10):
                x = ops.tanh(ops.sin(x))
            return x

        class Kept:
            def __init__(self, x: Any) -> None:
                self.x = x.detach()  # itself it would be kept by its own graph

        def kept(f: Any) -> int:
            alive: weakref.WeakSet[Kept] = weakref.WeakSet()

            def pack(x: Any) -> Kept:
                alive.add(found := Kept(x))
                return found

            with torch.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept.x):
                total = ops.sum(f(f(torch.ones(1000, requires_grad=True))))
            assert total.requires_grad  # and so its graph is there
            return sum({k.x.data_ptr(): k.x.numel() for k in alive}.values())

        assert kept(keras.remat(chain)) < 4000 < 20_000 <= kept(chain)


@pytest.mark.skipif("jax" not in ENGINES, reason="reads a program of jax")
def test_compilers_are_held_back() -> None:
    """XLA would find the values that are computed twice, and keep them; there are barriers in the program, as `jax.checkpoint` puts."""
    with registry.using(load_quietly("jax")):
        import jax

        def loss(x: Any) -> Any:
            return ops.sum(keras.remat(ops.sin)(x))

        assert str(jax.make_jaxpr(jax.grad(loss))(np.ones(3, "float32"))).count("optimization_barrier") == 1
