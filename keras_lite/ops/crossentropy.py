"""Cross-entropies, element by element or along the class axis."""

from __future__ import annotations

from typing import Any

from keras_lite import config
from keras_lite.engine.dtypes import FLOATS
from keras_lite.engine.errors import invalid
from keras_lite.ops import references
from keras_lite.ops.activation import log_softmax, softplus
from keras_lite.ops.arithmetic import add, clip, divide_no_nan, equal, multiply, subtract, where
from keras_lite.ops.core import cast, dtype
from keras_lite.ops.creation import iota
from keras_lite.ops.elementwise import log, log1p, negative
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF, NAN, normal_axis
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.shaping import expand_dims, reshape, squeeze
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import may_equal

PROBABILITIES = {"low": 0.01, "high": 0.99}


def _same_shape(name: str, target: Any, output: Any) -> None:
    if not may_equal(shape_of(target), shape_of(output)):
        raise invalid(name, f"target and output must have the same shape, got {shape_of(target)} and {shape_of(output)}")


@op(tensors=("target", "output"), floating=True, dtypes=FLOATS, samples=(Sample(f32(3, 4, low=0, high=1), f32(3, 4, **PROBABILITIES)),
                                                          Sample(f32(5, low=0, high=1), f32(5, low=-20, high=20), from_logits=True),
                                                          Sample(array([0.0, 1.0, 1.0]), array([0.0, 0.0, 1.0]), grad=False),
                                                          Sample(array([0.0, 1.0]), array([100.0, -100.0]), True), Sample(f32(0), f32(0)),
                                                          Sample(i32(3, low=0, high=2), f32(3, **PROBABILITIES)),
                                                          Sample(f32(2), f32(2, 1), error="must have the same shape")),
                                                          reference=references.binary_crossentropy)
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """`-target * log(output) - (1 - target) * log(1 - output)` for each element.

    Args:
        target: labels, 0 or 1 or between.
        output: probabilities of label 1, limited to [epsilon, 1 - epsilon] (`config.epsilon()`), of the shape of `target`; or logits.
        from_logits: whether `output` are logits, for which the result has no limits.

    Raises:
        ValueError: the shapes differ.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.binary_crossentropy([1.0, 0.0], [0.5, 0.9])).round(3)
    array([0.693, 2.303], dtype=float32)
    >>> ops.convert_to_numpy(ops.binary_crossentropy([1.0, 0.0], [0.0, 100.0], from_logits=True)).round(3)
    array([  0.693, 100.   ], dtype=float32)
    """
    _same_shape("binary_crossentropy", target, output)
    if from_logits:
        return subtract(softplus(output), multiply(target, output))
    output = _limited(output)
    return negative(add(multiply(target, log(output)), multiply(subtract(1.0, target), log1p(negative(output)))))


def _limited(probabilities: Any) -> Any:
    return clip(probabilities, config.epsilon(), 1.0 - config.epsilon())


def _log_probabilities(output: Any, from_logits: bool, axis: int) -> Any:
    """Logarithms of the class probabilities, which are made to add up to 1."""
    if from_logits:
        return log_softmax(output, axis)
    return log(_limited(divide_no_nan(output, reduce_sum(output, axis, keepdims=True))))


@op(tensors=("target", "output"), floating=True, dtypes=FLOATS, samples=(Sample(f32(3, 4, low=0, high=1), f32(3, 4, **PROBABILITIES)),
                                                          Sample(f32(2, 3, 4, low=0, high=1), f32(2, 3, 4), from_logits=True, axis=1),
                                                          Sample(array([[0.0, 1.0]]), array([[1.0, 0.0]]), grad=False),
                                                          Sample(f32(0, 3), f32(0, 3), True), Sample(f32(3), f32(3, **PROBABILITIES)),
                                                          Sample(f32(2, 3), f32(2, 4), error="must have the same shape"),
                                                          Sample(f32(), f32(), error="at least one axis")),
                                                          reference=references.categorical_crossentropy)
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """`-sum(target * log(output))` over the class `axis`, which the result does not have.

    Args:
        target: probabilities of the classes, such as one-hot labels.
        output: probabilities, which are scaled to add up to 1 and limited to [epsilon, 1 - epsilon], of the shape of `target`; or logits.
        from_logits: whether `output` are logits, for which the result has no limits.
        axis: the axis of the classes.

    Raises:
        ValueError: the shapes differ, or the axis is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.categorical_crossentropy([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.25]])).round(3)
    array([0.693], dtype=float32)
    """
    _same_shape("categorical_crossentropy", target, output)
    if rank_of(target) < 1:
        raise invalid("categorical_crossentropy", "target and output need at least one axis, got scalars")
    axis = normal_axis("categorical_crossentropy", axis, rank_of(output))
    return negative(reduce_sum(multiply(target, _log_probabilities(output, from_logits, axis)), axis))


@op(tensors=("output",), floating=True, dtypes=FLOATS, samples=(Sample(i32(3, low=0, high=4), f32(3, 4, **PROBABILITIES)),
                                                 Sample(i32(2, 4, low=0, high=3), f32(2, 3, 4), from_logits=True, axis=1),
                                                 Sample(i32(3, 1, low=0, high=4), f32(3, 4), True),
                                                 Sample(i32(0, low=0), f32(0, 3), True),
                                                 Sample(array([-1, 3, 1], "int32"), f32(3, 3), True),
                                                 Sample(array([1.0, 0.0]), f32(2, 3), True), Sample(array(1, "int32"), f32(3), True),
                                                 Sample(i32(3), f32(2, 4), error=r"labels of shape \(3,\) do not fit the output \(2, 4\)"),
                                                 Sample(i32(2), f32(2, 4), axis=2, error="axis 2 is out of range")),
    reference=references.sparse_categorical_crossentropy)
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """`-log(output)` of the class that `target` names for each position; 0 for a label that is out of range.

    Args:
        target: integer labels, of the shape of `output` without the class axis, or with size 1 on it.
        output: probabilities, which are scaled to add up to 1 and limited to [epsilon, 1 - epsilon]; or logits.
        from_logits: whether `output` are logits, for which the result has no limits.
        axis: the axis of the classes.

    Raises:
        ValueError: the shapes do not fit, or the axis is out of range.

    >>> from keras_lite import ops
    >>> ops.convert_to_numpy(ops.sparse_categorical_crossentropy([1, 0], [[0.25, 0.5, 0.25], [3.0, 0.0, 1.0]])).round(3)
    array([0.693, 0.288], dtype=float32)
    """
    name = "sparse_categorical_crossentropy"
    shape = shape_of(output)
    if not shape:
        raise invalid(name, "the output needs at least one axis, got a scalar")
    axis = normal_axis(name, axis, len(shape))
    target = cast(target, "int64" if dtype(target) == "int64" else "int32")
    rest = shape[:axis] + shape[axis + 1:]
    if rank_of(target) == len(shape) and isinstance(shape_of(target)[axis], int) and shape_of(target)[axis] == 1:
        target = squeeze(target, axis)
    if not may_equal(shape_of(target), rest):
        raise invalid(name,
                      f"labels of shape {shape_of(target)} do not fit the output {shape} with its classes on axis {axis}: expected {rest}")
    return negative(take_class(_log_probabilities(output, from_logits, axis), target, axis))


@op(samples=(Sample(f32(3, 4), i32(3, low=0, high=4), 1), Sample(f32(2, 3, 4), i32(2, 4, low=-1, high=5), 1),
             Sample(f32(4), array(2, "int32"), 0), Sample(f32(0, 3), i32(0), 1),
             Sample(array([[INF, NAN, 1.0], [-INF, NAN, INF]]), array([2, 0], "int32"), 1, grad=False),
             Sample(f32(3, 4), i32(2), 1, error="do not broadcast")),
    dtypes=FLOATS, reference=references.take_class)
def take_class(x: Any, labels: Any, axis: int) -> Any:
    """The entries of `x` at integer `labels` along `axis`, which is removed; 0 where a label is out of range."""
    shape = shape_of(x)
    classes = reshape(iota(shape[axis], dtype_of(labels)), tuple(n if i == axis else 1 for i, n in enumerate(shape)))
    return reduce_sum(where(equal(expand_dims(labels, axis), classes), x, 0), axis)
