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
    keyless = None
    if added is not None:
        keyless = ~_any_key(added)
        added = added | keyless if added.dtype is torch.bool else torch.where(keyless, 0, added)
    found = F.scaled_dot_product_attention(query, key, value, added, is_causal=is_causal and added is None, scale=scale,
                                           enable_gqa=groups > 1)
    if is_causal and allowed is None:
        allowed = _allowed(query, key, None, is_causal)
    found = found.masked_fill(_spoilt(query.detach(), key.detach(), added, allowed), torch.nan)
    if keyless is not None:
        found = torch.where(keyless, _repeated(value.mean(2, keepdim=True), groups), found)
    return found.transpose(1, 2)


def _allowed(query: Tensor, key: Tensor, mask: Tensor | None, is_causal: bool) -> Tensor | None:
    """Where a query may attend a key; None for everywhere."""
    if not is_causal:
        return mask
    causal = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool, device=query.device).tril()[None, None]
    return causal if mask is None else mask & causal


def _added(bias: Tensor, allowed: Tensor | None) -> Tensor:
    return bias if allowed is None else torch.where(allowed, bias, -torch.inf)


def _any_key(added: Tensor) -> Tensor:
    """Whether a query has a key at all."""
    return (added if added.dtype is torch.bool else ~torch.isneginf(added)).any(-1, True)


def _spoilt(query: Tensor, key: Tensor, added: Tensor | None, allowed: Tensor | None) -> Tensor:
    """Which queries meet a NaN."""
    groups = query.shape[1] // key.shape[1]
    keys = _repeated(key.sum(-1).isnan(), groups)
    met = query.sum(-1, True).isnan() | (keys.any(-1, True).unsqueeze(-1) if allowed is None else _meets(allowed, keys))
    return met if added is None or added.dtype is torch.bool else met | added.isnan().any(-1, True)


def _meets(allowed: Tensor, keys: Tensor) -> Tensor:
    """Which queries may attend one of `keys`, (B, N, S): a matrix product, smaller than the logits where heads share a mask."""
    allowed = allowed.expand(*allowed.shape[:-1], keys.shape[-1])
    if allowed.shape[1] == 1:
        return (allowed[:, 0].to(torch.float32) @ keys.mT.to(torch.float32) > 0).mT.unsqueeze(-1)
    return allowed.to(torch.float32) @ keys.unsqueeze(-1).to(torch.float32) > 0


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
