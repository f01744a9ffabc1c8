"""Images on a rubber sheet that is pulled at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.ops.arithmetic import add, multiply
from keras_lite.ops.core import cast
from keras_lite.ops.facts import shape_of
from keras_lite.ops.image.coordinates import FILL_MODES, float_for
from keras_lite.ops.image.filtering import filtered, gaussian
from keras_lite.ops.image.layout import as_batch, layout_of
from keras_lite.ops.image.samples import ELASTIC
from keras_lite.ops.image.warping import ORDERS, grid, warped
from keras_lite.ops.shaping import part_of, reshape
from keras_lite.ops.table import op


@op(tensors=("images",), samples=ELASTIC)
def elastic_transform(images: Any, alpha: Any = 20.0, sigma: float = 5.0, interpolation: str = "bilinear", fill_mode: str = "reflect",
                      fill_value: Any = 0.0, seed: Any = None, data_format: str | None = None) -> Any:
    """One image or a batch, each pixel looked up a little aside of its place.

    How far is normal noise with standard deviation `sigma`, smoothed by a Gaussian filter of the same standard deviation (of
    `int(6 sigma)` pixels, or one more to be odd) and multiplied by `alpha`; for rows and columns apart, and for each image.  The
    noise is the portable stream's, equal on every engine.  After Simard et al., "Best practices for convolutional neural networks
    applied to visual document analysis", 2003.

    Args:
        images: a tensor of rank 3 or 4.
        alpha: strength; a number.
        sigma: standard deviation of the noise and of the filter, in pixels.
        interpolation: "nearest" or "bilinear".
        fill_mode: what is beyond the edges: "constant", "nearest", "wrap", "mirror" or "reflect" (see `map_coordinates`).
        fill_value: the number there for "constant".
        seed: an int, a `SeedGenerator` or None.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank or name; `sigma` is not positive.

    >>> from keras_lite import ops
    >>> import numpy as np
    >>> image = np.arange(4.0).reshape(2, 2, 1)
    >>> ops.convert_to_numpy(ops.image.elastic_transform(image, alpha=0.0, seed=1)[..., 0]).tolist()  # no strength, no change
    [[0.0, 1.0], [2.0, 3.0]]
    >>> ops.image.elastic_transform(np.ones((8, 8, 3)), seed=1).shape == (8, 8, 3)
    True
    """
    layout = layout_of("elastic_transform", images, data_format)
    if interpolation not in ORDERS:
        raise unknown_name("interpolation", interpolation, ORDERS)
    if fill_mode not in FILL_MODES:
        raise unknown_name("fill mode", fill_mode, FILL_MODES)
    if not isinstance(sigma, (int, float, np.number)) or not 0 < sigma < float("inf"):
        raise invalid("elastic_transform", f"sigma must be a positive number, got {sigma!r}")
    batch = as_batch(images)
    shape = (2, shape_of(batch)[0], shape_of(batch)[layout.height], shape_of(batch)[layout.width])
    noise = multiply(_noise(shape, seed), float(sigma))
    dtype = float_for(images, noise)
    window = gaussian(int(6 * sigma) | 1, float(sigma))
    for axis in (2, 3):
        noise = filtered(noise, window, axis, "same")
    moves = multiply(cast(noise, dtype), alpha if isinstance(alpha, (int, float)) else cast(alpha, dtype))
    places = [add(start, reshape(part_of(moves, 0, i, i + 1), shape[1:])) for i, start in enumerate(grid(images, layout, dtype))]
    return warped(images, layout, places, ORDERS[interpolation], fill_mode, fill_value)


def _noise(shape: tuple[Any, ...], seed: Any) -> Any:
    """Standard normal numbers, in float32 whatever the images are."""
    from keras_lite.random.normals import standard_normal
    from keras_lite.random.seed_generator import SeedGenerator, draw_seed, global_generator

    generator = seed if isinstance(seed, SeedGenerator) else global_generator() if seed is None else None
    if generator is not None and registry.current().is_abstract and not generator.state.owner.is_abstract:
        seed = 0  # only a shape is wanted, and nobody watches which variables are used: the stream stays where it is
    return standard_normal(draw_seed(seed), shape, "float32")
