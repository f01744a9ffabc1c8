"""Attention layers on every engine: values, gradients, masks that travel, compiled steps, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import Model, layers, ops
from keras_lite.engine import registry
from keras_lite.training.gradients import value_and_grad

rng = np.random.default_rng(4)
QUERY, VALUE = rng.normal(size=(2, 3, 4)).astype("float32"), rng.normal(size=(2, 5, 4)).astype("float32")
MASK = np.array([[[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], [[1, 1, 1, 0, 0], [0, 0, 1, 1, 1], [0, 1, 0, 1, 0]]], bool)
FOUR = rng.normal(size=(2, 3, 2, 4)).astype("float32")
CALLS = {
    "plain": (lambda: layers.MultiHeadAttention(2, 3), (QUERY, VALUE), {}),
    "causal": (lambda: layers.MultiHeadAttention(2, 3, value_dim=5), (QUERY, VALUE), {"use_causal_mask": True}),
    "masked": (lambda: layers.MultiHeadAttention(2, 3, use_gate=True), (QUERY, VALUE), {"attention_mask": MASK}),
    "masked, dropout off": (lambda: layers.MultiHeadAttention(2, 3, dropout=0.5), (QUERY, VALUE),
                            {"attention_mask": MASK, "use_causal_mask": True}),
    "scores": (lambda: layers.MultiHeadAttention(2, 3), (QUERY, VALUE), {"attention_mask": MASK, "return_attention_scores": True}),
    "window": (lambda: layers.MultiHeadAttention(2, 3, sliding_window=2, output_shape=(2, 3)), (QUERY, QUERY), {}),
    "axes": (lambda: layers.MultiHeadAttention(2, 3, attention_axes=(2,)), (FOUR, FOUR), {"use_causal_mask": True}),
    "all axes": (lambda: layers.MultiHeadAttention(2, 3), (FOUR, FOUR[:, :2]), {}),
    "groups": (lambda: layers.GroupQueryAttention(3, 4, 2), (QUERY, VALUE), {"attention_mask": MASK}),
    "groups, scores": (lambda: layers.GroupQueryAttention(3, 4, 1, use_gate=True), (QUERY, VALUE), {"return_attention_scores": True}),
    "dot": (lambda: layers.Attention(use_scale=True), ([QUERY, VALUE],), {"use_causal_mask": True}),
    "concat": (lambda: layers.Attention(use_scale=True, score_mode="concat"), ([QUERY, VALUE],), {"mask": [MASK[:, 0, :3], MASK[:, 1]]}),
    "additive": (layers.AdditiveAttention, ([QUERY, VALUE, VALUE],), {"return_attention_scores": True}),
}


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


def _run(name: str) -> list[np.ndarray]:
    """Outputs and gradients of a call, with weights that are the same on every engine."""
    make, args, kwargs = CALLS[name]
    layer = make()
    layer(*args, **kwargs)
    draw = np.random.default_rng(2)
    layer.set_weights([draw.uniform(-1, 1, w.shape).astype("float32") for w in layer.get_weights()])

    def loss() -> Any:
        result = layer(*args, **kwargs)
        parts = result if isinstance(result, tuple) else (result,)
        return sum(ops.sum(ops.multiply(x, ops.cos(ops.reshape(ops.arange(x.shape[-1], dtype="float32"), (-1,))))) for x in parts), parts

    (_, outputs), gradients = value_and_grad(loss, layer.trainable_variables, has_aux=True)
    return [array(x) for x in (*outputs, *gradients)]


@pytest.mark.parametrize("name", CALLS)
def test_values_and_gradients_are_those_of_the_numpy_engine(engine: Any, name: str) -> None:
    if engine.name == "numpy":
        pytest.skip("the reference itself")
    found = _run(name)
    with registry.using("numpy"):
        expected = _run(name)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5 * max(np.abs(b).max(), 1))


@pytest.mark.parametrize("name", CALLS)
def test_gradients_are_those_of_differences(name: str) -> None:
    """On the NumPy engine in float64, along one direction."""
    make, args, kwargs = CALLS[name]
    with registry.using("numpy"):
        layer = make()
        layer = type(layer).from_config({**layer.get_config(), "dtype": "float64"})
        layer(*args, **kwargs)
        draw = np.random.default_rng(2)
        weights = [draw.uniform(-1, 1, w.shape) for w in layer.get_weights()]
        steps = [draw.normal(size=w.shape) for w in weights]

        def loss() -> Any:
            result = layer(*args, **kwargs)
            return sum(ops.sum(ops.sin(x)) for x in (result if isinstance(result, tuple) else (result,)))

        def at(t: float) -> float:
            layer.set_weights([w + t * s for w, s in zip(weights, steps, strict=True)])
            return float(loss())

        at(0.0)
        _, gradients = value_and_grad(loss, layer.trainable_variables)
        slope = sum(float((array(g) * s).sum()) for g, s in zip(gradients, steps, strict=True))
        assert slope == pytest.approx((at(1e-6) - at(-1e-6)) / 2e-6, rel=1e-5, abs=1e-7)


def test_masks_travel_and_a_model_trains(engine: Any) -> None:
    """The padding of an Embedding reaches the attention: other values at padded places change nothing."""
    tokens = layers.Input((6,), dtype="int32")
    x = layers.Embedding(9, 8, mask_zero=True)(tokens)
    x = layers.MultiHeadAttention(2, 4, dropout=0.1, seed=1)(x, x)
    model = Model(tokens, layers.Dense(1)(layers.GlobalAveragePooling1D()(x)))
    ids = np.random.default_rng(0).integers(1, 9, (32, 6))
    ids[:, 4:] = 0
    model.compile("adam", "mse")
    history = model.fit(ids, (ids == 3).sum(1, keepdims=True).astype("float32"), epochs=3, batch_size=8, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
    attention, pooled = model.layers[2], array(model.predict(ids[:2], verbose=0))
    table = model.layers[1].get_weights()[0]
    table[0] = 7.0
    model.layers[1].set_weights([table])
    np.testing.assert_allclose(array(model.predict(ids[:2], verbose=0)), pooled, rtol=1e-5, atol=1e-6)
    _, weights = attention(*[array(model.layers[1](ids[:2]))] * 2, value_mask=ids[:2] != 0, return_attention_scores=True)
    np.testing.assert_array_equal(array(weights)[..., 4:], 0)


def test_dropout_drops_weights_while_training_only(engine: Any) -> None:
    layer = layers.MultiHeadAttention(1, 4, dropout=0.5, seed=2)
    still = array(layer(QUERY, VALUE))
    np.testing.assert_allclose(array(layer(QUERY, VALUE, training=False)), still, rtol=1e-5)
    first, second = (array(layer(QUERY, VALUE, training=True)) for _ in range(2))
    assert not np.allclose(first, still)
    assert not np.allclose(first, second)
    plain = layers.Attention(dropout=0.5, seed=2)
    result, weights = plain([QUERY, VALUE], training=True, return_attention_scores=True)
    np.testing.assert_allclose(array(result), array(weights) @ VALUE, rtol=1e-5)
    assert (array(weights) == 0).any()


def test_flash_attention_where_there_is_a_kernel(engine: Any) -> None:
    layer = layers.MultiHeadAttention(2, 4, flash_attention=True)
    try:
        found = array(layer(QUERY, VALUE))
    except NotImplementedError as error:
        assert "flash" in str(error)
        assert engine.name != "torch"
        return
    other = layers.MultiHeadAttention(2, 4, flash_attention=False)
    other.build(QUERY.shape, VALUE.shape)
    other.set_weights(layer.get_weights())
    np.testing.assert_allclose(found, array(other(QUERY, VALUE)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: layers.MultiHeadAttention(0, 4), "num_heads must be a positive int, got 0"),
    (lambda: layers.MultiHeadAttention(2, 4, sliding_window=0), "sliding_window must be a positive int"),
    (lambda: layers.MultiHeadAttention(2, 4, output_shape=2.5), "output_shape must be an int"),
    (lambda: layers.MultiHeadAttention(2, 4, dropout=0.1, flash_attention=True), "no dropout of weights"),
    (lambda: layers.MultiHeadAttention(2, 4, dropout=1.5), "dropout must be a number from 0 to 1"),
    (lambda: layers.MultiHeadAttention(2, 4, attention_axes=(2,))(QUERY, VALUE), "must lie between the batch and the features"),
    (lambda: layers.MultiHeadAttention(2, 4)(QUERY, VALUE, VALUE[:, :4]), "may differ in their last size alone"),
    (lambda: layers.MultiHeadAttention(2, 4)(QUERY[0], VALUE[0]), "need the same number of axes, at least 3"),
    (lambda: layers.MultiHeadAttention(2, 4)(QUERY, VALUE, value_mask=np.ones(5, bool)), "value_mask must have 2 axes"),
    (lambda: layers.MultiHeadAttention(2, 4)(QUERY, VALUE, attention_mask=np.ones(5, bool)), r"attention_mask of shape \(5,\) does not"),
    (lambda: layers.MultiHeadAttention(2, 4)(FOUR, FOUR, use_causal_mask=True), "need one attention axis"),
    (lambda: layers.MultiHeadAttention(2, 4, flash_attention=True)(QUERY, VALUE, return_attention_scores=True), "no matrix of weights"),
    (lambda: layers.GroupQueryAttention(4, 4, 3), "num_key_value_heads=3 does not divide num_query_heads=4"),
    (lambda: layers.GroupQueryAttention(4, 4, 2)(FOUR, FOUR), "need 3 axes"),
    (lambda: layers.Attention()(QUERY), r"expects a list \[query, value\]"),
    (lambda: layers.Attention()([QUERY]), "got 1 inputs"),
    (lambda: layers.Attention()([QUERY, VALUE], mask=[MASK]), "got 1 masks"),
    (lambda: layers.Attention(score_mode="sum"), "score_mode must be 'dot' or 'concat'"),
    (lambda: layers.AdaptiveMaxPooling2D((2, 0)), "output_size must be a positive int"),
    (lambda: layers.AdaptiveMaxPooling2D(2)(QUERY), "ndim|axes|rank"),
])
def test_mistakes(make: Any, message: str) -> None:
    with registry.using("numpy"), pytest.raises(ValueError, match=message):
        make()


def test_additive_attention_has_no_score_mode() -> None:
    with pytest.raises(TypeError, match="score_mode"):
        layers.AdditiveAttention(score_mode="concat")
