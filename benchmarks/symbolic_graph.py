"""Time to describe a graph of the size of ResNet-50, made of ops: nothing is computed and no framework traces anything.

    python benchmarks/symbolic_graph.py [jax torch tensorflow numpy] [--repeat 5]
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from typing import Any

import numpy as np

ENGINES = ("numpy", "jax", "torch", "tensorflow")
STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))  # channels, blocks, stride of the first
DEPTHS = (64, 128, 256, 512, 1024, 2048)


def parameters(ops: Any) -> dict[Any, Any]:
    """One kernel for each shape, one vector for each number of channels, on the active engine; several layers share them here."""
    shapes = {(7, 3, 64)} | {(1, n, c) for n in DEPTHS for c in DEPTHS} | {(3, c, c) for c in DEPTHS[:4]}
    kernels: dict[Any, Any] = {(k, n, c): ops.convert_to_tensor(np.zeros((k, k, n, c), "float32")) for k, n, c in shapes}
    return kernels | {c: ops.convert_to_tensor(np.ones(c, "float32")) for c in DEPTHS}


def resnet50(ops: Any, x: Any, weights: dict[Any, Any]) -> Any:
    """Class scores of images `x` (n, 224, 224, 3): 53 convolutions, each with batch normalization (He et al., arXiv:1512.03385)."""

    def conv(x: Any, channels: int, size: int, stride: int = 1) -> Any:
        vector = weights[channels]
        y = ops.conv(x, weights[size, x.shape[-1], channels], stride, "same")
        return ops.batch_normalization(y, vector, vector, -1, vector, vector)

    x = ops.max_pool(ops.relu(conv(x, 64, 7, 2)), 3, 2, "same")
    for channels, blocks, first in STAGES:
        for block in range(blocks):
            stride = first if block == 0 else 1
            y = ops.relu(conv(x, channels, 1, stride))
            y = conv(ops.relu(conv(y, channels, 3)), 4 * channels, 1)
            x = ops.relu(ops.add(y, conv(x, 4 * channels, 1, stride) if block == 0 else x))
    return ops.matmul(ops.mean(x, (1, 2)), ops.zeros((2048, 1000)))


def seconds(engine: str, repeat: int = 5) -> float:
    """The shortest of `repeat` times to describe it on an engine."""
    import keras_lite as keras
    from keras_lite.engine import registry

    with registry.using(engine):
        weights, times = parameters(keras.ops), []
        for _ in range(repeat):
            begin = time.perf_counter()
            resnet50(keras.ops, keras.Input((224, 224, 3)), weights)
            times.append(time.perf_counter() - begin)
        return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", nargs="*", default=[name for name in ENGINES if importlib.util.find_spec(name)])
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    for engine in options.engine:
        print(f"{engine}: a graph like ResNet-50 in {seconds(engine, options.repeat):.3f} s")


if __name__ == "__main__":
    main()
