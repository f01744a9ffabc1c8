"""The mistakes people make: one error, the same on every engine, before anything is trained."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers
from tests.training.models import flowers, mlp

x, y = flowers(20)


def two_headed(loss: Any) -> Any:
    """A model with the outputs "a" and "b"."""
    inputs = keras.Input((4,))
    model = keras.Model(inputs, [layers.Dense(1, name="a")(inputs), layers.Dense(1, name="b")(inputs)])
    model.compile("sgd", loss)
    return model


CASES: dict[str, tuple[Callable[[], Any], str]] = {
    "labels out of range": (lambda: mlp().fit(x, y + 1, verbose=0), r"labels must lie in 0 to 2 .* got 1 to 3"),
    "wrong width": (lambda: mlp().fit(x[:, :3], y, verbose=0), r"expects shape \(None, 4\), got \(.*3\)"),
    "wrong rank": (lambda: mlp().fit(x[:, 0], y, verbose=0), r"expects shape \(None, 4\)"),
    "different lengths": (lambda: mlp().fit(x, y[:10], verbose=0), r"different lengths: x \(20, 4\), y \(10,\)"),
    "empty": (lambda: mlp().fit(x[:0], y[:0], verbose=0), r"data is empty: x \(0, 4\)"),
    "no compile": (lambda: keras.Sequential([layers.Dense(1)]).fit(x, y), "not compiled: call model.compile"),
    "optimizer": (lambda: mlp(optimizer="adamm"), "unknown optimizer 'adamm'; did you mean 'adam'"),
    "loss": (lambda: mlp(loss="mean_square_error"), "unknown loss 'mean_square_error'; did you mean 'mean_squared_error'"),
    "metric": (lambda: mlp(metrics=["acuracy"]), "unknown metric 'acuracy'; did you mean '.*accuracy'"),
    "activation": (lambda: layers.Dense(1, activation="rellu"), "unknown activation 'rellu'; did you mean 'relu'"),
    "one-hot for sparse": (lambda: mlp().fit(x, np.eye(3)[y], verbose=0), "look one-hot; use categorical_crossentropy"),
    "sparse for one-hot": (lambda: mlp(loss="categorical_crossentropy").fit(x, y, verbose=0), "use sparse_categorical_crossentropy"),
    "batch size": (lambda: mlp().fit(x, y, batch_size=0), "batch_size must be a positive int, got 0"),
    "strings": (lambda: mlp().fit(np.array([["a"] * 4] * 20), y), "expected numbers"),
    "split": (lambda: mlp().fit(x, y, validation_split=1.5), "validation_split must be between 0 and 1, got 1.5"),
    "no target": (lambda: mlp().fit(x, verbose=0), "nothing to minimise|no target y"),
    "engine": (lambda: keras.config.set_backend("trch"), "unknown engine 'trch'; did you mean 'torch'"),
    "callback": (lambda: mlp().fit(x, y, callbacks=[3]), "expected a Callback, got 3"),
    "steps": (lambda: mlp().fit(x, y, steps_per_epoch=0), "steps_per_epoch must be a positive int, got 0"),
    "callback class": (lambda: mlp().fit(x, y, callbacks=[keras.callbacks.EarlyStopping]), r"got the class EarlyStopping: make one"),
    "verbose": (lambda: mlp().fit(x, y, verbose="loud"), r"fit: verbose must be 0 \(silent\), .* or \"auto\", got 'loud'"),
    "verbose of evaluate": (lambda: mlp().evaluate(x, y, verbose="loud"), r"evaluate: verbose must be .* got 'loud'"),
    "verbose of predict": (lambda: mlp().predict(x, verbose=1.5), r"predict: verbose must be .* got 1\.5"),
    "epochs as text": (lambda: mlp().fit(x, y, epochs="3"), "epochs must be an int of at least 0, got '3'"),
    "epochs as float": (lambda: mlp().fit(x, y, epochs=1.5), r"epochs must be an int of at least 0, got 1\.5"),
    "initial epoch": (lambda: mlp().fit(x, y, initial_epoch=-1), "initial_epoch must be an int of at least 0, got -1"),
    "balanced": (lambda: mlp().fit(x, y, class_weight="balanced"), r"must be a dict of weights by label, such as \{0: .* got 'balanced'"),
    "list of weights": (lambda: mlp().fit(x, y, class_weight=[1, 3]), r"such as \{0: 1, 1: 3\}; got \[1, 3\]"),
    "class by fraction": (lambda: mlp().fit(x, y, class_weight={5.5: 2}), r"keys of class_weight must be integer labels, got 5\.5"),
    "class by name": (lambda: mlp().fit(x, y, class_weight={"0": 2}), "keys of class_weight must be integer labels, got '0'"),
    "weight as text": (lambda: mlp().fit(x, y, class_weight={0: "2"}), "must be numbers, got '2' for class 0"),
    "two weights": (lambda: mlp().fit(x, y, class_weight={0: 2}, sample_weight=np.ones((20, 3))),
                    r"fit: sample_weight of shape \(20, 3\) does not fit labels of shape \(20,\)"),
    "learning rate": (lambda: setattr(mlp().optimizer, "learning_rate", "a"), "learning_rate must be a float, .* got 'a'"),
    "loss of some": (lambda: two_headed({"a": "mse"}).fit(x, [y, y]), r"names \['a'\] and leaves out \['b'\]; give None .* \{'b': None\}"),
}
messages: dict[str, set[str]] = {}


@pytest.mark.parametrize("case", CASES)
def test_message(engine: Any, case: str) -> None:
    """Type and message are the same on every engine."""
    run, pattern = CASES[case]
    with pytest.raises((ValueError, TypeError), match=pattern) as caught:
        run()
    keras.utils.set_random_seed(0)
    text = f"{type(caught.value).__name__}: {caught.value}"
    names = "".join(c for c in text if not c.isdigit())  # automatic names count up
    messages.setdefault(case, set()).add(names)
    assert len(messages[case]) == 1, messages[case]


def test_nothing_is_trained(engine: Any) -> None:
    """After an error the weights are as they were."""
    model = mlp()
    before = model.get_weights()
    with pytest.raises(ValueError, match="labels"):
        model.fit(x, y + 1, verbose=0)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_nan_warns(engine: Any) -> None:
    """NaN in the data gives a warning that names the array and the batch."""
    bad = x.copy()
    bad[17, 2] = np.nan
    with pytest.warns(UserWarning, match=r"x has NaN in 1 of 20 rows, first in row 17 \(batch 2 of 8") as seen:
        mlp().fit(bad, y, batch_size=8, verbose=0)
    assert [warning.filename for warning in seen] == [__file__]


def test_loss_of_some_outputs(engine: Any) -> None:
    """None says that an output has no loss; where the outputs are a dict, it may just be left out, as in Keras."""
    assert list(two_headed({"a": "mse", "b": None}).fit(x, [y, y], verbose=0).history) == ["loss"]
    inputs = keras.Input((4,))
    model = keras.Model(inputs, {"a": layers.Dense(1)(inputs), "b": layers.Dense(1)(inputs)})
    model.compile("sgd", {"a": "mse"})
    assert list(model.fit(x, {"a": y, "b": y}, verbose=0).history) == ["loss"]


@pytest.mark.parametrize("case", ["matmul", "wrong width", "labels out of range", "activation"])
def test_the_traceback_ends_in_the_users_line(engine: Any, case: str) -> None:
    """Below the user's line stands the frame that raises, and nothing of the package's inside or of a framework."""
    run = {"matmul": lambda: keras.ops.matmul(np.ones((2, 3), "float32"), np.ones((4, 5), "float32"))}.get(case) or CASES[case][0]
    with pytest.raises(ValueError, match=r".") as caught:
        run()
    files = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    last = max(i for i, file in enumerate(files) if file == __file__)
    assert len(files) - 1 - last <= (1 if case != "activation" else 4), files
    assert caught.value.__cause__ is None
