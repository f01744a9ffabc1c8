"""Convolutions and pooling."""

from __future__ import annotations

from typing import Any

from keras_lite.testing.layer_cases.case import IMAGE, IMAGE_FIRST, STEPS, VOLUME, Case


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

STEPS_FIRST, VOLUME_FIRST = (2, 4, 9), (2, 3, 5, 6, 4)

RARE_WINDOWS = [
    Case("Conv3D", {"filters": 4, "kernel_size": (2, 1, 3), "groups": 2, "dilation_rate": (2, 1, 1), "use_bias": False,
                    "activation": "tanh"}, (2, 5, 4, 4, 2)),
    Case("Conv3D", {"filters": 2, "kernel_size": 2, "data_format": "channels_first", "kernel_regularizer": "l2"}, VOLUME_FIRST),
    Case("Conv1DTranspose", {"filters": 3, "kernel_size": 4, "strides": 3, "output_padding": 2, "padding": "same"}, STEPS),
    Case("Conv1DTranspose", {"filters": 3, "kernel_size": 2, "dilation_rate": 3, "use_bias": False, "activation": "elu"}, STEPS),
    Case("Conv1DTranspose", {"filters": 3, "kernel_size": 3, "data_format": "channels_first", "strides": 2}, STEPS_FIRST),
    Case("Conv3DTranspose", {"filters": 2, "kernel_size": (1, 2, 3), "strides": (2, 1, 2), "padding": "same", "use_bias": False}, VOLUME),
    Case("Conv3DTranspose", {"filters": 2, "kernel_size": 2, "data_format": "channels_first", "bias_initializer": "ones"}, VOLUME_FIRST),
    Case("DepthwiseConv1D", {"kernel_size": 2, "depth_multiplier": 3, "data_format": "channels_first", "strides": 2,
                             "depthwise_regularizer": "l2", "bias_constraint": "non_neg"}, STEPS_FIRST),
    Case("DepthwiseConv1D", {"kernel_size": 3, "dilation_rate": 2, "activation": "relu", "use_bias": False}, STEPS),
    Case("SeparableConv1D", {"filters": 3, "kernel_size": 2, "depth_multiplier": 3, "data_format": "channels_first",
                             "pointwise_regularizer": "l1", "depthwise_constraint": "max_norm"}, STEPS_FIRST),
    Case("SeparableConv1D", {"filters": 3, "kernel_size": 3, "dilation_rate": 2, "use_bias": False, "activation": "relu"}, STEPS),
    Case("SeparableConv2D", {"filters": 3, "kernel_size": (1, 3), "dilation_rate": (1, 2), "padding": "same", "use_bias": False}, IMAGE),
    *[Case(f"{kind}Pooling{rank}D", args, shape) for kind in ("Average", "Max") for rank, shape, args in (
        (1, STEPS, {"pool_size": 4, "strides": 3, "padding": "same"}),
        (1, STEPS_FIRST, {"pool_size": 3, "data_format": "channels_first"}),
        (2, IMAGE, {"pool_size": (1, 3), "strides": (3, 1)}),
        (3, VOLUME, {"pool_size": (2, 3, 1), "strides": (1, 2, 3), "padding": "same"}),
        (3, VOLUME_FIRST, {"pool_size": (1, 2, 2), "data_format": "channels_first"}))],
    *[Case(f"Global{kind}Pooling{rank}D", args, shape) for kind in ("Average", "Max")
      for rank, shape in ((1, STEPS), (2, IMAGE), (3, VOLUME))
      for args in ({"keepdims": True}, {"data_format": "channels_first", "dtype": "float16"})],
]
