"""Loops and branches of recorded torch programs: calls that do what the Python loop does, and leave alone what is not theirs."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")
if os.environ.get("KERAS_LITE_BACKEND", "torch") != "torch":
    pytest.skip("runs with the torch engine", allow_module_level=True)

import keras_lite_torch as e  # noqa: E402  # only where torch is
from keras_lite_torch.natives import NATIVES  # noqa: E402  # the same
from keras_lite_torch.program import Program  # noqa: E402  # the same
from keras_lite_torch.tracing import record  # noqa: E402  # the same

Tensors = list[Any]


def total(x: Any) -> Any:
    return e.reduce_sum(x, tuple(range(x.ndim)), False)


def program(fn: Callable[..., Tensors], *tensors: Any) -> Program:
    return Program(record(fn, list(tensors)))


def check(fn: Callable[..., Tensors], *tensors: Any, calls: str = "") -> None:
    """The recorded `fn` gives what the eager one does, leaves its arguments alone, and has the `calls`."""
    recorded, kept = program(fn, *tensors), [x.clone() for x in tensors]
    for name in calls.split():
        assert f"= {name}_" in recorded.source, recorded.source
    for _ in range(2):
        for x, y in zip(recorded(list(tensors)), fn(*tensors), strict=True):
            torch.testing.assert_close(x, y, equal_nan=True)
    assert all(map(torch.equal, tensors, kept))


def gradients(fn: Callable[..., Any], *tensors: Any) -> Tensors:
    """Value and gradients of a scalar function."""
    value, _, found = e.value_and_grad(lambda given: (fn(*given), None), list(tensors))
    return [value, *found]


# --- random functions ----------------------------------------------------------------------------------------------------


def _call(r: random.Random, pool: Tensors, depth: int, order: int) -> Tensors:
    """The (3, 3) results of a call, drawn by `r`, on tensors drawn from `pool`; it is differentiated `order` times.

    A `while_loop` that is differentiated twice would leave all to run eagerly.
    """
    a, b, c = (r.choice(pool) for _ in range(3))
    kinds = ["add", "mul", "tanh", "sigmoid", "flip", "matmul", "where", "slice", "stop", "custom", "same"]
    kind = r.choice(kinds + ["cond", "scan", "reverse", "grad", *["while"] * (order < 2)] * 2 if depth else kinds)
    seed = r.random()
    inner = lambda count, order=order: lambda tensors: _values(random.Random(seed), [*tensors, *pool], depth - 1, count, order)  # noqa: E731  # short
    if kind == "cond":
        one, other = r.random(), r.random()
        branch = lambda seed: lambda: _values(random.Random(seed), pool, depth - 1, 2, order)  # noqa: E731  # the same
        return e.cond(e.less(total(a), total(b)), branch(one), branch(other))
    if kind in ("scan", "reverse"):
        body = inner(3)
        split = lambda found: (found[:2], found[2:])  # noqa: E731  # the same
        state, ys = e.scan(lambda s, x: split(body([*s, *x])), [a, b], [torch.stack([a, b, c, a])], 4, kind == "reverse")
        return [*state, ys[0][0], ys[0][-1]]
    if kind == "while":
        limit, body = r.choice([3, 0, 4]), inner(2)
        advance = lambda s: [e.add(s[0], 1), *body(s[1:])]  # noqa: E731  # the same
        start = [e.full((), 0, "int32"), a, b]
        return e.while_loop(lambda s: e.less(s[0], limit), advance, start, r.choice([None, 2, 3]))[1:]
    if kind == "grad":
        body = inner(1, order + 1)
        return e.value_and_grad(lambda t: (total(e.tanh(body(t)[0])), None), [a, b])[2]
    return [_simple(kind, a, b, c)]


def _simple(kind: str, a: Any, b: Any, c: Any) -> Any:
    match kind:
        case "add":
            return e.multiply(e.add(a, b), 0.5)
        case "mul":
            return e.tanh(e.multiply(a, b))
        case "tanh":
            return e.tanh(a)
        case "sigmoid":
            return NATIVES["sigmoid"](a)
        case "flip":
            return e.flip(e.transpose(a, (1, 0)), (0,))
        case "matmul":
            return e.tanh(e.matmul(a, e.transpose(b, (1, 0))))
        case "where":
            return e.where(e.less(a, b), b, c)
        case "slice":
            return e.broadcast_to(e.strided_slice(a, (0, 1), (1, 2), (1, 1)), (3, 3))
        case "stop":
            return e.add(e.stop_gradient(a), b)
        case "custom":
            return e.custom_gradient(lambda x: ([e.tanh(x)], [x]), lambda kept, given: [e.multiply(given[0], kept[0])], [a])[0]
    return a


def _values(r: random.Random, pool: Tensors, depth: int, count: int, order: int) -> Tensors:
    made: Tensors = []
    for _ in range(r.randint(1, 2)):
        made += _call(r, [*pool, *made], depth, order)
    return [r.choice(made[-3:] + pool) for _ in range(count)]


@pytest.mark.parametrize("seed", range(60))
def test_random_control_flow_is_what_it_is_eagerly(seed: int) -> None:
    """Values and gradients, with loops and branches in each other that capture, pass on, swap and drop tensors."""
    generator = torch.Generator().manual_seed(seed)
    tensors = [torch.randn(3, 3, generator=generator) for _ in range(3)]
    captured = torch.randn(3, 3, generator=generator)
    check(lambda *given: _values(random.Random(seed), [*given, captured], 2, 3, 0), *tensors)
    check(lambda *given: gradients(lambda *t: total(e.tanh(_values(random.Random(seed), [*t, captured], 2, 1, 1)[0])), *given), *tensors)


@pytest.mark.parametrize("seed", range(30))
def test_random_steps_with_control_flow(seed: int) -> None:
    """The donated carry is not read any more once it is written to."""
    def step(carry: Tensors, source: Tensors, index: Any) -> Tensors:
        loss = lambda *t: total(e.tanh(_values(random.Random(seed), [*t, *source], 2, 1, 1)[0]))  # noqa: E731  # used once
        moved = [e.subtract(x, e.multiply(g, 0.1)) for x, g in zip(carry, gradients(loss, *carry)[1:], strict=True)]
        return _values(random.Random(seed + 1), [*moved, *carry, *source], 2, len(carry), 0)

    generator = torch.Generator().manual_seed(seed)
    first, source = ([torch.randn(3, 3, generator=generator) for _ in range(n)] for n in (3, 1))
    expected = first
    for index in range(3):
        expected = step(expected, source, torch.tensor(index, dtype=torch.int32))
    got = e.compile_step(step)([x.clone() for x in first], source, 0, 3)
    for x, y in zip(got, expected, strict=True):
        torch.testing.assert_close(x, y, equal_nan=True)
