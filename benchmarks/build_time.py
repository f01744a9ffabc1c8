"""Time to build a model, initial weights included, beside Keras on the same framework.

    python benchmarks/build_time.py [jax torch tensorflow] [--model resnet ...] [--repeat 3]

Each library builds in a process of its own, the two taking turns.  Its first model there pays for what a framework does once (jax
compiles, for example); those after it are what a search over models pays.  Both are told, the latter as the shortest of `--repeat`,
in seconds of processor time: other processes on the machine don't change it.  Python's garbage is collected before the clock is
started, for both libraries: the cycles in the model before, or in whatever the process did before, are not the cost of this build,
and when a collection of the framework's whole heap falls due (0.1 s and more) is chance.  Collection stays on during the build.
Both packages are compiled to bytecode before, as pip leaves them.
"""

from __future__ import annotations

import argparse
import compileall
import gc
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


def build(library: str, model: str) -> dict[str, Any]:
    """Seconds of one build, and the number of parameters."""
    keras = importlib.import_module(library)
    function, width = MODELS[model]
    gc.collect()
    begin = time.process_time()
    net = function(keras, width)
    finish(net.variables)
    return {"seconds": time.process_time() - begin, "parameters": net.count_params()}


def finish(variables: list[Any]) -> None:
    """Wait for the values: jax computes in the background."""
    for variable in variables:
        getattr(variable.value, "block_until_ready", lambda: None)()


def serve(library: str, model: str) -> None:
    """A child: build once for each line that is read."""
    importlib.import_module(library).ops.add(1, 1)  # loads the framework
    for _ in sys.stdin:
        print(json.dumps(build(library, model)), flush=True)


class Child:
    """A process in which one library builds."""

    def __init__(self, engine: str, library: str, model: str):
        env = {**os.environ, "KERAS_BACKEND": engine, "KERAS_LITE_BACKEND": engine}
        self.process = subprocess.Popen([sys.executable, __file__, "--child", library, "--model", model], env=env, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def build(self) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("build\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def end(self) -> None:
        self.process.communicate()


def compile_bytecode(engine: str) -> None:
    """What pip does when it installs a package; Keras was installed so."""
    for name in ("keras_lite", "keras_lite_numpy", f"keras_lite_{engine}"):
        spec = importlib.util.find_spec(name)
        assert spec and spec.submodule_search_locations
        compileall.compile_dir(spec.submodule_search_locations[0], quiet=2)


def compared(engine: str, model: str, repeat: int) -> str:
    """A row of the table: both libraries, taking turns."""
    compile_bytecode(engine)
    children = [Child(engine, library, model) for library in ("keras_lite", "keras")]
    rounds = [[child.build() for child in children] for _ in range(1 + repeat)]
    for child in children:
        child.end()
    (parameters,) = {found["parameters"] for turn in rounds for found in turn}
    seconds = [[found["seconds"] for found in turn] for turn in zip(*rounds, strict=True)]
    cells = {"first": [times[0] for times in seconds], "next": [min(times[1:]) for times in seconds]}
    return f"{engine:11s}{model:17s}{parameters / 1e6:5.1f}M   " + "   ".join(
        f"{key}: {ours:6.3f}, Keras {theirs:6.3f}, {theirs / ours:4.1f} times" for key, (ours, theirs) in cells.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", nargs="*", default=[name for name in ENGINES if importlib.util.find_spec(name)])
    parser.add_argument("--model", choices=tuple(MODELS), action="append")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--child", metavar="LIBRARY", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        serve(options.child, options.model[0])
        return
    for engine in options.engine:
        for model in options.model or MODELS:
            print(compared(engine, model, options.repeat), flush=True)


if __name__ == "__main__":
    main()
