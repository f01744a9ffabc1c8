"""TensorFlow's kernels, and ways around what they lack: dtypes, an order with NaN in it, gradients at ties.

The engine calls `tf.raw_ops` where the function of the same purpose adds Python that it does not need: measured eagerly on one
core, `tf.exp` 20 microseconds against 8, `tf.reduce_sum` 28 against 10, and 100 for each tuple that TensorFlow itself has to
turn into a tensor, against 8 for a constant.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, TypeAlias

import tensorflow as tf

from keras_lite_tensorflow.tensors import HALF, scalar

try:  # not public: whether any gradient tape is listening
    from tensorflow.python.eager.record import could_possibly_record as a_tape_listens
except ImportError:

    def a_tape_listens() -> bool:
        return True

try:  # not public either: whether a graph is made for XLA, which has no kernel of some ops
    from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext as _is_for_xla
except ImportError:

    def _is_for_xla(graph: tf.Graph) -> bool:
        return False


Tensor: TypeAlias = tf.Tensor
Binary = Callable[[Tensor, Tensor], Tensor]
raw = tf.raw_ops
_apart: ContextVar[list[Any] | None] = ContextVar("keras_lite_tensorflow_apart", default=None)  # see `differentiated_apart`


def plain_eager() -> bool:
    """Whether ops run at once and nothing records them, so that only the value counts."""
    return tf.executing_eagerly() and not a_tape_listens()


@contextlib.contextmanager
def mapping() -> Iterator[list[Any]]:
    """Scope in which a function is mapped over rows, with what `differentiated_apart` notes."""
    parts: list[Any] = []
    token = _apart.set(parts)
    try:
        yield parts
    finally:
        _apart.reset(token)


def differentiated_apart(*parts: Any) -> None:
    """Note parts of the function being mapped, if there is one, that TensorFlow can't differentiate for all rows at once."""
    noted = _apart.get()
    if noted is not None:
        noted.extend(parts)


def for_xla() -> bool:
    """Whether ops make a graph that XLA will compile (`jit_compile=True`)."""
    return not tf.executing_eagerly() and _is_for_xla(tf.compat.v1.get_default_graph())


def unary(kernel: Callable[..., Tensor]) -> Callable[[Tensor], Tensor]:
    """The function of a kernel whose operand is called x."""
    return lambda x: kernel(x=x)


def binary(kernel: Callable[..., Tensor]) -> Callable[[Any, Any], Tensor]:
    """The function of a kernel whose operands are called x and y; one may be a Python scalar."""

    def apply(x1: Any, x2: Any) -> Tensor:
        x1, x2 = pair(x1, x2)
        return kernel(x=x1, y=x2)

    return apply


def pair(x1: Any, x2: Any) -> tuple[Tensor, Tensor]:
    """Both as tensors; a Python scalar in the dtype of the other."""
    if isinstance(x1, (int, float, complex)):
        return scalar(x1, x2.dtype), x2
    return x1, scalar(x2, x1.dtype) if isinstance(x2, (int, float, complex)) else x2


def negative_zero(dtype: tf.DType) -> Tensor:
    return raw.Neg(x=tf.zeros([], dtype))  # eager constants come from a cache, in which -0.0 is 0.0


def through(dtypes: dict[str, str], function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """`function` of tensors, computed for the dtypes that are keys in the dtype beside them and cast back."""

    def apply(*xs: Tensor) -> Tensor:
        wide = dtypes.get(xs[0].dtype.name)
        if wide is None:
            return function(*xs)
        return tf.cast(function(*(tf.cast(x, wide) for x in xs)), xs[0].dtype)

    return apply


in_float32 = functools.partial(through, dict.fromkeys(HALF, "float32"))


def with_gradient(function: Binary, gradient: Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]) -> Binary:
    """`function` whose gradients are `gradient(x1, x2, cotangent)`, here summed over broadcast axes."""

    @tf.custom_gradient
    def differentiable(x1: Tensor, x2: Tensor) -> Any:
        def backward(cotangent: Tensor) -> list[Tensor]:
            return [_sum_to(g, x) for g, x in zip(gradient(x1, x2, cotangent), (x1, x2), strict=True)]

        return function(x1, x2), backward

    def apply(x1: Tensor, x2: Tensor) -> Tensor:
        return (function if plain_eager() else differentiable)(x1, x2)

    return apply


def with_gradient_of(other: Callable[..., Tensor], function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """`function` with the gradients of `other`, which gives the same of the same tensors and is right to any order."""

    def differentiable(*xs: Tensor) -> Any:
        def backward(cotangent: Tensor) -> list[Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(xs)
                y = other(*xs)
            return tape.gradient(y, list(xs), cotangent, unconnected_gradients="zero")

        return function(*xs), backward

    def apply(*xs: Tensor) -> Tensor:
        return function(*xs) if plain_eager() else tf.custom_gradient(differentiable)(*xs)

    return apply


def _sum_to(gradient: Tensor, x: Tensor) -> Tensor:
    """`gradient` summed over the axes along which `x` was broadcast."""
    if gradient.shape.is_fully_defined() and gradient.shape == x.shape:
        return gradient
    _, axes = raw.BroadcastGradientArgs(s0=tf.shape(gradient), s1=tf.shape(x))
    return tf.reshape(tf.reduce_sum(gradient, axes), tf.shape(x))


def order_key(x: Tensor) -> Tensor:
    """Integers in the order of `x`: -0.0 and 0.0 are equal, NaN comes last.  TensorFlow's own order breaks on NaN."""
    if x.dtype.is_bool:
        return tf.cast(x, "uint8")
    if not x.dtype.is_floating:
        return x
    x = tf.stop_gradient(x if x.dtype.size >= 4 else tf.cast(x, "float32"))
    whole = tf.int64 if x.dtype.size == 8 else tf.int32
    bits = tf.bitcast(tf.where(tf.equal(x, 0), tf.zeros([], x.dtype), x), whole)
    key = tf.where(bits < 0, tf.bitwise.bitwise_xor(bits, whole.max), bits)  # negative floats grow with their bits
    return tf.where(tf.math.is_nan(x), tf.constant(whole.max, whole), key)
