"""How much two images look alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine.errors import invalid
from keras_lite.ops import references_image as references
from keras_lite.ops.arithmetic import add, divide, multiply, subtract
from keras_lite.ops.core import cast
from keras_lite.ops.elementwise import square
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.image.filtering import filtered, gaussian
from keras_lite.ops.image.layout import as_batch, layout_of
from keras_lite.ops.image.samples import SSIM
from keras_lite.ops.shaping import reshape, stack, unstack
from keras_lite.ops.statistics import back, mean, wide
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import may_equal


@op(tensors=("image1", "image2"), floating=True, samples=SSIM, reference=references.ssim)
def ssim(image1: Any, image2: Any, max_val: Any = 1.0, filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01,
         k2: float = 0.03, data_format: str | None = None) -> Any:
    """Structural similarity of two images, or of each pair of two batches: 1 for equal ones, less for others.

    The mean over pixels and channels of (2 m1 m2 + c1) (2 s12 + c2) / ((m1**2 + m2**2 + c1) (s1**2 + s2**2 + c2)) with c1 = (k1 max_val)**2
    and c2 = (k2 max_val)**2, where means, variances and the covariance are those under a Gaussian window, at its places inside the
    images.  Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.

    Args:
        image1, image2: tensors of one shape, of rank 3 or 4.
        max_val: the range of the values, such as 1 or 255.
        filter_size, filter_sigma: size and standard deviation of the window, in pixels.
        k1, k2: small numbers which keep the quotient finite.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Returns:
        A float, or one for each pair.

    Raises:
        ValueError: wrong ranks, shapes that differ, a window that is larger than the images or not positive.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> image = np.linspace(0, 1, 11 * 11, dtype="float32").reshape(11, 11, 1)
    >>> round(float(ops.image.ssim(image, image)), 3), round(float(ops.image.ssim(image, 1 - image)), 3)
    (1.0, -0.954)
    """
    layout = layout_of("ssim", image1, data_format)
    shape = shape_of(image1)
    if not may_equal(shape, shape_of(image2)):
        raise invalid("ssim", f"the images must have the same shape, got {shape} and {shape_of(image2)}")
    if not isinstance(filter_size, (int, np.integer)) or filter_size < 1 or not filter_sigma > 0:
        raise invalid("ssim", f"filter_size must be a positive int and filter_sigma positive, got {filter_size!r} and {filter_sigma!r}")
    if any(isinstance(shape[a], int) and shape[a] < filter_size for a in layout[:2]):
        raise invalid("ssim", f"the window of filter_size={filter_size} is larger than images of shape {shape}")
    x, y = as_batch(wide(image1)), as_batch(wide(image2))
    moments = stack([x, y, square(x), square(y), multiply(x, y)], 0)
    window = gaussian(int(filter_size), float(filter_sigma))
    for axis in layout[:2]:
        moments = filtered(moments, window, axis % 5, "valid")
    span = max_val if isinstance(max_val, (int, float)) else cast(max_val, dtype_of(x))
    similar = mean(_similarity(moments, (span * k1) ** 2, (span * k2) ** 2), (1, 2, 3))
    return back(similar if len(shape) == 4 else reshape(similar, ()), image1)


def _similarity(moments: Any, c1: Any, c2: Any) -> Any:
    """Similarity at each place, from the means of x, y, x**2, y**2 and x y."""
    x, y, xx, yy, xy = unstack(moments, axis=0)
    means, powers = multiply(x, y), add(square(x), square(y))
    luminance = divide(add(multiply(means, 2.0), c1), add(powers, c1))
    return multiply(luminance, divide(add(multiply(subtract(xy, means), 2.0), c2), add(subtract(add(xx, yy), powers), c2)))
