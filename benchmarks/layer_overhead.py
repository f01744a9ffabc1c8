"""Time of an eager call of a layer and of a small model, beside Keras and beside the framework's own functions.

    python benchmarks/layer_overhead.py [jax torch tensorflow numpy] [--rounds 100]

One built `Dense(8)` on a (1, 8) tensor, and a functional model of ten of them.  The calls take turns in one process; microseconds per
call: the median over the rounds, and what each library adds to the framework's functions, as the difference of the fastest rounds.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
from typing import Any

import numpy as np
from op_overhead import ENGINES, Call, measure


def dense(engine: str, weights: list[Any]) -> Any:
    """What one who writes for the framework calls: a function of a tensor with the arithmetic of `Dense`, layer after layer."""
    if engine == "torch":
        import torch

        weights = [torch.tensor(w, requires_grad=True) for w in weights]
        step = torch.addmm
    elif engine == "tensorflow":
        import tensorflow as tf

        weights = [tf.Variable(w) for w in weights]

        def step(b: Any, x: Any, w: Any) -> Any:
            return tf.add(tf.matmul(x, w), b)
    else:
        xp = importlib.import_module("jax.numpy" if engine == "jax" else "numpy")
        weights = [xp.asarray(w) for w in weights]

        def step(b: Any, x: Any, w: Any) -> Any:
            return xp.add(xp.matmul(x, w), b)

    def run(x: Any) -> Any:
        for w, b in zip(weights[::2], weights[1::2], strict=True):
            x = step(b, x, w)
        return x

    return run


def stack(keras: Any) -> Any:
    """A functional model of ten layers."""
    x = inputs = keras.Input((8,))
    for _ in range(10):
        x = keras.layers.Dense(8)(x)
    return keras.Model(inputs, x)


def calls(engine: str) -> dict[str, dict[str, Call]]:
    """For a layer and a model the calls to compare."""
    os.environ["KERAS_BACKEND"] = os.environ["KERAS_LITE_BACKEND"] = engine
    libraries = {name: importlib.import_module(name) for name in ("keras_lite", "keras") if importlib.util.find_spec(name)}
    value = np.random.default_rng(0).normal(size=(1, 8)).astype("float32")
    x = libraries["keras_lite"].ops.convert_to_tensor(value)
    rows: dict[str, dict[str, Call]] = {}
    for kind, make in {"Dense": lambda keras: keras.layers.Dense(8), "ten layers": stack}.items():
        made = {name: make(library) for name, library in libraries.items()}
        made["keras_lite"](x)
        values = [w.numpy() for w in made["keras_lite"].weights]
        to_numpy = libraries["keras_lite"].ops.convert_to_numpy
        expected = to_numpy(made["keras_lite"](x))
        for net in made.values():
            net(x)
            net.set_weights(values)
        candidates = {"framework": dense(engine, values), **made}
        for run in candidates.values():
            assert np.allclose(to_numpy(run(x)), expected, atol=1e-5)
        rows[kind] = {name: lambda run=run: run(x) for name, run in candidates.items()}
    return rows


def report(engine: str, rounds: int) -> None:
    """Print the table of one engine."""
    for kind, row in calls(engine).items():
        times = measure(row, rounds, 20)
        added = {key: min(values) - min(times["framework"]) for key, values in times.items() if key != "framework"}
        medians = "".join(f"{key} {statistics.median(values):7.1f}   " for key, values in times.items())
        print(f"{engine:11s}{kind:11s}{medians}added: " + ", ".join(f"{key} {value:.1f}" for key, value in added.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", nargs="*", choices=[*ENGINES, []], default=[])
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    engines = options.engine or [name for name in ENGINES if importlib.util.find_spec(name)]
    if len(engines) == 1:
        report(engines[0], options.rounds)
        return
    for engine in engines:
        subprocess.run([sys.executable, __file__, engine, "--rounds", str(options.rounds)], check=True)


if __name__ == "__main__":
    main()
