"""Tutorial programs written for Keras run, word for word but for the imports, on every engine."""

from __future__ import annotations

import functools
import pathlib
import runpy
from typing import Any

import numpy as np
import pytest

from keras_lite.datasets import mnist
from tests.conftest import ENGINES, load_quietly

STORIES = pathlib.Path(__file__).parent / "stories"


def _run(story: str, engine: str, monkeypatch: pytest.MonkeyPatch, folder: pathlib.Path, rows: int | None) -> dict[str, Any]:
    """Run a program on an engine with the first rows of MNIST (None: all of it); returns its variables."""
    import keras_lite

    pytest.importorskip("matplotlib", reason="the programs draw their history")
    load = functools.partial(mnist.load_data, path=str(folder / "mnist.npz"))

    def load_data(path: str = "mnist.npz") -> Any:
        (x_train, y_train), (x_test, y_test) = load()
        return (x_train[:rows], y_train[:rows]), (x_test[:rows], y_test[:rows])

    monkeypatch.setattr(mnist, "load_data", load_data)
    load_quietly(engine)
    with keras_lite.config.using_backend(engine):
        keras_lite.utils.set_random_seed(0)
        return runpy.run_path(str(STORIES / story))


@pytest.mark.parametrize("engine", ENGINES)
def test_mnist_three_ways(engine: str, monkeypatch: pytest.MonkeyPatch, data_folder: pathlib.Path,
                          capsys: pytest.CaptureFixture[str]) -> None:
    """The basic, the functional and the subclassing example train, on a part of the data."""
    names = _run("mnist_three_ways.py", engine, monkeypatch, data_folder, 600)
    for history in ("history", "history_functional", "history_subclassed"):
        logs = names[history].history
        assert set(logs) == {"loss", "accuracy", "val_loss", "val_accuracy"}
        assert logs["loss"][-1] < 0.7 * logs["loss"][0]
    assert names["predictions"].shape == (5, 10)
    np.testing.assert_allclose(names["predictions"].sum(1), 1, rtol=1e-5)
    assert 'Model: "functional_mnist_model"' in capsys.readouterr().out


@pytest.mark.parametrize("engine", ENGINES)
def test_mlp(engine: str, monkeypatch: pytest.MonkeyPatch, data_folder: pathlib.Path) -> None:
    """The MLP of the second document learns, on a part of the data."""
    names = _run("mlp.py", engine, monkeypatch, data_folder, 2000)
    assert names["test_acc"] > 0.8


@pytest.mark.parametrize("engine", ENGINES)
def test_siamese_lstm(engine: str, monkeypatch: pytest.MonkeyPatch, data_folder: pathlib.Path) -> None:
    """The Siamese LSTM learns which texts belong together."""
    names = _run("siamese_lstm.py", engine, monkeypatch, data_folder, 1)
    losses = names["history"].history["loss"]
    assert losses[-1] < 0.8 * losses[0]
    assert names["predictions"].shape == (160, 1)
    assert np.mean((names["predictions"][:, 0] > 0.5) == (names["half1"] == names["half2"])) > 0.9
