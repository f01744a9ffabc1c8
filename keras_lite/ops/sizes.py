"""Arithmetic on axis sizes.

A size is an int, None (unknown, while a model is described) or a scalar tensor (unknown, inside an engine's graph).
Composites compute with sizes through these functions, so that they run on all three.  What else a user gives as an int (an axis, a
number of parts) is read here too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_integer
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops.kinds import shown

_MOST_PARTS = 2**20


def plus(a: Any, b: Any) -> Any:
    """`a + b`; None if one is unknown."""
    return None if a is None or b is None else a + b


def minus(a: Any, b: Any) -> Any:
    """`a - b`; None if one is unknown."""
    return None if a is None or b is None else a - b


def times(a: Any, b: Any) -> Any:
    """`a * b`; None if one is unknown."""
    return None if a is None or b is None else a * b


def smaller(a: Any, b: Any) -> Any:
    """The smaller of two sizes; None if one is unknown."""
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    return None if a is None or b is None else registry.current().minimum(a, b)


def larger(a: Any, b: Any) -> Any:
    """The larger of two sizes; None if one is unknown."""
    if isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    return None if a is None or b is None else registry.current().maximum(a, b)


def place(index: Any, n: Any) -> Any:
    """The bound `index` of a slice, counted from the end if it is negative, as a number from 0 to the size `n`.

    >>> place(2, 5), place(-2, 5), place(9, 5), place(-9, 5)
    (2, 3, 5, 0)
    """
    return smaller(larger(from_end(index, n), 0), n)


def from_end(index: Any, n: Any) -> Any:
    """`index`, counted from the end of an axis of size `n` if it is negative."""
    if index is None or n is None:
        return None
    if isinstance(index, int):
        return index if index >= 0 else index + n
    engine = registry.current()
    return engine.where(engine.less(index, 0), index + n, index)


def number(n: Any) -> Any:
    """`n` for arithmetic with tensors; 0 if it is unknown, for on specs any number has the same shape."""
    return 0 if n is None else n


def product(sizes: Iterable[Any]) -> Any:
    """Product of all sizes; None if one is unknown.

    >>> product((2, 3)), product((2, None))
    (6, None)
    """
    total: Any = 1
    for n in sizes:
        total = times(total, n)
    return total


def divided(name: str, n: Any, parts: int) -> Any:
    """`n / parts`; raises ValueError where `parts` does not divide `n`."""
    if n is None:
        return None
    if isinstance(n, int) and (parts <= 0 or n % parts):
        raise invalid(name, f"size {n} can't be divided into {parts} equal parts")
    return n // parts


def is_empty(shape: Iterable[Any]) -> bool:
    """Whether one of the sizes is known to be 0."""
    return any(isinstance(n, int) and n == 0 for n in shape)


def whole(n: Any) -> int | None:
    """`n` as an int if it is one by its type and its value is known; None for bools, fractions, arrays with axes and all else.

    >>> whole(3), whole(True), whole(3.0), whole("3")
    (3, None, None, None)
    """
    if n.__class__ is int:
        return n
    if n.__class__ is bool:
        return None
    try:
        if len(getattr(n, "shape", ())) or str(getattr(n, "dtype", "")).endswith("bool"):
            return None
        return int(n.__index__())
    except (AttributeError, TypeError, ValueError, NotImplementedError):  # of tensors in a trace
        return None


def as_int(name: str, parameter: str, n: Any, least: int | None = None) -> int:
    """A parameter given by a user as an int: raises TypeError for what is none (see `whole`) and ValueError below `least`."""
    found = whole(n)
    bound = "" if least is None else f" of at least {least}"
    if found is None:
        known = " whose value is known beforehand" if is_scalar(registry.current(), n) else ""
        raise wrong_type(name, f"{parameter} must be an int{bound}{known}, got {shown(n)}")
    if least is not None and found < least:
        raise invalid(name, f"{parameter} must be an int{bound}, got {found}")
    return found


def as_parts(name: str, n: Any, least: int | None = None) -> int:
    """A number of parts given by a user: raises ValueError where so many tensors would fill the memory, as empty ones could."""
    parts = as_int(name, "the number of parts", n, least)
    if parts > _MOST_PARTS:
        raise invalid(name, f"{parts} parts are too many: each of them is a tensor")
    return parts


def is_scalar(engine: Any, n: Any) -> bool:
    """Whether `n` is a tensor that holds one integer."""
    return engine.is_tensor(n) and is_integer(engine.dtype_of(n)) and not engine.shape_of(n)


def is_unknown(n: Any) -> bool:
    """Whether a number given by a user is none yet: None on specs, a scalar tensor there and inside a graph of unknown sizes."""
    engine = registry.current()
    if not engine.has_unknown_sizes:
        return False
    return (engine.is_abstract and n is None) or (is_scalar(engine, n) and whole(n) is None)


def as_count(name: str, parameter: str, n: Any, least: int | None = None) -> Any:
    """`as_int` of a number that may still be unknown: then a scalar int32 tensor, or None on specs."""
    if n.__class__ is int or not is_unknown(n):
        return as_int(name, parameter, n, least)
    engine = registry.current()
    return None if engine.is_abstract else engine.cast(n, "int32")


def as_turns(name: str, parameter: str, n: Any) -> Any:
    """`as_count` of the turns of a loop, of which there are at most as int32 can count."""
    turns = as_count(name, parameter, n, 0)
    if turns.__class__ is int and turns >= 2**31:
        raise invalid(name, f"{parameter} must fit int32, got {turns}")
    return turns


def as_size(name: str, engine: Any, n: Any) -> Any:
    """One size given by a user: an int (-1 included), None, or a scalar int32 tensor whose value can't be read yet."""
    if n is None or type(n) is int:
        return n
    size = whole(n)
    if size is not None:
        return size
    if not is_scalar(engine, n):
        raise wrong_type(name, f"sizes must be ints, got {shown(n)}")
    if not engine.has_unknown_sizes:
        raise wrong_type(name, f"sizes must be known before a function of {engine.name} is compiled, got {shown(n)}")
    return None if engine.is_abstract else engine.cast(n, "int32")


def entries(name: str, engine: Any, vector: Any) -> list[Any]:
    """The elements of a tensor with one axis of a known size, as scalar tensors."""
    shape = engine.shape_of(vector)
    if not shape or not isinstance(shape[0], int):
        raise invalid(name, f"a tensor in place of a list of numbers needs a known number of them, got shape {shape}")
    return [engine.reshape(engine.strided_slice(vector, (i,), (i + 1,), (1,)), ()) for i in range(shape[0])]


def as_shape(name: str, engine: Any, shape: Any) -> tuple[Any, ...]:
    """A shape given by a user as a tuple of sizes; an int is a shape of rank 1."""
    if shape.__class__ is tuple:
        for n in shape:
            if n.__class__ is not int or n < -1:
                break
        else:
            return shape
    if not isinstance(shape, (list, tuple)):
        axes = len(getattr(shape, "shape", ()))
        shape = (shape,) if not axes else entries(name, engine, shape) if axes == 1 and engine.is_tensor(shape) else tuple(shape)
    sizes = tuple(as_size(name, engine, n) for n in shape)
    if any(type(n) is int and n < -1 for n in sizes):
        raise invalid(name, f"sizes can't be negative, got {sizes}")
    return sizes


def known_shape(name: str, engine: Any, shape: Any) -> tuple[Any, ...]:
    """`as_shape` of a tensor that is to be made: -1 is refused, and None where values are computed."""
    sizes = as_shape(name, engine, shape)
    if any(type(n) is int and n < 0 for n in sizes) or (not engine.is_abstract and any(n is None for n in sizes)):
        raise invalid(name, f"all sizes must be known and not negative, got {sizes}")
    return sizes
