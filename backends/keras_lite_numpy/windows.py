"""Windows over the spatial axes of arrays (n, *spatial, channels)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

Ints = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]


def pairs_of(padding: str | Pairs, sizes: Ints, window: Ints, strides: Ints, dilation: Ints) -> Pairs:
    """Padding as a pair for each axis."""
    if not isinstance(padding, str):
        return padding
    if padding == "valid":
        return ((0, 0),) * len(sizes)
    axes = zip(sizes, window, strides, dilation, strict=True)
    totals = (max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, k, s, d in axes)
    return tuple((total // 2, total - total // 2) for total in totals)


def counts_of(sizes: Ints, window: Ints, strides: Ints, dilation: Ints) -> Ints:
    """Number of windows along each axis."""
    return tuple(max((n - (k - 1) * d - 1) // s + 1, 0) for n, k, s, d in zip(sizes, window, strides, dilation, strict=True))


def taps(x: np.ndarray, window: Ints, counts: Ints, strides: Ints, dilation: Ints) -> Iterator[tuple[Ints, np.ndarray]]:
    """Each place in a window, in row-major order, with a view of the elements that all windows have there."""
    for place in itertools.product(*map(range, window)):
        axes = zip(place, counts, strides, dilation, strict=True)
        yield place, x[(slice(None), *(slice(k * d, k * d + (n - 1) * s + 1 if n else k * d, s) for k, n, s, d in axes))]
