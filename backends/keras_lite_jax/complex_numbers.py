"""Complex numbers, Fourier transforms and bits."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from keras_lite.engine.dtypes import numpy_dtype

real = jnp.real
imag = jnp.imag


def make_complex(real: jax.Array, imag: jax.Array) -> jax.Array:
    return lax.complex(*jnp.broadcast_arrays(real, imag))


def fourier(real: jax.Array, imag: jax.Array) -> tuple[jax.Array, jax.Array]:
    y = jnp.fft.fft(lax.complex(real, imag))
    return jnp.real(y), jnp.imag(y)


def real_fourier(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    y = jnp.fft.rfft(x)
    return jnp.real(y), jnp.imag(y)


def bitcast(x: jax.Array, dtype: str) -> jax.Array:
    return lax.stop_gradient(x).view(numpy_dtype(dtype))
