"""Composites inside a TensorFlow graph in which no size is known: sizes are scalar tensors there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from tests.conftest import ENGINES, load_quietly

pytestmark = pytest.mark.skipif("tensorflow" not in ENGINES, reason="the tensorflow engine is not here")
X = np.random.default_rng(0).uniform(size=(4, 6)).astype("float32")
IMAGE = np.random.default_rng(1).uniform(size=(2, 5, 6, 3)).astype("float32")
CALLS = {
    "associative_scan": lambda x: ops.associative_scan(ops.add, ops.reshape(x, (-1, 3)), axis=1),
    "attention": lambda x: ops.dot_product_attention(*(ops.reshape(x, (1, -1, 1, 6)) for _ in range(3)), is_causal=True),
    "argmax": lambda x: ops.argmax(x, 0, keepdims=True), "batch_normalization": lambda x: ops.batch_normalization(x, x[0], x[1], 1),
    "broadcast_to": lambda x: ops.broadcast_to(x, (3, *ops.shape(x))), "concatenate": lambda x: ops.concatenate([x, x], 0),
    "crossentropy": lambda x: ops.sparse_categorical_crossentropy(ops.cast(x[:, 0] * 3, "int32"), x), "cumsum": lambda x: ops.cumsum(x, 0),
    "ctc_decode": lambda x: ops.ctc_decode(ops.expand_dims(x, 0), [4], "beam_search", 5, 2)[1],
    "ctc_greedy": lambda x: ops.ctc_decode(ops.expand_dims(x, 0), [3], mask_index=None)[0],
    "ctc_loss": lambda x: ops.ctc_loss([[1, 2]], ops.expand_dims(x, 0), [2], [4], -1),
    "ctc_labels": lambda x: ops.ctc_loss(ops.cast(x[:1] > 0.9, "int32") + 1, ops.expand_dims(x, 0), [2], [4], -1),
    "einsum": lambda x: ops.einsum("...i,ji->...j", x, x), "eye": lambda x: ops.eye(ops.shape(x)[0]), "flip": lambda x: ops.flip(x, 0),
    "full": lambda x: ops.full((ops.shape(x)[0], 2), 1.0), "glu": ops.glu, "layer_normalization": ops.layer_normalization,
    "linspace": lambda x: ops.linspace(x, x + 1, 3),
    "logsumexp": lambda x: ops.logsumexp(x, 0),
    "lstsq": lambda x: ops.lstsq(x, x), "lu_factor": lambda x: ops.lu_factor(x)[0], "norm": lambda x: ops.norm(x, ord="nuc", keepdims=True),
    "pinv": ops.pinv, "qr": lambda x: ops.matmul(*ops.qr(x, "complete")), "rank": ops.matrix_rank, "svd": lambda x: ops.svd(x)[1],
    "regular": lambda x: regular(ops.matmul(x, ops.transpose(x)) + ops.eye(ops.shape(x)[0])),
    "matmul": lambda x: ops.matmul(x, ops.transpose(x)),
    "mean": lambda x: ops.mean(x, 0),
    "mirror": lambda x: ops.pad(x, ((1, 1), (0, 2)), mode="reflect"),
    "moments": lambda x: ops.moments(x, [0])[1],
    "one_hot": lambda x: ops.one_hot(ops.cast(x * 3, "int32"), 4), "outer": lambda x: ops.outer(x, x), "ravel": ops.ravel,
    "repeat": lambda x: ops.repeat(x, 2, 1),
    "reshape": lambda x: ops.reshape(x, (ops.shape(x)[0], -1)),
    "roll": lambda x: ops.roll(x, 1, 0),
    "scatter": lambda x: ops.scatter_update(x, [[0, 1], [-1, -1]], [1.0, 2.0]), "slice": lambda x: ops.slice(x, (1, 0), (2, 3)),
    "softmax": ops.softmax, "sparsemax": ops.sparsemax, "split": lambda x: ops.split(x, 2, 1)[1], "stack": lambda x: ops.stack([x, x], 1),
    "take": lambda x: ops.take(x, [1, -1], 0),
    "tensordot": lambda x: ops.tensordot(x, ops.transpose(x), 1),
    "tile": lambda x: ops.tile(x, (2, 1)),
    "tril": ops.tril,
    "unstack": lambda x: ops.unstack(x, 4)[3],
    "variance": ops.var,
    "vectorized_map": lambda x: ops.vectorized_map(ops.sum, x),
}


def _running_sum(x: Any, **how: Any) -> Any:
    """The carry and the rows of a scan, together."""
    carry, rows = ops.scan(lambda c, row: (ops.tanh(c + row), c * row), ops.sum(ops.zeros_like(x), 0), x, **how)
    return ops.concatenate([rows, ops.expand_dims(carry, 0)], 0)


LOOPS = {
    "scan": _running_sum, "scan from the end": lambda x: _running_sum(x, reverse=True),
    "scan of a length": lambda x: ops.scan(lambda c, _: (c + 1.0, None), x, None, length=ops.shape(x)[0])[0],
    "map": lambda x: ops.map(ops.tanh, x), "map to a dict": lambda x: ops.map(lambda row: {"a": ops.sum(row), "b": row * 2.0}, x)["b"],
    "vectorized_map": lambda x: ops.vectorized_map(ops.tanh, x),
}
KEYS = [1, (slice(1, 3), -1), (slice(None, None, -1), 0), (slice(-2, None), slice(None, -1)), slice(1, 100), (slice(None), [0, 2]),
        ([0, 1], [2, -1]),
        (None, Ellipsis, 2)]
IMAGES = {
    "average_pool": lambda x: ops.average_pool(x, 2), "conv": lambda x: ops.conv(x, np.ones((3, 3, 3, 2), "float32"), 2, "same"),
    "conv_transpose": lambda x: ops.conv_transpose(x, np.ones((3, 3, 2, 3), "float32"), 2, "same"),
    "depthwise_conv": lambda x: ops.depthwise_conv(x, np.ones((2, 2, 3, 2), "float32")), "max_pool": lambda x: ops.max_pool(x, 2),
    "max_pool same": lambda x: ops.max_pool(x, 3, 2, "same"), "average_pool same": lambda x: ops.average_pool(x, (3, 2), (2, 1), "same"),
    "max_pool of integers": lambda x: ops.max_pool(ops.cast(x * 9, "int32"), 2, padding="same"),
}


def regular(x: Any) -> Any:
    """A sum of what there is for symmetric matrices that are positive definite."""
    return ops.cholesky(x) + ops.cholesky_inverse(x) + ops.inv(x) + ops.solve(x, x) + ops.eigh(x)[0] + ops.det(x) + ops.logdet(x)


def check(fn: Any, array: np.ndarray, known: Any = None) -> None:
    """`fn` in a graph gives what it gives eagerly."""
    tf = pytest.importorskip("tensorflow")
    with registry.using(load_quietly("tensorflow")):
        spec = tf.TensorSpec([None] * (array.ndim - 1) + [known], "float32")
        found = tf.function(fn, input_signature=[spec], autograph=False)(array)
        expected = ops.convert_to_numpy(fn(tf.constant(array)))
        # entries that are the difference of numbers near 1 (projections) have the rounding of those
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-6 * min(1.0, np.max(np.abs(expected), initial=0.0)))


@pytest.mark.parametrize("name", CALLS)
def test_matrices(name: str) -> None:
    """Sizes as tensors in shape arithmetic, counts and bounds."""
    check(CALLS[name], X)


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_indexing(key: Any) -> None:
    """Bounds that depend on the size."""
    check(lambda x: ops.get_item(x, key), X)


@pytest.mark.parametrize("name", IMAGES)
def test_images(name: str) -> None:
    """Unknown height and width, known channels."""
    check(IMAGES[name], IMAGE, known=3)


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("rows", [4, 0])
def test_loops(name: str, rows: int) -> None:
    """A number of steps that is not known, 0 too."""
    check(LOOPS[name], X[:rows])


@pytest.mark.parametrize("name", LOOPS)
def test_gradients_of_loops(name: str) -> None:
    """They are those of the eager loop."""
    def slope(x: Any) -> Any:
        engine = registry.load("tensorflow")
        *_, (gradient,) = engine.value_and_grad(lambda ts: (ops.sum(ops.square(LOOPS[name](ts[0]))), None), [x])
        return gradient

    check(lambda x: slope(ops.convert_to_tensor(x)), X)


def test_unknown_rank() -> None:
    """What asks for no shape works; the rest says what is missing."""
    tf = pytest.importorskip("tensorflow")

    def traced(fn: Any) -> Any:
        return tf.function(fn, input_signature=[tf.TensorSpec(None, "float32")], autograph=False)(X)

    with registry.using(load_quietly("tensorflow")):
        np.testing.assert_allclose(traced(lambda x: ops.add(ops.sin(x), 1.0)), np.sin(X) + 1, rtol=1e-6)
        with pytest.raises(ValueError, match=r"softmax: the rank of .* must be known"):
            traced(ops.softmax)


def test_numbers_of_classes() -> None:
    """Metrics of one class need no number of classes; what needs one says so."""
    from keras_lite import losses, metrics

    tf = pytest.importorskip("tensorflow")
    bits = (X > 0.5).astype("float32")

    def traced(fn: Any) -> Any:
        return tf.function(fn, input_signature=[tf.TensorSpec([None, None], "float32")], autograph=False)(X)

    with registry.using(load_quietly("tensorflow")):
        metric = metrics.Recall(class_id=1)
        traced(lambda p: metric.update_state(tf.cast(p > 0.5, "float32"), p))
        assert float(metric.result()) == 1.0
        with pytest.raises(ValueError, match="top_k: the number of classes must be known"):
            traced(lambda p: metrics.Precision(top_k=1).update_state(p, p))
        with pytest.raises(ValueError, match="label_smoothing: the number of classes must be known"):
            traced(lambda p: losses.CategoricalCrossentropy(label_smoothing=0.1)(bits, p))
