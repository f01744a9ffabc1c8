"""What models take: masks, missing inputs, inputs by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops


def test_masks_given_to_models(engine: Any) -> None:
    x, mask = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("float32"), np.array([[True, True, False], [True, False, False]])
    one, other = keras.Input((3, 2), name="one"), keras.Input((3, 2), name="other")
    lstm = layers.LSTM(2)
    graph = keras.Model([one, other], [lstm(layers.Dropout(0.5)(one)), lstm(other)])
    expected = [ops.convert_to_numpy(lstm(x, mask=m)) for m in (mask, None)]
    stack = keras.Sequential([keras.Input((3, 2)), lstm])
    deferred = keras.Sequential([layers.Dropout(0.5), lstm])
    found = [*graph([x, x.copy()], mask=[mask, None]), stack(x, mask=mask), deferred(x, mask=mask),
             *graph({"one": x, "other": x.copy()}, mask={"one": mask})]
    for y, wanted in zip(found, [*expected, expected[0], expected[0], *expected], strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(y), wanted, atol=1e-6)
    with pytest.raises(ValueError, match="expects a mask, or None, for each of 2 inputs, got 1"):
        graph([x, x], mask=[mask])


def test_inputs_that_say_too_little(engine: Any) -> None:
    x = np.ones((1, 2), "float32")
    one, other = keras.Input((2,), name="one"), keras.Input((2,), name="other")
    with pytest.raises(ValueError, match="input 'other' must be a tensor, got None"):
        keras.Model([one, other], one + other)([x, None])
    with pytest.raises(ValueError, match=r"expects a dict of inputs with the keys \['a', 'b'\], got a list"):
        keras.Model({"b": one, "a": other}, one - other)([x, x])


def test_layers_built_for_inputs_given_by_name_alone(engine: Any) -> None:
    class Join(layers.Layer):
        def build(self, x_shape: Any, y_shape: Any) -> None:  # type: ignore[override]
            self.scale = self.add_weight((x_shape[-1] + y_shape[-1],), "ones")

        def call(self, x: Any, *, y: Any) -> Any:
            return ops.concatenate([x, y], -1) * self.scale

    assert tuple(Join()(np.ones((1, 2), "float32"), y=np.ones((1, 3), "float32")).shape) == (1, 5)
