"""Variables of models: calling without side effects, weights, losses, and the same model on another engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from keras_lite.engine import registry
from keras_lite.state import tree
from tests.conftest import ENGINES
from tests.training.models import StepLosses, flowers

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def _np(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


def _normed() -> Any:
    """A stack whose call writes: moving statistics and a counter of random numbers."""
    stack = [keras.Input((4,)), layers.Dense(3, kernel_regularizer="l2"), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(2)]
    return keras.Sequential(stack, name="normed")


# --- without side effects --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compiled", [False, True])
def test_stateless_call(engine: Any, compiled: bool) -> None:
    """Outputs and new values of what a call writes; the variables themselves stay, compiled or not."""
    model = _normed()
    before = [v.numpy() for v in model.variables]

    def call(trainable: list[Any], others: list[Any], x: Any) -> Any:
        return model.stateless_call(trainable, others, x, training=True, return_losses=True)

    run = engine.compile(call) if compiled else call
    values = [[v.value for v in vs] for vs in (model.trainable_variables, model.non_trainable_variables)]
    outputs, new, losses = run([ops.convert_to_tensor(2 * _np(v)) for v in values[0]], values[1], ops.convert_to_tensor(X))
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    assert outputs.shape == (6, 2)
    moved = {v.path: _np(n) for v, n in zip(model.non_trainable_variables, new, strict=True)}
    kernel, bias = (2 * _np(v) for v in values[0][:2])
    mean = next(value for path, value in moved.items() if path.endswith("moving_mean"))
    np.testing.assert_allclose(mean, 0.01 * (X @ kernel + bias).mean(0), rtol=1e-4, atol=1e-6)
    seeds = [(v.numpy(), moved[v.path]) for v in model.non_trainable_variables if v.dtype == "uint32"]
    assert seeds and all(not np.array_equal(a, b) for a, b in seeds)
    np.testing.assert_allclose([float(_np(x)) for x in losses], [0.01 * (kernel**2).sum()], rtol=1e-5)


def test_stateless_call_mistakes(engine: Any) -> None:
    model = _normed()
    with pytest.raises(ValueError, match="has 6 trainable and 3 other variables, got 1 and 0 values"):
        model.stateless_call([X], [], X)
    with pytest.raises(ValueError, match="must be built first"):
        keras.Sequential([layers.Dense(2)]).stateless_call([], [], X)


# --- weights ---------------------------------------------------------------------------------------------------------------


def test_get_and_set_weights(engine: Any) -> None:
    model = _normed()
    weights = model.get_weights()
    assert [w.shape for w in weights] == [(4, 3), (3,), (3,), (3,), (3,), (3,), (3, 2), (2,)]
    weights[0][:] = 7.0  # copies: the model does not see it
    assert not (model.get_weights()[0] == 7).any()
    model.set_weights(weights)
    assert (model.get_weights()[0] == 7).all()
    assert model.count_params() == sum(w.size for w in weights)
    with pytest.raises(ValueError, match="has 8 weights, got 2 arrays"):
        model.set_weights(weights[:2])
    wrong = [np.zeros_like(w) for w in weights]
    wrong[-1] = np.zeros(5)
    with pytest.raises(ValueError, match=r"has shape \(2,\), the array has \(5,\)"):
        model.set_weights(wrong)
    assert (model.get_weights()[0] == 7).all(), "nothing was assigned before the error"


# --- losses ----------------------------------------------------------------------------------------------------------------


class Penalty(layers.Layer):
    """Adds the mean square of its input to the loss."""

    def call(self, x: Any) -> Any:
        self.add_loss(0.5 * ops.mean(ops.square(x)))
        return x


def test_add_loss(engine: Any) -> None:
    """Losses of the last call alone; they and regularizers are trained and reported."""
    x = keras.Input((4,))
    dense = layers.Dense(4, use_bias=False, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L1(0.1), name="dense")
    model = keras.Model(x, Penalty()(dense(x)))
    model(2 * X)
    model(X)
    expected = [0.5 * (X @ np.ones((4, 4))).__pow__(2).mean(), 1.6]
    np.testing.assert_allclose([float(_np(v)) for v in model.losses], expected, rtol=1e-5)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    logs = model.evaluate(X, X, verbose=0, return_dict=True)
    np.testing.assert_allclose(logs["loss"], sum(expected) + np.square(X @ np.ones((4, 4)) - X).mean(), rtol=1e-5)
    assert model.fit(X, X, epochs=5, verbose=0).history["loss"][-1] < logs["loss"]


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_losses_hold_numbers(engine: Any, run_eagerly: bool) -> None:
    """What a compiled or described call added is gone after it, for it had no values; regularizers give theirs at any time."""
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(1, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L1(0.5))(Penalty()(x)))
    numbers = lambda: [float(_np(v)) for v in model.losses]  # noqa: E731  # one expression, read in place
    assert numbers() == [2.0]
    model.compile(keras.optimizers.SGD(0.0), "mse", run_eagerly=run_eagerly)
    calls = [lambda: model.fit(X, X[:, :1], verbose=0), lambda: model.evaluate(X, X[:, :1], verbose=0), lambda: model.predict(X, verbose=0)]
    for call in calls:
        model._programs = {}  # so that it is traced again
        model(X)
        np.testing.assert_allclose(numbers(), [0.5 * np.square(X).mean(), 2.0], rtol=1e-5)
        call()
        assert numbers()[-1] == 2.0 and len(numbers()) <= 2
        assert run_eagerly or len(numbers()) == 1
    model.stateless_call([v.value for v in model.trainable_variables], [], X)
    assert numbers() == [2.0]


def test_only_added_losses(engine: Any) -> None:
    """A model can be trained by its added losses alone, without targets."""
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2), Penalty()])
    model.compile(keras.optimizers.SGD(0.1))
    losses = model.fit(X, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    bare = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    bare.compile("sgd")
    with pytest.raises(ValueError, match="nothing to minimise"):
        bare.fit(X, verbose=0)


# --- layers with the framework's own functions -----------------------------------------------------------------------------


class Direct(layers.Layer):
    """Calls the engine itself on its tensors, as a user calls jnp, torch or tf."""

    def call(self, x: Any) -> Any:
        engine = registry.current() if not registry.current().is_abstract else registry.concrete()
        y = engine.exp(x)
        return engine.strided_slice(y, (0, 0), (engine.shape_of(y)[0], 3), (1, 1))


def test_layer_that_calls_the_framework(engine: Any) -> None:
    """Its output shape is found by trying sizes; in a graph, in fit and in predict it works as any other."""
    x = keras.Input((4,))
    y = Direct()(x)
    assert (y.shape, y.dtype) == ((None, 3), "float32")
    model = keras.Model(x, layers.Dense(1)(y))
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], verbose=0, batch_size=4)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(model.predict(X, verbose=0), np.exp(X)[:, :3] @ kernel + bias, rtol=1e-4, atol=1e-5)


class Own(RuntimeError):
    """An exception of the user's."""


@pytest.mark.parametrize("error", [Own("mine"), ValueError("theirs"), AttributeError("no such thing"), KeyError("k")], ids=repr)
def test_exceptions_of_a_layer_pass_through(engine: Any, error: Exception) -> None:
    """What a user's `call` raises comes out as it is, eager, symbolic and in fit."""

    class Broken(layers.Layer):
        def call(self, x: Any) -> Any:
            raise error

    with pytest.raises(type(error)) as caught:
        Broken()(X)
    assert caught.value is error
    with pytest.raises(type(error)) as caught:
        Broken()(keras.Input((4,)))
    assert caught.value is error
    model = keras.Sequential([layers.Dense(2), Broken()])
    model.compile("sgd", "mse")
    with pytest.raises(type(error)) as caught:
        model.fit(X, X[:, :2], verbose=0)
    assert caught.value is error


# --- another engine --------------------------------------------------------------------------------------------------------


def _classifier() -> Any:
    keras.utils.set_random_seed(3)
    x = keras.Input((4,), name="x")
    y = layers.BatchNormalization()(layers.Dense(8, activation="relu")(x))
    model = keras.Model(x, layers.Dense(3, activation="softmax", name="kind")(y), name="classifier")
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy", keras.metrics.Mean(name="mean")][:1])
    return model


def test_to_the_same_engine(engine: Any) -> None:
    """A copy in the same state: it trains on with the same losses, and the original does not change."""
    x, y = flowers(48)
    model = _classifier()
    model.fit(x, y, epochs=1, batch_size=16, verbose=0)
    twin = model.to_backend(engine.name)
    before = model.get_weights()
    runs = [m.fit(x, y, epochs=2, batch_size=16, shuffle=False, verbose=0).history for m in (twin, model)]
    np.testing.assert_allclose(runs[0]["loss"], runs[1]["loss"], rtol=1e-6)
    assert not np.array_equal(before[0], model.get_weights()[0])
    assert twin.optimizer is not model.optimizer
    assert int(twin.optimizer.iterations) == int(model.optimizer.iterations) == 9


@pytest.mark.all_engines
@pytest.mark.parametrize("source", ENGINES)
def test_to_backend(source: str) -> None:
    """To every other engine: weights and optimizer arrive, and training goes on as it would have."""
    x, y = flowers(48)
    with registry.using(source):
        model = _classifier()
        model.fit(x, y, epochs=1, batch_size=16, shuffle=False, verbose=0)
    model.layers[1].trainable = False
    twins = {target: model.to_backend(target) for target in ENGINES if target != source}
    kept = [v.numpy() for v in (*model.variables, *model.optimizer.variables)]
    own = StepLosses()
    model.fit(x, y, epochs=2, batch_size=16, shuffle=False, verbose=0, callbacks=[own])
    for target, twin in twins.items():
        variables = [*twin.variables, *twin.optimizer.variables]
        assert {v.engine.name for v in variables} == {twin.engine.name} == {target}
        assert [v.trainable for v in twin.variables] == [v.trainable for v in model.variables]
        for a, b in zip(kept, variables, strict=True):
            np.testing.assert_array_equal(a, b.numpy())
        steps = StepLosses()
        twin.fit(x, y, epochs=2, batch_size=16, shuffle=False, verbose=0, callbacks=[steps])
        np.testing.assert_allclose(steps.losses, own.losses, rtol=1e-3)
        np.testing.assert_allclose(twin.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-3, atol=1e-4)


def test_to_backend_mistakes(engine: Any) -> None:
    with pytest.raises(ValueError, match="must be built first"):
        keras.Sequential([layers.Dense(2)]).to_backend(engine.name)
    with pytest.raises(ValueError, match="unknown engine 'toch'"):
        _normed().to_backend("toch")


def test_models_of_all_kinds_move(engine: Any) -> None:
    """Stacks, nested models and subclasses, with their random counters."""

    class Sub(keras.Model):
        def __init__(self, width: int, **kwargs: Any):
            super().__init__(**kwargs)
            self.width = width
            self.inner = keras.Sequential([layers.Dense(width), layers.Dropout(0.5)])

        def call(self, x: Any, training: bool = False) -> Any:
            return self.inner(x, training=training)

    sub = Sub(3)
    sub(X)
    x = keras.Input((4,))
    for model in (_normed(), sub, keras.Model(x, _normed()(x) + 1)):
        twin = model.to_backend(engine.name)
        for a, b in zip(tree.flatten(model(X)), tree.flatten(twin(X)), strict=True):
            np.testing.assert_allclose(_np(a), _np(b), rtol=1e-6)
        np.testing.assert_array_equal(_np(model(X, training=True)), _np(twin(X, training=True)))


def test_a_model_stays_on_its_engine(engine: Any) -> None:
    """Compiled, trained and asked while another engine is active, it runs on its own; callbacks too."""
    model = _normed()
    seen: list[Any] = []
    other = "numpy" if engine.name != "numpy" else next((name for name in ENGINES if name != "numpy"), "numpy")
    with registry.using(other):
        model.compile("sgd", "mse", metrics=[keras.metrics.MeanAbsoluteError(), "mse"])
        watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(registry.current().name))
        model.fit(X, X[:, :2], epochs=2, verbose=0, validation_split=0.5, callbacks=[watch])
        logs = model.evaluate(X, X[:, :2], verbose=0, return_dict=True)
        out = model.predict(X, verbose=0)
        model.train_on_batch(X, X[:, :2])
    np.testing.assert_allclose(logs["mse"], np.square(out - X[:, :2]).mean(), rtol=1e-5)
    assert seen == [engine.name] * 2
    assert {v.engine.name for v in (*model.variables, *model.optimizer.variables, *model.metrics_variables)} == {engine.name}


# --- layers that say what their output is like -----------------------------------------------------------------------------


class Counting(layers.Layer):
    """Counts its calls, and adds a loss; with a shape of its own."""

    def build(self, input_shape: Any) -> None:
        self.count = self.add_weight((), "zeros", trainable=False)
        self.scale = self.add_weight((), "ones")

    def call(self, x: Any) -> Any:
        self.count.assign_add(1.0)
        self.add_loss(3 * self.scale)
        return x * 0 + ops.stop_gradient(self.scale)


class CountingByShape(Counting):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class CountingBySpec(Counting):
    def compute_output_spec(self, x: Any) -> Any:
        return keras.KerasTensor(x.shape, x.dtype)


@pytest.mark.parametrize("cls", [Counting, CountingByShape, CountingBySpec])
def test_compiled_steps_see_what_a_call_does(engine: Any, cls: Any) -> None:
    """Also where the layer would tell its output's shape without a call."""
    model = keras.Sequential([keras.Input((4,)), cls()])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(X, X, batch_size=3, epochs=2, verbose=0)
    assert float(model.layers[0].count) == 4
    np.testing.assert_allclose(float(model.layers[0].scale), 1 - 4 * 0.1 * 3, rtol=1e-5)
