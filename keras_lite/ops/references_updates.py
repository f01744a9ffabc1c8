"""The optimizer updates in plain NumPy: the formulas of the papers, for the parity matrix and for tests of whole optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np


def _lists(rows: list[tuple[Any, ...]], count: int) -> tuple[list[Any], ...]:
    return tuple([row[i] for row in rows] for i in range(count))


def accumulate_gradients(sums: Any, grads: Any, share: Any) -> Any:
    return [s + share * g for s, g in zip(sums, grads, strict=True)]


def sgd_update(params: Any, grads: Any, velocities: Any, learning_rate: Any, momentum: float, nesterov: bool) -> Any:
    if velocities is None:
        return [p - learning_rate * g for p, g in zip(params, grads, strict=True)], None
    velocities = [momentum * v - learning_rate * g for v, g in zip(velocities, grads, strict=True)]
    ahead = [momentum * v - learning_rate * g if nesterov else v for v, g in zip(velocities, grads, strict=True)]
    return [p + a for p, a in zip(params, ahead, strict=True)], velocities


def rmsprop_update(params: Any, grads: Any, velocities: Any, momentums: Any, average_gradients: Any, learning_rate: Any, rho: float,
                   momentum: float, epsilon: float) -> Any:
    out: list[Any] = [[], [], [], []]
    for i, (p, g) in enumerate(zip(params, grads, strict=True)):
        v = rho * velocities[i] + (1 - rho) * g**2
        a = None if average_gradients is None else rho * average_gradients[i] + (1 - rho) * g
        step = learning_rate * g / np.sqrt((v if a is None else v - a**2) + epsilon)
        m = None if momentums is None else momentum * momentums[i] + step
        for row, value in zip(out, (p - (step if m is None else m), v, m, a), strict=True):
            row.append(value)
    return tuple(row if all(x is not None for x in row) else None for row in out)


def adam_update(params: Any, grads: Any, momentums: Any, velocities: Any, velocity_hats: Any, step: Any, learning_rate: Any, beta_1: float,
                beta_2: float, epsilon: float) -> Any:
    rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    momentums = [beta_1 * m + (1 - beta_1) * g for m, g in zip(momentums, grads, strict=True)]
    velocities = [beta_2 * v + (1 - beta_2) * g**2 for v, g in zip(velocities, grads, strict=True)]
    hats = None if velocity_hats is None else [np.maximum(h, v) for h, v in zip(velocity_hats, velocities, strict=True)]
    new = [p - rate * m / (np.sqrt(v) + epsilon) for p, m, v in zip(params, momentums, hats or velocities, strict=True)]
    return new, momentums, velocities, hats


def lion_update(params: Any, grads: Any, momentums: Any, learning_rate: Any, beta_1: float, beta_2: float) -> Any:
    return _lists([(p - learning_rate * np.sign(beta_1 * m + (1 - beta_1) * g), beta_2 * m + (1 - beta_2) * g)
                   for p, g, m in zip(params, grads, momentums, strict=True)], 2)


def adamax_update(params: Any, grads: Any, momentums: Any, norms: Any, step: Any, learning_rate: Any, beta_1: float, beta_2: float,
                  epsilon: float) -> Any:
    rows = []
    for p, g, m, u in zip(params, grads, momentums, norms, strict=True):
        m, u = beta_1 * m + (1 - beta_1) * g, np.maximum(beta_2 * u, np.abs(g))
        rows.append((p - learning_rate / (1 - beta_1**step) * m / (u + epsilon), m, u))
    return _lists(rows, 3)


def nadam_momentum(step: Any, beta_1: float) -> Any:
    return beta_1 * (1 - 0.5 * 0.96**step)


def nadam_update(params: Any, grads: Any, momentums: Any, velocities: Any, product: Any, step: Any, learning_rate: Any, beta_1: float,
                 beta_2: float, epsilon: float) -> Any:
    now, then = nadam_momentum(step, beta_1), nadam_momentum(step + 1, beta_1)
    rows = []
    for p, g, m, v in zip(params, grads, momentums, velocities, strict=True):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
        ahead = then * m / (1 - product * then) + (1 - now) * g / (1 - product)
        rows.append((p - learning_rate * ahead / (np.sqrt(v / (1 - beta_2**step)) + epsilon), m, v))
    return _lists(rows, 3)


def schedule_free_update(params: Any, grads: Any, bases: Any, velocities: Any, step: Any, learning_rate: Any, beta_1: float, beta_2: float,
                         epsilon: float, warmup_steps: int) -> Any:
    rate = learning_rate * min(1, step / warmup_steps) if warmup_steps else learning_rate
    rows = []
    for y, g, z, v in zip(params, grads, bases, velocities, strict=True):
        x = (y - (1 - beta_1) * z) / beta_1
        v = beta_2 * v + (1 - beta_2) * g**2
        z = z - rate * g / (np.sqrt(v / (1 - beta_2**step)) + epsilon)
        x = x + (z - x) / step
        rows.append((beta_1 * x + (1 - beta_1) * z, z, v))
    return _lists(rows, 3)


def adagrad_update(params: Any, grads: Any, accumulators: Any, learning_rate: Any, epsilon: float) -> Any:
    return _lists([(p - learning_rate * g / np.sqrt(a + g**2 + epsilon), a + g**2)
                   for p, g, a in zip(params, grads, accumulators, strict=True)], 2)


def adadelta_update(params: Any, grads: Any, squares: Any, squared_steps: Any, learning_rate: Any, rho: float, epsilon: float) -> Any:
    rows = []
    for p, g, s, q in zip(params, grads, squares, squared_steps, strict=True):
        s = rho * s + (1 - rho) * g**2
        step = g * np.sqrt(q + epsilon) / np.sqrt(s + epsilon)
        rows.append((p - learning_rate * step, s, rho * q + (1 - rho) * step**2))
    return _lists(rows, 3)


def ftrl_update(params: Any, grads: Any, accumulators: Any, linears: Any, learning_rate: Any, learning_rate_power: float, l1: float,
                l2: float, shrinkage: float, beta: float) -> Any:
    rows = []
    for w, g, n, z in zip(params, grads, accumulators, linears, strict=True):
        total = n + g**2
        sigma = (total**-learning_rate_power - n**-learning_rate_power) / learning_rate
        z = z + g + 2 * shrinkage * w - sigma * w
        size = (total**-learning_rate_power + beta) / learning_rate + 2 * l2
        rows.append((np.where(np.abs(z) > l1, (np.sign(z) * l1 - z) / size, 0.0), total, z))
    return _lists(rows, 3)


def lamb_update(params: Any, grads: Any, momentums: Any, velocities: Any, step: Any, learning_rate: Any, beta_1: float, beta_2: float,
                epsilon: float) -> Any:
    rows = []
    for p, g, m, v in zip(params, grads, momentums, velocities, strict=True):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
        r = m / (1 - beta_1**step) / (np.sqrt(v / (1 - beta_2**step)) + epsilon)
        size, length = np.sqrt(np.sum(p**2)), np.sqrt(np.sum(r**2))
        rows.append((p - learning_rate * (size / length if size > 0 and length > 0 else 1.0) * r, m, v))
    return _lists(rows, 3)


def adafactor_update(params: Any, grads: Any, rows: Any, columns: Any, velocities: Any, step: Any, learning_rate: Any, beta_2_decay: float,
                     epsilon_1: float, epsilon_2: float, clip_threshold: float, relative_step: bool) -> Any:
    keep = 1 - step**beta_2_decay
    rate = min(learning_rate, 1 / np.sqrt(step)) if relative_step else learning_rate
    done = []
    for i, (p, g) in enumerate(zip(params, grads, strict=True)):
        squares = g**2 + epsilon_1
        r = c = None
        if rows is None:
            v = keep * velocities[i] + (1 - keep) * squares
        else:
            r = keep * rows[i] + (1 - keep) * squares.mean(-1)
            c = keep * columns[i] + (1 - keep) * squares.mean(-2)
            v = (r / r.mean(-1, keepdims=True))[..., None] * c[..., None, :]
        u = g / np.sqrt(v)
        u = u / max(1.0, np.sqrt(np.mean(u**2)) / clip_threshold)
        done.append((p - rate * max(epsilon_2, np.sqrt(np.mean(p**2))) * u, r, c, v))
    new, r, c, v = _lists(done, 4)
    return new, None if rows is None else r, None if rows is None else c, v


def orthogonalized(x: Any, steps: int, a: float, b: float, c: float) -> Any:
    tall = x.shape[-2] > x.shape[-1]
    x = np.swapaxes(x, -1, -2) if tall else x
    x = x / (np.sqrt(np.sum(x**2, (-2, -1), keepdims=True)) + 1e-7)
    for _ in range(steps):
        gram = x @ np.swapaxes(x, -1, -2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return np.swapaxes(x, -1, -2) if tall else x


def muon_update(params: Any, grads: Any, momentums: Any, learning_rate: Any, momentum: float, nesterov: bool, steps: int, a: float,
                b: float, c: float, rms_rate: float | None) -> Any:
    rows = []
    for p, g, m in zip(params, grads, momentums, strict=True):
        m = momentum * m + g
        step = orthogonalized(g + momentum * m if nesterov else m, steps, a, b, c)
        factor = 1.0 if rms_rate is None else rms_rate * np.sqrt(max(p.shape[:2]))
        rows.append((p - learning_rate * factor * step, m))
    return _lists(rows, 2)
