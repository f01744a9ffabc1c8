"""What holds for all inputs: batches, order, padding; and what bad arguments and targets get."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_lite import Sequential, Variable, layers, losses, value_and_grad
from keras_lite.engine import registry
from tests.conftest import ENGINES, load_quietly
from tests.losses.table import ROWS, TABLE, Row, formula
from tests.losses.test_losses import array, extremes, made

REDUCTIONS = ("sum_over_batch_size", "sum", "mean_with_sample_weight")
WEIGHTS = st.lists(st.sampled_from([0.0, 0.25, 1.0, 3.5]), min_size=ROWS, max_size=ROWS).map(lambda x: np.array(x, "float32"))
BY_ROWS = [row for row in TABLE if row.by_rows and np.shape(formula(row, *row.inputs))[:1] == (ROWS,)]
EACH = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.fixture(scope="module", params=ENGINES)
def module_engine(request: pytest.FixtureRequest) -> Any:
    """Each engine in turn, for a whole module: hypothesis wants fixtures that outlive its examples."""
    with registry.using(load_quietly(request.param)) as active:
        yield active


@EACH
@given(row=st.sampled_from(BY_ROWS), reduction=st.sampled_from(REDUCTIONS), weight=WEIGHTS, cut=st.sampled_from([2, 4]))
def test_batches_add_up(module_engine: Any, row: Row, reduction: str, weight: np.ndarray, cut: int) -> None:
    """Numerators and denominators of two batches are those of both together (but for a sum, which is divided by 1 each time)."""
    y, p = row.inputs
    if row.cls.endswith("Hinge"):
        y = np.sign(y - 0.5)  # whether targets are bits is seen from a whole batch
    loss = made(row, reduction=reduction)
    parts = [loss.fraction(y[rows], p[rows], sample_weight=weight[rows]) for rows in (slice(0, cut), slice(cut, None))]
    totals, counts = ([float(array(part[i])) for part in parts] for i in (0, 1))
    count = 1.0 if reduction == "sum" else sum(counts)
    expected = float(array(loss(y, p, sample_weight=weight)))
    np.testing.assert_allclose(sum(totals) / count if count else 0.0, expected, rtol=3e-6, atol=3e-6)


@EACH
@given(row=st.sampled_from(TABLE), reduction=st.sampled_from(REDUCTIONS), order=st.permutations(range(ROWS)), weight=WEIGHTS)
def test_order(module_engine: Any, row: Row, reduction: str, order: list[int], weight: np.ndarray) -> None:
    """Rows in another order have the same loss."""
    y, p = row.inputs
    loss, rows = made(row, reduction=reduction), np.array(order)
    if row.args.get("axis") == 0 or (row.by_rows is False and row.cls != "Circle"):
        weight = np.float32(1.0)  # type: ignore[assignment]  # the entries are no rows
    given_weight = weight[rows] if np.ndim(weight) else weight
    first, second = loss(y, p, sample_weight=weight), loss(y[rows], p[rows], sample_weight=given_weight)
    np.testing.assert_allclose(array(second), array(first), rtol=3e-6, atol=3e-6)


@EACH
@given(row=st.sampled_from(BY_ROWS), reduction=st.sampled_from(REDUCTIONS[1:]), weight=WEIGHTS, count=st.just(3),
       filling=st.sampled_from([0.0, 1.0, np.nan, np.inf]))
def test_padding(module_engine: Any, row: Row, reduction: str, weight: np.ndarray, count: int, filling: float) -> None:
    """Rows of weight 0 change nothing, whatever their outputs are."""
    y, p = row.inputs
    longer = np.concatenate([p, np.full((count, *p.shape[1:]), filling, "float32")])
    loss = made(row, reduction=reduction)
    padded = loss(np.concatenate([y, y[:count]]), longer, sample_weight=np.concatenate([weight, np.zeros(count, "float32")]))
    np.testing.assert_allclose(array(padded), array(loss(y, p, sample_weight=weight)), rtol=3e-6, atol=3e-6)


@EACH
@given(row=st.sampled_from(TABLE), reduction=st.sampled_from(REDUCTIONS), weight=st.sampled_from([0.0, 1.0, 1e4]), draws=st.randoms())
def test_finite(module_engine: Any, row: Row, reduction: str, weight: float, draws: Any) -> None:
    """Losses and their gradients, for outputs that are extreme or usual, each for itself, and for targets in any of the rows."""
    y, p = row.inputs
    usual = p.ravel()
    outputs = np.array([draws.choice([*extremes(row), usual[i]]) for i in range(p.size)], "float32").reshape(p.shape)
    variable, targets = Variable(outputs), y[[draws.randrange(ROWS) for _ in range(ROWS)]]
    loss = made(row, reduction=reduction)
    value, (gradient,) = value_and_grad(lambda: loss(targets, variable.value, sample_weight=weight), [variable])
    assert np.isfinite(array(value)), outputs
    assert np.isfinite(array(gradient)).all(), outputs


X, LABELS = np.zeros((4, 3), "float32"), np.array([0, 1, 2, 1])


def _fitted(loss: Any, y: Any, outputs: int = 3) -> Any:
    model = Sequential([layers.Dense(outputs)])
    model.compile("sgd", loss)
    return model.fit(X, y, verbose=0)


MISTAKES: dict[str, tuple[Any, str]] = {
    "misspelt": (lambda: losses.get("hubber"), "unknown loss 'hubber'; did you mean 'huber'"),
    "misspelt class": (lambda: losses.get("MeanSquareError"), "did you mean 'MeanSquaredError'"),
    "misspelt config": (lambda: losses.deserialize("dise"), "did you mean 'dice'"),
    "no loss": (lambda: losses.get(3), "expected a name, a config or a callable, got 3"),
    "reduction": (lambda: losses.Dice("avg"), "Dice: reduction must be one of .* got 'avg'"),
    "delta": (lambda: losses.Huber(0), "Huber: delta must be positive, got 0"),
    "q": (lambda: losses.CategoricalGeneralizedCrossEntropy(1.0), "q must lie between 0 and 1, got 1.0"),
    "gamma": (lambda: losses.BinaryFocalCrossentropy(gamma=-1), "gamma must not be negative, got -1"),
    "smoothing": (lambda: losses.CategoricalFocalCrossentropy(label_smoothing=1.5), r"label_smoothing must lie in \[0, 1\], got 1.5"),
    "argument": (lambda: losses.Tversky(alfa=1.0), "Tversky: unknown arguments .*did you mean 'alpha'"),
    "shapes": (lambda: losses.huber(np.zeros((4, 2)), X), r"huber: targets of shape \(4, 2\) do not fit outputs of shape \(4, 3\)"),
    "ranks": (lambda: losses.Hinge()(np.zeros((4, 3, 2)), X), r"hinge: targets of shape \(4, 3, 2\) do not fit"),
    "weights": (lambda: losses.Poisson()(X, X, sample_weight=np.ones(3)),
                r"sample_weight: shape \(3,\) does not fit losses of shape \(4,\)"),
    "weights of outputs": (lambda: losses.LogCosh()(X, X, sample_weight=X), r"shape \(4, 3\) does not fit losses of shape \(4,\)"),
    "one-hot embeddings": (lambda: losses.circle(X, X), r"circle: expected integer labels .* got y_true of shape \(4, 3\)"),
    "labels of embeddings": (lambda: losses.circle(LABELS[:2], X), r"y_true of shape \(2,\) and embeddings of shape \(4, 3\)"),
    "references": (lambda: losses.circle(LABELS, X, LABELS[:2], X[:3]), r"got ref_labels of shape \(2,\)"),
    "flat sequences": (lambda: losses.ctc(LABELS, X), r"ctc: expected labels .* got shapes \(4,\) and \(4, 3\)"),
    "one-hot labels": (lambda: losses.categorical_generalized_cross_entropy(X, X, 0.5),
                       r"labels of shape \(4, 3\) do not fit outputs of shape \(4, 3\)"),
    "labels in fit": (lambda: _fitted("CategoricalGeneralizedCrossEntropy", LABELS + 1), "labels must lie in 0 to 2 .* got 1 to 3"),
    "one-hot in fit": (lambda: _fitted("CategoricalGeneralizedCrossEntropy", X), "look one-hot; give integer labels"),
    "bits in fit": (lambda: _fitted("binary_focal_crossentropy", X + 2), r"targets must lie in \[0, 1\], got 2.0 to 2.0"),
    "labels for focal": (lambda: _fitted("categorical_focal_crossentropy", LABELS), "use sparse_categorical_crossentropy"),
    "no reduction in fit": (lambda: _fitted(losses.Huber(reduction="none"), X), "must return a scalar"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(engine: Any, name: str) -> None:
    """One clear error."""
    call, message = MISTAKES[name]
    with pytest.raises((ValueError, TypeError), match=message):
        call()
