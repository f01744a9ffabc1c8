"""Linear algebra beyond the parity matrix: matrices without an answer, what is read, gradients of gradients."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras_lite import config, ops
from keras_lite.engine import registry
from keras_lite.ops import linalg
from keras_lite.symbolic.spec import KerasTensor
from tests.conftest import ENGINES

needs_tensorflow = pytest.mark.skipif("tensorflow" not in ENGINES, reason="the tensorflow engine is not here")
SINGULAR = np.array([[1, 2], [2, 4]], "float32")
NOT_POSITIVE = np.array([[1, 2], [2, 1]], "float32")
NO_PIVOT = np.array([[0, 5], [7, 0]], "float32")
ONES = np.ones(2, "float32")
NAMES = ["cholesky", "cholesky_inverse", "det", "eig", "eigh", "inv", "jvp", "lstsq", "lu_factor", "matrix_rank", "norm", "pinv", "qr",
         "solve", "solve_triangular", "svd"]
FAILURES: list[tuple[Callable[[Any], Any], np.ndarray, str]] = [
    (ops.cholesky, NOT_POSITIVE, "cholesky: the matrix is not positive definite"), (ops.inv, SINGULAR, "inv: the matrix is singular"),
    (lambda x: ops.solve(x, ONES), SINGULAR, "solve: the matrix is singular"),
    (lambda x: ops.solve_triangular(x, ONES), NO_PIVOT, "solve_triangular: the matrix is singular: there is a zero on its diagonal"),
    (ops.cholesky_inverse, NO_PIVOT, "cholesky_inverse: the matrix is singular: there is a zero on its diagonal"),
]


def tensor(x: Any, dtype: str = "float32") -> Any:
    return ops.convert_to_tensor(np.asarray(x, dtype))


def gradient(engine: Any, fn: Callable[[Any], Any], x: Any) -> Any:
    """The gradient of a scalar function of one tensor."""
    return engine.value_and_grad(lambda xs: (fn(xs[0]), None), [x])[2][0]


def compiled_gradient(engine: Any, fn: Callable[[Any], Any], x: Any) -> np.ndarray:
    """The same from a compiled function, as an array."""
    return engine.to_numpy(engine.compile(lambda x: gradient(engine, fn, x))(x))


def test_names() -> None:
    """`keras_lite.ops.linalg` has Keras's names, which are in `keras_lite.ops` as well."""
    assert sorted(linalg.__all__) == NAMES
    assert all(getattr(linalg, name) is getattr(ops, name) for name in NAMES)


@pytest.mark.parametrize(("fn", "x", "message"), FAILURES, ids=lambda v: v if isinstance(v, str) else "")
def test_failures_raise_eagerly_and_nowhere_else(engine: Any, fn: Callable[[Any], Any], x: np.ndarray, message: str) -> None:
    """Where values can be read, tensors and data alike, the message says why; a compiled function has NaN or infinities.

    NumPy compiles nothing: there they can always be read.
    """
    for given in (tensor(x), x, x.tolist()):
        with pytest.raises(ValueError, match=re.escape(message)):
            fn(given)
    if engine.name != "numpy":
        assert not np.isfinite(engine.to_numpy(engine.compile(fn)(tensor(x)))).all()
    assert fn(KerasTensor((2, 2))) is not None


def test_numbers_that_are_not_finite_are_no_failure(engine: Any) -> None:
    """NaN passes through, as everywhere."""
    x = np.array([[np.nan, 1], [1, 2]], "float32")
    for fn in (ops.cholesky, ops.inv, lambda x: ops.solve(x, ONES), lambda x: ops.solve(np.eye(2, dtype="float32"), x)):
        assert np.isnan(ops.convert_to_numpy(fn(tensor(x)))).any()


def test_one_matrix_of_a_compiled_stack_fails_alone(engine: Any) -> None:
    if engine.name == "numpy":
        pytest.skip("compiles nothing")
    found = engine.to_numpy(engine.compile(ops.inv)(tensor([SINGULAR, NO_PIVOT])))
    assert not np.isfinite(found[0]).all()
    np.testing.assert_allclose(found[1], [[0, 1 / 7], [1 / 5, 0]], rtol=1e-6)


def test_the_lower_triangle_alone_is_read(engine: Any) -> None:
    """What stands above the diagonal has no effect, and no gradient."""
    x = np.array([[4, np.nan], [2, 5]], "float32")
    np.testing.assert_allclose(ops.convert_to_numpy(ops.cholesky(tensor(x))), [[2, 0], [1, 2]], rtol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(ops.eigh(tensor(x))[0]), np.linalg.eigvalsh([[4, 2], [2, 5]]), rtol=1e-6)
    found = compiled_gradient(engine, lambda x: ops.sum(ops.eigh(x)[0] * ops.eigh(x)[0]), tensor([[4, 2], [2, 5]]))
    np.testing.assert_allclose(found, [[8, 0], [8, 10]], rtol=1e-5)  # the sum of squares of all entries, each below counted twice


def test_eig_has_no_gradient(engine: Any) -> None:
    """It is refused, and not taken for 0."""
    with pytest.raises(NotImplementedError, match="eig: no engine has its gradient; for symmetric matrices use eigh"):
        gradient(engine, lambda x: ops.sum(ops.cast(ops.eig(x)[0], "float32")), tensor([[2, 1], [1, 3]]))


def test_specs() -> None:
    """Complex eigenvalues, int32 pivots and counts, unknown sizes."""
    x = KerasTensor((None, 3, 3), "float64")
    assert [(y.shape, y.dtype) for y in ops.eig(x)] == [((None, 3), "complex128"), ((None, 3, 3), "complex128")]
    assert [(y.shape, y.dtype) for y in ops.lu_factor(KerasTensor((None, 3), "int32"))] == [((None, 3), "float32"), ((None,), "int32")]
    assert (ops.matrix_rank(x).shape, ops.matrix_rank(x).dtype) == ((None,), "int32")
    assert [y.shape for y in ops.svd(KerasTensor((2, None, 4)))] == [(2, None, None), (2, None), (2, 4, 4)]
    assert ops.solve(x, KerasTensor((None, 3))).shape == (None, 3)
    assert ops.norm(KerasTensor((None, 5, 4)), ord="nuc", axis=(1, 2)).shape == (None,)


SPD = np.array([[4, 1, 0.5], [1, 3, -1], [0.5, -1, 6]])
SMOOTH: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
    "cholesky": (lambda x: ops.sum(ops.cholesky(x) ** 3), SPD),
    "det": (ops.det, SPD), "logdet": (ops.logdet, SPD),
    "eigh": (lambda x: ops.sum(ops.eigh(x)[0] * ops.convert_to_tensor(np.float32([1, 2, 4]))) + ops.sum(ops.eigh(x)[1] ** 4), SPD),
    "inv": (lambda x: ops.sum(ops.inv(x) ** 2), SPD), "lu_factor": (lambda x: ops.sum(ops.lu_factor(x)[0] ** 3), SPD),
    "qr": (lambda x: ops.sum(ops.qr(x)[1] ** 3) + ops.sum(ops.qr(x)[0] ** 3), SPD[:, :2]),
    "svd": (lambda x: ops.sum(ops.svd(x)[0] ** 4) + ops.sum(ops.svd(x)[1] ** 3) + ops.sum(ops.svd(x)[2] ** 4), SPD),
    "solve_triangular": (lambda x: ops.sum(ops.solve_triangular(x, np.float32([1, 2, 3])) ** 2), SPD),
    "pinv": (lambda x: ops.sum(ops.pinv(x) ** 2), SPD[:, :2]), "nuclear norm": (lambda x: ops.norm(x, ord="nuc"), SPD),
    "lstsq": (lambda x: ops.sum(ops.lstsq(x, np.float32([1, 2, 3])) ** 2), SPD[:, :2]),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_second_derivatives(engine: Any, name: str) -> None:
    """The gradient of a weighted gradient is the slope of float64 differences of it."""
    fn, x = SMOOTH[name]
    weights = np.random.default_rng(1).uniform(0.5, 1, x.shape)

    def first(x: Any) -> Any:
        return ops.sum(gradient(registry.current(), fn, x) * ops.cast(weights, x.dtype))

    found = compiled_gradient(engine, first, tensor(x))
    direction = np.random.default_rng(0).uniform(-1, 1, x.shape)
    with registry.using("numpy"):
        ahead, behind = (float(first(tensor(x + step * direction, "float64"))) for step in (1e-5, -1e-5))
    expected = (ahead - behind) / 2e-5
    np.testing.assert_allclose(np.sum(found * direction), expected, rtol=2e-3, atol=2e-3 * np.abs(found).max())


def test_a_basis_of_the_rest_follows_the_other_columns(engine: Any) -> None:
    """The projection on it has the right gradient, whatever basis it is: that of I - x @ pinv(x)."""
    x, weights = tensor(SPD[:, :2]), tensor(SPD)

    def projection(columns: Any) -> Any:
        return ops.sum(ops.matmul(columns, ops.transpose(columns)) * weights)

    expected = compiled_gradient(engine, lambda x: -ops.sum(ops.matmul(x, ops.pinv(x)) * weights), x)
    for fn in (lambda x: projection(ops.qr(x, "complete")[0][:, 2:]), lambda x: projection(ops.svd(x)[0][:, 2:])):
        np.testing.assert_allclose(compiled_gradient(engine, fn, x), expected, rtol=1e-4, atol=1e-5)


def test_the_gradient_of_the_determinant_of_singular_matrices(engine: Any) -> None:
    """The cofactors, whether rounding leaves a pivot of 0 or a small one; none at all if two of them vanish."""
    cases = {"rank 2": np.arange(1, 10).reshape(3, 3), "rank 1": np.outer([1, 2, 3], [1, 1, 2]), "zero": np.zeros((3, 3)),
             "zero column": [[0, 1, 2], [0, 3, 1], [0, 2, 2]], "number": [[0]]}
    for name, x in cases.items():
        x = np.asarray(x, "float32")
        n = len(x)
        minors = [[np.linalg.det(np.delete(np.delete(x.astype("float64"), i, 0), j, 1)) for j in range(n)] for i in range(n)]
        cofactors = np.array(minors) * (-1.0) ** np.add.outer(range(n), range(n))
        found = compiled_gradient(engine, ops.det, tensor(x))
        np.testing.assert_allclose(found, cofactors, rtol=1e-4, atol=1e-4, err_msg=name)


def test_equal_singular_values(engine: Any) -> None:
    """Gradients of pinv and of norms exist there."""
    x = tensor(2 * np.eye(3))
    found = compiled_gradient(engine, lambda x: ops.sum(ops.pinv(x) * tensor(SPD)), x)
    np.testing.assert_allclose(found, -SPD / 4, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(compiled_gradient(engine, lambda x: ops.norm(x, ord="nuc"), x), np.eye(3), atol=1e-6)


def _slope_of_slope(inverse: Callable[[np.ndarray], np.ndarray], x: np.ndarray, weights: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """The gradient of the `signs`-weighted gradient of sum(inverse(x) * weights), by float64 differences of both."""
    def value(x: np.ndarray) -> float:
        return float(np.sum(inverse(x) * weights))

    def slope(x: np.ndarray) -> float:
        return (value(x + 1e-4 * signs) - value(x - 1e-4 * signs)) / 2e-4

    steps = [1e-4 * np.eye(x.size)[i].reshape(x.shape) for i in range(x.size)]
    return np.reshape([(slope(x + step) - slope(x - step)) / 2e-4 for step in steps], x.shape)


EQUAL = {"all": 2 * np.eye(3), "two": np.diag([2.0, 2, 1]), "left out": np.diag([2.0, 2, 0.3]), "left out alike": np.diag([2.0, 0.3, 0.3]),
         "columns": 2 * np.eye(4)[:, :2], "columns, left out": np.diag([2.0, 2, 0.3, 0.3])[:, :3], "rows": np.eye(4)[:3]}


@pytest.mark.parametrize("name", EQUAL)
def test_second_gradients_of_pinv_at_equal_singular_values(engine: Any, name: str) -> None:
    """Singular vectors have no gradients there, but the pseudoinverse has."""
    x, rng = EQUAL[name], np.random.default_rng(0)
    weights, signs = rng.uniform(-1, 1, x.T.shape), rng.choice([-1.0, 1.0], x.shape)
    expected = _slope_of_slope(lambda x: np.linalg.pinv(x, 0.25), x, weights, signs)

    def first(x: Any) -> Any:
        return ops.sum(gradient(registry.current(), lambda x: ops.sum(ops.pinv(x, 0.25) * tensor(weights)), x) * tensor(signs))

    np.testing.assert_allclose(compiled_gradient(engine, first, tensor(x)), expected, atol=1e-5 * np.abs(expected).max())


NORMS: dict[str, tuple[Any, np.ndarray]] = {
    "nuc": ("nuc", 2 * np.eye(3)), "nuc of rows": ("nuc", 2 * np.eye(4)[:2]), "nuc of columns": ("nuc", np.diag([2.0, 2, 1, 0])[:, :3]),
    "largest": (2, np.diag([3.0, 2, 2])), "largest of columns": (2, np.diag([3.0, 2, 2, 0])[:, :3]), "smallest": (-2, np.diag([2.0, 2, 1])),
    "different": ("nuc", np.array([[3.0, 1, 2], [0, 2, 1]])),
}


@pytest.mark.parametrize("name", NORMS)
def test_second_gradients_of_norms_at_equal_singular_values(engine: Any, name: str) -> None:
    """Singular vectors have no gradients there; a rotation of 2 * I is along the first of the directions."""
    order, x = NORMS[name]
    rotation, rng = np.subtract(np.eye(*x.shape, 1), np.eye(*x.shape, -1)), np.random.default_rng(0)
    for way in (rotation, rng.choice([-1.0, 1.0], x.shape)):
        expected = _slope_of_slope(lambda x: np.linalg.norm(x, order), x, np.ones(()), way)

        def first(x: Any, way: np.ndarray = way) -> Any:
            return ops.sum(gradient(registry.current(), lambda x: ops.norm(x, order), x) * tensor(way))

        with config.second_order():
            found = compiled_gradient(engine, first, tensor(x))
        np.testing.assert_allclose(found, expected, atol=1e-5)


NEARLY = np.array([[1.0, 2, 3], [2, 1, 0], [1, 1, 1.002]], "float32")  # the last pivot is small
NEARER = np.array([[1.1, 2.3, 3.4], [2.7, 1.3, 4.0], [1.9, 1.7, 3.60003]], "float32")
FACTORS: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
    "qr": (lambda x: ops.qr(x)[0] ** 2, NEARLY), "lu_factor": (lambda x: ops.lu_factor(x)[0] ** 2, NEARER),
    "lu_factor of more columns": (lambda x: ops.lu_factor(x)[0] ** 2, np.hstack([NEARER, NEARER[:, :2]])),
}


@pytest.mark.parametrize("name", FACTORS)
def test_second_gradients_of_factors_do_not_lose_digits_to_the_last_pivot(engine: Any, name: str) -> None:
    """A square q hardly depends on it, and l not at all."""
    function, x = FACTORS[name]
    rng = np.random.default_rng(0)
    weights, signs = rng.uniform(-1, 1, x.shape), rng.choice([-1.0, 1.0], x.shape)

    def second(x: Any, dtype: str) -> np.ndarray:
        def first(x: Any) -> Any:
            slope = gradient(registry.current(), lambda x: ops.sum(function(x) * tensor(weights, dtype)), x)
            return ops.sum(slope * tensor(signs, dtype))

        with config.second_order():
            return compiled_gradient(registry.current(), first, tensor(x, dtype))

    with registry.using("numpy"):
        expected = second(x, "float64")
    np.testing.assert_allclose(second(x, "float32"), expected, atol=1e-5 * np.abs(expected).max())


def test_the_gradient_of_a_norm_at_zero(engine: Any) -> None:
    for order in (None, 1, 2, 3, np.inf):
        found = compiled_gradient(engine, lambda x, order=order: ops.norm(x, ord=order), tensor([0, 0]))
        np.testing.assert_array_equal(found, [0, 0])


XLA: dict[str, Callable[[Any], Any]] = {"solve": lambda x: ops.solve(x, x[..., :1] + 1), "inv": ops.inv, "det": ops.det,
                                        "logdet": lambda x: ops.logdet(ops.matmul(x, x)), "slogdet": lambda x: ops.slogdet(x)[0]}


@needs_tensorflow
@pytest.mark.parametrize("name", XLA)
def test_elimination_in_programs_of_xla(name: str) -> None:
    """`jit_compile=True` on TensorFlow: values, and both gradients, as eagerly."""
    tf = pytest.importorskip("tensorflow")
    x = np.random.default_rng(0).normal(size=(2, 3, 3))

    def derivatives(x: Any) -> Any:
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as first:
                first.watch(x)
                y = XLA[name](x)
            slope = first.gradient(y, x, unconnected_gradients="zero")
            total = tf.reduce_sum(slope**2)
        return y, slope, second.gradient(total, x, unconnected_gradients="zero")

    with registry.using("tensorflow"):
        found = tf.function(derivatives, jit_compile=True, autograph=False)(tf.constant(x))
        for a, b in zip(found, derivatives(tf.constant(x)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9)


@needs_tensorflow
def test_matrices_without_an_answer_in_programs_of_xla() -> None:
    tf = pytest.importorskip("tensorflow")
    with registry.using("tensorflow"):
        solve, det = (tf.function(f, jit_compile=True, autograph=False) for f in (ops.inv, ops.det))
        stack = tf.constant(np.stack([SINGULAR, NO_PIVOT]))
        inverse = solve(stack).numpy()
        assert not np.isfinite(inverse[0]).any()
        np.testing.assert_allclose(inverse[1], np.linalg.inv(NO_PIVOT), rtol=1e-6)
        assert det(stack).numpy().tolist() == [0.0, -35.0]
        assert solve(tf.zeros((2, 0, 0))).shape == (2, 0, 0)
        assert det(tf.zeros((2, 0, 0))).numpy().tolist() == [1.0, 1.0]


@needs_tensorflow
@pytest.mark.parametrize("jit", [False, True])
def test_positions_in_programs(jit: bool) -> None:
    """TensorFlow's programs have tensors of unknown sizes."""
    tf = pytest.importorskip("tensorflow")
    with registry.using("tensorflow"):
        rows, columns = tf.function(ops.nonzero, jit_compile=jit, autograph=False)(tf.constant([[0.0, 2.0], [np.nan, 0.0]]))
    assert (rows.numpy().tolist(), columns.numpy().tolist()) == ([0, 1], [1, 0])


def test_constants_in_programs(engine: Any) -> None:
    """The matrix is there while the program around is traced; what is made of it is not."""
    matrix, right = tensor([[4, 1], [1, 3]]), tensor([1, 2])
    for fn in (ops.inv, ops.cholesky, lambda x: ops.solve(x, right), lambda x: ops.solve_triangular(x, right, lower=True)):
        found = engine.compile(lambda x, fn=fn: ops.multiply(fn(matrix), x))(tensor(2))
        np.testing.assert_allclose(ops.convert_to_numpy(found), 2 * ops.convert_to_numpy(fn(matrix)), rtol=1e-5)


def test_gradients_of_mapped_determinants(engine: Any) -> None:
    """Those of singular matrices are there."""
    stack = tensor(np.stack([np.ones((2, 2)), np.eye(2)]))
    found = gradient(engine, lambda x: ops.sum(ops.vectorized_map(ops.det, x)), stack)
    np.testing.assert_allclose(ops.convert_to_numpy(found), [[[1, -1], [-1, 1]], [[1, 0], [0, 1]]], atol=1e-5)
    found = ops.convert_to_numpy(gradient(engine, lambda x: ops.sum(ops.vectorized_map(lambda m: ops.slogdet(m)[1], x)), stack))
    np.testing.assert_allclose(found[1], np.eye(2))
    assert not np.isfinite(found[0]).any()
