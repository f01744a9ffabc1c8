"""Spectral normalization, pipelines and embeddings in reverse on every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import Model, Sequential, layers, ops, optimizers
from keras_lite.engine import registry

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(32, 4)).astype("float32"), rng.normal(size=(32, 1)).astype("float32")


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


def _trained() -> list[np.ndarray]:
    """Weights after some compiled steps with a normalized layer."""
    model = Sequential([layers.Input((4,)), layers.SpectralNormalization(layers.Dense(6, activation="tanh"), power_iterations=20),
                        layers.Dense(1)])
    draw = np.random.default_rng(1)
    model.set_weights([draw.normal(size=w.shape).astype("float32") for w in model.get_weights()])
    model.compile(optimizers.SGD(0.01), "mse")
    model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return model.get_weights()


def test_a_normalized_kernel_stays_near_norm_one_in_training(engine: Any) -> None:
    found = _trained()
    assert np.linalg.norm(found[0], 2) == pytest.approx(1, abs=0.1)
    with registry.using("numpy"):
        expected = _trained()
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_spectral_normalization_uses_the_spectral_norm(engine: Any) -> None:
    layer = layers.SpectralNormalization(layers.Dense(5), power_iterations=50)
    layer.build((2, 4))
    kernel = np.random.default_rng(2).normal(size=(4, 5)).astype("float32")
    layer.set_weights([kernel, *layer.get_weights()[1:]])
    _, normalized = layer.normalized_weights()
    np.testing.assert_allclose(array(normalized), kernel / np.linalg.norm(kernel, 2), rtol=1e-4)


def test_tied_embeddings_of_a_language_model_keep_the_mask(engine: Any) -> None:
    table = layers.ReversibleEmbedding(9, 4, mask_zero=True)
    seen = []

    class Look(layers.Layer):
        supports_masking = True

        def call(self, inputs: Any, mask: Any = None) -> Any:
            seen.append(mask)
            return inputs

    tokens, ids = layers.Input((6,), dtype="int32"), np.array([[1, 2, 3, 8, 0, 0]])
    logits = Look()(table(Look()(table(tokens)), reverse=True))
    assert logits.shape == (None, 6, 9)
    Model(tokens, logits)(ids)
    for mask in seen[-2:]:
        np.testing.assert_array_equal(array(mask), ids != 0)
    weights = array(table.embeddings)
    np.testing.assert_allclose(array(table(table(ids), reverse=True)), weights[ids] @ weights.T, rtol=1e-5, atol=1e-7)


def test_pipelines_train_as_their_layers(engine: Any) -> None:
    model = Sequential([layers.Input((4,)), layers.Pipeline([layers.Dense(8, activation="relu"), layers.Dropout(0.2, seed=1)]),
                        layers.Dense(1)])
    model.compile(optimizers.Adam(0.03), "mse")
    history = model.fit(X, Y, epochs=6, batch_size=8, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert layers.Pipeline([])(X).shape == X.shape


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: layers.SpectralNormalization(3), TypeError, "expects a layer"),
    (lambda: layers.SpectralNormalization(layers.Dense(3), power_iterations=0), ValueError, "power_iterations must be a positive int"),
    (lambda: layers.SpectralNormalization(layers.Flatten())(X), ValueError, "has neither `kernel` nor `embeddings`"),
    (lambda: layers.Pipeline([3]), TypeError, "expects layers, got 3"),
    (lambda: layers.ReversibleEmbedding(3, 2, logit_soft_cap=0), ValueError, "logit_soft_cap must be a positive number"),
    (lambda: layers.ReversibleEmbedding(3, 2)(np.array([[4]])), ValueError, "4"),
])
def test_mistakes(make: Any, error: type[Exception], message: str) -> None:
    with registry.using("numpy"), pytest.raises(error, match=message):
        make()


def test_a_convolution_may_be_done_otherwise(engine: Any) -> None:
    class Tripled(layers.Conv2D):
        def convolution_op(self, inputs: Any, kernel: Any) -> Any:
            return ops.multiply(3.0, super().convolution_op(inputs, kernel))

    plain, tripled = layers.Conv2D(2, 2), Tripled(2, 2)
    with pytest.raises(AttributeError):
        plain.kernel  # noqa: B018  # reading it is what raises
    image = np.ones((1, 4, 4, 3), "float32")
    plain.build(image.shape), tripled.build(image.shape)
    tripled.set_weights(plain.get_weights())
    np.testing.assert_allclose(array(tripled(image)), 3 * array(plain(image)), rtol=1e-6)


def test_facts_of_a_layer() -> None:
    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="outer")
            self.inner, self.total = layers.Dense(2, name="inner"), Sum(name="total")

        def build(self, input_shape: Any) -> None:
            self.inner.build(input_shape)

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    from keras_lite.metrics import Sum

    with registry.using("numpy"):
        layer = Outer()
        assert layer.path is None
        assert layer.symbolic_call(ops.ones((2, 3))).shape == (2, 2)
        assert (layer.path, layer.inner.path) == ("outer", "outer/inner")
        assert layer.metrics == [layer.total]
        assert [v.name for v in layer.metrics_variables] == [v.name for v in layer.total.variables]
        layer.dtype_policy = "mixed_bfloat16"
        assert layer.compute_dtype == "bfloat16"
        with pytest.raises(NotImplementedError, match="make the metric an attribute"):
            layer.add_metric(3)
        assert layer.add_variable((2,), "ones", name="extra").path == "outer/extra"
        assert layers.Input((3,), batch_size=2).shape == layers.InputLayer((3,), batch_size=2).batch_shape
