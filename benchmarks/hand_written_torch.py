"""The loop that one writes by hand in PyTorch: an eager module, `torch.optim.Adam`, batches cut from tensors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn


class Last(nn.Module):
    """The last hidden state of a recurrent module."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x)[0][:, -1]


def make(model: str, x: np.ndarray, y: np.ndarray, batch: int, threads: int) -> Callable[[], None]:
    """A pass over the data."""
    torch.set_num_threads(threads)
    if model == "mlp":
        net = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
        images = torch.from_numpy(x)
    elif model in ("lstm", "gru"):
        net = nn.Sequential(Last((nn.LSTM if model == "lstm" else nn.GRU)(64, 128, batch_first=True)), nn.Linear(128, 10))
        images = torch.from_numpy(x)
    else:
        net = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
                            nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10))
        images = torch.from_numpy(x.transpose(0, 3, 1, 2).copy())
    labels = torch.from_numpy(y)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()

    def run() -> None:
        net.train()
        order = torch.randperm(len(images))
        loss_sum, hits = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for i in range(0, len(images), batch):
            rows = order[i:i + batch]
            target = labels[rows]
            optimizer.zero_grad(set_to_none=True)
            logits = net(images[rows])
            loss = criterion(logits, target)
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach()
            hits += (logits.detach().argmax(-1) == target.argmax(-1)).sum()
        float(loss_sum)

    return run
