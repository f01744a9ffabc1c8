"""Creation, conversion and facts about tensors."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import tensorflow as tf

from keras_lite.engine.dtypes import COMPLEX, FLOAT8, numpy_dtype, part_dtype
from keras_lite.engine.errors import invalid, wrong_type

try:  # not public: the class of tensors that have values, and its number for the dtype
    from tensorflow.python.framework.ops import EagerTensor as _Eager
except ImportError:
    _Eager = None

HALF = ("bfloat16", "float16")
_TENSORS = (tf.Tensor, tf.Variable)
_FLOAT32 = tf.float32.as_datatype_enum
_NAMES = {dtype.as_datatype_enum: dtype.name for module in (tf.dtypes, tf.dtypes.experimental) for dtype in vars(module).values()
          if isinstance(dtype, tf.DType)}


def is_tensor(x: Any) -> bool:
    return x.__class__ is _Eager or isinstance(x, _TENSORS)


def has_values(x: Any) -> bool:
    """Whether `x` is a tensor outside of graphs."""
    return x.__class__ is _Eager


def canonical_dtype(dtype: str) -> str:
    return dtype


def convert(x: Any, dtype: str) -> tf.Tensor:
    if is_tensor(x):
        return cast(tf.convert_to_tensor(x), dtype)
    if isinstance(x, (list, tuple)) and any(map(is_tensor, tf.nest.flatten(x))):
        return tf.stack([convert(item, dtype) for item in x])
    with np.errstate(over="ignore", invalid="ignore"):
        array = np.asarray(x).astype(numpy_dtype(dtype), copy=False)
    return tf.constant(array)  # copies


def cast(x: tf.Tensor, dtype: str) -> tf.Tensor:
    given = x.dtype.name
    if given == dtype:
        return x
    if given in COMPLEX and dtype not in COMPLEX:
        x = tf.not_equal(x, 0) if dtype == "bool" else tf.math.real(x)
    if dtype in COMPLEX and given not in COMPLEX:  # whose gradient warns of nothing, unlike that of the kernel
        part = cast(x, part_dtype(dtype))
        return tf.complex(part, tf.zeros_like(part))
    if dtype in FLOAT8 and not x.dtype.is_floating:
        x = tf.cast(x, "float32")
    return tf.raw_ops.Cast(x=x, DstT=dtype)


def copy(x: tf.Tensor) -> tf.Tensor:
    if x.dtype.name in FLOAT8:  # the kernel lacks them
        return tf.broadcast_to(x, [2, *x.shape])[0]
    return tf.raw_ops.DeepCopy(x=x)


def to_numpy(x: tf.Tensor) -> np.ndarray:
    if not hasattr(x, "numpy"):
        raise wrong_type("to_numpy", f"a tensor inside a compiled function has no value yet: {x}")
    return np.asarray(x.numpy())  # copies; a scalar comes as a NumPy scalar


def shape_of(x: tf.Tensor) -> tuple[Any, ...]:
    if x.shape.rank is None:
        raise invalid("shape", f"the rank of {x.name} must be known; give it with tf.ensure_shape(x, [None, ...])")
    sizes = x.shape.as_list()
    if None in sizes:
        dynamic = tf.shape(x)
        sizes = [dynamic[axis] if size is None else size for axis, size in enumerate(sizes)]
    return tuple(sizes)


def dtype_of(x: tf.Tensor) -> str:
    return _NAMES[x._datatype_enum()] if x.__class__ is _Eager else x.dtype.name  # a fourth of the time, twice in each binary op


def is_plain_matrix(x: tf.Tensor) -> bool:
    """Whether `x` is an eager float32 tensor of rank 2."""
    return x.__class__ is _Eager and x._datatype_enum() == _FLOAT32 and x._rank() == 2


def ints(values: Sequence[Any]) -> tf.Tensor:
    """Sizes or axes as a vector for a kernel; some may be scalar tensors."""
    return tf.stack(values) if any(map(is_tensor, values)) else tf.constant(values, tf.int32, [len(values)])


def scalar(value: Any, dtype: tf.DType) -> tf.Tensor:
    """A Python scalar as a constant."""
    return tf.constant(bool(value) if dtype.is_bool else value, dtype)


def full(shape: tuple[int, ...], value: float | int | bool, dtype: str) -> tf.Tensor:
    if dtype in FLOAT8:
        return cast(full(shape, value, "float32"), dtype)
    return tf.raw_ops.Fill(dims=ints(shape), value=scalar(value, tf.as_dtype(dtype)))


def iota(size: int, dtype: str) -> tf.Tensor:
    wide = dtype.endswith("64")
    return tf.cast(tf.range(tf.cast(size, "int64") if wide else size), dtype)


def device(name: str) -> AbstractContextManager[None]:
    kind, _, index = name.lower().partition(":")
    if f"{kind}:{index or 0}" not in devices():
        raise invalid("device", f"no device {name!r}; there are {', '.join(devices())}")
    return tf.device(f"/device:{kind.upper()}:{index or 0}")


def devices() -> list[str]:
    found = [device.name.rpartition("/device:")[2].lower() for device in tf.config.list_logical_devices()]
    return sorted(found, key=lambda name: name.startswith("cpu"))  # TensorFlow too prefers all others to the CPU
