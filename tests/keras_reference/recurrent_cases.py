"""The recurrent layers that are compared with Keras, as functions of the module of layers, with the shape of the input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.keras_reference.cases import Case

STEPS, FRAMES = (2, 6, 4), (2, 3, 6, 5, 3)

_ALL = {"kernel_initializer": "he_normal", "recurrent_initializer": "glorot_normal", "bias_initializer": "ones", "kernel_regularizer": "l2",
        "recurrent_regularizer": "l1", "bias_regularizer": "l2", "activity_regularizer": "l1", "kernel_constraint": "max_norm",
        "recurrent_constraint": "unit_norm", "bias_constraint": "non_neg"}

RECURRENT = [
    *[Case(cls, {"units": 3, **args}, STEPS) for cls in ("SimpleRNN", "LSTM", "GRU")
      for args in ({}, {"return_sequences": True}, {"go_backwards": True, "return_sequences": True}, {"unroll": True, "use_bias": False},
                   {"activation": "relu", "dropout": 0.2, "recurrent_dropout": 0.3, "return_sequences": True}, {"stateful": True},
                   {**_ALL, "activity_regularizer": None, "trainable": False}, {"zero_output_for_mask": True},
                   {"dtype": "mixed_bfloat16", "return_sequences": True})],
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
]

Maker = Callable[[Any], Any]

NESTED: dict[str, tuple[Maker, tuple[int, ...]]] = {
    "rnn": (lambda L: L.RNN(L.SimpleRNNCell(3, seed=1), return_sequences=True, name="layer"), STEPS),
    "rnn of two": (lambda L: L.RNN([L.LSTMCell(3, name="a", seed=1), L.GRUCell(4, reset_after=False, name="b", dropout=0.5)], name="layer"),
                   STEPS),
    "rnn of two, states": (lambda L: L.RNN([L.LSTMCell(3, name="a"), L.GRUCell(4, name="b")], return_state=True, name="layer"), STEPS),
    "stacked": (lambda L: L.RNN(L.StackedRNNCells([L.LSTMCell(3, name="a"), L.StackedRNNCells([L.SimpleRNNCell(2, name="b")], name="in")],
                                                  name="stack"), return_sequences=True, go_backwards=True, name="layer"), STEPS),
    "lstm, states": (lambda L: L.LSTM(3, return_state=True, return_sequences=True, name="layer"), STEPS),
    "gru, states": (lambda L: L.GRU(3, return_state=True, name="layer"), STEPS),
    "convolution, states": (lambda L: L.ConvLSTM1D(3, 2, return_state=True, name="layer"), (2, 3, 7, 3)),
    "bidirectional": (lambda L: L.Bidirectional(L.LSTM(3, name="x", dropout=0.1, seed=1), name="layer"), STEPS),
    "bidirectional, sequences": (lambda L: L.Bidirectional(L.GRU(3, return_sequences=True, name="x"), merge_mode="sum",
                                                           name="layer"), STEPS),
    "bidirectional, states": (lambda L: L.Bidirectional(L.LSTM(3, return_state=True, return_sequences=True, name="x"), merge_mode="ave",
                                                        name="layer"), STEPS),
    "bidirectional, both": (lambda L: L.Bidirectional(L.SimpleRNN(3, return_sequences=True, name="x"), merge_mode=None,
                                                      name="layer"), STEPS),
    "bidirectional, other": (lambda L: L.Bidirectional(L.LSTM(3, name="x"), merge_mode="mul", name="layer",
                                                       backward_layer=L.GRU(3, go_backwards=True, name="y")), STEPS),
    "bidirectional, convolution": (lambda L: L.Bidirectional(L.ConvLSTM1D(3, 2, name="x", return_sequences=True), name="layer"),
                                   (2, 3, 7, 3)),
    "bidirectional, rnn": (lambda L: L.Bidirectional(L.RNN(L.GRUCell(3, name="c"), name="x"), name="layer"), STEPS),
    "bidirectional, stateful": (lambda L: L.Bidirectional(L.GRU(3, stateful=True, name="x"), name="layer"), STEPS),
    "time distributed": (lambda L: L.TimeDistributed(L.Dense(3, name="x"), name="layer"), STEPS),
    "time distributed, convolution": (lambda L: L.TimeDistributed(L.Conv2D(2, 3, padding="same", name="x"), name="layer"), FRAMES),
    "time distributed, lstm": (lambda L: L.TimeDistributed(L.LSTM(2, name="x"), name="layer"), (2, 3, 6, 4)),
    "time distributed, normalization": (lambda L: L.TimeDistributed(L.BatchNormalization(name="x"), name="layer"), STEPS),
}
