"""Whole optimizers over 20 steps: equal on all engines, and equal to the papers' formulas.

KERAS_LITE_FULL=1 runs each optimizer with each option on each engine; beside Keras they run always, see `tests/keras_reference`.
"""

from __future__ import annotations

import functools
import os
from typing import Any

import numpy as np
import pytest

import keras_lite as keras
from keras_lite.engine import registry
from keras_lite.ops import references_updates as formulas
from tests.optimizers.cases import CASES, OWN, QUICK, SHAPES, STEPS, check_weights, first_values, gradients, optimizer_of, run

Weights = dict[str, np.ndarray]
CHOSEN = range(len(CASES)) if os.environ.get("KERAS_LITE_FULL") else QUICK


@functools.cache
def _on_numpy(number: int) -> dict[str, Any]:
    with registry.using("numpy"):
        return run(keras, *CASES[number])


@pytest.mark.parametrize("number", CHOSEN, ids=lambda i: f"{CASES[i][0]}-{CASES[i][1]}")
def test_engines_agree(engine: Any, number: int) -> None:
    """The weights, and the paths, shapes, dtypes and values of the optimizer's own variables."""
    cls = CASES[number][0]
    reference = _on_numpy(number)
    found = run(keras, *CASES[number])
    check_weights(cls, found["weights"], reference["weights"])
    assert [(path, x.shape, x.dtype) for path, x in found["own"]] == [(path, x.shape, x.dtype) for path, x in reference["own"]]
    for (path, mine), (_, theirs) in zip(found["own"], reference["own"], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5, err_msg=path)


# --- the formulas ----------------------------------------------------------------------------------------------------------


def _first_slot(cls: str, o: Any, params: list[np.ndarray]) -> list[np.ndarray]:
    first = o.initial_accumulator_value if cls in ("Adagrad", "Ftrl") else 0.0
    return list(params) if cls == "ScheduleFreeAdamW" else [np.full_like(p, first) for p in params]


def _plain(cls: str, optimizer: Any) -> Weights:
    """20 steps in float64; slots are kept by position, all rows at once."""
    o, rate = optimizer, float(optimizer.learning_rate.numpy())
    params = [x.astype("float64") for x in first_values().values()]
    a, b, c, product = _first_slot(cls, o, params), [np.zeros_like(p) for p in params], [np.zeros_like(p) for p in params], 1.0
    for t in range(1, STEPS + 1):
        grads = [g.astype("float64") for g in gradients(t - 1)]
        if o.weight_decay:
            params = [p * (1 - rate * o.weight_decay) for p in params]
        match cls:
            case "SGD":
                params, new = formulas.sgd_update(params, grads, a if o.momentum else None, rate, o.momentum, o.nesterov)
                a = new or a
            case "RMSprop":
                params, a, m, g = formulas.rmsprop_update(params, grads, a, b if o.momentum else None, c if o.centered else None, rate,
                                                          o.rho, o.momentum, o.epsilon)
                b, c = m or b, g or c
            case "Adam" | "AdamW":
                params, a, b, hats = formulas.adam_update(params, grads, a, b, c if o.amsgrad else None, t, rate, o.beta_1, o.beta_2,
                                                          o.epsilon)
                c = hats or c
            case "Adadelta":
                params, a, b = formulas.adadelta_update(params, grads, a, b, rate, o.rho, o.epsilon)
            case "Adagrad":
                params, a = formulas.adagrad_update(params, grads, a, rate, o.epsilon)
            case "Adamax":
                params, a, b = formulas.adamax_update(params, grads, a, b, t, rate, o.beta_1, o.beta_2, o.epsilon)
            case "Nadam":
                product *= formulas.nadam_momentum(t, o.beta_1)
                params, a, b = formulas.nadam_update(params, grads, a, b, product, t, rate, o.beta_1, o.beta_2, o.epsilon)
            case "Ftrl":
                params, a, b = formulas.ftrl_update(params, grads, a, b, rate, o.learning_rate_power, o.l1_regularization_strength,
                                                    o.l2_regularization_strength, o.l2_shrinkage_regularization_strength, o.beta)
            case "Lion":
                params, a = formulas.lion_update(params, grads, a, rate, o.beta_1, o.beta_2)
            case "Lamb":
                params, a, b = formulas.lamb_update(params, grads, a, b, t, rate, o.beta_1, o.beta_2, o.epsilon)
            case "ScheduleFreeAdamW":
                params, a, b = formulas.schedule_free_update(params, grads, a, b, t, rate, o.beta_1, o.beta_2, o.epsilon, o.warmup_steps)
    return dict(zip(SHAPES, params, strict=True))


LISTED = [(cls, options) for cls, own in OWN.items() for options in own if cls not in ("Muon", "Adafactor")]


@pytest.mark.parametrize(("cls", "options"), LISTED, ids=str)
def test_formulas(cls: str, options: dict[str, Any]) -> None:
    with registry.using("numpy"):
        check_weights(cls, run(keras, cls, options)["weights"], _plain(cls, optimizer_of(keras, cls, options)))


def _adafactor(o: Any) -> Weights:
    out = {}
    for i, (name, w) in enumerate(first_values().items()):
        factored = w.ndim > 1
        r = [np.zeros(w.shape[:-1])] if factored else None
        c = [np.zeros((*w.shape[:-2], w.shape[-1]))] if factored else None
        p, v = [w.astype("float64")], [np.zeros(w.shape)]
        for t in range(1, STEPS + 1):
            p, r, c, v = formulas.adafactor_update(p, [gradients(t - 1)[i].astype("float64")], r, c, v, t, float(o.learning_rate.numpy()),
                                                   o.beta_2_decay, o.epsilon_1, o.epsilon_2, o.clip_threshold, o.relative_step)
        out[name] = p[0]
    return out


def _muon(o: Any) -> Weights:
    out, rate = {}, float(o.learning_rate.numpy())
    for i, (name, w) in enumerate(first_values().items()):
        p, m, v = [w.astype("float64")], [np.zeros(w.shape)], [np.zeros(w.shape)]
        for t in range(1, STEPS + 1):
            g = [gradients(t - 1)[i].astype("float64")]
            if name == "kernel" and not o.exclude_layers:
                p = [p[0] * (1 - rate * (o.weight_decay or 0))]
                p, m = formulas.muon_update(p, g, m, rate, o.momentum, o.nesterov, o.ns_steps, o.muon_a, o.muon_b, o.muon_c, o.rms_rate)
            else:
                p = [p[0] * (1 - rate * (o.adam_weight_decay or 0))]
                p, m, v, _ = formulas.adam_update(p, g, m, v, None, t, rate * o.adam_lr_ratio, o.adam_beta_1, o.adam_beta_2, o.epsilon)
        out[name] = p[0]
    return out


@pytest.mark.parametrize(("cls", "options"), [(cls, options) for cls in ("Muon", "Adafactor") for options in OWN[cls]], ids=str)
def test_formulas_of_matrices(cls: str, options: dict[str, Any]) -> None:
    with registry.using("numpy"):
        expected = {"Muon": _muon, "Adafactor": _adafactor}[cls](optimizer_of(keras, cls, options))
        check_weights(cls, run(keras, cls, options)["weights"], expected)
