"""Attention in heads: queries, keys and values are projected, each head attends for itself, the results are projected back."""

from __future__ import annotations

import functools
import math
import string
from operator import attrgetter
from typing import Any, ClassVar

from keras_lite import constraints, initializers, ops, regularizers
from keras_lite.engine.errors import invalid
from keras_lite.layers import calling
from keras_lite.layers.activation import Softmax
from keras_lite.layers.attention import before
from keras_lite.layers.checks import fraction, positive
from keras_lite.layers.dropout import Dropout
from keras_lite.layers.einsum_dense import EinsumDense
from keras_lite.layers.layer import Layer
from keras_lite.ops.creation import iota
from keras_lite.ops.facts import shape_of
from keras_lite.ops.families import normal_axes
from keras_lite.symbolic.rules import may_equal
from keras_lite.symbolic.spec import KerasTensor


class _HeadAttention(Layer):
    """What the two classes below have in common; they differ in how many heads keys and values have."""

    supports_masking = True
    _left_out: ClassVar[dict[str, Any]] = {"autocast": True, "flash_attention": None}
    _attention_axes: Any = None
    output_shape: tuple[int, ...] | None = None
    dropout = property(attrgetter("_dropout"), doc="Rate at which weights are dropped while training.")
    use_bias = property(attrgetter("_use_bias"), doc="Whether the projections have biases.")

    def _set_heads(self, heads: int, key_heads: int, key_size: int, value_size: int) -> None:
        self._heads, self._key_heads, self._key_size, self._value_size = heads, key_heads, key_size, value_size

    def _set_options(self, dropout: float, use_bias: bool, use_gate: bool, sliding_window: int | None, flash_attention: bool | None,
                     seed: int | None) -> None:
        where = type(self).__name__
        self._dropout, self._use_bias, self.use_gate, self.seed = fraction(where, "dropout", dropout), use_bias, use_gate, seed
        self.sliding_window = None if sliding_window is None else positive(where, "sliding_window", sliding_window)
        self.flash_attention = flash_attention
        if flash_attention and dropout > 0:
            raise invalid(where, f"flash_attention=True allows no dropout of weights, got dropout={dropout}")

    def _set_projections(self, kernel: tuple[Any, Any, Any], bias: tuple[Any, Any, Any]) -> None:
        """Keep (initializer, regularizer, constraint) of the kernels and the biases."""
        self.kernel_initializer, self.bias_initializer = initializers.get(kernel[0]), initializers.get(bias[0])
        self.kernel_regularizer, self.bias_regularizer = regularizers.get(kernel[1]), regularizers.get(bias[1])
        self.kernel_constraint, self.bias_constraint = constraints.get(kernel[2]), constraints.get(bias[2])

    # --- building -------------------------------------------------------------------------------------------------------

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        self._check(query_shape, value_shape, key_shape)
        self._attention_axes = self._axes(len(query_shape))
        self._query_dense = self._into_heads("query", query_shape, self._heads, self._key_size)
        self._key_dense = self._into_heads("key", key_shape, self._key_heads, self._key_size)
        if self.use_gate:
            self._gate_dense = self._into_heads("gate", query_shape, self._heads, self._value_size, "sigmoid")
        self._value_dense = self._into_heads("value", value_shape, self._key_heads, self._value_size)
        count = len(self._attention_axes)
        rank = len(query_shape) + count
        self._dot_product_equation, self._combine_equation = _equations(len(query_shape), self._attention_axes)
        self._softmax = Softmax(axis=tuple(range(rank - count, rank)), dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self._dropout, seed=self.seed, dtype=self.dtype_policy)
        sizes = (query_shape[-1],) if self.output_shape is None else self.output_shape
        self._output_dense = self._projection("attention_output", len(query_shape) - 1, 2, sizes)
        self._output_dense.build((*query_shape[:-1], self._heads, self._value_size))

    def _into_heads(self, name: str, shape: Any, heads: int, size: int, activation: str | None = None) -> EinsumDense:
        dense = self._projection(name, len(shape) - 1, 1, (heads, size), activation)
        dense.build(shape)
        return dense

    def _projection(self, name: str, free: int, bound: int, sizes: tuple[int, ...], activation: str | None = None) -> EinsumDense:
        """A layer from (`free` axes, `bound` axes) to (`free` axes, `sizes`)."""
        letters = string.ascii_lowercase
        kept, lost, new = letters[:free], letters[free:free + bound], letters[free + bound:free + bound + len(sizes)]
        return EinsumDense(f"{kept}{lost},{lost}{new}->{kept}{new}", (*(None,) * (free - 1), *sizes), activation,
                           bias_axes=new if self._use_bias else None, kernel_regularizer=self.kernel_regularizer,
                           bias_regularizer=self.bias_regularizer, kernel_constraint=self.kernel_constraint,
                           bias_constraint=self.bias_constraint, activity_regularizer=self._projections_regularizer,
                           name=name, dtype=self.dtype_policy, kernel_initializer=_fresh(self.kernel_initializer),
                           bias_initializer=_fresh(self.bias_initializer))

    @property
    def _projections_regularizer(self) -> Any:
        return self.activity_regularizer

    def _axes(self, rank: int) -> tuple[int, ...]:
        """The axes over which is attended, counted from the front."""
        if self._attention_axes is None:
            return tuple(range(1, rank - 1))
        axes = normal_axes(type(self).__name__, tuple(self._attention_axes), rank)
        if not axes or not all(1 <= axis < rank - 1 for axis in axes):
            raise invalid(type(self).__name__, f"attention_axes {self._attention_axes} must lie between the batch and the features of a "
                                               f"query with {rank} axes")
        return axes

    def _check(self, query: Any, value: Any, key: Any) -> None:
        """Raise ValueError for shapes that do not fit together."""
        shapes = f"got query {tuple(query)}, value {tuple(value)}, key {tuple(key)}"
        if not len(query) == len(value) == len(key) or len(query) < 3:
            raise invalid(type(self).__name__, f"query, value and key need the same number of axes, at least 3 (batch, length, features), "
                                               f"{shapes}")
        if not may_equal(tuple(value[:-1]), tuple(key[:-1])):
            raise invalid(type(self).__name__, f"value and key may differ in their last size alone, {shapes}")

    # --- calling --------------------------------------------------------------------------------------------------------

    def call(self, query: Any, value: Any, key: Any = None, query_mask: Any = None, value_mask: Any = None, key_mask: Any = None,
             attention_mask: Any = None, return_attention_scores: bool = False, training: bool | None = None,
             use_causal_mask: bool = False) -> Any:
        if self.flash_attention and return_attention_scores:
            raise invalid(type(self).__name__, "flash_attention=True makes no matrix of weights, so it can't return attention scores")
        key = value if key is None else key
        mask = self._mask(query, key, query_mask, value_mask, key_mask, attention_mask)
        projected = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        mixed, weights = self._attend(*projected, mask, use_causal_mask, bool(training), return_attention_scores)
        if self.use_gate:
            mixed = ops.multiply(mixed, self._gate_dense(query))
        output = self._output_dense(mixed)
        return (output, weights) if return_attention_scores else output

    def _attend(self, query: Any, key: Any, value: Any, mask: Any, causal: bool, training: bool, with_weights: bool) -> tuple[Any, Any]:
        """The means of the values, and where they are made or asked for the weights."""
        if not with_weights and len(query.shape) == 4 and not (training and self._dropout > 0):
            return self._attend_at_once(query, key, value, mask, causal), None
        if self.flash_attention:
            raise invalid(type(self).__name__, f"flash_attention=True needs queries with 3 axes, got {len(query.shape) - 1}")
        mask = self._with_causal(mask, query, key) if causal else mask
        if self._heads != self._key_heads:
            key, value = (ops.repeat(x, self._heads // self._key_heads, axis=2) for x in (key, value))
        scores = ops.einsum(self._dot_product_equation, ops.multiply(query, 1 / math.sqrt(self._key_size)), key)
        weights = self._softmax(scores, mask=mask)
        return ops.einsum(self._combine_equation, self._dropout_layer(weights, training=training), value), weights

    def _attend_at_once(self, query: Any, key: Any, value: Any, mask: Any, causal: bool) -> Any:
        """By the op that an engine may have a kernel for.

        A query without any key gets the mean of all values; with dropout 0, as from the weights that are dropped.
        """
        zero = self._dropout > 0 and mask is not None
        if zero and causal:
            mask, causal = self._with_causal(mask, query, key), False
        mixed = ops.dot_product_attention(query, key, value, mask=mask, scale=1 / math.sqrt(self._key_size), is_causal=causal,
                                          flash_attention=self.flash_attention)
        if not zero:
            return mixed
        return ops.where(ops.expand_dims(ops.swapaxes(ops.any(mask, axis=-1), 1, 2), -1), mixed, 0)

    # --- masks ----------------------------------------------------------------------------------------------------------

    def _mask(self, query: Any, key: Any, query_mask: Any, value_mask: Any, key_mask: Any, attention_mask: Any) -> Any:
        """Where a query may attend a key, of a shape that broadcasts to that of the weights; None for everywhere."""
        count = len(self._attention_axes)
        places = tuple(range(1, count + 1))
        masks = [self._expanded(attention_mask, "attention_mask")] if attention_mask is not None else []
        for what, mask, new in (("query_mask", query_mask, tuple(count + i for i in places)), ("value_mask", value_mask, places),
                                ("key_mask", key_mask, places)):
            if mask is not None:
                if len(mask.shape) != count + 1:
                    raise invalid(type(self).__name__, f"{what} must have {count + 1} axes, those of the batch and of attention_axes "
                                                       f"{self._attention_axes}, got shape {tuple(mask.shape)}")
                masks.append(self._expanded(ops.expand_dims(mask, new), what))
        if self.sliding_window is not None:
            distance = ops.absolute(ops.subtract(ops.expand_dims(iota(self._length(query)), 1), iota(self._length(key))))
            masks.append(ops.less(distance, self.sliding_window))
        return functools.reduce(ops.logical_and, masks) if masks else None

    def _expanded(self, mask: Any, what: str) -> Any:
        """`mask` as bools with all the axes of the weights: (batch, free axes, heads, axes of queries, axes of keys)."""
        count, rank = len(self._attention_axes), len(mask.shape)
        missing = len(self._query_dense.output_shape) + count - rank
        if rank < 2 * count or missing < 0:
            raise invalid(type(self).__name__, f"{what} of shape {tuple(mask.shape)} does not broadcast to the weights, which have "
                                               f"{rank + missing} axes")
        first = rank - 2 * count
        mask = ops.cast(mask, "bool")
        return ops.expand_dims(mask, tuple(range(first, first + missing))) if missing else mask

    def _with_causal(self, mask: Any, query: Any, key: Any) -> Any:
        """`mask`, and no later key."""
        earlier = before(self._length(query), self._length(key))
        return earlier if mask is None else ops.logical_and(mask, earlier)

    def _length(self, x: Any) -> Any:
        """Size of the axis that has an order."""
        if len(self._attention_axes) != 1:
            raise invalid(type(self).__name__, f"use_causal_mask and sliding_window need one attention axis, got {self._attention_axes}")
        return shape_of(x)[self._attention_axes[0]]

    # --- describing -----------------------------------------------------------------------------------------------------

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:
        """Shape of the output, for the shapes of the inputs."""
        self._check(query_shape, value_shape, value_shape if key_shape is None else key_shape)
        return (*query_shape[:-1], *((query_shape[-1],) if self.output_shape is None else self.output_shape))

    def _are_usual(self, query: KerasTensor, value: KerasTensor) -> bool:
        """Whether inputs are of the sizes for which the layer was built, with one axis to attend over."""
        built_for = self._query_dense.kernel.shape[0], self._key_dense.kernel.shape[0]
        return (len(query.shape) == 3 == len(value.shape) and (query.shape[2], value.shape[2]) == built_for
                and may_equal(query.shape[:1], value.shape[:1]) and query.dtype == value.dtype == self.compute_dtype)

    def compute_output_spec(self, query: Any, value: Any, key: Any = None, query_mask: Any = None, value_mask: Any = None,
                            key_mask: Any = None, attention_mask: Any = None, return_attention_scores: bool = False,
                            training: bool | None = None, use_causal_mask: bool = False) -> Any:
        """Shape and dtype of what a call returns."""
        extras = (key, query_mask, value_mask, key_mask, attention_mask, self.sliding_window)
        if all(x is None for x in extras) and not return_attention_scores and self._are_usual(query, value):
            return KerasTensor.spec(self.compute_output_shape(query.shape, value.shape), self.compute_dtype)  # in a tenth of the time
        tensors = {"key": key, "query_mask": query_mask, "value_mask": value_mask, "key_mask": key_mask, "attention_mask": attention_mask}
        return calling.spec_of_call(self, (query, value), {**{name: x for name, x in tensors.items() if x is not None},
                                                           "return_attention_scores": return_attention_scores, "training": training,
                                                           "use_causal_mask": use_causal_mask})


def _fresh(initializer: Any) -> Any:
    """An initializer like this one, with draws of its own."""
    if initializer.__class__ is initializers.Zeros or not hasattr(initializer, "get_config"):
        return initializer
    return type(initializer).from_config(initializer.get_config())


class MultiHeadAttention(_HeadAttention):
    """Attention in `num_heads` heads: each has its own projections of query, key and value, and its own weights.

    Shapes: query (batch, T, q), value (batch, S, v), key (batch, S, k) -> (batch, T, q), and with `return_attention_scores` also the
    weights (batch, num_heads, T, S).  With more axes than three it attends over `attention_axes`, separately for each place along the
    others: for (batch, rows, columns, features) and `attention_axes=(2,)` the weights are (batch, rows, num_heads, T, S).

    Args:
        num_heads: number of heads.
        key_dim: size of each head of queries and keys.
        value_dim: size of each head of values, `key_dim` by default.
        dropout: rate at which weights are dropped while training.
        use_bias: whether the projections have biases.
        output_shape: sizes of the output's last axes, by default that of the query.
        attention_axes: the axes over which is attended, by default all but the first and the last.
        sliding_window: how far a query sees: keys at a distance below this number.
        flash_attention: whether a fused kernel is used, see `ops.dot_product_attention`; None leaves the choice to the engine.
        kernel_initializer, kernel_regularizer, kernel_constraint: of the projections' kernels.
        bias_initializer, bias_regularizer, bias_constraint: of their biases.
        activity_regularizer: of the output of each projection.
        use_gate: whether the means are multiplied by `sigmoid` of a further projection of the query (arXiv:2505.06708).
        seed: of the dropout.

    Call arguments:
        query, value, key: tensors; the key is the value if it is not given.
        query_mask, value_mask, key_mask: (batch, T) and (batch, S); False for what attends nothing, and what is not attended.
        attention_mask: (batch, T, S), or any shape that broadcasts to the weights'; False where a query must not attend a key.
        return_attention_scores: whether the weights are returned, too.
        use_causal_mask: whether query t attends the keys 0 ... t alone.

    A query that may attend nothing gets the mean of all values; zeros with `dropout` or `return_attention_scores`.

    Raises:
        ValueError: a number is not positive, shapes or masks do not fit, or flash attention is asked for what it can't do.

    Source: Vaswani et al. 2017 (arXiv:1706.03762).

    >>> import keras_lite
    >>> x = keras_lite.ops.ones((2, 3, 8))
    >>> tuple(keras_lite.layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x, use_causal_mask=True).shape[1:])
    (3, 8)
    """

    num_heads = property(attrgetter("_heads"), doc="Number of heads.")
    key_dim = property(attrgetter("_key_size"), doc="Size of each head of queries and keys.")
    value_dim = property(attrgetter("_value_size"), doc="Size of each head of values.")
    attention_axes = property(attrgetter("_attention_axes"), doc="The axes over which is attended.")
    query_dense = property(attrgetter("_query_dense"), doc="Projection of the queries.")
    key_dense = property(attrgetter("_key_dense"), doc="Projection of the keys.")
    value_dense = property(attrgetter("_value_dense"), doc="Projection of the values.")
    output_dense = property(attrgetter("_output_dense"), doc="Projection of the result.")

    def __init__(self, num_heads: int, key_dim: int, value_dim: int | None = None, dropout: float = 0.0, use_bias: bool = True,
                 output_shape: Any = None, attention_axes: Any = None, sliding_window: int | None = None,
                 flash_attention: bool | None = None, kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
                 kernel_constraint: Any = None, bias_constraint: Any = None, use_gate: bool = False, seed: int | None = None,
                 **kwargs: Any):
        super().__init__(**kwargs)  # the regularizer of activity is that of the projections
        where = type(self).__name__
        heads, size = positive(where, "num_heads", num_heads), positive(where, "key_dim", key_dim)
        self._set_heads(heads, heads, size, size if value_dim is None else positive(where, "value_dim", value_dim))
        self._set_options(dropout, use_bias, use_gate, sliding_window, flash_attention, seed)
        self._set_projections((kernel_initializer, kernel_regularizer, kernel_constraint),
                              (bias_initializer, bias_regularizer, bias_constraint))
        self._activity_regularizer = regularizers.get(activity_regularizer)
        self.output_shape = _sizes("output_shape", output_shape, lowest=1)
        self._attention_axes = _sizes("attention_axes", attention_axes, lowest=None)

    def _argument(self, name: str, declared_by: type) -> Any:
        return self._activity_regularizer if name == "activity_regularizer" else super()._argument(name, declared_by)

    @property
    def _projections_regularizer(self) -> Any:
        return self._activity_regularizer


class GroupedQueryAttention(_HeadAttention):
    """Attention in heads of which several in a row share one head of keys and values: (batch, T, q), (batch, S, v) -> (batch, T, q).

    Args:
        head_dim: size of each head.
        num_query_heads: number of heads of the queries.
        num_key_value_heads: number of heads of keys and values, which divides that of the queries; with one head it is multi-query
            attention, with as many as there are queries' it is `MultiHeadAttention`.
        dropout, use_bias, sliding_window, flash_attention, use_gate, seed: as in `MultiHeadAttention`.
        kernel_initializer, kernel_regularizer, kernel_constraint, bias_initializer, bias_regularizer, bias_constraint: of the
            projections.
        activity_regularizer: of the output of each projection and, once more, of that of the layer.

    Calls and masks as in `MultiHeadAttention`.

    Raises:
        ValueError: a number is not positive, the numbers of heads, shapes or masks do not fit.

    Source: Ainslie et al. 2023 (arXiv:2305.13245).

    >>> import keras_lite
    >>> x = keras_lite.ops.ones((2, 3, 8))
    >>> layer = keras_lite.layers.GroupQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)
    >>> tuple(layer(x, x).shape[1:])
    (3, 8)
    """

    def __init__(self, head_dim: int, num_query_heads: int, num_key_value_heads: int, dropout: float = 0.0, use_bias: bool = True,
                 sliding_window: int | None = None, flash_attention: bool | None = None, kernel_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, use_gate: bool = False,
                 seed: int | None = None, **kwargs: Any):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        where = "GroupQueryAttention"
        self.head_dim = positive(where, "head_dim", head_dim)
        self.num_query_heads = positive(where, "num_query_heads", num_query_heads)
        self.num_key_value_heads = positive(where, "num_key_value_heads", num_key_value_heads)
        if num_query_heads % num_key_value_heads:
            raise invalid(where, f"num_key_value_heads={num_key_value_heads} does not divide num_query_heads={num_query_heads}")
        self._set_heads(num_query_heads, num_key_value_heads, head_dim, head_dim)
        self._set_options(dropout, use_bias, use_gate, sliding_window, flash_attention, seed)
        self._set_projections((kernel_initializer, kernel_regularizer, kernel_constraint),
                              (bias_initializer, bias_regularizer, bias_constraint))

    def _check(self, query: Any, value: Any, key: Any) -> None:
        super()._check(query, value, key)
        if len(query) != 3:
            raise invalid("GroupQueryAttention", f"query, value and key need 3 axes (batch, length, features), got query {tuple(query)}")


def _sizes(name: str, value: Any, lowest: int | None) -> tuple[int, ...] | None:
    """`value` as a tuple of ints, None for None."""
    items = value if isinstance(value, (list, tuple)) else (value,)
    if value is None:
        return None
    if not items or not all(hasattr(n, "__index__") and not isinstance(n, bool) and (lowest is None or n >= lowest) for n in items):
        raise invalid("MultiHeadAttention", f"{name} must be an int, a sequence of ints or None, got {value!r}")
    return tuple(n.__index__() for n in items)


def _equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """Einsum equations: of queries and keys to the scores, and of these and values to the means.

    >>> _equations(3, (1,))
    ('abyz,aByz->aybB', 'aybB,aByz->abyz')
    """
    query = string.ascii_lowercase[:rank - 1]
    key = "".join(letter.upper() if i in axes else letter for i, letter in enumerate(query))
    free = "".join(letter for i, letter in enumerate(query) if i not in axes)
    scores = free + "y" + "".join(query[i] for i in axes) + "".join(key[i] for i in axes)
    return f"{query}yz,{key}yz->{scores}", f"{scores},{key}yz->{query}yz"
