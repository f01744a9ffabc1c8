"""Dense layers, embeddings, dropout, and others."""

from __future__ import annotations

from typing import Any

from keras_lite.testing.layer_cases.case import IMAGE, ROWS, STEPS, VOLUME, Case, Part

PLAIN = "Keras writes the name of the variable dtype, which loses a mixed policy; we write the policy, which Keras reads too"

OTHERS = [
    Case("Dense", {"units": 3}, ROWS), Case("Dense", {"units": 2, "activation": "softmax", "use_bias": False}, IMAGE),
    Case("Dense", {"units": 3, "kernel_initializer": "orthogonal", "bias_initializer": "ones", "kernel_regularizer": "l1",
                   "bias_regularizer": "l2", "activity_regularizer": "l1l2", "kernel_constraint": "unit_norm",
                   "bias_constraint": "min_max_norm", "name": "other"}, ROWS),
    Case("Dense", {"units": 3, "dtype": "float16"}, ROWS), Case("Dense", {"units": 3, "dtype": "mixed_bfloat16"}, ROWS),
    Case("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 5), "bias_axes": "d", "activation": "relu"}, STEPS),
    Case("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 5}, STEPS),
    Case("EinsumDense", {"equation": "...bc,cd->...bd", "output_shape": (9, 5), "bias_axes": "bd"}, STEPS),
    Case("EinsumDense", {"equation": "...bc,cd->...bd", "output_shape": (9, 5), "bias_axes": "b"}, STEPS),
    Case("EinsumDense", {"equation": "ab...,bc->ac...", "output_shape": (5, None), "bias_axes": "c"}, STEPS,
         unlike={"symbolic": "Keras counts the axes of the ellipsis twice in the symbolic shape"}),
    Case("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (None, 3, 5), "bias_axes": "de"}, STEPS),
    Case("Embedding", {"input_dim": 7, "output_dim": 3}, ROWS, dtype="int32"),
    Case("Embedding", {"input_dim": 7, "output_dim": 3, "mask_zero": True, "embeddings_constraint": "non_neg"}, ROWS, dtype="int32"),
    Case("Dropout", {"rate": 0.5}, STEPS), Case("Dropout", {"rate": 0.5, "noise_shape": (None, 1, 4), "seed": 3}, STEPS),
    Case("Dropout", {"rate": 0.0}, STEPS, training=True), Case("AlphaDropout", {"rate": 0.5, "seed": 1}, STEPS),
    Case("GaussianDropout", {"rate": 0.5}, STEPS), Case("GaussianNoise", {"stddev": 0.5}, STEPS),
    Case("SpatialDropout1D", {"rate": 0.5}, STEPS, unlike={"dtype": PLAIN}),
    Case("SpatialDropout2D", {"rate": 0.5, "data_format": "channels_first"}, IMAGE, unlike={"dtype": PLAIN}),
    Case("SpatialDropout3D", {"rate": 0.5, "seed": 2}, VOLUME, unlike={"dtype": PLAIN}),
    Case("Identity", {}, STEPS), Case("Masking", {"mask_value": 0.5}, STEPS),
    Case("Rescaling", {"scale": 0.5, "offset": [1.0, 2.0, 3.0, 4.0]}, STEPS),
    Case("Rescaling", {"scale": 2, "offset": -1}, STEPS, dtype="int32"),
]

REVERSIBLE = [
    *[Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, **args}, ROWS, dtype="int32") for args in (
        {}, {"tie_weights": False}, {"mask_zero": True, "embeddings_regularizer": "l2", "embeddings_constraint": "non_neg"},
        {"reverse_dtype": "float32", "logit_soft_cap": 2.0, "dtype": "mixed_bfloat16"}, {"tie_weights": False, "trainable": False})],
]

_INNER: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("Dense", {"units": 3}, (5, 4)), ("Dense", {"units": 3, "activation": "relu"}, (5, 4)),
    ("Conv2D", {"filters": 3, "kernel_size": 2}, (2, 5, 6, 4)),
    ("Conv2DTranspose", {"filters": 3, "kernel_size": 2, "use_bias": False}, (2, 5, 6, 4)),
    ("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (None, 3, 2)}, (2, 5, 4))]
_DENSE = [Part("Dense", {"units": n, "name": name, "activation": "tanh"}) for n, name in ((3, "a"), (2, "b"))]

AROUND = [
    *[Case("SpectralNormalization", {"layer": Part(cls, {**args, "name": "x"})}, shape) for cls, args, shape in _INNER],
    *[Case("SpectralNormalization", {"layer": Part(cls, {**args, "name": "x"}), "power_iterations": 3}, shape, training=True,
           unlike={"gradient": "Keras takes the norm for a constant"}) for cls, args, shape in _INNER[1:3]],
    Case("SpectralNormalization", {"layer": Part("Dense", {"units": 3, "name": "x"}), "trainable": False}, (5, 4)),
    *[Case("Pipeline", {"layers": inner}, (5, 4)) for inner in (
        _DENSE[:1], _DENSE, [Part("BatchNormalization", {"name": "a"}), Part("Dense", {"units": 2, "use_bias": False, "name": "b"})],
        [Part("Pipeline", {"layers": _DENSE[:1], "name": "in"}), Part("ReLU", {"name": "r"}),
         Part("Dropout", {"rate": 0.0, "name": "d"})])],
]

RARE = [
    Case("Embedding", {"input_dim": 7, "output_dim": 3, "embeddings_initializer": "ones", "embeddings_regularizer": "l2",
                       "trainable": False}, (2, 3, 2), dtype="int32"),
    Case("Embedding", {"input_dim": 7, "output_dim": 1, "dtype": "mixed_bfloat16"}, (4,), dtype="int32"),
    *[Case("SpatialDropout1D", args, STEPS, unlike={"dtype": PLAIN}) for args in ({"rate": 0.0}, {"rate": 0.9}, {"rate": 0.3, "seed": 4})],
    *[Case("SpatialDropout2D", args, IMAGE, unlike={"dtype": PLAIN}) for args in (
        {"rate": 0.0}, {"rate": 0.9, "data_format": "channels_last"}, {"rate": 0.3, "seed": 4})],
    *[Case("SpatialDropout3D", args, VOLUME, unlike={"dtype": PLAIN}) for args in (
        {"rate": 0.0}, {"rate": 0.9, "data_format": "channels_first"}, {"rate": 0.3})],
    *[Case("Identity", args, shape, dtype) for args, shape, dtype in (
        ({}, IMAGE, "float32"), ({"dtype": "float16"}, ROWS, "float32"), ({}, ROWS, "int32"))],
    *[Case("Masking", args, shape) for args, shape in (({}, STEPS), ({"mask_value": -1}, IMAGE), ({"dtype": "float16"}, STEPS))],
    *[Case("Rescaling", args, STEPS) for args in ({"scale": 1 / 255}, {"scale": [1.0, 2.0, 3.0, 4.0], "dtype": "float16"})],
]
