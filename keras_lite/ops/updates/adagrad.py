"""Step sizes from the sum or the average of all squares so far, for each entry of a parameter."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import FLOATS
from keras_lite.ops import references_updates as references
from keras_lite.ops.arithmetic import add, clip, divide, multiply, power, subtract
from keras_lite.ops.core import cast
from keras_lite.ops.elementwise import sqrt, square
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.table import op
from keras_lite.ops.updates.lists import (
    NONE,
    ONE,
    POSITIVE,
    RATE,
    SMALLER,
    TWO,
    TWO_POSITIVE,
    Tensors,
    by_dtype,
    checked,
    each,
    mixed,
    rates,
)


@op(tensors=(), lists=("params", "grads", "accumulators"), differentiable=False, reference=references.adagrad_update, dtypes=FLOATS,
    samples=(Sample(TWO, TWO, TWO_POSITIVE, RATE, 1e-7), Sample(ONE, ONE, POSITIVE, RATE, 1e-3), Sample(NONE, NONE, NONE, RATE, 1e-7),
             Sample([], [], [], RATE, 1e-7), Sample([f32()], [f32()], [f32(low=0)], RATE, 1e-7),
             Sample(ONE, [f32(2)], POSITIVE, RATE, 1e-7, error=SMALLER)))
def adagrad_update(params: Tensors, grads: Tensors, accumulators: Tensors, learning_rate: Any, epsilon: float) -> tuple[Tensors, Tensors]:
    """`a <- a + g**2; w <- w - lr * g / sqrt(a + epsilon)` (Duchi et al., JMLR 12, 2011)."""
    grads = checked("adagrad_update", params, grads, accumulators)
    rate = rates(params, learning_rate)

    def row(p: Any, g: Any, a: Any) -> tuple[Any, Any]:
        a = add(a, square(g))
        return subtract(p, divide(multiply(g, rate(p)), sqrt(add(a, epsilon)))), a

    return each(row, 2, params, grads, accumulators)


@op(tensors=(), lists=("params", "grads", "squares", "squared_steps"), differentiable=False, reference=references.adadelta_update,
    dtypes=FLOATS, samples=(
    Sample(TWO, TWO, TWO_POSITIVE, TWO_POSITIVE, RATE, 0.95, 1e-7), Sample(ONE, ONE, POSITIVE, POSITIVE, RATE, 0.5, 1e-3),
    Sample(NONE, NONE, NONE, NONE, RATE, 0.95, 1e-7), Sample([], [], [], [], RATE, 0.95, 1e-7),
    Sample([f32()], [f32()], [f32(low=0)], [f32(low=0)], RATE, 0.9, 1e-7),
    Sample(ONE, [f32(2)], POSITIVE, POSITIVE, RATE, 0.95, 1e-7, error=SMALLER)))
def adadelta_update(params: Tensors, grads: Tensors, squares: Tensors, squared_steps: Tensors, learning_rate: Any, rho: float,
                    epsilon: float) -> tuple[Tensors, Tensors, Tensors]:
    """Adadelta (Zeiler, https://arxiv.org/abs/1212.5701): gradients in units of the steps before.

    `s <- rho s + (1 - rho) g**2; d = g * sqrt(q + epsilon) / sqrt(s + epsilon); q <- rho q + (1 - rho) d**2; w <- w - lr * d`.
    """
    grads = checked("adadelta_update", params, grads, squares, squared_steps)
    rate = rates(params, learning_rate)

    def row(p: Any, g: Any, s: Any, q: Any) -> tuple[Any, ...]:
        s = mixed(s, square(g), rho)
        step = divide(multiply(g, sqrt(add(q, epsilon))), sqrt(add(s, epsilon)))
        return subtract(p, multiply(step, rate(p))), s, mixed(q, square(step), rho)

    return each(row, 3, params, grads, squares, squared_steps)


@op(tensors=(), lists=("params", "grads", "accumulators", "linears"), differentiable=False, reference=references.ftrl_update,
    dtypes=FLOATS, samples=(
    Sample(TWO, TWO, [array([[0.1, 0.2, 0.3, 1.0]] * 3), array([0.1, 2.0])], [f32(3, 4), f32(2)], RATE, -0.5, 0.0, 0.0, 0.0, 0.0),
    Sample(ONE, ONE, [array([[0.1, 0.5], [1.0, 2.0]])], ONE, RATE, -0.3, 0.5, 0.1, 0.2, 0.3),
    Sample(ONE, ONE, [array([[0.1, 0.5], [1.0, 2.0]])], ONE, RATE, 0.0, 1.0, 0.1, 0.0, 0.0),
    Sample(NONE, NONE, NONE, NONE, RATE, -0.5, 0.0, 0.0, 0.0, 0.0), Sample([], [], [], [], RATE, -0.5, 0.0, 0.0, 0.0, 0.0),
    Sample(ONE, [f32(2)], POSITIVE, POSITIVE, RATE, -0.5, 0.0, 0.0, 0.0, 0.0, error=SMALLER)))
def ftrl_update(params: Tensors, grads: Tensors, accumulators: Tensors, linears: Tensors, learning_rate: Any, learning_rate_power: float,
                l1: float, l2: float, shrinkage: float, beta: float) -> tuple[Tensors, Tensors, Tensors]:
    """Follow the regularized leader (McMahan et al., KDD 2013, algorithm 1).

    With n the accumulator of squares, p minus the power of the learning rate, and z the linear term:
    `n' = n + g**2; z <- z + g + 2 shrinkage w - (n'**p - n**p) / lr * w; w <- (clip(z, -l1, l1) - z) / ((n'**p + beta) / lr + 2 l2)`.
    """
    grads = checked("ftrl_update", params, grads, accumulators, linears)
    per_rate = by_dtype(params, lambda wide: divide(1.0, cast(learning_rate, wide)))

    def raised(x: Any) -> Any:
        return sqrt(x) if learning_rate_power == -0.5 else power(x, -learning_rate_power)

    def row(p: Any, g: Any, n: Any, z: Any) -> tuple[Any, ...]:
        total = add(n, square(g))
        root = raised(total)
        leading = add(g, multiply(p, 2.0 * shrinkage)) if shrinkage else g
        z = subtract(add(z, leading), multiply(multiply(subtract(root, raised(n)), per_rate(p)), p))
        size = multiply(add(root, beta) if beta else root, per_rate(p))
        size = add(size, 2.0 * l2) if l2 else size
        return divide(subtract(clip(z, -l1, l1), z), size), total, z

    return each(row, 3, params, grads, accumulators, linears)
