"""Time to build a model, initial weights included, beside Keras on the same framework.

    python benchmarks/build_time.py [jax torch tensorflow] [--model resnet ...] [--repeat 3]

Each library builds in a process of its own.  Its first model there pays for what a framework does once (jax compiles, for example);
those after it are what a search over models pays.  Both are told, the latter as the shortest of `--repeat`, in seconds of processor
time: other processes on the machine don't change it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

ENGINES = ("jax", "torch", "tensorflow")
STAGES = ((1, 3, 1), (2, 4, 2), (4, 6, 2), (8, 3, 2))  # width, blocks, stride of the first


def resnet(keras: Any, width: int) -> Any:
    """ResNet-50 (He et al., arXiv:1512.03385), whose first stage is `width` wide: 64 in the paper."""
    layers = keras.layers

    def conv(x: Any, channels: int, size: int, stride: int = 1) -> Any:
        return layers.BatchNormalization()(layers.Conv2D(channels, size, stride, "same", use_bias=False)(x))

    images = keras.Input((224, 224, 3))
    x = layers.MaxPooling2D(3, 2, "same")(layers.ReLU()(conv(images, width, 7, 2)))
    for factor, blocks, first in STAGES:
        for block in range(blocks):
            channels, stride = factor * width, first if block == 0 else 1
            y = layers.ReLU()(conv(x, channels, 1, stride))
            y = conv(layers.ReLU()(conv(y, channels, 3)), 4 * channels, 1)
            x = layers.ReLU()(layers.add([y, conv(x, 4 * channels, 1, stride) if block == 0 else x]))
    return keras.Model(images, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def transformer(keras: Any, width: int) -> Any:
    """A decoder of 12 blocks and 8 heads over 64 tokens (Radford et al., 2019)."""
    layers = keras.layers
    tokens = keras.Input((64,), dtype="int32")
    x = layers.Embedding(1000, width)(tokens)
    for _ in range(12):
        y = layers.LayerNormalization()(x)
        x = layers.add([x, layers.MultiHeadAttention(8, width // 8)(y, y, use_causal_mask=True)])
        y = layers.Dense(4 * width, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.add([x, layers.Dense(width)(y)])
    return keras.Model(tokens, layers.Dense(1000)(layers.LayerNormalization()(x)))


MODELS: dict[str, tuple[Callable[[Any, int], Any], int]] = {
    "resnet": (resnet, 32), "resnet, 24M": (resnet, 64), "transformer": (transformer, 240), "transformer, 39M": (transformer, 512)}


def build(library: str, model: str, repeat: int) -> dict[str, Any]:
    """Seconds of the first build in this process and of the shortest of those after it, and the number of parameters."""
    keras = importlib.import_module(library)
    keras.ops.add(1, 1)  # loads the framework
    function, width = MODELS[model]
    times = []
    for _ in range(1 + repeat):
        begin = time.process_time()
        net = function(keras, width)
        finish(net.variables)
        times.append(time.process_time() - begin)
    return {"first": times[0], "next": min(times[1:]), "parameters": net.count_params()}


def finish(variables: list[Any]) -> None:
    """Wait for the values: jax computes in the background."""
    for variable in variables:
        getattr(variable.value, "block_until_ready", lambda: None)()


def child(engine: str, library: str, model: str, repeat: int) -> dict[str, Any]:
    """`build` in a process of its own."""
    env = {**os.environ, "KERAS_BACKEND": engine, "KERAS_LITE_BACKEND": engine}
    command = [sys.executable, __file__, "--child", library, "--model", model, "--repeat", str(repeat)]
    found: dict[str, Any] = json.loads(subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", nargs="*", default=[name for name in ENGINES if importlib.util.find_spec(name)])
    parser.add_argument("--model", choices=tuple(MODELS), action="append")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--child", metavar="LIBRARY", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(build(options.child, options.model[0], options.repeat)))
        return
    for engine in options.engine:
        for model in options.model or MODELS:
            rows = {library: child(engine, library, model, options.repeat) for library in ("keras_lite", "keras")}
            ours, theirs = rows["keras_lite"], rows["keras"]
            assert ours["parameters"] == theirs["parameters"]
            print(f"{engine:11s}{model:17s}{ours['parameters'] / 1e6:5.1f}M   " + "   ".join(
                f"{key}: {ours[key]:6.3f}, Keras {theirs[key]:6.3f}, {theirs[key] / ours[key]:4.1f} times" for key in ("first", "next")),
                flush=True)


if __name__ == "__main__":
    main()
