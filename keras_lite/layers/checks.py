"""Checks of constructor arguments that many layers share."""

from __future__ import annotations

import numbers
from typing import Any

from keras_lite.engine.errors import invalid, not_there, wrong_type


def positive(where: str, name: str, value: Any) -> int:
    """`value` as an int that is at least 1."""
    number = _whole(value)
    if number is None or number < 1:
        raise invalid(where, f"{name} must be a positive int, got {value!r}")
    return number


def sizes(where: str, name: str, value: Any, rank: int, lowest: int = 1) -> tuple[int, ...]:
    """One int for each of `rank` axes from an int or a sequence of them, each at least `lowest`.

    >>> sizes("Conv2D", "strides", 2, rank=2)
    (2, 2)
    """
    items = (value,) * rank if _whole(value) is not None else tuple(value) if isinstance(value, (list, tuple)) else ()
    numbers = tuple(_whole(item) for item in items)
    if len(numbers) != rank or any(n is None or n < lowest for n in numbers):
        raise invalid(where, f"{name} must be an int or {rank} ints, at least {lowest}, got {value!r}")
    return numbers  # type: ignore[return-value]  # no None among them


def pairs(where: str, name: str, value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """A (before, after) pair for each of `rank` axes from an int, an int for each axis, or the pairs themselves.

    >>> pairs("ZeroPadding2D", "padding", (1, (2, 0)), rank=2)
    ((1, 1), (2, 0))
    """
    items = (value,) * rank if _whole(value) is not None else value
    if not isinstance(items, (list, tuple)) or len(items) != rank:
        raise invalid(where, f"{name} must be an int or {rank} ints or pairs of ints, got {value!r}")
    return tuple(sizes(where, name, item, 2, lowest=0) for item in items)  # type: ignore[misc]  # two of them


def one_of(where: str, name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """`value` in lower case, if it is among `allowed`."""
    lowered = str(value).lower()
    if lowered not in allowed:
        raise invalid(where, f"{name} must be {' or '.join(repr(a) for a in allowed)}, got {value!r}")
    return lowered


def fraction(where: str, name: str, value: Any) -> Any:
    """`value` if it is a number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 <= float(value) <= 1:
        raise invalid(where, f"{name} must be a number from 0 to 1, got {value!r}")
    return value


def not_negative(where: str, name: str, value: Any) -> Any:
    """`value` if it is a number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not float(value) >= 0:
        raise invalid(where, f"{name} must be a number, at least 0, got {value!r}")
    return value


def listed(where: str, name: str, value: Any) -> list[Any]:
    """The items of a sequence; a string is none."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        raise wrong_type(where, f"{name} must be a sequence, got {value!r}")
    return list(value)


def known_size(where: str, shape: Any, axis: int) -> int:
    """The size of an axis on which the shape of a variable depends."""
    size = shape[axis]
    if size is None:
        raise invalid(where, f"the size of axis {axis} must be known to make the variables, got input shape {tuple(shape)}")
    return size


def no_transforms(where: str, **given: Any) -> None:
    """Refuse the arguments through which Keras quantizes a layer or adds LoRA to it."""
    for name, value in given.items():
        if value is not None:
            raise not_there(where, f"{name}={value!r}: quantization and LoRA are transforms of a whole model, not options of a layer; "
                                   f"leave {name} out (keras_lite.transforms is to hold them)")


def _whole(value: Any) -> int | None:
    """`value` as an int where it is one (bools are not)."""
    return value.__index__() if hasattr(value, "__index__") and not isinstance(value, bool) else None
