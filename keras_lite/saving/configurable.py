"""Configurable: `get_config` and `from_config` from the constructor's own arguments."""

from __future__ import annotations

import functools
import inspect
from typing import Any, ClassVar, NamedTuple

from keras_lite.engine.errors import misspelt, wrong_type

_ABSENT = object()


class Configurable:
    """Base of everything that is described by its constructor arguments: layers, initializers, losses, optimizers, ...

    The arguments are recorded when an instance is made, so no subclass writes `get_config`, and none can forget an argument.
    """

    _recorded: dict[str, Any]
    _left_out: ClassVar[dict[str, Any]] = {}
    """Arguments that are no part of the config while they have this value."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        takes_none = cls.__init__ is object.__init__
        if takes_none and (args or kwargs):
            raise wrong_type(cls.__name__, f"takes no arguments, got {[*args, *kwargs]!r}")
        instance = super().__new__(cls)
        instance.__dict__["_recorded"] = {} if takes_none else _bound(cls, args, kwargs)
        return instance

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments in serialized form."""
        from keras_lite.saving.serialization import config_of

        return config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A new instance from `get_config`'s dictionary."""
        from keras_lite.saving.serialization import arguments_of

        return cls(**arguments_of(cls, config))

    def _argument(self, name: str, declared_by: type) -> Any:
        """The present value of a constructor argument.

        For the package's own classes the attribute of that name, so that a changed `layer.rate` shows.  For other classes what was
        given: an attribute of the same name may hold something else, such as the layer made from a number.
        """
        own = is_own(declared_by) or name == "name"
        value = getattr(self, name, _ABSENT) if own else _ABSENT
        return self._recorded.get(name) if value is _ABSENT else value


@functools.cache
def constructor_parameters(cls: type) -> dict[str, type]:
    """The arguments that describe an instance of `cls`, each with the class that declares it.

    They are those of the constructor, where `**kwargs` leads on to the base class.  A user's class with a `get_config` of its own
    adds to what `super().get_config()` gives, which so has the arguments of the classes behind it.
    """
    found: dict[str, type] = {}
    for base in cls.__mro__[_described_by_user(cls):]:
        if "__init__" not in vars(base) or base is object:
            continue
        parameters = list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]
        for parameter in parameters:
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                found.setdefault(parameter.name, base)
        if not any(p.kind == p.VAR_KEYWORD for p in parameters):
            break
    return found


def _described_by_user(cls: type) -> int:
    """How many classes there are up to the last one with a `get_config` that is not the package's."""
    return max((i + 1 for i, base in enumerate(cls.__mro__) if "get_config" in vars(base) and not is_own(base)), default=0)


def is_given_by_subclass(cls: type, name: str, declared_by: type) -> bool:
    """Whether an argument that an instance of `cls` was not given came from its own constructor: a class behind it asks for it.

    So it is no part of the config, unless a `get_config` of the user's is made on top of it.
    """
    return _constructor(declared_by).defaults[name] is _ABSENT and not _described_by_user(cls)


def is_own(thing: Any) -> bool:
    """Whether a class or function belongs to the package itself."""
    return thing.__module__ is not None and thing.__module__.partition(".")[0] == "keras_lite"


class _Constructor(NamedTuple):
    """The parameters of a constructor."""

    signature: inspect.Signature
    itself: str  # the name of `self`
    names: tuple[str, ...]  # of those that may be given by place
    defaults: dict[str, Any]  # of all, in order; _ABSENT where there is none
    variadic: bool
    plain: bool  # whether all can be given by name


@functools.cache
def _constructor(cls: type) -> _Constructor:
    signature = inspect.signature(cls.__init__)  # type: ignore[misc]  # the class at hand, not an instance of a subclass
    itself, *parameters = signature.parameters.values()
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    defaults = {p.name: _ABSENT if p.default is p.empty else p.default for p in parameters if p.kind not in variadic}
    kinds = {p.kind for p in (itself, *parameters)}
    return _Constructor(signature, itself.name, tuple(p.name for p in parameters if p.kind in by_place), defaults, variadic[0] in kinds,
                        not kinds & {by_place[0], variadic[1]})


def _bound(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Constructor arguments by name (variable keyword arguments merged in), defaults included; {} if they do not fit.

    Raises TypeError for misspelt ones.
    """
    constructor = _constructor(cls)
    signature = constructor.signature
    if constructor.plain and len(args) <= len(constructor.names) and constructor.itself not in kwargs:
        given = dict(zip(constructor.names, args, strict=False))
        recorded = {**constructor.defaults, **given, **kwargs}
        known = constructor.variadic or len(recorded) == len(constructor.defaults)
        if known and given.keys().isdisjoint(kwargs) and not any(value is _ABSENT for value in recorded.values()):
            return recorded
    try:
        bound = signature.bind(None, *args, **kwargs)
    except TypeError:
        problem = misspelt(cls.__init__, kwargs, cls.__name__)  # type: ignore[misc]  # the class at hand
        if problem is not None:
            raise problem from None
        return {}  # the constructor itself will say what is wrong
    bound.apply_defaults()
    recorded = dict(bound.arguments)
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            recorded.update(recorded.pop(parameter.name))
        elif parameter.kind is parameter.VAR_POSITIONAL:
            recorded.pop(parameter.name)
    recorded.pop(next(iter(signature.parameters)), None)
    return recorded
