"""Attention."""

from __future__ import annotations

from typing import Any

from keras_lite.testing.layer_cases.case import Case

_AXES = {"masks": "a mask must have all axes but the last"}

ATTENTION = [
    *[Case(cls, args, [(2, 3, 4), (2, 5, 4)]) for cls, args in (
        ("Attention", {}), ("Attention", {"use_scale": True}), ("Attention", {"score_mode": "concat"}), ("AdditiveAttention", {}),
        ("Attention", {"score_mode": "concat", "use_scale": True, "dropout": 0.3, "seed": 2}), ("AdditiveAttention", {"use_scale": False}),
        ("Attention", {"dtype": "float16"}), ("AdditiveAttention", {"dropout": 0.5, "trainable": False}))],
    Case("Attention", {"use_scale": True}, [(2, 3, 4), (2, 5, 6), (2, 5, 4)]),
    Case("Attention", {}, [(2, 7, 3, 4), (2, 7, 5, 4)], unlike=_AXES), Case("AdditiveAttention", {}, [(2, 3, 4), (2, 5, 4), (2, 5, 4)]),
]

QUERY, VALUE, KEY = (2, 3, 4), (2, 5, 6), (2, 5, 7)
_SAME = (2, 5, 4)


def _heads(cls: str, args: dict[str, Any], query: Any, value: Any, key: Any = None, **call: Any) -> Case:
    return Case(cls, args, {"query": query, "value": value, **({} if key is None else {"key": key})}, call=call)


HEADS = [
    _heads("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, QUERY, VALUE),
    _heads("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, QUERY, VALUE, KEY),
    _heads("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, QUERY, VALUE, use_causal_mask=True),
    _heads("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, QUERY, VALUE, return_attention_scores=True)._replace(
        unlike={"symbolic": "Keras gives the scores as many columns as there are queries"}),
    _heads("MultiHeadAttention", {"num_heads": 3, "key_dim": 2, "value_dim": 5, "use_bias": False, "output_shape": 8}, QUERY, VALUE, KEY),
    _heads("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "output_shape": (2, 7), "use_gate": True, "sliding_window": 2,
                                  "value_dim": 4}, QUERY, VALUE),
    _heads("MultiHeadAttention", {"num_heads": 1, "key_dim": 3, "dropout": 0.4, "seed": 3, "kernel_initializer": "he_normal",
                                  "bias_initializer": "ones", "kernel_regularizer": "l2", "bias_regularizer": "l1",
                                  "activity_regularizer": "l2", "kernel_constraint": "max_norm", "bias_constraint": "non_neg"},
           QUERY, VALUE),
    _heads("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "attention_axes": 1}, (2, 3, 2, 4), (2, 5, 2, 6)),
    *[_heads("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, **args}, query, value)._replace(unlike=_AXES) for args, query, value in (
        ({"attention_axes": (-2,)}, (2, 3, 5, 4), (2, 3, 4, 6)),
        ({"attention_axes": (1, 2), "output_shape": (3,)}, (2, 3, 2, 4), (2, 5, 3, 6)),
        ({}, (1, 2, 3, 2, 4), (1, 3, 1, 2, 4)))],
    _heads("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "dtype": "mixed_float16"}, QUERY, VALUE),
    _heads("GroupQueryAttention", {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}, QUERY, _SAME),
    _heads("GroupQueryAttention", {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}, QUERY, _SAME, use_causal_mask=True),
    _heads("GroupQueryAttention", {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 1, "use_bias": False}, QUERY, _SAME, KEY),
    _heads("GroupQueryAttention", {"head_dim": 2, "num_query_heads": 6, "num_key_value_heads": 2, "use_gate": True, "sliding_window": 3},
           QUERY, _SAME),
    _heads("GroupQueryAttention", {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 2, "dropout": 0.3, "seed": 1,
                                   "kernel_regularizer": "l2", "activity_regularizer": "l1", "kernel_constraint": "max_norm"},
           QUERY, _SAME),
]
