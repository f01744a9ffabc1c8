"""Whole trainings beside Keras's: the same logs, weights, optimizer variables and results, from the same initial weights."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pathlib
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite.engine import registry
from tests.keras_reference.fitting_cases import CASES

LIMIT = 2e-6
# In float32 Keras loses digits of `1 - beta ** step`: its first steps of Adam are off by up to 3e-5 of the learning rate, see
# docs/keras-differences.md.
LIMITS = {"adam_global_clipnorm": 4e-6, "adam_accumulation": 4e-6, "adam_accumulation_decay_clip": 4e-6}
TRAINERS = ("torch", "jax", "tensorflow")  # the backends of Keras that train, the quickest to start a small fit first


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The results of all cases with Keras, from a process of its own."""
    if importlib.util.find_spec("keras") is None or importlib.metadata.version("keras") < "3.15":
        pytest.skip("Keras 3.15 is not installed")
    backend = next((name for name in TRAINERS if importlib.util.find_spec(name)), None)
    if backend is None:
        pytest.skip(f"Keras trains on {', '.join(TRAINERS)}; none is installed")
    out = tmp_path_factory.mktemp("keras") / "results.pickle"
    root = pathlib.Path(__file__).parents[2]
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(root), "CUDA_VISIBLE_DEVICES": "",
                   "KERAS_HOME": str(out.parent)}
    code = "import sys; from tests.keras_reference import training_cases; training_cases.main()"
    subprocess.run([sys.executable, "-c", code, str(out)], check=True, env=environment, cwd=out.parent)
    results: dict[str, Any] = pickle.loads(out.read_bytes())
    return results


def compare(mine: Any, theirs: Any, path: str = "", limit: float = LIMIT) -> None:
    """Equal structure, keys in the same order, numbers equal to float32's precision over some steps of training."""
    if isinstance(theirs, dict):
        assert list(mine) == list(theirs), path
        for key, value in theirs.items():
            compare(mine[key], value, f"{path}/{key}", limit)
    elif isinstance(theirs, (list, tuple)):
        assert len(mine) == len(theirs), path
        for i, (a, b) in enumerate(zip(mine, theirs, strict=True)):
            compare(a, b, f"{path}/{i}", limit)
    elif isinstance(theirs, str) or theirs is None:
        assert mine == theirs, path
    else:
        assert np.shape(mine) == np.shape(theirs), path
        np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), rtol=2e-5, atol=limit, err_msg=path)


@pytest.mark.parametrize("name", CASES)
def test_training(reference: dict[str, Any], name: str) -> None:
    """Every result of the case is Keras's."""
    theirs = reference[name]
    assert isinstance(theirs, dict), f"Keras raised {theirs}"
    with registry.using("numpy"):
        compare(CASES[name](keras_lite), theirs, limit=LIMITS.get(name, LIMIT))
