"""Attention layers without projections: weighted means of values, the weights by products or sums of queries and keys."""

from __future__ import annotations

from typing import Any

from keras_lite import ops, random
from keras_lite.engine.errors import invalid, unknown_arguments
from keras_lite.layers import calling
from keras_lite.layers.checks import fraction, known_size, one_of
from keras_lite.layers.layer import Layer
from keras_lite.ops.attention import MASKED
from keras_lite.ops.creation import iota
from keras_lite.ops.facts import shape_of
from keras_lite.random import SeedGenerator
from keras_lite.state.variable import Variable


class Attention(Layer):
    """`softmax(scores) · value` for a list [query, value] or [query, value, key]; the key is the value if it is not given.

    Shapes: query (batch, T, d), value (batch, S, v), key (batch, S, d) -> (batch, T, v), and with `return_attention_scores` also the
    weights (batch, T, S).  The scores are `query · key` or, with "concat", `sum(tanh(query + key))` over the features.

    Masks are a list like the inputs, (batch, T) for the query and (batch, S) for the value: a value whose mask is False gets no
    weight, a query whose mask is False gives zeros.  A query that has no value left gets the mean of all.

    Args:
        use_scale: whether a learned scalar multiplies the products, or the sums inside tanh.
        score_mode: "dot" (Luong et al. 2015, arXiv:1508.04025) or "concat".
        dropout: rate at which weights are dropped while training.
        seed: of the dropout.

    Call arguments:
        inputs: list of tensors.
        mask: list of masks or None.
        return_attention_scores: whether the weights are returned as well.
        use_causal_mask: whether query t attends the values 0 ... t alone.

    Raises:
        ValueError: the inputs or masks are no list of two or three; unknown `score_mode`; a rate outside [0, 1].

    >>> import keras_lite
    >>> query, value = keras_lite.ops.ones((2, 3, 4)), keras_lite.ops.ones((2, 5, 6))
    >>> tuple(keras_lite.layers.Attention()([query, value, keras_lite.ops.ones((2, 5, 4))]).shape[1:])
    (3, 6)
    """

    supports_masking = True
    scale: Variable | None

    def __init__(self, use_scale: bool = False, score_mode: str = "dot", dropout: float = 0.0, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        where = type(self).__name__
        self.use_scale, self.score_mode = use_scale, one_of(where, "score_mode", score_mode, ("dot", "concat"))
        self.dropout, self.seed = fraction(where, "dropout", dropout), seed
        if dropout > 0:
            self.seed_generator = SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        self._triple(input_shape)
        self.scale = self.add_weight((), "ones", name="scale") if self.use_scale else None
        self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight") if self.score_mode == "concat" else None

    def call(self, inputs: Any, mask: Any = None, training: bool = False, return_attention_scores: bool = False,
             use_causal_mask: bool = False) -> Any:
        query, value, key = self._triple(inputs)
        masks = self._masks(mask)
        scores = self._scores(query, key)
        kept = _kept(scores, masks[1], use_causal_mask)
        if kept is not None:
            scores = ops.where(kept, scores, -6e4 if ops.dtype(scores) == "float16" else MASKED)
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        result = ops.matmul(weights, value)
        if masks[0] is not None:
            result = ops.where(ops.expand_dims(ops.cast(masks[0], "bool"), -1), result, 0)
        return (result, weights) if return_attention_scores else result

    def _scores(self, query: Any, key: Any) -> Any:
        """(batch, T, S)."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.swapaxes(key, -1, -2))
            return scores if self.scale is None else ops.multiply(scores, self.scale)
        sums = ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
        if self.scale is not None:
            sums = ops.multiply(sums, self.scale)
        return ops.multiply(self.concat_score_weight, ops.sum(ops.tanh(sums), axis=-1))

    def _triple(self, inputs: Any) -> tuple[Any, Any, Any]:
        """Query, value and key (or their shapes)."""
        if not isinstance(inputs, (list, tuple)) or len(inputs) not in (2, 3) or any(isinstance(x, int) for x in inputs):
            what = f"{len(inputs)} inputs" if isinstance(inputs, (list, tuple)) else f"{inputs!r}"
            raise invalid(type(self).__name__, f"expects a list [query, value] or [query, value, key], got {what}")
        return inputs[0], inputs[1], inputs[-1]

    def _masks(self, mask: Any) -> tuple[Any, Any]:
        """Those of query and value."""
        if mask is None:
            return None, None
        if not isinstance(mask, (list, tuple)) or len(mask) not in (2, 3):
            what = f"{len(mask)} masks" if isinstance(mask, (list, tuple)) else f"{mask!r}"
            raise invalid(type(self).__name__, f"mask must be a list [query_mask, value_mask] (a third one is not used), got {what}")
        return mask[0], mask[1]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """That of the query."""
        return self._masks(mask)[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape of the result, for the shapes of query, value and key."""
        query, value, _ = self._triple(input_shape)
        return (*query[:-1], value[-1])

    def compute_output_spec(self, inputs: Any, mask: Any = None, return_attention_scores: bool = False, training: bool | None = None,
                            use_causal_mask: bool = False) -> Any:
        """Shape and dtype of what a call returns."""
        return calling.spec_of_call(self, (inputs,), {"mask": mask, "return_attention_scores": return_attention_scores,
                                                      "training": training, "use_causal_mask": use_causal_mask})


class AdditiveAttention(Attention):
    """`Attention` with the scores `sum(scale * tanh(query + key))` over the features (Bahdanau et al. 2014, arXiv:1409.0473).

    Args:
        use_scale: whether there is a learned `scale`, one number for each feature; else it is 1.
        dropout: rate at which weights are dropped while training.
        **kwargs: also `seed`, of the dropout.

    Other arguments, masks and results as in `Attention`.

    >>> import keras_lite
    >>> x = keras_lite.ops.ones((2, 3, 4))
    >>> tuple(keras_lite.layers.AdditiveAttention()([x, x]).shape[1:])
    (3, 4)
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any):
        if "score_mode" in kwargs:
            raise unknown_arguments("AdditiveAttention", ["score_mode"], ["use_scale", "dropout", "seed"])
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        size = known_size("AdditiveAttention", self._triple(input_shape)[1], -1)
        self.scale = self.add_weight((size,), "glorot_uniform", name="scale") if self.use_scale else None

    def _scores(self, query: Any, key: Any) -> Any:
        sums = ops.tanh(ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3)))
        return ops.sum(sums if self.scale is None else ops.multiply(self.scale, sums), axis=-1)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["score_mode"]
        return config


def _kept(scores: Any, value_mask: Any, causal: bool) -> Any:
    """Where a query may attend a value, of a shape that broadcasts to that of the scores; None for everywhere."""
    kept = None if value_mask is None else ops.expand_dims(ops.cast(value_mask, "bool"), -2)
    if not causal:
        return kept
    earlier = before(*shape_of(scores)[-2:])
    return earlier if kept is None else ops.logical_and(kept, earlier)


def before(queries: Any, keys: Any) -> Any:
    """True where the key stands at the place of the query or before it: (queries, keys)."""
    return ops.greater_equal(ops.expand_dims(iota(queries), 1), iota(keys))
