"""Images seen through a transformation of the plane: each pixel of the result is looked up at a place of the images."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.ops import references_image as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add, divide, multiply, subtract
from keras_lite.ops.contraction import matmul
from keras_lite.ops.core import cast
from keras_lite.ops.creation import iota, ones_like
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.hosted import hosted
from keras_lite.ops.image.coordinates import FILL_MODES, float_for, interpolated
from keras_lite.ops.image.layout import FIRST, Layout, as_batch, layout_of, unbatched
from keras_lite.ops.image.samples import AFFINE, PERSPECTIVE
from keras_lite.ops.shaping import moveaxis, reshape, stack, unstack
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import may_equal

ORDERS = {"nearest": 0, "bilinear": 1}


@op(tensors=("images",), samples=AFFINE, reference=references.affine_transform)
@hosted
def affine_transform(images: Any, transform: Any, interpolation: str = "bilinear", fill_mode: str = "constant", fill_value: Any = 0,
                     data_format: str | None = None) -> Any:
    """One image or a batch under a linear transformation of the plane.

    The pixel of the result in column x and row y is that of the images at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) with
    k = c0 x + c1 y + 1, for a `transform` of [a0, a1, a2, b0, b1, b2, c0, c1].  Integer images are rounded, ties away from zero.
    Differentiable in `images` and `transform`.

    Args:
        images: a tensor of rank 3 or 4.
        transform: (8,), or (batch, 8) with one for each image.
        interpolation: "nearest" or "bilinear".
        fill_mode: what is beyond the edges: "constant", "nearest", "wrap", "mirror" or "reflect" (see `map_coordinates`).
        fill_value: the number there for "constant".
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: wrong ranks, sizes or names.

    >>> from keras_lite import ops
    >>> image, shift = [[[0.0], [1.0]], [[2.0], [3.0]]], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    >>> ops.convert_to_numpy(ops.image.affine_transform(image, shift)[..., 0]).tolist()  # one column to the left
    [[1.0, 0.0], [3.0, 0.0]]
    """
    layout = layout_of("affine_transform", images, data_format)
    if fill_mode not in FILL_MODES:
        raise unknown_name("fill mode", fill_mode, FILL_MODES)
    numbers = _matching("affine_transform", "transform", images, transform, (8,))
    places = _projected(images, layout, [*unstack(numbers, axis=1), 1.0], float_for(images, numbers))
    return warped(images, layout, places, _order(interpolation), fill_mode, fill_value)


@op(tensors=("images",), samples=PERSPECTIVE, reference=references.perspective_transform)
@hosted
def perspective_transform(images: Any, start_points: Any, end_points: Any, interpolation: str = "bilinear", fill_value: Any = 0,
                          data_format: str | None = None) -> Any:
    """One image or a batch under the projective transformation that takes four points to four others.

    Integer images are rounded, ties away from zero.  Differentiable in `images` and the points.

    Args:
        images: a tensor of rank 3 or 4.
        start_points: (4, 2), or (batch, 4, 2) with four for each image: points (x, y) of the images, no three on a line.
        end_points: where they are in the result.
        interpolation: "nearest" or "bilinear".
        fill_value: the number beyond the edges.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: wrong ranks, sizes or names.

    >>> from keras_lite import ops
    >>> image, corners = [[[0.0], [1.0]], [[2.0], [3.0]]], [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    >>> ops.convert_to_numpy(ops.image.perspective_transform(image, corners, corners[::-1])[..., 0]).round(3)  # upside down
    array([[3., 2.],
           [1., 0.]], dtype=float32)
    """
    layout = layout_of("perspective_transform", images, data_format)
    start = _matching("perspective_transform", "start_points", images, start_points, (4, 2))
    end = _matching("perspective_transform", "end_points", images, end_points, (4, 2))
    dtype = float_for(start, end)
    start, end = _from_square(unstack(cast(start, dtype), axis=1)), _from_square(unstack(cast(end, dtype), axis=1))
    matrix = reshape(matmul(_matrix(start), _matrix(_adjugate(end))), (-1, 9))
    places = _projected(images, layout, unstack(matrix, axis=1), float_for(images, matrix))
    return warped(images, layout, places, _order(interpolation), "constant", fill_value)


def _order(interpolation: str) -> int:
    if interpolation not in ORDERS:
        raise unknown_name("interpolation", interpolation, ORDERS)
    return ORDERS[interpolation]


def _matching(name: str, what: str, images: Any, value: Any, shape: tuple[int, ...]) -> Any:
    """`value` with a leading axis of the images' number, or of size 1."""
    value = as_tensor(registry.current(), value)
    given = shape_of(value)
    count = shape_of(images)[0] if rank_of(images) == 4 else 1
    single = len(given) == len(shape)
    fits = may_equal(given, shape) if single else may_equal(given, (count, *shape)) or may_equal(given, (1, *shape))
    if not fits:
        raise invalid(name, f"{what} must have shape {shape} or ({count}, {', '.join(map(str, shape))}), got {given}")
    return reshape(value, (1 if single else given[0], *shape))


# --- places of pixels ----------------------------------------------------------------------------------------------------


def grid(images: Any, layout: Layout, dtype: str) -> tuple[Any, Any]:
    """Rows (1, height, 1) and columns (1, 1, width) of the pixels."""
    height, width = shape_of(images)[layout.height], shape_of(images)[layout.width]
    return reshape(iota(height, dtype), (1, height, 1)), reshape(iota(width, dtype), (1, 1, width))


def _projected(images: Any, layout: Layout, matrix: list[Any], dtype: str) -> list[Any]:
    """Rows and columns to look at, for the 9 entries of a matrix that acts on (x, y, 1)."""
    y, x = grid(images, layout, dtype)
    m = [reshape(cast(entry, dtype), (-1, 1, 1)) for entry in matrix]
    column, row, scale = (add(add(multiply(a, x), multiply(b, y)), c) for a, b, c in (m[:3], m[3:6], m[6:]))
    return [divide(row, scale), divide(column, scale)]


def _from_square(points: list[Any]) -> list[Any]:
    """The 9 entries of the matrix that takes the corners (0, 0), (1, 0), (0, 1), (1, 1) of a square to four points (batch, 2).

    Heckbert, "Fundamentals of texture mapping and image warping", 1989, section 2.2.3.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (unstack(p, axis=1) for p in points)
    dx1, dx2, dx3 = subtract(x1, x3), subtract(x2, x3), add(subtract(subtract(x0, x1), x2), x3)
    dy1, dy2, dy3 = subtract(y1, y3), subtract(y2, y3), add(subtract(subtract(y0, y1), y2), y3)
    area = _cross(dx1, dy2, dx2, dy1)
    g, h = divide(_cross(dx3, dy2, dx2, dy3), area), divide(_cross(dx1, dy3, dx3, dy1), area)
    return [add(subtract(x1, x0), multiply(g, x1)), add(subtract(x2, x0), multiply(h, x2)), x0,
            add(subtract(y1, y0), multiply(g, y1)), add(subtract(y2, y0), multiply(h, y2)), y0, g, h, ones_like(g)]


def _cross(a: Any, b: Any, c: Any, d: Any) -> Any:
    return subtract(multiply(a, b), multiply(c, d))


def _adjugate(m: list[Any]) -> list[Any]:
    """The inverse of a 3 x 3 matrix but for a factor, which a projective transformation does not have."""
    a, b, c, d, e, f, g, h, i = m
    return [_cross(e, i, f, h), _cross(c, h, b, i), _cross(b, f, c, e), _cross(f, g, d, i), _cross(a, i, c, g), _cross(c, d, a, f),
            _cross(d, h, e, g), _cross(b, g, a, h), _cross(a, e, b, d)]


def _matrix(entries: list[Any]) -> Any:
    return reshape(stack(entries, 1), (-1, 3, 3))


# --- looking up ----------------------------------------------------------------------------------------------------------


def warped(images: Any, layout: Layout, places: list[Any], order: int, mode: str, fill_value: Any) -> Any:
    """Images whose pixels are those of `images` at `places`: rows and columns that broadcast to (batch, height, width)."""
    x = as_batch(images)
    if layout is FIRST:
        x = moveaxis(x, 1, 3)
    batch, *spatial, channels = shape_of(x)
    rows = reshape(x, (sizes.product((batch, *spatial)), channels))
    result = interpolated(images, rows, spatial, places, order, mode, fill_value, reshape(iota(batch), (batch, 1, 1)))
    if layout is FIRST:
        result = moveaxis(result, 3, 1)
    return unbatched(result, images)
