"""Images with a margin cut off or added."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.ops import references_image as references
from keras_lite.ops import sizes
from keras_lite.ops.creation import full
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.image.layout import layout_of
from keras_lite.ops.image.samples import CROP, PAD
from keras_lite.ops.padding import pad
from keras_lite.ops.shaping import concatenate, part_of, reshape
from keras_lite.ops.table import op


@op(tensors=("images",), samples=CROP, reference=references.crop_images)
def crop_images(images: Any, top_cropping: int | None = None, left_cropping: int | None = None, bottom_cropping: int | None = None,
                right_cropping: int | None = None, target_height: int | None = None, target_width: int | None = None,
                data_format: str | None = None) -> Any:
    """One image or a batch without margins.

    For each axis two of the three numbers are given: what is cut off before, after, and the size that is left.

    Args:
        images: a tensor of rank 3 or 4.
        top_cropping, bottom_cropping, target_height: rows.
        left_cropping, right_cropping, target_width: columns.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank; not two numbers for an axis; negative numbers; more cut off than there is.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> image = np.arange(12).reshape(3, 4, 1)
    >>> cropped = ops.image.crop_images(image, top_cropping=1, bottom_cropping=0, left_cropping=1, target_width=2)
    >>> ops.convert_to_numpy(cropped[..., 0]).tolist()
    [[5, 6], [9, 10]]
    """
    layout = layout_of("crop_images", images, data_format)
    jobs = ((layout.height, "height", ("top", "bottom"), (top_cropping, bottom_cropping, target_height)),
            (layout.width, "width", ("left", "right"), (left_cropping, right_cropping, target_width)))
    for axis, side, names, numbers in jobs:
        labels = (*(f"{name}_cropping" for name in names), f"target_{side}")
        n = shape_of(images)[axis]
        before, after, kept = _two("crop_images", labels, numbers)
        if before is None:
            before = sizes.minus(sizes.minus(n, after), kept)
        if kept is None:
            kept = sizes.minus(sizes.minus(n, before), after)
        rest = sizes.minus(sizes.minus(n, before), kept)
        if any(isinstance(k, int) and k < 0 for k in (before, kept, rest)):
            raise invalid("crop_images", f"{_named(labels, numbers)} do not fit images of shape {shape_of(images)}, whose {side} is {n}")
        images = _with_size(part_of(images, axis % len(shape_of(images)), before, sizes.plus(before, kept)), axis, kept)
    return images


@op(tensors=("images",), samples=PAD, reference=references.pad_images)
def pad_images(images: Any, top_padding: int | None = None, left_padding: int | None = None, bottom_padding: int | None = None,
               right_padding: int | None = None, target_height: int | None = None, target_width: int | None = None,
               data_format: str | None = None) -> Any:
    """One image or a batch with margins of zeros.

    For each axis two of the three numbers are given: what is added before, after, and the size that results.

    Args:
        images: a tensor of rank 3 or 4.
        top_padding, bottom_padding, target_height: rows.
        left_padding, right_padding, target_width: columns.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank; not two numbers for an axis; negative numbers; a target smaller than the images.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> image = np.ones((1, 2, 1), "int32")
    >>> padded = ops.image.pad_images(image, top_padding=1, bottom_padding=0, left_padding=1, target_width=4)
    >>> ops.convert_to_numpy(padded[..., 0]).tolist()
    [[0, 0, 0, 0], [0, 1, 1, 0]]
    """
    layout = layout_of("pad_images", images, data_format)
    jobs = ((layout.height, "height", ("top", "bottom"), (top_padding, bottom_padding, target_height)),
            (layout.width, "width", ("left", "right"), (left_padding, right_padding, target_width)))
    for axis, side, names, numbers in jobs:
        labels = (*(f"{name}_padding" for name in names), f"target_{side}")
        n = shape_of(images)[axis]
        before, after, whole = _two("pad_images", labels, numbers)
        if before is None:
            before = sizes.minus(sizes.minus(whole, after), n)
        if after is None:
            after = sizes.minus(sizes.minus(whole, before), n)
        if any(isinstance(k, int) and k < 0 for k in (before, after)):
            raise invalid("pad_images", f"{_named(labels, numbers)} do not fit images of shape {shape_of(images)}, whose {side} is {n}")
        images = extended(images, axis, before, after, whole, False if dtype_of(images) == "bool" else 0)
    return images


def _two(name: str, labels: tuple[str, ...], numbers: tuple[Any, ...]) -> tuple[Any, ...]:
    """The numbers for one axis: two ints that are not negative, and None."""
    if sum(k is None for k in numbers) != 1:
        raise invalid(name, f"exactly two of {', '.join(labels)} must be given, got {_named(labels, numbers)}")
    if not all(k is None or (sizes.whole(k) is not None and k >= 0) for k in numbers):
        raise invalid(name, f"{', '.join(labels)} must be ints that are not negative, got {_named(labels, numbers)}")
    return tuple(None if k is None else int(k) for k in numbers)


def _named(labels: tuple[str, ...], numbers: tuple[Any, ...]) -> str:
    return ", ".join(f"{label}={k}" for label, k in zip(labels, numbers, strict=True) if k is not None) or "none"


def extended(x: Any, axis: int, before: Any, after: Any, whole: Any, value: Any) -> Any:
    """`x` with `before` and `after` more elements `value` on one axis, which has the size `whole` then (None if not known)."""
    shape = shape_of(x)
    axis %= len(shape)
    if isinstance(before, int) and isinstance(after, int):
        pairs = tuple((before, after) if i == axis else (0, 0) for i in range(len(shape)))
        return pad(x, pairs, constant_values=value)
    margins = [full((*shape[:axis], n, *shape[axis + 1:]), value, dtype_of(x)) for n in (before, after)]
    return _with_size(concatenate([margins[0], x, margins[1]], axis), axis, whole)


def _with_size(x: Any, axis: int, n: Any) -> Any:
    """`x`, where the size of the axis is known to be `n`."""
    shape = shape_of(x)
    if not isinstance(n, int) or isinstance(shape[axis], int):
        return x
    axis %= len(shape)
    return reshape(x, (*shape[:axis], n, *shape[axis + 1:]))
