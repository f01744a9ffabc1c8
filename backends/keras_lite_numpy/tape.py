"""Reverse-mode differentiation: traced tensors, and functions that know their derivatives.

A function and its derivative are said side by side:

    exp = primitive(np.exp, lambda g, y, x: multiply(g, y))

On arrays `exp` is `np.exp`.  On a `Traced` tensor the result is traced too and remembers how to pull a gradient back.  Derivatives
are written with functions of the engine, so they can be differentiated again: each `value_and_grad` has a level of its own, and a
tensor of an inner level can hold one of an outer level.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from keras_lite.engine.errors import wrong_type

Tensor = Any
Derivative = Callable[..., Tensor] | None

_numbers = itertools.count(1)
_silent: ContextVar[bool] = ContextVar("keras_lite_numpy_silent", default=False)


class Traced:
    """A tensor under differentiation.

    `value` is an array, or a traced tensor of an outer level, or a list of them where a function has several results.
    `pull(gradient)` gives pairs of a parent and its gradient; the tensors to differentiate by have no parents.
    """

    __slots__ = ("level", "number", "pull", "value")
    __array_ufunc__ = None  # NumPy leaves `array + traced` to the operators of this class

    def __init__(self, value: Any, level: int, pull: Callable[[Any], Iterable[tuple[Traced, Any]]] | None = None):
        self.value, self.level, self.pull = value, level, pull
        self.number = next(_numbers)  # grows from arguments to results

    dtype = property(lambda self: self.value.dtype)
    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise wrong_type("NumPy function", "a tensor under differentiation can't become an array; use keras_lite.ops, or "
                                           "ops.stop_gradient and ops.convert_to_numpy to leave it out of the gradient")

    def __repr__(self) -> str:
        return f"Traced({self.value!r})"


def values_of(x: Tensor) -> np.ndarray:
    """The array under all levels."""
    while x.__class__ is Traced:
        x = x.value
    return x


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Scope without NumPy's warnings about overflow and the like: NaN and infinity are results like others here."""
    token = _silent.set(True)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        _silent.reset(token)


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> np.ndarray:
    """`function(*args)` of arrays, always as an array and without warnings."""
    if _silent.get():
        y = function(*args, **kwargs)
    else:
        with np.errstate(all="ignore"):  # entering it costs more than a small function, hence the scope above
            y = function(*args, **kwargs)
    return y if y.__class__ is np.ndarray or y is NotImplemented else np.asarray(y)


def primitive(forward: Callable[..., Any], *derivatives: Derivative) -> Callable[..., Tensor]:
    """A function of tensors and other arguments, by position, that can be differentiated.

    `derivatives[i](g, y, *args)` is the gradient of argument `i` for the gradient `g` of the result `y`; None or a missing one
    cuts it off.
    """
    def function(*args: Any) -> Tensor:
        level = level_of(args)
        if not level:
            return call(forward, *args)
        return record(function, derivatives, level, args)

    return function


def level_of(args: Iterable[Any]) -> int:
    """The innermost level of the traced tensors among `args`, 0 without any."""
    level = 0
    for x in args:
        if x.__class__ is Traced and x.level > level:
            level = x.level
    return level


def outside(args: Iterable[Any], level: int) -> tuple[Any, ...]:
    """The arguments as the next outer level sees them."""
    return tuple(x.value if x.__class__ is Traced and x.level == level else x for x in args)


def record(function: Callable[..., Any], derivatives: Sequence[Derivative], level: int, args: Sequence[Any]) -> Tensor:
    """The result of a function of which an argument is traced at `level`, its innermost one."""
    inner = outside(args, level)
    y = function(*inner)
    parents = [(x, derivative) for x, derivative in zip(args, derivatives, strict=False)
               if derivative is not None and x.__class__ is Traced and x.level == level]
    if not parents:
        return y
    return Traced(y, level, lambda g: [(x, derivative(g, y, *inner)) for x, derivative in parents])


def several(values: list[Tensor], level: int, pull: Callable[[dict[int, Tensor]], Iterable[tuple[Traced, Tensor]]]) -> list[Tensor]:
    """Traced tensors for the results of one function; `pull` gets the gradients that there are by position."""
    node = Traced(values, level, pull)

    def pull_of(i: int) -> Callable[[Tensor], Iterable[tuple[Traced, Any]]]:
        return lambda g: ((node, {i: g}),)

    return [Traced(value, level, pull_of(i)) for i, value in enumerate(values)]


def gradients(end: Traced, g: Tensor, roots: list[Any], add: Callable[[Tensor, Tensor], Tensor]) -> list[Tensor | None]:
    """Gradients of `roots` for the gradient `g` of `end`; None for one that `end` does not depend on, such as an integer array."""
    found: dict[int, Any] = {end.number: g}
    waiting = [(-end.number, end)]  # results come before their arguments
    while waiting:
        node = heapq.heappop(waiting)[1]
        if node.pull is None:
            continue
        for parent, gradient in node.pull(found.pop(node.number)):
            if gradient is None:
                continue
            if parent.number not in found:
                found[parent.number] = gradient
                heapq.heappush(waiting, (-parent.number, parent))
            elif gradient.__class__ is dict:
                _merge(found[parent.number], gradient, add)
            else:
                found[parent.number] = add(found[parent.number], gradient)
    return [found.get(root.number) if root.__class__ is Traced else None for root in roots]


def _merge(into: dict[int, Tensor], other: dict[int, Tensor], add: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Add the gradients of several results."""
    for i, g in other.items():
        into[i] = add(into[i], g) if i in into else g
