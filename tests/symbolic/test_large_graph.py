"""A graph of the size of ResNet-50 is described at once, by the rules for shapes alone."""

from __future__ import annotations

from typing import Any

import pytest

import keras_lite as keras
from benchmarks.symbolic_graph import parameters, resnet50, seconds
from keras_lite.symbolic.graph import ordered_nodes


def test_no_engine_computes_or_traces(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of its functions that could is called."""
    weights = parameters(keras.ops)

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("the engine was asked")

    for name in ("conv", "add", "multiply", "rsqrt", "reduce_window", "matmul", "eval_shape", "compile", "value_and_grad"):
        monkeypatch.setattr(engine, name, refuse)
    x = keras.Input((224, 224, 3))
    y = resnet50(keras.ops, x, weights)
    assert tuple(y.shape) == (None, 1000)
    nodes = [node.operation.op.public for node in ordered_nodes([x], [y])]
    assert nodes.count("conv") == nodes.count("batch_normalization") == 53


def test_time(engine: Any) -> None:
    """0.02 s where it was measured; the bound leaves room for busy machines and is far below what tracing would take."""
    assert seconds(engine.name, repeat=5) < 0.5
