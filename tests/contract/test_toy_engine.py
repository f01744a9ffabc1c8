"""An engine from outside: a module and an entry point, and nothing of the frontend is touched."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

ROOT = pathlib.Path(__file__).parents[2]
ENGINE = """
    from keras_lite_numpy import *
    from keras_lite_numpy import exp as numpy_exp

    name = "toy"
    calls = []

    def exp(x):
        calls.append("exp")
        return numpy_exp(x)

    def relu6(x):
        calls.append("relu6")
        return minimum(maximum(x, 0), 6)

    NATIVES = {"relu6": relu6}
"""


@pytest.fixture
def installed(tmp_path: pathlib.Path) -> dict[str, str]:
    """An environment in which the toy engine is installed, with the metadata that an installer would write."""
    (tmp_path / "toy_engine.py").write_text(textwrap.dedent(ENGINE))
    metadata = tmp_path / "toy_engine-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-engine\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[keras_lite.engines]\ntoy = toy_engine\n")
    path = os.pathsep.join(map(str, (tmp_path, ROOT, ROOT / "backends")))
    return {**os.environ, "PYTHONPATH": path, "KERAS_LITE_BACKEND": "toy", "KERAS_LITE_HOME": str(tmp_path)}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_it_conforms(installed: dict[str, str]) -> None:
    """The command line finds the engine by its name and reports no problem."""
    done = run(installed, "-m", "keras_lite.engine.conformance", "toy")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("toy: ") and done.stdout.endswith(" 0 problems\n")


def test_ops_run_on_it(installed: dict[str, str]) -> None:
    """The environment variable chooses it; primitives, composites and its native run on it."""
    program = """
        from keras_lite import config, ops
        import toy_engine

        print(config.backend(), ops.softmax([[0.0, 0.0]]).shape, float(ops.relu6(7.5)), toy_engine.calls)
    """
    done = run(installed, "-c", textwrap.dedent(program))
    assert (done.stderr, done.stdout) == ("", "toy (1, 2) 6.0 ['exp', 'relu6']\n")


def test_an_unknown_engine_is_refused_with_the_known_ones(installed: dict[str, str]) -> None:
    """A misspelt name says which engines there are, the one from outside among them."""
    done = run({**installed, "KERAS_LITE_BACKEND": "toyy"}, "-c", "from keras_lite import config; config.backend()")
    assert done.returncode == 1
    assert "ValueError: unknown engine 'toyy'; did you mean 'toy'?" in done.stderr
