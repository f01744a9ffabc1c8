"""ReversibleEmbedding: a table of vectors that also turns vectors back into scores of its rows."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.dtypes import standardize
from keras_lite.engine.errors import invalid
from keras_lite.layers import calling
from keras_lite.layers.embedding import Embedding
from keras_lite.state.variable import Variable


class ReversibleEmbedding(Embedding):
    """An `Embedding` which, called with `reverse=True`, gives the logits of all indices: (..., output_dim) -> (..., input_dim).

    They are the products of a vector with the rows of the table, or with the columns of a second one of shape
    (output_dim, input_dim).  Language models so share one table between their input and their output (Press and Wolf 2016,
    arXiv:1608.05859).

    Args:
        input_dim: number of rows.
        output_dim: size of a row.
        tie_weights: whether both directions use one table.
        embeddings_initializer, embeddings_regularizer, embeddings_constraint: of the table; the initializer also of the second one.
        mask_zero: index 0 is padding: the output gets a mask that leaves it out, which the logits keep.
        reverse_dtype: dtype in which the logits are computed, by default that of the input and the compute dtype.
        logit_soft_cap: c limits the logits to (-c, c) as `c * tanh(x / c)` (arXiv:2408.00118).

    Raises:
        ValueError: a size is not positive, an index is out of range, or `logit_soft_cap` is not positive.

    >>> import keras_lite
    >>> layer = keras_lite.layers.ReversibleEmbedding(10, 4)
    >>> hidden = layer(keras_lite.ops.array([[1, 2, 3]]))
    >>> tuple(layer(hidden, reverse=True).shape[1:])
    (3, 10)
    """

    reverse_embeddings: Variable | None

    def __init__(self, input_dim: int, output_dim: int, tie_weights: bool = True, embeddings_initializer: Any = "uniform",
                 embeddings_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: bool = False,
                 reverse_dtype: Any = None, logit_soft_cap: float | None = None, **kwargs: Any):
        super().__init__(input_dim, output_dim, embeddings_initializer, embeddings_regularizer, embeddings_constraint, mask_zero, **kwargs)
        if logit_soft_cap is not None and (not isinstance(logit_soft_cap, (int, float)) or not logit_soft_cap > 0):
            raise invalid("ReversibleEmbedding", f"logit_soft_cap must be a positive number, got {logit_soft_cap!r}")
        self.tie_weights, self.logit_soft_cap = tie_weights, logit_soft_cap
        self.reverse_dtype = None if reverse_dtype is None else standardize(reverse_dtype)

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        self.reverse_embeddings = None if self.tie_weights else self.add_weight(
            (self.output_dim, self.input_dim), self.embeddings_initializer, name="reverse_embeddings")

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        if not reverse:
            return super().call(inputs)
        kernel = ops.transpose(self.embeddings) if self.reverse_embeddings is None else self.reverse_embeddings
        kernel = ops.cast(kernel, self.compute_dtype)
        if self.reverse_dtype is not None:
            inputs, kernel = ops.cast(inputs, self.reverse_dtype), ops.cast(kernel, self.reverse_dtype)
        logits, cap = ops.matmul(inputs, kernel), self.logit_soft_cap
        return logits if cap is None else ops.multiply(ops.tanh(ops.divide(logits, cap)), cap)

    def _mask_of_call(self, inputs: Any, previous_mask: Any, arguments: dict[str, Any]) -> Any:
        return previous_mask if arguments.get("reverse") else self.compute_mask(inputs, previous_mask)

    def compute_output_shape(self, input_shape: Any, reverse: bool = False) -> Any:
        """Shape of the output."""
        return (*input_shape[:-1], self.input_dim) if reverse else (*input_shape, self.output_dim)

    def compute_output_spec(self, inputs: Any, reverse: bool = False) -> Any:
        """Shape and dtype of the output."""
        return calling.spec_of_call(self, (inputs,), {"reverse": reverse})
