"""Values brought inside the range of a dtype."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX, FLOAT8, is_float, numpy_dtype, standardize
from keras_lite.engine.errors import wrong_type
from keras_lite.ops import references_statistics as references
from keras_lite.ops.arithmetic import clip, equal, greater_equal, less, logical_and, maximum, not_equal, where
from keras_lite.ops.complex_numbers import imag, make_complex, real
from keras_lite.ops.core import cast
from keras_lite.ops.data import as_tensor
from keras_lite.ops.elementwise import is_nan
from keras_lite.ops.facts import dtype_of
from keras_lite.ops.families import INF, NAN, NO_TENSOR
from keras_lite.ops.sample import Sample, array, boolean, f32, i32
from keras_lite.ops.statistics import wide
from keras_lite.ops.table import op

_HOLES = array([NAN, INF, -INF, 1.0, -0.5])
_BEYOND = array([300.7, -300.7, 1.9, -1.9, NAN, INF, -INF, 3e9, -3e9, 2147483648.0, 1e20, -1e20])


def limits(dtype: str) -> tuple[Any, Any]:
    """Smallest and largest finite value of a dtype, as Python numbers.

    >>> limits("int8"), limits("float16")
    ((-128, 127), (-65504.0, 65504.0))
    """
    if is_float(dtype):
        largest = float(ml_dtypes.finfo(numpy_dtype(dtype)).max)
        return -largest, largest
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


@op(samples=(Sample(f32(3, 4)), Sample(_HOLES, posinf=2.0, neginf=-3.0), Sample(_HOLES, nan=1.5, posinf=1e4, neginf=-1e4, grad=False),
             Sample(array([NAN, 1.0, -2.0])), Sample(array([[NAN, 1.0], [INF, NAN]]), nan=f32(2), posinf=f32(2, 1), neginf=0.0),
             Sample(i32(3)), Sample(boolean(3)), Sample(f32(0, 2)), Sample(f32()), NO_TENSOR,
             Sample(array([1j, complex(NAN, INF), complex(-INF, 2)], "complex64"), posinf=2.0, neginf=-3.0)))
def nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """`x` with numbers in place of NaN and infinities, in both parts of complex numbers; integers and bools stay as they are.

    Args:
        x: a tensor.
        nan, posinf, neginf: what stands for NaN, inf and -inf: numbers, or tensors that broadcast; by default 0 and the largest and the
            smallest finite number of the dtype.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.nan_to_num([np.nan, np.inf, -np.inf, 1.5], nan=-1, posinf=99, neginf=-99)).tolist()
    [-1.0, 99.0, -99.0, 1.5]
    """
    dtype = dtype_of(x)
    if dtype in COMPLEX:
        return make_complex(*(nan_to_num(part(x), nan, posinf, neginf) for part in (real, imag)))
    if not is_float(dtype):
        return x
    engine, (low, high) = registry.current(), limits(dtype)
    nan, posinf, neginf = (as_tensor(engine, value, dtype) for value in (nan, high if posinf is None else posinf,
                                                                         low if neginf is None else neginf))
    return where(is_nan(x), nan, where(equal(x, INF), posinf, where(equal(x, -INF), neginf, x)))


@op(samples=(Sample(_BEYOND, "int8"), Sample(_BEYOND, "uint8"), Sample(_BEYOND, "int32"), Sample(_BEYOND, "uint32"),
             Sample(i32(3, 4, low=-500, high=500), "uint8"), Sample(array([0, 200, 255], "uint8"), "int8"),
             Sample(array([1e6, -1e6, 1.0, 65504.0]), "float16"), Sample(array([INF, -INF, NAN]), "float16", grad=False),
             Sample(array([70000, -70000, 3], "int32"), "float16"), Sample(f32(3), "float64"), Sample(f32(0, 2), "int8"),
             Sample(array([0.0, 0.5, -1.0, 2.0, NAN]), "bool"), Sample(boolean(3), "float32"), Sample(f32(), "int8"),
             Sample(f32(2), "flaot32", error="'flaot32' is no dtype"),
             Sample(f32(2), "complex64", error="not defined for complex64")), reference=references.saturate_cast)
def saturate_cast(x: Any, dtype: Any) -> Any:
    """`x` in another dtype; what lies outside its range, infinities too, becomes its smallest or largest value.

    Floats become integers by truncation, and NaN becomes 0 there.

    Args:
        x: a tensor of real numbers.
        dtype: dtype of the result; for bools the range is that from 0 to 1.

    Raises:
        TypeError: one of the dtypes is complex.

    >>> import numpy as np
    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.saturate_cast([300.0, -5.0, np.nan, 1.7], "uint8")).tolist()
    [255, 0, 0, 1]
    """
    target = registry.current().canonical_dtype(standardize(dtype, config.floatx()))
    source = dtype_of(x)
    if target in COMPLEX or source in COMPLEX:
        raise wrong_type("saturate_cast", f"is not defined for {source if source in COMPLEX else target}; a complex number has no limits")
    if source == "bool" or source == target:
        return cast(x, target)
    if target == "bool":
        return not_equal(maximum(x, 0), 0)
    low, high = limits(target)
    if is_float(target):
        return cast(clip(x, low, high), target) if target in FLOAT8 else clip(cast(x, target), low, high)
    if is_float(source):
        return _whole(wide(x), target, low, high)
    least, largest = limits(source)
    return cast(clip(x, max(low, least), min(high, largest)), target)


def _whole(x: Any, dtype: str, low: int, high: int) -> Any:
    """Floats as integers: `high` itself may be no float, the power of two above it is one."""
    above, below = greater_equal(x, float(high + 1)), less(x, float(low))
    inside = logical_and(less(x, float(high + 1)), greater_equal(x, float(low)))
    return where(above, high, where(below, low, cast(where(inside, x, 0.0), dtype)))
