"""Layers around layers beside Keras: spectral normalization, pipelines, and embeddings in reverse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import layers
from keras_lite.engine import registry
from tests.keras_reference.test_layers import _same

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

NORMALIZED = {
    "dense": (lambda L: L.Dense(3, name="inner"), {}, (5, 4)),
    "dense, many steps": (lambda L: L.Dense(3, activation="relu", name="inner"), {"power_iterations": 4, "trainable": False}, (5, 4)),
    "convolution": (lambda L: L.Conv2D(3, 2, name="inner"), {"power_iterations": 2}, (2, 5, 6, 4)),
    "transposed": (lambda L: L.Conv2DTranspose(3, 2, use_bias=False, name="inner"), {}, (2, 5, 6, 4)),
    "embedding": (lambda L: L.Embedding(4, 6, name="inner"), {}, (2, 5)),
    "einsum": (lambda L: L.EinsumDense("abc,cde->abde", (None, 3, 2), name="inner"), {}, (2, 5, 4)),
}


@pytest.fixture(autouse=True)
def _on_numpy() -> Any:
    with registry.using("numpy"):
        yield


@pytest.mark.parametrize("name", NORMALIZED)
def test_spectral_normalization(keras: Any, name: str) -> None:
    """Config, variables, and three steps of training with what they leave in the kernel."""
    make, args, shape = NORMALIZED[name]
    ours, theirs = (module.SpectralNormalization(make(module), name="layer", **args) for module in (layers, keras.layers))
    assert _same(layers.serialize(ours), keras.layers.serialize(theirs))
    ours.build(shape), theirs.build(shape)
    assert [(v.path, v.shape, v.trainable) for v in ours.variables] == [(v.path, tuple(v.shape), v.trainable) for v in theirs.variables]
    assert [v.path for v in ours.trainable_variables] == [v.path for v in theirs.trainable_variables]
    assert _same(layers.serialize(ours), keras.layers.serialize(theirs))
    assert [v.shape for v in layers.deserialize(keras.layers.serialize(theirs)).variables] == [v.shape for v in ours.variables]
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=w.shape).astype("float32") for w in theirs.get_weights()]
    ours.set_weights(weights), theirs.set_weights(weights)
    x = rng.integers(0, 4, shape) if name == "embedding" else rng.normal(size=shape).astype("float32")
    for training in (False, True, True, True, False):
        mine, reference = ours(x, training=training), theirs(x, training=training)
        if name != "embedding":  # Keras gives the result the dtype of the input: integers
            np.testing.assert_allclose(mine, reference, rtol=1e-5, atol=1e-6)
        for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    for a, b in zip(ours.normalized_weights(), theirs.normalized_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert all(a == b or b is None for a, b in zip(ours.compute_output_shape(shape), theirs.compute_output_shape(shape), strict=True))


@pytest.mark.parametrize("size", [0.0, 1e-20, 1e20])
def test_spectral_normalization_of_extreme_kernels(keras: Any, size: float) -> None:
    """Zeros stay, with their vector; very small and very large kernels are divided as others."""
    results = []
    for module in (layers, keras.layers):
        layer = module.SpectralNormalization(module.Dense(3))
        layer.build((2, 4))
        layer.set_weights([size * np.arange(1, 13, dtype="float32").reshape(4, 3), np.array([[0.1, -0.3, 0.2]], "float32"), np.zeros(3)])
        layer(np.ones((2, 4), "float32"), training=True)
        results.append(layer.get_weights())
    mine, reference = results
    if size > 1e10:  # Keras's squares overflow
        norm = np.linalg.norm(mine[0].astype("float64"), 2)
        assert 0.5 < norm < 2
        return
    for a, b in zip(mine, reference, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


PIPELINES = {
    "one": lambda L: [L.Dense(3, name="a")],
    "two": lambda L: [L.Dense(3, name="a", activation="tanh"), L.Dense(2, name="b")],
    "normalization": lambda L: [L.BatchNormalization(name="a"), L.Dense(2, use_bias=False, name="b")],
    "nested": lambda L: [L.Pipeline([L.Dense(3, name="a"), L.ReLU(name="r")], name="inner"), L.Dropout(0.0, name="b")],
}


@pytest.mark.parametrize("name", PIPELINES)
def test_pipeline(keras: Any, name: str) -> None:
    ours, theirs = (module.Pipeline(PIPELINES[name](module), name="layer") for module in (layers, keras.layers))
    assert _same(layers.serialize(ours), keras.layers.serialize(theirs))
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    ours(x), theirs(x)
    assert [v.path for v in ours.variables] == [v.path for v in theirs.variables]
    assert ours.get_build_config() == theirs.get_build_config()
    ours.set_weights(theirs.get_weights())
    for training in ({}, {"training": True}, {"training": False}):
        np.testing.assert_allclose(ours(x, **training), theirs(x, **training), rtol=1e-5, atol=1e-6)
        for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert [type(layer).__name__ for layer in layers.deserialize(keras.layers.serialize(theirs)).layers] == [
        type(layer).__name__ for layer in theirs.layers]


@pytest.mark.parametrize("args", [{}, {"tie_weights": False}, {"logit_soft_cap": 1.5}, {"dtype": "mixed_bfloat16"},
                                  {"dtype": "mixed_bfloat16", "reverse_dtype": "float32", "tie_weights": False}])
def test_embedding_in_reverse(keras: Any, args: dict[str, Any]) -> None:
    ours, theirs = (module.ReversibleEmbedding(7, 4, name="layer", **args) for module in (layers, keras.layers))
    ours.build((2, 3)), theirs.build((2, 3))
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=w.shape).astype("float32") for w in theirs.get_weights()]
    ours.set_weights(weights), theirs.set_weights(weights)
    hidden = rng.normal(size=(2, 3, 4)).astype("float32")
    for x in (hidden, theirs(rng.integers(0, 7, (2, 3)))):
        mine, reference = ours(np.asarray(x), reverse=True), theirs(x, reverse=True)
        assert str(mine.dtype) == str(reference.dtype)
        np.testing.assert_allclose(np.asarray(mine, "float64"), np.asarray(reference, "float64"),
                                   rtol=2e-2 if str(mine.dtype) == "bfloat16" else 1e-5, atol=1e-6)
    assert ours.compute_output_shape((2, 3), reverse=False) == tuple(theirs.compute_output_shape((2, 3)))
    assert ours.compute_output_shape((2, 3, 4), reverse=True) == tuple(theirs.compute_output_shape((2, 3, 4), reverse=True))
