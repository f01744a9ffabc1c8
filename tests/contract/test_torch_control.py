"""Loops and branches of recorded torch programs: they do what Python loops do, and leave alone what is not theirs."""

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
        last = lambda seed: lambda: _values(random.Random(seed), [*moved, *carry, *source], 1, len(carry), 0)  # noqa: E731  # the same
        if seed % 3 == 0:
            return last(seed + 1)()
        other = last(seed + 2) if seed % 3 == 1 else lambda: [*carry[1:], carry[0]]
        return e.cond(e.equal(e.remainder(index, 2), 0), last(seed + 1), other)

    generator = torch.Generator().manual_seed(seed)
    first, source = ([torch.randn(3, 3, generator=generator) for _ in range(n)] for n in (3, 1))
    expected = first
    for index in range(3):
        expected = step(expected, source, torch.tensor(index, dtype=torch.int32))
    got = e.compile_step(step)([x.clone() for x in first], source, 0, 3)
    for x, y in zip(got, expected, strict=True):
        torch.testing.assert_close(x, y, equal_nan=True)


# --- single cases --------------------------------------------------------------------------------------------------------


def randn(*shape: int) -> Any:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def last_of_scan(body: Callable[[Any, Any], Any], start: Any, xs: Any) -> Any:
    """The last state of a scan with one tensor as state and as row."""
    return e.scan(lambda s, x: ([body(s[0], x[0])], []), [start], [xs], len(xs), False)[0][0]


def test_the_branch_not_taken_does_not_run() -> None:
    """It would read behind the end of a table."""
    def fn(flag: Any, i: Any) -> Tensors:
        return e.cond(flag, lambda: [e.gather(torch.arange(3.0), i, 0)], lambda: [e.full((), 7.0, "float32")])

    recorded = program(fn, torch.tensor(True), torch.tensor(2))
    assert float(recorded([torch.tensor(True), torch.tensor(2)])[0]) == 2
    assert float(recorded([torch.tensor(False), torch.tensor(99)])[0]) == 7
    with pytest.raises(IndexError):
        recorded([torch.tensor(True), torch.tensor(99)])


def test_a_branch_at_the_end_of_a_step_writes_into_the_carry() -> None:
    """With neither copies nor calls for what the branch taken leaves as it is; if it fails, all stays."""
    def step(carry: Tensors, source: Tensors, index: Any) -> Tensors:
        update = lambda: [e.add(carry[0], 1.0), e.reshape(e.gather(source[0], e.reshape(index, (1,)), 0), (2,))]  # noqa: E731  # short
        return e.cond(e.equal(e.remainder(index, 2), 0), update, lambda: [carry[0], carry[1]])

    carry, source = [torch.zeros(()), torch.zeros(2)], [torch.arange(6.0).reshape(3, 2)]
    recorded = Program(record(lambda *t: step(list(t[:2]), [t[2]], t[3]), [*carry, *source, torch.tensor(0)]), carried=2)
    assert "branch_in_place" in recorded.source and "copy_" not in recorded.source
    run, got = e.compile_step(step), carry
    for start, expected in ((0, [1, [0, 1]]), (1, [1, [0, 1]]), (2, [2, [4, 5]])):
        got = run(got, source, start, 1)
        assert [x.tolist() for x in got] == expected
    with pytest.raises(IndexError):
        run(got, source, 4, 1)
    assert [x.tolist() for x in got] == [2, [4, 5]]


def test_what_is_saved_for_the_gradient_is_not_written_to() -> None:
    """Results that are saved too, and rows of which views are saved, while the program around computes in place."""
    last = lambda a, w: last_of_scan(lambda s, x: e.tanh(e.multiply(s, w)), a, torch.zeros(5))  # noqa: E731  # short
    taken = lambda a, w: e.cond(e.less(total(a), 99.0), lambda: [e.tanh(e.multiply(a, w))], lambda: [w])[0]  # noqa: E731  # the same
    for fn in (last, taken):
        check(lambda *t, fn=fn: gradients(lambda a, w: total(e.tanh(fn(a, w))), *t), randn(3), randn(4)[:3])

    def rows(a: Any, w: Any) -> Any:
        xs = e.multiply(w, 2.0)
        return e.add(total(last_of_scan(lambda s, x: e.multiply(s, x[1:]), a, xs)), total(e.tanh(xs)))

    check(lambda *t: gradients(rows, *t), randn(3), randn(5, 4), calls="scan_gradient")


def test_a_place_that_is_read_after_the_branch() -> None:
    def step(carry: Tensors, source: Tensors, index: Any) -> Tensors:
        new, = e.cond(e.less(index, 2), lambda: [e.add(carry[0], 1.0)], lambda: [e.multiply(carry[0], 3.0)])
        return [new, e.add(carry[0], carry[1])]

    got = e.compile_step(step)([torch.ones(2), torch.zeros(2)], [], 0, 3)
    assert [x.tolist() for x in got] == [[9, 9], [6, 6]]


@pytest.mark.parametrize("limit", [100.0, 0.0])
@pytest.mark.parametrize("most", [None, 3])
def test_gradients_of_while_loops(limit: float, most: int | None) -> None:
    """Also without a bound, and where the loop takes no turn."""
    def fn(a: Any, w: Any) -> Any:
        body = lambda s: [e.add(e.multiply(s[0], w), e.exp(a)), e.stop_gradient(s[0])]  # noqa: E731  # short
        x, y = e.while_loop(lambda s: e.less(total(s[0]), limit), body, [e.exp(a), a], most)
        return total(e.multiply(x, y))

    check(lambda *t: gradients(fn, *t), randn(3), 2 + randn(4)[:3].abs(), calls="while_loop while_loop_gradient")


def test_a_result_that_is_not_the_bodies_own() -> None:
    """Captured tensors and constants as results of a branch, one of them the same twice."""
    constant = torch.ones(3)

    def fn(p: Any, a: Any, w: Any) -> Tensors:
        x, y = e.cond(e.less(total(p), 0.0), lambda: [w, w], lambda: [constant, e.multiply(w, 2.0)])
        return [e.multiply(x, a), e.add(y, 1.0), w]

    for p in (randn(3), -randn(3)):
        check(fn, p, randn(3), randn(4)[:3], calls="branch")
        check(lambda *t: gradients(lambda *t: total(e.multiply(*fn(*t)[:2])), *t), p, randn(3), randn(4)[:3], calls="branch_gradient")
    assert constant.tolist() == [1, 1, 1]


def test_no_rows() -> None:
    def fn(a: Any, w: Any) -> Any:
        state, ys = e.scan(lambda s, x: ([e.multiply(s[0], w)], [e.add(s[0], x[0])]), [a], [e.broadcast_to(w, (0, 3))], 0, False)
        return e.add(total(e.multiply(state[0], a)), total(ys[0]))

    check(lambda *t: gradients(fn, *t), randn(3), randn(4)[:3])


def test_tensors_that_are_not_dense() -> None:
    """Initial states, rows and results of a scan that are expanded or transposed."""
    def fn(a: Any, w: Any) -> Tensors:
        body = lambda s, x: ([e.add(s[0].T, e.multiply(w, x[0]))], [s[0].T])  # noqa: E731  # short
        state, ys = e.scan(body, [e.broadcast_to(a, (3, 3))], [w.T.expand(5, 3, 3)], 5, True)
        return [*state, *ys]

    check(fn, randn(3), randn(3, 3), calls="scan")
    check(lambda *t: gradients(lambda *t: total(e.sin(e.multiply(*[total(x) for x in fn(*t)]))), *t), randn(3), randn(3, 3),
          calls="scan_gradient")


def test_gradients_by_the_rows_alone() -> None:
    check(lambda *t: gradients(lambda x: last_of_scan(lambda s, row: e.add(e.multiply(s, s), row), torch.zeros(()), x), *t), randn(5),
          calls="scan scan_gradient")


def test_vectorized_maps_and_control_flow() -> None:
    """In each other; a map that torch's vmap refuses becomes a scan."""
    branch = lambda r: e.cond(e.less(total(r[0]), 0.0), lambda: [e.sin(r[0])], lambda: [e.multiply(r[0], 2.0)])  # noqa: E731  # short
    loop = lambda r: e.while_loop(lambda s: e.less(total(s[0]), 9.0), lambda s: [e.add(s[0], e.exp(s[0]))], [r[0]], 9)  # noqa: E731  # short
    for fn in (branch, loop):
        check(lambda a, fn=fn: gradients(lambda a: total(e.vectorized_map(fn, [a])[0]), a), randn(6, 3), calls="scan scan_gradient")
    scan = lambda a, w: [e.vectorized_map(lambda r: [last_of_scan(e.multiply, r[0], w)], [a])[0]]  # noqa: E731  # short
    check(scan, randn(6, 3), randn(5, 3))
    inner = lambda s, w: e.vectorized_map(lambda r: [e.multiply(NATIVES["sigmoid"](r[0]), total(w))], [e.add(s, w)])[0]  # noqa: E731  # short
    check(lambda *t: gradients(lambda a, w: total(last_of_scan(lambda s, x: inner(s, w), a, torch.zeros(5))), *t), randn(6, 3), randn(3),
          calls="scan_gradient")


class _Tripled(torch.autograd.Function):
    """The identity, with a wrong gradient that shows whether it is used."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 1.0

    @staticmethod
    def backward(ctx: Any, cotangent: Any) -> Any:
        return cotangent * 3.0


def test_custom_functions_of_torch_in_a_body() -> None:
    """On a tensor of the body, and on a captured one, where the recorder can't see the way of the gradient and unrolls."""
    check(lambda *t: gradients(lambda a, w: total(last_of_scan(lambda s, x: _Tripled.apply(s * w), a, torch.zeros(5))), *t),
          randn(3), randn(4)[:3], calls="scan_gradient")
    check(lambda *t: gradients(lambda a, w: total(last_of_scan(lambda s, x: s * _Tripled.apply(w), a, torch.zeros(5))), *t),
          randn(3), randn(4)[:3])


def test_gradients_by_parameters_of_torch() -> None:
    """A parameter that the body of a loop finds by itself, differentiated by torch's own means."""
    parameter = torch.nn.Parameter(randn(3))

    def fn(a: Any) -> Tensors:
        with torch.enable_grad():
            return list(torch.autograd.grad(total(last_of_scan(lambda s, x: s * parameter, a, torch.zeros(5))), [parameter]))

    check(fn, randn(3), calls="scan_gradient")


def test_bodies_with_side_effects_are_unrolled() -> None:
    """A tensor that leaves the body by another way than as a result, or that it writes to in place."""
    left: Tensors = []

    def leaks(a: Any) -> Tensors:
        last = last_of_scan(lambda s, x: left.append(s * 2) or s + x, a, torch.ones(5, 3))
        return [last + left[-1]]

    def writes(a: Any) -> Tensors:
        b = a * 1.0
        before = b * 2.0
        return [before, last_of_scan(lambda s, x: s + b.add_(x), a, torch.ones(5, 3)), b * 2.0]

    def writes_to_state(a: Any) -> Tensors:
        return [last_of_scan(lambda s, x: s.add_(x), a * 1.0, torch.ones(5, 3))]

    for fn in (leaks, writes, writes_to_state):
        check(fn, randn(3))


def test_writing_to_what_a_body_made() -> None:
    def body(s: Any, x: Any) -> Any:
        made = torch.zeros(3)
        made[1:] = x[1:]
        made.view(3, 1).mul_(2)
        return s * 0.5 + made

    check(lambda a: [last_of_scan(body, a, torch.ones(5, 3))], randn(3), calls="scan")
    check(lambda *t: gradients(lambda a, x: total(last_of_scan(body, a, x)), *t), randn(3), randn(5, 3), calls="scan_gradient")
    check(lambda a, w: [last_of_scan(lambda s, x: (w * 2.0).add_(s), a, torch.ones(5, 3))], randn(3), randn(4)[:3], calls="scan")


def test_gradients_of_gradients() -> None:
    """Of a scan and of a branch, which are unrolled for that and both run."""
    scan = lambda a, w: total(last_of_scan(lambda s, x: e.tanh(e.multiply(s, w)), a, torch.zeros(5)))  # noqa: E731  # short
    branch = lambda a, w: total(e.cond(e.less(total(a), 0.0), lambda: [e.tanh(w * a)], lambda: [w * a * a])[0])  # noqa: E731  # the same
    for fn in (scan, branch):
        check(lambda *t, fn=fn: gradients(lambda a, w: total(gradients(lambda b: fn(b, w), a)[1]), *t), randn(3), randn(4)[:3])

    def by_torch(a: Any, w: Any) -> Tensors:
        with torch.enable_grad():
            a, w = a.requires_grad_(), w.requires_grad_()
            first, = torch.autograd.grad(scan(a, w), [a], create_graph=True)
            return list(torch.autograd.grad(total(first), [a, w]))

    check(lambda a, w: by_torch(a * 1.0, w * 1.0), randn(3), randn(4)[:3])
