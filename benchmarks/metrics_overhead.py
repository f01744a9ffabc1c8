"""What metrics add to a training step, and what their exact sums add to metrics.

    python benchmarks/metrics_overhead.py jax [--model mlp|convnet] [--repeat 7]

`fit` of one model without metrics, with three means, with three metrics of other kinds, and with the same six metrics when sums are
plain additions.  The sides take turns; a figure is the least processor time a step of all turns, since other programs only add to it.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

from step_overhead import SIZES, data

MEANS = ("accuracy", "mse", "top_k_categorical_accuracy")
OTHERS = ("AUC", "f1_score", "precision")


def plain(self: Any, variable: Any, amount: Any) -> None:
    """`Metric.accumulate` without what rounding leaves over."""
    from keras_lite import ops

    variable.assign(ops.add(variable.value, ops.cast(amount, variable.dtype)))


def fitting(model: str, metrics: tuple[str, ...], exact: bool) -> Callable[[], None]:
    """A pass of `fit`, compiled."""
    import keras_lite as keras
    from keras_lite import layers
    from keras_lite.metrics import Metric

    keras.utils.set_random_seed(0)
    if model == "mlp":
        stack = [layers.Input((784,)), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]
    else:
        stack = [layers.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2),
                 layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(10, activation="softmax")]
    batch, steps = SIZES[model]
    x, y = data(model, steps, batch)
    net = keras.Sequential(stack)
    net.compile("adam", "categorical_crossentropy", metrics=list(metrics))

    def run() -> None:
        net.fit(x, y, batch_size=batch, epochs=1, verbose=0)

    kept = Metric.accumulate
    if not exact:
        Metric.accumulate = plain  # type: ignore[method-assign]
    try:
        run()
    finally:
        Metric.accumulate = kept  # type: ignore[method-assign]
    run()
    return run


def measure(model: str, repeat: int) -> dict[str, float]:
    """Milliseconds of processor time a step of each side."""
    sides = {"no metrics": fitting(model, (), True), "3 means": fitting(model, MEANS, True), "3 others": fitting(model, OTHERS, True),
             "3 means, plain sums": fitting(model, MEANS, False), "3 others, plain sums": fitting(model, OTHERS, False)}
    least = dict.fromkeys(sides, float("inf"))
    for _ in range(repeat):
        for name, run in sides.items():
            begin = time.process_time()
            run()
            least[name] = min(least[name], (time.process_time() - begin) / SIZES[model][1] * 1e3)
    return least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine")
    parser.add_argument("--model", choices=("mlp", "convnet"), default="convnet")
    parser.add_argument("--repeat", type=int, default=7)
    args = parser.parse_args()
    os.environ["KERAS_LITE_BACKEND"] = args.engine
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    found = measure(args.model, args.repeat)
    for name, ms in found.items():
        print(f"{args.engine} {args.model}: {name}: {ms:.3f} ms, {100 * (ms / found['no metrics'] - 1):+.1f} %")


if __name__ == "__main__":
    main()
