"""Dtype names and the one promotion table.

The lattice is JAX's, as in Keras: an edge leads to the next wider dtype and the result of two dtypes is their least upper
bound.  Python scalars are weak: they take the kind of the other operand's dtype, and give int32 or `floatx` on their own.
Reference: https://docs.jax.dev/en/latest/type_promotion.html
"""

import functools
from typing import Any

import ml_dtypes
import numpy as np

from keras_lite.engine.errors import invalid

UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
SIGNED = ("int8", "int16", "int32", "int64")
INTEGERS = UNSIGNED + SIGNED
FLOATS = ("bfloat16", "float16", "float32", "float64")
FLOAT8 = ("float8_e4m3fn", "float8_e5m2")
COMPLEX = ("complex64", "complex128")
ALL = ("bool", *INTEGERS, *FLOATS, *FLOAT8, *COMPLEX)
WEAK = ("int", "float", "complex")

_EDGES: dict[str, tuple[str, ...]] = {
    "bool": ("int",), "int": ("uint8", "int8"),
    "uint8": ("uint16", "int16"), "uint16": ("uint32", "int32"), "uint32": ("uint64", "int64"), "uint64": ("float",),
    "int8": ("int16",), "int16": ("int32",), "int32": ("int64",), "int64": ("float",),
    "float": ("bfloat16", "float16", "complex"), "bfloat16": ("float32",), "float16": ("float32",),
    "float32": ("float64", "complex64"), "float64": ("complex128",),
    "complex": ("complex64",), "complex64": ("complex128",), "complex128": (),
}


def _above(name: str) -> frozenset[str]:
    return frozenset([name]).union(*(_above(n) for n in _EDGES[name]))


_UPPER = {name: _above(name) for name in _EDGES}


@functools.cache
def promote(*dtypes: str, floatx: str = "float32") -> str:
    """Least upper bound of dtype names and the weak names "int", "float" and "complex".

    >>> promote("int32", "float"), promote("uint8", "int8"), promote("float16", "bfloat16"), promote("bool", "int")
    ('float32', 'int16', 'float32', 'int32')
    """
    if len(set(dtypes)) == 1 and dtypes[0] in ALL:
        return dtypes[0]
    for name in dtypes:
        if name not in _UPPER:
            raise invalid("dtype", f"no implicit conversion of {name} with {', '.join(d for d in dtypes if d != name)}; cast first")
    common = frozenset.intersection(*(_UPPER[name] for name in dtypes))
    least = next(name for name in common if _UPPER[name] == common)
    return {"int": "int32", "float": floatx, "complex": "complex64"}.get(least, least)


def is_float(dtype: str) -> bool:
    return dtype in FLOATS or dtype in FLOAT8


def is_integer(dtype: str) -> bool:
    return dtype in INTEGERS


def to_float(dtype: str, floatx: str = "float32") -> str:
    """The dtype of a float function of a `dtype` argument: floats and complex stay, the rest becomes `floatx`."""
    return dtype if is_float(dtype) or dtype in COMPLEX else promote(dtype, "float", floatx=floatx)


def part_dtype(dtype: str) -> str:
    """The dtype of the parts of a complex number; other dtypes are their own.

    >>> part_dtype("complex64"), part_dtype("int8")
    ('float32', 'int8')
    """
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


_NUMPY: dict[str, np.dtype] = {n: np.dtype(getattr(ml_dtypes, n) if hasattr(ml_dtypes, n) else n) for n in ALL}
_LONG = ("float128", "complex256", "longdouble", "clongdouble")  # of NumPy, as wide as the machine has them
_ALIASES = {bool: "bool", int: "int32", "int": "int32", "float": "float32", "double": "float64", "half": "float16", "long": "int64"}


def numpy_dtype(name: str) -> np.dtype:
    """The NumPy dtype object of a name (bfloat16 and float8 from ml_dtypes)."""
    return _NUMPY[name]


def standardize(dtype: Any, floatx: str = "float32") -> str:
    """The name of `dtype`: a name, Python type, NumPy dtype, or an engine's dtype object; None is `floatx`."""
    if dtype is None or dtype is float:
        return floatx
    if isinstance(dtype, str) and dtype in _NUMPY:
        return dtype
    if isinstance(dtype, (str, type)) and dtype in _ALIASES:
        return _ALIASES[dtype]
    name = getattr(dtype, "name", None)  # NumPy and tensorflow dtypes, jax scalar types
    if name is None or not isinstance(name, str):
        name = getattr(dtype, "__name__", None) or str(dtype).rpartition(".")[2]  # np.float32, torch.float32
    name = {"bool_": "bool"}.get(name, name)
    if name not in _NUMPY:
        hint = "; no framework has it: make it float64 or complex128 first" if name in _LONG else ""
        raise invalid("dtype", f"{dtype!r} is no dtype{hint}; known: {', '.join(ALL)}")
    return name
