"""The metrics beside Keras's: values with weights, configs, names."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite import metrics, ops
from keras_lite.engine import registry
from tests.metrics.table import ROWS, TABLE, Row

UNLIKE = {  # rows that Keras gets wrong or refuses (see docs/keras-differences.md): class, inputs and arguments
    ("CosineSimilarity", "numbers", "axis"): "normalizes along another axis on NumPy",
    ("SparseCategoricalCrossentropy", "labels", "ignore_class"): "counts entries of the ignored class",
    ("OneHotMeanIoU", "channel scores", "num_classes", "axis"): "flattens first",
    ("R2Score", "column scores"): "wants targets (B, 1)", ("F1Score", "column scores", "threshold"): "wants targets (B, 1)",
}
WEIGHT = np.array([0.5, 2.0, 0.0, 1.5, 3.0, 1.0], "float32")
WHOLE = np.array([1, 2, 0, 1, 3, 1], "float32")  # what an int32 matrix keeps
FORGOTTEN = {"CosineSimilarity": {"axis"}, "SparseTopKCategoricalAccuracy": {"from_sorted_ids"}}


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with registry.using("numpy"), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _result(metric: Any, row: Row, weight: Any = None) -> np.ndarray:
    y, p = row.inputs
    metric.update_state(*((y,) if row.cls in ("Mean", "Sum") else (y, p)), sample_weight=weight)
    return np.asarray(ops.convert_to_numpy(metric.result()), "float64")


def _needs_more(row: Row) -> bool:
    """Whether Keras wants weights of the shape of the labels."""
    return "IoU" in row.cls and np.ndim(row.inputs[0]) > (2 if "OneHot" in row.cls else 1)


@pytest.mark.parametrize("row", TABLE, ids=repr)
def test_values(keras: Any, row: Row) -> None:
    if (row.cls, row.pair, *row.args) in UNLIKE:
        pytest.skip(UNLIKE[row.cls, row.pair, *row.args])
    for weight in (None, WHOLE if "IoU" in row.cls else WEIGHT):
        if weight is not None and (not row.by_rows or row.args.get("num_regressors") or _needs_more(row)):
            continue
        ours, theirs = (_result(getattr(module, row.cls)(**row.args), row, weight) for module in (metrics, keras.metrics))
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=2e-5 if row.cls != "R2Score" else 1e-4, atol=1e-6)


@pytest.mark.parametrize("name", sorted({row.cls for row in TABLE}))
def test_configs(keras: Any, name: str) -> None:
    """Keras's config is ours but for arguments that Keras forgets; each reads the other's."""
    forgotten = FORGOTTEN.get(name, set())
    args = next(row.args for row in TABLE if row.cls == name)
    for arguments in (args, {**args, "name": "mine", "dtype": "float32"}):
        ours, theirs = getattr(metrics, name)(**arguments), getattr(keras.metrics, name)(**arguments)
        ours.name = theirs.name  # numbered by each
        mine, reference = metrics.serialize(ours), keras.metrics.serialize(theirs)
        assert {**mine, "config": None} == {**reference, "config": None}
        assert {k: v for k, v in mine["config"].items() if k not in forgotten} == reference["config"]
        assert metrics.deserialize(reference).get_config() == ours.get_config()
        if not forgotten:
            assert keras.metrics.deserialize(mine).get_config() == theirs.get_config()
        assert [v.name for v in ours.variables][:len(theirs.variables)] == [v.name for v in theirs.variables]


def test_wrapped_function(keras: Any) -> None:
    """A metric of a function, with its arguments."""
    ours = metrics.MeanMetricWrapper(metrics.huber, name="mine", delta=2.0)
    theirs = keras.metrics.MeanMetricWrapper(keras.losses.huber, name="mine", delta=2.0)
    assert metrics.serialize(ours) == keras.metrics.serialize(theirs)
    again = metrics.deserialize(keras.metrics.serialize(theirs))
    for metric in (ours, theirs, again):
        metric.update_state([[0.0, 0.0]], [[1.0, 5.0]])
    assert float(ours.result()) == float(again.result()) == pytest.approx(float(theirs.result()))


def test_names(keras: Any) -> None:
    """Every name that Keras's `get` knows gives the same class here."""
    public = [name for name in dir(keras.metrics) if name[0] != "_"]
    assert set(metrics.__all__) == set(public)
    short = ["mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE", "bce", "BCE", "accuracy", "f_beta_score", "log_cosh_error"]
    public.remove("Metric")
    for name in [*public, *short, "auc", "f1_score", "r2_score", "binary_io_u", "true_positives", "root_mean_squared_error"]:
        try:
            theirs = keras.metrics.get(name)
        except (ValueError, TypeError):
            continue
        assert type(metrics.get(name)).__name__ == type(theirs).__name__, name


@pytest.mark.parametrize("name", ["binary_accuracy", "categorical_accuracy", "top_k_categorical_accuracy", "pearson_correlation",
                                  "concordance_correlation", "sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy"])
def test_functions(keras: Any, name: str) -> None:
    """One value for each entry."""
    rng = np.random.default_rng(0)
    p = rng.uniform(size=(ROWS, 4)).astype("float32")
    y = rng.integers(0, 4, ROWS) if "sparse" in name else np.eye(4, dtype="float32")[rng.integers(0, 4, ROWS)]
    ours, theirs = (np.asarray(getattr(module, name)(y, p)) for module in (metrics, keras.metrics))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert ours.shape == theirs.shape


SHAPES: dict[str, tuple[Any, Any]] = {  # of targets and outputs; classes are the last axis of outputs
    "rows": ((6,), (6, 1)), "column": ((6, 1), (6, 1)), "labels": ((6,), (6, 3)), "label column": ((6, 1), (6, 3)),
    "one-hot": ((6, 3), (6, 3)), "frames": ((6, 4), (6, 4, 3)), "one-hot frames": ((6, 4, 3), (6, 4, 3)), "bits": ((6, 4, 1), (6, 4, 1)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_automatic_accuracy(keras: Any, name: str) -> None:
    """Which accuracy "accuracy" is, shapes decide as in Keras; also beside weights."""
    shape, outputs = SHAPES[name]
    rng = np.random.default_rng(1)
    x = rng.dirichlet([1] * 3, outputs[:-1]).astype("float32")[..., :outputs[-1]]
    one_hot = shape == outputs and outputs[-1] > 1
    y = np.eye(3)[rng.integers(0, 3, shape[:-1])] if one_hot else rng.integers(0, min(3, outputs[-1] + 1), shape)
    found = []
    for module in (keras_lite, keras):
        model = module.Sequential([module.Input(x.shape[1:]), module.layers.Identity()])
        loss = lambda y, p, K=module: K.ops.mean(p, axis=tuple(range(1, len(p.shape))))  # noqa: E731  # of rows, whatever the shapes
        model.compile(loss=loss, metrics=["accuracy"], weighted_metrics=["acc"])
        model.evaluate(x, y, sample_weight=WEIGHT, batch_size=4, verbose=0)
        found.append({name: float(value) for name, value in model.get_metrics_result().items() if name != "loss"})
    assert found[0] == pytest.approx(found[1], abs=1e-6)
    assert set(found[0]) == {"accuracy", "acc"}
