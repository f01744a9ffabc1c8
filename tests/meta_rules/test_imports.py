"""The frontend knows no framework; an engine knows its own alone."""

from __future__ import annotations

import ast
import sys

import pytest

from keras_lite.engine.registry import BUILT_IN
from tests.meta_rules.source import ROOT, engine_comparisons, imported, parse, python_files

FRAMEWORKS = {"jax", "jaxlib", "flax", "torch", "tensorflow", "tf_keras", "keras", "autograd", "mlx", "onnx", "onnxruntime"}
COMPANIONS = {  # what an engine may import beside NumPy, ml_dtypes and keras_lite.engine
    "numpy": set(),
    "jax": {"jax", "jaxlib"},
    "torch": {"torch"},
    "tensorflow": {"tensorflow"},
}
SHARED = {"numpy", "ml_dtypes"}
NAMES = set(BUILT_IN)


def root(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("path", list(python_files("keras_lite")), ids=lambda p: str(p.relative_to(ROOT)))
def test_frontend_imports_no_framework(path: object) -> None:
    found = [(line, name) for line, name in imported(parse(path)) if root(name) in FRAMEWORKS or root(name).startswith("keras_lite_")]
    assert not found


@pytest.mark.parametrize("path", list(python_files("keras_lite")), ids=lambda p: str(p.relative_to(ROOT)))
def test_frontend_compares_no_engine_name(path: object) -> None:
    assert not list(engine_comparisons(parse(path), NAMES))


ENGINE_FILES = [(name, path) for name in BUILT_IN for path in python_files(f"backends/keras_lite_{name}")]


@pytest.mark.parametrize(("name", "path"), ENGINE_FILES, ids=lambda p: str(p) if isinstance(p, str) else str(p.relative_to(ROOT)))
def test_engine_imports_its_framework_alone(name: str, path: object) -> None:
    def allowed(module: str) -> bool:
        if root(module) == "keras_lite":
            return module == "keras_lite.engine" or module.startswith("keras_lite.engine.")
        return root(module) in sys.stdlib_module_names | SHARED | COMPANIONS[name] | {f"keras_lite_{name}"}

    assert not [(line, module) for line, module in imported(parse(path)) if not allowed(module)]


def test_every_engine_has_the_same_modules() -> None:
    """The files of two engines line up, so that they can be read side by side (an engine may have more)."""
    files = {name: {path.name for path in (ROOT / f"backends/keras_lite_{name}").glob("*.py")} for name in BUILT_IN}
    assert all(files.values()) and set.intersection(*files.values()) >= {"__init__.py"}


PLANTED = '''
import numpy as np
def f(x):
    import jax.numpy as jnp
    from torch.nn import functional
    importlib.import_module("tensorflow.lite")
    if backend() == "torch" or name in ("jax", "tensorflow"):
        match engine.name:
            case "numpy":
                return engine.name.startswith("jax")
    return {"torch": 1}
'''


def test_these_rules_find_what_they_forbid() -> None:
    tree = ast.parse(PLANTED)
    assert [root(name) for _, name in imported(tree) if root(name) in FRAMEWORKS] == ["jax", "torch", "tensorflow"]
    assert [line for line, _ in sorted(engine_comparisons(tree, NAMES))] == [7, 7, 9, 10]
