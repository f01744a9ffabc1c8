"""Where replicas of a model agree, once there are several; with the one that there is today all this is the identity.

Each replica computes with its rows of a batch.  Gradients meet at each step, in `mean_across_replicas`.  The sums of metrics stay
apart until someone reads them; then the replicas' values of a variable are merged as its `aggregation` says: "sum" for what metrics
add up (by `Metric.stateless_merge`, which keeps what rounding leaves over), "mean" for averages, "only_first_replica" for what is the
same everywhere.  So a metric adds its own rows and asks nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def mean_across_replicas(gradients: Sequence[Any]) -> Sequence[Any]:
    """The mean over all replicas of each gradient; None where a variable has none.  The loss of a replica is the mean over its rows."""
    return gradients
