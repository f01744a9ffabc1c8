"""Special functions: errors over their whole range, and derivatives where formulas like to break."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras_lite import ops

special = pytest.importorskip("scipy.special")
RNG = np.random.default_rng(0)
INF, NAN = math.inf, math.nan


def _spread(low: float, high: float) -> np.ndarray:
    """Numbers of all sizes between two powers of ten, of both signs."""
    return RNG.choice([-1, 1], 500) * 10 ** RNG.uniform(low, high, 500)


def _even(low: float, high: float) -> np.ndarray:
    return RNG.uniform(low, high, 1000)


WIDE = np.concatenate([_even(-2, 2), _spread(-37, 37)])
CASES: dict[str, tuple[Callable[..., Any], list[np.ndarray], float]] = {  # the answer, arguments, and the error accepted in ulps
    "cbrt": (np.cbrt, [WIDE], 2),
    "erfc": (np.vectorize(math.erfc), [np.concatenate([_even(-6, 9), _even(0, 4)])], 6),
    "i0": (special.i0, [np.concatenate([_even(-8, 8), _even(-88, 91), _spread(-30, 0)])], 6),
    "sinc": (np.sinc, [np.concatenate([_even(-0.8, 0.8), _spread(-30, -1)])], 4),
    "hypot": (np.hypot, [WIDE, RNG.permutation(WIDE)], 3),
    "logaddexp": (np.logaddexp, [_even(0, 80), _even(-80, 80)], 3),
    "logaddexp2": (np.logaddexp2, [_even(0, 80), _even(-80, 80)], 4),
}


def _errors(engine: Any, name: str, dtype: str, arrays: list[np.ndarray], answer: Callable[..., Any]) -> np.ndarray:
    """Errors in units in the last place, where the answer is a normal number."""
    arrays = [x.astype(dtype) for x in arrays]
    with getattr(engine, "wide_dtypes", contextlib.nullcontext)():
        tensors = [engine.convert(x, dtype) for x in arrays]
        found = engine.to_numpy(getattr(ops, name)(*tensors)).astype("float64")
    expected = answer(*(x.astype("float64") for x in arrays))
    normal = (np.abs(expected) >= np.finfo(dtype).tiny) & (np.abs(expected) <= np.finfo(dtype).max)
    assert normal.mean() > 0.9
    return np.abs(found - expected)[normal] / np.spacing(np.abs(expected[normal]).astype(dtype)).astype("float64")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_errors(engine: Any, name: str, dtype: str) -> None:
    """A few units in the last place everywhere; in float64 the answers have such errors too."""
    answer, arrays, limit = CASES[name]
    assert _errors(engine, name, dtype, arrays, answer).max() <= limit * (1 if dtype == "float32" else 2)


def test_sinc_of_large_numbers(engine: Any) -> None:
    """The argument of the sine is exact: zeros are zeros, and numbers beside them have all their digits."""
    x = np.float32([1, -7, 1000, 1000.0625, 12345.678, 16777216])
    found = ops.convert_to_numpy(ops.sinc(ops.convert_to_tensor(x)))
    np.testing.assert_array_equal(found[[0, 1, 2, 5]], 0)
    np.testing.assert_allclose(found[3:5], np.sinc(x[3:5].astype("float64")), rtol=5e-7)


def _derivatives(engine: Any, fn: Callable[..., Any], *numbers: float) -> tuple[np.ndarray, np.ndarray]:
    """First derivatives of `fn` of numbers, and their own with respect to the first one."""
    def first(xs: list[Any]) -> list[Any]:
        return engine.value_and_grad(lambda ys: (fn(*ys), None), xs)[2]

    tensors = [ops.convert_to_tensor(np.float32(x)) for x in numbers]
    second = [engine.value_and_grad(lambda xs, i=i: (first(xs)[i], None), tensors)[2][0] for i in range(len(numbers))]
    return np.array([ops.convert_to_numpy(g) for g in first(tensors)]), np.array([ops.convert_to_numpy(g) for g in second])


POINTS = [  # function, arguments, first derivatives, second derivatives (d/dx1 of each first one)
    ("cbrt", [0.0], [0], [0]), ("cbrt", [-8.0], [1 / 12], [1 / 144]), ("erfc", [0.0], [-2 / math.sqrt(math.pi)], [0]),
    ("erfc", [5.0], [-2 / math.sqrt(math.pi) * math.exp(-25)], [20 / math.sqrt(math.pi) * math.exp(-25)]), ("i0", [0.0], [0], [0.5]),
    ("i0", [1e-3], [5e-4], [0.5]), ("i0", [20.0], [float(special.i1(20))], [float(special.ivp(0, 20, 2))]),
    ("i0", [90.0], [float(special.i1(90))], [float(special.ivp(0, 90, 2))]), ("sinc", [0.0], [0], [-math.pi**2 / 3]),
    ("sinc", [1e-3], [-math.pi**2 / 3e3], [-math.pi**2 / 3]), ("sinc", [1.0], [-1], [2]), ("hypot", [0.0, 0.0], [0, 0], [0, 0]),
    ("hypot", [1.0, 1.0], [0.5**0.5] * 2, [0.5**1.5, -(0.5**1.5)]), ("hypot", [0.0, -2.0], [0, -1], [0.5, 0]),
    ("logaddexp", [1.0, 1.0], [0.5, 0.5], [0.25, -0.25]), ("logaddexp", [-INF, -INF], [0, 0], [0, 0]),
    ("logaddexp", [90.0, -90.0], [1, 0], [0, 0]), ("logaddexp", [-INF, 0.0], [0, 1], [0, 0]),
    ("logaddexp2", [1.0, 1.0], [0.5, 0.5], [math.log(2) / 4, -math.log(2) / 4]), ("fmax", [NAN, 2.0], [0, 1], [0, 0]),
    ("fmax", [2.0, 2.0], [0.5, 0.5], [0, 0]), ("fmod", [-5.5, 2.0], [1, 2], [0, 0]),
]


@pytest.mark.parametrize(("name", "numbers", "first", "second"), POINTS, ids=lambda x: str(x))
def test_derivatives(engine: Any, name: str, numbers: list[float], first: list[float], second: list[float]) -> None:
    """First and second derivatives are right and finite at zeros, ties, infinities and seams."""
    found = _derivatives(engine, getattr(ops, name), *numbers)
    np.testing.assert_allclose(found[0], first, rtol=2e-5, atol=1e-6 if max(map(abs, first)) > 1e-3 else 1e-16)
    np.testing.assert_allclose(found[1], second, rtol=1e-4, atol=1e-5 if max(map(abs, second)) > 1e-3 else 1e-16)


def test_ldexp_is_exact(engine: Any) -> None:
    """Powers of two of the whole range, in one step where no single factor is finite."""
    exponents = np.arange(-120, 121, dtype="int32")
    x = np.ldexp(np.float32(1.75), -exponents)
    found = ops.ldexp(ops.convert_to_tensor(x), ops.convert_to_tensor(exponents))
    np.testing.assert_array_equal(ops.convert_to_numpy(found), np.full(241, np.float32(1.75)))
    found = ops.ldexp(ops.convert_to_tensor(np.float32([2.0**-120, 3.0])), ops.convert_to_tensor(np.int32([240, -2000])))
    np.testing.assert_array_equal(ops.convert_to_numpy(found), np.float32([2.0**120, 0]))


def test_wide_unsigned_distances(engine: Any) -> None:
    """Exponents and distances that no signed integer holds."""
    with getattr(engine, "wide_dtypes", contextlib.nullcontext)():
        far = engine.convert(np.array([2**64 - 1, 2**63 + 1, 1], "uint64"), "uint64")
        np.testing.assert_array_equal(ops.convert_to_numpy(ops.right_shift(engine.convert(np.uint64([2, 9, 9]), "uint64"), far)), [0, 0, 4])
        np.testing.assert_array_equal(ops.convert_to_numpy(ops.ldexp(np.float32([1, -1, 3]), far)), [np.inf, -np.inf, 6])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint32"])
def test_divisors_of_extreme_integers(engine: Any, dtype: str) -> None:
    """gcd and lcm of the extremes of an integer dtype."""
    bounds = np.iinfo(dtype)
    a = np.array([bounds.max, bounds.max - 1, bounds.min, 0, 96], dtype)
    b = np.array([bounds.max - 1, 6, 6, 7, 36], dtype)
    with getattr(engine, "wide_dtypes", contextlib.nullcontext)():
        found = ops.gcd(engine.convert(a, dtype), engine.convert(b, dtype))
        np.testing.assert_array_equal(ops.convert_to_numpy(found), np.gcd(a, b))
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.lcm(engine.convert(np.int32([4, 0]), "int32"), 6)), [12, 0])


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")  # of NumPy, which says so
def test_numbers_beyond_a_dtype_are_infinite(engine: Any) -> None:
    """On every engine, as values and as parameters; so are ints beyond 64 bits where a float is meant."""
    x = np.float32([1, -2])
    results = {"maximum": ops.maximum(x, 1e39), "where": ops.where(x > 0, x, 1e39), "full": ops.full((2,), 1e39, "float32"),
               "threshold": ops.threshold(x, 0.0, 1e39), "leaky_relu": ops.leaky_relu(x, 10**20), "hard_shrink": ops.hard_shrink(x, 1e39)}
    expected = {"maximum": [INF, INF], "where": [1, INF], "full": [INF, INF], "threshold": [1, INF], "leaky_relu": [1, -2e20],
                "hard_shrink": [0, 0]}
    for name, result in results.items():
        np.testing.assert_allclose(ops.convert_to_numpy(result), expected[name], rtol=1e-6, err_msg=name)
    for function in (ops.elu, ops.celu, ops.soft_shrink):
        assert ops.shape(function(x, 10**20)) == (2,)


def test_more_differences_than_elements(engine: Any) -> None:
    assert ops.shape(ops.diff(np.ones(3, "float32"), 10**18)) == (0,)
