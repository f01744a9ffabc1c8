"""Activations, noise, and merging."""

from __future__ import annotations

from keras_lite.testing.layer_cases.case import IMAGE, ROWS, STEPS, Case

ACTIVATION = [
    Case("Activation", {"activation": "glu"}, STEPS,
         unlike={"symbolic": "Keras takes each activation for elementwise, glu halves an axis"}),
    *[Case("Activation", {"activation": name}, STEPS) for name in (
        "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "linear",
        "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign",
        "sparse_plus", "sparse_sigmoid", "squareplus", "swish", "tanh", "tanh_shrink")],
    Case("Activation", {"activation": None}, STEPS),
    Case("Activation", {"activation": "sparsemax"}, ROWS, unlike={"output": "the sum is not 1 on Keras's NumPy backend"}),
    Case("ReLU", {}, STEPS), Case("ReLU", {"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.2}, STEPS), Case("LeakyReLU", {}, STEPS),
    Case("ReLU", {"max_value": 0.5, "negative_slope": 0.1}, STEPS), Case("ReLU", {"max_value": 6.0}, STEPS),
    Case("ELU", {"alpha": 0.3}, STEPS), Case("Softmax", {"axis": 1}, STEPS), Case("Softmax", {"axis": (1, 2)}, STEPS),
    Case("PReLU", {}, STEPS), Case("PReLU", {"shared_axes": [1], "alpha_initializer": "ones"}, STEPS),
    Case("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, STEPS),
]

MERGING = [
    *[Case(name, {}, [STEPS, STEPS, STEPS]) for name in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")],
    Case("Subtract", {}, [STEPS, STEPS]), Case("Add", {}, [(2, 4), (2, 9, 4), (2, 1, 1)]),
    Case("Concatenate", {"axis": 1}, [(2, 3, 4), (2, 5, 4)]), Case("Concatenate", {"axis": -2}, [(2, 3, 4), (2, 5, 4)]),
    Case("Dot", {"axes": 1}, [ROWS, ROWS]), Case("Dot", {"axes": (2, 1)}, [(2, 3, 4), (2, 4, 5)]),
    Case("Dot", {"axes": -1}, [STEPS, STEPS]),
    Case("Dot", {"axes": (3, 1), "normalize": True}, [(2, 3, 5, 4), (2, 4, 6)]), Case("Dot", {"axes": (2, 1)}, [(2, 3, 4), (2, 4)]),
]

RARE_ACTIVATION = [
    *[Case("ELU", args, STEPS) for args in ({}, {"alpha": 2.0}, {"alpha": 0.0, "dtype": "float16"})],
    *[Case("LeakyReLU", {"negative_slope": slope}, STEPS) for slope in (0.0, 0.5)],
    Case("LeakyReLU", {"negative_slope": 1.5}, STEPS, unlike={"output": "Keras's NumPy backend takes the larger of x and slope * x"}),
    *[Case("PReLU", {"shared_axes": axes, "alpha_initializer": "he_normal", "alpha_regularizer": "l1", "alpha_constraint": "non_neg"},
           IMAGE) for axes in ([1, 2], [1, 3])],
    Case("Softmax", {}, ROWS), Case("Softmax", {"axis": -2, "dtype": "mixed_bfloat16"}, STEPS),
    Case("Softmax", {"axis": (-1, 1)}, (2, 3, 4, 5)),
    *[Case("ActivityRegularization", args, STEPS)
      for args in ({}, {"l1": 1.0}, {"l2": 1e-3})],
]

NOISE = [
    *[Case("AlphaDropout", args, STEPS) for args in (
        {"rate": 0.0}, {"rate": 0.2, "noise_shape": [2, 1, 4]}, {"rate": 0.9, "dtype": "float16"})],
    *[Case("GaussianDropout", args, STEPS) for args in ({"rate": 0.0}, {"rate": 0.2, "seed": 5}, {"rate": 0.9, "dtype": "float16"})],
    *[Case("GaussianNoise", args, STEPS) for args in ({"stddev": 0.0}, {"stddev": 0.9, "seed": 5}, {"stddev": 1, "dtype": "float16"})],
    Case("Dropout", {"rate": 0.9, "noise_shape": [2, 9, 1], "dtype": "mixed_bfloat16"}, STEPS),
]

RARE_MERGING = [
    *[Case(name, args, shapes) for name in ("Add", "Multiply", "Average", "Maximum", "Minimum") for args, shapes in (
        ({}, [ROWS, ROWS]), ({}, [(2, 1, 4), (2, 3, 1), (2, 3, 4)]), ({"dtype": "float16"}, [(2, 4), (2, 9, 4)]))],
    *[Case("Subtract", args, shapes) for args, shapes in (
        ({}, [(2, 1, 4), (2, 3, 1)]), ({"dtype": "mixed_float16"}, [ROWS, ROWS]), ({}, [(2, 4), (2, 9, 4)]))],
    Case("Concatenate", {"axis": 2, "dtype": "float16"}, [(2, 3, 4, 1), (2, 3, 1, 1), (2, 3, 2, 1)]),
]
