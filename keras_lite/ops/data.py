"""Facts about data that is not yet a tensor: arrays, Python scalars, nested lists."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX, FLOAT8, INTEGERS, WEAK, is_float, numpy_dtype, promote, standardize, to_float
from keras_lite.engine.errors import invalid, is_clear, not_there, wrong_type
from keras_lite.ops.kinds import shown
from keras_lite.state.variable import Variable

_SCALARS = frozenset((bool, int, float, complex))


def dtype_of_data(x: Any) -> str:
    """Dtype name of `x`; Python scalars give the weak names "int" and "float", lists of them `floatx` or int32.

    >>> dtype_of_data(3), dtype_of_data(True), dtype_of_data([1, 2.5])
    ('int', 'bool', 'float32')
    """
    if isinstance(x, bool):
        return "bool"
    if isinstance(x, (int, float, complex)) and not isinstance(x, np.generic):
        return type(x).__name__
    if isinstance(x, (list, tuple)):
        floatx = config.floatx()
        leaves = {dtype_of_data(item) for item in x}
        return promote(*leaves, floatx=floatx) if leaves else floatx
    if hasattr(x, "dtype"):
        return standardize(x.dtype)
    if hasattr(x, "__array__"):
        return standardize(np.asarray(x).dtype)
    raise wrong_type("tensor", f"expected a tensor, an array or a number, got {type(x).__name__}: {x!r}")


def host_values(x: Any) -> np.ndarray | None:
    """The values of `x` where they are known at once: those of data and of arrays, which are also tensors of the numpy engine.

    Those of other tensors stand on a device, or are not computed yet: None.
    """
    if isinstance(x, Variable):
        x = x.value
    if registry.engine_of((x,)) is not None:
        return None
    try:
        return np.asarray(x)
    except ValueError as error:
        raise invalid("tensor", f"a nested list can't become a tensor: {error}") from None


def as_number(name: str, parameter: str, x: Any) -> Any:
    """One number given by a user, whose value is known, as a Python number; raises TypeError for all else."""
    if type(x) in _SCALARS:
        return x
    owner, found = registry.engine_of((x,)), None
    try:
        found = np.asarray(x if owner is None else owner.to_numpy(as_tensor(owner, x)))
        standardize(found.dtype)
    except Exception:  # each framework has one of its own for a value that is not there
        found = None
    if found is None or found.ndim:
        raise wrong_type(name, f"{parameter} must be a number whose value is known, got {shown(x)}")
    return found.item()


def fill_number(x: Any, dtype: str) -> Any:
    """A Python number as one that fills a tensor of `dtype`: checked, and for integers without its fractional part."""
    check_scalar(x, dtype)
    return int(x) if dtype in _RANGES else bool(x) if dtype == "bool" else x


def _convert(engine: Any, x: Any, dtype: str) -> Any:
    """Data `x` as a tensor of `engine` in `dtype`, a dtype of that engine."""
    if type(x) in _SCALARS:
        check_scalar(x, dtype)
        return engine.convert(x, dtype)
    owner = registry.engine_of((x,))
    if owner is None:
        return engine.convert(_host(x, dtype), dtype)
    if owner.is_sparse(x):
        raise refused(owner, x)
    if isinstance(x, (list, tuple)):
        rows = [as_tensor(engine, item, dtype) for item in x]
        return engine.concatenate([engine.reshape(row, (1, *engine.shape_of(row))) for row in rows], 0)
    return engine.convert(x if owner is engine or engine.is_abstract else owner.to_numpy(x), dtype)


def is_sparse(engine: Any, x: Any) -> bool:
    """Whether `x` is a sparse tensor which the engine can take apart, or the spec of one."""
    return not engine.is_tensor(x) and engine.is_sparse(x)


def cast_sparse(engine: Any, x: Any, dtype: str) -> Any:
    """A sparse tensor in another dtype."""
    if engine.is_abstract:
        return engine.spec(x.shape, dtype, sparse=True)
    indices, values, shape = engine.sparse_parts(x)
    return engine.make_sparse(indices, engine.cast(values, engine.canonical_dtype(dtype)), shape)


def refused(engine: Any, x: Any) -> Exception:
    """The error for a sparse tensor where none is taken."""
    if engine.is_abstract or hasattr(engine, "make_sparse"):
        return wrong_type("tensor", f"got a sparse tensor of shape {tuple(x.shape)}; only matmul, take, cast, Dense and Embedding take "
                                    "one. Make it dense: convert_to_tensor(x, sparse=False)")
    return no_sparse("tensor", engine)


def no_sparse(where: str, engine: Any) -> Exception:
    """The error for sparse tensors on an engine that has none."""
    return not_there(where, f"{engine.name} takes no sparse tensors; jax and tensorflow do. Make them dense")


def _host(x: Any, dtype: str) -> np.ndarray:
    """Data as an array whose values a tensor of `dtype` can hold."""
    try:
        if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
            raise wrong_type("tensor", "got a masked array, whose mask a tensor can't hold; say what stands in place of the masked "
                                       "elements: np.ma.filled(x, value)")
        array = np.asarray(x)
        if array.dtype == numpy_dtype(dtype):
            return array
        if array.dtype.kind in "OUSMm":
            dtype_of_data(x)  # which says what is wrong with it
        if array.dtype.kind == "O" and hasattr(x, "dtype") and not isinstance(x, np.ndarray):  # of scipy.sparse, ragged
            raise wrong_type("tensor", f"expected a tensor, an array or a number, got {type(x).__name__}, which is none; of sparse "
                                       "ones jax takes its BCOO and tensorflow its SparseTensor, others must be made dense first")
        check_range("tensor", array, dtype)
        return np.array(x, numpy_dtype(dtype)) if isinstance(x, (list, tuple)) else array
    except (ValueError, OverflowError) as error:
        if is_clear(error):
            raise
        raise invalid("tensor", f"a nested list can't become a {dtype} tensor: {error}") from None


def check_scalar(x: Any, dtype: str) -> None:
    """Raise ValueError if a tensor of `dtype` can't hold a Python number: see `check_range`."""
    bounds = _RANGES.get(dtype)
    if type(x) is complex:
        if dtype not in COMPLEX and dtype != "bool":
            raise invalid("tensor", f"{x} can't become {dtype}: its imaginary part would be lost")
    elif bounds is not None and not (math.isfinite(x) and bounds[0] <= int(x) <= bounds[1]):
        raise invalid("tensor", f"{x} is outside the range of {dtype}")


def check_range(where: str, array: np.ndarray, dtype: str, hint: str = "") -> None:
    """Raise ValueError if `dtype` can't hold the values of an array: integers that would wrap around, NaN that would become one,
    and imaginary parts that would be lost."""
    own = array.dtype.name
    bounds, given = _RANGES.get(dtype), _RANGES.get(own)
    keep_imaginary(where, own, dtype)
    if bounds is None or not array.size or (given is not None and bounds[0] <= given[0] and given[1] <= bounds[1]):
        return
    if given is None and not is_float(own):
        return
    low, high = array.min(), array.max()
    if not (bounds[0] <= low and high <= bounds[1]):  # NaN is outside too
        problem = f"values from {low} to {high} are outside the range of {dtype}"
        if not (np.isfinite(low) and np.isfinite(high)):
            problem = f"there is NaN or infinity, which {dtype} has not"
        raise invalid(where, f"{problem}; pass floats, or allow wider integers: {hint}" if hint else problem)


def keep_imaginary(where: str, given: str, wanted: str) -> None:
    """Raise ValueError where complex numbers would become real ones without being asked to."""
    if given in COMPLEX and wanted not in COMPLEX and wanted != "bool":
        raise invalid(where, f"{given} values can't become {wanted}: their imaginary parts would be lost; take `real`, or cast")


def as_tensor(engine: Any, x: Any, dtype: str | None = None) -> Any:
    """`x` as a tensor of `engine`: a tensor as it is, a variable by its value, data converted; in `dtype` if given."""
    if engine.is_tensor(x):
        if dtype is None or engine.dtype_of(x) == dtype:
            return x
        if x.__class__ is np.ndarray:  # on the numpy engine, where a tensor is also data
            check_range("tensor", x, dtype)
        keep_imaginary("tensor", engine.dtype_of(x), dtype)
        return engine.cast(x, engine.canonical_dtype(dtype))
    if isinstance(x, Variable):
        return as_tensor(engine, x.value, dtype)
    return _convert(engine, x, engine.canonical_dtype(promote(dtype or dtype_of_data(x), floatx=config.floatx())))


def as_numbers(engine: Any, name: str, x: Any, dtype: str | None = None) -> Any:
    """`as_tensor` for the op `name` that reckons with the values: raises TypeError for float8."""
    x = as_tensor(engine, x, dtype)
    refuse_storage(name, engine.dtype_of(x))
    return x


def refuse_storage(name: str, dtype: str) -> None:
    """Raise TypeError for a dtype of float8, with which no engine but jax reckons."""
    if dtype in FLOAT8:
        raise wrong_type(name, f"is not defined for {dtype}, which is for storage: ops that move data take it; cast it to float32 or "
                               "bfloat16 to reckon with it")


def weak_dtype_of(engine: Any, x: Any) -> str:
    """Dtype name of a tensor of `engine`, a variable or data; Python scalars give their weak name."""
    return engine.dtype_of(x) if engine.is_tensor(x) else dtype_of_data(x)


def refuse_complex(name: str, dtype: str) -> None:
    """Raise TypeError for a complex dtype, in a function that has no meaning for complex numbers."""
    if dtype in COMPLEX:
        raise wrong_type(name, f"is for real numbers, got {dtype}; take the real or imaginary part, or the absolute value, first")


_RANGES = {name: (int(np.iinfo(name).min), int(np.iinfo(name).max)) for name in INTEGERS}


def fits(scalar: int, dtype: str) -> bool:
    """Whether a Python int can stay one beside tensors of a dtype: an integer dtype holds it, for others it has 64 bits.

    >>> fits(-1, "int8"), fits(-1, "uint8"), fits(-1, "float32"), fits(10**20, "float32")
    (True, False, True, False)
    """
    low, high = _RANGES.get(dtype, _RANGES["int64"])
    return low <= scalar <= high


def _as_float(scalar: int, dtype: str) -> float:
    """An int that does not fit `dtype` as a float; raises ValueError where that does not either."""
    try:
        if dtype not in _RANGES:
            return float(scalar)
    except OverflowError:
        pass
    shown = scalar if abs(scalar) < 10**40 else f"an int of {scalar.bit_length()} bits"
    raise invalid("dtype", f"{shown} is outside the range of {dtype}; cast the tensor first")


FLOAT16_END = 65520  # from which on numbers become infinite in float16


def _held(scalar: Any) -> Any:
    """A Python number beside float16 tensors, infinite where they are: some frameworks would reckon with the full number."""
    return math.copysign(math.inf, scalar) if abs(scalar) >= FLOAT16_END else scalar


def unify(engine: Any, xs: list[Any], floating: bool = False, scalars: bool = False) -> list[Any]:
    """Tensors of one common dtype from tensors, variables, arrays and Python scalars.

    `floating` makes it a float dtype.  With `scalars`, Python scalars beside at least one tensor stay as they are: the binary
    functions of the contract take them.
    """
    values = [x.value if isinstance(x, Variable) else x for x in xs]
    dtypes = [weak_dtype_of(engine, x) for x in values]
    common = promote(*dtypes, floatx=config.floatx())
    if floating:
        common = to_float(common, config.floatx())
    common = engine.canonical_dtype(common)
    keep = scalars and not all(dtype in WEAK for dtype in dtypes)
    out = []
    for x, dtype in zip(values, dtypes, strict=True):
        if dtype == "int" and not fits(x, common):
            x = _as_float(x, common)
        if keep and dtype in WEAK:
            out.append(_held(x) if common == "float16" else x)
        elif engine.is_tensor(x):
            out.append(x if dtype == common else engine.cast(x, common))
        else:
            out.append(_convert(engine, x, common))
    return out
