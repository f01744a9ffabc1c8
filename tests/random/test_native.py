"""The engines' own generators, `config.set_random("native")`: repeatable, right, and other numbers than the portable stream."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats

import keras_lite as keras
from keras_lite import config, layers, ops, random

LIMIT = 1e-5  # for p-values; all draws are fixed, so a test either passes always or never


@pytest.fixture(autouse=True)
def native() -> Iterator[None]:
    """The engine's own generator, and the portable stream again afterwards."""
    config.set_random("native")
    yield
    config.set_random("portable")


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


DRAWS: dict[str, Callable[[], Any]] = {
    "uniform": lambda: random.uniform((40, 25), -0.7, 2.3, seed=7),
    "uniform in bfloat16": lambda: random.uniform((1000,), dtype="bfloat16", seed=7),
    "normal": lambda: random.normal((1000,), 0.3, 1.7, seed=7),
    "truncated normal": lambda: random.truncated_normal((1000,), seed=7),
    "integers": lambda: random.randint((1000,), -5, 2_000_000_000, seed=7),
    "dropout": lambda: random.dropout(np.ones((100, 10), "float32"), 0.3, seed=7),
    "shuffle": lambda: random.shuffle(np.arange(1000, dtype="int32"), seed=7),
    "gamma": lambda: random.gamma((1000,), 0.7, seed=7),
    "beta": lambda: random.beta((1000,), 2.0, 0.5, seed=7),
    "binomial": lambda: random.binomial((1000,), 100, 0.4, seed=7),
    "categorical": lambda: random.categorical(np.log([[0.1, 0.2, 0.7]] * 5).astype("float32"), 200, seed=7),
}


@pytest.mark.parametrize("name", DRAWS)
def test_repeatable_and_not_portable(engine: Any, name: str) -> None:
    """Equal again and compiled (up to the rounding of compilers), and other numbers than those of the portable stream."""
    draw = DRAWS[name]
    first, again, compiled = array(draw()), array(draw()), array(engine.compile(draw)())
    config.set_random("portable")
    other = array(draw())
    assert (first == again).all()
    assert first.dtype == compiled.dtype == other.dtype
    assert np.mean(np.isclose(compiled.astype("float64"), first.astype("float64"), rtol=1e-5)) > 0.99
    assert np.mean(other != first) > 0.1


@pytest.mark.parametrize(("draw", "cdf"), [
    (lambda n: random.uniform((n,), -1.0, 3.0, seed=1), stats.uniform(-1, 4).cdf),
    (lambda n: random.normal((n,), 2.0, 3.0, seed=2), stats.norm(2, 3).cdf),
    (lambda n: random.truncated_normal((n,), 1.0, 0.5, seed=3), stats.truncnorm(-2, 2, 1, 0.5).cdf),
    (lambda n: random.gamma((n,), 0.3, seed=4), stats.gamma(0.3).cdf),
    (lambda n: random.beta((n,), 2.0, 5.0, seed=6), stats.beta(2, 5).cdf),
    (lambda n: random.randint((n,), 0, 1_500_000_000, seed=8), stats.uniform(0, 1.5e9).cdf),
])
def test_distribution(engine: Any, draw: Callable[[int], Any], cdf: Callable[..., Any]) -> None:
    """Kolmogorov and Smirnov's test on 50,000 numbers."""
    assert stats.kstest(array(draw(50_000)).astype("float64"), cdf).pvalue > LIMIT


def test_neighbouring_draws_are_independent(engine: Any) -> None:
    """Normal numbers of neighbouring seeds, and of neighbouring draws of a generator, do not correlate; none comes twice."""
    n, generator = 20_000, random.SeedGenerator(1)
    rows = [random.normal((n,), seed=seed) for seed in (1, 2, 3)] + [random.normal((n,), seed=generator) for _ in range(4)][1:]
    correlations = np.corrcoef(np.stack([array(row) for row in rows]))[np.triu_indices(6, 1)] * np.sqrt(n)
    assert stats.chi2.sf((correlations**2).sum(), len(correlations)) > LIMIT
    starts = {array(random.randint((2,), 0, 2**31 - 1, seed=random.SeedGenerator(seed))).tobytes() for seed in range(100)}
    starts |= {array(random.randint((2,), 0, 2**31 - 1, seed=generator)).tobytes() for _ in range(100)}
    assert len(starts) == 200


def test_generators_of_the_framework_stay_as_they_are(engine: Any) -> None:
    """NumPy's global one, and torch's, are not touched."""
    before = np.random.get_state()[1].tolist()
    own = __import__("torch").random.get_rng_state().tolist() if engine.name == "torch" else None
    random.normal((10,))
    engine.compile(lambda: random.normal((10,), seed=1))()
    assert np.random.get_state()[1].tolist() == before
    assert own is None or __import__("torch").random.get_rng_state().tolist() == own


def test_in_control_flow(engine: Any) -> None:
    """Each turn of a loop and the branch of a condition draw what an eager call does."""
    generator = random.SeedGenerator(3)
    want = np.stack([array(random.uniform((4,), seed=generator)) for _ in range(3)])
    generator.state.assign(np.array([3, 0], "uint32"))

    def turns() -> Any:
        return ops.scan(lambda c, _: (c, random.uniform((4,), seed=generator)), ops.zeros(()), length=3)[1]

    got = array(turns())
    assert got.shape == (3, 4)
    assert np.unique(got).size >= 4
    assert (got[0] == want[0]).all()
    chosen = engine.compile(lambda yes: ops.cond(yes, lambda: random.uniform((4,), seed=5), lambda: ops.zeros((4,))))
    assert (array(chosen(ops.convert_to_tensor(True))) == array(random.uniform((4,), seed=5))).all()
    assert not array(chosen(ops.convert_to_tensor(False))).any()


def losses(model_seed: int = 1) -> list[float]:
    """The losses of three epochs of a model with dropout."""
    keras.utils.set_random_seed(model_seed)
    model = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(48, 5)).astype("float32")
    return model.fit(x, x[:, :1], epochs=3, batch_size=16, verbose=0).history["loss"]


def test_training_is_repeated(engine: Any) -> None:
    """With the same seed a model is trained to the same losses, and to others than with the portable masks."""
    first, again = losses(), losses()
    config.set_random("portable")
    assert first == again
    assert not np.allclose(first, losses())


def test_a_model_follows_the_setting(engine: Any) -> None:
    """A compiled program of a model is not kept when the generator changes."""
    class Noisy(keras.Layer):
        def call(self, x: Any) -> Any:
            return ops.add(x, random.uniform(ops.shape(x), seed=3))

    model = keras.Sequential([keras.Input((4,)), Noisy()])
    x, drawn = np.zeros((2, 4), "float32"), {}
    for generator in ("native", "portable", "native"):
        config.set_random(generator)
        drawn.setdefault(generator, []).append(model.predict(x, verbose=0))
    assert (drawn["native"][0] == drawn["native"][1]).all()
    assert (drawn["native"][0] != drawn["portable"][0]).any()


def test_an_engine_without_a_generator(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, with what can be done."""
    monkeypatch.delattr(engine, "native_random_bits")
    with pytest.raises(NotImplementedError, match=f'the engine {engine.name} offers no generator of its own, as .*"portable" works'):
        random.uniform((2,), seed=1)


def test_where_the_setting_comes_from(home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's word, then the environment's, then the file's; wrong names are refused with their place."""
    def fresh() -> str:
        monkeypatch.setattr(config, "_settings", {})
        return config.random()

    assert fresh() == "portable"
    home.mkdir()
    (home / "keras_lite.json").write_text(json.dumps({"random": "native"}))
    assert fresh() == "native"
    monkeypatch.setenv("KERAS_LITE_RANDOM", "portable")
    assert fresh() == "portable"
    config.set_random("native")
    assert config.random() == "native"
    monkeypatch.setenv("KERAS_LITE_RANDOM", "own")
    with pytest.raises(ValueError, match='KERAS_LITE_RANDOM: expected "portable" or "native", got \'own\''):
        fresh()
    with pytest.raises(ValueError, match=r"set_random: expected .*, got 'numpy'"):
        config.set_random("numpy")
