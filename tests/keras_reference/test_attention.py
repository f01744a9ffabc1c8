"""Attention layers beside those of Keras: masks, weights, and the layers with heads in all their options."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import layers
from keras_lite.engine import registry
from keras_lite.models import Model
from keras_lite.symbolic.spec import KerasTensor
from keras_lite.testing.layer_cases import attention
from tests.keras_reference.test_layers import _same

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

HEADS: list[Any] = [(case.cls, case.args, tuple(case.shape.values())) for case in attention.HEADS if not case.call]
GROUPED = [case for case in HEADS if case[0] == "GroupQueryAttention"]
heads = pytest.mark.parametrize(("cls", "args", "shapes"), HEADS, ids=lambda x: str(x) if isinstance(x, (str, dict)) else "")


@pytest.fixture(autouse=True)
def _on_numpy() -> Any:
    with registry.using("numpy"):
        yield


def _data(shapes: Any) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


def _pair(keras: Any, cls: str, args: dict[str, Any], shapes: Any) -> tuple[Any, Any]:
    args = {"name": "layer", **args}
    ours, theirs = getattr(layers, cls)(**args), getattr(keras.layers, cls)(**args)
    ours.build(*shapes), theirs.build(*shapes)
    rng = np.random.default_rng(0)
    weights = [rng.uniform(-1.5, 1.5, w.shape).astype(w.dtype) for w in theirs.get_weights()]
    ours.set_weights(weights), theirs.set_weights(weights)
    return ours, theirs


def _compare(mine: Any, reference: Any, tolerance: float = 2e-6) -> None:
    mine, reference = (np.asarray(x).astype("float64") for x in (mine, reference))
    assert mine.shape == reference.shape
    np.testing.assert_allclose(mine, reference, rtol=tolerance, atol=tolerance * max(np.abs(reference).max(), 1))


def test_flash_attention_stays_in_the_config(keras: Any) -> None:
    """Keras forgets it, but takes it from a config."""
    ours = layers.MultiHeadAttention(2, 3, flash_attention=False)
    assert layers.deserialize(layers.serialize(ours)).flash_attention is False
    keras.layers.deserialize(layers.serialize(ours))


@heads
def test_variables(keras: Any, cls: str, args: dict[str, Any], shapes: Any) -> None:
    ours, theirs = _pair(keras, cls, args, shapes)
    mine, reference = ([(v.path, tuple(v.shape), str(v.dtype), bool(v.trainable)) for v in layer.weights] for layer in (ours, theirs))
    assert mine == reference
    private = [name for name, value in vars(theirs).items() if isinstance(value, keras.layers.Layer)]
    assert private == [name for name, value in vars(ours).items() if isinstance(value, layers.Layer)]
    for name in private:
        config = getattr(ours, name).get_config()
        for key in {"activation", "output_shape", "dtype", "rate", "seed"} & config.keys():
            assert _same(config[key], getattr(theirs, name).get_config()[key]), (name, key)
        assert getattr(ours, name).path == getattr(theirs, name).path or name in ("_softmax", "_dropout_layer")


@heads
def test_output(keras: Any, cls: str, args: dict[str, Any], shapes: Any) -> None:
    """Output, weights and losses, with and without a causal mask."""
    ours, theirs = _pair(keras, cls, args, shapes)
    query, value, *key = _data(shapes)
    tolerance = 4e-3 if "dtype" in args else 2e-6
    ordered = len(shapes[0]) == 3 or args.get("attention_axes") == 1  # Keras takes axis 1 for the order, whatever is attended
    for causal in (False, True)[:1 + ordered]:
        kwargs = {"use_causal_mask": causal, **({"key": key[0]} if key else {})}
        mine, reference = ours(query, value, **kwargs), theirs(query, value, **kwargs)
        _compare(mine, reference, tolerance)
        assert str(mine.dtype) == str(np.asarray(reference).dtype)
        np.testing.assert_allclose(sorted(map(float, ours.losses)), sorted(map(float, theirs.losses)), rtol=1e-5)
        both = ours(query, value, return_attention_scores=True, **kwargs), theirs(query, value, return_attention_scores=True, **kwargs)
        _compare(both[0][0], both[1][0], tolerance), _compare(both[0][1], both[1][1], tolerance)


@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize(("cls", "args", "shapes"), [HEADS[0], HEADS[4], *GROUPED])
def test_masks(keras: Any, cls: str, args: dict[str, Any], shapes: Any, scores: bool) -> None:
    """Every mask alone and several together; some queries have no key left."""
    ours, theirs = _pair(keras, cls, args, shapes)
    query, value, *key = _data(shapes)
    rng = np.random.default_rng(5)
    attention = rng.random((2, 3, 5)) < 0.6
    attention[0, 1] = False
    value_mask = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 1]], bool)
    key_mask, query_mask = rng.random((2, 5)) < 0.8, rng.random((2, 3)) < 0.5
    masks: list[dict[str, Any]] = [
        {"value_mask": value_mask}, {"key_mask": key_mask}, {"attention_mask": attention}, {"attention_mask": attention.astype("int32")},
        {"attention_mask": attention[0]}, {"attention_mask": attention[:, None]}, {"attention_mask": attention[:, :1]},
        {"attention_mask": attention, "value_mask": value_mask, "key_mask": key_mask, "use_causal_mask": True}]
    if cls == "GroupQueryAttention":  # the other class ignores query_mask where it is given
        masks += [{"query_mask": query_mask}, {"query_mask": query_mask, "value_mask": value_mask, "use_causal_mask": True}]
    for mask in masks:
        kwargs = {**mask, **({"key": key[0]} if key else {}), "return_attention_scores": scores}
        mine, reference = ours(query, value, **kwargs), theirs(query, value, **kwargs)
        for a, b in zip(*((mine, reference) if scores else ([mine], [reference])), strict=True):
            _compare(a, b)


def test_query_mask_given_as_one_that_travels(keras: Any) -> None:
    """Keras masks queries whose mask comes with them, and ignores one that is given; here both count."""
    ours, theirs = _pair(keras, *HEADS[0][:2], ((2, 3, 4), (2, 5, 4)))
    ids, (_, value) = np.array([[1, 2, 0], [1, 0, 0]]), _data(((2, 3, 4), (2, 5, 4)))
    table = np.random.default_rng(1).normal(size=(3, 4)).astype("float32")
    mine, reference = (module.Embedding(3, 4, mask_zero=True, weights=[table]) for module in (layers, keras.layers))
    expected = theirs(reference(ids), value, return_attention_scores=True)
    tokens, other = layers.Input((3,), dtype="int32"), layers.Input((5, 4))
    travelling = Model([tokens, other], ours(mine(tokens), other, return_attention_scores=True))([ids, value])
    given = ours(table[ids], value, query_mask=ids != 0, return_attention_scores=True)
    for found in (travelling, given):
        _compare(found[0], expected[0]), _compare(found[1], expected[1])


@pytest.mark.parametrize(("cls", "args"), [("Attention", {}), ("Attention", {"score_mode": "concat", "use_scale": True}),
                                           ("AdditiveAttention", {})])
def test_plain_attention_with_masks(keras: Any, cls: str, args: dict[str, Any]) -> None:
    ours, theirs = (getattr(module, cls)(name="layer", **args) for module in (layers, keras.layers))
    inputs = _data([(2, 3, 4), (2, 5, 4), (2, 5, 4)])
    for layer in (ours, theirs):
        layer.build([x.shape for x in inputs])
        layer.set_weights([np.linspace(0.3, 0.9, w.size, dtype="float32").reshape(w.shape) for w in layer.get_weights()])
    query_mask, value_mask = np.array([[1, 1, 0], [0, 1, 1]], bool), np.array([[1, 0, 1, 0, 0], [0, 0, 0, 0, 0]], bool)
    for mask in (None, [None, value_mask], [query_mask, None], [query_mask, value_mask], [query_mask, value_mask.astype("int32"), None]):
        for causal in (False, True):
            mine, reference = (layer(inputs, mask=mask, use_causal_mask=causal, return_attention_scores=True) for layer in (ours, theirs))
            _compare(mine[0], reference[0]), _compare(mine[1], reference[1])
    assert ours.compute_mask(inputs, [query_mask, None]) is query_mask
    assert ours.compute_mask(inputs, None) is None


@pytest.mark.parametrize("scores", [False, True])
@heads
def test_symbolic(keras: Any, cls: str, args: dict[str, Any], shapes: Any, scores: bool) -> None:
    """Shapes and dtypes on symbolic inputs; Keras's own shape of the weights is wrong for keys of another length."""
    layer = getattr(layers, cls)(**args)
    found = layer(*(KerasTensor((None, *s[1:]), "float32") for s in shapes), return_attention_scores=scores)
    expected = getattr(layers, cls)(**args)(*_data(shapes), return_attention_scores=scores)
    for a, b in zip(*((found, expected) if scores else ([found], [expected])), strict=True):
        assert (a.shape[1:], a.dtype) == (tuple(b.shape)[1:], str(b.dtype))
        assert a.shape[0] is None
    assert layer.compute_output_shape(*shapes) == tuple(keras.layers.MultiHeadAttention(
        2, 2, output_shape=args.get("output_shape")).compute_output_shape(*shapes))
