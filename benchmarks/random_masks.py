"""Time of dropout masks from the portable stream beside those from each engine's own generator (`config.set_random`).

    python benchmarks/random_masks.py [jax torch tensorflow numpy] [--rounds 20]

A mask is what dropout makes of a draw: `random_bits >= threshold`.  Eagerly and compiled, in microseconds per mask, the fastest of the
rounds (other processes can only slow one down); the ratio is portable over native.  Each engine runs in a process of its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

ENGINES = ("numpy", "jax", "torch", "tensorflow")
SIZES = (1_000, 100_000, 1_000_000)


def fastest(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Microseconds of each call, taking turns."""
    times = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            times[name] = min(times[name], (time.perf_counter() - begin) * 1e6)
    return times


def masks(engine: Any, size: int) -> dict[str, Callable[[], Any]]:
    """Calls that make a mask and wait for it, by generator and whether they are compiled."""
    seed = engine.convert(np.array([7, 3], "uint32"), "uint32")
    calls = {}
    for generator, draw in (("portable", engine.random_bits), ("native", engine.native_random_bits)):
        def mask(seed: Any, draw: Any = draw) -> Any:
            return engine.greater_equal(draw(seed, (size,), 24), 2**23)

        for how, function in (("eager", mask), ("compiled", engine.compile(mask))):
            def call(function: Any = function) -> Any:
                return engine.to_numpy(function(seed))

            call()
            calls[f"{generator} {how}"] = call
    return calls


def report(name: str, rounds: int) -> None:
    """Print the table of one engine."""
    from keras_lite.engine import registry

    registry.set_current(name)
    for size in SIZES:
        times = fastest(masks(registry.current(), size), rounds)
        for how in ("eager", "compiled"):
            portable, native = times[f"portable {how}"], times[f"native {how}"]
            print(f"{name:11s}{size:8d} {how:9s} portable {portable:9.0f}   native {native:9.0f}   ratio {portable / native:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", nargs="*", choices=[*ENGINES, []], default=[])
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    engines = options.engine or [name for name in ENGINES if importlib.util.find_spec(name)]
    if len(engines) == 1:
        report(engines[0], options.rounds)
        return
    for engine in engines:
        subprocess.run([sys.executable, __file__, engine, "--rounds", str(options.rounds)], check=True)


if __name__ == "__main__":
    main()
