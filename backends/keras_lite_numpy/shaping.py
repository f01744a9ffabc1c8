"""Same elements, another arrangement.  Results may be views: no function writes into its arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from keras_lite_numpy.functions import spread
from keras_lite_numpy.tape import Tensor, Traced, level_of, outside, primitive, several, values_of

Shape = tuple[int, ...]


def reshape(x: Tensor, shape: Shape) -> Tensor:
    return _reshape(x, shape)


_reshape = primitive(lambda x, shape: x.reshape(shape), lambda g, y, x, shape: reshape(g, x.shape))


def transpose(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return _transpose(x, axes)


_transpose = primitive(lambda x, axes: x.transpose(axes), lambda g, y, x, axes: transpose(g, tuple(map(int, np.argsort(axes)))))


def broadcast_to(x: Tensor, shape: Shape) -> Tensor:
    return spread(x, shape)


def concatenate(xs: Sequence[Tensor], axis: int) -> Tensor:
    level = level_of(xs)
    if not level:
        return np.concatenate(xs, axis)
    y = concatenate(outside(xs, level), axis)
    return Traced(y, level, lambda g: _parts(g, xs, axis, level))


def _parts(g: Tensor, xs: Sequence[Tensor], axis: int, level: int) -> Iterator[tuple[Traced, Tensor]]:
    """The traced ones among concatenated tensors, each with its part of the gradient."""
    stop = 0
    for x in xs:
        start, stop = stop, stop + x.shape[axis]
        if x.__class__ is Traced and x.level == level:
            yield x, _slice(g, (slice(None),) * axis + (slice(start, stop),))


def stack(xs: Sequence[Tensor]) -> Tensor:
    """Tensors of one shape along a new first axis."""
    return concatenate([reshape(x, (1, *x.shape)) for x in xs], 0)


def unstack(x: Tensor) -> list[Tensor]:
    """The rows along the first axis; their gradients are joined once, where slices would give one array of zeros each."""
    if x.__class__ is not Traced:
        return [x[i, ...] for i in range(len(x))]
    rows = unstack(x.value)

    def pull(found: dict[int, Tensor]) -> list[tuple[Traced, Tensor]]:
        return [(x, stack([found[i] if i in found else np.zeros(row.shape, row.dtype) for i, row in enumerate(rows)]))]

    return several(rows, x.level, pull)


def pad(x: Tensor, pairs: tuple[tuple[int, int], ...], value: float | int | bool) -> Tensor:
    return _pad(x, pairs, value)


def _padded(x: np.ndarray, pairs: tuple[tuple[int, int], ...], value: float | int | bool) -> np.ndarray:
    y = np.full([n + before + after for n, (before, after) in zip(x.shape, pairs, strict=True)], value, x.dtype)
    y[tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, pairs, strict=True))] = x
    return y


_pad = primitive(_padded, lambda g, y, x, pairs, value: strided_slice(g, tuple(before for before, _ in pairs), tuple(
    before + n for n, (before, _) in zip(x.shape, pairs, strict=True)), (1,) * x.ndim))


def flip(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return _flip(x, axes)


_flip = primitive(np.flip, lambda g, y, x, axes: flip(g, axes))


def strided_slice(x: Tensor, starts: Shape, stops: Shape, steps: Shape) -> Tensor:
    return _slice(x, tuple(map(slice, starts, stops, steps)))


def _unsliced(g: np.ndarray, shape: Shape, key: tuple[slice, ...]) -> np.ndarray:
    y = np.zeros(shape, g.dtype)
    y[key] = g
    return y


_slice = primitive(lambda x, key: x[key], lambda g, y, x, key: _unslice(g, x.shape, key))
_unslice = primitive(_unsliced, lambda g, y, x, shape, key: _slice(g, key))


def dynamic_slice(x: Tensor, starts: Sequence[Tensor | int], sizes: Shape) -> Tensor:
    return _slice(x, _block(x.shape, starts, sizes))


def dynamic_update_slice(x: Tensor, update: Tensor, starts: Sequence[Tensor | int]) -> Tensor:
    return _update(x, update, _block(x.shape, starts, update.shape))


def _block(shape: Shape, starts: Sequence[Tensor | int], sizes: Shape) -> tuple[slice, ...]:
    """The slices of a block moved into `shape`."""
    first = (max(0, min(int(values_of(start)), n - size)) for start, n, size in zip(starts, shape, sizes, strict=True))
    return tuple(slice(start, start + size) for start, size in zip(first, sizes, strict=True))


def _updated(x: np.ndarray, update: np.ndarray, key: tuple[slice, ...]) -> np.ndarray:
    y = x.copy()
    y[key] = update
    return y


_update = primitive(_updated, lambda g, y, x, update, key: _update(g, np.zeros(update.shape, g.dtype), key),
                    lambda g, y, x, update, key: _slice(g, key))
