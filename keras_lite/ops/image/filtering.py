"""Images smoothed, and their edges."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import is_float
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_image as references
from keras_lite.ops import sizes
from keras_lite.ops.arithmetic import add, multiply, subtract
from keras_lite.ops.core import cast
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.image.layout import layout_of, like
from keras_lite.ops.image.samples import BLUR, SOBEL
from keras_lite.ops.padding import pad
from keras_lite.ops.shaping import concatenate, part_of, stack
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op


def gaussian(size: int, sigma: float) -> np.ndarray:
    """`size` values of the Gaussian function around its middle, which add up to 1, in float64."""
    places = np.arange(size) - (size - 1) / 2
    values = np.exp(-0.5 * (places / sigma) ** 2)
    return values / values.sum()


def filtered(x: Any, window: np.ndarray, axis: int, padding: str) -> Any:
    """Sums of neighbours in the floats `x` along an axis, weighted by `window`; `padding` is "same" (zeros) or "valid"."""
    more = len(window) - 1
    if padding == "same":
        x = pad(x, tuple((more // 2, more - more // 2) if i == axis else (0, 0) for i in range(len(shape_of(x)))))
    n = sizes.minus(shape_of(x)[axis], more)
    parts = (multiply(part_of(x, axis, i, sizes.plus(n, i)), float(weight)) for i, weight in enumerate(window))
    return functools.reduce(add, parts)  # a convolution with one channel, or one for each, takes many times as long on some engines


@op(tensors=("images",), samples=BLUR, reference=references.gaussian_blur)
def gaussian_blur(images: Any, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None) -> Any:
    """One image or a batch smoothed by a Gaussian filter, with zeros around the images.

    Args:
        images: a tensor of rank 3 or 4; integers are rounded.
        kernel_size: pixels of the filter, (horizontal, vertical).
        sigma: standard deviations, (horizontal, vertical), in pixels.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank; not two positive ints and two positive numbers.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> ops.convert_to_numpy(ops.image.gaussian_blur(np.eye(3, dtype="float32")[..., None])[..., 0]).round(3)
    array([[0.279, 0.248, 0.075],
           [0.248, 0.354, 0.248],
           [0.075, 0.248, 0.279]], dtype=float32)
    """
    layout = layout_of("gaussian_blur", images, data_format)
    lengths = _pair("kernel_size", kernel_size, "ints", lambda n: sizes.whole(n) is not None)
    deviations = _pair("sigma", sigma, "numbers", lambda n: isinstance(n, (int, float, np.number)))
    x = wide(images)
    rank = len(shape_of(x))
    for axis, n, deviation in zip((layout.width, layout.height), lengths, deviations, strict=True):
        x = filtered(x, gaussian(int(n), float(deviation)), axis % rank, "same")
    return like(x, images)


def _pair(what: str, value: Any, kind: str, fits: Any) -> list[Any]:
    entries: list[Any] = list(value) if isinstance(value, (list, tuple, np.ndarray)) else []
    if len(entries) != 2 or not all(fits(n) and n > 0 for n in entries):
        raise invalid("gaussian_blur", f"{what} must be two positive {kind} (horizontal, vertical), got {value!r}")
    return entries


@op(tensors=("images",), samples=SOBEL, reference=references.sobel_edges)
def sobel_edges(images: Any, data_format: str | None = None) -> Any:
    """The slopes of a batch of images by Sobel's filter, dy and dx on a new last axis.

    dy is [1, 2, 1] across the columns of the next row less that of the row before; beyond the edges pixels are repeated, as in
    `scipy.ndimage.sobel`.

    Args:
        images: a tensor of rank 4.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank.

    >>> from keras_lite import ops
    >>> image = ops.array([[0.0, 0.0, 1.0, 1.0]] * 3)[None, ..., None]
    >>> dy, dx = ops.unstack(ops.image.sobel_edges(image), axis=-1)
    >>> ops.convert_to_numpy(dx[0, 1, :, 0]).tolist()
    [0.0, 4.0, 4.0, 0.0]
    """
    layout = layout_of("sobel_edges", images, data_format)
    shape = shape_of(images)
    if len(shape) != 4:
        raise invalid("sobel_edges", f"images need rank 4 (a batch), got shape {shape}")
    if dtype_of(images) == "bool":
        images = cast(images, "int32")
    x = wide(images) if is_float(dtype_of(images)) else images
    rows, columns = layout.height % 4, layout.width % 4
    slopes = [_slope(_weighted(x, columns), rows), _slope(_weighted(x, rows), columns)]
    return back(stack(slopes, -1), images)


def _neighbours(x: Any, axis: int) -> tuple[Any, Any]:
    """For each element the one before and the one after it; at the ends the element itself."""
    n = shape_of(x)[axis]
    if isinstance(n, int) and n == 0:
        return x, x
    last = sizes.minus(n, 1)
    before = concatenate([part_of(x, axis, 0, 1), part_of(x, axis, 0, last)], axis)
    return before, concatenate([part_of(x, axis, 1, n), part_of(x, axis, last, n)], axis)


def _weighted(x: Any, axis: int) -> Any:
    before, after = _neighbours(x, axis)
    return add(add(before, after), multiply(x, 2))


def _slope(x: Any, axis: int) -> Any:
    before, after = _neighbours(x, axis)
    return subtract(after, before)
