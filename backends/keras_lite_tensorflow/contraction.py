"""Products and windows.

On the CPU bfloat16 and float16 are computed in float32, since some of TensorFlow's kernels would add up in 16 bits; a GPU
accumulates in float32 by itself.  Channels first become last and back, since the CPU has no other convolutions.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import tensorflow as tf

from keras_lite_tensorflow.control import cond
from keras_lite_tensorflow.elementwise import greater
from keras_lite_tensorflow.kernels import raw, through
from keras_lite_tensorflow.shaping import pad, reshape
from keras_lite_tensorflow.tensors import HALF, is_plain_matrix, shape_of

Tensor: TypeAlias = tf.Tensor
Ints = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]
Padding = str | Pairs

_ON_GPU = {  # equal modulo 2**n when cast back
    "bool": "int32", "int8": "int32", "uint8": "int32", "int16": "int32", "uint16": "int32", "uint32": "int64", "uint64": "int64"}
_ON_CPU = _ON_GPU | dict.fromkeys(HALF, "float32")


@functools.cache
def _gpu_is_there() -> bool:
    return bool(tf.config.list_logical_devices("GPU"))


def _on_gpu(x: Tensor) -> bool:
    """Whether kernels for `x` will be the GPU's; inside a graph the placement is open, and the GPU comes first."""
    return _gpu_is_there() and "CPU" not in x.device


def _wide(function: Callable[..., Tensor], *xs: Tensor) -> Tensor:
    """`function(*xs)`, computed in a dtype for which there are exact kernels."""
    return through(_ON_GPU if _on_gpu(xs[0]) else _ON_CPU, function)(*xs)


def matmul(x1: Tensor, x2: Tensor) -> Tensor:
    if is_plain_matrix(x1) and is_plain_matrix(x2):  # most eager calls: what follows would cost a third of the kernel's call
        return raw.MatMul(a=x1, b=x2)
    return _wide(_matmul, x1, x2)


def _matmul(x1: Tensor, x2: Tensor) -> Tensor:
    rank1, rank2 = x1.shape.rank, x2.shape.rank
    if rank1 == 1 or rank2 == 1:
        y = _matmul(x1[None] if rank1 == 1 else x1, x2[:, None] if rank2 == 1 else x2)
        return tf.squeeze(y, [axis for axis, rank in ((-2, rank1), (-1, rank2)) if rank == 1])
    if rank1 > 2 and rank2 == 2:  # one large product instead of many small ones
        *lead, inner = shape_of(x1)
        y = raw.MatMul(a=reshape(x1, (math.prod(lead), inner)), b=x2)
        return reshape(y, (*lead, shape_of(x2)[1]))
    return raw.MatMul(a=x1, b=x2) if rank1 == rank2 == 2 else raw.BatchMatMulV2(x=x1, y=x2)


def einsum(subscripts: str, operands: Sequence[Tensor]) -> Tensor:
    return _wide(functools.partial(tf.einsum, subscripts), *operands)


# --- convolution -------------------------------------------------------------------------------------------------------


def conv(x: Tensor, kernel: Tensor, strides: Ints, padding: Padding, dilation: Ints, groups: int, channels_last: bool) -> Tensor:
    if len(strides) == 1:
        pairs = padding if isinstance(padding, str) else ((0, 0), *padding)
        plan = functools.partial(conv, kernel=kernel[None], strides=strides * 2, padding=pairs, dilation=dilation * 2,
                                 groups=groups, channels_last=channels_last)
        return _as_image(plan, x, channels_last)
    if not channels_last:
        plan = functools.partial(conv, kernel=kernel, strides=strides, padding=padding, dilation=dilation, groups=groups,
                                 channels_last=True)
        return _with_channels_last(plan, x)
    if not isinstance(padding, str):
        x, padding = _pad(x, padding, 0), "valid"
    return _wide(functools.partial(_conv, strides=strides, padding=padding, dilation=dilation, groups=groups), x, kernel)


def _as_image(function: Callable[[Tensor], Tensor], x: Tensor, channels_last: bool) -> Tensor:
    """`function` of a sequence, as of an image of height 1."""
    axis = 1 if channels_last else 2
    return tf.squeeze(function(tf.expand_dims(x, axis)), [axis])


def _with_channels_last(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """`function`, which wants channels last, of `x` with channels first.  In a graph on a GPU TensorFlow takes the transposes out."""
    spatial = range(1, x.shape.rank - 1)
    y = function(tf.transpose(x, [0, *(axis + 1 for axis in spatial), 1]))
    return tf.transpose(y, [0, y.shape.rank - 1, *spatial])


def _conv(x: Tensor, kernel: Tensor, strides: Ints, padding: str, dilation: Ints, groups: int) -> Tensor:
    dilated, everywhere, images = max(dilation) > 1, _has_all_convolutions(x), len(strides) == 2
    has_kernel = x.dtype.is_floating and (everywhere or not dilated) and not _is_empty(x, kernel)
    if groups == x.shape[-1] > 1 and has_kernel and not dilated and images and strides[0] == strides[1]:
        return _depthwise(x, kernel, strides, padding)
    if groups > 1 and not (has_kernel and everywhere and images):
        parts = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1), strict=True)
        return tf.concat([_conv(part, weights, strides, padding, dilation, 1) for part, weights in parts], -1)
    if not has_kernel:
        return _conv_by_matmul(x, kernel, strides, padding, dilation)
    convolve = tf.nn.conv2d if images else tf.nn.conv3d
    return convolve(x, kernel, [1, *strides, 1], padding.upper(), dilations=[1, *dilation, 1])


def _is_empty(*xs: Tensor) -> bool:
    """Whether one of `xs` has no elements: oneDNN's kernels return wrong shapes for them, or crash."""
    return any(0 in x.shape.as_list() for x in xs)


def _depthwise(x: Tensor, kernel: Tensor, strides: Ints, padding: str) -> Tensor:
    height, width, _, outputs = shape_of(kernel)
    channels = shape_of(x)[-1]
    per_channel = tf.reshape(kernel, [height, width, channels, outputs // channels])
    return tf.nn.depthwise_conv2d(x, per_channel, [1, *strides, 1], padding.upper())


def _has_all_convolutions(x: Tensor) -> bool:
    """Whether there are kernels, with gradients, for dilation and groups: on a GPU, and by oneDNN for float32."""
    return _on_gpu(x) or (x.dtype == tf.float32 and _onednn_is_there())


@functools.cache
def _onednn_is_there() -> bool:
    with tf.init_scope(), tf.device("/device:CPU:0"):
        image, sizes = tf.zeros([1, 3, 3, 1]), [1, 5, 5, 1]
        try:
            tf.raw_ops.Conv2DBackpropInput(input_sizes=sizes, filter=tf.zeros([2, 2, 1, 1]), out_backprop=image, strides=[1] * 4,
                                           padding="VALID", dilations=[1, 2, 2, 1])
        except tf.errors.InvalidArgumentError:
            return False
    return True


def _conv_by_matmul(x: Tensor, kernel: Tensor, strides: Ints, padding: str, dilation: Ints) -> Tensor:
    """For every dtype and dilation: what lies under the window, side by side, times the kernel as a matrix."""
    *window, inputs, outputs = shape_of(kernel)
    if padding == "same":
        x = _pad(x, _same_pairs(shape_of(x)[1:-1], window, strides, dilation), 0)
    patches = tf.concat(_parts(x, window, strides, dilation), -1)
    return _matmul(patches, tf.reshape(kernel, [math.prod(window) * inputs, outputs]))


def _same_pairs(sizes: Sequence[int], window: Sequence[int], strides: Ints, dilation: Ints) -> Pairs:
    """The explicit form of the padding "same"; scalar tensors where sizes are not known."""
    totals = [(-(-n // s) - 1) * s + (k - 1) * d + 1 - n for n, k, s, d in zip(sizes, window, strides, dilation, strict=True)]
    totals = [max(total, 0) if isinstance(total, int) else tf.maximum(total, 0) for total in totals]
    return tuple((total // 2, total - total // 2) for total in totals)


def _parts(x: Tensor, window: Sequence[int], strides: Ints, dilation: Ints) -> list[Tensor]:
    """For each place of the window, in order, the elements of `x` (channels last, padded) that stand there."""
    sizes = shape_of(x)
    spans = [(n - (k - 1) * d - 1) // s * s + 1 for n, k, s, d in zip(sizes[1:-1], window, strides, dilation, strict=True)]
    found = []
    for place in itertools.product(*map(range, window)):
        starts = [step * d for step, d in zip(place, dilation, strict=True)]
        stops = [start + span for start, span in zip(starts, spans, strict=True)]
        found.append(tf.strided_slice(x, [0, *starts, 0], [sizes[0], *stops, sizes[-1]], [1, *strides, 1]))
    return found


def conv_transpose(x: Tensor, kernel: Tensor, strides: Ints, padding: Pairs, dilation: Ints, channels_last: bool) -> Tensor:
    if len(strides) == 1:
        plan = functools.partial(conv_transpose, kernel=kernel[None], strides=(1, *strides), padding=((0, 0), *padding),
                                 dilation=(1, *dilation), channels_last=channels_last)
        return _as_image(plan, x, channels_last)
    if not channels_last:
        plan = functools.partial(conv_transpose, kernel=kernel, strides=strides, padding=padding, dilation=dilation, channels_last=True)
        return _with_channels_last(plan, x)
    full = _wide(functools.partial(_conv_transpose, strides=strides, dilation=dilation), x, kernel)
    return _crop(full, padding)


def _conv_transpose(x: Tensor, kernel: Tensor, strides: Ints, dilation: Ints) -> Tensor:
    """The full result; nothing of it cropped."""
    count, *sizes, _ = shape_of(x)
    *window, outputs, _ = shape_of(kernel)
    has_kernel = x.dtype.is_floating and (max(dilation) == 1 or (len(strides) == 2 and _has_all_convolutions(x)))
    if not has_kernel or _is_empty(x, kernel):
        reach = [((k - 1) * d, (k - 1) * d) for k, d in zip(window, dilation, strict=True)]
        flipped = tf.reverse(tf.transpose(kernel, [*range(len(window)), len(window) + 1, len(window)]), range(len(window)))
        return conv(_spread(x, strides), flipped, (1,) * len(strides), tuple(reach), dilation, 1, True)
    full = [(n - 1) * s + (k - 1) * d + 1 for n, k, s, d in zip(sizes, window, strides, dilation, strict=True)]
    common: dict[str, Any] = {"input_sizes": [count, *full, outputs], "filter": kernel, "out_backprop": x, "strides": [1, *strides, 1],
                              "padding": "VALID", "dilations": [1, *dilation, 1]}
    return tf.raw_ops.Conv2DBackpropInput(**common) if len(strides) == 2 else tf.raw_ops.Conv3DBackpropInputV2(**common)


def _spread(x: Tensor, strides: Ints) -> Tensor:
    """`x` with zeros between its elements, so that neighbours stand a stride apart."""
    for axis, stride in enumerate(strides, 1):
        sizes = list(shape_of(x))
        length = (sizes[axis] - 1) * stride + 1
        x = tf.pad(tf.expand_dims(x, axis + 1), [(0, stride - 1 if a == axis + 1 else 0) for a in range(len(sizes) + 1)])
        sizes[axis] *= stride
        x = tf.reshape(x, sizes)[(slice(None),) * axis + (slice(length),)]
    return x


def _crop(x: Tensor, pairs: Pairs) -> Tensor:
    """`x` without `pairs` of elements at its sides; a negative number adds zeros."""
    slices = [slice(None), *(slice(max(before, 0), n - max(after, 0)) for n, (before, after) in zip(shape_of(x)[1:-1], pairs, strict=True))]
    return tf.pad(x[tuple(slices)], [(0, 0), *((max(-before, 0), max(-after, 0)) for before, after in pairs), (0, 0)])


# --- windows without a kernel ------------------------------------------------------------------------------------------


def reduce_window(x: Tensor, kind: str, window: Ints, strides: Ints, padding: Padding, channels_last: bool) -> Tensor:
    if len(strides) == 1:
        plan = functools.partial(reduce_window, kind=kind, window=(1, *window), strides=(1, *strides), channels_last=channels_last,
                                 padding=padding if isinstance(padding, str) else ((0, 0), *padding))
        return _as_image(plan, x, channels_last)
    if not channels_last:
        plan = functools.partial(reduce_window, kind=kind, window=window, strides=strides, padding=padding, channels_last=True)
        return _with_channels_last(plan, x)
    pairs = _pairs_of(padding, shape_of(x)[1:-1], window, strides)
    if kind == "sum":
        return _wide(functools.partial(_window_sum, window=window, strides=strides, pairs=pairs), x)
    if not x.dtype.is_floating:
        return through({"bool": "uint8"}, lambda x: _max_by_parts(x, window, strides, pairs))(x)
    return _wide(functools.partial(_window_max, window=window, strides=strides, pairs=pairs), x)


def _pairs_of(padding: Padding, sizes: Sequence[int], window: Ints, strides: Ints) -> Pairs:
    """The explicit form of a padding."""
    if not isinstance(padding, str):
        return padding
    return _same_pairs(sizes, window, strides, (1,) * len(strides)) if padding == "same" else ((0, 0),) * len(strides)


def _window_max(x: Tensor, window: Ints, strides: Ints, pairs: Pairs) -> Tensor:
    """By TensorFlow's kernel where the numbers are finite: it passes over NaN and -inf.  Its gradient goes to the first maximum."""
    by_parts = functools.partial(_max_by_parts, x, window, strides, pairs)
    # with padding "same", of which an amount may be a tensor, each window has an element
    only_padding = any(isinstance(n, int) and n >= size for pair, size in zip(pairs, window, strict=True) for n in pair)
    if only_padding or _is_empty(x):
        return by_parts()
    y = _max_by_kernel(_pad(x, pairs, x.dtype.min), window, strides)  # outside of the branches, beside its gradient, which oneDNN needs
    finite = tf.math.is_finite(tf.reduce_sum(tf.stop_gradient(x)))  # the cheapest pass over `x` that notices
    return cond(finite, lambda: [y], lambda: [by_parts()])[0]


def _max_by_kernel(x: Tensor, window: Ints, strides: Ints) -> Tensor:
    if len(window) == 2:
        return tf.nn.max_pool2d(x, window, strides, "VALID")
    return _planes_then_depth(lambda x, window, strides: tf.nn.max_pool2d(x, window, strides, "VALID"), x, window, strides)


def _planes_then_depth(pool: Callable[..., Tensor], x: Tensor, window: Ints, strides: Ints) -> Tensor:
    """Windows of volumes as those of images twice: TensorFlow's own take fewer dtypes and give the gradient to all maxima."""
    count, depth, height, width, channels = shape_of(x)
    planes = pool(tf.reshape(x, [count * depth, height, width, channels]), window[1:], strides[1:])
    _, height, width, _ = shape_of(planes)
    columns = tf.reshape(planes, [count, depth, height * width, channels])
    y = pool(columns, (window[0], 1), (strides[0], 1))
    return tf.reshape(y, [count, shape_of(y)[1], height, width, channels])


def _max_by_parts(x: Tensor, window: Ints, strides: Ints, pairs: Pairs) -> Tensor:
    """For every value and dtype; the first NaN or the first maximum wins."""
    lowest = float("-inf") if x.dtype.is_floating else x.dtype.min
    best, *rest = _parts(_pad(x, pairs, lowest), window, strides, (1,) * len(window))
    for part in rest:
        better = greater(part, best)
        if x.dtype.is_floating:
            better |= tf.math.is_nan(part) & ~tf.math.is_nan(best)
        best = tf.where(better, part, best)
    return best


def _window_sum(x: Tensor, window: Ints, strides: Ints, pairs: Pairs) -> Tensor:
    x = _pad(x, pairs, 0)
    if not x.dtype.is_floating or _is_empty(x):
        return tf.add_n(_parts(x, window, strides, (1,) * len(window)))
    return _sum_by_kernel(x, window, strides) if len(window) == 2 else _planes_then_depth(_sum_by_kernel, x, window, strides)


def _sum_by_kernel(x: Tensor, window: Ints, strides: Ints) -> Tensor:
    """The average times the size where that is exact, else a convolution of each channel with ones."""
    size = math.prod(window)
    if size & (size - 1) == 0:
        return tf.nn.avg_pool2d(x, window, strides, "VALID") * tf.constant(size, x.dtype)
    ones = tf.ones([*window, shape_of(x)[-1], 1], x.dtype)
    if strides[0] == strides[1]:
        return tf.nn.depthwise_conv2d(x, ones, [1, *strides, 1], "VALID")
    return tf.nn.depthwise_conv2d(x, ones, [1] * 4, "VALID")[:, ::strides[0], ::strides[1]]  # it takes equal strides only


def _pad(x: Tensor, pairs: Pairs, value: Any) -> Tensor:
    """`x` with spatial padding."""
    amounts = [amount for pair in pairs for amount in pair]
    if not all(isinstance(amount, int) for amount in amounts):
        return tf.pad(x, [[0, 0], *map(list, pairs), [0, 0]], constant_values=value)  # keeps the sizes that are known
    return pad(x, ((0, 0), *pairs, (0, 0)), value) if any(amounts) else x
