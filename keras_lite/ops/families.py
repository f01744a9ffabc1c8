"""Declaring primitives that share their canonical form: functions of one tensor and of two."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from keras_lite.engine.dtypes import ALL, COMPLEX, FLOATS, INTEGERS
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops.data import FLOAT16_END, fits, refuse_complex, refuse_storage, unify, weak_dtype_of
from keras_lite.ops.sample import Sample, array, c64, f32
from keras_lite.ops.sizes import as_int
from keras_lite.ops.table import primitive
from keras_lite.state.variable import Variable

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
INF, NAN = float("inf"), float("nan")
EDGES = array([NAN, INF, -INF, 0.0, -0.0, 1e-30, -1e30])
STORED = Sample(array([1.0, 2.0], "float8_e5m2"), error="is not defined for float8_e5m2, which is for storage")
NO_TENSOR = Sample("text", error="expected a tensor, an array or a number, got str")
UNARY = (Sample(f32(4, 5)), Sample(f32()), Sample(f32(0, 3)), Sample(EDGES, grad=False), NO_TENSOR)
BINARY = (Sample(f32(3, 4), f32(3, 4)), Sample(f32(2, 1, 3), f32(4, 1)), Sample(f32(3), 2), Sample(1.5, f32(2, 2)),
          Sample(f32(0, 3), f32(3)), Sample(f32(2, 3), f32(4), error=r"\(2, 3\) and \(4,\) do not broadcast"))
COMPLEX_VALUES = Sample(c64(4, 3))
COMPLEX_PAIR, COMPLEX_AND_REAL = Sample(c64(3, 4), c64(4)), Sample(f32(3), c64(2, 3))
REFUSED = Sample(c64(3), error="is for real numbers, got complex64")
REFUSED_PAIR = Sample(c64(3), f32(3), error="is for real numbers, got complex64")
_FLOATING = frozenset((*FLOATS, *COMPLEX))
_NUMBERS = _FLOATING.union(INTEGERS)
_ARITHMETIC = _NUMBERS | {"bool"}  # the dtypes of float8 are for storage


def _body(public: Callable[..., Any], prepare: Callable[..., Any]) -> Callable[..., Any]:
    """`prepare` with the name, the docstring and (behind `engine`) the signature of `public`."""
    body = functools.wraps(public)(prepare)
    del body.__wrapped__
    engine = inspect.Parameter("engine", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    signature = inspect.signature(public)
    parameters = [engine, *signature.parameters.values()]
    body.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # what `inspect` looks for
    return body


def unary(floating: bool = False, integer: bool = False, bools: str = "direct", real: bool = False,
          samples: tuple[Sample, ...] = UNARY, **facts: Any) -> Decorator:
    """A function of one tensor.

    With `floating`, integers and bools become floats first; `integer` refuses floats and `real` complex numbers.  Bools are passed
    on ("direct"), returned as they are ("unchanged") or "refused".
    """
    direct = _FLOATING if floating else frozenset((*INTEGERS, "bool")) if integer else _ARITHMETIC
    direct = direct - frozenset(COMPLEX) if real else direct
    direct = direct if bools == "direct" else direct - {"bool"}

    def declare(public: Callable[..., Any]) -> Callable[..., Any]:
        name = public.__name__

        def prepare(engine: Any, x: Any) -> Any:
            if engine.is_tensor(x) and engine.dtype_of(x) in direct:
                return (x,)
            x, = unify(engine, [x], floating)
            dtype = engine.dtype_of(x)
            if dtype == "bool" and bools == "unchanged":
                return x
            if dtype not in direct:
                refuse_storage(name, dtype)
                if real:
                    refuse_complex(name, dtype)
                raise wrong_type(name, f"is not defined for {dtype}; expected {'integers or bools' if integer else 'numbers'}")
            return (x,)

        complexes = () if integer else (REFUSED if real else COMPLEX_VALUES,)
        return primitive(samples=(*samples, *complexes), **facts)(_body(public, prepare))

    return declare


def binary(floating: bool = False, integer: bool = False, bools: str = "direct", real: bool = False, samples: tuple[Sample, ...] = BINARY,
           refuse: Callable[[Any, Any, Any], None] | None = None, **facts: Any) -> Decorator:
    """A function of two tensors, promoted to one dtype.

    `floating` makes it a float dtype, `integer` refuses floats and `real` complex numbers.  Of two bools `bools` says
    what becomes: "direct" (as they are), "refused", a dtype to cast them to, or the name of the bitwise function that is the same for
    bools.  `refuse(engine, x1, x2)` raises where arguments, as they are given, have no result.
    """
    direct = _FLOATING if floating else frozenset((*INTEGERS, "bool")) if integer else _ARITHMETIC
    direct = direct - frozenset(COMPLEX) if real else direct
    direct = direct if bools == "direct" else direct - {"bool"}

    def declare(public: Callable[..., Any]) -> Callable[..., Any]:
        name = public.__name__

        def prepare(engine: Any, x1: Any, x2: Any) -> Any:
            is_tensor, dtype_of = engine.is_tensor, engine.dtype_of
            x1 = x1.value if x1.__class__ is Variable else x1
            x2 = x2.value if x2.__class__ is Variable else x2
            if is_tensor(x1):
                dtype = dtype_of(x1)
                if dtype in direct and (dtype == dtype_of(x2) if is_tensor(x2) else joins(x2, dtype)):
                    return x1, x2
            elif is_tensor(x2):
                dtype = dtype_of(x2)
                if dtype in direct and joins(x1, dtype):
                    return x1, x2
            return _agree(engine, name, unify(engine, [x1, x2], floating, scalars=True), integer, real, bools)

        def bitwise(engine: Any, x: Any, y: Any) -> Any:  # Keras names the operands of bitwise functions so
            return prepare(engine, x, y)

        complexes = () if integer else (REFUSED_PAIR,) if real else (COMPLEX_PAIR, COMPLEX_AND_REAL)

        def checked(engine: Any, x1: Any, x2: Any) -> Any:
            refuse(engine, x1, x2)  # type: ignore[misc]  # it is there
            return prepare(engine, x1, x2)

        return primitive(samples=(*samples, *complexes), **facts)(_body(public, bitwise if integer else checked if refuse else prepare))

    return declare


def joins(scalar: Any, dtype: str) -> bool:
    """Whether a Python scalar can stay beside a tensor of `dtype`, whose dtype the result has."""
    kind = scalar.__class__
    if kind is int:
        return dtype in _NUMBERS and fits(scalar, dtype) and (dtype != "float16" or abs(scalar) < FLOAT16_END)
    if kind is float:
        return dtype in _FLOATING and (dtype != "float16" or abs(scalar) < FLOAT16_END)
    return kind is complex and dtype in COMPLEX


def _agree(engine: Any, name: str, pair: list[Any], integer: bool, real: bool, bools: str) -> Any:
    """A unified pair, checked; the result itself where two bools mean another function."""
    dtypes = [weak_dtype_of(engine, x) for x in pair]
    refuse_storage(name, dtypes[0])
    if integer and not all(dtype in (*INTEGERS, "bool", "int") for dtype in dtypes):
        raise wrong_type(name, f"expected integers or bools, got {' and '.join(dtypes)}")
    for dtype in dtypes if real else ():
        refuse_complex(name, dtype)
    if bools == "direct" or "bool" not in dtypes:
        return tuple(pair)
    if bools == "refused":
        raise wrong_type(name, "is not defined for bools; use logical_xor, or cast the arguments first")
    if bools in ALL:
        return tuple(engine.cast(x, bools) for x in pair)
    return getattr(engine, bools)(*pair)


def normal_axis(name: str, axis: Any, rank: int) -> int:
    """`axis` as a non-negative int; raises ValueError outside [-rank, rank).

    >>> normal_axis("sum", -1, 3)
    2
    """
    index = axis if axis.__class__ is int else as_int(name, "axis", axis)
    if not -rank <= index < rank:
        raise invalid(name, f"axis {index} is out of range for rank {rank}")
    return index + rank if index < 0 else index


def normal_axes(name: str, axis: Any, rank: int) -> tuple[int, ...]:
    """`axis` (None, an int, or several) as a sorted tuple without repetitions."""
    if axis is None:
        return tuple(range(rank))
    if not isinstance(axis, (list, tuple)):
        return (normal_axis(name, axis, rank),)
    axes = sorted(normal_axis(name, a, rank) for a in axis)
    if len(set(axes)) != len(axes):
        raise invalid(name, f"an axis is named twice in {axis!r} (rank {rank})")
    return tuple(axes)
