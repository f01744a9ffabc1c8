"""The loop that one writes by hand in JAX: a jitted step with donated parameters, batches cut on the host."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np


def _glorot(rng: np.random.Generator, *shape: int) -> jax.Array:
    fan = int(np.prod(shape[:-2])) if len(shape) > 2 else 1
    limit = np.sqrt(6 / (fan * (shape[-2] + shape[-1])))
    return jnp.asarray(rng.uniform(-limit, limit, shape).astype("float32"))


def _adam(params, grads, m, v, t):
    rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    m = [0.9 * a + 0.1 * g for a, g in zip(m, grads, strict=True)]
    v = [0.999 * a + 0.001 * g * g for a, g in zip(v, grads, strict=True)]
    return [p - rate * a / (jnp.sqrt(b) + 1e-7) for p, a, b in zip(params, m, v, strict=True)], m, v


SHAPES = {"mlp": [(784, 64), (64, 10)], "convnet": [(3, 3, 1, 32), (3, 3, 32, 64), (1600, 10)],
          "lstm": [(64, 512), (128, 512), (128, 10)], "gru": [(64, 384), (128, 384), (128, 10)]}


def _lstm(params: list[jax.Array], x: jax.Array) -> jax.Array:
    kernel, bias, recurrent = params[:3]

    def step(state, inputs):
        hidden, cell = state
        i, f, g, o = jnp.split(inputs + hidden @ recurrent, 4, axis=-1)
        cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(cell), cell), None

    zeros = jnp.zeros((x.shape[0], 128))
    return jax.lax.scan(step, (zeros, zeros), x.transpose(1, 0, 2) @ kernel + bias)[0][0]


def _gru(params: list[jax.Array], x: jax.Array) -> jax.Array:
    kernel, bias, recurrent, recurrent_bias = params[:4]

    def step(hidden, inputs):
        (xz, xr, xh), (hz, hr, hh) = jnp.split(inputs, 3, axis=-1), jnp.split(hidden @ recurrent + recurrent_bias, 3, axis=-1)
        z = jax.nn.sigmoid(xz + hz)
        return z * hidden + (1 - z) * jnp.tanh(xh + jax.nn.sigmoid(xr + hr) * hh), None

    return jax.lax.scan(step, jnp.zeros((x.shape[0], 128)), x.transpose(1, 0, 2) @ kernel + bias)[0]


def make(model: str, x: np.ndarray, y: np.ndarray, batch: int, threads: int) -> Callable[[], None]:
    """A pass over the data."""
    rng = np.random.default_rng(1)
    params = [p for s in SHAPES[model] for p in (_glorot(rng, *s), jnp.zeros(s[-1]))]
    moments = [jnp.zeros_like(p) for p in params], [jnp.zeros_like(p) for p in params]

    def forward(params: list[jax.Array], x: jax.Array, key: jax.Array) -> jax.Array:
        if model == "mlp":
            return jax.nn.relu(x @ params[0] + params[1]) @ params[2] + params[3]
        if model in ("lstm", "gru"):
            return (_lstm if model == "lstm" else _gru)(params, x) @ params[4] + params[5]
        for kernel, bias in (params[0:2], params[2:4]):
            x = jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            x = jax.lax.reduce_window(jax.nn.relu(x + bias), -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = jnp.where(jax.random.bernoulli(key, 0.5, x.shape), x * 2, 0).reshape(x.shape[0], -1)
        return x @ params[4] + params[5]

    def loss_fn(params, x, y, key):  # as short as it would be written
        logits = forward(params, x, key)
        return -(y * jax.nn.log_softmax(logits)).sum(-1).mean(), (logits.argmax(-1) == y.argmax(-1)).sum()

    def step(state, x, y):
        params, (m, v), t, key, loss_sum, hits = state
        key, sub = jax.random.split(key)
        (loss, right), grads = jax.value_and_grad(loss_fn, has_aux=True)(params, x, y, sub)
        params, m, v = _adam(params, grads, m, v, t + 1)
        return params, (m, v), t + 1, key, loss_sum + loss, hits + right

    jitted = jax.jit(step, donate_argnums=0)
    state = [params, moments, jnp.float32(0), jax.random.key(0), jnp.float32(0), jnp.int32(0)]

    def run() -> None:
        order = rng.permutation(len(x))
        held = tuple(state)
        for i in range(0, len(x), batch):
            rows = order[i:i + batch]
            held = jitted(held, x[rows], y[rows])
        float(held[4])
        state[:] = held

    return run
