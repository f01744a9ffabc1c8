"""The environment of `nox -s "tests(engine)"` holds one framework."""

from __future__ import annotations

import importlib.util
import os

import pytest

from keras_lite.engine.registry import BUILT_IN


def test_no_other_framework_is_installed() -> None:
    alone = os.environ.get("KERAS_LITE_ALONE")
    if not alone:
        pytest.skip("nox sets KERAS_LITE_ALONE in the environments of one engine")
    frameworks = {name: row.frameworks[0] for name, row in BUILT_IN.items() if name != "numpy"}
    installed = {name for name, framework in frameworks.items() if importlib.util.find_spec(framework)}
    assert installed == {alone} - {"numpy"}
