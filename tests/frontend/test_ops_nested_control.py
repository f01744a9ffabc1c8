"""Functions inside functions: control flow in the bodies of control flow, over tensors of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import Input, Model, Variable, ops
from keras_lite.state.scope import Scope

B = np.float32([1, 2, 3])
TABLE = [[1, 2, 3], [2, 4, 6], [3, 6, 9]]


def value(x: Any) -> Any:
    return ops.convert_to_numpy(x).tolist()


# each is called with a tensor of outside and the row of a loop around
NESTED = {
    "map": (lambda b, r: ops.map(lambda q: q * r, b), TABLE),
    "vectorized_map": (lambda b, r: ops.vectorized_map(lambda q: q * r, b), TABLE),
    "vectorize": (lambda b, r: ops.vectorize(lambda q: q * r)(b), TABLE),
    "jvp": (lambda b, r: ops.jvp(lambda q: q * r, (b,), (b,))[1], TABLE),
    "scan": (lambda b, r: ops.scan(lambda c, q: (c + q * r, c), 0.0, b)[0], [6, 12, 18]),
    "fori_loop": (lambda b, r: ops.fori_loop(0, 2, lambda i, s: s * r, b), [[1, 2, 3], [4, 8, 12], [9, 18, 27]]),
    "while_loop": (lambda b, r: ops.while_loop(lambda y: y < 20.0, lambda y: y * r, b[1], 5), [2, 32, 54]),
    "associative_scan": (lambda b, r: ops.associative_scan(lambda p, q: p + q * r, b), [[1, 3, 6], [1, 5, 11], [1, 7, 16]]),
    "switch": (lambda b, r: ops.switch(0, [lambda q: q * r, lambda q: (q, q)], b), TABLE),
    "cond": (lambda b, r: ops.cond(b[0] > 0, lambda: b * r, lambda: b + r), TABLE),
    "custom_gradient": (lambda b, r: ops.custom_gradient(lambda q: (q * r, lambda upstream: upstream * r))(b), TABLE),
}


@pytest.mark.parametrize("name", NESTED)
def test_inside_a_map(engine: Any, name: str) -> None:
    """The inner function uses the outer row, its operand comes from outside of both."""
    inner, expected = NESTED[name]
    b = ops.convert_to_tensor(B)
    assert value(ops.map(lambda r: inner(b, r), b)) == expected
    assert value(engine.compile(lambda b: ops.map(lambda r: inner(b, r), b))(b)) == expected


def in_scope(fn: Any) -> Any:
    """`fn`, after which no variable has changed."""
    def run(b: Any) -> Any:
        with Scope():
            return fn(b)

    return run


# each is called with 1, 2, 3 and a variable that is 1; its function returns the variable that it assigns
RETURNED = {
    "map": (lambda b, v: ops.map(lambda r: (v.assign_add(r), v)[1], b), [2, 4, 7]),
    "map of a nest": (lambda b, v: ops.map(lambda r: {"a": (v.assign_add(r), v)[1]}, b)["a"], [2, 4, 7]),
    "scan": (lambda b, v: ops.scan(lambda c, r: ((v.assign(v * 2.0 + r), v)[1], c + v), b[0], b)[1], [4, 11, 27]),
    "scan of nothing else": (lambda b, v: ops.scan(lambda c, r: ((v.assign(v * 2.0 + r), v)[1], None), b[0], b)[0], 19),
    "fori_loop": (lambda b, v: ops.fori_loop(0, 3, lambda i, s: (v.assign(v + s), v)[1], b[0]), 8),
    "while_loop": (lambda b, v: ops.while_loop(lambda s: s < 20.0, lambda s: (v.assign(v * 2.0 + s), v)[1], b[0], 9), 27),
    "while_loop, unbounded": (lambda b, v: ops.while_loop(lambda s: s < 20.0, lambda s: (v.assign(v * 2.0 + s), v)[1], b[0]), 27),
    "cond": (lambda b, v: ops.cond(b[0] > 0, lambda: (v.assign(v * 2.0), v)[1], lambda: v), 2),
    "switch": (lambda b, v: ops.switch(ops.cast(b[0], "int32"), [lambda: v, lambda: (v.assign(v * 5.0), v)[1]]), 5),
}


@pytest.mark.parametrize("name", RETURNED)
def test_an_assigned_variable_is_returned(engine: Any, name: str) -> None:
    """It counts as it is then, eagerly and compiled."""
    fn, expected = RETURNED[name]
    b, v = ops.convert_to_tensor(B), Variable(np.float32(1))
    scoped = in_scope(lambda b: fn(b, v))
    assert value(engine.compile(scoped)(b)) == expected
    assert value(scoped(b)) == expected
    assert value(v.value) == 1
    assert value(fn(b, v)) == expected


def test_conditions_assign_nothing(engine: Any) -> None:
    """How often a condition is evaluated is no promise; eagerly, compiled, and where the body assigns too."""
    b, v = ops.convert_to_tensor(B), Variable(np.float32(1))

    def assigning(k: Any) -> Any:
        v.assign(v + 1.0)
        return ops.sum(k) < 30

    for body in (lambda k: k + 1.0, lambda k: (v.assign(v * 2.0), k + 1.0)[1]):
        def run(b: Any, body: Any = body) -> Any:
            return ops.while_loop(assigning, body, b)

        for call in (run, engine.compile(in_scope(run))):
            with pytest.raises(ValueError, match=r"while_loop: cond must not assign, it assigns .*; assign in the body"):
                call(b)
    assert value(v.value) == 1


def test_a_mapped_function_assigns_and_reads(engine: Any) -> None:
    """The error is that of the assignment, whether or not values can be read."""
    b, v = ops.convert_to_tensor(B), Variable(np.float32(1))
    with pytest.raises(ValueError, match=r"vectorized_map: the function assigns .*use ops\.map"):
        ops.vectorized_map(lambda r: (v.assign(v + 1.0), r if float(r) > 1 else r * 2.0)[1], b)


def test_what_is_no_pair(engine: Any) -> None:
    """The error shows tensors in one way."""
    b = ops.convert_to_tensor(B)
    for fn, found in ((lambda c, x: c, r"float32\[\]"), (lambda c, x: b, r"float32\[3\]"), (lambda c, x: None, "None"),
                      (lambda c, x: [c, b, 2], r"\['float32\[\]', 'float32\[3\]', '2'\]"), (lambda c, x: {"a": x}, "{'a': 'float32..'}")):
        with pytest.raises(TypeError, match=rf"scan: the function must return \(carry, y\), got {found}$"):
            ops.scan(fn, 0.0, b)


def test_loop_in_a_scan(engine: Any) -> None:
    """The carry of the outer loop in the body of the inner one."""
    b = ops.convert_to_tensor(B)
    carry, _ = ops.scan(lambda c, z: (ops.fori_loop(0, 2, lambda k, s: s * c, b[0]), None), 2.0, b)
    assert value(carry) == 2 ** 8


def test_known_branch_in_a_description(engine: Any) -> None:
    """Where the index is a number only that branch counts, also while a loop around is described."""
    b = ops.convert_to_tensor(B)
    assert value(ops.map(lambda r: ops.cond(False, lambda: (r, r), lambda: r * 2.0), b)) == [2, 4, 6]


def test_functions_close_over_no_symbolic_tensor(engine: Any) -> None:
    """A graph could not put a value in its place."""
    b, t = ops.convert_to_tensor(B), Input((3,))
    for call in (lambda: ops.vectorized_map(lambda r: r * ops.sum(t), b), lambda: ops.map(lambda r: (r, ops.sum(t)), b),
                 lambda: ops.associative_scan(lambda p, q: p * ops.sum(t), b)):
        with pytest.raises(ValueError, match=r"can(.t)? close over"):
            call()


def test_custom_gradient_of_a_scalar(engine: Any) -> None:
    """NumPy makes numbers of products of 0-d arrays; a gradient may be one."""
    def fn(tensors: Any) -> Any:
        scaled = ops.custom_gradient(lambda q: (q * 2.0, lambda upstream: upstream * 5.0))
        return scaled(tensors[0] * 3.0), None

    result, _, (slope,) = engine.value_and_grad(fn, [ops.convert_to_tensor(np.float32(2))])
    assert (value(result), value(slope)) == (12, 15)


def test_closing_over_a_symbolic_tensor(engine: Any) -> None:
    """Refused where a model is made, by all that take functions: no run of the model could give the tensor a value."""
    x = Input((3,))
    calls: list[Any] = [
        lambda: ops.cond(ops.sum(x) > 3, lambda: x * 2, lambda: x), lambda: ops.switch(0, [lambda q: q * x, lambda q: q], x),
        lambda: ops.custom_gradient(lambda q: (q * x, lambda upstream: upstream))(x), lambda: ops.jvp(lambda q: q * x, (x,), (x,)),
        lambda: ops.fori_loop(0, 2, lambda i, s: s + x, x), lambda: ops.vectorized_map(lambda q: q * x[0], x)]
    for call in calls:
        with pytest.raises(ValueError, match="a function can't close over a symbolic tensor"):
            call()
    y = Model(x, ops.cond(True, lambda: x * 2, lambda: x))(np.ones((2, 3), "float32"))
    assert ops.convert_to_numpy(y).tolist() == [[2, 2, 2]] * 2
