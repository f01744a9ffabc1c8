"""Finding, activating and switching engines.

Which engine is active: the innermost `with` form, else `set_backend`, else the environment variables KERAS_LITE_BACKEND and
KERAS_BACKEND, else the config file, else the first installed of the built-in ones.
"""

import contextlib
import functools
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from keras_lite.engine.errors import invalid, unknown_name


class BuiltIn(NamedTuple):
    """A row of the table of engines that come with the distribution."""

    module: str
    frameworks: tuple[str, ...]  # root modules whose objects are this engine's tensors; the first is what must be installed
    install: str


BUILT_IN = {
    "jax": BuiltIn("keras_lite_jax", ("jax", "jaxlib"), "pip install jax"),
    "torch": BuiltIn("keras_lite_torch", ("torch",), "pip install torch"),
    "tensorflow": BuiltIn("keras_lite_tensorflow", ("tensorflow",), "pip install tensorflow"),
    "numpy": BuiltIn("keras_lite_numpy", ("numpy",), "pip install numpy"),
}
ENTRY_POINTS = "keras_lite.engines"

_loaded: dict[str, Any] = {}
_process: list[Any] = []  # the engine chosen for the whole process, if any
_local: ContextVar[Any] = ContextVar("keras_lite_engine", default=None)
_home: ContextVar[Any] = ContextVar("keras_lite_home_engine", default=None)  # as _local, but never the abstract engine


def known() -> list[str]:
    """Names of all engines that could be chosen, installed or not."""
    return [*BUILT_IN, *(e.name for e in _entry_points() if e.name not in BUILT_IN)]


def _entry_points() -> Any:
    from importlib import metadata  # not at the top: it would be a tenth of the time that importing the package takes

    return metadata.entry_points(group=ENTRY_POINTS)


def load(name: str) -> Any:
    """The engine module `name`, imported and prepared on first use."""
    engine = _loaded.get(name)
    return engine if engine is not None else _prepare(name, _import(name))


def _import(name: str) -> Any:
    if name in BUILT_IN:
        module, frameworks, install = BUILT_IN[name]
        if importlib.util.find_spec(frameworks[0]) is None:
            raise ImportError(f"the {name} engine needs {frameworks[0]}, which is not installed: {install}")
        return importlib.import_module(module)
    for entry in _entry_points():
        if entry.name == name:
            return entry.load()
    raise unknown_name("engine", name, known())


def _prepare(name: str, engine: Any) -> Any:
    engine.natives = natives_of(engine)
    engine.variable_attributes = dict(getattr(engine, "VARIABLE_ATTRIBUTES", {}))
    engine.is_abstract = False
    engine.has_unknown_sizes = getattr(engine, "UNKNOWN_SIZES", False)
    engine.eager_compiles = hasattr(engine, "is_traced")
    if not hasattr(engine, "is_eager"):
        engine.is_eager = _never_now
    if not hasattr(engine, "is_sparse"):
        engine.is_sparse = _never
    if not hasattr(engine, "adopt"):
        engine.adopt = engine.convert
    _loaded[name] = engine
    owners.clear()
    owners.update(_DATA)
    return engine


def _never(x: Any) -> bool:
    return False


def _never_now() -> bool:
    return False


def register(name: str, engine: Any) -> Any:
    """Make `engine` known under `name` in this process, without an entry point; returns it."""
    return _prepare(name, engine)


def _first_choice() -> Any:
    from keras_lite import config

    chosen = os.environ.get("KERAS_LITE_BACKEND") or os.environ.get("KERAS_BACKEND") or config.read_file().get("backend")
    if chosen:
        return load(chosen)
    return load(next(name for name, row in BUILT_IN.items() if importlib.util.find_spec(row.frameworks[0])))


def current() -> Any:
    """The active engine."""
    return _local.get() or _process_engine()


def _process_engine() -> Any:
    if not _process:
        from keras_lite import config

        _process.append(_first_choice())
        config.check_floatx(_process[0])
    return _process[0]


def in_use() -> Any:
    """The active engine if one was chosen or used before, else None: nothing is loaded."""
    return _local.get() or (_process[0] if _process else None)


def concrete() -> Any:
    """The engine on which variables are made: `current` or, while shapes are being inferred, the one around that."""
    return _home.get() or _process_engine()


def set_current(name: str) -> None:
    """Choose the engine of the whole process (all threads) from now on."""
    from keras_lite import config

    engine = load(name)
    _process[:] = [engine]
    config.check_floatx(engine)


class using:  # called like a function; as a generator it would cost three times as much, for each layer and variable
    """Scope in which `engine` (a module or a name) is the active one, in this thread or task."""

    __slots__ = ("_engine", "_home_token", "_token")

    def __init__(self, engine: Any):
        self._engine = load(engine) if isinstance(engine, str) else engine

    def __enter__(self) -> Any:
        engine = self._engine
        self._token, self._home_token = _local.set(engine), None if engine.is_abstract else _home.set(engine)
        return engine

    def __exit__(self, *exc: object) -> None:
        _local.reset(self._token)
        if self._home_token is not None:
            _home.reset(self._home_token)


# --- how often the code is differentiated --------------------------------------------------------------------------------

_order: ContextVar[int] = ContextVar("keras_lite_order", default=0)


@contextlib.contextmanager
def differentiating(times: int = 1) -> Iterator[None]:
    """Scope in which ops are differentiated `times` more often than around it."""
    token = _order.set(_order.get() + times)
    try:
        yield
    finally:
        _order.reset(token)


def order() -> int:
    """How often ops are to be differentiated."""
    return _order.get()


def natives_of(module: Any) -> dict[str, Callable[..., Any]]:
    """The natives of an engine's module, those of `FIRST_ORDER` made to give way where a second gradient is wanted."""
    once = getattr(module, "FIRST_ORDER", ())
    return {op: _at_first_order(native) if op in once else native for op, native in getattr(module, "NATIVES", {}).items()}


def _at_first_order(native: Callable[..., Any]) -> Callable[..., Any]:
    """A native without a second gradient, which leaves its op to the composite where one is asked for."""
    @functools.wraps(native)
    def chosen(*args: Any, **kwargs: Any) -> Any:
        return NotImplemented if _order.get() > 1 else native(*args, **kwargs)

    return chosen


# --- whose tensor is it ------------------------------------------------------------------------------------------------

UNSEEN, NESTED, VARIABLE = object(), object(), object()
_DATA: dict[type, Any] = {t: None for t in (int, float, bool, complex, str, type(None), np.ndarray, slice, type(...), np.dtype)}
_DATA |= {list: NESTED, tuple: NESTED, dict: NESTED}
owners: dict[type, Any] = dict(_DATA)
_classifiers: list[Callable[[Any], Any]] = []  # the frontend's own tensor-like types: Variable, KerasTensor


def classify(classifier: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Register a function that tells the owner of the frontend's own types (or UNSEEN)."""
    _classifiers.append(classifier)
    return classifier


def _owner(x: Any) -> Any:
    """The engine that owns tensors of the type of `x`; None for data.  Remembered for each type."""
    owner = next((o for c in _classifiers if (o := c(x)) is not UNSEEN), UNSEEN)
    if owner is UNSEEN and isinstance(x, np.generic):
        owner = None
    if owner is UNSEEN and isinstance(x, (list, tuple, dict)):
        owner = NESTED
    if owner is UNSEEN:
        root = type(x).__module__.partition(".")[0]
        for name, row in BUILT_IN.items():
            if root in row.frameworks and root in sys.modules and name not in _loaded:
                load(name)
        owner = next((e for e in _loaded.values() if e.is_tensor(x) or e.is_sparse(x)), None)
    owners[type(x)] = owner
    return owner


def engine_of(args: Any, found: Any = None) -> Any:
    """The engine of all the tensors among `args` (nested), None if there are none; two engines in one call are an error.

    The abstract engine wins over any other: tensors are constants of the graph being described.
    """
    for x in args:
        owner = owners.get(type(x), UNSEEN)
        if owner is None:
            continue
        if owner is UNSEEN:
            owner = _owner(x)
        if owner is NESTED:
            owner = engine_of(x.values() if isinstance(x, dict) else x, found)
        elif owner is VARIABLE:
            owner = x.owner
        if owner is None or owner is found:
            continue
        if found is None or owner.is_abstract:
            found = owner
        elif not found.is_abstract:
            raise invalid("engines", f"tensors of {found.name} and of {owner.name} in one call; "
                          f"convert one with keras_lite.ops.convert_to_numpy first")
    return found
