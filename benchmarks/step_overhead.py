"""Time per training step: `fit` beside a hand-written loop on the same engine, in the same run.

    python benchmarks/step_overhead.py jax [--model mlp|convnet|lstm|gru] [--threads 1] [--repeat 5]

The models: an MLP with one hidden layer of 64 (batch 32), the MNIST convnet (batch 128), and an LSTM and a GRU of 128 units over 100
steps of 64 features (batch 32).  Both sides compute the same: Adam,
categorical cross-entropy, accuracy, shuffled rows.  The two take turns, and the ratio is that of each pair (below 1: `fit` is
faster).  The figure with one step per call is that of `fit` with a callback that wants every batch.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

import numpy as np

SIZES = {"mlp": (32, 200), "convnet": (128, 16), "lstm": (32, 16), "gru": (32, 16)}  # batch size, steps in a pass


def data(model: str, steps: int, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Random images or sequences, and one-hot labels."""
    rng = np.random.default_rng(0)
    shape = {"mlp": (784,), "convnet": (28, 28, 1)}.get(model, (100, 64))
    x = rng.random((steps * batch, *shape), dtype=np.float32)
    return x, np.eye(10, dtype=np.float32)[rng.integers(0, 10, len(x))]


def ours(model: str, x: np.ndarray, y: np.ndarray, batch: int, every_batch: bool) -> Callable[[], None]:
    """A pass of `fit`."""
    import keras_lite as keras
    from keras_lite import layers

    keras.utils.set_random_seed(0)
    if model == "mlp":
        stack = [layers.Input((784,)), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]
    elif model in ("lstm", "gru"):
        stack = [layers.Input((100, 64)), (layers.LSTM if model == "lstm" else layers.GRU)(128), layers.Dense(10, activation="softmax")]
    else:
        stack = [layers.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2),
                 layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(), layers.Dropout(0.5),
                 layers.Dense(10, activation="softmax")]
    net = keras.Sequential(stack)
    net.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    hooks = [keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: None)] if every_batch else []
    return lambda: net.fit(x, y, batch_size=batch, epochs=1, verbose=0, callbacks=hooks)


def timed(run: Callable[[], None]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def measure(engine: str, model: str, repeat: int, threads: int) -> dict[str, float]:
    """Milliseconds a step of each side, and the median of the ratios pair by pair."""
    import importlib

    hand = importlib.import_module(f"hand_written_{engine}")
    batch, steps = SIZES[model]
    x, y = data(model, steps, batch)
    theirs = hand.make(model, x, y, batch, threads)
    sides = {"fit": ours(model, x, y, batch, every_batch=False), "fit, one step per call": ours(model, x, y, batch, every_batch=True)}
    for run in (theirs, *sides.values()):
        run(), run()
    rows: dict[str, list[float]] = {"hand-written": [], **{name: [] for name in sides}}
    for _ in range(repeat):
        for name, run in {"hand-written": theirs, **sides}.items():
            rows[name].append(timed(run) / steps * 1e3)
    out = {name: statistics.median(values) for name, values in rows.items()}
    for name in sides:
        out[f"{name}: ratio"] = statistics.median(a / b for a, b in zip(rows[name], rows["hand-written"], strict=True))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", choices=("jax", "torch", "tensorflow"))
    parser.add_argument("--model", choices=tuple(SIZES), action="append")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.threads == 1:
        os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ["KERAS_LITE_BACKEND"] = options.engine
    for model in options.model or SIZES:
        figures = measure(options.engine, model, options.repeat, options.threads)
        print(f"{options.engine} {model}: " + ", ".join(f"{k} {v:.3f}{'' if 'ratio' in k else ' ms'}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
