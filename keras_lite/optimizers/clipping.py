"""Gradients made shorter."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.dtypes import promote


def clipped(grads: list[Any], clipnorm: float | None, clipvalue: float | None, global_clipnorm: float | None) -> list[Any]:
    """Entries of at most `clipvalue`, each gradient of at most the norm `clipnorm`, or all together of at most `global_clipnorm`."""
    if clipvalue is not None:
        grads = [ops.clip(g, -clipvalue, clipvalue) for g in grads]
    if clipnorm is not None:
        grads = [_shortened(g, _square(g), clipnorm) for g in grads]
    if global_clipnorm is not None and grads:
        squares = [ops.cast(_square(g), "float32") for g in grads]
        total = ops.sum(ops.stack(squares)) if len(squares) > 1 else squares[0]
        grads = [_shortened(g, total, global_clipnorm) for g in grads]
    return grads


def _square(gradient: Any) -> Any:
    """The square of its norm, in at least float32: in 16 bits that of 300 is infinite."""
    return ops.sum(ops.square(ops.cast(gradient, promote(ops.dtype(gradient), "float32"))))


def _shortened(gradient: Any, square: Any, limit: float) -> Any:
    """`gradient` scaled so that a norm whose square is given is at most `limit`; a norm of 0 stays."""
    norm = ops.sqrt(ops.where(ops.equal(square, 0), 1.0, square))
    factor = ops.divide(limit, ops.maximum(norm, limit))
    return ops.multiply(gradient, ops.cast(factor, ops.dtype(gradient)))
