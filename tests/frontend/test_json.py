"""Models as JSON and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops


def test_json(engine: Any) -> None:
    """A model of layers and ops comes back from its text, ops with lists, slices and arrays among their arguments too."""
    x = keras.Input((4, 6))
    parts = ops.stack([x[:, 1], 2.0 - ops.take(x, [2], axis=1)[:, 0]], axis=1)
    chosen = ops.einsum("bij,jk->bik", x, np.eye(6, 3, dtype="float32"))[:, [0, 1]]
    model = keras.Model(x, [layers.Dense(2)(parts), ops.concatenate([chosen, chosen * 2], axis=-1), ops.meshgrid(x[0, 0], x[0, 1])[1]])
    twin = keras.models.model_from_json(model.to_json(indent=1))
    assert twin.to_json() == model.to_json()
    twin.set_weights(model.get_weights())
    data = np.random.default_rng(0).normal(size=(2, 4, 6)).astype("float32")
    for expected, found in zip(model(data), twin(data), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(found), ops.convert_to_numpy(expected))


@pytest.mark.parametrize(("text", "message"), [
    ("{", "expected the text that model.to_json"), (3, "expected the text that model.to_json"),
    ('{"module": "keras.layers", "class_name": "Dence", "config": {}}', "Dence.*Dense"),
])
def test_mistakes_in_json(text: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        keras.models.model_from_json(text)


def test_unknown_ops_in_configs() -> None:
    x = keras.Input((4,))
    text = keras.Model(x, ops.mean(x, axis=-1)).to_json()
    with pytest.raises(ValueError, match=r"'Meam'.*'Mean'"):
        keras.models.model_from_json(text.replace('"Mean"', '"Meam"'))
    with pytest.raises(TypeError, match="square: unknown arguments"):
        keras.models.model_from_json(text.replace('"Mean"', '"Square"'))
