"""Sums and maxima over windows of (n, *spatial, c)."""

from __future__ import annotations

import math

import numpy as np

from keras_lite_numpy.functions import in_float32
from keras_lite_numpy.shaping import pad
from keras_lite_numpy.tape import Tensor, Traced, call, primitive, values_of
from keras_lite_numpy.windows import Ints, Pairs, counts_of, pairs_of, taps

Array = np.ndarray


@in_float32
def pool(x: Tensor, kind: str, window: Ints, strides: Ints, padding: str | Pairs) -> Tensor:
    """"max" or "sum" over the windows; padding counts as the lowest number or 0."""
    once = (1,) * len(window)
    pairs = pairs_of(padding, x.shape[1:-1], window, strides, once)
    if any(map(any, pairs)):
        x = pad(x, ((0, 0), *pairs, (0, 0)), 0 if kind == "sum" else lowest(x.dtype))
    how = (window, counts_of(x.shape[1:-1], window, strides, once), strides)
    if kind == "sum":
        return _window_sum(x, *how)
    if x.__class__ is Traced:
        return _choose(x, _first_maximum(values_of(x), *how), *how)
    return call(_window_max, x, *how)


def lowest(dtype: np.dtype) -> float | int | bool:
    """The number that no other is below."""
    if dtype.kind == "b":
        return False
    return -math.inf if dtype.kind == "f" else int(np.iinfo(dtype).min)


def _summed(x: Array, window: Ints, counts: Ints, strides: Ints) -> Array:
    y = np.zeros((len(x), *counts, x.shape[-1]), x.dtype)
    for _, part in taps(x, window, counts, strides, (1,) * len(window)):
        y += part
    return y


def _spread(g: Array, shape: Ints, window: Ints, counts: Ints, strides: Ints) -> Array:
    y = np.zeros(shape, g.dtype)
    for _, part in taps(y, window, counts, strides, (1,) * len(window)):
        part += g
    return y


_window_sum = primitive(_summed, lambda g, y, x, *how: _window_spread(g, x.shape, *how))
_window_spread = primitive(_spread, lambda h, y, g, shape, *how: _window_sum(h, *how))


def _window_max(x: Array, window: Ints, counts: Ints, strides: Ints) -> Array:
    y = np.full((len(x), *counts, x.shape[-1]), lowest(x.dtype), x.dtype)
    for _, part in taps(x, window, counts, strides, (1,) * len(window)):
        np.maximum(y, part, out=y)
    return y


def _first_maximum(x: Array, window: Ints, counts: Ints, strides: Ints) -> Array:
    """For each window the number of the place where its first maximum is; NaN is above all."""
    best, index = None, np.zeros((len(x), *counts, x.shape[-1]), np.min_scalar_type(math.prod(window)))
    for number, (_, part) in enumerate(taps(x, window, counts, strides, (1,) * len(window))):
        if best is None:
            best = part.copy()
        else:
            index[~(part <= best) & (best == best)] = number
            np.maximum(best, part, out=best)
    return index


def _chosen(x: Array, index: Array, window: Ints, counts: Ints, strides: Ints) -> Array:
    y = np.zeros(index.shape, x.dtype)
    for number, (_, part) in enumerate(taps(x, window, counts, strides, (1,) * len(window))):
        np.copyto(y, part, where=index == number)
    return y


def _returned(g: Array, index: Array, shape: Ints, window: Ints, counts: Ints, strides: Ints) -> Array:
    y = np.zeros(shape, g.dtype)
    apart = all(k <= s for k, s in zip(window, strides, strict=True))
    for number, (_, part) in enumerate(taps(y, window, counts, strides, (1,) * len(window))):
        if apart:
            np.multiply(g, index == number, out=part)
        else:
            part += g * (index == number)
    return y


_choose = primitive(_chosen, lambda g, y, x, index, *how: _return(g, index, x.shape, *how))
_return = primitive(_returned, lambda h, y, g, index, shape, *how: _choose(h, index, *how))
