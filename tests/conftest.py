"""Fixtures that all tests share: the engines to run on and the folder of real data.

Which engines: the one named by KERAS_LITE_BACKEND, else all that are installed.  The same tests so run in an environment that
holds one framework alone and in one that holds them all.
"""

from __future__ import annotations

import importlib.util
import os
import pathlib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from keras_lite.engine import registry

pytest.register_assert_rewrite("keras_lite.testing.layer_checks")  # its assertions then say what they compared
INSTALLED = [name for name, row in registry.BUILT_IN.items() if importlib.util.find_spec(row.frameworks[0])]
CHOSEN = os.environ.get("KERAS_LITE_BACKEND")
ENGINES = [CHOSEN] if CHOSEN else INSTALLED


def pytest_configure() -> None:
    """Keep frameworks quiet and alike: no log lines of TensorFlow's C++ side, no reordering of float sums by oneDNN."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `all_engines` compare engines, so they need every built-in one at once."""
    missing = [name for name in registry.BUILT_IN if name not in ENGINES]
    if missing:
        skip = pytest.mark.skip(reason=f"compares engines; not here: {', '.join(missing)}")
        for item in items:
            if item.get_closest_marker("all_engines"):
                item.add_marker(skip)


def load_quietly(name: str) -> Any:
    """The engine `name`; warnings that a framework raises while it is imported are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return registry.load(name)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each engine in turn, as a module and active; `engine.name` is its name."""
    with registry.using(load_quietly(request.param)) as active:
        yield active


@pytest.fixture
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """An empty folder in place of ~/.keras_lite."""
    monkeypatch.setenv("KERAS_LITE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def data_folder() -> pathlib.Path:
    """The folder of real data sets, KERAS_LITE_TEST_DATA; skips where it is not set."""
    folder = os.environ.get("KERAS_LITE_TEST_DATA")
    if not folder:
        pytest.skip("set KERAS_LITE_TEST_DATA to the folder of real data sets (mnist.npz, digits8x8.npz, ...)")
    assert pathlib.Path(folder).is_dir(), f"KERAS_LITE_TEST_DATA={folder} is not a folder"
    return pathlib.Path(folder)
