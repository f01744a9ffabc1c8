"""Indices: which dtypes they may have, whether they lie inside, and negative ones counted from the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_integer
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.ops.arithmetic import add, less, minimum, where
from keras_lite.ops.core import cast
from keras_lite.ops.data import as_tensor, check_range, host_values
from keras_lite.ops.facts import dtype_of

_MOST = np.iinfo("int32").max


def positions(name: str, indices: Any, size: Any) -> Any:
    """Indices of an axis with `size` elements as int32 or int64, negative ones counted from the end.

    Where their values are known they are checked: raises ValueError for an index out of range.
    """
    host = host_values(indices)
    if host is None:
        engine = registry.current()
        tensor = integers(name, engine, indices)
        _refuse_empty(name, engine.shape_of(tensor), size)
        return counted_up(tensor, size)
    if host.dtype.kind not in "iu" and host.size:
        raise wrong_type(name, f"indices must be integers, got {host.dtype.name}")
    if not isinstance(size, int):
        check_range(name, host, "int32")
        places = host.astype("int32")
        return counted_up(as_tensor(registry.current(), places), size) if (places < 0).any() else places
    _refuse_empty(name, host.shape, size)
    wrong = _misplaced(name, host, size)
    if wrong is not None:
        raise wrong
    places = host.astype("int32" if size <= _MOST else "int64")
    return np.where(places < 0, places + size, places)


def _refuse_empty(name: str, shape: Sequence[Any], size: Any) -> None:
    """Raise ValueError for indices of an axis without elements."""
    if isinstance(size, int) and size == 0 and all(isinstance(n, int) and n > 0 for n in shape):
        raise invalid(name, f"the axis has no elements for indices of shape {tuple(shape)}")


def _misplaced(name: str, host: np.ndarray, size: int, counted: bool = False) -> Exception | None:
    """The error for indices out of range; `counted` says that negative ones were counted from the end before."""
    lowest = 0 if counted else -size
    if not host.size or (lowest <= host.min() and host.max() < size):
        return None
    wrong = next(i for i in host.ravel().tolist() if not lowest <= i < size)
    return invalid(name, f"index {wrong - size if counted and wrong < 0 else wrong} is out of range for an axis of size {size}")


def blame(name: str, engine: Any, indices: Any, limits: Sequence[Any]) -> None:
    """Raise ValueError if an engine's function failed for its indices (negative ones counted from the end before), whose last axis
    names positions on axes of the sizes `limits`."""
    try:
        columns = np.moveaxis(engine.to_numpy(indices), -1, 0)
    except Exception:  # each framework has one of its own for values that are not there
        return
    for column, size in zip(columns, limits, strict=True):
        wrong = _misplaced(name, column, size, counted=True) if isinstance(size, int) else None
        if wrong is not None:
            raise wrong from None


def integers(name: str, engine: Any, indices: Any) -> Any:
    """Indices as an int32 or int64 tensor; raises TypeError for other numbers than integers."""
    indices = as_tensor(engine, indices)
    dtype = engine.dtype_of(indices)
    if not is_integer(dtype):
        raise wrong_type(name, f"indices must be integers, got {dtype}")
    if dtype in ("int32", "int64"):
        return indices
    if dtype not in ("uint32", "uint64"):
        return engine.cast(indices, "int32")
    wide = engine.canonical_dtype("int64")  # does not hold all either: those stay out of range, where a cast makes them negative
    return engine.cast(minimum(indices, int(np.iinfo(wide).max)) if np.iinfo(wide).max < np.iinfo(dtype).max else indices, wide)


def counted_up(indices: Any, size: Any) -> Any:
    """Indices of an axis (or vectors of them), negative ones counted from the end; as they are where the size is unknown."""
    if size is None:
        return indices
    return where(less(indices, 0), add(indices, size if isinstance(size, int) else cast(size, dtype_of(indices))), indices)
