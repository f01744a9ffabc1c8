"""Gradients that a program gives itself: custom_gradient, stop_gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.state.scope import Scope
from keras_lite.state.variable import Variable


def gradients(engine: Any, fn: Any, *arrays: Any) -> list[Any]:
    tensors = [ops.convert_to_tensor(np.float32(x)) for x in arrays]
    *_, found = engine.value_and_grad(lambda ts: (ops.sum(fn(*ts)), None), tensors)
    return [ops.convert_to_numpy(g) for g in found]


@ops.custom_gradient
def log1pexp(x: Any) -> Any:
    e = ops.exp(x)

    def grad(*args: Any, upstream: Any = None) -> Any:
        if upstream is None:
            upstream, = args
        return ops.multiply(upstream, 1.0 - 1.0 / ops.add(1.0, e))

    return ops.log(1.0 + e), grad


def test_own_gradient(engine: Any) -> None:
    """The function's own gradient is taken where the derived one would be NaN."""
    found, = gradients(engine, log1pexp, [0.0, 100.0])
    np.testing.assert_allclose(found, [0.5, 1.0])
    np.testing.assert_allclose(ops.convert_to_numpy(log1pexp(np.float32([0.0]))), [np.log(2)], rtol=1e-6)


def test_several_arguments_and_outputs(engine: Any) -> None:
    """One gradient for each argument; each output has its upstream gradient."""
    @ops.custom_gradient
    def both(x: Any, y: Any) -> Any:
        return (x * y, x + y), lambda u, w: (u * 10.0, w * 100.0)

    a, b = gradients(engine, lambda x, y: 2.0 * both(x, y)[0] + 3.0 * both(x, y)[1], [1.0], [5.0])
    np.testing.assert_allclose([a, b], [[20.0], [300.0]])


def test_keyword_only_upstream(engine: Any) -> None:
    """`grad(*, upstream)` gets it by name."""
    @ops.custom_gradient
    def twice(x: Any) -> Any:
        def grad(*, upstream: Any) -> Any:
            return upstream * 7.0

        return x * 2.0, grad

    np.testing.assert_allclose(gradients(engine, twice, [1.0])[0], [7.0])


def test_variables_in_scope(engine: Any) -> None:
    """Variables that the gradient reads have the values that they had in the forward pass."""
    v = Variable(1.0)

    @ops.custom_gradient
    def scaled(x: Any) -> Any:
        return x * v.value, lambda u: u * v.value

    def fn(x: Any) -> Any:
        with Scope([(v, ops.convert_to_tensor(np.float32(4)))]):
            return scaled(x)

    np.testing.assert_allclose(gradients(engine, fn, [1.0])[0], [4.0])


def test_wrong_number_of_gradients(engine: Any) -> None:
    """The message counts."""
    @ops.custom_gradient
    def wrong(x: Any, y: Any) -> Any:
        return x + y, lambda u: u

    with pytest.raises(Exception, match="the function has 2 arguments, but its gradient returned 1"):
        gradients(engine, wrong, [1.0], [2.0])


def test_second_derivatives(engine: Any) -> None:
    """Branches chosen by `where` have right derivatives at their seam, of second order too."""
    def slope(x: Any) -> Any:
        *_, (g,) = engine.value_and_grad(lambda ts: (ops.sum(ops.softplus(ts[0])), None), [x])
        return g

    *_, (second,) = engine.value_and_grad(lambda ts: (ops.sum(slope(ts[0])), None), [ops.convert_to_tensor(np.float32([0.0, 1.0, -30.0]))])
    s = 1 / (1 + np.exp(-np.array([0.0, 1.0, -30.0])))
    np.testing.assert_allclose(ops.convert_to_numpy(second), s * (1 - s), rtol=1e-5)


def test_stop_gradient(engine: Any) -> None:
    """A stopped factor is a constant."""
    np.testing.assert_allclose(gradients(engine, lambda x: x * ops.stop_gradient(x), [3.0])[0], [3.0])


@pytest.mark.parametrize(("f", "message"), [
    (3, "expected a function, got 3"),
    (lambda x: x, r"the function must return \(outputs, grad\), of which grad is a function, got (an )?array"),
    (lambda x: (x, x), r"the function must return \(outputs, grad\), of which grad is a function, got "),
    (lambda x: None, r"the function must return \(outputs, grad\), of which grad is a function, got None"),
])
def test_functions_without_a_gradient(engine: Any, f: Any, message: str) -> None:
    """What custom_gradient can't use is said by its name."""
    with pytest.raises(TypeError, match=f"^custom_gradient: {message}"):
        ops.custom_gradient(f)(np.float32([1, 2]))


def test_own_gradient_in_a_vectorized_map(engine: Any) -> None:
    sevenfold = ops.custom_gradient(lambda q: (q * 2.0, lambda upstream: upstream * 7.0))
    found, = gradients(engine, lambda x: ops.vectorized_map(lambda r: sevenfold(r * r) + r, x), [1.0, 2.0, 3.0])
    np.testing.assert_allclose(found, [15.0, 29.0, 43.0])
    found, = gradients(engine, lambda x: ops.vectorized_map(lambda r: ops.vectorized_map(sevenfold, r), x), np.ones((2, 3)))
    np.testing.assert_allclose(found, np.full((2, 3), 7.0))
