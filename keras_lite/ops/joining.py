"""Tensors joined and divided along axes that go by a name: horizontal, vertical, depth."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops.arithmetic import minimum
from keras_lite.ops.data import as_tensor, unify
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.families import normal_axis
from keras_lite.ops.sample import Sample, boolean, f32, i32
from keras_lite.ops.shaping import concatenate, part_of, ravel, reshape, split, unstack
from keras_lite.ops.sizes import as_parts
from keras_lite.ops.table import op

PILES = (Sample([f32(3), f32(3)]), Sample([f32(2, 3, 4), f32(2, 3, 4)]), Sample([f32(2, 3), i32(2, 3)]), Sample([f32(), 1.5]),
         Sample([f32(0, 3), f32(0, 3)]), Sample(f32(3, 2, 4)), Sample([boolean(4)]),
         Sample([f32(2, 3), f32(2, 3, 4)], error="ranks differ"), Sample([], error="at least one tensor is needed, got none"),
         Sample(None, error="xs must be a list of tensors, got None"))


@op(tensors=("x1", "x2"), samples=(Sample(f32(2, 3), f32(4)), Sample(f32(2, 3), f32(2, 1), axis=-1), Sample(f32(0, 3), f32(2, 3), axis=0),
                                   Sample(f32(), 2.5), Sample(i32(3), f32(2)), Sample(boolean(2), boolean(3), axis=0),
                                   Sample(f32(2, 3), f32(3), axis=0, error="ranks differ"),
                                   Sample(f32(3), f32(3), axis=1, error="axis 1 is out of range")))
def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """`x2` behind `x1`, in their common dtype, along `axis`; both are flattened if it is None.

    Args:
        x1, x2: tensors.
        axis: the axis that grows; with None both are flattened first.

    Raises:
        ValueError: `axis` is out of range, or the other axes differ.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.append([1, 2], [[3.5]])).tolist()
    [1.0, 2.0, 3.5]
    >>> ops.convert_to_numpy(ops.append([[1, 2]], [[3, 4]], axis=0)).tolist()
    [[1, 2], [3, 4]]
    """
    if axis is None:
        x1, x2, axis = ravel(x1), ravel(x2), 0
    return concatenate([x1, x2], axis)


# --- one beside the other ------------------------------------------------------------------------------------------------


def _pile(name: str, xs: Any) -> list[Any]:
    """Tensors of one dtype from a list, or the slices of a tensor along its first axis."""
    engine = registry.current()
    if not isinstance(xs, (list, tuple)):
        xs = unstack(as_tensor(engine, xs))
    if not xs:
        raise invalid(name, "at least one tensor is needed, got none")
    return unify(engine, list(xs))


@op(tensors=(), samples=(*PILES, Sample([f32(2), f32(3)]), Sample([f32(2, 1), f32(2, 3)])))
def hstack(xs: Any) -> Any:
    """The tensors of the list `xs` joined along the second axis; vectors and scalars along the first, their only one.

    One tensor stands for its slices.  Raises ValueError where the list is empty or the other axes differ.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.hstack([[1, 2], [3]])).tolist()
    [1, 2, 3]
    >>> ops.convert_to_numpy(ops.hstack([[[1], [2]], [[3], [4]]])).tolist()
    [[1, 3], [2, 4]]
    """
    tensors = [reshape(x, (1,)) if rank_of(x) == 0 else x for x in _pile("hstack", xs)]
    return concatenate(tensors, 0 if rank_of(tensors[0]) == 1 else 1)


@op(tensors=(), samples=(*PILES, Sample([f32(2, 3), f32(3)]), Sample([f32(1, 2), f32(3, 2)])))
def vstack(xs: Any) -> Any:
    """The tensors of the list `xs` joined along the first axis, vectors and scalars as rows.

    One tensor stands for its slices.  Raises ValueError where the list is empty or the other axes differ.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.vstack([[1, 2], [[3, 4], [5, 6]]])).tolist()
    [[1, 2], [3, 4], [5, 6]]
    """
    return concatenate([reshape(x, (1, *(shape_of(x) or (1,)))) if rank_of(x) < 2 else x for x in _pile("vstack", xs)], 0)


@op(tensors=(), samples=(*PILES[:-3], *PILES[-2:], Sample([f32(2, 3), f32(2, 3, 4)]),
                         Sample([f32(2), f32(3)], error="sizes of axis 1 differ")))
def dstack(xs: Any) -> Any:
    """The tensors of the list `xs` joined along the third axis: matrices get it with size 1, and vectors (n,) become (1, n, 1).

    One tensor stands for its slices.  Raises ValueError where the list is empty or the other axes differ.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.dstack([[1, 2], [3, 4]])).tolist()
    [[[1, 3], [2, 4]]]
    >>> ops.convert_to_numpy(ops.dstack([[[1], [2]], [[3], [4]]])).tolist()
    [[[1, 3]], [[2, 4]]]
    """
    return concatenate([_deep(x) for x in _pile("dstack", xs)], 2)


def _deep(x: Any) -> Any:
    shape = shape_of(x)
    return x if len(shape) > 2 else reshape(x, (*shape, 1) if len(shape) == 2 else (1, *(shape or (1,)), 1))


# --- parts ---------------------------------------------------------------------------------------------------------------


@op(samples=(Sample(f32(7, 2), 3), Sample(f32(2, 5), 2, axis=1), Sample(f32(2), 4), Sample(f32(0, 2), 2), Sample(f32(5, 2), [1, 3]),
             Sample(i32(6), 6), Sample(f32(5), 0, error="the number of parts must be an int of at least 1, got 0"),
             Sample(f32(5), 2.5, error="the number of parts must be an int of at least 1, got 2.5"),
             Sample(f32(5), 2**40, error="1099511627776 parts are too many: each of them is a tensor"),
             Sample(f32(5), 2, axis=1, error="axis 1 is out of range")))
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """List of parts of `x` along an axis, which need not be of one size.

    Args:
        x: a tensor.
        indices_or_sections: the number of parts, of which the first ones are longer by one where the size is not divisible; or a list
            of the indices at which the second part and the following ones begin.
        axis: the axis.

    Raises:
        TypeError: the number of parts is no int.
        ValueError: it is below 1, or `axis` is out of range.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(part).tolist() for part in ops.array_split([0, 1, 2, 3, 4], 2)]
    [[0, 1, 2], [3, 4]]
    """
    if np.ndim(indices_or_sections):
        return split(x, indices_or_sections, axis)
    count = as_parts("array_split", indices_or_sections, 1)
    axis = normal_axis("array_split", axis, rank_of(x))
    bounds = _even_bounds(shape_of(x)[axis], count)
    return [part_of(x, axis, start, stop) for start, stop in itertools.pairwise(bounds)]


def _even_bounds(n: Any, count: int) -> list[Any]:
    """Where `count` parts of an axis begin and end; 0 is known even if `n` is not."""
    if n is None:
        return [0, *[None] * count]
    smaller = min if isinstance(n, int) else minimum
    return [0, *(n // count * i + smaller(n % count, i) for i in range(1, count)), n]


def _split_along(name: str, x: Any, indices_or_sections: Any, axis: int, rank: int) -> list[Any]:
    if rank_of(x) < rank:
        raise invalid(name, f"x needs at least {rank} {'axis' if rank == 1 else 'axes'}, got shape {shape_of(x)}")
    return split(x, indices_or_sections, axis)


@op(samples=(Sample(f32(3, 4), 2), Sample(f32(6), 3), Sample(f32(2, 5, 2), [1, 4]), Sample(f32(2, 0), 2), Sample(i32(2, 3), [2]),
             Sample(f32(), 1, error=r"at least 1 axis, got shape \(\)"), Sample(f32(2, 3), 2, error="size 3 can't be divided into 2")))
def hsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """`split` of `x` along the second axis, or the only one; `indices_or_sections` says how many parts, or at which indices they begin.

    Args:
        x: a tensor, no scalar.
        indices_or_sections: a number of equal parts; or a list of the indices at which the second part and the following ones begin.

    Raises:
        TypeError: a number is no int.
        ValueError: `x` is a scalar, or the size of the axis is not divisible into so many parts.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(part).tolist() for part in ops.hsplit([[1, 2, 3], [4, 5, 6]], [1])]
    [[[1], [4]], [[2, 3], [5, 6]]]
    """
    return _split_along("hsplit", x, indices_or_sections, 0 if rank_of(x) == 1 else 1, 1)


@op(samples=(Sample(f32(4, 3), 2), Sample(f32(6, 2, 2), 3), Sample(f32(5, 2), [1, 4]), Sample(f32(0, 2), 2), Sample(i32(3, 2), [2]),
             Sample(f32(4), 2, error=r"at least 2 axes, got shape \(4,\)"), Sample(f32(3, 2), 2, error="size 3 can't be divided into 2")))
def vsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """`split` of `x` along the first of at least two axes; `indices_or_sections` says how many parts, or at which indices they begin.

    Args:
        x: a tensor with at least two axes.
        indices_or_sections: a number of equal parts; or a list of the indices at which the second part and the following ones begin.

    Raises:
        TypeError: a number is no int.
        ValueError: `x` has fewer axes, or the size of the axis is not divisible into so many parts.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(part).tolist() for part in ops.vsplit([[1, 2], [3, 4]], 2)]
    [[[1, 2]], [[3, 4]]]
    """
    return _split_along("vsplit", x, indices_or_sections, 0, 2)


@op(samples=(Sample(f32(2, 3, 4), 2), Sample(f32(1, 2, 6, 2), 3), Sample(f32(2, 1, 5), [1, 4]), Sample(f32(2, 3, 0), 2),
             Sample(i32(1, 2, 3), [2]), Sample(f32(2, 4), 2, error=r"at least 3 axes, got shape \(2, 4\)"),
             Sample(f32(2, 2, 3), 2, error="size 3 can't be divided into 2")))
def dsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """`split` of `x` along the third axis; `indices_or_sections` says how many parts, or at which indices they begin.

    Args:
        x: a tensor with at least three axes.
        indices_or_sections: a number of equal parts; or a list of the indices at which the second part and the following ones begin.

    Raises:
        TypeError: a number is no int.
        ValueError: `x` has fewer axes, or the size of the axis is not divisible into so many parts.

    >>> from keras_lite import ops
    >>> [ops.convert_to_numpy(part).tolist() for part in ops.dsplit([[[1, 2, 3]]], [2])]
    [[[[1, 2]]], [[[3]]]]
    """
    return _split_along("dsplit", x, indices_or_sections, 2, 3)
