"""Targets and outputs as a pair of tensors that fit each other."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from keras_lite import ops
from keras_lite.engine.dtypes import is_float, promote
from keras_lite.engine.errors import invalid

_Function = TypeVar("_Function", bound=Callable[..., Any])


def of_pairs(function: _Function) -> _Function:
    """Decorator of a loss function: its targets and outputs are tensors of one rank and dtype, at least float32.

    So sums and logarithms of a 16-bit dtype neither overflow nor lose probabilities near 0 and 1; the result has the dtype of the outputs.
    """
    where = function.__name__

    @functools.wraps(function)
    def loss(y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
        given = ops.convert_to_tensor(y_pred)
        y_pred = wide(given)
        y_true, y_pred = same_rank(ops.convert_to_tensor(y_true, dtype=ops.dtype(y_pred)), y_pred, where)
        return narrowed(function(y_true, y_pred, *args, **kwargs), given)

    return cast(_Function, loss)


def of_vectors(function: _Function) -> _Function:
    """As `of_pairs`, where the last axis is that of classes: outputs (B, C, 1) of targets (B, C) are B vectors, and lose that axis of 1."""
    pairs = of_pairs(function)

    @functools.wraps(function)
    def loss(y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        if len(y_true.shape) == len(y_pred.shape) - 1 and y_pred.shape[-1] == 1 and kwargs.get("axis", -1) == -1 and len(y_true.shape) > 1:
            y_pred = ops.squeeze(y_pred, -1)
        return pairs(y_true, y_pred, *args, **kwargs)

    vars(loss)["of_vectors"] = True
    return cast(_Function, loss)


def of_labels(function: _Function) -> _Function:
    """As `of_pairs`, for targets that are integer labels: they keep their dtype and lose a last axis of 1."""

    @functools.wraps(function)
    def loss(y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
        y_true, given = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        return narrowed(function(labels_of(y_true, len(given.shape) - 1), wide(given), *args, **kwargs), given)

    return cast(_Function, loss)


def wide(x: Any) -> Any:
    """`x` in at least float32."""
    dtype = ops.dtype(x)
    return x if dtype == "float32" else ops.cast(x, promote(dtype, "float32"))


def narrowed(result: Any, outputs: Any) -> Any:
    """`result` in the dtype of the outputs, if that is a float dtype."""
    dtype = ops.dtype(outputs)
    return result if dtype == ops.dtype(result) or not is_float(dtype) else ops.cast(result, dtype)


def labels_of(y_true: Any, rank: int) -> Any:
    """Labels as integers of `rank` axes, where they have one of size 1 more at their end."""
    if len(y_true.shape) == rank + 1 and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    return ops.cast(y_true, "int64" if ops.dtype(y_true) == "int64" else "int32")


def squeezed(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Targets and outputs whose ranks differ by one because of a last axis of size 1, in one rank; others as they are.

    Targets follow the outputs: so outputs (B, T, 1) have a loss for each of the T entries of a row, also for targets (B, T).  But outputs
    of a single axis get one for targets (B, 1), and so a loss for each row.
    """
    true, pred = len(y_true.shape), len(y_pred.shape)
    if true == pred - 1 and y_pred.shape[-1] == 1:
        return ops.expand_dims(y_true, -1), y_pred
    if true == pred + 1 and y_true.shape[-1] == 1:
        return (y_true, ops.expand_dims(y_pred, -1)) if pred == 1 else (ops.squeeze(y_true, -1), y_pred)
    return y_true, y_pred


def same_rank(y_true: Any, y_pred: Any, where: str = "loss") -> tuple[Any, Any]:
    """Targets and outputs of one rank, which broadcast; raises ValueError for others."""
    y_true, y_pred = squeezed(y_true, y_pred)
    a, b = tuple(y_true.shape), tuple(y_pred.shape)
    if len(a) != len(b) or any(m is not None and n is not None and m != n and 1 not in (m, n) for m, n in zip(a, b, strict=True)):
        raise invalid(where, f"targets of shape {a} do not fit outputs of shape {b}")
    return y_true, y_pred


# --- targets on the host, before training ---------------------------------------------------------------------------------


def check_unit(name: str, y_true: Any) -> None:
    """Raise ValueError for targets outside [0, 1]."""
    if y_true.size:
        low, high = np.min(y_true), np.max(y_true)
        if not (low >= 0 and high <= 1):  # NaN is not inside either
            raise invalid(name, f"targets must lie in [0, 1], got {low} to {high}")


def check_distributions(name: str, y_true: Any, shape: Any, axis: int, instead: str) -> None:
    """Raise ValueError for targets that are no one-hot labels for outputs of `shape`; `instead` takes integer ones."""
    if y_true.ndim == len(shape) - 1 > 1 and shape[-1] == 1 and axis == -1:
        shape = shape[:-1]  # see `of_vectors`
    if len(shape) > 1 and (y_true.ndim != len(shape) or shape[axis] not in (None, y_true.shape[axis])):
        hint = f"; for integer labels use {instead}" if y_true.ndim < len(shape) or y_true.shape[-1] == 1 else ""
        raise invalid(name, f"targets of shape {y_true.shape} do not fit outputs of shape {tuple(shape)}{hint}")
    if not np.all(np.isfinite(y_true)):
        raise invalid(name, "the targets have NaN or infinity")


def check_labels(name: str, y_true: Any, shape: Any, axis: int, instead: str, ignored: int | None = None) -> None:
    """Raise ValueError for targets that are no integer labels of the classes on `axis`; `instead` takes one-hot ones."""
    classes = shape[axis]
    if y_true.ndim == len(shape) and y_true.shape[-1] == classes and classes not in (None, 1):
        raise invalid(name, f"targets of shape {y_true.shape} look one-hot; {instead}give integer labels")
    labels = y_true if ignored is None else y_true[y_true != ignored]
    if classes is not None and labels.size and not (labels.min() >= 0 and labels.max() < classes):  # NaN is not inside either
        raise invalid(name, f"labels must lie in 0 to {classes - 1} for outputs of shape {tuple(shape)}, "
                            f"got {labels.min()} to {labels.max()}")
