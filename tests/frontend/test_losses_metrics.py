"""Losses and metrics called by hand: on lists of numbers, with weights, in 16-bit floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import losses, metrics, ops

LISTS: dict[str, float] = {  # of [1, 0] and [0.6, 0.2]
    "Accuracy": 0.0, "BinaryAccuracy": 1.0, "RootMeanSquaredError": 0.1**0.5, "MeanSquaredError": 0.1, "MeanAbsoluteError": 0.3,
    "BinaryCrossentropy": -(np.log(0.6) + np.log(0.8)) / 2,
}


@pytest.mark.parametrize("name", LISTS)
def test_metric_of_lists(engine: Any, name: str) -> None:
    """Lists of numbers are arrays."""
    metric = getattr(metrics, name)()
    metric.update_state([1, 0], [0.6, 0.2])
    assert float(metric.result()) == pytest.approx(LISTS[name], rel=1e-5)


def test_functions_of_lists(engine: Any) -> None:
    """So they are for the plain functions and a metric made from a function."""
    assert ops.convert_to_numpy(metrics.binary_accuracy([1, 0], [0.6, 0.2])).tolist() == [1.0, 1.0]
    assert float(losses.mean_squared_error([1, 0], [0.6, 0.2])) == pytest.approx(0.1)
    assert ops.convert_to_numpy(metrics.sparse_categorical_accuracy([0, 1], [[0.6, 0.2], [0.9, 0.1]])).tolist() == [1.0, 0.0]
    wrapped = metrics.MeanMetricWrapper(lambda a, b: ops.square(ops.subtract(a, b)))
    wrapped.update_state([1, 0], [0.6, 0.2], sample_weight=[1, 3])
    assert float(wrapped.result()) == pytest.approx((0.16 + 3 * 0.04) / 4)


def test_loss_of_lists(engine: Any) -> None:
    """Lists of numbers of any kind, with weights."""
    assert float(losses.MeanSquaredError()([1, 0], [0.6, 0.2])) == pytest.approx(0.1)
    assert float(losses.MeanSquaredError()([np.float32(1), 0], [0.6, np.float64(0.2)])) == pytest.approx(0.1)
    sparse = losses.SparseCategoricalCrossentropy()([0, 1], [[0.6, 0.4], [0.2, 0.8]], sample_weight=[1, 3])
    assert float(sparse) == pytest.approx(-(np.log(0.6) + 3 * np.log(0.8)) / 2, rel=1e-5)


class Scalar(losses.Loss):
    """A loss of one number for the batch."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.square(ops.subtract(y_true, y_pred)))


@pytest.mark.parametrize(("reduction", "expected"), [("sum_over_batch_size", 0.34), ("sum", 0.68), ("mean_with_sample_weight", 0.17)])
def test_scalar_loss_with_weights(engine: Any, reduction: str, expected: float) -> None:
    """A loss that is one number stands for each row that is weighed, as in Keras."""
    y, p = np.array([[0.0], [1.0]]), np.array([[0.5], [0.7]])
    assert float(Scalar(reduction=reduction)(y, p, sample_weight=np.array([1.0, 3.0]))) == pytest.approx(expected)
    each = ops.convert_to_numpy(Scalar(reduction="none")(y, p, sample_weight=np.array([1.0, 3.0])))
    np.testing.assert_allclose(each, [0.17, 0.51], rtol=1e-6)


def test_vector_loss_with_weights(engine: Any) -> None:
    """Targets and outputs without a last axis have one loss together."""
    value = losses.BinaryCrossentropy()([0, 1, 0, 0], [0.1, 0.7, 0.2, 0.3], sample_weight=[0.3] * 4)
    assert float(value) == pytest.approx(0.0781390, rel=1e-5)


def test_scalar_loss_trains_with_weights(engine: Any) -> None:
    """In `fit` too."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile("sgd", lambda y, p: ops.mean(ops.square(ops.subtract(y, p))))
    history = model.fit(np.ones((2, 2), "float32"), np.array([[1.0], [2.0]]), sample_weight=np.array([1.0, 3.0]), verbose=0)
    assert history.history["loss"][0] == pytest.approx(0.5 * (1 + 3) / 2)


def test_labels_are_not_rounded(engine: Any) -> None:
    """A loss in 16 bits keeps its integer labels: 513 is none of bfloat16's numbers."""
    logits = np.zeros((1, 1000), "float32")
    logits[0, 513] = 9.0
    for labels in (np.array([513]), np.array([513.0], "float32"), [513]):
        value = losses.SparseCategoricalCrossentropy(from_logits=True, dtype="bfloat16")(labels, logits)
        assert float(ops.cast(value, "float32")) == pytest.approx(0.116, abs=0.02)


def MyTop2(y: Any, p: Any) -> Any:  # a name in capitals
    return ops.mean(p, axis=-1)


class Spread:
    """A callable without `__name__`."""

    def __call__(self, y: Any, p: Any) -> Any:
        return ops.max(p, axis=-1)


def test_names_of_functions_as_metrics(engine: Any) -> None:
    """Their keys in logs, as in Keras."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Identity()])
    model.compile(loss="mse", metrics=[MyTop2, lambda y, p: ops.min(p, axis=-1), Spread(), losses.Huber(name="Q")])
    logs = model.evaluate(np.ones((2, 2)), np.ones((2, 2)), verbose=0, return_dict=True)
    assert set(logs) == {"loss", "my_top2", "lambda", "spread", "Q"}
