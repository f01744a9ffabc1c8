"""What a variable and a conversion accept: no value is lost, wrapped around or made up without an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite import Variable, ops

NAN = float("nan")
REFUSED: dict[str, tuple[str, Any, type[Exception], str]] = {  # dtype, value, error
    "too large": ("int32", 2**40, ValueError, "1099511627776 is outside the range of int32"),
    "large float": ("int32", 1e20, ValueError, "1e[+]20 is outside the range of int32"),
    "large array": ("int32", np.array(2**40), ValueError, "outside the range of int32"),
    "large item": ("int32", np.int64(2**40), ValueError, "outside the range of int32"),
    "negative": ("uint8", -1, ValueError, "-1 is outside the range of uint8"),
    "negative array": ("uint8", np.array(-1), ValueError, "outside the range of uint8"),
    "NaN": ("int32", NAN, ValueError, "nan is outside the range of int32"),
    "NaN array": ("int32", np.array(NAN), ValueError, "NaN or infinity, which int32 has not"),
    "None": ("float32", None, TypeError, "expected a tensor, an array or a number, got NoneType: None"),
    "text": ("float32", "3", TypeError, "expected a tensor, an array or a number, got str: '3'"),
    "None inside": ("float32", [None, 1.0], TypeError, "expected a tensor, an array or a number, got NoneType: None"),
    "text inside": ("float32", ["1", 2.0], TypeError, "expected a tensor, an array or a number, got str: '1'"),
    "objects": ("float32", np.array([1, None]), ValueError, "no dtype"),
    "set": ("float32", {1}, TypeError, "got set"),
    "complex": ("float32", 1 + 2j, ValueError, "can't become float32: its imaginary part would be lost"),
    "complex array": ("float32", np.array([1j]), ValueError, "can't become float32: their imaginary parts would be lost"),
    "ragged": ("float32", [[1.0], [2.0, 3.0]], ValueError, "a nested list can't become a float32 tensor"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(engine: Any, case: str) -> None:
    """The same error on every engine, from `assign` (which names the variable) and from `convert_to_tensor`."""
    dtype, value, error, message = REFUSED[case]
    variable = Variable(np.zeros(np.shape(np.asarray(value)) if case != "ragged" else (), dtype), name="v")
    with pytest.raises(error, match=f"^assign to v: .*{message}"):
        variable.assign(value)
    assert not np.any(variable.numpy())
    with pytest.raises(error, match=message):
        ops.convert_to_tensor(value, dtype)


def test_accepted(engine: Any) -> None:
    """What fits is stored, whatever it comes as."""
    variable = Variable([1, 2], dtype="int32")
    for value in ([3, -4], (2.7, -2.7), np.array([2**31 - 1, -(2**31)]), np.array([1, 0], bool), np.array([3, 4], "uint8"),
                  [True, np.int8(5)]):
        variable.assign(value)
        np.testing.assert_array_equal(variable.numpy(), np.trunc(np.asarray(value, "float64")))
    assert ops.convert_to_numpy(ops.cast(np.array([300]), "uint8")).tolist() == [44], "a cast of integers wraps around"
    assert float(ops.convert_to_tensor(2**70, "float32")) == 2.0**70


@pytest.mark.parametrize("rate", [None, "0.1"])
def test_learning_rate(engine: Any, rate: Any) -> None:
    """A learning rate is a number, at first and later."""
    with pytest.raises(ValueError, match="learning_rate must be a float, a scalar variable or a schedule"):
        keras.optimizers.SGD(rate)
    optimizer = keras.optimizers.SGD(0.5)
    with pytest.raises(ValueError, match="learning_rate must be a float, a scalar variable or a schedule"):
        optimizer.learning_rate = rate
    assert float(optimizer.learning_rate) == 0.5
