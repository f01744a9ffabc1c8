"""Functions of single elements or small arrays, applied to whole arrays."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references_arrays as references
from keras_lite.ops import sizes
from keras_lite.ops.control import vectorized_map
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.sample import Sample, f32
from keras_lite.ops.shaping import broadcast_to, reshape
from keras_lite.ops.table import named, op
from keras_lite.state import tree
from keras_lite.symbolic.rules import broadcast_shapes

Names = tuple[str, ...]
Signature = tuple[list[Names], list[Names]]  # the core axes of the arguments and of the results
_CORE = r"\((?:\w+(?:,\w+)*)?\)"


@named
def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None) -> Callable[..., Any]:
    """A function that applies `pyfunc` to each element of its arguments, which broadcast, as `numpy.vectorize` does.

    The calls run at once, as in `vectorized_map`, so the function is made of ops.

    Args:
        pyfunc: takes scalar tensors and returns one, or a tuple of some.
        excluded: positions and names of arguments that are passed on whole.
        signature: core axes, like "(n,k),(k)->(n)": then `pyfunc` takes and returns tensors of these axes, the last of each argument
            (those given by name come behind the others), and the rest of the axes broadcast.

    Raises:
        TypeError: `pyfunc` is no function, or `excluded` holds something else.
        ValueError: a signature that can't be read; in calls, sizes that do not fit it or do not broadcast.

    >>> from keras_lite import ops
    >>> center = ops.vectorize(lambda x: x - ops.mean(x), signature="(n)->(n)")
    >>> ops.convert_to_numpy(center(ops.array([[1.0, 3.0], [5.0, 9.0]]))).tolist()
    [[-1.0, 1.0], [-2.0, 2.0]]
    """
    if not callable(pyfunc):
        raise wrong_type("vectorize", f"pyfunc must be a function, got {pyfunc!r}")
    excluded = () if excluded is None else tuple(excluded)
    if not all(isinstance(x, str) or hasattr(x, "__index__") for x in excluded):
        raise wrong_type("vectorize", f"excluded must hold positions and names of arguments, got {excluded!r}")
    if signature is not None:
        _parsed(signature)

    @functools.wraps(pyfunc, updated=())  # without what `publish` put into an op
    def function(*args: Any, **kwargs: Any) -> Any:
        return vectorized(pyfunc, args, kwargs, excluded, signature)

    return function


@functools.lru_cache(maxsize=64)
def _parsed(signature: str) -> Signature:
    """The core axes of a signature like "(n,k),(k)->(n)"."""
    text = "".join(signature.split())
    if not re.fullmatch(f"{_CORE}(,{_CORE})*->{_CORE}(,{_CORE})*", text):
        raise invalid("vectorize", f'expected a signature like "(n,k),(k)->(n)", got {signature!r}')
    arguments, results = ([tuple(re.findall(r"\w+", core)) for core in re.findall(_CORE, side)] for side in text.split("->"))
    return arguments, results


TOGETHER, CENTER = (lambda a, b: a * b + a), (lambda x: x * 2.0 - x[0])


@op(tensors=(), dtypes=("float32", "float64", "float16"), samples=(
    Sample(TOGETHER, (f32(3, 1), f32(4)), {}, (), None), Sample(TOGETHER, (f32(2, 3), 2.0), {}, (), None),
    Sample(TOGETHER, (f32(), f32()), {}, (), None), Sample(TOGETHER, (f32(0, 3), f32(3)), {}, (), None),
    Sample(lambda a, b: (a * b, a - b), (f32(2), f32(2)), {}, (), None), Sample(TOGETHER, (f32(3),), {"b": f32(2, 1)}, (), None),
    Sample(lambda a, p: a * p[0] + p[1], (f32(3), f32(2)), {}, (1,), None),
    Sample(lambda a, p: a * p[0] + p[1], (f32(3),), {"p": (2.0, 3.0)}, ("p",), None),
    Sample(CENTER, (f32(2, 3),), {}, (), "(n)->(n)"), Sample(lambda a, b: a[0] * b, (f32(2, 1, 3), f32(4, 2)), {}, (), "(n),(m)->(m)"),
    Sample(lambda a, k: a[0] * k, (f32(2, 3), 2.0), {}, (1,), "(n)->()"),
    Sample(lambda a: (a[0], a * 2.0), (f32(2, 3),), {}, (), "(n)->(),(n)"), Sample(CENTER, (f32(3),), {}, (), "(n)->(n)"),
    Sample(lambda a: a * 1.0, (f32(3),), {}, (0,), None),
    Sample(TOGETHER, (f32(2), f32(3)), {}, (), None, error=r"arguments of shapes \(2,\), \(3,\) do not broadcast"),
    Sample(CENTER, (f32(2, 3),), {}, (), "(n)(m)->(n)", error="expected a signature like"),
    Sample(CENTER, (f32(3), f32(3)), {}, (), "(n)->(n)", error=r"\(n\)->\(n\) names 1 arguments, got 2"),
    Sample(CENTER, (f32(3),), {}, (), "(a,b)->(a)", error=r"argument 0 of shape \(3,\) has no axes for \(a,b\)"),
    Sample(TOGETHER, (f32(3), f32(4)), {}, (), "(n),(n)->(n)", error="axis 'n' of .* has sizes 3 and 4"),
    Sample(lambda a: a, (f32(2, 3),), {}, (), "(n)->()", error=r"result 0 of shape \(3,\) should have the axes \(\)"),
    Sample(lambda a: a[:2], (f32(2, 3),), {}, (), "(n)->(n)", error="axis 'n' of .* has sizes 3 and 2"),
    Sample(lambda a: (a, a), (f32(2, 3),), {}, (), "(n)->(n)", error="names 1 results, the function returned 2"),
    Sample(CENTER, (f32(2),), {}, (0,), "(n)->(n)", error="names 1 arguments, got 0")), reference=references.vectorized)
def vectorized(pyfunc: Callable[..., Any], args: Any, kwargs: dict[str, Any], excluded: Collection[Any], signature: str | None) -> Any:
    """`pyfunc(*args, **kwargs)` for each element of the arguments that are not `excluded`; see `vectorize`."""
    places = [*(i for i in range(len(args)) if i not in excluded), *(name for name in kwargs if name not in excluded)]
    tensors = [as_tensor(registry.current(), kwargs[p] if isinstance(p, str) else args[p]) for p in places]
    core: list[Names] = [()] * len(tensors)
    results: list[Names] | None = None
    if signature is not None:
        core, results = _parsed(signature)
    if len(core) != len(tensors):
        raise invalid("vectorize", f"{signature} names {len(core)} arguments, got {len(tensors)}")
    if not tensors:
        return pyfunc(*args, **kwargs)
    known = _core_sizes(tensors, core, signature)
    loop = _loop(tensors, core)

    def once(*rows: Any) -> Any:
        given = dict(zip(places, rows, strict=True))
        whole = [given.get(i, x) for i, x in enumerate(args)]
        return _checked(pyfunc(*whole, **{name: given.get(name, x) for name, x in kwargs.items()}), results, known, signature)

    if not loop:
        return once(*tensors)
    count = sizes.product(loop)
    rows = [reshape(broadcast_to(x, (*loop, *_core_shape(x, axes))), (count, *_core_shape(x, axes)))
            for x, axes in zip(tensors, core, strict=True)]
    made = vectorized_map(lambda row: once(*row), tuple(rows))
    return tree.map_structure(lambda y: reshape(y, (*loop, *shape_of(y)[1:])), made)


def _core_shape(x: Any, axes: Names) -> tuple[Any, ...]:
    return tuple(shape_of(x)[rank_of(x) - len(axes):])


def _core_sizes(tensors: list[Any], core: list[Names], signature: str | None) -> dict[str, Any]:
    """The sizes of the core axes.  Raises ValueError where two arguments differ."""
    known: dict[str, Any] = {}
    for i, (x, axes) in enumerate(zip(tensors, core, strict=True)):
        if rank_of(x) < len(axes):
            raise invalid("vectorize", f"argument {i} of shape {shape_of(x)} has no axes for ({','.join(axes)}) of {signature}")
        _enter(known, axes, _core_shape(x, axes), signature)
    return known


def _enter(known: dict[str, Any], axes: Names, shape: tuple[Any, ...], signature: str | None) -> None:
    """Note the sizes of core axes; an unknown one fits any."""
    for name, n in zip(axes, shape, strict=True):
        other = known.get(name)
        if isinstance(n, int) and isinstance(other, int) and n != other:
            raise invalid("vectorize", f"axis {name!r} of {signature} has sizes {other} and {n}")
        known[name] = n if other is None else other


def _loop(tensors: list[Any], core: list[Names]) -> tuple[Any, ...]:
    """The common shape of all other axes."""
    shapes = [shape_of(x)[:rank_of(x) - len(axes)] for x, axes in zip(tensors, core, strict=True)]
    try:
        broadcast_shapes(*(tuple(n if isinstance(n, int) else None for n in shape) for shape in shapes))
    except ValueError as error:
        raise invalid("vectorize", f"arguments of shapes {', '.join(map(str, shapes))} do not broadcast: {error}") from None
    rank = max(map(len, shapes))
    columns = zip(*((1,) * (rank - len(shape)) + tuple(shape) for shape in shapes), strict=True)
    return tuple(map(_wider, columns))


def _wider(column: tuple[Any, ...]) -> Any:
    """The size to which the others broadcast: a known one that is not 1, else an unknown one, else 1."""
    known = [n for n in column if isinstance(n, int) and n != 1]
    unknown = [n for n in column if not isinstance(n, int)]
    return next(iter([*known, *unknown]), 1)


def _checked(result: Any, results: list[Names] | None, known: dict[str, Any], signature: str | None) -> Any:
    """What the function returned, a list as a tuple.  Raises ValueError where it is not what the signature says."""
    outputs = tuple(result) if isinstance(result, (list, tuple)) else (result,)
    if results is None:
        results, signature = [()] * len(outputs), 'no signature (give one, like "(n)->(n)")'
    if len(outputs) != len(results):
        raise invalid("vectorize", f"{signature} names {len(results)} results, the function returned {len(outputs)}")
    tensors = [as_tensor(registry.current(), y) for y in outputs]
    found = dict(known)
    for i, (y, axes) in enumerate(zip(tensors, results, strict=True)):
        if rank_of(y) != len(axes):
            raise invalid("vectorize", f"result {i} of shape {shape_of(y)} should have the axes ({','.join(axes)}): {signature}")
        _enter(found, axes, tuple(shape_of(y)), signature)
    return tuple(tensors) if isinstance(result, (list, tuple)) else tensors[0]
