"""Ops on whole arrays where the parity matrix does not reach: sizes unknown to TensorFlow, values known late, round trips."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite import ops
from tests.conftest import ENGINES
from tests.frontend.test_ops_unknown_sizes import IMAGE, X, check

needs_tensorflow = pytest.mark.skipif("tensorflow" not in ENGINES, reason="the tensorflow engine is not here")
LOWEST = np.iinfo("int32").min


def numbers(x: Any) -> Any:
    return ops.convert_to_numpy(x).tolist()


CALLS = {
    "append": lambda x: ops.append(x, x[:2], 0),
    "array_split": lambda x: ops.array_split(x, 3, 0)[1], "cdist": lambda x: ops.cdist(x, x[:2]), "copy": ops.copy,
    "diag": lambda x: ops.diag(x[:, 0], 1), "diagflat": lambda x: ops.diagflat(x, -2), "diagonal": lambda x: ops.diagonal(x, 1),
    "diagonal_below": lambda x: ops.diagonal(x, -2), "diagonal_far": lambda x: ops.diagonal(x, -9),
    "dstack": lambda x: ops.dstack([x, x]), "fliplr": ops.fliplr, "geomspace": lambda x: ops.geomspace(x + 1, x + 2, 3),
    "heaviside": lambda x: ops.heaviside(x - 0.5, x), "hsplit": lambda x: ops.hsplit(x, 2)[1], "hstack": lambda x: ops.hstack([x, x]),
    "hypot": lambda x: ops.hypot(x, x[0]), "kron": lambda x: ops.kron(x, x), "logspace": lambda x: ops.logspace(x, x + 1, 3),
    "meshgrid": lambda x: ops.meshgrid(x[:, 0], x[0])[0], "psnr": lambda x: ops.psnr(x, x * 2, 1.0),
    "rearrange": lambda x: ops.rearrange(x, "a (b c) -> (c a) b", b=2), "rot90": ops.rot90, "trace": ops.trace,
    "vander": lambda x: ops.vander(x[:, 0]), "segment_max": lambda x: ops.segment_max(x, ops.cast(x[:, 0] * 3, "int32"), ops.shape(x)[0]),
    "segment_sum": lambda x: ops.segment_sum(x, ops.cast(x[:, 0] * 3, "int32"), 4), "vstack": lambda x: ops.vstack([x, x[0]]),
    "vectorize": lambda x: ops.vectorize(lambda a, b: a * b)(x, x[0]),
    "vectorize_rows": lambda x: ops.vectorize(lambda a: a - ops.mean(a), signature="(n)->(n)")(x),
    "jvp": lambda x: ops.jvp(ops.sin, (x,), (x,))[1],
}
IMAGES = {
    "depth_to_space": lambda x: ops.depth_to_space(ops.concatenate([x] * 4, -1), 2),
    "flat": lambda x: ops.rearrange(x, "b ... c -> (b c) (...)"), "space_to_depth": lambda x: ops.space_to_depth(x[:, :4], 2),
}


@needs_tensorflow
@pytest.mark.parametrize("name", CALLS)
def test_unknown_sizes(name: str) -> None:
    """A TensorFlow graph in which no size is known."""
    check(CALLS[name], X)


@needs_tensorflow
@pytest.mark.parametrize("name", IMAGES)
def test_unknown_image_sizes(name: str) -> None:
    """Unknown height and width, known channels."""
    check(IMAGES[name], IMAGE, known=3)


def test_number_of_segments_from_the_values(engine: Any) -> None:
    """With the values at hand the largest number decides, also inside of a compiled function if they are constants."""
    x, ids = ops.convert_to_tensor(np.float32([1, 2, 3])), np.array([3, 0, 3])
    assert numbers(ops.segment_sum(x, ops.convert_to_tensor(ids))) == [2, 0, 0, 4]
    assert numbers(engine.compile(lambda x: ops.segment_max(x, ids))(x)) == [2, -np.inf, -np.inf, 3]
    spec = keras_lite.KerasTensor((None, 2))
    assert ops.segment_sum(spec, keras_lite.KerasTensor((None,), "int32")).shape == (None, 2)
    assert ops.segment_sum(spec, ids).shape == (4, 2)


def test_segments_of_integers_without_rows(engine: Any) -> None:
    """The lowest and the highest integer stand where no row is."""
    x = ops.convert_to_tensor(np.int32([5, -7]))
    assert numbers(ops.segment_max(x, [0, 0], 2)) == [5, LOWEST]
    assert numbers(ops.segment_min(x, [0, 0], 2)) == [-7, -(LOWEST + 1)]


def test_second_derivatives_of_segments(engine: Any) -> None:
    """The gradient of a product of three has a gradient; that of a maximum has none."""
    x = ops.convert_to_tensor(np.float32([2, 3, 4]))
    for op, expected in ((ops.segment_prod, [3 + 4, 2 + 4, 2 + 3]), (ops.segment_max, [0, 0, 0])):
        def slope(xs: list[Any], op: Any = op) -> Any:
            return ops.sum(engine.value_and_grad(lambda ys: (ops.sum(op(ys[0], [0, 0, 0], 1)), None), xs)[2][0])

        *_, (found,) = engine.value_and_grad(lambda xs, slope=slope: (slope(xs), None), [x])
        assert numbers(found) == expected


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_blocks_of_pixels_are_inverse(engine: Any, data_format: str) -> None:
    """space_to_depth and depth_to_space undo each other."""
    shape = (2, 6, 9, 3) if data_format == "channels_last" else (2, 3, 6, 9)
    x = ops.convert_to_tensor(np.arange(324, dtype="float32").reshape(shape))
    assert numbers(ops.depth_to_space(ops.space_to_depth(x, 3, data_format), 3, data_format)) == numbers(x)


def test_copy_is_another_tensor(engine: Any) -> None:
    """A change in place of one does not show in the other."""
    x = ops.convert_to_tensor(np.float32([1, 2]))
    y = ops.copy(x)
    assert y is not x and numbers(y) == [1, 2]
    if hasattr(x, "fill_") or isinstance(x, np.ndarray):
        x[0] = 9
        assert numbers(y) == [1, 2]


@pytest.mark.parametrize("name", ["full", "full_of_one", "full_like", "tile", "tile_once", "tile_by_list", "scatter_update"])
def test_results_are_tensors_of_their_own(engine: Any, name: str) -> None:
    """One element of them can be written, where the framework's tensors can, and neither the others nor the arguments change."""
    x, none = ops.convert_to_tensor(np.float32([5])), np.zeros((0, 1), "int32")
    y = {"full": lambda: ops.full((3,), x), "full_of_one": lambda: ops.full((1,), x), "full_like": lambda: ops.full_like(np.zeros(3), x),
         "tile": lambda: ops.tile(x, 3), "tile_once": lambda: ops.tile(x, 1), "tile_by_list": lambda: ops.tile(x, [3]),
         "scatter_update": lambda: ops.scatter_update(x, none, np.zeros(0, "float32"))}[name]()
    assert set(numbers(y)) == {5}
    if hasattr(x, "fill_") or isinstance(x, np.ndarray):
        y[0] = 9
        assert numbers(y)[0] == 9 and set(numbers(y)[1:]) <= {5} and numbers(x) == [5]
