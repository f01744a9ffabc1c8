"""The one point at which replicas of a model agree."""

from __future__ import annotations

from typing import Any


def reduce_across_replicas(sums: Any) -> Any:
    """`sums` (gradients, numerators and denominators of losses and metrics) added up over all replicas.

    There is one replica today, so this is the identity; data parallelism enters here.
    """
    return sums
