"""Modules of PyTorch, functions of JAX, modules of Flax and SavedModels as layers."""

from __future__ import annotations

import copy
import importlib.util
from typing import Any

import numpy as np
import pytest

from keras_lite import Model, Sequential, layers, ops, optimizers
from keras_lite.engine import registry
from keras_lite.symbolic.spec import KerasTensor
from tests.conftest import ENGINES, load_quietly

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(32, 4)).astype("float32"), rng.normal(size=(32, 1)).astype("float32")
torch_only = pytest.mark.skipif("torch" not in ENGINES, reason="needs the torch engine")
tensorflow_only = pytest.mark.skipif("tensorflow" not in ENGINES, reason="needs the tensorflow engine")
jax_only = pytest.mark.skipif("jax" not in ENGINES, reason="needs the jax engine")


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


@pytest.fixture
def torch() -> Any:
    with registry.using(load_quietly("torch")):
        import torch

        torch.manual_seed(0)
        yield torch


@pytest.fixture
def jax() -> Any:
    with registry.using(load_quietly("jax")):
        import jax

        yield jax


# --- modules of PyTorch --------------------------------------------------------------------------------------------------


@torch_only
def test_the_users_own_module_is_trained_by_fit(torch: Any) -> None:
    module = torch.nn.Sequential(torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1))
    before = {key: value.clone() for key, value in module.state_dict().items()}
    model = Sequential([layers.Input((4,)), layers.TorchModuleWrapper(module)])
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=16, verbose=0)
    assert [key for key, value in module.state_dict().items() if (value == before[key]).all()] == []
    module.load_state_dict(before)
    np.testing.assert_allclose(model.predict(X, verbose=0), module.eval()(torch.tensor(X)).detach().numpy(), rtol=1e-5, atol=1e-6)


@torch_only
def test_a_module_and_its_layer_hold_the_same_tensors(torch: Any) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    layer = layers.TorchModuleWrapper(module)
    assert [tuple(v.shape) for v in layer.trainable_variables] == [(3, 4), (3,), (3,), (3,)]
    assert [tuple(v.shape) for v in layer.non_trainable_variables] == [(3,), (3,), ()]
    np.testing.assert_allclose(array(layer(X, training=False)), module.eval()(torch.tensor(X)).detach().numpy(), rtol=1e-6)
    layer.set_weights([np.full(w.shape, 2, w.dtype) for w in layer.get_weights()])
    assert (module[0].weight == 2).all()
    with torch.no_grad():
        module[0].bias.fill_(7.0)
    np.testing.assert_array_equal(layer.get_weights()[1], 7.0)
    assert [p is q for p, q in zip(layer.parameters(), module.parameters(), strict=True)] == [True] * 4


@torch_only
def test_running_means_change_while_training_only(torch: Any) -> None:
    reference = torch.nn.BatchNorm1d(4)
    layer = layers.TorchModuleWrapper(copy.deepcopy(reference))
    reference.train()(torch.tensor(X))
    layer(X, training=False)
    np.testing.assert_array_equal(array(layer.module.running_mean), 0)
    layer(X, training=True)
    for found, expected in zip(layer.module.buffers(), reference.buffers(), strict=True):
        np.testing.assert_allclose(found.detach().numpy(), expected.numpy(), rtol=1e-6)


@torch_only
def test_a_model_with_a_module_trains_as_torch_does(torch: Any) -> None:
    """Compiled steps: parameters and running means as after the same steps in plain torch."""
    module = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.BatchNorm1d(6), torch.nn.Tanh(), torch.nn.Linear(6, 1))
    reference = copy.deepcopy(module)
    inputs = layers.Input((4,))
    model = Model(inputs, layers.TorchModuleWrapper(module)(inputs))
    assert model.output_shape == (None, 1)
    model.compile(optimizers.SGD(0.1), "mse")
    model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    stepper = torch.optim.SGD(reference.parameters(), 0.1)
    for _ in range(3):
        for start in range(0, 32, 8):
            stepper.zero_grad()
            ((reference(torch.tensor(X[start:start + 8])) - torch.tensor(Y[start:start + 8])) ** 2).mean().backward()
            stepper.step()
    found = model.layers[1].module.state_dict()
    for key, expected in reference.state_dict().items():
        np.testing.assert_allclose(found[key].detach().numpy(), expected.numpy(), rtol=1e-4, atol=1e-6, err_msg=key)
    np.testing.assert_allclose(array(model.predict(X, verbose=0)), reference.eval()(torch.tensor(X)).detach().numpy(), rtol=1e-4, atol=1e-5)


@torch_only
def test_modules_with_several_inputs_and_outputs(torch: Any) -> None:
    class Two(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = torch.nn.Linear(4, 3)

        def forward(self, a: Any, b: Any, scale: float = 1.0) -> Any:
            return self.linear(a) + b * scale, a

    layer = layers.TorchModuleWrapper(Two())
    first, second = layer(X, np.ones((32, 3), "float32"), scale=2.0)
    np.testing.assert_allclose(array(first), array(layer.module.linear(torch.tensor(X))) + 2, rtol=1e-5)
    specs = layer(KerasTensor((None, 4)), KerasTensor((None, 3)))
    assert [s.shape for s in specs] == [(None, 3), (None, 4)]
    assert array(second).shape == X.shape


@torch_only
def test_frozen_modules_copies_and_mixed_precision(torch: Any) -> None:
    layer = layers.TorchModuleWrapper(torch.nn.Linear(4, 3), trainable=False)
    assert not layer.trainable_variables
    other = copy.deepcopy(layer)
    np.testing.assert_array_equal(array(other(X)), array(layer(X)))
    other.set_weights([np.zeros_like(w) for w in other.get_weights()])
    assert np.abs(layer.get_weights()[0]).max() > 0
    half = layers.TorchModuleWrapper(torch.nn.Linear(4, 3), dtype="mixed_bfloat16")
    assert ops.dtype(half(X)) == "bfloat16"
    assert layers.TorchModuleWrapper(torch.nn.Linear(4, 3), output_shape=(None, 3)).compute_output_shape((None, 4)) == (None, 3)
    assert layers.TorchModuleWrapper(torch.nn.Linear(4, 3)).compute_output_shape((None, 4)) == (None, 3)


@torch_only
def test_what_is_no_module_is_refused(torch: Any) -> None:
    with pytest.raises(TypeError, match=r"expects a torch\.nn\.Module, got 3"):
        layers.TorchModuleWrapper(3)
    with pytest.raises(ValueError, match="the module is lazy"):
        layers.TorchModuleWrapper(torch.nn.LazyLinear(3))
    with pytest.raises(TypeError, match="argument 'module'"):
        layers.serialize(layers.TorchModuleWrapper(torch.nn.Linear(2, 2)))
    with pytest.raises(ValueError, match="pickled module"):
        layers.TorchModuleWrapper.from_config({"module": "UEsDB"})


# --- functions of JAX ----------------------------------------------------------------------------------------------------


def _linear(params: Any, inputs: Any) -> Any:
    return inputs @ params["w"] + params["b"]


def _first_linear(rng: Any, inputs: Any) -> Any:
    import jax

    return {"w": jax.random.normal(rng, (inputs.shape[-1], 1)), "b": np.zeros(1, "float32")}


def _counting(params: Any, state: Any, rng: Any, inputs: Any, training: bool) -> Any:
    import jax

    noise = 0 if rng is None else jax.random.normal(rng, inputs.shape)
    return inputs * params["scale"] + noise, {"calls": state["calls"] + int(training)}


@jax_only
def test_a_function_trains(jax: Any) -> None:
    inputs = layers.Input((4,))
    layer = layers.JaxLayer(_linear, _first_linear, seed=1, name="j")
    model = Model(inputs, layer(inputs))
    assert model.output_shape == (None, 1)
    assert [(v.path.partition("_")[0], v.shape) for v in layer.trainable_variables] == [("j/variable", (1,)), ("j/variable", (4, 1))]
    first = layer.get_weights()
    model.compile(optimizers.SGD(0.1), "mse")
    model.fit(X, Y, batch_size=32, epochs=1, verbose=0)
    error = X @ first[1] - Y
    np.testing.assert_allclose(layer.get_weights()[1], first[1] - 0.1 * 2 * X.T @ error / 32, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(layers.JaxLayer(_linear, _first_linear, seed=1)(X), X @ first[1], rtol=1e-5, atol=1e-6)


@jax_only
def test_state_and_random_keys(jax: Any) -> None:
    layer = layers.JaxLayer(_counting, params={"scale": np.float32(2)}, state={"calls": np.int32(0)}, seed=3)
    np.testing.assert_allclose(layer(X), 2 * X)
    first, second = layer(X, training=True), layer(X, training=True)
    assert not np.allclose(first, second)
    assert [int(v.numpy()) for v in layer.non_trainable_weights] == [2]
    assert len(layer.trainable_variables) == 1
    model = Sequential([layers.Input((4,)), layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    assert [int(v.numpy()) for v in layer.non_trainable_weights] == [10]


@jax_only
def test_configs_and_copies_of_functions(jax: Any) -> None:
    config = layers.JaxLayer(_linear, params={"w": np.ones((4, 1), "float32"), "b": np.zeros(1, "float32")}).get_config()
    assert {"call_fn", "init_fn", "native_serialization_platforms", "params"} <= config.keys()
    layer = layers.JaxLayer(_linear, _first_linear, name="j")
    layer(X)
    assert set(layer.get_config()) == {"name", "trainable", "dtype", "call_fn", "init_fn", "native_serialization_platforms"}
    np.testing.assert_array_equal(copy.deepcopy(layer)(X), layer(X))


@jax_only
def test_functions_with_wrong_parameters_are_refused(jax: Any) -> None:
    with pytest.raises(ValueError, match="must have a parameter `inputs`"):
        layers.JaxLayer(lambda params, x: x, _first_linear)
    with pytest.raises(ValueError, match="got 'other'"):
        layers.JaxLayer(lambda inputs, other: inputs)
    with pytest.raises(ValueError, match="must have a parameter `rng`"):
        layers.JaxLayer(_linear, lambda inputs: {})
    with pytest.raises(ValueError, match="call_fn takes params: give them"):
        layers.JaxLayer(_linear)
    assert layers.JaxLayer(lambda inputs: 2 * inputs)(X).shape == X.shape


class _Affine:
    """What FlaxLayer needs of a module: a product with params["kernel"], minus a running mean that it keeps while training."""

    def init(self, rngs: Any, inputs: Any, method: Any = None, training: bool = True) -> Any:
        import jax

        kernel = jax.random.normal(rngs["params"], (inputs.shape[-1], 1))
        return {"params": {"kernel": kernel}, "batch_stats": {"mean": np.zeros(1, "float32")}}

    def apply(self, variables: Any, inputs: Any, rngs: Any, method: Any, mutable: Any, training: bool) -> Any:
        result = inputs @ variables["params"]["kernel"]
        return (result, {"batch_stats": {"mean": result.mean(0)}}) if mutable else result - variables["batch_stats"]["mean"]

    def __call__(self, inputs: Any, training: bool) -> Any: ...


@jax_only
def test_collections_of_a_flax_module(jax: Any) -> None:
    layer = layers.FlaxLayer(_Affine(), seed=2)
    product = layer(X, training=True)
    assert [tuple(v.shape) for v in layer.weights] == [(4, 1), (1,)]
    assert len(layer.trainable_variables) == 1
    np.testing.assert_allclose(layer(X), product - np.mean(product, 0), rtol=1e-4, atol=1e-5)
    variables = {"params": {"kernel": np.ones((4, 1), "float32")}, "batch_stats": {"mean": np.ones(1, "float32")}}
    given = layers.FlaxLayer(_Affine(), variables=variables)
    np.testing.assert_allclose(given(X), X.sum(1, keepdims=True) - 1, rtol=1e-4, atol=1e-5)
    with pytest.raises(TypeError, match=r"expects a module of flax\.linen"):
        layers.FlaxLayer(3)


@jax_only
@pytest.mark.skipif(importlib.util.find_spec("flax") is None, reason="needs flax")
def test_real_flax_modules(jax: Any) -> None:
    import flax.linen as nn

    class Net(nn.Module):
        @nn.compact
        def __call__(self, x: Any, training: bool) -> Any:
            x = nn.BatchNorm(use_running_average=not training)(nn.Dense(3)(x))
            return nn.Dense(1)(nn.Dropout(0.2, deterministic=not training)(x))

        def halved(self, x: Any, training: bool) -> Any:
            return self(x, training) / 2

    layer = layers.FlaxLayer(Net())
    model = Sequential([layers.Input((4,)), layer])
    model.compile(optimizers.Adam(0.05), "mse")
    history = model.fit(X, Y, epochs=8, verbose=0).history["loss"]
    assert history[-1] < history[0]
    halved = layers.FlaxLayer(Net(), method="halved")
    halved.build((None, 4))
    halved.set_weights(layer.get_weights())
    np.testing.assert_allclose(halved(X), array(layer(X)) / 2, rtol=1e-5)


# --- SavedModels of TensorFlow -------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Any) -> Any:
    """The folder of a SavedModel: a product with a matrix and, in its function for training, a counter."""
    with registry.using(load_quietly("tensorflow")):
        import tensorflow as tf

        class Product(tf.Module):
            def __init__(self) -> None:
                super().__init__()
                self.w = tf.Variable(np.full((4, 1), 0.5, "float32"), name="w")
                self.count = tf.Variable(0.0, trainable=False, name="count")

            @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
            def serve(self, x: Any) -> Any:
                return x @ self.w

            @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
            def train(self, x: Any) -> Any:
                self.count.assign_add(1.0)
                return x @ self.w

        module = Product()
        holder = tf.train.Checkpoint(serve=module.serve, train=module.train)
        holder.trainable_variables, holder.non_trainable_variables = [module.w], [module.count]
        tf.saved_model.save(holder, str(tmp_path), signatures={"named": module.serve})
        yield tmp_path


@tensorflow_only
def test_functions_of_a_saved_model(saved: Any) -> None:
    layer = layers.TFSMLayer(saved, call_training_endpoint="train", name="s")
    assert [v.path for v in layer.trainable_variables + layer.non_trainable_variables] == ["w", "count"]
    np.testing.assert_allclose(array(layer(X)), 0.5 * X.sum(1, keepdims=True), rtol=1e-5, atol=1e-6)
    assert layer(KerasTensor((None, 4))).shape == (None, 1)
    layer(X, training=True)
    layer.set_weights([np.ones((4, 1), "float32"), np.float32(5)])
    np.testing.assert_allclose(array(layer(X, training=True)), X.sum(1, keepdims=True), rtol=1e-5, atol=1e-6)
    assert float(layer.non_trainable_variables[0]) == 6
    (named,) = layers.TFSMLayer(saved, "named")(X).values()
    np.testing.assert_allclose(array(named), 0.5 * X.sum(1, keepdims=True), rtol=1e-5, atol=1e-6)
    assert not layers.TFSMLayer(saved, trainable=False).trainable_variables


@tensorflow_only
def test_a_model_with_a_saved_function_trains(saved: Any) -> None:
    """As a product with the same matrix; the counter counts the steps."""
    layer, dense = layers.TFSMLayer(saved, call_training_endpoint="train"), layers.Dense(1, use_bias=False, kernel_initializer="ones")
    losses = []
    for first in (layer, dense):
        model = Sequential([layers.Input((4,)), first, layers.Rescaling(2.0)])
        first.set_weights([np.full((4, 1), 0.5, "float32"), *first.get_weights()[1:]])
        model.compile(optimizers.SGD(0.02), "mse")
        losses.append(model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0).history["loss"])
        np.testing.assert_allclose(model.predict(X, verbose=0), 2 * X @ first.get_weights()[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(*losses, rtol=1e-5)
    np.testing.assert_allclose(layer.get_weights()[0], dense.get_weights()[0], rtol=1e-4)
    assert float(layer.non_trainable_variables[0]) == 12
    np.testing.assert_array_equal(copy.deepcopy(layer).get_weights()[0], layer.get_weights()[0])


@tensorflow_only
def test_saved_models_that_are_not_there(saved: Any, tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="did you mean 'serve'"):
        layers.TFSMLayer(saved, "server")
    with pytest.raises(ValueError, match="there is no SavedModel in the folder"):
        layers.TFSMLayer(tmp_path / "nothing")
    config = layers.TFSMLayer(saved).get_config()
    assert list(config) == ["name", "trainable", "dtype", "filepath", "call_endpoint", "call_training_endpoint"]
    with pytest.raises(ValueError, match="whose code would be run"):
        layers.TFSMLayer.from_config(config)
    with pytest.raises(ValueError, match="whose code would be run"):
        layers.deserialize(layers.serialize(layers.TFSMLayer(saved)))
    assert layers.TFSMLayer.from_config(config, safe_mode=False).built


# --- other engines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "needed"), [
    (lambda: layers.TorchModuleWrapper(3), "torch"), (lambda: layers.JaxLayer(_linear, _first_linear), "jax"),
    (lambda: layers.FlaxLayer(_Affine()), "jax"), (lambda: layers.TFSMLayer("x"), "tensorflow")])
def test_other_engines_say_which_one_is_needed(make: Any, needed: str) -> None:
    with registry.using("numpy"), pytest.raises(NotImplementedError, match=f"needs the {needed} engine, the active one is numpy"):
        make()
