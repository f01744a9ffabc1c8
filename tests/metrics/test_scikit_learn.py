"""The metrics beside those of scikit-learn, where it is installed, and SciPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from keras_lite import metrics
from tests.metrics.test_metrics import TOLERANCE, array

sklearn = pytest.importorskip("sklearn.metrics", reason="compares with scikit-learn, which is not installed")
RNG = np.random.default_rng(7)
SIZES = [6, 4] * 3  # of batches
BATCHES = [slice(end - size, end) for end, size in zip(np.cumsum(SIZES).tolist(), SIZES, strict=True)]
N = sum(SIZES)
BITS = (RNG.uniform(size=(N, 3)) > 0.4).astype("int32")
SCORES = np.clip(np.round(RNG.uniform(0, 0.7, (N, 3)) + 0.3 * BITS, 2), 0.01, 0.99).astype("float32")
LABELS, GUESSES = RNG.integers(0, 3, N), RNG.integers(0, 3, N)
SHARES = RNG.dirichlet(np.ones(3), N).astype("float32")
X = RNG.normal(size=(N, 3)).astype("float32")
Y = (X + RNG.normal(size=(N, 3))).astype("float32")
W = RNG.uniform(0.1, 2, N).astype("float32")
BETWEEN = (np.arange(1, 99) + 0.5) / 100  # thresholds between all scores
FLAT = SCORES[:, 0]


def _f(average: Any, beta: float) -> tuple[Any, Any]:
    return (metrics.FBetaScore(average, beta, 0.5),
            lambda w: sklearn.fbeta_score(BITS, SCORES > 0.5, beta=beta, average=average, sample_weight=w, zero_division=0))


CASES: dict[str, Callable[[], tuple[Any, Any, Any, Callable[[Any], Any]]]] = {
    "roc": lambda: (metrics.AUC(thresholds=BETWEEN), BITS[:, 0], FLAT, lambda w: sklearn.roc_auc_score(BITS[:, 0], FLAT, sample_weight=w)),
    "roc of labels": lambda: (metrics.AUC(thresholds=BETWEEN, multi_label=True), BITS, SCORES,
                              lambda w: sklearn.roc_auc_score(BITS, SCORES, sample_weight=w, average="macro")),
    "precision": lambda: (metrics.Precision(), BITS[:, 0], FLAT,
                          lambda w: sklearn.precision_score(BITS[:, 0], FLAT > 0.5, sample_weight=w)),
    "recall": lambda: (metrics.Recall(class_id=1), BITS, SCORES,
                       lambda w: sklearn.recall_score(BITS[:, 1], SCORES[:, 1] > 0.5, sample_weight=w)),
    **{f"f {average} {beta}": lambda average=average, beta=beta: (_f(average, beta)[0], BITS, SCORES, _f(average, beta)[1])
       for average in (None, "micro", "macro", "weighted") for beta in (0.5, 1.0, 2.0)},
    "iou": lambda: (metrics.MeanIoU(3), LABELS, GUESSES,
                    lambda w: sklearn.jaccard_score(LABELS, GUESSES, average="macro", sample_weight=w)),
    "binary iou": lambda: (metrics.BinaryIoU([1]), BITS[:, 0], FLAT,
                           lambda w: sklearn.jaccard_score(BITS[:, 0], FLAT >= 0.5, sample_weight=w)),
    **{f"r2 {ours}": lambda ours=ours, theirs=theirs: (
        metrics.R2Score(ours), Y, X, lambda w: sklearn.r2_score(Y, X, sample_weight=w, multioutput=theirs))
       for ours, theirs in ((None, "raw_values"), ("uniform_average", "uniform_average"),
                            ("variance_weighted_average", "variance_weighted"))},
    "constant r2": lambda: (metrics.R2Score(), X * 0, X, lambda w: sklearn.r2_score(X * 0, X, sample_weight=w)),
    "perfect r2": lambda: (metrics.R2Score(), X * 0, X * 0, lambda w: sklearn.r2_score(X * 0, X * 0, sample_weight=w)),
    "mse": lambda: (metrics.MeanSquaredError(), Y, X, lambda w: sklearn.mean_squared_error(Y, X, sample_weight=w)),
    "mae": lambda: (metrics.MeanAbsoluteError(), Y, X, lambda w: sklearn.mean_absolute_error(Y, X, sample_weight=w)),
    "accuracy": lambda: (metrics.SparseCategoricalAccuracy(), LABELS, SHARES,
                         lambda w: sklearn.accuracy_score(LABELS, SHARES.argmax(1), sample_weight=w)),
    "top 2": lambda: (metrics.SparseTopKCategoricalAccuracy(2), LABELS, SHARES,
                      lambda w: sklearn.top_k_accuracy_score(LABELS, SHARES, k=2, sample_weight=w)),
    "log loss": lambda: (metrics.SparseCategoricalCrossentropy(), LABELS, SHARES,
                         lambda w: sklearn.log_loss(LABELS, SHARES.astype("float64"), sample_weight=w)),
    "hinge": lambda: (metrics.Hinge(), 2.0 * BITS[:, :1] - 1, X[:, :1], lambda w: sklearn.hinge_loss(BITS[:, 0], X[:, 0], sample_weight=w)),
}


@pytest.mark.filterwarnings("ignore")  # of scikit-learn, about constant targets and sums of probabilities
@pytest.mark.parametrize("name", CASES)
def test_beside_scikit_learn(engine: Any, name: str) -> None:
    """With weights and without, in batches of unequal size."""
    metric, y, p, reference = CASES[name]()
    for weight in (None, W):
        metric.reset_state()
        for rows in BATCHES:
            metric.update_state(y[rows], p[rows], sample_weight=None if weight is None else weight[rows])
        np.testing.assert_allclose(array(metric.result()), reference(weight), rtol=TOLERANCE, atol=TOLERANCE)


# --- where Keras differs: the cases of docs/keras-differences.md --------------------------------------------------------------

TENTHS = np.arange(20, dtype="float32") / 20
PLACES = (TENTHS[:, None] > np.linspace(0, 1, 21)[1:-1].astype("float32")).sum(1)
ALTERNATELY = np.tile([0, 1], 10)
OUTSIDE = np.array([-2.0, 3.0, 0.4, 0.5])
RISING = np.array([[1.0, 2.0, 4.0]])


def _concordance(a: Any, b: Any) -> float:
    """Lin's concordance correlation, `2 cov / (var + var + (mean - mean)**2)`."""
    return 2 * np.cov(a, b, bias=True)[0, 1] / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)


def _adjusted(y: Any, p: Any, regressors: int) -> float:
    return 1 - (1 - sklearn.r2_score(y, p)) * (len(y) - 1) / (len(y) - regressors - 1)


EDGES: dict[str, tuple[Any, tuple[Any, ...], Callable[[], Any]]] = {  # a metric, what it is given, and what decides
    "fractions as weights": (metrics.MeanIoU(2), ([0, 1, 1], [0, 1, 0], [0.5, 0.3, 0.9]),
                             lambda: sklearn.jaccard_score([0, 1, 1], [0, 1, 0], average="macro", sample_weight=[0.5, 0.3, 0.9])),
    "classes on an axis": (metrics.OneHotMeanIoU(3, axis=1), (np.eye(3)[LABELS[:6].reshape(2, 3)].swapaxes(1, 2), X[:6].reshape(2, 3, 3)),
                           lambda: sklearn.jaccard_score(LABELS[:6], X[:6].reshape(2, 3, 3).argmax(1).ravel(), average="macro")),
    "far from 0": (metrics.R2Score(), (X[:, :1] + 4000, Y[:, :1] + 4000),
                   lambda: sklearn.r2_score((X[:, :1] + 4000).astype("float64"), (Y[:, :1] + 4000).astype("float64"))),
    "padded rows": (metrics.R2Score(num_regressors=2), (Y[:6, :1], X[:6, :1], [1, 1, 1, 1, 1, 0]),
                    lambda: _adjusted(Y[:5, :1], X[:5, :1], 2)),
    "adjusted of several": (metrics.R2Score(num_regressors=2), (Y[:6], X[:6]), lambda: _adjusted(Y[:6], X[:6], 2)),
    "ties": (metrics.F1Score(), (np.eye(3)[[0, 1, 2]], [[0.4, 0.4, 0.2], [0.4, 0.4, 0.2], [0.1, 0.4, 0.5]]),
             lambda: sklearn.f1_score([0, 1, 2], [0, 0, 2], average=None)),
    "small outputs": (metrics.F1Score(), ([[1, 0]], [[1e-10, 1e-12]]), lambda: sklearn.f1_score([[1, 0]], [[1, 0]], average=None)),
    "outputs at thresholds": (metrics.AUC(21), (ALTERNATELY, TENTHS), lambda: sklearn.roc_auc_score(ALTERNATELY, PLACES)),
    "outputs outside": (metrics.AUC(thresholds=[0.3, 0.6]), ([0, 1, 1, 0], OUTSIDE),
                        lambda: sklearn.roc_auc_score([0, 1, 1, 0], (OUTSIDE[:, None] > [0.3, 0.6]).sum(1))),
    "above 1": (metrics.Precision([0.0, 0.25, 0.5, 0.75, 1.0]), ([0, 1, 1], [0.25, 0.75, 1.5]),
                lambda: [sklearn.precision_score([0, 1, 1], np.array([0.25, 0.75, 1.5]) > cut) for cut in (0.0, 0.25, 0.5, 0.75, 1.0)]),
    "weights of a class": (metrics.Precision(class_id=1), ([[0, 1], [1, 0]], [[0.2, 0.8], [0.1, 0.9]], [[2.0, 3.0], [1.0, 1.0]]),
                           lambda: sklearn.precision_score([1, 0], [1, 1], sample_weight=[3.0, 1.0])),
    "large numbers": (metrics.PearsonCorrelation(), (RISING * 1e30, RISING[:, ::-1]),
                      lambda: stats.pearsonr(RISING[0], RISING[0, ::-1])[0]),
    "a constant": (metrics.PearsonCorrelation(), (RISING * 0 + 0.1, RISING), lambda: stats.pearsonr(RISING[0] * 0, RISING[0])[0]),
    "small numbers": (metrics.ConcordanceCorrelation(), (RISING * 1e-6, RISING**2 * 1e-6), lambda: _concordance(RISING[0], RISING[0] ** 2)),
}


@pytest.mark.filterwarnings("ignore")  # of SciPy, about constants
@pytest.mark.parametrize("name", EDGES)
def test_where_keras_differs(engine: Any, name: str) -> None:
    made, inputs, reference = EDGES[name]
    metric = type(made).from_config(made.get_config())
    metric.update_state(*inputs)
    np.testing.assert_allclose(array(metric.result()), reference(), rtol=TOLERANCE, atol=TOLERANCE)
