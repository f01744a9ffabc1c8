"""From what users pass to batches: arrays (in memory, shuffled by index) and iterables of batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.dtypes import ALL, is_float, standardize
from keras_lite.engine.errors import invalid, warn, wrong_type
from keras_lite.ops.data import no_sparse
from keras_lite.state import tree
from keras_lite.symbolic.spec import KerasTensor
from keras_lite.training.sparse import SparseArray, host_sparse

MANY = 6  # arrays that a message names one by one
RESIDENT_BYTES = 2**30  # arrays up to this size together are put on the device once, and batches are gathered there


def pack(x: Any, y: Any = None, sample_weight: Any = None) -> tuple[Any, ...]:
    """(x,), (x, y) or (x, y, sample_weight): what a batch is."""
    if sample_weight is not None:
        return x, y, sample_weight
    return (x,) if y is None else (x, y)


def unpack(data: Any) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of a batch, None where it has none."""
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise invalid("data", f"a batch must be x, (x, y) or (x, y, sample_weight), got a tuple of {len(data)}")
    return (*data, *(None,) * (3 - len(data)))


class Feed:
    """Batches straight from the host: the source is the batch itself, flattened; a sparse array is its indices and its values.

    A leaf is described by shape and dtype, a sparse one by the number of entries too.
    """

    def __init__(self, batch: Any, engine: Any):
        leaves = [None if x is None else _spec_of(x, engine) for x in tree.flatten(batch)]
        self._structure, self._leaves = batch, leaves

    def specs(self) -> Any:
        """A batch of specs."""
        return tree.pack_as(self._structure, [None if s is None else KerasTensor.spec(s[0], s[1], len(s) > 2) for s in self._leaves])

    def key(self) -> Any:
        """Equal for feeds that can use the same program."""
        return type(self).__name__, _form(self._structure), tuple(self._leaves)

    def source(self, batch: Any, engine: Any) -> list[Any]:
        """The source for one batch."""
        pairs = zip(tree.flatten(batch), self._leaves, strict=True)
        return [part for x, spec in pairs if spec is not None for part in _to_device(x, spec, engine)]

    def take(self, engine: Any, source: list[Any], index: Any) -> Any:
        """The batch number `index` of a source."""
        rest = iter(source)
        return tree.pack_as(self._structure, [None if spec is None else next(rest) if len(spec) == 2
                                              else engine.make_sparse(next(rest), next(rest), spec[0]) for spec in self._leaves])


class ResidentFeed(Feed):
    """Batches gathered on the device: the source is the order of the rows and the whole arrays."""

    def __init__(self, data: Any, engine: Any, size: int, stride: int):
        super().__init__(data, engine)
        self._size, self._stride = size, stride
        self._leaves = [None if s is None else ((size, *s[0][1:]), s[1]) for s in self._leaves]

    def key(self) -> Any:
        return (*super().key(), self._stride)

    def take(self, engine: Any, source: list[Any], index: Any) -> Any:
        order, *arrays = source
        rows = engine.dynamic_slice(order, [engine.multiply(index, self._stride)], (self._size,))
        return super().take(engine, [engine.gather(x, rows, 0) for x in arrays], index)


def _form(x: Any) -> str:
    """The nesting of a structure as text."""
    if isinstance(x, dict):
        return "{" + ",".join(f"{k}:{_form(x[k])}" for k in sorted(x)) + "}"
    if isinstance(x, (list, tuple)):
        return f"{type(x).__name__}({','.join(map(_form, x))})"
    return "-" if x is None else "*"


def _dtype_of(x: Any) -> str:
    return standardize(x.dtype)


def _spec_of(x: Any, engine: Any) -> tuple[Any, ...]:
    spec = tuple(int(n) for n in x.shape), engine.canonical_dtype(_dtype_of(x))
    if not isinstance(x, SparseArray):
        return spec
    if not hasattr(engine, "make_sparse"):
        raise no_sparse("data", engine)
    return (*spec, x.capacity)


def _to_device(x: Any, spec: tuple[Any, ...], engine: Any) -> list[Any]:
    if isinstance(x, SparseArray):
        indices, values = x.filled(spec[2])
        return [engine.convert(indices, engine.canonical_dtype("int64")), engine.convert(values, spec[1])]
    if engine.is_tensor(x) and not isinstance(x, np.ndarray):
        return [engine.cast(x, spec[1])]
    return [engine.convert(x, spec[1])]


def check_dtypes(batch: Any, engine: Any) -> None:
    """Raise ValueError for integers on the host that are too large for the dtype that the engine has for them."""
    from keras_lite.ops.data import check_range

    for name, part in zip(("x", "y", "sample_weight"), unpack(batch), strict=True):
        for array in tree.flatten(part):
            if array is not None and array.dtype.kind in "iu":
                values = array.values if isinstance(array, SparseArray) else array
                check_range(name, values, engine.canonical_dtype(_dtype_of(array)), getattr(engine, "how_to_widen", ""))


def as_arrays(what: str, nest: Any) -> Any:
    """`nest` with lists of numbers, pandas objects and foreign tensors as NumPy arrays, sparse ones as `SparseArray`; float64 narrowed
    to `floatx`."""
    from keras_lite import config

    def convert(x: Any) -> Any:
        if x is None:
            return None
        owner = registry.engine_of((x,))
        array: Any = host_sparse(x, owner)
        if array is None:
            array = np.asarray(owner.to_numpy(x) if owner is not None and not isinstance(x, np.ndarray) else x)
        elif not what.endswith(": x"):
            raise wrong_type(what, f"only inputs may be sparse, got {type(x).__name__} of shape {array.shape}; make it dense first")
        if array.dtype.name not in ALL:
            known = "expected numbers" if array.dtype.kind not in "fciu" else "expected numbers of a dtype that engines know"
            raise wrong_type(what, f"{known}, got an array of {array.dtype} (shape {array.shape})")
        if array.ndim == 0:
            raise invalid(what, f"expected arrays with a batch axis, got the scalar {x!r}")
        return array.astype(config.floatx()) if array.dtype == np.float64 else array

    if isinstance(nest, (list, tuple)) and nest and all(isinstance(x, (int, float, list, np.generic)) for x in nest):
        return convert(nest)  # a list of numbers, not of inputs
    return tree.map_structure(convert, nest)


class ArrayData:
    """Arrays of equal length, cut into batches of `batch_size`; the last one may be smaller.

    Raises ValueError for no rows, different lengths, and warns of NaN naming the array and the batch.
    """

    def __init__(self, x: Any, y: Any = None, sample_weight: Any = None, batch_size: int | None = None, where: str = "fit"):
        self.data = pack(as_arrays(f"{where}: x", x), as_arrays(f"{where}: y", y), as_arrays(f"{where}: sample_weight", sample_weight))
        self.batch_size, self.is_cut = 32, batch_size is not None
        if batch_size is not None:
            self.cut(whole_number(where, "batch_size", batch_size))
        names = [n for n, part in zip(("x", "y", "sample_weight"), self.data, strict=False) for _ in tree.flatten(part)]
        named = [(n, a) for n, a in zip(names, tree.flatten(self.data), strict=True) if a is not None]
        lengths = {len(a) for _, a in named}
        if len(lengths) > 1:
            raise invalid(where, f"arrays have different lengths: {_listed(named)}{_hint(x, y)}")
        self.rows = lengths.pop()
        if self.rows == 0:
            raise invalid(where, f"the data is empty: {_listed(named)}")
        for name, array in named:
            self._warn_of_nan(where, name, array)

    @property
    def is_sparse(self) -> bool:
        """Whether one of the arrays is sparse."""
        return any(isinstance(x, SparseArray) for x in tree.flatten(self.data))

    def _warn_of_nan(self, where: str, name: str, array: Any) -> None:
        sparse = isinstance(array, SparseArray)
        if array.size and is_float(_dtype_of(array)) and np.isnan((array.values if sparse else array).min()):
            rows = np.unique(array.indices[np.isnan(array.values), 0]) if sparse else np.flatnonzero(
                np.isnan(array.reshape(self.rows, -1).astype("float32").sum(1)))
            bad = len(rows)
            batch = f" (batch {rows[0] // self.batch_size} of {self.batch_size} before shuffling)" if self.is_cut else ""
            warn(f"{where}: {name} has NaN in {bad} of {self.rows} rows, first in row {rows[0]}{batch}")

    def cut(self, batch_size: int) -> None:
        """Make batches of so many rows."""
        self.batch_size, self.is_cut = batch_size, True

    @property
    def bytes(self) -> int:
        return sum(x.nbytes for x in tree.flatten(self.data) if x is not None)

    @property
    def batches(self) -> int:
        return -(-self.rows // self.batch_size)

    def batch(self, order: np.ndarray | None, index: int) -> Any:
        """Batch number `index`, with the rows in `order`."""
        cut = slice(index * self.batch_size, (index + 1) * self.batch_size)
        rows = cut if order is None else order[cut]
        return tree.map_structure(lambda a: None if a is None else a[rows], self.data)

    def split(self, fraction: float) -> tuple[ArrayData, ArrayData]:
        """The first rows, and the last `fraction` of them for validation."""
        if not 0 < fraction < 1:
            raise invalid("fit", f"validation_split must be between 0 and 1, got {fraction!r}")
        at = int(self.rows * (1 - fraction))
        if at == 0 or at == self.rows:
            raise invalid("fit", f"validation_split={fraction} of {self.rows} rows leaves one part empty")
        return self._part(slice(0, at)), self._part(slice(at, None))

    def _part(self, rows: slice) -> ArrayData:
        part = object.__new__(ArrayData)
        part.data = tree.map_structure(lambda a: None if a is None else a[rows], self.data)
        part.batch_size, part.is_cut = self.batch_size, self.is_cut
        part.rows = len(range(*rows.indices(self.rows)))
        return part


def _listed(named: list[tuple[str, np.ndarray]]) -> str:
    """Names and shapes of arrays, equal ones counted."""
    kinds = Counter(f"{name} {array.shape}" for name, array in named)
    shown = [kind if count == 1 else f"{count} arrays {kind}" for kind, count in kinds.items()]
    return ", ".join(shown[:MANY]) + (f" and {len(shown) - MANY} more" if len(shown) > MANY else "")


def _hint(x: Any, y: Any) -> str:
    """What may be wrong with a list of as many arrays as there are targets."""
    if isinstance(x, (list, tuple)) and hasattr(y, "__len__") and len(x) == len(y) > 1:
        return f"; the {len(x)} arrays in the list x are taken for as many inputs: if they are rows, stack them with numpy.stack(x)"
    return ""


def whole_number(where: str, name: str, value: Any, least: int = 1) -> int:
    """`value` as an int; raises ValueError for what is none or too small."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        kind = {0: "an int of at least 0", 1: "a positive int"}[least]
        raise invalid(where, f"{name} must be {kind}, got {value!r}")
    return int(value)


class IterData:
    """Batches from an iterable: a generator, a list of batches, a `PyDataset`, a loader of another library.

    A pass goes over the iterable once; a plain generator has only one.  `start` begins an epoch, `take` gives its batches.
    """

    batch_size: int | None = None
    rows: int | None = None

    def __init__(self, source: Any, where: str = "fit"):
        self.where = where
        self.batches: int | None = None
        self.has_end = True
        if hasattr(source, "__getitem__") and hasattr(source, "__len__"):
            self.batches = len(source)
            self._make: Callable[[], Iterator[Any]] = lambda: (source[i] for i in range(len(source)))
        elif hasattr(source, "__next__"):
            self._make = lambda: source
        else:
            self.batches = self._count(source)
            self._make = lambda: iter(source)
        self._source = source
        self._pass: Iterator[Any] = iter(())
        self._ahead: Any = None  # the batch of the pass that was looked at and not taken
        self._taken, self._may_renew = 0, False
        self.change: Callable[[Any], Any] = lambda batch: batch  # made of each batch

    def _count(self, source: Any) -> int | None:
        """The number of batches in a pass, None if it is not known."""
        try:
            return len(source) if hasattr(source, "__len__") else None
        except TypeError as error:  # a data set of TensorFlow says so where the number is unknown or infinite
            self.has_end = "infinite" not in str(error)
            return None

    def _batches(self) -> Iterator[Any]:
        """A pass: batches as (x,), (x, y) or (x, y, sample_weight) of arrays."""
        for batch in self._make():
            parts = zip(("x", "y", "sample_weight"), unpack(batch), strict=True)
            yield self.change(pack(*(as_arrays(f"{self.where}: {name}", part) for name, part in parts)))
        if hasattr(self._source, "on_epoch_end"):
            self._source.on_epoch_end()

    def start(self, go_on: bool = False) -> Any:
        """Begin an epoch: a new pass, or with `go_on` what the last epoch left of its pass.  Its first batch, None if there is none.

        A batch that was looked at before and not taken comes first.
        """
        if self._ahead is None and go_on:
            self._ahead = next(self._pass, None)
        self._may_renew = go_on and self._ahead is not None and self._taken > 0
        if self._ahead is None:
            self._pass, self._taken = self._batches(), 0
            self._ahead = next(self._pass, None)
        return self._ahead

    def take(self) -> Any:
        """The next batch; None at the end of the pass, where an epoch that went on with an earlier one begins another."""
        batch, self._ahead = self._ahead, None
        if batch is None:
            batch = next(self._pass, None)
        if batch is None and self._may_renew:
            self.start()
            return self.take()
        self._taken += batch is not None
        return batch


def warn_of_missing(data: Any, done: int, steps: int | None) -> None:
    """Warn if fewer steps were made than wanted because the batches ran out."""
    if steps is not None and done < steps:
        warn(f"{data.where}: the data ran out after {done} of {steps} steps; give more batches, or ask for fewer steps")


def is_arrays(x: Any) -> bool:
    """Whether `x` is arrays (or tensors, or numbers), as opposed to an iterable of batches."""
    leaves = tree.flatten(x)
    return bool(leaves) and all(hasattr(leaf, "shape") or hasattr(leaf, "__array__") or isinstance(leaf, (int, float)) for leaf in leaves)


def class_weighted(data: Any, class_weight: Any, where: str = "fit") -> Any:
    """A batch (or the whole data) with the weight of each row's class, 1 for those that have none, times its sample weight.

    Classes are the labels, rounded if they are no integers; of one-hot labels the place of the largest.
    """
    table = _class_table(where, class_weight)
    x, y, weight = unpack(data)
    if y is None or tree.is_nested(y):
        raise invalid(where, "class_weight needs one array of labels y")
    labels = np.asarray(y)
    if labels.ndim > 1:
        labels = labels.argmax(-1) if labels.shape[-1] > 1 else labels[..., 0]
    classes, places = np.unique(np.rint(labels) if is_float(_dtype_of(labels)) else labels, return_inverse=True)
    weights = np.array([table.get(label, 1.0) for label in classes.tolist()], "float32")
    weights = weights[places].reshape(labels.shape)
    return x, y, weights if weight is None else _times(where, weights, weight)


def _times(where: str, weights: np.ndarray, given: Any) -> np.ndarray:
    """Weights of labels times those that were given, of rows or of each label."""
    given = np.asarray(given)
    if given.ndim == weights.ndim + 1 and given.shape[-1] == 1:
        given = given[..., 0]
    if given.ndim > weights.ndim or any(m not in (1, n) for m, n in zip(given.shape, weights.shape, strict=False)):
        raise invalid(where, f"sample_weight of shape {given.shape} does not fit labels of shape {weights.shape}")
    return weights * given.reshape(given.shape + (1,) * (weights.ndim - given.ndim))


def _class_table(where: str, class_weight: Any) -> dict[int, float]:
    """Weight of each class; raises for anything but a dict of numbers by integer labels."""
    if not isinstance(class_weight, dict):
        example = dict(enumerate(class_weight)) if isinstance(class_weight, (list, tuple)) else "{0: 1.0, 1: 3.0}"
        raise wrong_type(where, f"class_weight must be a dict of weights by label, such as {example}; got {class_weight!r}")
    table = {}
    for label, value in class_weight.items():
        if not isinstance(label, (int, float, np.integer, np.floating)) or not float(label).is_integer():
            raise invalid(where, f"the keys of class_weight must be integer labels, got {label!r}")
        if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
            raise invalid(where, f"the values of class_weight must be numbers, got {value!r} for class {label!r}")
        table[int(label)] = float(value)
    return table
