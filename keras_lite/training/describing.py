"""What a step does, found out without computing: on specs, or by the engine where the step calls its framework directly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from keras_lite.engine import registry
from keras_lite.engine.errors import explained, is_clear
from keras_lite.ops.data import as_tensor
from keras_lite.state import tree
from keras_lite.state.scope import AbstractScope, TracingScope
from keras_lite.symbolic import engine as abstract
from keras_lite.symbolic import graph
from keras_lite.symbolic.spec import KerasTensor


class Description(NamedTuple):
    """What a step returns and which variables it touches."""

    result: Any
    """A nest like that which the step returns; leaves are None where it has None."""
    specs: list[tuple[Any, str]]
    """Shape and dtype of each other leaf, in order."""
    read: list[Any]
    """Variables that it only reads."""
    written: list[Any]
    """Variables that it assigns."""


def described(engine: Any, step: Callable[[Any], Any], batch: Any) -> Description:
    """What `step` does with a batch like the specs `batch`.

    Raises the error of the step on specs if it fails there and, unless that error is a clear one, on the engine too.
    """
    try:
        return _on_specs(engine, step, batch)
    except Exception as error:
        if is_clear(error) and (not getattr(error, "needs_values", False) or hasattr(error, "decides")):
            raise
        with explained(error, f"on {engine.name} itself"):
            return _traced(engine, step, batch)


def leaves_of(result: Any) -> list[Any]:
    """The tensors and numbers that a step returns; None stands for nothing."""
    return [x for x in tree.flatten(result) if x is not None]


def _on_specs(engine: Any, step: Callable[[Any], Any], batch: Any) -> Description:
    with registry.using(engine), registry.using(abstract), AbstractScope() as scope:
        result = step(batch)
        specs = [as_tensor(abstract, x) for x in leaves_of(result)]
    return _description(scope, result, [(x.shape, engine.canonical_dtype(x.dtype)) for x in specs])


def _traced(engine: Any, step: Callable[[Any], Any], batch: Any) -> Description:
    results: list[Any] = []

    def flat(*tensors: Any) -> list[Any]:
        results[:] = [step(graph.filled(batch, tensors))]
        return [as_tensor(engine, x) for x in leaves_of(results[0])]

    specs = [(x.shape, engine.canonical_dtype(x.dtype)) for x in tree.flatten(batch) if isinstance(x, KerasTensor)]
    with registry.using(engine), AbstractScope() as scope, TracingScope():
        found = engine.eval_shape(flat, specs)
    return _description(scope, results[0], list(found))


def _description(scope: AbstractScope, result: Any, specs: list[tuple[Any, str]]) -> Description:
    keys = {v.key for v in scope.written}
    result = tree.map_structure(lambda x: None if x is None else True, result)  # keeps no tensor of a trace
    return Description(result, specs, [v for v in scope.read if v.key not in keys], scope.written)
