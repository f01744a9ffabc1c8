"""Attention by cuDNN's fused kernels, which jax has on GPUs of Nvidia.  (On a CPU the composite is faster than `jax.nn`'s own.)"""

from __future__ import annotations

from typing import TypeAlias

import jax
import jax.numpy as jnp

Array: TypeAlias = jax.Array


def fused_attention(query: Array, key: Array, value: Array, bias: Array | None, mask: Array | None, scale: float,
                    is_causal: bool) -> Array:
    """For float16 and bfloat16; queries without a key attend all of them there and get the mean here."""
    if jax.default_backend() != "gpu" or query.dtype not in (jnp.float16, jnp.bfloat16) or not (query.size and value.size):
        return NotImplemented
    try:
        return _attention(query, key, value, bias, mask, scale, is_causal, "cudnn")
    except (NotImplementedError, RuntimeError, ValueError):  # sizes of heads, versions of cuDNN
        return NotImplemented


def _attention(query: Array, key: Array, value: Array, bias: Array | None, mask: Array | None, scale: float, is_causal: bool,
               implementation: str) -> Array:
    if bias is None and mask is None:
        return jax.nn.dot_product_attention(query, key, value, scale=scale, is_causal=is_causal, implementation=implementation)
    allowed = jnp.ones((), bool) if mask is None else mask
    if bias is not None:
        allowed, bias = allowed & ~jnp.isneginf(bias), jnp.where(jnp.isneginf(bias), 0, bias).astype(query.dtype)
    if is_causal:
        allowed = allowed & jnp.tri(query.shape[1], key.shape[1], dtype=bool)
    keyless = ~allowed.any(-1, keepdims=True)
    found = jax.nn.dot_product_attention(query, key, value, bias, allowed | keyless, scale=scale, implementation=implementation)
    mean = jnp.repeat(value.mean(1, keepdims=True), query.shape[2] // key.shape[2], 2)
    return jnp.where(keyless.swapaxes(1, 2), mean, found)
