"""The op table: `@primitive` and `@op` declare an op once.

From a declaration come the eager function, the graph node, the shape and dtype rule, the fallback on every engine, the cells of
the parity matrix, the reference page and the coverage row.

A *primitive* is a function of the engine contract.  Its body gets the engine as first argument and returns the canonical
arguments for the engine's function of the same name.  An *op* is a composite: its body is written with other ops and runs on
every engine, the abstract one included; an engine may have a native for it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import is_clear
from keras_lite.ops.data import unify
from keras_lite.ops.sample import Sample


@dataclass
class Record:
    """What the table knows about an op."""

    name: str
    body: Callable[..., Any]
    primitive: bool
    tensors: tuple[str, ...] = ()  # parameters that are converted and promoted to one dtype before the body (composites)
    floating: bool = False  # ... and to a float dtype
    samples: tuple[Sample, ...] = ()
    differentiable: bool = True
    reference: Callable[..., Any] | None = None  # float64 NumPy/SciPy answer, where NumPy has no function of the name
    dtypes: tuple[str, ...] = ()  # dtypes of the sweep; empty: the family's default
    function: Callable[..., Any] = field(default=None, repr=False)  # type: ignore[assignment]  # set right after

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        """The public signature (without the engine parameter of primitives)."""
        full = inspect.signature(self.body)
        return full.replace(parameters=list(full.parameters.values())[int(self.primitive):])

    @functools.cached_property
    def positions(self) -> tuple[tuple[int, str], ...]:
        """(position, name) of the tensor parameters."""
        names = list(self.signature.parameters)
        return tuple((names.index(name), name) for name in self.tensors)


TABLE: dict[str, Record] = {}


def primitive(**facts: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a primitive; `facts` are fields of `Record`."""
    return lambda body: _declare(Record(body.__name__, body, True, **facts))


def op(tensors: Iterable[str] = ("x",), **facts: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a composite.  `tensors` names the parameters that are tensors (a parameter given as None stays None)."""
    return lambda body: _declare(Record(body.__name__, body, False, tuple(tensors), **facts))


def _declare(record: Record) -> Callable[..., Any]:
    if record.name in TABLE:
        raise ValueError(f"op {record.name} is declared twice")
    TABLE[record.name] = record
    call = _call_primitive if record.primitive else _call_composite

    @functools.wraps(record.body)
    def function(*args: Any, **kwargs: Any) -> Any:
        engine = registry.engine_of(args)
        if kwargs:
            engine = registry.engine_of(kwargs.values(), engine)
        active = registry.current()
        if engine is None:
            engine = active
        try:
            if engine.is_abstract:
                return _describe(record, engine, args, kwargs)
            if engine is active:
                return call(record, engine, args, kwargs)
            with registry.using(engine):
                return call(record, engine, args, kwargs)
        except Exception as error:
            if is_clear(error) or engine.is_abstract:
                raise
            clear = _explain(record, engine, args, kwargs)
            if clear is None:
                raise
            raise clear from None

    function.__signature__ = record.signature  # type: ignore[attr-defined]  # the wrapped body of a primitive has one more
    function.op = record  # type: ignore[attr-defined]  # public: from a function to its record
    record.function = function
    return function


def _call_primitive(record: Record, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return getattr(engine, record.name)(*record.body(engine, *args, **kwargs))


def _call_composite(record: Record, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    args, kwargs = _prepare(record, engine, args, kwargs)
    native = engine.natives.get(record.name)
    return (native or record.body)(*args, **kwargs)


def _prepare(record: Record, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Arguments with the tensor parameters converted, and promoted to one dtype."""
    args, given, count = list(args), [], len(args)  # type: ignore[assignment]
    for position, name in record.positions:
        value = args[position] if position < count else kwargs.get(name)
        if value is not None:
            given.append((position, name, value))
    converted = unify(engine, [value for _, _, value in given], record.floating)
    for (position, name, _), value in zip(given, converted, strict=True):
        if position < count:
            args[position] = value  # type: ignore[index]
        else:
            kwargs[name] = value
    return args, kwargs


# --- the abstract side -------------------------------------------------------------------------------------------------


def _describe(record: Record, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The result's spec, and a node of the graph where an argument has a history."""
    from keras_lite.symbolic import graph

    bare_args, bare_kwargs, recorded = graph.without_history(args, kwargs)
    call = _call_primitive if record.primitive else _call_composite
    if engine is registry.current():
        result = call(record, engine, bare_args, bare_kwargs)
    else:
        with registry.using(engine):
            result = call(record, engine, bare_args, bare_kwargs)
    return graph.record(record.function, args, kwargs, result) if recorded else result


def _explain(record: Record, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Exception | None:
    """The frontend's own error for a call that an engine refused: the call is replayed on the abstract engine."""
    from keras_lite.symbolic import engine as abstract
    from keras_lite.symbolic import graph

    try:
        args, kwargs = graph.specs_of(engine, (args, kwargs))
        _describe(record, abstract, args, kwargs)
    except Exception as error:
        return error if is_clear(error) else None
    return None
