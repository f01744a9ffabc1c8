"""KerasTensor: a tensor's shape and dtype, and where it comes from in a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import standardize
from keras_lite.engine.errors import invalid, unknown_arguments, wrong_type

Dim = int | None


class Operators:
    """Base of what has Python's operators and indexing: `ops/operators.py` attaches them, as functions of `keras_lite.ops`."""

    if TYPE_CHECKING:
        _any: Any = None
        __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = __matmul__ = __and__ = __or__ = __xor__ = _any
        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = __rmatmul__ = _any
        __rand__ = __ror__ = __rxor__ = __lt__ = __le__ = __gt__ = __ge__ = __neg__ = __pos__ = __abs__ = __invert__ = __round__ = _any
        __getitem__ = _any


class KerasTensor(Operators):
    """A symbolic tensor: `shape` (None where a size is unknown) and `dtype`, no values.

    It is what layers and ops get while a functional model is described.  Operators and indexing make further nodes of the graph.

    >>> import keras_lite
    >>> x = keras_lite.KerasTensor((None, 3))
    >>> (x * 2 + 1).shape
    (None, 3)
    """

    input_layer: Any  # of a tensor that is the input of a graph; others have no such attribute
    _sparse = _ragged = False
    _ragged_rank = _row_splits_dtype = None

    def __init__(self, shape: Any, dtype: Any = "float32", sparse: bool = False, ragged: bool = False,
                 record_history: bool = True, name: str | None = None, **kwargs: Any):
        self._ragged_rank, self._row_splits_dtype = kwargs.pop("ragged_rank", None), kwargs.pop("row_splits_dtype", None)
        if kwargs:
            raise unknown_arguments("KerasTensor", kwargs, KerasTensor)
        self._shape = standardize_shape(shape)
        self._dtype = standardize(dtype)
        if sparse and ragged:
            raise invalid("KerasTensor", "a tensor can't be both sparse and ragged")
        self._sparse, self._ragged, self.name = sparse, ragged, name
        # (node, index) of the producer; LEAF for a tensor that starts a graph; None for a bare spec, which leaves no trace
        self.history: Any = LEAF if record_history else None
        self.mask: Any = None

    @classmethod
    def spec(cls, shape: tuple[Dim, ...], dtype: str, sparse: bool = False) -> KerasTensor:
        """A bare spec of a shape and dtype that are already in canonical form."""
        tensor = cls.__new__(cls)
        tensor._shape, tensor._dtype = shape, dtype
        tensor._sparse = sparse
        tensor.name = tensor.history = tensor.mask = None
        return tensor

    @property
    def shape(self) -> tuple[Dim, ...]:
        return self._shape

    @property
    def dtype(self) -> str:
        return self._dtype

    @property
    def sparse(self) -> bool:
        return self._sparse

    @property
    def ragged(self) -> bool:
        return self._ragged

    @property
    def ragged_rank(self) -> int | None:
        """How many axes of a ragged tensor have rows of several sizes, as it was given."""
        return self._ragged_rank

    @property
    def row_splits_dtype(self) -> Any:
        """The dtype of a ragged tensor's positions, as it was given."""
        return self._row_splits_dtype

    @property
    def ndim(self) -> int:
        return len(self._shape)

    def __repr__(self) -> str:
        extra = "".join(f", {k}={v!r}" for k, v in (("name", self.name), ("sparse", self.sparse)) if v)
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}{extra}>"

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise self._valueless("it can't be turned into a NumPy array. Use keras_lite.ops, or wrap the code in a layer")

    def __bool__(self) -> bool:
        error = self._valueless("it can't decide an `if`. Use ops.where or ops.cond")
        error.decides = True  # type: ignore[attr-defined]  # made-up values would decide what a layer looks like
        raise error

    def __int__(self) -> int:
        raise self._valueless("it can't become a Python number. Use ops.cast; ops.take to index; ops.fori_loop to count")

    __float__ = __complex__ = __index__ = __int__  # which only raises

    def __len__(self) -> int:
        if not self._shape or self._shape[0] is None:
            raise self._valueless("and its length is not known. To index an array by it use ops.take")
        return self._shape[0]

    def _valueless(self, problem: str) -> Exception:
        """The error for what takes values.  Code that meets it where tensors with values can be had is tried with those."""
        error = wrong_type("KerasTensor", f"{self!r} has no values: {problem}")
        error.needs_values = True  # type: ignore[attr-defined]
        return error

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))


LEAF = (None, 0)


def standardize_shape(shape: Any) -> tuple[Dim, ...]:
    """`shape` as a tuple of non-negative ints and None."""
    if isinstance(shape, int) or shape is None:
        shape = (shape,) if shape is not None else ()
    dims = []
    for dim in shape:
        if dim is not None:
            try:
                dim = int(dim.__index__())
            except AttributeError:
                raise wrong_type("shape", f"sizes must be ints or None, got {dim!r} in {shape!r}") from None
            if dim < 0:
                raise invalid("shape", f"sizes can't be negative, got {tuple(shape)!r}")
        dims.append(dim)
    return tuple(dims)


def known_sizes(shape: Iterable[Any]) -> tuple[Dim, ...]:
    """A tensor's shape with None for the sizes that are tensors themselves, or that its framework does not know."""
    return tuple(n if isinstance(n, int) else None for n in shape)


def map_shapes(function: Callable[[Any], Any], nest: Any) -> Any:
    """`function` of each shape in a nest of them, in the same structure.

    >>> map_shapes(len, [(2, None), {"a": (3,)}])
    [2, {'a': 1}]
    """
    if isinstance(nest, dict):
        return {key: map_shapes(function, item) for key, item in nest.items()}
    if isinstance(nest, (list, tuple)) and any(isinstance(item, (list, tuple, dict)) for item in nest):
        return type(nest)(map_shapes(function, item) for item in nest)
    return function(nest)


@registry.classify
def _abstract_owner(x: Any) -> Any:
    if not isinstance(x, KerasTensor):
        return registry.UNSEEN
    from keras_lite.symbolic import engine

    return engine
