"""Values in the data that a model or an engine can't take: one error before anything runs, in later batches too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops

IDS, WRONG = np.array([[1, 2], [3, -1]]), np.array([[1, 2], [3, 7]])


class Subclassed(keras.Model):
    """A model without a graph."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.flat, self.top = layers.Embedding(5, 2), layers.Flatten(), layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.top(self.flat(self.rows(x)))


def _functional(**arguments: Any) -> Any:
    x = keras.Input((2,), **arguments)
    return keras.Model(x, layers.Dense(1)(layers.Flatten()(layers.Embedding(5, 2)(x))))


def _two_inputs() -> Any:
    ids, number = keras.Input((2,), name="ids"), keras.Input((1,), name="number")
    return keras.Model({"ids": ids, "number": number}, layers.Dense(1)(layers.Concatenate()([layers.Flatten()(layers.Embedding(5, 2)(ids)),
                                                                                             number])))


MODELS: dict[str, Callable[[], Any]] = {
    "sequential": lambda: keras.Sequential([layers.Embedding(5, 2), layers.Flatten(), layers.Dense(1)]),
    "nested": lambda: keras.Sequential([keras.Sequential([layers.Embedding(5, 2)]), layers.Flatten(), layers.Dense(1)]),
    "functional": _functional,
    "integers": lambda: _functional(dtype="int32"),
    "dict": _two_inputs,
    "subclassed": Subclassed,
}
Y = np.zeros((2, 1), "float32")
CALLS: dict[str, Callable[[Any, Any, Any], Any]] = {  # of a model, good ids and wrong ones
    "fit": lambda m, x, bad: m.fit(bad, Y, verbose=0),
    "later batch": lambda m, x, bad: m.fit(((part, Y) for part in (x, bad)), verbose=0),
    "validation": lambda m, x, bad: m.fit(x, Y, validation_data=(bad, Y), verbose=0),
    "evaluate": lambda m, x, bad: m.evaluate(bad, Y, verbose=0),
    "predict": lambda m, x, bad: m.predict(bad, verbose=0),
    "predict later": lambda m, x, bad: m.predict(((part,) for part in (x, bad)), verbose=0),
    "train_on_batch": lambda m, x, bad: m.train_on_batch(bad, Y),
    "predict_on_batch": lambda m, x, bad: m.predict_on_batch(bad),
    "call": lambda m, x, bad: m(bad),
}
MESSAGE = r"Embedding 'embedding.*': indices must lie in 0 to 4, got 1 to 7"


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("way", CALLS)
def test_index_out_of_range(engine: Any, kind: str, way: str) -> None:
    """The same error wherever the ids stand on the host; ids in range, negative ones too, are taken."""
    model = MODELS[kind]()
    model.compile("sgd", "mse")
    good, bad = ({"ids": x, "number": Y} if kind == "dict" else x for x in (IDS, WRONG))
    with pytest.raises(ValueError, match=MESSAGE):
        CALLS[way](model, good, bad)
    CALLS[way](model, good, good)


def test_index_of_an_eager_call(engine: Any) -> None:
    """Arrays and tensors; inside a function that the user compiles nothing is known."""
    layer = layers.Embedding(5, 2)
    for ids in (np.array([7]), np.array([7.0]), ops.convert_to_tensor([7]), np.array([-6])):
        with pytest.raises(ValueError, match="indices must lie in 0 to 4"):
            layer(ids)
    assert tuple(layer(np.array([-5, 4])).shape) == (2, 2)
    assert tuple(engine.compile(lambda x: layer(x))(ops.convert_to_tensor([3])).shape) == (1, 2)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "bfloat16"])
def test_indices_are_not_rounded(engine: Any, policy: str) -> None:
    """A model that is built from data and begins with a table takes its indices as integers, also in 16-bit floats."""
    keras.config.set_dtype_policy(policy)
    try:
        model = keras.Sequential([layers.Embedding(1000, 1)])
        model(np.array([[0]]))
    finally:
        keras.config.set_dtype_policy("float32")
    model.layers[0].embeddings.assign(np.arange(1000)[:, None] % 7)
    outputs = model.predict(np.array([[999, ]]), verbose=0), model.predict(np.array([[513]]), verbose=0), model(np.array([[257]]))
    assert [float(ops.convert_to_numpy(x).ravel()[0]) for x in outputs] == [999 % 7, 513 % 7, 257 % 7]


def _labels(loss: str, outputs: int, activation: str, *batches: Any) -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(outputs, activation=activation)])
    model.compile("sgd", loss)
    model.fit(((np.ones((2, 2), "float32"), np.array(y)) for y in batches), verbose=0)


NAN = float("nan")
LABELS: dict[str, tuple[tuple[Any, ...], str]] = {
    "later batch": (("sparse_categorical_crossentropy", 3, "softmax", [0, 1], [1, 3]), "labels must lie in 0 to 2 .*, got 1 to 3"),
    "NaN label": (("sparse_categorical_crossentropy", 3, "softmax", [0.0, NAN]), "labels must lie in 0 to 2 .*, got nan to nan"),
    "NaN later": (("sparse_categorical_crossentropy", 3, "softmax", [0, 1], [0.0, NAN]), "labels must lie in 0 to 2"),
    "NaN target": (("binary_crossentropy", 1, "sigmoid", [0.0, NAN]), r"targets must lie in \[0, 1\], got nan to nan"),
    "later target": (("binary_crossentropy", 1, "sigmoid", [0.0, 1.0], [0, 2]), r"targets must lie in \[0, 1\], got 0 to 2"),
    "NaN one-hot": (("categorical_crossentropy", 2, "softmax", [[0, 1], [NAN, 1]]), "the targets have NaN or infinity"),
    "complex target": (("mse", 1, "linear", [1j, 2j]), "the targets are complex, the outputs of the model are not"),
}


@pytest.mark.parametrize("case", LABELS)
def test_labels(engine: Any, case: str) -> None:
    """Every batch of the host is looked at, and NaN lies in no range."""
    arguments, message = LABELS[case]
    with pytest.raises(ValueError, match=message):
        _labels(*arguments)


BIG = np.full((2, 5), 2**40)


def test_integers_too_large_for_the_engine(engine: Any) -> None:
    """Integers that the engine's dtype can't hold are refused, where it has narrower ones; elsewhere they become the same floats."""
    model = keras.Sequential([keras.Input((5,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile("sgd", "mae")
    ways: list[Callable[[], Any]] = [lambda: model.predict(BIG, verbose=0), lambda: model.evaluate(BIG, Y, verbose=0),
                                     lambda: model.evaluate(Y * np.ones(5), BIG[:, :1], verbose=0),
                                     lambda: model.fit(((x, Y) for x in (BIG * 0, BIG)), verbose=0)]
    if engine.canonical_dtype("int64") == "int64":
        np.testing.assert_allclose(ways[0](), 5 * 2.0**40)
        return
    for way in ways:
        with pytest.raises(ValueError, match=r"[xy]: values from \d+ to 1099511627776 are outside the range of int32; pass floats, or"):
            way()
    model.predict(BIG // 2**20, verbose=0)


def test_complex_input(engine: Any) -> None:
    """Imaginary parts are not dropped silently."""
    model = keras.Sequential([layers.Dense(1)])
    with pytest.raises(ValueError, match=r"expects float32, got complex64, whose imaginary part would be lost"):
        model.predict(np.ones((2, 3), "complex64"), verbose=0)
