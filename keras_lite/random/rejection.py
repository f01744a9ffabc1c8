"""Gamma, beta and binomial numbers, by rejection with a fixed number of candidates.

All candidates of a number are drawn and the first accepted one is taken: no loop whose length depends on the data, so compiled code
is plain arithmetic.  With `_CANDIDATES` the chance that none is accepted, when the first is taken all the same, is below 1e-7.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite import config, ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, is_integer, standardize
from keras_lite.engine.errors import invalid
from keras_lite.ops import sizes
from keras_lite.ops.data import check_range
from keras_lite.ops.hosted import drawn
from keras_lite.ops.random import random_bits
from keras_lite.ops.table import named
from keras_lite.random.arguments import COUNT, POSITIVE, SHARE, check, float_dtype, host
from keras_lite.random.normals import normal_of
from keras_lite.random.seed_generator import draw_seed

_CANDIDATES = 8


def _accepted(attempt: Any, candidates: list[Any], parameters: list[Any]) -> Any:
    """The first number that `attempt(*candidates, *parameters) -> (accepted, number)` accepts of the candidates along the first axis."""
    count = len(candidates)
    return _in_two_steps(lambda *xs: attempt(*(x[0] for x in xs[:count]), *xs[count:]), lambda *xs: _first(*attempt(*xs)),
                         candidates, parameters)


def _in_two_steps(quick: Any, thorough: Any, columns: list[Any], parameters: list[Any]) -> Any:
    """Numbers by `quick(*columns, *parameters) -> (settled, number)`, and by `thorough`, with the same arguments, where that settles
    nothing; all of them by that one where values are not known.  The `columns` have an axis before those of the result.
    """
    engine = registry.current()
    if any(_known(x) is None for x in (*columns, *parameters)):
        return thorough(*columns, *parameters)
    settled, number = quick(*columns, *parameters)
    rest = np.flatnonzero(~engine.to_numpy(settled)).astype("int32")
    if not rest.size:
        return number
    few = thorough(*(ops.take(ops.reshape(x, (len(x), -1)), rest, 1) for x in columns), *(ops.take(x, rest) for x in parameters))
    return ops.reshape(ops.scatter_update(ops.reshape(number, (-1,)), rest[:, None], few), ops.shape(number))


def _known(x: Any) -> Any:
    """The array of a tensor whose values are there at once, else None."""
    on_host = getattr(registry.current(), "on_host", None)
    return None if on_host is None else on_host(x)


def _first(accepted: Any, candidates: Any) -> Any:
    """The first accepted candidate, along the first axis."""
    place = ops.argmax(ops.cast(accepted, "int32"), axis=0, keepdims=True)
    return ops.squeeze(ops.take_along_axis(candidates, place, axis=0), 0)


@named
def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers of the gamma distribution with shape parameter `alpha` and scale 1.

    Args:
        shape: sizes of the result.
        alpha: positive number or tensor that broadcasts to the shape; `alpha` is the mean and the variance.
        dtype: a float dtype, `floatx` by default; the numbers are drawn in float32.
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Raises:
        TypeError: `alpha` is no real number.
        ValueError: it is not positive or does not fit the shape, the dtype is no float, or `seed` is none of these.

    Source: G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000).

    >>> from keras_lite import ops, random
    >>> ops.convert_to_numpy(random.gamma((3,), [1.0, 10.0, 100.0], seed=1)).round(2)
    array([6.000e-02, 9.750e+00, 8.845e+01], dtype=float32)
    """
    shape, dtype = sizes.known_shape("gamma", registry.current(), shape), float_dtype("gamma", dtype)
    check("gamma", POSITIVE, shape, "float32", alpha=alpha)
    large, log_factor = _gamma(draw_seed(seed), shape, ops.broadcast_to(ops.cast(alpha, "float32"), shape))
    return ops.cast(ops.multiply(large, ops.exp(log_factor)), dtype)


@drawn
def _gamma(seed: Any, shape: tuple[Any, ...], alpha: Any) -> tuple[Any, Any]:
    """A gamma number as a factor and the logarithm of another, which may be too small for a float."""
    bits = random_bits(seed, (2 * _CANDIDATES + 1, *shape), 31)
    normals, uniforms, extra = (bits[i:j] for i, j in ((0, _CANDIDATES), (_CANDIDATES, -1), (-1, None)))
    small = ops.less(alpha, 1.0)  # where alpha + 1 is drawn, and the number multiplied by a power of a uniform one
    d = ops.subtract(ops.where(small, ops.add(alpha, 1.0), alpha), 1 / 3)
    power = ops.where(small, ops.divide(_log_uniform(extra)[0], alpha), 0.0)
    return _accepted(_large_gamma, [normals, uniforms], [d]), power


def _large_gamma(normals: Any, uniforms: Any, d: Any) -> tuple[Any, Any]:
    """Candidates for gamma numbers of the shape parameter `d + 1 / 3`, at least 1, and whether they are accepted."""
    x = normal_of(normals)
    root = ops.add(ops.divide(x, ops.sqrt(ops.multiply(d, 9.0))), 1.0)
    v = ops.maximum(ops.power(root, 3), 1e-30)
    bound = ops.add(ops.multiply(ops.square(x), 0.5), ops.multiply(d, ops.add(ops.subtract(1.0, v), ops.log(v))))
    accepted = ops.logical_and(ops.greater(root, 0.0), ops.less(_log_uniform(uniforms), bound))
    return accepted, ops.multiply(d, v)


def _log_uniform(bits: Any) -> Any:
    """Logarithm of numbers uniform in (0, 1)."""
    return ops.log(ops.multiply(ops.add(ops.cast(bits, "float32"), 0.5), 2.0**-31))


@named
def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers of the beta distribution on [0, 1]: x / (x + y) of gamma numbers x and y with these shape parameters.

    Args:
        shape: sizes of the result.
        alpha, beta: positive numbers or tensors that broadcast to the shape; `alpha / (alpha + beta)` is the mean.
        dtype: a float dtype, `floatx` by default; the numbers are drawn in float32.
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Raises:
        TypeError: a parameter is no real number.
        ValueError: one is not positive or does not fit the shape, the dtype is no float, or `seed` is none of these.

    >>> from keras_lite import ops, random
    >>> ops.convert_to_numpy(random.beta((3,), [1.0, 1.0, 90.0], [1.0, 9.0, 10.0], seed=1)).round(3)
    array([0.115, 0.104, 0.874], dtype=float32)
    """
    shape, dtype = sizes.known_shape("beta", registry.current(), shape), float_dtype("beta", dtype)
    check("beta", POSITIVE, shape, "float32", alpha=alpha, beta=beta)
    parameters = ops.stack([ops.broadcast_to(ops.cast(p, "float32"), shape) for p in (alpha, beta)])
    large, log_factor = _gamma(draw_seed(seed), (2, *shape), parameters)
    logs = ops.add(ops.log(large), log_factor)  # x / (x + y), also where both are too small for a float
    return ops.cast(ops.sigmoid(ops.subtract(logs[0], logs[1])), dtype)


@named
def binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers of successes in `counts` trials with the given `probabilities`.

    Args:
        shape: sizes of the result.
        counts: numbers of trials below 2**24; number or tensor that broadcasts to the shape.
        probabilities: of success in a trial; likewise.
        dtype: a float or integer dtype, `floatx` by default.
        seed: an int from 0 to 2**32 - 1, a `SeedGenerator` or None.

    Raises:
        TypeError: a parameter is no real number.
        ValueError: a parameter is outside of its range or does not fit the shape, or the dtype is too short; or `seed` is none of these.

    Source: W. Hörmann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46 (1993), algorithm BTRS; by the
    inverse of the distribution function where fewer than 10 successes are expected.

    >>> from keras_lite import ops, random
    >>> ops.convert_to_numpy(random.binomial((3,), [10, 10, 1000], [0.5, 0.01, 0.5], dtype="int32", seed=1)).tolist()
    [6, 0, 496]
    """
    shape = sizes.known_shape("binomial", registry.current(), shape)
    dtype = standardize(dtype, config.floatx())
    if not (is_float(dtype) or is_integer(dtype)):
        raise invalid("binomial", f"dtype must be a float or integer dtype, got {dtype}")
    check("binomial", SHARE, shape, "float32", probabilities=probabilities)
    check("binomial", COUNT, shape, "float32", counts=counts)
    if (known := host(counts)) is not None:
        check_range("binomial", known, dtype)
    n, p = (ops.broadcast_to(ops.cast(x, "float32"), shape) for x in (counts, probabilities))
    return ops.cast(_binomial(draw_seed(seed), shape, n, p), dtype)


@drawn
def _binomial(seed: Any, shape: tuple[Any, ...], n: Any, p: Any) -> Any:
    flipped = ops.greater(p, 0.5)
    rare = ops.where(flipped, ops.subtract(1.0, p), p)
    many = ops.greater_equal(ops.multiply(n, rare), 10.0)
    known = _known(many)
    rows = 1 if known is not None and not known.any() else 2 * _BINOMIAL_CANDIDATES + 1
    bits = random_bits(seed, (rows, *shape), 24)
    # each formula gets arguments it is made for, where the other one is used
    few = _by_inversion(_unit(bits[0]), n, ops.where(many, 0.0, rare))
    if rows == 1:
        successes = few
    else:
        candidates = [bits[1:_BINOMIAL_CANDIDATES + 1], bits[_BINOMIAL_CANDIDATES + 1:]]
        parameters = [ops.where(many, n, 40.0), ops.where(many, rare, 0.5)]
        successes = ops.where(many, _accepted(_by_rejection, candidates, parameters), few)
    return ops.where(flipped, ops.subtract(n, successes), successes)


_BINOMIAL_CANDIDATES = 12  # of which each is accepted with a probability above 0.75
_MOST = 40  # with 10 expected successes, more have a probability below 1e-11
_FEW = 6


def _unit(bits: Any) -> Any:
    return ops.multiply(ops.add(ops.cast(bits, "float32"), 0.5), 2.0**-24)


def _by_inversion(unit: Any, n: Any, p: Any) -> Any:
    """The number of values of the distribution function that `unit` exceeds."""
    return _in_two_steps(lambda *xs: _inverted(_FEW, *xs), lambda *xs: _inverted(_MOST, *xs)[1], [], [unit, n, p])


def _inverted(most: int, unit: Any, n: Any, p: Any) -> tuple[Any, Any]:
    """The number of the first `most` values and one that `unit` exceeds, and whether it exceeds no others."""
    first = ops.exp(ops.multiply(n, ops.log1p(ops.negative(p))))
    odds = ops.divide(p, ops.subtract(1.0, p))
    k = ops.reshape(ops.arange(1, most + 1, dtype="float32"), (most,) + (1,) * len(ops.shape(n)))
    steps = ops.divide(ops.multiply(ops.maximum(ops.add(ops.subtract(n, k), 1.0), 0.0), odds), k)
    sums = ops.multiply(first, ops.add(ops.cumsum(ops.cumprod(steps, axis=0), axis=0), 1.0))
    below = ops.concatenate([ops.expand_dims(ops.greater(unit, first), 0), ops.greater(unit, sums)], axis=0)
    return ops.logical_not(below[-1]), ops.minimum(ops.sum(ops.cast(below, "float32"), axis=0), n)


def _by_rejection(first: Any, second: Any, n: Any, p: Any) -> tuple[Any, Any]:
    """BTRS: candidates of a transformed table mountain, for n p >= 10 and p <= 1/2, and whether they are accepted."""
    u, v = ops.subtract(_unit(first), 0.5), _unit(second)
    spread = ops.sqrt(ops.multiply(ops.multiply(n, p), ops.subtract(1.0, p)))
    b = ops.add(ops.multiply(spread, 2.53), 1.15)
    a = ops.add(ops.add(ops.multiply(b, 0.0248), ops.multiply(p, 0.01)), -0.0873)
    alpha = ops.multiply(ops.add(ops.divide(5.1, b), 2.83), spread)
    edge = ops.subtract(0.5, ops.absolute(u))
    k = ops.floor(ops.add(ops.multiply(ops.add(ops.divide(ops.multiply(a, 2.0), edge), b), u), ops.add(ops.multiply(n, p), 0.5)))
    inside = ops.logical_and(ops.greater_equal(k, 0.0), ops.less_equal(k, n))
    squeezed = ops.logical_and(ops.greater_equal(edge, 0.07), ops.less_equal(v, ops.subtract(0.92, ops.divide(4.2, b))))
    height = ops.log(ops.divide(ops.multiply(v, alpha), ops.add(ops.divide(a, ops.square(edge)), b)))
    kept = ops.maximum(ops.minimum(k, n), 0.0)
    mode = ops.floor(ops.multiply(ops.add(n, 1.0), p))
    accepted = ops.logical_or(squeezed, ops.less_equal(height, _log_ratio(kept, mode, n, p)))
    return ops.logical_and(inside, accepted), kept


def _log_ratio(k: Any, mode: Any, n: Any, p: Any) -> Any:
    """Logarithm of the probability of `k` over that of `mode`, by Stirling's formula so that large terms do not cancel."""
    odds = ops.divide(p, ops.subtract(1.0, p))
    rest, rest_of_mode = (ops.add(ops.subtract(n, x), 1.0) for x in (k, mode))
    terms = (
        ops.multiply(ops.add(mode, 0.5), ops.log(ops.divide(ops.add(mode, 1.0), ops.multiply(odds, rest_of_mode)))),
        ops.multiply(ops.add(n, 1.0), ops.log(ops.divide(rest_of_mode, rest))),
        ops.multiply(ops.add(k, 0.5), ops.log(ops.divide(ops.multiply(odds, rest), ops.add(k, 1.0)))),
        _stirling_error(mode), _stirling_error(ops.subtract(n, mode)),
        ops.negative(_stirling_error(k)), ops.negative(_stirling_error(ops.subtract(n, k))),
    )
    total = terms[0]
    for term in terms[1:]:
        total = ops.add(total, term)
    return total


def _stirling_error(k: Any) -> Any:
    """log k! minus its Stirling formula log sqrt(2 pi) + (k + 1/2) log(k + 1) - (k + 1), by its series in 1 / (k + 1)."""
    z = ops.add(k, 1.0)
    square = ops.divide(1.0, ops.square(z))
    series = ops.add(ops.multiply(ops.add(ops.multiply(square, 1 / 1260), -1 / 360), square), 1 / 12)
    return ops.divide(series, z)
