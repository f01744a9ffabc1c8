"""Connectionist temporal classification: the probability of a sequence of labels, summed over its alignments with the frames."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import FLOATS
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_sequences as references
from keras_lite.ops import sizes
from keras_lite.ops.activation import log_softmax
from keras_lite.ops.arithmetic import (
    add,
    clip,
    equal,
    greater,
    greater_equal,
    less,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    multiply,
    not_equal,
    subtract,
    where,
)
from keras_lite.ops.control import scan
from keras_lite.ops.core import cast, stop_gradient
from keras_lite.ops.creation import full, iota, zeros_like
from keras_lite.ops.data import as_tensor, host_values
from keras_lite.ops.elementwise import exp, log, negative
from keras_lite.ops.facts import dtype_of, rank_of, shape_of
from keras_lite.ops.families import INF
from keras_lite.ops.indexing import take_along_axis
from keras_lite.ops.reductions import reduce_any
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.shaping import broadcast_to, concatenate, expand_dims, part_of, reshape, squeeze, stack, transpose
from keras_lite.ops.statistics import wide
from keras_lite.ops.table import op
from keras_lite.symbolic.rules import may_equal

NEVER = -1e30  # logarithm of the probability 0: finite, so that sums and differences of several have gradients


def _int(*values: Any) -> Any:
    return array(list(values), "int32")


_TARGET = _int([1, 2, 2], [3, 0, 0], [1, 2, 0], [2, 1, 2])
_COUNTS = _int(3, 1, 0, 3), _int(5, 4, 3, 4)
# In each frame but the last two classes compete.  Where one has almost all of each frame, the terms of second gradients, p and p * sum(p)
# with p near 1, cancel, and their rounding is all that is left in float32.
_LARGE = array([[[20.0, 19.5, -20.0], [-20.0, 20.0, 19.0], [19.0, -20.0, 20.0], [-20.0, -19.0, 18.0]]])


def frames_of(name: str, x: Any, parameter: str, lengths: Any) -> Any:
    """`lengths` as an int32 tensor (B,), checked against the frames `x`, (B, T, C)."""
    if rank_of(x) != 3:
        raise invalid(name, f"the scores must have shape (batch, frames, classes), got {shape_of(x)}")
    return _lengths_of(name, parameter, lengths, *shape_of(x)[:2])


def _lengths_of(name: str, parameter: str, given: Any, batch: Any, most: Any) -> Any:
    """Lengths of rows as an int32 tensor (B,), from 0 to `most` where their values are known."""
    lengths = as_tensor(registry.current(), given, "int32")
    if not may_equal(shape_of(lengths), (batch,)):
        raise invalid(name, f"{parameter} must have shape ({batch},), one length for each row of the batch, got {shape_of(lengths)}")
    known = host_values(given)
    if known is not None and known.size:
        longest = most if isinstance(most, int) else INF
        wrong = known[(known % 1 != 0) | (known < 0) | (known > longest)]
        if wrong.size:
            raise invalid(name, f"{parameter} must be whole numbers from 0 to {longest}, the size of that axis, got {wrong[0]}")
    return lengths


def blank_of(name: str, mask_index: Any, classes: Any) -> Any:
    """The class that stands for "no label" as a size: None is the last one, negative ones count from the end."""
    index = -1 if mask_index is None else sizes.as_int(name, "mask_index", mask_index)
    if isinstance(classes, int) and not -classes <= index < classes:
        raise invalid(name, f"mask_index={mask_index} is out of range for {classes} classes")
    if index >= 0:
        return index
    return index if classes is None else classes + index


@op(tensors=("output",), floating=True, dtypes=FLOATS, normwise=True, samples=(
    Sample(_TARGET, f32(4, 5, 4), *_COUNTS), Sample(_int([1, 2, 2], [0, 3, 3]), f32(2, 5, 4), _int(3, 1), _int(5, 5), mask_index=3),
    Sample(_int([0, 1]), f32(1, 4, 3), _int(2), _int(4), mask_index=-1), Sample(_int([1, 1, 1]), f32(1, 4, 3), _int(3), _int(4)),
    Sample(i32(2, 0), f32(2, 3, 3), _int(0, 0), _int(3, 0)), Sample(i32(0, 2), f32(0, 3, 3), i32(0), i32(0)),
    Sample(_int([1], [1]), f32(2, 0, 3), _int(0, 1), _int(0, 0)), Sample(_int([1, -1], [7, 1]), f32(2, 3, 3), _int(1, 1), _int(3, 3)),
    Sample(_int([1, 2]), _LARGE, _int(2), _int(4)), Sample(_int([1, 2]), i32(1, 4, 3), _int(2), _int(4)),
    Sample([[1, 2]], f32(1, 4, 3), [2], [4]), Sample([[1, 2]], f32(1, 4, 3), [2], [9], error="output_length must be .* 0 to 4, .* got 9"),
    Sample([[1, 2]], f32(1, 4, 3), [-2], [4], error="target_length must be whole numbers from 0 to 2, the size of that axis, got -2"),
    Sample([[1, 2]], f32(1, 4, 3), [3], [4], error="target_length must be whole numbers from 0 to 2, the size of that axis, got 3"),
    Sample([[1, 2]], f32(1, 4, 3), [2], [1.5], error="output_length must be whole numbers from 0 to 4, the size of that axis, got 1.5"),
    Sample([[1, 2]], f32(1, 4, 3), [2], [4], mask_index=0.5, error="mask_index must be an int, got 0.5"),
    Sample(_int([1], [2]), array([[[0.5, -INF, 1.0]] * 3] * 2), _int(1, 1), _int(3, 3), grad=False),
    Sample(i32(3), f32(1, 4, 3), _int(2), _int(4), error=r"target must have shape \(batch, labels\), got \(3,\)"),
    Sample(i32(1, 3), f32(4, 3), _int(2), _int(4), error=r"must have shape \(batch, frames, classes\), got \(4, 3\)"),
    Sample(i32(2, 3), f32(1, 4, 3), _int(2), _int(4), error="2 rows of labels for 1 of frames"),
    Sample(i32(1, 3), f32(1, 4, 3), _int(2, 2), _int(4), error=r"target_length must have shape \(1,\)"),
    Sample(i32(1, 3), f32(1, 4, 3), _int(2), _int(4), mask_index=3, error="mask_index=3 is out of range for 3 classes")),
    reference=references.ctc_loss)
def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Any:
    """`-log` of the probability of the labels, summed over all alignments (Graves et al., "Connectionist temporal classification",
    2006).

    Args:
        target: integer labels (B, L); what lies behind the length does not matter.
        output: logits (B, T, C).
        target_length: number of labels of each row, (B,), from 0 to L.
        output_length: number of frames of each row, (B,), from 0 to T.
        mask_index: the class for "no label"; negative ones count from the end.

    Returns:
        (B,), in at least float32.  Labels that no alignment gives (too few frames, no such class) have the loss infinity, and a
        gradient of zeros.

    Raises:
        ValueError: shapes that do not fit; lengths outside these ranges, where the host knows their values.  Where it does not,
            frames are limited to the range, and more labels than L have the loss infinity.

    >>> from keras_lite import ops
    >>> loss = ops.ctc_loss([[1]], ops.zeros((1, 2, 2)), [1], [2])  # "1 1", "1 -" and "- 1", of four equally likely
    >>> round(float(loss[0]), 4)
    0.2877
    """
    name = "ctc_loss"
    frames = frames_of(name, output, "output_length", output_length)
    target = as_tensor(registry.current(), target)
    if rank_of(target) != 2:
        raise invalid(name, f"target must have shape (batch, labels), got {shape_of(target)}")
    batch, length, classes = shape_of(output)
    if not may_equal(shape_of(target)[:1], (batch,)):
        raise invalid(name, f"{shape_of(target)[0]} rows of labels for {batch} of frames")
    blank = blank_of(name, mask_index, classes)
    counts = _lengths_of(name, "target_length", target_length, batch, shape_of(target)[1])
    labels, wrong = _labels(cast(target, "int32"), counts, classes, blank)
    frames = clip(frames, 0, sizes.number(length))
    there = expand_dims(less(iota(length), expand_dims(frames, 1)), 2)  # what lies behind must not spoil the gradient
    loss = ctc(where(there, wide(output), 0.0), labels, clip(counts, 0, sizes.number(shape_of(target)[1])), frames, blank)
    return where(wrong, INF, loss)


def _labels(target: Any, counts: Any, classes: Any, blank: Any) -> tuple[Any, Any]:
    """Labels with the blank in place of those that are none, and which rows want one of them."""
    behind = greater_equal(iota(shape_of(target)[1]), expand_dims(counts, 1))
    strange = logical_or(less(target, 0), greater_equal(target, sizes.number(classes)))
    wrong = reduce_any(logical_and(strange, logical_not(behind)), 1)
    return where(logical_or(strange, behind), blank, target), logical_or(wrong, greater(counts, sizes.number(shape_of(target)[1])))


@op(tensors=("logits",), dtypes=("float32", "float64"), normwise=True, samples=(
    Sample(f32(3, 5, 4), _int([1, 2, 2], [3, 0, 0], [0, 0, 0]), _int(3, 1, 0), _int(5, 4, 3), 0),
    Sample(f32(3, 5, 4), _int([0, 1, 3], [0, 0, 1], [1, 3, 1]), _int(2, 3, 3), _int(5, 5, 2), 2),
    Sample(f32(1, 3, 2, low=-3, high=0), i32(1, 0), _int(0), _int(3), 0), Sample(f32(0, 3, 2), i32(0, 1), i32(0), i32(0), 0),
    Sample("text", i32(1, 0), _int(0), _int(3), 0, error="expected a tensor")), reference=references.ctc)
def ctc(logits: Any, labels: Any, label_lengths: Any, frame_lengths: Any, blank: Any) -> Any:
    """`ctc_loss` with every argument worked out: labels are classes, lengths are inside the sizes, and what lies behind them is blank
    or finite.  An engine may have a kernel for it.

    The forward recursion over the frames, in logarithms, on labels with blanks around them.
    """
    batch, length, _ = shape_of(logits)
    path, dtype = _with_blanks(labels, blank), dtype_of(logits)
    width = shape_of(path)[1]
    scores = transpose(take_along_axis(maximum(log_softmax(logits, -1), NEVER), expand_dims(path, 1), 2), (1, 0, 2))
    there = expand_dims(less(expand_dims(iota(length), 1), frame_lengths), 2)
    nothing = full((batch, 2), -1, "int32")
    repeated = equal(path, part_of(concatenate([nothing, path], 1), 1, 0, width))  # no blank between two labels may be left out then
    skip, edge = multiply(cast(repeated, dtype), NEVER), multiply(cast(not_equal(nothing, 0), dtype), NEVER)

    def step(alpha: Any, frame: Any) -> tuple[Any, None]:
        score, is_there = frame
        padded = concatenate([edge, alpha], 1)
        moved = _log_sum(alpha, part_of(padded, 1, 1, sizes.plus(width, 1)), add(part_of(padded, 1, 0, width), skip))
        return where(is_there, add(moved, score), alpha), None

    start = broadcast_to(multiply(cast(not_equal(iota(width), 0), dtype), NEVER), (batch, width))
    alpha, _ = scan(step, start, (scores, there))
    ends = multiply(expand_dims(label_lengths, 1), 2)
    label = where(greater(ends, 0), take_along_axis(alpha, maximum(subtract(ends, 1), 0), 1), NEVER)
    loss = negative(squeeze(_log_sum(take_along_axis(alpha, ends, 1), label), 1))
    return where(greater(loss, -0.1 * NEVER), INF, loss)


def _with_blanks(labels: Any, blank: Any) -> Any:
    """(B, 2 L + 1): blank, label, blank, label, ..., blank."""
    batch, count = shape_of(labels)
    pairs = reshape(stack([add(zeros_like(labels), blank), labels], 2), (batch, sizes.times(2, count)))
    return concatenate([pairs, add(full((batch, 1), 0, "int32"), blank)], 1)


def _log_sum(*terms: Any) -> Any:
    """`log(sum(exp(terms)))`; all are finite."""
    top = terms[0]
    for term in terms[1:]:
        top = maximum(top, term)
    top = stop_gradient(top)
    total = exp(subtract(terms[0], top))
    for term in terms[1:]:
        total = add(total, exp(subtract(term, top)))
    return add(top, log(total))
