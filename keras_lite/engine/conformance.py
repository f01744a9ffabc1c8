"""Does a module conform to the engine contract?

    python -m keras_lite.engine.conformance jax

prints what is missing or wrong and exits with 1 if anything is.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.checks import CHECKS, Check, Unexpected
from keras_lite.engine.contract import required


def check(module: Any) -> list[str]:
    """What is missing or wrong in an engine, one line each; empty if it conforms.

    >>> from keras_lite.engine import registry
    >>> check(registry.load("numpy"))
    []
    """
    missing = list(_missing(module))
    return missing or [*declared(module), *filter(None, (failure(module, each) for each in CHECKS))]


def declared(module: Any) -> list[str]:
    """What can be seen without running anything: missing names, signatures and natives."""
    return list(_missing(module)) or [*_signatures(module), *_natives(module)]


def failure(module: Any, each: Check) -> str | None:
    """What goes wrong in one behavioural check, None if nothing does."""
    try:
        each(module)
    except Unexpected as problem:
        return f"{each.__name__}: {problem}"
    except Exception as error:
        return f"{each.__name__}: {type(error).__name__}: {error}"
    return None


def _missing(module: Any) -> Iterator[str]:
    if not isinstance(getattr(module, "name", None), str):
        yield "name is missing: the engine's public name, a string"
    for name, family in required().items():
        if not callable(getattr(module, name, None)):
            yield f"{name} is missing (family {family.__name__})"


def _signatures(module: Any) -> Iterator[str]:
    """The engine's own functions have the parameters of the contract; a framework's function, taken as it is, must accept as many."""
    for name, family in required().items():
        function, wanted = getattr(module, name), list(inspect.signature(getattr(family, name)).parameters)[1:]
        try:
            signature = inspect.signature(function)
        except ValueError:
            continue  # a builtin of the framework, which tells nothing
        try:
            signature.bind(*wanted)
        except TypeError as error:
            yield f"{name}({', '.join(wanted)}) can't be called on {name}{signature}: {error}"
            continue
        if _root(function) == _root(module) and list(signature.parameters) != wanted:
            yield f"{name} has the parameters ({', '.join(signature.parameters)}), not ({', '.join(wanted)})"


def _root(thing: Any) -> str:
    """The root package where a function or module is defined."""
    name = str(getattr(thing, "__module__", None) or getattr(thing, "__name__", ""))
    return name.partition(".")[0]


def _natives(module: Any) -> Iterator[str]:
    """Natives carry the name and the parameters of an op that is a composite."""
    natives = getattr(module, "NATIVES", {})
    for name in sorted(set(getattr(module, "FIRST_ORDER", ())) - set(natives)):
        yield f"FIRST_ORDER: {name!r} is no native"
    if not natives:
        return
    import keras_lite.ops  # noqa: F401  # declares all ops; not needed by engines without natives
    from keras_lite.ops.table import TABLE

    for name, native in natives.items():
        record = TABLE.get(name)
        if record is None or record.primitive:
            yield f"NATIVES: {name!r} is {'a primitive, which has no fallback' if record else 'no op of the table'}"
            continue
        got, want = _bare(inspect.signature(native)), _bare(record.signature)
        if got != want:
            yield f"NATIVES: {name}{got} has not the parameters of the op, {name}{want}"


def _bare(signature: inspect.Signature) -> inspect.Signature:
    """Names and defaults alone."""
    parameters = [p.replace(kind=p.POSITIONAL_OR_KEYWORD, annotation=p.empty) for p in signature.parameters.values()]
    return inspect.Signature(parameters, return_annotation=inspect.Signature.empty, __validate_parameters__=False)


def main(names: list[str]) -> int:
    """Check engines by name, print a report and return the exit status."""
    status = 0
    for name in names:
        problems = check(registry.load(name))
        print(f"{name}: {len(required())} functions, {len(CHECKS)} checks, {len(problems)} problems")
        for problem in problems:
            print(f"  {problem}")
        status |= bool(problems)
    return status


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: python -m keras_lite.engine.conformance NAME...   (known: {', '.join(registry.known())})")
    sys.exit(main(sys.argv[1:]))
