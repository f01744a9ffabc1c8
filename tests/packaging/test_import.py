"""`import keras_lite` is light: no framework, no h5py, little time."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest

from keras_lite.engine.registry import BUILT_IN
from tests.conftest import ENGINES

HEAVY = ["jax", "jaxlib", "torch", "tensorflow", "keras", "autograd", "h5py", "scipy", "matplotlib", "urllib.request", "multiprocessing"]
SECONDS_OVER_NUMPY = 0.15


def in_new_process(code: str, **env: str) -> Any:
    """The JSON that `code` prints last, run by a fresh interpreter in this environment."""
    code = f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}\n{code}"
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_import_loads_no_framework() -> None:
    loaded = in_new_process("import json, keras_lite; print(json.dumps(sorted(sys.modules)))")
    assert "keras_lite" in loaded and "numpy" in loaded
    assert not [name for name in HEAVY if name in loaded]
    assert not [row.module for row in BUILT_IN.values() if row.module in loaded]


def test_import_takes_little_more_than_numpy(tmp_path: pathlib.Path) -> None:
    """Processor time of the import after NumPy's, the least of seven: what else runs on the machine can only add to it."""
    code = "import json, numpy, time; start = time.process_time(); import keras_lite; print(json.dumps(time.process_time() - start))"
    env = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}  # the first run compiles the files, and keeps them
    times = [in_new_process(code, **env) for _ in range(8)][1:]
    assert min(times) <= SECONDS_OVER_NUMPY, times


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_loads_its_framework_alone(name: str) -> None:
    """Using an engine imports no framework but its own and what that one asks for (TensorFlow Lite: jax), and never Keras."""
    listing = "import json, sys; print(json.dumps(sorted(name for name, module in sys.modules.items() if module is not None)))"
    used = set(in_new_process(f"import keras_lite; keras_lite.set_backend({name!r}); keras_lite.ops.add([1.0], [2.0]); {listing}"))
    asked_for = set(in_new_process(f"import {BUILT_IN[name].frameworks[0]}; {listing}"))
    others = {root for row in BUILT_IN.values() for root in row.frameworks} - asked_for
    assert not used & others
    assert "keras" not in used and "tf_keras" not in used
