"""Where this package is exact on purpose and Keras is not, or takes what Keras does not: formulas instead of a comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, losses, metrics, ops

RNG = np.random.default_rng(0)
P, Y = (RNG.normal(size=(6, 5, 2)).astype("float32") for _ in range(2))
ROWS = np.linspace(0, 2, 6, dtype="float32")


def _number(x: Any) -> float:
    return float(ops.convert_to_numpy(x))


class Seen(keras.Model):
    """Keeps the first number of each batch; runs eagerly."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[int] = []

    def call(self, x: Any) -> Any:
        return x

    def train_step(self, data: Any) -> dict[str, Any]:
        self.rows.append(int(ops.convert_to_numpy(data[0])[0, 0]))
        return {}


class Batches:
    """Four batches as a sequence."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        x = np.arange(4 * index, min(4 * index + 4, 14), dtype="float32")[:, None]
        return x, x


@pytest.mark.parametrize(("steps", "expected"), [(2, [0, 4, 8, 12, 0, 4]), (3, [0, 4, 8, 12, 0, 4, 8, 12, 0]), (4, [0, 4, 8, 12] * 3)])
@pytest.mark.parametrize("kind", ["arrays", "sequence"])
def test_epochs_of_some_steps_go_through_all_data(engine: Any, kind: str, steps: int, expected: list[int]) -> None:
    """An epoch begins where the last one stopped, and after the last batch with the first one."""
    x = np.arange(14, dtype="float32")[:, None]
    model = Seen()
    model.compile(run_eagerly=True)
    data: dict[str, Any] = {"x": x, "y": x, "batch_size": 4} if kind == "arrays" else {"x": Batches()}
    steps_seen: list[int] = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps_seen.append(batch))
    model.fit(**data, steps_per_epoch=steps, epochs=3, shuffle=False, verbose=0, callbacks=[watch])
    assert model.rows == expected
    assert steps_seen == [*range(steps)] * 3


def test_one_step_or_many_from_the_middle(engine: Any) -> None:
    """Several steps in a call from the middle of the data are the same as single ones."""
    weights = []
    for callbacks in ([], [keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)]):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
        model.compile("sgd", "mse")
        model.fit(P[:, 0], Y[:, 0], batch_size=1, steps_per_epoch=4, epochs=4, verbose=0, callbacks=callbacks)
        weights.append(model.get_weights()[0])
    np.testing.assert_array_equal(*weights)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_row_weights_of_losses_of_higher_rank(engine: Any, reduction: str) -> None:
    """A weight of a row serves all its frames, and the mean by weights divides by those of all frames."""
    values = np.square(P - Y).mean(-1) * ROWS[:, None]
    divisor = {"sum_over_batch_size": 30, "sum": 1, "mean_with_sample_weight": 5 * ROWS.sum()}[reduction]
    for weight in (ROWS, ROWS[:, None], np.repeat(ROWS[:, None], 5, 1)):
        loss = losses.MeanSquaredError(reduction=reduction)(Y, P, sample_weight=weight)
        np.testing.assert_allclose(_number(loss), values.sum() / divisor, rtol=1e-5)


def test_metrics_over_unequal_batches(engine: Any) -> None:
    """Any cut into batches gives the metric of the whole, also with one number as weight, and with frames."""
    for name, y, p in (("MeanAbsoluteError", Y[:, 0], P[:, 0]), ("RootMeanSquaredError", Y, P)):
        for weight in (None, 2.0, ROWS):
            whole, cut = getattr(metrics, name)(), getattr(metrics, name)()
            whole.update_state(y, p, sample_weight=weight)
            for rows in (slice(0, 1), slice(1, 6)):
                cut.update_state(y[rows], p[rows], sample_weight=weight[rows] if isinstance(weight, np.ndarray) else weight)
            np.testing.assert_allclose(_number(cut.result()), _number(whole.result()), rtol=1e-5)


def test_weighted_metrics_with_masks(engine: Any) -> None:
    """A masked frame does not count, and the others count alike in every batch."""
    x, y = RNG.integers(0, 4, (7, 5)).astype("int32"), RNG.integers(0, 3, (7, 5)).astype("int32")
    weight = RNG.uniform(0, 2, (7, 5)).astype("float32")
    stack = [keras.Input((5,), dtype="int32"), layers.Embedding(4, 3, mask_zero=True), layers.Dense(3, activation="softmax")]
    model = keras.Sequential(stack)
    model.compile("sgd", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    hits = (model.predict(x, verbose=0).argmax(-1) == y) * (x != 0) * weight
    expected = hits.sum() / ((x != 0) * weight).sum()
    for batch in (7, 2):
        logs = model.evaluate(x, y, sample_weight=weight, batch_size=batch, verbose=0, return_dict=True)
        np.testing.assert_allclose(logs["accuracy"], expected, rtol=1e-5)


@pytest.mark.parametrize("kind", ["mask", "ignore_class", "mean_with_sample_weight"])
def test_loss_of_entries_that_count(engine: Any, kind: str) -> None:
    """Where batches differ in how much of them counts, the loss of an epoch is that of all rows at once, and so in training."""
    x, y = RNG.integers(0, 4, (7, 5)).astype("int32"), RNG.integers(0, 3, (7, 5)).astype("int32")
    x[:2, 1:] = 0
    y[3:, :4] = 2
    weight = RNG.uniform(0, 2, (7, 5)).astype("float32") * np.arange(7)[:, None]
    embedding = layers.Embedding(4, 3, mask_zero=kind == "mask")
    model = keras.Sequential([keras.Input((5,), dtype="int32"), embedding, layers.Dense(3, activation="softmax")])
    options: dict[str, Any] = {"mask": {}, "ignore_class": {"ignore_class": 2}}.get(kind, {"reduction": kind})
    model.compile(keras.optimizers.SGD(0.0), losses.SparseCategoricalCrossentropy(**options))
    values = -np.log(np.take_along_axis(model.predict(x, verbose=0), y[..., None], -1)[..., 0])
    counts = {"mask": x != 0, "ignore_class": y != 2}.get(kind, weight)
    expected = (values * weight * (counts != 0)).sum() / counts.sum()
    for batch in (7, 2, 3):
        np.testing.assert_allclose(model.evaluate(x, y, sample_weight=weight, batch_size=batch, verbose=0), expected, rtol=1e-5)
        history = model.fit(x, y, sample_weight=weight, batch_size=batch, verbose=0).history
        np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)


def test_losses_of_outputs_that_count(engine: Any) -> None:
    """With several outputs, that of each one."""
    y = np.array([0, 1, 1, 1, 2], "int32")
    p = RNG.dirichlet(np.ones(3), (2, 5)).astype("float32")
    inputs = [keras.Input((3,)) for _ in range(2)]
    model = keras.Model(inputs, [layers.Identity(name=name)(x) for name, x in zip("ab", inputs, strict=True)])
    model.compile("sgd", [losses.SparseCategoricalCrossentropy(ignore_class=1), losses.SparseCategoricalCrossentropy()])
    logs = model.evaluate(list(p), [y, y], batch_size=2, verbose=0, return_dict=True)
    values = -np.log(p[:, np.arange(5), y])
    np.testing.assert_allclose([logs["a_loss"], logs["b_loss"]], [values[0][y != 1].mean(), values[1].mean()], rtol=1e-5)


def test_losses_in_mixed_precision_are_float32(engine: Any) -> None:
    """Outputs of 16 bits are widened: labels above 256 and small losses keep their digits."""
    x = keras.Input((2,))
    model = keras.Model(x, layers.Dense(400, activation="softmax", dtype="mixed_bfloat16")(x))
    model.compile("sgd", "sparse_categorical_crossentropy")
    labels = np.array([399, 301, 2, 257, 0, 255])
    loss = model.evaluate(P[:, 0], labels, verbose=0)
    p = np.asarray(model.predict(P[:, 0], verbose=0)).astype("float32")
    assert losses.MeanSquaredError().dtype == "float32"
    np.testing.assert_allclose(loss, -np.log(p / p.sum(-1, keepdims=True))[np.arange(6), labels].mean(), rtol=1e-3)
