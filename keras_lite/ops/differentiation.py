"""Derivatives along a direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX, is_float
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops import references_arrays as references
from keras_lite.ops.arithmetic import add, multiply
from keras_lite.ops.complex_numbers import conj, real
from keras_lite.ops.creation import zeros_like
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.table import op
from keras_lite.state import tree
from keras_lite.symbolic.rules import may_equal

Flat = Callable[..., tuple[list[Any], Any]]  # from tensors to a list of outputs, and a nest of tensors beside them
FLOATS = ("float32", "float64", "float16")  # of the samples, whose functions use the tensors' own operators


@op(tensors=(), dtypes=FLOATS, samples=(
    Sample(lambda x: x * x * x, (f32(3, 4),), (f32(3, 4),)),
    Sample(lambda x, y: (x * y, {"b": x - y}), (f32(3), f32(2, 3)), (f32(3), f32(2, 3))),
    Sample(lambda x: (x * x, x * 2.0), [f32(3)], [f32(3)], has_aux=True), Sample(lambda x: x * x, (3.0,), (1.0,)),
    Sample(lambda p: p["a"] * p["b"][0], ({"a": f32(2), "b": [f32()]},), ({"a": f32(2), "b": [f32()]},)),
    Sample(lambda x: x * x, (f32(0, 2),), (f32(0, 2),)),
    Sample(lambda x: x * x, (f32(3),), (f32(2),), error=r"tangent 0 has shape \(2,\), its primal \(3,\)"),
    Sample(lambda x: x * x, (f32(3),), (f32(3), f32(3)), error="primals and tangents differ in structure"),
    Sample(lambda x: x * x, f32(3), f32(3), error="expected two tuples"),
    Sample(lambda x: x * x, (i32(3),), (i32(3),), error="primal 0 is int32; only floats and complex numbers have tangents"),
    Sample(lambda x: x * x, (f32(3),), (f32(3),), has_aux=True, error=r"with has_aux the function must return \(outputs, aux\)")),
    reference=references.jvp)
def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """`(outputs, tangents_out)` of `fun(*primals)`: its value, and its derivative along `tangents`.

    Args:
        fun: a function of nests of float or complex tensors without side effects; engines may call it more than once.
        primals: its arguments, as a tuple.
        tangents: a direction for each of them, in the same structure and of the same shapes.
        has_aux: whether `fun` returns a pair of outputs and of anything else, which is then returned as a third result.

    Raises:
        TypeError: no tuples, or primals that are neither floats nor complex numbers.
        ValueError: structures or shapes that differ; with `has_aux`, a function that returns no pair.

    >>> from keras_lite import ops
    >>> value, slope = ops.jvp(lambda x: x * x, (ops.array(3.0),), (ops.array(1.0),))
    >>> float(value), float(slope)
    (9.0, 6.0)
    """
    if not isinstance(primals, (list, tuple)) or not isinstance(tangents, (list, tuple)):
        raise wrong_type("jvp", "expected two tuples, of the function's arguments and of their tangents")
    engine = registry.current()
    xs, directions = _pairs(engine, tuple(primals), tuple(tangents))
    structure: list[Any] = []

    def flat(*tensors: Any) -> tuple[list[Any], Any]:
        result = fun(*tree.pack_as(tuple(primals), list(tensors)))
        if has_aux and not (isinstance(result, (list, tuple)) and len(result) == 2):
            raise invalid("jvp", "with has_aux the function must return (outputs, aux)")
        outputs, aux = result if has_aux else (result, None)
        structure[:] = [outputs]
        engine = registry.current()  # the abstract one where a failed call is replayed
        aux = tree.map_structure(lambda x: None if x is None else as_tensor(engine, x), aux)
        return [as_tensor(engine, y) for y in tree.flatten(outputs)], aux

    ys, moved, aux = linearized(flat, xs, directions)
    made = tree.pack_as(structure[0], ys), tree.pack_as(structure[0], moved)
    return (*made, aux) if has_aux else made


def _pairs(engine: Any, primals: Any, tangents: Any) -> tuple[list[Any], list[Any]]:
    """The leaves of both as tensors, checked."""
    try:
        tree.map_structure(lambda x, t: None, primals, tangents)
    except ValueError:
        raise invalid("jvp", "primals and tangents differ in structure") from None
    xs = [as_tensor(engine, x) for x in tree.flatten(primals)]
    for i, x in enumerate(xs):
        if not is_float(dtype_of(x)) and dtype_of(x) not in COMPLEX:
            raise wrong_type("jvp", f"primal {i} is {dtype_of(x)}; only floats and complex numbers have tangents")
    ts = [as_tensor(engine, t, dtype_of(x)) for t, x in zip(tree.flatten(tangents), xs, strict=True)]
    for i, (x, t) in enumerate(zip(xs, ts, strict=True)):
        if not may_equal(shape_of(t), shape_of(x)):
            raise invalid("jvp", f"tangent {i} has shape {shape_of(t)}, its primal {shape_of(x)}")
    return xs, ts


@op(tensors=(), lists=("primals", "tangents"), dtypes=FLOATS, samples=(
    Sample(lambda x: ([x * x], None), [f32(3)], [f32(3)]),
    Sample(lambda x, y: ([x * y, y * 0.0 + 1.0], x), [f32(3), f32(3)], [f32(3), f32(3)]),
    Sample(lambda x: ([x * x], None), [f32(0, 2)], [f32(0, 2)]),
    Sample(lambda x: ([x * x], None), [array([1e15, -1e-15, 0.0])], [f32(3)]),
    Sample(lambda x: ([x], None), ["text"], [1.0], error="expected a tensor")), reference=references.linearized)
def linearized(function: Flat, primals: list[Any], tangents: list[Any]) -> tuple[list[Any], list[Any], Any]:
    """`(outputs, tangents_out, aux)` of a flat function; outputs that are no floats or complex numbers have tangents 0.

    By reverse mode twice: the gradient u -> J^T u is linear, and its own gradient along the tangents is J t, whatever u is
    (Townsend, "A new trick for calculating Jacobian vector products", 2017).
    """
    with registry.differentiating(2):
        return _by_reverse_mode(function, primals, tangents)


def _by_reverse_mode(function: Flat, primals: list[Any], tangents: list[Any]) -> tuple[list[Any], list[Any], Any]:
    engine = registry.current()
    outputs, aux = function(*primals)
    floats = [i for i, y in enumerate(outputs) if is_float(dtype_of(y)) or dtype_of(y) in COMPLEX]

    def pulled(weights: list[Any]) -> tuple[Any, Any]:
        def projected(xs: list[Any]) -> tuple[Any, Any]:
            ys = function(*xs)[0]
            return _inner([ys[i] for i in floats], weights), None

        return _inner(engine.value_and_grad(projected, primals)[2], tangents), None

    moved = [zeros_like(y) for y in outputs]
    if floats and primals:
        slopes = engine.value_and_grad(pulled, [moved[i] for i in floats])[2]
        for i, slope in zip(floats, slopes, strict=True):
            moved[i] = slope
    return outputs, moved, aux


def _inner(xs: list[Any], ys: list[Any]) -> Any:
    """The sum of all products, of complex numbers of those of the parts."""
    terms = [reduce_sum(real(multiply(conj(x), y))) for x, y in zip(xs, ys, strict=True)]
    total = terms[0]
    for term in terms[1:]:
        total = add(total, term)
    return total
