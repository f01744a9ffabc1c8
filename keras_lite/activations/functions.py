"""The activations that are no plain ops."""

from __future__ import annotations

from typing import Any

from keras_lite import ops


def linear(x: Any) -> Any:
    """`x` itself."""
    return x


def exponential(x: Any) -> Any:
    """`exp(x)`."""
    return ops.exp(x)


def gelu(x: Any, approximate: bool = False) -> Any:
    """`x * P(z <= x)` for a standard normal z (Hendrycks and Gimpel 2016), exact unless `approximate`."""
    return ops.gelu(x, approximate)


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """`x` from `threshold` up to `max_value`, `negative_slope * (x - threshold)` below; by default `max(x, 0)`.

    >>> [float(v) for v in relu([-2.0, 1.0, 5.0], negative_slope=0.5, max_value=3.0)]
    [-1.0, 1.0, 3.0]
    """
    x = ops.convert_to_tensor(x)
    if threshold == 0.0:
        out = ops.leaky_relu(x, negative_slope) if negative_slope else ops.relu(x)
    else:
        out = ops.where(ops.greater_equal(x, threshold), x, ops.multiply(negative_slope, ops.subtract(x, threshold)))
    return out if max_value is None else ops.minimum(out, max_value)
