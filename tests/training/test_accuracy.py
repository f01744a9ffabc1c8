"""Real data to a known accuracy."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

import keras_lite as keras
from tests.training.models import convnet


@pytest.mark.slow
def test_mnist(engine: Any, data_folder: pathlib.Path) -> None:
    """The convnet reaches 98.5 % on the test images after 5 epochs over all of MNIST."""
    if engine.name == "numpy":
        pytest.skip("the reference engine takes an hour for it")
    (x, y), (x_test, y_test) = keras.datasets.mnist.load_data(path=str(data_folder / "mnist.npz"))
    keras.utils.set_random_seed(0)
    model = convnet()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit((x / 255.0).astype("float32")[..., None], y, batch_size=128, epochs=5, verbose=2)
    _, accuracy = model.evaluate((x_test / 255.0).astype("float32")[..., None], y_test, verbose=0)
    print(f"{engine.name}: {accuracy:.4f}")
    assert accuracy >= 0.985
