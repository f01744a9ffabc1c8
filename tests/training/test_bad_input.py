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
    "too many steps": (lambda: mlp().fit(x, y, batch_size=10, steps_per_epoch=3), "3, but the data has 20 rows, which are 2 batches"),
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
    with pytest.warns(UserWarning, match=r"x has NaN in 1 of 20 rows, first in row 17 \(batch 2 of 8"):
        mlp().fit(bad, y, batch_size=8, verbose=0)


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
