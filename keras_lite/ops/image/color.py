"""Colours: grey, and hue, saturation and value."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import is_float
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_image as references
from keras_lite.ops.arithmetic import add, divide, equal, greater, less, maximum, minimum, multiply, subtract, where
from keras_lite.ops.core import cast
from keras_lite.ops.elementwise import floor
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.image.layout import Layout, layout_of
from keras_lite.ops.image.samples import COLOR, GRAY
from keras_lite.ops.shaping import concatenate, part_of
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op

SHARES = (0.2989, 0.587, 0.114)


@op(tensors=("images",), samples=GRAY, reference=references.rgb_to_grayscale)
def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Any:
    """The brightness 0.2989 red + 0.587 green + 0.114 blue (ITU-R BT.601) as the only channel; of integers without its fraction.

    Args:
        images: a tensor of rank 3 or 4 with 3 channels, or with 1: then it is returned as it is.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank or number of channels.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.image.rgb_to_grayscale([[[100.0, 0.0, 0.0], [100.0, 100.0, 100.0]]])[..., 0]).round(3)
    array([[29.89, 99.99]], dtype=float32)
    """
    layout = layout_of("rgb_to_grayscale", images, data_format)
    count = shape_of(images)[layout.channels]
    if isinstance(count, int) and count == 1:
        return images
    red, green, blue = _channels("rgb_to_grayscale", wide(images), layout)
    gray = add(add(multiply(red, SHARES[0]), multiply(green, SHARES[1])), multiply(blue, SHARES[2]))
    return cast(gray, dtype_of(images))


@op(tensors=("images",), samples=COLOR, reference=references.rgb_to_hsv)
def rgb_to_hsv(images: Any, data_format: str | None = None) -> Any:
    """Red, green and blue in [0, 1] as hue (0 red, 1/3 green, 2/3 blue), saturation and value, each in [0, 1].

    Grey has hue 0, black has saturation 0 too.  A. R. Smith, "Color gamut transform pairs", 1978.

    Args:
        images: a float tensor of rank 3 or 4 with 3 channels.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank, number of channels or dtype.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.image.rgb_to_hsv([[[0.0, 0.5, 0.0]]])).round(3)  # dark green
    array([[[0.333, 1.   , 0.5  ]]], dtype=float32)
    """
    layout = layout_of("rgb_to_hsv", images, data_format)
    red, green, blue = _channels("rgb_to_hsv", _floats("rgb_to_hsv", images), layout)
    value = maximum(maximum(red, green), blue)
    spread = subtract(value, minimum(minimum(red, green), blue))
    coloured, bright = greater(spread, 0.0), greater(value, 0.0)
    unit = where(coloured, spread, 1.0)
    sector = where(equal(value, red), divide(subtract(green, blue), unit),
                   where(equal(value, green), add(divide(subtract(blue, red), unit), 2.0), add(divide(subtract(red, green), unit), 4.0)))
    hue = where(coloured, divide(where(less(sector, 0.0), add(sector, 6.0), sector), 6.0), 0.0)
    saturation = where(bright, divide(spread, where(bright, value, 1.0)), 0.0)
    return back(concatenate([hue, saturation, value], layout.channels), images)


@op(tensors=("images",), samples=COLOR, reference=references.hsv_to_rgb)
def hsv_to_rgb(images: Any, data_format: str | None = None) -> Any:
    """Hue, saturation and value (see `rgb_to_hsv`) as red, green and blue; the hue counts modulo 1.

    Args:
        images: a float tensor of rank 3 or 4 with 3 channels.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank, number of channels or dtype.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.image.hsv_to_rgb([[[1 / 3, 1.0, 0.5]]])).round(3)  # dark green
    array([[[0. , 0.5, 0. ]]], dtype=float32)
    """
    layout = layout_of("hsv_to_rgb", images, data_format)
    hue, saturation, value = _channels("hsv_to_rgb", _floats("hsv_to_rgb", images), layout)
    colours = []
    for start in (5.0, 3.0, 1.0):  # the colour falls from `value` to its least and rises again, a third of the circle later each
        turns = add(hue, start / 6.0)
        angle = multiply(subtract(turns, floor(turns)), 6.0)
        missing = maximum(minimum(minimum(angle, subtract(4.0, angle)), 1.0), 0.0)
        colours.append(subtract(value, multiply(multiply(value, saturation), missing)))
    return back(concatenate(colours, layout.channels), images)


def _floats(name: str, images: Any) -> Any:
    if not is_float(dtype_of(images)):
        raise invalid(name, f"images need a float dtype and values in [0, 1], got {dtype_of(images)}")
    return wide(images)


def _channels(name: str, x: Any, layout: Layout) -> list[Any]:
    """The three channels, each with its axis kept."""
    shape = shape_of(x)
    if isinstance(shape[layout.channels], int) and shape[layout.channels] != 3:
        raise invalid(name, f"images need 3 channels on axis {layout.channels}, got shape {shape}")
    return [part_of(x, layout.channels % len(shape), i, i + 1) for i in range(3)]
