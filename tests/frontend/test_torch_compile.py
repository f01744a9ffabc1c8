"""Ops in functions that the user gives to `torch.compile`: each is one call in the graph."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras_lite import layers, ops, random
from keras_lite.engine import registry
from tests.conftest import ENGINES, load_quietly

pytestmark = pytest.mark.skipif("torch" not in ENGINES, reason="needs PyTorch")

X = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "elementwise": lambda x: ops.where(x > 0, ops.tanh(x) * ops.add(x, 1.0), ops.exp(x)),
    "dense": lambda x: ops.softmax(ops.relu(ops.matmul(x, ops.transpose(x))) + ops.ones((4,)), axis=-1),
    "reductions": lambda x: ops.sum(x, None) + ops.mean(x, axis=0) + ops.max(x, axis=0) + ops.logsumexp(x, axis=0),
    "reshape": lambda x: ops.concatenate(ops.split(ops.reshape(x, (ops.shape(x)[1], -1)), 2), axis=1),
    "conv": lambda x: ops.conv(ops.reshape(x, (1, 4, 6, 1)), ops.reshape(x, (2, 2, 1, 6)), padding="same"),
    "normalization": lambda x: ops.layer_normalization(x, axis=-1),
    "median": lambda x: ops.median(x, axis=1),
    "quantile": lambda x: ops.quantile(x, [0.3, 0.9], axis=1),
    "constants": lambda x: ops.add(x, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
}


@pytest.fixture
def torch() -> Any:
    """PyTorch without compiled functions, with its engine active."""
    with registry.using(load_quietly("torch")):
        found = pytest.importorskip("torch")
        found.compiler.reset()
        yield found


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients(torch: Any, name: str, backend: str) -> None:
    def both(fn: Callable[[Any], Any]) -> list[Any]:
        x = torch.tensor(X, requires_grad=True)
        y = fn(x)
        return [y.detach(), *torch.autograd.grad((y * y).sum(), [x])]

    compiled = torch.compile(FUNCTIONS[name], fullgraph=True, backend=backend)
    for y, expected in zip(both(compiled), both(FUNCTIONS[name]), strict=True):
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
    with torch.no_grad():  # where eager calls of some go to NumPy
        np.testing.assert_allclose(compiled(torch.tensor(X)), FUNCTIONS[name](torch.tensor(X)), rtol=1e-5, atol=1e-6)


def test_sizes_that_change(torch: Any) -> None:
    """A graph for any sizes where ops can do with such, else one for each."""
    compiled = torch.compile(lambda x: ops.mean(ops.reshape(ops.relu(x), (ops.shape(x)[0], -1)), axis=1), fullgraph=True, backend="eager")
    for n in (3, 4, 5):
        x = torch.ones(n, 4, 2)
        np.testing.assert_array_equal(compiled(x), np.ones(n))


def test_draws_are_new_in_each_call(torch: Any) -> None:
    """A graph breaks there: else what was drawn while it was made would be a constant of it."""
    compiled = torch.compile(lambda x: ops.add(x, random.uniform((3,))), backend="aot_eager")
    draws = np.stack([compiled(torch.zeros(3)) for _ in range(3)])
    assert len(np.unique(draws)) == 9
    with pytest.raises(Exception, match="state of a seed"):
        torch.compile(lambda x: ops.add(x, random.uniform((3,))), backend="eager", fullgraph=True)(torch.zeros(3))


def test_what_is_no_part_of_a_graph_runs_as_it_is(torch: Any) -> None:
    """Functions, variables and results of unknown shapes are none: nothing below the op is compiled then."""
    layer = layers.Dense(2)
    layer.build((None, 6))
    for fn in (lambda x: ops.nonzero(x)[0], lambda x: ops.map(lambda row: row * 2, x), lambda x: ops.matmul(x, layer.kernel)):
        torch._dynamo.utils.counters.clear()
        np.testing.assert_allclose(torch.compile(fn, backend="eager")(torch.tensor(X)).detach(), fn(torch.tensor(X)).detach(), rtol=1e-6)
        assert 0 < torch._dynamo.utils.counters["frames"]["total"] <= 2  # of `fn` before the op and behind it; of the op it would be 40


def test_a_refused_call_says_why(torch: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(Exception, match="reshape"):
        torch.compile(lambda x: ops.reshape(x, (5, -1)), fullgraph=True, backend="eager")(torch.ones(3))
    assert "do not fill the shape (5, -1)" in caplog.text


def test_the_first_op_of_a_process() -> None:
    """The engine is not loaded yet; nor is Dynamo, which takes a second, before somebody compiles."""
    code = """
import sys
import torch
from keras_lite import ops
assert "torch._dynamo" not in sys.modules
assert torch.compile(lambda x: ops.relu(x), fullgraph=True, backend="eager")(torch.ones(3)).tolist() == [1, 1, 1]
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "KERAS_LITE_BACKEND": "torch"})
