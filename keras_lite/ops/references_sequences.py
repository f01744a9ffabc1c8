"""Answers in plain NumPy for ops on sequences: attention, and connectionist temporal classification."""

from __future__ import annotations

from typing import Any

import numpy as np


def dot_product_attention(query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, scale: float | None = None,
                          is_causal: bool = False, flash_attention: bool | None = None,
                          attn_logits_soft_cap: float | None = None) -> Any:
    query, key, value = (np.asarray(x, np.result_type(x, "float64")) for x in (query, key, value))
    repeats = query.shape[2] // max(key.shape[2], 1)
    key, value = np.repeat(key, repeats, 2), np.repeat(value, repeats, 2)
    logits = np.einsum("btnh,bsnh->bnts", query, key) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if attn_logits_soft_cap is not None:
        logits = attn_logits_soft_cap * np.tanh(logits / attn_logits_soft_cap)
    allowed = np.ones(logits.shape, bool)
    if bias is not None:
        logits, allowed = logits + np.where(np.isneginf(bias), 0.0, bias), allowed & ~np.isneginf(bias)
    if mask is not None:
        allowed = allowed & np.asarray(mask, bool)
    if is_causal:
        allowed = allowed & np.tril(np.ones(logits.shape[-2:], bool))
    weights = np.exp(logits - np.max(logits, -1, keepdims=True, where=allowed, initial=-1e300)) * allowed if logits.size else logits
    total = weights.sum(-1, keepdims=True)
    weights = np.where(allowed.any(-1, keepdims=True), weights / np.where(total == 0, 1, total), 1 / max(logits.shape[-1], 1))
    return np.einsum("bnts,bsnh->btnh", weights, value)
