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

    def faulty(step: Callable[..., list[Any]], layout: Any = None) -> Any:
        def forgetful(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
            new = step(carry, source, index)
            return [old if engine.shape_of(old) == (1, 1) else x for old, x in zip(carry, new, strict=True)]

        return right(forgetful, layout)

    with planted(engine, compile_step=faulty):
        assert {"weight", "loss"} <= wrong()


def test_bias_updated_twice(engine: Any) -> None:
    assert not wrong()
    right = engine.compile_step

    def faulty(step: Callable[..., list[Any]], layout: Any = None) -> Any:
        def eager(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
            pairs = zip(carry, step(carry, source, index), strict=True)
            return [engine.subtract(engine.add(new, new), old) if engine.shape_of(old) == (1,) else new for old, new in pairs]

        return right(eager, layout)

    with planted(engine, compile_step=faulty):
        assert "bias" in wrong()


def test_last_batch_weighs_as_much_as_the_others(engine: Any) -> None:
    """The mean of the batches' losses is not the mean over rows when the last batch is smaller."""
    assert not wrong()

    def faulty(self: Any, loss: Any, x: Any) -> None:
        self._loss_tracker.update_state(loss)

    with planted(Trainer, _track_loss=faulty):
        assert wrong() == {"loss", "evaluated"}


def test_last_batch_is_dropped(engine: Any) -> None:
    assert not wrong()
    right = engine.compile_step

    def faulty(step: Callable[..., list[Any]], layout: Any = None) -> Any:
        run = right(step, layout)
        return lambda carry, source, start, count: carry if start == ROWS // BATCH else run(carry, source, start, count)

    with planted(engine, compile_step=faulty):
        assert {"weight", "bias"} <= wrong()


def dead_tensors_in_use(engine: Any) -> set[str]:
    """Who still holds a tensor that was donated to a compiled step: "variable" or "user" (of a tensor taken before `fit`)."""
    line, dead = model(), []
    right = engine.compile_step

    def watched(step: Callable[..., list[Any]], layout: Any = None) -> Any:
        run = right(step, layout)

        def call(carry: list[Any], source: list[Any], start: Any, count: Any) -> list[Any]:
            dead.extend(carry)
            return run(carry, source, start, count)

        return call

    held = {"user": [v.value for v in line.weights]}
    with planted(engine, compile_step=watched):
        line.fit(X, Y, batch_size=BATCH, epochs=1, verbose=0)
        held["variable"] = [v.peek() for v in line.weights]
    assert dead
    return {who for who, tensors in held.items() if any(x is d for x in tensors for d in dead)}


def test_donated_buffer_still_used_by_its_variable(engine: Any) -> None:
    """A variable that is not bound to the step's result keeps a buffer that is gone: it must show in the numbers or as an error."""
    assert not wrong() and not dead_tensors_in_use(engine)
    with planted(Variable, rebind=lambda self, value: None, take=lambda self: self.peek()):
        assert wrong()
        assert dead_tensors_in_use(engine) >= {"variable"}


def test_donated_buffer_still_held_by_a_user(engine: Any) -> None:
    """A tensor that somebody took out of a variable must survive training."""
    assert not dead_tensors_in_use(engine)
    with planted(Variable, take=lambda self: self.peek()):
        assert dead_tensors_in_use(engine) == {"user"}
