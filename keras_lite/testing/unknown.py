"""Unknown sizes: a spec made with None must agree with the specs of concrete sizes in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from keras_lite.engine.errors import is_clear
from keras_lite.state import tree
from keras_lite.symbolic import engine as abstract
from keras_lite.testing.bench import Bench
from keras_lite.testing.calls import Call, invoke, places
from keras_lite.testing.checks import Failure

Shapes = tuple[tuple[Any, ...], ...]
ENOUGH = 3  # so many sizes that fit say whether a size of the result depends on them
SIZES = (0, 1, 2, 3, 5, 8)  # small, odd and even; sizes that do not fit the other arguments are passed over


def unknown_sizes(bench: Bench, index: int) -> None:
    """Each size of each array in turn, and all of them at once, replaced by None."""
    call = bench.call(index)
    for question, concrete in questions(call):
        answer = _answer(call, question)
        if answer is None:
            continue  # a clear refusal is an answer; docs/coverage.md lists which sizes must be known
        known = {}
        for shapes in concrete:
            try:
                known[shapes] = _specs(call, shapes)
            except ValueError as error:
                if not is_clear(error) or shapes == _shapes(call):
                    raise
        for shapes, specs in known.items():
            _agree(question, answer, shapes, specs)
        if sum(shape.count(None) for shape in question) == 1:
            _knows_enough(question, answer, list(known.values()))


def needed_sizes(call: Call) -> list[str]:
    """Which sizes the op refuses to take as unknown, as "parameter[axis]"."""
    needed = []
    for question, _ in questions(call):
        unknown = [(i, axis) for i, shape in enumerate(question) for axis, n in enumerate(shape) if n is None]
        if len(unknown) == 1 and _answer(call, question) is None:
            i, axis = unknown[0]
            needed.append(f"{_parameters(call)[i]}[{axis}]")
    return needed


def _parameters(call: Call) -> list[str]:
    """The name of the parameter in which each array of the call stands."""
    given = call.record.signature.bind(*call.sample.args, **call.sample.kwargs).arguments
    names = {id(leaf): name for name, value in given.items() for leaf in tree.flatten(value)}
    return [names[id(x)] for x in places(call.sample)]


def _answer(call: Call, question: Shapes) -> list[Any] | None:
    """Specs for shapes with None; None where the op says clearly that it needs to know a size."""
    try:
        return _specs(call, question)
    except ValueError as refusal:
        if is_clear(refusal) and re.search("None|known", str(refusal)):
            return None
        raise


def questions(call: Call) -> Iterator[tuple[Shapes, list[Shapes]]]:
    """Shapes with None, and concrete shapes that they stand for (the call's own first)."""
    own = _shapes(call)
    for i, shape in enumerate(own):
        for axis in range(len(shape)):
            yield _with(own, i, axis, None), [own, *(_with(own, i, axis, n) for n in SIZES if n != shape[axis])]
    if sum(map(len, own)) > 1:
        mapped = [tuple(tuple(n + k if n > 1 else n for n in shape) for shape in own) for k in range(1, len(SIZES) + 1)]
        yield tuple((None,) * len(shape) for shape in own), [own, *mapped]


def _shapes(call: Call) -> Shapes:
    return tuple(x.shape for x in call.arrays)


def _with(shapes: Shapes, i: int, axis: int, size: Any) -> Shapes:
    changed = (*shapes[i][:axis], size, *shapes[i][axis + 1:])
    return (*shapes[:i], changed, *shapes[i + 1:])


def _replaced(question: Shapes, shapes: Shapes) -> list[int]:
    """The sizes that stand in the places of None."""
    return [n for asked, shape in zip(question, shapes, strict=True) for q, n in zip(asked, shape, strict=True) if q is None]


def _specs(call: Call, shapes: Shapes) -> list[Any]:
    specs = [abstract.spec(shape, x.dtype.name) for shape, x in zip(shapes, call.arrays, strict=True)]
    return [x for x in tree.flatten(invoke(abstract, call, specs)) if abstract.is_tensor(x)]


def _knows_enough(question: Shapes, answer: list[Any], known: list[list[Any]]) -> None:
    """A size that comes out the same for several unknown ones must be known."""
    if len(known) < ENOUGH:
        return
    for i, spec in enumerate(answer):
        for axis, size in enumerate(spec.shape):
            found = {specs[i].shape[axis] for specs in known if len(specs[i].shape) == len(spec.shape)}
            if size is None and len(found) == 1 and not found & {None, 0}:
                raise Failure(f"arguments {question} give {answer}, but axis {axis} of result {i} is always {found.pop()}")


def _agree(question: Shapes, answer: list[Any], shapes: Shapes, known: list[Any]) -> None:
    if any(len(a.shape) != len(k.shape) for a, k in zip(answer, known, strict=False)) and 1 in _replaced(question, shapes):
        return  # an unknown size is taken not to be 1 where that changes the rank (`squeeze`)
    fits = len(answer) == len(known) and all(
        a.dtype == k.dtype and len(a.shape) == len(k.shape) and all(n is None or n == m for n, m in zip(a.shape, k.shape, strict=True))
        for a, k in zip(answer, known, strict=True))
    if not fits:
        raise Failure(f"arguments {question} give {answer}, but {shapes} give {known}")
