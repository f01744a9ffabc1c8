"""Input: where a functional model begins."""

from __future__ import annotations

from typing import Any

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import standardize
from keras_lite.engine.errors import briefly, invalid, not_there
from keras_lite.layers.layer import Layer
from keras_lite.ops.data import no_sparse
from keras_lite.state.names import auto_name
from keras_lite.symbolic import graph
from keras_lite.symbolic.spec import KerasTensor, standardize_shape


class InputLayer(Layer):
    """The layer behind `Input`: it holds the shape and dtype of an input and has nothing to compute."""

    def __init__(self, shape: Any = None, batch_size: int | None = None, dtype: Any = None, sparse: bool | None = None,
                 ragged: bool | None = None, batch_shape: Any = None, input_tensor: Any = None, optional: bool = False,
                 name: str | None = None, **kwargs: Any):
        super().__init__(name=name or auto_name("input_layer"), **kwargs)
        if shape is not None and batch_shape is not None:
            raise invalid("Input", f"give `shape` or `batch_shape`, not both: {shape!r}, {batch_shape!r}")
        _check_sizes("shape", shape)
        _check_sizes("batch_shape", batch_shape)
        if ragged:
            raise not_there("Input", "no engine takes ragged inputs: pad them, and mask what was added")
        if sparse and not hasattr(registry.concrete(), "make_sparse"):
            raise no_sparse("Input", registry.concrete())
        if input_tensor is not None:
            batch_shape, dtype, sparse = input_tensor.shape, dtype or input_tensor.dtype, input_tensor.sparse
        elif batch_shape is None:
            if shape is None:
                raise invalid("Input", "needs a `shape` (without the batch size) or a `batch_shape`")
            batch_shape = (batch_size, *standardize_shape(shape))
        self._batch_shape = standardize_shape(batch_shape)
        self.sparse, self.ragged, self.optional = bool(sparse), bool(ragged), optional
        self._dtype = standardize(dtype, config.floatx())
        self.built = True
        tensor = input_tensor if input_tensor is not None else KerasTensor(self.batch_shape, self._dtype, self.sparse, name=self.name)
        node = graph.Node(self, (), {})
        node.outputs.append(tensor)
        self._nodes.append(node)
        tensor.input_layer = self

    @property
    def batch_shape(self) -> tuple[int | None, ...]:
        """Shape of the input, with the size of the batch."""
        return self._batch_shape

    @property
    def dtype(self) -> str:
        return self._dtype

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """An input layer is not called."""
        raise invalid(self.name, "is the beginning of a graph and can't be called")

    def get_config(self) -> dict[str, Any]:
        return {"batch_shape": self.batch_shape, "dtype": self.dtype, "sparse": self.sparse, "ragged": self.ragged, "name": self.name,
                "optional": self.optional}


def _check_sizes(name: str, given: Any) -> None:
    """Raise ValueError for a number or a string in place of a shape."""
    if given is not None and (isinstance(given, (str, KerasTensor)) or not hasattr(given, "__iter__")):
        hint = f", as in ({given},)" if isinstance(given, int) else ""
        raise invalid("Input", f"{name} must be a tuple of sizes{hint}; got {given!r}")


@briefly
def Input(shape: Any = None, batch_size: int | None = None, dtype: Any = None, sparse: bool | None = None,
          ragged: bool | None = None, batch_shape: Any = None, name: str | None = None, tensor: Any = None,
          optional: bool = False) -> KerasTensor:
    """A symbolic tensor at which a functional model begins.

    Args:
        shape: sizes without the batch; None for unknown ones.
        batch_size: size of the batch, if it is fixed.
        dtype: `floatx` by default.
        sparse: the values are sparse tensors, on jax and tensorflow; Dense and Embedding take them.
        ragged: not supported.
        batch_shape: shape with the batch size, instead of `shape`.
        name: name of the input.
        tensor: an existing KerasTensor to use.
        optional: the input may be None.

    >>> import keras_lite
    >>> keras_lite.Input((28, 28, 1)).shape
    (None, 28, 28, 1)
    """
    layer = InputLayer(shape=shape, batch_size=batch_size, dtype=dtype, sparse=sparse, ragged=ragged, batch_shape=batch_shape,
                       name=name, input_tensor=tensor, optional=optional)
    return layer.output


def layer_of(tensor: KerasTensor) -> InputLayer:
    """The input layer of a tensor at which a graph begins; made on demand."""
    return getattr(tensor, "input_layer", None) or InputLayer(input_tensor=tensor)
