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
TEST_TOOLS = ["pytest", "hypothesis", "scipy", "hatchling"]
TOGETHER = ["tests/parity", "tests/meta", "tests/packaging"]  # what `all` runs beside the tests marked all_engines


def install(session: nox.Session, *packages: str, engines: tuple[str, ...] = ()) -> None:
    """The package from this folder, the frameworks of `engines` and `packages`, at the versions of constraints.txt.

    KERAS_LITE_TORCH_INDEX names another index for torch, for example https://download.pytorch.org/whl/cpu.
    """
    index = os.environ.get("KERAS_LITE_TORCH_INDEX")
    if index and "torch" in engines:
        session.install("-c", "constraints.txt", "torch", "--index-url", index)
    frameworks = [name for engine in engines for name in FRAMEWORK[engine]]
    session.install("-c", "constraints.txt", "-e", ".", *frameworks, *packages)


def pytest(session: nox.Session, *args: str, **env: str) -> None:
    """pytest, quiet enough to be read; what follows `--` on nox's command line is added."""
    session.run("python", "-m", "pytest", "-q", *args, *session.posargs, env=env)


@nox.session
def lint(session: nox.Session) -> None:
    """ruff, mypy, the project's own rules on imports, and the sizes of modules and functions."""
    session.install("-c", "constraints.txt", "ruff", "mypy", "pytest", "numpy", "ml-dtypes")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("python", "-m", "tests.meta_rules.sizes")
    pytest(session, "tests/meta_rules")


@nox.session
@nox.parametrize("engine", list(FRAMEWORK), ids=list(FRAMEWORK))
def tests(session: nox.Session, engine: str) -> None:
    """The tests on one engine, in an environment with its framework alone."""
    install(session, *TEST_TOOLS, engines=(engine,))
    pytest(session, KERAS_LITE_BACKEND=engine, KERAS_LITE_ALONE=engine)


@nox.session(name="all")
def all_engines(session: nox.Session) -> None:
    """All engines in one process: the parity matrix, comparisons between engines, planted faults, packaging."""
    install(session, *TEST_TOOLS, engines=tuple(FRAMEWORK))
    pytest(session, *TOGETHER)
    pytest(session, "-m", "all_engines", *(f"--ignore={folder}" for folder in TOGETHER))


@nox.session
def docs(session: nox.Session) -> None:
    """The code of README, guides and docstrings, executed on the default engine."""
    install(session, "pytest", "scipy", engines=("jax",))
    pytest(session, "tests/docs")
    pytest(session, "--doctest-modules", "keras_lite", KERAS_LITE_BACKEND="numpy")


@nox.session
def demo(session: nox.Session) -> None:
    """Train the MNIST convnet on the default engine and print its test accuracy."""
    install(session, engines=("jax",))
    session.run("python", "examples/demo.py", *session.posargs)


@nox.session(python="3.12")
def py312(session: nox.Session) -> None:
    """The newest NumPy and JAX on Python 3.12; torch 2.11 too with `nox -s py312 -- torch`."""
    torch = ["torch==2.11.*"] if "torch" in session.posargs else []
    session.install("-e", ".", "numpy==2.5.*", "jax==0.11.*", *torch, "pytest", "hypothesis", "scipy")
    for engine in ["numpy", "jax", *(["torch"] if torch else [])]:
        session.run("python", "-m", "pytest", "-q", "tests", "--ignore=tests/packaging", env={"KERAS_LITE_BACKEND": engine})


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Time per step beside a hand-written loop on the same engine, in the same run."""
    install(session, "hypothesis", engines=tuple(FRAMEWORK))
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(default=False)
def full(session: nox.Session) -> None:
    """What takes long: the whole matrix with slow cells, the comparison with Keras itself, the tables of times."""
    install(session, *TEST_TOOLS, "keras", engines=tuple(FRAMEWORK))
    pytest(session, "-m", "slow or not slow", KERAS_LITE_FULL="1")
