"""Connectionist temporal classification by torch's kernel.

As it stands it can't be recorded: the shape of its second result depends on the lengths.  So it becomes an operator of the engine's own,
whose results are the losses and their slopes.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import torch

from keras_lite_torch.program import OWN_OPERATORS
from keras_lite_torch.tracing import is_transformed, local

Tensor: TypeAlias = torch.Tensor


def ctc(logits: Tensor, labels: Tensor, label_lengths: Tensor, frame_lengths: Tensor, blank: int) -> Tensor:
    """A fourth of the time of the recursion by tensors."""
    served = logits.dtype in (torch.float32, torch.float64) and logits.numel()
    if not served or torch._C._functorch.maybe_current_level() is not None:
        return NotImplemented
    return _Ctc.apply(local(logits), labels, label_lengths, frame_lengths, blank)


class _Ctc(torch.autograd.Function):
    """The losses; the gradient of one that is infinite is 0."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:
        compute: Any = torch.ops.keras_lite.ctc.default if is_transformed() else _losses_and_slopes
        losses, slopes = compute(*arguments, ctx.needs_input_grad[0])
        ctx.save_for_backward(slopes)
        return losses

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, cotangent: Tensor) -> tuple[Tensor | None, ...]:
        slopes, = ctx.saved_tensors
        return cotangent[:, None, None] * slopes, None, None, None, None


def _losses_and_slopes(logits: Tensor, labels: Tensor, label_lengths: Tensor, frame_lengths: Tensor, blank: int,
                       with_slopes: bool) -> tuple[Tensor, Tensor]:
    """The losses (B,) and their gradients (B, T, C), which are empty unless they are wanted."""
    scores = torch.log_softmax(logits, -1).transpose(0, 1)
    arguments = labels, frame_lengths.to(torch.int64), label_lengths.to(torch.int64)
    losses, forward = torch.ops.aten._ctc_loss.Tensor(scores, *arguments, blank, False)
    if not with_slopes:
        return losses, logits.new_empty(0)
    # torch's gradient is that of the logits already: it takes the scores for normalized ones
    slopes = torch.ops.aten._ctc_loss_backward.Tensor(torch.ones_like(losses), scores, *arguments, losses, forward, blank, True)
    return losses, slopes.transpose(0, 1).contiguous()


def _blank_results(logits: Tensor, labels: Tensor, label_lengths: Tensor, frame_lengths: Tensor, blank: int,
                   with_slopes: bool) -> tuple[Tensor, Tensor]:
    return logits.new_empty(logits.shape[0]), logits.new_empty(logits.shape if with_slopes else 0)


_library = torch.library.Library("keras_lite", "FRAGMENT")
_library.define("ctc(Tensor logits, Tensor labels, Tensor label_lengths, Tensor frame_lengths, int blank, bool with_slopes)"
                " -> (Tensor, Tensor)")
_library.impl("ctc", _losses_and_slopes, "CompositeExplicitAutograd")
_library.impl("ctc", _blank_results, "Meta")
OWN_OPERATORS["ctc"] = _losses_and_slopes
