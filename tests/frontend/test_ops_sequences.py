"""Attention and connectionist temporal classification: gradients where nothing is probable, flash attention, second gradients, beams."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import config, ops
from keras_lite.ops import references_sequences as references
from tests.conftest import ENGINES

RNG = np.random.default_rng(0)
Q, K, V = (RNG.normal(size=(2, 5, heads, 4)).astype("float32") for heads in (4, 2, 2))
LOGITS = RNG.normal(size=(4, 6, 5)).astype("float32")


def gradients(engine: Any, function: Any, *arrays: Any) -> list[Any]:
    tensors = [ops.convert_to_tensor(x) for x in arrays]
    return [engine.to_numpy(g) for g in engine.value_and_grad(lambda xs: (function(*xs), None), tensors)[2]]


# --- attention -----------------------------------------------------------------------------------------------------------


def test_a_query_without_a_key_gets_the_mean(engine: Any) -> None:
    """... by a mask as by a bias of -inf, and its gradients are those of the mean."""
    mask = RNG.random((2, 1, 5, 5)) < 0.6
    mask[0, 0, 1] = False
    bias = np.where(mask, 0.0, -np.inf).astype("float32")
    for kwargs in ({"mask": mask}, {"bias": bias}):
        found = engine.to_numpy(ops.dot_product_attention(Q, K, V, **kwargs))
        np.testing.assert_allclose(found[0, 1], np.repeat(V[0].mean(0), 2, 0), rtol=1e-5)
        slopes = gradients(engine, lambda q, k, v, kw=kwargs: ops.sum(ops.dot_product_attention(q, k, v, **kw)[0, 1]), Q, K, V)
        np.testing.assert_allclose(slopes[0], 0)
        np.testing.assert_allclose(slopes[1], 0)
        np.testing.assert_allclose(slopes[2][0], 2 / 5, rtol=1e-5)


def test_what_is_not_attended_may_be_infinite(engine: Any) -> None:
    """The soft cap and the bias come before the mask."""
    bias = np.where(np.tri(5, dtype=bool), 0.0, np.inf).astype("float32")
    found = engine.to_numpy(ops.dot_product_attention(Q, K, V, bias=bias, is_causal=True, attn_logits_soft_cap=1.0))
    expected = references.dot_product_attention(Q, K, V, is_causal=True, attn_logits_soft_cap=1.0)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_flash_attention_is_had_or_refused(engine: Any) -> None:
    expected = references.dot_product_attention(Q, K, V)
    try:
        found = ops.dot_product_attention(Q, K, V, flash_attention=True)
    except NotImplementedError as refusal:
        assert "fused_attention" not in str(refusal)
        assert "on torch (CPU" in str(refusal) and "flash_attention=None takes one where it can" in str(refusal)
        assert engine.name != "torch"
    else:
        np.testing.assert_allclose(engine.to_numpy(found), expected, rtol=1e-4, atol=1e-6)
    with pytest.raises(NotImplementedError, match="attn_logits_soft_cap has no fused kernel"):
        ops.dot_product_attention(Q, K, V, flash_attention=True, attn_logits_soft_cap=1.0)
    with config.second_order(), pytest.raises(NotImplementedError, match="without a second gradient"):
        ops.dot_product_attention(Q, K, V, flash_attention=True)


def test_flash_attention_in_a_graph() -> None:
    """A symbolic call has a shape whatever the engine; the engine is asked when it runs."""
    x = keras.Input((None, 4, 8))
    assert ops.dot_product_attention(x, x, x, flash_attention=True).shape == (None, None, 4, 8)


def test_flash_attention_can_be_disabled(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then a call without a wish of its own is the composite."""
    monkeypatch.setattr(config, "_settings", {})
    monkeypatch.setitem(engine.natives, "attention", lambda *args: args[0])
    assert config.is_flash_attention_enabled() is None
    assert ops.dot_product_attention(Q, K, V).shape == Q.shape
    np.testing.assert_array_equal(engine.to_numpy(ops.dot_product_attention(Q, K, V)), Q)
    config.disable_flash_attention()
    assert config.is_flash_attention_enabled() is False
    np.testing.assert_allclose(engine.to_numpy(ops.dot_product_attention(Q, K, V)), references.dot_product_attention(Q, K, V), rtol=1e-4,
                               atol=1e-6)
    config.enable_flash_attention()
    np.testing.assert_array_equal(engine.to_numpy(ops.dot_product_attention(Q, K, V)), Q)


# --- second gradients ----------------------------------------------------------------------------------------------------


def _curvature(engine: Any, function: Any, array: Any) -> Any:
    """The gradient of the sum of squares of a gradient."""
    x = keras.Variable(array)

    def steepness() -> Any:
        return ops.sum(ops.square(keras.value_and_grad(lambda: function(x), [x])[1][0]))

    return engine.to_numpy(keras.value_and_grad(steepness, [x])[1][0])


@pytest.mark.parametrize("function", [lambda x: ops.sum(ops.square(ops.dot_product_attention(x, K, V))),
                                      lambda x: ops.sum(ops.ctc_loss([[1, 2]], ops.reshape(x, (1, 40, 4)), [2], [40]))])
def test_second_gradients(engine: Any, function: Any) -> None:
    """Nested gradients do without the kernels that have no second one: they are the slopes of the first."""
    found, step = _curvature(engine, function, Q), 1e-2
    direction = RNG.choice([-1.0, 1.0], Q.shape).astype("float32")
    ahead, behind = (float(np.sum(np.square(gradients(engine, function, Q + s * direction)[0].astype("float64")))) for s in (step, -step))
    np.testing.assert_allclose(np.sum(found * direction), (ahead - behind) / (2 * step), rtol=2e-2)


@pytest.mark.skipif("torch" not in ENGINES, reason="the torch engine is not here")
def test_the_scope_is_for_a_frameworks_own_gradients() -> None:
    torch = pytest.importorskip("torch")
    with config.using_backend("torch"):
        x = torch.tensor(Q, requires_grad=True)

        def curvature() -> Any:
            slope, = torch.autograd.grad(ops.sum(ops.square(ops.dot_product_attention(x, K, V))), x, create_graph=True)
            return torch.autograd.grad(torch.sum(slope**2), x)[0]

        with pytest.raises(RuntimeError, match="is not implemented"):
            curvature()
        with config.second_order():
            assert bool(torch.isfinite(curvature()).all())


# --- connectionist temporal classification -------------------------------------------------------------------------------


def test_impossible_alignments(engine: Any) -> None:
    """Too few frames, no frame, a label that is no class: infinity, and a gradient of zeros."""
    target, labels, frames = [[1, 2, 2], [1, 0, 0], [9, 1, 1], [1, 1, 1]], [3, 1, 1, 3], [3, 0, 6, 4]
    assert engine.to_numpy(ops.ctc_loss(target, LOGITS, labels, frames)).tolist() == [np.inf] * 4
    slope, = gradients(engine, lambda x: ops.sum(ops.ctc_loss(target, x, labels, frames)), LOGITS)
    assert not slope.any()


def test_more_labels_than_there_are(engine: Any) -> None:
    """They have no alignment either, where the host does not know their number; where it does that is an error."""
    target, labels = np.int32([[1, 2, 2]] * 4), ops.convert_to_tensor(np.int32([4, 4, 4, 4]))
    if isinstance(labels, np.ndarray):
        with pytest.raises(ValueError, match="target_length must be whole numbers from 0 to 3, the size of that axis, got 4"):
            ops.ctc_loss(target, LOGITS, labels, [6] * 4)
    else:
        assert engine.to_numpy(ops.ctc_loss(target, LOGITS, labels, [6] * 4)).tolist() == [np.inf] * 4


def test_nothing_to_say(engine: Any) -> None:
    """Empty targets have the one alignment of blanks; without frames that is certain."""
    loss = engine.to_numpy(ops.ctc_loss(np.zeros((4, 0), "int32"), LOGITS, [0] * 4, [6, 3, 0, 1]))
    scores = LOGITS[:, :, 0] - np.log(np.exp(LOGITS).sum(-1))
    np.testing.assert_allclose(loss, [-scores[0].sum(), -scores[1, :3].sum(), 0, -scores[3, 0]], rtol=1e-5, atol=1e-6)
    slope, = gradients(engine, lambda x: ops.sum(ops.ctc_loss(np.zeros((4, 2), "int32"), x, [0] * 4, [6, 3, 0, 1])), LOGITS)
    assert np.isfinite(slope).all() and not slope[2].any() and slope[3, 0].any()


def test_frames_and_labels_behind_the_end_do_not_matter(engine: Any) -> None:
    """Whatever stands there: NaN, or numbers that are no labels."""
    padded = LOGITS.copy()
    padded[:, 4:] = np.nan

    def loss(target: Any) -> Any:
        return lambda x: ops.sum(ops.ctc_loss(target, x, [1, 2, 1, 2], [4] * 4))

    slope, = gradients(engine, loss([[1, -1, 9], [2, 1, -1], [1, 0, 0], [4, 4, 7]]), padded)
    expected, = gradients(engine, loss([[1, 0, 0], [2, 1, 0], [1, 0, 0], [4, 4, 0]]), LOGITS)
    np.testing.assert_allclose(slope, expected, rtol=1e-4, atol=1e-6)
    assert not slope[:, 4:].any()


def test_long_sequences_do_not_underflow(engine: Any) -> None:
    """The probability is e**-1000 here."""
    logits = np.zeros((1, 500, 8), "float32")
    loss = float(engine.to_numpy(ops.ctc_loss([[1]], logits, [1], [500]))[0])
    # all placements of one run of the label among the blanks
    np.testing.assert_allclose(loss, 500 * np.log(8) - np.log(500 * 501 / 2), rtol=1e-5)


@pytest.mark.parametrize(("width", "paths", "blank"), [(1, 1, 0), (3, 2, 2), (12, 6, -1), (40, 3, 0)])
def test_beams(engine: Any, width: int, paths: int, blank: int) -> None:
    """Those of a search with dictionaries, compiled too; repeated labels make sequences leave the beams and come again."""
    logits = (np.random.default_rng(width).normal(size=(3, 9, 4)) * [[[3.0]], [[1.0]], [[0.2]]]).astype("float32")
    logits[1] = np.repeat(logits[1, ::3], 3, 0)
    labels, scores = references.ctc_decode(logits, [9, 8, 5], "beam_search", width, paths, mask_index=blank)

    def decode(x: Any) -> list[Any]:
        return list(ops.ctc_decode(x, [9, 8, 5], "beam_search", width, paths, mask_index=blank))

    for run in (decode, engine.compile(decode)):
        found = [engine.to_numpy(x) for x in run(ops.convert_to_tensor(logits))]
        np.testing.assert_array_equal(found[0], labels)
        np.testing.assert_allclose(found[1], scores, rtol=1e-5, atol=1e-5)


def test_equal_scores(engine: Any) -> None:
    """The same order on every engine, where they come from the same numbers."""
    labels, scores = ops.ctc_decode(np.zeros((1, 3, 3), "float32"), [3], "beam_search", 10, 4)
    assert engine.to_numpy(labels)[:, 0].tolist() == [[1, -1, -1], [2, -1, -1], [1, 2, -1], [2, 1, -1]]
    np.testing.assert_allclose(np.exp(engine.to_numpy(scores)[0]) * 27, [6, 6, 5, 5], rtol=1e-5)
