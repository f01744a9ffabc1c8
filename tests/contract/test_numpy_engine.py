"""The NumPy engine's own parts: derivatives of second order, special functions, operators on traced tensors."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

from keras_lite.engine import registry

e = registry.load("numpy")


def uniform(*shape: int, low: float = -1.3, high: float = 1.3) -> np.ndarray:
    """Fixed random numbers."""
    return np.random.default_rng(len(shape) + sum(shape)).uniform(low, high, shape)


def weighted_sum(y: Any) -> Any:
    """A scalar in which each element of `y` counts otherwise."""
    weights = np.cos(np.arange(y.size)).reshape(y.shape)
    return e.reduce_sum(e.multiply(y, weights), tuple(range(y.ndim)), False)


def slopes(fn: Callable[..., Any], xs: list[Any]) -> list[Any]:
    return e.value_and_grad(lambda ts: (fn(*ts), None), xs)[2]


def numeric_slopes(fn: Callable[..., Any], xs: list[np.ndarray], step: float) -> list[np.ndarray]:
    """Central differences."""
    out = [np.zeros_like(x) for x in xs]
    for x, slope in zip(xs, out, strict=True):
        for place in np.ndindex(*x.shape):
            kept = x[place]
            ends = []
            for sign in (1, -1):
                x[place] = kept + sign * step
                ends.append(float(fn(*xs)))
            x[place] = kept
            slope[place] = (ends[0] - ends[1]) / (2 * step)
    return out


POSITIVE, INSIDE = {"low": 0.3, "high": 3.0}, {"low": -0.8, "high": 0.8}
ROWS = np.array([[0], [2], [0]])
HOW = ((2, 1), "same", (1, 2))
FUNCTIONS: dict[str, tuple[Callable[..., Any], list[np.ndarray]]] = {
    **{name: (getattr(e, name), [uniform(3, 4)]) for name in (
        "exp", "expm1", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "arcsinh", "erf")},
    **{name: (getattr(e, name), [uniform(3, 4, **POSITIVE)]) for name in ("log", "log1p", "sqrt", "rsqrt", "lgamma", "digamma")},
    **{name: (getattr(e, name), [uniform(3, 4, **INSIDE)]) for name in ("arcsin", "arccos", "arctanh", "erfinv")},
    **{name: (getattr(e, name), [uniform(3, 1), uniform(2, low=0.5)]) for name in ("add", "subtract", "multiply", "divide", "arctan2")},
    "arccosh": (e.arccosh, [uniform(4, low=1.2, high=3)]),
    "digamma on the left": (e.digamma, [np.array([-0.5, -1.3, -2.4, 0.2])]),
    "power": (e.power, [uniform(3, 2, **POSITIVE), uniform(2)]),
    "square": (lambda x: e.power(x, 2), [uniform(3)]),
    "power of a number": (lambda x: e.power(2.0, x), [uniform(3)]),
    "remainder": (e.remainder, [uniform(3, 2), uniform(2, low=1.4, high=1.6)]),
    "reduce_prod": (lambda x: e.reduce_prod(x, (0, 2), True), [uniform(2, 3, 3)]),
    "reduce_prod with zeros": (lambda x: e.reduce_prod(x, (0,), False), [np.array([0.0, 2, 0, 3])]),
    "cumprod with a zero": (lambda x: e.cumprod(x, 0), [np.array([1.0, 0, 2, 3, 4])]),
    "cumsum": (lambda x: e.sin(e.cumsum(x, 1)), [uniform(2, 3)]),
    "sort": (lambda x: e.sin(e.sort(x, 1)), [uniform(2, 5)]),
    "take_along_axis": (lambda x: e.sin(e.take_along_axis(x, np.array([[2, 0], [1, 1]]), 1)), [uniform(1, 3)]),
    "gather": (lambda x: e.sin(e.gather(x, np.array([[2, 0], [2, 2]]), 1)), [uniform(2, 3, 2)]),
    "scatter add": (lambda x, u: e.sin(e.scatter(x, ROWS, u, "add")), [uniform(4, 2), uniform(3, 2)]),
    "scatter multiply": (lambda x, u: e.sin(e.scatter(x, ROWS, u, "multiply")), [uniform(4, 2), uniform(3, 2)]),
    "scatter set": (lambda x, u: e.sin(e.scatter(x, ROWS, u, "set")), [uniform(4, 2), uniform(3, 2)]),
    "pad and slice": (lambda x: e.sin(e.strided_slice(e.pad(x, ((1, 0), (0, 2)), 1.0), (0, 1), (3, 5), (2, 2))), [uniform(2, 3)]),
    "concatenate": (lambda x, y: e.sin(e.concatenate([x, y, x], 1)), [uniform(2, 3), uniform(2, 1)]),
    "matmul": (e.matmul, [uniform(5, 1, 2, 3), uniform(4, 3, 2)]),
    "matmul of a stack and a matrix": (e.matmul, [uniform(4, 2, 3), uniform(3, 2)]),
    "matmul of vectors": (e.matmul, [uniform(3), uniform(2, 3, 2)]),
    "einsum": (lambda *xs: e.einsum("iij,jk,k->ik", xs), [uniform(2, 2, 3), uniform(3, 4), uniform(4)]),
    "conv": (lambda x, k: e.conv(x, k, *HOW, 1, True), [uniform(2, 5, 4, 2), uniform(3, 2, 2, 3)]),
    "grouped conv": (lambda x, k: e.conv(x, k, *HOW, 2, False), [uniform(2, 4, 5, 4), uniform(3, 2, 2, 4)]),
    "depthwise conv": (lambda x, k: e.conv(x, k, *HOW, 3, True), [uniform(2, 5, 4, 3), uniform(3, 2, 1, 6)]),
    "conv_transpose": (lambda x, k: e.conv_transpose(x, k, (2, 1), ((1, 0), (0, -1)), (1, 2), True),
                       [uniform(2, 3, 3, 2), uniform(2, 2, 3, 2)]),
    "pooling": (lambda x: e.sin(e.reduce_window(x, "max", (3, 2), (2, 1), "same", True)), [uniform(2, 5, 4, 2)]),
    "sums over windows": (lambda x: e.sin(e.reduce_window(x, "sum", (2, 2), (2, 2), "valid", False)), [uniform(2, 2, 5, 4)]),
    "scan": (lambda x, w, h: e.scan(lambda s, row: ([e.tanh(e.add(e.matmul(s[0], w), row[0]))], []), [h], [x], 4, True)[0][0],
             [uniform(4, 2, 3), uniform(3, 3), uniform(2, 3)]),
    "vectorized_map": (lambda x: e.vectorized_map(lambda row: [e.matmul(row[0], row[0])], [x])[0], [uniform(3, 2, 2)]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_of_two_orders(name: str) -> None:
    """First and second derivatives are those of finite differences."""
    function, xs = FUNCTIONS[name]
    first = lambda *ts: weighted_sum(function(*ts))  # noqa: E731  # a name for what is differentiated twice

    def second(*ts: Any) -> Any:
        total = weighted_sum(e.stop_gradient(np.zeros(1)))
        for slope in slopes(first, list(ts)):
            total = e.add(total, weighted_sum(slope))
        return total

    xs = [x.copy() for x in xs]
    for got, want in zip(slopes(first, xs), numeric_slopes(first, xs, 1e-6), strict=True):
        assert np.allclose(got, want, rtol=1e-5, atol=1e-6 * (1 + np.abs(want).max()))
    for got, want in zip(slopes(second, xs), numeric_slopes(second, xs, 1e-5), strict=True):
        assert np.allclose(got, want, rtol=1e-4, atol=1e-5 * (1 + np.abs(want).max()))


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_derivatives_keep_the_dtype(name: str, dtype: str) -> None:
    """Values and gradients are arrays of the arguments' dtype, and the arguments stay as they are."""
    function, xs = FUNCTIONS[name]
    tensors = [e.cast(x, dtype) for x in xs]
    before = [x.copy() for x in tensors]
    weighted = lambda ts: (e.reduce_sum(y := function(*ts), tuple(range(y.ndim)), False), None)  # noqa: E731
    value, _, gradients = e.value_and_grad(weighted, tensors)
    for y in (value, *gradients):
        assert type(y) is np.ndarray
        assert e.dtype_of(y) == dtype
    assert all(np.array_equal(x, y) for x, y in zip(tensors, before, strict=True))


@pytest.mark.parametrize(("name", "reference", "low", "high", "limit"), [
    ("erf", scipy.special.erf, -6, 6, 4), ("erfinv", scipy.special.erfinv, -1, 1, 6), ("lgamma", scipy.special.gammaln, 3, 300, 4),
    ("lgamma", scipy.special.gammaln, 0.001, 3, 4), ("digamma", scipy.special.digamma, 2, 300, 20),
])
def test_special_functions(name: str, reference: Callable[..., Any], low: float, high: float, limit: float) -> None:
    """Within a few units in the last place of SciPy's, which has some of its own; of 1 where the value is smaller."""
    x = np.linspace(low, high, 20001)[1:-1]
    want = reference(x)
    assert (np.abs(getattr(e, name)(x) - want) <= limit * np.spacing(np.maximum(np.abs(want), 1))).all()
    single = getattr(e, name)(x.astype("float32"))
    assert np.allclose(single, reference(x.astype("float32").astype("float64")), rtol=5e-7, atol=1e-7)


def test_special_functions_at_their_edges() -> None:
    """Poles, infinities and NaN; and all digits of lgamma beside its zero at 1, by its series."""
    assert np.array_equal(e.erfinv(np.array([1.0, -1, 0, 2])), [np.inf, -np.inf, 0, np.nan], equal_nan=True)
    assert np.array_equal(e.lgamma(np.array([0.0, -1, np.inf, -np.inf, np.nan])), [np.inf] * 4 + [np.nan], equal_nan=True)
    assert np.array_equal(e.digamma(np.array([0.0, -0.0, -2, np.inf])), [-np.inf, np.inf, np.nan, np.inf], equal_nan=True)
    h = np.array([2.0**-17, -(2.0**-20)])
    series = h * (-0.5772156649015329 + h * (0.8224670334241132 + h * (-0.4006856343865314 + h * 0.27058080842778454)))
    assert np.allclose(e.lgamma(1 + h), series, rtol=1e-15, atol=0)


def test_operators_on_traced_tensors() -> None:
    """A layer written with operators and indexing has the gradients of one written with functions."""
    a, m = uniform(3, 4), uniform(4, 2)

    def with_operators(x: Any) -> Any:
        y = ((x * 2 + 1 - a) / 3 + (2 - x) * x**2) @ m + (1 / (x * x + 1))[:, :2] - abs(x)[:, [0, 0]]
        rows = [row * i for i, row in enumerate(y)]
        return weighted_sum(y) + rows[1][0] + rows[2].reshape(2, 1).T[0, 1] + len(y) + float(y[0, 0] > 100) + np.float64(2) * y[-1, -1]

    x = uniform(3, 4)
    assert np.allclose(slopes(with_operators, [x])[0], numeric_slopes(with_operators, [x], 1e-6)[0], rtol=1e-5, atol=1e-6)


def test_promotion_of_operators() -> None:
    """A traced float32 times a float64 array is float64, and its gradient float32 again."""
    value, _, gradients = e.value_and_grad(lambda ts: ((ts[0] * np.ones(3)) @ np.ones(3), None), [np.ones(3, "float32")])
    assert value.dtype == np.float64
    assert gradients[0].dtype == np.float32


def test_numpy_functions_refuse_traced_tensors() -> None:
    """They would lose the gradient."""
    for function, message in ((np.sin, "does not support ufuncs"), (np.asarray, "use keras_lite.ops")):
        with pytest.raises(TypeError, match=message):
            e.value_and_grad(lambda ts, f=function: (f(ts[0]), None), [np.ones(())])


def test_threads_differentiate_apart() -> None:
    """Nested gradients in several threads do not meet."""
    found: dict[int, set[float]] = {}

    def work(number: int) -> None:
        cube = lambda x: e.multiply(e.multiply(x, x), x)  # noqa: E731
        twice = lambda x: slopes(cube, [x])[0]  # noqa: E731
        found[number] = {float(slopes(twice, [np.array(float(number))])[0]) for _ in range(50)}

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {i: {6.0 * i} for i in range(4)}


def test_long_chains() -> None:
    """The backward pass does not recurse."""
    def chain(x: Any) -> Any:
        for _ in range(20_000):
            x = e.add(x, 0.5)
        return x

    assert slopes(chain, [np.array(1.0)])[0] == 1
