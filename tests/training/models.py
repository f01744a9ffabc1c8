"""Models and data that several training tests use."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np

import keras_lite as keras
from keras_lite import layers


def mnist(folder: pathlib.Path, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The first rows of MNIST: images in [0, 1] with a channel axis, and integer labels."""
    (x, y), _ = keras.datasets.mnist.load_data(path=str(folder / "mnist.npz"))
    return (x[:rows].astype("float32") / 255)[..., None], y[:rows]


def convnet(dropout: float = 0.5) -> Any:
    """The MNIST convnet."""
    return keras.Sequential([
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu", input_shape=(28, 28, 1)),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(dropout),
        layers.Dense(10, activation="softmax"),
    ])


def mlp(width: int = 8, classes: int = 3, **compile_arguments: Any) -> Any:
    """A small compiled network on 4 numbers."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([layers.Input((4,)), layers.Dense(width, activation="relu"), layers.Dense(classes, activation="softmax")])
    model.compile(**{"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **compile_arguments})
    return model


def flowers(rows: int = 70) -> tuple[np.ndarray, np.ndarray]:
    """Three clouds of points with their labels."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, rows)
    return (rng.normal(size=(rows, 4)) + 4 * np.eye(3, 4)[y]).astype("float32"), y


class StepLosses(keras.callbacks.Callback):
    """Keeps the mean loss of the epoch so far after each step, and from it the loss of each step."""

    def __init__(self) -> None:
        super().__init__()
        self.means: list[float] = []
        self.losses: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.means = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        before = self.means[-1] * len(self.means) if self.means else 0.0
        self.means.append(logs["loss"])
        self.losses.append(logs["loss"] * len(self.means) - before)
