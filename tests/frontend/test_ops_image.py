"""Functions on images: against other libraries, at the limits of dtypes, inside models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite import config, layers, ops, random
from keras_lite.engine import registry
from keras_lite.ops import image
from tests.conftest import ENGINES, load_quietly

IMAGE = np.random.default_rng(0).uniform(size=(2, 12, 10, 3)).astype("float32")


def values(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


FILTERS = {"nearest": "NEAREST", "bilinear": "BILINEAR", "bicubic": "BICUBIC", "lanczos3": "LANCZOS"}
PILLOW = [(*names, size) for names in FILTERS.items() for size in ((4, 5), (5, 7), (24, 20))]


@pytest.mark.parametrize(("ours", "theirs", "size"), [*PILLOW, ("area", "BOX", (4, 5)), ("area", "BOX", (24, 20))])
def test_resize_is_that_of_pillow(ours: str, theirs: str, size: tuple[int, int]) -> None:
    """With antialiasing, as Pillow does; its box filter takes whole pixels, so it is compared where they are whole."""
    pil = pytest.importorskip("PIL.Image")
    channel = IMAGE[0, :, :, 0]
    expected = np.asarray(pil.fromarray(channel).resize(size[::-1], getattr(pil.Resampling, theirs)))
    found = values(image.resize(channel[..., None], size, ours, antialias=True))[..., 0]
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "uint16", "int32", "uint32"])
def test_integers_stay_in_their_range(engine: Any, dtype: str) -> None:
    """Overshooting kernels reach the limits of a dtype and do not wrap around."""
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    found = values(image.resize(np.array([[[low], [high], [high], [low]]], dtype), (1, 12), "lanczos3"))[0, :, 0]
    assert found.dtype == dtype and found.min() == low and found.max() == high
    assert found[0] < found[2] < found[5] and found[6] > found[9] > found[11]


def test_halves_are_rounded_as_in_keras(engine: Any) -> None:
    """Resampled ones to even, looked up ones away from zero as in SciPy."""
    pixels = np.array([[[0], [1], [3], [4], [-1], [0]]], "int32")
    assert values(image.resize(pixels, (1, 3), "area")).ravel().tolist() == [0, 4, 0]
    assert values(image.map_coordinates(pixels[0, :, 0], [[0.5, 2.5, 4.5]], 1)).tolist() == [1, 4, -1]


def test_a_resize_that_nearly_hits_an_edge(engine: Any) -> None:
    """Centres of new pixels that lie on an edge of old ones belong to the next one; in floats some would miss it."""
    row = np.arange(20, dtype="float32").reshape(1, 20, 1)
    assert values(image.resize(row, (1, 25), "nearest"))[0, 2::5, 0].tolist() == [2, 6, 10, 14, 18]


def test_nan_and_far_coordinates(engine: Any) -> None:
    """No index is computed from what is no number, or too large for one."""
    far = np.array([[np.inf, -np.inf, 1e30, -1e30, np.nan]], "float32")
    line = np.array([1.0, 2.0, 5.0], "float32")
    assert values(image.map_coordinates(line, far, 1, "nearest"))[:4].tolist() == [5, 1, 5, 1]
    assert values(image.map_coordinates(line, far, 1, fill_value=7.0))[:4].tolist() == [7] * 4
    assert np.isnan(values(image.map_coordinates(line, far, 1))[4])
    for mode in ("wrap", "mirror", "reflect"):
        assert values(image.map_coordinates(line, far[:, 2:4], 0, mode)).min() >= 1


def test_there_and_back(engine: Any) -> None:
    """hsv_to_rgb undoes rgb_to_hsv, grey, black and white pixels included."""
    pixels = np.concatenate([IMAGE[0], np.broadcast_to(np.linspace(0, 1, 10, dtype="float32")[:, None], (1, 10, 3))])
    np.testing.assert_allclose(values(image.hsv_to_rgb(image.rgb_to_hsv(pixels))), pixels, atol=1e-6)


def test_grey_pixels_have_a_gradient(engine: Any) -> None:
    """Neither the hue of grey nor the saturation of black divides by zero."""
    pixels = ops.convert_to_tensor(np.array([[[0.5, 0.5, 0.5], [0.0, 0.0, 0.0], [0.2, 0.4, 0.6]]], "float32"))
    _, _, (found,) = engine.value_and_grad(lambda xs: (ops.sum(image.rgb_to_hsv(xs[0])), None), [pixels])
    assert np.isfinite(values(found)).all()


def test_perspective_moves_the_points(engine: Any) -> None:
    """What was at the start points is at the end points."""
    start, end = [[1.0, 1.0], [8.0, 2.0], [2.0, 9.0], [7.0, 10.0]], [[3.0, 2.0], [9.0, 1.0], [1.0, 8.0], [8.0, 11.0]]
    moved = values(image.perspective_transform(IMAGE[0], start, end))
    for (x, y), (u, v) in zip(start, end, strict=True):
        np.testing.assert_allclose(moved[int(v), int(u)], IMAGE[0, int(y), int(x)], atol=1e-4)


def test_the_configured_layout(engine: Any) -> None:
    """`data_format=None` is what the configuration says when the function is called."""
    first = np.moveaxis(IMAGE, -1, 1)
    config.set_image_data_format("channels_first")
    try:
        found = values(image.resize(first, (3, 4)))
    finally:
        config.set_image_data_format("channels_last")
    np.testing.assert_array_equal(found, np.moveaxis(values(image.resize(IMAGE, (3, 4))), -1, 1))


@pytest.mark.all_engines
def test_the_same_field_on_every_engine() -> None:
    """A seed stands for one elastic deformation, whatever the engine and the layout."""
    found = []
    for name in ENGINES:
        with registry.using(load_quietly(name)):
            found.append(values(image.elastic_transform(IMAGE, 5.0, 2.0, seed=3)))
            first = values(image.elastic_transform(np.moveaxis(IMAGE, -1, 1), 5.0, 2.0, seed=3, data_format="channels_first"))
            np.testing.assert_array_equal(np.moveaxis(first, 1, -1), found[-1])
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-5)


def test_rows_and_columns_move_apart(engine: Any) -> None:
    """The two fields of an elastic deformation are independent of each other, and so are the images of a batch."""
    rows, columns = np.mgrid[:40, :40].astype("float32")
    ramps = np.stack([np.stack([rows, columns], -1)] * 2)
    moves = (values(image.elastic_transform(ramps, 4.0, 1.0, fill_mode="nearest", seed=1)) - ramps)[:, 8:-8, 8:-8]
    fields = np.moveaxis(moves, -1, 1).reshape(4, -1)
    assert np.abs(np.corrcoef(fields) - np.eye(4)).max() < 0.3


def test_a_generator_moves_on_when_it_draws_and_not_when_described(engine: Any) -> None:
    """A symbolic call takes no number from the stream; each real call takes another draw."""
    generator = random.SeedGenerator(5)
    inputs = keras_lite.Input((12, 10, 3))
    outputs = image.elastic_transform(inputs, 5.0, 2.0, seed=generator)
    assert outputs.shape == (None, 12, 10, 3) and values(generator.state.value).tolist() == [5, 0]
    first, second = (values(image.elastic_transform(IMAGE, 5.0, 2.0, seed=generator)) for _ in range(2))
    assert values(generator.state.value).tolist() == [5, 2] and not np.allclose(first, second)
    np.testing.assert_array_equal(first, values(image.elastic_transform(IMAGE, 5.0, 2.0, seed=random.SeedGenerator(5))))


def test_in_a_model(engine: Any) -> None:
    """A graph of functions on images of unknown size predicts, and its weights can be trained through them."""
    inputs = keras_lite.Input((None, None, 3))
    x = image.resize(image.gaussian_blur(inputs), (6, 6), antialias=True)
    x = image.affine_transform(layers.Conv2D(2, 3, padding="same")(x), [1.0, 0.0, 0.5, 0.0, 1.0, 0.5, 0.0, 0.0])
    model = keras_lite.Model(inputs, layers.Flatten()(image.extract_patches(x, 3)))
    assert model.predict(IMAGE, verbose=0).shape == (2, 72)
    model.compile("sgd", "mse")
    before = [np.array(v.numpy()) for v in model.trainable_variables]
    model.fit(IMAGE, np.ones((2, 72), "float32"), epochs=1, verbose=0)
    assert all(not np.array_equal(b, v.numpy()) for b, v in zip(before, model.trainable_variables, strict=True))
