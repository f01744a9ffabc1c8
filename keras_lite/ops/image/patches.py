"""Windows of images and volumes, each laid out as channels."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine.errors import invalid, unknown_name, wrong_type
from keras_lite.ops import references_image as references
from keras_lite.ops import sizes
from keras_lite.ops.facts import shape_of
from keras_lite.ops.image.cropping import extended
from keras_lite.ops.image.samples import PATCHES, PATCHES_3D
from keras_lite.ops.shaping import moveaxis, part_of, reshape, stack, transpose
from keras_lite.ops.sizes import larger
from keras_lite.ops.table import op


@op(tensors=("images",), samples=PATCHES, reference=references.extract_patches)
def extract_patches(images: Any, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
                    data_format: str | None = None) -> Any:
    """Windows of one image or of a batch, the pixels of each laid out as channels: (..., rows, columns, window pixels * channels).

    Args:
        images: a tensor of rank 3 or 4; with a `size` of three numbers volumes as in `extract_patches_3d`.
        size: pixels of a window, a number or (height, width).
        strides: distance of the windows; `size` by default.
        dilation_rate: distance of the pixels in a window.
        padding: "valid", or "same" with as many zeros around the images as let stride 1 keep their size.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank or number; a window larger than the images.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> ops.convert_to_numpy(ops.image.extract_patches(np.arange(8).reshape(2, 4, 1), 2)).tolist()  # two windows of 2 x 2 pixels
    [[[0, 1, 4, 5], [2, 3, 6, 7]]]
    """
    rank = len(size) if isinstance(size, (list, tuple)) else 2
    if rank not in (2, 3):
        raise invalid("extract_patches", f"size must be an int, or two or three of them, got {size!r}")
    return _patches("extract_patches", images, rank, size, strides, dilation_rate, padding, data_format)


@op(tensors=("volumes",), samples=PATCHES_3D, reference=references.extract_patches_3d)
def extract_patches_3d(volumes: Any, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
                       data_format: str | None = None) -> Any:
    """Windows of one volume (depth, height, width, channels) or of a batch, the voxels of each laid out as channels.

    Args:
        volumes: a tensor of rank 4 or 5.
        size: voxels of a window, a number or (depth, height, width).
        strides: distance of the windows; `size` by default.
        dilation_rate: distance of the voxels in a window.
        padding: "valid", or "same" with as many zeros around the volumes as let stride 1 keep their size.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank or number; a window larger than the volumes.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> volume = np.arange(8).reshape(2, 2, 2, 1)
    >>> ops.convert_to_numpy(ops.image.extract_patches_3d(volume, (1, 2, 2))[:, 0, 0]).tolist()  # two windows of 1 x 2 x 2 voxels
    [[0, 1, 2, 3], [4, 5, 6, 7]]
    """
    return _patches("extract_patches_3d", volumes, 3, size, strides, dilation_rate, padding, data_format)


def _patches(name: str, x: Any, rank: int, size: Any, strides: Any, dilation_rate: Any, padding: str, data_format: str | None) -> Any:
    first = config.standardize_data_format(data_format) == "channels_first"
    given = shape_of(x)
    if len(given) not in (rank + 1, rank + 2):
        raise invalid(name, f"a size of {rank} numbers needs rank {rank + 1}, or {rank + 2} for a batch, got shape {given}")
    if str(padding).lower() not in ("valid", "same"):
        raise unknown_name("padding", padding, ("valid", "same"))
    window = _numbers(name, "size", size, rank)
    steps = window if strides is None else _numbers(name, "strides", strides, rank)
    gaps = _numbers(name, "dilation_rate", dilation_rate, rank)
    lead = len(given) - rank - 1
    if first:
        x = moveaxis(x, lead, -1)
    for i in range(rank):  # each spatial axis becomes two: windows, and pixels in a window
        x = windows_of(name, x, lead + 2 * i, window[i], steps[i], gaps[i], padding.lower(), given)
    shape = shape_of(x)
    places, pixels = range(lead, lead + 2 * rank, 2), range(lead + 1, lead + 2 * rank, 2)
    x = transpose(x, (*range(lead), *places, *pixels, lead + 2 * rank))
    x = reshape(x, (*shape[:lead], *(shape[a] for a in places), sizes.times(int(np.prod(window)), shape[-1])))
    return moveaxis(x, -1, lead) if first else x


def _numbers(name: str, what: str, value: Any, rank: int) -> tuple[int, ...]:
    numbers = tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank
    if not all(sizes.whole(n) is not None for n in numbers):
        raise wrong_type(name, f"{what} must be an int or {rank} ints, got {value!r}")
    numbers = numbers * rank if len(numbers) == 1 else numbers
    if len(numbers) != rank or not all(n >= 1 for n in numbers):
        raise invalid(name, f"{what} must be a positive int or {rank} of them, got {value!r}")
    return tuple(int(n) for n in numbers)


def windows_of(name: str, x: Any, axis: int, size: int, stride: int, gap: int, padding: str, given: Any) -> Any:
    """`x` with an axis replaced by two: the windows, and the elements in each."""
    n, span = shape_of(x)[axis], (size - 1) * gap + 1
    if padding == "same":
        count = None if n is None else (n + stride - 1) // stride
        extra = larger(sizes.minus(sizes.plus(sizes.times(sizes.minus(count, 1), stride), span), n), 0)
        before = None if extra is None else extra // 2
        x = extended(x, axis, before, sizes.minus(extra, before), None, 0)
    else:
        if isinstance(n, int) and n < span:
            raise invalid(name, f"a window of {size} (dilation {gap}) is larger than axis of size {n} of the shape {given}")
        count = None if n is None else (n - span) // stride + 1
    shape = shape_of(x)
    if size == stride and gap == 1:
        whole = part_of(x, axis, 0, sizes.times(count, size))
        return reshape(whole, (*shape[:axis], count, size, *shape[axis + 1:]))
    ends = sizes.plus(sizes.times(sizes.minus(count, 1), stride), 1)
    return stack([part_of(x, axis, i * gap, sizes.plus(ends, i * gap), stride) for i in range(size)], axis + 1)


