"""Reshaping, padding, cropping, and repeating."""

from __future__ import annotations

from keras_lite.testing.layer_cases.case import IMAGE, IMAGE_FIRST, ROWS, STEPS, VOLUME, Case

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

STEPS_FIRST, VOLUME_FIRST = (2, 4, 9), (2, 3, 5, 6, 4)

RARE_SHAPES = [
    *[Case("Cropping1D", args, shape) for args, shape in (({"cropping": (0, 3)}, STEPS), ({"cropping": 2}, (2, 5, 3)))],
    *[Case("Cropping2D", args, shape) for args, shape in (({}, IMAGE), ({"cropping": (2, 1)}, IMAGE))],
    *[Case("Cropping3D", args, shape) for args, shape in (
        ({}, VOLUME), ({"cropping": ((1, 0), (0, 2), (1, 1))}, VOLUME), ({"cropping": 1, "data_format": "channels_first"}, VOLUME_FIRST))],
    *[Case("ZeroPadding1D", args, STEPS) for args in ({}, {"padding": 0})],
    *[Case("ZeroPadding2D", args, IMAGE) for args in ({"padding": 2}, {"padding": (0, 3)})],
    *[Case("ZeroPadding3D", args, shape) for args, shape in (
        ({}, VOLUME), ({"padding": ((1, 0), (0, 2), (3, 1))}, VOLUME), ({"padding": 1, "data_format": "channels_first"}, VOLUME_FIRST))],
    *[Case("UpSampling1D", args, shape) for args, shape in (
        ({}, STEPS), ({"size": 1}, STEPS), ({"size": 4, "dtype": "float16"}, (2, 1, 3)))],
    *[Case("UpSampling3D", args, shape) for args, shape in (
        ({}, VOLUME), ({"size": 3}, (1, 2, 1, 2, 2)), ({"size": (2, 1, 2), "data_format": "channels_first"}, VOLUME_FIRST))],
    *[Case("UpSampling2D", {"interpolation": name, "size": size}, IMAGE, unlike={"torch": "it has its own kernel, or none"})
      for name, size in (("bicubic", 2), ("lanczos3", (2, 3)))],
    Case("Flatten", {}, (2, 3, 1, 2, 2), dtype="int32"), Case("Reshape", {"target_shape": (-1, 2, 2)}, STEPS),
    *[Case("Permute", {"dims": dims}, shape) for dims, shape in (((1,), ROWS), ((2, 1), STEPS), ((4, 2, 1, 3), VOLUME))],
    *[Case("RepeatVector", {"n": n, **more}, ROWS) for n, more in ((1, {}), (7, {}), (2, {"dtype": "float16"}))],
]
