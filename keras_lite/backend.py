"""Facts about the engine and the process: names, dtypes, settings (`keras.backend`)."""

from __future__ import annotations

import gc
from typing import Any

from keras_lite.config import backend, epsilon, floatx, image_data_format, set_epsilon, set_floatx, set_image_data_format
from keras_lite.engine.dtypes import is_float, is_integer, promote, standardize
from keras_lite.state import names
from keras_lite.symbolic.spec import KerasTensor

__all__ = [
    "backend", "clear_session", "epsilon", "floatx", "get_uid", "image_data_format", "is_float_dtype", "is_int_dtype", "is_keras_tensor",
    "result_type", "set_epsilon", "set_floatx", "set_image_data_format", "standardize_dtype",
]


def clear_session(free_memory: bool = True) -> None:
    """Start the automatic names ("dense", "dense_1") anew; with `free_memory`, collect what nothing refers to any more."""
    names.clear()
    if free_memory:
        gc.collect()


def get_uid(prefix: str = "") -> int:
    """The number of times that it was asked for with this prefix: 1, 2, ..."""
    return names.count(prefix)


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype given as a name, a Python type, or the object of NumPy or of an engine; `floatx` for None.

    >>> import numpy
    >>> standardize_dtype(numpy.dtype("int8"))
    'int8'
    """
    return standardize(dtype, floatx())


def is_float_dtype(dtype: Any) -> bool:
    """Whether it is a float dtype."""
    return is_float(standardize_dtype(dtype))


def is_int_dtype(dtype: Any) -> bool:
    """Whether it is an integer dtype; bool is none."""
    return is_integer(standardize_dtype(dtype))


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor."""
    return isinstance(x, KerasTensor)


def result_type(*dtypes: Any) -> str:
    """The dtype that tensors of these dtypes (or Python types, which are weak) have together.

    >>> result_type("int32", "float16"), result_type("int8", float)
    ('float16', 'float32')
    """
    weak = {int: "int", float: "float"}
    return promote(*(weak[d] if d in (int, float) else standardize_dtype(d) for d in dtypes), floatx=floatx())
