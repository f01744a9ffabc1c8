"""Blocks of a tensor: indexing as with brackets, slices at positions that are tensors, padding."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_integer
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references, sizes
from keras_lite.ops.arithmetic import add, multiply
from keras_lite.ops.core import cast, convert_to_numpy
from keras_lite.ops.creation import iota
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.indexing import gather
from keras_lite.ops.positions import integers, positions
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.shaping import broadcast_to, flip, reshape, strided_slice, transpose
from keras_lite.ops.table import op, primitive
from keras_lite.state.variable import Variable
from keras_lite.symbolic.rules import broadcast_shapes

# --- x[key] --------------------------------------------------------------------------------------------------------------


@op(samples=(
    Sample(f32(3, 4), 1), Sample(f32(3, 4), -1), Sample(f32(3, 4, 5), (slice(None), slice(1, None, 2), -2)),
    Sample(f32(5), slice(None, None, -1)), Sample(f32(6), slice(4, 0, -2)),
    Sample(f32(3, 4), (None, Ellipsis, 0)), Sample(f32(3, 4), Ellipsis), Sample(f32(2, 3, 4), (Ellipsis, None, slice(0, 2))),
    Sample(f32(0, 3), (slice(None), 1)), Sample(f32(4), slice(3, 1)),
    Sample(f32(4, 3), array([2, -1, 0], "int32")), Sample(f32(4, 3), (slice(None), [0, 2])),
    Sample(f32(4, 3), (array([1, 2], "int32"), array([0, -1], "int32"))),
    Sample(f32(2, 3, 4), (0, slice(None), [1, 2, 3])), Sample(f32(2, 3, 4), ([1, 0], slice(1, None), [[1], [2]])),
    Sample(f32(2, 3, 4), (slice(None), [1, 0], [2, 2])),
    Sample(f32(4, 3), [True, False, True, False]), Sample(f32(3, 4), array(1, "int32")), Sample(f32(10), slice(-100, 100)),
    Sample(f32(3, 4), 3, error="index 3 is out of range for an axis of size 3"),
    Sample(f32(3, 4), ([0], [5]), error="index 5 is out of range for an axis of size 4"),
    Sample(f32(3, 4), ([-4], [0]), error="index -4 is out of range for an axis of size 3"),
    Sample(f32(3, 4), (0, 0, 0), error="3 indices for the 2 axes"), Sample(f32(3), "a", error="can't index with 'a'"),
    Sample(f32(3), (Ellipsis, Ellipsis), error="one Ellipsis"), Sample(f32(3), [True, False], error="a mask of shape"),
    Sample(f32(3), slice(None, None, 0), error="step of a slice is 0")),
    reference=references.get_item)
def get_item(x: Any, key: Any) -> Any:
    """`x[key]` as in NumPy: ints, slices, None, Ellipsis, integer tensors, and masks whose values are known.

    Args:
        x: a tensor.
        key: one of these or a tuple of them.  Negative integers count from the end, in tensors too; tensors out of range are treated as by
            `take`.  A mask of unknown values has no known number of elements: use `where` with a value for the rest instead.

    Raises:
        TypeError: an entry of `key` is something else.
        ValueError: an index out of range, more of them than axes, or a mask of another shape.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.get_item([[1, 2, 3], [4, 5, 6]], (slice(None), -1))).tolist()
    [3, 6]
    >>> ops.convert_to_numpy(ops.get_item([[1, 2, 3], [4, 5, 6]], ([0, 1], [2, 0]))).tolist()
    [3, 4]
    """
    entries = _expanded(key, rank_of(x))
    arrays = [i for i, entry in enumerate(entries) if _is_array(entry)]
    result, kept = _basic(x, entries)
    return _advanced(result, entries, kept, arrays) if arrays else result


def _expanded(key: Any, rank: int) -> list[Any]:
    """One entry for each axis of x, and None for each new axis; masks as integer arrays."""
    entries: list[Any] = []
    for entry in key if isinstance(key, tuple) else (key,):
        mask = _mask(entry)
        entries += [entry] if mask is None else mask
    given = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if given > rank:
        raise invalid("get_item", f"{given} indices for the {rank} axes of x")
    dots = [i for i, entry in enumerate(entries) if entry is Ellipsis]
    if len(dots) > 1:
        raise invalid("get_item", "only one Ellipsis can stand in an index")
    at = dots[0] if dots else len(entries)
    return [*entries[:at], *[slice(None)] * (rank - given), *entries[at + len(dots):]]


def _mask(entry: Any) -> list[Any] | None:
    """The integer arrays that select the same elements as a bool array; None for anything else."""
    engine = registry.current()
    if isinstance(entry, Variable) or engine.is_tensor(entry):
        entry = as_tensor(engine, entry)
        if engine.dtype_of(entry) != "bool":
            return None
        entry = convert_to_numpy(entry)
    elif isinstance(entry, (list, np.ndarray)):
        entry = np.asarray(entry) if registry.engine_of((entry,)) is None else None
    if not isinstance(entry, np.ndarray) or entry.dtype != bool:
        return None
    return [_Selected(found, size) for found, size in zip(np.nonzero(entry), entry.shape, strict=True)]


class _Selected:
    """Positions that a mask selects on an axis that must have `size` elements."""

    def __init__(self, found: np.ndarray, size: int):
        self.found, self.size = found.astype("int32"), size


def _is_array(entry: Any) -> bool:
    """Whether an entry is an array of indices; a scalar tensor is one too."""
    if entry is None or (isinstance(entry, (slice, int, np.integer)) and not isinstance(entry, bool)):
        return False
    if isinstance(entry, (list, np.ndarray, Variable, _Selected)) or registry.engine_of((entry,)) is not None:
        return True
    raise wrong_type("get_item", f"can't index with {entry!r}; expected ints, slices, None, Ellipsis or integer tensors")


def _basic(x: Any, entries: list[Any]) -> tuple[Any, list[int]]:
    """`x` with ints, slices and None applied and the axes of arrays left whole; and the entries that have an axis in it."""
    shape = shape_of(x)
    bounds, reverse, axis = [], [], 0
    for entry in entries:
        if entry is None:
            continue
        start, stop, step, flipped = _bounds(entry, shape[axis])
        bounds.append((start, stop, step))
        if flipped:
            reverse.append(axis)
        axis += 1
    if not all(_is_whole(*bound, n) for bound, n in zip(bounds, shape, strict=True)):
        x = strided_slice(x, *zip(*bounds, strict=True))
    if reverse:
        x = flip(x, tuple(reverse))
    left = iter(shape_of(x))
    kept = [(i, 1 if entry is None else next(left)) for i, entry in enumerate(entries)]
    kept = [(i, n) for i, n in kept if not isinstance(entries[i], (int, np.integer))]
    new = tuple(n for _, n in kept)
    unchanged = len(new) == len(shape) and not any(entry is None for entry in entries)
    return (x if unchanged else reshape(x, new)), [i for i, _ in kept]


def _is_whole(start: Any, stop: Any, step: int, n: Any) -> bool:
    """Whether bounds take a whole axis."""
    return isinstance(start, int) and start == 0 and stop is n and step == 1


def _bounds(entry: Any, n: Any) -> tuple[Any, Any, int, bool]:
    """(start, stop, step) of an entry with 0 <= start <= stop <= n and step >= 1, and whether the result is then reversed."""
    if isinstance(entry, (int, np.integer)):
        i = int(entry)
        if isinstance(n, int) and not -n <= i < n:
            raise invalid("get_item", f"index {i} is out of range for an axis of size {n}")
        start = i if i >= 0 else sizes.plus(n, i)
        return start, sizes.plus(start, 1), 1, False
    if not isinstance(entry, slice) or entry == slice(None):
        return 0, n, 1, False
    start, stop, step = (_static(b) for b in (entry.start, entry.stop, entry.step))
    step = 1 if step is None else step
    if not isinstance(step, int):
        raise wrong_type("get_item", f"the step of a slice must be an int whose value is known beforehand, got {entry.step!r}")
    if step == 0:
        raise invalid("get_item", "the step of a slice is 0")
    if isinstance(n, int) and all(b is None or isinstance(b, int) for b in (start, stop)):
        start, stop, step = slice(start, stop, step).indices(n)
        if step > 0:
            return start, max(start, stop), min(step, max(n, 1)), False  # frameworks take no steps beyond 32 bits
        count = max(0, -(-(start - stop) // -step))
        first = start + (count - 1) * step
        return (first, start + 1, min(-step, n), True) if count else (0, 0, 1, False)
    return *_open_bounds(start, stop, step, n), abs(step), step < 0


def _open_bounds(start: Any, stop: Any, step: int, n: Any) -> tuple[Any, Any]:
    """Bounds of a slice where the size of the axis, or one of its own bounds, is unknown."""
    if n is None or registry.current().is_abstract:
        return 0, None
    if step > 0:
        first = 0 if start is None else sizes.place(start, n)
        return first, n if stop is None else sizes.larger(first, sizes.place(stop, n))
    behind = n if start is None else sizes.smaller(sizes.larger(sizes.from_end(start, n) + 1, 0), n)
    least = 0 if stop is None else sizes.smaller(sizes.larger(sizes.from_end(stop, n) + 1, 0), n)
    count = sizes.larger(-((least - behind) // -step), 0)
    return sizes.smaller(behind - 1 + (count - 1) * step, behind), behind


def _static(bound: Any) -> Any:
    if bound is None:
        return None
    value = sizes.whole(bound)
    if value is None and sizes.is_unknown(bound):
        return bound if registry.current().is_abstract else cast(bound, "int32")
    if value is None:
        raise wrong_type("get_item", f"bounds of slices must be ints known beforehand, got {bound!r}; "
                                     "use ops.slice for a start that is a tensor")
    return value


def _advanced(x: Any, entries: list[Any], kept: list[int], arrays: list[int]) -> Any:
    """Index arrays applied to `x`, in which the other entries are done.

    The broadcast shape of the arrays stands in place of their axes if they (and ints) are neighbours, else in front.
    """
    shape = shape_of(x)
    axes = [kept.index(i) for i in arrays]
    indices = [_indices(entries[i], shape[axis]) for i, axis in zip(arrays, axes, strict=True)]
    if len(axes) > 1:
        indices = [_confined(index, shape[axis]) for index, axis in zip(indices, axes, strict=True)]
    fancy = [i for i, entry in enumerate(entries) if i in arrays or isinstance(entry, (int, np.integer))]
    together = fancy[-1] - fancy[0] == len(fancy) - 1
    place = sum(i < fancy[0] for i in kept) if together else 0
    if len(axes) == 1 and axes[0] == place:
        return gather(x, indices[0], place)
    others = [a for a in range(len(shape)) if a not in axes]
    x = transpose(x, (*axes, *others))
    x = reshape(x, (sizes.product(shape[a] for a in axes) if len(axes) > 1 else shape[axes[0]], *(shape[a] for a in others)))
    flat = indices[0]
    for axis, following in zip(axes[1:], indices[1:], strict=True):
        flat = add(multiply(flat, shape[axis]), following) if shape[axis] is not None else _unknown(flat, following)
    x = gather(x, flat, 0)
    new = rank_of(x) - len(others)
    front, rest = tuple(range(new)), tuple(range(new, rank_of(x)))
    return transpose(x, (*rest[:place], *front, *rest[place:])) if place else x


def _indices(entry: Any, n: Any) -> Any:
    if not isinstance(entry, _Selected):
        return positions("get_item", entry, n)
    if isinstance(n, int) and n != entry.size:
        raise invalid("get_item", f"a mask of shape ({entry.size},) does not fit an axis of size {n}")
    return entry.found


def _confined(indices: Any, n: Any) -> Any:
    """Indices of one of several axes, treated out of range as the engine treats those of a single one: a place in the flattened axes
    would be that of another row."""
    return indices if isinstance(indices, np.ndarray) or n is None else gather(iota(n, "int32"), indices, 0)


def _unknown(first: Any, second: Any) -> Any:
    """A spec in place of a flat index into axes of unknown size."""
    return broadcast_to(first, broadcast_shapes(np.shape(first), np.shape(second)))


# --- slices at positions that may be tensors ---------------------------------------------------------------------------


@primitive(public="slice", samples=(Sample(f32(4, 5), (1, 2), (2, 3)), Sample(f32(6), array([2], "int32"), (3,)),
                    Sample(f32(4, 5), [array(1, "int32"), 0], [1, 5]), Sample(f32(3), (0,), (0,)), Sample(f32(4), (3,), (3,)),
                    Sample(f32(4, 2), (1, 0), (-1, 2)),
                    Sample(f32(4, 5), (0, 0), (5, 1), error=r"a block of \(5, 1\) does not fit into \(4, 5\)"),
                    Sample(f32(4, 5), (0,), (2, 2), error="one entry for each of the 2 axes")),
           reference=references.dynamic_slice)
def dynamic_slice(engine: Any, inputs: Any, start_indices: Any, shape: Any) -> tuple[Any, ...]:
    """The block of `shape` that begins at `start_indices`; moved so that it lies inside `inputs`.

    Args:
        inputs: a tensor.
        start_indices: one integer for each axis; they may be tensors, or a vector.
        shape: sizes of the block; -1 for all from the start on, which must be known then.

    Raises:
        TypeError: the starts are no integers.
        ValueError: not one number for each axis, or a block that is larger than the inputs.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2))).tolist()
    [[2, 3], [5, 6]]
    >>> ops.convert_to_numpy(ops.slice([1, 2, 3, 4], ops.array([3]), (2,))).tolist()  # moved
    [3, 4]
    """
    x = as_tensor(engine, inputs)
    block = sizes.as_shape("slice", engine, shape)
    starts = _starts("slice", engine, start_indices, len(engine.shape_of(x)))
    if len(block) != len(starts):
        raise invalid("slice", f"shape {block} needs one entry for each of the {len(starts)} axes")
    block = tuple(_rest(n, start) if type(size) is int and size == -1 else size
                  for size, start, n in zip(block, starts, engine.shape_of(x), strict=True))
    for axis, (n, size) in enumerate(zip(engine.shape_of(x), block, strict=True)):
        if isinstance(n, int) and isinstance(size, int) and size > n:
            raise invalid("slice", f"a block of {block} does not fit into {engine.shape_of(x)} (axis {axis})")
    return x, starts, block


def _rest(n: Any, start: Any) -> Any:
    """What is left of an axis from `start` on: the block size -1."""
    known = sizes.whole(start)
    if known is not None:
        return sizes.minus(n, known)
    engine = registry.current()
    if not engine.has_unknown_sizes:
        raise invalid("slice", f"a size of -1 needs a start that is known beforehand, got {start!r}")
    return None if engine.is_abstract else n - engine.cast(start, "int32")


def _starts(name: str, engine: Any, starts: Any, rank: int) -> tuple[Any, ...]:
    """Start positions as a tuple of ints and scalar integer tensors."""
    if isinstance(starts, np.ndarray):
        if starts.dtype.kind not in "iu" and starts.size:
            raise wrong_type(name, f"start_indices must be integers, got {starts.dtype.name}")
        starts = starts.ravel().tolist()
    if isinstance(starts, Variable) or engine.is_tensor(starts):
        vector = as_tensor(engine, starts)
        if not is_integer(engine.dtype_of(vector)):
            raise wrong_type(name, f"start_indices must be integers, got {engine.dtype_of(vector)}")
        n = engine.shape_of(vector)[0] if engine.shape_of(vector) else 1
        if n is None:
            raise invalid(name, "start_indices needs a known size, one entry for each axis; got shape (None,)")
        vector = engine.reshape(vector, (n,))
        entries: list[Any] = [engine.reshape(engine.strided_slice(vector, (i,), (i + 1,), (1,)), ()) for i in range(n)]
    else:
        entries = list(starts) if isinstance(starts, (list, tuple)) else [starts]
        entries = [as_tensor(engine, s) if isinstance(s, Variable) else s if engine.is_tensor(s) else _static(s) for s in entries]
    if len(entries) != rank:
        raise invalid(name, f"start_indices {starts!r} needs one entry for each of the {rank} axes")
    return tuple(integers(name, engine, s) if engine.is_tensor(s) else s for s in entries)


@primitive(public="slice_update", samples=(Sample(f32(4, 5), (1, 2), f32(2, 3)), Sample(f32(6), array([2], "int32"), f32(3)),
                    Sample(f32(4), [array(3, "int32")], f32(2)), Sample(f32(3), (1,), f32(0)),
                    Sample(f32(4), (0,), f32(5), error=r"an update of shape \(5,\) does not fit into \(4,\)"),
                    Sample(f32(0, 2), (0, 0), f32(1, 2), error=r"an update of shape \(1, 2\) does not fit into \(0, 2\)"),
                    Sample(f32(4), array([0.5]), f32(1), error="start_indices must be integers, got float32"),
                    Sample(f32(4), (0, 0), f32(1), error="one entry for each of the 1 axes")),
           reference=references.dynamic_update_slice)
def dynamic_update_slice(engine: Any, inputs: Any, start_indices: Any, updates: Any) -> tuple[Any, ...]:
    """`inputs` with the block `updates` written at `start_indices`, which is moved so that the block lies inside.

    Args:
        inputs: a tensor.
        start_indices: one integer for each axis; they may be tensors, or a vector.
        updates: a tensor of the same rank, cast to the dtype of `inputs`.

    Raises:
        TypeError: the starts are no integers.
        ValueError: not one number for each axis, or a block that is larger than the inputs.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.slice_update([1, 2, 3, 4], (1,), [20, 30])).tolist()
    [1, 20, 30, 4]
    """
    x = as_tensor(engine, inputs)
    updates, shape = as_tensor(engine, updates, engine.dtype_of(x)), engine.shape_of(x)
    block = engine.shape_of(updates)
    if len(block) != len(shape) or any(isinstance(m, int) and isinstance(n, int) and m > n for m, n in zip(block, shape, strict=True)):
        raise invalid("slice_update", f"an update of shape {block} does not fit into {shape}")
    return x, updates, _starts("slice_update", engine, start_indices, len(shape))
