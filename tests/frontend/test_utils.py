"""Helpers for labels, data and seeds.  Expected values are those of Keras 3.15.1, but where the test says otherwise."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from keras_lite.utils import normalize, set_random_seed, to_categorical

# --- to_categorical ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "num_classes", "shape", "classes"),
    [
        ([0, 1, 2], None, (3, 3), [0, 1, 2]),
        ([1], 4, (1, 4), [1]),
        (2, None, (3,), 2),
        (np.array(2), 4, (4,), 2),
        (np.array([[0], [1], [2]]), None, (3, 3), [0, 1, 2]),
        (np.array([[0, 1], [1, 2]]), 3, (2, 2, 3), [[0, 1], [1, 2]]),
        (np.array([[[1]], [[2]]]), None, (2, 1, 3), [[1], [2]]),
        (np.array([255, 0], np.uint8), None, (2, 256), [255, 0]),
        (np.array([-0.0, 1.0], np.float32), None, (2, 2), [0, 1]),
        (np.array([True, False]), None, (2, 2), [1, 0]),
        (np.zeros((0, 1), int), 3, (0, 3), np.zeros(0)),
    ],
)
def test_one_hot_of_host_data(x: Any, num_classes: Any, shape: tuple[int, ...], classes: Any) -> None:
    y = to_categorical(x, num_classes)
    assert type(y) is np.ndarray and y.dtype == np.float64 and y.shape == shape
    assert np.array_equal(y.argmax(-1), classes) and np.array_equal(y.sum(-1), np.ones(shape[:-1]))


@pytest.mark.parametrize(
    ("x", "num_classes", "message"),
    [
        ([0, 3, 7], 3, r"labels must be from 0 to 2 for 3 classes, got 3 at \(1,\) and 1 more"),
        ([[0, 1], [-1, 2]], 3, r"got -1 at \(1, 0\) and 0 more"),  # Keras takes it for the last class
        ([-1, 0], None, r"labels must be from 0 to 0 for 1 classes, got -1 at \(0,\)"),
        ([], None, r"labels of shape \(0,\) are empty: give num_classes"),
        ([0, np.nan], 3, r"labels must be finite, got nan"),
        ([0], 0, r"num_classes must be at least 1, got 0"),
    ],
)
def test_one_hot_of_bad_labels(x: Any, num_classes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^to_categorical: .*{message}"):
        to_categorical(x, num_classes)


def test_one_hot_of_text() -> None:
    with pytest.raises(TypeError, match=r"to_categorical: labels must be whole numbers, got <U3 values such as \['cat', 'dog'\]"):
        to_categorical(["cat", "dog"], 2)


def test_one_hot_of_a_tensor(engine: Any) -> None:
    for labels in ([0, 2, 1], [[0], [2], [1]]):
        y = to_categorical(engine.convert(np.array(labels), "int32"), 3)
        assert engine.is_tensor(y) and engine.shape_of(y) == (3, 3)
        assert np.array_equal(engine.to_numpy(y), np.eye(3)[[0, 2, 1]])


def test_one_hot_of_a_tensor_needs_the_number_of_classes(engine: Any) -> None:
    x = engine.convert(np.array([0, 2]), "int32")
    if isinstance(x, np.ndarray):
        assert to_categorical(x).shape == (2, 3)  # NumPy's tensors are host data
    else:
        with pytest.raises(ValueError, match=r"to_categorical: give num_classes with a tensor"):
            to_categorical(x)


# --- normalize ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "options", "expected"),
    [
        (np.array([[3.0, 4.0], [0.0, 0.0]]), {}, [[0.6, 0.8], [0.0, 0.0]]),
        (np.array([[3, 4], [6, 8]]), {}, [[0.6, 0.8], [0.6, 0.8]]),
        (np.array([[3.0, 4.0], [4.0, 3.0]]), {"axis": 0}, [[0.6, 0.8], [0.8, 0.6]]),
        (np.array([[3.0, 4.0], [-4.0, 3.0]]), {"order": 1}, [[3 / 7, 4 / 7], [-4 / 7, 3 / 7]]),
        (np.array([[3.0, 4.0], [-4.0, 3.0]]), {"order": 3}, [[0.66697178, 0.88929570], [-0.88929570, 0.66697178]]),
        (np.array([[3.0, 0.0], [-4.0, 3.0]]), {"order": np.inf}, [[1.0, 0.0], [-1.0, 0.75]]),
        (np.array([[3.0, 0.0], [-4.0, 3.0]]), {"order": 0}, [[3.0, 0.0], [-2.0, 1.5]]),
        ([3.0, 4.0], {}, [0.6, 0.8]),
        (3.0, {}, [1.0]),
    ],
)
def test_unit_vectors_of_host_data(x: Any, options: dict[str, Any], expected: Any) -> None:
    y = normalize(x, **options)
    assert type(y) is np.ndarray and y.dtype == np.float64
    np.testing.assert_allclose(y, expected, rtol=1e-7, atol=0)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_unit_vectors_keep_a_float_dtype(dtype: str) -> None:
    assert normalize(np.array([[3, 4]], dtype)).dtype == dtype


def test_unit_vectors_of_a_tensor(engine: Any) -> None:
    x = np.array([[3.0, -4.0], [0.0, 0.0]], np.float32)
    for order, expected in ((2, [[0.6, -0.8], [0, 0]]), (1, [[3 / 7, -4 / 7], [0, 0]]), (3, [[0.66697178, -0.88929570], [0, 0]])):
        y = normalize(engine.convert(x, "float32"), order=order)
        assert engine.is_tensor(y) and engine.dtype_of(y) == "float32"
        np.testing.assert_allclose(engine.to_numpy(y), expected, rtol=1e-6, atol=0)


def test_axis_out_of_range() -> None:
    with pytest.raises(ValueError, match=r"normalize: axis 2 is out of range for shape \(2, 2\)"):
        normalize(np.ones((2, 2)), axis=2)


# --- set_random_seed ---------------------------------------------------------------------------------------------------


def test_seed_sets_every_host_generator() -> None:
    draws = []
    for seed in (7, np.int64(7), 8):
        set_random_seed(seed)
        draws.append((random.random(), np.random.rand()))
    assert draws[0] == draws[1] != draws[2]


def test_seed_sets_the_package_generator(engine: Any) -> None:
    from keras_lite import random as portable

    draws = []
    for seed in (7, 7, 8):
        set_random_seed(seed)
        draws.append([engine.to_numpy(portable.uniform((3,))).tolist() for _ in range(2)])
    assert draws[0] == draws[1] != draws[2]
    assert draws[0][0] != draws[0][1]


@pytest.mark.parametrize("seed", [1.5, "a", None, -1, 2**32])
def test_seed_that_is_none(seed: Any) -> None:
    with pytest.raises(ValueError, match=r"set_random_seed: seed must be"):
        set_random_seed(seed)
