"""Optimizer updates, on whole lists of tensors: an engine can have one fused native for all of them.

Each takes the parameters, their gradients and the optimizer's slots as lists in the same order, and returns new lists.  The
learning rate and the step number are scalar tensors: they change while a compiled step stays.  Slots that are not used are None.
"""

from __future__ import annotations

from typing import Any

from keras_lite.engine.dtypes import FLOATS, promote
from keras_lite.engine.errors import invalid
from keras_lite.ops import references
from keras_lite.ops.arithmetic import add, divide, maximum, multiply, power, subtract
from keras_lite.ops.core import cast
from keras_lite.ops.data import refuse_complex
from keras_lite.ops.elementwise import sqrt, square
from keras_lite.ops.facts import dtype_of, shape_of
from keras_lite.ops.sample import Sample, array, f32
from keras_lite.ops.table import op

Tensors = list[Any]
RATE = array(0.1)
TWO = [f32(3, 4), f32(2)]
SLOTS = [array([[0.5, 0.0], [2.0, 1.0]])]
ONE = [f32(2, 2)]
NO_FIT = Sample([f32(3)], [f32(4)], None, RATE, 0.0, False, error=r"parameter 0 of shape \(3,\) got a gradient of shape \(4,\)")


def _checked(name: str, params: Tensors, grads: Tensors, *slots: Tensors | None) -> Tensors:
    """The gradients in the dtypes of the parameters; raises ValueError where lists or shapes do not fit."""
    lengths = [len(params), len(grads), *(len(slot) for slot in slots if slot is not None)]
    if len(set(lengths)) > 1:
        raise invalid(name, f"parameters, gradients and slots must be as many, got {lengths}")
    for i, (p, g) in enumerate(zip(params, grads, strict=True)):
        if shape_of(p) != shape_of(g):
            raise invalid(name, f"parameter {i} of shape {shape_of(p)} got a gradient of shape {shape_of(g)}")
    return [cast(g, dtype_of(p)) for p, g in zip(params, grads, strict=True)]


def _refuse_complex(name: str, params: Tensors) -> None:
    """Squares of complex gradients are no velocities."""
    for p in params:
        refuse_complex(name, dtype_of(p))


def _toward(average: Any, value: Any, keep: float) -> Any:
    """The running average `keep * average + (1 - keep) * value`."""
    return add(average, multiply(subtract(value, average), 1.0 - keep))


@op(tensors=(), lists=("params", "grads", "velocities"), differentiable=False, reference=references.sgd_update, dtypes=FLOATS, samples=(
    Sample(TWO, TWO, None, RATE, 0.0, False), Sample(ONE, ONE, SLOTS, RATE, 0.9, False), Sample(ONE, ONE, SLOTS, RATE, 0.9, True),
    Sample([f32(0)], [f32(0)], None, RATE, 0.0, False), Sample([], [], None, RATE, 0.0, False), NO_FIT))
def sgd_update(params: Tensors, grads: Tensors, velocities: Tensors | None, learning_rate: Any, momentum: float,
               nesterov: bool) -> tuple[Tensors, Tensors | None]:
    """`v <- momentum * v - lr * g; w <- w + v`, or with Nesterov's look ahead `w <- w + momentum * v - lr * g`.

    Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013.

    Args:
        params, grads: tensors w and their gradients g, of the same shapes.
        velocities: v; None for `w <- w - lr * g`.
        learning_rate: lr, a scalar tensor.
        momentum, nesterov: share of v that is kept, and whether to look ahead.

    Returns:
        The new parameters and velocities (or None).

    Raises:
        ValueError: lists or shapes that do not fit each other.

    >>> from keras_lite import ops
    >>> w, g, v = ops.array([1.0]), ops.array([2.0]), ops.array([0.5])
    >>> params, velocities = ops.updates.sgd_update([w], [g], [v], ops.array(0.25), momentum=0.5, nesterov=False)
    >>> ops.convert_to_numpy(params[0]).tolist()
    [0.75]
    """
    grads = _checked("sgd_update", params, grads, velocities)
    steps = [multiply(g, cast(learning_rate, dtype_of(g))) for g in grads]
    if velocities is None:
        return [subtract(p, step) for p, step in zip(params, steps, strict=True)], None
    velocities = [subtract(multiply(v, momentum), step) for v, step in zip(velocities, steps, strict=True)]
    if not nesterov:
        return [add(p, v) for p, v in zip(params, velocities, strict=True)], velocities
    return [subtract(add(p, multiply(v, momentum)), step) for p, v, step in zip(params, velocities, steps, strict=True)], velocities


@op(tensors=(), lists=("params", "grads", "velocities", "momentums", "average_gradients"), differentiable=False,
    reference=references.rmsprop_update, dtypes=FLOATS, samples=(
    Sample(ONE, ONE, SLOTS, None, None, RATE, 0.9, 0.0, 1e-7), Sample(ONE, ONE, SLOTS, ONE, None, RATE, 0.9, 0.5, 1e-7),
    Sample(ONE, ONE, [array([[3.0, 4.0], [3.0, 4.0]])], ONE, [array([[0.1, 0.2], [0.3, 0.4]])], RATE, 0.9, 0.5, 1e-3),
    Sample([f32(0)], [f32(0)], [f32(0)], None, None, RATE, 0.9, 0.0, 1e-7),
    Sample(ONE, ONE, [], None, None, RATE, 0.9, 0.0, 1e-7, error=r"must be as many, got \[1, 1, 0\]")))
def rmsprop_update(params: Tensors, grads: Tensors, velocities: Tensors, momentums: Tensors | None, average_gradients: Tensors | None,
                   learning_rate: Any,
                   rho: float, momentum: float, epsilon: float) -> tuple[Tensors, Tensors, Tensors | None, Tensors | None]:
    """`v <- rho * v + (1 - rho) * g**2; w <- w - lr * g / sqrt(v + epsilon)` (Hinton's lecture 6e, 2012).

    Args:
        params, grads: tensors w and their gradients g, of the same shapes.
        velocities: v.
        momentums: m for `m <- momentum * m + step; w <- w - m`, or None.
        average_gradients: averages a of g, for `v - a**2` in place of v in the root (Graves, https://arxiv.org/abs/1308.0850), or None.
        learning_rate: lr, a scalar tensor.
        rho, momentum, epsilon: the numbers of the formulas.

    Returns:
        The new parameters, velocities, momentums and average gradients (or None).

    Raises:
        TypeError: complex parameters.
        ValueError: lists or shapes that do not fit each other.

    >>> from keras_lite import ops
    >>> w, g, v = ops.array([1.0]), ops.array([2.0]), ops.array([4.0])
    >>> params, velocities, _, _ = ops.updates.rmsprop_update([w], [g], [v], None, None, ops.array(0.5), 0.75, 0.0, 0.0)
    >>> ops.convert_to_numpy(params[0]).tolist()
    [0.5]
    """
    _refuse_complex("rmsprop_update", params)
    grads = _checked("rmsprop_update", params, grads, velocities, momentums, average_gradients)
    velocities = [_toward(v, square(g), rho) for v, g in zip(velocities, grads, strict=True)]
    spreads = velocities
    if average_gradients is not None:
        average_gradients = [_toward(a, g, rho) for a, g in zip(average_gradients, grads, strict=True)]
        spreads = [subtract(v, square(a)) for v, a in zip(velocities, average_gradients, strict=True)]
    steps = [divide(multiply(g, cast(learning_rate, dtype_of(g))), sqrt(add(s, epsilon))) for g, s in zip(grads, spreads, strict=True)]
    if momentums is not None:
        steps = momentums = [add(multiply(m, momentum), step) for m, step in zip(momentums, steps, strict=True)]
    return [subtract(p, step) for p, step in zip(params, steps, strict=True)], velocities, momentums, average_gradients


@op(tensors=(), lists=("params", "grads", "momentums", "velocities", "velocity_hats"), differentiable=False,
    reference=references.adam_update, dtypes=FLOATS, samples=(
    Sample(TWO, TWO, [f32(3, 4), f32(2)], [f32(3, 4, low=0), f32(2, low=0)], None, array(3.0), RATE, 0.9, 0.999, 1e-7),
    Sample(ONE, ONE, ONE, SLOTS, [array([[1.0, 1.0], [1.0, 1.0]])], array(1.0), RATE, 0.9, 0.99, 1e-3),
    Sample([f32(0)], [f32(0)], [f32(0)], [f32(0)], None, array(1.0), RATE, 0.9, 0.999, 1e-7),
    Sample(ONE, [f32(2)], ONE, SLOTS, None, array(1.0), RATE, 0.9, 0.999, 1e-7,
           error=r"parameter 0 of shape \(2, 2\) got a gradient of shape \(2,\)")))
def adam_update(params: Tensors, grads: Tensors, momentums: Tensors, velocities: Tensors, velocity_hats: Tensors | None, step: Any,
                learning_rate: Any,
                beta_1: float, beta_2: float, epsilon: float) -> tuple[Tensors, Tensors, Tensors, Tensors | None]:
    """Adam (Kingma and Ba, https://arxiv.org/abs/1412.6980), with b1 for `beta_1` and b2 for `beta_2`:

    `m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g**2; w <- w - lr sqrt(1 - b2**step) / (1 - b1**step) * m / (sqrt(v) + epsilon)`.

    Args:
        params, grads: tensors w and their gradients g, of the same shapes.
        momentums, velocities: m and v.
        velocity_hats: for `max(hat, v)` in place of v in the root (AMSGrad, https://arxiv.org/abs/1904.09237), or None.
        step: a scalar tensor that counts from 1.
        learning_rate: lr, a scalar tensor.
        beta_1, beta_2, epsilon: the numbers of the formulas.

    Returns:
        The new parameters, momentums, velocities and velocity hats (or None).

    Raises:
        TypeError: complex parameters.
        ValueError: lists or shapes that do not fit each other.

    >>> from keras_lite import ops
    >>> w, g, zero = ops.array([1.0]), ops.array([-2.0]), ops.array([0.0])
    >>> params, _, _, _ = ops.updates.adam_update([w], [g], [zero], [zero], None, ops.array(1), ops.array(0.25), 0.9, 0.999, 1e-7)
    >>> ops.convert_to_numpy(params[0]).round(3)  # the first step has the size of the learning rate
    array([1.25], dtype=float32)
    """
    _refuse_complex("adam_update", params)
    grads = _checked("adam_update", params, grads, momentums, velocities, velocity_hats)
    momentums = [_toward(m, g, beta_1) for m, g in zip(momentums, grads, strict=True)]
    # written so that an infinite gradient leaves infinite velocities, not NaN: fused kernels do the same
    velocities = [add(multiply(v, beta_2), multiply(square(g), 1.0 - beta_2)) for v, g in zip(velocities, grads, strict=True)]
    roots = velocities
    if velocity_hats is not None:
        roots = velocity_hats = [maximum(h, v) for h, v in zip(velocity_hats, velocities, strict=True)]
    rates = {dtype: _adam_rate(step, learning_rate, beta_1, beta_2, dtype) for dtype in map(dtype_of, params)}
    new = [subtract(p, divide(multiply(m, rates[dtype_of(p)]), add(sqrt(v), epsilon))) for p, m, v in zip(params, momentums, roots,
                                                                                                          strict=True)]
    return new, momentums, velocities, velocity_hats


def _adam_rate(step: Any, learning_rate: Any, beta_1: float, beta_2: float, dtype: str) -> Any:
    """Step size corrected for averages that start at 0, computed in at least float32."""
    wide = promote(dtype, "float32")
    step = cast(step, wide)
    correction = divide(sqrt(subtract(1.0, power(beta_2, step))), subtract(1.0, power(beta_1, step)))
    return cast(multiply(cast(learning_rate, wide), correction), dtype)
