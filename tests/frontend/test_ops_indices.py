"""Indices out of range: refused where their values are known, and never read or written as if they were another place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_lite import ops
from keras_lite.engine.errors import is_clear

X = np.arange(6, dtype="float32").reshape(2, 3)
READS = {
    "take": (lambda x, i: ops.take(x, i([1, 5]), axis=1), [[1, 2], [4, 5]]),
    "take before the first": (lambda x, i: ops.take(x, i([-4]), axis=1), [[0], [3]]),
    "take_along_axis": (lambda x, i: ops.take_along_axis(x, i([[5], [-4]]), axis=1), [[2], [3]]),
    "get_item": (lambda x, i: ops.get_item(x, (slice(None), i([5]))), [[2], [5]]),
    "get_item of two": (lambda x, i: ops.get_item(x, (i([0]), i([5]))), [2]),
    "get_item of two, before the first": (lambda x, i: ops.get_item(x, (i([1]), i([-4]))), [3]),
    "get_item of two, past the rows": (lambda x, i: ops.get_item(x, (i([7]), i([0]))), [3]),
}
WRITES = {
    "past the end": lambda i: ops.scatter_update(X, i([[1, 3]]), np.float32([9])),
    "as in another row": lambda i: ops.scatter_update(X, i([[0, 5]]), np.float32([9])),
    "before the first": lambda i: ops.scatter_update(X, i([[-3, 0]]), np.float32([9])),
    "of a vector": lambda i: ops.scatter_update(np.zeros(3, "float32"), i([[-4]]), np.float32([9])),
    "added": lambda i: ops.scatter(i([[-4], [3]]), np.float32([9, 9]), (3,)),
    "multiplied": lambda i: ops.scatter_update(np.zeros(3, "float32"), i([[-4]]), np.float32([9]), "mul"),
}


def tensor(indices: Any) -> Any:
    return ops.convert_to_tensor(np.array(indices, "int32"))


@pytest.mark.parametrize("case", READS)
def test_reads(engine: Any, case: str) -> None:
    """Lists and arrays are refused; tensors too where the engine looks at them, else the nearest element of that axis is read."""
    read, nearest = READS[case]
    for known in (list, np.array):
        with pytest.raises(ValueError, match=r"^(take|take_along_axis|get_item): index \S+ is out of range for an axis of size [23]$"):
            read(ops.convert_to_tensor(X), known)
    try:
        found = ops.convert_to_numpy(read(ops.convert_to_tensor(X), tensor))
    except ValueError as error:
        assert is_clear(error) and "is out of range for an axis of size" in str(error)
    else:
        assert found.tolist() == nearest


@pytest.mark.parametrize("case", WRITES)
def test_writes(engine: Any, case: str) -> None:
    """As for reads; an update that is not refused is left out."""
    write = WRITES[case]
    for known in (list, np.array):
        with pytest.raises(ValueError, match=r"^(scatter_update|scatter): index \S+ is out of range for an axis of size [23]$"):
            write(known)
    try:
        found = ops.convert_to_numpy(write(tensor))
    except ValueError as error:
        assert is_clear(error) and "is out of range for an axis of size" in str(error)
    else:
        assert 9 not in found


def test_no_class_is_in_the_top(engine: Any) -> None:
    """A target that is no class, which some data sets have for missing labels."""
    targets, predictions = tensor([9, -1, 0]), np.ones((3, 3), "float32")
    assert ops.convert_to_numpy(ops.in_top_k(targets, predictions, 3)).tolist() == [False, False, True]


def test_known_values_are_checked(engine: Any) -> None:
    """Values in arrays are known on every engine."""
    refused = [
        lambda: ops.unravel_index(np.array([13]), (3, 4)), lambda: ops.take(X, np.array([4294967295], "uint32")),
        lambda: ops.quantile(X, np.array([0.5, -1.0])), lambda: ops.nanpercentile(X, np.array([101.0])),
        lambda: ops.digitize(X, np.array([0.0, 2.0, 1.0])), lambda: ops.digitize(X, np.array([0.0, np.nan])),
        lambda: ops.prod(np.float32([-1.5, 2]), dtype="uint32"), lambda: ops.cumsum(np.float32([-1.5, 2]), dtype="uint32"),
        lambda: ops.cumprod(np.float32([-1.5, 2]), dtype="uint32"), lambda: ops.slice_update(np.zeros(2, "uint8"), (0,), np.array([-1.5])),
    ]
    for i, call in enumerate(refused):
        with pytest.raises(ValueError, match=r"^\w+: ") as caught:
            call()
        assert is_clear(caught.value), i
    assert ops.take(X, np.zeros(0), axis=0).shape == (0, 3)
    assert ops.segment_sum(np.zeros((0, 2)), np.zeros(0), 3).shape == (3, 2)


def test_the_rest_of_an_axis_from_a_start_that_is_a_tensor(engine: Any) -> None:
    """Eagerly its value is known."""
    x = ops.convert_to_tensor([1, 2, 3])
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.slice(x, ops.convert_to_tensor([1]), (-1,))), [2, 3])


def test_unsigned_numbers_beyond_int32(engine: Any) -> None:
    """They do not wrap to indices that count from the end."""
    x, far = ops.array([1.0, 2.0, 3.0]), ops.convert_to_tensor(np.uint32(2**32 - 3))
    if engine.name == "jax":  # which takes the nearest element there is
        assert ops.convert_to_numpy(ops.take(x, far)) == 3
        assert ops.convert_to_numpy(ops.scatter_update(x, ops.reshape(far, (1, 1)), [9.0])).tolist() == [1, 2, 3]
    else:
        with pytest.raises(ValueError, match="take: index 4294967293 is out of range for an axis of size 3"):
            ops.take(x, far)
    assert ops.convert_to_numpy(ops.take(x, ops.convert_to_tensor(np.uint32([2, 0])))).tolist() == [3, 1]
    assert ops.convert_to_numpy(ops.slice_update(x, (far,), [9.0])).tolist() == [1, 2, 9]
    assert ops.convert_to_numpy(ops.slice(x, (far,), (2,))).tolist() == [2, 3]
