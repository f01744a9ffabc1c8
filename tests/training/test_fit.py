"""`fit`, `evaluate` and `predict` on every engine: what they compute, in which order, and what callbacks see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from tests.training.models import StepLosses, flowers, mlp


def _linear(**compile_arguments: Any) -> Any:
    """y = w x + b from zeros, by plain gradient descent: each step is known."""
    model = keras.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(**{"optimizer": keras.optimizers.SGD(0.1), "loss": "mse", **compile_arguments})
    return model


def _descend(x: np.ndarray, y: np.ndarray, batch: int, weight: np.ndarray | None = None,
             epochs: int = 1) -> tuple[float, float, list[float]]:
    """The same in NumPy, in float64: weight, bias and the loss of each epoch (the mean over its rows)."""
    w = b = 0.0
    weight = np.ones(len(x)) if weight is None else weight
    losses = []
    for _ in range(epochs):
        total = 0.0
        for i in range(0, len(x), batch):
            a, t, s = x[i:i + batch, 0].astype("float64"), y[i:i + batch, 0], weight[i:i + batch]
            error = w * a + b - t
            total += (s * error**2).sum()
            w, b = w - 0.1 * (2 * s * error * a).mean(), b - 0.1 * (2 * s * error).mean()
        losses.append(total / len(x))
    return w, b, losses


X = np.linspace(-1, 1, 10, dtype="float32")[:, None]
Y = 3 * X + 1


@pytest.mark.parametrize("batch", [10, 4, 3])
def test_each_step_is_the_formula(engine: Any, batch: int) -> None:
    """Weights and epoch losses agree with the same descent in NumPy, a smaller last batch included."""
    model = _linear()
    history = model.fit(X, Y, batch_size=batch, epochs=3, shuffle=False, verbose=0)
    w, b, losses = _descend(X, Y, batch, epochs=3)
    np.testing.assert_allclose([model.get_weights()[0][0, 0], model.get_weights()[1][0]], [w, b], rtol=1e-5)
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-5)


def test_sample_and_class_weight(engine: Any) -> None:
    """Sample weights scale the losses of their rows; class weights those of their labels; both together multiply."""
    weight = np.linspace(0, 2, 10, dtype="float32")
    model = _linear()
    model.fit(X, Y, batch_size=5, shuffle=False, verbose=0, sample_weight=weight)
    np.testing.assert_allclose(model.get_weights()[0][0, 0], _descend(X, Y, 5, weight)[0], rtol=1e-5)
    labels = (X > 0).astype("float32")
    weighted = _linear()
    weighted.fit(X, labels, batch_size=5, shuffle=False, verbose=0, class_weight={0: 0.5, 1: 3.0})
    of_classes = np.where(X[:, 0] > 0, 3.0, 0.5)
    np.testing.assert_allclose(weighted.get_weights()[0][0, 0], _descend(X, labels, 5, of_classes)[0], rtol=1e-5)
    both = _linear()
    both.fit(X, labels, batch_size=5, shuffle=False, verbose=0, class_weight={0: 0.5, 1: 3.0}, sample_weight=weight)
    np.testing.assert_allclose(both.get_weights()[0][0, 0], _descend(X, labels, 5, weight * of_classes)[0], rtol=1e-5)


def test_evaluate_in_batches_is_evaluate_at_once(engine: Any) -> None:
    """Loss and accuracy are means over rows, whatever the batches."""
    x, y = flowers(70)
    model = mlp()
    whole = model.evaluate(x, y, batch_size=70, verbose=0)
    np.testing.assert_allclose(model.evaluate(x, y, batch_size=32, verbose=0), whole, rtol=1e-5)
    probabilities = model.predict(x, verbose=0)
    np.testing.assert_allclose(whole[0], -np.log(probabilities[np.arange(70), y]).mean(), rtol=1e-5)
    np.testing.assert_allclose(whole[1], (probabilities.argmax(1) == y).mean(), rtol=1e-6)


def test_one_step_or_many_in_a_call_are_the_same_bits(engine: Any) -> None:
    """A callback that wants every batch changes nothing but the speed."""
    x, y = flowers(70)
    runs = []
    for callbacks in ([], [StepLosses()]):
        model = mlp()
        model.fit(x, y, batch_size=16, epochs=3, verbose=0, callbacks=callbacks)
        runs.append(model.get_weights())
    for a, b in zip(*runs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_eager_and_compiled_agree(engine: Any) -> None:
    """`run_eagerly` computes the same."""
    x, y = flowers(40)
    weights = []
    for eager in (False, True):
        model = mlp(run_eagerly=eager)
        model.fit(x, y, batch_size=16, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_it_learns(engine: Any) -> None:
    """Three clouds are told apart."""
    x, y = flowers(300)
    model = mlp(optimizer=keras.optimizers.Adam(0.02))
    history = model.fit(x, y, epochs=20, batch_size=32, validation_split=0.2, verbose=0)
    assert history.history["val_accuracy"][-1] > 0.9
    assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"] or set(history.history) == {
        "accuracy", "loss", "val_accuracy", "val_loss"}
    assert history.epoch == list(range(20))


def test_frozen_layers_stay(engine: Any) -> None:
    """What is not trainable does not change; switching it on again trains it."""
    x, y = flowers(40)
    model = mlp()
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.get_weights()
    model.fit(x, y, verbose=0)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert not np.array_equal(before[2], after[2])


def test_callbacks_read_and_change_live_values(engine: Any) -> None:
    """Between steps the variables are those of the last step, and a new learning rate counts at once."""
    model = _linear()
    seen: list[float] = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(float(model.get_weights()[0][0, 0]))
            model.optimizer.learning_rate = 0.0

    model.fit(X, Y, batch_size=5, shuffle=False, verbose=0, callbacks=[Look()])
    assert len(seen) == 2
    assert seen[0] != 0
    assert seen[1] == seen[0]


def test_arrays_that_were_handed_out_do_not_change(engine: Any) -> None:
    """Weights read before training keep their values."""
    x, y = flowers(40)
    model = mlp()
    copies, tensor = model.get_weights(), model.trainable_variables[0].value
    before = ops.convert_to_numpy(tensor).copy()
    model.fit(x, y, epochs=2, verbose=0)
    np.testing.assert_array_equal(copies[0], before)
    np.testing.assert_array_equal(ops.convert_to_numpy(tensor), before)


def test_an_exception_leaves_the_last_step(engine: Any) -> None:
    """A callback that raises, or an interrupt, leaves a usable model."""
    x, y = flowers(64)
    model = mlp()

    def stop(batch: int, logs: Any) -> None:
        if batch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, batch_size=16, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=stop)])
    assert int(model.optimizer.iterations) == 2
    model.fit(x, y, batch_size=16, verbose=0)
    assert int(model.optimizer.iterations) == 6


def test_iterables_of_batches(engine: Any) -> None:
    """Objects with batches, and generators, train as arrays do."""
    batches = [(X[i:i + 4], Y[i:i + 4]) for i in range(0, 10, 4)]

    class Batches:
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> Any:
            return batches[index]

    model = _linear()
    model.fit(Batches(), epochs=2, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0][0, 0], _descend(X, Y, 4, epochs=2)[0], rtol=1e-5)
    endless = _linear()
    endless.fit((batches[i % 3] for i in range(100)), steps_per_epoch=3, epochs=2, verbose=0)
    np.testing.assert_allclose(endless.get_weights()[0], model.get_weights()[0], rtol=1e-6)


def test_on_batch_methods(engine: Any) -> None:
    """`train_on_batch` is one step, `test_on_batch` none, `predict_on_batch` the outputs."""
    model = _linear(metrics=["mae"])
    loss, mae = model.train_on_batch(X, Y)
    np.testing.assert_allclose([loss, mae], [np.square(Y).mean(), np.abs(Y).mean()], rtol=1e-5)
    np.testing.assert_allclose(model.get_weights()[0][0, 0], _descend(X, Y, 10)[0], rtol=1e-5)
    model.reset_metrics()
    logs = model.test_on_batch(X, Y, return_dict=True)
    np.testing.assert_allclose(logs["loss"], np.square(model.predict_on_batch(X) - Y).mean(), rtol=1e-5)


def test_own_train_step(engine: Any) -> None:
    """A `train_step` written once, with the package's tools, trains compiled on every engine."""

    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1, kernel_initializer="zeros")
            self.error = keras.metrics.Mean(name="error")

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def train_step(self, data: Any) -> Any:
            x, y = data
            loss, grads = keras.value_and_grad(lambda: ops.mean(ops.square(self(x, training=True) - y)), self.trainable_variables)
            self.optimizer.apply(grads, self.trainable_variables)
            self.error.update_state(loss)
            return {"error": self.error.result(), "last": loss, "half": 0.5, "nothing": None}

    model = Own()
    model.compile(optimizer=keras.optimizers.SGD(0.1))
    history = model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0][0, 0], _descend(X, Y, 4, epochs=2)[0], rtol=1e-5)
    assert set(history.history) == {"error", "last", "half", "nothing"}
    assert history.history["half"] == [0.5, 0.5] and history.history["nothing"] == [None, None]


class Logging(keras.Model):
    """Has logs of its own beside those of the metrics."""

    def __init__(self) -> None:
        super().__init__()
        self.dense, self.seen = keras.layers.Dense(1), keras.metrics.Sum(name="seen")

    def call(self, x: Any) -> Any:
        return self.dense(x)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        logs = super().compute_metrics(x, y, y_pred, sample_weight)
        self.seen.update_state(keras.ops.ones_like(y))
        return {**logs, "rows": self.seen.result()}


def test_logs_of_an_overridden_compute_metrics(engine: Any) -> None:
    """What it returns are the logs."""
    model = Logging()
    model.compile("sgd", "mse", metrics=["mae"])
    x = np.ones((6, 2), "float32")
    history = model.fit(x, x[:, :1], batch_size=4, validation_data=(x, x[:, :1]), verbose=0).history
    assert history["rows"] == history["val_rows"] == [6.0]
    assert {"loss", "mae", "val_loss", "val_mae"} <= set(history)
    assert model.train_on_batch(x, x[:, :1], return_dict=True)["rows"] == 6.0


def test_several_inputs_and_outputs(engine: Any) -> None:
    """Lists and dicts of inputs, outputs, losses, weights of losses and metrics."""
    a, b = keras.Input((4,), name="a"), keras.Input((2,), name="b")
    x = layers.Concatenate()([a, b])
    model = keras.Model({"a": a, "b": b}, {"kind": layers.Dense(3, activation="softmax")(x), "size": layers.Dense(1)(x)})
    model.compile("adam", loss={"kind": "sparse_categorical_crossentropy", "size": "mse"}, loss_weights={"size": 0.5},
                  metrics={"kind": ["accuracy"], "size": ["mae"]})
    rng = np.random.default_rng(0)
    inputs = {"a": rng.normal(size=(20, 4)).astype("float32"), "b": rng.normal(size=(20, 2)).astype("float32")}
    targets = {"kind": rng.integers(0, 3, 20), "size": rng.normal(size=(20, 1)).astype("float32")}
    history = model.fit(inputs, targets, verbose=0)
    assert {"loss", "kind_accuracy", "size_mae"} <= set(history.history)
    outputs = model.predict(inputs, verbose=0)
    assert {k: v.shape for k, v in outputs.items()} == {"kind": (20, 3), "size": (20, 1)}
    logs = model.evaluate(inputs, targets, verbose=0, return_dict=True)
    expected = -np.log(outputs["kind"][np.arange(20), targets["kind"]]).mean() + 0.5 * np.square(outputs["size"] - targets["size"]).mean()
    np.testing.assert_allclose(logs["loss"], expected, rtol=1e-4)


def test_a_stack_without_input_takes_any_batch(engine: Any) -> None:
    """A `Sequential` that learns its input's shape from the data does not learn the number of rows."""
    model = keras.Sequential([layers.Dense(3, activation="relu"), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, Y, batch_size=4, verbose=0)
    assert model.input_shape == (None, 1)
    assert model.predict(X[:3], verbose=0).shape == (3, 1)


class Summing(layers.Layer):
    """Keeps the sum of the batches that it saw: its state has the rows of a batch."""

    def build(self, input_shape: Any) -> None:
        self.sum = self.add_weight(input_shape, initializer="zeros", trainable=False)

    def call(self, x: Any) -> Any:
        self.sum.assign(self.sum + x)
        return ops.convert_to_tensor(self.sum)


def test_a_fixed_batch(engine: Any) -> None:
    """A model for batches of one size only, with state from batch to batch, takes data of several batches; all labels are checked."""
    x, rows = np.arange(12, dtype="float32")[:, None], np.arange(4, dtype="float32")[:, None]
    layer = Summing()
    model = keras.Sequential([layers.Input(batch_shape=(4, 1)), layer])
    model.compile("sgd", "mse")
    model.fit(x, x, batch_size=4, epochs=2, shuffle=False, verbose=0, validation_data=(x[:8], x[:8]))
    np.testing.assert_array_equal(layer.sum.numpy(), 2 * (3 * rows + 12) + 2 * (2 * rows + 4))
    layer.sum.assign(np.zeros((4, 1)))
    np.testing.assert_array_equal(model.predict(x, batch_size=4, verbose=0), np.concatenate([rows, 2 * rows + 4, 3 * rows + 12]))
    with pytest.raises(ValueError, match=r"shape \(4, 1\), got \(6, 1\)"):
        model.fit(x, x, batch_size=6, verbose=0)
    labels = np.zeros(12, "int32")
    labels[-1] = 7
    sparse = keras.Sequential([layers.Input(batch_shape=(4, 1)), layers.Dense(3, activation="softmax")])
    sparse.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=r"labels must lie in 0 to 2 for outputs of shape \(None, 3\), got 0 to 7"):
        sparse.fit(x, labels, batch_size=4, verbose=0)


def test_own_optimizer(engine: Any) -> None:
    """A subclass needs no more than its constructor and `update`; its name comes from its class."""

    class SignDescent(keras.optimizers.Optimizer):
        def __init__(self, rate: float):
            super().__init__(rate)

        def update(self, params: list[Any], grads: list[Any], slots: Any, learning_rate: Any) -> Any:
            return [p - learning_rate * ops.sign(g) for p, g in zip(params, grads, strict=True)], {}

    optimizer = SignDescent(0.25)
    assert optimizer.name.startswith("sign_descent")
    model = _linear(optimizer=optimizer)
    model.fit(X, Y, batch_size=10, epochs=2, verbose=0)
    np.testing.assert_allclose([w.item() for w in model.get_weights()], [0.5, 0.5], rtol=1e-6)
