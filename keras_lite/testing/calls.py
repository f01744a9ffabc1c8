"""A sample made concrete: its arrays drawn, ready to be filled with the tensors of an engine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, is_integer
from keras_lite.ops.sample import Array, Sample
from keras_lite.ops.table import Record
from keras_lite.state import tree


@dataclass(frozen=True, eq=False)
class Call:
    """One call of an op: a sample with `arrays` in the places of its `Array`s."""

    record: Record
    index: int
    sample: Sample
    arrays: tuple[np.ndarray, ...]

    def filled(self, tensors: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and keyword arguments with `tensors` in the places of the arrays."""
        rest = iter(tensors)
        nest = (self.sample.args, self.sample.kwargs)
        return tree.pack_as(nest, [next(rest) if isinstance(x, Array) else x for x in tree.flatten(nest)])

    @property
    def floats(self) -> list[int]:
        """Positions of the float arrays among `arrays`: those that have a gradient."""
        return [i for i, x in enumerate(self.arrays) if is_float(x.dtype.name)]


def places(sample: Sample) -> list[Array]:
    """The `Array`s of a sample, in the order of `Call.arrays`."""
    return [x for x in tree.flatten((sample.args, sample.kwargs)) if isinstance(x, Array)]


def make_call(record: Record, index: int, dtype: str | None = None) -> Call:
    """The call of sample `index`; `dtype` replaces that of the `leading` arrays."""
    sample = record.samples[index]
    declared = places(sample)
    swept = {id(x) for x in leading(declared)} if dtype else ()
    arrays = (x.make(f"{record.name}[{index}].{i}", dtype if id(x) in swept else None) for i, x in enumerate(declared))
    return Call(record, index, sample, tuple(arrays))


def leading(arrays: list[Array]) -> list[Array]:
    """The arrays whose dtype the sweep replaces: the floats if there are some, else the integers, else the bools."""
    for kind in (is_float, is_integer, lambda dtype: dtype == "bool"):
        found = [x for x in arrays if kind(x.dtype)]
        if found:
            return found
    return []


def to_tensors(engine: Any, arrays: Any) -> list[Any]:
    """The arrays as tensors of `engine`, each in its own dtype."""
    return [engine.convert(x, x.dtype.name) for x in arrays]


def invoke(engine: Any, call: Call, tensors: Any) -> Any:
    """The op's result on `engine`."""
    args, kwargs = call.filled(tensors)
    with registry.using(engine):
        return call.record.function(*args, **kwargs)


@contextlib.contextmanager
def wide(engine: Any, arrays: Any) -> Iterator[bool]:
    """Scope in which `engine` keeps the dtypes of `arrays`; says whether it does.

    An engine that narrows dtypes by default may offer `wide_dtypes()`, a context manager in which it does not.
    """
    dtypes = {x.dtype.name for x in arrays}
    narrowed = any(engine.canonical_dtype(dtype) != dtype for dtype in dtypes)
    with getattr(engine, "wide_dtypes", contextlib.nullcontext)() if narrowed else contextlib.nullcontext():
        yield all(engine.canonical_dtype(dtype) == dtype for dtype in dtypes)


@contextlib.contextmanager
def composites_only(engine: Any) -> Iterator[None]:
    """Scope in which `engine` uses none of its natives."""
    natives, engine.natives = engine.natives, {}
    try:
        yield
    finally:
        engine.natives = natives
