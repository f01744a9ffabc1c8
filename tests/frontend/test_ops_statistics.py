"""Order, counting and NaN: what the samples of the matrix can't say of these ops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from tests.conftest import ENGINES
from tests.frontend.test_ops_unknown_sizes import check

NAN, INF = float("nan"), float("inf")
X = np.random.default_rng(0).uniform(-2, 2, (4, 6)).astype("float32")


def value(x: Any) -> Any:
    return ops.convert_to_numpy(x).tolist()


def gradient(engine: Any, fn: Any, array: Any) -> Any:
    *_, (found,) = engine.value_and_grad(lambda ts: (ops.sum(fn(ts[0])), None), [ops.convert_to_tensor(np.float32(array))])
    return value(found)


def test_sign_bit_of_nan(engine: Any) -> None:
    """Each engine reads the bit."""
    assert value(ops.signbit(np.float32([NAN, -NAN, -0.0]))) == [False, True, True]


@pytest.mark.parametrize(("dtype", "limit"), [("float16", 65504.0), ("bfloat16", 3.3895313892515355e38),
                                              ("float32", 3.4028234663852886e38)])
def test_infinities_become_limits(engine: Any, dtype: str, limit: float) -> None:
    """The limits are those of the tensor's own dtype."""
    found = ops.nan_to_num(ops.cast(np.float32([INF, -INF, NAN]), dtype))
    assert engine.dtype_of(found) == dtype
    assert value(ops.cast(found, "float32")) == [limit, -limit, 0.0]


def test_median_of_ties(engine: Any) -> None:
    """All engines give the gradient to the same ones of equal elements: to those that stable sorting puts in the middle."""
    rows = [[2, 2, 2, 2], [3, 1, 3, 1], [2, 2, 0, 2]]
    assert gradient(engine, lambda x: ops.median(x, axis=1), rows) == [[0, 0.5, 0.5, 0], [0.5, 0, 0, 0.5], [0.5, 0.5, 0, 0]]
    assert gradient(engine, ops.median, [1, 5, 1, 5, 5]) == [0, 1, 0, 0, 0]


def test_sum_of_complex_numbers(engine: Any) -> None:
    """A complex number is NaN if one of its parts is."""
    assert value(ops.nansum(ops.convert_to_tensor(np.complex64([1j, NAN, 2, complex(1, NAN)])))) == 2 + 1j


def test_quantiles_are_exact_on_each_engine(engine: Any) -> None:
    """0.29 * 100 is just below 29 in float64, and 29 in float32."""
    x = np.arange(101, dtype="float32")
    assert value(ops.quantile(x, 0.29, method="lower")) == value(ops.nanquantile(x, 0.29, method="lower")) == 28.0


def test_tensors_of_fractions_are_limited(engine: Any) -> None:
    """What is no number between 0 and 1 is seen where the values are known."""
    x, q = np.float32([1, 2, 4]), np.float32([-1.0, 0.5, 2.0])
    if not hasattr(registry.current(), "on_host"):  # that of a tensor on the host is seen
        assert value(ops.quantile(x, ops.convert_to_tensor(q))) == [1.0, 2.0, 4.0]
    with pytest.raises(ValueError, match=r"^quantile: q must lie in \[0, 1\], got \[-1.0, 0.5, 2.0\]$"):
        ops.quantile(x, q)
    with pytest.raises(ValueError, match=r"^percentile: q must lie in \[0, 100\], got 200$"):
        ops.percentile(X, 200)


def test_unique_has_a_gradient(engine: Any) -> None:
    """Each value comes from the first element that has it."""
    weights = np.float32([1, 10, 100])
    assert gradient(engine, lambda x: ops.multiply(ops.unique(x), weights), [3, 1, 3, 2]) == [100, 1, 0, 10]


def test_unique_inside_compiled_functions(engine: Any) -> None:
    """With a size the shape is known."""
    def fn(x: Any) -> Any:
        return ops.unique(x, return_counts=True, size=4, fill_value=-1)

    values, counts = engine.compile(fn)(ops.convert_to_tensor(np.int32([5, 2, 5])))
    assert (value(values), value(counts)) == ([2, 5, -1, -1], [1, 2, 0, 0])


def test_bincount_has_a_gradient(engine: Any) -> None:
    """That of a weight is the cotangent of its bin."""
    x = np.int32([1, 0, 1])
    assert gradient(engine, lambda w: ops.multiply(ops.bincount(x, w, 3), np.float32([1, 10, 100])), [1, 2, 3]) == [10, 1, 10]


def test_bincount_refuses_negative_numbers(engine: Any) -> None:
    """The message tells the lowest."""
    with pytest.raises(ValueError, match=r"^bincount: x must not be negative, got -2$"):
        ops.bincount(np.int32([1, -2]))


@pytest.mark.parametrize("arguments", [([2**31 - 1],), (np.int32([[0, 2], [1, 1]]), None, 2**30), ([1], None, 2**40)])
def test_bincount_refuses_more_counts_than_int32_numbers(engine: Any, arguments: Any) -> None:
    """Before it asks for their memory."""
    with pytest.raises(ValueError, match=r"^bincount: \d+ counts are too many, of rows of \d+; there can be 2\*\*31 - 1$"):
        ops.bincount(*arguments)


def test_digitize_takes_edges_in_the_precision_of_x(engine: Any) -> None:
    """0.1 in float32 is above 0.1 in float64."""
    if engine.canonical_dtype("float64") == "float64":
        assert value(ops.digitize(ops.convert_to_tensor(np.float64([0.1])), [0.1])) == [1]


@pytest.mark.parametrize("method", ["linear", "lower", "midpoint"])
@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
def test_quantiles_at_nan(engine: Any, name: str, method: str) -> None:
    """A tensor of fractions that nobody has seen may hold NaN: so does the result, there alone."""
    if engine.name == "numpy":
        pytest.skip("sees all values")
    q, function = ops.convert_to_tensor(np.float32([NAN, 0.5])), getattr(ops, name)
    x = ops.convert_to_tensor(np.float32([3, 1, 2, 7]))
    _, found, _ = engine.value_and_grad(lambda ts: (ops.sum(ts[0]), function(ts[0], q, method=method)), [x])
    np.testing.assert_array_equal(value(found), [NAN, 2 if method == "lower" else 2.5])


UNKNOWN = {
    "allclose": lambda x: ops.allclose(x, x), "argpartition": lambda x: ops.argpartition(x, 1, 0),
    "bincount": lambda x: ops.bincount(ops.cast(ops.abs(x) * 3, "int32")), "corrcoef": ops.corrcoef,
    "correlate": lambda x: ops.correlate(x[:, 0], np.float32([1, 2, 3]), "same"),
    "correlate_longer": lambda x: ops.correlate(x[:, 0], np.arange(1, 10, dtype="float32"), "same"),
    "correlate_valid": lambda x: ops.correlate(x[0], np.float32([1, 2, 3])), "diff": lambda x: ops.diff(x, 2, axis=0),
    "digitize": lambda x: ops.digitize(x, ops.sort(x[:, 0])), "histogram": lambda x: ops.histogram(x[:, 0], 3)[0],
    "isin": lambda x: ops.isin(x, x[0]), "median": ops.median, "nanargmax": lambda x: ops.nanargmax(x, 1),
    "nanmean": lambda x: ops.nanmean(x, 0), "nanquantile": lambda x: ops.nanquantile(x, [0.2, 0.7], axis=1),
    "nanvar": ops.nanvar, "quantile": lambda x: ops.quantile(x, [0.2, 0.7], axis=(0, 1), keepdims=True),
    "quantile_lower": lambda x: ops.quantile(x, 0.4, axis=0, method="lower"), "select": lambda x: ops.select([x > 1, x > 0], [x, -x], 2.0),
    "trapezoid": lambda x: ops.trapezoid(x, axis=0), "unique": ops.unique, "unique_rows": lambda x: ops.unique(x, axis=0),
    "unravel_index": lambda x: ops.unravel_index([3, 5], ops.shape(x))[1],
}


@pytest.mark.skipif("tensorflow" not in ENGINES, reason="the tensorflow engine is not here")
@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_sizes(name: str) -> None:
    """In a TensorFlow graph in which no size is known."""
    with registry.using("tensorflow"):
        check(UNKNOWN[name], X)
