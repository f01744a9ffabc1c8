"""Descent along the gradient, its running average or its sign."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import FLOATS
from keras_lite.ops import references_updates as references
from keras_lite.ops.arithmetic import add, divide, multiply, subtract
from keras_lite.ops.elementwise import sign, sqrt, square
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.table import op
from keras_lite.ops.updates.lists import NONE, ONE, POSITIVE, RATE, TWO, Tensors, checked, each, rates, toward

NO_FIT = Sample([f32(3)], [f32(4)], None, RATE, 0.0, False, error=r"parameter 0 of shape \(3,\) got a gradient of shape \(4,\)")


@op(tensors=(), lists=("params", "grads", "velocities"), differentiable=False, reference=references.sgd_update, dtypes=FLOATS, samples=(
    Sample(TWO, TWO, None, RATE, 0.0, False), Sample(ONE, ONE, POSITIVE, RATE, 0.9, False), Sample(ONE, ONE, POSITIVE, RATE, 0.9, True),
    Sample(NONE, NONE, None, RATE, 0.0, False), Sample([], [], None, RATE, 0.0, False), NO_FIT))
def sgd_update(params: Tensors, grads: Tensors, velocities: Tensors | None, learning_rate: Any, momentum: float,
               nesterov: bool) -> tuple[Tensors, Tensors | None]:
    """`v <- momentum * v - lr * g; w <- w + v`, or with Nesterov's look ahead `w <- w + momentum * v - lr * g`.

    Without velocities `w <- w - lr * g`.  Sutskever et al., ICML 2013.
    """
    grads = checked("sgd_update", params, grads, velocities, real=False)
    rate = rates(params, learning_rate)
    steps = [multiply(g, rate(g)) for g in grads]
    if velocities is None:
        return [subtract(p, step) for p, step in zip(params, steps, strict=True)], None
    velocities = [subtract(multiply(v, momentum), step) for v, step in zip(velocities, steps, strict=True)]
    if not nesterov:
        return [add(p, v) for p, v in zip(params, velocities, strict=True)], velocities
    return [subtract(add(p, multiply(v, momentum)), step) for p, v, step in zip(params, velocities, steps, strict=True)], velocities


@op(tensors=(), lists=("params", "grads", "velocities", "momentums", "average_gradients"), differentiable=False,
    reference=references.rmsprop_update, dtypes=FLOATS, samples=(
    Sample(ONE, ONE, POSITIVE, None, None, RATE, 0.9, 0.0, 1e-7), Sample(ONE, ONE, POSITIVE, ONE, None, RATE, 0.9, 0.5, 1e-7),
    Sample(ONE, ONE, [array([[3.0, 4.0], [3.0, 4.0]])], ONE, [array([[0.1, 0.2], [0.3, 0.4]])], RATE, 0.9, 0.5, 1e-3),
    Sample(NONE, NONE, NONE, None, None, RATE, 0.9, 0.0, 1e-7),
    Sample(ONE, ONE, [], None, None, RATE, 0.9, 0.0, 1e-7, error=r"must be as many, got \[1, 1, 0\]")))
def rmsprop_update(params: Tensors, grads: Tensors, velocities: Tensors, momentums: Tensors | None, average_gradients: Tensors | None,
                   learning_rate: Any,
                   rho: float, momentum: float, epsilon: float) -> tuple[Tensors, Tensors, Tensors | None, Tensors | None]:
    """`v <- rho * v + (1 - rho) * g**2; w <- w - lr * g / sqrt(v + epsilon)` (Hinton's lecture 6e, 2012).

    With average gradients a, `v - a**2` stands for v in the root (Graves, https://arxiv.org/abs/1308.0850); with momentums m,
    `m <- momentum * m + step; w <- w - m`.
    """
    grads = checked("rmsprop_update", params, grads, velocities, momentums, average_gradients)
    velocities = [toward(v, square(g), rho) for v, g in zip(velocities, grads, strict=True)]
    spreads = velocities
    if average_gradients is not None:
        average_gradients = [toward(a, g, rho) for a, g in zip(average_gradients, grads, strict=True)]
        spreads = [subtract(v, square(a)) for v, a in zip(velocities, average_gradients, strict=True)]
    rate = rates(params, learning_rate)
    steps = [divide(multiply(g, rate(g)), sqrt(add(s, epsilon))) for g, s in zip(grads, spreads, strict=True)]
    if momentums is not None:
        steps = momentums = [add(multiply(m, momentum), step) for m, step in zip(momentums, steps, strict=True)]
    return [subtract(p, step) for p, step in zip(params, steps, strict=True)], velocities, momentums, average_gradients


@op(tensors=(), lists=("params", "grads", "momentums"), differentiable=False, reference=references.lion_update, dtypes=FLOATS, samples=(
    Sample(TWO, TWO, [f32(3, 4), f32(2)], RATE, 0.9, 0.99), Sample(ONE, ONE, POSITIVE, RATE, 0.5, 0.7),
    Sample(NONE, NONE, NONE, RATE, 0.9, 0.99),
    Sample([], [], [], RATE, 0.9, 0.99), Sample([f32(2)], [array([0.0, 0.0])], [array([0.0, -1.0])], RATE, 0.9, 0.99),
    Sample(ONE, ONE, [], RATE, 0.9, 0.99, error=r"must be as many, got \[1, 1, 0\]")))
def lion_update(params: Tensors, grads: Tensors, momentums: Tensors, learning_rate: Any, beta_1: float,
                beta_2: float) -> tuple[Tensors, Tensors]:
    """`w <- w - lr * sign(b1 m + (1 - b1) g); m <- b2 m + (1 - b2) g` (Chen et al., https://arxiv.org/abs/2302.06675)."""
    grads = checked("lion_update", params, grads, momentums)
    rate = rates(params, learning_rate)

    def row(p: Any, g: Any, m: Any) -> tuple[Any, Any]:
        direction = sign(add(multiply(m, beta_1), multiply(g, 1.0 - beta_1)))
        return subtract(p, multiply(direction, rate(p))), toward(m, g, beta_2)

    return each(row, 2, params, grads, momentums)
