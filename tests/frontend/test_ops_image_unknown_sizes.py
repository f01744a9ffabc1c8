"""Functions on images inside a TensorFlow graph that knows neither their number nor their height and width."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.ops import image
from tests.conftest import ENGINES, load_quietly

pytestmark = pytest.mark.skipif("tensorflow" not in ENGINES, reason="the tensorflow engine is not here")
IMAGES = np.random.default_rng(1).uniform(size=(2, 5, 6, 3)).astype("float32")
CORNERS = [[0, 0], [5, 0], [0, 4], [5, 4]]
TURN = np.array([0.9, 0.2, 0.5, -0.1, 1.1, 0.3, 0.0, 0.0], "float32")
CALLS: dict[str, Any] = {
    "affine_transform": lambda x: image.affine_transform(x, TURN), "blur": image.gaussian_blur,
    "gray": image.rgb_to_grayscale,
    "crop_images": lambda x: image.crop_images(x, 1, bottom_cropping=1, right_cropping=2, target_width=3),
    "elastic_transform": lambda x: image.elastic_transform(x, 3.0, 1.0, seed=1),
    "hsv": image.rgb_to_hsv, "rgb": image.hsv_to_rgb,
    "extract_patches": lambda x: image.extract_patches(x, 2), "sobel_edges": image.sobel_edges,
    "map_coordinates": lambda x: image.map_coordinates(x, [[0.5], [1.5], [9.0], [1.0]], 1, "mirror"),
    "pad_images": lambda x: image.pad_images(x, 1, bottom_padding=1, right_padding=2, target_width=9),
    "patches_same": lambda x: image.extract_patches(x, 3, 2, padding="same"),
    "perspective_transform": lambda x: image.perspective_transform(x, CORNERS, [[1, 0], [6, 0], [1, 4], [6, 5]]),
    "resize": lambda x: image.resize(x, (3, 7), "bicubic", antialias=True),
    "resize_nearest": lambda x: image.resize(x, (3, 7), "nearest"),
    "resize_area": lambda x: image.resize(x, (3, 7), "area"),
    "resize_cropped": lambda x: image.resize(x, (3, 7), crop_to_aspect_ratio=True),
    "resize_padded": lambda x: image.resize(x, (3, 7), pad_to_aspect_ratio=True, fill_value=0.5),
    "scale_and_translate": lambda x: image.scale_and_translate(x, (2, 3, 7, 3), [0.7, 1.2], [0.1, 0.2], (1, 2), "lanczos3"),
    "ssim": lambda x: image.ssim(x, x[:, ::-1], filter_size=3),
}


@pytest.mark.parametrize("name", CALLS)
def test_unknown_sizes(name: str) -> None:
    """A graph with sizes that are tensors gives what the eager call gives."""
    tf = pytest.importorskip("tensorflow")
    with registry.using(load_quietly("tensorflow")):
        graph = tf.function(CALLS[name], input_signature=[tf.TensorSpec([None, None, None, 3], "float32")], autograph=False)
        np.testing.assert_allclose(graph(IMAGES).numpy(), ops.convert_to_numpy(CALLS[name](tf.constant(IMAGES))), rtol=1e-5, atol=1e-6)
