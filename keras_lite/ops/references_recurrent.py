"""What the recurrent networks of `ops/recurrent.py` compute, in NumPy's float64."""

from __future__ import annotations

import numpy as np


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -x))


def lstm(x: np.ndarray, hidden: np.ndarray, cell: np.ndarray, kernel: np.ndarray, recurrent_kernel: np.ndarray,
         bias: np.ndarray | None = None, mask: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """`ops.lstm`."""
    outputs = np.zeros((len(x), *hidden.shape))
    for t, row in enumerate(x):
        sums = row @ kernel + hidden @ recurrent_kernel + (0 if bias is None else bias)
        i, f, g, o = np.split(sums, 4, axis=-1)
        new = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
        on = True if mask is None else mask[t][:, None]
        cell, hidden = np.where(on, new, cell), np.where(on, _sigmoid(o) * np.tanh(new), hidden)
        outputs[t] = hidden
    return outputs, hidden, cell


def gru(x: np.ndarray, hidden: np.ndarray, kernel: np.ndarray, recurrent_kernel: np.ndarray, bias: np.ndarray | None = None,
        recurrent_bias: np.ndarray | None = None, mask: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """`ops.gru`."""
    outputs = np.zeros((len(x), *hidden.shape))
    for t, row in enumerate(x):
        xz, xr, xh = np.split(row @ kernel + (0 if bias is None else bias), 3, axis=-1)
        hz, hr, hh = np.split(hidden @ recurrent_kernel + (0 if recurrent_bias is None else recurrent_bias), 3, axis=-1)
        z = _sigmoid(xz + hz)
        new = z * hidden + (1 - z) * np.tanh(xh + _sigmoid(xr + hr) * hh)
        hidden = outputs[t] = new if mask is None else np.where(mask[t][:, None], new, hidden)
    return outputs, hidden
