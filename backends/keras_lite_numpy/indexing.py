"""Gather, scatter and order."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from keras_lite_numpy.elementwise import add, divide, equal, multiply, where
from keras_lite_numpy.functions import in_float32
from keras_lite_numpy.reductions import comparable, part_of
from keras_lite_numpy.shaping import concatenate, reshape
from keras_lite_numpy.tape import Tensor, Traced, call, primitive, values_of
from keras_lite_numpy.tensors import cast, dtype_of

Shape = tuple[int, ...]


def gather(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    return _gather(x, values_of(indices), axis)


def _sum_rows(rows: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """`count` rows, each the sum of the `rows` at its place; many times as fast as np.add.at."""
    if rows.ndim == 1 and rows.dtype.kind == "f":
        return np.bincount(places, rows, count).astype(rows.dtype)
    if rows.ndim == 1 and rows.dtype.kind in "iu" and rows.dtype.itemsize <= 4 and len(rows) <= 1 << 21:  # then float64 is exact
        return np.bincount(places, rows, count).astype("int64").astype(rows.dtype)
    y = np.zeros((count, *rows.shape[1:]), rows.dtype)
    if len(places):
        order = places.argsort(kind="stable")
        ordered = places[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        y[ordered[starts]] = np.add.reduceat(rows[order], starts, dtype=rows.dtype)
    return y


def _add_at(g: np.ndarray, shape: Shape, indices: np.ndarray, axis: int) -> np.ndarray:
    """The slices of `g` summed at their `indices` of `axis`: the adjoint of gather."""
    rows = np.moveaxis(g.reshape((*g.shape[:axis], indices.size, *g.shape[axis + indices.ndim:])), axis, 0)
    return np.moveaxis(_sum_rows(rows, indices.ravel(), shape[axis]), 0, axis)


_gather = primitive(lambda x, indices, axis: x.take(indices, axis), lambda g, y, x, indices, axis: _ungather(g, x.shape, indices, axis))
_ungather = in_float32(primitive(_add_at, lambda g, y, x, shape, indices, axis: _gather(g, indices, axis)))


def take_along_axis(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    indices = values_of(indices)
    lead = np.broadcast_shapes(*((*a.shape[:axis], 1, *a.shape[axis + 1:]) for a in (x, indices)))
    grids = list(np.ogrid[tuple(map(slice, lead))])
    # an axis of size 1 of `x` is read at 0 everywhere
    key = tuple(indices if i == axis else grid * 0 if x.shape[i] == 1 else grid for i, grid in enumerate(grids))
    return _pick(x, key)


def _put(g: np.ndarray, shape: Shape, key: tuple[np.ndarray, ...]) -> np.ndarray:
    """The adjoint of `x[key]`, where the arrays of `key` index the first axes."""
    lead, rest = shape[:len(key)], shape[len(key):]
    places = np.broadcast_to(np.ravel_multi_index(key, lead), g.shape[:g.ndim - len(rest)])
    return _sum_rows(g.reshape(places.size, *rest), places.ravel(), math.prod(lead)).reshape(shape)


_pick = primitive(lambda x, key: x[key], lambda g, y, x, key: _unpick(g, x.shape, key))
_unpick = in_float32(primitive(_put, lambda g, y, x, shape, key: _pick(g, key)))


def scatter(x: Tensor, indices: Tensor, updates: Tensor, mode: str) -> Tensor:
    indices = values_of(indices)
    if not indices.shape[1]:  # each update is for all of `x`
        return reshape(scatter(reshape(x, (1, *x.shape)), np.zeros((len(indices), 1), "int32"), updates, mode), x.shape)
    return _SCATTERS[mode](x, tuple(indices.T), updates)


def _last_of_each(x: Tensor, key: tuple[np.ndarray, ...]) -> np.ndarray:
    """Whether no later update has the same index."""
    winner = np.zeros(x.shape[:len(key)], "int64")
    winner[key] = np.arange(len(key[0]))
    return winner[key] == np.arange(len(key[0]))


def _wide(mask: np.ndarray, like: Tensor) -> np.ndarray:
    """A mask of the rows of `like` that broadcasts to it."""
    return mask.reshape(mask.shape + (1,) * (like.ndim - 1))


def _assigned(x: np.ndarray, key: tuple[np.ndarray, ...], updates: np.ndarray) -> np.ndarray:
    y = x.copy()
    y[key] = updates
    return y


_set = primitive(_assigned, lambda g, y, x, key, updates: _set(g, key, np.zeros(updates.shape, g.dtype)), None,
                 lambda g, y, x, key, updates: where(_wide(_last_of_each(x, key), updates), _pick(g, key), 0))


def _scatter_add(x: Tensor, key: tuple[np.ndarray, ...], updates: Tensor) -> Tensor:
    return add(x, _unpick(updates, x.shape, key))


def _at(function: np.ufunc) -> Any:
    def forward(x: np.ndarray, key: tuple[np.ndarray, ...], updates: np.ndarray) -> np.ndarray:
        y = x.copy()
        function.at(y, key, updates)
        return y

    return forward


def _multiply(x: Tensor, key: tuple[np.ndarray, ...], updates: Tensor) -> Tensor:
    return _products(x, key, updates) if Traced in (x.__class__, updates.__class__) else call(_at(np.multiply), x, key, updates)


def _products(x: Tensor, key: tuple[np.ndarray, ...], updates: Tensor) -> Tensor:
    """By products of 2, 4, 8, ... neighbours of one index: differentiable to any order, zeros included."""
    places = np.ravel_multi_index(key, x.shape[:len(key)])
    order = places.argsort(kind="stable")
    places, products = places[order], gather(updates, order, 0)
    step, size = 1, len(places)
    while step < size and (same := places[step:] == places[:-step]).any():
        head, late, early = (part_of(products, 0, *bounds) for bounds in ((0, step), (step, size), (0, size - step)))
        products, step = concatenate([head, where(_wide(same, late), multiply(late, early), late)], 0), 2 * step
    ends = np.flatnonzero(np.append(places[1:] != places[:-1], True)[:size])
    factors = _set(np.ones(x.shape, x.dtype), tuple(index[order[ends]] for index in key), gather(products, ends, 0))
    return multiply(x, factors)


def _shared_with(g: Tensor, y: Tensor, x: Tensor, key: tuple[np.ndarray, ...], updates: Tensor) -> Tensor:
    """The gradient divided by the number of candidates, of `x` and the updates, that are the result."""
    hits = cast(equal(updates, _pick(y, key)), dtype_of(x))
    return divide(g, add(cast(equal(x, y), dtype_of(x)), _unpick(hits, x.shape, key)))


def _extreme(function: np.ufunc) -> Any:
    return in_float32(primitive(
        _at(function), lambda g, y, x, key, updates: where(equal(x, y), _shared_with(g, y, x, key, updates), 0), None,
        lambda g, y, x, key, updates: where(equal(updates, _pick(y, key)), _pick(_shared_with(g, y, x, key, updates), key), 0)))


_SCATTERS = {"set": _set, "add": _scatter_add, "multiply": in_float32(_multiply), "max": _extreme(np.maximum), "min": _extreme(np.minimum)}


def sort(x: Tensor, axis: int) -> Tensor:
    if x.__class__ is Traced:
        return take_along_axis(x, argsort(x, axis), axis)
    return np.sort(comparable(x), axis).astype(x.dtype, copy=False)


def argsort(x: Tensor, axis: int) -> Tensor:
    x = comparable(x)
    if x.dtype.kind not in "if" or x.dtype.itemsize != 4 or x.shape[axis] < _LONG:
        return x.argsort(axis, kind="stable").astype("int32")
    # NumPy sorts integers of 64 bits many times as fast as it finds a stable order: those of the elements, each with its index behind
    index = np.arange(x.shape[axis]).reshape(tuple(-1 if i == axis else 1 for i in range(x.ndim)))
    return np.sort((x.astype("int64") if x.dtype.kind == "i" else _in_order(x)) << 32 | index, axis).astype("int32")


_LONG = 256


def _in_order(x: np.ndarray) -> np.ndarray:
    """int64 numbers of 32 bits in the order of float32 ones, with NaN last; 0.0 and -0.0 are equal."""
    bits = (x + np.float32(0)).view("int32")
    key = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    key[np.isnan(x)] = 0x7FFFFFFF
    return key.astype("int64")


def top_k(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    # ascending order of the reversed row, read backward: descending, and ties in order of index
    order = x.shape[-1] - 1 - comparable(x)[..., ::-1].argsort(-1, kind="stable")[..., ::-1]
    indices = order[..., :k].astype("int32")
    return take_along_axis(x, indices, x.ndim - 1), indices


def searchsorted(sorted_sequence: Tensor, values: Tensor, side: Literal["left", "right"]) -> Tensor:
    return np.asarray(np.searchsorted(comparable(sorted_sequence), comparable(values), side), "int32")
