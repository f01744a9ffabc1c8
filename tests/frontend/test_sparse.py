"""Sparse tensors: what takes them on the engines that have them, and one clear error everywhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse

import keras_lite as keras
from keras_lite import KerasTensor, layers, ops
from keras_lite.training.sparse import SparseArray

HAVE = ("jax", "tensorflow")
RNG = np.random.default_rng(3)
MATRIX = np.where(RNG.random((6, 5)) < 0.3, RNG.normal(size=(6, 5)), 0).astype("float32")
DATA = np.where(RNG.random((40, 12)) < 0.2, RNG.normal(size=(40, 12)), 0).astype("float32")
TARGETS = DATA[:, :1] * 2
SPEC = KerasTensor((None, 5), sparse=True)
REFUSED = r"got a sparse tensor of shape .*; only matmul, take, cast, Dense and Embedding take one. Make it dense: convert_to_tensor"


def sparse(engine: Any, x: np.ndarray) -> Any:
    """The framework's sparse tensor with the values of `x`; with jax some of its places only fill up."""
    if engine.name == "tensorflow":
        return __import__("tensorflow").sparse.from_dense(x)
    if engine.name == "jax":
        from jax.experimental.sparse import BCOO

        return BCOO.fromdense(x, nse=np.count_nonzero(x) + 2)
    return __import__("torch").tensor(x).to_sparse() if engine.name == "torch" else scipy.sparse.csr_array(x)


@pytest.fixture
def having(engine: Any) -> Any:
    """The engines with sparse tensors."""
    if engine.name not in HAVE:
        pytest.skip("has no sparse tensors")
    return engine


def array(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


# --- the engines that have them ----------------------------------------------------------------------------------------


def test_conversion(having: Any) -> None:
    """A sparse tensor stays one unless it is to be dense; shape and dtype are known; `cast` changes its values."""
    x = sparse(having, MATRIX)
    assert ops.is_tensor(x)
    assert (ops.shape(x), ops.dtype(x)) == ((6, 5), "float32")
    for kept in (ops.convert_to_tensor(x), ops.convert_to_tensor(x, sparse=True), ops.cast(x, "float16")):
        assert having.is_sparse(kept)
        assert not having.is_tensor(kept)
    dense = ops.convert_to_tensor(x, sparse=False)
    assert having.is_tensor(dense)
    assert (array(dense) == MATRIX).all()
    assert (array(x) == MATRIX).all()
    assert ops.dtype(ops.convert_to_tensor(x, dtype="float16")) == "float16"
    assert (array(ops.convert_to_tensor(sparse(having, MATRIX != 0), sparse=False)) == (MATRIX != 0)).all()
    assert array(ops.convert_to_tensor(np.eye(2), sparse=True)).tolist() == [[1, 0], [0, 1]]


def test_products(having: Any) -> None:
    """A sparse matrix times a matrix or a vector, on either side, eagerly and compiled; the result is dense."""
    x, rows, columns = sparse(having, MATRIX), RNG.normal(size=(3, 6)).astype("float32"), RNG.normal(size=(5, 4)).astype("float32")
    cases = ((ops.matmul(x, columns), MATRIX @ columns), (ops.matmul(rows, x), rows @ MATRIX),
             (ops.matmul(x, columns[:, 0]), MATRIX @ columns[:, 0]), (ops.matmul(rows[0], x), rows[0] @ MATRIX),
             (ops.matmul(x, sparse(having, MATRIX.T.copy())), MATRIX @ MATRIX.T))
    for got, want in cases:
        assert having.is_tensor(got)
        assert np.allclose(array(got), want, atol=1e-5)
    assert ops.dtype(ops.matmul(x, columns.astype("float16"))) == "float32"
    assert ops.dtype(ops.matmul(ops.cast(x, "bfloat16"), ops.cast(columns, "bfloat16"))) == "bfloat16"
    with pytest.raises(ValueError, match=r"matmul: inner sizes differ: \(6, 5\) @ \(6, 2\)"):
        ops.matmul(x, np.ones((6, 2), "float32"))
    with pytest.raises(ValueError, match=r"a sparse operand must be a matrix .* got the shapes \(6, 5\) \(sparse\) and \(2, 5, 2\)"):
        ops.matmul(x, np.ones((2, 5, 2), "float32"))


def test_the_gradient_of_the_dense_operand(having: Any) -> None:
    kernel = keras.Variable(RNG.normal(size=(5, 3)).astype("float32"))
    x = sparse(having, MATRIX)
    _, (gradient,) = keras.value_and_grad(lambda: ops.sum(ops.square(ops.matmul(x, kernel))), [kernel])
    assert np.allclose(array(gradient), 2 * MATRIX.T @ (MATRIX @ kernel.numpy()), atol=1e-5)


def test_layers(having: Any) -> None:
    """Dense, in mixed precision too, and Embedding; what was stored with the input's config comes back."""
    dense, mixed = layers.Dense(3), layers.Dense(3, dtype="mixed_bfloat16")
    assert np.allclose(array(dense(sparse(having, MATRIX))), array(dense(MATRIX)), atol=1e-6)
    assert ops.dtype(mixed(sparse(having, MATRIX))) == "bfloat16"
    indices, table = np.array([[1, 0, 2], [3, 0, 0]], "int32"), layers.Embedding(5, 2)
    assert (array(table(sparse(having, indices))) == array(table(indices))).all()
    assert array(ops.take(np.arange(4.0), sparse(having, indices))).tolist() == indices.tolist()
    x = keras.Input((12,), sparse=True)
    model = keras.Model(x, layers.Dense(2)(x))
    copy = keras.Model.from_config(model.get_config())
    assert x.sparse
    assert copy.inputs[0].sparse
    assert "sparse=True" in repr(copy.inputs[0])


def losses(x: Any, y: Any = None, is_sparse: bool = True, **how: Any) -> list[float]:
    """The losses of three epochs."""
    keras.utils.set_random_seed(1)
    begin = keras.Input((12,), sparse=is_sparse)
    model = keras.Model(begin, layers.Dense(1)(layers.Dense(4, activation="tanh")(begin)))
    model.compile("sgd", "mse", **how)
    history = model.fit(x, y, epochs=3, verbose=0, **({} if y is None else {"batch_size": 16}))
    assert np.allclose(model.predict(sparse(model.engine, DATA), verbose=0), model.predict(DATA, verbose=0), atol=1e-5)
    return history.history["loss"]


CLASSES = np.array([[0, 2, -1], [1, 1, 9], [3, 0, 0]])


@pytest.mark.parametrize("name", ["one_hot", "multi_hot"])
@pytest.mark.parametrize("options", [{}, {"axis": 0}, {"axis": 1, "dtype": "int32"}, {"dtype": "bool"}])
def test_classes(having: Any, name: str, options: dict[str, Any]) -> None:
    """The same values as dense ones, each place once; what is no class has no place."""
    function = getattr(ops, name)
    found = function(CLASSES, 4, sparse=True, **options)
    assert having.is_sparse(found)
    assert ops.dtype(found) == options.get("dtype", "float32")
    dense = array(function(CLASSES, 4, **options))
    assert array(found).dtype == dense.dtype and array(found).tolist() == dense.tolist()
    spec, dense = (function(KerasTensor((None, 3), "int32"), 4, sparse=sparse, **options) for sparse in (True, False))
    assert (spec.shape, spec.dtype, spec.sparse) == (dense.shape, dense.dtype, True)


@pytest.mark.parametrize("how", [{}, {"run_eagerly": True}], ids=["compiled", "eager"])
def test_training(having: Any, how: dict[str, Any]) -> None:
    """Sparse rows give the losses of dense ones: those of the framework, of scipy, and of a model whose input is dense."""
    want = losses(DATA, TARGETS, is_sparse=False)
    assert np.allclose(losses(sparse(having, DATA), TARGETS, **how), want, rtol=1e-5)
    if not how:
        assert np.allclose(losses(scipy.sparse.csr_array(DATA), TARGETS), want, rtol=1e-5)
        assert np.allclose(losses(sparse(having, DATA), TARGETS, is_sparse=False), want, rtol=1e-5)


def test_batches(having: Any) -> None:
    """A data set of sparse batches, with different numbers of entries."""
    class Batches:
        def __init__(self, convert: Callable[[np.ndarray], Any]):
            self.convert = convert

        def __len__(self) -> int:
            return 3

        def __getitem__(self, i: int) -> Any:
            rows = slice(16 * i, 16 * i + 16)
            return self.convert(DATA[rows]), TARGETS[rows]

    want = losses(Batches(lambda x: x), is_sparse=False)
    assert np.allclose(losses(Batches(lambda x: sparse(having, x))), want, rtol=1e-5)
    if having.name == "tensorflow":
        data = __import__("tensorflow").data.Dataset.from_tensor_slices((sparse(having, DATA), TARGETS)).batch(16)
        assert np.allclose(losses(data), want, rtol=1e-5)


def test_several_inputs(having: Any) -> None:
    """A sparse one beside a dense one, in a list."""
    wide, narrow = keras.Input((12,), sparse=True), keras.Input((2,))
    model = keras.Model([wide, narrow], layers.Dense(1)(layers.Concatenate()([layers.Dense(2)(wide), narrow])))
    model.compile("sgd", "mse")
    x = [sparse(having, DATA), DATA[:, :2]]
    assert np.isfinite(model.fit(x, TARGETS, verbose=0).history["loss"]).all()
    assert np.allclose(model.predict(x, verbose=0), model.predict([DATA, DATA[:, :2]], verbose=0), atol=1e-6)
    with pytest.raises(TypeError, match=r"fit: y: only inputs may be sparse, got \w+ of shape \(40, 1\); make it dense first"):
        model.fit(x, sparse(having, TARGETS), verbose=0)


OTHERS: dict[str, Callable[[Any], Any]] = {
    "add": lambda x: ops.add(x, x), "multiply": lambda x: ops.multiply(x, 2), "exp": ops.exp, "sum": lambda x: ops.sum(x, axis=0),
    "std": ops.std, "concatenate": lambda x: ops.concatenate([x, x]), "reshape": lambda x: ops.reshape(x, (-1,)), "softmax": ops.softmax,
    "where": lambda x: ops.where(True, x, x), "einsum": lambda x: ops.einsum("ij,ij->i", x, x)}


@pytest.mark.parametrize("name", OTHERS)
def test_other_ops_refuse(engine: Any, name: str) -> None:
    """They name themselves, what they got, and what to do: on tensors and on specs."""
    with pytest.raises(TypeError, match=f"^{name}: {REFUSED}"):
        OTHERS[name](SPEC)
    if engine.name in HAVE:
        with pytest.raises(TypeError, match=f"^{name}: {REFUSED}"):
            OTHERS[name](sparse(engine, MATRIX))


def test_specs(engine: Any) -> None:
    """What takes sparse tensors takes their specs."""
    assert ops.matmul(SPEC, KerasTensor((5, 4))).shape == (None, 4)
    assert ops.cast(SPEC, "float16").sparse
    dense = ops.convert_to_tensor(SPEC, sparse=False)
    assert (dense.shape, dense.sparse) == ((None, 5), False)
    assert layers.Dense(3)(SPEC).shape == (None, 3)
    with pytest.raises(ValueError, match=r"matmul: inner sizes differ: \(None, 5\) @ \(4, 4\)"):
        ops.matmul(SPEC, KerasTensor((4, 4)))
    with pytest.raises(ValueError, match="KerasTensor: a tensor can't be both sparse and ragged"):
        KerasTensor((2,), sparse=True, ragged=True)


# --- the others ----------------------------------------------------------------------------------------------------------


def test_engines_without_sparse_tensors(engine: Any) -> None:
    """They say which engines have them."""
    if engine.name in HAVE:
        pytest.skip("has sparse tensors")
    says = f"{engine.name} takes no sparse tensors; jax and tensorflow do"
    x = sparse(engine, MATRIX)
    model = keras.Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    for call in (lambda: keras.Input((3,), sparse=True), lambda: ops.convert_to_tensor(MATRIX, sparse=True),
                 lambda: ops.one_hot([1], 3, sparse=True), lambda: ops.multi_hot([1], 3, sparse=True),
                 lambda: model.fit(x, MATRIX[:, :1], verbose=0), lambda: model.predict(x, verbose=0)):
        with pytest.raises(NotImplementedError, match=says):
            call()
    refused = says if engine.name == "torch" else "expected a tensor, an array or a number, got csr_array, .* jax takes its BCOO"
    for op in (ops.exp, ops.softmax, ops.convert_to_tensor):
        with pytest.raises((NotImplementedError, TypeError), match=refused):
            op(x)


def test_ragged_tensors(engine: Any) -> None:
    """No engine takes them."""
    for call in (lambda: keras.Input((None,), ragged=True), lambda: ops.convert_to_tensor([[1], [2]], ragged=True)):
        with pytest.raises(NotImplementedError, match=r"no engine (takes|has) ragged"):
            call()
    if engine.name == "tensorflow":
        x = __import__("tensorflow").ragged.constant([[1.0, 2.0], [3.0]])
        for op in (ops.exp, ops.convert_to_tensor):
            with pytest.raises(TypeError, match="expected a tensor, an array or a number, got RaggedTensor"):
                op(x)


def test_rows_on_the_host() -> None:
    """Rows are taken as from a NumPy array, repeated and out of order; what fills up stands outside."""
    x = SparseArray.of(np.argwhere(DATA)[::-1], DATA[DATA != 0][::-1], DATA.shape)

    def dense(x: SparseArray) -> np.ndarray:
        out = np.zeros(x.shape, x.dtype)
        np.add.at(out, tuple(x.indices.T), x.values)
        return out

    for rows in (slice(None), slice(3, 9), slice(5, 5), np.array([7, 0, 7, 39]), np.array([], int)):
        assert (dense(x[rows]) == DATA[rows]).all()
    part = x[:3]
    indices, values = part.filled(part.capacity)
    assert part.size <= part.capacity < 2 * part.size
    assert (indices[part.size:] == part.shape).all()
    assert not values[part.size:].any()
