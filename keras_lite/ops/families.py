"""Declaring primitives that share their canonical form: unary, binary, comparison, reduction."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from keras_lite.engine.dtypes import FLOATS, INTEGERS, WEAK
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops.data import as_tensor, dtype_of, unify
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.table import primitive

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
INF, NAN = float("inf"), float("nan")
EDGES = array([NAN, INF, -INF, 0.0, -0.0, 1e-30, -1e30])
UNARY = (Sample(f32(4, 5)), Sample(f32()), Sample(f32(0, 3)), Sample(EDGES, grad=False))
BINARY = (Sample(f32(3, 4), f32(3, 4)), Sample(f32(2, 1, 3), f32(4, 1)), Sample(f32(3), 2), Sample(1.5, f32(2, 2)),
          Sample(f32(0, 3), f32(3)), Sample(f32(2, 3), f32(4), error=r"\(2, 3\) and \(4,\) do not broadcast"))


def _body(public: Callable[..., Any], prepare: Callable[..., Any]) -> Callable[..., Any]:
    """`prepare` with the name, the docstring and (behind `engine`) the signature of `public`."""
    body = functools.wraps(public)(prepare)
    del body.__wrapped__
    engine = inspect.Parameter("engine", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    signature = inspect.signature(public)
    body.__signature__ = signature.replace(parameters=[engine, *signature.parameters.values()])  # type: ignore[attr-defined]
    return body


def unary(floating: bool = False, samples: tuple[Sample, ...] = UNARY, **facts: Any) -> Decorator:
    """A function of one tensor; with `floating`, integers and bools become floats first."""

    def declare(public: Callable[..., Any]) -> Callable[..., Any]:
        def prepare(engine: Any, x: Any) -> tuple[Any]:
            if engine.is_tensor(x) and (not floating or engine.dtype_of(x) in FLOATS):
                return (x,)
            return tuple(unify(engine, [x], floating))  # type: ignore[return-value]

        return primitive(samples=samples, **facts)(_body(public, prepare))

    return declare


def binary(floating: bool = False, integer: bool = False, samples: tuple[Sample, ...] = BINARY, **facts: Any) -> Decorator:
    """A function of two tensors, promoted to one dtype; `integer` refuses floats."""

    def declare(public: Callable[..., Any]) -> Callable[..., Any]:
        name = public.__name__

        def prepare(engine: Any, x1: Any, x2: Any) -> list[Any]:
            pair = unify(engine, [x1, x2], floating, scalars=True)
            if integer:
                for x in pair:
                    dtype = dtype_of(engine, x)
                    if dtype not in (*INTEGERS, "bool", "int"):
                        raise wrong_type(name, f"expected integers or bools, got {dtype}")
            return pair

        return primitive(samples=samples, **facts)(_body(public, prepare))

    return declare


def reduction(name: str, engine: Any, x: Any, axis: Any, keepdims: bool) -> tuple[Any, tuple[int, ...], bool]:
    """Canonical arguments of a reduction."""
    x = as_tensor(engine, x)
    return x, normal_axes(name, axis, len(engine.shape_of(x))), bool(keepdims)


def normal_axis(name: str, axis: Any, rank: int) -> int:
    """`axis` as a non-negative int; raises ValueError outside [-rank, rank).

    >>> normal_axis("sum", -1, 3)
    2
    """
    try:
        index = axis.__index__()
    except AttributeError:
        raise wrong_type(name, f"axis must be an int, got {axis!r}") from None
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


def is_scalar(engine: Any, x: Any) -> bool:
    """Whether `x` is a Python scalar."""
    return not engine.is_tensor(x) and dtype_of(engine, x) in WEAK
