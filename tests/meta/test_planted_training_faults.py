"""Faults in training, against the same descent written in NumPy: each is planted and must show, and without it all is well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import keras_lite as keras
from keras_lite import layers
from keras_lite.state.variable import Variable
from keras_lite.training.trainer import Trainer
from tests.meta.faults import planted

ROWS, BATCH, RATE = 10, 4, 0.1  # the last batch has two rows
X = np.linspace(-1, 1, ROWS, dtype="float32")[:, None]
Y = 3 * X**2 + X + 1  # no line fits, so the losses of the batches differ


def model() -> Any:
    """y = w x + b from zeros, by plain gradient descent."""
    made = keras.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros", name="line")])
    made.compile(optimizer=keras.optimizers.SGD(RATE), loss="mse")
    return made


def expected() -> dict[str, float]:
    """Weight, bias and the mean loss over rows after one epoch, in NumPy."""
    w = b = total = 0.0
    for i in range(0, ROWS, BATCH):
        x, y = X[i:i + BATCH, 0].astype("float64"), Y[i:i + BATCH, 0]
        error = w * x + b - y
        total += (error**2).sum()
        w, b = w - RATE * (2 * error * x).mean(), b - RATE * (2 * error).mean()
    return {"weight": w, "bias": b, "loss": total / ROWS, "evaluated": float(((w * X + b - Y) ** 2).mean())}


def wrong() -> set[str]:
    """What differs from NumPy after one epoch and an evaluation; "raised" where it does not get so far."""
    line = model()
    try:
        history = line.fit(X, Y, batch_size=BATCH, epochs=1, shuffle=False, verbose=0)
        kernel, bias = line.get_weights()
        evaluated = line.evaluate(X, Y, batch_size=BATCH, verbose=0)
    except Exception:
        return {"raised"}
    found = {"weight": kernel[0, 0], "bias": bias[0], "loss": history.history["loss"][0], "evaluated": evaluated}
    return {name for name, value in expected().items() if not np.isclose(found[name], value, rtol=1e-5)}


def test_parameter_not_updated(engine: Any) -> None:
    """A compiled step that returns the kernel as it came."""
    assert not wrong()
    right = engine.compile_step

    def faulty(step: Callable[..., list[Any]], layouts: Any = None) -> Any:
        def forgetful(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
            new = step(carry, source, index)
            return [old if engine.shape_of(old) == (1, 1) else x for old, x in zip(carry, new, strict=True)]

        return right(forgetful, layouts)

    with planted(engine, compile_step=faulty):
        assert {"weight", "loss"} <= wrong()


def test_bias_updated_twice(engine: Any) -> None:
    assert not wrong()
    right = engine.compile_step

    def faulty(step: Callable[..., list[Any]], layouts: Any = None) -> Any:
        def eager(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
            pairs = zip(carry, step(carry, source, index), strict=True)
            return [engine.subtract(engine.add(new, new), old) if engine.shape_of(old) == (1,) else new for old, new in pairs]

        return right(eager, layouts)

    with planted(engine, compile_step=faulty):
        assert "bias" in wrong()


def test_last_batch_weighs_as_much_as_the_others(engine: Any) -> None:
    """The mean of the batches' losses is not the mean over rows when the last batch is smaller."""
    assert not wrong()

    def faulty(self: Any, loss: Any, x: Any, count: Any = None) -> None:
        self._loss_tracker.update_state(loss)

    with planted(Trainer, _track_loss=faulty):
        assert wrong() == {"loss", "evaluated"}


def test_last_batch_is_dropped(engine: Any) -> None:
    assert not wrong()
    right = engine.compile_step

    def faulty(step: Callable[..., list[Any]], layouts: Any = None) -> Any:
        run = right(step, layouts)
        return lambda carry, source, start, count: carry if start == ROWS // BATCH else run(carry, source, start, count)

    with planted(engine, compile_step=faulty):
        assert {"weight", "bias"} <= wrong()


def tensors_survive(engine: Any) -> bool:
    """Whether tensors that a user took out of the variables before `fit` still have their values afterwards."""
    line = model()
    line.set_weights([np.array([[0.5]], "float32"), np.array([0.25], "float32")])
    line.fit(X, Y, batch_size=BATCH, epochs=1, verbose=0)  # from now on the variables hold results of steps
    held, values = [v.value for v in line.weights], line.get_weights()
    line.fit(X, Y, batch_size=BATCH, epochs=1, verbose=0)
    return all(alive(engine, tensor, value) for tensor, value in zip(held, values, strict=True))


def alive(engine: Any, tensor: Any, value: np.ndarray) -> bool:
    """Whether a tensor can still be read and has its value."""
    try:
        return np.array_equal(engine.to_numpy(tensor), value)
    except Exception:
        return False


def fate_of_donated(engine: Any) -> str:
    """What becomes of a tensor that is donated to a compiled step, which the contract leaves open: "kept", "updated" or "gone"."""
    value = np.ones((64, 64), "float32")
    tensor = engine.convert(value, "float32")
    run = engine.compile_step(lambda carry, source, index: [engine.add(carry[0], source[0])])
    run([tensor], [engine.convert(value, "float32")], 0, 2)
    return "kept" if alive(engine, tensor, value) else "updated" if alive(engine, tensor, 3 * value) else "gone"


def test_donated_buffer_still_used_by_its_variable(engine: Any) -> None:
    """A variable that is not bound to the step's result keeps a buffer that is gone: it shows in the numbers or as an error, unless
    the engine happens to have put the result there.
    """
    assert not wrong()
    with planted(Variable, rebind=lambda self, value: None, take=lambda self: self.peek()):
        assert bool(wrong()) == (fate_of_donated(engine) != "updated")


def test_donated_buffer_still_held_by_a_user(engine: Any) -> None:
    """A variable that donates a tensor which somebody else holds: it shows on each engine that makes use of donation."""
    assert tensors_survive(engine)
    with planted(Variable, take=lambda self: self.peek()):
        assert tensors_survive(engine) == (fate_of_donated(engine) == "kept")
