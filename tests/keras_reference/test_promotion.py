"""The dtype of each pair of dtypes and Python numbers beside Keras's rule, and beside the results of its backends.

`tests/parity/test_promotion.py` holds the engines against the same function.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from keras_lite.engine.dtypes import ALL, FLOAT8, promote
from keras_lite.testing.against import NARROW
from tests.conftest import INSTALLED

SCALARS = {"int": 1, "float": 1.0, "complex": 1j}
PAIRS = [(a, b) for a in ALL for b in (*ALL, *SCALARS)]


def narrow(dtype: str) -> str:
    """The dtype that Keras's rule has instead: of at most 32 bits."""
    return NARROW.get(dtype, dtype)


def ours(a: str, b: str) -> str:
    """The dtype here; "error" beside float8, which is for storage: Keras refuses to add two of one dtype as well."""
    return "error" if {a, b} & set(FLOAT8) else promote(a, b)


def _rule(keras: Any, a: str, b: str) -> str:
    try:
        return keras.backend.result_type(a, {"int": int, "float": float, "complex": complex}.get(b, b))
    except ValueError:
        return "error"


def test_the_rule_is_that_of_keras(keras: Any) -> None:
    """On its NumPy backend Keras makes the result 32-bit; that is all the difference."""
    expected = {pair: narrow(ours(*pair)) for pair in PAIRS}
    assert {pair: _rule(keras, *pair) for pair in PAIRS} == expected


PROGRAM = """
import json, warnings
import numpy as np
warnings.simplefilter("ignore")
import keras
scalars = dict(int=1, float=1.0, complex=1j)
def dtype(a, b):
    try:
        a, b = (scalars[x] if x in scalars else keras.ops.convert_to_tensor(np.ones(2), x) for x in (a, b))
    except Exception:
        return "none"
    try:
        return keras.backend.standardize_dtype(keras.ops.add(a, b).dtype)
    except Exception:
        return "error"
print(json.dumps([dtype(*pair) for pair in json.loads(input())]))
"""
TORCH = {"uint16": "int32", "uint32": "int64"}  # torch adds no unsigned integers of 16 and 32 bits


def _on_torch(a: str, b: str) -> str:
    return "error" if (a, b) == ("float16", "complex") else TORCH.get(ours(a, b), ours(a, b))


def _on_tensorflow(a: str, b: str) -> str:
    result = ours(a, b)
    return "error" if result == "bool" else {"uint64": "uint32", "complex128": "complex64"}.get(result, result)


def _narrowed(a: str, b: str) -> str:
    """The arguments are made 32-bit, and the result."""
    return narrow(ours(narrow(a), narrow(b)))


def _on_jax(a: str, b: str) -> str | None:
    """As on NumPy; of float8, which the rule refuses, JAX makes what it likes."""
    return None if {a, b} & set(FLOAT8) else _narrowed(a, b)


KERAS: dict[str, Any] = {"numpy": _narrowed, "jax": _on_jax, "torch": _on_torch, "tensorflow": _on_tensorflow}


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras 3.15 is not installed")
@pytest.mark.parametrize("backend", INSTALLED)
def test_sums_in_keras(backend: str) -> None:
    """What `keras.ops.add` makes of each pair, where the backend has both dtypes."""
    env = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run([sys.executable, "-c", PROGRAM], input=json.dumps(PAIRS), env=env, capture_output=True, text=True, check=True)
    found = dict(zip(PAIRS, json.loads(done.stdout.splitlines()[-1]), strict=True))
    assert sum(dtype not in ("none", "error") for dtype in found.values()) > 180
    expected = {pair: KERAS[backend](*pair) for pair in PAIRS}
    assert not {pair: (got, expected[pair]) for pair, got in found.items() if got not in ("none", expected[pair]) and expected[pair]}
