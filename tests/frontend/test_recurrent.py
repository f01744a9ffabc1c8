"""Recurrent layers on every engine: states, masks, dropout, custom cells, training; single outputs are compared in test_layers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops
from keras_lite.engine import registry
from keras_lite.state import tree
from keras_lite.symbolic.spec import KerasTensor

SHAPE = (4, 6, 3)
X = np.random.default_rng(0).normal(size=SHAPE).astype("float32")
Y = np.random.default_rng(1).normal(size=(4, 2)).astype("float32")
MASK = np.array([[0, 1, 1, 0, 1, 0], [1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]], bool)


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


def _agree(found: Any, expected: Any, tolerance: float = 1e-5) -> None:
    assert len(tree.flatten(found)) == len(tree.flatten(expected))
    for a, b in zip(tree.flatten(found), tree.flatten(expected), strict=True):
        np.testing.assert_allclose(array(a), array(b), rtol=tolerance, atol=tolerance)


def _like_numpy(engine: Any, run: Callable[[], Any], tolerance: float = 1e-5) -> None:
    """`run` gives the same arrays as on the NumPy engine."""
    found = tree.map_structure(array, run())
    with registry.using("numpy"):
        _agree(found, tree.map_structure(array, run()), tolerance)


def _with_weights(layer: Any, shape: Any = SHAPE) -> Any:
    """The layer, built, with weights that are the same in each call."""
    layer.build(shape)
    rng = np.random.default_rng(2)
    layer.set_weights([np.abs(rng.normal(0, 0.5, w.shape)) if "variance" in w.path else rng.normal(0, 0.5, w.shape) for w in layer.weights])
    return layer


class Leaky(layers.Layer):
    """A user's cell: two states, one of them an integer, and an output of another size."""

    def __init__(self, units: int = 3, **kwargs: Any):
        super().__init__(**kwargs)
        self.units, self.state_size, self.output_size = units, [units, units], 1

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        level, count = states
        level = 0.5 * level + ops.matmul(inputs, self.kernel)
        return ops.sum(level, -1, keepdims=True) * (2.0 if training else 1.0), [level, count + 1.0]


# --- the same on every engine --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"zero_output_for_mask": True}, {"go_backwards": True}, {"unroll": True}])
@pytest.mark.parametrize("cls", ["SimpleRNN", "LSTM", "GRU", "Leaky"])
def test_masks(engine: Any, cls: str, options: dict[str, Any]) -> None:
    def run() -> Any:
        sequences, last = (
            _with_weights(layers.RNN(Leaky(), return_sequences=s, return_state=True, **options) if cls == "Leaky"
                          else getattr(layers, cls)(3, return_sequences=s, return_state=True, **options)) for s in (True, False))
        return sequences(X, mask=MASK), last(X, mask=MASK)

    _like_numpy(engine, run)


def _gradients(layer: Any, mask: Any = None, training: bool = False) -> list[Any]:
    def loss() -> Any:
        return ops.sum(ops.square(ops.concatenate([ops.reshape(y, (-1,)) for y in tree.flatten(layer(X, mask=mask, training=training))])))

    value, gradients = keras.value_and_grad(loss, layer.trainable_variables)
    return [value, *gradients]


@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize("cls", ["SimpleRNN", "LSTM", "GRU", "GRU before", "Leaky", "Bidirectional"])
def test_gradients(engine: Any, cls: str, mask: Any) -> None:
    def make() -> Any:
        options: dict[str, Any] = {"return_sequences": True, "return_state": True}
        if cls == "Leaky":
            return layers.RNN(Leaky(), **options)
        if cls == "Bidirectional":
            return layers.Bidirectional(layers.LSTM(3, **options))
        return getattr(layers, cls.split()[0])(3, **options, **({"reset_after": False} if cls.endswith("before") else {}))

    _like_numpy(engine, lambda: _gradients(_with_weights(make()), mask), 1e-4)


@pytest.mark.parametrize("drops", [{"dropout": 0.4}, {"recurrent_dropout": 0.4}, {"dropout": 0.3, "recurrent_dropout": 0.3}])
@pytest.mark.parametrize("cls", ["SimpleRNN", "LSTM", "GRU"])
def test_dropout(engine: Any, cls: str, drops: dict[str, float]) -> None:
    """The same masks on every engine, other ones in each call, none outside of training; they stay for all steps."""
    def run() -> Any:
        layer = _with_weights(getattr(layers, cls)(3, seed=5, **drops))
        plain = _with_weights(getattr(layers, cls)(3))
        results = [layer(X, training=True), layer(X, training=True), layer(X), *_gradients(layer, training=True)]
        _agree(results[2], plain(X))
        assert not np.allclose(array(results[0]), array(results[1]))
        return [*results, layer.cell.seed_generator.state]

    _like_numpy(engine, run, 1e-4)


def test_dropout_masks_are_the_same_for_all_steps(engine: Any) -> None:
    layer = layers.SimpleRNN(3, activation=None, use_bias=False, kernel_initializer="identity", recurrent_initializer="zeros", dropout=0.5,
                             seed=1, return_sequences=True)
    y = array(layer(np.ones(SHAPE, "float32"), training=True))
    assert np.array_equal(y, np.broadcast_to(y[:, :1], y.shape))
    assert set(np.unique(y)) == {0, 2}


def test_dropout_of_stacked_cells_with_a_users(engine: Any) -> None:
    def run() -> Any:
        cells = [layers.LSTMCell(3, dropout=0.4, recurrent_dropout=0.2, seed=1), Leaky(), layers.GRUCell(2, dropout=0.5, seed=2)]
        layer = _with_weights(layers.RNN(cells, return_sequences=True))
        return [layer(X, training=True), layer(X, training=True), *(cell.seed_generator.state for cell in cells[::2])]

    _like_numpy(engine, run)


# --- single cells --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", ["SimpleRNN", "LSTM", "GRU"])
def test_layer_is_its_cell_step_by_step(engine: Any, cls: str) -> None:
    layer = _with_weights(getattr(layers, cls)(3, return_state=True))
    states = layer.cell.get_initial_state(4)
    for t in range(6):
        output, states = layer.cell(X[:, t], states)
    _agree(layer(X), [output, *states])


def test_cells_keep_their_dropout_masks_until_reset(engine: Any) -> None:
    cell = _with_weights(layers.LSTMCell(3, dropout=0.5, recurrent_dropout=0.5, seed=1), (4, 3))
    states = [np.ones((4, 3), "float32")] * 2
    first, again = (array(cell(X[:, 0], states, training=True)[0]) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    cell.reset_dropout_mask()
    cell.reset_recurrent_dropout_mask()
    assert not np.array_equal(first, array(cell(X[:, 0], states, training=True)[0]))


def test_a_cell_takes_a_single_state(engine: Any) -> None:
    cell = _with_weights(layers.GRUCell(3), (4, 3))
    output, state = cell(X[:, 0], np.ones((4, 3), "float32"))
    np.testing.assert_array_equal(array(output), array(state))
    assert cell.output_size == cell.state_size == 3


# --- users' cells --------------------------------------------------------------------------------------------------------


def test_a_users_cell(engine: Any) -> None:
    layer = _with_weights(layers.RNN(Leaky(), return_sequences=True, return_state=True))
    kernel, level = array(layer.cell.kernel), np.zeros((4, 3))
    expected = []
    for t in range(6):
        level = 0.5 * level + X[:, t] @ kernel
        expected.append(level.sum(-1, keepdims=True))
    outputs, levels, counts = layer(X)
    _agree([outputs, levels, counts], [np.stack(expected, 1), level, np.full((4, 3), 6.0)])
    _agree(layer(X, training=True)[0], 2 * np.stack(expected, 1))
    assert [s.shape for s in layer(KerasTensor((None, None, 3)))] == [(None, None, 1), (None, 3), (None, 3)]


def test_a_users_subclass_of_a_cell(engine: Any) -> None:
    """What it overrides counts."""
    class Doubled(layers.GRUCell):
        def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
            output, states = super().call(inputs, states, training)
            return 2.0 * output, states

    plain = _with_weights(layers.GRU(3, return_sequences=True))
    _agree(_with_weights(layers.RNN(Doubled(3), return_sequences=True))(X), 2 * array(plain(X)))


def test_a_users_first_state(engine: Any) -> None:
    class Counter(layers.Layer):
        state_size = 1

        def get_initial_state(self, batch_size: Any = None) -> Any:
            return ops.ones((batch_size, 1), "float32") * 5.0

        def call(self, inputs: Any, states: Any) -> Any:
            return states[0] + 1.0, states[0] + 1.0

    _agree(layers.RNN(Counter())(X), np.full((4, 1), 11.0))


def test_cells_and_layers_of_mixed_precision(engine: Any) -> None:
    layer = layers.RNN([layers.LSTMCell(3, dtype="mixed_bfloat16"), layers.GRUCell(2, dtype="mixed_bfloat16")], dtype="mixed_bfloat16")
    plain = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)])
    y = _with_weights(layer)(X)
    assert ops.dtype(y) == "bfloat16"
    np.testing.assert_allclose(array(y).astype("float32"), array(_with_weights(plain)(X)), atol=0.03)


# --- states --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", ["LSTM", "GRU", "SimpleRNN"])
def test_a_sequence_in_two_parts(engine: Any, cls: str) -> None:
    """By `initial_state`, and by a stateful layer."""
    whole = _with_weights(getattr(layers, cls)(3, return_sequences=True, return_state=True))
    y, *states = whole(X)
    first, *middle = whole(X[:, :2])
    second, *last = whole(X[:, 2:], initial_state=middle)
    _agree([ops.concatenate([first, second], 1), *last], [y, *states])
    stateful = _with_weights(getattr(layers, cls)(3, return_sequences=True, stateful=True))
    _agree(ops.concatenate([stateful(X[:, :2]), stateful(X[:, 2:])], 1), y)
    stateful.reset_states()
    _agree(stateful(X), y)


def test_states_of_a_stateful_layer_in_compiled_steps(engine: Any) -> None:
    """They go on from batch to batch in fit and predict, as in calls, and are no weights."""
    def model() -> Any:
        inputs = keras.Input(batch_shape=(4, 6, 3))
        model = keras.Model(inputs, layers.Dense(2)(layers.GRU(3, stateful=True)(inputs)))
        rng = np.random.default_rng(2)
        model.set_weights([rng.normal(0, 0.5, w.shape) for w in model.weights])
        return model

    compiled, called = model(), model()
    data = np.concatenate([X, 2 * X, X])
    expected = np.concatenate([array(called(part)) for part in (X, 2 * X, X)])
    _agree(compiled.predict(data, batch_size=4, verbose=0), expected)
    state = array(called.layers[1].states[0])
    _agree(compiled.layers[1].states[0], state)
    compiled.layers[1].reset_state()
    assert not array(compiled.layers[1].states[0]).any()
    compiled.compile("sgd", "mse")
    compiled.fit(data, np.concatenate([Y, Y, Y]), batch_size=4, epochs=1, shuffle=False, verbose=0)
    assert array(compiled.layers[1].states[0]).any()
    assert not any("rnn_state" in v.path for v in compiled.variables)


def test_symbolic_initial_states(engine: Any) -> None:
    """An encoder's states into a decoder."""
    source, target = keras.Input((None, 3)), keras.Input((None, 2))
    _, *states = layers.LSTM(4, return_state=True)(source)
    model = keras.Model([source, target], layers.LSTM(4, return_sequences=True)(target, initial_state=states))
    assert model.output_shape == (None, None, 4)
    model.compile("adam", "mse")
    inputs = [X, np.ones((4, 5, 2), "float32")]
    before = model.evaluate(inputs, np.ones((4, 5, 4)), verbose=0)
    model.fit(inputs, np.ones((4, 5, 4)), epochs=5, verbose=0)
    assert model.evaluate(inputs, np.ones((4, 5, 4)), verbose=0) < before
    assert all(np.abs(array(v)).sum() for v in model.trainable_variables)


# --- training ------------------------------------------------------------------------------------------------------------


MODELS: dict[str, Callable[[], list[Any]]] = {
    "lstm": lambda: [layers.LSTM(4)], "gru": lambda: [layers.GRU(4, return_sequences=True), layers.GRU(3)],
    "bidirectional": lambda: [layers.Masking(), layers.Bidirectional(layers.LSTM(3, dropout=0.2, recurrent_dropout=0.2, seed=3))],
    "stack": lambda: [layers.RNN([layers.LSTMCell(3), layers.SimpleRNNCell(3)])], "custom": lambda: [layers.RNN(Leaky())],
    "convolution": lambda: [layers.Reshape((6, 3, 1)), layers.ConvLSTM1D(2, 2, dropout=0.3, seed=1), layers.Flatten()],
    "steps": lambda: [layers.TimeDistributed(layers.Dense(4, activation="relu")), layers.TimeDistributed(layers.BatchNormalization()),
                      layers.GlobalAveragePooling1D()],
}


@pytest.mark.parametrize("name", MODELS)
def test_training_is_the_same_on_every_engine(engine: Any, name: str) -> None:
    """Three epochs of compiled steps: losses and weights."""
    def run() -> Any:
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input(SHAPE[1:]), *MODELS[name](), layers.Dense(2)])
        model.compile(keras.optimizers.Adam(0.01), "mse")
        data = np.where(MASK[:, :, None], X, 0.0).astype("float32")
        history = model.fit(np.concatenate([data, 0.5 * data]), np.concatenate([Y, Y]), batch_size=4, epochs=3, verbose=0)
        return [np.array(history.history["loss"]), *model.get_weights()]

    _like_numpy(engine, run, 2e-4)


def test_lengths_may_change(engine: Any) -> None:
    model = keras.Sequential([keras.Input((None, 3)), layers.LSTM(4, return_sequences=True), layers.Bidirectional(layers.GRU(2))])
    assert model.output_shape == (None, 4)
    longer = np.concatenate([X, X], 1)
    _agree(model.predict(X, verbose=0), model(X))
    _agree(model.predict(longer, verbose=0), model(longer))


def test_masks_of_embeddings_reach_the_loss(engine: Any) -> None:
    ids = np.array([[1, 2, 0, 0], [3, 1, 2, 0]], "int32")
    model = keras.Sequential([keras.Input((4,), dtype="int32"), layers.Embedding(5, 3, mask_zero=True),
                              layers.LSTM(2, return_sequences=True), layers.TimeDistributed(layers.Dense(1))])
    model.compile("sgd", "mse")
    y = np.ones((2, 4, 1), "float32")
    errors = (array(model(ids)) - y)[..., 0] ** 2
    np.testing.assert_allclose(model.evaluate(ids, y, verbose=0), errors[ids != 0].mean(), rtol=1e-5)


# --- configs and copies --------------------------------------------------------------------------------------------------


def test_copies(engine: Any) -> None:
    model = keras.Sequential([keras.Input(SHAPE[1:]), layers.Bidirectional(layers.LSTM(3, return_sequences=True, use_cudnn=False)),
                              layers.RNN([Leaky(), layers.GRUCell(2)], return_sequences=True), layers.SimpleRNN(2, seed=3)])
    _agree(copy.deepcopy(model)(X), model(X))
    assert model.layers[-1].get_config()["seed"] == 3
    assert copy.deepcopy(model).layers[0].forward_layer.use_cudnn is False


def test_custom_objects(engine: Any) -> None:
    config = layers.RNN(Leaky(2)).get_config()
    assert layers.RNN.from_config(config, custom_objects={"Leaky": Leaky}).cell.units == 2
    with pytest.raises(ValueError, match="Leaky"):
        layers.RNN.from_config(config)


def test_first_weights_of_bidirectional(engine: Any) -> None:
    weights = [np.full(s, i, "float32") for i, s in enumerate([(3, 8), (2, 8), (8,)] * 2)]
    layer = layers.Bidirectional(layers.LSTM(2), weights=weights)
    layer(X)
    _agree(layer.get_weights(), weights)


# --- mistakes ------------------------------------------------------------------------------------------------------------


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "cell": (lambda: layers.RNN(3), r"RNN: a cell needs a method call\(inputs, states\), got 3"),
    "sizes": (lambda: layers.RNN(layers.Dense(3)), "RNN: a cell needs an attribute state_size"),
    "no cells": (lambda: layers.StackedRNNCells([]), "at least one cell"),
    "units": (lambda: layers.LSTM(0), "LSTMCell: units must be a positive int, got 0"),
    "rate": (lambda: layers.GRU(3, dropout=1.5), "dropout must be a number from 0 to 1, got 1.5"),
    "argument": (lambda: layers.LSTM(3, retrun_state=True), "retrun_state"),
    "rank": (lambda: layers.LSTM(3)(X[0]), "expects rank 3, got an input of shape"),
    "no steps": (lambda: layers.LSTM(3)(X[:, :0]), "expects at least one step"),
    "states": (lambda: layers.LSTM(3)(X, initial_state=[X[:, 0]]), "initial_state must have 2 states, got 1"),
    "size of states": (lambda: layers.GRU(2)(X, initial_state=X[:, 0]), r"hidden must have shape \(4, 2\)"),
    "batch": (lambda: layers.LSTM(3, stateful=True)(keras.Input((6, 3))), "a stateful layer needs a known batch size"),
    "other batch": (lambda: _with_weights(layers.LSTM(3, stateful=True))(X[:2]), "built for batches of 4, got one of 2"),
    "fused": (lambda: layers.LSTM(3, use_cudnn=True, activation="relu")(X), "use_cudnn=True needs"),
    "fused value": (lambda: layers.GRU(3, use_cudnn="yes"), 'use_cudnn must be "auto", True or False'),
    "mode": (lambda: layers.Bidirectional(layers.GRU(3), merge_mode="mean"), "merge_mode must be one of"),
    "ways": (lambda: layers.Bidirectional(layers.GRU(3), backward_layer=layers.GRU(3)), "must go different ways"),
    "pair": (lambda: layers.Bidirectional(layers.GRU(3), backward_layer=layers.GRU(3, go_backwards=True, return_state=True)),
             "must have the same return_state"),
    "mask": (lambda: layers.TimeDistributed(layers.Dense(2))(X, mask=MASK[:, :3]), "does not fit inputs"),
    "steps": (lambda: layers.TimeDistributed(layers.Dense(2))(Y), "at least 3 axes"),
    "spatial": (lambda: layers.ConvLSTM1D(2, 2)(keras.Input((None, None, 3))), "sizes of the spatial axes must be known"),
    "padding": (lambda: layers.ConvLSTM2D(2, 2, padding="causal"), "ConvLSTM2D: padding must be 'valid' or 'same'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(engine: Any, name: str) -> None:
    call, message = MISTAKES[name]
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_layer(engine: Any) -> None:
    for call in (lambda: layers.Bidirectional(layers.Dense(3)), lambda: layers.Wrapper(3), lambda: layers.TimeDistributed(len)):
        with pytest.raises(TypeError, match="expects a"):
            call()


@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize("unroll", [False, True])
def test_forms_of_masks(engine: Any, name: str, unroll: bool) -> None:
    layer = getattr(layers, name)(2, unroll=unroll)
    x, row = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("float32"), np.array([[True, False, True]])
    expected = ops.convert_to_numpy(layer(x, mask=np.repeat(row, 2, 0)))
    for mask in (row, np.repeat(row, 2, 0)[..., None], np.repeat(row, 2, 0).astype("int32")):
        np.testing.assert_allclose(ops.convert_to_numpy(layer(x, mask=mask)), expected, atol=1e-6)
    for shape in ((2, 4), (3, 3), (2, 1), (3,), (2, 3, 2)):
        with pytest.raises(ValueError, match=rf"{name} '.*': the mask must have the shape \(batch, steps\) of the inputs \(2, 3, 2\)"):
            layer(x, mask=np.ones(shape, bool))
