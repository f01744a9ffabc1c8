"""The reproducers of docs/keras-differences.md: reading, running and writing them anew.

    python -m tests.keras_reference.page           # what is not as the page says
    python -m tests.keras_reference.page --write   # write what is

A block that begins with ```python keras holds Python statements.  Beneath each expression stand comments with what it gives: "here" on
every engine of keras_lite, and on those backends of Keras that give something else.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import os
import pathlib
import re
import subprocess
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs" / "keras-differences.md"
BLOCK = re.compile(r"^```python keras\n(.*?)^```", re.MULTILINE | re.DOTALL)
CLAIM = re.compile(r"# (here|(?:numpy|jax|torch|tensorflow)(?:, (?:numpy|jax|torch|tensorflow))*): ")
BACKENDS = ("numpy", "jax", "torch", "tensorflow")
FEW = 12  # elements that are shown; of more, the shape


def blocks() -> list[str]:
    return BLOCK.findall(PAGE.read_text())


def shown(result: Any) -> str:
    """What stands in a claim: nested lists with four digits, the shape of a large array, the name of an error."""
    if isinstance(result, Exception):
        return type(result).__name__
    if isinstance(result, dict):
        return "{" + ", ".join(f"{key}: {shown(result[key])}" for key in sorted(result)) + "}"
    if isinstance(result, (tuple, list)):
        return f"({', '.join(map(shown, result))})"
    if isinstance(result, (str, type(None))):
        return str(result)
    array = np.asarray(result)
    if array.size > FEW:
        return f"shape {array.shape}"
    return _listed(array.tolist()) if array.size or array.ndim < 2 else f"shape {array.shape}"


def _listed(x: Any) -> str:
    if isinstance(x, list):
        return f"[{', '.join(map(_listed, x))}]"
    if isinstance(x, complex):
        return f"({_listed(x.real)}, {_listed(x.imag)}j)"
    return f"{x + 0.0:.4g}" if isinstance(x, float) else str(x)


def results(block: str, names: dict[str, Any], plain: Any) -> list[str]:
    """What each expression of a block gives; `plain` makes arrays of tensors."""
    found = []
    for statement in ast.parse(block).body:
        source = ast.unparse(statement)
        if not isinstance(statement, ast.Expr):
            exec(source, names)
            continue
        try:
            found.append(shown(plain(eval(source, names))))
        except Exception as error:
            found.append(shown(error))
    return found


def _plain(module: Any, result: Any) -> Any:
    if isinstance(result, (tuple, list)):
        return [_plain(module, x) for x in result]
    if isinstance(result, dict):
        return {key: _plain(module, x) for key, x in result.items()}
    if not hasattr(result, "dtype"):
        return result
    array = module.ops.convert_to_numpy(result)
    return np.asarray(array, "float32") if array.dtype.name == "bfloat16" else array


def names_of(module: Any) -> dict[str, Any]:
    """The names that the page promises to its code."""
    ops = module.ops

    def dtype(x: Any) -> Any:
        return [dtype(item) for item in x] if isinstance(x, (list, tuple)) else str(module.backend.standardize_dtype(x.dtype))

    return {"ops": ops, "T": ops.convert_to_tensor, "np": np, "nan": np.nan, "inf": np.inf, "dtype": dtype, "keras": module,
            "graph": lambda f: graph(module, f), "shape": lambda x: str(tuple(map(int, x.shape)))}


def graph(module: Any, f: Any) -> Any:
    """`f` as a program of TensorFlow that knows no sizes, where that is the backend; elsewhere `f` itself."""
    if module.backend.backend() != "tensorflow":
        return f
    tf = importlib.import_module("tensorflow")
    return lambda *args: tf.function(f, input_signature=[tf.TensorSpec([None] * len(x.shape), x.dtype) for x in args])(*args)


def run(module: Any) -> list[list[str]]:
    """The results of every block on `module`, Keras or something that looks like it."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [results(block, names_of(module), lambda x: _plain(module, x)) for block in blocks()]


def on_keras(backend: str) -> list[list[str]]:
    """The results on a backend of Keras, which is fixed when it is imported."""
    code = ("import json, sys; from tests.keras_reference import page; import keras\n"
            "answer = json.dumps(page.run(keras)); print(); print(answer)")
    path = os.pathsep.join([str(ROOT), str(ROOT / "backends")])
    env = {**os.environ, "KERAS_BACKEND": backend, "TF_ENABLE_ONEDNN_OPTS": "0", "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def here(engine: str) -> list[list[str]]:
    """The results on an engine of keras_lite."""
    import keras_lite
    from keras_lite import backend
    from keras_lite.engine import registry

    assert keras_lite.backend is backend
    with registry.using(engine):
        return run(keras_lite)


def statements(block: str) -> Iterator[tuple[int, int]]:
    """(first, last) lines of the expressions of a block, from 1."""
    for statement in ast.parse(block).body:
        if isinstance(statement, ast.Expr):
            yield statement.lineno, statement.end_lineno or statement.lineno


def written(block: str, ours: list[str], theirs: dict[str, list[str]]) -> str:
    """The block with what was found in the comments."""
    lines = block.splitlines()
    after: dict[int, list[str]] = {}
    for n, (_, last) in enumerate(statements(block)):
        claims: dict[str, list[str]] = {}
        for backend, found in theirs.items():
            if found[n] != ours[n]:
                claims.setdefault(found[n], []).append(backend)
        after[last] = [f"# {', '.join(names)}: {result}" for result, names in claims.items()] + [f"# here: {ours[n]}"]
    out = []
    for number, line in enumerate(lines, 1):
        if not CLAIM.match(line):
            out.append(line)
        out += after.get(number, [])
    return "\n".join(out) + "\n"


def rewritten(text: str, ours: list[list[str]], theirs: dict[str, list[list[str]]]) -> str:
    """The page's text with what was found."""
    numbered = iter(range(len(ours)))

    def replaced(match: re.Match[str]) -> str:
        i = next(numbered)
        return "```python keras\n" + written(match.group(1), ours[i], {name: found[i] for name, found in theirs.items()}) + "```"

    return BLOCK.sub(replaced, text)


def claims(block: str) -> list[dict[str, str]]:
    """For each expression of a block, what it gives by backend; "here" is what keras_lite gives."""
    lines = block.splitlines()
    found = []
    for _, last in statements(block):
        own: dict[str, str] = {}
        for line in lines[last:]:
            if not CLAIM.match(line):
                break
            who, _, result = line[2:].partition(": ")
            own |= dict.fromkeys(who.split(", "), result)
        found.append(own)
    return found


def wrong(found: dict[str, list[list[str]]], kind: str) -> list[str]:
    """The claims that `found` (by backend or engine) does not confirm; `kind` is "keras" or "here"."""
    problems = []
    for i, block in enumerate(blocks()):
        lines = block.splitlines()
        for n, ((first, _), claim) in enumerate(zip(statements(block), claims(block), strict=True)):
            for name, results_ in found.items():
                said = claim.get("here") if kind == "here" else claim.get(name, claim.get("here"))
                if results_[i][n] != said:
                    problems.append(f"{lines[first - 1]}\n    {kind} on {name}: {results_[i][n]}, the page says {said}")
    return problems


def main(arguments: Iterable[str]) -> None:
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module("tensorflow").get_logger().setLevel("ERROR")
    ours = {name: here(name) for name in BACKENDS}
    theirs = {name: on_keras(name) for name in BACKENDS}
    if "--write" in arguments:
        PAGE.write_text(rewritten(PAGE.read_text(), ours["numpy"], theirs))
    print("\n".join(wrong(ours, "here") + wrong(theirs, "keras")))


if __name__ == "__main__":
    main(sys.argv[1:])
