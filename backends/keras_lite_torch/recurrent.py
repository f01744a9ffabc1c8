"""A whole LSTM by one kernel of oneDNN."""

from __future__ import annotations

from typing import TypeAlias

import torch

Tensor: TypeAlias = torch.Tensor

_LSTM = 2  # torch's number of the kind of network


def lstm(x: Tensor, hidden: Tensor, cell: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor | None = None,
         mask: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """The kernel of `torch.nn.LSTM` on a CPU: three fifths of the time of the recorded loop, forward and backward."""
    tensors = [x, hidden, cell, kernel, recurrent_kernel, *([] if bias is None else [bias])]
    served = torch.backends.mkldnn.is_available() and all(t.dtype is torch.float32 and t.is_cpu and t.numel() for t in tensors)
    if mask is not None or not served or not _fit(*tensors) or torch._C._functorch.maybe_current_level() is not None:
        return NotImplemented
    trained = torch.is_grad_enabled() and any(t.requires_grad for t in tensors)
    zeros = kernel.new_zeros(kernel.shape[1])  # torch adds two biases
    weights = [t.contiguous() for t in (kernel.mT, recurrent_kernel.mT, zeros if bias is None else bias, zeros)]
    outputs, hidden, cell, _ = torch.mkldnn_rnn_layer(  # which reads its arguments as if they were contiguous
        x.contiguous(), *weights, hidden.contiguous(), cell.contiguous(), reverse=False, batch_sizes=[], mode=_LSTM,
        hidden_size=hidden.shape[1], num_layers=1, has_biases=True, bidirectional=False, batch_first=False, train=trained)
    return outputs, hidden, cell


def _fit(x: Tensor, hidden: Tensor, cell: Tensor, kernel: Tensor, recurrent_kernel: Tensor, *bias: Tensor) -> bool:
    """Whether the shapes are those of the op: the kernel does not look."""
    if x.ndim != 3 or hidden.ndim != 2:
        return False
    (_, batch, features), units = x.shape, hidden.shape[1]
    shapes = [(batch, units), (batch, units), (features, 4 * units), (units, 4 * units), (4 * units,)]
    return all(t.shape == shape for t, shape in zip((hidden, cell, kernel, recurrent_kernel, *bias), shapes, strict=False))
