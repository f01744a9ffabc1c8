"""Losses of directions and of pairs of embeddings."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.losses.loss import MEAN, LossFunctionWrapper
from keras_lite.losses.pairs import labels_of, narrowed, of_vectors, wide
from keras_lite.symbolic.rules import may_equal

NONE = -1e9  # in the place of a pair that there is not, under a logarithm of a sum of exponentials


@of_vectors
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The negative cosine of the angle of two vectors along `axis`: -1 for the same direction; 0 if one of them is 0.

    >>> cosine_similarity([[1.0, 0.0]], [[3.0, 4.0]])[0].item()
    -0.6000000238418579
    """
    y_true, y_pred = _unit(y_true, axis), _unit(y_pred, axis)
    return ops.negative(ops.sum(ops.multiply(y_true, y_pred), axis=axis))


def _unit(x: Any, axis: int) -> Any:
    """`x` divided by its norm along `axis`, whatever its size; 0 stays."""
    top = ops.stop_gradient(ops.max(ops.absolute(x), axis=axis, keepdims=True, initial=0.0))
    zero = ops.equal(top, 0)
    x = ops.divide(x, ops.where(zero, 1.0, top))
    square = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.where(zero, 1.0, square)))


def circle(y_true: Any, y_pred: Any, ref_labels: Any = None, ref_embeddings: Any = None, remove_diagonal: bool = True, gamma: float = 80,
           margin: float = 0.4) -> Any:
    """Circle loss of each embedding: equal labels shall be more similar than different ones, hard pairs count most.

    With similarities `y_pred @ ref_embeddings.T`, at most 1, p of equal and n of different labels, and m the margin, it is
    `softplus(logsumexp(-gamma max(1 + m - p, 0) (p - 1 + m)) + logsumexp(gamma max(n + m, 0) (n - m)))`.
    Sun et al., https://arxiv.org/abs/2002.10857.

    Args:
        y_true: integer labels, (B,) or (B, 1).
        y_pred: embeddings, (B, D), of length 1 each.
        ref_labels: labels of the references, (N,); `y_true` by default.
        ref_embeddings: embeddings to compare with, (N, D); `y_pred` by default.
        remove_diagonal: leave out pair number (i, i), an embedding with itself.
        gamma: scale of the similarities.
        margin: slack around them.

    Returns:
        (B,); 0 for an embedding without an equal or without a different one.
    """
    given = ops.convert_to_tensor(y_pred)
    y_pred, labels = wide(given), labels_of(ops.convert_to_tensor(y_true), 1)
    others = labels if ref_labels is None else labels_of(ops.convert_to_tensor(ref_labels), 1)
    refs = y_pred if ref_embeddings is None else ops.convert_to_tensor(ref_embeddings, dtype=ops.dtype(y_pred))
    _check_embeddings(labels, y_pred, others, refs)
    equal, different = _relations(labels, others, remove_diagonal)
    similar = ops.minimum(ops.matmul(y_pred, ops.transpose(refs)), 1.0)  # a cosine, but for rounding
    apart = ops.multiply(ops.maximum(ops.subtract(1.0 + margin, similar), 0.0), ops.subtract(similar, 1.0 - margin))
    close = ops.multiply(ops.maximum(ops.add(similar, margin), 0.0), ops.subtract(similar, margin))
    hard = ops.add(_log_sum(ops.multiply(apart, -gamma), equal), _log_sum(ops.multiply(close, gamma), different))
    pairs = ops.logical_and(ops.any(equal, axis=1), ops.any(different, axis=1))
    return narrowed(ops.where(pairs, ops.softplus(ops.where(pairs, hard, 0.0)), 0.0), given)


def _log_sum(x: Any, there: Any) -> Any:
    return ops.logsumexp(ops.where(there, x, NONE), axis=1)


def _relations(labels: Any, others: Any, remove_diagonal: bool) -> tuple[Any, Any]:
    """Which pairs have equal labels and which different ones, (B, N)."""
    equal = ops.equal(ops.expand_dims(labels, 1), ops.expand_dims(others, 0))
    different = ops.logical_not(equal)
    if remove_diagonal:
        rows, columns = (ops.cumsum(ops.ones_like(x, dtype="int32")) for x in (labels, others))
        apart = ops.not_equal(ops.expand_dims(rows, 1), ops.expand_dims(columns, 0))
        equal, different = ops.logical_and(equal, apart), ops.logical_and(different, apart)
    return equal, different


def _check_embeddings(labels: Any, embeddings: Any, others: Any, refs: Any) -> None:
    for what, rows, vectors in (("y_true", tuple(labels.shape), tuple(embeddings.shape)),
                                ("ref_labels", tuple(others.shape), tuple(refs.shape))):
        if len(rows) != 1 or len(vectors) != 2 or not may_equal(rows, vectors[:1]):
            raise invalid("circle", f"expected integer labels (B,) or (B, 1) for embeddings (B, D), got {what} of shape {rows} "
                                    f"and embeddings of shape {vectors}")


class CosineSimilarity(LossFunctionWrapper):
    """The negative cosine of the angle of targets and outputs: -1 for the same direction."""

    def __init__(self, axis: int = -1, reduction: str | None = MEAN, name: str = "cosine_similarity", dtype: Any = None):
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


class Circle(LossFunctionWrapper):
    """Circle loss of a batch of embeddings of length 1; those without an equal or without a different one do not count.

    Args:
        gamma, margin, remove_diagonal: as in `circle`.
        reduction, name, dtype: as in `Loss`; labels stay in their own dtype.
    """

    _keeps_targets: ClassVar[bool] = True

    def __init__(self, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True, reduction: str | None = MEAN,
                 name: str = "circle", dtype: Any = None):
        super().__init__(circle, reduction, name, dtype, gamma=gamma, margin=margin, remove_diagonal=remove_diagonal)
        self._removes_diagonal = remove_diagonal

    def valid(self, y_true: Any) -> Any:
        labels = labels_of(y_true, 1)
        equal, different = _relations(labels, labels, self._removes_diagonal)
        return ops.logical_and(ops.any(equal, axis=1), ops.any(different, axis=1))
