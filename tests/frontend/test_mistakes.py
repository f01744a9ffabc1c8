"""Misspelt arguments and things of a wrong kind: what the errors say, and the line that warnings point to."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers, ops, optimizers
from keras_lite.callbacks import Callback, EarlyStopping
from keras_lite.engine import registry
from keras_lite.engine.errors import unknown_arguments, warn

X = np.zeros((4, 2), "float32")


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with registry.using("numpy"):
        yield


def _model() -> Any:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, name="dense")])
    model.compile("sgd", "mse")
    return model


class Own(layers.Layer):
    def __init__(self, width: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.width = width


class Strict(layers.Layer):
    def __init__(self, width: int, name: str | None = None):
        super().__init__(name=name)


# --- misspelt arguments ----------------------------------------------------------------------------------------------------

UNKNOWN: list[tuple[Callable[[], Any], type[Exception], str]] = [  # the types are Keras's
    (lambda: layers.Dense(3, actvation="relu"), ValueError, r"Dense: unknown arguments \['actvation'\]; did you mean 'activation'\?"),
    (lambda: layers.Dense(3, nam="a"), ValueError, "did you mean 'name'"),
    (lambda: layers.Dense(3, input_shap=(2,)), ValueError, "did you mean 'input_shape'"),
    (lambda: layers.Dense(3, kernel_init="zeros", usebias=True), ValueError,
     r"\['kernel_init', 'usebias'\]; did you mean 'kernel_initializer' for 'kernel_init', 'use_bias' for 'usebias'\?"),
    (lambda: layers.Dense(3, zzz=1), ValueError, r"unknown arguments \['zzz'\]; known: activation, .*units, use_bias"),
    (lambda: Own(width=3, widht=4), ValueError, "Own: .*did you mean 'width'"),
    (lambda: Own(3, trainble=False), ValueError, "Own: .*did you mean 'trainable'"),
    (lambda: Strict(3, widht=4), TypeError, "Strict: .*did you mean 'width'"),
    (lambda: optimizers.Adam(lr=0.1), ValueError, "Adam: .*did you mean 'learning_rate'"),
    (lambda: optimizers.SGD(0.1, momentun=0.9), ValueError, "SGD: .*did you mean 'momentum'"),
    (lambda: keras.Model(nam="a"), ValueError, "Model: .*did you mean 'name'"),
    (lambda: keras.Sequential([], nam="a"), TypeError, "Sequential: .*did you mean 'name'"),
    (lambda: keras.losses.MeanSquaredError(reducton="sum"), TypeError, "MeanSquaredError: .*did you mean 'reduction'"),
    (lambda: keras.metrics.MeanSquaredError(nam="a"), TypeError, "MeanSquaredError: .*did you mean 'name'"),
    (lambda: keras.initializers.GlorotUniform(sed=1), TypeError, "GlorotUniform: .*did you mean 'seed'"),
    (lambda: keras.regularizers.L2(l=0.1), TypeError, "L2: .*did you mean 'l2'"),
    (lambda: keras.constraints.MaxNorm(max_valu=1), TypeError, "MaxNorm: .*did you mean 'max_value'"),
    (lambda: EarlyStopping(patienc=3), TypeError, "EarlyStopping: .*did you mean 'patience'"),
    (lambda: _model().fit(X, X[:, :1], epoch=3), TypeError, "fit: .*did you mean 'epochs'"),
    (lambda: _model().fit(X, X[:, :1], bs=3), TypeError, "fit: .*did you mean 'batch_size'"),
    (lambda: _model().compile(metric=["mae"]), TypeError, "compile: .*did you mean 'metrics'"),
    (lambda: _model().evaluate(X, X[:, :1], batchsize=3), ValueError, "evaluate: .*did you mean 'batch_size'"),
    (lambda: _model().predict(X, step=3), TypeError, "predict: .*did you mean 'steps'"),
    (lambda: _model().summary(line_lenght=3), TypeError, "summary: .*did you mean 'line_length'"),
    (lambda: keras.Input(shap=(3,)), TypeError, "Input: .*did you mean 'shape'"),
    (lambda: keras.Variable(1.0, nam="a"), TypeError, "Variable: .*did you mean 'name'"),
    (lambda: keras.KerasTensor((1,), nam="a"), TypeError, "KerasTensor: .*did you mean 'name'"),
    (lambda: keras.random.SeedGenerator(1, nam="a"), ValueError, "SeedGenerator: .*did you mean 'name'"),
    (lambda: keras.models.clone_model(_model(), recursiv=True), ValueError, "clone_model: .*did you mean 'recursive'"),
    (lambda: keras.saving.deserialize_keras_object({}, customobjects={}), TypeError, "did you mean 'custom_objects'"),
    (lambda: ops.sum(X, axes=1), TypeError, "did you mean 'axis'"),
    (lambda: ops.multi_hot(np.array([1]), num_clases=3), TypeError, "multi_hot: .*did you mean 'num_classes'"),
    (lambda: ops.layer_normalization(X, gama=1), TypeError, "layer_normalization: .*did you mean 'gamma'"),
    (lambda: ops.einsum("ij->ji", X, subscript=1), TypeError, "einsum: .*did you mean 'subscripts'"),
]


@pytest.mark.parametrize(("mistake", "kind", "message"), UNKNOWN, ids=range(len(UNKNOWN)))
def test_unknown_arguments(mistake: Callable[[], Any], kind: type[Exception], message: str) -> None:
    """The nearest parameter is named."""
    with pytest.raises(kind, match=message) as caught:
        mistake()
    assert type(caught.value) is kind


def test_other_type_errors_stay() -> None:
    """An error of the call's own, or of the user's code, is not taken for a misspelt argument."""
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'units'"):
        layers.Dense()

    class Fails(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            raise TypeError("mine")

    with pytest.raises(TypeError, match=r"^mine$"):
        _model().fit(X, X[:, :1], callbacks=[Fails()], verbose=0)


def test_initials_and_kinds() -> None:
    assert str(unknown_arguments("f", ["bs", "q"], ["batch_size", "other"])) == (
        "f: unknown arguments ['bs', 'q']; did you mean 'batch_size' for 'bs'?")


# --- things of a wrong kind ------------------------------------------------------------------------------------------------


def _set_rate(value: Any) -> None:
    _model().optimizer.learning_rate = value


WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    *((lambda given=given: optimizers.Adam(given), ValueError, "Adam: learning_rate must be a float, .* got ")
      for given in ("0.1", None, True, [0.1], {})),
    *((lambda given=given: _set_rate(given), ValueError, "learning_rate must be a float, .* got ")
      for given in ("a", "0.1", None, [0.1])),
    (lambda: keras.Input(3), ValueError, r"Input: shape must be a tuple of sizes, as in \(3,\); got 3"),
    (lambda: keras.Input("3"), ValueError, "Input: shape must be a tuple of sizes; got '3'"),
    (lambda: keras.Input(keras.Input((3,))), ValueError, "Input: shape must be a tuple of sizes; got <KerasTensor"),
    (lambda: keras.Input(batch_shape=3), ValueError, r"Input: batch_shape must be a tuple of sizes, as in \(3,\); got 3"),
    (lambda: keras.device(0), TypeError, "device: expected a name such as 'cpu.*', got 0"),
    (lambda: _model().get_layer("clz"), ValueError, "unknown layer 'clz'; known: dense"),
    (lambda: _model().get_layer(0), TypeError, "get_layer: name must be a string, got 0; layers are counted by index=0"),
    (lambda: _model().get_layer(index="0"), TypeError, "get_layer: index must be an int, got '0'"),
]


@pytest.mark.parametrize(("mistake", "kind", "message"), WRONG, ids=range(len(WRONG)))
def test_wrong_kinds(mistake: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        mistake()


def test_right_kinds() -> None:
    """Numbers of any kind are learning rates, whatever has sizes is a shape."""
    for rate in (0.5, 1, np.float32(0.5), np.array(0.5), keras.Variable(0.5), lambda: 0.5, lambda step: 0.5):
        assert float(np.asarray(optimizers.SGD(rate).learning_rate)) == (1 if rate == 1 else 0.5)
    model = _model()
    model.optimizer.learning_rate = np.float64(0.25)
    assert float(np.asarray(model.optimizer.learning_rate)) == 0.25
    assert [keras.Input(s).shape for s in ([3, 4], np.array([3, 4]), (), (None, 2))] == [(None, 3, 4)] * 2 + [(None,), (None, None, 2)]
    assert model.get_layer(index=np.int64(0)) is model.get_layer("dense")


# --- warnings --------------------------------------------------------------------------------------------------------------


def _lines_of(run: Callable[[], Any]) -> list[tuple[str, str]]:
    """(file, source line) of each warning."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        run()
    sources = [pathlib.Path(w.filename).read_text().splitlines()[w.lineno - 1].strip() for w in seen]
    return [(w.filename, source) for w, source in zip(seen, sources, strict=True)]


def test_warnings_point_to_the_users_line() -> None:
    bad = np.full((4, 2), np.nan, "float32")

    def nan() -> None:
        _model().predict(bad, verbose=0)

    def monitor() -> None:
        _model().fit(X, X[:, :1], verbose=0, callbacks=[EarlyStopping("val_los", mode="min")])

    def deprecated() -> None:
        ops.layer_normalization(X, rms_scaling=True)

    def own() -> None:
        warn("from the package's outside")

    assert _lines_of(nan) == [(__file__, "_model().predict(bad, verbose=0)")]
    assert _lines_of(monitor) == [(__file__, '_model().fit(X, X[:, :1], verbose=0, callbacks=[EarlyStopping("val_los", mode="min")])')]
    assert _lines_of(deprecated) == [(__file__, "ops.layer_normalization(X, rms_scaling=True)")]
    assert _lines_of(own) == [(__file__, 'warn("from the package\'s outside")')]
