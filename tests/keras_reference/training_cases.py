"""The trainings that are compared with Keras: each is a function of the package, `keras` or `keras_lite`, with the same code.

`main` runs them all with Keras and writes the results to the file given: in a process of its own, on a backend that can train, since
Keras's backend is chosen once for a process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Case = Callable[[Any], dict[str, Any]]
CASES: dict[str, Case] = {}
ROWS = 14  # in batches of 4, so that the last one is smaller
_RNG = np.random.default_rng(0)
X = _RNG.normal(size=(ROWS, 4)).astype("float32")
Y = _RNG.uniform(0.1, 2.0, size=(ROWS, 2)).astype("float32")
LABELS = _RNG.integers(0, 3, ROWS).astype("int32")
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
BITS = _RNG.integers(0, 2, (ROWS, 1)).astype("float32")
WEIGHT = np.linspace(0.2, 2.0, ROWS).astype("float32")
FRAMES = _RNG.normal(size=(ROWS, 5, 4)).astype("float32")
FRAME_WEIGHT = _RNG.uniform(0.0, 2.0, (ROWS, 5)).astype("float32")


def case(name: str) -> Callable[[Case], Case]:
    """Enter a function into the table."""

    def enter(function: Case) -> Case:
        CASES[name] = function
        return function

    return enter


def with_weights(model: Any) -> Any:
    """`model` with the same values on both sides: small random ones, positive so that moving variances are valid."""
    rng = np.random.default_rng(1)
    model.set_weights([rng.uniform(0.05, 0.8, w.shape).astype(w.dtype) * (1 if w.ndim < 2 else rng.choice([-1, 1], w.shape))
                       for w in model.get_weights()])
    return model


def mlp(K: Any, outputs: int = 2, activation: Any = None) -> Any:
    """Two dense layers on rows (or frames) of 4 numbers."""
    inner, last = K.layers.Dense(5, activation="tanh", name="inner"), K.layers.Dense(outputs, activation=activation, name="last")
    return with_weights(K.Sequential([K.Input((4,), name="x"), inner, last], name="mlp"))


def frames(K: Any, outputs: int = 2, activation: Any = None) -> Any:
    """The same on 5 frames a row."""
    dense = K.layers.Dense(outputs, activation=activation, name="last")
    return with_weights(K.Sequential([K.Input((5, 4), name="x"), dense], name="frames"))


def trained(model: Any, x: Any, y: Any, **arguments: Any) -> dict[str, Any]:
    """History, weights and evaluation after a fit; the values of the optimizer's variables too."""
    history = model.fit(x, y, **{"batch_size": 4, "epochs": 3, "shuffle": False, "verbose": 0, **arguments}).history
    evaluated = model.evaluate(x, y, batch_size=4, verbose=0)
    return {"history": history, "weights": {v.path: np.array(v.numpy()) for v in model.weights}, "evaluated": evaluated,
            "names": list(model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True))}


def without_loss(result: dict[str, Any]) -> dict[str, Any]:
    """The result less the loss of epochs: where masks decide what counts in a batch, Keras counts its rows all the same."""
    del result["history"]["loss"], result["evaluated"]
    return result


# --- optimizers ------------------------------------------------------------------------------------------------------------

_COMMON: dict[str, dict[str, Any]] = {
    "weight_decay": {"weight_decay": 0.1}, "clipnorm": {"clipnorm": 0.3}, "clipvalue": {"clipvalue": 0.05},
    "global_clipnorm": {"global_clipnorm": 0.3}, "ema": {"use_ema": True, "ema_momentum": 0.8},
    "ema_overwrite": {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 3},
    "accumulation": {"gradient_accumulation_steps": 3}, "scaled": {"loss_scale_factor": 64.0},
    "accumulation_decay_clip": {"gradient_accumulation_steps": 2, "weight_decay": 0.1, "clipnorm": 0.2, "loss_scale_factor": 8.0},
}
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {}), "sgd_momentum": ("SGD", {"momentum": 0.9}), "sgd_nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {}), "rmsprop_momentum": ("RMSprop", {"momentum": 0.5, "rho": 0.8}),
    "rmsprop_centered": ("RMSprop", {"centered": True, "epsilon": 1e-3}),
    "rmsprop_all": ("RMSprop", {"centered": True, "momentum": 0.5, "epsilon": 1e-3}),
    "adam": ("Adam", {}), "adam_amsgrad": ("Adam", {"amsgrad": True, "beta_1": 0.5, "beta_2": 0.6}), "adamw": ("AdamW", {}),
    "adamw_decay": ("AdamW", {"weight_decay": 0.2, "amsgrad": True}),
    **{f"{name.lower()}_{key}": (name, args) for name in ("SGD", "Adam") for key, args in _COMMON.items()},
    "rmsprop_accumulation": ("RMSprop", {"gradient_accumulation_steps": 2, "momentum": 0.5}),
}


def _optimizer_case(cls: str, arguments: dict[str, Any]) -> Case:
    def run(K: Any) -> dict[str, Any]:
        model = mlp(K)
        optimizer = getattr(K.optimizers, cls)(learning_rate=0.05, name="opt", **arguments)
        model.compile(optimizer, "mse")
        # micro-batches of unequal size, and those left over at the end of an epoch, are where keras_lite is exact and Keras is not
        windows = arguments.get("gradient_accumulation_steps")
        rows = 12 if windows else ROWS
        result = trained(model, X[:rows], Y[:rows], epochs=5 if windows else 4, batch_size=rows // windows if windows else 4)
        slots = {v.path: np.array(v.numpy()) for v in optimizer.variables}
        return {**result, "slots": slots, "order": list(slots), "iterations": int(np.array(K.ops.convert_to_numpy(optimizer.iterations)))}

    return run


CASES |= {name: _optimizer_case(*row) for name, row in OPTIMIZERS.items()}


@case("adamw_excluded")
def _(K: Any) -> dict[str, Any]:
    model = mlp(K)
    optimizer = K.optimizers.AdamW(0.05, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"], var_list=[model.weights[2]])
    model.compile(optimizer, "mse")
    return trained(model, X, Y)


@case("sgd_schedule")
def _(K: Any) -> dict[str, Any]:
    model = mlp(K)
    model.compile(K.optimizers.SGD(0.1), "mse")
    return trained(model, X, Y, callbacks=[K.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)])


@case("constraints_and_regularizers")
def _(K: Any) -> dict[str, Any]:
    dense = K.layers.Dense(2, kernel_constraint="max_norm", bias_constraint="non_neg", kernel_regularizer="l2", activity_regularizer="l1",
                           name="dense")
    model = with_weights(K.Sequential([K.Input((4,), name="x"), dense], name="model"))
    model.compile(K.optimizers.SGD(0.5), "mse", metrics=["mae"])
    return trained(model, X, Y)


# --- losses: called, and in training ---------------------------------------------------------------------------------------

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)
LOSSES: dict[str, tuple[str, dict[str, Any], Any, str | None, int]] = {  # class, arguments, targets, activation, outputs
    "mse": ("MeanSquaredError", {}, Y, None, 2), "mae": ("MeanAbsoluteError", {}, Y, None, 2),
    "mape": ("MeanAbsolutePercentageError", {}, Y, None, 2), "msle": ("MeanSquaredLogarithmicError", {}, Y, "softplus", 2),
    "bce": ("BinaryCrossentropy", {}, BITS, "sigmoid", 1), "bce_logits": ("BinaryCrossentropy", {"from_logits": True}, BITS, None, 1),
    "bce_smooth": ("BinaryCrossentropy", {"label_smoothing": 0.2}, BITS, "sigmoid", 1),
    "bce_flat": ("BinaryCrossentropy", {}, BITS[:, 0], "sigmoid", 1),
    "bce_many": ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, ONE_HOT, None, 3),
    "cce": ("CategoricalCrossentropy", {}, ONE_HOT, "softmax", 3),
    "cce_logits": ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, None, 3),
    "cce_smooth": ("CategoricalCrossentropy", {"label_smoothing": 0.2}, ONE_HOT, "softmax", 3),
    "cce_sums": ("CategoricalCrossentropy", {}, ONE_HOT, "sigmoid", 3),
    "scce": ("SparseCategoricalCrossentropy", {}, LABELS, "softmax", 3),
    "scce_logits": ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, None, 3),
    "scce_column": ("SparseCategoricalCrossentropy", {}, LABELS[:, None], "softmax", 3),
    "scce_ignore": ("SparseCategoricalCrossentropy", {"ignore_class": 1}, LABELS, "softmax", 3),
    "scce_ignore_logits": ("SparseCategoricalCrossentropy", {"ignore_class": -1, "from_logits": True},
                           np.where(LABELS == 2, -1, LABELS), None, 3),
    "scce_sums": ("SparseCategoricalCrossentropy", {}, LABELS, "sigmoid", 3),
    "huber": ("Huber", {"delta": 0.7}, Y, None, 2), "log_cosh": ("LogCosh", {}, Y, None, 2),
    "cosine": ("CosineSimilarity", {}, Y, None, 2), "poisson": ("Poisson", {}, Y, "softplus", 2),
    "kld": ("KLDivergence", {}, ONE_HOT, "softmax", 3), "hinge": ("Hinge", {}, 2 * BITS - 1, None, 1),
    "hinge_bits": ("Hinge", {}, BITS, None, 1), "squared_hinge": ("SquaredHinge", {}, BITS[:, 0], None, 1),
    "categorical_hinge": ("CategoricalHinge", {}, ONE_HOT, None, 3),
    "bfce": ("BinaryFocalCrossentropy", {"gamma": 1.5, "label_smoothing": 0.1}, BITS, "sigmoid", 1),
    "bfce_logits": ("BinaryFocalCrossentropy", {"from_logits": True, "apply_class_balancing": True}, BITS, None, 1),
    "cfce": ("CategoricalFocalCrossentropy", {"alpha": 0.6}, ONE_HOT, "softmax", 3),
    "cfce_logits": ("CategoricalFocalCrossentropy", {"from_logits": True, "gamma": 1.5}, ONE_HOT, None, 3),
    "cgce": ("CategoricalGeneralizedCrossEntropy", {"q": 0.7}, LABELS, "softmax", 3),
    "dice": ("Dice", {}, ONE_HOT, "sigmoid", 3), "dice_rows": ("Dice", {"axis": -1}, ONE_HOT, "sigmoid", 3),
    "tversky": ("Tversky", {"alpha": 0.3, "beta": 0.3}, ONE_HOT, "sigmoid", 3),
    "circle": ("Circle", {"gamma": 2.0}, LABELS, None, 3),
}


def _loss_case(cls: str, arguments: dict[str, Any], y: Any, activation: Any, outputs: int) -> Case:
    def run(K: Any) -> dict[str, Any]:
        model = mlp(K, outputs, activation)
        p = model.predict_on_batch(X)
        called: dict[str, Any] = {}
        for reduction in REDUCTIONS:
            loss = getattr(K.losses, cls)(**arguments, reduction=reduction)
            weights = {"plain": None, "rows": WEIGHT, "column": WEIGHT[:, None], "number": np.float32(3.0)}
            if reduction == "mean_with_sample_weight" or "ignore_class" in arguments or cls == "Circle":
                del weights["number"]  # Keras divides by the number itself, once, and can't multiply it by its mask
            for key, weight in weights.items():
                called[f"{reduction}/{key}"] = np.asarray(K.ops.convert_to_numpy(loss(y, p, sample_weight=weight)))
        model.compile(K.optimizers.SGD(0.02), getattr(K.losses, cls)(**arguments))
        result = trained(model, X, y, sample_weight=WEIGHT)
        return {**(without_loss(result) if "ignore_class" in arguments or cls == "Circle" else result), "called": called}

    return run


CASES |= {name: _loss_case(*row) for name, row in LOSSES.items()}


@case("loss_of_frames")
def _(K: Any) -> dict[str, Any]:
    """Weights for losses of rank 2; Keras takes none of rank 1 there."""
    y = np.random.default_rng(5).integers(0, 3, (ROWS, 5)).astype("int32")
    p = np.random.default_rng(6).dirichlet([1, 1, 1], (ROWS, 5)).astype("float32")
    called = {}
    for name, target in (("MeanSquaredError", np.eye(3, dtype="float32")[y]), ("SparseCategoricalCrossentropy", y),
                         ("BinaryCrossentropy", np.eye(3, dtype="float32")[y])):
        for reduction in REDUCTIONS:
            loss = getattr(K.losses, name)(reduction=reduction)
            weights = {"plain": None, "frames": FRAME_WEIGHT, "column": WEIGHT[:, None]}
            if reduction == "mean_with_sample_weight":
                del weights["column"]  # Keras divides by the sum of the column, not by that over the frames
            for key, weight in weights.items():
                called[f"{name}/{reduction}/{key}"] = np.asarray(K.ops.convert_to_numpy(loss(target, p, sample_weight=weight)))
    return {"called": called}


@case("fit_frames_with_weights")
def _(K: Any) -> dict[str, Any]:
    model = frames(K, 3, "softmax")
    model.compile(K.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"],
                  weighted_metrics=["accuracy", "sparse_categorical_crossentropy"])
    y = np.random.default_rng(5).integers(0, 3, (ROWS, 5)).astype("int32")
    result = trained(model, FRAMES, y, sample_weight=FRAME_WEIGHT)
    del result["evaluated"]  # where a name is both in metrics and in weighted_metrics, Keras lists the former twice
    return result


def _masked_case(weight: Any) -> Case:
    def run(K: Any) -> dict[str, Any]:
        """Embedding(mask_zero) hands its mask through Dense to loss and metrics."""
        layers = [K.Input((5,), dtype="int32", name="x"), K.layers.Embedding(6, 4, mask_zero=True, name="embedding"),
                  K.layers.Dense(3, activation="softmax", name="dense")]
        model = with_weights(K.Sequential(layers, name="masked"))
        # (with weights and a mask, Keras's weighted metrics count a batch the more, the more of it is masked)
        model.compile(K.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"],
                      weighted_metrics=["accuracy"] if weight is None else None)
        rng = np.random.default_rng(7)
        x, y = rng.integers(0, 6, (ROWS, 5)).astype("int32"), rng.integers(0, 3, (ROWS, 5)).astype("int32")
        return without_loss(trained(model, x, y, sample_weight=weight))

    return run


CASES |= {"mask": _masked_case(None), "mask_frames": _masked_case(FRAME_WEIGHT)}


@case("ctc")
def _(K: Any) -> dict[str, Any]:
    y = np.random.default_rng(8).integers(1, 4, (ROWS, 2)).astype("int32")
    y[::3, 1] = 0
    model = frames(K, 4)
    model.compile(K.optimizers.SGD(0.1), K.losses.CTC())
    return trained(model, FRAMES, y, sample_weight=WEIGHT)


def main() -> None:
    """Run all cases with Keras and keep what they return, or the text of their exception."""
    import pickle
    import warnings

    warnings.simplefilter("ignore")
    import keras

    from tests.keras_reference import fitting_cases  # noqa: F401  # its cases join the table

    results: dict[str, Any] = {}
    for name, function in CASES.items():
        try:
            results[name] = function(keras)
        except Exception as error:
            results[name] = f"{type(error).__name__}: {error}"
    with open(sys.argv[1], "wb") as file:
        pickle.dump(results, file)
