"""The promise: the same seed gives the same run on every engine."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

from tests.conftest import ENGINES
from tests.training import one_thread

pytestmark = pytest.mark.all_engines
Runs = dict[str, dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def runs(data_folder: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The convnet with dropout on 6,000 images for two epochs, on every engine."""
    return one_thread.run(data_folder, ENGINES, tmp_path_factory.mktemp("runs"))


def test_first_weights_are_identical(runs: Runs) -> None:
    """Initial weights are drawn on the host: equal to the bit."""
    for engine, run in runs.items():
        for name in (name for name in run if name.startswith("weight")):
            np.testing.assert_array_equal(run[name], runs["numpy"][name], err_msg=engine)


def test_losses_agree(runs: Runs) -> None:
    """Each of the first 20 losses agrees to 1e-4 of the mean loss, each of the last 20 to 1e-2."""
    reference = runs["numpy"]["losses"]
    for engine, run in runs.items():
        assert len(run["losses"]) == 2 * 94
        difference = np.abs(run["losses"] - reference)
        assert difference[:20].max() <= 1e-4 * reference[:20].mean(), (engine, difference[:20].max())
        assert difference[-20:].max() <= 1e-2 * reference[-20:].mean(), (engine, difference[-20:].max())
