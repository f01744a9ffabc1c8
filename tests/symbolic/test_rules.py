"""The abstract engine's shape rules against NumPy's own shapes, and what becomes of unknown sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_lite import ops
from keras_lite.engine import contract
from keras_lite.symbolic import engine as abstract
from keras_lite.symbolic import rules
from keras_lite.symbolic.spec import KerasTensor

SIZES = st.integers(0, 4)
SHAPES = st.lists(SIZES, max_size=4).map(tuple)
UNCOMPUTED = {  # what has no meaning without values
    "compile_step", "copy", "device", "devices", "eval_shape", "read", "untraced", "variable", "write",
}


def test_the_abstract_engine_has_the_contract() -> None:
    """Every function that describes a tensor is there, so that composites run on it unchanged."""
    assert [name for name in contract.required() if not hasattr(abstract, name) and name not in UNCOMPUTED] == []


@given(SHAPES, SHAPES)
def test_broadcast_is_numpys(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    """Same shape, or an error on both sides."""
    try:
        expected: Any = np.broadcast_shapes(a, b)
    except ValueError:
        expected = None
    try:
        found: Any = rules.broadcast_shapes(a, b)
    except ValueError:
        found = None
    assert found == expected


@given(SHAPES, SHAPES)
def test_matmul_is_numpys(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    """Same shape, or an error on both sides."""
    try:
        expected: Any = np.matmul(np.zeros(a), np.zeros(b)).shape
    except ValueError:
        expected = None
    try:
        found: Any = rules.matmul_shape(a, b)
    except ValueError:
        found = None
    assert found == expected


@pytest.mark.parametrize(("shape", "newshape", "expected"), [
    ((None, 3, 4), (-1, 12), (None, 12)), ((2, 3, 4), (-1, 12), (2, 12)), ((None, 12), (-1, 3, 4), (None, 3, 4)),
    ((None, 3), (2, 3), (2, 3)), ((0, 3), (-1, 3), (0, 3)), ((None, None, 4), (None, -1, 4), (None, None, 4)), ((), (1, 1), (1, 1)),
])
def test_reshape(shape: Any, newshape: Any, expected: Any) -> None:
    """The size for -1 follows where the input is known; a None stays unknown."""
    assert ops.reshape(KerasTensor(shape), newshape).shape == expected


@pytest.mark.parametrize(("call", "expected"), [
    (lambda x: x[0], (3, 4)), (lambda x: x[-1], (3, 4)), (lambda x: x[:, -1], (None, 4)), (lambda x: x[:2], (None, 3, 4)),
    (lambda x: x[..., None], (None, 3, 4, 1)), (lambda x: x[:, ::2], (None, 2, 4)), (lambda x: x[:, [0, 2]], (None, 2, 4)),
    (lambda x: ops.concatenate([x, x], 1), (None, 6, 4)), (lambda x: ops.concatenate([x, x], 0), (None, 3, 4)),
    (lambda x: ops.stack([x, x], 1), (None, 2, 3, 4)), (lambda x: ops.mean(x, axis=(0, 2)), (3,)),
    (lambda x: ops.repeat(x, 2, axis=0), (None, 3, 4)),
    (lambda x: ops.tile(x, (1, 2, 1)), (None, 6, 4)), (lambda x: ops.split(x, 3, axis=1)[0], (None, 1, 4)),
    (lambda x: ops.einsum("...ij,jk->...ik", x, KerasTensor((4, 5))), (None, 3, 5)), (lambda x: ops.softmax(x), (None, 3, 4)),
    (lambda x: ops.one_hot(ops.argmax(x, -1), 4), (None, 3, 4)), (lambda x: ops.pad(x, ((0, 0), (1, 1), (0, 0))), (None, 5, 4)),
    (lambda x: ops.conv(x, KerasTensor((2, 4, 8)), padding="same"), (None, 3, 8)), (lambda x: ops.zeros_like(x), (None, 3, 4)),
    (lambda x: ops.tensordot(x, KerasTensor((4, 5)), 1), (None, 3, 5)), (lambda x: ops.transpose(x), (4, 3, None)),
    (lambda x: ops.take(x, KerasTensor((None, 2), "int32"), axis=1), (None, None, 2, 4)), (lambda x: ops.average_pool(x, 2), (None, 1, 4)),
    (lambda x: ops.scan(lambda c, row: (c, row * 2), 0.0, x)[1], (None, 3, 4)),
    (lambda x: ops.vectorized_map(lambda row: ops.sum(row), x), (None,)),
    (lambda x: ops.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), (0, x))[1], (None, 3, 4)),
])
def test_unknown_batch(call: Any, expected: Any) -> None:
    """An unknown first size passes through, the known ones stay known."""
    assert call(KerasTensor((None, 3, 4))).shape == expected


def test_branches_over_an_unknown_batch() -> None:
    """Inside a layer or a description, branches may use what is around them."""
    x = KerasTensor.spec((None, 3, 4), "float32")
    assert ops.cond(ops.sum(x) > 0, lambda: ops.sum(x, 0), lambda: ops.sum(x, 0) * 2).shape == (3, 4)


@pytest.mark.parametrize(("call", "message"), [
    (lambda x: ops.matmul(x, KerasTensor((5, 2))), r"matmul: inner sizes differ: \(None, 4\) @ \(5, 2\)"),
    (lambda x: x + KerasTensor((3,)), r"add: shapes \(None, 4\) and \(3,\) do not broadcast"),
    (lambda x: ops.reshape(KerasTensor((2, 3)), (4, -1)), r"reshape: \(2, 3\) has 6 elements, which do not fill the shape \(4, -1\)"),
    (lambda x: ops.concatenate([x, KerasTensor((2, 3))], 0), "concatenate: sizes of axis 1 differ"),
    (lambda x: np.asarray(x), "has no values"), (lambda x: bool(x), "has no values: it can't decide an `if`"),
    (lambda x: ops.convert_to_numpy(x), "has no values"), (lambda x: x[:, 4], "index 4 is out of range for an axis of size 4"),
])
def test_errors(call: Any, message: str) -> None:
    """Mistakes are told with the shapes that were received."""
    with pytest.raises((ValueError, TypeError), match=message):
        call(KerasTensor((None, 4)))
