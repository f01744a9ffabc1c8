"""What a variable's value is: the innermost scope's binding, else the variable's own.

Eager code and compiled steps are the same code.  A `Scope` binds variables to tensors and catches what is assigned inside it;
who opened the scope decides what becomes of the writes (a compiled step returns them, `value_and_grad` passes them outward).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, Self

from keras_lite.symbolic.spec import KerasTensor

_innermost: ContextVar[Any] = ContextVar("keras_lite_scope", default=None)
_autocast: ContextVar[str | None] = ContextVar("keras_lite_autocast", default=None)


class Scope:
    """Bindings of variables to tensors; writes inside the `with` block stay in it.

    `written` lists the variables that were assigned, in order of the first assignment.  What layers add to the losses when they are
    called inside is added to `collected`, if that is a list.
    """

    collected: list[Any] | None = None

    def __init__(self, bindings: Iterable[tuple[Any, Any]] = ()):
        self._values = {variable.key: value for variable, value in bindings}
        self._written: dict[int, Any] = {}
        self._at_end: list[Callable[[], None]] = []
        self.parent: Scope | None = None

    def __enter__(self) -> Self:
        self.parent = _innermost.get()
        self._token = _innermost.set(self)
        return self

    def __exit__(self, *exc: object) -> None:
        _innermost.reset(self._token)
        while self._at_end:
            self._at_end.pop()()

    def at_end(self, forget: Callable[[], None]) -> None:
        """Call `forget` when this scope is left: its tensors may be those of a trace, which must not be kept elsewhere."""
        self._at_end.append(forget)

    def lookup(self, variable: Any) -> Any:
        """The tensor bound to `variable` here or further out; None if there is none."""
        value = self._values.get(variable.key)
        return self.parent.lookup(variable) if value is None and self.parent is not None else value

    def write(self, variable: Any, value: Any) -> None:
        self._values[variable.key] = value
        self._written[variable.key] = variable

    @property
    def written(self) -> list[Any]:
        return list(self._written.values())

    def value_of(self, variable: Any) -> Any:
        """The value of `variable` as seen from inside this scope, also after it was left."""
        value = self.lookup(variable)
        return variable.own_value if value is None else value

    def commit(self) -> None:
        """Assign what was written here to the variables themselves, as seen from outside."""
        for variable in self.written:
            variable.assign(self._values[variable.key])


def current_scope() -> Scope | None:
    """The innermost scope, None in plain eager code."""
    return _innermost.get()


def only_shapes_are_wanted() -> bool:
    """Whether the innermost scope for describing, if there is one, is a `ShapesScope`."""
    scope = _innermost.get()
    while scope is not None and not isinstance(scope, AbstractScope):
        scope = scope.parent
    return scope is None or isinstance(scope, ShapesScope)


class outside_scopes:  # called like a function
    """Scope in which variables have their own values and keep what is assigned, whatever is being traced around it."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _innermost.set(None)

    def __exit__(self, *exc: object) -> None:
        _innermost.reset(self._token)


@contextlib.contextmanager
def autocast(dtype: str | None) -> Iterator[None]:
    """Scope in which float variables are read in `dtype` (mixed precision); None switches it off."""
    token = _autocast.set(dtype)
    try:
        yield
    finally:
        _autocast.reset(token)


class AbstractScope(Scope):
    """A scope for describing: every variable reads as its shape and dtype, writes change nothing outside.

    `read` lists the variables that were looked at, `written` those that were assigned.
    """

    def __init__(self) -> None:
        super().__init__()
        self._read: dict[int, Any] = {}

    def lookup(self, variable: Any) -> Any:
        value = self._values.get(variable.key)
        if value is None:
            self._read[variable.key] = variable
            value = variable.spec
        return value

    @property
    def read(self) -> list[Any]:
        return list(self._read.values())


class ShapesScope(AbstractScope):
    """A scope for describing in which nothing but shapes and dtypes is wanted: what a layer says about its own output is enough."""


class TracingScope(Scope):
    """A scope inside an `AbstractScope` for describing by an engine: variables have values again.

    What is read and written is noted in the scopes around it, in which it is specs.
    """

    def lookup(self, variable: Any) -> Any:
        value = self._values.get(variable.key)
        if value is None and self.parent is not None:
            outer = self.parent.lookup(variable)
            value = None if isinstance(outer, KerasTensor) else outer
        return value

    def write(self, variable: Any, value: Any) -> None:
        super().write(variable, value)
        if self.parent is not None:
            self.parent.write(variable, variable.spec)
