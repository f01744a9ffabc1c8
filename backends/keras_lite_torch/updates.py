"""Natives of the optimizer updates: one call of torch for all parameters.

They are functions of their arguments, as their ops are.  In the program of a compiled step the pass in `inplace` turns the calls
on lists into those that update the donated tensors.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import torch

Tensor: TypeAlias = torch.Tensor
Tensors = list[Tensor]


def accumulate_gradients(sums: Tensors, grads: Tensors, share: Tensor) -> Tensors:
    if any(s.dtype != torch.float32 for s in sums):
        return NotImplemented
    _check_shapes(sums, grads)
    return _moved(sums, grads, share) if sums else []


def sgd_update(params: Tensors, grads: Tensors, velocities: Tensors | None, learning_rate: Tensor, momentum: float,
               nesterov: bool) -> tuple[Tensors, Tensors | None]:
    _check_shapes(params, grads, velocities)
    if not params:
        return [], velocities
    if velocities is None:
        return _moved(params, grads, -learning_rate), None
    velocities = _moved(torch._foreach_mul(velocities, momentum), grads, -learning_rate)
    if not nesterov:
        return torch._foreach_add(params, velocities), velocities
    return _moved(torch._foreach_add(params, velocities, alpha=momentum), grads, -learning_rate), velocities


def rmsprop_update(params: Tensors, grads: Tensors, velocities: Tensors, momentums: Tensors | None, average_gradients: Tensors | None,
                   learning_rate: Tensor, rho: float, momentum: float,
                   epsilon: float) -> tuple[Tensors, Tensors, Tensors | None, Tensors | None]:
    if any(p.is_complex() for p in params):
        return NotImplemented
    _check_shapes(params, grads, velocities, momentums, average_gradients)
    if not params:
        return [], velocities, momentums, average_gradients
    grads = _like(grads, params)
    spreads = velocities = torch._foreach_lerp(velocities, torch._foreach_mul(grads, grads), 1.0 - rho)
    if average_gradients is not None:
        average_gradients = torch._foreach_lerp(average_gradients, grads, 1.0 - rho)
        spreads = torch._foreach_sub(velocities, torch._foreach_mul(average_gradients, average_gradients))
    roots = torch._foreach_sqrt(torch._foreach_add(spreads, epsilon))
    if momentums is None:
        return torch._foreach_addcdiv(params, grads, _divided(roots, -learning_rate)), velocities, None, average_gradients
    momentums = torch._foreach_addcdiv(torch._foreach_mul(momentums, momentum), grads, _divided(roots, learning_rate))
    return torch._foreach_sub(params, momentums), velocities, momentums, average_gradients


def adam_update(params: Tensors, grads: Tensors, momentums: Tensors, velocities: Tensors, velocity_hats: Tensors | None, step: Tensor,
                learning_rate: Tensor, beta_1: float, beta_2: float, epsilon: float) -> tuple[Tensors, Tensors, Tensors, Tensors | None]:
    if any(p.is_complex() or not p.is_floating_point() for p in params):
        return NotImplemented
    if max(beta_1, beta_2) >= 1.0:
        return NotImplemented  # the kernel's own corrections, 1 - beta**inf, would be 0
    _check_shapes(params, grads, momentums, velocities, velocity_hats)
    if not params:
        return [], momentums, velocities, velocity_hats
    step = step.to(torch.promote_types(params[0].dtype, torch.float32))
    rate = learning_rate.to(step.dtype) * torch.sqrt(_one_minus_power(beta_2, step)) / _one_minus_power(beta_1, step)
    late = torch.full((), torch.inf, device=step.device)  # torch's own bias corrections, which scale epsilon too, are 1 then
    lists = [_dense(xs) for xs in (params, _like(grads, params), momentums, velocities, velocity_hats or [])]
    params, _, momentums, velocities, hats = torch.ops.aten._fused_adam.tensor_lr(
        *lists, [late] * len(params), lr=rate, beta1=beta_1, beta2=beta_2, weight_decay=0.0, eps=epsilon,
        amsgrad=velocity_hats is not None, maximize=False)
    return params, momentums, velocities, None if velocity_hats is None else hats


def _one_minus_power(beta: float, step: Tensor) -> Tensor:
    """`1 - beta**step` without cancellation, as in the composites."""
    return -torch.expm1(step * (math.log(beta) if beta > 0 else -math.inf))


def _check_shapes(params: Tensors, *others: Tensors | None) -> None:
    """Raise ValueError where lists or shapes do not fit; broadcasting kernels would not notice."""
    shapes = [x.shape for x in params]
    for given in others:
        if given is not None and [x.shape for x in given] != shapes:
            raise ValueError(f"parameters of shapes {shapes} got tensors of shapes {[x.shape for x in given]}")


def _dense(xs: Tensors) -> Tensors:
    """The fused kernel walks through memory: all lists must have their elements in one order (the gradient of a kernel has not)."""
    return [x.contiguous() for x in xs]


def _like(grads: Tensors, params: Tensors) -> Tensors:
    return [g.to(p.dtype) for g, p in zip(grads, params, strict=True)]


def _moved(xs: Tensors, grads: Tensors, factor: Tensor) -> Tensors:
    """`x + factor * g`, in one pass through memory and without a product that has to be stored."""
    dtypes = {x.dtype for x in xs}
    factors = {dtype: factor.to(dtype) for dtype in dtypes}
    return torch._foreach_addcmul(xs, _like(grads, xs), [factors[x.dtype] for x in xs])


def _divided(xs: Tensors, number: Tensor) -> Tensors:
    """`x / number`, in the dtypes of the tensors."""
    if len({x.dtype for x in xs}) == 1:
        return torch._foreach_div(xs, number.to(xs[0].dtype))
    return [x / number.to(x.dtype) for x in xs]
