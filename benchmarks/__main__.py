"""All benchmarks on all installed engines: `python -m benchmarks [--model mlp] [--repeat 5]`; each engine in a process of its own."""

from __future__ import annotations

import importlib.util
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent


def main() -> int:
    """Exit status of the worst of them."""
    status = 0
    for engine in ("jax", "torch", "tensorflow"):
        if importlib.util.find_spec(engine) is None:
            print(f"{engine}: not installed")
            continue
        status |= subprocess.run([sys.executable, str(FOLDER / "step_overhead.py"), engine, *sys.argv[1:]], check=False).returncode
    for script in ("op_overhead.py", "symbolic_graph.py", "random_masks.py", "optimizers.py"):
        status |= subprocess.run([sys.executable, str(FOLDER / script)], check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
