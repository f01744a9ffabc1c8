"""Control flow: variables that its functions assign, gradients, structures, errors; eagerly and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.state.scope import Scope
from keras_lite.state.variable import Variable


def value(x: Any) -> Any:
    return ops.convert_to_numpy(x).tolist()


def both_ways(engine: Any, fn: Any, *arrays: Any) -> tuple[Any, Any]:
    """What `fn` returns eagerly, and compiled with the arrays as traced arguments."""
    tensors = [ops.convert_to_tensor(x) for x in arrays]
    return value(fn(*tensors)), value(engine.compile(fn)(*tensors))


def test_cond(engine: Any) -> None:
    """The branch of the predicate's value, also where that is known only in the compiled function."""
    def fn(x: Any) -> Any:
        return ops.cond(ops.sum(x) > 0, lambda: x * 2.0, lambda: -x)

    assert both_ways(engine, fn, np.float32([1, 2])) == ([2, 4], [2, 4])
    assert both_ways(engine, fn, np.float32([-1, -2])) == ([1, 2], [1, 2])


def test_switch_clamps(engine: Any) -> None:
    """Indices beyond the branches take the last or the first one."""
    branches = [lambda x: x, lambda x: x * 10.0, lambda x: x * 100.0]
    for index, factor in ((-5, 1), (0, 1), (1, 10), (2, 100), (7, 100)):
        assert both_ways(engine, lambda i: ops.switch(i, branches, np.float32(2)), np.int32(index)) == (2 * factor, 2 * factor)


def test_only_the_branch_taken_assigns(engine: Any) -> None:
    """Eagerly and in a trace, where the branches assign different variables."""
    a, b = Variable(1.0), Variable(1.0)

    def run(flag: Any) -> Any:
        ops.cond(flag, lambda: a.assign(5.0), lambda: b.assign(7.0))
        return ops.stack([a.value, b.value])

    def traced(flag: Any) -> Any:
        with Scope([(a, ops.convert_to_tensor(1.0)), (b, ops.convert_to_tensor(1.0))]):
            return run(flag)

    assert both_ways(engine, traced, np.array(True)) == ([5, 1], [5, 1])
    assert both_ways(engine, traced, np.array(False)) == ([1, 7], [1, 7])
    run(True)
    assert (float(a), float(b)) == (5, 1)


def test_while_loop_assigns(engine: Any) -> None:
    """A variable is part of the loop's state: the body reads what the last turn wrote."""
    count, total = Variable(0, dtype="int32", trainable=False), Variable(0.0)

    def body(x: Any) -> Any:
        count.assign_add(1)
        total.assign(total + x * ops.cast(count, "float32"))
        return x + 1.0

    assert value(ops.while_loop(lambda x: x < 4.0, body, 1.0)) == 4
    assert (int(count), float(total)) == (3, 1 * 1 + 2 * 2 + 3 * 3)


def test_condition_reads_variables(engine: Any) -> None:
    """The condition sees the variables as the body left them."""
    v = Variable(0.0)
    assert value(ops.while_loop(lambda i: ops.less(v, 3.0), lambda i: (v.assign_add(1.0), i + 1)[1], 0)) == 3
    assert float(v) == 3


def test_scan_assigns(engine: Any) -> None:
    """A scan passes variables on from step to step, in both directions."""
    v = Variable(np.zeros(2, "float32"))

    def step(carry: Any, x: Any) -> Any:
        v.assign(v * 0.5 + x)
        return carry + 1, v.value

    xs = np.float32([[1, 2], [3, 4]])
    carry, ys = ops.scan(step, 0, xs)
    assert (value(carry), value(ys)) == (2, [[1, 2], [3.5, 5]])
    assert v.numpy().tolist() == [3.5, 5]
    assert value(ops.scan(lambda c, x: (c + x, c), np.float32([0, 0]), xs, reverse=True)[1]) == [[3, 4], [0, 0]]


def test_loops_in_loops(engine: Any) -> None:
    """Variables assigned in an inner loop are found by the outer one."""
    v = Variable(0.0)

    def inner(i: Any, x: Any) -> Any:
        v.assign_add(1.0)
        return x + 1.0

    assert value(ops.fori_loop(0, 3, lambda i, x: ops.fori_loop(0, 2, inner, x), 0.0)) == 6
    assert float(v) == 6


def test_gradients(engine: Any) -> None:
    """Through branches, bounded loops and scans."""
    def fn(tensors: list[Any]) -> Any:
        x, = tensors
        y = ops.fori_loop(0, 3, lambda i, y: y * x, x)
        z = ops.while_loop(lambda i, z: i < 2, lambda i, z: (i + 1, z * x), (0, x), maximum_iterations=5)[1]
        w, _ = ops.scan(lambda c, t: (c + t * x, None), ops.zeros_like(x), np.float32([1, 2]))
        return ops.sum(y + z + w + ops.cond(ops.sum(x) > 0, lambda: x * 3.0, lambda: x)), None

    *_, gradients = engine.value_and_grad(fn, [ops.convert_to_tensor(np.float32([2, 3]))])
    np.testing.assert_allclose(ops.convert_to_numpy(gradients[0]), [4 * 8 + 3 * 4 + 3 + 3, 4 * 27 + 3 * 9 + 3 + 3])


def test_structures(engine: Any) -> None:
    """Nests of state and results keep their form; None is a result too."""
    rows = {"u": np.float32([1, 2]), "v": np.int32([3, 4])}
    carry, ys = ops.scan(lambda c, x: ({"a": c["a"] + x["u"]}, (x["v"], None)), {"a": 0.0}, rows)
    assert value(carry["a"]) == 3 and value(ys[0]) == [3, 4] and ys[1] is None
    assert ops.cond(True, lambda: None, lambda: None) is None
    mapped = ops.map(lambda x: {"double": x * 2.0}, np.float32([1, 2]))
    assert value(mapped["double"]) == [2, 4]
    assert value(ops.vectorized_map(lambda x: ops.dot(x[0], x[1]), (np.ones((2, 3), "float32"), np.ones((2, 3), "float32")))) == [3, 3]


def test_numbers_beyond_int32(engine: Any) -> None:
    """Indices and bounds of a wider dtype that int32 does not hold do not wrap."""
    branches = [lambda: 1.0, lambda: 2.0]
    assert both_ways(engine, lambda i: ops.switch(i, branches), np.uint32(2**32 - 1)) == (2, 2)
    beyond = ops.convert_to_tensor(np.uint32(2**32 - 3))
    if engine.name != "numpy":  # there the bound is known, and an error says that it does not fit
        assert value(engine.compile(lambda n: ops.fori_loop(n, 3, lambda i, x: x + 1, 0))(beyond)) == 0


def test_errors(engine: Any) -> None:
    """A state that changes, branches that differ and assignments where there can be none."""
    v = Variable(0.0)
    with pytest.raises(ValueError, match=r"the body changes the loop variables: expected \('int32\[\]',\), got \('float32\[\]',\)"):
        ops.while_loop(lambda i: i < 3, lambda i: (i + 0.5,), (0,))
    with pytest.raises(ValueError, match=r"vectorized_map: the function assigns .*use ops\.map"):
        ops.vectorized_map(lambda x: v.assign(ops.sum(x)), np.ones((2, 2), "float32"))
    with pytest.raises(TypeError, match=r"the function must return \(carry, y\)"):
        ops.scan(lambda c, x: c, 0.0, np.ones(3, "float32"))
    with pytest.raises(ZeroDivisionError):
        ops.fori_loop(0, 2, lambda i, x: 1 / 0, 0.0)


def test_differing_branches_of_a_trace() -> None:
    """Where both branches are part of the program they must return the same."""
    from keras_lite.symbolic.spec import KerasTensor

    x = KerasTensor.spec((2,), "float32")
    with pytest.raises(ValueError, match="cond: the branches return different things"):
        ops.cond(ops.sum(x) > 0, lambda: x, lambda: ops.sum(x))


def test_framework_functions_in_a_body() -> None:
    """A body written with the framework itself is described by the engine."""
    jnp = pytest.importorskip("jax.numpy")
    with registry.using("jax"):
        assert value(ops.fori_loop(0, 3, lambda i, x: jnp.add(x, 1.0), jnp.zeros(2))) == [3, 3]
