"""What is in the distribution, and that it works where it is installed."""

from __future__ import annotations

import email
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from typing import Any

import pytest

import keras_lite
from tests.meta_rules.source import ROOT

pytestmark = pytest.mark.skipif(importlib.util.find_spec("hatchling") is None, reason="building needs hatchling")
PACKAGES = ["keras_lite", *(f"backends/keras_lite_{name}" for name in ("numpy", "jax", "torch", "tensorflow"))]
IGNORED = {"__pycache__", ".ruff_cache", ".mypy_cache"}


def run(*command: Any, cwd: pathlib.Path, **env: str) -> str:
    """Output of a command that must succeed."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with the sdist and the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built: pathlib.Path) -> pathlib.Path:
    return next(built.glob("*.whl"))


def package_files() -> set[str]:
    """Files of the packages as they are called in the wheel."""
    return {path.relative_to((ROOT / package).parent).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*")
            if path.is_file() and not IGNORED & set(path.parts)}


def test_wheel_holds_the_packages_and_nothing_else(wheel: pathlib.Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name for name in names if ".dist-info/" not in name} == package_files()
    assert {"keras_lite/py.typed", "keras_lite/datasets/digits8x8.npz"} <= set(names)
    assert [name for name in names if name.endswith("licenses/LICENSE")]


def test_metadata(wheel: pathlib.Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = email.message_from_bytes(archive.read(next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert metadata["Name"] == "keras-lite" and metadata["Version"] == keras_lite.__version__ == project["version"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert set(metadata.get_all("Provides-Extra")) == {"jax", "torch", "tensorflow", "all", "dev"}
    required = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
    assert len(required) <= 4, "core dependencies stay few"


def test_sdist_builds_the_same_wheel(built: pathlib.Path, wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    source = next(tmp_path.iterdir())
    also = {"LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "noxfile.py", "constraints.txt", "tests"}
    assert also <= {path.name for path in source.iterdir()}
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again", cwd=source)
    again = zipfile.ZipFile(next((tmp_path / "again").glob("*.whl")))
    assert {info.filename: info.CRC for info in again.infolist()} == {info.filename: info.CRC for info in zipfile.ZipFile(wheel).infolist()}


def test_editable_install_finds_both_source_roots(tmp_path: pathlib.Path) -> None:
    run(sys.executable, "-c", f"from hatchling.build import build_editable; build_editable({str(tmp_path)!r})", cwd=ROOT)
    archive = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    path_file = next(name for name in archive.namelist() if name.endswith(".pth"))
    assert archive.read(path_file).decode().split() == [str(ROOT), str(ROOT / "backends")]


def test_pytest_runs_against_the_installed_wheel(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """`python -m pytest` away from the checkout: the tests see the wheel's files alone."""
    site, away = tmp_path / "site", tmp_path / "away"
    zipfile.ZipFile(wheel).extractall(site)  # a pure wheel is installed by unpacking it
    for name in ("conftest.py", "frontend/test_datasets.py", "frontend/test_utils.py"):
        (away / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / name, away / "tests" / name)
    shutil.copy(ROOT / "pyproject.toml", away)
    place = f"import keras_lite\ndef test_place():\n    assert keras_lite.__file__.startswith({str(site)!r})\n"
    (away / "tests" / "test_place.py").write_text(place)
    output = run(sys.executable, "-m", "pytest", "-q", "tests", cwd=away, PYTHONPATH=str(site), KERAS_LITE_BACKEND="numpy")
    assert "passed" in output.splitlines()[-1]
