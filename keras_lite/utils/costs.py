"""What the calls of a layer cost: floating point operations, and bytes of their outputs, for one row of the batch."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from keras_lite.engine import registry
from keras_lite.engine.dtypes import numpy_dtype
from keras_lite.layers.input import layer_of
from keras_lite.layers.layer import Layer
from keras_lite.state import tree
from keras_lite.state.scope import AbstractScope
from keras_lite.symbolic import cost
from keras_lite.symbolic import engine as abstract
from keras_lite.symbolic.spec import KerasTensor


class Cost(NamedTuple):
    """Each number is None where it is not known."""

    flops: int | None
    output: int | None


def cost_in(item: Any, model: Any) -> Cost:
    """The cost of all calls of a layer (or of the node of an op) in a model.

    FLOPs are the multiplications and additions of matrix products and convolutions.
    """
    graph = model._graph
    if graph is not None:
        inputs = [x for x in graph.inputs if layer_of(x) is item]
        calls = [(n.operation, n.args, n.kwargs) for n in graph.nodes if n is item or n.operation is item]
        return total([*(Cost(0, _bytes(_one_row(x))) for x in inputs), *(_cost(*call) for call in calls)])
    if not item.built or not item._build_shapes:
        return Cost(None, None)
    inputs = [_as_spec(shape, item.compute_dtype) for shape in item._build_shapes.values() if shape is not None]
    return _cost(item, tuple(inputs), {})


def total(costs: list[Cost]) -> Cost:
    """The sum."""
    flops, output = zip(*costs, strict=True) if costs else ((), ())
    return Cost(*(None if None in column else sum(column) for column in (flops, output)))


def _cost(function: Any, args: Any, kwargs: Any) -> Cost:
    args, kwargs = tree.map_structure(_one_row, (args, kwargs))
    home = function._home() if isinstance(function, Layer) else registry.concrete()
    try:
        with registry.using(home), registry.using(abstract), AbstractScope(), cost.counting() as count:
            result = function(*args, **kwargs)
    except Exception:  # a summary must not fail because a user's layer can't be described
        return Cost(None, None)
    sizes = [_bytes(x) for x in tree.flatten(result) if isinstance(x, KerasTensor)]
    return Cost(count.flops, None if None in sizes else sum(n for n in sizes if n is not None))


def _one_row(x: Any) -> Any:
    """A symbolic tensor for one row of the batch, without its history."""
    if not isinstance(x, KerasTensor):
        return x
    return KerasTensor.spec(tuple(1 if i == 0 and n is None else n for i, n in enumerate(x.shape)), x.dtype, x.sparse)


def _as_spec(shape: Any, dtype: str) -> Any:
    if isinstance(shape, dict):
        return {key: _as_spec(value, dtype) for key, value in shape.items()}
    if not all(n is None or isinstance(n, int) for n in shape):
        return [_as_spec(item, dtype) for item in shape]
    return KerasTensor.spec((1, *shape[1:]), dtype)


def _bytes(x: KerasTensor) -> int | None:
    sizes = [n for n in x.shape if n is not None]
    return math.prod(sizes) * numpy_dtype(x.dtype).itemsize if len(sizes) == len(x.shape) else None
