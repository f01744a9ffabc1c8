"""Linear algebra.

torch's functions raise for matrices that have no answer; of those that can also say so in a further result (`_ex`), that is used,
the others get zeros in place of matrices that are not finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch

from keras_lite_torch.tracing import is_recorded, is_transformed
from keras_lite_torch.transformation import custom_gradient, is_differentiated_twice

Tensor: TypeAlias = torch.Tensor


def _each_finite(function: Callable[[Tensor], Sequence[Tensor]], x: Tensor) -> list[Tensor]:
    """The results of `function`, NaN for the matrices that are not finite."""
    if not is_transformed() and math.isfinite(x.detach().sum()):  # most calls, for less than the masks cost
        return list(function(x))
    good = torch.isfinite(x).flatten(-2).all(-1)
    results = function(torch.where(good[..., None, None], x, 0))
    return [torch.where(good.reshape(good.shape + (1,) * (y.ndim - good.ndim)), y, torch.nan) for y in results]


def cholesky(x: Tensor) -> Tensor:
    y, failed = torch.linalg.cholesky_ex(x)
    return torch.where(failed[..., None, None] > 0, torch.nan, y).tril()


def det(x: Tensor) -> Tensor:
    if not is_recorded(x):
        return torch.linalg.det(x)
    return custom_gradient(lambda x: ([torch.linalg.det(x)], [x]), lambda xs, gs: [gs[0][..., None, None] * _cofactors(xs[0])], [x])[0]


def _cofactors(x: Tensor) -> Tensor:
    """det(x) * inv(x).T.  Cofactors are polynomials, so a pivot of 0 may be moved by a rounding; torch's own are 0 then."""
    if x.dtype is torch.float32 and is_differentiated_twice():
        return _exact_cofactors(x)
    n, size = x.shape[-1], x.detach().abs().flatten(-2)
    size = size.amax(-1, True).clamp(min=1e-30) if n else size
    lu, pivots, _ = torch.linalg.lu_factor_ex(x)
    diagonal = lu.diagonal(dim1=-2, dim2=-1)
    shift = torch.where(diagonal == 0, size * torch.finfo(x.dtype).eps, 0)
    swaps = (pivots != torch.arange(1, n + 1, device=x.device)).sum(-1)
    determinant = (diagonal + shift).prod(-1) * (1 - 2 * (swaps % 2))
    inverse = torch.linalg.lu_solve(lu + torch.diag_embed(shift), pivots, torch.eye(n, dtype=x.dtype, device=x.device))
    return determinant[..., None, None] * inverse.mT


def _exact_cofactors(x: Tensor) -> Tensor:
    """In float64, where moving a singular matrix by less than a rounding of float32 leaves the derivatives of cofactors as they are."""
    y, n = x.to(torch.float64), x.shape[-1]
    pivots = torch.linalg.lu_factor_ex(y.detach())[0].diagonal(dim1=-2, dim2=-1).abs()
    largest = y.detach().abs().amax((-2, -1), True).clamp(min=1e-40) if n else y.new_zeros(())
    singular = (pivots == 0).any(-1)[..., None, None]
    moved = y + torch.where(singular, 1e-8 * largest, 0) * torch.eye(n, dtype=y.dtype, device=y.device)
    return (torch.linalg.det(moved)[..., None, None] * torch.linalg.inv_ex(moved)[0].mT).to(x.dtype)


def slogdet(x: Tensor) -> tuple[Tensor, Tensor]:
    if not is_recorded(x):
        sign, logarithm = torch.linalg.slogdet(x)
        return torch.where(logarithm.isnan(), torch.nan, sign), logarithm
    sign, logarithm = custom_gradient(lambda x: (list(torch.linalg.slogdet(x)), [x]), _slogdet_gradient, [x])
    return torch.where(logarithm.isnan(), torch.nan, sign), logarithm


def _slogdet_gradient(xs: list[Tensor], cotangents: list[Tensor]) -> list[Tensor]:
    """As torch's own, which raises for a singular matrix where it is differentiated once more."""
    x = xs[0]
    return [cotangents[1][..., None, None] * solve(x, torch.eye(x.shape[-1], dtype=x.dtype, device=x.device)).mT]


def eig(x: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = _each_finite(torch.linalg.eig, x)
    return values, vectors


def eigh(x: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = _each_finite(torch.linalg.eigh, x)
    return values, vectors


def lu_factor(x: Tensor) -> tuple[Tensor, Tensor]:
    n = x.shape[-1]
    if x.shape[-2] == n and is_differentiated_twice():  # of more columns torch's gradient does not divide by the last pivot to no end
        x = torch.nn.functional.pad(x, (0, 1))
    lu, pivots, _ = torch.linalg.lu_factor_ex(x)
    return lu[..., :n], pivots - 1


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
