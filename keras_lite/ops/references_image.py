"""Answers in plain NumPy and SciPy for the functions on images, in float64; see `references`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def typed(x: Any, images: Any, to_integer: Callable[[Any], Any] = np.rint) -> Any:
    """Float results as the kind of the images: bools and integers rounded."""
    if images.dtype.kind == "f":
        return x
    return to_integer(x).astype(bool if images.dtype == bool else "int64")


def _axes(images: Any, data_format: str | None) -> tuple[int, int]:
    return (images.ndim - 2, images.ndim - 1) if data_format == "channels_first" else (images.ndim - 3, images.ndim - 2)


# --- resampling ----------------------------------------------------------------------------------------------------------


def _linear(x: float) -> float:
    return max(0.0, 1 - abs(x))


def _cubic(x: float) -> float:
    x = abs(x)
    if x >= 2:
        return 0.0
    return 1.5 * x**3 - 2.5 * x**2 + 1 if x < 1 else -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2


def _lanczos(radius: int) -> Callable[[float], float]:
    return lambda x: float(np.sinc(x) * np.sinc(x / radius)) if abs(x) <= radius else 0.0


_KERNELS = {"linear": _linear, "cubic": _cubic, "lanczos3": _lanczos(3), "lanczos5": _lanczos(5)}


def _plain(method: str) -> str:
    return method.removeprefix("bi").removeprefix("tri")


def _resampled(x: Any, axis: int, m: int, scale: float, shift: float, kernel: Any, antialias: bool) -> Any:
    """New samples one by one: the mean of the old ones, weighted by their distances."""
    x = np.moveaxis(x, axis, 0)
    width = max(1 / scale, 1.0) if antialias else 1.0
    new = []
    for i in range(m):
        place = (i + 0.5 - shift) / scale
        weights = np.array([kernel((place - j - 0.5) / width) for j in range(len(x))])
        known = 0 <= place <= len(x) and abs(weights.sum()) > 1e-4
        new.append(np.tensordot(weights / weights.sum(), x, 1) if known else np.zeros(x.shape[1:]))
    return np.moveaxis(np.array(new).reshape(m, *x.shape[1:]), 0, axis)


def _mean_of_interval(x: Any, axis: int, m: int) -> Any:
    """Each sample repeated m times, then means of n neighbours."""
    n = x.shape[axis]
    x = np.moveaxis(np.repeat(x, m, axis), axis, 0)
    return np.moveaxis(x.reshape(m, n, *x.shape[1:]).mean(1), 0, axis)


def resize(images: Any, size: Any, interpolation: str = "bilinear", antialias: bool = False, crop_to_aspect_ratio: bool = False,
           pad_to_aspect_ratio: bool = False, fill_mode: str = "constant", fill_value: Any = 0.0, data_format: str | None = None) -> Any:
    axes = _axes(images, data_format)
    x = images
    for axis, other, m, along in ((*axes, *size), (*axes[::-1], *size[::-1])):
        n, wanted = images.shape[axis], math.floor(images.shape[other] * m / along)
        if crop_to_aspect_ratio and wanted < n:
            kept = max(wanted, 1)
            x = np.take(x, np.arange((n - kept) // 2, (n - kept) // 2 + kept), axis)
        if pad_to_aspect_ratio and wanted > n:
            pairs = [(0, 0)] * x.ndim
            pairs[axis] = ((wanted - n) // 2,) * 2
            x = np.pad(x, pairs, constant_values=fill_value)
    for axis, m in zip(axes, size, strict=True):
        n = x.shape[axis]
        if interpolation == "nearest":
            x = np.take(x, [math.floor((i + 0.5) * n / m) for i in range(m)], axis)
        elif interpolation == "area":
            x = _mean_of_interval(x, axis, m)
        else:
            x = _resampled(x, axis, m, m / n, 0.0, _KERNELS[_plain(interpolation)], antialias)
    return typed(x, images)


def scale_and_translate(images: Any, output_shape: Any, scale: Any, translation: Any, spatial_dims: Any, method: str,
                        antialias: bool = True) -> Any:
    x = images
    for axis, factor, shift in zip(np.atleast_1d(spatial_dims), scale, translation, strict=True):
        kernel = _KERNELS[_plain(method)]
        x = _resampled(x, int(axis), output_shape[axis], float(factor), float(shift), kernel, antialias)
    return typed(x, images)


# --- margins -------------------------------------------------------------------------------------------------------------


def crop_images(images: Any, top_cropping: Any = None, left_cropping: Any = None, bottom_cropping: Any = None, right_cropping: Any = None,
                target_height: Any = None, target_width: Any = None, data_format: str | None = None) -> Any:
    rows, columns = (images.shape[axis] for axis in _axes(images, data_format))
    top = rows - target_height - bottom_cropping if top_cropping is None else top_cropping
    left = columns - target_width - right_cropping if left_cropping is None else left_cropping
    bottom = top + target_height if bottom_cropping is None else rows - bottom_cropping
    right = left + target_width if right_cropping is None else columns - right_cropping
    return images[..., top:bottom, left:right] if data_format == "channels_first" else images[..., top:bottom, left:right, :]


def pad_images(images: Any, top_padding: Any = None, left_padding: Any = None, bottom_padding: Any = None, right_padding: Any = None,
               target_height: Any = None, target_width: Any = None, data_format: str | None = None) -> Any:
    rows, columns = (images.shape[axis] for axis in _axes(images, data_format))
    top = target_height - rows - bottom_padding if top_padding is None else top_padding
    left = target_width - columns - right_padding if left_padding is None else left_padding
    bottom = target_height - rows - top if bottom_padding is None else bottom_padding
    right = target_width - columns - left if right_padding is None else right_padding
    pairs = [(top, bottom), (left, right)] if data_format == "channels_first" else [(top, bottom), (left, right), (0, 0)]
    return np.pad(images, [(0, 0)] * (images.ndim - len(pairs)) + pairs)


# --- looking up ----------------------------------------------------------------------------------------------------------


def _away(x: Any) -> Any:
    return np.sign(x) * np.floor(np.abs(x) + 0.5)


def _filling(images: Any, value: Any) -> Any:
    return value if images.dtype.kind == "f" else bool(value) if images.dtype == bool else int(value)


def map_coordinates(inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: Any = 0) -> Any:
    from scipy import ndimage

    mode = {"constant": "grid-constant", "wrap": "grid-wrap"}.get(fill_mode, fill_mode)
    places = np.asarray(coordinates, "float64")
    known = np.isfinite(places).all(0)
    result = ndimage.map_coordinates(inputs.astype("float64"), np.where(known, places, 0.0), order=order, mode=mode,
                                     cval=_filling(inputs, fill_value))
    return typed(np.where(known, result, np.nan), inputs, _away)


def _warped(images: Any, matrices: Any, interpolation: str, mode: str, fill_value: Any, data_format: str | None) -> Any:
    """Image by image and channel by channel, looked up where the matrix takes (x, y, 1)."""
    x = images if images.ndim == 4 else images[None]
    x = x if data_format == "channels_first" else np.moveaxis(x, -1, 1)
    rows, columns = np.mgrid[:x.shape[2], :x.shape[3]].astype("float64")
    out = np.zeros(x.shape)
    for image, result, matrix in zip(x, out, np.broadcast_to(matrices, (len(x), 3, 3)), strict=True):
        u, v, w = np.tensordot(matrix, np.array([columns, rows, np.ones_like(rows)]), 1)
        for channel, pixels in zip(image, result, strict=True):
            if pixels.size:
                pixels[:] = map_coordinates(channel, [v / w, u / w], int(interpolation == "bilinear"), mode, fill_value)
    out = out if data_format == "channels_first" else np.moveaxis(out, 1, -1)
    return typed(out if images.ndim == 4 else out[0], images)  # integers are rounded already


def affine_transform(images: Any, transform: Any, interpolation: str = "bilinear", fill_mode: str = "constant", fill_value: Any = 0,
                     data_format: str | None = None) -> Any:
    numbers = np.atleast_2d(np.asarray(transform, "float64"))
    matrices = np.append(numbers, np.ones((len(numbers), 1)), 1).reshape(-1, 3, 3)
    return _warped(images, matrices, interpolation, fill_mode, fill_value, data_format)


def perspective_transform(images: Any, start_points: Any, end_points: Any, interpolation: str = "bilinear", fill_value: Any = 0,
                          data_format: str | None = None) -> Any:
    start, end = (np.asarray(p, "float64").reshape(-1, 4, 2) for p in (start_points, end_points))
    matrices = np.array([_homography(b, a) for a, b in zip(start, end, strict=True)]).reshape(-1, 3, 3)
    return _warped(images, matrices, interpolation, "constant", fill_value, data_format)


def _homography(source: Any, target: Any) -> Any:
    """The matrix with last entry 1 that takes four points to four others, from eight linear equations."""
    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1.0).reshape(3, 3)


# --- filters -------------------------------------------------------------------------------------------------------------


def _window_sums(x: Any, axis: int, window: Any) -> Any:
    return np.apply_along_axis(lambda line: np.convolve(line, window[::-1], "valid"), axis, x)


def _gaussian(size: int, sigma: float) -> Any:
    values = np.array([math.exp(-(((i - (size - 1) / 2) / sigma) ** 2) / 2) for i in range(size)])
    return values / values.sum()


def gaussian_blur(images: Any, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None) -> Any:
    x = images.astype("float64")
    for axis, n, deviation in zip(_axes(images, data_format)[::-1], kernel_size, sigma, strict=True):
        pairs = [(0, 0)] * x.ndim
        pairs[axis] = ((n - 1) // 2, n // 2)
        x = _window_sums(np.pad(x, pairs), axis, _gaussian(n, deviation)) if x.size else x
    return typed(x, images)


def sobel_edges(images: Any, data_format: str | None = None) -> Any:
    from scipy import ndimage

    x = images.astype("int32") if images.dtype == bool else images
    x = np.moveaxis(x, 1, -1) if data_format == "channels_first" else x
    out = np.zeros((*x.shape, 2), x.dtype)
    for sample, channel in np.ndindex(x.shape[0], x.shape[3]):
        for i in range(2):
            out[sample, :, :, channel, i] = ndimage.sobel(x[sample, :, :, channel], i) if x.size else 0
    return np.moveaxis(out, 3, 1) if data_format == "channels_first" else out


def ssim(image1: Any, image2: Any, max_val: Any = 1.0, filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03,
         data_format: str | None = None) -> Any:
    if not image1.size:
        return np.zeros(image1.shape[:-3])
    axes = _axes(image1, data_format)
    windows = [np.lib.stride_tricks.sliding_window_view(x, (filter_size, filter_size), axes) for x in (image1, image2)]
    weights = np.outer(*[_gaussian(filter_size, filter_sigma)] * 2)
    first, second = (np.sum(w * weights, (-2, -1), keepdims=True) for w in windows)
    apart = windows[0] - first, windows[1] - second
    s11, s22, s12 = (np.sum(a * b * weights, (-2, -1)) for a, b in ((apart[0],) * 2, (apart[1],) * 2, apart))
    first, second = first[..., 0, 0], second[..., 0, 0]
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    quotient = (2 * first * second + c1) * (2 * s12 + c2) / ((first**2 + second**2 + c1) * (s11 + s22 + c2))
    return quotient.mean((-3, -2, -1))


# --- colours and patches -------------------------------------------------------------------------------------------------


def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Any:
    axis = images.ndim - (3 if data_format == "channels_first" else 1)
    if images.shape[axis] == 1:
        return images
    gray = np.expand_dims(np.tensordot(images, [0.2989, 0.587, 0.114], (axis, 0)), axis)
    return gray != 0 if images.dtype == bool else typed(gray, images, np.trunc)


def _pixelwise(convert: Callable[..., Any], images: Any, data_format: str | None) -> Any:
    x = np.moveaxis(images, -3, -1) if data_format == "channels_first" else images
    x = np.array([convert(*pixel) for pixel in x.reshape(-1, 3)]).reshape(x.shape)
    return np.moveaxis(x, -1, -3) if data_format == "channels_first" else x


def rgb_to_hsv(images: Any, data_format: str | None = None) -> Any:
    import colorsys

    def convert(red: float, green: float, blue: float) -> Any:
        hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue) if max(red, green, blue) else (0.0, 0.0, 0.0)
        return hue, saturation if value > 0 else 0.0, value

    return _pixelwise(convert, images, data_format)


def hsv_to_rgb(images: Any, data_format: str | None = None) -> Any:
    import colorsys

    return _pixelwise(lambda hue, saturation, value: colorsys.hsv_to_rgb(hue % 1, saturation, value), images, data_format)


def extract_patches(images: Any, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
                    data_format: str | None = None) -> Any:
    return _patches(images, len(size) if isinstance(size, (list, tuple)) else 2, size, strides, dilation_rate, padding, data_format)


def extract_patches_3d(volumes: Any, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
                       data_format: str | None = None) -> Any:
    return _patches(volumes, 3, size, strides, dilation_rate, padding, data_format)


def _patches(x: Any, rank: int, size: Any, strides: Any, dilation_rate: Any, padding: str, data_format: str | None) -> Any:
    """One window after the other, cut out by slices."""
    size, strides, gaps = (np.broadcast_to(n, rank).tolist() for n in (size, size if strides is None else strides, dilation_rate))
    first = data_format == "channels_first"
    x = np.moveaxis(x, -1 - rank, -1) if first else x
    lead = x.ndim - rank - 1
    spans = [(k - 1) * d + 1 for k, d in zip(size, gaps, strict=True)]
    if padding == "same":
        counts = [-(-n // s) for n, s in zip(x.shape[lead:-1], strides, strict=True)]
        extra = [max((c - 1) * s + span - n, 0) for c, s, span, n in zip(counts, strides, spans, x.shape[lead:-1], strict=True)]
        x = np.pad(x, [(0, 0)] * lead + [(e // 2, e - e // 2) for e in extra] + [(0, 0)])
    else:
        counts = [(n - span) // s + 1 for n, span, s in zip(x.shape[lead:-1], spans, strides, strict=True)]
    out = np.zeros((*x.shape[:lead], *counts, math.prod(size) * x.shape[-1]), x.dtype)
    for place in np.ndindex(*counts):
        cut = [slice(i * s, i * s + span, d) for i, s, span, d in zip(place, strides, spans, gaps, strict=True)]
        out[(..., *place, slice(None))] = x[(slice(None),) * lead + tuple(cut)].reshape(*x.shape[:lead], out.shape[-1])
    return np.moveaxis(out, -1, -1 - rank) if first else out
