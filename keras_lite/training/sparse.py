"""Sparse data on the host: rows are taken from it as from a NumPy array."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np


class SparseArray:
    """`values` at `indices` (n, rank), sorted by row, of an array of `shape` that is zero elsewhere; equal places add up.

    >>> x = SparseArray.of(np.array([[2, 0], [0, 1]]), np.array([5.0, 7.0]), (3, 4))
    >>> x[1:].indices.tolist(), x[[0, 0]].values.tolist(), len(x[:0])
    ([[1, 0]], [7.0, 7.0], 0)
    """

    def __init__(self, indices: np.ndarray, values: np.ndarray, shape: tuple[int, ...]):
        self.indices, self.values, self.shape = indices, values, shape
        self.dtype, self.ndim, self.size, self.nbytes = values.dtype, len(shape), values.size, values.nbytes + indices.nbytes

    @classmethod
    def of(cls, indices: Any, values: Any, shape: Any) -> SparseArray:
        """One with indices in any order."""
        indices, values = np.asarray(indices, "int64"), np.asarray(values)
        order = np.lexsort(indices.T[::-1])
        return cls(indices[order], values[order], tuple(int(n) for n in shape))

    def astype(self, dtype: Any) -> SparseArray:
        return SparseArray(self.indices, self.values.astype(dtype), self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    @functools.cached_property
    def _starts(self) -> np.ndarray:
        """Where the entries of each row begin, and the end."""
        return np.searchsorted(self.indices[:, 0], np.arange(len(self) + 1))

    def __getitem__(self, rows: Any) -> SparseArray:
        rows = np.arange(len(self))[rows]
        counts = self._starts[rows + 1] - self._starts[rows]
        ends = np.cumsum(counts)
        places = np.arange(counts.sum()) + np.repeat(self._starts[rows] - (ends - counts), counts)
        indices = self.indices[places]
        indices[:, 0] = np.repeat(np.arange(len(rows)), counts)
        return SparseArray(indices, self.values[places], (len(rows), *self.shape[1:]))

    @property
    def capacity(self) -> int:
        """A power of two that holds all entries: so few programs serve batches of any number of them."""
        return 1 << (self.size - 1).bit_length() if self.size else 0

    def filled(self, capacity: int) -> tuple[np.ndarray, np.ndarray]:
        """So many indices and values; those that fill up stand outside of the shape."""
        more = capacity - self.size
        outside = np.full((more, self.ndim), self.shape, "int64")
        return np.concatenate([self.indices, outside]), np.concatenate([self.values, np.zeros(more, self.dtype)])


def host_sparse(x: Any, owner: Any) -> SparseArray | None:
    """A sparse tensor of the engine `owner`, or a matrix of scipy.sparse, on the host; None for anything else."""
    if owner is not None and owner.is_sparse(x):
        from keras_lite.ops.data import refused

        if not hasattr(owner, "sparse_parts"):
            raise refused(owner, x)
        indices, values, shape = owner.sparse_parts(x)
        return SparseArray.of(owner.to_numpy(indices), owner.to_numpy(values), shape)
    if owner is None and hasattr(x, "tocoo"):
        x = x.tocoo()
        return SparseArray.of(np.stack([x.row, x.col], 1), x.data, x.shape)
    return x if isinstance(x, SparseArray) else None
