"""The gradients of several batches as one."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import FLOATS, promote
from keras_lite.ops import references_updates as references
from keras_lite.ops.arithmetic import add, multiply
from keras_lite.ops.core import cast
from keras_lite.ops.facts import dtype_of
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.table import op
from keras_lite.ops.updates.lists import NONE, ONE, TWO, Tensors, checked


@op(tensors=(), lists=("sums", "grads"), differentiable=False, reference=references.accumulate_gradients, dtypes=FLOATS, samples=(
    Sample(TWO, TWO, array(1.0)), Sample([f32(2, 2)], ONE, array(0.375)), Sample(NONE, NONE, array(2.0)), Sample([], [], array(2.0)),
    Sample([f32()], [f32()], array(1e-20)),
    Sample(ONE, [f32(2)], array(1.0), error=r"parameter 0 of shape \(2, 2\) got a gradient of shape \(2,\)")))
def accumulate_gradients(sums: Tensors, grads: Tensors, share: Any) -> Tensors:
    """`s <- s + share * g`, the product in at least float32; `share` is a scalar tensor."""
    grads = checked("accumulate_gradients", sums, grads, real=False)

    def row(s: Any, g: Any) -> Any:
        wide = promote(dtype_of(s), "float32")
        return cast(add(cast(s, wide), multiply(cast(g, wide), cast(share, wide))), dtype_of(s))

    return [row(s, g) for s, g in zip(sums, grads, strict=True)]
