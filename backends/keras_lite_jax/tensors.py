"""Creation, conversion and facts about tensors."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.extend.core
import jax.numpy as jnp
import numpy as np
from jax import lax

from keras_lite.engine.dtypes import ALL, numpy_dtype
from keras_lite.engine.errors import invalid

_NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}
_NAMES = {numpy_dtype(name): name for name in ALL}  # a look-up: NumPy composes `dtype.name` anew at each reading
_EAGER = jax.extend.core.get_opaque_trace_state(convention="nnx")


def _is_eager() -> bool:
    """Whether no transformation is under way, so that an array may be made on the host.

    In a trace such an array would be a constant of the program; outside, an XLA op would be compiled for each new shape.
    """
    return jax.extend.core.get_opaque_trace_state(convention="nnx") == _EAGER


def is_tensor(x: Any) -> bool:
    return isinstance(x, jax.Array)  # tracers too


def canonical_dtype(dtype: str) -> str:
    return dtype if jax.config.jax_enable_x64 else _NARROW.get(dtype, dtype)


how_to_widen = 'jax.config.update("jax_enable_x64", True) at the start of the program, or JAX_ENABLE_X64=1 in the environment'


def wide_dtypes() -> AbstractContextManager[None]:
    """Scope in which `canonical_dtype` keeps 64-bit dtypes: the parity matrix runs their cells in it."""
    return jax.enable_x64(True)


def convert(x: Any, dtype: str) -> jax.Array:
    if isinstance(x, jax.Array):
        return cast(x, dtype)
    wanted = numpy_dtype(dtype)
    if isinstance(x, (list, tuple)) and any(map(is_tensor, jax.tree.leaves(x))):
        return cast(jnp.array(x), dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        own = np.array(x).astype(wanted, copy=False)
    return _put(own)


def adopt(x: np.ndarray, dtype: str) -> jax.Array:
    return _put(x) if x.dtype == numpy_dtype(dtype) else convert(x, dtype)


def _put(own: np.ndarray) -> jax.Array:
    """An array that nobody else has as a tensor, which may share its memory or still read it on return.

    Not `jnp.asarray`: for each new shape it compiles a program, 10 ms or more (JAX 0.10).
    """
    return jax.device_put(own)


def cast(x: jax.Array, dtype: str) -> jax.Array:
    wanted = numpy_dtype(dtype)
    if x.dtype == wanted:
        return x
    if dtype == "bool":
        return jnp.not_equal(x, 0)
    if x.dtype.kind == "c" and wanted.kind != "c":
        x = jnp.real(x)
    return lax.convert_element_type(x, wanted)


def copy(x: jax.Array) -> jax.Array:
    return jax.device_put(x, may_alias=False)


def to_numpy(x: jax.Array) -> np.ndarray:
    return np.array(x)


def shape_of(x: jax.Array) -> tuple[int, ...]:
    return x.shape


def dtype_of(x: jax.Array) -> str:
    return _NAMES.get(x.dtype) or x.dtype.name


def full(shape: tuple[int, ...], value: float | int | bool, dtype: str) -> jax.Array:
    if _is_eager():
        return _put(np.full(shape, value, numpy_dtype(dtype)))
    return jnp.full(shape, value, numpy_dtype(dtype))


def iota(size: int, dtype: str) -> jax.Array:
    if _is_eager():
        return _put(np.arange(size).astype(numpy_dtype(dtype)))
    return lax.iota(numpy_dtype(dtype), size)


def device(name: str) -> AbstractContextManager[None]:
    platform, _, index = name.partition(":")
    found = {f"{d.platform}:{i}": d for p in _platforms() for i, d in enumerate(jax.local_devices(backend=p))}
    wanted = f"{platform}:{index or 0}"
    if wanted not in found:
        raise invalid("device", f"no device {name!r}; there are {', '.join(found)}")
    return jax.default_device(found[wanted])


def devices() -> list[str]:
    return [f"{d.platform}:{i}" for p in _platforms() for i, d in enumerate(jax.local_devices(backend=p))]


def _platforms() -> list[str]:
    """The default platform first; the host is always there beside it unless JAX_PLATFORMS leaves it out."""
    first = jax.default_backend()
    try:
        jax.local_devices(backend="cpu")
    except RuntimeError:
        return [first]
    return [first] if first == "cpu" else [first, "cpu"]
