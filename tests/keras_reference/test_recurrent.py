"""Recurrent layers beside those of Keras: masks, states, and dropout; outputs and gradients are compared in test_layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import layers, ops
from keras_lite.engine import registry
from keras_lite.state import tree
from keras_lite.testing.layer_cases.recurrent import STEPS

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

MASK = np.array([[0, 1, 1, 0, 1, 0], [1, 1, 0, 0, 0, 0]], bool)
PADDED = np.array([[1, 1, 1, 1, 1, 0], [1, 1, 0, 0, 0, 0]], bool)


@pytest.fixture(autouse=True)
def _on_numpy() -> Any:
    with registry.using("numpy"):
        yield


def _data(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(3).normal(size=shape).astype("float32")


def _pair(keras: Any, make: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Our layer and that of Keras, built, with the same random weights."""
    ours, theirs = make(layers), make(keras.layers)
    ours.build(shape)
    theirs.build(shape)
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.5, v.shape).astype("float32") for v in theirs.weights]
    weights = [abs(w) if "variance" in v.path else w for w, v in zip(weights, theirs.weights, strict=True)]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def _agree(mine: Any, reference: Any, **tolerance: float) -> None:
    """Nests of arrays are equal, within rounding errors."""
    assert [type(mine) in (list, tuple), len(tree.flatten(mine))] == [type(reference) in (list, tuple), len(tree.flatten(reference))]
    for a, b in zip(tree.flatten(mine), tree.flatten(reference), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(a), np.asarray(b), **(tolerance or {"rtol": 1e-5, "atol": 1e-6}))


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("mask", [MASK, PADDED], ids=["holes", "padded"])
@pytest.mark.parametrize("cls", ["SimpleRNN", "LSTM", "GRU"])
def test_masks(keras: Any, cls: str, mask: np.ndarray, zero: bool, go_backwards: bool) -> None:
    options: dict[str, Any] = {"return_state": True, "go_backwards": go_backwards, "zero_output_for_mask": zero}
    for sequences in (True, False):
        ours, theirs = _pair(keras, lambda L, s=sequences: getattr(L, cls)(3, return_sequences=s, **options), STEPS)
        _agree(ours(_data(STEPS), mask=mask), theirs(_data(STEPS), mask=mask))
        start = [np.random.default_rng(i).normal(size=(2, 3)).astype("float32") for i in range(2 if cls == "LSTM" else 1)]
        _agree(ours(_data(STEPS), mask=mask, initial_state=start), theirs(_data(STEPS), mask=mask, initial_state=start))


def test_masks_from_other_layers(keras: Any) -> None:
    """Of Embedding and Masking, through a recurrent layer, to the next one."""
    def make(module: Any) -> Any:
        L = module.layers
        return module.Sequential([module.Input((6,), dtype="int32"), L.Embedding(7, 4, mask_zero=True), L.LSTM(3, return_sequences=True),
                                  L.Bidirectional(L.GRU(2, return_sequences=True)), L.SimpleRNN(2)])

    import keras_lite

    ours, theirs = make(keras_lite), make(keras)
    weights = [np.random.default_rng(0).normal(0, 0.5, w.shape).astype(w.dtype) for w in theirs.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    x = np.array([[1, 2, 3, 0, 0, 0], [4, 0, 5, 6, 0, 1]], "int32")
    _agree(ours(x), theirs(x))


def test_stateful_layers(keras: Any) -> None:
    """Batches go on from each other, until the states are reset."""
    ours, theirs = _pair(keras, lambda L: L.LSTM(3, stateful=True, return_state=True), STEPS)
    for _ in range(3):
        _agree(ours(_data(STEPS)), theirs(_data(STEPS)))
    assert [v.path.rpartition("/")[2] for v in ours.states] == ["rnn_state"] * 2
    _agree([v.value for v in ours.states], [np.asarray(v) for v in theirs.states])
    ours.reset_state(), theirs.reset_state()
    _agree(ours(_data(STEPS)), theirs(_data(STEPS)))


@pytest.mark.parametrize("drops", [(0.5, 0.0), (0.0, 0.5), (0.5, 0.5)])
@pytest.mark.parametrize("cell", ["SimpleRNNCell", "LSTMCell", "GRUCell", "GRUCell before"])
def test_dropout_with_given_masks(keras: Any, cell: str, drops: tuple[float, float]) -> None:
    """The same masks give the same outputs, and as many are drawn."""
    extra = {"reset_after": False} if cell.endswith("before") else {}
    options = {"dropout": drops[0], "recurrent_dropout": drops[1], "seed": 1, **extra}
    ours, theirs = _pair(keras, lambda L: getattr(L, cell.split()[0])(3, **options), (2, 4))
    x = _data((2, 4))
    states = [_data((2, 3)) for _ in range(2 if cell == "LSTMCell" else 1)]
    for name, like in (("dropout", x), ("recurrent_dropout", states[0])):
        masks = getattr(ours, f"get_{name}_mask")(like)
        reference = getattr(theirs, f"get_{name}_mask")(like)
        assert (masks is None) == (reference is None)
        if masks is not None:
            assert np.shape(masks) == np.shape(reference)
            setattr(theirs, f"_{name}_mask", masks)
    assert np.asarray(ours.seed_generator.state).tolist() == np.asarray(theirs.seed_generator.state).tolist()
    _agree(ours(x, states, training=True), theirs(x, states, training=True))
