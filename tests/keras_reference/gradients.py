"""The gradients of Keras's layers, computed by Keras on PyTorch or JAX in a process of its own (a process has one backend of Keras).

`python -m tests.keras_reference.gradients BACKEND FILE` writes them for its cases: JAX has those that differ on PyTorch.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

import numpy as np

from keras_lite.state import tree
from keras_lite.testing.layer_cases import CASES, Case, weights


def cotangent(number: int, shape: Any) -> np.ndarray:
    """The factors of the sum that is differentiated."""
    return np.random.default_rng(100 + number).normal(size=tuple(shape)).astype("float32")


def backend_of(case: Case) -> str:
    """The backend by which the gradients of a case are computed."""
    counted = case.cls.startswith("Average") and case.args.get("padding") == "same"  # on PyTorch Keras counts the padding there
    return "jax" if "torch" in case.unlike or counted else "torch"


def _built(keras: Any, case: Case) -> Any:
    layer = case.build(case.make(keras.layers, name="layer"))
    layer.set_weights(weights(layer))
    return layer


def _by_torch(keras: Any, case: Case) -> list[np.ndarray]:
    import torch

    layer = _built(keras, case)

    def tensor(x: Any) -> Any:
        return torch.tensor(x, requires_grad=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x

    args, kwargs = tree.map_structure(tensor, case.data())
    inputs = [x for x in tree.flatten((args, kwargs)) if isinstance(x, torch.Tensor) and x.requires_grad]
    outputs = keras.tree.flatten(layer(*args, **kwargs))
    total = sum((y.float() * torch.tensor(cotangent(i, y.shape))).sum() for i, y in enumerate(outputs))
    leaves = [*inputs, *(v.value for v in layer.trainable_variables)]
    if not getattr(total, "requires_grad", False):
        return [np.zeros(x.shape, "float32") for x in leaves]
    found = torch.autograd.grad(total, leaves, allow_unused=True)
    return [np.zeros(x.shape, "float32") if g is None else g.float().numpy() for x, g in zip(leaves, found, strict=True)]


def _by_jax(keras: Any, case: Case) -> list[np.ndarray]:
    import jax

    layer = _built(keras, case)
    nest = case.data()
    leaves = tree.flatten(nest)
    places = [i for i, x in enumerate(leaves) if isinstance(x, np.ndarray) and x.dtype.kind == "f"]

    def total(inputs: list[Any], variables: list[Any]) -> Any:
        filled = dict(enumerate(leaves)) | dict(zip(places, inputs, strict=True))
        args, kwargs = tree.pack_as(nest, list(filled.values()))
        outputs, _ = layer.stateless_call(variables, [v.value for v in layer.non_trainable_variables], *args, **kwargs)
        return sum((y.astype("float32") * cotangent(i, y.shape)).sum() for i, y in enumerate(keras.tree.flatten(outputs)))

    variables = [v.value for v in layer.trainable_variables]
    inputs, by_variables = jax.grad(total, (0, 1))([leaves[i] for i in places], variables)
    return [np.asarray(g, "float32") for g in [*inputs, *by_variables]]


def main(backend: str, path: str) -> None:
    os.environ["KERAS_BACKEND"] = backend
    warnings.simplefilter("ignore")
    import keras

    found = {}
    for i, case in enumerate(CASES):
        is_here = hasattr(keras.layers, case.cls) and backend_of(case) == backend
        if is_here and "gradient" not in case.unlike and "output" not in case.unlike:
            try:
                gradients = (_by_torch if backend == "torch" else _by_jax)(keras, case)
                found |= {f"{i}/{k}": g for k, g in enumerate(gradients)}
            except Exception as error:  # told by the test of the case
                found[f"{i}/error"] = np.array(f"{type(error).__name__}: {error}"[:500])
    np.savez(path, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
