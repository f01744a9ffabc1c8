"""Pooling to a size, windows as columns and associative scans: beside other ways to compute them, and with unknown sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import KerasTensor, ops
from keras_lite.engine import registry
from tests.conftest import ENGINES, load_quietly

IMAGES = np.random.default_rng(1).normal(size=(2, 5, 7, 3)).astype("float32")
FIRST = IMAGES.transpose(0, 3, 1, 2)
COLUMNS = np.random.default_rng(2).normal(size=(2, 12, 24)).astype("float32")


def numbers(x: Any) -> Any:
    return ops.convert_to_numpy(x)


def matrices(p: Any, q: Any) -> Any:
    """A product that does not commute, of stacks of 2 x 2 matrices (columns of numbers, so that any axis can be that of the sequence)."""
    return [p[0] * q[0] + p[1] * q[2], p[0] * q[1] + p[1] * q[3], p[2] * q[0] + p[3] * q[2], p[2] * q[1] + p[3] * q[3]]


def test_whole_axis_is_the_mean(engine: Any) -> None:
    """One part is global pooling; as many parts as there are elements are the elements."""
    x = ops.convert_to_tensor(IMAGES)
    np.testing.assert_allclose(numbers(ops.adaptive_average_pool(x, 1)), IMAGES.mean((1, 2), keepdims=True), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(numbers(ops.adaptive_max_pool(x, (5, 7))), IMAGES)


def test_infinity_stays_in_its_window(engine: Any) -> None:
    """Means of windows beside an infinity are finite."""
    x = np.float32([1, 2, 3, np.inf, 5, 6, 7]).reshape(1, 7, 1)
    assert numbers(ops.adaptive_average_pool(x, 3)).ravel().tolist() == [2, np.inf, 6]


def test_gradient_of_equal_maxima(engine: Any) -> None:
    """It goes to the first one, whether the windows overlap or not."""
    for n, m in ((7, 3), (6, 3)):
        x = ops.zeros((1, n, 1))
        _, _, (slope,) = engine.value_and_grad(lambda xs, m=m: (ops.sum(ops.adaptive_max_pool(xs[0], m)), None), [x])
        assert numbers(slope).ravel().tolist() == ([1, 0, 1, 0, 1, 0, 0] if n == 7 else [1, 0] * 3)


def test_fold_is_the_adjoint_of_unfold(engine: Any) -> None:
    """<unfold(x), y> = <x, fold(y)> for any x and y."""
    options = {"kernel_size": (2, 3), "dilation": (2, 1), "padding": (1, 2), "stride": (2, 1)}
    columns = numbers(ops.unfold(FIRST, **options))
    y = np.random.default_rng(3).normal(size=columns.shape).astype("float32")
    folded = numbers(ops.fold(y, (5, 7), **options))
    np.testing.assert_allclose(np.vdot(columns, y), np.vdot(FIRST, folded), rtol=1e-4)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33])
@pytest.mark.parametrize("reverse", [False, True])
def test_scan_of_matrices(engine: Any, size: int, reverse: bool) -> None:
    """A function that does not commute, for sizes that are powers of two and others."""
    x = np.random.default_rng(size).normal(size=(size, 2, 2)).astype("float32")
    got = numbers(ops.associative_scan(lambda p, q: ops.matmul(p, q), x, reverse=reverse))
    expected, rows = x[-1 if reverse else 0].astype("float64"), []
    for i, row in enumerate(x[::-1] if reverse else x):
        expected = expected @ row if i else expected
        rows.append(expected)
    np.testing.assert_allclose(got, np.stack(rows[::-1] if reverse else rows), rtol=1e-3, atol=1e-4)


def test_scan_is_logarithmic(engine: Any) -> None:
    """`f` is called twice for each halving."""
    calls = []

    def f(p: Any, q: Any) -> Any:
        calls.append(p.shape[0])
        return p + q

    ops.associative_scan(f, np.ones(1024, "float32"))
    assert len(calls) <= 2 * 10
    assert sum(calls) <= 2 * 1024


def test_scan_in_a_compiled_gradient(engine: Any) -> None:
    """The slope of a cumulative product, compiled, beside that of `cumprod`."""
    x = ops.convert_to_tensor(np.float32([0.5, 2.0, -1.5, 0.25, 3.0]))

    def slope(fn: Any) -> Any:
        return numbers(engine.compile(lambda x: engine.value_and_grad(lambda xs: (ops.sum(fn(xs[0])), None), [x])[2])(x)[0])

    np.testing.assert_allclose(slope(lambda x: ops.associative_scan(ops.multiply, x)), slope(lambda x: ops.cumprod(x, axis=0)), rtol=1e-5)


def test_specs(engine: Any) -> None:
    """Shapes of symbolic calls; None where a size is unknown."""
    x = KerasTensor((None, None, 8, 3))
    assert ops.adaptive_max_pool(x, (2, None)).shape == (None, 2, 8, 3)
    assert ops.adaptive_average_pool(x, 3).shape == (None, 3, 3, 3)
    assert ops.unfold(KerasTensor((None, 3, None, 6)), 2).shape == (None, 12, None)
    assert ops.unfold(KerasTensor((None, 3, 5, 6)), 2).shape == (None, 12, 20)
    assert ops.fold(KerasTensor((None, 12, None)), 6, 2).shape == (None, 3, 6, 6)
    sums = ops.associative_scan(lambda p, q: {"a": p["a"] + q["a"]}, {"a": KerasTensor((None, 4))})
    assert sums["a"].shape == (None, 4)
    with pytest.raises(ValueError, match="the function changes the elements"):
        ops.associative_scan(lambda p, q: p > q, KerasTensor((None, 4)))


UNKNOWN: dict[str, Any] = {
    "average": (IMAGES, lambda x: ops.adaptive_average_pool(x, (2, 3))),
    "max": (IMAGES, lambda x: ops.adaptive_max_pool(x, (3, None))),
    "divides": (IMAGES, lambda x: ops.adaptive_max_pool(x, 1)),
    "unfold": (FIRST, lambda x: ops.unfold(x, 2, padding=1, stride=(1, 2))),
    "fold": (COLUMNS, lambda x: ops.fold(x, (5, 7), 2)),
    "scan": (COLUMNS, lambda x: ops.associative_scan(matrices, [x, x + 1, x * 0.5, x - 1], axis=-1)[1]),
    "scan_reverse": (COLUMNS, lambda x: ops.associative_scan(ops.add, x, True, 1)),
}


@pytest.mark.skipif("tensorflow" not in ENGINES, reason="the tensorflow engine is not here")
@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_sizes(name: str) -> None:
    """A graph with sizes that are tensors gives what the eager call gives, and its gradient."""
    tf = pytest.importorskip("tensorflow")
    data, call = UNKNOWN[name]

    def with_slope(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = call(x)
            total = tf.reduce_sum(y * y)
        return y, tape.gradient(total, x)

    with registry.using(load_quietly("tensorflow")):
        signature = [tf.TensorSpec([None] * data.ndim, "float32")]
        found = tf.function(with_slope, input_signature=signature, autograph=False)(data)
        for a, b in zip(found, with_slope(tf.constant(data)), strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-3, atol=1e-4)


def test_gradients_in_compiled_functions(engine: Any) -> None:
    """Also those of engines' own kernels, in either layout."""
    calls = [lambda x: ops.adaptive_max_pool(x, (2, 3)), lambda x: ops.adaptive_average_pool(x, 2, "channels_first"), UNKNOWN["unfold"][1],
             lambda x: ops.fold(ops.unfold(x, 2), (5, 7), 2)]
    for call, data in zip(calls, (IMAGES, FIRST, FIRST, FIRST), strict=True):
        def slope(x: Any, call: Any = call) -> Any:
            return engine.value_and_grad(lambda xs: (ops.sum(ops.square(call(xs[0]))), None), [x])[2]

        x = ops.convert_to_tensor(data)
        np.testing.assert_allclose(numbers(engine.compile(slope)(x)[0]), numbers(slope(x)[0]), rtol=1e-5, atol=1e-5)
