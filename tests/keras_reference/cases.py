"""The layer configurations that are compared with Keras."""

from __future__ import annotations

from typing import Any, NamedTuple

IMAGE, IMAGE_FIRST, VOLUME, STEPS, ROWS = (2, 8, 7, 4), (2, 4, 8, 7), (2, 5, 6, 4, 3), (2, 9, 4), (3, 5)

PLAIN = "Keras writes the name of the variable dtype, which loses a mixed policy; we write the policy, which Keras reads too"


class Case(NamedTuple):
    """A layer class, its arguments, and the shape of the input (a list of shapes for several inputs)."""

    cls: str
    args: dict[str, Any]
    shape: Any
    dtype: str = "float32"
    training: bool = False
    unlike: dict[str, str] = {}  # noqa: RUF012  # what is left out of the comparison (a test, or a config key), with the reason

    def __repr__(self) -> str:
        return f"{self.cls}({', '.join(f'{k}={v!r}' for k, v in self.args.items())})"


def _images(cls: str, shape: Any, **more: Any) -> list[Case]:
    """The options that windows have in common."""
    return [Case(cls, {**more, **extra}, shape) for extra in ({}, {"padding": "same"}, {"padding": "same", "strides": 2})]


CONVOLUTIONS = [
    *_images("Conv1D", STEPS, filters=3, kernel_size=3), *_images("Conv2D", IMAGE, filters=6, kernel_size=(3, 2)),
    *_images("Conv3D", VOLUME, filters=2, kernel_size=2),
    Case("Conv1D", {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}, STEPS),
    Case("Conv1D", {"filters": 3, "kernel_size": 2, "padding": "causal", "strides": 2}, STEPS),
    Case("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 2, "activation": "relu"}, IMAGE),
    Case("Conv2D", {"filters": 6, "kernel_size": 3, "dilation_rate": (2, 1), "padding": "same", "use_bias": False}, IMAGE),
    Case("Conv2D", {"filters": 3, "kernel_size": 3, "data_format": "channels_first", "strides": (2, 1)}, IMAGE_FIRST),
    Case("Conv2D", {"filters": 3, "kernel_size": 1, "kernel_initializer": "he_normal", "bias_initializer": "ones",
                    "kernel_regularizer": "l2", "bias_regularizer": "l1l2", "activity_regularizer": "l2", "kernel_constraint": "max_norm",
                    "bias_constraint": "non_neg", "trainable": False}, IMAGE),
    *_images("Conv1DTranspose", STEPS, filters=3, kernel_size=3), *_images("Conv2DTranspose", IMAGE, filters=3, kernel_size=3),
    *_images("Conv3DTranspose", VOLUME, filters=2, kernel_size=2),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": (3, 4), "strides": (2, 3), "padding": "same", "output_padding": (1, 2)}, IMAGE),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": 2, "strides": 3, "padding": "valid"}, IMAGE),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "dilation_rate": 2, "padding": "valid"}, IMAGE),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "data_format": "channels_first"}, IMAGE_FIRST),
    *_images("DepthwiseConv1D", STEPS, kernel_size=3, depth_multiplier=2), *_images("DepthwiseConv2D", IMAGE, kernel_size=3),
    Case("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "data_format": "channels_first", "activation": "tanh"}, IMAGE_FIRST),
    Case("DepthwiseConv2D", {"kernel_size": (3, 2), "dilation_rate": (1, 2)}, IMAGE),
    *_images("SeparableConv1D", STEPS, filters=5, kernel_size=3), *_images("SeparableConv2D", IMAGE, filters=5, kernel_size=3),
    Case("SeparableConv2D", {"filters": 5, "kernel_size": 3, "depth_multiplier": 2, "data_format": "channels_first"}, IMAGE_FIRST),
]

POOLING = [
    *_images("MaxPooling1D", STEPS), *_images("MaxPooling2D", IMAGE, pool_size=(3, 2)), *_images("MaxPooling3D", VOLUME),
    *_images("AveragePooling1D", STEPS, pool_size=3), *_images("AveragePooling2D", IMAGE, pool_size=3),
    *_images("AveragePooling3D", VOLUME, pool_size=2),
    Case("MaxPooling2D", {"pool_size": 2, "data_format": "channels_first"}, IMAGE_FIRST),
    Case("AveragePooling2D", {"pool_size": 3, "strides": (1, 2), "padding": "same", "data_format": "channels_first"}, IMAGE_FIRST),
    *[Case(f"Global{kind}Pooling{rank}D", args, shape) for kind in ("Average", "Max")
      for rank, shape in ((1, STEPS), (2, IMAGE), (3, VOLUME))
      for args in ({}, {"keepdims": True, "data_format": "channels_first"})],
]

ADAPTIVE_POOLING = [
    *[Case(f"Adaptive{kind}Pooling{rank}D", args, shape) for kind in ("Average", "Max") for rank, shape, args in (
        (1, STEPS, {"output_size": 3}), (1, STEPS, {"output_size": (4,)}), (1, STEPS, {"output_size": 9}),
        (1, (2, 4, 9), {"output_size": 2, "data_format": "channels_first"}), (2, IMAGE, {"output_size": 3}),
        (2, IMAGE, {"output_size": (4, 7)}), (2, IMAGE, {"output_size": 1}),
        (2, IMAGE_FIRST, {"output_size": [5, 2], "data_format": "channels_first"}), (3, VOLUME, {"output_size": 2}),
        (3, VOLUME, {"output_size": (5, 3, 2)}), (3, VOLUME, {"output_size": (1, 4, 3)}),
        (3, (2, 3, 5, 6, 4), {"output_size": (2, 4, 1), "data_format": "channels_first"}))],
]

ATTENTION = [
    *[Case(cls, args, [(2, 3, 4), (2, 5, 4)]) for cls, args in (
        ("Attention", {}), ("Attention", {"use_scale": True}), ("Attention", {"score_mode": "concat"}), ("AdditiveAttention", {}),
        ("Attention", {"score_mode": "concat", "use_scale": True, "dropout": 0.3, "seed": 2}), ("AdditiveAttention", {"use_scale": False}),
        ("Attention", {"dtype": "float16"}), ("AdditiveAttention", {"dropout": 0.5, "trainable": False}))],
    Case("Attention", {"use_scale": True}, [(2, 3, 4), (2, 5, 6), (2, 5, 4)]), Case("Attention", {}, [(2, 7, 3, 4), (2, 7, 5, 4)]),
    Case("AdditiveAttention", {}, [(2, 3, 4), (2, 5, 4), (2, 5, 4)]),
]

REVERSIBLE = [
    *[Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, **args}, ROWS, dtype="int32") for args in (
        {}, {"tie_weights": False}, {"mask_zero": True, "embeddings_regularizer": "l2", "embeddings_constraint": "non_neg"},
        {"reverse_dtype": "float32", "logit_soft_cap": 2.0, "dtype": "mixed_bfloat16"}, {"tie_weights": False, "trainable": False})],
]

NORMALIZATION = [
    Case("BatchNormalization", {}, ROWS), Case("BatchNormalization", {"axis": 1, "momentum": 0.8, "epsilon": 0.1}, IMAGE, training=True),
    Case("BatchNormalization", {"momentum": 0.5}, STEPS, training=True),
    Case("BatchNormalization", {"center": False}, STEPS, training=True), Case("BatchNormalization", {"scale": False}, STEPS),
    Case("BatchNormalization", {"trainable": False}, STEPS, training=True),
    Case("BatchNormalization", {"beta_initializer": "ones", "gamma_initializer": "zeros", "moving_mean_initializer": "ones",
                                "beta_regularizer": "l2", "gamma_constraint": "non_neg"}, STEPS),
    Case("BatchNormalization", {"renorm": True, "momentum": 0.7, "renorm_momentum": 0.6}, STEPS, training=True),
    Case("BatchNormalization", {"renorm": True, "renorm_clipping": {"rmax": 1.5, "rmin": 0.8, "dmax": 0.3}}, STEPS, training=True),
    Case("LayerNormalization", {}, STEPS), Case("LayerNormalization", {"axis": [1, 2], "epsilon": 0.1}, IMAGE),
    Case("LayerNormalization", {"center": False, "gamma_regularizer": "l1"}, STEPS), Case("LayerNormalization", {"scale": False}, STEPS),
    Case("LayerNormalization", {"rms_scaling": True}, STEPS), Case("LayerNormalization", {"axis": 1}, STEPS),
    Case("RMSNormalization", {}, STEPS), Case("RMSNormalization", {"axis": [1, 2], "epsilon": 0.1}, STEPS),
    Case("GroupNormalization", {"groups": 2}, IMAGE), Case("GroupNormalization", {"groups": -1, "axis": 1}, IMAGE_FIRST),
    Case("GroupNormalization", {"groups": 1, "scale": False, "epsilon": 0.1}, STEPS),
    Case("UnitNormalization", {}, STEPS), Case("UnitNormalization", {"axis": [1, 2]}, STEPS),
]

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
    Case("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, STEPS, unlike={"activity_regularizer": "X"}),
]

SHAPES = [
    Case("Flatten", {}, IMAGE), Case("Flatten", {"data_format": "channels_first"}, IMAGE_FIRST), Case("Flatten", {}, (3,)),
    Case("Reshape", {"target_shape": (4, -1)}, IMAGE), Case("Reshape", {"target_shape": (5, 1)}, ROWS),
    Case("Reshape", {"target_shape": ()}, (3, 1)),
    Case("Permute", {"dims": (3, 1, 2)}, IMAGE), Case("RepeatVector", {"n": 3}, ROWS),
    Case("ZeroPadding1D", {"padding": (2, 0)}, STEPS), Case("ZeroPadding1D", {"padding": 1, "data_format": "channels_first"}, STEPS),
    Case("ZeroPadding2D", {}, IMAGE), Case("ZeroPadding2D", {"padding": ((1, 0), (2, 3)), "data_format": "channels_first"}, IMAGE_FIRST),
    Case("ZeroPadding3D", {"padding": (1, 0, 2)}, VOLUME), Case("Cropping1D", {"cropping": (2, 1)}, STEPS), Case("Cropping1D", {}, STEPS),
    Case("Cropping2D", {"cropping": ((1, 0), (2, 3))}, IMAGE),
    Case("Cropping2D", {"cropping": 1, "data_format": "channels_first"}, IMAGE_FIRST),
    Case("Cropping3D", {"cropping": (1, 2, 0)}, VOLUME),
    Case("UpSampling1D", {"size": 3}, STEPS), Case("UpSampling2D", {"size": (2, 3)}, IMAGE),
    Case("UpSampling3D", {"size": (1, 2, 3)}, VOLUME),
    Case("UpSampling2D", {"data_format": "channels_first"}, IMAGE_FIRST), Case("UpSampling2D", {"interpolation": "bilinear"}, IMAGE),
    Case("UpSampling2D", {"interpolation": "bilinear", "size": (3, 1), "data_format": "channels_first"}, IMAGE_FIRST),
]

MERGING = [
    *[Case(name, {}, [STEPS, STEPS, STEPS]) for name in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")],
    Case("Subtract", {}, [STEPS, STEPS]), Case("Add", {}, [(2, 4), (2, 9, 4), (2, 1, 1)]),
    Case("Concatenate", {"axis": 1}, [(2, 3, 4), (2, 5, 4)]), Case("Concatenate", {"axis": -2}, [(2, 3, 4), (2, 5, 4)]),
    Case("Dot", {"axes": 1}, [ROWS, ROWS]), Case("Dot", {"axes": (2, 1)}, [(2, 3, 4), (2, 4, 5)]),
    Case("Dot", {"axes": -1}, [STEPS, STEPS]),
    Case("Dot", {"axes": (3, 1), "normalize": True}, [(2, 3, 5, 4), (2, 4, 6)]), Case("Dot", {"axes": (2, 1)}, [(2, 3, 4), (2, 4)]),
]

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

CASES = [*CONVOLUTIONS, *POOLING, *ADAPTIVE_POOLING, *ATTENTION, *REVERSIBLE, *NORMALIZATION, *ACTIVATION, *SHAPES, *MERGING, *OTHERS]
