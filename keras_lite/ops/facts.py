"""Facts about a tensor inside the body of a composite, where the active engine is the one of the tensors."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry


def dtype_of(x: Any) -> str:
    """Dtype name of a tensor."""
    return registry.current().dtype_of(x)


def shape_of(x: Any) -> tuple[Any, ...]:
    """Shape of a tensor; see `sizes` for what a size can be."""
    return registry.current().shape_of(x)


def rank_of(x: Any) -> int:
    """Number of axes of a tensor."""
    return len(registry.current().shape_of(x))
