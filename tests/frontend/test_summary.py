"""The table of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import keras_lite as keras
from keras_lite import layers
from keras_lite.engine import registry

TRAINED = [" Trainable params: 29 (116.00 B)", " Non-trainable params: 6 (24.00 B)"]


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with registry.using("numpy"):
        yield


def _stack() -> Any:
    first, last = layers.Dense(3, name="first"), layers.Dense(2, name="last")
    return keras.Sequential([keras.Input((4,)), first, layers.BatchNormalization(name="norm"), last], name="stack")


def _text(model: Any, **arguments: Any) -> str:
    out: list[str] = []
    model.summary(print_fn=out.append, **arguments)
    assert len(out) == 1
    return out[0]


def _cells(text: str) -> list[list[str]]:
    """The rows of the table, the head first; each cell with all its lines."""
    rows: list[list[str]] = []
    is_new = True
    for line in text.splitlines():
        if line[:1] in "┃│":
            cells = [cell[1:-1].rstrip() for cell in line.replace("┃", "│").strip("│").split("│")]
            rows = [*rows, cells] if is_new else [*rows[:-1], [f"{a}\n{b}".rstrip() for a, b in zip(rows[-1], cells, strict=True)]]
        is_new = line[:1] not in "┃│"
    return [[cell.strip() for cell in row] for row in rows]


def test_plain() -> None:
    text = _text(_stack())
    assert text.splitlines()[0] == 'Model: "stack"'
    assert _cells(text) == [
        ["Layer (type)", "Output Shape", "Param #"], ["first (Dense)", "(None, 3)", "15"],
        ["norm (BatchNormalization)", "(None, 3)", "12"], ["last (Dense)", "(None, 2)", "8"]]
    assert text.splitlines()[-3:] == [" Total params: 35 (140.00 B)", *TRAINED]
    table = [line for line in text.splitlines() if line[0] in "┏┃┡│├└"]
    assert len({len(line) for line in table}) == 1, "all lines of the table are equally long"


def test_after_training() -> None:
    """The optimizer's variables are counted."""
    model = _stack()
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    assert _text(model).splitlines()[-4:] == [
        " Total params: 95 (380.00 B)", *TRAINED, " Optimizer params: 60 (240.00 B)"]


def test_branched() -> None:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(3, name="shared")
    x = layers.Concatenate(name="both")([shared(a), shared(b)])
    model = keras.Model([a, b], layers.Dense(1, name="one")(x * 2), name="branched")
    rows = _cells(_text(model))
    assert [row[0] for row in rows[1:]] == ["a (InputLayer)", "b (InputLayer)", "shared (Dense)", "both (Concatenate)",
                                            f"{model._graph.nodes[3].name} (Multiply)", "one (Dense)"]
    assert [row[3] for row in rows] == ["Connected to", "-", "-", "a[0][0],\nb[0][0]", "shared[0][0],\nshared[1][0]", "both[0][0]",
                                        f"{model._graph.nodes[3].name}[0][0]"]
    assert rows[3][2] == "15"


def test_nested() -> None:
    x = keras.Input((4,), name="x")
    model = keras.Model(x, layers.Dense(1, name="top")(_stack()(x)), name="outer")
    assert [row[0] for row in _cells(_text(model))[1:]] == ["x (InputLayer)", "stack (Sequential)", "top (Dense)"]
    rows = _cells(_text(model, expand_nested=True))
    assert [row[0] for row in rows[1:]] == ["x (InputLayer)", "stack (Sequential)", "first (Dense)", "norm (BatchNormalization)",
                                            "last (Dense)", "top (Dense)"]
    assert rows[2][1:] == ["(None, 2)", "35"]


def test_trainable_and_range() -> None:
    model = _stack()
    model.get_layer("first").trainable = False
    rows = _cells(_text(model, show_trainable=True))
    assert [row[-1] for row in rows] == ["Trainable", "N", "Y", "Y"]
    assert [row[0] for row in _cells(_text(model, layer_range=("norm", "last")))[1:]] == ["norm (BatchNormalization)", "last (Dense)"]
    with pytest.raises(ValueError, match="did you mean 'norm'"):
        model.summary(layer_range=("norn", "last"))


def test_widths() -> None:
    assert max(map(len, _text(_stack(), line_length=60).splitlines())) == 60
    assert max(map(len, _text(_stack(), line_length=100).splitlines())) == 100
    narrow = _text(_stack(), line_length=40)
    assert max(map(len, narrow.splitlines())) == 40
    assert _cells(narrow)[2] == ["norm\n(BatchNorma\nlization)", "(None, 3)", "12"]
    placed = next(line for line in _text(_stack(), line_length=80, positions=[0.5, 0.8, 1.0]).splitlines() if line.startswith("┃"))
    assert [i for i, c in enumerate(placed) if c == "┃"] == [0, 40, 64, 80]


def test_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """80 columns in a file."""
    assert max(map(len, _text(_stack()).splitlines())) == 80
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for width in (50, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        assert max(map(len, _text(_stack()).splitlines())) == width


@pytest.mark.parametrize("width", [40, 60, 80])
def test_nothing_is_lost(width: int) -> None:
    """What is longer than its column goes on below; each layer that another is connected to has a line of its own."""
    x = keras.Input((4,), name="x")
    ends = [layers.Dense(3, name=f"a_layer_with_a_name_of_many_words_{i}")(x) for i in range(3)]
    inner = keras.Sequential([keras.Input((9,)), layers.Dense(3, name="another_one_of_those_long_names")], name="inner")
    model = keras.Model(x, inner(layers.Concatenate(name="both")(ends)), name="m")
    text = _text(model, line_length=width, show_trainable=True, expand_nested=True)
    assert max(map(len, text.splitlines())) == width
    cells = [[cell.replace("\n", "").replace(" ", "") for cell in row] for row in _cells(text)]
    assert cells[2] == ["a_layer_with_a_name_of_many_words_0(Dense)", "(None,3)", "15", "x[0][0]", "Y"]
    assert cells[5][3] == ",".join(f"a_layer_with_a_name_of_many_words_{i}[0][0]" for i in range(3))
    assert cells[7][0] == "another_one_of_those_long_names(Dense)"
    assert "," not in "".join(row[3].replace(",\n", "") for row in _cells(text))


def test_unbuilt() -> None:
    """Before it is built: no shapes and no counts; without layers: an error."""
    model = keras.Sequential([layers.Dense(3, name="first")], name="later")
    assert _cells(_text(model))[1] == ["first (Dense)", "?", "0 (unbuilt)"]
    with pytest.raises(ValueError, match="later has no layers yet"):
        keras.Sequential(name="later").summary()


def test_subclass() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.dense = layers.Dense(3, name="dense")

        def call(self, x: Any) -> Any:
            return self.dense(x)

    model = Own()
    assert _cells(_text(model))[1] == ["dense (Dense)", "?", "0 (unbuilt)"]
    model.build((None, 4))
    assert _cells(_text(model))[1] == ["dense (Dense)", "(None, 3)", "15"]


def test_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _stack().summary() is None
    assert capsys.readouterr().out.startswith('Model: "stack"\n┏━')
