"""Updates that look at a parameter as a whole: at its norm, or at its rows and columns."""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import FLOATS
from keras_lite.engine.errors import invalid
from keras_lite.ops import references_updates as references
from keras_lite.ops.arithmetic import add, divide, greater, logical_and, maximum, minimum, multiply, subtract, where
from keras_lite.ops.contraction import matmul
from keras_lite.ops.core import cast
from keras_lite.ops.elementwise import exp, log, rsqrt, sqrt, square
from keras_lite.ops.facts import rank_of, shape_of
from keras_lite.ops.reductions import reduce_sum
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.shaping import expand_dims, swapaxes
from keras_lite.ops.statistics import mean
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
    rates,
    toward,
)


@op(tensors=(), lists=("params", "grads", "momentums", "velocities"), differentiable=False, reference=references.lamb_update,
    dtypes=FLOATS, samples=(
    Sample(TWO, TWO, [f32(3, 4), f32(2)], TWO_POSITIVE, STEP, RATE, 0.9, 0.999, 1e-7),
    Sample(ONE, ONE, ONE, POSITIVE, array(1.0), RATE, 0.5, 0.8, 1e-3),
    Sample([array([0.0, 0.0])], [f32(2)], [f32(2)], [f32(2, low=0)], STEP, RATE, 0.9, 0.999, 1e-7),
    Sample(NONE, NONE, NONE, NONE, STEP, RATE, 0.9, 0.999, 1e-7), Sample([], [], [], [], STEP, RATE, 0.9, 0.999, 1e-7),
    Sample(ONE, [f32(2)], ONE, POSITIVE, STEP, RATE, 0.9, 0.999, 1e-7, error=SMALLER)))
def lamb_update(params: Tensors, grads: Tensors, momentums: Tensors, velocities: Tensors, step: Any, learning_rate: Any, beta_1: float,
                beta_2: float, epsilon: float) -> tuple[Tensors, Tensors, Tensors]:
    """Layerwise adaptive moments (You et al., https://arxiv.org/abs/1904.00962); `step` counts from 1.

    `r = m / (1 - b1**step) / (sqrt(v / (1 - b2**step)) + epsilon); w <- w - lr |w| / |r| r` with the averages m and v of Adam; the
    quotient of the norms is 1 where one of them is 0.
    """
    grads = checked("lamb_update", params, grads, momentums, velocities)
    rate = rates(params, learning_rate)
    first, second = (by_dtype(params, lambda wide, b=b: divide(1.0, one_minus_power(b, cast(step, wide))))  # type: ignore[misc]
                     for b in (beta_1, beta_2))  # mypy can't infer lambdas with defaults

    def row(p: Any, g: Any, m: Any, v: Any) -> tuple[Any, ...]:
        m, v = toward(m, g, beta_1), mixed(v, square(g), beta_2)
        direction = divide(multiply(m, first(p)), add(sqrt(multiply(v, second(p))), epsilon))
        size, length = sqrt(reduce_sum(square(p))), sqrt(reduce_sum(square(direction)))
        both = logical_and(greater(size, 0.0), greater(length, 0.0))
        trust = where(both, divide(size, where(both, length, 1.0)), 1.0)
        return subtract(p, multiply(direction, multiply(rate(p), trust))), m, v

    return each(row, 3, params, grads, momentums, velocities)


@op(tensors=(), lists=("params", "grads", "rows", "columns", "velocities"), differentiable=False, reference=references.adafactor_update,
    dtypes=("float32", "float64", "bfloat16"), samples=(  # epsilon_1 is 0 in float16
    Sample(ONE, ONE, [f32(2, low=0.1)], [f32(2, low=0.1)], ONE, STEP, RATE, -0.8, 1e-30, 1e-3, 1.0, True),
    Sample([f32(2, 3, 4)], [f32(2, 3, 4)], [f32(2, 3, low=0.1)], [f32(2, 4, low=0.1)], [f32(2, 3, 4)], STEP, RATE, -0.6, 1e-3, 0.1,
           0.3, False),
    Sample([f32(3), f32()], [f32(3), f32()], None, None, [f32(3, low=0.1), f32(low=0.1)], STEP, array(0.9), -0.8, 1e-30, 1e-3, 1.0, True),
    Sample([f32(3)], [f32(3)], None, None, [f32(3)], array(1.0), RATE, -0.8, 1e-30, 1e-3, 1.0, True),
    Sample([], [], None, None, [], STEP, RATE, -0.8, 1e-30, 1e-3, 1.0, True),
    Sample(ONE, [f32(2)], None, None, POSITIVE, STEP, RATE, -0.8, 1e-30, 1e-3, 1.0, True, error=SMALLER)))
def adafactor_update(params: Tensors, grads: Tensors, rows: Tensors | None, columns: Tensors | None, velocities: Tensors, step: Any,
                     learning_rate: Any, beta_2_decay: float, epsilon_1: float, epsilon_2: float, clip_threshold: float,
                     relative_step: bool) -> tuple[Tensors, Tensors | None, Tensors | None, Tensors]:
    """Adafactor (Shazeer and Stern, https://arxiv.org/abs/1804.04235); `step` counts from 1.

    The average v of `g**2 + epsilon_1` has the momentum `1 - step**decay`.  With rows and columns, only its means along the last two axes
    are averaged, and v is their product over their mean.  The step `u = g / sqrt(v)` is shortened to the root mean square
    `clip_threshold`; `w <- w - lr max(epsilon_2, rms(w)) u`, with a learning rate of at most `1 / sqrt(step)` where it is relative.
    """
    factored = rows is not None and columns is not None
    grads = checked("adafactor_update", params, grads, rows, columns, velocities)
    share = by_dtype(params, lambda wide: exp(multiply(log(cast(step, wide)), beta_2_decay)))  # 1 - the momentum
    rate = by_dtype(params, lambda wide: minimum(cast(learning_rate, wide), rsqrt(cast(step, wide))) if relative_step
                    else cast(learning_rate, wide))

    def moved(average: Any, value: Any, p: Any) -> Any:
        return add(average, multiply(subtract(value, average), share(p)))

    def stepped(p: Any, g: Any, v: Any) -> Any:
        u = multiply(g, rsqrt(v))
        u = divide(u, maximum(divide(_root_mean_square(u), clip_threshold), 1.0))
        return subtract(p, multiply(u, multiply(rate(p), maximum(_root_mean_square(p), epsilon_2))))

    def by_factors(p: Any, g: Any, r: Any, c: Any) -> tuple[Any, ...]:
        squares = add(square(g), epsilon_1)
        r, c = moved(r, mean(squares, axis=-1), p), moved(c, mean(squares, axis=-2), p)
        v = multiply(expand_dims(divide(r, mean(r, axis=-1, keepdims=True)), -1), expand_dims(c, -2))
        return stepped(p, g, v), r, c, v

    def whole(p: Any, g: Any, v: Any) -> tuple[Any, Any]:
        v = moved(v, add(square(g), epsilon_1), p)
        return stepped(p, g, v), v

    if factored:
        return each(by_factors, 4, params, grads, rows or [], columns or [])
    new, velocities = each(whole, 2, params, grads, velocities)
    return new, None, None, velocities


def _root_mean_square(x: Any) -> Any:
    return sqrt(mean(square(x)))


def orthogonalized(x: Any, steps: int, a: float, b: float, c: float) -> Any:
    """Matrices with the singular vectors of `x` and singular values near 1, by a Newton-Schulz iteration of the fifth order.

    `x <- a x + b (x x^T) x + c (x x^T)^2 x` from `x / |x|` (Jordan et al., https://kellerjordan.github.io/posts/muon).
    """
    if rank_of(x) < 2:
        raise invalid("orthogonalized", f"a matrix is needed, got shape {shape_of(x)}")
    tall = _is_tall(*shape_of(x)[-2:])
    x = swapaxes(x, -1, -2) if tall else x
    x = divide(x, add(sqrt(reduce_sum(square(x), axis=(-2, -1), keepdims=True)), 1e-7))
    for _ in range(steps):
        gram = matmul(x, swapaxes(x, -1, -2))
        x = add(multiply(x, a), matmul(add(multiply(gram, b), multiply(matmul(gram, gram), c)), x))
    return swapaxes(x, -1, -2) if tall else x


def _is_tall(rows: Any, columns: Any) -> bool:
    """Whether the shorter side is the second; parameters know their sizes, specs of them may not."""
    return isinstance(rows, int) and isinstance(columns, int) and rows > columns


NEWTON = (5, 3.4445, -4.775, 2.0315)


@op(tensors=(), lists=("params", "grads", "momentums"), differentiable=False, reference=references.muon_update, normwise=True,
    dtypes=("float32", "float64"), samples=(
    Sample([f32(3, 4), f32(5, 2)], [f32(3, 4), f32(5, 2)], [f32(3, 4), f32(5, 2)], RATE, 0.95, True, *NEWTON, 0.2),
    Sample(ONE, ONE, POSITIVE, RATE, 0.5, False, 2, 3.0, -4.0, 2.0, 0.4), Sample(ONE, ONE, POSITIVE, RATE, 0.95, True, *NEWTON, None),
    Sample([], [], [], RATE, 0.95, True, *NEWTON, 0.2), Sample([f32(0, 3)], [f32(0, 3)], [f32(0, 3)], RATE, 0.95, True, *NEWTON, 0.2),
    Sample(ONE, [f32(2)], POSITIVE, RATE, 0.95, True, *NEWTON, 0.2, error=SMALLER)))
def muon_update(params: Tensors, grads: Tensors, momentums: Tensors, learning_rate: Any, momentum: float, nesterov: bool, steps: int,
                a: float, b: float, c: float, rms_rate: float | None) -> tuple[Tensors, Tensors]:
    """Momentum with orthogonalized steps (Jordan et al. 2024; Liu et al., https://arxiv.org/abs/2502.16982).

    `m <- momentum m + g; w <- w - lr rms_rate sqrt(max(rows, columns)) orthogonalized(m)`, with Nesterov's look ahead of
    `g + momentum m`; without `rms_rate` the steps keep the size of orthogonal matrices.
    """
    grads = checked("muon_update", params, grads, momentums)
    rate = rates(params, learning_rate)

    def row(p: Any, g: Any, m: Any) -> tuple[Any, Any]:
        m = add(multiply(m, momentum), g)
        step = orthogonalized(add(multiply(m, momentum), g) if nesterov else m, steps, a, b, c)
        factor = 1.0 if rms_rate is None else rms_rate * max(n for n in (*shape_of(p)[:2], 1) if isinstance(n, int)) ** 0.5
        return subtract(p, multiply(step, multiply(rate(p), factor))), m

    return each(row, 2, params, grads, momentums)
