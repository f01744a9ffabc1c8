"""Convolutions and pooling over one to three spatial axes.

Images are (samples, *spatial, channels), or (samples, channels, *spatial) with `data_format="channels_first"`.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.ops import references
from keras_lite.ops.arithmetic import divide
from keras_lite.ops.creation import ones_like
from keras_lite.ops.data import as_numbers, refuse_complex, refuse_storage, unify
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.sample import Sample, array, c64, f32, i32
from keras_lite.ops.shaping import reshape
from keras_lite.ops.sizes import is_empty, whole
from keras_lite.ops.statistics import back, wide
from keras_lite.ops.table import op, primitive
from keras_lite.symbolic.rules import conv_size, transposed_size

FIRST = "channels_first"
MISFIT = Sample(f32(2, 6, 3), f32(3, 2, 4), error=r"3 channels, which do not fit a kernel of shape \(3, 2, 4\)")
RANKS = Sample(f32(2, 6, 6, 3), f32(3, 3, 4), error="the kernel needs rank 4")
PADDING = Sample(f32(2, 6, 3), f32(3, 3, 4), padding="full", error="unknown padding 'full'")


def _each(name: str, what: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """A number, or one for each of `rank` spatial axes, as a tuple of ints."""
    values = tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank
    if len(values) == 1:
        values *= rank
    numbers = tuple(n for item in values if (n := whole(item)) is not None and n >= least)
    if not len(numbers) == len(values) == rank:
        raise invalid(name, f"{what} must be an int of at least {least}, or {rank} of them, got {value!r}")
    return numbers


def _padding(padding: Any) -> str:
    if not isinstance(padding, str) or padding.lower() not in ("valid", "same"):
        raise unknown_name("padding", padding, ("valid", "same"))
    return padding.lower()


def _image(name: str, engine: Any, x: Any, kernel: Any, data_format: str | None) -> tuple[Any, Any, bool, Any]:
    """Tensors of one dtype, whether the channels come last, and their number; the ranks are checked."""
    x, kernel = unify(engine, [x, kernel])
    refuse_storage(name, engine.dtype_of(x))
    shape = engine.shape_of(x)
    if not 3 <= len(shape) <= 5:
        raise invalid(name, f"inputs need one to three spatial axes beside samples and channels, got shape {shape}")
    if len(engine.shape_of(kernel)) != len(shape):
        raise invalid(name, f"the kernel needs rank {len(shape)} like the inputs {shape}, got shape {engine.shape_of(kernel)}")
    _known("the kernel", name, engine.shape_of(kernel))
    if is_empty(engine.shape_of(kernel)[:-2]):
        raise invalid(name, f"the kernel needs a window of one element at least, got shape {engine.shape_of(kernel)}")
    last = config.standardize_data_format(data_format) == "channels_last"
    return x, kernel, last, shape[-1 if last else 1]


def _known(what: str, name: str, shape: Any) -> None:
    if None in shape:
        raise invalid(name, f"{what} needs known sizes, got shape {shape}")


def _spatial(shape: Any, last: bool) -> tuple[int | None, ...]:
    """The sizes of the spatial axes, None for unknown ones."""
    return tuple(n if isinstance(n, int) else None for n in (shape[1:-1] if last else shape[2:]))


def _zeros_for_nothing(engine: Any, x: Any, kernel: Any, spatial: Any, outer: int, last: bool) -> Any:
    """The result with the sizes `spatial` where it has no elements or no products are added up; None where there is work."""
    shape = engine.shape_of(x)
    nothing = any(isinstance(n, int) and n == 0 for n in (*shape, *engine.shape_of(kernel), *spatial))
    if not nothing or (None in spatial and not engine.is_abstract):
        return None
    return engine.full((shape[0], *spatial, outer) if last else (shape[0], outer, *spatial), 0, engine.dtype_of(x))


def _places(name: str, shape: Any, last: bool, window: Any, strides: Any, padding: str, dilation: Any) -> tuple[Any, ...]:
    """The number of places of the window on each spatial axis, None where it is unknown; raises ValueError where there is no room."""
    sizes = tuple(conv_size(n, w, s, padding, d) for n, w, s, d in zip(_spatial(shape, last), window, strides, dilation, strict=True))
    if any(n is not None and n < 0 for n in sizes):
        raise invalid(name, f"the window {tuple(window)} (dilation {dilation}) is larger than the inputs {shape}; padding is {padding!r}")
    return sizes


@primitive(samples=(
    Sample(f32(2, 6, 3), f32(3, 3, 4)), Sample(f32(2, 7, 6, 3), f32(3, 2, 3, 4), strides=2, padding="same"),
    Sample(f32(1, 4, 5, 3, 2), f32(2, 2, 2, 2, 3)), Sample(f32(2, 3, 8, 8), f32(3, 3, 3, 4), (2, 1), "same", FIRST),
    Sample(f32(2, 9, 2), f32(3, 2, 4), padding="same", dilation_rate=2), Sample(f32(2, 6, 4), f32(3, 2, 6)),
    Sample(f32(0, 6, 3), f32(3, 3, 4)), Sample(f32(1, 5, 5, 1), f32(5, 5, 1, 2), padding="valid"), MISFIT, RANKS, PADDING,
    Sample(f32(1, 5, 0), f32(3, 0, 4)), Sample(f32(1, 0, 5, 2), f32(3, 3, 2, 4), padding="same"), Sample(f32(2, 6, 3), f32(3, 3, 0)),
    Sample(f32(1, 4, 2), f32(0, 2, 4), error="the kernel needs a window of one element at least"),
    Sample(f32(2, 3, 3), f32(5, 3, 4), error=r"the window \(5,\) .* is larger than the inputs \(2, 3, 3\)"),
    Sample(f32(2, 6, 3), f32(3, 3, 4), strides=(1, 2), error="strides must be an int")), reference=references.conv)
def conv(engine: Any, inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
         dilation_rate: Any = 1) -> Any:
    """Convolution of `inputs` over one to three spatial axes; the `kernel` is not flipped (cross-correlation).

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with "channels_first".
        kernel: (*window, channels_in, channels_out).  Where the inputs have g times channels_in, they are convolved in g groups of
            channels, each by its share of the channels_out.
        strides: distance of the windows, an int or one for each spatial axis.
        padding: "valid" for windows inside the inputs; "same" for so many zeros around, that stride 1 keeps the size.
        data_format: "channels_last" or "channels_first"; None is the configured one.
        dilation_rate: distance of the elements of a window, an int or one for each spatial axis.

    Raises:
        ValueError: ranks, channels, numbers or names that do not fit; a window that is larger than the inputs.

    >>> from keras_lite import ops
    >>> signal, difference = ops.reshape([1.0, 2.0, 4.0, 7.0], (1, 4, 1)), ops.reshape([-1.0, 1.0], (2, 1, 1))
    >>> ops.convert_to_numpy(ops.conv(signal, difference)[0, :, 0]).tolist()
    [1.0, 2.0, 3.0]
    """
    x, kernel, last, channels = _image("conv", engine, inputs, kernel, data_format)
    shape, (*window, inner, outer) = engine.shape_of(x), engine.shape_of(kernel)
    groups = channels // inner if isinstance(channels, int) and isinstance(inner, int) and inner else 1
    if isinstance(channels, int) and (channels != inner * groups or groups == 0 or outer % groups):
        raise invalid("conv",
                      f"inputs of shape {shape} have {channels} channels, which do not fit a kernel of shape {engine.shape_of(kernel)}")
    strides, dilation = _each("conv", "strides", strides, len(window)), _each("conv", "dilation_rate", dilation_rate, len(window))
    padding = _padding(padding)
    sizes = _places("conv", shape, last, window, strides, padding, dilation)
    nothing = _zeros_for_nothing(engine, x, kernel, sizes, outer, last)
    return (x, kernel, strides, padding, dilation, groups, last) if nothing is None else nothing


@op(tensors=("inputs", "kernel"), samples=(
    Sample(f32(2, 6, 3), f32(3, 3, 1)), Sample(f32(2, 6, 7, 3), f32(3, 2, 3, 2), strides=2, padding="same"),
    Sample(f32(2, 3, 6, 6), f32(2, 2, 3, 1), data_format=FIRST), Sample(f32(0, 6, 3), f32(3, 3, 2)), Sample(f32(1, 6, 3), f32(3, 3, 0)),
    Sample(f32(1, 9, 2), f32(3, 2, 1), dilation_rate=2), MISFIT, RANKS,
    Sample(f32(2, 6, 3), f32(3, 3, 1), padding="full", error="unknown padding 'full'")))
def depthwise_conv(inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
                   dilation_rate: Any = 1) -> Any:
    """Convolution of each channel of `inputs` on its own: channels * multiplier results, those of one channel in a row.

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with "channels_first".
        kernel: (*window, channels, multiplier).
        strides, padding, data_format, dilation_rate: as for `conv`.

    Raises:
        ValueError: ranks, channels, numbers or names that do not fit; a window that is larger than the inputs.

    >>> from keras_lite import ops
    >>> pairs, kernel = [[[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]], ops.ones((2, 2, 1))
    >>> ops.convert_to_numpy(ops.depthwise_conv(pairs, kernel)).tolist()
    [[[3.0, 30.0], [6.0, 60.0]]]
    """
    if rank_of(kernel) != rank_of(inputs):
        raise invalid("depthwise_conv",
                      f"the kernel needs rank {rank_of(inputs)} like the inputs {shape_of(inputs)}, got shape {shape_of(kernel)}")
    _known("the kernel", "depthwise_conv", shape_of(kernel))
    *window, channels, multiplier = shape_of(kernel)
    found = shape_of(inputs)[-1 if config.standardize_data_format(data_format) == "channels_last" else 1]
    if isinstance(found, int) and found != channels:
        raise invalid("depthwise_conv",
                      f"inputs of shape {shape_of(inputs)} have {found} channels, which do not fit a kernel of shape {shape_of(kernel)}")
    return conv(inputs, reshape(kernel, (*window, 1, channels * multiplier)), strides, padding, data_format, dilation_rate)


@op(tensors=("inputs", "depthwise_kernel", "pointwise_kernel"), samples=(
    Sample(f32(2, 6, 3), f32(3, 3, 2), f32(1, 6, 4)), Sample(f32(2, 3, 6, 6), f32(2, 2, 3, 1), f32(1, 1, 3, 2), 2, "same", FIRST),
    Sample(f32(0, 6, 3), f32(3, 3, 1), f32(1, 3, 2)),
    Sample(f32(2, 6, 3), f32(3, 2, 4), f32(1, 8, 2), error="3 channels")))
def separable_conv(inputs: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = 1, padding: str = "valid",
                   data_format: str | None = None, dilation_rate: Any = 1) -> Any:
    """`depthwise_conv` and then `conv` with a window of size 1, which mixes the channels (Chollet, https://arxiv.org/abs/1610.02357).

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with "channels_first".
        depthwise_kernel: (*window, channels, multiplier).
        pointwise_kernel: (*ones, channels * multiplier, channels_out).
        strides, padding, data_format, dilation_rate: of the first step, as for `conv`.

    Raises:
        ValueError: ranks, channels, numbers or names that do not fit; a window that is larger than the inputs.

    >>> from keras_lite import ops
    >>> pairs, first, second = [[[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]], ops.ones((2, 2, 1)), ops.ones((1, 2, 1))
    >>> ops.convert_to_numpy(ops.separable_conv(pairs, first, second)).tolist()
    [[[33.0], [66.0]]]
    """
    x = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(x, pointwise_kernel, 1, "valid", data_format)


@primitive(samples=(
    Sample(f32(2, 4, 3), f32(3, 5, 3)), Sample(f32(2, 4, 3, 3), f32(3, 2, 2, 3), strides=2, padding="same"),
    Sample(f32(1, 3, 4, 4), f32(3, 3, 2, 3), (2, 1), "same", None, FIRST), Sample(f32(2, 4, 3), f32(3, 5, 3), 2, "same", 1),
    Sample(f32(2, 4, 3), f32(2, 5, 3), 3), Sample(f32(2, 4, 3), f32(3, 5, 3), dilation_rate=2),
    Sample(f32(2, 4, 3), f32(3, 5, 3), 2, "valid", 0), Sample(f32(0, 4, 3), f32(3, 5, 3)),
    Sample(f32(1, 2, 3, 2, 2), f32(2, 2, 2, 1, 2), 2),
    Sample(f32(1, 0, 5, 2), f32(3, 3, 4, 2), 2), Sample(f32(1, 3, 0), f32(3, 4, 0)), Sample(f32(1, 0, 3), f32(3, 5, 3), 2, "same"),
    Sample(f32(1, 4, 2), f32(0, 4, 2), error="the kernel needs a window of one element at least"),
    Sample(f32(2, 4, 3), f32(3, 3, 4), error=r"3 channels, which do not fit a kernel of shape \(3, 3, 4\)"), RANKS,
    Sample(f32(2, 6, 3), f32(3, 4, 3), padding="full", error="unknown padding 'full'"),
    Sample(f32(2, 4, 3), f32(3, 5, 3), 2, "same", -1, error="output_padding must be an int of at least 0")),
    reference=references.conv_transpose)
def conv_transpose(engine: Any, inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
                   data_format: str | None = None, dilation_rate: Any = 1) -> Any:
    """Transposed convolution: the gradient of `conv` by its inputs, which spreads each element over a window.

    An axis of size n, with a window that spans k = (window - 1) * dilation + 1, becomes n * stride with padding "same" and
    (n - 1) * stride + max(k, stride) with "valid"; given `output_padding` it becomes (n - 1) * stride + k + output_padding,
    less 2 * (k // 2) with "same".

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with "channels_first".
        kernel: (*window, channels_out, channels).
        strides, dilation_rate: distance of the windows, and of the elements of one: an int or one for each spatial axis.
        padding: "valid" or "same".
        output_padding: what the sizes have more than they need, an int or one for each spatial axis; None for the usual sizes.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: ranks, channels, numbers or names that do not fit.

    >>> from keras_lite import ops
    >>> signal, kernel = ops.reshape([1.0, 2.0, 3.0], (1, 3, 1)), ops.reshape([10.0, 1.0], (2, 1, 1))
    >>> ops.convert_to_numpy(ops.conv_transpose(signal, kernel, strides=2)[0, :, 0]).tolist()
    [10.0, 1.0, 20.0, 2.0, 30.0, 3.0]
    """
    x, kernel, last, channels = _image("conv_transpose", engine, inputs, kernel, data_format)
    shape, (*window, outer, inner) = engine.shape_of(x), engine.shape_of(kernel)
    if isinstance(channels, int) and channels != inner:
        raise invalid("conv_transpose",
                      f"inputs of shape {shape} have {channels} channels, which do not fit a kernel of shape {engine.shape_of(kernel)}")
    rank = len(window)
    strides, dilation = _each("conv_transpose", "strides", strides, rank), _each("conv_transpose", "dilation_rate", dilation_rate, rank)
    extra = (None,) * rank if output_padding is None else _each("conv_transpose", "output_padding", output_padding, rank, 0)
    spans = [(w - 1) * d + 1 for w, d in zip(window, dilation, strict=True)]
    same = _padding(padding) == "same"
    crops = tuple(_crop(k, s, same, e) for k, s, e in zip(spans, strides, extra, strict=True))
    sizes = tuple(map(transposed_size, _spatial(shape, last), window, strides, crops, dilation))
    nothing = _zeros_for_nothing(engine, x, kernel, sizes, outer, last)
    return (x, kernel, strides, crops, dilation, last) if nothing is None else nothing


def _crop(span: int, stride: int, same: bool, extra: int | None) -> tuple[int, int]:
    """What to cut off (or add, if negative) before and after the full result of one axis."""
    total = (span - stride if same else min(span - stride, 0)) if extra is None else 2 * (span // 2) * same - extra
    before = max(total, 0) // 2
    return before, total - before


# --- pooling -------------------------------------------------------------------------------------------------------------


@primitive(samples=(Sample(f32(2, 6, 3), "max", (2,), (2,), "valid", True), Sample(f32(2, 5, 5, 3), "sum", (2, 3), (2, 2), "same", True),
                    Sample(f32(2, 3, 5), "max", (3,), (1,), ((1, 1),), False), Sample(f32(0, 6, 3), "max", (2,), (2,), "valid", True),
                    Sample(f32(2, 6, 3), "mean", (2,), (2,), "valid", True, error="unknown kind of window 'mean'"),
                    Sample(c64(2, 6, 3), "max", (2,), (2,), "valid", True, error="is for real numbers, got complex64")),
                    reference=references.reduce_window)
def reduce_window(engine: Any, x: Any, kind: str, window: Any, strides: Any, padding: Any, channels_last: bool) -> tuple[Any, ...]:
    """The "max" or "sum" over windows of the spatial axes; padding counts as the lowest value or 0."""
    if kind not in ("max", "sum"):
        raise unknown_name("kind of window", kind, ("max", "sum"))
    x = as_numbers(engine, "pool", x)
    if kind == "max":
        refuse_complex("reduce_window", engine.dtype_of(x))
    return x, kind, tuple(window), tuple(strides), padding, bool(channels_last)


def _pooled(name: str, x: Any, kind: str, pool_size: Any, strides: Any, padding: Any, data_format: Any) -> tuple[Any, tuple[Any, ...]]:
    shape = shape_of(x)
    if not 3 <= len(shape) <= 5:
        raise invalid(name, f"inputs need one to three spatial axes beside samples and channels, got shape {shape}")
    rank = len(shape) - 2
    window = _each(name, "pool_size", pool_size, rank)
    steps = window if strides is None else _each(name, "strides", strides, rank)
    last, padding = config.standardize_data_format(data_format) == "channels_last", _padding(padding)
    _places(name, shape, last, window, steps, padding, (1,) * rank)
    return reduce_window(x, kind, window, steps, padding, last), (window, steps, padding, last)


POOLS = (Sample(f32(2, 6, 3), 2), Sample(f32(2, 5, 6, 3), (2, 3), strides=1, padding="same"), Sample(f32(2, 3, 5, 5), 3, 2, "same", FIRST),
         Sample(f32(1, 4, 4, 4, 2), 2), Sample(f32(0, 6, 3), 2), Sample(f32(2, 7, 3), 2, 3),
         Sample(f32(2, 3, 3), 4, error=r"the window \(4,\) .* is larger than the inputs \(2, 3, 3\)"),
         Sample(f32(3, 3), 2, error="one to three spatial axes"), Sample(f32(2, 6, 3), 0, error="pool_size must be"),
         Sample(f32(2, 6, 3), 2, padding="full", error="unknown padding 'full'"))


@op(tensors=("inputs",), samples=(*POOLS, Sample(array([[[-3.0], [-2.0], [-1.0]]]), 2, 1, "same"), Sample(i32(2, 4, 1), 2)),
    reference=references.max_pool)
def max_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None) -> Any:
    """Maximum of each channel over windows of one to three spatial axes.

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with "channels_first".
        pool_size: size of the windows, an int or one for each spatial axis.
        strides: their distance, likewise; `pool_size` by default.
        padding: "valid" for windows inside the inputs, or "same" for ceil(size / stride) of them, which may reach beyond.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank, number or name; a window that is larger than the inputs.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.max_pool(ops.reshape([1, 5, 2, 4, 3], (1, 5, 1)), 2)[0, :, 0]).tolist()
    [5, 4]
    >>> ops.convert_to_numpy(ops.max_pool(ops.reshape([1, 5, 2, 4, 3], (1, 5, 1)), 2, padding="same")[0, :, 0]).tolist()
    [5, 4, 3]
    """
    return _pooled("max_pool", inputs, "max", pool_size, strides, padding, data_format)[0]


@op(tensors=("inputs",), floating=True, samples=(*POOLS, Sample(i32(2, 4, 1), 2)), reference=references.average_pool)
def average_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None) -> Any:
    """Mean of each channel over windows of one to three spatial axes; what is beyond the inputs is not counted.

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with "channels_first"; ints become floats.
        pool_size: size of the windows, an int or one for each spatial axis.
        strides: their distance, likewise; `pool_size` by default.
        padding: "valid" for windows inside the inputs, or "same" for ceil(size / stride) of them, which may reach beyond.
        data_format: "channels_last" or "channels_first"; None is the configured one.

    Raises:
        ValueError: a wrong rank, number or name; a window that is larger than the inputs.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.average_pool(ops.reshape([1.0, 5.0, 2.0, 4.0, 3.0], (1, 5, 1)), 2, padding="same")[0, :, 0]).tolist()
    [3.0, 3.0, 3.0]
    """
    x = wide(inputs)
    total, (window, steps, padding, last) = _pooled("average_pool", x, "sum", pool_size, strides, padding, data_format)
    if padding == "valid":
        return back(divide(total, float(np.prod(window))), inputs)
    spatial = shape_of(x)[1:-1] if last else shape_of(x)[2:]
    if all(isinstance(n, int) for n in spatial):
        counts: Any = _window_counts(tuple(spatial), window, steps)[(None, ..., None) if last else (None, None, ...)].astype(dtype_of(x))
    else:
        counts = reduce_window(ones_like(x), "sum", window, steps, padding, last)
    return back(divide(total, counts), inputs)


@functools.lru_cache(maxsize=64)
def _window_counts(spatial: Any, window: Any, strides: Any) -> np.ndarray:
    """Number of elements inside each window with padding "same"."""
    counts = np.ones(())
    for n, k, s in zip(spatial, window, strides, strict=True):
        positions = -(-n // s)
        before = max((positions - 1) * s + k - n, 0) // 2
        starts = np.arange(positions) * s - before
        counts = np.multiply.outer(counts, np.minimum(starts + k, n) - np.maximum(starts, 0))
    return counts
