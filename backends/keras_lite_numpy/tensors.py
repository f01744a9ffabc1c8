"""Creation, conversion and facts about tensors."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import numpy_dtype
from keras_lite.engine.errors import invalid
from keras_lite_numpy.functions import NAMES, as_type
from keras_lite_numpy.tape import Tensor, Traced, values_of


def is_tensor(x: Any) -> bool:
    return x.__class__ is Traced or (x.__class__ is np.ndarray and x.dtype in NAMES)


def canonical_dtype(dtype: str) -> str:
    return dtype


def convert(x: Any, dtype: str) -> Tensor:
    if x.__class__ is Traced:
        return cast(x, dtype)
    wanted = numpy_dtype(dtype)
    with np.errstate(all="ignore"):
        array = np.asarray(x)
        if array.dtype.kind == "c" and wanted.kind != "c":
            array = array.real
        return array.astype(wanted, order="C", subok=False)


def cast(x: Tensor, dtype: str) -> Tensor:
    wanted = numpy_dtype(dtype)
    return x if x.dtype == wanted else as_type(x, wanted)


def copy(x: Tensor) -> Tensor:
    return Traced(x.value, x.level, lambda g: ((x, g),)) if x.__class__ is Traced else x.copy()


def to_numpy(x: Tensor) -> np.ndarray:
    return values_of(x).copy()


def shape_of(x: Tensor) -> tuple[int, ...]:
    return x.shape


def dtype_of(x: Tensor) -> str:
    return NAMES[x.dtype]


def full(shape: tuple[int, ...], value: float | int | bool, dtype: str) -> Tensor:
    return np.full(shape, value, numpy_dtype(dtype))


def iota(size: int, dtype: str) -> Tensor:
    return np.arange(size).astype(numpy_dtype(dtype))


def device(name: str) -> AbstractContextManager[None]:
    if name not in ("cpu", "cpu:0"):
        raise invalid("device", f"no device {name!r}; there are {', '.join(devices())}")
    return nullcontext()


def devices() -> list[str]:
    return ["cpu:0"]
