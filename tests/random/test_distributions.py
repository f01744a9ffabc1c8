"""Distributions: the same numbers on every engine, eagerly and compiled, and the right ones."""

from __future__ import annotations

import contextvars
import copy
import hashlib
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from scipy import stats

from keras_lite import KerasTensor, Layer, Sequential, ops, random
from keras_lite.engine import registry
from keras_lite.engine.errors import is_clear
from keras_lite.layers import Dense
from keras_lite.ops.random import random_bits
from keras_lite.random.seed_generator import global_generator, seed_global_generator

LIMIT = 1e-5  # for p-values; all draws are fixed, so a test either passes always or never

# Draws that are equal to the bit everywhere, with the start of the SHA-256 of their bytes: a run format, as the bits are.
EXACT: dict[str, tuple[Callable[[], Any], str]] = {
    "uniform": (lambda: random.uniform((1000,), seed=7), "f168069c9dd93639"),
    "uniform in a range": (lambda: random.uniform((40, 25), -0.7, 2.3, seed=7), "ba7e4a563ffc54f9"),
    "uniform in float16": (lambda: random.uniform((1000,), 1.0, 2.0, dtype="float16", seed=7), "dd0054e286f521eb"),
    "uniform in bfloat16": (lambda: random.uniform((1000,), dtype="bfloat16", seed=7), "1929ca43447030a6"),
    "normal": (lambda: random.normal((20001,), seed=7), "fbb72e4f62effdd7"),
    "scaled normal": (lambda: random.normal((1000,), 0.3, 1.7, seed=7), "315e2589211f45d9"),
    "normal in bfloat16": (lambda: random.normal((1000,), 1.0, 2.0, dtype="bfloat16", seed=7), "5148da2f2297febe"),
    "truncated normal": (lambda: random.truncated_normal((1000,), seed=7), "f997cc70965b3edc"),
    "few integers": (lambda: random.randint((1000,), -3, 9, seed=7), "9a7787ef75f413ba"),
    "many integers": (lambda: random.randint((1000,), -5, 2_000_000_000, seed=7), "343295cc04d06d9e"),
    "short integers": (lambda: random.randint((1000,), 0, 256, dtype="uint8", seed=7), "0674e185b9c573d9"),
    "dropout": (lambda: random.dropout(np.ones((100, 10), "float32"), 0.3, seed=7), "aa91d6823a120f21"),
    "dropout of columns": (lambda: random.dropout(np.ones((100, 10), "float32"), 0.3, noise_shape=(1, None), seed=7), "1d69aa166bb8c7aa"),
    "shuffle": (lambda: random.shuffle(np.arange(3000, dtype="int32").reshape(1000, 3), seed=7), "a08f65bcf3ce175f"),
    "shuffle of columns": (lambda: random.shuffle(np.arange(3000, dtype="int32").reshape(3, 1000), axis=-1, seed=7), "bb01e55d906a7315"),
}
# Draws with logarithms in them: equal up to rounding, and now and then another one where rounding decides.
ROUNDED: dict[str, Callable[[], Any]] = {
    "gamma": lambda: random.gamma((1000,), 0.7, seed=7),
    "beta": lambda: random.beta((1000,), 2.0, 0.5, seed=7),
    "binomial": lambda: random.binomial((500,), 100, 0.4, seed=7),
    "categorical": lambda: random.categorical(np.log([[0.1, 0.2, 0.7]] * 5).astype("float32"), 200, seed=7),
}


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize("name", EXACT)
def test_equal_to_the_bit(engine: Any, name: str) -> None:
    """Eagerly and compiled, on every engine."""
    draw, digest = EXACT[name]
    for drawn in (draw(), engine.compile(draw)()):
        assert hashlib.sha256(array(drawn).tobytes()).hexdigest()[:16] == digest


@pytest.mark.parametrize("name", ROUNDED)
def test_equal_up_to_rounding(engine: Any, name: str) -> None:
    """Near the reference engine's, all but a few."""
    with registry.using("numpy"):
        want = array(ROUNDED[name]()).astype("float64")
    got = engine.compile(ROUNDED[name])()
    assert np.mean(np.abs(array(got) - want) <= 16 * np.spacing(np.abs(want).astype("float32"))) > 0.99
    assert engine.dtype_of(got) == ("int32" if name == "categorical" else "float32")


def test_float64_uses_more_bits() -> None:
    """Where there is float64, uniform numbers have 52 bits and normal ones are exact to rounding."""
    with registry.using("numpy"):
        x, z = (array(draw((1000,), dtype="float64", seed=1)) for draw in (random.uniform, random.normal))
        cut = array(random.truncated_normal((20000,), dtype="float64", seed=1))
    assert x.dtype == z.dtype == cut.dtype == np.float64
    assert len(np.unique(x * 2.0**30 % 1)) == 1000
    assert stats.kstest(z, "norm").pvalue > LIMIT
    assert stats.kstest(cut, stats.truncnorm(-2, 2).cdf).pvalue > LIMIT


@pytest.mark.parametrize(("name", "draw", "cdf"), [
    ("uniform", lambda n: random.uniform((n,), -1.0, 3.0, seed=1), stats.uniform(-1, 4).cdf),
    ("normal", lambda n: random.normal((n,), 2.0, 3.0, seed=2), stats.norm(2, 3).cdf),
    ("truncated_normal", lambda n: random.truncated_normal((n,), 1.0, 0.5, seed=3), stats.truncnorm(-2, 2, 1, 0.5).cdf),
    ("gamma below 1", lambda n: random.gamma((n,), 0.3, seed=4), stats.gamma(0.3).cdf),
    ("gamma", lambda n: random.gamma((n,), 7.5, seed=5), stats.gamma(7.5).cdf),
    ("beta", lambda n: random.beta((n,), 2.0, 5.0, seed=6), stats.beta(2, 5).cdf),
    ("beta below 1", lambda n: random.beta((n,), 0.5, 0.5, seed=7), stats.beta(0.5, 0.5).cdf),
    ("large integers", lambda n: random.randint((n,), 0, 1_500_000_000, seed=8), stats.uniform(0, 1.5e9).cdf),
])
def test_distribution(name: str, draw: Callable[[int], Any], cdf: Callable[..., Any]) -> None:
    """Kolmogorov and Smirnov's test on 200,000 numbers."""
    with registry.using("numpy"):
        x = array(draw(200_000)).astype("float64")
    assert stats.kstest(x, cdf).pvalue > LIMIT


@pytest.mark.parametrize(("draw", "exact"), [
    (lambda n: random.uniform((n,), -1.0, 3.0, seed=1), stats.uniform(-1, 4)),
    (lambda n: random.normal((n,), 2.0, 3.0, seed=2), stats.norm(2, 3)),
    (lambda n: random.truncated_normal((n,), 1.0, 0.5, seed=3), stats.truncnorm(-2, 2, 1, 0.5)),
    (lambda n: random.gamma((n,), 0.3, seed=4), stats.gamma(0.3)),
    (lambda n: random.gamma((n,), 7.5, seed=5), stats.gamma(7.5)),
    (lambda n: random.beta((n,), 2.0, 5.0, seed=6), stats.beta(2, 5)),
    (lambda n: random.binomial((n,), 100, 0.4, seed=7), stats.binom(100, 0.4)),
    (lambda n: random.randint((n,), -3, 9, seed=8), stats.randint(-3, 9)),
])
def test_moments(draw: Callable[[int], Any], exact: Any) -> None:
    """The first four powers have their means, within five standard errors."""
    with registry.using("numpy"):
        x = array(draw(200_000)).astype("float64")
    for power in (1, 2, 3, 4):
        mean, error = exact.moment(power), np.sqrt((exact.moment(2 * power) - exact.moment(power) ** 2) / len(x))
        assert abs((x**power).mean() - mean) < 5 * error, power


def test_tails_of_normals() -> None:
    """A million numbers beyond 3, 4 and 4.5 standard deviations are as many as they should be, on each side."""
    with registry.using("numpy"):
        z = array(random.normal((1_000_000,), seed=11)).astype("float64")
    for sign in (1, -1):
        for bound in (3.0, 4.0, 4.5):
            p = stats.poisson(1e6 * stats.norm.sf(bound)).cdf(np.count_nonzero(sign * z > bound))
            assert LIMIT < p < 1 - LIMIT
    assert abs(stats.skew(z)) < 0.01
    assert abs(stats.kurtosis(z)) < 0.03


@pytest.mark.parametrize(("n", "p"), [(1, 0.3), (20, 0.5), (19, 0.45), (1000, 0.004), (1000, 0.97), (100_000, 0.2)])
def test_binomial(n: int, p: float) -> None:
    """Frequencies of successes, by both methods and mirrored."""
    with registry.using("numpy"):
        x = array(random.binomial((100_000,), n, p, dtype="int32", seed=5))
    assert 0 <= x.min() <= x.max() <= n
    exact = stats.binom(n, p)
    edges = np.unique(exact.ppf(np.linspace(0.02, 0.98, 25)))
    counts = np.histogram(x, [-np.inf, *(edges + 0.5), np.inf])[0]
    expected = np.diff([0.0, *exact.cdf(edges), 1.0]) * len(x)
    assert stats.chi2.sf(((counts - expected) ** 2 / np.maximum(expected, 1e-9))[expected > 5].sum(), (expected > 5).sum() - 1) > LIMIT


def test_binomial_limits() -> None:
    """Certain and impossible successes, and no trials."""
    with registry.using("numpy"):
        drawn = array(random.binomial((4,), np.float32([0, 9, 9, 9]), np.float32([0.5, 0, 1, 1]), seed=1))
    assert drawn.tolist() == [0, 0, 9, 9]


def test_integers_and_categories_have_their_frequencies() -> None:
    with registry.using("numpy"):
        few = array(random.randint((120_000,), -3, 9, seed=1))
        picked = array(random.categorical(np.log([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]]), 50_000, seed=2))
    assert stats.chisquare(np.bincount(few + 3, minlength=12)).pvalue > LIMIT
    for row, p in zip(picked, ((0.1, 0.2, 0.7), (0.5, 0.25, 0.25)), strict=True):
        assert stats.chisquare(np.bincount(row, minlength=3), np.array(p) * 50_000).pvalue > LIMIT


def test_dropout_keeps_its_share() -> None:
    with registry.using("numpy"):
        x = array(random.dropout(np.full((1000, 100), 3.0, "float32"), 0.3, seed=4))
    kept = np.count_nonzero(x)
    assert LIMIT < stats.binom(100_000, 0.7).cdf(kept) < 1 - LIMIT
    assert set(np.unique(x)) == {np.float32(0), np.float32(3.0) / np.float32(0.7)}


def test_every_order_is_as_likely() -> None:
    """The 24 orders of four things, from neighbouring draws of one generator."""
    with registry.using("numpy"):
        generator = random.SeedGenerator(3)
        orders = [tuple(array(random.shuffle(np.arange(4), seed=generator)).tolist()) for _ in range(2400)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 24
    assert stats.chisquare(counts).pvalue > LIMIT


def test_neighbouring_draws_are_independent() -> None:
    """Normal numbers of neighbouring seeds, and of neighbouring draws, do not correlate."""
    n = 50_000
    with registry.using("numpy"):
        generator = random.SeedGenerator(1)
        rows = [random.normal((n,), seed=seed) for seed in (1, 2, 3)] + [random.normal((n,), seed=generator) for _ in range(4)][1:]
    correlations = np.corrcoef(np.stack([array(row) for row in rows]))[np.triu_indices(6, 1)] * np.sqrt(n)
    assert stats.chi2.sf((correlations**2).sum(), len(correlations)) > LIMIT


def test_in_control_flow(engine: Any) -> None:
    """Loops and branches, eagerly and compiled, draw the same on every engine: a number of the generator for each turn."""
    def draws(state: Any) -> Any:
        def turn(counter: Any, _: Any) -> Any:
            return ops.add(counter, np.array([0, 1], "uint32")), random_bits(counter, (3,), 31)

        drawn = ops.scan(turn, state, length=4)[1]
        return drawn, ops.cond(ops.equal(state[1], 2), lambda: random.uniform((3,), seed=5), lambda: ops.ones(3))

    start = np.array([9, 2], "uint32")
    with registry.using("numpy"):
        rows = np.stack([array(random_bits(np.array([9, 2 + i], "uint32"), (3,), 31)) for i in range(4)])
        branch = array(random.uniform((3,), seed=5))
    for run in (draws, engine.compile(draws)):
        drawn, chosen = map(array, run(ops.convert_to_tensor(start)))
        assert (drawn == rows).all()
        assert (chosen == branch).all()


@pytest.mark.all_engines
def test_masks_in_training() -> None:
    """The masks of the compiled steps of `fit` are those of eager calls, on every engine, and go on from batch to batch."""
    class Mask(Layer):
        def build(self, shape: Any) -> None:
            self.generator = random.SeedGenerator(4)
            self.seen = self.add_weight((3, 2, 4), "zeros", trainable=False)
            self.turn = self.add_weight((), "zeros", dtype="int32", trainable=False)

        def call(self, x: Any) -> Any:
            mask = random.dropout(ops.ones((1, 2, 4)), 0.5, seed=self.generator)
            self.seen.assign(ops.slice_update(self.seen, (self.turn, 0, 0), mask))
            self.turn.assign(ops.add(self.turn, 1))
            return x * mask[0]

    with registry.using("numpy"):
        generator = random.SeedGenerator(4)
        want = np.stack([array(random.dropout(np.ones((2, 4), "float32"), 0.5, seed=generator)) for _ in range(3)])
    for name in registry.BUILT_IN:
        with registry.using(name):
            model = Sequential([Mask(), Dense(1)])
            model.compile("sgd", "mse")
            model.fit(np.ones((6, 4), "float32"), np.ones((6, 1), "float32"), batch_size=2, verbose=0)
            assert (model.layers[0].seen.numpy() == want).all(), name


# --- arguments ---------------------------------------------------------------------------------------------------------


def test_bounds_are_kept(engine: Any) -> None:
    """The lower bound may come, the upper one not, in whatever dtype."""
    for dtype, low, high in (("float32", 0.0, 1.0), ("float32", 1.0, 1.0000005), ("bfloat16", 0.0, 1.0), ("float16", 1.0, 1.01),
                             ("bfloat16", -3.0, 0.1)):
        x = array(engine.compile(lambda d=dtype, a=low, b=high: random.uniform((5000,), a, b, dtype=d, seed=1))()).astype("float64")
        assert x.min() >= low - abs(low) * 2**-8
        assert x.max() < high, dtype
    assert array(random.uniform((3,), 2.0, 2.0, seed=1)).tolist() == [2, 2, 2]
    assert abs(array(random.truncated_normal((100_000,), seed=5))).max() <= 2


def test_parameters_may_be_tensors(engine: Any) -> None:
    """Bounds, means and shapes of distributions broadcast."""
    x = array(random.uniform((1000, 2), np.float32([0, 5]), np.float32([1, 7]), seed=1))
    assert x[:, 0].max() < 1 <= 5 <= x[:, 1].min() <= x[:, 1].max() < 7
    z = array(random.normal((1000, 2), np.float32([0, 50]), np.float32([1, 2]), seed=1))
    assert np.allclose(z.mean(0), [0, 50], atol=0.3)
    drawn = engine.compile(lambda: random.gamma((4000, 2), np.float32([0.5, 20]), seed=1))()
    assert np.allclose(array(drawn).mean(0), [0.5, 20], rtol=0.05)


def test_seeds(engine: Any) -> None:
    """An int gives the same numbers, a generator and None give others each time, a generator counts its draws."""
    def numbers(seed: Any) -> list[float]:
        return array(random.uniform((4,), seed=seed)).tolist()

    generator = random.SeedGenerator(5)
    assert numbers(5) == numbers(5) == numbers(generator) != numbers(generator)
    assert array(generator.state).tolist() == [5, 2]
    assert numbers(None) != numbers(None)
    assert numbers(0) != numbers(1)


@pytest.mark.parametrize("shared", [True, False], ids=["a generator", "the global generator"])
def test_threads_draw_different_numbers(engine: Any, shared: bool) -> None:
    """Each draw of eight threads gets a counter of its own, also where they are the first to want the global generator."""
    seed_global_generator(3)
    generator = random.SeedGenerator(5) if shared else None
    contexts = [contextvars.copy_context() for _ in range(96)]
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda context: context.run(lambda: float(random.uniform((), seed=generator))), contexts))
    assert len(set(drawn)) == 96
    assert array((generator or global_generator()).state)[1] == 96


def test_generators_are_copied(engine: Any) -> None:
    """A copy goes on where the generator stands, by itself."""
    generator = random.SeedGenerator(5)
    generator.next()
    copies = copy.deepcopy(generator), pickle.loads(pickle.dumps(generator))
    assert [array(c.next()).tolist() for c in (*copies, generator)] == [[5, 1]] * 3


def test_empty_and_scalar_shapes(engine: Any) -> None:
    def draws() -> list[Any]:
        both = [draw(shape, seed=1) for shape in ((0, 3), ()) for draw in (random.uniform, random.normal, random.truncated_normal)]
        return [*both, random.randint((), 0, 5, seed=1), random.gamma((), 2.0, seed=1)]

    assert [array(x).shape for x in engine.compile(draws)()] == [(0, 3)] * 3 + [()] * 5


def test_dropout_at_its_ends(engine: Any) -> None:
    x = np.float32([1, 2])
    assert array(random.dropout(x, 0.0, seed=1)).tolist() == [1, 2]
    assert array(random.dropout(x, 1.0, seed=1)).tolist() == [0, 0]


def test_symbolic_shapes() -> None:
    """Shapes with unknown sizes go through where a layer is described; elsewhere the numbers could be drawn once only."""
    x = KerasTensor((None, 3))

    class Draws(Layer):
        def call(self, x: Any) -> Any:
            return random.dropout(x, 0.5), random.shuffle(x), random.categorical(x, 4), random.normal(ops.shape(x))

    assert [y.shape for y in Draws()(x)] == [(None, 3), (None, 3), (None, 4), (None, 3)]
    for call in (lambda: random.dropout(x, 0.5), lambda: random.shuffle(x), lambda: random.categorical(x, 4)):
        with pytest.raises(TypeError, match="has no values, and a draw can't be a node of a graph"):
            call()


UNFIT_VALUES: list[tuple[Callable[[], Any], str]] = [
    (lambda: random.uniform((2,), dtype="int32"), "uniform: dtype must be a float dtype, got int32; `randint` draws integers"),
    (lambda: random.uniform((2,), 3.0, 1.0), "uniform: minval is above maxval: 3.0 > 1.0"),
    (lambda: random.uniform((2,), np.float32([0, 5]), 1), "uniform: minval is above maxval: 5.0 > 1.0"),
    (lambda: random.uniform((2,), np.zeros((3, 2)), 1.0), r"uniform: minval of shape \(3, 2\) does not broadcast to \(2,\)"),
    (lambda: random.uniform((2,), -3e38, 3e38), "uniform: maxval - minval is infinite in float32"),
    (lambda: random.uniform((2,), 0, np.inf), "uniform: maxval must be finite in float32, got inf"),
    (lambda: random.uniform((2,), [0, np.nan]), "uniform: minval must be finite in float32, got nan"),
    (lambda: random.uniform((2,), 0, 1e5, dtype="float16"), "uniform: maxval must be finite in float16, got 100000.0"),
    (lambda: random.normal((-2,)), r"normal: sizes can't be negative, got \(-2,\)"),
    (lambda: random.normal((2,), stddev=-1), "normal: stddev must be at least 0 and finite in float32, got -1"),
    (lambda: random.truncated_normal((2,), np.inf), "truncated_normal: mean must be finite in float32, got inf"),
    (lambda: random.randint((2,), 0, 5, dtype="float32"), "randint: dtype must be an integer dtype, got float32"),
    (lambda: random.randint((2,), 5, 5), "randint: maxval must be above minval by 1 to .*, got minval=5, maxval=5"),
    (lambda: random.randint((2,), 0, 300, dtype="int8"), "randint: numbers from 0 to 299 are outside the range of int8"),
    (lambda: random.randint((2,), -1, 5, "uint32"), "randint: numbers from -1 to 4 are outside the range of uint32"),
    (lambda: random.categorical(np.zeros(3), 2), r"categorical: logits must have shape \(batch, classes\), got \(3,\)"),
    (lambda: random.categorical(np.zeros((2, 0)), 2), r"categorical: logits must have shape \(batch, classes\), got \(2, 0\)"),
    (lambda: random.categorical([[np.nan, 1.0]], 2), "categorical: the largest of each row of logits must be finite in float32, got nan"),
    (lambda: random.categorical([[-np.inf, -np.inf]], 2), "categorical: the largest of each row of logits must be finite"),
    (lambda: random.categorical(np.zeros((1, 1000)), 1, dtype="uint8"), "categorical: uint8 is too short for the indices of 1000 classes"),
    (lambda: random.categorical(np.zeros((1, 2)), 1, dtype="bool"), "categorical: dtype must be an integer or float dtype, got bool"),
    (lambda: random.dropout(np.zeros(3), 1.5), "dropout: rate must be from 0 to 1, got 1.5"),
    (lambda: random.dropout(np.zeros((3, 2)), 0.5, (3,)), r"dropout: noise_shape \(3,\) must have one item for each axis of \(3, 2\)"),
    (lambda: random.dropout(np.zeros(2), 0.5, 3), r"dropout: noise_shape \(3,\) does not broadcast to \(2,\)"),
    (lambda: random.shuffle(np.zeros(3), axis=1), r"shuffle: axis 1 is out of range for rank 1"),
    (lambda: random.gamma((2,), -1.0), "gamma: alpha must be positive and finite in float32, got -1.0"),
    (lambda: random.beta((2,), 1, np.float32([2, 0])), "beta: beta must be positive and finite in float32, got 0.0"),
    (lambda: random.binomial((2,), 3, 1.5), "binomial: probabilities must be from 0 to 1, got 1.5"),
    (lambda: random.binomial((2,), 2**24, 0.5), "binomial: counts must be a whole number, at least 0 and below 2"),
    (lambda: random.binomial((2,), [3, 2.5], 0.5), "binomial: counts must be a whole number, .* got 2.5"),
    (lambda: random.binomial((2,), 300, 0.5, "int8"), "binomial: values from 300.* are outside the range of int8"),
    (lambda: random.uniform((2,), seed="a"), "uniform: seed must be an int, a SeedGenerator or None, got 'a'"),
    (lambda: random.normal((2,), seed=2**32), r"normal: seed must be at least 0 and below 2\*\*32, got 4294967296"),
    (lambda: random.dropout(np.zeros(2), 0.5, seed=-1), r"dropout: seed must be at least 0 and below 2\*\*32, got -1"),
]
UNFIT_KINDS: list[tuple[Callable[[], Any], str]] = [
    (lambda: random.uniform(), "uniform: missing a required argument: 'shape'; the signature is uniform.shape, minval=0.0, maxval=1.0, "),
    (lambda: random.normal((2,), sedd=1), "normal: unknown arguments .'sedd'.; did you mean 'seed'"),
    (lambda: random.randint((2,)), "randint: missing a required argument: 'minval'"),
    (lambda: random.uniform((2,), 1j, 2), "uniform: minval must be real, got complex64"),
    (lambda: random.normal((2,), None), "normal: mean must be a number or a tensor, got None"),
    (lambda: random.beta((2,), "a", 1), "beta: alpha must be a number or a tensor, got 'a'"),
    (lambda: random.categorical(np.zeros((1, 2), "complex64"), 1), "categorical: is for real numbers, got complex64"),
    (lambda: random.categorical(np.zeros((1, 2)), 1.5), "categorical: sizes must be ints, got 1.5"),
    (lambda: random.randint((2,), 0.5, 3), "randint: minval must be a whole number, got 0.5"),
    (lambda: random.randint((2,), 0, np.inf), "randint: maxval must be a whole number, got inf"),
    (lambda: random.randint((2,), np.zeros(2), 3), "randint: minval must be a number whose value is known, got array"),
    (lambda: random.randint((2,), "1", 3), "randint: minval must be a number whose value is known, got '1'"),
    (lambda: random.dropout(np.zeros(2), "0.5"), "dropout: rate must be a number whose value is known, got '0.5'"),
    (lambda: random.dropout(np.zeros(2), [0.5]), "dropout: rate must be a number whose value is known, got .0.5."),
    (lambda: random.dropout(np.zeros(2), None), "dropout: rate must be a number whose value is known, got None"),
    (lambda: random.shuffle(np.zeros(2), 1.0), "shuffle: axis must be an int, got 1.0"),
    (lambda: random.shuffle(np.zeros(2), None), "shuffle: axis must be an int, got None"),
]


@pytest.mark.parametrize(("call", "kind", "message"), [*((call, ValueError, said) for call, said in UNFIT_VALUES),
                                                       *((call, TypeError, said) for call, said in UNFIT_KINDS)])
def test_mistakes(engine: Any, call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    """What is wrong is said with the values received, by the function that was called."""
    with pytest.raises(kind, match=f"^{message}") as caught:
        call()
    assert is_clear(caught.value)


def test_tensors_are_not_waited_for(engine: Any) -> None:
    """Values that the host does not know are not checked; kinds and shapes are, in compiled code too."""
    draw = engine.compile(lambda low: random.uniform((2,), low, 1.0, seed=1))
    low = ops.convert_to_tensor(np.float32([5, 5]))
    if isinstance(low, np.ndarray):
        with pytest.raises(ValueError, match="minval is above maxval"):
            draw(low)
    else:
        assert array(draw(low)).shape == (2,)
    with pytest.raises(ValueError, match=r"minval of shape \(3,\) does not broadcast to \(2,\)"):
        draw(ops.convert_to_tensor(np.float32([0, 0, 0])))
