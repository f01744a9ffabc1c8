"""All checks of the project: `nox` runs the default sessions, `nox --list` tells what there is.

Each engine's tests run in an environment that holds that framework alone; `all` has them together.  Versions come from
constraints.txt.  Environments are kept in .nox and reused.
"""

from __future__ import annotations

import os
import sys

import nox

nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = False  # `py312` is left out where there is no Python 3.12, and nox says so

FRAMEWORK = {
    "numpy": [],
    "jax": ["jax"],
    "torch": ["torch"],
    # the extra asks for `tensorflow`, which on Linux is the GPU build
    "tensorflow": ["tensorflow-cpu" if sys.platform.startswith("linux") else "tensorflow"],
}
# matplotlib: the programs of tests/training/stories plot
TEST_TOOLS = ["pytest", "pytest-xdist", "hypothesis", "scipy", "scikit-learn", "hatchling", "matplotlib"]
TOOLS_OF = {"jax": ["optax"]}  # for the tests of one engine alone
# Run once, in `all`, rather than once for each engine: what compares engines, and what no engine takes part in.
TOGETHER = ["tests/meta", "tests/packaging", "tests/keras_reference", "tests/random"]
ONCE = [*TOGETHER, "tests/docs", "tests/meta_rules"]  # left out of `tests`
MATRIX = "tests/parity/test_matrix.py"  # the command runs the same cells in several processes
# Quick runs of the matrix compile thousands of small programs on jax; so XLA does it ten times faster.  Full runs compile as users do.
XLA_IN_HASTE = " ".join([
    "--xla_backend_optimization_level=0", "--xla_llvm_disable_expensive_passes=true",
    "--xla_cpu_use_fusion_emitters=false", "--xla_cpu_parallel_codegen_split_count=1",
])


def install(session: nox.Session, *packages: str, engines: tuple[str, ...] = ()) -> None:
    """The package from this folder, the frameworks of `engines` and `packages`, at the versions of constraints.txt.

    KERAS_LITE_TORCH_INDEX names another index for torch, for example https://download.pytorch.org/whl/cpu.
    """
    index = os.environ.get("KERAS_LITE_TORCH_INDEX")
    if index and "torch" in engines:
        session.install("-c", "constraints.txt", "torch", "--index-url", index)
    frameworks = [name for engine in engines for name in FRAMEWORK[engine]]
    session.install("-c", "constraints.txt", "-e", ".", *frameworks, *packages)


ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}  # for each of two processes


def pytest(session: nox.Session, *args: str, **env: str) -> None:
    """pytest, quiet enough to be read."""
    session.run("python", "-m", "pytest", "-q", *args, env=env)


def pytest_in_two(session: nox.Session, *args: str, **env: str) -> None:
    """pytest in two processes, each with one thread for its framework's kernels."""
    pytest(session, "-n", "2", "--dist", "worksteal", *args, **ONE_THREAD, **env)


def matrix(session: nox.Session, *args: str, **env: str) -> None:
    """The parity matrix in two processes, each with one thread for its framework's kernels."""
    haste = {} if "--full" in args else {"XLA_FLAGS": XLA_IN_HASTE}
    session.run("python", "-m", "keras_lite.testing.matrix", "--jobs", "2", *args, env={**ONE_THREAD, **haste, **env})


@nox.session
def lint(session: nox.Session) -> None:
    """ruff, mypy, the project's own rules on imports, and the sizes of modules and functions."""
    session.install("-c", "constraints.txt", "ruff", "mypy", "pytest", "numpy", "ml-dtypes")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("python", "-m", "tests.meta_rules.sizes")
    pytest(session, "tests/meta_rules")


def engine_tests(session: nox.Session, engine: str, *args: str, **env: str) -> None:
    """What one engine has to pass."""
    pytest_in_two(session, *(f"--ignore={path}" for path in [*ONCE, MATRIX]), *args, KERAS_LITE_BACKEND=engine, **env)
    pytest(session, "tests/packaging/test_alone.py", "tests/packaging/test_import.py", KERAS_LITE_BACKEND=engine, **env)
    matrix(session, "--engine", engine, **env)


@nox.session
@nox.parametrize("engine", list(FRAMEWORK), ids=list(FRAMEWORK))
def tests(session: nox.Session, engine: str) -> None:
    """The tests on one engine, in an environment with its framework alone; after `--`, arguments for pytest."""
    install(session, *TEST_TOOLS, *TOOLS_OF.get(engine, []), engines=(engine,))
    engine_tests(session, engine, *session.posargs, KERAS_LITE_ALONE=engine)


@nox.session(name="all")
def all_engines(session: nox.Session) -> None:
    """All engines in one process: comparisons of engines and with Keras, planted faults, packaging, the parity matrix in brief."""
    install(session, *TEST_TOOLS, "keras", engines=tuple(FRAMEWORK))
    pytest_in_two(session, *TOGETHER)
    pytest_in_two(session, "-m", "all_engines and not slow", *(f"--ignore={folder}" for folder in TOGETHER))
    matrix(session, "--brief")
    session.run("python", "-m", "keras_lite.testing.matrix", "--check", "docs/parity.md")


@nox.session
def docs(session: nox.Session) -> None:
    """The code of README, guides, docstrings and examples, executed on the default engine."""
    install(session, "pytest", "scipy", engines=("jax",))
    pytest(session, "tests/docs")
    pytest(session, "--doctest-modules", "keras_lite")
    session.run("python", "examples/gan.py")


@nox.session
def demo(session: nox.Session) -> None:
    """Train the MNIST convnet on the default engine and print its test accuracy."""
    install(session, engines=("jax",))
    session.run("python", "examples/demo.py", *session.posargs)


@nox.session(python="3.12", default=False)
def py312(session: nox.Session) -> None:
    """The newest NumPy and JAX on Python 3.12; with `nox -s py312 -- torch` torch 2.11 too (2 GB where there is no CPU build)."""
    torch = ["torch==2.11.*"] if "torch" in session.posargs else []
    session.install("-e", ".", "numpy==2.5.*", "jax==0.11.*", *torch, *TEST_TOOLS)
    for engine in ["numpy", "jax", *(["torch"] if torch else [])]:
        engine_tests(session, engine)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Time per step beside a hand-written loop on the same engine, of eager ops beside the engine and Keras, of describing a graph."""
    install(session, "keras", engines=tuple(FRAMEWORK))
    for engine in ("jax", "torch", "tensorflow"):
        session.run("python", "benchmarks/step_overhead.py", engine, *session.posargs)
    session.run("python", "benchmarks/op_overhead.py")
    session.run("python", "benchmarks/symbolic_graph.py")


@nox.session(default=False)
def full(session: nox.Session) -> None:
    """What takes long: every dtype of the matrix, MNIST in full on each engine."""
    install(session, *TEST_TOOLS, "keras", engines=tuple(FRAMEWORK))
    pytest_in_two(session, "tests", f"--ignore={MATRIX}", "-m", "slow or not slow", KERAS_LITE_FULL="1")
    matrix(session, "--full")
