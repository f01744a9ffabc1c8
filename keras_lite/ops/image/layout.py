"""What the functions on images share: where the axes are, sizes that may be unknown, and the dtypes of results."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from keras_lite import config
from keras_lite.engine.dtypes import is_integer, numpy_dtype
from keras_lite.engine.errors import invalid
from keras_lite.ops.arithmetic import add, clip, greater, multiply, where
from keras_lite.ops.core import cast
from keras_lite.ops.creation import full
from keras_lite.ops.elementwise import absolute, floor, sign
from keras_lite.ops.elementwise import round as to_even
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.shaping import reshape
from keras_lite.ops.statistics import back


class Layout(NamedTuple):
    """Axes of an image, counted from the end."""

    height: int
    width: int
    channels: int


LAST, FIRST = Layout(-3, -2, -1), Layout(-2, -1, -3)


def layout_of(name: str, images: Any, data_format: str | None) -> Layout:
    """The axes of one image (rank 3) or of a batch (rank 4); raises ValueError for another rank."""
    layout = LAST if config.standardize_data_format(data_format) == "channels_last" else FIRST
    if len(shape_of(images)) not in (3, 4):
        raise invalid(name, f"images need rank 3 (one image) or 4 (a batch), got shape {shape_of(images)}")
    return layout


def as_batch(images: Any) -> Any:
    """One image as a batch of one."""
    shape = shape_of(images)
    return images if len(shape) == 4 else reshape(images, (1, *shape))


def unbatched(x: Any, images: Any) -> Any:
    """`x` without the axis that `as_batch(images)` has added."""
    return x if len(shape_of(images)) == 4 else reshape(x, shape_of(x)[1:])


# --- sizes: ints, None on specs, scalar tensors in a graph --------------------------------------------------------------


def number(n: Any, dtype: str) -> Any:
    """A size to compute with: a Python float, or a scalar tensor of a float dtype (on specs any number will do)."""
    if isinstance(n, int):
        return float(n)
    return 1.0 if n is None else cast(n, dtype)


def times(x: Any, n: Any) -> Any:
    """The integer tensor `x` times a size."""
    return x if n is None else multiply(x, n if isinstance(n, int) else cast(n, dtype_of(x)))


# --- dtypes --------------------------------------------------------------------------------------------------------------


def like(x: Any, images: Any, ties: str = "even") -> Any:
    """The float tensor `x` in the dtype of `images`.

    Integers are rounded (a tie to "even" or "away" from zero) and limited to their range; bools are what rounds to something else
    than 0.
    """
    dtype = dtype_of(images)
    if not is_integer(dtype) and dtype != "bool":
        return back(x, images)
    whole = to_even(x) if ties == "even" else multiply(sign(x), floor(add(absolute(x), 0.5)))
    return cast(whole, "bool") if dtype == "bool" else limited(whole, dtype)


def limited(x: Any, dtype: str) -> Any:
    """Whole numbers in a float dtype as integers of `dtype`, those beyond its range as the nearest in it."""
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    kind = numpy_dtype(dtype_of(x)).type
    top = kind(high)
    if int(top) <= high:
        return cast(clip(x, float(low), float(top)), dtype)
    below = float(np.nextafter(top, kind(0)))  # the largest float that fits; above it comes `high`, which is no float
    return where(greater(x, below), full((), high, dtype), cast(clip(x, float(low), below), dtype))


def fill_for(dtype: str, value: Any) -> Any:
    """The number outside of images of `dtype`: integers are truncated to it and limited to its range, as pixels are."""
    if not isinstance(value, (bool, int, float, np.generic)):
        return cast(value, dtype)
    if dtype == "bool":
        return bool(value)
    if is_integer(dtype):
        info = np.iinfo(dtype)
        return int(min(max(int(value), int(info.min)), int(info.max)))
    return float(value)
