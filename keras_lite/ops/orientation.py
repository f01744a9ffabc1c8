"""Mirror images and quarter turns."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.families import normal_axis
from keras_lite.ops.sample import Sample, boolean, f32, i32
from keras_lite.ops.shaping import flip, swapaxes
from keras_lite.ops.sizes import as_int
from keras_lite.ops.table import op

MIRRORED = (Sample(f32(3, 4)), Sample(f32(2, 3, 2)), Sample(f32(0, 3)), Sample(i32(2, 3)), Sample(boolean(3, 2)))


@op(samples=(*MIRRORED, Sample(f32(3), error=r"x needs at least 2 axes, got shape \(3,\)")))
def fliplr(x: Any) -> Any:
    """`x` with its second axis in reverse order: left and right exchanged.  Raises ValueError for fewer than two axes.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.fliplr([[1, 2], [3, 4]])).tolist()
    [[2, 1], [4, 3]]
    """
    return _flipped("fliplr", x, 1)


@op(samples=(*MIRRORED, Sample(f32(4)), Sample(f32(), error=r"x needs at least 1 axis, got shape \(\)")))
def flipud(x: Any) -> Any:
    """`x` with its first axis in reverse order: up and down exchanged.  Raises ValueError for a scalar.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.flipud([[1, 2], [3, 4]])).tolist()
    [[3, 4], [1, 2]]
    """
    return _flipped("flipud", x, 0)


def _flipped(name: str, x: Any, axis: int) -> Any:
    if rank_of(x) <= axis:
        raise invalid(name, f"x needs at least {axis + 1} {'axes' if axis else 'axis'}, got shape {shape_of(x)}")
    return flip(x, axis)


@op(tensors=("array",), samples=(Sample(f32(2, 3)), Sample(f32(2, 3), 2), Sample(f32(2, 3, 4), k=3, axes=(1, 2)), Sample(f32(2, 3), 4),
                                 Sample(f32(2, 3, 4), -1, (-1, 0)), Sample(f32(0, 3)), Sample(i32(3, 2), 5),
                                 Sample(f32(3), error="axis 1 is out of range"),
                                 Sample(f32(2, 3), axes=(0, -2), error=r"two different axes, got \(0, -2\)"),
                                 Sample(f32(2, 3), axes=(0, 1, 0), error="two different axes"),
                                 Sample(f32(2, 3), axes=1, error="two different axes, got 1"),
                                 Sample(f32(2, 3), k=0.5, error="k must be an int, got 0.5")))
def rot90(array: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """`array` turned by quarters of a circle in the plane of two axes, from the first of them toward the second.

    Args:
        array: a tensor with at least two axes.
        k: number of quarters, an int; negative ones turn the other way.
        axes: the two axes.

    Raises:
        TypeError: `k` is no int.
        ValueError: an axis is out of range, or they are not two different ones.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.rot90([[1, 2], [3, 4]])).tolist()
    [[2, 4], [1, 3]]
    >>> ops.convert_to_numpy(ops.rot90([[1, 2], [3, 4]], k=-1)).tolist()
    [[3, 1], [4, 2]]
    """
    plane = [normal_axis("rot90", a, rank_of(array)) for a in axes] if isinstance(axes, (list, tuple)) else []
    if len(plane) != 2 or plane[0] == plane[1]:
        raise invalid("rot90", f"expected two different axes, got {axes!r}")
    quarters = as_int("rot90", "k", k) % 4
    if quarters in (0, 2):
        return flip(array, tuple(plane)) if quarters else array
    return flip(swapaxes(array, *plane), plane[quarters == 3])
