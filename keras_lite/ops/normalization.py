"""Normalization by given or computed moments."""

from __future__ import annotations

import math
from typing import Any

from keras_lite import config
from keras_lite.engine.errors import invalid, unknown_arguments, warn
from keras_lite.ops import references
from keras_lite.ops.arithmetic import add, divide, maximum, multiply, power, subtract
from keras_lite.ops.elementwise import absolute, negative, rsqrt, square
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.families import normal_axes, normal_axis
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.shaping import reshape
from keras_lite.ops.statistics import back, count, mean, var, wide
from keras_lite.ops.table import op


def _along(name: str, x: Any, axes: tuple[int, ...], parameter: Any, what: str) -> Any:
    """A parameter with one entry for each position on `axes`, shaped to broadcast against `x`; raises ValueError if it has others."""
    given, expected = shape_of(parameter), tuple(shape_of(x)[a] for a in axes)
    if all(isinstance(n, int) for n in (*given, *expected)) and math.prod(given) != math.prod(expected):
        raise invalid(name, f"{what} of shape {given} does not fit the axes {axes} of x {shape_of(x)}: expected {expected}")
    return reshape(parameter, tuple(n if i in axes else 1 for i, n in enumerate(shape_of(x))))


@op(samples=(Sample(f32(4, 3), f32(3), f32(3, low=0.1), -1),
             Sample(f32(2, 3, 4), f32(3), f32(3, low=0.1), 1, offset=f32(3), scale=f32(3), epsilon=0.1),
             Sample(f32(0, 3), f32(3), f32(3, low=0.1), axis=1),
             Sample(f32(4, 3), f32(3), f32(3, low=0.1), 1, f32(3)),
             Sample(f32(4, 3), f32(4), f32(4), 1,
                    error=r"mean of shape \(4,\) does not fit the axes \(1,\) of x \(4, 3\): expected \(3,\)")),
    tensors=("x", "mean", "variance", "offset", "scale"), floating=True, reference=references.batch_normalization)
def batch_normalization(x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3) -> Any:
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset` (Ioffe, Szegedy, https://arxiv.org/abs/1502.03167).

    Args:
        x: a tensor; ints become floats.
        mean, variance: vectors with one number for each position on `axis`.
        axis: the axis of the channels.
        offset, scale: such vectors, or None to leave them out.
        epsilon: a small number that keeps the quotient finite.

    Raises:
        ValueError: the axis is out of range, or a vector does not fit it.

    >>> from keras_lite import ops
    >>> x, mean, variance = [[1.0, 2.0], [3.0, 6.0]], [2.0, 4.0], [1.0, 4.0]
    >>> ops.convert_to_numpy(ops.batch_normalization(x, mean, variance, axis=-1, scale=[1.0, 5.0], epsilon=1e-6)).round(3)
    array([[-1., -5.],
           [ 1.,  5.]], dtype=float32)
    """
    axes = (normal_axis("batch_normalization", axis, rank_of(x)),)
    mean, variance = (_along("batch_normalization", x, axes, p, what) for p, what in ((mean, "mean"), (variance, "variance")))
    factor = rsqrt(add(variance, epsilon))
    if scale is not None:
        factor = multiply(factor, _along("batch_normalization", x, axes, scale, "scale"))
    shift = negative(multiply(mean, factor))
    if offset is not None:
        shift = add(shift, _along("batch_normalization", x, axes, offset, "offset"))
    return add(multiply(x, factor), shift)


@op(tensors=("x", "gamma", "beta"), floating=True, samples=(Sample(f32(3, 4), None, None, (1,), 1e-3),
                                                            Sample(f32(2, 3, 4), f32(3, 4), f32(3, 4), (1, 2), 0.1),
                                                            Sample(f32(2, 3, 4), f32(3), None, (1,), 1e-7),
                                                            Sample(f32(2, 5), None, f32(5), (1,), 1e-5),
                                                            Sample(f32(0, 4), f32(4), None, (1,), 1e-3),
                                                            Sample(f32(4, 64, low=100, high=101), None, None, (1,), 1e-3),
                                                            Sample(f32(2, 3), f32(2), None, (1,), 1e-3,
                                                                   error=r"gamma of shape \(2,\) does not fit the axes \(1,\)")),
    reference=references.layer_normalization)
def layer_norm(x: Any, gamma: Any, beta: Any, axes: tuple[int, ...], epsilon: float) -> Any:
    """`layer_normalization` with every argument worked out: what an engine may have a fused kernel for."""
    y, n = wide(x), count(x, axes)
    centered = subtract(y, divide(reduce_sum(y, axes, keepdims=True), n))
    out = multiply(centered, rsqrt(add(divide(reduce_sum(square(centered), axes, keepdims=True), n), epsilon)))
    if gamma is not None:
        out = multiply(out, _along("layer_normalization", x, axes, gamma, "gamma"))
    if beta is not None:
        out = add(out, _along("layer_normalization", x, axes, beta, "beta"))
    return back(out, x)


@op(tensors=("x", "gamma", "beta"), floating=True, samples=(Sample(f32(3, 4)), Sample(f32(2, 3, 4), f32(3), f32(3), axis=1),
                                                            Sample(f32(2, 3, 4), gamma=f32(3, 4), axis=(1, 2), epsilon=0.1),
                                                            Sample(f32(0, 4)), Sample(f32(3, 5), beta=f32(5)),
                                                            Sample(f32(2, 3), f32(2),
                                                                   error=r"gamma of shape \(2,\) does not fit the axes \(1,\)"),
                                                                   Sample(f32(2, 3), center=True, error="unknown arguments")),
    reference=references.layer_normalization)
def layer_normalization(x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None, **kwargs: Any) -> Any:
    """`(x - mean) / sqrt(variance + epsilon) * gamma + beta`, the moments taken over `axis` in at least float32.

    Ba, Kiros and Hinton, https://arxiv.org/abs/1607.06450.

    Args:
        x: a tensor; ints become floats.
        gamma, beta: factors and summands with one number for each position on `axis`, or None to leave them out.
        axis: an int or several.
        epsilon: a small number that keeps the quotient finite; that of the config by default.
        kwargs: `rms_scaling=True` of earlier versions (deprecated): x / sqrt(variance + epsilon) * gamma.

    Raises:
        ValueError: an axis is out of range, or `gamma` or `beta` does not fit.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.layer_normalization([[1.0, 2.0, 3.0], [0.0, 0.0, 9.0]])).round(3)
    array([[-1.225,  0.   ,  1.225],
           [-0.707, -0.707,  1.414]], dtype=float32)
    """
    rms_scaling = kwargs.pop("rms_scaling", False)  # of earlier versions of Keras
    if kwargs:
        raise unknown_arguments("layer_normalization", kwargs, layer_normalization)
    axes = normal_axes("layer_normalization", axis, rank_of(x))
    epsilon = config.epsilon() if epsilon is None else epsilon
    if not rms_scaling:
        return layer_norm(x, gamma, beta, axes, epsilon)
    warn("layer_normalization(rms_scaling=True) is deprecated: use rms_normalization", DeprecationWarning)
    y = wide(x)
    out = multiply(y, rsqrt(add(var(y, axes, keepdims=True), epsilon)))
    return back(out if gamma is None else multiply(out, _along("layer_normalization", x, axes, gamma, "gamma")), x)


@op(tensors=("x", "scale"), floating=True, samples=(Sample(f32(3, 4)), Sample(f32(2, 3, 4), f32(4), axis=(1, 2)),
                                                    Sample(f32(2, 3), 2.0, axis=0, epsilon=0.5), Sample(f32(0, 4)),
                                                    Sample(f32(2, 3), f32(2), error="do not broadcast"),
                                                    Sample(f32(2, 3), axis=2, error="axis 2 is out of range")),
                                                    reference=references.rms_normalization)
def rms_normalization(x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None) -> Any:
    """`x / sqrt(mean(x**2) + epsilon) * scale`, the mean in at least float32 (Zhang, Sennrich, https://arxiv.org/abs/1910.07467).

    Args:
        x: a tensor; ints become floats.
        scale: factors that broadcast against `x`, or None to leave them out.
        axis: the axes of the mean, an int or several.
        epsilon: a small number that keeps the quotient finite; that of the config by default.

    Raises:
        ValueError: an axis is out of range, or `scale` does not broadcast.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.rms_normalization([[1.0, 7.0], [3.0, 3.0]])).round(3)
    array([[0.2, 1.4],
           [1. , 1. ]], dtype=float32)
    """
    y = wide(x)
    out = multiply(y, rsqrt(add(mean(square(y), axis, keepdims=True), config.epsilon() if epsilon is None else epsilon)))
    return back(out if scale is None else multiply(out, scale), x)


@op(floating=True, samples=(Sample(f32(3, 4)), Sample(f32(2, 3, 4), axis=1), Sample(f32(3, 4), order=1),
                            Sample(f32(3, 4), axis=0, order=3, epsilon=0.1), Sample(f32(0, 4)), Sample(i32(2, 3)),
                            Sample(array([[3.0, 4.0], [1e-9, 0.0], [0.0, 0.0]])),
                            Sample(f32(2, 3), order=0, error="order must be an int of at least 1"),
                            Sample(f32(3), axis=1, error="axis 1 is out of range")),
    reference=references.normalize)
def normalize(x: Any, axis: int = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """`x` divided by its norm of `order` over `axis`, or by `epsilon` where the norm is smaller.

    Args:
        x: a tensor; ints become floats.
        axis: the axis of the vectors.
        order: p of the norm sum(|x|**p)**(1 / p), an int of at least 1.
        epsilon: the least divisor; that of the config by default.

    Raises:
        ValueError: the axis is out of range, or the order is no such int.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.normalize([[3.0, 4.0], [0.0, 0.0]])).round(3)
    array([[0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """
    if not isinstance(order, int) or order < 1:
        raise invalid("normalize", f"order must be an int of at least 1, got {order!r}")
    epsilon = config.epsilon() if epsilon is None else epsilon
    if order == 2:
        return multiply(x, rsqrt(maximum(reduce_sum(square(x), axis, keepdims=True), epsilon**2)))
    total = reduce_sum(power(absolute(x), order), axis, keepdims=True)
    return divide(x, maximum(power(total, 1.0 / order), epsilon))
