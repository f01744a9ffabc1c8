"""The PyTorch engine's recorded programs do what the functions do that they were made from, and leave alone what is not theirs."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

torch = pytest.importorskip("torch")
if os.environ.get("KERAS_LITE_BACKEND", "torch") != "torch":
    pytest.skip("runs with the torch engine", allow_module_level=True)

import keras_lite_torch as e  # noqa: E402  # only where torch is
from keras_lite_torch.natives import NATIVES  # noqa: E402  # the same


def _random_call(r: random.Random, pool: list[Any], index: Any) -> list[Any]:
    """The (4, 4) results of a call, drawn by `r`, on tensors drawn from `pool`."""
    a, b, c, d = (r.choice(pool) for _ in range(4))
    corner = lambda x: e.strided_slice(x, (0, 0), (2, 2), (1, 1))  # noqa: E731  # keeps the table below readable
    calls: list[Callable[[], Any]] = [
        lambda: e.add(a, b), lambda: e.subtract(a, b), lambda: e.multiply(a, b), lambda: e.tanh(a), lambda: torch.relu(a),
        lambda: e.flip(a, (0,)), lambda: e.transpose(a, (1, 0)), lambda: e.reshape(e.reshape(a, (16,)), (4, 4)),
        lambda: e.multiply(e.matmul(a, b), 0.1), lambda: e.sort(a, 0), lambda: e.top_k(a, 4)[0],
        lambda: e.add(e.broadcast_to(e.reduce_sum(a, (0,), True), (4, 4)), b), lambda: e.where(e.less(a, b), a, b),
        lambda: e.dynamic_update_slice(a, corner(b), (1, 2)), lambda: e.dynamic_update_slice(a, corner(b), (e.remainder(index, 3), 2)),
        lambda: e.add(a, e.cast(index, "float32")), lambda: e.minimum(e.maximum(a, -3.0), 3.0),
        lambda: e.value_and_grad(lambda t: (e.reduce_sum(e.sin(e.multiply(t[0], b)), (0, 1), False), None), [a])[2][0],
        lambda: [x for part in NATIVES["sgd_update"]([a, b], [c, d], [d, a], e.full((), 0.1, "float32"), 0.9, True) for x in part],
    ]
    result = r.choice(calls)()
    return result if isinstance(result, list) else [result]


def _random_step(seed: int, count: int) -> Callable[[list[Any], list[Any], Any], list[Any]]:
    def step(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
        r, pool = random.Random(seed), [*carry, *source]
        for _ in range(r.randint(3, 20)):
            pool += _random_call(r, pool, index)
        return [r.choice(pool[-6:] + pool[:count]) for _ in range(count)]

    return step


@pytest.mark.parametrize("seed", range(40))
def test_random_steps_are_what_they_are_eagerly(seed: int) -> None:
    """Tensors updated in place, swapped, dropped and passed on give the same as the plain function, called again and again."""
    count = 1 + seed % 5
    generator = torch.Generator().manual_seed(seed)
    first = [torch.randn(4, 4, generator=generator) for _ in range(count)]
    source = [torch.randn(4, 4, generator=generator)]
    step, expected, kept = _random_step(seed, count), first, source[0].clone()
    for index in range(3):
        expected = step(expected, source, torch.tensor(index, dtype=torch.int32))
    got = e.compile_step(step)([x.clone() for x in first], source, 0, 3)
    assert torch.equal(source[0], kept)
    for x, y in zip(got, expected, strict=True):
        torch.testing.assert_close(x, y, equal_nan=True)


@pytest.mark.parametrize("seed", range(10))
def test_compiled_functions_leave_their_arguments_and_captured_tensors_alone(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    given, captured = torch.randn(4, 4, generator=generator), torch.randn(4, 4, generator=generator)
    kept = given.clone(), captured.clone()
    fn = lambda x: _random_step(seed, 2)([x, captured], [captured], torch.zeros((), dtype=torch.int32))  # noqa: E731
    for x, y in zip(e.compile(fn)(given), fn(given), strict=True):
        torch.testing.assert_close(x, y, equal_nan=True)
    assert torch.equal(given, kept[0]) and torch.equal(captured, kept[1])


def test_a_captured_tensor_is_read_at_each_call() -> None:
    scale = torch.ones(2)
    twice = e.compile(lambda x: e.multiply(e.multiply(x, scale), 2.0))
    assert twice(torch.ones(2)).tolist() == [2, 2]
    scale += 1
    assert twice(torch.ones(2)).tolist() == [4, 4]


def test_arguments_with_a_history_give_no_warning() -> None:
    """torch warns where the `grad` of a tensor that is no leaf is looked at."""
    x = torch.ones(2, requires_grad=True) * 2.0
    assert e.compile(lambda x: e.multiply(x, 2.0))(x).tolist() == [4, 4]
    run = e.compile_step(lambda carry, source, index: [e.add(carry[0], source[0])])
    assert run([torch.ones(2)], [x], 0, 1)[0].tolist() == [3, 3]


def test_what_reads_values_runs_eagerly() -> None:
    def step(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
        return [carry[1], e.add(carry[0], float(carry[1].sum()))]

    carry = [torch.ones(2), torch.full((2,), 2.0)]
    got = e.compile_step(step)(carry, [], 0, 2)
    assert [x.tolist() for x in got] == [[5, 5], [12, 12]]
    sign = e.compile(lambda x: x if x.sum() > 0 else -x)
    assert sign(torch.tensor([-1.0])).tolist() == sign(torch.tensor([1.0])).tolist() == [1]


def test_the_same_tensor_twice_in_the_carry() -> None:
    x = torch.ones(2)
    got = e.compile_step(lambda carry, source, index: [e.add(carry[0], 1.0), e.multiply(carry[1], 3.0)])([x, x], [], 0, 2)
    assert [y.tolist() for y in got] == [[3, 3], [9, 9]]


def test_views_of_repeated_calls_in_another_order() -> None:
    def fn(x: Any) -> list[Any]:
        first, second = torch.sin(x), torch.sin(x)
        return [second.t() * 2, first.t() * 3, first + second]

    x = torch.arange(6.0).reshape(2, 3)
    assert all(torch.equal(a, b) for a, b in zip(e.compile(fn)(x), fn(x), strict=True))


def test_calls_that_differ_in_a_number_or_a_view_stay_apart() -> None:
    x = torch.arange(4.0).reshape(2, 2)
    calls = lambda x: [e.add(x, 1.0), e.add(x, 2.0), e.add(e.tanh(x), e.transpose(e.tanh(x), (1, 0))), e.tanh(e.sort(x, 0)), e.sort(x, 0)]  # noqa: E731
    for y, want in zip(e.compile(calls)(x), (x + 1, x + 2, x.tanh() + x.tanh().T, x.tanh(), x), strict=True):
        assert torch.equal(y, want)


def test_a_step_that_fails_leaves_its_own_counter() -> None:
    """The new counter is needed before the call that fails, and yet is not stored before."""
    def step(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
        count = e.add(carry[0], 1)
        return [count, e.reshape(e.gather(source[0], e.reshape(count, (1,)), 0), (2,))]

    carry = [torch.zeros((), dtype=torch.int32), torch.zeros(2)]
    with pytest.raises(IndexError):
        e.compile_step(step)(carry, [torch.ones(3, 2)], 0, 9)
    assert int(carry[0]) == 2


def test_a_step_that_fails_leaves_the_last_complete_one() -> None:
    """The second step reads behind the table's end, after its average was computed."""
    def step(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
        average = e.add(e.multiply(carry[0], 0.5), 1.0)
        row = e.gather(source[0], e.reshape(e.multiply(index, 3), (1,)), 0)
        return [average, e.subtract(carry[1], e.reshape(row, (2,)))]

    carry = [torch.zeros(3), torch.ones(2)]
    with pytest.raises(IndexError):
        e.compile_step(step)(carry, [torch.ones(3, 2)], 0, 2)
    assert [x.tolist() for x in carry] == [[1, 1, 1], [0, 0]]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, also where the process was started with SIGINT ignored, as shells do in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_waits_for_the_end_of_the_step() -> None:
    run = e.compile_step(lambda carry, source, index: [e.add(x, 1.0) for x in carry])
    carry = run([torch.zeros(()), torch.zeros(500, 500)], [], 0, 1)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run(carry, [], 0, 10**9)
    assert float(carry[0]) > 1 and bool((carry[1] == carry[0]).all())


def test_a_carry_keeps_its_shapes() -> None:
    with pytest.raises(ValueError, match=r"tensor 0 of the carry went in as \(3,\) torch.float32 and came out as \(\)"):
        e.compile_step(lambda carry, source, index: [carry[0].sum()])([torch.ones(3)], [], 0, 1)


def test_gradients_of_sigmoid_keep_their_digits() -> None:
    """Far out, 1 - sigmoid(x) is lost in float32 while the derivative is not."""
    x = torch.tensor([-30.0, 0.0, 30.0])
    slope = e.value_and_grad(lambda ts: (e.reduce_sum(NATIVES["sigmoid"](ts[0]), (0,), False), None), [x])[2][0]
    torch.testing.assert_close(slope, torch.tensor([9.3576e-14, 0.25, 9.3576e-14]), rtol=1e-4, atol=0.0)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # by torch's own forward mode
def test_forward_mode_of_torch() -> None:
    """Natives have it; a function with a gradient of its own says what has."""
    from keras_lite import ops
    from keras_lite.engine import registry

    x, direction = torch.tensor([1.0, -2.0]), torch.tensor([1.0, 0.5])
    with registry.using("torch"):
        for fn in (ops.sigmoid, lambda x: ops.hypot(x, x * x), lambda x: ops.logaddexp(x, 3.0), lambda x: ops.logaddexp(x, -x)):
            found, expected = (jvp(fn, (x,), (direction,)) for jvp in (torch.func.jvp, ops.jvp))
            torch.testing.assert_close(found, expected)
        with pytest.raises(NotImplementedError, match=r"torch.func.jvp: .* ops.jvp takes it from the gradient"):
            torch.func.jvp(ops.det, (torch.eye(2),), (torch.ones(2, 2),))
