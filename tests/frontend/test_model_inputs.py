"""What models take: masks, missing inputs, inputs by name, inputs of other lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops


def close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(ops.convert_to_numpy(a), ops.convert_to_numpy(b), rtol=1e-5, atol=1e-6)


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


@pytest.mark.parametrize("given", [(), (keras.Input((10, 4)),)])
def test_stack_takes_other_lengths_where_its_layers_do(engine: Any, given: Any) -> None:
    model = keras.Sequential([*given, layers.Dense(3), layers.LayerNormalization(), layers.Dense(2)])
    x = np.ones((2, 10, 4), "float32") * np.arange(10, dtype="float32")[:, None]
    longer = model(x)
    close(model(x[:, :7]), ops.convert_to_numpy(longer)[:, :7])
    close(model.predict(x[:, 2:], verbose=0), ops.convert_to_numpy(longer)[:, 2:])
    with pytest.raises(ValueError, match=r"expects shape \(None, 10, 4\), got \(2, 9, 3\)"):
        model(x[:, 1:, 1:])
    with pytest.raises(ValueError, match=r"expects shape \(None, 10, 4\)"):
        model(x[0])


def test_stack_with_other_lengths_hands_on_masks(engine: Any) -> None:
    model = keras.Sequential([layers.Masking(), layers.LSTM(3)])
    x = np.ones((2, 6, 4), "float32")
    x[:, 2:] = 0.0
    close(model(x), model(x[:, :2]))


def test_stack_without_its_lengths_is_refused_by_the_layer(engine: Any) -> None:
    model = keras.Sequential([layers.Flatten(), layers.Dense(2, name="last")])
    model(np.ones((2, 5, 4), "float32"))
    with pytest.raises(ValueError, match="Dense 'last': expects size 20 on axis -1"):
        model(np.ones((2, 3, 4), "float32"))


def test_steps_that_take_a_state_are_refused(engine: Any) -> None:
    class InKerasOnJax(keras.Model):
        def train_step(self, state: Any, data: Any) -> Any:  # type: ignore[override]
            raise AssertionError("it is never called")

    x = keras.Input((2,))
    model = InKerasOnJax(x, layers.Dense(1)(x))
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"train_step: takes \(state, data\).*define train_step\(self, data\)"):
        model.fit(np.ones((2, 2), "float32"), np.ones((2, 1), "float32"), verbose=0)
