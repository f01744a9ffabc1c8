"""Structured control flow: Python's in eager code, calls of their own in a recorded program.

Where that can't be (inside torch's function transforms, and in a gradient that is differentiated again) a recording unrolls scans,
runs both branches, and leaves the function with a `while_loop` to run eagerly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch._subclasses.fake_tensor import DataDependentOutputException

from keras_lite_torch import loops, routines
from keras_lite_torch.tensors import current_device, dtype_of, torch_dtype
from keras_lite_torch.tracing import Recorder, local, recorder
from keras_lite_torch.transformation import eval_shape, is_differentiated_twice

Tensor: TypeAlias = torch.Tensor

_SHORT = 3  # scans up to this length are unrolled


def _recorder() -> Recorder | None:
    """What records this call and can do so as one call."""
    active = recorder()
    return active if active is not None and active.bodies and not is_differentiated_twice() else None


def cond(predicate: Tensor, true_fn: Callable[[], list[Tensor]], false_fn: Callable[[], list[Tensor]]) -> list[Tensor]:
    try:
        taken = bool(predicate)
    except DataDependentOutputException:  # in a trace the value is not there
        active = _recorder()
        if active is not None:
            return routines.cond(active, predicate, true_fn, false_fn)
        return [torch.where(predicate, x, y) for x, y in zip(true_fn(), false_fn(), strict=True)]
    return true_fn() if taken else false_fn()


def while_loop(condition: Callable[[list[Tensor]], Tensor], body: Callable[[list[Tensor]], list[Tensor]],
               state: list[Tensor], maximum_iterations: int | None) -> list[Tensor]:
    active = _recorder()
    if active is not None:
        return loops.while_loop(active, condition, body, state, maximum_iterations)
    count = 0
    while (maximum_iterations is None or count < maximum_iterations) and condition(state):
        state = body(state)
        count += 1
    return state


def scan(body: Callable[[list[Tensor], list[Tensor]], tuple[list[Tensor], list[Tensor]]], state: list[Tensor],
         xs: list[Tensor], length: int, reverse: bool) -> tuple[list[Tensor], list[Tensor]]:
    if not length:
        return state, _no_rows(lambda *tensors: body(list(tensors[:len(state)]), list(tensors[len(state):]))[1], state, xs)
    active = _recorder() if length > _SHORT else None
    if active is not None:
        return loops.scan(active, body, state, xs, length, reverse)
    columns = [x.unbind(0) for x in xs]
    outputs = []
    for i in reversed(range(length)) if reverse else range(length):
        state, y = body(state, [column[i] for column in columns])
        outputs.append(y)
    if reverse:
        outputs.reverse()
    return state, [torch.stack(ys) for ys in zip(*outputs, strict=True)]


def vectorized_map(fn: Callable[[list[Tensor]], list[Tensor]], xs: list[Tensor]) -> list[Tensor]:
    if not len(xs[0]):
        return _no_rows(lambda *rows: fn(list(rows)), [], xs)
    try:
        return list(torch.vmap(lambda *rows: tuple(fn(list(rows))))(*map(local, xs)))
    except RuntimeError as error:  # vmap refuses functions that read values, differentiate or write in place
        if not any(word in str(error) for word in ("vmap", "functorch", "atching rule")):
            raise
        return scan(lambda state, row: (state, fn(row)), [], xs, len(xs[0]), False)[1]


def _no_rows(fn: Callable[..., list[Tensor]], state: list[Tensor], xs: list[Tensor]) -> list[Tensor]:
    """What `fn(*state, *rows of xs)` returns, stacked zero times."""
    specs = [(tuple(x.shape), dtype_of(x)) for x in state] + [(tuple(x.shape[1:]), dtype_of(x)) for x in xs]
    return [torch.zeros(0, *shape, dtype=torch_dtype(dtype), device=current_device()) for shape, dtype in eval_shape(fn, specs)]
