"""Attention by torch's fused kernels."""

from __future__ import annotations

import warnings
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

Tensor: TypeAlias = torch.Tensor


def attention(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, mask: Tensor | None, scale: float, is_causal: bool) -> Tensor:
    """By the kernel that torch finds best: three times as fast as the composite on a CPU.

    Kernels differ in what they make of a query without a key, and that for CPUs makes 0 of NaN: both are put right here.
    """
    if not (query.numel() and key.numel() and value.numel()):
        return NotImplemented
    query, key, value = (x.transpose(1, 2) for x in (query, key, value))
    groups = query.shape[1] // key.shape[1]
    allowed = mask if bias is None and mask is None else _allowed(query, key, mask, is_causal)
    added = allowed if bias is None else _added(bias.to(query.dtype), allowed)
    keyless = None if added is None else ~_any_key(added)
    if keyless is not None:
        added = added | keyless if added.dtype is torch.bool else torch.where(keyless, 0, added)
    found = F.scaled_dot_product_attention(query, key, value, added, is_causal=is_causal and added is None, scale=scale,
                                           enable_gqa=groups > 1)
    if is_causal and allowed is None:
        allowed = _allowed(query, key, None, is_causal)
    found = torch.where(_spoilt(query, _repeated(key, groups), added, allowed), torch.nan, found)
    if keyless is not None:
        found = torch.where(keyless, _repeated(value.mean(2, keepdim=True), groups), found)
    return found.transpose(1, 2)


def _allowed(query: Tensor, key: Tensor, mask: Tensor | None, is_causal: bool) -> Tensor | None:
    """Where a query may attend a key; None for everywhere."""
    if not is_causal:
        return mask
    causal = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool, device=query.device).tril()
    return causal if mask is None else mask & causal


def _added(bias: Tensor, allowed: Tensor | None) -> Tensor:
    return bias if allowed is None else torch.where(allowed, bias, -torch.inf)


def _any_key(added: Tensor) -> Tensor:
    """Whether a query has a key at all."""
    return (added if added.dtype is torch.bool else ~torch.isneginf(added)).any(-1, True)


def _spoilt(query: Tensor, key: Tensor, added: Tensor | None, allowed: Tensor | None) -> Tensor:
    """Which queries meet a NaN."""
    keys = key.isnan().any(-1, True)
    met = keys.any(-2, True) if allowed is None else (allowed.to(torch.float32) @ keys.to(torch.float32)) > 0
    met = met | query.isnan().any(-1, True)
    return met if added is None or added.dtype is torch.bool else met | added.isnan().any(-1, True)


def _repeated(x: Tensor, groups: int) -> Tensor:
    """Rows of key heads, for the query heads that they serve."""
    return x.repeat_interleave(groups, 1) if groups > 1 else x


def fused_attention(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, mask: Tensor | None, scale: float,
                    is_causal: bool) -> Tensor:
    """By the flash kernel alone, of which torch has one for each kind of device."""
    with warnings.catch_warnings(), sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        warnings.simplefilter("ignore")  # in which torch says why it does not take the kernel
        try:
            return attention(query, key, value, bias, mask, scale, is_causal)
        except RuntimeError as error:
            if "available kernel" not in str(error).lower() and "viable backend" not in str(error):
                raise
            return NotImplemented
