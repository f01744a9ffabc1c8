"""Elements by position: gathering, scattering, sorting, searching, one-hot."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, unknown_arguments, unknown_name, wrong_type
from keras_lite.ops import references, references_statistics, sizes
from keras_lite.ops.arithmetic import equal, floor_divide, greater, greater_equal, less, logical_and, remainder, where
from keras_lite.ops.core import cast, convert_to_tensor
from keras_lite.ops.creation import iota, zeros
from keras_lite.ops.data import as_numbers, as_tensor, host_values, refuse_complex, refuse_storage, unify
from keras_lite.ops.elementwise import is_finite
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN, REFUSED, STORED, normal_axis
from keras_lite.ops.positions import blame, counted_up, integers, positions
from keras_lite.ops.reductions import reduce_max, reduce_sum
from keras_lite.ops.sample import Sample, array, boolean, c64, f32, i32
from keras_lite.ops.shaping import expand_dims, ravel, reshape, stack
from keras_lite.ops.table import op, primitive
from keras_lite.symbolic.rules import may_equal


def index(dtype: str = "int32", *values: Any) -> Any:
    """A sample's integer array."""
    return array(list(values), dtype)


ORDER = (Sample(f32(3, 4)), Sample(f32(2, 3, 4), axis=1), Sample(f32(5, 2), axis=None), Sample(f32(0, 3), axis=0), Sample(i32(6)),
         Sample(array([2.0, NAN, 1.0, 2.0]), grad=False), Sample(f32(2), axis=1, error="axis 1 is out of range"), REFUSED)


@primitive(samples=(Sample(f32(4, 3), index("int32", 2, 0, 2), 0), Sample(f32(2, 5), i32(3, 2, low=0, high=5), 1),
                    Sample(f32(3), array(1, "int32"), 0), Sample(f32(3, 2), i32(0), 0), Sample(c64(4), index("int32", 2, 0), 0),
                    Sample(f32(3), f32(2), 0, error="indices must be integers, got float32")), reference=np.take)
def gather(engine: Any, x: Any, indices: Any, axis: int) -> Any:
    """`take` of indices that are known to lie in 0 <= i < size."""
    x, indices = as_tensor(engine, x), integers("gather", engine, indices)
    axis = normal_axis("gather", axis, len(engine.shape_of(x)))
    try:
        return engine.gather(x, indices, axis)
    except Exception:
        blame("gather", engine, engine.reshape(indices, (-1, 1)), engine.shape_of(x)[axis:axis + 1])
        raise


@op(samples=(Sample(f32(4, 3), index("int32", 2, 0, -1), 0), Sample(f32(2, 5), i32(3, 2, low=-5, high=5), axis=1),
             Sample(f32(2, 3), index("int64", 5, 0)), Sample(f32(3), 1, axis=-1),
             Sample(f32(3, 2), [], axis=0), Sample(f32(3, 2), [[0, -1]], axis=0), Sample(f32(3), index("uint8", 2), 0),
             Sample(f32(3), [5], axis=0, error="index 5 is out of range for an axis of size 3"),
             Sample(f32(3), f32(2), axis=0, error="indices must be integers, got float32"),
             Sample(f32(3), 0, axis=1, error="axis 1 is out of range"),
             Sample(f32(2, 0), index("int32", 0), axis=1, error="the axis has no elements")))
def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The elements of `x` at `indices` along `axis`, the shape of which stands in place of the axis.

    Args:
        x: a tensor.
        indices: integers; negative ones count from the end.
        axis: an int, or None for the flattened `x`.

    Raises:
        TypeError: the indices are no integers.
        ValueError: the axis is out of range; indices are, where their values are known (lists, arrays) or the engine checks them (torch and
            tensorflow, called on the CPU).  jax takes the nearest element there is, the first one for an index below -size.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.take([[1, 2, 3], [4, 5, 6]], [2, -3], axis=1)).tolist()
    [[3, 1], [6, 4]]
    >>> ops.convert_to_numpy(ops.take([[1, 2, 3], [4, 5, 6]], [[0, 5]])).tolist()
    [[1, 6]]
    """
    if registry.current().is_sparse(indices):
        indices = convert_to_tensor(indices, sparse=False)
    if axis is None:
        x, axis = ravel(x), 0
    shape = shape_of(x)
    axis = normal_axis("take", axis, len(shape))
    return gather(x, positions("take", indices, shape[axis]), axis)


@primitive(samples=(Sample(f32(3, 4), i32(3, 2, low=-4, high=4), axis=1), Sample(f32(3, 4), i32(5, 1, low=0, high=3), axis=0),
                    Sample(f32(2, 3), i32(4, low=0, high=6)), Sample(f32(3, 0), i32(3, 0), axis=1),
                    Sample(f32(3, 4), i32(2), axis=0, error="ranks differ"),
                    Sample(f32(2, 3), [[4], [0]], axis=1, error="index 4 is out of range for an axis of size 3"),
                    Sample(f32(2, 3), [[0], [-4]], axis=1, error="index -4 is out of range for an axis of size 3"),
                    Sample(f32(2), f32(2), axis=0, error="indices must be integers"),
                    Sample(f32(0, 2), i32(1, 2), axis=0, error="the axis has no elements")),
           reference=references.take_along_axis)
def take_along_axis(engine: Any, x: Any, indices: Any, axis: int | None = None) -> Any:
    """`out[i, j, ...] = x[indices[i, j, ...], j, ...]` for `axis` 0, and likewise for others.

    Args:
        x: a tensor.
        indices: integers, of the rank of `x`; the sizes of both broadcast on the other axes.  Out of range: see `take`.
        axis: an int, or None for the flattened `x`.

    Raises:
        TypeError: the indices are no integers.
        ValueError: ranks differ, sizes do not broadcast, the axis or known indices are out of range.

    >>> from keras_lite import ops
    >>> x = ops.array([[10, 30, 20], [60, 40, 50]])
    >>> ops.convert_to_numpy(ops.take_along_axis(x, ops.argsort(x, axis=1), axis=1)).tolist()
    [[10, 20, 30], [40, 50, 60]]
    """
    x = as_tensor(engine, x)
    if axis is None:
        x = engine.reshape(x, (-1,))
    shape = engine.shape_of(x)
    along = normal_axis("take_along_axis", 0 if axis is None else axis, len(shape))
    known = host_values(indices)
    indices = as_tensor(engine, indices) if known is None else known
    found = engine.shape_of(indices) if known is None else known.shape
    if axis is not None and len(found) != len(shape):
        raise invalid("take_along_axis", f"ranks differ: {shape} and indices {found}")
    indices = as_tensor(engine, positions("take_along_axis", indices, shape[along]))
    if axis is None:
        indices = engine.reshape(indices, (-1,))
    try:
        return engine.take_along_axis(x, indices, along)
    except Exception:
        blame("take_along_axis", engine, engine.reshape(indices, (-1, 1)), (shape[along],))
        raise


@op(tensors=(), differentiable=False, samples=(
    Sample(index("int32", 0, 5, 3), (2, 3)), Sample(i32(2, 3, low=0, high=24), (2, 3, 4)), Sample(index("uint8", 0, 200), (300, 2)),
    Sample(i32(0), (2, 3)), Sample(array(5, "int32"), [2, 3]), Sample(4, (5,)), Sample(index("int64", 3, 1), 6), Sample(0, ()),
    Sample(f32(2), (2, 3), error="indices must be integers, got float32"), Sample([0, 6], (2, 3), error="index 6 is out of range"),
    Sample(i32(2), (2, -1), error="all sizes must be known")), reference=references_statistics.unravel_index)
def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """For positions in a flattened tensor of `shape` those on each of its axes: one tensor of the shape and dtype of `indices` each.

    Args:
        indices: integers; negative ones count from the end.
        shape: an int or a tuple of ints.

    Raises:
        TypeError: the indices are no integers.
        ValueError: numbers out of range, where their values are known (lists, arrays); a size that is negative.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(x).tolist() for x in ops.unravel_index([0, 4, -1], (2, 3))]
    [[0, 1, 1], [0, 1, 2]]
    """
    engine = registry.current()
    places = sizes.known_shape("unravel_index", engine, shape)
    dtype = dtype_of(as_tensor(engine, indices))
    rest = as_tensor(engine, positions("unravel_index", indices, sizes.product(places)))
    found = []
    for size in reversed(places[1:]):
        divisor = 1 if size is None else max(size, 1) if isinstance(size, int) else cast(size, dtype_of(rest))
        found.append(remainder(rest, divisor))
        rest = floor_divide(rest, divisor)
    return tuple(cast(x, dtype) for x in (rest, *reversed(found))) if places else ()


# --- scattering ----------------------------------------------------------------------------------------------------------

MODES = {None: "set", "add": "add", "mul": "multiply", "max": "max", "min": "min"}


@primitive(samples=(Sample(f32(4, 3), array([[1], [3]], "int32"), f32(2, 3)),
                    Sample(f32(3, 3), array([[0, 1], [2, 2], [0, 1]], "int32"), f32(3), "add"), Sample(f32(2), i32(0, 1), f32(0), "add"),
                    Sample(f32(4), array([[1], [0], [1]], "int32"), f32(3), "multiply", grad=False),
                    Sample(f32(3), array([[1], [1]], "int32"), f32(2), "max", grad=False),
                    Sample(f32(3), array([[0], [2]], "int32"), f32(2), "min", grad=False),
                    Sample(f32(4, 3), array([[1]], "int32"), f32(2), error=r"updates must have shape \(1, 3\), got \(2,\)"),
                    Sample(f32(4), array([1], "int32"), f32(1), error=r"indices must be \(n, k\)")), reference=references.scatter)
def scatter(engine: Any, x: Any, indices: Any, updates: Any, mode: str = "set") -> Any:
    """`x` with `updates` (n, *x.shape[k:]) combined in at `indices` (n, k), known to lie inside; see `scatter_update`."""
    x, indices = as_tensor(engine, x), integers("scatter", engine, indices)
    updates = as_tensor(engine, updates, engine.dtype_of(x))
    if mode != "set":
        refuse_storage("scatter", engine.dtype_of(x))
    if engine.dtype_of(x) != "bool" or mode == "set":
        try:
            return engine.scatter(x, indices, updates, mode)
        except Exception:
            blame("scatter", engine, indices, engine.shape_of(x)[:engine.shape_of(indices)[-1]])
            raise
    logical = {"add": "max", "multiply": "min"}.get(mode, mode)  # of bools a sum is `or`, a product `and`
    return engine.cast(engine.scatter(engine.cast(x, "int32"), indices, engine.cast(updates, "int32"), logical), "bool")


def _flat(name: str, indices: Any, updates: Any, shape: Any) -> tuple[Any, Any]:
    """Indices (n, k) without negative ones, and updates (n, *shape[k:])."""
    host, indices = host_values(indices), integers(name, registry.current(), indices)
    if rank_of(indices) == 0:
        raise invalid(name, "indices need at least one axis, whose entries name the axes of the result")
    depth = shape_of(indices)[-1]
    if not isinstance(depth, int) or depth > len(shape):
        raise invalid(name, f"indices of shape {shape_of(indices)} name {depth} axes, the shape {tuple(shape)} has {len(shape)}")
    expected = (*shape_of(indices)[:-1], *shape[depth:])
    if not may_equal(shape_of(updates), expected):
        raise invalid(name, f"updates must have shape {expected}, got {shape_of(updates)}")
    limits = shape[:depth]
    if host is not None and all(isinstance(n, int) for n in limits):
        columns = [positions(name, host[..., axis].ravel(), n) for axis, n in enumerate(limits)]
        flat = as_tensor(registry.current(), np.stack(columns, -1)) if columns else reshape(indices, (-1, 0))
    elif all(n is not None for n in limits):
        known = all(isinstance(n, int) for n in limits)
        flat = counted_up(reshape(indices, (-1, depth)), np.array(limits, "int32") if known else stack(limits))
    else:
        flat = reshape(indices, (-1, depth))
    return flat, reshape(updates, (-1, *shape[depth:]))


@op(tensors=("inputs", "updates"), samples=(
    Sample(f32(4, 3), array([[1], [-1]], "int32"), f32(2, 3)), Sample(f32(3, 3), array([[0, 1], [2, 2], [0, 1]], "int32"), f32(3), "add"),
    Sample(f32(2), i32(0, 1), f32(0)),
    Sample(f32(3, 2), array([[[0, 0], [1, 1]], [[2, 0], [2, 1]]], "int32"), f32(2, 2)),
    Sample(f32(3), array([[1], [1]], "int32"), f32(2), reduction="max", grad=False),
    Sample(f32(3), array([[1], [1]], "int32"), f32(2), reduction="mul", grad=False),
    Sample(f32(3), array([[0]], "int32"), f32(1), reduction="sum", error="unknown reduction 'sum'"),
    Sample(f32(3), [[5]], [1.0], error="index 5 is out of range for an axis of size 3"),
    Sample(f32(2, 3), [[0, 0], [0, -4]], [1.0, 2.0], error="index -4 is out of range for an axis of size 3"),
    Sample(f32(2, 3), [[0.5, 1.0]], [1.0], error="indices must be integers, got float"),
    Sample(f32(4, 3), array([[1]], "int32"), f32(2, 2, 2), error="updates must have shape")), reference=references.scatter_update)
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """`inputs` with `updates` written at `indices`, whose last axis names positions on the first k axes of `inputs`.

    Args:
        inputs: a tensor.
        indices: integers, (..., k); negative ones count from the end.
        updates: a tensor of shape `indices.shape[:-1] + inputs.shape[k:]`.
        reduction: "add", "max", "min" or "mul" combines updates with what is there; with None the last of equal indices wins.

    Raises:
        TypeError: the indices are no integers.
        ValueError: shapes that do not fit; an unknown reduction; indices out of range, where their values are known or the engine checks
            them (see `take`).  jax leaves out their updates.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.scatter_update([1, 2, 3, 4], [[1], [-1]], [20, 40])).tolist()
    [1, 20, 3, 40]
    >>> ops.convert_to_numpy(ops.scatter_update([[1, 2], [3, 4]], [[0, 1], [0, 1]], [10, 100], reduction="add")).tolist()
    [[1, 112], [3, 4]]
    """
    if reduction not in MODES:
        raise unknown_name("reduction", reduction, [m for m in MODES if m])
    flat, updates = _flat("scatter_update", indices, updates, shape_of(inputs))
    return scatter(inputs, flat, updates, MODES[reduction])


@op(tensors=("values",), public="scatter", samples=(Sample(array([[1], [3]], "int32"), f32(2, 3), (5, 3)),
                                  Sample(array([[0, 1], [0, 1]], "int32"), f32(2), (2, 2)), Sample(i32(0, 1), f32(0), (3,)),
                                  Sample(array([[-1]], "int32"), f32(1), (3,)),
                                  Sample([[-4]], [1.0], (3,), error="index -4 is out of range for an axis of size 3"),
                                  Sample(array([[0, 0, 0]], "int32"), f32(1), (2, 2), error="name 3 axes")),
                                  reference=references.scatter_zeros)
def scatter_zeros(indices: Any, values: Any, shape: Any) -> Any:
    """Zeros of `shape` with `values` added in at `indices`; equal indices add up.

    Args:
        indices: integers, (..., k), positions on the first k axes; out of range: see `scatter_update`.
        values: a tensor of shape `indices.shape[:-1] + shape[k:]`, whose dtype the result has.
        shape: shape of the result.

    Raises:
        TypeError: the indices are no integers.
        ValueError: shapes that do not fit, or indices out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.scatter([[0], [2], [0]], [1, 2, 10], (4,))).tolist()
    [11, 0, 2, 0]
    """
    start = zeros(shape, dtype_of(values))
    flat, values = _flat("scatter", indices, values, shape_of(start))
    return scatter(start, flat, values, "add")


# --- order ---------------------------------------------------------------------------------------------------------------


def _ordered(name: str, engine: Any, x: Any, axis: Any) -> tuple[Any, int]:
    x = as_numbers(engine, name, x)
    refuse_complex(name, engine.dtype_of(x))
    if axis is None:
        return engine.reshape(x, (-1,)), 0
    return x, normal_axis(name, axis, len(engine.shape_of(x)))


@primitive(samples=(*ORDER, STORED))
def sort(engine: Any, x: Any, axis: int | None = -1) -> tuple[Any, ...]:
    """`x` in ascending order along `axis`, or flattened if None; NaN last.

    Raises ValueError for an axis out of range, TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sort([[3, 1, 2], [6, 5, 4]])).tolist()
    [[1, 2, 3], [4, 5, 6]]
    >>> ops.convert_to_numpy(ops.sort([[3, 1, 2], [6, 5, 4]], axis=None)).tolist()
    [1, 2, 3, 4, 5, 6]
    """
    return _ordered("sort", engine, x, axis)


@primitive(samples=ORDER, differentiable=False, reference=references.argsort)
def argsort(engine: Any, x: Any, axis: int | None = -1) -> tuple[Any, ...]:
    """int32 indices that bring `x` in ascending order along `axis`, or flattened if None; equal ones in order of index, NaN last.

    Raises ValueError for an axis out of range, TypeError for complex numbers.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.argsort([3.0, 1.0, float("nan"), 1.0])).tolist()
    [1, 3, 0, 2]
    """
    return _ordered("argsort", engine, x, axis)


@op(differentiable=False, reference=references_statistics.argpartition, samples=(
    Sample(f32(3, 4), 2), Sample(f32(2, 3, 4), 1, axis=1), Sample(f32(5, 2), -1, axis=0), Sample(f32(2, 3), 4, axis=None),
    Sample(i32(6), 0), Sample(array([2.0, NAN, 1.0, 2.0]), 1), Sample(boolean(5), 2), Sample(f32(0, 3), 1), Sample(f32(4), [0, 2]),
    Sample(f32(3), 3, error="kth=3 is out of range for an axis of size 3"), Sample(f32(3), 1.0, error="kth must be an int"),
    Sample(f32(2), 0, axis=1, error="axis 1 is out of range")))
def argpartition(x: Any, kth: Any, axis: int | None = -1) -> Any:
    """int32 indices that bring the element of rank `kth` to its place along `axis`: smaller ones stand before it, larger ones behind it.

    They are sorted besides, as by `argsort`: so every rank is in its place.

    Args:
        x: a tensor of real numbers.
        kth: an int, negative ones from the end, or several.
        axis: an int, or None for the flattened `x`.

    Raises:
        TypeError: `kth` is no int.
        ValueError: `kth` or the axis is out of range.

    >>> from keras_lite import ops
    >>> x = ops.array([7, 1, 5, 3])
    >>> ops.convert_to_numpy(ops.take(x, ops.argpartition(x, 1))).tolist()
    [1, 3, 5, 7]
    """
    shape = shape_of(x)
    size = shape[normal_axis("argpartition", axis, len(shape))] if axis is not None else sizes.product(shape)
    for k in kth if isinstance(kth, (list, tuple)) else [kth]:
        k = sizes.as_count("argpartition", "kth", k)
        if isinstance(size, int) and isinstance(k, int) and not -size <= k < size:
            raise invalid("argpartition", f"kth={k} is out of range for an axis of size {size}")
    return argsort(x, axis)


@primitive(samples=(Sample(f32(3, 5), 2), Sample(f32(6), 6), Sample(i32(2, 8), 3), Sample(f32(0, 4), 2),
                    Sample(array([2, 5, 5, 2], "int32"), 3), Sample(f32(3), k=1, sorted=False),
                    Sample(f32(2, 3), 4, error=r"k=4 exceeds the last axis of \(2, 3\)"), Sample(f32(), 1, error="at least one axis"),
                    Sample(array([[NAN, -INF, 1.0], [1.0, NAN, INF]]), 2, grad=False),
                    Sample(f32(3), 1.5, error="k must be an int of at least 0, got 1.5"), Sample(f32(3), k="a", error="k must be an int"),
                    Sample(f32(3), -1, error="k must be an int of at least 0, got -1")), reference=references.top_k)
def top_k(engine: Any, x: Any, k: int, sorted: bool = True) -> tuple[Any, Any]:  # noqa: A002  # Keras's name
    """The `k` largest of `x` along the last axis, descending, and their int32 indices; equal ones in order of index, NaN before all.

    `sorted=False` only says that the order does not matter: they are sorted in any case.  Raises TypeError for a `k` that is no int,
    ValueError for one that is negative or above the size of the axis.

    >>> from keras_lite import ops
    >>> values, indices = ops.top_k([3, 9, 4, 9], k=3)
    >>> ops.convert_to_numpy(values).tolist(), ops.convert_to_numpy(indices).tolist()
    ([9, 9, 4], [1, 3, 2])
    """
    x = as_numbers(engine, "top_k", x)
    refuse_complex("top_k", engine.dtype_of(x))
    shape = engine.shape_of(x)
    if not shape:
        raise invalid("top_k", "x needs at least one axis")
    k = sizes.as_count("top_k", "k", k, 0)
    if isinstance(shape[-1], int) and isinstance(k, int) and k > shape[-1]:
        raise invalid("top_k", f"k={k} exceeds the last axis of {shape}")
    return x, k


@primitive(samples=(Sample(array([1.0, 2.0, 2.0, 5.0]), array([0.0, 2.0, 6.0])),
                    Sample(array([1.0, 2.0, 2.0, 5.0]), array([[2.0, 5.0]]), side="right"), Sample(f32(0), f32(2)),
                    Sample(array([1, 3], "int32"), 2.5),
                    Sample(f32(2, 2), f32(1), error="one axis"),
                    Sample(f32(2), f32(1), side="middle", error='side must be "left" or "right"')), differentiable=False)
def searchsorted(engine: Any, sorted_sequence: Any, values: Any, side: str = "left") -> tuple[Any, ...]:
    """int32 positions at which `values` would be inserted into a sorted vector to keep it sorted.

    Args:
        sorted_sequence: the vector, ascending.
        values: a tensor of any shape, which the result has.
        side: "left" for places before equal elements, "right" for those behind them.

    Raises:
        ValueError: the sequence has not one axis, or there is no such side.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.searchsorted([1, 3, 3, 5], [0, 3, 9])).tolist()
    [0, 1, 4]
    >>> ops.convert_to_numpy(ops.searchsorted([1, 3, 3, 5], [0, 3, 9], side="right")).tolist()
    [0, 3, 4]
    """
    if side not in ("left", "right"):
        raise invalid("searchsorted", f'side must be "left" or "right", got {side!r}')
    sequence, values = unify(engine, [sorted_sequence, values])
    refuse_complex("searchsorted", engine.dtype_of(sequence))
    if len(engine.shape_of(sequence)) != 1:
        raise invalid("searchsorted", f"the sorted sequence must have one axis, got shape {engine.shape_of(sequence)}")
    return sequence, values, side


# --- classes -------------------------------------------------------------------------------------------------------------


@op(differentiable=False, samples=(Sample(i32(4, low=0, high=3), 3), Sample(i32(2, 3, low=0, high=4), 4, axis=1),
                                   Sample(index("int32", -1, 3, 1), 3, dtype="int32"), Sample(i32(0), 2), Sample(i32(2, low=0), 5, axis=0),
                                   Sample(i32(2, 2, low=0, high=3), 3, dtype="bool"),
                                   Sample(f32(3, low=0, high=3), 2), Sample(c64(3), 2, error="is for real numbers, got complex64"),
                                   Sample(i32(3), 2, axis=2, error="axis 2 is out of range"), Sample(i32(3), 0),
                                   Sample(i32(3), -1, error=r"all sizes must be known and not negative, got \(-1,\)"),
                                   Sample(i32(3), True, error="sizes must be ints, got True"),
                                   Sample(i32(3), None, error="num_classes must be an int, got None")),
                                   reference=references.one_hot)
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    """For each integer of `x` a vector along a new `axis` with 1 at that position; zeros if it is out of range.

    Args:
        x: integers.
        num_classes: size of the new axis, an int.
        axis: its place in the result.
        dtype: dtype of the result, `floatx` by default.
        sparse: whether the result is a sparse tensor, on the engines that have them: jax and tensorflow.

    Raises:
        NotImplementedError: `sparse` on an engine that has no sparse tensors.
        TypeError: `num_classes` is no int.
        ValueError: it is negative, or the axis out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.one_hot([0, 2, -1], 3)).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    >>> ops.convert_to_numpy(ops.one_hot([0, 2], 3, axis=0, dtype="int32")).tolist()
    [[1, 0], [0, 0], [0, 1]]
    """
    x, num_classes, axis = _classes("one_hot", x, num_classes, axis)
    if sparse:
        from keras_lite.ops.sparse import sparse_classes  # made of ops of this module

        return sparse_classes("one_hot", x, num_classes, axis, dtype)
    classes = reshape(iota(num_classes, dtype_of(x)), tuple(num_classes if i == axis else 1 for i in range(rank_of(x) + 1)))
    return cast(equal(expand_dims(x, axis), classes), dtype)


def _classes(name: str, x: Any, num_classes: Any, axis: int) -> tuple[Any, Any, int]:
    """The integers, the number of classes and their axis in the result."""
    refuse_complex(name, dtype_of(x))
    if num_classes is None:
        raise wrong_type(name, "num_classes must be an int, got None")
    num_classes, = sizes.known_shape(name, registry.current(), (num_classes,))
    return cast(x, "int64" if dtype_of(x) == "int64" else "int32"), num_classes, normal_axis(name, axis, rank_of(x) + 1)


@op(tensors=("inputs",), differentiable=False, samples=(Sample(i32(2, 3, low=0, high=4), 4), Sample(i32(5, low=0, high=3), 3),
                                                        Sample(i32(2, 3, low=-1, high=4), 4, axis=1, dtype="int32"), Sample(i32(0, 2), 3),
                                                        Sample(i32(2), error="num_classes")), reference=references.multi_hot)
def multi_hot(inputs: Any, num_classes: int | None = None, axis: int = -1, dtype: Any = None, sparse: bool = False, **kwargs: Any) -> Any:
    """The maximum of `one_hot(inputs, num_classes, axis)` over its axis 1 (0 for a vector): a vector with 1 at each integer of a row.

    Args:
        inputs: integers, (batch, labels) or (labels,); those out of range count as none.
        num_classes: size of the vectors, an int.
        axis: the place of the classes before the maximum is taken.
        dtype: dtype of the result, `floatx` by default.
        sparse: whether the result is a sparse tensor, on the engines that have them: jax and tensorflow.
        kwargs: `num_tokens`, the name of `num_classes` in earlier versions.

    Raises:
        NotImplementedError: `sparse` on an engine that has no sparse tensors.
        TypeError: `num_classes` is no int, or another name is given.
        ValueError: the axis is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.multi_hot([[0, 2], [1, 1]], 4)).tolist()
    [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    """
    num_classes = kwargs.pop("num_tokens", num_classes)  # the name of earlier versions of Keras
    if kwargs:
        raise unknown_arguments("multi_hot", kwargs, multi_hot)
    if num_classes is None:
        raise wrong_type("multi_hot", "num_classes is needed")
    over = 1 if rank_of(inputs) > 1 else 0
    if sparse:
        from keras_lite.ops.sparse import sparse_classes

        return sparse_classes("multi_hot", *_classes("multi_hot", inputs, num_classes, axis), dtype, over)
    return reduce_max(one_hot(inputs, num_classes, axis, dtype), axis=over, initial=0)


@op(tensors=("predictions",), differentiable=False, samples=(Sample(index("int32", 1, 0), f32(2, 4), 2),
                                                             Sample(i32(3, low=0, high=5), f32(3, 5), k=1), Sample(i32(0), f32(0, 3), 2),
                                                             Sample(index("int32", 0, 1), array([[1.0, 1.0, 1.0], [NAN, NAN, 0.0]]), 1),
                                                             Sample(index("int32", 9, -1, 0), f32(3, 3), 3),
                                                             Sample(i32(2), f32(3), 1, error="predictions must be"),
                                                             Sample(i32(2), f32(2, 3), 1.5, error="k must be an int of at least 0"),
                                                             Sample(i32(2), f32(2, 3), -1, error="k must be an int of at least 0, got -1")),
                                                             reference=references.in_top_k)
def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the prediction for the target class is among the `k` highest of its row; with ties at the k-th place it is.

    Args:
        targets: classes, (samples,); False for one that does not exist.
        predictions: (samples, classes); False for one of the target that is not finite.
        k: an int of at least 0.

    Raises:
        TypeError: `k` is no int.
        ValueError: `k` is negative, or predictions have another rank.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.in_top_k([1, 1], [[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]], k=2)).tolist()
    [True, True]
    >>> ops.convert_to_numpy(ops.in_top_k([1, 1], [[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]], k=1)).tolist()
    [False, False]
    """
    if rank_of(predictions) != 2:
        raise invalid("in_top_k", f"predictions must be (samples, classes), got shape {shape_of(predictions)}")
    k, targets = sizes.as_count("in_top_k", "k", k, 0), cast(targets, "int32")
    inside = logical_and(greater_equal(targets, 0), less(targets, sizes.number(shape_of(predictions)[1])))
    chosen = take_along_axis(predictions, expand_dims(where(inside, targets, 0), 1), 1)
    better = reduce_sum(cast(greater(predictions, chosen), "int32"), 1)
    return logical_and(logical_and(inside, less(better, k)), is_finite(reshape(chosen, (-1,))))
