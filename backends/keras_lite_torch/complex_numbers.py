"""Complex numbers, Fourier transforms and bits."""

from __future__ import annotations

from typing import TypeAlias

import torch

from keras_lite_torch.tensors import torch_dtype

Tensor: TypeAlias = torch.Tensor


def real(x: Tensor) -> Tensor:
    return torch.view_as_real(x.resolve_conj())[..., 0]


def imag(x: Tensor) -> Tensor:
    return torch.view_as_real(x.resolve_conj())[..., 1]


def make_complex(real: Tensor, imag: Tensor) -> Tensor:
    return torch.complex(*torch.broadcast_tensors(real, imag))


def fourier(real: Tensor, imag: Tensor) -> tuple[Tensor, Tensor]:
    first, second = torch.view_as_real(torch.fft.fft(torch.complex(real, imag))).unbind(-1)
    return first, second


def real_fourier(x: Tensor) -> tuple[Tensor, Tensor]:
    first, second = torch.view_as_real(torch.fft.rfft(x)).unbind(-1)
    return first, second


def bitcast(x: Tensor, dtype: str) -> Tensor:
    wanted = torch_dtype(dtype)
    if not x.numel():  # which torch measures by strides
        ratio = x.dtype.itemsize / wanted.itemsize
        return x.new_empty((*x.shape[:-1], int(x.shape[-1] * ratio)) if x.ndim else (), dtype=wanted)
    return x.detach().resolve_conj().resolve_neg().contiguous().view(wanted).clone()
