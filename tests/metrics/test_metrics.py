"""Each metric of the table on each engine: values, weights, masks, dtypes, empty batches, compiled steps, configs, large counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite import layers, metrics, ops
from keras_lite.layers.context import keep_mask, keeping_masks
from tests.metrics.table import FORMULAS, ROWS, TABLE, Row, expected

WEIGHT = np.array([0.5, 2.0, 0.0, 1.5, 3.0, 1.0], "float32")
MASK = np.array([True, False, True, True, False, True])
CLASSES = [next(row for row in TABLE if row.cls == name) for name in dict.fromkeys(row.cls for row in TABLE)]
TOLERANCE = 1e-6
PLAIN = ("Mean", "Sum")  # of values, without targets


def made(row: Row, **more: Any) -> Any:
    return getattr(metrics, row.cls)(**row.args, **more)


def update(metric: Any, y: Any, p: Any, weight: Any = None) -> Any:
    """Add a batch to any metric."""
    metric.update_state(*((y,) if type(metric).__name__ in PLAIN else (y, p)), sample_weight=weight)
    return metric


def array(x: Any) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(ops.cast(x, "float32") if ops.dtype(x) == "bfloat16" else x), "float64")


def close(found: Any, wanted: Any, tolerance: float = TOLERANCE) -> None:
    found = array(found)
    assert found.shape == np.shape(wanted)
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("row", TABLE, ids=repr)
def test_values(engine: Any, row: Row) -> None:
    """Without weights, with weights of rows, and after a reset."""
    y, p = row.inputs
    metric = update(made(row), y, p)
    close(metric.result(), expected(row))
    metric.reset_state()
    if row.by_rows:
        close(update(metric, y, p, WEIGHT).result(), expected(row, WEIGHT))


@pytest.mark.parametrize("row", [row for row in CLASSES if row.by_rows], ids=repr)
def test_weights_and_masks(engine: Any, row: Row) -> None:
    """Weights as a column and as a number, masks with and without weights."""
    y, p = row.inputs
    if np.ndim(y) > 1:
        close(update(made(row), y, p, WEIGHT[:, None]).result(), expected(row, WEIGHT))
    close(update(made(row), y, p, 2.5).result(), expected(row, np.full(ROWS, 2.5)))
    for weight in (None, WEIGHT):
        with keeping_masks():
            seen = y if row.cls in PLAIN else p
            tensor = ops.convert_to_tensor(seen)
            keep_mask(tensor, ops.convert_to_tensor(MASK))
            found = update(made(row), *((tensor, p) if row.cls in PLAIN else (y, tensor)), weight).result()
        close(found, expected(row, MASK * (1.0 if weight is None else weight)))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_float16"])
@pytest.mark.parametrize("row", CLASSES, ids=repr)
def test_dtypes(engine: Any, row: Row, dtype: str) -> None:
    """The result has the dtype; sums are at least float32, so it is the only thing that is rounded."""
    y, p = row.inputs
    metric = update(made(row, dtype=dtype), y, p, WEIGHT)
    wanted, name = expected(row, WEIGHT), dtype.removeprefix("mixed_") if "mixed" not in dtype else "float32"
    assert ops.dtype(metric.result()) == name
    assert {v.dtype for v in metric.variables} == {"float32"}
    close(metric.result(), wanted, {"float16": 1e-3, "bfloat16": 8e-3, "float32": 2e-5}[name])


@pytest.mark.parametrize("row", CLASSES, ids=repr)
def test_nothing(engine: Any, row: Row) -> None:
    """Before the first batch, after empty ones and after a reset the result is one finite number; then rows count as if alone."""
    y, p = row.inputs
    metric = made(row)
    fresh = array(metric.result())
    assert np.isfinite(fresh).all()
    update(update(metric, y[:0], p[:0]), y[:0], p[:0], WEIGHT[:0])
    assert (array(metric.result()) == fresh).all()
    update(metric, y, p, WEIGHT).reset_state()
    assert (array(metric.result()) == fresh).all()
    if row.by_rows:
        close(update(metric, y, p, WEIGHT).result(), expected(row, WEIGHT))


@pytest.mark.parametrize("row", CLASSES, ids=repr)
def test_configs(engine: Any, row: Row) -> None:
    """A metric made from its config gives the same; so does one found by name, where it needs no arguments."""
    y, p = row.inputs
    metric = made(row, name="mine")
    again = metrics.deserialize(metrics.serialize(metric))
    assert (type(again), again.name, again.get_config()) == (type(metric), "mine", metric.get_config())
    np.testing.assert_array_equal(array(update(again, y, p).result()), array(update(metric, y, p).result()))
    if not row.args:
        assert type(metrics.get(row.cls)) is type(metric)


@pytest.mark.parametrize("row", CLASSES, ids=repr)
def test_stateless_and_merged(engine: Any, row: Row) -> None:
    """Variables are sums: those of two parts of the rows, merged, give the result of all rows."""
    if not row.by_rows:
        pytest.skip("its values are not of rows")
    y, p = row.inputs
    metric = update(made(row), y, p)  # some have their variables only now
    wanted = array(metric.result())
    assert {v.aggregation for v in metric.variables} == {"sum"}
    empty = metric.stateless_reset_state()
    parts = []
    for rows in (slice(0, 2), slice(2, None)):
        args = (y[rows],) if row.cls in PLAIN else (y[rows], p[rows])
        parts.append(metric.stateless_update_state(empty, *args))
    close(metric.stateless_result(metric.stateless_merge(parts)), wanted)
    np.testing.assert_array_equal(array(metric.result()), wanted)


class Averaged(metrics.Metric):
    """Has a variable of each kind, and a metric inside."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = metrics.Mean()
        self.share, self.count = self.add_variable((), "zeros", aggregation="mean"), self.add_weight()
        self.version = self.add_variable((), "zeros", aggregation="only_first_replica")

    def update_state(self, values: Any) -> None:
        self.inner.update_state(values)
        self.count.assign(ops.add(self.count, 1.0))
        self.share.assign(ops.mean(ops.convert_to_tensor(values)))
        self.version.assign(7.0)

    def result(self) -> Any:
        return ops.stack([self.inner.result(), self.share.value, self.count.value, self.version.value])


def test_merging_by_kind(engine: Any) -> None:
    """Each variable as its aggregation says, also those of metrics inside; of nothing there is no merging."""
    metric = Averaged()
    parts = [metric.stateless_update_state(metric.stateless_reset_state(), x) for x in ([1.0, 3.0], [5.0])]
    assert array(metric.stateless_result(metric.stateless_merge(parts))).tolist() == [3.0, 3.5, 2.0, 7.0]
    with pytest.raises(ValueError, match="Averaged: stateless_merge needs the values of at least one place, got none"):
        metric.stateless_merge([])


def test_compiled(engine: Any) -> None:
    """The metrics that are more than means of functions in one compiled step, weighted, over batches of unequal weight."""
    rows = [row for row in CLASSES if row.cls not in PLAIN and row.inputs[1].dtype.kind == "f"]
    rows = [row for row in rows if not issubclass(getattr(metrics, row.cls), metrics.MeanMetricWrapper)]
    named = {f"out_{i:02}": row for i, row in enumerate(rows)}
    inputs = {name: keras_lite.Input(row.inputs[1].shape[1:] or (1,)) for name, row in named.items()}
    model = keras_lite.Model(inputs, {name: layers.Identity(name=name)(x) for name, x in inputs.items()})
    model.compile("sgd", weighted_metrics={name: made(row, name="metric") for name, row in named.items()})
    y, x = ({name: row.inputs[i] for name, row in named.items()} for i in (0, 1))
    logs = model.evaluate(x, y, sample_weight=WEIGHT, batch_size=3, verbose=0, return_dict=True)
    for name, row in named.items():
        np.testing.assert_allclose(logs[f"{name}_metric"], expected(row, WEIGHT), rtol=2e-5, atol=2e-5, err_msg=repr(row))


def test_compiled_by_name(engine: Any) -> None:
    """Names, also of metrics whose variables come with the first batch, in a compiled training step."""
    x = np.random.default_rng(3).uniform(size=(7, 4)).astype("float32")
    y = np.eye(3, dtype="float32")[[0, 1, 2, 0, 1, 2, 2]]
    model = keras_lite.Sequential([keras_lite.Input((4,)), layers.Dense(3, activation="softmax")])
    names = ["accuracy", "mse", "f1_score", "R2Score", "AUC", "precision", "cosine_similarity", "top_k_categorical_accuracy", "huber"]
    model.compile(keras_lite.optimizers.SGD(0.0), "categorical_crossentropy", metrics=names)
    logs = model.fit(x, y, batch_size=3, epochs=2, verbose=0).history
    assert set(logs) == {"loss", *names}
    p = model.predict(x, verbose=0).astype("float64")
    scores = np.array(logs["f1_score"][-1])
    np.testing.assert_allclose(scores, FORMULAS["F1Score"](y, p, np.ones(7)), rtol=1e-5)
    np.testing.assert_allclose(logs["R2Score"][-1], FORMULAS["R2Score"](y, p, np.ones(7)), rtol=1e-5)
    np.testing.assert_allclose(logs["mse"][-1], np.square(y - p).mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["AUC"][-1], FORMULAS["AUC"](y, p, np.ones(7)), rtol=1e-5)


LARGE = 2.0**24


def test_large_counts(engine: Any) -> None:
    """Counts beyond 2**24 and small values beside large sums are not lost."""
    mean, total, hits = metrics.Mean(), metrics.Sum(), metrics.TruePositives(thresholds=[0.2, 0.4, 0.6, 0.7, 0.8])
    matrix = metrics.MeanIoU(2)
    for metric, args in ((mean, [[0.0]]), (total, [[1.0]]), (hits, [[1], [0.9]]), (matrix, [[1], [1]])):
        metric.update_state(*args, sample_weight=[LARGE])
    for _ in range(64):
        mean.update_state([1.0])
        total.update_state([0.25])
        hits.update_state([1], [0.9])
        matrix.update_state([1], [0])
    assert float(mean.count.value) == LARGE + 64
    assert float(mean.result()) == np.float32(64 / (LARGE + 64))
    assert float(total.result()) == LARGE + 16
    assert array(hits.result()).tolist() == [LARGE + 64] * 5
    assert float(matrix.result()) == np.float32(np.float32(LARGE / (LARGE + 64)) / 2)


def test_large_counts_in_steps(engine: Any) -> None:
    """Nor in compiled steps."""
    model = keras_lite.Sequential([keras_lite.Input((1,)), layers.Identity()])
    model.compile("sgd", weighted_metrics=[metrics.MeanAbsoluteError(name="mae"), metrics.TruePositives(name="tp")])
    weight = np.array([LARGE, *[1.0] * 64], "float32")
    x = np.array([[1.0], *[[2.0]] * 64], "float32")
    logs = model.evaluate(x, np.ones((65, 1), "float32"), sample_weight=weight, batch_size=1, verbose=0, return_dict=True)
    assert logs["tp"] == LARGE + 64
    assert logs["mae"] == pytest.approx(64 / (LARGE + 64), rel=1e-6)


def test_infinity_stays(engine: Any) -> None:
    """An infinite value makes the mean infinite, not NaN."""
    mean = metrics.Mean()
    for value in (1.0, np.inf, 2.0, 3.0):
        mean.update_state([value])
    assert float(mean.result()) == np.inf


def test_r2_of_large_targets(engine: Any) -> None:
    """The variance is right where the mean of the targets is much larger: eager, compiled, and merged of the parts."""
    rng = np.random.default_rng(0)
    model = keras_lite.Sequential([keras_lite.Input((3,)), layers.Identity()])
    model.compile("sgd", metrics=["r2_score"])
    for offset in (10.0, 1e3, 1e4, 1e5):
        y = (rng.normal(size=(48, 3)) + offset).astype("float32")
        p = (y + rng.normal(size=(48, 3)) * 0.5).astype("float32")
        eager, parts = metrics.R2Score(), []
        for rows in (slice(i, i + 6) for i in range(0, 48, 6)):
            eager.update_state(y[rows], p[rows])
            parts.append(eager.stateless_update_state(eager.stateless_reset_state(), y[rows], p[rows]))
        merged = eager.stateless_result(eager.stateless_merge(parts))
        found = [float(eager.result()), float(merged), model.evaluate(p, y, batch_size=6, verbose=0, return_dict=True)["r2_score"]]
        wanted = FORMULAS["R2Score"](y.astype("float64"), p.astype("float64"), np.ones(48))
        bits = 48  # of two float32
        np.testing.assert_allclose(found, wanted, rtol=TOLERANCE + offset**2 * 2.0**-bits)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_r2_of_what_is_not_finite(engine: Any, wrong: float) -> None:
    """The result says so, also where the targets are constant."""
    for y, p in (([[1.0], [wrong]], [[1.0], [2.0]]), ([[1.0], [1.0]], [[1.0], [wrong]])):
        metric = metrics.R2Score()
        metric.update_state(y, p)
        assert not np.isfinite(float(metric.result()))


def test_r2_of_constant_targets(engine: Any) -> None:
    """0, also where the sums of a constant are rounded."""
    metric = metrics.R2Score()
    for rows, weight in ((3, 0.7), (5, 1.3)):
        metric.update_state(np.full((rows, 1), 0.1), np.full((rows, 1), 0.3), sample_weight=np.full(rows, weight))
    assert float(metric.result()) == 0.0


def test_variable_lengths(engine: Any) -> None:
    """Sequences of different lengths: each entry counts once, whatever its batch was padded to."""
    mean = metrics.MeanAbsoluteError()
    parts = [(np.zeros((2, n, 1), "float32"), np.full((2, n, 1), n, "float32")) for n in (2, 5)]
    for y, p in parts:
        mean.update_state(y, p)
    assert float(mean.result()) == pytest.approx((4 * 2 + 10 * 5) / 14)


def test_ties(engine: Any) -> None:
    """Of equal outputs the first is the decision; a row of zeros decides for none."""
    metric = metrics.F1Score(average="micro")
    metric.update_state(np.eye(3, dtype="float32"), np.array([[0.3, 0.3, 0.3], [0.2, 0.4, 0.4], [0, 0, 0]], "float32"))
    assert float(metric.result()) == pytest.approx(2 * 2 / (2 * 2 + 1 + 0))
    top = metrics.Precision(top_k=1)
    top.update_state([[1, 0, 0]], [[0.5, 0.5, 0.5]])
    assert float(top.result()) == 1.0


def test_outputs_that_are_nan(engine: Any) -> None:
    """NaN is above no threshold, with few of them and with many."""
    for cuts in ([0.5], [0.1, 0.2, 0.5, 0.6, 0.7]):
        metric = metrics.FalseNegatives(thresholds=cuts)
        metric.update_state([1, 1, 0], [np.nan, 0.9, np.nan])
        assert array(metric.result()).ravel().tolist() == [1.0] * len(cuts)


def test_every_metric_is_here() -> None:
    public = {name for name in metrics.__all__ if isinstance(getattr(metrics, name), type)}
    assert {row.cls for row in TABLE} == public - {"Metric", "MeanMetricWrapper"}


@pytest.mark.parametrize("target_class_ids", [[0, 1], [1]])
def test_iou_with_weights_of_nan(engine: Any, target_class_ids: list[int]) -> None:
    """NaN is shown, not left out."""
    metric = metrics.BinaryIoU(target_class_ids)
    metric.update_state([0.0, 1.0, 1.0], [0.2, 0.7, 0.8], sample_weight=[1.0, np.nan, 1.0])
    assert np.isnan(array(metric.result()))


@pytest.mark.parametrize("weight", [[1, 1, 1, -1], [-1, -1, -1, -1], [1, -2, 1, 0.5]], ids=str)
def test_r2_with_negative_weights(engine: Any, weight: list[float]) -> None:
    """As scikit-learn: a negative weight takes a sample off."""
    y, p, w = np.array([1.0, 2.0, 3.0, 5.0]), np.array([1.1, 2.2, 2.7, 4.0]), np.array(weight, "float64")
    metric = metrics.R2Score()
    metric.update_state(y[:, None], p[:, None], sample_weight=w)
    close(metric.result(), 1 - (w * (y - p) ** 2).sum() / (w * (y - (w * y).sum() / w.sum()) ** 2).sum())


def test_fbeta_threshold_that_is_no_number(engine: Any) -> None:
    with pytest.raises(ValueError, match=r"FBetaScore: threshold must lie in \(0, 1\], got 'half'"):
        metrics.FBetaScore(threshold="half")


def test_weighted_metrics_of_no_output(engine: Any) -> None:
    """The error names the argument that is wrong."""
    x = keras_lite.Input((2,))
    model = keras_lite.Model(x, {"a": layers.Dense(1)(x), "b": layers.Dense(1)(x)})
    model.compile("sgd", "mse", weighted_metrics={"c": ["mae"]})
    with pytest.raises(ValueError, match=r"compile: weighted_metrics names outputs \['c'\]"):
        model.evaluate(np.ones((2, 2)), {"a": np.ones((2, 1)), "b": np.ones((2, 1))}, verbose=0)


def test_fit_by_a_loss_without_reduction(engine: Any) -> None:
    model = keras_lite.Sequential([keras_lite.Input((2,)), layers.Dense(1)])
    model.compile("sgd", keras_lite.losses.MeanSquaredError(reduction="none"))
    with pytest.raises(ValueError, match=r"a scalar, got shape \(2,\); a loss with reduction='none'"):
        model.fit(np.ones((2, 2)), np.ones((2, 1)), verbose=0)
