"""The metrics beside scikit-learn's, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras_lite import metrics
from tests.metrics.test_metrics import array

sklearn = pytest.importorskip("sklearn.metrics", reason="compares with scikit-learn, which is not installed")
RNG = np.random.default_rng(7)
N = 40
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
        for rows in (slice(0, 10), slice(10, N)):
            metric.update_state(y[rows], p[rows], sample_weight=None if weight is None else weight[rows])
        np.testing.assert_allclose(array(metric.result()), reference(weight), rtol=5e-6, atol=1e-6)
