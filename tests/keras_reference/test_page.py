"""docs/keras-differences.md says what Keras and keras_lite give."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys

import pytest

from keras_lite.engine import registry
from tests.conftest import INSTALLED, load_quietly
from tests.keras_reference import page

KERAS = importlib.util.find_spec("keras") is not None


def test_every_line_has_its_comments() -> None:
    """Each expression says what keras_lite gives and, where it is not what every backend gives, what they do."""
    for block in page.blocks():
        assert all("here" in claim and len(claim) > 1 for claim in page.claims(block)), block


@pytest.mark.parametrize("name", INSTALLED)
def test_here(name: str) -> None:
    with registry.using(load_quietly(name)):
        problems = page.wrong({name: page.here(name)}, "here")
    assert not problems, "\n".join(problems)


@pytest.mark.skipif(not KERAS, reason="Keras 3.15 is not installed")
@pytest.mark.parametrize("name", INSTALLED)
def test_keras(name: str) -> None:
    problems = page.wrong({name: page.on_keras(name)}, "keras")
    assert not problems, "\n".join(problems)


@pytest.mark.skipif(not KERAS or "tensorflow" not in INSTALLED, reason="Keras 3.15 or TensorFlow is not installed")
@pytest.mark.skipif(os.name == "nt", reason="a process has no signal there")
def test_a_pool_that_ends_the_process() -> None:
    code = "import numpy as np; from keras import ops; T = ops.convert_to_tensor; "
    call = re.search(r"`(ops\.adaptive_max_pool\([^`]*)` ends the process", page.PAGE.read_text())
    assert call is not None
    env = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_ENABLE_ONEDNN_OPTS": "1"}
    done = subprocess.run([sys.executable, "-c", code + call[1]], env=env, capture_output=True, check=False)
    assert done.returncode == -signal.SIGFPE, done.stderr[-500:]


def test_claims_are_written_and_read() -> None:
    block = "x = 1\nops.exp(x)\n# torch: old\n# here: older\nops.log(\n    x)\n"
    found = page.written(block, ["2.7", "0"], {"numpy": ["2.7", "1"], "jax": ["3", "1"], "torch": ["2.7", "0"]})
    assert found == ("x = 1\nops.exp(x)\n# jax: 3\n# here: 2.7\nops.log(\n    x)\n# numpy, jax: 1\n# here: 0\n")
    assert page.claims(found) == [{"jax": "3", "here": "2.7"}, {"numpy": "1", "jax": "1", "here": "0"}]
    assert page.written(found, ["2.7", "0"], {"jax": ["3", "1"], "numpy": ["2.7", "1"]}) == re.sub("numpy, jax", "jax, numpy", found)
