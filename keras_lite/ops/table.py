"""The op table: `@primitive` and `@op` declare an op once.

From a declaration come the eager function, the graph node, the shape and dtype rule, the fallback on every engine, the cells of
the parity matrix, the reference page and the coverage row.

A *primitive* is a function of the engine contract.  Its body gets the engine as first argument and returns the canonical
arguments for the engine's function of the same name, as a tuple; where more or less than that one call is needed, it returns
the result itself.  An *op* is a composite: its body is written with other ops and runs on every engine, the abstract one
included; an engine may have a native for it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOAT8, FLOATS
from keras_lite.engine.errors import brief, is_clear, misspelt, not_there, place_of, renamed, wrong_type
from keras_lite.engine.whole import publish
from keras_lite.ops import kinds, programs
from keras_lite.ops.data import as_tensor, refuse_complex, refused, unify
from keras_lite.ops.sample import Sample
from keras_lite.state import tree
from keras_lite.symbolic.spec import KerasTensor


@dataclass
class Record:
    """What the table knows about an op."""

    name: str
    body: Callable[..., Any]
    primitive: bool
    public: str = ""  # its name in `keras_lite.ops`, in graphs and in errors, where that is another one (mostly that of a builtin)
    tensors: tuple[str, ...] = ()  # parameters that are converted and promoted to one dtype before the body (composites)
    lists: tuple[str, ...] = ()  # parameters that are lists of tensors, each converted on its own
    floating: bool = False  # the common dtype of `tensors` is a float
    complexes: bool = False  # whether a `floating` op takes complex numbers
    samples: tuple[Sample, ...] = ()
    differentiable: bool = True
    slope: bool = True  # whether gradients are the slopes of the values (those of stop_gradient are not)
    dynamic: bool = False  # whether the result's shape depends on values: then it can't be compiled, and specs don't know it
    fails: bool = False  # whether an eager call raises for a result that is not finite
    reference: Callable[..., Any] | None = None  # float64 NumPy/SciPy answer, where NumPy has no function of the name
    canonical: Callable[..., Any] | None = None  # one of equally right results (signs of vectors), of equal shapes and dtypes
    normwise: bool = False  # errors are as large as those of the largest element: orthogonal transformations mix the elements
    bits: bool = False  # the result is about the arguments' bits: the reference gets them in their own dtypes
    finite: bool = False  # infinite arguments have no meaning: natives need not agree there
    dtypes: tuple[str, ...] = ()  # dtypes of the sweep; empty: the family's default
    function: Callable[..., Any] = field(default=None, repr=False)  # type: ignore[assignment]  # set right after

    def __post_init__(self) -> None:
        self.public = self.public or self.name

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        """The public signature: that of a primitive has no engine, and says what the engine returns."""
        full = inspect.signature(self.body)
        if not self.primitive:
            return full
        returned = "Any" if full.return_annotation == "tuple[Any, ...]" else full.return_annotation
        return full.replace(parameters=list(full.parameters.values())[1:], return_annotation=returned)

    @functools.cached_property
    def takes_functions(self) -> bool:
        """Whether functions of the user run inside the op."""
        return kinds.takes_functions(self.public, self.signature)

    @functools.cached_property
    def whole(self) -> bool:
        """Whether a call can be one program; see `programs`."""
        return bool(self.tensors) and not (self.lists or self.dynamic or self.takes_functions)

    @functools.cached_property
    def positions(self) -> tuple[tuple[int, str], ...]:
        """(position, name) of the tensor parameters."""
        return self._positions(self.tensors)

    @functools.cached_property
    def needed(self) -> frozenset[str]:
        """Names of the tensor parameters that can't be None."""
        parameters = self.signature.parameters
        return frozenset(name for name in self.tensors if kinds.kind_of(self.public, parameters[name]) == (kinds.TENSOR, False))

    @functools.cached_property
    def list_positions(self) -> tuple[tuple[int, str], ...]:
        """(position, name) of the parameters that are lists of tensors."""
        return self._positions(self.lists)

    def _positions(self, wanted: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
        code = inspect.unwrap(self.body).__code__  # bodies are plain functions; their signatures take long to make
        names = code.co_varnames[int(self.primitive):code.co_argcount + code.co_kwonlyargcount]
        return tuple((names.index(name), name) for name in wanted)


TABLE: dict[str, Record] = {}
PLACES = {"pool", "random", ""}  # places that are the op's: all ops, what the abstract engine calls them, seeds, and none at all


def primitive(**facts: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a primitive; `facts` are fields of `Record`."""
    return lambda body: _declare(Record(body.__name__, body, True, **facts))


def op(tensors: Iterable[str] = ("x",), **facts: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a composite.  `tensors` names the parameters that are tensors (a parameter given as None stays None)."""
    return lambda body: _declare(Record(body.__name__, body, False, tensors=tuple(tensors), **facts))


Call = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]


def _declare(record: Record) -> Callable[..., Any]:
    if record.name in TABLE:
        raise ValueError(f"op {record.name} is declared twice")
    TABLE[record.name] = record
    record.function = _function(record, record.public)
    return record.function


def alias(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """An op under a second public name, which its errors say; in graphs it is the op itself."""
    return _function(function.op, name)  # type: ignore[attr-defined]  # ops have it


def named(function: Callable[..., Any], name: str = "") -> Callable[..., Any]:
    """A public function that is no op, with errors like those of ops: they begin with its name, or with `name`."""
    plain = inspect.unwrap(function)
    public = name or plain.__name__
    PLACES.update((plain.__name__, public))

    @functools.wraps(plain)
    def explained(*args: Any, **kwargs: Any) -> Any:
        try:
            return plain(*args, **kwargs)
        except Exception as error:
            signature = inspect.signature(plain)  # takes long to make
            clear = _unbound(explained, args, kwargs) or (error if is_clear(error) else kinds.misfit(public, signature, args, kwargs))
            if clear is None:
                raise
            raise brief(_naming(clear, public, signature, plain.__name__)) from None

    explained.__name__ = explained.__qualname__ = public
    return publish(explained)


def _function(record: Record, public: str) -> Callable[..., Any]:
    """The eager and symbolic function of an op, under a public name."""
    PLACES.update((record.name, public))
    call = _primitive_call(record) if record.primitive else _composite_call(record)
    owners, unseen, variable, engine_of, current = (registry.owners, registry.UNSEEN, registry.VARIABLE, registry.engine_of,
                                                    registry.current)

    @functools.wraps(record.body)
    def function(*args: Any, **kwargs: Any) -> Any:
        engine = current()
        try:
            for x in (*args, *kwargs.values()) if kwargs else args:
                owner = owners.get(x.__class__, unseen)
                if owner is None or owner is engine:
                    continue
                if (x.owner if owner is variable else engine_of((x,))) not in (None, engine):
                    break
            else:  # most calls: all are data or tensors of the active engine
                if engine.is_abstract:
                    return _describe(record, call, engine, args, kwargs)
                return call(engine, args, kwargs)
            if not (engine.is_abstract and record.takes_functions):  # what a function closes over may be specs: then all are
                engine = engine_of((args, kwargs)) or engine
            with registry.using(engine):
                if engine.is_abstract:
                    return _describe(record, call, engine, args, kwargs)
                return call(engine, args, kwargs)
        except Exception as error:
            clear = _explain(record, call, engine, args, kwargs, error)
            if clear is None:
                raise
            raise brief(_naming(clear, public, record.signature, record.name, record.public)) from None

    function.__name__ = function.__qualname__ = public
    if record.primitive:
        function.__signature__ = record.signature  # type: ignore[attr-defined]  # the wrapped body has one more
    function.op = record  # type: ignore[attr-defined]  # public: from a function to its record
    return publish(function)


# --- running an op on an engine; these closures are the hot path -------------------------------------------------------


def _primitive_call(record: Record) -> Call:
    name, body = record.name, record.body

    def call(engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        canonical = body(engine, *args, **kwargs)
        return getattr(engine, name)(*canonical) if canonical.__class__ is tuple else canonical

    return call


def _composite_call(record: Record) -> Call:
    name, body, floating, positions, lists = record.name, record.body, record.floating, record.positions, record.lists
    only_first = len(positions) == 1 and positions[0][0] == 0 and not lists

    def is_ready(engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether nothing has to be converted: all are tensors of one dtype, or None."""
        dtype, count, is_tensor, dtype_of = None, len(args), engine.is_tensor, engine.dtype_of
        for position, name in positions:
            x = args[position] if position < count else kwargs.get(name)
            if x is None and name not in record.needed:
                continue
            if not is_tensor(x):
                return False
            found = dtype_of(x)
            if dtype is not None and dtype != found:
                return False
            dtype = found
        return not lists and (not floating or dtype in FLOATS)

    def call(engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if only_first and args:
            ready = engine.is_tensor(args[0]) and (not floating or engine.dtype_of(args[0]) in FLOATS)
        else:
            ready = is_ready(engine, args, kwargs)
        if not ready:
            args, kwargs = _prepare(record, engine, args, kwargs)
        native = engine.natives.get(name)
        result = NotImplemented if native is None else native(*args, **kwargs)
        if result is NotImplemented and engine.eager_compiles and record.whole:
            result = programs.run(record, engine, args, kwargs)
        return body(*args, **kwargs) if result is NotImplemented else result

    return call


def _prepare(record: Record, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Arguments with the tensor parameters converted, and promoted to one dtype.  Raises TypeError for None where one is needed."""
    arguments, given, count = list(args), [], len(args)
    for position, name in record.positions:
        value = args[position] if position < count else kwargs.get(name)
        if value is not None:
            given.append((position, name, value))
        elif name in record.needed and (position < count or name in kwargs):
            raise kinds.misfit(record.public, record.signature, args, kwargs) or TypeError(f"{name} is missing")
    converted = unify(engine, [value for _, _, value in given], record.floating) if given else []
    if record.floating and given and not record.complexes:
        refuse_complex(record.name, engine.dtype_of(converted[0]))
    for position, name in record.list_positions:
        value = args[position] if position < count else kwargs.get(name)
        if value is not None:
            given.append((position, name, value))
            converted.append([as_tensor(engine, item) for item in value])
    for (position, name, _), value in zip(given, converted, strict=True):
        if position < count:
            arguments[position] = value
        else:
            kwargs[name] = value
    return arguments, kwargs


# --- the abstract side -------------------------------------------------------------------------------------------------


def _describe(record: Record, call: Call, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The result's spec, and a node of the graph where an argument has a history."""
    if not _has_history(args) and not _has_history(kwargs.values()):
        return call(engine, args, kwargs)
    from keras_lite.symbolic import graph

    bare_args, bare_kwargs, _ = graph.without_history(args, kwargs)
    result = call(engine, bare_args, bare_kwargs)
    if record.takes_functions:
        from keras_lite.ops.bodies import refuse_symbolic

        refuse_symbolic(result, bare=False)
    return graph.record(record.function, args, kwargs, result)


def _has_history(nest: Iterable[Any]) -> bool:
    """Whether a symbolic tensor of a graph is in `nest` (the specs inside composites are none)."""
    for x in nest:
        if isinstance(x, KerasTensor):
            if x.history is not None:
                return True
        elif isinstance(x, (list, tuple, dict)) and _has_history(x.values() if isinstance(x, dict) else x):
            return True
    return False


def _explain(record: Record, call: Call, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception) -> Exception | None:
    """The frontend's own error for a call that failed with `error`, if it has one: that is clear already, or arguments are wrong, or
    the abstract engine says what is when it replays the call."""
    unbound = _unbound(record.function, args, kwargs)
    if unbound is not None:
        return unbound
    clear = error if is_clear(error) else None if engine.is_abstract else _replayed(record, call, engine, args, kwargs, error)
    return (kinds.misfit(record.public, record.signature, args, kwargs, only_missing=clear is not None) or clear
            or _storage_lacks(record, engine, tree.flatten((args, kwargs))))


def _replayed(record: Record, call: Call, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception) -> Exception | None:
    """The clear error that the call, which failed with `error`, meets on the abstract engine; None if it meets none there."""
    from keras_lite.symbolic import engine as abstract

    sparse = next((x for x in tree.flatten((args, kwargs)) if engine.is_sparse(x)), None)
    if sparse is not None:
        return refused(engine, sparse)
    try:
        specs, named = _specs(record, engine, args, kwargs)
        with registry.using(abstract):
            _describe(record, call, abstract, specs, named)
    except Exception as replayed:
        if is_clear(replayed) and record.takes_functions and getattr(replayed, "needs_values", False):
            return _of_a_reader(record, engine, error, replayed)
        return replayed if is_clear(replayed) else None
    return None


def _of_a_reader(record: Record, engine: Any, error: Exception, replayed: Exception) -> Exception | None:
    """The error for a function that reads values, which failed with `error`: where there are values it was not for want of them."""
    from keras_lite.ops.bodies import unreadable

    of_framework = isinstance(error, TypeError) and type(error) is not TypeError
    without = engine.eager_compiles and of_framework  # there what is differentiated has no values either
    return unreadable(record.public, engine, replayed) if without or not engine.is_eager() else None


def _unbound(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Exception | None:
    """TypeError for arguments that the signature can't take."""
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        name, empty = function.__name__, inspect.Signature.empty
        plain = signature.replace(parameters=[p.replace(annotation=empty) for p in signature.parameters.values()], return_annotation=empty)
        return misspelt(function, kwargs) or wrong_type(name, f"{error}; the signature is {name}{plain}")
    return None


def _specs(record: Record, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments with specs in place of tensors; arrays stay arrays where the op takes no tensors."""
    from keras_lite.symbolic import graph

    bound = record.signature.bind(*args, **kwargs)
    for name, value in bound.arguments.items():
        if not (isinstance(value, np.ndarray) and kinds.is_plain(record.public, record.signature.parameters[name])):
            bound.arguments[name] = graph.specs_of(engine, value)
    return bound.args, bound.kwargs


def _storage_lacks(record: Record, engine: Any, leaves: list[Any]) -> Exception | None:
    """The error for a call that is right, but whose dtype of float8 the engine cannot even move in this way."""
    dtypes = {engine.dtype_of(x) for x in leaves if engine.is_tensor(x)} & {*FLOAT8}
    if not dtypes:
        return None
    return not_there(record.public, f"{engine.name} has no such function of {dtypes.pop()}; cast it to float32 or bfloat16 first")


def _naming(error: Exception, public: str, signature: inspect.Signature, *own: str) -> Exception:
    """`error` with the public name of a function in place of its `own` ones, those of conversions and those of the ops in its body,
    and before what names no place.

    Where it takes functions, their ops keep their names.
    """
    place = place_of(error)
    if place in (*own, "tensor", "dtype") or (place in PLACES and not kinds.takes_functions(public, signature)):
        return renamed(error, public)
    return error
