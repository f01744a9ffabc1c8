"""The functions of `keras_lite.ops.image` give what those of `keras.ops.image` give, on their own samples."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from keras_lite.engine import registry
from keras_lite.ops import image
from keras_lite.testing.calls import invoke, make_call, to_tensors

PROJECTIVE = "Keras takes the last two numbers of a transform into account on TensorFlow alone"
ONE = "Keras wants one transform for each image, but on TensorFlow"
TRUNCATED = "Keras on NumPy and TensorFlow truncates; on JAX and torch it rounds, as here"
AREA = "Keras has it on TensorFlow alone"
UNLIKE: dict[tuple[str, int], str] = {
    ("affine_transform", 1): PROJECTIVE, ("affine_transform", 2): PROJECTIVE, ("affine_transform", 3): ONE, ("affine_transform", 9): ONE,
    ("affine_transform", 10): ONE, ("affine_transform", 12): ONE, ("affine_transform", 11): TRUNCATED,
    ("affine_transform", 8): "Keras fails on the empty batch",
    ("gaussian_blur", 7): "Keras makes the filter an integer one on NumPy, and fails on the other engines",
    ("map_coordinates", 14): "Keras fails without coordinates",
    ("map_coordinates", 19): "Keras fails on NumPy at NaN; on the other engines the value is NaN, as here",
    ("resize", 14): AREA, ("resize", 26): AREA, ("scale_and_translate", 5): "Keras takes no single axis",
    ("sobel_edges", 6): "Keras gives bools", ("ssim", 5): "Keras casts the similarity of integers to an integer, that is to 0 or 1",
}
LARGE = {("map_coordinates", 16): "Keras on NumPy pads the inputs up to the coordinates: here by 80 GB"}
RANDOM = ("elastic_transform",)
CASES = [(name, i) for name in image.__all__ if name not in RANDOM for i, sample in enumerate(getattr(image, name).op.samples)
         if not sample.error and (name, i) not in LARGE]


@pytest.mark.parametrize(("name", "index"), CASES, ids=lambda x: str(x))
def test_same_values(keras: Any, name: str, index: int) -> None:
    """The same shape and values, in float32 precision; known differences are differences."""
    engine, call = registry.load("numpy"), make_call(getattr(image, name).op, index)
    ours = engine.to_numpy(invoke(engine, call, to_tensors(engine, call.arrays)))
    args, kwargs = call.filled(call.arrays)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            theirs = np.asarray(getattr(keras.ops.image, name)(*args, **kwargs))
        except Exception as error:
            assert (name, index) in UNLIKE, f"Keras raises {error!r}"
            return
    same = ours.shape == theirs.shape and np.allclose(*(x.astype("float64") for x in (ours, theirs)), rtol=2e-5, atol=1e-5, equal_nan=True)
    assert same != ((name, index) in UNLIKE), UNLIKE.get((name, index), f"{ours} but Keras gives {theirs}")


def test_the_same_elastic_field(keras: Any) -> None:
    """The field that Keras draws has the statistics of ours: the same spread, and as much likeness at distances up to two `sigma`."""
    rows, columns = np.mgrid[:96, :96].astype("float32")
    ramp = np.stack([rows, columns], -1)
    found = []
    for module in (image, keras.ops.image):
        moves = np.array([np.asarray(module.elastic_transform(ramp, 4.0, 2.0, fill_mode="nearest", seed=seed)) - ramp for seed in range(6)])
        moves = moves[:, 12:-12, 12:-12]
        likeness = [float(np.mean(moves[:, d:] * moves[:, :-d]) / np.mean(moves**2)) for d in (1, 2, 4)]
        found.append([float(np.std(moves)), *likeness])
    np.testing.assert_allclose(found[0], found[1], atol=0.04)
    np.testing.assert_allclose(found[0], [4 / (2 * np.sqrt(np.pi)), *np.exp(-np.array([1, 4, 16]) / 16)], atol=0.05)
