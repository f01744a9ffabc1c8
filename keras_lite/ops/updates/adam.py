"""Adam and its kin: moving averages of the gradient and of its square, or of its largest absolute value."""

from __future__ import annotations

import math
from typing import Any

from keras_lite.engine.dtypes import FLOATS
from keras_lite.ops import references_updates as references
from keras_lite.ops.arithmetic import add, divide, maximum, minimum, multiply, subtract
from keras_lite.ops.core import cast
from keras_lite.ops.elementwise import absolute, exp, sqrt, square
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.table import op
from keras_lite.ops.updates.lists import (
    NONE,
    ONE,
    POSITIVE,
    RATE,
    SMALLER,
    STEP,
    TWO,
    TWO_POSITIVE,
    Tensors,
    by_dtype,
    checked,
    each,
    mixed,
    one_minus_power,
    toward,
)

FIRST = array(1.0)


@op(tensors=(), lists=("params", "grads", "momentums", "velocities", "velocity_hats"), differentiable=False,
    reference=references.adam_update, dtypes=FLOATS, samples=(
    Sample(TWO, TWO, [f32(3, 4), f32(2)], TWO_POSITIVE, None, STEP, RATE, 0.9, 0.999, 1e-7),
    Sample(ONE, ONE, ONE, POSITIVE, [array([[1.0, 1.0], [1.0, 1.0]])], FIRST, RATE, 0.9, 0.99, 1e-3),
    Sample(NONE, NONE, NONE, NONE, None, FIRST, RATE, 0.9, 0.999, 1e-7), Sample(ONE, ONE, ONE, POSITIVE, None, STEP, RATE, 0.0, 0.0, 1e-3),
    Sample(ONE, [f32(2)], ONE, POSITIVE, None, FIRST, RATE, 0.9, 0.999, 1e-7, error=SMALLER)))
def adam_update(params: Tensors, grads: Tensors, momentums: Tensors, velocities: Tensors, velocity_hats: Tensors | None, step: Any,
                learning_rate: Any,
                beta_1: float, beta_2: float, epsilon: float) -> tuple[Tensors, Tensors, Tensors, Tensors | None]:
    """Adam (Kingma and Ba, https://arxiv.org/abs/1412.6980); `step` counts from 1.

    `m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g**2; w <- w - lr sqrt(1 - b2**step) / (1 - b1**step) * m / (sqrt(v) + epsilon)`.
    With velocity hats `max(hat, v)` stands for v in the root (AMSGrad, https://arxiv.org/abs/1904.09237).
    """
    grads = checked("adam_update", params, grads, momentums, velocities, velocity_hats)
    rate = by_dtype(params, lambda wide: corrected_rate(cast(step, wide), cast(learning_rate, wide), beta_1, beta_2))

    def row(p: Any, g: Any, m: Any, v: Any, *hat: Any) -> tuple[Any, ...]:
        m, v = toward(m, g, beta_1), mixed(v, square(g), beta_2)
        roots = [maximum(h, v) for h in hat]
        return subtract(p, divide(multiply(m, rate(p)), add(sqrt(roots[0] if roots else v), epsilon))), m, v, *roots

    if velocity_hats is None:
        return (*each(row, 3, params, grads, momentums, velocities), None)
    return each(row, 4, params, grads, momentums, velocities, velocity_hats)


def corrected_rate(step: Any, learning_rate: Any, beta_1: float, beta_2: float) -> Any:
    """Step size corrected for averages that start at 0."""
    return multiply(learning_rate, divide(sqrt(one_minus_power(beta_2, step)), one_minus_power(beta_1, step)))


@op(tensors=(), lists=("params", "grads", "momentums", "norms"), differentiable=False, reference=references.adamax_update, dtypes=FLOATS,
    samples=(Sample(TWO, TWO, [f32(3, 4), f32(2)], TWO_POSITIVE, STEP, RATE, 0.9, 0.999, 1e-7),
             Sample(ONE, ONE, ONE, POSITIVE, FIRST, RATE, 0.5, 0.8, 1e-3), Sample(NONE, NONE, NONE, NONE, FIRST, RATE, 0.9, 0.999, 1e-7),
             Sample([], [], [], [], FIRST, RATE, 0.9, 0.999, 1e-7),
             Sample([f32()], [f32()], [f32()], [f32(low=0)], STEP, RATE, 0.9, 0.9, 1e-7),
             Sample(ONE, [f32(2)], ONE, POSITIVE, FIRST, RATE, 0.9, 0.999, 1e-7, error=SMALLER)))
def adamax_update(params: Tensors, grads: Tensors, momentums: Tensors, norms: Tensors, step: Any, learning_rate: Any, beta_1: float,
                  beta_2: float, epsilon: float) -> tuple[Tensors, Tensors, Tensors]:
    """AdaMax, Adam with the largest absolute value (Kingma and Ba, https://arxiv.org/abs/1412.6980, section 7.1).

    `m <- b1 m + (1 - b1) g; u <- max(b2 u, |g|); w <- w - lr / (1 - b1**step) * m / (u + epsilon)`.
    """
    grads = checked("adamax_update", params, grads, momentums, norms)
    rate = by_dtype(params, lambda wide: divide(cast(learning_rate, wide), one_minus_power(beta_1, cast(step, wide))))

    def row(p: Any, g: Any, m: Any, u: Any) -> tuple[Any, ...]:
        m, u = toward(m, g, beta_1), maximum(multiply(u, beta_2), absolute(g))
        return subtract(p, divide(multiply(m, rate(p)), add(u, epsilon))), m, u

    return each(row, 3, params, grads, momentums, norms)


def nadam_momentum(step: Any, beta_1: float) -> Any:
    """The momentum of a step in Dozat's schedule, which grows toward `beta_1`; `step` counts from 1."""
    return multiply(subtract(1.0, multiply(exp(multiply(step, math.log(0.96))), 0.5)), beta_1)


@op(tensors=(), lists=("params", "grads", "momentums", "velocities"), differentiable=False, reference=references.nadam_update,
    dtypes=FLOATS, samples=(
    Sample(TWO, TWO, [f32(3, 4), f32(2)], TWO_POSITIVE, array(0.4), STEP, RATE, 0.9, 0.999, 1e-7),
    Sample(ONE, ONE, ONE, POSITIVE, array(0.5), FIRST, RATE, 0.5, 0.8, 1e-3),
    Sample(NONE, NONE, NONE, NONE, array(0.4), STEP, RATE, 0.9, 0.999, 1e-7),
    Sample([], [], [], [], array(0.4), STEP, RATE, 0.9, 0.9, 1e-7),
    Sample([f32()], [f32()], [f32()], [f32(low=0)], array(0.1), STEP, RATE, 0.9, 0.9, 1e-7),
    Sample(ONE, [f32(2)], ONE, POSITIVE, array(0.4), FIRST, RATE, 0.9, 0.999, 1e-7, error=SMALLER)))
def nadam_update(params: Tensors, grads: Tensors, momentums: Tensors, velocities: Tensors, product: Any, step: Any, learning_rate: Any,
                 beta_1: float, beta_2: float, epsilon: float) -> tuple[Tensors, Tensors, Tensors]:
    """Adam with Nesterov's momentum (Dozat, ICLR workshop 2016); `product` is that of the momenta of the steps up to this one.

    With u the momentum of this step and u' of the next one (`nadam_momentum`), and the averages m and v of Adam:
    `w <- w - lr * (u' m / (1 - product u') + (1 - u) g / (1 - product)) / (sqrt(v / (1 - b2**step)) + epsilon)`.
    """
    grads = checked("nadam_update", params, grads, momentums, velocities)

    def weights(wide: str) -> tuple[Any, Any, Any]:
        t, p, rate = cast(step, wide), cast(product, wide), cast(learning_rate, wide)
        now, then = nadam_momentum(t, beta_1), nadam_momentum(add(t, 1.0), beta_1)
        of_average = divide(then, subtract(1.0, multiply(p, then)))
        of_gradient = divide(subtract(1.0, now), subtract(1.0, p))
        return multiply(rate, of_average), multiply(rate, of_gradient), divide(1.0, one_minus_power(beta_2, t))

    parts = [by_dtype(params, lambda wide, i=i: weights(wide)[i]) for i in range(3)]  # type: ignore[misc]  # mypy can't infer defaults

    def row(p: Any, g: Any, m: Any, v: Any) -> tuple[Any, ...]:
        m, v = toward(m, g, beta_1), mixed(v, square(g), beta_2)
        step = add(multiply(m, parts[0](p)), multiply(g, parts[1](p)))
        return subtract(p, divide(step, add(sqrt(multiply(v, parts[2](p))), epsilon))), m, v

    return each(row, 3, params, grads, momentums, velocities)


@op(tensors=(), lists=("params", "grads", "bases", "velocities"), differentiable=False, reference=references.schedule_free_update,
    dtypes=FLOATS, samples=(
    Sample(TWO, TWO, [f32(3, 4), f32(2)], TWO_POSITIVE, STEP, RATE, 0.9, 0.999, 1e-7, 0),
    Sample(ONE, ONE, ONE, POSITIVE, STEP, RATE, 0.5, 0.8, 1e-3, 7), Sample(ONE, ONE, ONE, POSITIVE, STEP, RATE, 0.5, 0.8, 1e-3, 2),
    Sample(NONE, NONE, NONE, NONE, FIRST, RATE, 0.9, 0.999, 1e-7, 0), Sample([], [], [], [], FIRST, RATE, 0.9, 0.999, 1e-7, 0),
    Sample(ONE, [f32(2)], ONE, POSITIVE, FIRST, RATE, 0.9, 0.999, 1e-7, 0, error=SMALLER)))
def schedule_free_update(params: Tensors, grads: Tensors, bases: Tensors, velocities: Tensors, step: Any, learning_rate: Any,
                         beta_1: float, beta_2: float, epsilon: float, warmup_steps: int) -> tuple[Tensors, Tensors, Tensors]:
    """Schedule-free Adam (Defazio et al., https://arxiv.org/abs/2405.15682); `step` counts from 1.

    The parameters y are a mixture `b1 x + (1 - b1) z` of the average x of all base points z so far and the present one:
    `v <- b2 v + (1 - b2) g**2; z <- z - lr g / (sqrt(v / (1 - b2**step)) + epsilon); x <- x + (z - x) / step`.  The learning rate grows
    in proportion to the step for `warmup_steps`.
    """
    grads = checked("schedule_free_update", params, grads, bases, velocities)

    def rising(wide: str) -> Any:
        rate = cast(learning_rate, wide)
        return multiply(rate, minimum(divide(cast(step, wide), float(warmup_steps)), 1.0)) if warmup_steps else rate

    rate = by_dtype(params, rising)
    correction = by_dtype(params, lambda wide: divide(1.0, one_minus_power(beta_2, cast(step, wide))))
    older = by_dtype(params, lambda wide: subtract(1.0, divide(1.0, cast(step, wide))))
    newer = by_dtype(params, lambda wide: add(divide(beta_1, cast(step, wide)), 1.0 - beta_1))

    def row(y: Any, g: Any, z: Any, v: Any) -> tuple[Any, ...]:
        v = mixed(v, square(g), beta_2)
        averaged = subtract(y, multiply(z, 1.0 - beta_1))  # b1 x
        z = subtract(z, divide(multiply(g, rate(y)), add(sqrt(multiply(v, correction(y))), epsilon)))
        return add(multiply(averaged, older(y)), multiply(z, newer(y))), z, v

    return each(row, 3, params, grads, bases, velocities)
