"""A deliberately wrong engine is caught, each fault by the check that is there for it.  Every test first shows that the engine as
it is passes the same cells.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops.sample import Sample, f32
from keras_lite.ops.table import TABLE, Record
from keras_lite.symbolic import engine as abstract
from keras_lite.testing import Cell, run, stale_gaps
from keras_lite.testing.calls import make_call
from keras_lite.testing.gaps import Gap
from keras_lite.testing.reference import REFERENCE, Reference
from tests.meta.faults import caught_by, kinds, planted, results

FLOATS = {"float32", "float64", "bfloat16", "float16"}


def test_wrong_axis(engine: Any) -> None:
    right = engine.cumsum

    def wrong(x: Any, axis: int) -> Any:
        return right(x, (axis + 1) % len(engine.shape_of(x)))

    assert {"value", "gradient"} <= caught_by("cumsum", engine.name, lambda: planted(engine, cumsum=wrong))


def test_wrong_sign(engine: Any) -> None:
    right = engine.subtract
    found = caught_by("subtract", engine.name, lambda: planted(engine, subtract=lambda x1, x2: right(x2, x1)), quick=False)
    assert {"value", "gradient", "float64", "int64"} <= found


def test_wrong_gradient(engine: Any) -> None:
    right = engine.tanh

    def forward(x: Any) -> tuple[list[Any], list[Any]]:
        y = right(x)
        return [y], [y]

    def backward(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
        return [engine.multiply(cotangents[0], engine.subtract(1.0, residuals[0]))]  # the square is missing

    def wrong(x: Any) -> Any:
        return engine.custom_gradient(forward, backward, [x])[0]

    assert caught_by("tanh", engine.name, lambda: planted(engine, tanh=wrong)) == {"gradient", "second_gradient"}


def test_wrong_gradient_of_the_reference_itself() -> None:
    """The gradients' oracle, the numpy engine, answers to finite differences."""
    engine = registry.load("numpy")
    right = engine.tanh
    call = make_call(TABLE["tanh"], 0)
    assert Reference(call).gradients

    def wrong(x: Any) -> Any:
        return engine.custom_gradient(lambda x: ([right(x)], []), lambda residuals, cotangents: [cotangents[0]], [x])[0]

    with planted(engine, tanh=wrong), pytest.raises(AssertionError, match="finite differences"):
        _ = Reference(call).gradients


def test_wrong_second_gradient_alone(engine: Any) -> None:
    assert caught_by("tanh", engine.name, lambda: planted(engine, tanh=_straight_slope(engine))) == {"second_gradient"}


def test_wrong_second_gradient_of_the_reference_itself() -> None:
    """A fault that every engine shares, as one in a composite, is told by finite differences of the first gradients."""
    engine = registry.load(REFERENCE)
    call = make_call(TABLE["tanh"], 0)
    assert Reference(call).second_gradients
    with planted(engine, tanh=_straight_slope(engine)):
        faulty = Reference(call)
        assert faulty.gradients
        with pytest.raises(AssertionError, match=r"second gradient .* finite differences"):
            _ = faulty.second_gradients


def _straight_slope(engine: Any) -> Any:
    """tanh with the right derivative, which has none."""
    right = engine.tanh

    def backward(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
        y = engine.stop_gradient(right(residuals[0]))
        return [engine.multiply(cotangents[0], engine.subtract(1.0, engine.multiply(y, y)))]

    return lambda x: engine.custom_gradient(lambda x: ([right(x)], [x]), backward, [x])[0]


def test_wrong_dtype(engine: Any) -> None:
    right = engine.equal
    assert caught_by("equal", engine.name, lambda: planted(engine, equal=lambda x1, x2: engine.cast(right(x1, x2), "int32"))) >= {"spec"}


def test_half_precision_returned_in_single(engine: Any) -> None:
    right = engine.exp

    def wrong(x: Any) -> Any:
        y = right(x)
        return engine.cast(y, "float32") if engine.dtype_of(x) == "bfloat16" else y

    assert caught_by("exp", engine.name, lambda: planted(engine, exp=wrong)) == {"bfloat16"}


def test_double_precision_computed_in_single(engine: Any) -> None:
    right = engine.exp

    def wrong(x: Any) -> Any:
        dtype = engine.dtype_of(x)
        return engine.cast(right(engine.cast(x, "float32")), dtype) if dtype == "float64" else right(x)

    assert caught_by("exp", engine.name, lambda: planted(engine, exp=wrong), quick=False) == {"float64"}


def test_sum_accumulated_in_half_precision(engine: Any) -> None:
    """Rounding in between is a fault: the contract asks for float32 sums that are rounded once."""
    right = engine.reduce_sum

    def wrong(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
        shape = engine.shape_of(x)
        if engine.dtype_of(x) != "bfloat16" or axes != (1,) or len(shape) != 2 or keepdims:
            return right(x, axes, keepdims)
        total = engine.full(shape[:1], 0.0, "bfloat16")
        for i in range(0, shape[1], 4):
            part = engine.strided_slice(x, (0, i), (shape[0], i + 4), (1, 1))
            total = engine.add(total, right(part, (1,), False))
        return total

    assert caught_by("reduce_sum", engine.name, lambda: planted(engine, reduce_sum=wrong)) == {"bfloat16"}


def test_nan_is_lost(engine: Any) -> None:
    right = engine.reduce_max

    def wrong(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
        if engine.dtype_of(x) in FLOATS:
            x = engine.where(engine.is_nan(x), engine.full(engine.shape_of(x), -np.inf, engine.dtype_of(x)), x)
        return right(x, axes, keepdims)

    found = caught_by("reduce_max", engine.name, lambda: planted(engine, reduce_max=wrong))
    assert "value" in found and "gradient" not in found


def test_wrong_at_infinity(engine: Any) -> None:
    right = engine.tanh

    def wrong(x: Any) -> Any:  # (e**x - e**-x) / (e**x + e**-x) is NaN there
        e, f = engine.exp(x), engine.exp(engine.negative(x))
        finite = engine.less(engine.absolute(x), 50.0)
        return engine.where(finite, right(x), engine.divide(engine.subtract(e, f), engine.add(e, f)))

    assert "value" in caught_by("tanh", engine.name, lambda: planted(engine, tanh=wrong))


def test_tie_goes_to_one_side(engine: Any) -> None:
    right = engine.maximum

    def wrong(x1: Any, x2: Any) -> Any:
        tensor = x1 if engine.is_tensor(x1) else x2
        if engine.dtype_of(tensor) not in FLOATS or not (engine.is_tensor(x1) and engine.is_tensor(x2)):
            return right(x1, x2)
        first = engine.cast(engine.greater_equal(x1, x2), engine.dtype_of(tensor))  # all of it to x1 where they are equal
        return engine.add(engine.multiply(first, x1), engine.multiply(engine.subtract(1.0, first), x2))

    found = caught_by("maximum", engine.name, lambda: planted(engine, maximum=wrong), quick=False)
    assert "gradient" in found


def test_only_the_common_sign_of_a_pair_of_vectors_is_free(engine: Any) -> None:
    """Singular vectors with other signs are as right; the sign of one of them alone is not, nor is their order."""
    right = engine.svd

    def turned(x: Any) -> Any:
        u, s, vt = right(x)
        return engine.negative(u), s, engine.negative(vt)

    def torn(x: Any) -> Any:
        u, s, vt = right(x)
        return engine.negative(u), s, vt

    def reversed_order(x: Any) -> Any:
        u, s, vt = right(x)
        rank = len(engine.shape_of(x))
        return engine.flip(u, (rank - 1,)), s, engine.flip(vt, (rank - 2,))

    found = []
    for wrong in (turned, torn, reversed_order):
        with planted(engine, svd=wrong):
            found.append(kinds(results("svd", engine.name, "value")))
    assert found == [set(), {"value"}, {"value"}]


def test_wrong_random_bit(engine: Any) -> None:
    """One bit of one word of a draw."""
    right = engine.random_bits

    def wrong(seed: Any, shape: tuple[int, ...], width: int) -> Any:
        words = right(seed, shape, width)
        size = int(np.prod(shape))
        if size == 0:
            return words
        flip = engine.reshape(engine.cast(engine.equal(engine.iota(size, "int32"), size - 1), "int32"), shape)
        return engine.bitwise_xor(words, flip)

    assert "value" in caught_by("random_bits", engine.name, lambda: planted(engine, random_bits=wrong))


def test_seed_and_counter_change_places(engine: Any) -> None:
    right = engine.random_bits

    def wrong(seed: Any, shape: tuple[int, ...], width: int) -> Any:
        return right(engine.flip(seed, (0,)), shape, width)

    assert "value" in caught_by("random_bits", engine.name, lambda: planted(engine, random_bits=wrong))


def test_wrong_shape_rule(engine: Any) -> None:
    right = abstract.reduce_sum

    def wrong(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
        return right(x, axes, False)

    assert caught_by("reduce_sum", engine.name, lambda: planted(abstract, reduce_sum=wrong)) >= {"spec"}


def test_wrong_dtype_rule(engine: Any) -> None:
    right = abstract.argmax

    def wrong(x: Any, axis: int) -> Any:
        return abstract.cast(right(x, axis), "float32")

    assert "spec" in caught_by("argmax", engine.name, lambda: planted(abstract, argmax=wrong))


def test_rule_that_is_wrong_for_unknown_sizes() -> None:
    right = abstract.concatenate

    def wrong(xs: Any, axis: int) -> Any:  # as if an unknown size were 0
        made = right(xs, axis)
        sizes = [x.shape[axis] for x in xs]
        return abstract.spec((*made.shape[:axis], sum(n or 0 for n in sizes), *made.shape[axis + 1:]), made.dtype)

    assert caught_by("concatenate", "symbolic", lambda: planted(abstract, concatenate=wrong)) == {"unknown_sizes"}


def test_rule_that_forgets_sizes() -> None:
    """None is never wrong, but a rule that says it without need makes models that can't be built."""
    right = abstract.reduce_sum

    def wrong(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
        made = right(x, axes, keepdims)
        return abstract.spec((None,) * made.ndim, made.dtype) if None in x.shape else made

    assert caught_by("reduce_sum", "symbolic", lambda: planted(abstract, reduce_sum=wrong)) == {"unknown_sizes"}


def test_compiled_code_differs(engine: Any) -> None:
    right = engine.compile

    def wrong(fn: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*args: Any) -> Any:
            return [[[engine.multiply(value, 1.001) for value in values], gradients] for values, gradients in fn(*args)]

        return right(changed)

    found = caught_by("sinh", engine.name, lambda: planted(engine, compile=wrong))
    assert "compiled" in found and "gradient" not in found
    assert ("value" in found) == engine.eager_compiles  # there most values come from the program in quick runs


def test_another_error_message(engine: Any) -> None:
    right = engine.add

    def wrong(x1: Any, x2: Any) -> Any:
        shapes = [engine.shape_of(x) if engine.is_tensor(x) else () for x in (x1, x2)]
        try:
            np.broadcast_shapes(*shapes)
        except ValueError:
            raise invalid("add", "operands don't fit") from None
        return right(x1, x2)

    assert caught_by("add", engine.name, lambda: planted(engine, add=wrong)) == {"error"}


def test_accepting_what_is_wrong(engine: Any) -> None:
    right = engine.add

    def wrong(x1: Any, x2: Any) -> Any:
        shapes = [engine.shape_of(x) if engine.is_tensor(x) else () for x in (x1, x2)]
        return engine.full((2, 3), 0.0, "float32") if shapes == [(2, 3), (4,)] else right(x1, x2)

    assert caught_by("add", engine.name, lambda: planted(engine, add=wrong)) == {"error"}


def wrong_natives(engine: Any) -> dict[str, Callable[[Any], Any]]:
    """Implementations of `relu`, each wrong in one respect."""
    relu = TABLE["relu"].body

    def unit_slope(x: Any) -> Any:
        """Zeros with the derivative 1."""
        return engine.subtract(x, engine.stop_gradient(x))

    return {
        "value": lambda x: engine.multiply(relu(x), 1.0 + 2.0**-7),
        "gradient": lambda x: engine.add(relu(x), unit_slope(x)),
        "dtype": lambda x: engine.cast(relu(x), "float32"),
        "nan": lambda x: relu(engine.where(engine.is_nan(x), engine.full(engine.shape_of(x), 0.0, engine.dtype_of(x)), x)),
        "ties": lambda x: engine.where(engine.equal(x, 0.0), unit_slope(x), relu(x)),
    }


@pytest.mark.parametrize("fault", ["value", "gradient", "dtype", "nan", "ties"])
def test_native_that_differs_from_its_composite(engine: Any, fault: str) -> None:
    relu = TABLE["relu"].body
    with planted(engine, natives={**engine.natives, "relu": lambda x: relu(x)}):
        assert {r.status for r in results("relu", engine.name, "native")} == {"ok"}
    with planted(engine, natives={**engine.natives, "relu": wrong_natives(engine)[fault]}):
        assert "failed" in {r.status for r in results("relu", engine.name, "native")}


def _once(engine: Any) -> Callable[[Any], Any]:
    """A `softplus` whose gradient, exact as it is, has none."""
    def forward(x: Any) -> tuple[list[Any], list[Any]]:
        return [TABLE["softplus"].body(x)], [engine.stop_gradient(x)]

    def backward(residuals: list[Any], cotangents: list[Any]) -> list[Any]:
        return [engine.multiply(cotangents[0], engine.stop_gradient(TABLE["sigmoid"].body(residuals[0])))]

    return lambda x: engine.custom_gradient(forward, backward, [x])[0]


def test_native_without_a_second_gradient(engine: Any) -> None:
    """It is caught unless it is declared, and then it is left out where a second gradient is wanted."""
    with planted(engine, natives={**engine.natives, "softplus": _once(engine)}):
        assert kinds(results("softplus", engine.name)) == {"second_gradient"}
    declared = SimpleNamespace(NATIVES={"softplus": _once(engine)}, FIRST_ORDER={"softplus"})
    with planted(engine, natives={**engine.natives, **registry.natives_of(declared)}):
        assert not kinds(results("softplus", engine.name))
        assert {r.status for r in results("softplus", engine.name, "native")} == {"ok"}


def test_gap_that_passes(engine: Any) -> None:
    assert not stale_gaps(results("exp", engine.name))
    passing = Gap(("exp",), "exp is not supported", dtypes=("bfloat16",))
    with planted(engine, gaps=(passing,)):
        found = results("exp", engine.name)
        assert not kinds(found)
        assert stale_gaps(found) == [(engine.name, "exp", passing)]


def test_gap_explains_its_cells_and_no_others(engine: Any) -> None:
    right = engine.exp
    half = Gap(("exp",), "wrong in bfloat16", dtypes=("bfloat16",))
    with planted(engine, exp=lambda x: engine.multiply(right(x), 1.1)):
        assert "bfloat16" in kinds(results("exp", engine.name))
    with planted(engine, gaps=(half,), exp=lambda x: engine.multiply(right(x), 1.1)):
        found = results("exp", engine.name)
        assert kinds(found, "gap") == {"bfloat16"} and {"value", "float16"} <= kinds(found)
        assert not stale_gaps(found)


def test_op_without_samples() -> None:
    def nothing(x: Any) -> Any:
        return x

    record = Record("nothing", nothing, primitive=False, tensors=("x",))
    TABLE["nothing"] = record
    try:
        assert kinds(results("nothing", "symbolic")) == {"samples"}
    finally:
        del TABLE["nothing"]


def test_primitive_without_a_reference() -> None:
    """A primitive that NumPy has no function for can't be its own oracle."""
    def unheard_of(engine: Any, x: Any) -> tuple[Any]:
        return (x,)

    record = Record("unheard_of", unheard_of, primitive=True, samples=(Sample(f32(2)),))
    record.function = functools.partial(TABLE["negative"].function)  # not NumPy's `negative` any more
    TABLE["unheard_of"] = record
    try:
        result = run(Cell("unheard_of", 0, "numpy", "value"))
        assert result.status == "failed" and "give the op a `reference`" in result.message
    finally:
        del TABLE["unheard_of"]
