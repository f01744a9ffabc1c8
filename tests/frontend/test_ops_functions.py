"""Ops that take functions: vectorize and jvp."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite
from keras_lite import ops

X = np.arange(6, dtype="float32").reshape(2, 3)


def numbers(x: Any) -> Any:
    return ops.convert_to_numpy(x).tolist()


# --- vectorize -----------------------------------------------------------------------------------------------------------


def test_vectorize_broadcasts(engine: Any) -> None:
    """The function sees scalars; its name and docstring stay."""
    def clipped_difference(a: Any, b: Any) -> Any:
        """a - b where a is larger, else a + b."""
        assert ops.shape(a) == ops.shape(b) == ()
        return ops.where(a > b, a - b, a + b)

    function = ops.vectorize(clipped_difference)
    assert numbers(function(ops.convert_to_tensor(X), ops.convert_to_tensor(np.float32([1, 2, 3])))) == [[1, 3, 5], [2, 2, 2]]
    assert (function.__name__, function.__doc__) == ("clipped_difference", "a - b where a is larger, else a + b.")


def test_vectorize_signature_and_excluded(engine: Any) -> None:
    """Core axes, and arguments that are passed whole by position and by name."""
    scaled_sum = ops.vectorize(lambda a, k, power=1: ops.sum(a**power) * k, excluded={1, "power"}, signature="(n)->()")
    assert numbers(scaled_sum(ops.convert_to_tensor(X), 2.0, power=2)) == [10, 100]


def test_vectorize_several_results(engine: Any) -> None:
    """A tuple of results of different ranks."""
    total, doubled = ops.vectorize(lambda a: (ops.sum(a), a * 2), signature="(n)->(),(n)")(ops.convert_to_tensor(X))
    assert numbers(total) == [3, 12] and numbers(doubled) == (2 * X).tolist()


def test_vectorize_describes_symbolic_tensors(engine: Any) -> None:
    """A vectorized function is a node of a model."""
    inputs = keras_lite.Input((3,))
    outputs = ops.vectorize(lambda a: a - ops.mean(a), signature="(n)->(n)")(inputs)
    assert outputs.shape == (None, 3)
    model = keras_lite.Model(inputs, outputs)
    np.testing.assert_allclose(ops.convert_to_numpy(model(X)), X - X.mean(1, keepdims=True))


def test_vectorize_checks_its_arguments() -> None:
    """Errors come before anything is computed."""
    with pytest.raises(TypeError, match="vectorize: pyfunc must be a function, got 3"):
        ops.vectorize(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r'vectorize: expected a signature like "\(n,k\),\(k\)->\(n\)"'):
        ops.vectorize(abs, signature="(n->n)")
    with pytest.raises(TypeError, match=r"vectorize: excluded must hold positions and names of arguments, got \(1.5,\)"):
        ops.vectorize(abs, excluded=[1.5])


# --- jvp -----------------------------------------------------------------------------------------------------------------


def test_jvp_through_ops_with_a_gradient_of_their_own(engine: Any) -> None:
    """Where an engine has no forward mode for them too."""
    def fun(x: Any) -> Any:
        return ops.segment_max(ops.sigmoid(x), np.array([0, 0, 1]), 2)

    x, t = np.float32([0.5, 2.0, -1.0]), np.float32([1.0, 10.0, 100.0])
    value, slope = ops.jvp(fun, (x,), (t,))
    s = 1 / (1 + np.exp(-x[[1, 2]]))
    np.testing.assert_allclose(ops.convert_to_numpy(value), s, rtol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(slope), s * (1 - s) * t[[1, 2]], rtol=1e-5)


def test_gradients_of_jvp(engine: Any) -> None:
    """Both results can be differentiated: the gradient of a directional derivative is the Hessian times the direction."""
    def fun(x: Any) -> Any:
        return ops.sum(x * x * x)

    x, t = (ops.convert_to_tensor(np.float32(v)) for v in ([1, 2], [3, -1]))
    for pick, expected in ((0, [3, 12]), (1, [18, -12])):
        *_, (found,) = engine.value_and_grad(lambda xs, pick=pick: (ops.jvp(fun, (xs[0],), (t,))[pick], None), [x])
        assert numbers(found) == expected


def test_jvp_compiled_and_symbolic(engine: Any) -> None:
    """Inside a compiled function, and on shapes alone."""
    def along(x: Any, t: Any) -> Any:
        return ops.jvp(lambda x: ops.sin(x), (x,), (t,))

    value, slope = engine.compile(along)(ops.convert_to_tensor(X), ops.convert_to_tensor(X))
    np.testing.assert_allclose(ops.convert_to_numpy(value), np.sin(X), rtol=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(slope), np.cos(X) * X, rtol=1e-5, atol=1e-6)
    spec = keras_lite.KerasTensor((None, 3))
    assert [y.shape for y in along(spec, spec)] == [(None, 3), (None, 3)]


def test_jvp_of_outputs_without_floats(engine: Any) -> None:
    """Integers among the outputs have tangents 0, and what is beside the outputs comes back as it is."""
    (n, y), (dn, dy), aux = ops.jvp(lambda x: ((ops.argmax(x), x * 2.0), {"n": 3, "x": x, "none": None}),
                                    (np.float32([1, 5]),), (np.float32([1, 1]),), has_aux=True)
    assert (numbers(n), numbers(y), numbers(dn), numbers(dy)) == (1, [2, 10], 0, [2, 2])
    assert (numbers(aux["n"]), numbers(aux["x"]), aux["none"]) == (3, [1, 5], None)


# --- einsum --------------------------------------------------------------------------------------------------------------


def test_einsum_takes_the_order_for_numpy(engine: Any) -> None:
    for optimize in (True, False, "greedy", "optimal", ["einsum_path", (0, 1)]):
        assert numbers(ops.einsum("ij,kj->ik", X, X, optimize=optimize)) == [[5, 14], [14, 50]]
    with pytest.raises(ValueError, match="einsum: optimize must be a bool, 'greedy', 'optimal' or a path, got 'best'"):
        ops.einsum("ij,kj->ik", X, X, optimize="best")
    with pytest.raises(TypeError, match=r"einsum: unknown arguments \['optimise'\]"):
        ops.einsum("ij,kj->ik", X, X, optimise=True)
