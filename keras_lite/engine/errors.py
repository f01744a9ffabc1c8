"""The errors that the frontend raises.  They are Python's own types, marked so that they are shown as they are."""

import contextlib
import difflib
import functools
import inspect
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any


def _marked(error: Exception, where: str = "") -> Exception:
    error.keras_lite = True  # type: ignore[attr-defined]  # `is_clear` reads it: nothing has to explain this error further
    error.where = where  # type: ignore[attr-defined]  # what its message begins with; see `renamed`
    return error


def is_clear(error: BaseException) -> bool:
    """Whether `error` was written by the frontend and needs no further explanation."""
    return getattr(error, "keras_lite", False)


def invalid(where: str, problem: str) -> Exception:
    """ValueError "where: problem" for values, shapes and dtypes that do not fit."""
    return _marked(ValueError(f"{where}: {problem}"), where)


def wrong_type(where: str, problem: str) -> Exception:
    """TypeError "where: problem" for objects of a kind that is not accepted."""
    return _marked(TypeError(f"{where}: {problem}"), where)


def not_there(where: str, problem: str) -> Exception:
    """NotImplementedError for what an engine truly cannot do; `problem` names the engines that can."""
    return _marked(NotImplementedError(f"{where}: {problem}"), where)


def no_file(where: str, problem: str) -> Exception:
    """FileNotFoundError "where: problem" for a file that is not there."""
    return _marked(FileNotFoundError(f"{where}: {problem}"), where)


def place_of(error: Exception) -> str:
    """The "where" of a clear error "where: problem"; empty for one that says none."""
    return getattr(error, "where", "")


def renamed(error: Exception, where: str) -> Exception:
    """A clear error "where: problem", changed to name another place."""
    error.args = (f"{where}: {str(error).removeprefix(f'{place_of(error)}: ')}",)
    return _marked(error, where)


def unknown_name(kind: str, name: object, known: Iterable[str]) -> Exception:
    """ValueError for a misspelt name, with the nearest known ones."""
    names = sorted(set(known))
    near = _nearest(str(name), names)
    hint = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else f"known: {', '.join(names)}"
    return _marked(ValueError(f"unknown {kind} {name!r}; {hint}"))


def unknown_arguments(where: str, given: Iterable[str], known: Iterable[str] | Callable[..., Any],
                      kind: Callable[[str, str], Exception] = wrong_type) -> Exception:
    """The error (of `kind`) for keyword arguments that nothing takes, with the nearest one to each of those that a function takes."""
    unknown, names = sorted(given), sorted(set(_parameters(known) if callable(known) else known))
    near = {name: repr(found[0]) for name in unknown if (found := _nearest(name, names))}
    hints = ", ".join(parameter if len(unknown) == 1 else f"{parameter} for {name!r}" for name, parameter in near.items())
    return kind(where, f"unknown arguments {unknown}; " + (f"did you mean {hints}?" if hints else f"known: {', '.join(names)}"))


def misspelt(function: Callable[..., Any], kwargs: dict[str, Any], where: str | None = None) -> Exception | None:
    """TypeError for the keyword arguments that `function` can't take; None if it takes them all."""
    known = _parameters(function)
    unknown = set(kwargs) - set(known)
    if not unknown or any(p.kind == p.VAR_KEYWORD for p in inspect.signature(function).parameters.values()):
        return None
    return unknown_arguments(where or function.__name__, unknown, known)


def _parameters(function: Callable[..., Any]) -> list[str]:
    """Names of the parameters that can be given by name."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name != "self"]


def _nearest(name: str, names: list[str]) -> list[str]:
    """The names that are spelt like `name`, or like it but for the case, or whose words have its letters as initials."""
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    lowered = {n.lower(): n for n in names}
    near = near or [lowered[n] for n in difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)]
    return near or [n for n in names if "".join(word[:1] for word in n.split("_")) == name]


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """A warning that points to the user's line: the innermost frame outside the package."""
    frame: FrameType | None = sys._getframe(1)
    level = 2
    while frame is not None and _is_inside(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _is_inside(frame: FrameType) -> bool:
    """Whether a frame runs code of the package or of one of its engines."""
    return frame.f_globals.get("__name__", "").partition(".")[0].startswith("keras_lite")


@contextlib.contextmanager
def explained(error: Exception, second_try: str) -> Iterator[None]:
    """Scope of a second try after `error`: if that fails too, `error` is raised, with a note of what went wrong then."""
    try:
        yield
        return
    except Exception as second:
        other = second
    if (type(other), str(other)) != (type(error), str(error)):
        error.add_note(f"{second_try}: {type(other).__name__}: {other}")
    raise error


def brief(error: Exception) -> Exception:
    """A clear error with a traceback of the user's frames alone: what lies inside the package explains nothing to them."""
    return error.with_traceback(_outside(error.__traceback__))


def _outside(traceback: TracebackType | None) -> TracebackType | None:
    if traceback is None:
        return None
    rest = _outside(traceback.tb_next)
    if _is_inside(traceback.tb_frame):
        return rest
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)


def briefly(method: Callable[..., Any]) -> Callable[..., Any]:
    """A public method whose clear errors are shown with the user's frames alone; among them those of misspelt arguments."""

    @functools.wraps(method)
    def shown(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except Exception as error:
            clear = error if is_clear(error) else misspelt(method, kwargs) if kwargs and isinstance(error, TypeError) else None
            if clear is None:
                raise
            raise brief(clear) from None

    return shown
