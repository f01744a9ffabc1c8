"""Checks of control flow, differentiation and compilation."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine.checks.tools import Unexpected, gradient, holds, same, tensor, total


def cond_takes_one_branch(e: Any) -> None:
    x = tensor(e, [1, 2])
    for predicate, want in ((True, [2, 4]), (False, [-1, -2])):
        got = e.cond(tensor(e, predicate, "bool"), lambda: [e.multiply(x, 2.0)], lambda: [e.negative(x)])
        same(e, got[0], want, "float32")
    branches = e.compile(lambda p, x: e.cond(p, lambda: [e.multiply(x, 2.0)], lambda: [e.negative(x)])[0])
    same(e, branches(tensor(e, False, "bool"), x), [-1, -2], "float32")


def while_loop_ends(e: Any) -> None:
    state = [tensor(e, 0, "int32"), tensor(e, 1)]
    for most, want in ((None, (5, 32)), (100, (5, 32)), (3, (3, 8)), (0, (0, 1))):
        count, power = e.while_loop(lambda s: e.less(s[0], 5), lambda s: [e.add(s[0], 1), e.multiply(s[1], 2.0)], list(state), most)
        same(e, count, want[0], "int32", of=f"maximum_iterations={most}")
        same(e, power, want[1], "float32", of=f"maximum_iterations={most}")


def bounded_loops_have_gradients(e: Any) -> None:
    def fifth_power(x: Any) -> Any:
        start = [tensor(e, 0, "int32"), tensor(e, 1)]
        return e.while_loop(lambda s: e.less(s[0], 5), lambda s: [e.add(s[0], 1), e.multiply(s[1], x)], start, 9)[1]

    same(e, gradient(e, fifth_power, 2.0)[0], 80, "float32", 1e-6)


def scan_goes_both_ways(e: Any) -> None:
    def body(state: list[Any], x: list[Any]) -> tuple[list[Any], list[Any]]:
        total = e.add(state[0], x[0])
        return [total], [e.multiply(total, 2.0)]

    for reverse, want in ((False, [2, 6, 12]), (True, [12, 10, 6])):
        last, stacked = e.scan(body, [tensor(e, 0)], [tensor(e, [1, 2, 3])], 3, reverse)
        same(e, last[0], 6, "float32")
        same(e, stacked[0], want, "float32", of=f"reverse={reverse}")
    same(e, e.scan(lambda s, _: ([e.multiply(s[0], 2.0)], []), [tensor(e, [1, 3])], [], 3, False)[0][0], [8, 24], "float32")
    same(e, gradient(e, lambda x: e.scan(body, [tensor(e, 0)], [x], 3, False)[1][0], [1, 2, 3])[0], [6, 4, 2], tol=1e-6)


def vectorized_map_stacks(e: Any) -> None:
    got = e.vectorized_map(lambda xs: [total(e, xs[0]), e.add(xs[0], xs[1])], [tensor(e, [[1, 2], [3, 4]]), tensor(e, [10, 20])])
    same(e, got[0], [3, 7], "float32")
    same(e, got[1], [[11, 12], [23, 24]], "float32")


def value_and_grad_gives_zeros_for_what_does_not_matter(e: Any) -> None:
    def fn(ts: list[Any]) -> tuple[Any, Any]:
        return e.multiply(ts[0], ts[0]), {"first": ts[0], "none": None, "nest": [(ts[1],)]}

    value, aux, gradients = e.value_and_grad(fn, [tensor(e, 3), tensor(e, [1, 2])])
    same(e, value, 9, "float32")
    same(e, aux["first"], 3, "float32")
    same(e, aux["nest"][0][0], [1, 2], "float32")
    holds(aux["none"] is None and len(gradients) == 2, f"aux and gradients are {aux!r}, {gradients!r}")
    same(e, gradients[0], 6, "float32")
    same(e, gradients[1], [0, 0], "float32")


def gradients_nest(e: Any) -> None:
    def slope(x: Any) -> Any:
        cube = lambda ts: (total(e, e.multiply(e.multiply(ts[0], ts[0]), e.sin(ts[0]))), None)  # noqa: E731  # reads as the formula
        return e.value_and_grad(cube, [x])[2][0]

    x = np.array([0.5, -1.0])
    want = 2 * np.sin(x) + 4 * x * np.cos(x) - x * x * np.sin(x)
    same(e, gradient(e, slope, x)[0], want, "float32", 1e-5)


def stop_gradient_stops(e: Any) -> None:
    same(e, gradient(e, lambda x: e.multiply(x, e.stop_gradient(x)), [3.0])[0], [3])
    same(e, e.stop_gradient(tensor(e, [1])), [1], "float32")


def custom_gradient_replaces_the_derivative(e: Any) -> None:
    def doubled(x: Any, y: Any) -> Any:
        forward = lambda x, y: ([e.multiply(x, 2.0), y], [x])  # noqa: E731  # outputs and residuals at a glance
        backward = lambda residuals, grads: [e.multiply(grads[0], residuals[0]), e.multiply(grads[1], -1.0)]  # noqa: E731  # one expression, read in place
        return e.add(*e.custom_gradient(forward, backward, [x, y]))

    same(e, doubled(tensor(e, [3]), tensor(e, [1])), [7], "float32")
    first, second = gradient(e, doubled, [3.0], [1.0], weights=[10.0])
    same(e, first, [30])
    same(e, second, [-10])
    square = lambda x: _gradient_of_square(e, x)  # noqa: E731  # a gradient given by hand can be differentiated again
    same(e, gradient(e, square, [3.0])[0], [2])


def _gradient_of_square(e: Any, x: Any) -> Any:
    def fn(ts: list[Any]) -> tuple[Any, None]:
        forward = lambda x: ([e.multiply(x, x)], [x])  # noqa: E731  # one expression, read in place
        backward = lambda residuals, grads: [e.multiply(e.multiply(residuals[0], 2.0), grads[0])]  # noqa: E731  # one expression, read in place
        return total(e, e.custom_gradient(forward, backward, ts)[0]), None

    return e.value_and_grad(fn, [x])[2][0]


def value_and_grad_works_in_the_backward_of_custom_gradient(e: Any) -> None:
    def cube(x: Any) -> Any:
        return e.multiply(x, e.multiply(x, x))

    def backward(residuals: list[Any], grads: list[Any]) -> list[Any]:
        return e.value_and_grad(lambda ts: (total(e, e.multiply(cube(ts[0]), grads[0])), None), residuals)[2]

    def recomputed(x: Any) -> Any:
        return e.custom_gradient(lambda x: ([cube(x)], [x]), backward, [x])[0]

    same(e, gradient(e, recomputed, [1.0, 2.0], weights=[1.0, 10.0])[0], [3, 120], "float32", 1e-6)
    compiled = e.compile(lambda x: e.value_and_grad(lambda ts: (total(e, recomputed(ts[0])), None), [x])[2][0])
    same(e, compiled(tensor(e, [1, 2])), [3, 12], "float32", 1e-6, of="compiled")
    slope = lambda x: e.value_and_grad(lambda ts: (total(e, recomputed(ts[0])), None), [x])[2][0]  # noqa: E731  # reads as the formula
    same(e, gradient(e, slope, [1.0, 2.0])[0], [6, 12], "float32", 1e-6, of="the second derivative")


def compile_takes_nests_and_new_shapes(e: Any) -> None:
    fn = e.compile(lambda x, others: {"sum": e.add(x, others["y"][0]), "nothing": None})
    for shape in ((2,), (3, 2)):
        got = fn(tensor(e, np.ones(shape)), {"y": [tensor(e, [1, 2])]})
        same(e, got["sum"], np.add(np.ones(shape), [1, 2]), "float32")
        holds(got["nothing"] is None, f"None comes back as {got['nothing']!r}")
    slope = e.compile(lambda x: e.value_and_grad(lambda ts: (total(e, e.exp(ts[0])), None), [x])[2][0])
    same(e, slope(tensor(e, [0, 1])), np.exp([0, 1]), "float32", 1e-6)


def _step(e: Any) -> Any:
    """One step of gradient descent on a row of the source, which also counts."""
    def step(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
        row = e.gather(source[0], e.remainder(index, e.shape_of(source[0])[0]), 0)
        loss = lambda ts: (total(e, e.tanh(e.matmul(e.reshape(row, (1, -1)), ts[0]))), None)  # noqa: E731  # one expression, read in place
        grads = e.value_and_grad(loss, [carry[0]])[2]
        return [e.subtract(carry[0], e.multiply(grads[0], 0.1)), e.add(carry[1], index)]

    return step


def steps_run_one_by_one_and_many_at_once_to_the_same_bits(e: Any) -> None:
    rng = np.random.default_rng(3)
    kernel, source = rng.normal(size=(6, 5)), [tensor(e, rng.normal(size=(4, 6)))]
    run = e.compile_step(_step(e))
    many = run([tensor(e, kernel), tensor(e, 0, "int32")], source, 2, 7)
    one = [tensor(e, kernel), tensor(e, 0, "int32")]
    for index in range(2, 9):
        one = run(one, source, index, 1)
    same(e, many[1], sum(range(2, 9)), "int32")
    same(e, one[0], e.to_numpy(many[0]), "float32")
    same(e, run(one, source, 0, 0)[1], sum(range(2, 9)), "int32", of="no steps")


def steps_leave_copies_and_sources_alone(e: Any) -> None:
    first, source = tensor(e, np.ones((6, 5))), [tensor(e, np.ones((4, 6)))]
    kept, seen = e.copy(first), e.to_numpy(first)
    run = e.compile_step(_step(e))
    carry = [first, tensor(e, 0, "int32")]
    for _ in range(3):
        carry = run(carry, source, 0, 2)
    same(e, kept, np.ones((6, 5)), of="the copy of a donated tensor")
    same(e, source[0], np.ones((4, 6)), of="the source")
    holds((seen == 1).all(), "an array from to_numpy changes with a donated tensor")


def steps_with_convolutions_agree_too(e: Any) -> None:
    x = tensor(e, np.random.default_rng(5).normal(size=(1, 6, 6, 1)))

    def step(carry: list[Any], source: list[Any], index: Any) -> list[Any]:
        loss = lambda ts: (total(e, e.tanh(e.conv(source[0], ts[0], (1, 1), "same", (1, 1), 1, True))), None)  # noqa: E731  # one expression, read in place
        return [e.subtract(carry[0], e.multiply(e.value_and_grad(loss, carry)[2][0], 0.01))]

    run = e.compile_step(step)
    many, one = run([tensor(e, np.ones((3, 3, 1, 2)))], [x], 0, 4), [tensor(e, np.ones((3, 3, 1, 2)))]
    for index in range(4):
        one = run(one, [x], index, 1)
    same(e, one[0], e.to_numpy(many[0]), "float32")


def eval_shape_gives_shapes_and_dtypes(e: Any) -> None:
    specs = [((2, 3), "float32"), ((3, 4), "float32")]
    got = e.eval_shape(lambda x, y: {"product": e.matmul(x, y), "index": [e.argmax(x, 0)], "none": None}, specs)
    want = {"product": ((2, 4), "float32"), "index": [((3,), "int32")], "none": None}
    if got != want:
        raise Unexpected(f"expected {want}, got {got}")
