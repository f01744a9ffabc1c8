"""Composites as one program each, on an engine which compiles eager calls anyway, one by one: a call then costs one dispatch.

A program is made for the arguments that are not tensors.  Numbers with a fraction among them vary too often for that, and so do others
of which an op had many; what reads the values of tensors can't be compiled.  Such calls run as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float

_FIXED = frozenset((int, bool, str, type(None)))
_MOST = 32  # programs of one op
_programs: dict[str, dict[Any, Callable[..., Any] | None]] = {}  # of each op; None for a call that can't be compiled


def run(record: Any, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The result of a composite, from its program; NotImplemented where that can't be, or where a program is being made."""
    tensors: list[Any] = []
    fixed: list[Any] = []
    for x in (*args, *kwargs.values()) if kwargs else args:
        if engine.is_tensor(x):
            if engine.is_traced(x):
                return NotImplemented
            tensors.append(x)
            fixed.append(None)  # a place for a tensor: what is fixed stands there as a pair
        elif not _is_fixed(x):
            return NotImplemented
        else:
            fixed.append((x.__class__, x))
    if not tensors:
        return NotImplemented
    known, key = _programs.setdefault(record.name, {}), (engine, len(args), *kwargs, *fixed, *_settings())
    program = known.get(key)
    if program is None:
        if key in known or len(known) >= _MOST:  # none is dropped: numbers that go round would be compiled at each call
            return NotImplemented
        program = known[key] = engine.compile(_whole(record, engine, fixed, len(args), tuple(kwargs)))
    try:
        found = program(*tensors)
    except Exception:  # of an argument which is wrong, or of a value that is read: the body will tell
        found = record.body(*args, **kwargs)
        known[key] = None
        return found
    if not record.fails:
        return found
    # inside a larger program, though no argument is of it, nobody knows whether it failed: neither would the body
    return found[0] if engine.is_traced(found[1]) or bool(found[1]) else NotImplemented


def _is_fixed(x: Any) -> bool:
    return x.__class__ in _FIXED or (x.__class__ is tuple and all(map(_is_fixed, x)) and bool not in map(type, x))  # True is equal to 1


def _settings() -> tuple[Any, ...]:
    """What bodies of ops look up: a program is traced for it."""
    return (config.floatx(), config.epsilon(), config.image_data_format(), config.is_flash_attention_enabled(), config.random(),
            registry.order())


def _whole(record: Any, engine: Any, fixed: list[Any], count: int, names: tuple[str, ...]) -> Callable[..., Any]:
    """The body of a composite as a function of the tensors alone."""
    body = of_tensors(record.body, fixed, count, names)
    if not record.fails:
        return body

    def call(*tensors: Any) -> Any:
        result = body(*tensors)
        return result, _is_sound(engine, result)

    return call


def of_tensors(function: Callable[..., Any], fixed: Sequence[Any], count: int, names: tuple[str, ...] = ()) -> Callable[..., Any]:
    """`function` of its tensors alone; `fixed` has a pair of class and value for each other argument and None for a tensor, first `count`
    by position and then those with `names`."""

    def call(*tensors: Any) -> Any:
        rest = iter(tensors)
        values = [next(rest) if known is None else known[1] for known in fixed]
        return function(*values[:count], **dict(zip(names, values[count:], strict=True)))

    return call


def _is_sound(engine: Any, result: Any) -> Any:
    """Whether all numbers of a result are finite, as a scalar tensor."""
    sound = engine.full((), True, "bool")
    for x in _leaves(result):
        if is_float(engine.dtype_of(x)):
            axes = tuple(range(len(engine.shape_of(x))))
            sound = engine.bitwise_and(sound, engine.reduce_all(engine.is_finite(x), axes, False))
    return sound


def _leaves(result: Any) -> Iterator[Any]:
    yield from result if isinstance(result, (list, tuple)) else (result,)
