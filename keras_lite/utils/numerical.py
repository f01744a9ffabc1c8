"""Preparing data: one-hot labels, unit vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, wrong_type


def _is_host_data(x: Any) -> bool:
    """Whether `x` is NumPy data, a number or a list: then the answer is a NumPy array, whatever the engine."""
    if isinstance(x, (list, tuple)):
        return registry.engine_of(x) is None
    return isinstance(x, (np.ndarray, np.generic, int, float)) or registry.engine_of((x,)) is None


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """One-hot rows of class numbers; a last axis of size 1 of `x` is replaced, else an axis is added.

    Args:
        x: whole numbers, 0 <= x < num_classes, of any shape.  NumPy data, numbers and lists give a NumPy array, float64;
            a tensor of an engine gives a tensor in `floatx`.
        num_classes: size of the new axis; without it, the largest label + 1 (for a tensor it must be given).

    Raises:
        ValueError: a label is out of range (tensors are not searched: there such a row is all zeros), or `num_classes` is
            missing where it can't be found out.

    >>> to_categorical([0, 2]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if num_classes is not None and num_classes < 1:
        raise invalid("to_categorical", f"num_classes must be at least 1, got {num_classes}")
    if _is_host_data(x):
        labels = _labels(np.asarray(x))
        if num_classes is None and not labels.size:
            raise invalid("to_categorical", f"labels of shape {labels.shape} are empty: give num_classes")
        return _one_hot(labels, int(labels.max()) + 1 if num_classes is None else num_classes)
    if num_classes is None:
        raise invalid("to_categorical", "give num_classes with a tensor: only NumPy data is searched for the largest label")
    from keras_lite import ops

    shape = tuple(x.shape)
    return ops.one_hot(ops.cast(ops.squeeze(x, -1) if len(shape) > 1 and shape[-1] == 1 else x, "int32"), num_classes)


def _labels(x: np.ndarray) -> np.ndarray:
    """Class numbers as int64, without a last axis of size 1."""
    if x.dtype.kind not in "biuf":
        raise wrong_type("to_categorical", f"labels must be whole numbers, got {x.dtype} values such as {x.ravel()[:3].tolist()}")
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        raise invalid("to_categorical", f"labels must be finite, got {x[~np.isfinite(x)][0]}")
    if x.ndim > 1 and x.shape[-1] == 1:
        x = x[..., 0]
    return x.astype(np.int64)


def _one_hot(labels: np.ndarray, num_classes: int) -> np.ndarray:
    outside = (labels < 0) | (labels >= num_classes)
    if outside.any():
        place = tuple(int(i) for i in np.argwhere(outside)[0])
        raise invalid("to_categorical", f"labels must be from 0 to {num_classes - 1} for {num_classes} classes, "
                                        f"got {labels[place]} at {place} and {np.count_nonzero(outside) - 1} more")
    rows = np.zeros((*labels.shape, num_classes))
    np.put_along_axis(rows, labels[..., None], 1, axis=-1)
    return rows


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """`x` divided by its norm along `axis`; where the norm is 0, `x` as it is.

    Args:
        x: NumPy data, numbers and lists give a NumPy array (integers become float64); a tensor of an engine gives a tensor.
        axis: the axis of the vectors.
        order: of the norm, 2 for Euclidean; as in `numpy.linalg.norm` for NumPy data, an int >= 1 for tensors.

    >>> normalize([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    if not _is_host_data(x):
        from keras_lite import ops

        return ops.normalize(x, axis=axis, order=order)
    x = np.atleast_1d(x)
    if not -x.ndim <= axis < x.ndim:
        raise invalid("normalize", f"axis {axis} is out of range for shape {x.shape}")
    norm = np.atleast_1d(np.linalg.norm(x, order, axis, keepdims=True))
    norm[norm == 0] = 1
    return x / norm
