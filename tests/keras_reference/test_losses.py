"""The losses beside Keras's: values with weights and reductions, configs, names.  Their gradients: see `training_cases.py`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from keras_lite import losses, ops
from keras_lite.engine import registry
from tests.losses.table import TABLE, Row, counted, formula

UNLIKE = {  # rows that Keras gets wrong (see docs/keras-differences.md): class and inputs
    ("CategoricalGeneralizedCrossEntropy", "label_column"): "labels in a column become a matrix",
    ("CosineSimilarity", "numbers", "axis"): "normalizes along another axis on NumPy",
    ("SparseCategoricalCrossentropy", "label_channels", "axis"): "takes no other axis than the last on NumPy",
    ("Tversky", "shares", "alpha", "beta"): "alpha weighs the false negatives", ("Tversky", "masks", "alpha", "axis"): "the same",
}
NAMELESS = ("categorical_generalized_cross_entropy", "CategoricalGeneralizedCrossEntropy")  # Keras's `get` does not know them
WEIGHT = np.array([0.5, 2.0, 0.0, 1.5, 3.0, 1.0], "float32")


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with registry.using("numpy"), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _close(mine: Any, reference: Any, rtol: float = 1e-5) -> None:
    mine, reference = np.asarray(ops.convert_to_numpy(mine), "float64"), np.asarray(reference, "float64")
    assert mine.shape == reference.shape
    np.testing.assert_allclose(mine, reference, rtol=rtol, atol=rtol * max(1.0, np.abs(reference).max()))


@pytest.mark.parametrize("row", TABLE, ids=repr)
def test_values(keras: Any, row: Row) -> None:
    if (row.cls, row.pair, *row.args) in UNLIKE:
        pytest.skip(UNLIKE[row.cls, row.pair, *row.args])
    y, p = row.inputs
    values = formula(row, y, p)
    for reduction in ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None):
        ours, theirs = (getattr(module, row.cls)(**row.args, reduction=reduction) for module in (losses, keras.losses))
        _close(ours(y, p), theirs(y, p))
        rank = values.ndim
        if values.shape[:1] == WEIGHT.shape and (rank == 1 or reduction != "mean_with_sample_weight"):  # it divides by them as given
            weight = WEIGHT.reshape(-1, *(1,) * (rank - 1))
            _close(ours(y, p, sample_weight=weight), theirs(y, p, sample_weight=weight))


@pytest.mark.parametrize("name", sorted({row.cls for row in TABLE}))
def test_configs(keras: Any, name: str) -> None:
    """Keras's config is ours but for arguments that Keras forgets; each reads the other's."""
    forgotten = {"Huber": {"delta"}, "CosineSimilarity": {"axis"}, "SparseCategoricalCrossentropy": {"axis"}}.get(name, set())
    for arguments in ({}, {"reduction": "sum", "name": "mine"}):
        ours, theirs = getattr(losses, name)(**arguments), getattr(keras.losses, name)(**arguments)
        mine, reference = losses.serialize(ours), keras.losses.serialize(theirs)
        assert {**mine, "config": None} == {**reference, "config": None}
        assert {k: v for k, v in mine["config"].items() if k not in forgotten} == reference["config"]
        assert forgotten <= set(mine["config"])
        assert losses.deserialize(reference).get_config() == ours.get_config()
        if name not in NAMELESS:
            assert keras.losses.deserialize(mine).get_config() == theirs.get_config()
        assert (ours.name, ours.reduction, ours.dtype) == (theirs.name, theirs.reduction, theirs.dtype)


def test_names(keras: Any) -> None:
    """Every name that Keras's `get` knows gives the same function or class here."""
    short = ["mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE", "bce", "BCE", "kld", "KLD"]
    public = [name for name in dir(keras.losses) if name[0] != "_" and name not in ("Loss", "get", "serialize", "deserialize")]
    assert set(losses.__all__) == {*public, "Loss", "get", "serialize", "deserialize"}
    for name in [*public, *short]:
        if name in NAMELESS:
            continue
        ours, theirs = losses.get(name), keras.losses.get(name)
        if hasattr(theirs, "reduction"):
            assert type(ours).__name__ == type(theirs).__name__
        else:
            assert losses.serialize(ours) == keras.losses.serialize(theirs)
            assert losses.deserialize(keras.losses.serialize(theirs)) is ours


@pytest.mark.parametrize("row", [row for row in TABLE if counted(row, row.inputs[0]) is not None], ids=repr)
def test_entries_that_do_not_count(keras: Any, row: Row) -> None:
    """With weights: those of the other entries alone."""
    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight"):
        ours, theirs = (getattr(module, row.cls)(**row.args, reduction=reduction) for module in (losses, keras.losses))
        _close(ours(*row.inputs, sample_weight=WEIGHT), theirs(*row.inputs, sample_weight=WEIGHT))
