"""Gradient accumulation: micro-batches make the update of one large batch, whatever counts in each of them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, losses, ops, optimizers
from keras_lite.engine import registry

RNG = np.random.default_rng(0)
X, Y = (RNG.normal(size=(9, 3)).astype("float32") for _ in range(2))
WEIGHT = RNG.uniform(0, 2, 9).astype("float32")
TOKENS, LABELS = RNG.integers(0, 5, (9, 4)).astype("int32"), RNG.integers(0, 3, (9, 4)).astype("int32")
TOKENS[:4, 1:] = 0
LARGE, SMALL, STEPS = 6, 2, 3  # windows of 2 + 2 + 2 and 2 + 1 rows: the second one is what is left over


def _dense(**options: Any) -> Any:
    return keras.Sequential([keras.Input((3,)), layers.Dense(3, **options)])


def _deep() -> Any:
    return keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="tanh", kernel_regularizer="l2"), layers.Dense(3)])


def _words(mask_zero: bool = True) -> Any:
    return keras.Sequential([keras.Input((4,), dtype="int32"), layers.Embedding(5, 4, mask_zero=mask_zero, embeddings_regularizer="l2"),
                             layers.Dense(3, activation="softmax")])


def _two() -> Any:
    x = keras.Input((3,))
    return keras.Model(x, [layers.Dense(3, name="a")(x), layers.Dense(3, activation="sigmoid", name="b")(x)])


def _two_words() -> Any:
    x = keras.Input((4,), dtype="int32")
    words = layers.Embedding(5, 4, mask_zero=True)(x)
    return keras.Model(x, [layers.Dense(3, activation="softmax", name="a")(words), layers.Dense(1, name="b")(words)])


def _sum() -> Any:
    return losses.MeanSquaredError("sum")


def _by_weights() -> Any:
    return losses.MeanSquaredError("mean_with_sample_weight")


NUMBERS: dict[str, Any] = {"x": X, "y": Y}
WEIGHED = {**NUMBERS, "sample_weight": WEIGHT}
WORDS: dict[str, Any] = {"x": TOKENS, "y": LABELS}
LABELLED: dict[str, Any] = {"x": X, "y": LABELS[:, :1]}
SPARSE = "sparse_categorical_crossentropy"
CASES: dict[str, tuple[Callable[[], Any], Any, dict[str, Any]]] = {
    "rows": (_dense, "mse", NUMBERS),
    "rows_weighed": (_deep, "mse", WEIGHED),
    "class_weight": (lambda: _dense(activation="softmax"), SPARSE, {**LABELLED, "class_weight": {0: 3.0, 1: 0.2}}),
    "by_weights": (_deep, _by_weights, WEIGHED),
    "without_weights": (_dense, _by_weights, {**NUMBERS, "sample_weight": WEIGHT * (np.arange(9) > 5)}),
    "nothing_counts": (_deep, _by_weights, {**NUMBERS, "sample_weight": 0 * WEIGHT}),
    "sum": (_dense, _sum, WEIGHED),
    "sum_regularized": (_deep, _sum, WEIGHED),
    "mask": (_words, SPARSE, WORDS),
    "mask_weighed": (_words, SPARSE, {**WORDS, "sample_weight": WEIGHT}),
    "mask_by_weights": (_words, lambda: losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight"),
                        {**WORDS, "sample_weight": WEIGHT}),
    "ignore_class": (lambda: _words(False), lambda: losses.SparseCategoricalCrossentropy(ignore_class=2), WORDS),
    "activity": (lambda: _dense(activity_regularizer="l2"), "mse", NUMBERS),
    "two_outputs": (_two, ["mse", "binary_crossentropy"], {"x": X, "y": [Y, LABELS[:, :3] % 2], "sample_weight": WEIGHT}),
    "two_by_weights": (_two, [losses.MeanSquaredError("mean_with_sample_weight"), losses.BinaryFocalCrossentropy(
        reduction="mean_with_sample_weight")], {"x": X, "y": [Y, LABELS[:, :3] % 2], "sample_weight": WEIGHT}),
    "two_masked": (_two_words, [SPARSE, "mse"], {"x": TOKENS, "y": [LABELS, LABELS[..., None]], "sample_weight": WEIGHT}),
}

COMPILED = ("rows_weighed", "sum_regularized", "mask_by_weights", "two_outputs")


def _trained(case: str, optimizer: Any, accumulate: bool, **arguments: Any) -> list[np.ndarray]:
    """The weights after two epochs, and the number of updates."""
    make, loss, data = CASES[case]
    keras.utils.set_random_seed(3)
    model = make()
    made = optimizer(STEPS if accumulate else None)
    model.compile(made, loss() if callable(loss) else loss, **arguments)
    model.fit(**data, batch_size=SMALL if accumulate else LARGE, epochs=2, shuffle=False, verbose=0)
    return [*model.get_weights(), np.array(ops.convert_to_numpy(model.optimizer.iterations))]


def _large(case: str, optimizer: Any) -> list[np.ndarray]:
    """With large batches; on NumPy, where it is quickest."""
    with registry.using("numpy"):
        return _trained(case, optimizer, False, run_eagerly=True)


def _same(found: list[np.ndarray], expected: list[np.ndarray], rtol: float = 2e-6) -> None:
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * max(1.0, np.abs(b).max()))


def _sgd(steps: Any) -> Any:
    return optimizers.SGD(0.1, momentum=0.9, gradient_accumulation_steps=steps)


@pytest.mark.parametrize(("case", "eager"), [*((case, True) for case in CASES), *((case, False) for case in COMPILED)])
def test_one_large_batch(engine: Any, case: str, eager: bool) -> None:
    """Unequal micro-batches, with weights and masks, and what is left over at the end of an epoch."""
    _same(_trained(case, _sgd, True, run_eagerly=eager), _large(case, _sgd))


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "Adam": lambda n: optimizers.AdamW(0.05, weight_decay=0.1, gradient_accumulation_steps=n),
    "clipnorm": lambda n: optimizers.SGD(0.1, clipnorm=0.05, gradient_accumulation_steps=n),
    "global_clipnorm": lambda n: optimizers.Lamb(0.1, global_clipnorm=0.05, gradient_accumulation_steps=n),
    "schedule": lambda n: optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 1, 0.5), gradient_accumulation_steps=n),
    "loss_scale_factor": lambda n: optimizers.SGD(0.1, loss_scale_factor=64.0, gradient_accumulation_steps=n),
    "dynamic_scale": lambda n: optimizers.LossScaleOptimizer(_sgd(n), 8.0, dynamic_growth_steps=2),
    "groups": lambda n: optimizers.ParameterGroups(_sgd(n), [optimizers.ParameterGroup("bias", learning_rate_factor=0.1)]),
    "several": lambda n: optimizers.MultiOptimizer(optimizers.OptimizerMap(_sgd(n), {".*bias": optimizers.Adam(
        0.1, gradient_accumulation_steps=n)})),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(engine: Any, name: str) -> None:
    """Clipping, decay, schedules and scales see the gradient of all rows, once."""
    eager = name not in ("Adam", "dynamic_scale")
    found = _trained("rows_weighed", OPTIMIZERS[name], True, run_eagerly=eager)
    expected = _large("rows_weighed", OPTIMIZERS[name])
    if name == "several":  # its own counter is that of steps
        found, expected = found[:-1], expected[:-1]
    _same(found, expected)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "float64"])
def test_dtypes(engine: Any, policy: str) -> None:
    """In mixed precision accumulators are float32, and the loss is scaled; sums of 16 bits do not overflow."""
    if engine.canonical_dtype("float64") != "float64" and policy == "float64":
        pytest.skip("this engine has no float64")
    found = []
    for steps, rows in ((STEPS, SMALL), (None, LARGE)):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((3,)), layers.Dense(3, dtype=policy)])
        model.dtype_policy = keras.dtype_policies.get(policy)
        model.compile(_sgd(steps), losses.MeanSquaredError(dtype="float64" if policy == "float64" else None), run_eagerly=True)
        assert isinstance(model.optimizer, optimizers.LossScaleOptimizer) == (policy == "mixed_float16")
        factor = 0.1 if policy == "mixed_float16" else 1.0  # its gradients are those of 32768 times the loss
        model.fit(factor * X, factor * Y, batch_size=rows, epochs=2, shuffle=False, verbose=0)
        found.append(model.get_weights())
    _same(*found, rtol={"float64": 1e-12, "float16": 3e-3, "mixed_bfloat16": 1e-2}.get(policy, 2e-3))


class Halving(keras.Model):
    """A training step of one's own, which says how much its batches count."""

    def __init__(self, weigh: bool):
        super().__init__()
        self.dense, self.weigh = layers.Dense(3), weigh

    def call(self, x: Any) -> Any:
        return self.dense(x)

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        loss, gradients = keras.value_and_grad(lambda: self.compute_loss(y=y, y_pred=self(x)), self.trainable_variables)
        if self.weigh:
            with optimizers.accumulation_weight(x.shape[0]):
                self.optimizer.apply(gradients, self.trainable_variables)
        else:
            self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss}


@pytest.mark.parametrize("weigh", [True, False])
def test_own_train_step(engine: Any, weigh: bool) -> None:
    """Weighed by its rows, or counted alike as in Keras; what is left over makes an update here too."""
    keras.utils.set_random_seed(3)
    model = Halving(weigh)
    model.compile(optimizers.SGD(0.1, gradient_accumulation_steps=2), "mse")
    model.build((None, 3))
    w, b = (v.astype("float64") for v in model.get_weights())
    model.fit(X[:8], Y[:8], batch_size=3, shuffle=False, verbose=0)  # 3 + 3 and 2
    for window in ((slice(0, 3), slice(3, 6)), (slice(6, 8),)):
        shares = [len(X[rows]) if weigh else 1.0 for rows in window]
        errors = [2 * (X[rows] @ w + b - Y[rows]) / 3 / len(X[rows]) for rows in window]
        step = [s * X[rows].T @ e for s, rows, e in zip(shares, window, errors, strict=True)]
        w, b = w - 0.1 * sum(step) / sum(shares), b - 0.1 * sum(s * e.sum(0) for s, e in zip(shares, errors, strict=True)) / sum(shares)
    _same(model.get_weights(), [w, b])


class OwnLoss(keras.Model):
    """A loss of one's own, a mean over rows."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3, kernel_regularizer="l2")

    def call(self, x: Any) -> Any:
        return self.dense(x)

    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True) -> Any:
        return ops.add(ops.mean(ops.abs(ops.subtract(y_pred, y))), self.losses[0])


def test_own_loss(engine: Any) -> None:
    """It counts as often as its batch has rows."""
    found = []
    for steps, rows in ((STEPS, SMALL), (None, LARGE)):
        keras.utils.set_random_seed(3)
        model = OwnLoss()
        model.compile(_sgd(steps), run_eagerly=True)
        model.fit(X, Y, batch_size=rows, shuffle=False, verbose=0)
        found.append(model.get_weights())
    _same(*found)


def _applied(gradients: list[float], weights: list[Any], steps: int = 3, **options: Any) -> tuple[Any, Any]:
    v = keras.Variable(np.zeros(1, "float32"))
    optimizer = optimizers.SGD(1.0, gradient_accumulation_steps=steps, **options)
    for gradient, weight in zip(gradients, weights, strict=True):
        with optimizers.accumulation_weight(weight):
            optimizer.apply([ops.full((1,), gradient)], [v])
    return optimizer, v


def test_apply_accumulated(engine: Any) -> None:
    """An update by what there is, or none; the next micro-batch begins a window."""
    optimizer, v = _applied([1.0, 4.0], [2.0, 1.0])
    assert v.numpy() == 0
    for _ in range(2):  # the second time nothing is left
        optimizer.apply_accumulated()
        assert (v.numpy().item(), int(optimizer.iterations)) == (-2.0, 1)
    assert all(not slot.numpy().any() for slot in optimizer.variables[2:])
    for gradient in (1.0, 2.0, 6.0):
        optimizer.apply([ops.full((1,), gradient)], [v])
    assert (v.numpy().item(), int(optimizer.iterations)) == (-5.0, 2)
    optimizers.SGD().apply_accumulated()  # one that does not accumulate


def test_sums_and_weights(engine: Any) -> None:
    """Added up, or with weights that cancel, or of which some are zero."""
    optimizer, v = _applied([1.0, 2.0, 4.0], ["sum"] * 3)
    assert v.numpy() == -7
    assert _applied([1.0, 2.0, 4.0], [0.0, 0.0, 2.0])[1].numpy() == -4
    assert _applied([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])[1].numpy() == -2
    assert _applied([1.0, 2.0, 4.0], [1.0, 1.0, -2.0])[1].numpy() == 0
    with pytest.raises(ValueError, match='expected a scalar or "sum", got'), optimizers.accumulation_weight("mean"):
        pass
    with pytest.raises(ValueError, match="no place for the weights of micro-batches"), optimizers.accumulation_weight(2.0):
        optimizer.stateless_apply([x.value for x in optimizer.variables], [ops.ones(1)], [v.value])


def test_weights_outlive_copies(engine: Any) -> None:
    """A copy made in the middle of a window goes on as the original does; values read from a file count alike."""
    make, loss, _ = CASES["rows"]
    model = make()
    model.compile(_sgd(2), loss)
    model.train_on_batch(X[:5], Y[:5])
    twin = copy.deepcopy(model)
    for one in (model, twin):
        one.train_on_batch(X[5:6], Y[5:6])
    _same(twin.get_weights(), model.get_weights(), rtol=0)
    optimizer, v = _applied([1.0], [32.0], steps=2)
    optimizer.set_weights([x.numpy() for x in optimizer.variables])
    with optimizers.accumulation_weight(8.0):
        optimizer.apply([ops.full((1,), 3.0)], [v])
    assert v.numpy() == -2


def test_steps_that_are_not_finite(engine: Any) -> None:
    """They are not there: the window takes the next one in their place."""
    v = keras.Variable(np.zeros(1, "float32"))
    optimizer = optimizers.LossScaleOptimizer(optimizers.SGD(1.0, gradient_accumulation_steps=2), 4.0)
    for gradient, weight in ((4.0, 1.0), (np.inf, 9.0), (8.0, 3.0)):
        scale = float(optimizer.dynamic_scale.numpy())
        with optimizers.accumulation_weight(weight):
            optimizer.apply([ops.full((1,), gradient * scale)], [v])
    assert v.numpy() == -7
    optimizer.apply([ops.full((1,), 2.0)], [v])
    optimizer.apply_accumulated()
    assert v.numpy() == -8  # the scale is 2 by then


class Watch(keras.callbacks.Callback):
    """Keeps the weights and the number of updates at the end of each epoch, and may end the training."""

    def __init__(self, stop_at: int | None = None):
        super().__init__()
        self.seen: list[Any] = []
        self.updates: list[int] = []
        self.stop_at = stop_at

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.model.stop_training = batch == self.stop_at

    def on_test_begin(self, logs: Any = None) -> None:
        self.seen.append(self.model.get_weights()[0])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.updates.append(int(self.model.optimizer.iterations))
        np.testing.assert_array_equal(self.seen[-1], self.model.get_weights()[0])


def test_epochs_end_with_an_update(engine: Any) -> None:
    """Before it is validated, and where a callback ends the training in a window."""
    make, loss, _ = CASES["rows"]
    model, watch = make(), Watch()
    model.compile(_sgd(4), loss)
    model.fit(X, Y, batch_size=2, epochs=2, verbose=0, validation_data=(X, Y), callbacks=[watch])  # five steps
    assert watch.updates == [2, 4]
    first, watch = model.get_weights()[0], Watch(stop_at=0)
    model.fit(X, Y, batch_size=2, epochs=2, verbose=0, validation_data=(X, Y), callbacks=[watch])
    assert watch.updates == [5]
    assert np.abs(model.get_weights()[0] - first).max() > 1e-4
