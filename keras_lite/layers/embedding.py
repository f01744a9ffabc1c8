"""Embedding: a table of vectors."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from keras_lite import constraints, initializers, ops, regularizers
from keras_lite.engine.dtypes import is_integer
from keras_lite.engine.errors import invalid
from keras_lite.layers.checks import no_transforms, positive
from keras_lite.layers.layer import Layer
from keras_lite.layers.ranges import within
from keras_lite.state.variable import Variable

_EXACT = {"bfloat16": 2**8, "float16": 2**11}  # the largest integer up to which a dtype has all


class Embedding(Layer):
    """The row of a table for each index: (batch, ...) -> (batch, ..., output_dim); negative ones count from the end.

    Indices that can be read are checked: those of an eager call, and those in the data of `fit`, `evaluate` and `predict` that come
    to the layer as they are.  For others, which a compiled step computes, nothing is promised if they are out of range.

    Args:
        input_dim: number of rows; indices are below it.
        output_dim: size of a row.
        embeddings_initializer, embeddings_regularizer, embeddings_constraint: of the table, shape (input_dim, output_dim).
        mask_zero: index 0 is padding: the output gets a mask that leaves it out.
        weights: first value of the table, an array or a list of one.
        lora_rank, lora_alpha, quantization_config: must be None; these are transforms of a model.

    Raises:
        ValueError: a size is not positive; an index is out of range, or of a dtype that has not all of them.

    >>> import keras_lite
    >>> tuple(keras_lite.layers.Embedding(10, 4)(keras_lite.ops.array([[1, 2, 3]])).shape[1:])
    (3, 4)
    """

    embeddings: Variable
    _left_out: ClassVar[dict[str, Any]] = {"autocast": False, "lora_rank": None, "lora_alpha": None, "weights": None}

    def __init__(self, input_dim: int, output_dim: int, embeddings_initializer: Any = "uniform", embeddings_regularizer: Any = None,
                 embeddings_constraint: Any = None, mask_zero: bool = False, weights: Any = None, lora_rank: Any = None,
                 lora_alpha: Any = None, quantization_config: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.autocast = False  # an index in 16 bits would be rounded, and casting the whole table costs more than the rows taken
        self.input_dim, self.output_dim = positive("Embedding", "input_dim", input_dim), positive("Embedding", "output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero, self.supports_masking = mask_zero, mask_zero
        no_transforms("Embedding", lora_rank=lora_rank, lora_alpha=lora_alpha, quantization_config=quantization_config)
        first = weights[0] if isinstance(weights, (list, tuple)) and weights else weights
        self._first_value = None if first is None else np.asarray(first)
        if self._first_value is not None and self._first_value.shape != (input_dim, output_dim):
            raise invalid("Embedding", f"weights must have shape {(input_dim, output_dim)}, got {self._first_value.shape}")

    def _argument(self, name: str, declared_by: type) -> Any:
        return None if name == "weights" else super()._argument(name, declared_by)  # a first value is no part of the config

    def build(self, input_shape: Any = None) -> None:
        initializer = self.embeddings_initializer if self._first_value is None else initializers.Constant(self._first_value)
        self.embeddings = self.add_weight((self.input_dim, self.output_dim), initializer, regularizer=self.embeddings_regularizer,
                                          constraint=self.embeddings_constraint, name="embeddings")

    @property
    def input_dtype(self) -> str:
        """An integer dtype: a model that begins with it must not round indices to 16-bit floats."""
        return "int32"

    def call(self, inputs: Any) -> Any:
        inputs = ops.convert_to_tensor(inputs, sparse=False)
        exact = _EXACT.get(ops.dtype(inputs))
        if exact is not None and self.input_dim > exact + 1:
            raise invalid(f"Embedding {self.name!r}", f"{ops.dtype(inputs)} has not all integers above {exact}, so it would round indices "
                                                      f"of {self.input_dim} rows; make them integers: Input(..., dtype=\"int32\")")
        within(f"Embedding {self.name!r}", inputs, -self.input_dim, self.input_dim - 1)
        indices = inputs if is_integer(ops.dtype(inputs)) else ops.cast(inputs, "int32")
        return ops.cast(ops.take(self.embeddings, indices, axis=0), self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True where the index is not 0, with `mask_zero`."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None
