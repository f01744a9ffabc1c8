"""Real text to known results: a transformer that classifies reviews, an LSTM that predicts letters."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops

VOCABULARY, LENGTH, WIDTH = 10000, 400, 32  # of the reviews
STEPS, UNITS, BATCH = 64, 128, 64  # of the letters


def _reviews(folder: pathlib.Path) -> list[Any]:
    """Train and test reviews as ranks of words (0 pads in front), and whether they are positive."""
    data = np.load(folder / "imdb.npz", allow_pickle=True)
    found = []
    for part in ("train", "test"):
        x = np.zeros((len(data[f"x_{part}"]), LENGTH), "int32")
        for row, words in zip(x, data[f"x_{part}"], strict=True):
            words = [w if w < VOCABULARY else 1 for w in words[-LENGTH:]]
            row[:len(words)] = words
        found += [x, data[f"y_{part}"].astype("int32")]
    return found


class Positions(layers.Layer):
    """Adds a learnt vector for each place."""

    supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.table = self.add_weight((input_shape[1], input_shape[2]), "uniform", name="table")

    def call(self, x: Any) -> Any:
        return ops.add(x, self.table)


def _transformer() -> Any:
    """One block: attention and a feed-forward part, each added to its input and normalized; what pads the reviews is masked."""
    words = keras.Input((LENGTH,), dtype="int32")
    x = layers.SpatialDropout1D(0.2)(Positions()(layers.Embedding(VOCABULARY, WIDTH, mask_zero=True)(words)))
    x = layers.Dropout(0.3)(x)
    attended = layers.Dropout(0.1)(layers.MultiHeadAttention(2, WIDTH // 2)(x, x))
    x = layers.LayerNormalization(epsilon=1e-6)(x + attended)
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dense(WIDTH)(layers.Dense(WIDTH, activation="relu")(x)))
    x = layers.Dropout(0.4)(layers.GlobalAveragePooling1D()(x))
    return keras.Model(words, layers.Dense(1, activation="sigmoid")(x))


@pytest.mark.slow
def test_reviews(engine: Any, data_folder: pathlib.Path) -> None:
    """The transformer tells good from bad reviews."""
    if engine.name == "numpy":
        pytest.skip("the reference engine takes too long for it")
    x, y, x_test, y_test = _reviews(data_folder)
    keras.utils.set_random_seed(0)
    model = _transformer()
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=32, epochs=3, validation_data=(x_test, y_test), verbose=2).history
    print(f"{engine.name}: {max(history['val_accuracy']):.4f}")
    assert max(history["val_accuracy"]) >= 0.85


def _letters(folder: pathlib.Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Lines of STEPS letters, and the letters that follow each."""
    text = (folder / "tinyshakespeare.txt").read_text()
    known = {letter: i for i, letter in enumerate(sorted(set(text)))}
    codes = np.array([known[letter] for letter in text[:count * STEPS + 1]], "int32")
    return codes[:-1].reshape(count, STEPS), codes[1:].reshape(count, STEPS)


def _language_model() -> Any:
    return keras.Sequential([keras.Input((STEPS,), dtype="int32"), layers.Embedding(65, 32), layers.LSTM(UNITS, return_sequences=True),
                             layers.Dense(65)])


def _by_hand(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray, epochs: int, held_out: int) -> list[float]:
    """The validation losses of the same network, written with torch's modules, from the same weights on the same batches."""
    torch = pytest.importorskip("torch")
    table, kernel, recurrent, bias, last, last_bias = map(torch.from_numpy, weights)
    embedding, lstm, dense = torch.nn.Embedding(65, 32), torch.nn.LSTM(32, UNITS, batch_first=True), torch.nn.Linear(UNITS, 65)
    with torch.no_grad():
        for parameter, value in zip((embedding.weight, *lstm.parameters(), *dense.parameters()),
                                    (table, kernel.T, recurrent.T, bias, 0 * bias, last.T, last_bias), strict=True):
            parameter.copy_(value)
    lstm.bias_hh_l0.requires_grad_(False)  # Keras has one bias
    parameters = [p for module in (embedding, lstm, dense) for p in module.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, 2e-3, eps=1e-7)
    inputs, targets = torch.from_numpy(x).long(), torch.from_numpy(y).long()

    def loss(rows: slice) -> Any:
        return torch.nn.functional.cross_entropy(dense(lstm(embedding(inputs[rows]))[0]).flatten(0, 1), targets[rows].flatten())

    found = []
    for _ in range(epochs):
        for start in range(0, len(x) - held_out, BATCH):
            optimizer.zero_grad()
            loss(slice(start, min(start + BATCH, len(x) - held_out))).backward()
            optimizer.step()
        with torch.no_grad():
            found.append(float(loss(slice(len(x) - held_out, None))))
    return found


@pytest.mark.slow
def test_letters(engine: Any, data_folder: pathlib.Path) -> None:
    """The LSTM learns as one written by hand in torch does: validation losses within 2 % after each epoch."""
    if engine.name == "numpy":
        pytest.skip("the reference engine takes too long for it")
    x, y = _letters(data_folder, 2304)
    keras.utils.set_random_seed(0)
    model = _language_model()
    model.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    expected = _by_hand(model.get_weights(), x, y, 4, 256)
    found = model.fit(x[:-256], y[:-256], batch_size=BATCH, epochs=4, shuffle=False, validation_data=(x[-256:], y[-256:]), verbose=0)
    losses = found.history["val_loss"]
    print(f"{engine.name}: {losses}, by hand {expected}")
    np.testing.assert_allclose(losses, expected, rtol=0.02)
    assert losses[-1] < losses[0] - 0.4
