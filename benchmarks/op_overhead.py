"""Time of an eager op beside the framework's own function, and beside Keras where it is installed.

    python benchmarks/op_overhead.py [jax torch tensorflow numpy] [--rounds 200]

The calls take turns in one process, 50 of a kind at a time, on tensors of 4 x 4.  Microseconds per call: the median over the rounds,
and what the op adds to the function of the framework, as the difference of the fastest rounds (other processes can only slow a round
down).  Keras has one backend in a process, so each engine is measured in a process of its own.  On torch, ops that have a fused
kernel are also measured beside torch's own function, on 256 x 1024.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

ENGINES = ("numpy", "jax", "torch", "tensorflow")
CALLS = 50
Call = Callable[[], Any]


def calls(engine: str) -> dict[str, dict[str, Call]]:
    """For each op the calls to compare: the framework's function, our op, Keras's op."""
    from keras_lite import ops
    from keras_lite.engine import registry

    registry.set_current(engine)
    add, matmul, relu, reshape = framework_functions(engine)
    keras = keras_ops(engine)
    x, y = (ops.convert_to_tensor(np.random.default_rng(i).normal(size=(4, 4)).astype("float32")) for i in range(2))
    functions = {"add": (lambda: add(x, y), lambda o: o.add(x, y)), "matmul": (lambda: matmul(x, y), lambda o: o.matmul(x, y)),
                 "relu": (lambda: relu(x), lambda o: o.relu(x)), "reshape": (lambda: reshape(x, (2, 8)), lambda o: o.reshape(x, (2, 8)))}
    rows = {}
    for name, (function, op) in functions.items():
        rows[name] = {"framework": function, "keras_lite": lambda op=op: op(ops)}
        if keras is not None:
            rows[name]["keras"] = lambda op=op: op(keras)
    return rows


def framework_functions(engine: str) -> tuple[Callable[..., Any], ...]:
    """What one who writes for the framework calls: add, matmul, relu, reshape."""
    if engine == "jax":
        import jax
        import jax.numpy as jnp

        return jnp.add, jnp.matmul, jax.nn.relu, jnp.reshape
    if engine == "torch":
        import torch

        return torch.add, torch.matmul, torch.relu, torch.reshape
    if engine == "tensorflow":
        import tensorflow as tf

        return tf.add, tf.matmul, tf.nn.relu, tf.reshape
    return np.add, np.matmul, lambda x: np.maximum(x, 0), np.reshape


def torch_kernels() -> dict[str, dict[str, Call]]:
    """Ops on large tensors, beside the functions of torch."""
    import torch
    import torch.nn.functional as F

    from keras_lite import ops

    x, gamma, beta = torch.randn(256, 1024), torch.randn(1024), torch.randn(1024)
    names = {"relu": "relu", "relu6": "relu6", "leaky_relu": "leaky_relu", "elu": "elu", "selu": "selu", "celu": "celu",
             "sigmoid": "sigmoid", "log_sigmoid": "logsigmoid", "softplus": "softplus", "silu": "silu", "hard_silu": "hardswish",
             "hard_tanh": "hardtanh", "hard_sigmoid": "hardsigmoid", "soft_shrink": "softshrink", "hard_shrink": "hardshrink",
             "tanh_shrink": "tanhshrink", "softsign": "softsign", "glu": "glu", "softmax": "softmax", "log_softmax": "log_softmax"}
    pairs: dict[str, tuple[Call, Call]] = {}
    for ours, theirs in names.items():
        axis = (-1,) if ours.endswith("softmax") else ()
        pairs[ours] = functools.partial(getattr(F, theirs), x, *axis), functools.partial(getattr(ops, ours), x)
    pairs |= {
        "gelu": (lambda: F.gelu(x, approximate="tanh"), lambda: ops.gelu(x)),
        "gelu, exact": (lambda: F.gelu(x), lambda: ops.gelu(x, approximate=False)),
        "threshold": (lambda: F.threshold(x, 0.1, 0.2), lambda: ops.threshold(x, 0.1, 0.2)),
        "var": (lambda: torch.var(x, -1, correction=0), lambda: ops.var(x, -1)),
        "layer_normalization": (lambda: F.layer_norm(x, (1024,), gamma, beta, 1e-7), lambda: ops.layer_normalization(x, gamma, beta)),
        "std": (lambda: torch.std(x, -1, correction=0), lambda: ops.std(x, -1)),
        "logaddexp": (lambda: torch.logaddexp(x, x), lambda: ops.logaddexp(x, x)),
        "hypot": (lambda: torch.hypot(x, x), lambda: ops.hypot(x, x))}
    return {name: {"torch": function, "keras_lite": op} for name, (function, op) in pairs.items()}


def keras_ops(engine: str) -> Any:
    """The ops of Keras on the same framework; None if it is not installed."""
    if importlib.util.find_spec("keras") is None:
        return None
    os.environ["KERAS_BACKEND"] = engine
    import keras

    return keras.ops


def measure(row: dict[str, Call], rounds: int, count: int = CALLS) -> dict[str, list[float]]:
    """Microseconds per call of each candidate, round by round."""
    times: dict[str, list[float]] = {name: [] for name in row}
    for call in row.values():
        [call() for _ in range(count)]
    for _ in range(rounds):
        for name, call in row.items():
            begin = time.perf_counter()
            for _ in range(count):
                call()
            times[name].append((time.perf_counter() - begin) / count * 1e6)
    return times


def report(engine: str, rounds: int) -> None:
    """Print the table of one engine."""
    for name, row in calls(engine).items():
        times = measure(row, rounds)
        added = {key: min(values) - min(times["framework"]) for key, values in times.items() if key != "framework"}
        medians = "".join(f"{key} {statistics.median(values):7.2f}   " for key, values in times.items())
        print(f"{engine:11s}{name:9s}{medians}added: " + ", ".join(f"{key} {value:.2f}" for key, value in added.items()))
    for name, row in torch_kernels().items() if engine == "torch" else ():
        times = measure(row, rounds, 5)
        medians = "".join(f"{key} {statistics.median(values):8.1f}   " for key, values in times.items())
        print(f"{engine:11s}{name:20s}{medians}ratio of the fastest: {min(times['keras_lite']) / min(times['torch']):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", nargs="*", choices=[*ENGINES, []], default=[])
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    engines = options.engine or [name for name in ENGINES if importlib.util.find_spec(name)]
    if len(engines) == 1:
        report(engines[0], options.rounds)
        return
    for engine in engines:
        subprocess.run([sys.executable, __file__, engine, "--rounds", str(options.rounds)], check=True)


if __name__ == "__main__":
    main()
