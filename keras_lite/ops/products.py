"""Products that are no contractions: cross product, Kronecker product, powers."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import equal, multiply, subtract, where
from keras_lite.ops.creation import iota
from keras_lite.ops.elementwise import negative
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.families import normal_axis
from keras_lite.ops.reductions import cumprod
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.shaping import expand_dims, flip, moveaxis, reshape, stack, transpose, unstack
from keras_lite.ops.table import op

PAIR = ("x1", "x2")


@op(tensors=PAIR, samples=(
    Sample(f32(4, 3), f32(3)), Sample(f32(3, 5), f32(5, 3), axisa=0, axisc=0), Sample(f32(2, 3, 4), f32(2, 3, 4), axis=1),
    Sample(f32(2), f32(2)), Sample(f32(2, 2), f32(3)), Sample(f32(3, 2), f32(2, 1), 0, axisb=0, axisc=-2), Sample(f32(0, 3), f32(3)),
    Sample(i32(3), i32(2, 3)), Sample(array([1e-30, 0.0, 2e20]), array([1e20, -3.0, 1e-30])), Sample(f32(5, 2), f32(2)),
    Sample(f32(4), f32(4), error=r"axis 0 of x1 must have size 2 or 3, got shape \(4,\)"),
    Sample(f32(3), f32(3, 4), axisb=2, error="axis 2 is out of range"), Sample(boolean(3), boolean(3), error="not defined for bools"),
    Sample(f32(2, 3), f32(4, 3), error="do not broadcast")))
def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """Cross products of the vectors in `x1` and `x2`, whose other axes broadcast.

    A vector of two components has 0 as its third; of two such, the result is that component alone.

    Args:
        x1, x2: tensors of vectors.
        axisa: axis of the vectors in `x1`, of size 2 or 3.
        axisb: axis of the vectors in `x2`, of size 2 or 3.
        axisc: axis of the vectors in the result.
        axis: stands for all three if given.

    Raises:
        ValueError: an axis is out of range or has another size.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.cross([1, 0, 0], [[0, 1, 0], [0, 0, 1]])).tolist()
    [[0, 0, 1], [0, -1, 0]]
    >>> int(ops.cross([1, 2], [3, 4]))
    -2
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = _components("x1", x1, axisa), _components("x2", x2, axisb)
    third = subtract(multiply(a[0], b[1]), multiply(a[1], b[0]))
    if len(a) == len(b) == 2:
        return third
    if len(b) == 2:
        first, second = negative(multiply(a[2], b[1])), multiply(a[2], b[0])
    elif len(a) == 2:
        first, second = multiply(a[1], b[2]), negative(multiply(a[0], b[2]))
    else:
        first = subtract(multiply(a[1], b[2]), multiply(a[2], b[1]))
        second = subtract(multiply(a[2], b[0]), multiply(a[0], b[2]))
    return moveaxis(stack([first, second, third], -1), -1, axisc)


def _components(name: str, x: Any, axis: int) -> list[Any]:
    """The slices along the axis of the vectors."""
    axis = normal_axis("cross", axis, rank_of(x))
    if shape_of(x)[axis] not in (2, 3):
        raise invalid("cross", f"axis {axis} of {name} must have size 2 or 3, got shape {shape_of(x)}; the size must be known")
    return unstack(x, axis=axis)


@op(tensors=PAIR, samples=(Sample(f32(2, 3), f32(4, 5)), Sample(f32(3), f32(2, 2)), Sample(f32(2, 1, 3), f32(2)), Sample(f32(2, 2), 3.0),
                           Sample(f32(2, 3, 2), f32(2, 1, 3)), Sample(f32(), f32()),
                           Sample(f32(0, 2), f32(3, 3)), Sample(i32(2, 2), i32(3)), Sample(boolean(2), boolean(3)),
                           Sample("text", f32(2), error="expected a tensor")))
def kron(x1: Any, x2: Any) -> Any:
    """Kronecker product: each element of `x1` in turn replaced by its product with the whole of `x2`.

    Missing leading axes count as axes of size 1.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.kron([1, 2], [1, 10])).tolist()
    [1, 10, 2, 20]
    >>> ops.convert_to_numpy(ops.kron([[1, 0], [0, 2]], [[3, 4]])).tolist()
    [[3, 4, 0, 0], [0, 0, 6, 8]]
    """
    rank = max(rank_of(x1), rank_of(x2))
    a, b = ((1,) * (rank - rank_of(x)) + tuple(shape_of(x)) for x in (x1, x2))
    if rank > 2:  # kernels that broadcast take few groups of axes, and here each would be one
        products = multiply(reshape(x1, (*a, *(1,) * rank)), reshape(x2, b))
        blocks = transpose(products, tuple(place for i in range(rank) for place in (i, i + rank)))
    else:
        blocks = multiply(reshape(x1, tuple(n for m in a for n in (m, 1))), reshape(x2, tuple(n for m in b for n in (1, m))))
    return reshape(blocks, tuple(map(sizes.times, a, b)))


@op(samples=(Sample(f32(4)), Sample(f32(3), 5), Sample(f32(3), N=2, increasing=True), Sample(f32(0)), Sample(f32(0), 3), Sample(f32(3), 0),
             Sample(array([0.0, -1.0, 1e-30, 3.0]), 4), Sample(i32(3)), Sample(boolean(3)),
             Sample(f32(2, 2), error=r"x must have one axis, got shape \(2, 2\)"),
             Sample(f32(2), -1, error="N must not be negative, got -1"), Sample(f32(2), 1.5, error="N must be an int, got 1.5")))
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Vandermonde matrix: the powers of each element of a vector as a row.

    Powers are products, exact for integers and differentiable at 0.

    Args:
        x: a vector.
        N: number of powers, that of the elements by default.
        increasing: whether the exponents are 0, 1, ..., N - 1 and not N - 1, ..., 1, 0.

    Raises:
        TypeError: `N` is no int.
        ValueError: `N` is negative, or `x` is no vector.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.vander([1, 2, 3])).tolist()
    [[1, 1, 1], [4, 2, 1], [9, 3, 1]]
    >>> ops.convert_to_numpy(ops.vander([2, 3], N=4, increasing=True)).tolist()
    [[1, 2, 4, 8], [1, 3, 9, 27]]
    """
    if rank_of(x) != 1:
        raise invalid("vander", f"x must have one axis, got shape {shape_of(x)}")
    if N is not None and not hasattr(N, "__index__"):
        raise wrong_type("vander", f"N must be an int, got {N!r}")
    if N is not None and int(N) < 0:
        raise invalid("vander", f"N must not be negative, got {N}")
    columns = iota(shape_of(x)[0] if N is None else int(N))
    powers = cumprod(where(equal(columns, 0), 1, expand_dims(x, 1)), 1)
    return powers if increasing else flip(powers, 1)
