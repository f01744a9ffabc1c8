"""What holds for all inputs: batches, order, padding, merged parts; and what bad arguments and inputs get.

The same examples in every run; KERAS_LITE_FULL=1 draws many more, of any size and cut, other ones each time, and Hypothesis keeps what
fails in `.hypothesis`.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_lite import Sequential, layers, metrics
from keras_lite.engine import registry
from tests.conftest import ENGINES, load_quietly
from tests.metrics.table import ROWS, TABLE, Row, expected
from tests.metrics.test_metrics import PLAIN, TOLERANCE, array, made, update

FULL = bool(os.environ.get("KERAS_LITE_FULL"))
EACH = settings(max_examples=1000 if FULL else 25, derandomize=not FULL, deadline=None,
                database=settings.default.database if FULL else None)
BY_ROWS = [row for row in TABLE if row.by_rows]


class Drawn(NamedTuple):
    """Rows of the inputs of a metric, some of them several times, with weights, and where they are cut into batches."""

    row: Row
    rows: list[int]
    weight: np.ndarray
    cuts: list[int]

    @property
    def inputs(self) -> tuple[np.ndarray, np.ndarray]:
        """Targets and outputs; targets of hinges are -1 and 1: whether 0 and 1 are meant is seen from a whole batch."""
        y, p = self.row.inputs
        return (np.sign(y - 0.5) if "Hinge" in self.row.cls and self.row.pair == "bits" else y)[self.rows], p[self.rows]

    @property
    def batches(self) -> list[slice]:
        return [slice(first, last) for first, last in zip([0, *self.cuts], [*self.cuts, len(self.rows)], strict=True)]

    def check(self, found: Any) -> None:
        """What is found is what the formula gives for these rows."""
        wanted = expected(self.row, self.weight, self.rows)
        np.testing.assert_allclose(array(found), wanted, rtol=TOLERANCE, atol=TOLERANCE)


@st.composite
def drawn(draw: Any) -> Drawn:
    """Of 6 rows in batches of 2 and 4, which few programs serve; in a full run up to 12 in up to 4 batches."""
    count = draw(st.integers(1, 12)) if FULL else ROWS
    weights = draw(st.lists(st.sampled_from([0.0, 0.25, 1.0, 3.5]), min_size=count, max_size=count))
    cuts = sorted(draw(st.lists(st.integers(0, count), max_size=3))) if FULL else [draw(st.sampled_from([2, 4]))]
    return Drawn(draw(st.sampled_from(BY_ROWS)), draw(st.lists(st.integers(0, ROWS - 1), min_size=count, max_size=count)),
                 np.array(weights, "float32"), cuts)


@pytest.fixture(scope="module", params=ENGINES)
def module_engine(request: pytest.FixtureRequest) -> Any:
    """Each engine in turn, for a whole module: hypothesis wants fixtures that outlive its examples."""
    with registry.using(load_quietly(request.param)) as active:
        yield active


@EACH
@given(drawn())
def test_batches(module_engine: Any, case: Drawn) -> None:
    """Batches are all rows together."""
    (y, p), metric = case.inputs, made(case.row)
    for rows in case.batches:
        update(metric, y[rows], p[rows], case.weight[rows])
    case.check(metric.result())


@EACH
@given(drawn(), st.randoms(use_true_random=False))
def test_order(module_engine: Any, case: Drawn, random: Any) -> None:
    """Rows in another order have the same result."""
    order = random.sample(range(len(case.rows)), len(case.rows))
    y, p = case.inputs
    case.check(update(made(case.row), y[order], p[order], case.weight[order]).result())


@EACH
@given(drawn(), st.sampled_from([0.0, 1.0, np.nan, np.inf]))
def test_padding(module_engine: Any, case: Drawn, filling: float) -> None:
    """Rows of weight 0 change nothing, whatever stands in them."""
    y, p = case.inputs
    real = case.cuts[0] if case.cuts else len(p)
    p = np.where(np.arange(len(p)).reshape(-1, *[1] * (p.ndim - 1)) < real, p, np.array(filling if p.dtype.kind == "f" else 1, p.dtype))
    case = case._replace(weight=np.where(np.arange(len(p)) < real, case.weight, 0).astype("float32"))
    found = update(made(case.row), y, p, case.weight).result()
    case._replace(rows=case.rows[:real], weight=case.weight[:real]).check(found)


@EACH
@given(drawn())
def test_merging(module_engine: Any, case: Drawn) -> None:
    """The variables of parts of the rows, each counted from nothing, add up to those of all rows."""
    (y, p), metric = case.inputs, made(case.row)
    update(metric, y, p)  # some have their variables only now
    empty = metric.stateless_reset_state()
    parts = [metric.stateless_update_state(empty, *((y[rows],) if case.row.cls in PLAIN else (y[rows], p[rows])),
                                           sample_weight=case.weight[rows]) for rows in case.batches]
    case.check(metric.stateless_result(metric.stateless_merge(parts)))


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
