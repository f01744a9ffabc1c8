"""The gradients of Keras's layers, computed by Keras on PyTorch in a process of its own (a process has one backend of Keras).

`python -m tests.keras_reference.gradients FILE` writes them for all cases.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

import numpy as np

from keras_lite.testing.layer_cases import CASES, Case, weights


def cotangent(number: int, shape: Any) -> np.ndarray:
    """The factors of the sum that is differentiated."""
    return np.random.default_rng(100 + number).normal(size=tuple(shape)).astype("float32")


def _gradients(keras: Any, torch: Any, case: Case) -> list[np.ndarray]:
    layer = case.build(case.make(keras.layers, name="layer"))
    layer.set_weights(weights(layer))
    inputs: list[Any] = []

    def tensor(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            x = torch.tensor(x, requires_grad=x.dtype.kind == "f")
            inputs.extend([x] if x.requires_grad else [])
        return x

    args, kwargs = keras.tree.map_structure(tensor, case.data())
    outputs = keras.tree.flatten(layer(*args, **kwargs))
    total = sum((y.float() * torch.tensor(cotangent(i, y.shape))).sum() for i, y in enumerate(outputs))
    leaves = [*inputs, *(v.value for v in layer.trainable_variables)]
    if not getattr(total, "requires_grad", False):
        return [np.zeros(x.shape, "float32") for x in leaves]
    found = torch.autograd.grad(total, leaves, allow_unused=True)
    return [np.zeros(x.shape, "float32") if g is None else g.float().numpy() for x, g in zip(leaves, found, strict=True)]


def main(path: str) -> None:
    os.environ["KERAS_BACKEND"] = "torch"
    warnings.simplefilter("ignore")
    import keras
    import torch

    torch.set_num_threads(1)
    found = {}
    for i, case in enumerate(CASES):
        if "gradient" not in case.unlike and "output" not in case.unlike:
            try:
                found |= {f"{i}/{k}": g for k, g in enumerate(_gradients(keras, torch, case))}
            except Exception as error:  # told by the test of the case
                found[f"{i}/error"] = np.array(f"{type(error).__name__}: {error}"[:500])
    np.savez(path, **found)


if __name__ == "__main__":
    main(sys.argv[1])
