"""Optimizers and their options, as data: what is run on every engine, in Keras and by the plain formulas."""

from __future__ import annotations

from typing import Any

import numpy as np

STEPS = 20
SHAPES = {"kernel": (5, 4), "bias": (4,), "embeddings": (2, 3, 4), "scale": ()}

OWN: dict[str, list[dict[str, Any]]] = {
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.8, "nesterov": True}],
    "RMSprop": [{}, {"rho": 0.8, "epsilon": 1e-3}, {"momentum": 0.7}, {"centered": True}, {"momentum": 0.5, "centered": True}],
    "Adam": [{}, {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}, {"amsgrad": True, "beta_2": 0.7}],
    "AdamW": [{}, {"weight_decay": 0.3}, {"amsgrad": True, "beta_2": 0.7}],
    "Adadelta": [{}, {"learning_rate": 1.0, "rho": 0.8, "epsilon": 1e-4}],
    "Adagrad": [{}, {"initial_accumulator_value": 0.5, "epsilon": 1e-3}, {"initial_accumulator_value": 0.0}],
    "Adamax": [{}, {"beta_1": 0.7, "beta_2": 0.8, "epsilon": 1e-3}],
    "Adafactor": [{}, {"relative_step": False, "beta_2_decay": -0.6}, {"clip_threshold": 0.3, "epsilon_1": 1e-3, "epsilon_2": 0.1},
                  {"learning_rate": 0.5, "clip_threshold": 2.0}],
    "Nadam": [{}, {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}],
    "Ftrl": [{}, {"learning_rate_power": -0.3, "initial_accumulator_value": 0.5}, {"learning_rate_power": 0.0},
             {"l1_regularization_strength": 0.3, "l2_regularization_strength": 0.2}, {"l2_shrinkage_regularization_strength": 0.1},
             {"beta": 0.4, "l1_regularization_strength": 0.1, "l2_shrinkage_regularization_strength": 0.1}],
    "Lion": [{}, {"beta_1": 0.7, "beta_2": 0.9}],
    "Lamb": [{}, {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}],
    "Muon": [{}, {"nesterov": False, "momentum": 0.8}, {"ns_steps": 3, "muon_a": 3.0, "muon_b": -4.0, "muon_c": 2.0, "rms_rate": 0.4},
             {"exclude_embeddings": False}, {"exclude_layers": ["ker"], "adam_lr_ratio": 0.5, "adam_beta_1": 0.7, "adam_beta_2": 0.9},
             {"weight_decay": 0.3, "adam_weight_decay": 0.2}, {"rms_rate": None}],
    "ScheduleFreeAdamW": [{}, {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}, {"warmup_steps": 5}, {"weight_decay": 0.3}],
}
COMMON: list[dict[str, Any]] = [
    {"weight_decay": 0.2}, {"clipnorm": 0.5}, {"clipvalue": 0.3}, {"global_clipnorm": 0.7}, {"loss_scale_factor": 8.0},
    {"use_ema": True, "ema_momentum": 0.8}, {"use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 3},
    {"gradient_accumulation_steps": 2, "clipnorm": 0.5, "weight_decay": 0.1, "use_ema": True, "ema_overwrite_frequency": 4},
]
CASES = [(cls, options) for cls, own in OWN.items() for options in [*own, *COMMON]]
WHOLE = ("SGD", "Adam", "Muon", "Adafactor")  # with every common option in each run of the tests; the others with all at once
QUICK = [i for i, (cls, options) in enumerate(CASES) if options not in COMMON[:-1] or cls in WHOLE]
LOOSE = ("Muon", "Lamb", "Adafactor")  # those that divide by norms


def first_values() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {name: rng.normal(size=shape).astype("float32") for name, shape in SHAPES.items()}


def gradients(step: int) -> list[np.ndarray]:
    rng = np.random.default_rng(100 + step)
    return [rng.normal(size=shape).astype("float32") for shape in SHAPES.values()]


def optimizer_of(K: Any, cls: str, options: dict[str, Any]) -> Any:
    return getattr(K.optimizers, cls)(**{"learning_rate": 0.01, "name": "opt", **options})


def run(K: Any, cls: str, options: dict[str, Any], steps: int = STEPS) -> dict[str, Any]:
    """Weights and the optimizer's variables after some steps in Keras, or in what looks like it."""
    variables = [K.Variable(value, name=name) for name, value in first_values().items()]
    optimizer = optimizer_of(K, cls, options)
    optimizer.build(variables)
    for step in range(steps):
        optimizer.apply([K.ops.convert_to_tensor(g) for g in gradients(step)], variables)
    weights = {v.name: np.array(K.ops.convert_to_numpy(v.value)) for v in variables}
    own = [(_path(v), np.array(K.ops.convert_to_numpy(v.value))) for v in optimizer.variables]
    steps = getattr(optimizer.iterations, "value", optimizer.iterations)  # a variable, or a tensor
    return {"weights": weights, "own": own, "iterations": int(K.ops.convert_to_numpy(steps))}


def _path(variable: Any) -> str:
    """Without the number of an automatic name: the product of Nadam's momenta has one."""
    return "variable" if variable.path.startswith("variable") else str(variable.path)


def check_weights(cls: str, mine: dict[str, Any], theirs: dict[str, Any], times: float = 1.0) -> None:
    """Equal to 1e-6 (1e-5 where norms are divided by) of the largest weight, which counts as at least 1; or to some times as much."""
    assert list(mine) == list(theirs)
    for name, value in theirs.items():
        limit = times * (1e-5 if cls in LOOSE else 1e-6) * max(1.0, float(np.abs(value).max()))
        np.testing.assert_allclose(mine[name].astype("float64"), value.astype("float64"), rtol=0, atol=limit, err_msg=name)
