"""The portable stream: test vectors, and statistics of draws, of neighbouring draws and of neighbouring elements.

Every statistic is deterministic (fixed seeds), so a p-value far out is a property of the stream and not bad luck.  The limit
1e-6 stands for about 1,000 statistics; weaker hashes at the end show that the statistics can fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scipy import stats

from keras_lite.engine import bits

LIMIT = 1e-6
SIZE = 1 << 18
INDEX = np.arange(SIZE, dtype=np.uint32)
LAGS = (1, 2, 3, 16, 28, 64, 256, 784, 1024, 4096)
Hash = Callable[..., np.ndarray]


def keys(seed: object, counter: object) -> tuple[np.ndarray, np.ndarray]:
    k0, k1 = bits.draw_key(np.asarray(seed, np.uint64), np.asarray(counter, np.uint64))
    return k0.astype(np.uint32), k1.astype(np.uint32)


def repeat_keys(count: int) -> list[np.ndarray]:
    """Keys of many neighbouring draws of `count` elements each, one for each word."""
    return [np.repeat(k, count) for k in keys(np.full(SIZE // count, 7), np.arange(SIZE // count))]


STREAMS: dict[str, Callable[[Hash], np.ndarray]] = {
    "one draw": lambda f: f(INDEX, *keys(1, 5)),
    "the next draw": lambda f: f(INDEX, *keys(1, 6)),
    "draws of 16": lambda f: f(INDEX % 16, *repeat_keys(16)),
    "draws of 1024": lambda f: f(INDEX % 1024, *repeat_keys(1024)),
    "first elements of neighbouring seeds": lambda f: f(INDEX * np.uint32(0), *keys(INDEX, 0)),
    "fifth elements of neighbouring counters": lambda f: f(INDEX * np.uint32(0) + np.uint32(5), *keys(3, INDEX)),
    "a column of 28": lambda f: f(INDEX * np.uint32(28), *keys(1, 1)),
    "a column of 512": lambda f: f(INDEX * np.uint32(512), *keys(1, 1)),
    "a column of 1000": lambda f: f(INDEX * np.uint32(1000), *keys(0, 2)),
    "the last elements": lambda f: f(INDEX + np.uint32(2**32 - SIZE), *keys(1, 1)),
}


def uniform(values: np.ndarray, bins: int) -> float:
    """p-value of the chi-squared test that `values` are uniform over range(bins)."""
    counts, expected = np.bincount(values, minlength=bins), len(values) / bins
    return float(stats.chi2.sf(((counts - expected) ** 2).sum() / expected, bins - 1))


def poisson(count: int, mean: float) -> float:
    """Mid p-value of a Poisson count."""
    return float(stats.poisson.sf(count, mean) + stats.poisson.pmf(count, mean) / 2)


def repeats(words: np.ndarray) -> float:
    """Number of words that were there before."""
    return poisson(len(words) - len(np.unique(words)), len(words) * (len(words) - 1) / 2 / 2**32)


def birthday_spacings(words: np.ndarray, year: int, days: int) -> float:
    """Repeated spacings among `days` birthdays in a year of 2**year, over rows of words."""
    rows = np.sort(words.astype(np.int64)[:len(words) // days * days].reshape(-1, days))
    spacings = np.sort(np.diff(rows))
    return poisson(int((np.diff(spacings) == 0).sum()), len(rows) * days**3 / 4 / 2**year)


def bit_statistics(words: np.ndarray) -> Iterator[tuple[str, float]]:
    """Balance of each bit and correlation of every bit with every bit of the words 1, 2, 28 and 1024 later."""
    signs = np.unpackbits(words[:1 << 15].view(np.uint8).reshape(-1, 4), axis=1).astype(np.float32) * 2 - 1
    yield "bit balance", float(stats.chi2.sf((signs.sum(0) ** 2).sum() / len(signs), 32))
    for lag in (1, 2, 28, 1024):
        products = signs[lag:].T @ signs[:-lag]
        yield f"bit correlation at lag {lag}", float(stats.chi2.sf((products**2).sum() / (len(signs) - lag), 1024))


def serial_statistics(words: np.ndarray) -> Iterator[tuple[str, float]]:
    """Pairs, differences and exclusive ors of words at the lags."""
    for lag in LAGS:
        a, b = words[lag:], words[:-lag]
        yield f"difference at lag {lag}", uniform((a - b) >> np.uint32(20), 1 << 12)
        yield f"exclusive or at lag {lag}", uniform((a ^ b) >> np.uint32(20), 1 << 12)
        yield f"low exclusive or at lag {lag}", uniform((a ^ b) & np.uint32(0xFFF), 1 << 12)
        yield f"pair at lag {lag}", uniform((a >> np.uint32(26)) << np.uint32(6) | b >> np.uint32(26), 1 << 12)


def spectral_statistics(words: np.ndarray) -> Iterator[tuple[str, float]]:
    """Largest autocorrelation, and largest Fourier and Walsh coefficient (periods and power-of-two structure)."""
    x = words / 2**32 - 0.5
    x *= np.sqrt(12)
    correlation = np.fft.irfft(np.abs(np.fft.rfft(x, 2 * len(x))) ** 2)[1:len(x) // 16] / np.sqrt(len(x))
    yield "autocorrelation", float(-np.expm1(len(correlation) * np.log1p(-2 * stats.norm.sf(np.abs(correlation).max()))))
    power = np.abs(np.fft.rfft(x))[1:-1] ** 2 / len(x)
    yield "Fourier coefficient", float(-np.expm1(len(power) * np.log1p(-np.exp(-power.max()))))
    walsh, step = x, 1
    while step < len(x):
        walsh = walsh.reshape(-1, 2, step)
        walsh = np.stack((walsh[:, 0] + walsh[:, 1], walsh[:, 0] - walsh[:, 1]), 1)
        step *= 2
    largest = np.abs(walsh.ravel()[1:]).max() / np.sqrt(len(x))
    yield "Walsh coefficient", float(-np.expm1(len(x) * np.log1p(-2 * stats.norm.sf(largest))))


def battery(words: np.ndarray) -> dict[str, float]:
    """All p-values of a stream."""
    p = {"repeats": repeats(words), "top 16 bits": uniform(words >> np.uint32(16), 1 << 16),
         "low 16 bits": uniform(words & np.uint32(0xFFFF), 1 << 16),
         "spacings": birthday_spacings(words, 32, 4096), "spacings of low bits": birthday_spacings(words & np.uint32(2**22 - 1), 22, 512),
         "Kolmogorov-Smirnov": float(stats.kstest(words / 2**32, "uniform").pvalue)}
    p |= {f"byte {i}": uniform(words >> np.uint32(8 * i) & np.uint32(255), 256) for i in range(4)}
    return p | dict(bit_statistics(words)) | dict(serial_statistics(words)) | dict(spectral_statistics(words))


def outside(p_values: dict[str, float]) -> dict[str, float]:
    return {name: p for name, p in p_values.items() if not LIMIT < p < 1 - LIMIT}


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_looks_random(stream: str) -> None:
    """No statistic of any kind of stream is outside its limits."""
    assert not outside(battery(STREAMS[stream](bits.word)))


def test_draws_are_independent() -> None:
    """Words of the same elements in neighbouring draws, and in draws that share a key word, are unrelated."""
    k0, k1 = keys(5, 10)
    first = bits.word(INDEX, k0, k1)
    others = {f"counter + {d}": keys(5, 10 + d) for d in (1, 2, 256)} | {f"seed + {d}": keys(5 + d, 10) for d in (1, 2, 256)}
    others |= {"swapped": keys(10, 5), "same k0": (k0, keys(5, 11)[1]), "same k1": (keys(5, 11)[0], k1)}
    for name, key in others.items():
        second = bits.word(INDEX, *key)
        p = {"pair": uniform((first >> np.uint32(26)) << np.uint32(6) | second >> np.uint32(26), 1 << 12),
             "low pair": uniform((first & np.uint32(63)) << np.uint32(6) | second & np.uint32(63), 1 << 12),
             "exclusive or": uniform((first ^ second) >> np.uint32(20), 1 << 12),
             "common words": poisson(len(np.intersect1d(first, second)), SIZE**2 / 2**32)}
        assert not outside(p), name


@pytest.mark.parametrize("bit", range(32))
def test_avalanche(bit: int) -> None:
    """Flipping any bit of the index or of a key word flips each bit of the word half of the time."""
    n, flip = 1 << 15, np.uint32(1 << bit)
    k0, k1 = keys(INDEX[:n], 9)
    index = bits.word(INDEX[:n], *keys(0, 0))
    word = bits.word(index, k0, k1)
    for name, other in {"index": (index ^ flip, k0, k1), "k0": (index, k0 ^ flip, k1)}.items():
        flips = np.unpackbits((word ^ bits.word(*other)).view(np.uint8).reshape(-1, 4), axis=1).mean(0)
        # one bit, one round of mixing: not all of the 32 x 32 probabilities are exactly 1/2, but none is far from it
        assert np.abs(flips - 0.5).max() < 0.02, name


@pytest.mark.parametrize("bit", range(32))
def test_key_bits_of_the_cipher(bit: int) -> None:
    """Flipping any bit of the seed or counter flips each bit of the draw key half of the time."""
    n, flip = 1 << 14, np.uint64(1 << bit)
    numbers = np.arange(n, dtype=np.uint64)
    zero = numbers * 0
    for pair, other in (((zero, numbers), (zero + flip, numbers)), ((numbers, zero), (numbers, zero + flip))):
        for a, b in zip(bits.draw_key(*pair), bits.draw_key(*other), strict=True):
            flips = np.unpackbits((a ^ b).astype(np.uint32).view(np.uint8).reshape(-1, 4), axis=1).mean(0)
            assert stats.chi2.sf(((flips - 0.5) ** 2).sum() * 4 * n, 32) > LIMIT


def test_vectors() -> None:
    """The published words, from Python ints and from arrays."""
    for (seed, counter, index), word in bits.VECTORS.items():
        key = bits.draw_key(seed, counter)
        assert bits.word(index, *key) == word
        for dtype in ("uint32", "uint64"):
            assert bits.word(np.array([index], dtype), *np.array(key, dtype))[0] == word


def test_threefry_vectors() -> None:
    """The vectors of Random123 for threefry2x32 with 20 rounds."""
    assert bits.threefry2x32(0, 0, 0, 0) == (0x6B200159, 0x99BA4EFE)
    assert bits.threefry2x32(bits.MASK, bits.MASK, bits.MASK, bits.MASK) == (0x1CB996FC, 0xBB002BE7)
    assert bits.threefry2x32(0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3) == (0xC4923A9C, 0x483DF7A0)


def test_check_draw() -> None:
    """Draws that the definition does not cover are errors."""
    bits.check_draw(2**32, 31)
    with pytest.raises(ValueError, match=r"at most 2\*\*32 elements"):
        bits.check_draw(2**32 + 1, 24)
    for width in (0, 32):
        with pytest.raises(ValueError, match="width must be 1 to 31"):
            bits.check_draw(1, width)


def finalizer(index: np.ndarray, k0: np.ndarray, k1: np.ndarray) -> np.ndarray:
    """A good two-multiplication finalizer with fixed factors: a permutation of the index, and too weak for counters."""
    x = index ^ k0
    x = (x ^ x >> np.uint32(16)) * np.uint32(0x21F0AAAD)
    x = (x ^ x >> np.uint32(15) ^ k1) * np.uint32(0xD35A2D97)
    return x ^ x >> np.uint32(15)


def test_words_of_a_draw_repeat() -> None:
    """A million words repeat about 128 times; those of a permutation never do."""
    index = np.arange(1 << 20, dtype=np.uint32)
    assert LIMIT < repeats(bits.word(index, *keys(1, 5))) < 1 - LIMIT
    assert repeats(finalizer(index, *keys(1, 5))) > 1 - LIMIT


def few_keys(index: np.ndarray, k0: np.ndarray, k1: np.ndarray) -> np.ndarray:
    """Only 8 bits of the key are used: draws repeat."""
    return bits.word(index, k0 & np.uint32(0xFF), np.uint32(0))


@pytest.mark.parametrize(("weak", "stream", "failing"), [
    (finalizer, "one draw", "difference at lag 64"),
    (few_keys, "draws of 1024", "repeats"),
    (lambda i, k0, k1: i * np.uint32(bits.MULTIPLIER) + k0, "one draw", "autocorrelation"),
    (lambda i, k0, k1: bits.word(i, k0, k1) & np.uint32(0xFFFFFF7F), "one draw", "bit balance"),
])
def test_the_statistics_can_fail(weak: Hash, stream: str, failing: str) -> None:
    """Weaker hashes are found out."""
    assert failing in outside(battery(STREAMS[stream](weak)))
