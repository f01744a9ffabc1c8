"""The same elements in another arrangement."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references, sizes
from keras_lite.ops.core import cast, convert_to_numpy
from keras_lite.ops.data import as_tensor, unify
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.families import NO_TENSOR, normal_axes, normal_axis
from keras_lite.ops.sample import Sample, boolean, c64, f32, i32
from keras_lite.ops.table import op, primitive


@primitive(samples=(Sample(f32(3, 4), (2, 6)), Sample(f32(2, 3, 4), (-1, 4)), Sample(f32(4), [2, 2]), Sample(f32(0, 3), (3, 0)),
                    Sample(f32(), ()), Sample(f32(6), -1), Sample(c64(4, 3), (2, -1)),
                    Sample(f32(3, 4), (5, -1), error=r"\(3, 4\) has 12 elements, which do not fill the shape \(5, -1\)"),
                    Sample(f32(3, 4), (-1, -1), error="at most one size can be -1"),
                    Sample(f32(0, 3), (0, -1), error="-1 beside a size of 0 could be any number")))
def reshape(engine: Any, x: Any, newshape: Any) -> tuple[Any, ...]:
    """`x` in another shape, its elements in the same order.

    Args:
        x: a tensor.
        newshape: sizes of the result; one may be -1 and follows from the rest.

    Raises:
        TypeError: a size is no int.
        ValueError: the elements do not fill the shape, several sizes are -1, or one is beside a 0.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.reshape([[1, 2, 3], [4, 5, 6]], (3, 2))).tolist()
    [[1, 2], [3, 4], [5, 6]]
    >>> ops.convert_to_numpy(ops.reshape([1, 2, 3, 4], (2, -1))).tolist()
    [[1, 2], [3, 4]]
    """
    if newshape.__class__ is tuple and engine.is_tensor(x):  # most calls
        for n in newshape:
            if n.__class__ is not int or n < 0:
                break
        else:
            return x, newshape
    shape, free = sizes.as_shape("reshape", engine, newshape), 0
    if not engine.is_abstract and None in shape:
        shape = tuple(-1 if n is None else n for n in shape)
    for n in shape:
        free += n.__class__ is int and n == -1
    if free > 1:
        raise invalid("reshape", f"at most one size can be -1, got {shape}")
    if free and sizes.is_empty(shape):
        raise invalid("reshape", f"-1 beside a size of 0 could be any number, got {shape}; give all sizes")
    return as_tensor(engine, x), shape


@primitive(samples=(Sample(f32(3, 4)), Sample(f32(2, 3, 4), (1, 2, 0)), Sample(f32(2, 3, 4), axes=(0, -1, 1)),
                    Sample(f32(0, 3), axes=range(2)), Sample(f32()), Sample(c64(2, 3)),
                    Sample(f32(2, 3), (0, 0), error="named twice"), Sample(f32(2, 3), (0,), error=r"axes \(0,\) must name all 2 axes"),
                    Sample(f32(2, 3), -1, error="axes must be a list of all axes, got -1")))
def transpose(engine: Any, x: Any, axes: Any = None) -> tuple[Any, ...]:
    """`x` with its axes in another order: axis i of the result is axis `axes[i]` of `x`.

    Args:
        x: a tensor.
        axes: a list of all axes; None reverses them.

    Raises:
        TypeError: `axes` is no list.
        ValueError: it does not name each axis once.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.transpose([[1, 2, 3], [4, 5, 6]])).tolist()
    [[1, 4], [2, 5], [3, 6]]
    >>> ops.shape(ops.transpose(np.zeros((2, 3, 4)), (1, 2, 0)))
    (3, 4, 2)
    """
    x = as_tensor(engine, x)
    rank = len(engine.shape_of(x))
    if axes is None:
        return x, tuple(range(rank - 1, -1, -1))
    if not isinstance(axes, (list, tuple, range, np.ndarray)):
        raise wrong_type("transpose", f"axes must be a list of all axes, got {axes!r}")
    if len(axes) != rank:
        raise invalid("transpose", f"axes {tuple(axes)} must name all {rank} axes of shape {engine.shape_of(x)}")
    normal_axes("transpose", list(axes), rank)  # refuses repetitions
    return x, tuple(normal_axis("transpose", a, rank) for a in axes)


@primitive(samples=(Sample(f32(3, 1), (3, 4)), Sample(f32(4), (2, 3, 4)), Sample(f32(1, 0), (3, 0)), Sample(f32(), (2,)),
                    Sample(f32(3), (4,), error=r"\(3,\) does not broadcast to \(4,\)"),
                    Sample(f32(2), (2, -1), error="all sizes must be known")))
def broadcast_to(engine: Any, x: Any, shape: Any) -> tuple[Any, ...]:
    """`x` repeated along axes of size 1 and new leading axes.

    Args:
        x: a tensor.
        shape: shape of the result.

    Raises:
        ValueError: that of `x` does not broadcast to it.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.broadcast_to([[1], [2]], (2, 3))).tolist()
    [[1, 1, 1], [2, 2, 2]]
    >>> ops.convert_to_numpy(ops.broadcast_to([1, 2], (2, 2))).tolist()
    [[1, 2], [1, 2]]
    """
    return as_tensor(engine, x), sizes.known_shape("broadcast_to", engine, shape)


@primitive(samples=(Sample([f32(2, 3), f32(4, 3)]), Sample([f32(0), f32(2, 3)], axis=0, error="ranks differ"),
                    Sample([f32(2, 3), f32(2, 1), f32(2, 2)], axis=-1),
                    Sample([f32(0, 3), f32(2, 3)], axis=0),
                    Sample([i32(2), f32(3)]), Sample([f32(3)]), Sample([c64(2), f32(3)]),
                    Sample([f32(2, 3), f32(2, 4)], error="sizes of axis 1 differ"),
                    Sample([f32(2), f32(2, 1)], error="ranks differ"), Sample([f32(0), f32(2, 1)], error="ranks differ"),
                    Sample([], error="at least one tensor"),
                    Sample([f32()], error="axis 0 is out of range")))
def concatenate(engine: Any, xs: Any, axis: int = 0) -> tuple[Any, ...]:
    """Tensors joined along one of their axes, in their common dtype.

    Args:
        xs: a list of tensors which differ in the size of that axis alone; one tensor stands for its slices.
        axis: the axis.

    Raises:
        ValueError: the list is empty, other axes differ, or `axis` is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.concatenate([[1, 2], [3.5]])).tolist()
    [1.0, 2.0, 3.5]
    >>> ops.convert_to_numpy(ops.concatenate([[[1], [2]], [[3], [4]]], axis=1)).tolist()
    [[1, 3], [2, 4]]
    """
    tensors = _several("concatenate", engine, xs)
    return tensors, normal_axis("concatenate", axis, len(engine.shape_of(tensors[0])))


def _several(name: str, engine: Any, xs: Any) -> list[Any]:
    if not isinstance(xs, (list, tuple)):
        xs = unstack_rows(engine, as_tensor(engine, xs))
    if not xs:
        raise invalid(name, "at least one tensor is needed, got none")
    return unify(engine, list(xs))


def unstack_rows(engine: Any, x: Any) -> list[Any]:
    """The slices of a tensor along its first axis, whose size is known."""
    shape = engine.shape_of(x)
    if not shape or not isinstance(shape[0], int):
        raise invalid("unstack", f"the first axis must have a known size, got shape {shape}")
    rest = shape[1:]
    starts, ones = (0,) * len(rest), (1,) * len(rest)
    return [engine.reshape(engine.strided_slice(x, (i, *starts), (i + 1, *rest), (1, *ones)), rest) for i in range(shape[0])]


@op(tensors=(), samples=(Sample([f32(3), f32(3)]), Sample([f32(2, 3), f32(2, 3)], axis=1), Sample([f32(2), i32(2)], axis=-1),
                         Sample([f32(0, 2)]), Sample([f32(), 1.0]),
                         Sample([f32(2), f32(3)], error="sizes of axis 1 differ"),
                         Sample([f32(2)], axis=2, error="axis 2 is out of range")))
def stack(x: Any, axis: int = 0) -> Any:
    """Tensors joined along a new axis, in their common dtype.

    Args:
        x: a list of tensors, all of one shape; one tensor stands for its slices.
        axis: position of the new axis in the result.

    Raises:
        ValueError: the list is empty, the shapes differ, or `axis` is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.stack([[1, 2], [3, 4]])).tolist()
    [[1, 2], [3, 4]]
    >>> ops.convert_to_numpy(ops.stack([[1, 2], [3, 4]], axis=1)).tolist()
    [[1, 3], [2, 4]]
    """
    if not isinstance(x, (list, tuple)):
        x = unstack(x)
    if not x:
        raise invalid("stack", "at least one tensor is needed, got none")
    return concatenate([expand_dims(item, axis) for item in x], axis)


@op(samples=(Sample(f32(3, 4)), Sample(f32(2, 3, 2), axis=1), Sample(f32(2, 0), axis=-1), Sample(f32(3, 2), 3),
             Sample(f32(3, 2), 2, error="num=2, but axis 0 of shape .* has size 3")), reference=references.unstack)
def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """List of the slices of `x` along an axis, without that axis.

    Args:
        x: a tensor.
        num: size of the axis, needed where that is unknown.
        axis: the axis.

    Raises:
        ValueError: `axis` is out of range, or its size is unknown or not `num`.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(part).tolist() for part in ops.unstack([[1, 2], [3, 4]], axis=1)]
    [[1, 3], [2, 4]]
    """
    shape = shape_of(x)
    axis = normal_axis("unstack", axis, len(shape))
    length = shape[axis] if isinstance(shape[axis], int) else num
    if not isinstance(length, int):
        raise invalid("unstack", f"axis {axis} of shape {shape} has no known size; give `num`")
    if num is not None and num != length:
        raise invalid("unstack", f"num={num}, but axis {axis} of shape {shape} has size {length}")
    rest = shape[:axis] + shape[axis + 1:]
    return [reshape(part_of(x, axis, i, i + 1), rest) for i in range(length)]


def part_of(x: Any, axis: int, start: Any, stop: Any, step: int = 1) -> Any:
    """`x[start:stop:step]` along one axis, 0 <= start <= stop <= size."""
    shape = shape_of(x)
    starts, stops, steps = [0] * len(shape), list(shape), [1] * len(shape)
    starts[axis], stops[axis], steps[axis] = start, stop, step
    return strided_slice(x, tuple(starts), tuple(stops), tuple(steps))


@primitive(samples=(Sample(f32(4, 5), (1, 0), (3, 5), (1, 2)), Sample(f32(6), (0,), (6,), (4,)), Sample(f32(3), (1,), (1,), (1,)),
                    Sample(c64(5), (1,), (5,), (2,)),
                    Sample("text", (0,), (1,), (1,), error="expected a tensor")), reference=references.strided_slice)
def strided_slice(engine: Any, x: Any, starts: Any, stops: Any, steps: Any) -> tuple[Any, ...]:
    """`x[starts[0]:stops[0]:steps[0], ...]` with one entry for each axis, 0 <= start <= stop <= size and step >= 1."""
    return as_tensor(engine, x), tuple(starts), tuple(stops), tuple(steps)


@primitive(samples=(Sample(f32(3, 4)), Sample(f32(2, 3, 4), axis=1), Sample(f32(2, 3), axis=(0, -1)), Sample(f32(0, 2), axis=0),
                    Sample(boolean(3)),
                    Sample(f32(2), axis=1, error="axis 1 is out of range")))
def flip(engine: Any, x: Any, axis: Any = None) -> tuple[Any, ...]:
    """`x` in reverse order along one or more axes.

    Args:
        x: a tensor.
        axis: an int, several in a tuple, or None for all axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.flip([[1, 2], [3, 4]])).tolist()
    [[4, 3], [2, 1]]
    >>> ops.convert_to_numpy(ops.flip([[1, 2], [3, 4]], axis=1)).tolist()
    [[2, 1], [4, 3]]
    """
    x = as_tensor(engine, x)
    return x, normal_axes("flip", axis, len(engine.shape_of(x)))


# --- rank ----------------------------------------------------------------------------------------------------------------


@op(samples=(Sample(f32(3, 4), 0), Sample(f32(3, 4), -1), Sample(f32(3), (0, 2)), Sample(f32(0), 1), Sample(f32(), 0),
             Sample(f32(3), 2, error="axis 2 is out of range")))
def expand_dims(x: Any, axis: Any) -> Any:
    """`x` with new axes of size 1.

    Args:
        x: a tensor.
        axis: their positions in the result, an int or several in a tuple.

    Raises:
        ValueError: a position is out of range or named twice.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.expand_dims([1, 2], -1)).tolist(), ops.shape(ops.expand_dims([1, 2], (0, 2)))
    ([[1], [2]], (1, 2, 1))
    """
    shape = shape_of(x)
    rank = len(shape) + (len(axis) if isinstance(axis, (list, tuple)) else 1)
    new = normal_axes("expand_dims", axis, rank)
    rest = iter(shape)
    return reshape(x, tuple(1 if i in new else next(rest) for i in range(rank)))


@op(samples=(Sample(f32(3, 1, 4, 1)), Sample(f32(1, 3, 1), axis=0), Sample(f32(1, 3, 1), axis=(0, -1)), Sample(f32(1, 0), axis=0),
             Sample(f32(3, 1), axis=0, error=r"axis 0 of shape \(3, 1\) has size 3, not 1")))
def squeeze(x: Any, axis: Any = None) -> Any:
    """`x` without some of its axes of size 1.

    Args:
        x: a tensor.
        axis: the axes, an int or several in a tuple; None for all that are known to have size 1.

    Raises:
        ValueError: an axis is out of range, named twice or of another size.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.squeeze([[[1], [2]]])).tolist()
    [1, 2]
    >>> ops.convert_to_numpy(ops.squeeze([[[1], [2]]], axis=0)).tolist()
    [[1], [2]]
    """
    shape = shape_of(x)
    if axis is None:
        gone = tuple(i for i, n in enumerate(shape) if isinstance(n, int) and n == 1)
    else:
        gone = normal_axes("squeeze", axis, len(shape))
    wrong = next((i for i in gone if isinstance(shape[i], int) and shape[i] != 1), None)
    if wrong is not None:
        raise invalid("squeeze", f"axis {wrong} of shape {shape} has size {shape[wrong]}, not 1")
    return reshape(x, tuple(n for i, n in enumerate(shape) if i not in gone))


@op(samples=(Sample(f32(3, 4)), Sample(f32()), Sample(f32(2, 0)), NO_TENSOR))
def ravel(x: Any) -> Any:
    """All elements of `x` in one axis, the last axis running fastest.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.ravel([[1, 2], [3, 4]])).tolist(), ops.convert_to_numpy(ops.ravel(5)).tolist()
    ([1, 2, 3, 4], [5])
    """
    return reshape(x, (-1,)) if shape_of(x) else reshape(x, (1,))


@op(samples=(Sample(f32(2, 3, 4), 0, 2), Sample(f32(2, 3), -1, 0), Sample(f32(0, 3), 0, 1),
             Sample(f32(2, 3), 0, 2, error="axis 2 is out of range")))
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """`x` with two of its axes exchanged.

    Args:
        x: a tensor.
        axis1, axis2: the two axes.

    Raises:
        ValueError: an axis is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.swapaxes([[1, 2, 3], [4, 5, 6]], 0, 1)).tolist()
    [[1, 4], [2, 5], [3, 6]]
    """
    order = list(range(rank_of(x)))
    a, b = normal_axis("swapaxes", axis1, len(order)), normal_axis("swapaxes", axis2, len(order))
    order[a], order[b] = b, a
    return transpose(x, tuple(order))


@op(samples=(Sample(f32(2, 3, 4), 0, -1), Sample(f32(2, 3, 4), (0, 1), (2, 0)), Sample(f32(0, 3), 1, 0),
             Sample(f32(2, 3), (0, 1), (0,), error="as many"), Sample(f32(2, 3), 2, 0, error="axis 2 is out of range")))
def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """`x` with some of its axes at other positions; the others keep their order.

    Args:
        x: a tensor.
        source: the axes, an int or several.
        destination: their positions in the result, as many.

    Raises:
        ValueError: one is out of range or named twice, or there are not as many of both.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.shape(ops.moveaxis(np.zeros((2, 3, 4)), 0, -1))
    (3, 4, 2)
    >>> ops.shape(ops.moveaxis(np.zeros((2, 3, 4)), (0, 2), (1, 0)))
    (4, 2, 3)
    """
    rank = rank_of(x)
    sources, places = (list(a) if isinstance(a, (list, tuple)) else [a] for a in (source, destination))
    if len(sources) != len(places):
        raise invalid("moveaxis", f"`source` and `destination` must name as many axes, got {source!r} and {destination!r}")
    normal_axes("moveaxis", sources, rank), normal_axes("moveaxis", places, rank)  # refuses repetitions
    sources, places = ([normal_axis("moveaxis", a, rank) for a in axes] for axes in (sources, places))
    order = [a for a in range(rank) if a not in sources]
    for place, a in sorted(zip(places, sources, strict=True)):
        order.insert(place, a)
    return transpose(x, tuple(order))


# --- repetition ----------------------------------------------------------------------------------------------------------


@op(samples=(Sample(f32(2, 3), (2, 1)), Sample(f32(3), 2), Sample(f32(2), (2, 3)), Sample(f32(2, 3), (2,)), Sample(f32(0, 2), (2, 2)),
             Sample(f32(2), (0,)),
             Sample(f32(2), (-1,), error="repeats must be ints that are not negative"),
             Sample(f32(2), 1.5, error="repeats must be ints that are not negative, got 1.5"), Sample(f32(2), np.array([2, 1]))))
def tile(x: Any, repeats: Any) -> Any:
    """`x` repeated as a whole along its axes.

    Args:
        x: a tensor.
        repeats: how often along each axis, an int for the last one; the shorter one of `repeats` and the shape gets ones in front.

    Raises:
        ValueError: a number is negative or no int.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.tile([1, 2], 3)).tolist()
    [1, 2, 1, 2, 1, 2]
    >>> ops.convert_to_numpy(ops.tile([[1, 2]], (2, 2))).tolist()
    [[1, 2, 1, 2], [1, 2, 1, 2]]
    """
    counts = _repeats("tile", repeats)
    shape = shape_of(x)
    rank = max(len(shape), len(counts))
    shape, counts = (1,) * (rank - len(shape)) + tuple(shape), (1,) * (rank - len(counts)) + counts
    blocks = [n for pair in zip(counts, shape, strict=True) for n in pair]
    x = reshape(x, tuple(n for size in shape for n in (1, size)))
    return reshape(broadcast_to(x, tuple(blocks)), tuple(map(sizes.times, counts, shape)))


def _repeats(name: str, repeats: Any) -> tuple[Any, ...]:
    """Numbers of repetitions."""
    engine = registry.current()
    given: Any
    if isinstance(repeats, (list, tuple)):
        given = repeats
    elif sizes.is_scalar(engine, repeats):
        given = [repeats]
    elif engine.has_unknown_sizes and engine.is_tensor(repeats) and len(engine.shape_of(repeats)) == 1:
        given = sizes.entries(name, engine, repeats)
    else:
        given = np.ravel(convert_to_numpy(repeats))
    if not all(sizes.is_unknown(n) or (sizes.whole(n) is not None and n >= 0) for n in given):
        known = ", known beforehand" if any(engine.is_tensor(n) for n in given) else ""
        raise invalid(name, f"repeats must be ints that are not negative{known}, got {repeats!r}")
    return tuple(sizes.as_count(name, "each of repeats", n) for n in given)


@op(samples=(Sample(f32(2, 3), 2), Sample(f32(2, 3), 3, axis=1), Sample(f32(3, 2), [2, 0, 1], axis=0), Sample(f32(0, 3), 2, axis=1),
             Sample(f32(2, 3), [2], axis=-1), Sample(f32(), 3),
             Sample(f32(3, 2), [1, 2], axis=0, error="2 repeats for axis 0 of size 3"),
             Sample(f32(2), [1, 0.5], error=r"repeats must be ints that are not negative, got \[1, 0.5\]")))
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each element of `x` repeated in its place.

    Args:
        x: a tensor.
        repeats: how often, one int or one for each element along the axis.
        axis: the axis, or None for the flattened tensor.

    Raises:
        ValueError: `axis` is out of range, or a number is negative or no int, or there are not as many as elements.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.repeat([[1, 2], [3, 4]], 2)).tolist()
    [1, 1, 2, 2, 3, 3, 4, 4]
    >>> ops.convert_to_numpy(ops.repeat([[1, 2], [3, 4]], [1, 2], axis=0)).tolist()
    [[1, 2], [3, 4], [3, 4]]
    """
    from keras_lite.ops.indexing import gather

    if axis is None:
        x, axis = ravel(x), 0
    shape = shape_of(x)
    axis = normal_axis("repeat", axis, len(shape))
    if _is_later_vector(repeats):
        return gather(x, _repeated(broadcast_to(cast(repeats, "int32"), (shape[axis],))), axis)
    counts = _repeats("repeat", repeats)
    if len(counts) == 1:
        x = broadcast_to(expand_dims(x, axis + 1), (*shape[:axis + 1], counts[0], *shape[axis + 1:]))
        return reshape(x, (*shape[:axis], sizes.times(shape[axis], counts[0]), *shape[axis + 1:]))
    if isinstance(shape[axis], int) and shape[axis] != len(counts):
        raise invalid("repeat", f"{len(counts)} repeats for axis {axis} of size {shape[axis]}")
    if not all(isinstance(n, int) for n in counts):
        engine = registry.current()
        return gather(x, _repeated(stack([as_tensor(engine, sizes.number(n), "int32") for n in counts])), axis)
    return gather(x, np.repeat(np.arange(len(counts), dtype="int32"), counts), axis)


def _is_later_vector(repeats: Any) -> bool:
    """Whether numbers of repetitions are a tensor of which not even the length is known."""
    engine = registry.current()
    return engine.has_unknown_sizes and engine.is_tensor(repeats) and not all(isinstance(n, int) for n in engine.shape_of(repeats))


def _repeated(counts: Any) -> Any:
    """0, 1, ... each as often as the int32 vector `counts` says, whose values are not known yet."""
    engine = registry.current()
    total = None if engine.is_abstract else engine.reduce_sum(counts, (0,), False)
    return engine.searchsorted(engine.cumsum(counts, 0), engine.iota(total, "int32"), "right")


# --- parts and their order -----------------------------------------------------------------------------------------------


@op(samples=(Sample(f32(6, 2), 3), Sample(f32(5, 2), [1, 3]), Sample(f32(2, 6), 2, axis=1), Sample(f32(0, 2), 2),
             Sample(f32(4, 2), [3, 1, -1]),
             Sample(f32(5), 2, error="size 5 can't be divided into 2 equal parts"),
             Sample(f32(5), 2, axis=1, error="axis 1 is out of range"),
             Sample(f32(5), 1.7, error="the number of parts must be an int, got 1.7"),
             Sample(f32(5), "a", error="the number of parts must be an int, got 'a'"),
             Sample(f32(0), 2**40, error="1099511627776 parts are too many: each of them is a tensor"),
             Sample(f32(5), [1, 2.5], error="each index must be an int, got 2.5"),
             Sample(f32(4), 2, axis=True, error="axis must be an int, got True")))
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """List of parts of `x` along an axis.

    Args:
        x: a tensor.
        indices_or_sections: a number of equal parts; or a list of the indices at which the second part and the following ones begin.
        axis: the axis.

    Raises:
        TypeError: a number is no int.
        ValueError: `axis` is out of range, or its size is not divisible into so many parts.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(part).tolist() for part in ops.split([0, 1, 2, 3, 4, 5], 3)]
    [[0, 1], [2, 3], [4, 5]]
    >>> [ops.convert_to_numpy(part).tolist() for part in ops.split([0, 1, 2, 3, 4, 5], [2, 3])]
    [[0, 1], [2], [3, 4, 5]]
    """
    shape = shape_of(x)
    axis = normal_axis("split", axis, len(shape))
    n = shape[axis]
    if isinstance(indices_or_sections, (list, tuple)) or np.ndim(indices_or_sections):
        engine, indices = registry.current(), indices_or_sections
        indices = sizes.entries("split", engine, indices) if engine.has_unknown_sizes and engine.is_tensor(indices) else indices
        inner = [sizes.place(sizes.as_count("split", "each index", i), n) for i in indices]
    else:
        parts = sizes.as_parts("split", indices_or_sections)
        step = sizes.divided("split", n, parts)
        inner = [sizes.times(step, i) for i in range(1, parts)]
    starts, stops = [0, *inner], [*inner, n]
    return [part_of(x, axis, start, sizes.larger(stop, start)) for start, stop in zip(starts, stops, strict=True)]


@op(samples=(Sample(f32(3, 4), 1), Sample(f32(3, 4), -2, axis=1), Sample(f32(3, 4), (1, 2), axis=(0, 1)), Sample(f32(0, 3), 2, axis=0),
             Sample(i32(5), 7, axis=0),
             Sample(f32(3), (1, 2), axis=0, error="as many"), Sample(f32(3), 1.5, error="shift must be an int, got 1.5")))
def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """`x` with its elements moved, those that fall off at one end coming in again at the other.

    Args:
        x: a tensor.
        shift: by how many places, toward the end if positive; an int, or one for each axis.
        axis: an int, several in a tuple, or None for the flattened tensor.

    Raises:
        TypeError: a shift is no int.
        ValueError: an axis is out of range, or there are not as many shifts.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.roll([1, 2, 3, 4], 1)).tolist()
    [4, 1, 2, 3]
    >>> ops.convert_to_numpy(ops.roll([[1, 2, 3], [4, 5, 6]], -1, axis=1)).tolist()
    [[2, 3, 1], [5, 6, 4]]
    """
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), shape_of(x))
    axes = list(axis) if isinstance(axis, (list, tuple)) else [axis]
    steps = list(shift) if isinstance(shift, (list, tuple)) else [shift] * len(axes)
    if len(axes) != len(steps):
        raise invalid("roll", f"`shift` and `axis` must have as many entries, got {shift!r} and {axis!r}")
    for a, step in zip(axes, steps, strict=True):
        a = normal_axis("roll", a, rank_of(x))
        shape, step = shape_of(x), sizes.as_count("roll", "shift", step)
        n = shape[a]
        if n is not None and step is not None and not sizes.is_empty((n,)):
            cut = -step % sizes.larger(n, 1)
            x = concatenate([part_of(x, a, cut, n), part_of(x, a, 0, cut)], a)
            x = x if isinstance(cut, int) else reshape(x, shape)  # whose known sizes the parts have lost
    return x
