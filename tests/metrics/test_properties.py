"""What holds for all inputs: batches, order, padding; and what bad arguments and inputs get."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_lite import Sequential, layers, metrics
from keras_lite.engine import registry
from tests.conftest import ENGINES, load_quietly
from tests.metrics.table import ROWS, TABLE, Row, expected
from tests.metrics.test_metrics import array, made, tolerance, update

WEIGHTS = st.lists(st.sampled_from([0.0, 0.25, 1.0, 3.5]), min_size=ROWS, max_size=ROWS).map(lambda x: np.array(x, "float32"))
BY_ROWS = [row for row in TABLE if row.by_rows]
EACH = settings(max_examples=25, deadline=None, derandomize=True)


@pytest.fixture(scope="module", params=ENGINES)
def module_engine(request: pytest.FixtureRequest) -> Any:
    """Each engine in turn, for a whole module: hypothesis wants fixtures that outlive its examples."""
    with registry.using(load_quietly(request.param)) as active:
        yield active


def same(found: Any, wanted: Any, row: Row) -> None:
    np.testing.assert_allclose(array(found), wanted, rtol=tolerance(row), atol=tolerance(row))


def signs(row: Row, y: np.ndarray) -> np.ndarray:
    """Targets -1 and 1 for hinges: whether 0 and 1 are meant is seen from a whole batch."""
    return np.sign(y - 0.5) if "Hinge" in row.cls and row.pair == "bits" else y


@EACH
@given(row=st.sampled_from(BY_ROWS), weight=WEIGHTS, cut=st.sampled_from([2, 4]))
def test_batches(module_engine: Any, row: Row, weight: np.ndarray, cut: int) -> None:
    """Two batches are both together."""
    y, p = signs(row, row.inputs[0]), row.inputs[1]
    metric = made(row)
    for rows in (slice(0, cut), slice(cut, None)):
        update(metric, y[rows], p[rows], weight[rows])
    same(metric.result(), expected(row, weight), row)


@EACH
@given(row=st.sampled_from(BY_ROWS), weight=WEIGHTS, order=st.permutations(range(ROWS)))
def test_order(module_engine: Any, row: Row, weight: np.ndarray, order: list[int]) -> None:
    """Rows in another order have the same result."""
    y, p = row.inputs
    same(update(made(row), y[order], p[order], weight[order]).result(), expected(row, weight), row)


@EACH
@given(row=st.sampled_from(BY_ROWS), weight=WEIGHTS, filling=st.sampled_from([0.0, 1.0, np.nan, np.inf]))
def test_padding(module_engine: Any, row: Row, weight: np.ndarray, filling: float) -> None:
    """Rows of weight 0 change nothing, whatever stands in them."""
    y, p = row.inputs
    blank = np.full((3, *p.shape[1:]), filling if p.dtype.kind == "f" else 1, p.dtype)
    longer, weights = np.concatenate([p, blank]), np.concatenate([weight, np.zeros(3, "float32")])
    same(update(made(row), np.concatenate([y, y[:3]]), longer, weights).result(), expected(row, weight), row)


X, LABELS = np.zeros((4, 3), "float32"), np.array([0, 1, 2, 1])


def _evaluated(metric: Any, y: Any) -> Any:
    model = Sequential([layers.Dense(3)])
    model.compile("sgd", "mse", metrics=[metric])
    return model.evaluate(X, y, verbose=0)


MISTAKES: dict[str, tuple[Any, str]] = {
    "misspelt": (lambda: metrics.get("acuracy"), "unknown metric 'acuracy'; did you mean 'accuracy'"),
    "misspelt class": (lambda: metrics.get("Presicion"), "did you mean 'Precision'"),
    "misspelt config": (lambda: metrics.deserialize("f1score"), "did you mean 'f1_score'"),
    "no metric": (lambda: metrics.get(3), "expected a name, a config or a callable, got 3"),
    "needs arguments": (lambda: metrics.get("mean_io_u"), "MeanIoU needs arguments: give an object"),
    "argument": (lambda: metrics.AUC(num_treshold=3), "AUC: unknown arguments .*did you mean 'num_thresholds'"),
    "threshold": (lambda: metrics.Precision(1.5), r"Precision: thresholds must be numbers in \[0, 1\], got 1.5"),
    "no thresholds": (lambda: metrics.Recall([]), r"Recall: thresholds must be numbers in \[0, 1\], got \[\]"),
    "top_k": (lambda: metrics.Recall(top_k=0), "Recall: top_k must be at least 1, got 0"),
    "k": (lambda: metrics.TopKCategoricalAccuracy(0), "k must be at least 1, got 0"),
    "binary threshold": (lambda: metrics.BinaryAccuracy(threshold="a"), "threshold must be a number, got 'a'"),
    "share": (lambda: metrics.RecallAtPrecision(1.2), r"precision must lie in \[0, 1\], got 1.2"),
    "number of thresholds": (lambda: metrics.PrecisionAtRecall(0.5, num_thresholds=0), "num_thresholds must be a positive integer, got 0"),
    "thresholds of AUC": (lambda: metrics.AUC(1), "num_thresholds must be an integer of at least 2, got 1"),
    "curve": (lambda: metrics.AUC(curve="ROX"), "AUC: curve must be one of 'ROC', 'PR', 'PRGAIN', got 'ROX'"),
    "sum": (lambda: metrics.AUC(summation_method="mean"), "summation_method must be one of"),
    "labels": (lambda: metrics.AUC(num_labels=3), "num_labels is for multi_label=True"),
    "negative label weights": (lambda: metrics.AUC(label_weights=[1, -1]), "label_weights must be a vector"),
    "outputs of labels": (lambda: update(metrics.AUC(multi_label=True, num_labels=2), X, X),
                          r"AUC: expected outputs of 2 labels, got shape \(4, 3\)"),
    "rank of labels": (lambda: update(metrics.AUC(multi_label=True), LABELS, X[:, 0]), r"multi_label expects .* got shape \(4,\)"),
    "average": (lambda: metrics.F1Score("mean"), "F1Score: average must be one of None, 'micro', 'macro', 'weighted', got 'mean'"),
    "beta": (lambda: metrics.FBetaScore(beta=0), "beta must be positive, got 0"),
    "classes of IoU": (lambda: metrics.IoU(3, [3]), r"IoU: target_class_ids must lie in 0 to 2, got \[3\]"),
    "number of classes": (lambda: metrics.MeanIoU(0), "num_classes must be a positive integer, got 0"),
    "aggregation": (lambda: metrics.R2Score("mean"), "class_aggregation must be one of None, 'uniform_average'"),
    "regressors": (lambda: metrics.R2Score(num_regressors=-1), "num_regressors must not be negative, got -1"),
    "class": (lambda: update(metrics.Precision(class_id=3), X, X), r"class_id must lie in 0 to 2 for outputs of shape \(4, 3\), got 3"),
    "shapes": (lambda: update(metrics.AUC(), X[:, :2], X), r"targets of shape \(4, 2\) do not fit outputs of shape \(4, 3\)"),
    "shapes of errors": (lambda: update(metrics.RootMeanSquaredError(), X[:, :2], X), r"targets of shape \(4, 2\) do not fit"),
    "shapes of scores": (lambda: update(metrics.F1Score(), LABELS, X), r"expected targets and outputs \(samples, classes\), got shapes"),
    "shapes of R2": (lambda: update(metrics.R2Score(), X[:, 0], X[:, 0]), r"expected targets and outputs \(samples, outputs\)"),
    "dense IoU": (lambda: update(metrics.MeanIoU(3), LABELS, X), r"labels of shape \(4,\) do not fit .*see sparse_y_true"),
    "one-hot labels": (lambda: update(metrics.SparseCategoricalAccuracy(), X, X), "for one-hot targets use categorical_accuracy"),
    "integer labels": (lambda: update(metrics.CategoricalAccuracy(), LABELS, X), "for integer labels use sparse_categorical_accuracy"),
    "weights": (lambda: update(metrics.Recall(), X, X, np.ones(3)), r"sample_weight: shape \(3,\) does not fit"),
    "in evaluate": (lambda: _evaluated("r2_scor", X), "unknown metric 'r2_scor'; did you mean 'r2_score'"),
    "shapes in evaluate": (lambda: _evaluated(metrics.CategoricalAccuracy(), X[:, :1]), "for integer labels use sparse_categorical"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(engine: Any, name: str) -> None:
    """One clear error."""
    call, message = MISTAKES[name]
    with pytest.raises((ValueError, TypeError), match=message):
        call()
