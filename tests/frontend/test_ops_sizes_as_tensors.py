"""Sizes, counts, shifts, paddings and bounds that are scalar tensors inside a TensorFlow graph: `n = ops.shape(x)[0]`.

Each call gets x (4, 6) and its sizes.  Its graph knows neither of them and must give what ints give.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

from keras_lite import layers, models, ops, random
from keras_lite.engine import registry
from keras_lite.engine.errors import is_clear
from keras_lite.ops import image
from tests.conftest import ENGINES, load_quietly

pytestmark = pytest.mark.skipif("tensorflow" not in ENGINES, reason="the tensorflow engine is not here")
X = np.random.default_rng(0).uniform(size=(4, 6)).astype("float32")
NINE = np.arange(9.0, dtype="float32")
WINDOWS = (ops.bartlett, ops.blackman, ops.hamming, ops.hanning)
CREATED = {
    "arange": lambda x, n, m: (ops.arange(n), ops.arange(1, n), ops.arange(n, m), ops.arange(m, n), ops.arange(m, 0, -2),
                               ops.arange(0, 12, n)),
    "arange of floats": lambda x, n, m: (ops.arange(n, dtype="float32"), ops.arange(0.5, n, 0.5), ops.arange(0, ops.cast(n, "float32") / 3),
                                         ops.arange(0.5, n, 1.5, dtype="int32")),
    "arange of a dtype": lambda x, n, m: [ops.arange(n, dtype=d) for d in ("int8", "int64", "bfloat16")],
    "zeros": lambda x, n, m: (ops.zeros(n), ops.zeros((n, 3)), ops.zeros([n, m]), ops.ones(ops.shape(x)),
                              ops.ones((n // 2, 2 * m), "int32")),
    "a vector of sizes": lambda x, n, m: (ops.zeros(ops.stack([n, 3])), ops.full(ops.stack([n, 2]), 7), ops.reshape(x, ops.stack([m, n])),
                                          ops.broadcast_to(x[0], ops.stack([n, m]))),
    "full": lambda x, n, m: (ops.full(n, 2.0), ops.full((n, m), x[0]), ops.full((2,), n)),
    "eye": lambda x, n, m: (ops.eye(n), ops.eye(n, m, k=1), ops.eye(3, k=n // 4), ops.tri(n, m, k=-1), ops.tri(5, k=n // 2)),
    "diagonals": lambda x, n, m: (ops.tril(x, n // 4), ops.triu(x, -(n // 4)), ops.diag(x[0], n // 2), ops.diagflat(x[0], -n),
                                  ops.diagonal(x, n // 4), ops.trace(x, -(n // 4))),
    "windows": lambda x, n, m: [w(k) for w in WINDOWS for k in (n, m, n // 4, n - 4)] + [ops.kaiser(k, 4.0) for k in (n, n // 4)],
    "one_hot": lambda x, n, m: (ops.one_hot([0, 3], n), ops.one_hot([0, 3], m, axis=0), ops.multi_hot([[0, 1]], n)),
}
SHAPED = {
    "reshape": lambda x, n, m: (ops.reshape(x, (n, -1)), ops.reshape(x, (n * m,)), ops.reshape(x, (2, n // 2, m))),
    "tile": lambda x, n, m: (ops.tile(x, (n, 1)), ops.tile(x, n), ops.tile([[1.0, 2.0]], (n, 1, m)), ops.tile(x, ops.stack([n, 2]))),
    "repeat": lambda x, n, m: (ops.repeat(x, n), ops.repeat(x, n, 0), ops.repeat(x, [n], 1), ops.repeat(x, [1, 2, n // 2, n - 4], 0)),
    "repeat each": lambda x, n, m: (ops.repeat(x, ops.arange(n), 0), ops.repeat(x, ops.arange(4), 0),
                                    ops.repeat(x, ops.arange(n // 4) + 2, 0)),
    "roll": lambda x, n, m: (ops.roll(x, n // 2, 0), ops.roll(x, n), ops.roll(x, -(n // 4), 1), ops.roll(NINE, n + 9),
                             ops.roll(x, (n // 2, 1), (0, 1))),
    "pad": lambda x, n, m: (ops.pad(x, ((0, 5 - n), (0, 0))), ops.pad(x, ((0, n), (1, 0)), constant_values=2.0), ops.pad(NINE, (n, 1))),
    "pad with tensors": lambda x, n, m: (ops.pad(x, ((0, 1), (0, 0)), constant_values=ops.max(x)),
                                         ops.pad(x, [[n, 0]], constant_values=x[0, 0])),
    "mirror": lambda x, n, m: (ops.pad(x, ((0, n // 2), (1, 0)), "reflect"), ops.pad(x, ((n // 2, n - 4), (0, n)), "symmetric")),
    "split": lambda x, n, m: (ops.split(x, [1, n - 1]), ops.split(NINE, [n, m]), ops.split(x, [-(n // 2), 1], axis=1),
                              ops.hsplit(x, [1, n])),
    "rearrange": lambda x, n, m: ops.rearrange(x, "(a b) c -> b (a c)", a=n // 2),
    "fold": lambda x, n, m: ops.fold(ops.ones((1, 4, (n - 1) * (m - 1))), (n, m), 2),
    "linspace": lambda x, n, m: (ops.linspace(0, n, 5), ops.linspace(x, ops.add(x, n), 3)),
}
PARTS = {
    "slice": lambda x, n, m: (ops.slice(x, (0, 0), (n, 2)), ops.slice(x, (n // 2, 1), (2, m - 2)), ops.slice(x, (n // 2, 0), (-1, 2))),
    "slice_update": lambda x, n, m: (ops.slice_update(x, (n - 1, 0), [[1.0, 2.0]]), ops.slice_update(x, (1, m), x[:2, :3])),
    "x[:n]": lambda x, n, m: (x[: n // 2], ops.get_item(x, slice(None, n - 1)), ops.get_item(NINE, slice(n, None)),
                              ops.get_item(NINE, slice(n, m))),
    "x[n]": lambda x, n, m: (ops.get_item(x, n - 1), ops.get_item(x, (slice(1, n), n // 2)),
                             ops.get_item(x, (None, Ellipsis, slice(-(n // 2), m - 1)))),
    "x[n::-1]": lambda x, n, m: [ops.get_item(x, slice(a, b, c)) for a, b, c in (
        (n - 2, None, -1), (None, n // 4, -1), (-2, 0, -1), (3, 0, -2), (99, -99, -3), (n, m, -1), (0, None, -2), (n - 3, 99, 2),
        (n, 1, 1))],
    "take": lambda x, n, m: (ops.take(x, n - 1, 0), ops.take(x, [0, n - 1], 0),
                             ops.take_along_axis(x, ops.full((n, 1), n - 1, "int32"), 1)),
    "top_k": lambda x, n, m: (ops.top_k(ops.transpose(x), n), ops.top_k(NINE, k=n), ops.in_top_k(ops.argmax(x, 1), x, n // 2)),
    "argpartition": lambda x, n, m: ops.argpartition(x, n // 2),
    "segments": lambda x, n, m: [f(x, [0, 1, 1, 2], n) for f in (ops.segment_sum, ops.segment_max, ops.segment_prod)],
    "segments found": lambda x, n, m: (ops.segment_sum(x, ops.argmax(x, 1)), ops.segment_max(x, ops.argmax(x, 1))),
    "bincount": lambda x, n, m: (ops.bincount([0, 1, 3], minlength=m), ops.bincount(ops.cast(x * 3, "int32"), minlength=n)),
    "scatter": lambda x, n, m: (ops.scatter([[0], [2]], [1.0, 2.0], (n,)), ops.scatter([[0, 1], [2, 2]], [1.0, 2.0], ops.shape(x)),
                                ops.scatter_update(x, [[n - 1, 0]], [9.0])),
    "unravel_index": lambda x, n, m: ops.unravel_index(ops.argmax(ops.ravel(x)), (n, m)),
}
SIGNALS = {
    "fft": lambda x, n, m: (ops.rfft(x, n), ops.rfft(x, m + 2), ops.irfft((x, x), n), ops.irfft((x, x), n * 2 + 1)),
    "frames": lambda x, n, m: (ops.extract_sequences(x, n // 2, n // 4), ops.istft(ops.stft(x, 4, 2, 4), 4, 2, 4, length=m)),
    "correlate": lambda x, n, m: [ops.correlate(x[0], x[1][: n // 2 + 1], mode=mode) for mode in ("valid", "same", "full")],
    "attention": lambda x, n, m: ops.dot_product_attention(*(ops.reshape(x, (1, n, 1, m)) for _ in range(3)),
                                                            mask=ops.tri(n, dtype="bool")),
    "loops": lambda x, n, m: (ops.fori_loop(0, n, lambda i, s: s + i, 0), ops.map(lambda i: i * 2, ops.arange(n)),
                              ops.scan(lambda c, _: (c + 1.0, c), 0.0, None, length=n)),
    "resize": lambda x, n, m: [image.resize(ops.reshape(x, (n, m, 1)), (n * 2, m // 2), kind)
                               for kind in ("bilinear", "nearest", "area", "bicubic")],
    "resize in proportion": lambda x, n, m: [image.resize(ops.reshape(x, (n, m, 1)), ops.stack([n, n]), **{how: True})
                                             for how in ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias")],
    "scale": lambda x, n, m: image.scale_and_translate(x, (n * 2, m), [2.0, 1.0], [0.0, 0.5], (0, 1), "linear"),
}
DRAWN = {
    "uniform": lambda x, n, m: (random.uniform((n, 3), seed=1), random.uniform(ops.stack([n, m]), seed=1),
                                random.uniform(ops.shape(x), 0, n, seed=1)),
    "normal": lambda x, n, m: (random.normal((n, 3), mean=n, seed=1), random.truncated_normal((n, m), seed=1)),
    "randint": lambda x, n, m: (random.randint((9,), 0, n, seed=1), random.randint((n,), -m, m, "int64", seed=1),
                                random.randint((9,), n, n * 9999, seed=1)),
    "others": lambda x, n, m: (random.gamma((n, 2), 2.0, seed=1), random.beta((n,), 2.0, n, seed=1), random.binomial((3,), n, 0.5, seed=1)),
    "categorical": lambda x, n, m: random.categorical(x, n, seed=1),
    "dropout": lambda x, n, m: (random.dropout(x, 0.5, (n, 1), seed=1), random.dropout(x, 0.5, (None, 1), seed=1)),
    "shuffle": lambda x, n, m: (random.shuffle(x, seed=1), random.shuffle(ops.arange(n), seed=1)),
}
CALLS: dict[str, Any] = CREATED | SHAPED | PARTS | SIGNALS | DRAWN
NEEDED: dict[str, Any] = {
    "linspace": lambda x, n: ops.linspace(0.0, 1.0, n), "geomspace": lambda x, n: ops.geomspace(1.0, 2.0, n), "split": ops.split,
    "array_split": ops.array_split, "unstack": ops.unstack, "diff": ops.diff, "rot90": ops.rot90, "round": ops.round,
    "vander": lambda x, n: ops.vander(x[0], n), "histogram": lambda x, n: ops.histogram(x[0], n), "stft": lambda x, n: ops.stft(x, n, 1, n),
    "step": lambda x, n: ops.get_item(x, slice(None, None, n)), "unique": lambda x, n: ops.unique(x, size=n),
    "dropout": lambda x, n: random.dropout(x, n / 9), "patches": lambda x, n: image.extract_patches(ops.reshape(x, (1, 4, 6, 1)), n),
}


@pytest.fixture(scope="module")
def tf() -> Any:
    """TensorFlow, with its engine active."""
    with registry.using(load_quietly("tensorflow")):
        yield pytest.importorskip("tensorflow")


@pytest.mark.parametrize("name", CALLS)
def test_unknown_sizes(tf: Any, name: str) -> None:
    """A graph that knows no size gives the values, shapes and dtypes that ints give."""
    call = CALLS[name]
    graph = tf.function(lambda x: call(x, *ops.shape(x)), input_signature=[tf.TensorSpec([None, None], "float32")], autograph=False)
    found, expected = tf.nest.flatten(graph(X)), tf.nest.flatten(call(tf.constant(X), *X.shape))
    assert [ops.dtype(y) for y in found] == [ops.dtype(y) for y in expected]
    for y, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(y).astype("float64"),
        ops.convert_to_numpy(wanted).astype("float64"), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NEEDED)
def test_sizes_that_must_be_known(tf: Any, name: str) -> None:
    """What must be known beforehand is asked for in one clear sentence."""
    graph = tf.function(lambda x: NEEDED[name](x, ops.shape(x)[0]), autograph=False)
    with pytest.raises((TypeError, ValueError), match=r"known|must be") as caught:
        graph.get_concrete_function(tf.TensorSpec([None, None], "float32"))
    assert is_clear(caught.value)


LAYERS: dict[str, Any] = {
    "arange": lambda x, n: ops.arange(n), "tile": lambda x, n: ops.tile(x, (n, 1)), "repeat": lambda x, n: ops.repeat(x, n, 0),

       "top_k": lambda x, n: ops.top_k(ops.transpose(x), n)[0], "roll": lambda x, n: ops.roll(x, n, 0),
    "zeros": lambda x, n: ops.zeros((n, 2)),
    "pad": lambda x, n: ops.pad(x, ((0, n), (0, 0))), "half": lambda x, n: x[: n // 2], "roll by half": lambda x, n: ops.roll(x, n // 2, 0),
    "randint": lambda x, n: random.randint((2,), 0, n, seed=1), "reshape": lambda x, n: ops.reshape(x, (n, 3, 2)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(tf: Any, name: str) -> None:
    """A functional model with an unknown batch size knows what it does not know, eagerly and in a graph of its own."""
    class Sized(layers.Layer):
        def call(self, x: Any) -> Any:
            return LAYERS[name](x, ops.shape(x)[0])

    given = layers.Input((6,))
    model = models.Model(given, Sized()(given))
    expected = ops.convert_to_numpy(LAYERS[name](tf.constant(X), 4))
    assert all(n in (None, m) for n, m in zip(model.output.shape, expected.shape, strict=True))
    graph = tf.function(lambda x: model(x), input_signature=[tf.TensorSpec([None, 6], "float32")])
    for run in (model, graph):
        np.testing.assert_allclose(ops.convert_to_numpy(run(X)), expected)


def _more(x: Any) -> Any:
    return ops.relu(ops.add(x, 1.0))


@pytest.mark.parametrize("function", [ops.softplus, random.shuffle, _more])
def test_autograph_has_nothing_to_tell(tf: Any, caplog: pytest.LogCaptureFixture, function: Any) -> None:
    """Ops are called in a user's `tf.function` as they are, and so are those that are the function."""
    logger = logging.getLogger("tensorflow")
    logger.addHandler(caplog.handler)
    try:
        tf.function(function)(tf.ones(2))
    finally:
        logger.removeHandler(caplog.handler)
    assert "AutoGraph" not in caplog.text
