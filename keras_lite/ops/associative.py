"""All prefixes of a sequence under an associative function, in logarithmically many steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references_windows as references
from keras_lite.ops.arithmetic import greater_equal, less, maximum, multiply, subtract, where
from keras_lite.ops.bodies import packed, same_specs, tensors_in
from keras_lite.ops.control import while_loop
from keras_lite.ops.core import cast
from keras_lite.ops.creation import iota
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.families import normal_axis
from keras_lite.ops.indexing import gather
from keras_lite.ops.sample import Sample, f32, i32
from keras_lite.ops.shaping import concatenate, flip, part_of, reshape, stack
from keras_lite.ops.table import op
from keras_lite.symbolic import graph

Combine = Callable[[list[Any], list[Any]], list[Any]]


def _affine(p: Any, q: Any) -> Any:  # what x -> a * x + b are one after the other: not commutative
    return p[0] * q[0], p[1] * q[0] + q[1]


@op(tensors=(), samples=(Sample(lambda p, q: p + q, f32(5)), Sample(_affine, (f32(6, 2), f32(6, 2))),
                         Sample(_affine, (f32(7), f32(7)), True),
                         Sample(lambda p, q: p * q, f32(3, 4), axis=1), Sample(lambda p, q: p + q, i32(2, 9), reverse=True, axis=-1),
                         Sample(lambda p, q: {"a": p["a"] + q["a"], "b": p["b"] * q["b"]}, {"a": i32(8), "b": f32(8, 1)}),
                         Sample(lambda p, q: p + q, f32(0, 2)), Sample(lambda p, q: p + q, f32(1, 2)),
                         Sample(lambda p, q: p * q, f32(4, 0)),
                         Sample(lambda p, q: p + q, f32(), error="each tensor needs an axis 0, got a scalar"),
                         Sample(lambda p, q: p + q, f32(3), axis=1, error="axis 1 is out of range for rank 1"),
                         Sample(_affine, (f32(3), f32(4)), error=r"sizes of axis 0 must agree, got \[3, 4\]"),
                         Sample(lambda p, q: p > q, f32(3), error="the function changes the elements"),
                         Sample(lambda p, q: (p, q), f32(3), error="the function changes the elements: structures differ"),
                         Sample(lambda p, q: p, (), error="at least one tensor is needed"),
                         Sample(None, f32(3), error="f must be a function, got None")),
    reference=references.associative_scan, dtypes=("float32", "float64", "float16", "int32"))
def associative_scan(f: Callable[..., Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """`x[0]`, `f(x[0], x[1])`, `f(f(x[0], x[1]), x[2])`, ... along `axis` of the tensors of `elems`.

    The reduction by pairs is that of Blelloch, "Prefix sums and their applications" (1990).

    Args:
        f: an associative function of two nests like `elems`, which it combines elementwise along `axis`: it gets many elements
            at once.  It is called about 2 * log2(size) times, on as many elements in all as twice the size.
        elems: a tensor, or a nest of tensors which agree in the size of `axis`.
        reverse: start from the last element: `x[n - 1]`, `f(x[n - 1], x[n - 2])`, ... stand at the end.
        axis: the axis of the sequence.

    Raises:
        TypeError: `f` is no function.
        ValueError: sizes that do not agree, an axis out of range, an `f` that changes structure, shapes or dtypes.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.associative_scan(ops.maximum, ops.array([3, 1, 4, 1, 5]))).tolist()
    [3, 3, 4, 4, 5]
    """
    if not callable(f):
        raise wrong_type("associative_scan", f"f must be a function, got {f!r}")
    leaves = tensors_in(elems)
    elems = packed(elems, leaves)
    place, n = _place(leaves, axis)

    def combine(a: list[Any], b: list[Any]) -> list[Any]:
        earlier, later = packed(elems, a), packed(elems, b)
        combined = _checked(f(earlier, later), later)
        return tensors_in(combined)

    leaves = [flip(x, place) for x in leaves] if reverse else leaves
    if isinstance(n, int):
        leaves = _by_pairs(combine, leaves, place, n)
    elif n is None:
        combine(leaves, leaves)
    else:
        leaves = _by_doubling(combine, leaves, place, n)
    return packed(elems, [flip(x, place) for x in leaves] if reverse else leaves)


def _checked(combined: Any, like: Any) -> Any:
    """What the function returned, with numbers as tensors; raises ValueError unless it is like its arguments."""
    engine = registry.current()
    specs = graph.specs_of(engine, like)
    try:
        leaves = tensors_in(combined, specs)
    except ValueError:
        leaves = tensors_in(combined)
    same_specs("associative_scan", "the function changes the elements", specs, graph.specs_of(engine, packed(combined, leaves)))
    return packed(like, leaves)


def _place(leaves: list[Any], axis: int) -> tuple[int, Any]:
    """The axis, not negative, and its size."""
    if not leaves:
        raise invalid("associative_scan", "at least one tensor is needed, got none")
    if any(rank_of(x) == 0 for x in leaves):
        raise invalid("associative_scan", f"each tensor needs an axis {axis}, got a scalar")
    places = [normal_axis("associative_scan", axis, rank_of(x)) for x in leaves]
    if len(set(places)) > 1:
        raise invalid("associative_scan", f"axis {axis} is not the same axis of tensors of ranks {[rank_of(x) for x in leaves]}")
    lengths = [shape_of(x)[places[0]] for x in leaves]
    known = [n for n in lengths if isinstance(n, int)]
    if len(set(known)) > 1:
        raise invalid("associative_scan", f"sizes of axis {axis} must agree, got {lengths}")
    return places[0], known[0] if known else lengths[0]


def _by_pairs(combine: Combine, xs: list[Any], axis: int, n: int) -> list[Any]:
    """Neighbours are combined, the prefixes of those give every second one; another combination gives those between."""
    if n < 2:
        return xs
    odd = _by_pairs(combine, combine(_part(xs, axis, 0, n - 1, 2), _part(xs, axis, 1, n, 2)), axis, n // 2)
    first = _part(xs, axis, 0, 1, 1)
    if n == 2:
        return _joined(first, odd, axis)
    between = combine(_part(odd, axis, 0, (n - 1) // 2, 1), _part(xs, axis, 2, n, 2))
    even = _joined(first, between, axis)
    return [_alternating(a, b, axis, n) for a, b in zip(even, odd, strict=True)]


def _part(xs: list[Any], axis: int, start: int, stop: int, step: int) -> list[Any]:
    return [part_of(x, axis, start, stop, step) for x in xs]


def _joined(xs: list[Any], ys: list[Any], axis: int) -> list[Any]:
    return [concatenate([x, y], axis) for x, y in zip(xs, ys, strict=True)]


def _alternating(even: Any, odd: Any, axis: int, n: int) -> Any:
    """The `n` elements at even and at odd places as one tensor; there may be one more of the even ones."""
    shape, count = shape_of(odd), n // 2
    pairs = reshape(stack([part_of(even, axis, 0, count), odd], axis + 1), (*shape[:axis], 2 * count, *shape[axis + 1:]))
    return concatenate([pairs, part_of(even, axis, count, count + 1)], axis) if n % 2 else pairs


def _by_doubling(combine: Combine, xs: list[Any], axis: int, n: Any) -> list[Any]:
    """For a size that is known only when the graph runs: each element combined with the one 1, 2, 4, ... places before.

    Hillis and Steele, "Data parallel algorithms" (1986).
    """
    n = cast(n, "int32")
    places = iota(n)

    def step(distance: Any, values: list[Any]) -> tuple[Any, list[Any]]:
        before = maximum(subtract(places, distance), 0)
        combined = combine([gather(x, before, axis) for x in values], values)
        far = greater_equal(places, distance)
        return multiply(distance, 2), [where(reshape(far, (-1, *(1,) * (rank_of(x) - axis - 1))), y, x)
                                       for x, y in zip(values, combined, strict=True)]

    return while_loop(lambda distance, values: less(distance, n), step, (1, xs), maximum_iterations=31)[1]
