"""Weights in a `.npz` file: one array for each variable, named by its place and path."""

from __future__ import annotations

import difflib
import os
import pathlib
import struct
import zipfile
import zlib
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import numpy_dtype
from keras_lite.engine.errors import invalid, no_file, not_there, unknown_arguments
from keras_lite.utils.files import replacing


def checked(what: str, filepath: Any) -> pathlib.Path:
    """`filepath` as a path, if it is one for a file of weights."""
    path = pathlib.Path(os.fspath(filepath))
    if path.suffix != ".npz":
        other = path.parent / (path.stem.removesuffix(".weights") + ".npz")
        raise not_there(what, f"only .npz files of weights so far, got {str(path)!r}; {str(other)!r} would do")
    return path


def save(model: Any, filepath: Any, overwrite: bool = True, max_shard_size: Any = None) -> None:
    """`Model.save_weights`: a temporary file beside the target, synced, then renamed; an old file survives any failure."""
    path = checked("save_weights", filepath)
    if max_shard_size is not None:
        raise not_there("save_weights", "max_shard_size is for .weights.h5 files")
    if not model.built:
        raise invalid("save_weights", f"{model.name} has no weights before it is built")
    if path.exists() and not overwrite:
        raise invalid("save_weights", f"{path} exists; pass overwrite=True to replace it")
    arrays = {f"{i:04d}:{v.dtype}:{v.path}": _plain(v.numpy()) for i, v in enumerate(model.weights)}
    with replacing(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # mypy takes the arrays for `allow_pickle` too


def _plain(array: np.ndarray) -> np.ndarray:
    """Dtypes that NumPy's file format does not know are kept as their bits."""
    return array if array.dtype.isbuiltin == 1 else array.view(f"uint{8 * array.dtype.itemsize}")


def load(model: Any, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
    """`Model.load_weights`: all shapes are checked before the first variable is changed."""
    if kwargs:
        raise unknown_arguments("load_weights", kwargs, model.load_weights, invalid)
    path = checked("load_weights", filepath)
    variables = model.weights
    if not model.built:
        raise invalid("load_weights", f"{model.name} has no weights before it is built")
    if not path.is_file():
        raise no_file("load_weights", f"there is no file {str(path.absolute())!r}; {_others(path)}")
    try:
        with open(path, "rb") as opened, np.lib.npyio.NpzFile(opened, allow_pickle=False) as file:
            stored = [_restored(key, file[key]) for key in sorted(file.files)]
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, KeyError, EOFError, NotImplementedError) as error:
        raise invalid("load_weights", f"{path} is not a file of weights: {error}") from None
    if len(stored) != len(variables) and not skip_mismatch:
        raise invalid("load_weights", f"{path} has {len(stored)} arrays, {model.name} has {len(variables)} variables")
    fits = [name == v.path.rpartition("/")[2] and a.shape == v.shape for v, (name, a) in zip(variables, stored, strict=False)]
    if not all(fits) and not skip_mismatch:
        wrong = [f"{v.path} {v.shape} <- {n} {a.shape}" for v, (n, a), ok in zip(variables, stored, fits, strict=False) if not ok]
        raise invalid("load_weights", f"{path} does not fit {model.name}: {'; '.join(wrong[:5])}")
    for variable, (_, array), ok in zip(variables, stored, fits, strict=False):
        if ok:
            variable.assign(array)


def _others(path: pathlib.Path) -> str:
    """What is there in place of a file."""
    if not path.parent.is_dir():
        return f"the folder {path.parent.name!r} does not exist either"
    names = sorted(other.name for other in path.parent.glob(f"*{path.suffix}"))
    if not names:
        return f"its folder has no {path.suffix} files"
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0)
    return f"its folder has {', '.join(map(repr, near))}" + (f" and {len(names) - 3} more {path.suffix} files" if len(names) > 3 else "")


def _restored(key: str, array: np.ndarray) -> tuple[str, np.ndarray]:
    """The last part of the variable's path, and its array in its own dtype."""
    _, dtype, path = key.split(":", 2)
    own = numpy_dtype(dtype)
    return path.rpartition("/")[2], array if array.dtype == own else array.view(own)
