"""InputSpec: what shape and dtype a layer accepts."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import standardize


class InputSpec:
    """Rank, shape and sizes that an input must have.

    Args:
        dtype: expected dtype.
        shape: expected shape, None for any size.
        ndim, max_ndim, min_ndim: expected rank, and its bounds.
        axes: expected size by axis.
        allow_last_axis_squeeze: accept a missing or additional last axis of size 1.
        name: name of the input, for messages.
        optional: the input may be None.
    """

    def __init__(self, dtype: Any = None, shape: Any = None, ndim: int | None = None, max_ndim: int | None = None,
                 min_ndim: int | None = None, axes: dict[int, Any] | None = None, allow_last_axis_squeeze: bool = False,
                 name: str | None = None, optional: bool = False):
        self.dtype = None if dtype is None else standardize(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(k): v for k, v in (axes or {}).items()}
        self.allow_last_axis_squeeze, self.name, self.optional = allow_last_axis_squeeze, name, optional

    def problem(self, shape: Any, dtype: Any = None) -> str | None:
        """What is wrong with an input of this shape and dtype; None if nothing is."""
        if shape is None:
            return None
        rank = len(shape)
        squeezed = self.allow_last_axis_squeeze and self.shape is not None and rank == len(self.shape) + 1 and shape[-1] == 1
        if squeezed:
            shape, rank = shape[:-1], rank - 1
        if self.ndim is not None and rank != self.ndim and not self.allow_last_axis_squeeze:
            return f"expects rank {self.ndim}"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"expects rank {self.max_ndim} or less"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"expects rank {self.min_ndim} or more"
        if self.dtype is not None and dtype is not None and standardize(dtype) != self.dtype:
            return f"expects dtype {self.dtype} (not {standardize(dtype)})"
        for axis, size in self.axes.items():
            if size is not None and -rank <= axis < rank and shape[axis] not in (None, size):
                return f"expects size {size} on axis {axis}"
        if self.shape is not None and any(a is not None and b is not None and a != b for a, b in zip(self.shape, shape, strict=False)):
            return f"expects shape {self.shape}"
        return None

    def get_config(self) -> dict[str, Any]:
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        return cls(**config)

    def __repr__(self) -> str:
        given = {k: v for k, v in vars(self).items() if v}
        return f"InputSpec({', '.join(f'{k}={v!r}' for k, v in given.items())})"
