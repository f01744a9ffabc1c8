"""The names of ops: those in the table are those of `keras_lite.ops`, in its namespaces, in graphs and in errors."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import ops
from keras_lite.ops.table import TABLE

X = np.ones((2, 3), "float32")
MISTAKES: list[tuple[str, Any]] = [
    ("sum", lambda: ops.sum()), ("sum", lambda: ops.sum(X, axis=2)), ("max", lambda: ops.max(X, keepdim=True)),
    ("isfinite", lambda: ops.isfinite("a")), ("isinf", lambda: ops.isinf("a")), ("abs", lambda: ops.abs("a")),
    ("mod", lambda: ops.mod(X, np.ones(4, "float32"))), ("slice", lambda: ops.slice(X)), ("scatter", lambda: ops.scatter([[0]])),
    ("std", lambda: ops.std(X, axis=5)), ("hstack", lambda: ops.hstack([X, np.ones((3, 1, 1), "float32")])),
    ("zeros", lambda: ops.zeros((2, -1))), ("fori_loop", lambda: ops.fori_loop(0, 2, lambda i, x: x > 0, X)),
    ("map", lambda: ops.map(lambda x: x, 1.0)), ("average", lambda: ops.average(X, weights=np.ones((1, 2), "float32"))),
    ("max_pool", lambda: ops.max_pool(np.ones((1, 2, 1), "float32"), 3)), ("amax", lambda: ops.amax(X, axis=2)),
    ("bitwise_left_shift", lambda: ops.bitwise_left_shift(X, 1)), ("convert_to_tensor", lambda: ops.convert_to_tensor("a")),
    ("array", lambda: ops.array("a")), ("ndim", lambda: ops.ndim("a")), ("pad", lambda: ops.pad(X, 1, mode="refl")),
    ("resize", lambda: ops.image.resize(X, (2, 2), "cubc")), ("relu", lambda: ops.relu(None)), ("stack", lambda: ops.stack([None, X])),
    ("conv", lambda: ops.conv(np.ones((1, 4, 1), "float32"), np.ones((2, 1, 1), "float32"), padding="sam")),
]


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=range(len(MISTAKES)))
def test_errors_name_the_op_that_was_called(engine: Any, name: str, mistake: Any) -> None:
    """Neither an internal name nor an op inside."""
    with pytest.raises((ValueError, TypeError), match=rf"^{name}: "):
        mistake()


def test_errors_in_given_functions_name_the_op_there(engine: Any) -> None:
    """Of a function's ops and not of the op that was given the function."""
    with pytest.raises(ValueError, match=r"^matmul: inner sizes differ"):
        ops.scan(lambda carry, x: (ops.matmul(carry, carry), x), ops.convert_to_tensor(X), X)
    with pytest.raises(ValueError, match=r"^matmul: inner sizes differ"):
        ops.associative_scan(lambda p, q: ops.matmul(p, q), np.ones((4, 2, 3), "float32"))


def test_public_names_are_exported() -> None:
    """The public name of an op is that under which it stands in a namespace; others of its names there are aliases."""
    exported: dict[int, set[str]] = {}
    for namespace in (ops, ops.image, ops.linalg):
        for name in namespace.__all__:
            exported.setdefault(id(getattr(namespace, name)), set()).add(name)
    for record in TABLE.values():
        names = exported.get(id(record.function))
        assert names is None or record.public in names
        assert names is not None or record.public == record.name, f"{record.name} is not exported as {record.public}"


def test_namespaces() -> None:
    """They hold the same functions."""
    assert ops.nn.relu is ops.relu and ops.numpy.sum is ops.sum and ops.linalg.jvp is ops.jvp
    for namespace in (ops.nn, ops.numpy):
        assert len(namespace.__all__) > 50
        assert all(getattr(namespace, name) is getattr(ops, name) for name in namespace.__all__)


def test_names_in_graphs(engine: Any) -> None:
    """A model with ops goes through its config, also with `where`, whose op has no public name."""
    x = keras.Input((3,))
    y = ops.sum(ops.where(x > 0, x, ops.mod(x, 2.0)), axis=1)
    model = keras.Model(x, y)
    assert "sum" in y.name
    again = keras.Model.from_config(model.get_config())
    np.testing.assert_array_equal(ops.convert_to_numpy(again(X - 2)), ops.convert_to_numpy(model(X - 2)))


def test_signatures_say_what_is_returned() -> None:
    """One result unless an op returns several: not what the body of a primitive hands to the engine."""
    returned = {r.public: r.signature.return_annotation for r in TABLE.values()}
    assert "tuple[Any, ...]" not in {returned[r.public] for r in TABLE.values() if r.primitive}
    assert returned["sum"] == returned["reshape"] == "Any" and returned["top_k"] == "tuple[Any, Any]"
    assert str(inspect.signature(ops.sum)) == "(x: 'Any', axis: 'Any' = None, keepdims: 'bool' = False) -> 'Any'"
