"""The promise: the same seed gives the same run on every engine."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from tests.conftest import ENGINES, load_quietly
from tests.training.models import StepLosses, convnet, mnist

pytestmark = pytest.mark.all_engines


def _run(engine: str, x: np.ndarray, y: np.ndarray, epochs: int) -> tuple[list[np.ndarray], list[float], list[np.ndarray]]:
    load_quietly(engine)
    with keras.config.using_backend(engine):
        keras.utils.set_random_seed(42)
        model = convnet()
        first = model.get_weights()
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        losses = StepLosses()
        model.fit(x, y, batch_size=64, epochs=epochs, verbose=0, callbacks=[losses])
        return first, losses.losses, model.get_weights()


@pytest.fixture(scope="module")
def runs(data_folder: pathlib.Path) -> dict[str, Any]:
    """The convnet with dropout on 6,000 images for two epochs, on every engine."""
    x, y = mnist(data_folder, 6000)
    return {engine: _run(engine, x, y, epochs=2) for engine in ENGINES}


def test_first_weights_are_identical(runs: dict[str, Any]) -> None:
    """Initial weights are drawn on the host: equal to the bit."""
    for engine, (first, _, _) in runs.items():
        for a, b in zip(first, runs["numpy"][0], strict=True):
            np.testing.assert_array_equal(a, b, err_msg=engine)


def test_losses_agree(runs: dict[str, Any]) -> None:
    """Each of the first 20 losses agrees to 1e-4 of the mean loss, the last ones to 1e-2."""
    reference = np.array(runs["numpy"][1])
    for engine, (_, losses, _) in runs.items():
        assert len(losses) == 2 * 94
        difference = np.abs(np.array(losses) - reference)
        assert difference[:20].max() <= 1e-4 * reference[:20].mean(), (engine, difference[:20].max())
        assert difference[-20:].max() <= 1e-2 * max(reference[-20:].mean(), 1e-2), (engine, difference[-20:].max())
