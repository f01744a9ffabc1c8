"""The most probable labels of connectionist temporal classification."""

from __future__ import annotations

from typing import Any, NamedTuple

from keras_lite.engine.dtypes import FLOATS
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.ops import references_sequences as references
from keras_lite.ops import sizes
from keras_lite.ops.activation import log_softmax
from keras_lite.ops.arithmetic import (
    add,
    equal,
    floor_divide,
    greater,
    greater_equal,
    less,
    logical_and,
    logical_or,
    maximum,
    not_equal,
    remainder,
    subtract,
    where,
)
from keras_lite.ops.contraction import matmul
from keras_lite.ops.control import scan
from keras_lite.ops.core import cast
from keras_lite.ops.creation import full, iota
from keras_lite.ops.ctc import blank_of, frames_of
from keras_lite.ops.elementwise import negative
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.families import INF
from keras_lite.ops.hosted import hosted
from keras_lite.ops.indexing import argsort, take_along_axis, top_k
from keras_lite.ops.pairs import logaddexp
from keras_lite.ops.reductions import argmax, reduce_max, reduce_sum
from keras_lite.ops.sample import Sample, array, f32, i32
from keras_lite.ops.shaping import concatenate, expand_dims, part_of, reshape, squeeze, swapaxes, transpose
from keras_lite.ops.statistics import wide
from keras_lite.ops.table import op

_FRAMES = f32(3, 6, 4), array([6, 4, 0], "int32")
_REPEATS = array([[[0.0, 3, 1], [0, 3, 1], [2, 0, 0.5], [0, 3, 1]]]), array([4], "int32")


@op(tensors=("inputs",), floating=True, dtypes=FLOATS, normwise=True, samples=(
    Sample(*_FRAMES), Sample(*_FRAMES, merge_repeated=False), Sample(*_FRAMES, mask_index=None), Sample(*_FRAMES, mask_index=-2),
    Sample(*_REPEATS), Sample(*_REPEATS, "greedy", merge_repeated=False), Sample(f32(0, 3, 2), i32(0)), Sample(f32(2, 0, 3), [0, 0]),
    Sample(array([[[1.0, -INF, 0.0], [-INF, 2.0, 2.0]]]), [2], grad=False), Sample(i32(2, 3, 4), [3, 2]),
    Sample(*_FRAMES, "beam_search"), Sample(*_FRAMES, "beam_search", 4, 3),
    Sample(*_FRAMES, "beam_search", beam_width=2, top_paths=2, mask_index=None, merge_repeated=False),
    Sample(*_REPEATS, "beam_search", 10, 5), Sample(f32(2, 0, 3), [0, 0], "beam_search", 2),
    Sample(array([[[1.0, -INF, 0.0], [-INF, 2.0, 1.0]]]), [2], "beam_search", 3, 2, grad=False),
    Sample(f32(1, 7, 5, low=-8, high=8), [7], "beam_search", 20, 4),
    Sample(*_FRAMES, "best", error="unknown strategy 'best'"), Sample(f32(2, 3), [3, 3], error="must have shape"),
    Sample(f32(2, 3, 4), [3], error=r"sequence_lengths must have shape \(2,\)"),
    Sample(f32(1, 3, 4), [9], error="sequence_lengths must be whole numbers from 0 to 3, the size of that axis, got 9"),
    Sample(f32(1, 3, 4), [-1], "beam_search", error="sequence_lengths must be whole numbers from 0 to 3, .* got -1"),
    Sample(f32(1, 3, 4), [3], mask_index=4, error="mask_index=4 is out of range for 4 classes"),
    Sample(*_FRAMES, "beam_search", 2, 3, error="top_paths=3 is more than the beam_width, 2"),
    Sample(*_FRAMES, "beam_search", top_paths=0, error="top_paths must be an int of at least 1, got 0"),
    Sample(*_FRAMES, "greedy", 0, error="beam_width must be an int of at least 1, got 0")),
    reference=references.ctc_decode)
def ctc_decode(inputs: Any, sequence_lengths: Any, strategy: str = "greedy", beam_width: int = 100, top_paths: int = 1,
               merge_repeated: bool = True, mask_index: int | None = 0) -> tuple[Any, Any]:
    """Likely labels of each row, and their scores.

    Args:
        inputs: logits (B, T, C).
        sequence_lengths: number of frames of each row, (B,), from 0 to T.
        strategy: "greedy", the best class of each frame; or "beam_search", the labels that are most probable over all their
            alignments, as far as they stay among the `beam_width` best from frame to frame (Graves et al., 2006; Hannun et al.,
            https://arxiv.org/abs/1408.2873).  Of scores that are equal to the last bit that of the better beam in the
            frame before comes first, then the smaller class.
        beam_width: number of label sequences that are followed by the beam search.
        top_paths: how many of them are returned, the best first; the greedy search has one.
        merge_repeated: whether the greedy search counts a class in successive frames once; the beam search always does.
        mask_index: the class for "no label"; None is the last one, and negative ones count from the end.

    Returns:
        Labels (top_paths, B, T), int32 with -1 behind the last, and scores in at least float32: for the greedy search the negated
        sum of the largest logits, (B, 1); for the beam search log-probabilities, (B, top_paths).  Where there are fewer
        sequences than `top_paths` the rest is empty, with the score -inf.

    Raises:
        ValueError: shapes that do not fit; lengths outside the range, where the host knows their values; an unknown strategy.

    >>> from keras_lite import ops
    >>> logits = ops.array([[[0.0, 5.0, 0.0], [0.0, 5.0, 0.0], [5.0, 0.0, 0.0], [0.0, 5.0, 0.0]]])
    >>> labels, scores = ops.ctc_decode(logits, [4])
    >>> ops.convert_to_numpy(labels[0, 0]).tolist()
    [1, 1, -1, -1]
    """
    name = "ctc_decode"
    frames = frames_of(name, inputs, "sequence_lengths", sequence_lengths)
    blank = blank_of(name, mask_index, shape_of(inputs)[2])
    beam_width = sizes.as_int(name, "beam_width", beam_width, 1)
    top_paths = sizes.as_int(name, "top_paths", top_paths, 1)
    if top_paths > beam_width:
        raise invalid(name, f"top_paths={top_paths} is more than the beam_width, {beam_width}")
    if strategy == "greedy":
        return _greedy(wide(inputs), frames, blank, merge_repeated)
    if strategy != "beam_search":
        raise unknown_name("strategy", strategy, ("greedy", "beam_search"))
    return _beam_search(wide(inputs), frames, blank, beam_width, top_paths)


def _greedy(logits: Any, frames: Any, blank: Any, merge_repeated: bool) -> tuple[Any, Any]:
    batch, length, _ = shape_of(logits)
    there = less(iota(length), expand_dims(frames, 1))
    if sizes.is_empty((length,)):
        return full((1, batch, 0), -1, "int32"), full((batch, 1), 0, dtype_of(logits))
    best = argmax(logits, 2)
    kept = logical_and(there, not_equal(best, blank))
    if merge_repeated:
        before = concatenate([full((batch, 1), -1, "int32"), part_of(best, 1, 0, sizes.minus(length, 1))], 1)
        kept = logical_and(kept, not_equal(best, before))
    order = argsort(cast(equal(kept, False), "int32"), 1)
    labels = where(less(iota(length), reduce_sum(cast(kept, "int32"), 1, keepdims=True)), take_along_axis(best, order, 1), -1)
    score = reduce_sum(where(there, reduce_max(logits, 2), 0.0), 1, keepdims=True)
    return expand_dims(labels, 0), negative(score)


# --- beam search ---------------------------------------------------------------------------------------------------------


class Beams(NamedTuple):
    """The label sequences that are followed: `width` of each row, the best first; those without a probability are filled in."""

    labels: Any  # (B, W, T + 1), -1 behind the last
    lengths: Any  # (B, W)
    common: Any  # (B, W, W): how many labels at the beginning two sequences have in common
    blank: Any  # (B, W): log-probability of the alignments that end with a blank
    label: Any  # (B, W): of those that end with the last label


@hosted
def _beam_search(logits: Any, frames: Any, blank: Any, width: int, paths: int) -> tuple[Any, Any]:
    batch, length, _ = shape_of(logits)
    dtype, beams = dtype_of(logits), (batch, width)
    nothing = full(beams, -INF, dtype)
    start = Beams(full((*beams, sizes.plus(length, 1)), -1, "int32"), full(beams, 0, "int32"), full((*beams, width), 0, "int32"),
                  where(equal(iota(width), 0), full(beams, 0.0, dtype), nothing), nothing)
    scores = transpose(log_softmax(logits, 2), (1, 0, 2))
    there = less(expand_dims(iota(length), 1), frames)

    def step(state: Any, frame: Any) -> tuple[Any, None]:
        score, is_there = frame
        old, new = Beams(*state), _advanced(Beams(*state), score, blank)
        return [where(reshape(is_there, (batch, *(1 for _ in shape_of(a)[1:]))), a, b) for a, b in zip(new, old, strict=True)], None

    state, _ = scan(step, list(start), (scores, there))
    end = Beams(*state)
    best, order = top_k(logaddexp(end.blank, end.label), paths)
    labels = part_of(take_along_axis(end.labels, expand_dims(order, 2), 1), 2, 0, length)
    return transpose(where(expand_dims(greater(best, -INF), 2), labels, -1), (1, 0, 2)), best


def _advanced(beams: Beams, score: Any, blank: Any) -> Beams:
    """The beams after one more frame with the log-probabilities `score`, (B, C)."""
    batch, classes = shape_of(score)
    width = shape_of(beams.lengths)[1]
    total = logaddexp(beams.blank, beams.label)
    last = squeeze(take_along_axis(beams.labels, expand_dims(subtract(beams.lengths, 1), 2), 2), 2)  # -1, from behind, where there is none
    grown = _grown(beams, total)
    stay_blank = add(total, take_along_axis(score, full((batch, 1), 0, "int32") + blank, 1))
    stay_label = _unextended(beams, total, last, grown, score)
    extended = _extended(beams, total, last, grown, score, blank)
    candidates = concatenate([logaddexp(stay_blank, stay_label), reshape(extended, (batch, sizes.times(width, classes)))], 1)
    best, chosen = top_k(candidates, width)
    stays, beyond, classes = less(chosen, width), subtract(chosen, width), sizes.number(classes)
    source = where(stays, chosen, floor_divide(beyond, classes))
    moved = _moved(beams, source, where(stays, -1, remainder(beyond, classes)))
    stay_blank, stay_label = (take_along_axis(x, source, 1) for x in (stay_blank, stay_label))
    return moved._replace(blank=where(stays, stay_blank, -INF), label=where(stays, stay_label, best))


def _grown(beams: Beams, total: Any) -> Any:
    """(B, W, W): whether the second sequence is the first and one more label; those without a probability are not there."""
    lengths, longer = expand_dims(beams.lengths, 2), expand_dims(beams.lengths, 1)
    is_beginning = logical_and(equal(beams.common, lengths), equal(longer, add(lengths, 1)))
    return logical_and(is_beginning, expand_dims(greater(total, -INF), 1))


def _unextended(beams: Beams, total: Any, last: Any, grown: Any, score: Any) -> Any:
    """(B, W): sequences that stay as they are, or came to be in this frame, by alignments that end with their last label."""
    repeats = equal(expand_dims(last, 2), expand_dims(last, 1))  # then a blank must lie between
    arrived = where(repeats, expand_dims(beams.blank, 2), expand_dims(total, 2))
    arrived = reduce_max(where(grown, arrived, -INF), 1)
    found = add(logaddexp(beams.label, arrived), take_along_axis(score, maximum(last, 0), 1))
    return where(greater(beams.lengths, 0), found, -INF)


def _extended(beams: Beams, total: Any, last: Any, grown: Any, score: Any, blank: Any) -> Any:
    """(B, W, C): sequences with one more label; -inf where that is among the beams already."""
    labels = iota(shape_of(score)[1])
    is_last = equal(expand_dims(last, 2), labels)
    among = greater(matmul(cast(grown, "float32"), cast(is_last, "float32")), 0)
    found = add(where(is_last, expand_dims(beams.blank, 2), expand_dims(total, 2)), expand_dims(score, 1))
    return where(logical_or(among, equal(labels, blank)), -INF, found)


def _moved(beams: Beams, source: Any, label: Any) -> Beams:
    """The sequences at `source`, each with one more label unless that is -1."""
    lengths = take_along_axis(beams.lengths, source, 1)
    places = equal(iota(shape_of(beams.labels)[2]), expand_dims(lengths, 2))
    labels = take_along_axis(beams.labels, expand_dims(source, 2), 1)
    labels = where(places, expand_dims(label, 2), labels)
    common = take_along_axis(take_along_axis(beams.common, expand_dims(source, 2), 1), expand_dims(source, 1), 2)
    following = take_along_axis(labels, common, 2)  # the label behind what two sequences have in common
    agree = logical_and(equal(following, swapaxes(following, 1, 2)), greater_equal(following, 0))
    added = cast(greater_equal(label, 0), "int32")
    return beams._replace(labels=labels, lengths=add(lengths, added), common=add(common, cast(agree, "int32")))
