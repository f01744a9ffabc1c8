"""Recurrent layers, their cells, and layers around them."""

from __future__ import annotations

from typing import Any

from keras_lite.testing.layer_cases.case import Case, Part

STEPS, FRAMES = (2, 6, 4), (2, 3, 6, 5, 3)

_ALL: dict[str, Any] = {
    "kernel_initializer": "he_normal", "recurrent_initializer": "glorot_normal", "bias_initializer": "ones", "kernel_regularizer": "l2",
    "recurrent_regularizer": "l1", "bias_regularizer": "l2", "activity_regularizer": "l1", "kernel_constraint": "max_norm",
    "recurrent_constraint": "unit_norm", "bias_constraint": "non_neg"}

IN_PLACE = {"torch": "Keras changes states in place that the gradient needs"}

RECURRENT = [
    *[Case(cls, {"units": 3, **args}, STEPS) for cls in ("SimpleRNN", "LSTM", "GRU")
      for args in ({}, {"return_sequences": True}, {"go_backwards": True, "return_sequences": True}, {"unroll": True, "use_bias": False},
                   {"activation": "relu", "dropout": 0.2, "recurrent_dropout": 0.3, "return_sequences": True},
                   {**_ALL, "activity_regularizer": None, "trainable": False}, {"zero_output_for_mask": True},
                   {"dtype": "mixed_bfloat16", "return_sequences": True})],
    *[Case(cls, {"units": 3, "stateful": True}, STEPS, unlike=IN_PLACE) for cls in ("SimpleRNN", "LSTM", "GRU")],
    *[Case(cls, {"units": 3, "recurrent_activation": "hard_sigmoid", "activation": "softsign", "activity_regularizer": "l1", "seed": 4},
           STEPS) for cls in ("LSTM", "GRU")],
    Case("LSTM", {"units": 3, "unit_forget_bias": False}, STEPS), Case("GRU", {"units": 3, "reset_after": False}, STEPS),
    Case("GRU", {"units": 3, "reset_after": False, "use_bias": False, "recurrent_dropout": 0.5, "unroll": True}, STEPS),
    Case("LSTM", {"units": 3, "implementation": 1, "dropout": 0.3}, STEPS),
    Case("ConvLSTM1D", {"filters": 3, "kernel_size": 2}, (2, 3, 7, 3)),
    Case("ConvLSTM1D", {"filters": 2, "kernel_size": 3, "padding": "same", "strides": 2, "return_sequences": True}, (2, 3, 7, 3)),
    Case("ConvLSTM2D", {"filters": 2, "kernel_size": (3, 2)}, FRAMES),
    Case("ConvLSTM2D", {"filters": 2, "kernel_size": 2, "data_format": "channels_first", "strides": (2, 1), "padding": "same",
                        "return_sequences": True, "go_backwards": True}, (2, 3, 3, 6, 5)),
    Case("ConvLSTM2D", {"filters": 2, "kernel_size": 2, "dilation_rate": 2, "activation": "relu", "recurrent_activation": "hard_sigmoid",
                        "dropout": 0.1, "recurrent_dropout": 0.2, "seed": 1, "unit_forget_bias": False}, FRAMES),
    Case("ConvLSTM2D", {"filters": 2, "kernel_size": 2, **_ALL, "stateful": True}, FRAMES),
    Case("ConvLSTM3D", {"filters": 2, "kernel_size": 2, "use_bias": False}, (2, 3, 4, 3, 4, 2)),
    *[Case("ConvLSTM1D", {"filters": 2, "kernel_size": 2, **args}, (2, 3, 7, 3)) for args in (
        {"return_state": True}, {"go_backwards": True, "padding": "same", "dropout": 0.2, "seed": 1},
        {"recurrent_activation": "hard_sigmoid", "use_bias": False, "activation": "relu", "return_sequences": True})],
    *[Case("ConvLSTM3D", {"filters": 2, "kernel_size": (2, 1, 2), **args}, (2, 3, 4, 3, 4, 2)) for args in (
        {"return_sequences": True, "padding": "same"}, {"unit_forget_bias": False, "return_state": True}, {"stateful": True})],
    *[Case(cls, {"units": 3, "return_state": True, **args}, STEPS) for cls in ("SimpleRNN", "LSTM", "GRU")
      for args in ({"return_sequences": True}, {"go_backwards": True})],
]

_PAIR, _ONE = [(2, 3), (2, 3)], [(2, 3)]

CELLS = [
    *[Case(cls, {"units": 3, **args}, {"inputs": (2, 4), "states": states})
      for cls, states in (("SimpleRNNCell", _ONE), ("LSTMCell", _PAIR), ("GRUCell", _ONE))
      for args in ({}, {"use_bias": False, "activation": "relu"}, {"dropout": 0.5, "recurrent_dropout": 0.2, "seed": 1},
                   {**_ALL, "activity_regularizer": None}, {"dtype": "mixed_bfloat16"})],
    Case("GRUCell", {"units": 3, "reset_after": False}, {"inputs": (2, 4), "states": _ONE}),
    Case("LSTMCell", {"units": 3, "unit_forget_bias": False, "recurrent_activation": "hard_sigmoid"}, {"inputs": (2, 4), "states": _PAIR}),
    *[Case("StackedRNNCells", {"cells": cells}, {"inputs": (2, 4), "states": states}) for cells, states in (
        ([Part("SimpleRNNCell", {"units": 3, "name": "a"})], [_ONE]),
        ([Part("LSTMCell", {"units": 3, "name": "a"}), Part("GRUCell", {"units": 3, "name": "b"})], [_PAIR, _ONE]),
        ([Part("GRUCell", {"units": 3, "reset_after": False, "name": "a"}), Part("SimpleRNNCell", {"units": 3, "name": "b"})],
         [_ONE, _ONE]),
        ([Part("LSTMCell", {"units": 3, "use_bias": False, "name": str(i)}) for i in range(3)], [_PAIR] * 3))],
]

_TWO = [Part("LSTMCell", {"units": 3, "name": "a"}), Part("GRUCell", {"units": 4, "name": "b"})]
_STRUCTURE = {"symbolic": "Keras says another structure than it returns"}

WRAPPED = [
    Case("RNN", {"cell": Part("SimpleRNNCell", {"units": 3, "seed": 1, "name": "c"}), "return_sequences": True}, STEPS),
    Case("RNN", {"cell": [Part("LSTMCell", {"units": 3, "name": "a", "seed": 1}),
                          Part("GRUCell", {"units": 4, "reset_after": False, "name": "b", "dropout": 0.5})]}, STEPS),
    Case("RNN", {"cell": _TWO, "return_state": True}, STEPS, unlike=_STRUCTURE),
    Case("RNN", {"cell": Part("StackedRNNCells", {"cells": [
        Part("LSTMCell", {"units": 3, "name": "a"}), Part("StackedRNNCells", {"cells": [Part("SimpleRNNCell", {"units": 2, "name": "b"})],
                                                                               "name": "in"})], "name": "stack"}),
                 "return_sequences": True, "go_backwards": True}, STEPS, unlike={"masks": "Keras fails on a stack in a stack"}),
    Case("RNN", {"cell": Part("GRUCell", {"units": 3, "name": "c"}), "unroll": True, "go_backwards": True}, STEPS),
    *[Case("Bidirectional", {"layer": Part(cls, {"units": 3, "name": "x", **inner}), **args}, STEPS) for cls, inner, args in (
        ("LSTM", {"dropout": 0.1, "seed": 1}, {}), ("GRU", {"return_sequences": True}, {"merge_mode": "sum"}),
        ("LSTM", {"return_state": True, "return_sequences": True}, {"merge_mode": "ave"}),
        ("SimpleRNN", {"return_sequences": True}, {"merge_mode": None}),
        ("LSTM", {}, {"merge_mode": "mul", "backward_layer": Part("GRU", {"units": 3, "go_backwards": True, "name": "y"})}))],
    Case("Bidirectional", {"layer": Part("GRU", {"units": 3, "name": "x", "stateful": True})}, STEPS, unlike=IN_PLACE),
    Case("Bidirectional", {"layer": Part("ConvLSTM1D", {"filters": 3, "kernel_size": 2, "name": "x", "return_sequences": True})},
         (2, 3, 7, 3)),
    Case("Bidirectional", {"layer": Part("RNN", {"cell": Part("GRUCell", {"units": 3, "name": "c"}), "name": "x"})}, STEPS),
    Case("TimeDistributed", {"layer": Part("Dense", {"units": 3, "name": "x"})}, STEPS),
    Case("TimeDistributed", {"layer": Part("Conv2D", {"filters": 2, "kernel_size": 3, "padding": "same", "name": "x"})}, FRAMES),
    Case("TimeDistributed", {"layer": Part("LSTM", {"units": 2, "name": "x"})}, (2, 3, 6, 4),
         unlike={"masks": "a mask must have the steps of the layer inside too"}),
    Case("TimeDistributed", {"layer": Part("BatchNormalization", {"name": "x"})}, STEPS),
    Case("TimeDistributed", {"layer": Part("Flatten", {"name": "x"})}, FRAMES,
         unlike={"layer": "Keras keeps the shape for which a layer without weights was built"}),
]
