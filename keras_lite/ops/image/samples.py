"""The calls by which the functions on images are checked."""

from __future__ import annotations

from typing import Any

from keras_lite.ops.families import NAN
from keras_lite.ops.sample import Array, Sample, array, boolean, f32, i32

FIRST = "channels_first"
PIXELS: dict[str, Any] = {"low": 0.0, "high": 1.0}

RESIZE = (
    Sample(f32(2, 5, 6, 3), (3, 4)), Sample(f32(5, 6, 2), (8, 7)), Sample(f32(0, 5, 6, 3), (2, 2)), Sample(f32(2, 5, 6, 0), (2, 2)),
    Sample(f32(2, 3, 5, 4), (7, 2), data_format=FIRST), Sample(f32(3, 5, 4), (4, 4), "nearest", data_format=FIRST),
    Sample(f32(2, 5, 7, 1), (2, 11), "nearest"), Sample(f32(1, 5, 6, 2), (8, 3), "bicubic"),
    Sample(f32(1, 9, 7, 2), (4, 3), "bicubic", True), Sample(f32(1, 5, 6, 2), (8, 3), "lanczos3"),
    Sample(f32(1, 5, 6, 2), (2, 9), "lanczos5"), Sample(f32(1, 9, 7, 2), (4, 3), "lanczos3", True),
    Sample(f32(1, 12, 6, 2), (2, 9), "lanczos5", True), Sample(f32(2, 7, 8, 1), (3, 3), antialias=True),
    Sample(f32(1, 7, 6, 2), (3, 9), "area"), Sample(f32(1, 5, 6, 2), (5, 6), "bicubic"), Sample(f32(1, 1, 1, 2), (3, 2), "lanczos3"),
    Sample(f32(2, 5, 8, 2), (3, 3), crop_to_aspect_ratio=True), Sample(f32(9, 4, 2), (3, 2), crop_to_aspect_ratio=True),
    Sample(f32(1, 5, 1, 1), (1, 10), crop_to_aspect_ratio=True), Sample(f32(2, 5, 8, 2), (3, 3), pad_to_aspect_ratio=True),
    Sample(f32(9, 4, 2), (3, 2), pad_to_aspect_ratio=True, fill_value=0.5),
    Sample(f32(2, 3, 8, 4), (3, 3), "nearest", pad_to_aspect_ratio=True, fill_value=-1, data_format=FIRST),
    Sample(array([[[1e30], [1e-30], [-1e30]]]), (1, 2), grad=False),
    Sample(f32(5, 6, 2), (True, 4), error=r"size must be two positive ints"),
    Sample(array([[[NAN], [1.0], [2.0], [3.0]]]), (1, 2), "nearest", grad=False), Sample(i32(2, 4, 6, 3), (8, 3)),
    Sample(i32(4, 4, 1), (2, 2), "area"), Sample(i32(1, 3, 3, 1), (5, 5), "nearest"), Sample(boolean(3, 3, 1), (5, 5)),
    Sample(boolean(3, 3, 1), (5, 5), "nearest"),
    Sample("text", (1, 1), error="expected a tensor, an array or a number"),
    Sample(f32(5, 6), (3, 3), error=r"images need rank 3 \(one image\) or 4 \(a batch\), got shape \(5, 6\)"),
    Sample(f32(5, 6, 1), (3,), error=r"size must be two positive ints \(height, width\), got \(3,\)"),
    Sample(f32(5, 6, 1), 3, error="size must be two positive ints"), Sample(f32(5, 6, 1), (0, 3), error="size must be two positive ints"),
    Sample(f32(5, 6, 1), (3, 3), "bicubi", error="unknown interpolation 'bicubi'; did you mean 'bicubic'"),
    Sample(f32(5, 6, 1), (3, 3), fill_mode="nearest", error="fill_mode must be \"constant\", got 'nearest'"),
    Sample(f32(5, 6, 1), (3, 3), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True, error="can't both be true"),
    Sample(f32(0, 6, 1), (3, 3), error=r"images of shape \(0, 6, 1\) have no pixels"),
    Sample(f32(5, 6, 1), (3, 3), data_format="first", error="data_format"),
)

_MOVE = (array([0.7, 1.5]), array([0.3, -0.5]))
SCALE = (
    Sample(f32(2, 5, 6, 2), (2, 4, 8, 2), *_MOVE, (1, 2), "linear"), Sample(f32(5, 6), (4, 8), *_MOVE, (-2, -1), "cubic"),
    Sample(f32(6, 5), (4, 8), *_MOVE, (1, 0), "lanczos3"), Sample(f32(5, 6), (4, 8), *_MOVE, (0, 1), "lanczos5", False),
    Sample(f32(2, 6, 3), (2, 4, 3), [0.4], [0.2], [1], "bilinear", antialias=False),
    Sample(f32(7), (4,), array([0.5]), array([0.0]), 0, "bicubic"), Sample(f32(0, 6), (0, 3), [0.5], [0.0], (1,), "trilinear"),
    Sample(f32(2, 6), (2, 9), array([1.0]), array([2.5]), (1,), "tricubic"),
    Sample(f32(2, 6), (2, 4), array([1.0]), array([9.0]), (1,), "linear"), Sample(f32(2, 6), (2, 0), [1.0], [0.0], (1,), "linear"),
    Sample(i32(4, 6), (4, 12), [2.0], [0.5], (1,), "linear"),
    Sample(f32(4, 6), (4, 9), [1.5], [0.0], (1,), "liner", error="unknown method 'liner'; did you mean 'linear'"),
    Sample(f32(4, 6), (4, 9, 1), [1.5], [0.0], (1,), "linear", error=r"output_shape \(4, 9, 1\) needs 2 entries"),
    Sample(f32(4, 6), (5, 9), [1.5], [0.0], (1,), "linear", error=r"output_shape \(5, 9\) differs from \(4, 6\)"),
    Sample(f32(4, 6), (4, 9), [1.5], [0.0], (2,), "linear", error="axis 2 is out of range"),
    Sample(f32(4, 6), (4, 9), [1.5], [0.0], (1, 1), "linear", error="an axis is named twice"),
    Sample(f32(4, 6), (4, 9), f32(2), [0.0], (1,), "linear", error=r"scale must be a vector of 1 numbers.*got shape \(2,\)"),
    Sample(f32(4, 6), (4, 9.5), [1.5], [0.0], (1,), "linear", error="sizes must be ints, got 9.5"),
)

CROP = (
    Sample(f32(2, 5, 7, 3), 1, 2, 1, 3), Sample(f32(5, 7, 2), 1, 2, target_height=3, target_width=4),
    Sample(f32(2, 2, 5, 7), bottom_cropping=1, right_cropping=2, target_height=2, target_width=5, data_format=FIRST),
    Sample(f32(2, 5, 7), 0, 0, 0, 0, data_format=FIRST), Sample(f32(0, 5, 7, 1), 1, 1, 1, 1), Sample(f32(5, 7, 1), 2, 3, 3, target_width=0),
    Sample(i32(4, 4, 1), 1, 1, 1, 1), Sample(boolean(4, 4, 1), 1, 1, 1, 1),
    Sample(f32(5, 7, 1), 1, 2, error="exactly two of top_cropping, bottom_cropping, target_height must be given, got top_cropping=1"),
    Sample(f32(5, 7, 1), -1, 2, 0, 0, error="must be ints that are not negative, got top_cropping=-1"),
    Sample(f32(5, 7, 1), 3, 0, 3, 0, error="top_cropping=3, bottom_cropping=3 do not fit images of shape .* whose height is 5"),
    Sample(f32(5, 7, 1), 0, 4, 0, target_width=4, error="left_cropping=4, target_width=4 do not fit"),
    Sample(f32(7, 1), 0, 0, 0, 0, error="images need rank 3"), Sample("text", 0, 0, 0, 0, error="expected a tensor"),
)

PAD = (
    Sample(f32(2, 3, 4, 3), 1, 2, 0, 3), Sample(f32(3, 4, 2), 1, 2, target_height=5, target_width=7),
    Sample(f32(2, 2, 3, 4), bottom_padding=1, right_padding=2, target_height=4, target_width=9, data_format=FIRST),
    Sample(f32(2, 3, 4), 0, 0, 0, 0, data_format=FIRST), Sample(f32(0, 3, 4, 1), 1, 1, 1, 1),
    Sample(f32(0, 4, 1), 1, 1, target_height=3, right_padding=0), Sample(i32(4, 4, 1), 1, 1, 1, 1), Sample(boolean(4, 4, 1), 1, 1, 1, 1),
    Sample(f32(5, 7, 1), 1, 2, 1, error="exactly two of left_padding, right_padding, target_width must be given, got left_padding=2"),
    Sample(f32(5, 7, 1), 1.5, 2, 0, 0, error="must be ints that are not negative, got top_padding=1.5"),
    Sample(f32(5, 7, 1), 0, 4, 0, target_width=4, error="left_padding=4, target_width=4 do not fit images of shape .* whose width is 7"),
    Sample(f32(7, 1), 0, 0, 0, 0, error="images need rank 3"), Sample("text", 0, 0, 0, 0, error="expected a tensor"),
)

_CORNERS = array([[0.0, 0.0], [5.0, 0.0], [0.0, 4.0], [5.0, 4.0]])
_MOVED = array([[0.6, 0.3], [5.2, 0.9], [-0.7, 3.4], [4.3, 4.8]])
_TURN = array([0.917, 0.213, 0.557, -0.131, 1.103, 0.307, 0.0, 0.0])
_TURNS = array([[0.917, 0.213, 0.557, -0.131, 1.103, 0.307, 0.041, 0.029], [1.217, 0.113, -2.331, 0.227, 0.823, 1.107, 0.0, 0.0]])
_FAR = array([3.137, 0.229, -8.317, 0.151, 2.903, -7.219, 0.0, 0.0])

MAP = (
    Sample(f32(5, 6), f32(2, 7, low=0.0, high=4.0), 1), Sample(f32(5, 6), f32(2, 7, low=-9.0, high=15.0), 1, "constant", 0.5),
    Sample(f32(5, 6), f32(2, 3, 4, low=-9.0, high=15.0), 1, "nearest"), Sample(f32(5, 6), f32(2, 9, low=-19.0, high=25.0), 1, "wrap"),
    Sample(f32(5, 6), f32(2, 9, low=-19.0, high=25.0), 1, "mirror"), Sample(f32(5, 6), f32(2, 9, low=-19.0, high=25.0), 1, "reflect"),
    Sample(f32(5, 6), f32(2, 9, low=-9.0, high=15.0), 0, "constant", -1.0), Sample(f32(5, 6), f32(2, 9, low=-19.0, high=25.0), 0, "wrap"),
    Sample(f32(5, 6), f32(2, 9, low=-19.0, high=25.0), 0, "mirror"), Sample(f32(5, 6), f32(2, 9, low=-19.0, high=25.0), 0, "reflect"),
    Sample(f32(4), array([[-0.5, 0.5, 1.5, 2.5, 3.5, -0.25, 3.25]]), 0, "nearest", grad=False),
    Sample(f32(4), array([[-0.5, 0.0, 0.5, 3.0, 3.5]]), 1, "reflect", grad=False), Sample(f32(3, 4, 2), f32(3, 5, low=0.0, high=2.0), 1),
    Sample(f32(1), f32(1, 4, low=-3.0, high=3.0), 1, "mirror"), Sample(f32(5, 6), f32(2, 0), 1), Sample(f32(5, 6), [[0, 4], [1, 5]], 1),
    Sample(f32(3), array([[1e10, -1e10, 1.0]]), 1, "nearest", grad=False),
    Sample(i32(3, 4), [[0.5, 1.25, 3.0], [2.0, 0.5, 1.5]], 1, fill_value=2.7), Sample(i32(4), [[0.75, 9.0]], 0, fill_value=2.7),
    Sample(array([0.0, 1.0, 5.0]), array([[float("nan"), 1.0]]), 1, grad=False),
    Sample(f32(5, 6), f32(2, 3), 2, error=r"order must be 0 \(nearest\) or 1 \(linear\), got 2"),
    Sample(f32(5, 6), f32(2, 3), 1, "mirrored", error="unknown fill mode 'mirrored'; did you mean 'mirror'"),
    Sample(f32(5, 6), f32(3, 3), 1, error=r"coordinates must be \(2, ...\), one row for each axis of inputs \(5, 6\), got \(3, 3\)"),
    Sample(f32(5), f32(1), 1, error="coordinates must be"), Sample(f32(), f32(0, 2), 1, error="coordinates must be"),
    Sample(f32(0, 3), f32(2, 2), 1, error=r"inputs of shape \(0, 3\) have no elements"),
)

AFFINE = (
    Sample(f32(5, 6, 2), _TURN), Sample(f32(2, 5, 6, 2), _TURNS, fill_value=0.5), Sample(f32(2, 5, 6, 2), _TURNS, "nearest", "nearest"),
    Sample(f32(2, 3, 5, 6), _TURN, "bilinear", "reflect", data_format=FIRST),
    Sample(f32(3, 5, 6), _FAR, "bilinear", "wrap", data_format=FIRST), Sample(f32(5, 6, 1), _FAR, "bilinear", "mirror"),
    Sample(f32(5, 6, 1), _FAR, "nearest", "wrap"), Sample(f32(5, 6, 1), _FAR, "bilinear", "nearest"), Sample(f32(0, 5, 6, 2), f32(0, 8)),
    Sample(f32(2, 5, 6, 0), _TURN), Sample(f32(2, 0, 6, 1), _TURN), Sample(i32(4, 5, 2), _TURN.values, fill_value=2.7),
    Sample(f32(2, 3, 4, 1), [1, 0, 1, 0, 1, 0, 0, 0]), Sample(boolean(4, 5, 1), _TURN.values, "nearest"),
    Sample(f32(5, 6, 2), f32(6), error=r"transform must have shape \(8,\) or \(1, 8\), got \(6,\)"),
    Sample(f32(3, 5, 6, 2), f32(2, 8), error=r"transform must have shape \(8,\) or \(3, 8\), got \(2, 8\)"),
    Sample(f32(5, 6), _TURN, error="images need rank 3"), Sample(f32(5, 6, 1), _TURN, "bicubic", error="unknown interpolation 'bicubic'"),
    Sample(f32(5, 6, 1), _TURN, fill_mode="edge", error="unknown fill mode 'edge'"),
)

PERSPECTIVE = (
    Sample(f32(5, 6, 2), _CORNERS, _MOVED), Sample(f32(2, 5, 6, 1), _MOVED, _CORNERS, fill_value=0.5),
    Sample(f32(2, 5, 6, 1), array([_CORNERS.values, _MOVED.values]), array([_MOVED.values, _CORNERS.values])),
    Sample(f32(2, 3, 5, 6), _CORNERS, _MOVED, "nearest", -1.0, FIRST), Sample(f32(0, 5, 6, 1), f32(0, 4, 2), f32(0, 4, 2)),
    Sample(f32(5, 6, 1), [[0, 0], [5, 0], [0, 4], [5, 4]], [[1, 0], [6, 0], [1, 4], [6, 4]]),
    Sample(i32(5, 6, 1), _CORNERS.values, _MOVED.values),
    Sample(f32(5, 6, 1), array([[0.0, 0.0], [5.0, 0.0], [5.0, 4.0], [0.0, 4.0]]), _MOVED, "nearest"),
    Sample(f32(5, 6, 2), f32(3, 2), _MOVED, error=r"start_points must have shape \(4, 2\) or \(1, 4, 2\), got \(3, 2\)"),
    Sample(f32(2, 5, 6, 2), _CORNERS, f32(3, 4, 2), error=r"end_points must have shape \(4, 2\) or \(2, 4, 2\), got \(3, 4, 2\)"),
    Sample(f32(5, 6), _CORNERS, _MOVED, error="images need rank 3"),
    Sample(f32(5, 6, 1), _CORNERS, _MOVED, "cubic", error="unknown interpolation 'cubic'"),
)

_ROUNDED: dict[str, Any] = {"tol": 2.0}  # with `alpha` as a tensor the matrix sees most of how rounding moves the places of pixels
ELASTIC = (
    Sample(f32(6, 7, 2), array(2.0), 1.0, seed=3, **_ROUNDED),
    Sample(f32(2, 6, 7, 1), array(3.0), 0.7, "bilinear", "constant", 0.5, 4, **_ROUNDED),
    Sample(f32(2, 2, 6, 7), 3.0, 1.5, "nearest", "wrap", seed=5, data_format=FIRST), Sample(f32(0, 6, 7, 1), seed=1),
    Sample(f32(6, 7, 1), array(3.0), 1.0, fill_mode="mirror", seed=6, **_ROUNDED), Sample(f32(6, 7, 1), array(20.0), seed=7, **_ROUNDED),
    Sample(f32(6, 7, 1), array(2.0), 1.0, fill_mode="nearest", seed=6, **_ROUNDED), Sample(i32(5, 5, 1), 2.0, 1.0, seed=2),
    Sample(f32(6, 7, 1), 1.0, 0.0, error="sigma must be a positive number, got 0.0"), Sample(f32(6, 7), error="images need rank 3"),
    Sample(f32(6, 7, 1), interpolation="cubic", error="unknown interpolation 'cubic'"),
    Sample(f32(6, 7, 1), fill_mode="mirored", error="unknown fill mode 'mirored'; did you mean 'mirror'"),
    Sample(f32(6, 7, 1), seed=1.5, error="seed must be an int, a SeedGenerator or None, got 1.5"),
)

BLUR = (
    Sample(f32(2, 5, 6, 3)), Sample(f32(5, 6, 2), (5, 3), (1.0, 0.7)), Sample(f32(2, 3, 5, 6), (3, 3), (0.5, 2.0), FIRST),
    Sample(f32(5, 6, 1), [4, 2], [1.0, 0.7]), Sample(f32(0, 5, 6, 1)), Sample(f32(2, 2, 1), (7, 7), (3.0, 3.0)),
    Sample(f32(3, 4, 2), (1, 1)), Sample(i32(4, 5, 1), (3, 1), (1.0, 1.0)),
    Sample(f32(5, 6, 1), 3, error=r"kernel_size must be two positive ints \(horizontal, vertical\), got 3"),
    Sample(f32(5, 6, 1), (3, 0), error="kernel_size must be two positive ints"),
    Sample(f32(5, 6, 1), (3, 3), (1.0, 0.0), error="sigma must be two positive numbers"), Sample(f32(5, 6), error="images need rank 3"),
)

SOBEL = (
    Sample(f32(2, 5, 6, 3)), Sample(f32(2, 3, 5, 6), FIRST), Sample(f32(1, 1, 4, 1)), Sample(f32(0, 4, 4, 1)), Sample(f32(1, 0, 4, 1)),
    Sample(i32(1, 4, 5, 2)), Sample(boolean(1, 4, 5, 1)), Sample(array([[[[NAN], [1.0], [2.0], [3.0]]]]), grad=False),
    Sample(f32(5, 6, 3), error=r"images need rank 4 \(a batch\), got shape \(5, 6, 3\)"), Sample(f32(5, 6), error="images need rank 3"),
)

GRAY = (
    Sample(f32(2, 4, 5, 3)), Sample(f32(4, 5, 3)), Sample(f32(2, 3, 4, 5), FIRST), Sample(f32(3, 4, 5), data_format=FIRST),
    Sample(f32(0, 4, 5, 3)), Sample(f32(2, 4, 5, 1)), Sample(i32(3, 4, 3, low=0, high=120)), Sample(boolean(3, 4, 3)),
    Sample(array([[[NAN, 1.0, 1.0], [1e30, -1e30, 0.0]]])),
    Sample(f32(2, 4, 5, 4), error=r"images need 3 channels on axis -1, got shape \(2, 4, 5, 4\)"),
    Sample(f32(4, 3), error="images need rank 3"),
)

COLOR = (
    Sample(Array((2, 4, 5, 3), **PIXELS)), Sample(Array((4, 5, 3), **PIXELS)), Sample(Array((2, 3, 4, 5), **PIXELS), FIRST),
    Sample(f32(0, 4, 5, 3)), Sample(f32(3, 4, 5), data_format=FIRST),
    Sample(array([[[0.5, 0.5, 0.5], [0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]]]), grad=False),
    Sample(array([[[1.25, 0.5, 0.8], [-0.3, 0.5, 0.8], [2.6, 0.5, 0.8], [-1.1, -2.0, -3.0]]])),
    Sample(i32(4, 5, 3), error=r"images need a float dtype and values in \[0, 1\], got int32"),
    Sample(f32(2, 4, 5, 4), error="images need 3 channels on axis -1"), Sample(f32(4, 3), error="images need rank 3"),
)

PATCHES = (
    Sample(f32(2, 5, 7, 3), 2), Sample(f32(5, 7, 2), (2, 3)), Sample(f32(2, 2, 5, 7), 3, 1, data_format=FIRST),
    Sample(f32(2, 5, 7), 2, data_format=FIRST), Sample(f32(2, 5, 7, 1), 3, (2, 1), padding="same"), Sample(f32(1, 5, 7, 1), 2, 1, 2),
    Sample(f32(1, 6, 7, 1), [2, 2], [2, 3], (1, 2), "same"), Sample(f32(2, 6, 6, 1), 2, 2, 2), Sample(f32(0, 5, 7, 1), 2),
    Sample(f32(1, 5, 6, 2), (1, 1)), Sample(f32(1, 4, 4, 4, 2), (2, 2, 2)), Sample(i32(4, 4, 1), 2),
    Sample(boolean(5, 4, 1), 2, padding="same"), Sample(f32(1, 2, 2, 1), 3, 1, padding="same"),
    Sample(f32(5, 7, 1), 6, error=r"a window of 6 \(dilation 1\) is larger than axis of size 5 of the shape \(5, 7, 1\)"),
    Sample(f32(5, 7, 1), 0, error="size must be a positive int or 2 of them, got 0"),
    Sample(f32(5, 7, 1), 2.5, error="size must be an int or 2 ints, got 2.5"),
    Sample(f32(5, 7, 1), (2,), error="size must be an int, or two or three of them"),
    Sample(f32(5, 7, 1), 2, (1, 1, 1), error="strides must be"), Sample(f32(5, 7, 1), 2, padding="full", error="unknown padding 'full'"),
    Sample(f32(5, 7), 2, error="a size of 2 numbers needs rank 3, or 4"),
)

PATCHES_3D = (
    Sample(f32(2, 4, 5, 6, 1), 2), Sample(f32(4, 5, 6, 2), (2, 3, 2)), Sample(f32(1, 2, 4, 5, 4), 3, 1, data_format=FIRST),
    Sample(f32(1, 4, 5, 4, 1), 2, (2, 1, 2), 1, "same"), Sample(f32(1, 4, 5, 4, 1), 2, 1, 2), Sample(f32(0, 4, 5, 4, 1), 2),
    Sample(i32(4, 4, 4, 1), 2),
    Sample(f32(4, 5, 6, 1), 5, error="a window of 5 .* is larger"), Sample(f32(4, 5, 1), 2, error="a size of 3 numbers needs rank 4, or 5"),
    Sample(f32(4, 5, 6, 1), (2, 2), error="size must be"),
)

SSIM = (  # the first one is a mean of similarities of both signs
    Sample(Array((2, 12, 11, 3), **PIXELS), Array((2, 12, 11, 3), **PIXELS), tol=2.0),
    Sample(f32(5, 6, 2), f32(5, 6, 2), filter_size=3, filter_sigma=0.8),
    Sample(f32(2, 2, 5, 6), f32(2, 2, 5, 6), 2.0, 4, data_format=FIRST),
    Sample(f32(1, 4, 4, 1), f32(1, 4, 4, 1), filter_size=3, k1=0.1, k2=0.2), Sample(f32(0, 4, 4, 1), f32(0, 4, 4, 1), filter_size=3),
    Sample(i32(4, 4, 1, low=0, high=9), i32(4, 4, 1, low=0, high=9), 9, 3), Sample(f32(5, 6, 1), f32(5, 6, 1), array(4.0), 3),
    Sample(f32(5, 6, 1), f32(5, 6, 1), error=r"the window of filter_size=11 is larger than images of shape \(5, 6, 1\)"),
    Sample(f32(5, 6, 1), f32(5, 5, 1), filter_size=3, error=r"must have the same shape, got \(5, 6, 1\) and \(5, 5, 1\)"),
    Sample(f32(5, 6, 1), f32(5, 6, 1), filter_size=0, error="filter_size must be a positive int"),
    Sample(f32(5, 6), f32(5, 6), error="images need rank 3"),
)
