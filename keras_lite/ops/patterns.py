"""Patterns of named axes, as in `"b (h k) w -> b h (k w)"`.

The notation is that of einops (Rogozhnikov, ICLR 2022): names and 1 (an axis of that size) apart by spaces, parentheses around axes that
are one axis of the tensor, "..." for any number of axes.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from keras_lite.engine.errors import invalid
from keras_lite.ops import sizes

DOTS = "..."
Group = tuple[str, ...] | str  # the axes that are one of the tensor, or "..." for those that stand for themselves
_TOKEN = re.compile(r"\s*(\.\.\.|[()]|[A-Za-z_]\w*|\d+)\s*")


@functools.lru_cache(maxsize=256)
def parsed(pattern: str) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """The groups of axes on both sides.  Raises ValueError saying what is wrong with the pattern.

    >>> parsed("b (h w) ... -> ... (b h) w")
    ((('b',), ('h', 'w'), '...'), ('...', ('b', 'h'), ('w',)))
    """
    sides = pattern.split("->")
    if len(sides) != 2:
        raise _wrong(pattern, 'expected two sides with one "->" between them')
    left, right = (_groups(pattern, side) for side in sides)
    names = [[name for group in side for name in ([DOTS] if group == DOTS else group)] for side in (left, right)]
    for side in names:
        twice = sorted({name for name in side if side.count(name) > 1})
        if twice:
            raise _wrong(pattern, f"{twice[0]!r} stands twice on one side")
    alone = sorted(set(names[0]) ^ set(names[1]))
    if alone:
        raise _wrong(pattern, f"{', '.join(map(repr, alone))} stands on one side only")
    if any(group != DOTS and DOTS in group for group in left):
        raise _wrong(pattern, '"..." stands in parentheses on the left side')
    return left, right


def _wrong(pattern: str, problem: str) -> Exception:
    return invalid("rearrange", f"{problem}: {pattern!r}")


def _groups(pattern: str, side: str) -> tuple[Group, ...]:
    groups: list[Group] = []
    inside: list[str] | None = None
    at, side = 0, side.strip()
    while at < len(side):
        token = _TOKEN.match(side, at)
        if token is None:
            raise _wrong(pattern, f"can't read {side[at:]!r}")
        at, text = token.end(), token.group(1)
        if text.isdigit() and int(text) != 1:
            raise _wrong(pattern, f"axes without a name have size 1, got {text}; name the axis and give its size")
        if text == "(" and inside is None:
            inside = []
        elif text == ")" and inside is not None:
            groups.append(tuple(inside))
            inside = None
        elif text in ("(", ")"):
            raise _wrong(pattern, "parentheses are not paired" if text == ")" else "parentheses stand inside of others, or are not paired")
        elif inside is None:
            groups.append(() if text == "1" else text if text == DOTS else (text,))
        elif text != "1":
            inside.append(text)
    if inside is not None:
        raise _wrong(pattern, "parentheses are not paired")
    return tuple(groups)


def spread(pattern: str, groups: tuple[Group, ...], rank: int) -> tuple[Group, ...]:
    """The groups of the left side for a tensor of `rank` axes, those under "..." named "...0", "...1" and so on."""
    dots = DOTS in groups
    named = len(groups) - dots
    if rank < named or (rank > named and not dots):
        raise _wrong(pattern, f"the left side names {'at least ' * dots}{named} axes, the tensor has {rank}")
    return tuple(g for group in groups for g in ([(f"{DOTS}{i}",) for i in range(rank - named)] if group == DOTS else [group]))


def with_dots(groups: tuple[Group, ...], hidden: list[str]) -> tuple[Group, ...]:
    """The groups of the right side with the `hidden` axes in place of "..."."""
    out: list[Group] = []
    for group in groups:
        if group == DOTS:
            out += [(name,) for name in hidden]
        else:
            out.append(tuple(n for name in group for n in (hidden if name == DOTS else [name])))
    return tuple(out)


def solved(pattern: str, groups: tuple[Group, ...], shape: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:
    """The size of each axis: from the tensor's `shape`, and for axes in parentheses as far as they are `given`."""
    found: dict[str, Any] = dict(given)
    for group, size in zip(groups, shape, strict=True):
        missing = [name for name in group if name not in given]
        known = sizes.product(given[name] for name in group if name in given)
        if len(missing) > 1:
            raise _wrong(pattern, f"the sizes of {', '.join(map(repr, missing[1:]))} are needed")
        if isinstance(size, int) and isinstance(known, int) and (size % known or (not missing and size != known)):
            raise _wrong(pattern, f"an axis of size {size} can't be {_shown(group, given)}")
        if missing:
            found[missing[0]] = None if None in (size, known) else size if isinstance(known, int) and known == 1 else size // known
    return found


def _shown(group: Group, given: dict[str, int]) -> str:
    return f"({' '.join(f'{name}={given[name]}' if name in given else name for name in group)})" if group else "1"
