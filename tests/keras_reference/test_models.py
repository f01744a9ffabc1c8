"""Models as JSON, exchanged with Keras in both directions."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite.engine import registry
from keras_lite.saving import op_configs


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with registry.using("numpy"):
        yield


def _sequential(keras: Any) -> Any:
    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, padding="same", kernel_regularizer="l2"),
                             keras.layers.BatchNormalization(), keras.layers.ReLU(max_value=6.0), keras.layers.Flatten(),
                             keras.layers.Dense(2, activation="softmax", kernel_initializer=keras.initializers.HeNormal(seed=1))])


def _residual(keras: Any) -> Any:
    x = keras.Input((6, 5), name="words")
    y = keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True), merge_mode="sum")(keras.layers.Masking()(x))
    y = keras.layers.Add()([keras.layers.TimeDistributed(keras.layers.Dense(5))(y), x])
    return keras.Model(x, keras.layers.GlobalAveragePooling1D()(y), name="residual")


def _several(keras: Any) -> Any:
    inputs = {"a": keras.Input((4,), name="a"), "b": keras.Input((4,), name="b")}
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="inner")
    a, b = inner(inputs["a"]), inner(inputs["b"])
    return keras.Model(inputs, {"both": keras.layers.Concatenate()([a, b]), "product": keras.ops.matmul(a, keras.ops.transpose(b))})


def _attending(keras: Any) -> Any:
    x, memory = keras.Input((4, 6)), keras.Input((3, 6))
    attended = keras.layers.MultiHeadAttention(2, 3)(x, memory, use_causal_mask=True)
    return keras.Model([x, memory], [keras.layers.LayerNormalization(dtype="float64")(x + attended), attended])


def _operations(keras: Any) -> Any:
    """Ops with arguments of the object, of the call, of both, and lists and slices of tensors."""
    ops, x = keras.ops, keras.Input((4, 6))
    rows = [
        ops.mean(x, 1), 2.0 - x[:, 1:, None], ops.where(x > 0, x, -1.0), ops.concatenate([x, x * 2], axis=1), ops.split(x, 2, axis=-1)[1],
        ops.einsum("bij,bkj->bik", x, x), ops.logical_not(x > 0), ops.reshape(x, (-1, 24)), ops.isclose(x, 0.5, 0.5), ops.top_k(x, k=2)[0],
        ops.pad(x, ((0, 0), (1, 1), (0, 0)), constant_values=2.0), ops.nn.one_hot(ops.argmax(x, -1), 6), ops.take(x, [0, 2], 1),
        ops.layer_normalization(x), ops.batch_normalization(x, np.zeros(6, "float32"), np.ones(6, "float32"), axis=-1),
        ops.transpose(x, (0, 2, 1)), ops.stack([x, -x], axis=1), ops.clip(x, -1, 1), ops.slice(x, (0, 0, 0), (1, 2, 2)),
        ops.quantile(x, 0.5, axis=1), ops.max(x, axis=(1, 2), initial=0.5), ops.nn.leaky_relu(x, 0.3), ops.cumsum(x, axis=1),
        ops.conv(x, np.ones((2, 6, 3), "float32"), 2, "same"), ops.squareplus(x, b=2), ops.trace(x, offset=1, axis1=1, axis2=2),
        x[:, 0], x[..., 1],
    ]
    return keras.Model(x, rows)


def _by_name(text: str) -> dict[str, Any]:
    """A config with the layers in the order of their names (Keras orders them by depth, keras_lite as they were called), without the
    shapes that Keras keeps for layers that need none."""
    config = json.loads(text)
    config["config"]["layers"].sort(key=lambda row: row.get("name") or "")
    for row in config["config"]["layers"]:
        if row["class_name"] == "Flatten":
            row.pop("build_config", None)
    return config


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras's variables
@pytest.mark.parametrize("describe", [_sequential, _residual, _several, _attending, _operations])
def test_json(keras: Any, describe: Callable[[Any], Any]) -> None:
    """Each reads the other's text, and the model of it has the same config and the same outputs for the same weights."""
    theirs = describe(keras)
    mine = keras_lite.models.model_from_json(theirs.to_json())
    returned = keras.models.model_from_json(mine.to_json(indent=1))
    assert _by_name(mine.to_json()) == _by_name(theirs.to_json())
    assert _by_name(returned.to_json()) == _by_name(theirs.to_json())
    mine.set_weights(theirs.get_weights())
    returned.set_weights(mine.get_weights())
    rng = np.random.default_rng(0)
    nest = theirs.inputs[0] if isinstance(theirs, keras.Sequential) else theirs.input
    inputs = keras.tree.map_structure(lambda x: rng.normal(size=(2, *x.shape[1:])).astype("float32"), nest)
    results = [keras.tree.flatten(model.predict(inputs, verbose=0)) for model in (theirs, mine, returned)]
    for expected, *found in zip(*results, strict=True):
        for result in found:
            np.testing.assert_allclose(np.asarray(result, "float64"), np.asarray(expected, "float64"), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("module", ["numpy", "nn", "core", "linalg", "math", "image"])
def test_ops(keras: Any, module: str) -> None:
    """Each class that Keras has for an op is that of a function here, and takes the same arguments when made and when called."""
    found = vars(importlib.import_module(f"keras.src.ops.{module}"))
    classes = {name: value for name, value in found.items() if inspect.isclass(value) and issubclass(value, keras.Operation)}
    own = {name: value for name, value in classes.items() if value.__module__.endswith(module)}
    assert own
    for name, cls in own.items():
        if name == "SegmentReduction":  # the base of others
            continue
        function = op_configs.functions()[name]
        op = getattr(function, "op", None)
        assert op is None or op_configs.class_name(op.public) == name or op.public in _SEVERAL, name
        assert op is None or op_configs.module_of(op.public) == module, name
        of_call = set(inspect.signature(cls.call).parameters) - {"self", "args", "kwargs"}
        of_object = set(inspect.signature(cls.__init__).parameters) - {"self", "name", "args", "kwargs"}
        names = op_configs.call_arguments(function.__name__)
        assert of_call <= names and not of_object & names, name


# Keras has several classes for one function: `abs` and `absolute`.
_SEVERAL = {"absolute", "bitwise_not", "conjugate", "divide", "left_shift", "max", "min", "right_shift"}
