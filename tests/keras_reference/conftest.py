"""Keras itself, as the reference for behaviour; the tests are skipped where it is not installed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_lite.testing.layer_cases import CASES


@pytest.fixture(scope="session")
def keras() -> Any:
    """The Keras package, on its NumPy backend."""
    before = os.environ.get("KERAS_BACKEND")
    os.environ["KERAS_BACKEND"] = "numpy"  # read once, when Keras is imported; keras_lite reads it too, so it is put back
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = pytest.importorskip("keras", minversion="3.15")
    finally:
        if before is None:
            del os.environ["KERAS_BACKEND"]
        else:
            os.environ["KERAS_BACKEND"] = before
    return module


@pytest.fixture(scope="session")
def keras_gradients(tmp_path_factory: Any) -> Any:
    """A function that gives the gradients of Keras's layer for a case: by the inputs of floats, then by the trainable variables."""
    found: dict[str, np.ndarray] = {}
    for backend in ("torch", "jax"):
        if any(importlib.util.find_spec(package) is None for package in ("keras", backend)):
            pytest.skip(f"needs keras and {backend}")
        path = tmp_path_factory.mktemp("keras") / "gradients.npz"
        command = [sys.executable, "-m", "tests.keras_reference.gradients", backend, str(path)]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
        found |= np.load(path)
    places = {id(case): i for i, case in enumerate(CASES)}

    def gradients(case: Any) -> list[np.ndarray]:
        i = places[id(case)]
        if f"{i}/error" in found:
            raise AssertionError(f"Keras fails: {found[f'{i}/error']}")
        return [found[f"{i}/{k}"] for k in range(sum(key.startswith(f"{i}/") for key in found))]

    return gradients
