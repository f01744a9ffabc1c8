"""The errors that the frontend raises.  They are Python's own types, marked so that they are shown as they are."""

import contextlib
import difflib
import functools
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any


def _marked(error: Exception) -> Exception:
    error.keras_lite = True  # type: ignore[attr-defined]  # `is_clear` reads it: nothing has to explain this error further
    return error


def is_clear(error: BaseException) -> bool:
    """Whether `error` was written by the frontend and needs no further explanation."""
    return getattr(error, "keras_lite", False)


def invalid(where: str, problem: str) -> Exception:
    """ValueError "where: problem" for values, shapes and dtypes that do not fit."""
    return _marked(ValueError(f"{where}: {problem}"))


def wrong_type(where: str, problem: str) -> Exception:
    """TypeError "where: problem" for objects of a kind that is not accepted."""
    return _marked(TypeError(f"{where}: {problem}"))


def not_there(where: str, problem: str) -> Exception:
    """NotImplementedError for what an engine truly cannot do; `problem` names the engines that can."""
    return _marked(NotImplementedError(f"{where}: {problem}"))


def unknown_name(kind: str, name: object, known: Iterable[str]) -> Exception:
    """ValueError for a misspelt name, with the nearest known ones."""
    names = sorted(set(known))
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    lowered = {n.lower(): n for n in names}
    near = near or [lowered[n] for n in difflib.get_close_matches(str(name).lower(), lowered, n=3, cutoff=0.5)]
    hint = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else f"known: {', '.join(names)}"
    return _marked(ValueError(f"unknown {kind} {name!r}; {hint}"))


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
    if traceback.tb_frame.f_globals.get("__name__", "").partition(".")[0].startswith("keras_lite"):
        return rest
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)


def briefly(method: Callable[..., Any]) -> Callable[..., Any]:
    """A public method whose clear errors are shown with the user's frames alone."""

    @functools.wraps(method)
    def shown(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except Exception as error:
            if is_clear(error):
                raise brief(error) from None
            raise

    return shown
