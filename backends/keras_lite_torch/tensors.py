"""Creation, conversion and facts about tensors."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np
import torch

from keras_lite.engine.dtypes import ALL, numpy_dtype
from keras_lite.engine.errors import invalid, wrong_type

_DTYPES: dict[str, torch.dtype] = {dtype: getattr(torch, dtype) for dtype in ALL}
_NAMES: dict[torch.dtype, str] = {dtype: name for name, dtype in _DTYPES.items()}
_AS_BITS = {torch.bfloat16: torch.int16, torch.float8_e4m3fn: torch.uint8, torch.float8_e5m2: torch.uint8}  # unknown to NumPy
_EXACT_RANGES = (torch.int32, torch.int64, torch.float32, torch.float64)  # dtypes in which torch.arange counts by itself

_device: ContextVar[torch.device | None] = ContextVar("keras_lite_torch_device", default=None)


def torch_dtype(name: str) -> torch.dtype:
    """The torch dtype of a dtype name."""
    return _DTYPES[name]


def current_device() -> torch.device:
    """Where new tensors live: the innermost `device` scope, else the first GPU, else the CPU."""
    return _device.get() or _default_device()


@functools.cache
def _default_device() -> torch.device:
    return torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else torch.device("cpu")


def is_tensor(x: Any) -> bool:
    return isinstance(x, torch.Tensor)


def is_sparse(x: Any) -> bool:
    return isinstance(x, torch.Tensor) and x.layout is not torch.strided


def canonical_dtype(dtype: str) -> str:
    return dtype


def convert(x: Any, dtype: str) -> torch.Tensor:
    target = _DTYPES[dtype]
    if isinstance(x, torch.Tensor):
        return cast(x.to(current_device()), dtype)
    if type(x) is float or type(x) is bool:  # by far the quickest way, and most of what is converted one by one
        return filled((), x, target, current_device())
    if isinstance(x, (list, tuple)) and any(map(_holds_tensors, x)):
        return torch.stack([convert(item, dtype) for item in x])
    with np.errstate(over="ignore", invalid="ignore"):
        return adopt(np.array(x, dtype=numpy_dtype(dtype), order="C"), dtype)


def adopt(x: np.ndarray, dtype: str) -> torch.Tensor:
    target = _DTYPES[dtype]
    array = np.require(x, numpy_dtype(dtype), ["C", "W"])
    bits = _AS_BITS.get(target)
    if bits is not None:
        return torch.from_numpy(array.view(numpy_dtype(_NAMES[bits]))).view(target).to(current_device())
    return torch.from_numpy(array).to(current_device())


def _holds_tensors(x: Any) -> bool:
    return isinstance(x, torch.Tensor) or (isinstance(x, (list, tuple)) and any(map(_holds_tensors, x)))


def cast(x: torch.Tensor, dtype: str) -> torch.Tensor:
    target = _DTYPES[dtype]
    if x.dtype is target:
        return x
    if target is torch.bool:
        return x != 0
    if x.is_complex() and not target.is_complex:
        x = x.real
    if target is torch.float8_e4m3fn:  # torch saturates; elsewhere what rounds beyond 448 becomes NaN
        x = x.to(torch.float32)
        x = torch.where(x.abs() > 464, torch.nan, x)
    return x.to(target)


def copy(x: torch.Tensor) -> torch.Tensor:
    return x.detach().clone()


def to_numpy(x: torch.Tensor) -> np.ndarray:
    x = x.detach()
    bits = _AS_BITS.get(x.dtype)
    if bits is not None:
        return np.array(x.view(bits).numpy(force=True), order="C").view(numpy_dtype(_NAMES[x.dtype]))
    return np.array(x.numpy(force=True), order="C")


def shape_of(x: torch.Tensor) -> tuple[int, ...]:
    return tuple(x.shape)


def dtype_of(x: torch.Tensor) -> str:
    try:
        return _NAMES[x.dtype]
    except KeyError:
        raise wrong_type("tensor", f"got a tensor of {x.dtype}; known dtypes: {', '.join(ALL)}") from None


def full(shape: tuple[int, ...], value: float | int | bool, dtype: str) -> torch.Tensor:
    return filled(shape, value, _DTYPES[dtype], current_device())


def filled(shape: tuple[int, ...], value: float | int | bool, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """A number that is too large for a float dtype is infinite, where torch itself raises."""
    try:
        return torch.full(shape, value, dtype=dtype, device=device)
    except (RuntimeError, OverflowError):
        if not dtype.is_floating_point:
            raise
        return torch.full(shape, float(value), dtype=torch.float64, device=device).to(dtype)


def iota(size: int, dtype: str) -> torch.Tensor:
    target = _DTYPES[dtype]
    if target in _EXACT_RANGES:
        return torch.arange(size, dtype=target, device=current_device())
    return torch.arange(size, dtype=torch.int64, device=current_device()).to(target)


@contextlib.contextmanager
def device(name: str) -> Iterator[None]:
    kind, _, index = name.lower().replace("cuda", "gpu").partition(":")
    wanted = f"{kind}:{index or 0}"
    if wanted not in devices():
        raise invalid("device", f"there is no {name!r}; this machine has {', '.join(devices())}")
    token = _device.set(torch.device(wanted.replace("gpu", "cuda") if kind == "gpu" else "cpu"))
    try:
        yield
    finally:
        _device.reset(token)


def devices() -> list[str]:
    return [*(f"gpu:{i}" for i in range(torch.cuda.device_count())), "cpu:0"]
