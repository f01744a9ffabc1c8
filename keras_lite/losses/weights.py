"""Weights and masks: how the losses of entries become one number.

One rule, `loss = sum(w * m * v) / d`: `v` are the losses of the single entries, `w` their weights (1 where none are given) and `m` the
mask (1 where there is none).  What `d` is, the reduction says:

- "sum_over_batch_size", also called "mean": the number of entries, `sum(m)`; weights do not change it;
- "mean_with_sample_weight": the sum of the weights, `sum(w * m)`;
- "sum": 1;  "none" or None: no sum is taken.

An entry whose mask or weight is 0 is not there: infinity and NaN in its place do no harm.  Weights have the shape of the losses, or that
of their first axes: a weight of a row serves all entries of the row.
"""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.losses.pairs import wide

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


def reduce_weighted(values: Any, sample_weight: Any, mask: Any, reduction: str | None, dtype: str) -> Any:
    """The losses of entries, weighed and reduced by the rule of this module, in `dtype`."""
    if reduction in ("none", None):
        return weighed(values, sample_weight, mask, dtype)[0]
    total, count = fraction(values, sample_weight, mask, reduction, dtype)
    return ops.cast(quotient(total, count), dtype)


def fraction(values: Any, sample_weight: Any, mask: Any, reduction: str | None, dtype: str) -> tuple[Any, Any]:
    """Numerator and denominator of the rule, in at least float32: sums of a 16-bit dtype overflow.

    Those of several batches add up to those of all their rows together.  The denominator is a float where the shapes alone decide it.
    """
    values, weight, mask = weighed(values, sample_weight, mask, dtype)
    total = ops.sum(wide(values))
    if reduction == "sum":
        return total, 1.0
    if reduction == "mean_with_sample_weight" and weight is not None:
        counted = weight if mask is None else ops.multiply(weight, ops.cast(mask, dtype))
    elif mask is not None:
        counted = mask
    else:
        return total, count_of(values)
    return total, ops.sum(ops.broadcast_to(ops.cast(counted, ops.dtype(total)), ops.shape(values)))


def weighed(values: Any, sample_weight: Any, mask: Any, dtype: str) -> tuple[Any, Any, Any]:
    """`w * m * v` in `dtype`, and the weights and the mask in ranks that broadcast against it; each None if there is none."""
    values = ops.cast(ops.convert_to_tensor(values), dtype)
    weight = None if sample_weight is None else ops.convert_to_tensor(sample_weight, dtype=dtype)
    mask = None if mask is None else ops.cast(ops.convert_to_tensor(mask), "bool")
    if weight is not None and mask is not None:
        weight, mask = _equal_ranks(weight, mask)
    if weight is not None:
        values, weight = fitted(values, weight)
        values = ops.where(ops.equal(weight, 0), 0.0, ops.multiply(values, weight))
    if mask is not None:
        values, mask = fitted(values, mask, "mask")
        values = ops.where(mask, values, 0.0)
    return values, weight, mask


def _equal_ranks(a: Any, b: Any) -> tuple[Any, Any]:
    """Two tensors, one with as many axes more at its end that they have as many."""
    return _with_axes(a, len(b.shape) - len(a.shape)), _with_axes(b, len(a.shape) - len(b.shape))


def _with_axes(x: Any, count: int) -> Any:
    return x if count <= 0 else ops.reshape(x, (*(-1 if n is None else n for n in x.shape), *(1,) * count))


def fitted(values: Any, weight: Any, what: str = "sample_weight") -> tuple[Any, Any]:
    """`values` and `weight` in ranks that broadcast: a weight of rows serves all entries of its row, a last axis of 1 goes.

    A single value stands for all that are weighed.
    """
    given = tuple(values.shape), tuple(weight.shape)
    rank, have = len(values.shape), len(weight.shape)
    if rank == 0:
        return values, weight
    if have == rank + 1 and weight.shape[-1] == 1:
        values = ops.expand_dims(values, -1)
    elif have == rank - 1 and values.shape[-1] == 1:
        values = ops.squeeze(values, -1)
    elif have < rank:
        weight = _with_axes(weight, rank - have)
    if len(weight.shape) > len(values.shape) or not _broadcast(values.shape, weight.shape):
        raise invalid(what, f"shape {given[1]} does not fit losses of shape {given[0]}")
    return values, weight


def _broadcast(a: Any, b: Any) -> bool:
    """Whether shapes of one rank may broadcast."""
    return all(m is None or n is None or m == n or 1 in (m, n) for m, n in zip(a, b, strict=True))


def both_masks(mask: Any, other: Any) -> Any:
    """Where both masks hold; either may be None."""
    if mask is None or other is None:
        return other if mask is None else mask
    return ops.logical_and(*_equal_ranks(ops.cast(mask, "bool"), other))


def count_of(x: Any) -> Any:
    """Number of entries of `x`: a float, or a tensor where a size is not known."""
    size: Any = 1
    for n in ops.shape(x):
        size = size if n is None else size * n
    return float(size) if isinstance(size, int) else ops.cast(size, ops.dtype(x))


def quotient(total: Any, count: Any) -> Any:
    """`total / count`, 0 where nothing was counted."""
    return ops.divide(total, count or 1.0) if isinstance(count, float) else ops.divide_no_nan(total, count)
