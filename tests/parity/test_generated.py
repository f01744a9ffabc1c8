"""Generated shapes, axes and dtypes: every engine against float64 NumPy, family by family.

The same calls in every run; KERAS_LITE_FULL=1 draws many more, other ones each time, and Hypothesis keeps what fails in
`.hypothesis`.  A call that has failed is an `@example`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from keras_lite.ops.table import TABLE
from keras_lite.testing.pytest_cells import engines_here
from tests.parity.generated import DTYPES, FLOATS, INTEGERS, SEEDS, Case, Drawn, axes_of, axis_of, case, check, shapes, tensors

FULL = bool(os.environ.get("KERAS_LITE_FULL"))
DRAW = settings(max_examples=1000 if FULL else 100, derandomize=not FULL, deadline=None, suppress_health_check=list(HealthCheck),
                database=settings.default.database if FULL else None)
engines = pytest.mark.parametrize("name", engines_here())

UNARY = ("negative", "absolute", "sign", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "arcsin", "arctan", "sinh", "cosh",
         "tanh", "arcsinh", "floor", "ceil", "trunc", "round", "square", "reciprocal", "exp2", "log2", "is_nan", "is_inf", "is_finite",
         "logical_not", "signbit", "deg2rad", "cbrt", "relu", "sigmoid", "softplus", "silu", "softsign", "hard_sigmoid")
BINARY = ("add", "subtract", "multiply", "divide", "maximum", "minimum", "power", "floor_divide", "remainder", "equal", "not_equal", "less",
          "less_equal", "greater", "greater_equal", "arctan2", "logical_and", "logical_or", "logical_xor", "fmax", "fmin", "hypot",
          "logaddexp", "bitwise_and", "bitwise_or", "bitwise_xor", "heaviside", "copysign")
REDUCTIONS = ("reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "mean", "var", "std", "reduce_any", "reduce_all", "logsumexp",
              "nansum", "nanmax", "nanmean", "median")


@st.composite
def elementwise(draw: Any) -> Case:
    if draw(st.booleans()):
        return case(draw(st.sampled_from([name for name in UNARY if name in TABLE])), draw(tensors()))
    name = draw(st.sampled_from([name for name in BINARY if name in TABLE]))
    pair = draw(mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_dims=3, max_side=3)).input_shapes
    dtypes = (*INTEGERS, "bool") if name.startswith("bitwise") else FLOATS if name == "power" else DTYPES  # no 0 ** -1 of integers
    return case(name, *(draw(tensors(shape, dtypes)) for shape in pair))


@st.composite
def reduction(draw: Any) -> Case:
    kind = draw(st.sampled_from(["axes", "axes", "axis", "scan", "count"]))
    x = draw(tensors(shapes(int(kind in ("axis", "scan")))))
    if kind == "axes":
        name, axis = draw(st.sampled_from(REDUCTIONS)), draw(axes_of(x.shape))
        axis = None if name == "median" and axis == () else axis  # over no axis, which NumPy fails to do for an empty tensor
        return case(name, x, axis=axis, keepdims=draw(st.booleans()))
    if kind == "axis":
        return case(draw(st.sampled_from(["argmax", "argmin"])), x, axis=draw(axis_of(x.shape) | st.none()), keepdims=draw(st.booleans()))
    if kind == "scan":
        return case(draw(st.sampled_from(["cumsum", "cumprod"])), x, axis=draw(axis_of(x.shape) | st.none()))
    return case("count_nonzero", x, axis=draw(axes_of(x.shape)))


def _permuted(draw: Any, x: Drawn) -> Case:
    return case("transpose", x, axes=draw(st.none() | st.permutations(range(len(x.shape))).map(tuple)))


def _reshaped(draw: Any, x: Drawn) -> Case:
    size = math.prod(x.shape)
    n = draw(st.sampled_from([d for d in range(1, size + 1) if size % d == 0] or [1]))
    return case("reshape", x, draw(st.sampled_from([(size,), (n, size // n), (-1, n), (n, -1, 1)])))


def _moved(draw: Any, x: Drawn) -> Case:
    return case(draw(st.sampled_from(["moveaxis", "swapaxes"])), x, draw(axis_of(x.shape)), draw(axis_of(x.shape)))


def _rolled(draw: Any, x: Drawn) -> Case:
    return case("roll", x, draw(st.integers(-5, 5)), axis=draw(st.none() | axis_of(x.shape)))


def _repeated(draw: Any, x: Drawn) -> Case:
    if draw(st.booleans()):
        return case("tile", x, draw(st.lists(st.integers(0, 2), min_size=1, max_size=3).map(tuple)))
    return case("repeat", x, draw(st.integers(0, 3)), axis=draw(st.none() | axis_of(x.shape)))


def _joined(draw: Any, x: Drawn) -> Case:
    others = draw(st.lists(tensors(x.shape), min_size=1, max_size=2))
    return case(draw(st.sampled_from(["concatenate", "stack"])), [x, *others], axis=draw(axis_of(x.shape)))


def _split(draw: Any, x: Drawn) -> Case:
    axis = draw(axis_of(x.shape))
    return case("split", x, draw(st.integers(1, 3) | st.lists(st.integers(0, x.shape[axis]), max_size=2).map(sorted)), axis=axis)


def _padded(draw: Any, x: Drawn) -> Case:
    mode = draw(st.sampled_from(["constant", "reflect", "symmetric"]))
    most = [2 if mode == "constant" else max(0, size - (mode == "reflect")) for size in x.shape]  # NumPy goes on beyond; the op refuses
    return case("pad", x, tuple(draw(st.tuples(st.integers(0, n), st.integers(0, n))) for n in most), mode=mode)


def _squared(draw: Any, x: Drawn) -> Case:
    name = draw(st.sampled_from(["tril", "triu", "diagonal", "trace"]))
    return case(name, x, draw(st.integers(-4, 4)))


def _flipped(draw: Any, x: Drawn) -> Case:
    if len(x.shape) > 1 and draw(st.booleans()):
        return case("rot90", x, draw(st.integers(-4, 5)))
    return case("flip", x, axis=draw(axes_of(x.shape)))


def _resized(draw: Any, x: Drawn) -> Case:
    if draw(st.booleans()):
        return case("squeeze", x, axis=draw(st.none() | axis_of(x.shape)))
    return case("expand_dims", x, draw(st.integers(-len(x.shape) - 1, len(x.shape))))


def _differences(draw: Any, x: Drawn) -> Case:
    return case("diff", x, draw(st.integers(0, 2)), axis=draw(axis_of(x.shape)))


SHAPING: tuple[Callable[[Any, Drawn], Case], ...] = (_permuted, _reshaped, _moved, _rolled, _repeated, _joined, _split, _padded, _squared,
                                                     _flipped, _resized, _differences)


@st.composite
def shaping(draw: Any) -> Case:
    function = draw(st.sampled_from(SHAPING))
    return function(draw, draw(tensors(shapes(2 if function is _squared else 1))))


@st.composite
def indexing(draw: Any) -> Case:
    kind = draw(st.sampled_from(["take", "along", "sort", "search", "where", "top_k", "item", "slice"]))
    x = draw(tensors(shapes(1)))
    axis = draw(axis_of(x.shape))
    n, seed = x.shape[axis], draw(SEEDS)
    if not n and x.shape.count(0) > 1 and kind in ("take", "along"):
        kind = "sort"  # NumPy takes elements that are not there where the result has none
    if kind == "take":
        dtype = draw(st.sampled_from(["int32", "int64", "int8"]))
        return case("take", x, Drawn(draw(shapes(0, 2)), dtype, "whole", seed, n or 1), axis=axis)
    if kind == "along":
        indices = list(x.shape)
        indices[axis] = draw(st.integers(0, 3))
        return case("take_along_axis", x, Drawn(tuple(indices), "int32", "whole", seed, n or 1), axis=axis)
    if kind == "sort":
        return case(draw(st.sampled_from(["sort", "argsort"])), x, axis=axis)
    if kind == "search":
        values = draw(tensors(dtypes=(x.dtype,)))
        rising = Drawn((4,), x.dtype, "whole", 0)
        return case("searchsorted", sorted(rising.values().tolist()), values, side=draw(st.sampled_from(["left", "right"])))
    if kind == "where":
        trio = draw(mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_dims=3, max_side=3)).input_shapes
        return case("where", Drawn(trio[0], "bool", "whole", seed), *(draw(tensors(shape)) for shape in trio[1:]))
    if kind == "top_k":
        return case("top_k", x, draw(st.integers(0, x.shape[-1])))
    if kind == "item":
        return case("get_item", x, tuple(draw(st.slices(size) | st.integers(-size, max(size - 1, 0))) for size in x.shape))
    blocks = tuple(draw(st.integers(0, size)) for size in x.shape)
    return case("dynamic_slice", x, Drawn((len(x.shape),), "int32", "whole", seed), blocks)


@st.composite
def contraction(draw: Any) -> Case:
    name = draw(st.sampled_from(["matmul", "dot", "tensordot", "einsum", "inner", "outer", "vdot", "kron"]))
    m, k, n = (draw(st.integers(0, 4)) for _ in range(3))
    dtypes = (*FLOATS, "int32", "int8", "uint8", "bool")

    def drawn(*shape: int) -> Drawn:  # no NaN nor infinities: how they spread depends on the order of multiplication and addition
        return Drawn(shape, draw(st.sampled_from(dtypes)), draw(st.sampled_from(["uniform", "whole"])), draw(SEEDS))

    if name == "matmul":
        left, right = draw(mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_dims=2, max_side=3)).input_shapes
        return draw(st.sampled_from([case(name, drawn(*left, m, k), drawn(*right, k, n)), case(name, drawn(k), drawn(*right, k, n)),
                                     case(name, drawn(*left, m, k), drawn(k)), case(name, drawn(k), drawn(k))]))
    if name == "dot":
        return draw(st.sampled_from([case(name, drawn(m, k), drawn(k, n)), case(name, drawn(2, m, k), drawn(3, k, n)),
                                     case(name, drawn(m, k), drawn(k)), case(name, drawn(), drawn(m))]))
    if name == "tensordot":
        return draw(st.sampled_from([case(name, drawn(m, k, n), drawn(k, n, 2), axes=2), case(name, drawn(m, k), drawn(n), axes=0),
                                     case(name, drawn(m, k), drawn(n, k), axes=((1,), (1,)))]))
    if name == "einsum":
        return draw(st.sampled_from([case(name, "ij,jk->ik", drawn(m, k), drawn(k, n)), case(name, "...i,i", drawn(2, m, k), drawn(k)),
                                     case(name, "bij,bjk->kb", drawn(2, m, k), drawn(2, k, n)), case(name, "ii->i", drawn(m, m)),
                                     case(name, "ij,kj,i->k", drawn(m, k), drawn(n, k), drawn(m)), case(name, "ba", drawn(m, n))]))
    if name in ("outer", "vdot"):
        return case(name, drawn(m, k), drawn(m, k) if name == "vdot" else drawn(n))
    return case(name, drawn(m, k), drawn(n, k))


@engines
@DRAW
@given(elementwise())
@example(case("floor_divide", Drawn((), "int32", "whole"), Drawn((), "int32", "whole", 1)))  # 2 // 0
def test_elementwise(name: str, drawn: Case) -> None:
    check(name, drawn)


@engines
@DRAW
@given(reduction())
def test_reduction(name: str, drawn: Case) -> None:
    check(name, drawn)


@engines
@DRAW
@given(shaping())
@example(case("pad", Drawn((0,)), ((0, 0),), mode="reflect"))
def test_shaping(name: str, drawn: Case) -> None:
    check(name, drawn)


@engines
@DRAW
@given(indexing())
@example(case("get_item", Drawn((0,)), (slice(None, None, 2**32),)))
@example(case("top_k", Drawn((2, 2, 2), "float32", "special"), 1))
@example(case("take", Drawn((0,)), Drawn((), "int32", "whole", 0, 1), axis=0))
@example(case("take_along_axis", Drawn((0,)), Drawn((1,), "int32", "whole", 0, 1), axis=0))
def test_indexing(name: str, drawn: Case) -> None:
    check(name, drawn)


@engines
@DRAW
@given(contraction())
def test_contraction(name: str, drawn: Case) -> None:
    check(name, drawn)
