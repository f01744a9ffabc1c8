"""Images of another size, and images stretched and moved."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import promote
from keras_lite.engine.errors import invalid, unknown_name, wrong_type
from keras_lite.ops import references_image as references
from keras_lite.ops.core import cast
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.families import normal_axes
from keras_lite.ops.hosted import hosted
from keras_lite.ops.image.cropping import extended
from keras_lite.ops.image.layout import Layout, fill_for, layout_of, like
from keras_lite.ops.image.resampling import KERNELS, along, kernel_weights, nearest_positions, resize_weights
from keras_lite.ops.image.samples import RESIZE, SCALE
from keras_lite.ops.indexing import gather
from keras_lite.ops.shaping import part_of
from keras_lite.ops.sizes import as_count, as_shape, is_unknown, larger, minus, smaller, whole
from keras_lite.ops.sizes import entries as elements
from keras_lite.ops.statistics import wide
from keras_lite.ops.table import op

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area")


@op(tensors=("images",), samples=RESIZE, reference=references.resize)
@hosted
def resize(images: Any, size: Any, interpolation: str = "bilinear", antialias: bool = False, crop_to_aspect_ratio: bool = False,
           pad_to_aspect_ratio: bool = False, fill_mode: str = "constant", fill_value: Any = 0.0, data_format: str | None = None) -> Any:
    """One image (height, width, channels) or a batch of them in another size.

    Pixels are squares with centres at halves.  Integer images are computed in float32, then rounded and limited to their range.
    Rows and columns are resized by matrix products, in which a NaN reaches all of its row and column (not so with "nearest").

    Args:
        images: a tensor of rank 3 or 4.
        size: (height, width) of the result.
        interpolation: "nearest"; "bilinear"; "bicubic" (a = -1/2); "lanczos3", "lanczos5"; "area" (the mean over the square that a new
            pixel covers).
        antialias: whether the kernel grows with a new pixel that is larger than an old one; not for "nearest" and "area".
        crop_to_aspect_ratio: cut the images to the proportions of `size` first, the same on both sides.
        pad_to_aspect_ratio: extend them to these proportions first, by `fill_value`, by the same on both sides.
        fill_mode: "constant".
        fill_value: number around images that are extended.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank, size or name; both ways to keep the proportions; images without pixels.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> image = np.arange(4.0).reshape(2, 2, 1)
    >>> ops.convert_to_numpy(ops.image.resize(image, (1, 1))[..., 0]).tolist()  # the mean
    [[1.5]]
    >>> ops.convert_to_numpy(ops.image.resize(image, (2, 4), interpolation="nearest")[..., 0]).tolist()
    [[0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 3.0, 3.0]]
    """
    layout, target = layout_of("resize", images, data_format), _target(size)
    if interpolation not in INTERPOLATIONS:
        raise unknown_name("interpolation", interpolation, INTERPOLATIONS)
    if fill_mode != "constant":
        raise invalid("resize", f'fill_mode must be "constant", got {fill_mode!r}')
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise invalid("resize", "crop_to_aspect_ratio and pad_to_aspect_ratio can't both be true")
    if any(isinstance(shape_of(images)[axis], int) and shape_of(images)[axis] == 0 for axis in layout[:2]):
        raise invalid("resize", f"images of shape {shape_of(images)} have no pixels")
    if crop_to_aspect_ratio:
        images = _cropped(images, layout, target)
    if pad_to_aspect_ratio:
        images = _padded(images, layout, target, fill_for(dtype_of(images), fill_value))
    return _resized(images, layout, target, interpolation, antialias)


def _target(size: Any) -> tuple[Any, Any]:
    engine = registry.current()
    vector = engine.has_unknown_sizes and engine.is_tensor(size) and len(engine.shape_of(size)) == 1
    entries = elements("resize", engine, size) if vector else list(size) if isinstance(size, (list, tuple, np.ndarray)) else None
    if entries is None or len(entries) != 2 or not all(is_unknown(n) or (whole(n) or 0) > 0 for n in entries):
        raise invalid("resize", f"size must be two positive ints (height, width), got {size!r}")
    return as_count("resize", "height", entries[0]), as_count("resize", "width", entries[1])


def _resized(images: Any, layout: Layout, target: tuple[Any, Any], interpolation: str, antialias: bool) -> Any:
    """Both axes in turn, the one that shrinks more first."""
    jobs = [(axis, shape_of(images)[axis], m) for axis, m in zip((layout.height, layout.width), target, strict=True)]
    jobs = [(axis, n, m) for axis, n, m in jobs if not (isinstance(n, int) and isinstance(m, int) and n == m)]
    jobs.sort(key=lambda job: job[2] / job[1] if isinstance(job[1], int) and isinstance(job[2], int) else 1.0)
    if interpolation == "nearest":
        for axis, n, m in jobs:
            images = gather(images, nearest_positions(n, m), axis)
        return images
    x = wide(images)
    for axis, n, m in jobs:
        x = along(x, resize_weights(n, m, interpolation, antialias, dtype_of(x)), axis)
    return like(x, images)


def _proportional(images: Any, layout: Layout, target: tuple[Any, Any]) -> tuple[Any, Any]:
    """The height that goes with the images' width in the proportions of the target, and the width that goes with their height."""
    height, width = shape_of(images)[layout.height], shape_of(images)[layout.width]
    def scaled(n: Any, m: Any, by: Any) -> Any:
        return None if None in (n, m, by) else n * m // by

    return scaled(width, *target), scaled(height, *target[::-1])


def _cropped(images: Any, layout: Layout, target: tuple[Any, Any]) -> Any:
    for axis, wanted in zip((layout.height, layout.width), _proportional(images, layout, target), strict=True):
        n = shape_of(images)[axis]
        kept = smaller(n, larger(wanted, 1))
        start = None if kept is None else (n - kept) // 2
        images = part_of(images, axis % len(shape_of(images)), start, None if kept is None else start + kept)
    return images


def _padded(images: Any, layout: Layout, target: tuple[Any, Any], value: Any) -> Any:
    for axis, wanted in zip((layout.height, layout.width), _proportional(images, layout, target), strict=True):
        missing = minus(wanted, shape_of(images)[axis])
        margin = None if missing is None else larger(missing, 0) // 2  # the same on both sides, which may miss one row
        images = extended(images, axis, margin, margin, None, value)
    return images


@op(tensors=("images",), samples=SCALE, reference=references.scale_and_translate)
def scale_and_translate(images: Any, output_shape: Any, scale: Any, translation: Any, spatial_dims: Any, method: str,
                        antialias: bool = True) -> Any:
    """`images` stretched by `scale` about the corner and then moved by `translation` pixels, on the axes `spatial_dims`.

    What comes from outside of the images is 0.  Differentiable in `images`, `scale` and `translation`.

    Args:
        images: a tensor of any rank.
        output_shape: shape of the result; on the other axes that of `images`.
        scale, translation: vectors with one number for each of `spatial_dims`.
        spatial_dims: axes.
        method: "linear" ("bilinear", "trilinear"), "cubic" ("bicubic", "tricubic"), "lanczos3" or "lanczos5".
        antialias: whether the kernel grows where the images shrink.

    Raises:
        ValueError: a name, axis or number of entries that does not fit.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.image.scale_and_translate([1.0, 2.0, 3.0], (6,), [2.0], [1.0], [0], "linear")).round(3)
    array([0.  , 1.  , 1.25, 1.75, 2.25, 2.75], dtype=float32)
    """
    if method not in KERNELS:
        raise unknown_name("method", method, KERNELS)
    axes, shape = _axes(images, output_shape, spatial_dims)
    x, engine = wide(images), registry.current()
    vectors = [_vector(engine, name, v, len(axes), dtype_of(x)) for name, v in (("scale", scale), ("translation", translation))]
    for i, axis in enumerate(axes):
        factor, shift = (part_of(v, 0, i, i + 1) for v in vectors)
        weights = kernel_weights(shape_of(x)[axis], shape[axis], factor, shift, KERNELS[method], antialias, dtype_of(factor))
        x = along(x, cast(weights, dtype_of(x)), axis)
    return like(x, images)


def _axes(images: Any, output_shape: Any, spatial_dims: Any) -> tuple[list[int], tuple[int, ...]]:
    """The axes, in the order given, and the shape of the result."""
    given, shape = shape_of(images), as_shape("scale_and_translate", registry.current(), output_shape)
    rank = len(given)
    axes = [spatial_dims] if isinstance(spatial_dims, int) else list(spatial_dims)
    normal_axes("scale_and_translate", axes, rank)  # refuses repetitions and axes that are not there
    axes = [a % rank for a in axes]
    if len(shape) != rank:
        raise invalid("scale_and_translate", f"output_shape {shape} needs {rank} entries, one for each axis of {given}")
    if any((shape[a] is None and not registry.current().is_abstract) or (isinstance(shape[a], int) and shape[a] < 0) for a in axes):
        raise wrong_type("scale_and_translate", f"output_shape {shape} needs ints on the axes {tuple(axes)}")
    others = [(n, m) for a, (n, m) in enumerate(zip(given, shape, strict=True)) if a not in axes]
    if any(isinstance(n, int) and isinstance(m, int) and n != m for n, m in others):
        raise invalid("scale_and_translate", f"output_shape {shape} differs from {given} on axes that are not in {tuple(axes)}")
    return axes, shape


def _vector(engine: Any, name: str, value: Any, count: int, dtype: str) -> Any:
    """A float vector with `count` entries, in the dtype of its own and of the images together."""
    vector = as_tensor(engine, value)
    shape = engine.shape_of(vector)
    if len(shape) != 1 or (isinstance(shape[0], int) and shape[0] != count):
        raise invalid("scale_and_translate", f"{name} must be a vector of {count} numbers, one for each spatial axis, got shape {shape}")
    return cast(vector, promote(engine.dtype_of(vector), dtype))
