"""Floating point operations and bytes in the table of a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from keras_lite.engine import registry
from tests.conftest import load_quietly


def _columns(model: Any, **arguments: Any) -> tuple[dict[str, list[str]], list[str]]:
    """The numbers of each row by the name of the layer, and the lines below the table."""
    out: list[str] = []
    model.summary(line_length=250, print_fn=out.append, show_flops=True, show_memory=True, **arguments)
    lines = out[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if line.startswith("│")]
    return {row[0].split()[0]: row[3:6] for row in rows if row[0]}, [line.strip() for line in lines if line.startswith(" ")]


def _convolutions() -> Any:
    x = keras.Input((16, 16, 3))
    y = layers.Conv2D(8, 3, strides=2, padding="same", name="strided")(x)
    y = layers.DepthwiseConv2D(3, name="depthwise")(y)
    y = layers.SeparableConv2D(4, 3, padding="same", name="separable")(y)
    y = layers.Conv2DTranspose(5, 3, strides=2, name="transposed")(y)
    y = layers.Conv2D(10, 1, groups=5, name="grouped")(y)
    inner = keras.Sequential([keras.Input((10,)), layers.Dense(3, name="first"), layers.Dense(7, name="second")], name="inner")
    return keras.Model(x, inner(layers.GlobalAveragePooling2D(name="mean")(y)))


def test_convolutions(engine: Any) -> None:
    """Two operations for each product that is added up: of the output's pixels, the window, and the channels of a group."""
    rows, below = _columns(_convolutions(), expand_nested=True)
    flops = {"strided": 2 * 64 * 27 * 8, "depthwise": 2 * 36 * 9 * 8, "separable": 2 * 36 * 9 * 8 + 2 * 36 * 8 * 4,
             "transposed": 2 * 36 * 9 * 4 * 5, "grouped": 2 * 169 * 10, "mean": 0, "inner": 102, "first": 60, "second": 42}
    assert {name: rows[name][0] for name in flops} == {name: f"{n:,}" for name, n in flops.items()}
    assert rows["strided"][1:] == ["896.00 B", "2.00 KB"]
    total = sum(flops.values()) - 102
    kept = 4 * (768 + 512 + 288 + 144 + 845 + 1690 + 10 + 7)  # the input is kept too, what is inside the inner model is not listed
    assert below[-2:] == [f"FLOPs of one row: {total:,}", f"Outputs of one row: {kept / 1024:.2f} KB"]


def test_beside_torch() -> None:
    """PyTorch's own counter finds as many."""
    flop_counter = pytest.importorskip("torch.utils.flop_counter")
    with registry.using(load_quietly("torch")):
        model = _convolutions()
        with flop_counter.FlopCounterMode(display=False) as counter:
            model(np.zeros((1, 16, 16, 3), "float32"))
        assert f"FLOPs of one row: {counter.get_total_flops():,}" in _columns(model)[1]


def test_sequences(engine: Any) -> None:
    """A step of a recurrent layer counts as often as it is taken."""
    x = keras.Input((12,), dtype="int32")
    y = layers.Embedding(50, 16, name="embedding")(x)
    y = layers.MultiHeadAttention(2, 8, name="attention")(y, y)
    y = layers.LSTM(6, return_sequences=True, name="lstm")(y)
    both = layers.Bidirectional(layers.GRU(5), name="both")(y)
    rows, _ = _columns(keras.Model(x, [both, layers.RNN(layers.SimpleRNNCell(4), name="rnn")(y)]))
    attention = 4 * (2 * 12 * 16 * 16) + 2 * (2 * 2 * 12 * 12 * 8)
    flops = {"embedding": 0, "attention": attention, "lstm": 2 * 12 * (16 + 6) * 24, "both": 2 * 2 * 12 * (6 + 5) * 15,
             "rnn": 2 * 12 * (6 + 4) * 4}
    assert {name: rows[name][0] for name in flops} == {name: f"{n:,}" for name, n in flops.items()}


class _Branching(layers.Layer):
    """The larger branch counts; of a loop whose turns depend on values nothing is known."""

    def __init__(self, loops: bool, **kwargs: Any):
        super().__init__(**kwargs)
        self.loops = loops

    def call(self, x: Any) -> Any:
        if self.loops:
            return ops.while_loop(lambda y: ops.sum(y) < 3, lambda y: (ops.matmul(y, np.eye(4, dtype="float32")),), (x,))[0]
        return ops.cond(ops.sum(x) > 0, lambda: ops.einsum("bi,ij->bj", x, np.eye(4, dtype="float32")), lambda: x)


def test_control_flow(engine: Any) -> None:
    x = keras.Input((4,))
    rows, below = _columns(keras.Model(x, [_Branching(False, name="branch")(x), _Branching(True, name="loop")(x)]))
    assert (rows["branch"][0], rows["loop"][0]) == ("32", "?")
    assert below[-2] == "FLOPs of one row: ?"


def test_what_is_not_known(engine: Any) -> None:
    """Sizes that vary; the layers of a subclass, which have no graph, are counted all the same."""
    x = keras.Input((None, 4))
    rows, _ = _columns(keras.Model(x, layers.Dense(3, name="dense")(x)))
    assert rows["dense"] == ["?", "60.00 B", "?"]

    class Pair(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = layers.Dense(4, name="first"), layers.Dense(2, name="second")

        def call(self, x: Any) -> Any:
            return self.second(self.first(x))

    model = Pair()
    model(np.zeros((3, 5), "float32"))
    rows, below = _columns(model)
    assert {name: row[0] for name, row in rows.items()} == {"first": "40", "second": "16"}
    assert below[-2] == "FLOPs of one row: 56"
