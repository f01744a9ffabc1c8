"""Each loss of the table on each engine: values, gradients, weights, masks, reductions, dtypes, empty batches, extreme inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite import losses, ops
from keras_lite.layers.context import keep_mask, keeping_masks
from tests.losses.table import PAIRS, ROWS, TABLE, Row, counted, formula, reduced

CLASSES = [Row(name, next(row.pair for row in TABLE if row.cls == name)) for name in dict.fromkeys(row.cls for row in TABLE)]
WEIGHT = np.array([0.5, 2.0, 0.0, 1.5, 3.0, 1.0], "float32")
MASK = np.array([True, False, True, True, False, True])
REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)
STEEP = {"from_logits", "gamma", "q", "axis", "beta"}  # arguments that change a gradient
ROUNDING = {"float32": 2e-6, "float16": 4e-3, "bfloat16": 3e-2}


def made(row: Row, **more: Any) -> Any:
    return getattr(losses, row.cls)(**row.args, **more)


def array(x: Any) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(ops.cast(x, "float32") if ops.dtype(x) == "bfloat16" else x), "float64")


def close(found: Any, expected: Any, rtol: float = 2e-6) -> None:
    found = array(found)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * max(1.0, np.abs(expected).max(initial=0.0)))


def entries(row: Row) -> tuple[np.ndarray, Any]:
    y, p = row.inputs
    return formula(row, y, p), counted(row, y)


@pytest.mark.parametrize("row", TABLE, ids=repr)
def test_values(engine: Any, row: Row) -> None:
    """The function gives the loss of each entry, the class their mean."""
    y, p = row.inputs
    values, valid = entries(row)
    close(made(row, reduction="none")(y, p), values)
    close(made(row)(y, p), reduced(values, None, valid))
    function = losses.get(made(row).fn.__name__)
    if np.ndim(y) == np.ndim(p) or row.cls not in ("BinaryCrossentropy", "MeanSquaredError"):
        args = {"q": 0.5} if row.cls == "CategoricalGeneralizedCrossEntropy" else {}
        close(function(y, p, **{**args, **row.args}), values)


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=str)
@pytest.mark.parametrize("row", CLASSES, ids=repr)
def test_weights_and_masks(engine: Any, row: Row, reduction: Any) -> None:
    """`sum(w m v) / d` for weights of rows, as a vector, a column and a number, with and without a mask."""
    y, p = row.inputs
    values, valid = entries(row)
    loss = made(row, reduction=reduction)
    for weight in (None, WEIGHT, 2.5):
        close(loss(y, p, sample_weight=weight), reduced(values, weight, valid, reduction))
        with keeping_masks():
            outputs = ops.convert_to_tensor(p)
            keep_mask(outputs, ops.convert_to_tensor(MASK))
            both = MASK if valid is None else MASK & valid
            close(loss(y, outputs, sample_weight=weight), reduced(values, weight, both, reduction))
    if reduction not in ("none", None) and values.ndim:
        close(loss(y, p, sample_weight=WEIGHT[:, None]), reduced(values, WEIGHT, valid, reduction))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("row", CLASSES, ids=repr)
def test_dtypes(engine: Any, row: Row, dtype: str) -> None:
    """In 16 bits: the result has the dtype, and differs by no more than its inputs are rounded."""
    y, p = row.inputs
    found = made(row, dtype=dtype)(y, p, sample_weight=WEIGHT)
    assert ops.dtype(found) == dtype
    y16, p16 = (x if x.dtype.kind == "i" else array(ops.cast(ops.convert_to_tensor(x), dtype)) for x in (y, p))
    expected = reduced(formula(row, y16, p16), WEIGHT, counted(row, y))
    np.testing.assert_allclose(array(found), expected, rtol=ROUNDING[dtype], atol=ROUNDING[dtype])


@pytest.mark.parametrize("row", CLASSES, ids=repr)
def test_empty_batch(engine: Any, row: Row) -> None:
    """No rows: nothing is lost; the overlap of nothing with nothing is none."""
    y, p = (x[:0] for x in row.inputs)
    expected = 1.0 if row.cls in ("Dice", "Tversky") else 0.0
    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight"):
        close(made(row, reduction=reduction)(y, p), expected)
    if expected == 0:
        close(made(row)(y, p, sample_weight=WEIGHT[:0]), expected)
        close(made(row, reduction="none")(y, p), np.zeros(0))


@pytest.mark.parametrize("row", [*CLASSES, *(row for row in TABLE if STEEP & set(row.args))], ids=repr)
def test_gradients(engine: Any, row: Row) -> None:
    """Those of the formula, by differences in float64."""
    y, p = row.inputs
    variable = keras_lite.Variable(p)
    weight = WEIGHT if np.ndim(formula(row, y, p)) and len(formula(row, y, p)) == ROWS else None
    _, (gradient,) = keras_lite.value_and_grad(lambda: made(row, reduction="sum")(y, variable.value, sample_weight=weight), [variable])
    expected = np.zeros(p.shape)
    for place in np.ndindex(p.shape):
        step = np.zeros(p.shape)
        step[place] = 1e-6
        up, down = (reduced(formula(row, y, p + h), weight, None, "sum") for h in (step, -step))
        expected[place] = (up - down) / 2e-6
    close(gradient, expected, 2e-5)


def extremes(row: Row) -> tuple[float, ...]:
    """Outputs of a loss that are as extreme as they can be."""
    if row.cls == "Poisson":
        return (0.0, 1e4)
    return (0.0, 1.0) if row.inputs[1].min() >= 0 else (-1e4, 0.0, 1e4)


@pytest.mark.parametrize("row", TABLE, ids=repr)
def test_extremes(engine: Any, row: Row) -> None:
    """Values and gradients are finite for outputs of 1e4 and -1e4, and for probabilities of exactly 0 and 1."""
    y, p = row.inputs
    rng, ends = np.random.default_rng(1), extremes(row)
    for outputs in (np.full(p.shape, ends[0]), np.full(p.shape, ends[-1]), rng.choice(ends, p.shape), rng.choice(ends, p.shape)):
        variable = keras_lite.Variable(outputs.astype("float32"))
        value, (gradient,) = keras_lite.value_and_grad(lambda v=variable: made(row)(y, v.value), [variable])
        assert np.isfinite(array(value)), outputs
        assert np.isfinite(array(gradient)).all(), outputs


def test_compiled(engine: Any) -> None:
    """Every loss in one compiled step: what `fit` logs is what the formulas give."""
    if engine.name == "numpy":
        pytest.skip("the step of this engine is plain Python")
    named = {f"loss_{i}": row for i, row in enumerate(CLASSES)}
    inputs = {name: keras_lite.Input(row.inputs[1].shape[1:]) for name, row in named.items()}
    model = keras_lite.Model(inputs, {name: keras_lite.layers.Identity(name=name)(x) for name, x in inputs.items()})
    model.compile("sgd", {name: made(row) for name, row in named.items()})
    y, x = ({name: row.inputs[i] for name, row in named.items()} for i in (0, 1))
    logs = model.evaluate(x, y, batch_size=ROWS, verbose=0, return_dict=True)
    for name, row in named.items():
        values, valid = entries(row)
        np.testing.assert_allclose(logs[f"{name}_loss"], reduced(values, None, valid), rtol=2e-6, atol=2e-6, err_msg=row.cls)


@pytest.mark.parametrize("row", CLASSES, ids=repr)
def test_shapes_alone(engine: Any, row: Row) -> None:
    """On specs with an unknown number of rows."""
    y, p = (keras_lite.KerasTensor((None, *x.shape[1:]), x.dtype.name) for x in row.inputs)
    weight = keras_lite.KerasTensor((None,), "float32")
    for reduction in REDUCTIONS[:4]:
        for found in (made(row, reduction=reduction)(y, p), made(row, reduction=reduction)(y, p, sample_weight=weight)):
            assert (found.shape, found.dtype) == ((), "float32")


def test_every_loss_is_here() -> None:
    public = {name for name in losses.__all__ if isinstance(getattr(losses, name), type)}
    assert {row.cls for row in TABLE} == public - {"Loss"}
    assert {row.pair for row in TABLE} == set(PAIRS)


@pytest.mark.parametrize("cls", ["CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge", "KLDivergence",
                                 "CosineSimilarity"])
def test_classes_before_an_axis_of_size_1(engine: Any, cls: str) -> None:
    """Outputs (B, C, 1) of targets (B, C) are vectors of C classes, not C of one class; also for the check of targets in `fit`."""
    y, p = np.eye(3, dtype="float32")[[1, 0]], np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]], "float32")
    loss = getattr(losses, cls)(reduction="none")
    assert array(loss(y, p)).shape == (2,)
    close(loss(y, p[..., None]), array(loss(y, p)))
    loss.check_targets(y, (None, 3, 1))
    if cls == "CategoricalCrossentropy":
        assert array(losses.CategoricalCrossentropy(axis=-2, reduction="none")(y, p[..., None])).shape == (2, 1)
