"""The loss of sequences of labels without a given alignment."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.losses.loss import MEAN, LossFunctionWrapper
from keras_lite.losses.pairs import check_labels, narrowed


def ctc(y_true: Any, y_pred: Any) -> Any:
    """`-log` of the probability of each row's labels, summed over their alignments with the frames, as in `ops.ctc_loss`.

    Args:
        y_true: integer labels (B, L), filled up with 0, the class for "no label".
        y_pred: logits (B, T, C).

    Returns:
        (B,): infinity, with a gradient of zeros, for labels that no alignment gives.
    """
    labels, scores = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(labels.shape) != 2 or len(scores.shape) != 3:
        raise invalid("ctc", f"expected labels (batch, labels) and logits (batch, frames, classes), got shapes {tuple(labels.shape)} "
                             f"and {tuple(scores.shape)}")
    labels = ops.cast(labels, "int32")
    counts = ops.sum(ops.cast(ops.not_equal(labels, 0), "int32"), axis=1)
    frames = ops.multiply(ops.ones_like(counts), ops.shape(scores)[1])
    return narrowed(ops.ctc_loss(labels, scores, counts, frames, mask_index=0), scores)


class CTC(LossFunctionWrapper):
    """Connectionist temporal classification of labels from 1, filled up with 0, and logits (B, T, C); labels stay in their own dtype."""

    _keeps_targets: ClassVar[bool] = True

    def __init__(self, reduction: str | None = MEAN, name: str = "ctc", dtype: Any = None):
        super().__init__(ctc, reduction, name, dtype)

    def check_targets(self, y_true: Any, shape: Any) -> None:
        check_labels(self.name, y_true, shape, -1, "")
