"""Callbacks one by one.  The order of events is compared with Keras in tests/keras_reference."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import layers
from keras_lite.callbacks import Callback, CallbackList, EarlyStopping, History, LambdaCallback, LearningRateScheduler, ModelCheckpoint
from keras_lite.engine import registry

X = np.linspace(-1, 1, 12, dtype="float32")[:, None]
Y = 3 * X + 1


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    """Nothing here depends on the engine; tests/training has what does."""
    with registry.using("numpy"):
        yield


def _model(rate: float = 0.1) -> Any:
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, kernel_initializer="zeros")], name="line")
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=["mae"])
    return model


def _fit(model: Any, *callbacks: Any, **arguments: Any) -> Any:
    return model.fit(X, Y, **{"batch_size": 4, "epochs": 3, "verbose": 0, "shuffle": False, "callbacks": list(callbacks), **arguments})


# --- the list and the logs -------------------------------------------------------------------------------------------------


def test_logs_are_floats() -> None:
    """Python floats in all events, so that they can be printed, compared and written as JSON; names sorted as in Keras."""
    seen: list[dict[str, Any]] = []

    def keep(_: int, logs: Any) -> None:
        seen.append(logs)

    history = _fit(_model(), LambdaCallback(on_train_batch_end=keep, on_epoch_end=keep, on_test_batch_end=keep), validation_split=0.5)
    assert all(type(value) is float for logs in seen for value in logs.values())
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert all(type(v) is float for values in history.history.values() for v in values)


def test_batch_logs_are_means_so_far() -> None:
    losses: list[float] = []
    history = _fit(_model(0.0), LambdaCallback(on_train_batch_end=lambda batch, logs: losses.append(logs["loss"])), epochs=1)
    rows = np.square(Y).reshape(3, 4).mean(1)
    np.testing.assert_allclose(losses, np.cumsum(rows) / (1, 2, 3), rtol=1e-5)
    assert losses[-1] == history.history["loss"][0]


def test_history_is_returned_and_starts_anew() -> None:
    model = _model()
    first = _fit(model)
    assert first is model.history
    assert first.model is model
    own = History()
    assert _fit(model, own, initial_epoch=1) is own
    assert own.epoch == [1, 2]
    assert first.epoch == [0, 1, 2]


def test_mistaken_callbacks() -> None:
    with pytest.raises(TypeError, match="expected a Callback, got 'early'"):
        _fit(_model(), "early")
    with pytest.raises(TypeError, match=r"got the class EarlyStopping: make one, EarlyStopping\(\.\.\.\)"):
        _fit(_model(), EarlyStopping)
    with pytest.raises(TypeError, match=r"EarlyStopping: unknown arguments \['patienc'\]; did you mean 'patience'\?"):
        EarlyStopping(patienc=3)
    with pytest.raises(TypeError, match=r"unknown events \['on_epoch_ends'\]"):
        LambdaCallback(on_epoch_ends=print)


def test_callback_list_by_hand() -> None:
    """A list made by the user, for a loop of their own."""
    seen: list[Any] = []
    callbacks = CallbackList([LambdaCallback(on_train_begin=lambda logs: seen.append("begin"))], add_history=True, model=_model(), epochs=1)
    callbacks.append(LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, logs))))
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    callbacks.on_epoch_end(0, {"loss": 1.0})
    callbacks.on_train_end()
    assert seen == ["begin", (0, {"loss": 1.0})]
    assert callbacks.callbacks[1].history == {"loss": [1.0]}
    assert callbacks.callbacks[2].model is callbacks.callbacks[0].model
    assert callbacks.callbacks[2].params == {"epochs": 1}


def test_old_names_of_batch_events() -> None:
    """`on_batch_begin` and `on_batch_end` are called for training batches."""

    class Old(Callback):
        seen: list[int] = []  # noqa: RUF012  # one object, in one test

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            self.seen.append(batch)

    _fit(_model(), Old(), epochs=1)
    assert Old.seen == [0, 1, 2]


def test_stop_in_an_epoch() -> None:
    """The epoch ends after the batch, is validated and logged, and no other follows."""
    model = _model()

    def stop(batch: int, logs: Any) -> None:
        model.stop_training = batch == 1

    history = _fit(model, LambdaCallback(on_train_batch_end=stop), validation_data=(X, Y))
    assert int(model.optimizer.iterations) == 2
    assert history.epoch == [0]
    assert "val_loss" in history.history
    assert len(_fit(model).epoch) == 3, "the next fit is not stopped"


# --- early stopping --------------------------------------------------------------------------------------------------------


class _Fake:
    """A model whose weights are the number of the epoch."""

    stop_training = False
    weights = -1

    def get_weights(self) -> int:
        return self.weights

    def set_weights(self, weights: int) -> None:
        self.weights = weights


def _stopped(values: list[float], **arguments: Any) -> tuple[int | None, int]:
    """The epoch in which it stops, and whose weights stay."""
    model, callback = _Fake(), EarlyStopping(**arguments)
    callback.set_model(model)
    callback.on_train_begin()
    epoch = None
    for i, value in enumerate(values):
        model.weights = i
        callback.on_epoch_end(i, {callback.monitor: value})
        if model.stop_training:
            epoch = i
            break
    callback.on_train_end()
    return epoch, model.weights


DOWN = [5, 4, 3, 3.5, 3.2, 2.9, 3, 3, 3, 3, 3]


@pytest.mark.parametrize(("arguments", "expected"), [
    ({}, (3, 3)), ({"patience": 1}, (3, 3)), ({"patience": 2}, (4, 4)), ({"patience": 3}, (8, 8)),
    ({"patience": 2, "restore_best_weights": True}, (4, 2)), ({"patience": 2, "min_delta": 0.5}, (4, 4)),
    ({"patience": 2, "baseline": 2.95}, (3, 3)), ({"patience": 1, "baseline": 10}, (3, 3)),
    ({"patience": 1, "start_from_epoch": 4}, (6, 6)), ({"patience": 1, "start_from_epoch": 4, "restore_best_weights": True}, (6, 5)),
    ({"monitor": "val_accuracy", "patience": 1}, (1, 1)), ({"monitor": "x", "mode": "max", "patience": 1}, (1, 1)),
    ({"mode": "max", "patience": 2, "restore_best_weights": True}, (2, 0)), ({"patience": 30, "restore_best_weights": True}, (None, 5)),
    ({"patience": 3, "baseline": 1, "restore_best_weights": True}, (3, 2)),
], ids=str)
def test_early_stopping(arguments: dict[str, Any], expected: Any) -> None:
    """The epochs in which Keras stops, and the weights that it leaves."""
    assert _stopped([float(v) for v in DOWN], **arguments) == expected


def test_early_stopping_in_fit(capsys: pytest.CaptureFixture[str]) -> None:
    model = _model(2.0)  # diverges
    weights: list[Any] = []
    watch = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()[0].copy()))
    history = _fit(model, watch, EarlyStopping("loss", patience=2, restore_best_weights=True, verbose=1), epochs=20)
    assert len(history.epoch) == 3
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])
    assert "Epoch 3: early stopping\nRestoring model weights from the end of the best epoch: 1." in capsys.readouterr().out
    with pytest.warns(UserWarning, match="watches 'val_loss', which is not among the logs: loss, mae"):
        _fit(model, EarlyStopping(), epochs=1)
    with pytest.raises(ValueError, match='mode must be "auto", "min" or "max"'):
        EarlyStopping(mode="minimum")


class _Index(keras.metrics.Mean):
    """A metric whose name says nothing."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]  # two tensors
        super().update_state(keras.ops.mean(y_pred))


def kappa(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(y_pred, axis=-1)


class _Rising(_Index):
    _direction = "up"


@pytest.mark.parametrize(("metric", "monitor", "rises"), [
    ("mae", "val_loss", False), ("mae", "val_mae", False), ("accuracy", "accuracy", True), ("acc", "val_acc", True),
    (keras.metrics.BinaryAccuracy(name="zz"), "zz", True), (keras.metrics.RootMeanSquaredError(name="zz"), "val_zz", False),
    (_Rising(name="kappa"), "val_kappa", True), (_Rising(name="precious"), "precious", True), (_Rising(name="a_loss"), "a_loss", True),
    (_Index(name="mean_iou_1"), "mean_iou_1", True), ("mse", "dense_loss", False), ("mse", "output_accuracy", True),
])
@pytest.mark.parametrize("kind", [EarlyStopping, ModelCheckpoint])
def test_direction(tmp_path: pathlib.Path, kind: Any, metric: Any, monitor: str, rises: bool) -> None:
    """The metric's own direction, or the last words of a name."""
    model = _model()
    model.compile("sgd", "mse", metrics=[metric])
    more = {} if kind is EarlyStopping else {"filepath": tmp_path / "w.npz", "save_weights_only": True, "save_best_only": True}
    callback = kind(monitor=monitor, **more)
    seen: list[bool] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not all of the logs are there
        _fit(model, callback, LambdaCallback(on_train_begin=lambda logs: seen.append(callback.larger_is_better)), validation_split=0.5)
    assert seen == [rises]


@pytest.mark.parametrize(("metric", "monitor"), [(kappa, "kappa"), (kappa, "val_kappa"), (_Index(name="precious"), "val_precious"),
                                                 (_Index(name="acceleration"), "acceleration"), ("mae", "val_los")])
def test_unknown_direction(tmp_path: pathlib.Path, metric: Any, monitor: str) -> None:
    """What nothing says is not guessed: an error before training, unless the mode is given or nothing is compared."""
    model = _model()
    model.compile("sgd", "mse", metrics=[metric])
    before = model.get_weights()[0]
    checkpoint = {"filepath": tmp_path / "w.npz", "save_weights_only": True}
    for callback in (EarlyStopping(monitor), ModelCheckpoint(monitor=monitor, save_best_only=True, **checkpoint)):
        with pytest.raises(ValueError, match=f"larger or a smaller '{monitor}' is better: say it by mode=.* metrics loss, "):
            _fit(model, callback)
    np.testing.assert_array_equal(model.get_weights()[0], before)
    _fit(model, ModelCheckpoint(monitor=monitor, **checkpoint), validation_split=0.5)
    assert EarlyStopping(monitor, mode="max").larger_is_better


# --- checkpoints -----------------------------------------------------------------------------------------------------------


def test_checkpoint_every_epoch(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = _model()
    pattern = tmp_path / "w{epoch:02d}-{val_loss:.2f}.npz"
    history = _fit(model, ModelCheckpoint(pattern, save_weights_only=True, verbose=1), validation_data=(X, Y))
    files = [tmp_path / f"w{i + 1:02d}-{loss:.2f}.npz" for i, loss in enumerate(history.history["val_loss"])]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert f"Epoch 3: saving weights to {files[2]}" in capsys.readouterr().out
    last = model.get_weights()
    model.load_weights(files[0])
    assert not np.array_equal(model.get_weights()[0], last[0])
    model.load_weights(files[2])
    np.testing.assert_array_equal(model.get_weights()[0], last[0])


def test_checkpoint_of_the_best(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "best.npz"
    model = _model()
    checkpoint = ModelCheckpoint(path, monitor="loss", save_best_only=True, save_weights_only=True, initial_value_threshold=2.0)
    checkpoint.set_model(model)
    for epoch, (loss, saves) in enumerate([(3.0, False), (1.5, True), (1.6, False), (float("nan"), False), (1.0, True)]):
        path.unlink(missing_ok=True)
        checkpoint.on_epoch_begin(epoch)
        checkpoint.on_epoch_end(epoch, {"loss": loss})
        assert path.exists() == saves, epoch
    assert checkpoint.best == 1.0


def test_checkpoint_after_batches(tmp_path: pathlib.Path) -> None:
    """`save_freq` counts batches over the ends of epochs."""
    _fit(_model(), ModelCheckpoint(tmp_path / "{epoch}-{batch}.npz", save_weights_only=True, save_freq=2))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1-2.npz", "2-1.npz", "2-3.npz", "3-2.npz"]


def test_checkpoint_in_a_new_folder(tmp_path: pathlib.Path) -> None:
    _fit(_model(), ModelCheckpoint(tmp_path / "new" / "{epoch}" / "w.npz", save_weights_only=True))
    assert [(tmp_path / "new" / str(i + 1) / "w.npz").is_file() for i in range(3)] == [True] * 3


def test_checkpoint_mistakes(tmp_path: pathlib.Path) -> None:
    with pytest.raises(NotImplementedError, match="save_weights_only=True"):
        ModelCheckpoint(tmp_path / "a.keras")
    with pytest.raises(NotImplementedError, match=r"ModelCheckpoint: only \.npz .* got 'a\.weights\.h5'; 'a\.npz' would do"):
        ModelCheckpoint("a.weights.h5", save_weights_only=True)
    with pytest.raises(ValueError, match="save_freq must be"):
        ModelCheckpoint("a.npz", save_weights_only=True, save_freq="batch")
    with pytest.raises(ValueError, match="names 'val_los', known are epoch, loss, mae"):
        _fit(_model(), ModelCheckpoint(tmp_path / "{val_los}.npz", save_weights_only=True))


# --- learning rate ---------------------------------------------------------------------------------------------------------


def test_learning_rate_scheduler(capsys: pytest.CaptureFixture[str]) -> None:
    model = _model(0.1)
    history = _fit(model, LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1))
    np.testing.assert_allclose(history.history["learning_rate"], [0.05, 0.025, 0.0125])
    assert "Epoch 2: LearningRateScheduler setting learning rate to 0.025" in capsys.readouterr().out
    np.testing.assert_allclose(_fit(model, LearningRateScheduler(lambda epoch: 0.1 * epoch)).history["learning_rate"], [0.0, 0.1, 0.2])
    with pytest.raises(ValueError, match=r"must return a float, got '0\.1' for epoch 0"):
        _fit(model, LearningRateScheduler(lambda epoch: "0.1"))
    with pytest.raises(TypeError, match="must be a function"):
        LearningRateScheduler(0.1)
