"""Ops that eager calls compute on the host: nothing but the time may tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import ops, random
from keras_lite.engine import registry
from keras_lite.ops.hosted import hosted

X = np.array([3.0, 1.0, 2.0, 10.0], "float32")


def test_results_are_tensors_of_the_engine(engine: Any) -> None:
    for y in (ops.median(X), ops.unique(ops.convert_to_tensor(X)), random.gamma((3,), 2.0, seed=1), random.normal((2,), seed=1)):
        assert engine.is_tensor(y)
        assert engine.dtype_of(y) == "float32"


def test_runs_on_the_host_where_tensors_lie_there(engine: Any) -> None:
    ran = []

    @hosted
    def doubled(x: Any, by: Any = None) -> Any:
        ran.append(registry.current())
        return ops.add(x, x)

    x = ops.convert_to_tensor(X)
    assert ops.convert_to_numpy(doubled(x, by=None)).tolist() == (X + X).tolist()
    assert ran.pop().name == ("numpy" if hasattr(engine, "on_host") else engine.name)
    doubled(x, by=[x])  # a tensor in a list stays where it is
    assert ran.pop() is engine
    engine.compile(doubled)(x)
    assert ran.pop().name == engine.name


def test_gradients_are_those_of_the_composite(engine: Any) -> None:
    gradient = engine.value_and_grad(lambda xs: (ops.median(xs[0]), None), [ops.convert_to_tensor(X)])[2][0]
    assert ops.convert_to_numpy(gradient).tolist() == [0.5, 0.0, 0.5, 0.0]


def test_torch_records_what_it_would_record() -> None:
    torch = pytest.importorskip("torch")
    with registry.using("torch"):
        x = torch.tensor(X, requires_grad=True)
        ops.median(x).backward()
        assert x.grad.tolist() == [0.5, 0.0, 0.5, 0.0]
        with torch.no_grad():
            assert not ops.median(x).requires_grad


def test_tensorflow_records_what_it_would_record() -> None:
    tf = pytest.importorskip("tensorflow")
    with registry.using("tensorflow"), tf.GradientTape() as tape:
        x = tf.constant(X)
        tape.watch(x)
        y = ops.median(x)
    assert tf.convert_to_tensor(tape.gradient(y, x)).numpy().tolist() == [0.5, 0.0, 0.5, 0.0]
