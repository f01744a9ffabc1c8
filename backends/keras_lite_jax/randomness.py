"""The portable random stream of `keras_lite.engine.bits`, in uint32 arithmetic, which wraps around by itself, and JAX's own."""

from __future__ import annotations

import functools
import math

import jax
import numpy as np
from jax import lax

from keras_lite.engine import bits


def random_bits(seed: jax.Array, shape: tuple[int, ...], width: int) -> jax.Array:
    bits.check_draw(math.prod(shape), width)
    return _random_bits(seed, shape, width)


@functools.partial(jax.jit, static_argnums=(1, 2))
def _random_bits(seed: jax.Array, shape: tuple[int, ...], width: int) -> jax.Array:
    index = lax.iota("uint32", math.prod(shape)).reshape(shape)
    words = _word(index, *_draw_key(seed[0], seed[1]))
    return (words >> np.uint32(32 - width)).astype("int32")


def _draw_key(x0: jax.Array, x1: jax.Array) -> tuple[jax.Array, jax.Array]:
    """One block of threefry2x32."""
    schedule = [np.uint32(key) for key in (*bits.KEY, bits.KEY[0] ^ bits.KEY[1] ^ bits.PARITY)]
    x0, x1 = x0 + schedule[0], x1 + schedule[1]
    for group in range(5):
        for distance in bits.ROTATIONS[group % 2]:
            x0 = x0 + x1
            x1 = (x1 << np.uint32(distance) | x1 >> np.uint32(32 - distance)) ^ x0
        x0 = x0 + schedule[(group + 1) % 3]
        x1 = x1 + schedule[(group + 2) % 3] + np.uint32(group + 1)
    return x0, x1


def _word(index: jax.Array, k0: jax.Array, k1: jax.Array) -> jax.Array:
    """The keyed hash of an element's index."""
    x = index ^ k0
    x = (x ^ x >> np.uint32(16)) * np.uint32(bits.MULTIPLIER)
    high = x >> np.uint32(15)
    y = ((x ^ high) + k1) * (high | np.uint32(bits.FACTOR))
    return y ^ y >> np.uint32(15)


@functools.partial(jax.jit, static_argnums=(1, 2))
def native_random_bits(seed: jax.Array, shape: tuple[int, ...], width: int) -> jax.Array:
    key = jax.random.fold_in(jax.random.key(seed[0]), seed[1])  # of the kind that `jax_default_prng_impl` says
    return (jax.random.bits(key, shape, "uint32") >> np.uint32(32 - width)).astype("int32")
