"""The convnet with dropout, two epochs on 6,000 images, on each engine: `python -m tests.training.one_thread DATA OUT`.

A process of its own, since threads and instruction sets are chosen before a framework is loaded.  Both change the order of sums,
and rounding decides now and then which of two nearly equal values a pooling window keeps; from there on two runs part.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import numpy as np

PINNED = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    **dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"),
    **{"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell", "MKL_CBWR": "AVX2"},
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false --xla_cpu_max_isa=AVX2",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def train(data: pathlib.Path, engine: str, seed: int = 42) -> dict[str, np.ndarray]:
    """First weights and the loss of each step."""
    import keras_lite as keras
    from tests.conftest import load_quietly
    from tests.training.models import StepLosses, convnet, mnist

    x, y = mnist(data, 6000)
    load_quietly(engine)
    with keras.config.using_backend(engine):
        keras.utils.set_random_seed(seed)
        model = convnet()
        first = {f"weight {i}": value for i, value in enumerate(model.get_weights())}
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        losses = StepLosses()
        model.fit(x, y, batch_size=64, epochs=2, verbose=0, callbacks=[losses])
    return {**first, "losses": np.array(losses.losses)}


def run(data: pathlib.Path, engines: list[str], out: pathlib.Path, seed: int = 42) -> dict[str, dict[str, np.ndarray]]:
    """What `train` gives for each engine, all in one process with pinned threads and instructions."""
    command = [sys.executable, "-m", "tests.training.one_thread", str(data), str(out), str(seed), *engines]
    subprocess.run(command, check=True, env={**os.environ, **PINNED}, cwd=pathlib.Path(__file__).parents[2])
    return {engine: dict(np.load(out / f"{engine}.npz")) for engine in engines}


if __name__ == "__main__":
    data, out, seed, *engines = sys.argv[1:]
    for engine in engines:
        np.savez(pathlib.Path(out) / f"{engine}.npz", **train(pathlib.Path(data), engine, int(seed)))
