"""Choosing by a condition, and the positions where one holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid
from keras_lite.ops import arithmetic
from keras_lite.ops.core import convert_to_numpy
from keras_lite.ops.data import as_tensor
from keras_lite.ops.facts import rank_of
from keras_lite.ops.sample import Sample, boolean, f32, i32
from keras_lite.ops.table import op
from keras_lite.symbolic.spec import KerasTensor


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """`x1` where `condition` holds, else `x2`, all broadcast; of a condition alone the positions where it holds (`nonzero`).

    >>> where([True, False, True], 1.0, 0.0).shape
    (3,)
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise invalid("where", "give both x1 and x2, or none of them")
    return arithmetic.where(condition, x1, x2)


@op(differentiable=False, dynamic=True, samples=(Sample(boolean(3, 4)), Sample(i32(5, low=0, high=2)), Sample(f32(0, 2)),
                                                 Sample(f32(), error="at least one axis")))
def nonzero(x: Any) -> tuple[Any, ...]:
    """int32 positions of the elements that are not zero, one vector for each axis.

    Their number depends on the values: it is unknown on symbolic tensors, and inside compiled functions there is no such tensor.
    """
    if rank_of(x) == 0:
        raise invalid("nonzero", "x needs at least one axis")
    if isinstance(x, KerasTensor):
        return tuple(KerasTensor.spec((None,), "int32") for _ in x.shape)
    engine = registry.current()
    return tuple(as_tensor(engine, found.astype("int32")) for found in np.nonzero(convert_to_numpy(x)))
