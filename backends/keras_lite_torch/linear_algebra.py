"""Linear algebra.

torch's functions raise for matrices that have no answer; of those that can also say so in a further result (`_ex`), that is used,
the others get zeros in place of matrices that are not finite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch

Tensor: TypeAlias = torch.Tensor


def _each_finite(function: Callable[[Tensor], Sequence[Tensor]], x: Tensor) -> list[Tensor]:
    """The results of `function`, NaN for the matrices that are not finite."""
    good = torch.isfinite(x).flatten(-2).all(-1)
    results = function(torch.where(good[..., None, None], x, 0))
    return [torch.where(good.reshape(good.shape + (1,) * (y.ndim - good.ndim)), y, torch.nan) for y in results]


def cholesky(x: Tensor) -> Tensor:
    y, failed = torch.linalg.cholesky_ex(x)
    return torch.where(failed[..., None, None] > 0, torch.nan, y).tril()


def det(x: Tensor) -> Tensor:
    return torch.linalg.det(x)


def slogdet(x: Tensor) -> tuple[Tensor, Tensor]:
    sign, logarithm = torch.linalg.slogdet(x)
    return torch.where(logarithm.isnan(), torch.nan, sign), logarithm


def eig(x: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = _each_finite(torch.linalg.eig, x)
    return values, vectors


def eigh(x: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = _each_finite(torch.linalg.eigh, x)
    return values, vectors


def lu_factor(x: Tensor) -> tuple[Tensor, Tensor]:
    lu, pivots, _ = torch.linalg.lu_factor_ex(x)
    return lu, pivots - 1


def qr(x: Tensor, complete: bool) -> tuple[Tensor, Tensor]:
    q, r = torch.linalg.qr(x, "complete" if complete else "reduced")
    return q, r


def solve(a: Tensor, b: Tensor) -> Tensor:
    if b.ndim < a.ndim:  # else torch could take it for a stack of vectors
        b = b.reshape((1,) * (a.ndim - b.ndim) + tuple(b.shape))
    return torch.linalg.solve_ex(a, b)[0]


def solve_triangular(a: Tensor, b: Tensor, lower: bool) -> Tensor:
    return torch.linalg.solve_triangular(a, b, upper=not lower)


def svd(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    u, s, vt = _each_finite(lambda x: torch.linalg.svd(x, full_matrices=False), x)
    return u, s, vt


def singular_values(x: Tensor) -> Tensor:
    return _each_finite(lambda x: [torch.linalg.svdvals(x)], x)[0]
