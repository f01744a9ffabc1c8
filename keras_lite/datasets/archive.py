"""Reading `.npz` files without trusting them: no pickles, and each array's name, shape and dtype is checked."""

from __future__ import annotations

import pathlib
import zipfile
import zlib
from typing import Any

import numpy as np

from keras_lite.engine.errors import invalid

Pair = tuple[np.ndarray, np.ndarray]
Split = tuple[Pair, Pair]
Expected = dict[str, tuple[tuple[int | None, ...], Any]]


def read_arrays(where: str, path: pathlib.Path, expected: Expected) -> dict[str, np.ndarray]:
    """The arrays that `expected` names, each with the shape (None: any size) and the dtype it gives."""
    try:
        if not zipfile.is_zipfile(path):
            raise ValueError("it is no zip archive, or not all of one")
        with np.load(path, allow_pickle=False) as archive:
            missing = sorted(set(expected) - set(archive.files))
            if missing:
                raise ValueError(f"it has no {', '.join(missing)}; it has {', '.join(archive.files) or 'nothing'}")
            arrays = {name: archive[name] for name in expected}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:  # damaged, or a pickle
        raise invalid(where, f"{path} is not an .npz file of {', '.join(expected)}: {error}") from None
    for name, (shape, dtype) in expected.items():
        got = arrays[name]
        fits = got.ndim == len(shape) and all(want in (None, size) for want, size in zip(shape, got.shape, strict=True))
        if not fits or got.dtype != dtype:
            wanted = ", ".join("n" if size is None else str(size) for size in shape)
            raise invalid(where, f"{name} in {path} must be ({wanted}) {np.dtype(dtype)}, got {got.shape} {got.dtype}")
    return arrays


def check_pairs(where: str, path: pathlib.Path, split: Split, classes: int) -> None:
    """Each part must have images, as many labels, and labels below `classes`."""
    for part, (x, y) in zip(("train", "test"), split, strict=True):
        if not len(x) or len(x) != len(y):
            raise invalid(where, f"{path} has {len(x)} images and {len(y)} labels to {part} with")
        if y.max() >= classes:
            raise invalid(where, f"labels in {path} must be below {classes}, got {y.max()} at y_{part}[{y.argmax()}]")
