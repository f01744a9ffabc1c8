"""More trainings to compare with Keras: metrics, several outputs, validation, weights of classes, moving statistics."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tests.keras_reference.training_cases import BITS, CASES, LABELS, ONE_HOT, ROWS, WEIGHT, Case, X, Y, case, mlp, trained, with_weights

# --- metrics ---------------------------------------------------------------------------------------------------------------

METRICS: dict[str, tuple[Any, Any, int, str, list[Any]]] = {  # targets, activation, outputs, loss, metrics
    "binary": (BITS, "sigmoid", 1, "binary_crossentropy", ["accuracy", "binary_crossentropy"]),
    "binary_flat": (BITS[:, 0], "sigmoid", 1, "binary_crossentropy", ["acc"]),
    "categorical": (ONE_HOT, "softmax", 3, "categorical_crossentropy", ["accuracy", "CategoricalCrossentropy"]),
    "sparse": (LABELS, "softmax", 3, "sparse_categorical_crossentropy", ["accuracy", "sparse_categorical_crossentropy"]),
    "sparse_column": (LABELS[:, None], "softmax", 3, "sparse_categorical_crossentropy", ["accuracy"]),
    "errors": (Y, None, 2, "mse", ["mse", "mae", "mape", "msle", "MAE", "mean_squared_error", "RootMeanSquaredError", "accuracy"]),
    "top": (ONE_HOT, "softmax", 3, "categorical_crossentropy", ["categorical_accuracy", "binary_accuracy"]),
}


def _metrics_case(y: Any, activation: Any, outputs: int, loss: str, metrics: list[Any]) -> Case:
    def run(K: Any) -> dict[str, Any]:
        model = mlp(K, outputs, activation)
        model.compile(K.optimizers.SGD(0.1), loss, metrics=list(metrics), weighted_metrics=list(metrics))
        result = trained(model, X, y, sample_weight=WEIGHT, validation_split=0.3)
        del result["evaluated"]  # where a name is both in metrics and in weighted_metrics, Keras lists the former twice
        return result

    return run


CASES |= {f"metrics_{name}": _metrics_case(*row) for name, row in METRICS.items()}


@case("metric_objects")
def _(K: Any) -> dict[str, Any]:
    """Objects, functions and repeated names."""
    def error(y_true: Any, y_pred: Any) -> Any:
        return K.ops.max(K.ops.abs(y_true - y_pred), axis=-1)

    metrics = [K.metrics.MeanAbsoluteError(name="mine"), error, K.metrics.mean_absolute_error, "mae", K.metrics.RootMeanSquaredError(),
               K.metrics.MeanMetricWrapper(error, name="wrapped")]
    model = mlp(K)
    model.compile(K.optimizers.SGD(0.1), error, metrics=metrics)
    return trained(model, X, Y)


@case("metrics_called")
def _(K: Any) -> dict[str, Any]:
    """Each metric over two updates, with and without weights, and its variables."""
    rng = np.random.default_rng(2)
    p = rng.dirichlet([1, 1, 1], ROWS).astype("float32")
    rows = {"Accuracy": (LABELS.astype("float32"), np.roll(LABELS, 1).astype("float32"), {}),
            "BinaryAccuracy": (ONE_HOT, p, {"threshold": 0.3}),
            "CategoricalAccuracy": (ONE_HOT, p, {}), "SparseCategoricalAccuracy": (LABELS, p, {}),
            "TopKCategoricalAccuracy": (ONE_HOT, p, {"k": 2}), "SparseTopKCategoricalAccuracy": (LABELS, p, {"k": 2}),
            "BinaryCrossentropy": (ONE_HOT, p, {"label_smoothing": 0.1}), "CategoricalCrossentropy": (ONE_HOT, p, {}),
            "SparseCategoricalCrossentropy": (LABELS, p, {}), "MeanSquaredError": (Y, Y[::-1], {}), "MeanAbsoluteError": (Y, Y[::-1], {}),
            "MeanAbsolutePercentageError": (Y, Y[::-1], {}), "MeanSquaredLogarithmicError": (Y, Y[::-1], {}),
            "RootMeanSquaredError": (Y, Y[::-1], {})}
    called: dict[str, Any] = {}
    for name, (y, q, arguments) in rows.items():
        for key, weight in (("plain", None), ("rows", WEIGHT), ("number", 2.0)):
            metric = getattr(K.metrics, name)(**arguments)
            metric.update_state(y, q, sample_weight=weight)
            if key != "number":  # of several batches with a number as weight, Keras counts each as much, whatever its size
                metric.update_state(y[:5], q[:5], sample_weight=weight[:5] if isinstance(weight, np.ndarray) else weight)
            called[f"{name}/{key}"] = np.asarray(K.ops.convert_to_numpy(metric.result()))
    for name in ("Mean", "Sum"):
        for key, weight in (("plain", None), ("rows", WEIGHT), ("column", WEIGHT[:, None])):
            metric = getattr(K.metrics, name)()
            metric.update_state(Y, sample_weight=weight)
            called[f"{name}/{key}"] = np.asarray(K.ops.convert_to_numpy(metric.result()))
    return {"called": called}


# --- several outputs -------------------------------------------------------------------------------------------------------

HEADS = {"kind": LABELS, "size": Y}


def _two_heads(K: Any, outputs: str) -> Any:
    x = K.Input((4,), name="x")
    inner = K.layers.Dense(5, activation="tanh", name="inner")(x)
    heads = {"kind": K.layers.Dense(3, activation="softmax", name="kind")(inner), "size": K.layers.Dense(2, name="size")(inner)}
    return with_weights(K.Model(x, heads if outputs == "dict" else list(heads.values()), name="heads"))


HEAD_COMPILES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "lists": ("list", {"loss": ["sparse_categorical_crossentropy", "mse"], "metrics": [["accuracy"], ["mae", "mse"]]},
              list(HEADS.values())),
    "flat_metrics": ("list", {"loss": ["sparse_categorical_crossentropy", "mse"], "metrics": ["accuracy", "mae"]}, list(HEADS.values())),
    "dicts": ("dict", {"loss": {"kind": "sparse_categorical_crossentropy", "size": "mse"}, "loss_weights": {"kind": 0.5, "size": 2.0},
                       "metrics": {"kind": ["accuracy"], "size": ["mae"]}, "weighted_metrics": {"size": "mse"}}, HEADS),
    "names": ("list", {"loss": {"size": "mse", "kind": "sparse_categorical_crossentropy"}, "loss_weights": {"kind": 3.0, "size": 1.0},
                       "metrics": {"size": ["mae"], "kind": "accuracy"}}, list(HEADS.values())),
    "weights_list": ("list", {"loss": ["sparse_categorical_crossentropy", "mae"], "loss_weights": [2.0, 0.1]}, list(HEADS.values())),
    "both": ("list", {"loss": ["sparse_categorical_crossentropy", "mse"], "metrics": [["accuracy"], ["mae"]],
                      "weighted_metrics": [["accuracy"], ["mae"]]}, list(HEADS.values())),
    "one_loss": ("list", {"loss": [None, "mse"], "metrics": {"size": "mae"}}, list(HEADS.values())),
    "one_metric": ("dict", {"loss": {"kind": "sparse_categorical_crossentropy", "size": "mse"}, "metrics": {"size": "mae"}}, HEADS),
}


def _heads_case(outputs: str, compiled: dict[str, Any], y: Any, **arguments: Any) -> Case:
    def run(K: Any) -> dict[str, Any]:
        model = _two_heads(K, outputs)
        model.compile(optimizer=K.optimizers.SGD(0.1), **compiled)
        result = trained(model, X, y, validation_data=(X[:6], _cut(y)), **arguments)
        return {**result, "output_names": list(model.output_names)}

    return run


def _cut(y: Any) -> Any:
    return {k: v[:6] for k, v in y.items()} if isinstance(y, dict) else [v[:6] for v in y]


CASES |= {f"heads_{name}": _heads_case(*row) for name, row in HEAD_COMPILES.items()}
CASES["heads_weighted"] = _heads_case(*HEAD_COMPILES["dicts"], sample_weight={"kind": WEIGHT, "size": WEIGHT[::-1].copy()})
CASES["heads_weighted_lists"] = _heads_case(*HEAD_COMPILES["lists"], sample_weight=[WEIGHT, WEIGHT[::-1].copy()])


# --- the rest of fit -------------------------------------------------------------------------------------------------------


@case("class_weight")
def _(K: Any) -> dict[str, Any]:
    model = mlp(K, 3, "softmax")
    model.compile(K.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy"])
    result = trained(model, X, LABELS, class_weight={0: 0.5, 1: 2.0, 2: 5.0})
    del result["evaluated"]  # see `_metrics_case`
    return result


@case("class_weight_one_hot")
def _(K: Any) -> dict[str, Any]:
    model = mlp(K, 3, "softmax")
    model.compile(K.optimizers.SGD(0.1), "categorical_crossentropy")
    return trained(model, X, ONE_HOT, class_weight={0: 0.5, 1: 2.0, 2: 5.0}, validation_data=(X[:5], ONE_HOT[:5], WEIGHT[:5]))


@case("class_weight_of_some")
def _(K: Any) -> dict[str, Any]:
    model = mlp(K, 1, "sigmoid")
    model.compile(K.optimizers.SGD(0.1), "binary_crossentropy")
    return trained(model, X, BITS, class_weight={1: 4.0})


@case("class_weight_of_other_labels")
def _(K: Any) -> dict[str, Any]:
    """Negative labels, fractions, large ones, and classes that the data has not; labels without a weight count once."""
    out = {}
    for name, labels in {"signs": 2.0 * BITS - 1, "ints": 2 * BITS[:, 0].astype(int) - 1, "fractions": 3.4 * BITS - 1,
                         "large": 30.0 * BITS}.items():
        model = mlp(K, 1)
        model.compile(K.optimizers.SGD(0.01), "mse")
        out[name] = trained(model, X, labels, class_weight={-1: 3.0, 1: 0.5, 2: 7.0, 5: 11.0})
    return out


@case("steps_beyond_the_data")
def _(K: Any) -> dict[str, Any]:
    """An epoch ends with the data; there is a warning."""
    model = mlp(K)
    model.compile(K.optimizers.SGD(0.1), "mse", metrics=["mae"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return trained(model, X, Y, steps_per_epoch=20, validation_data=(X, Y), validation_steps=10)


@case("validation")
def _(K: Any) -> dict[str, Any]:
    model = mlp(K)
    model.compile(K.optimizers.SGD(0.1), "mse", metrics=["mae"])
    return trained(model, X, Y, validation_split=0.25, validation_batch_size=3, validation_freq=2, epochs=5, initial_epoch=1)


@case("steps")
def _(K: Any) -> dict[str, Any]:
    model = mlp(K)
    model.compile(K.optimizers.SGD(0.1), "mse", metrics=["mae"])
    return trained(model, X, Y, steps_per_epoch=2, validation_data=(X, Y), validation_steps=1)


@case("batch_normalization")
def _(K: Any) -> dict[str, Any]:
    layers = [K.Input((4,), name="x"), K.layers.Dense(3, name="dense"), K.layers.BatchNormalization(momentum=0.7, name="bn"),
              K.layers.Dense(2, name="last")]
    model = with_weights(K.Sequential(layers, name="model"))
    model.compile(K.optimizers.SGD(0.05), "mse")
    return trained(model, X, Y, validation_split=0.3)


@case("on_batch")
def _(K: Any) -> dict[str, Any]:
    """What the methods for one batch return, as lists and dicts."""
    model = mlp(K, 3, "softmax")
    model.compile(K.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"],
                  weighted_metrics=["sparse_categorical_crossentropy"])
    called = {"train": model.train_on_batch(X, LABELS), "again": model.train_on_batch(X[:5], LABELS[:5], sample_weight=WEIGHT[:5]),
              "class": model.train_on_batch(X, LABELS, class_weight={0: 2.0, 1: 1.0, 2: 0.1})}
    model.reset_metrics()
    called["test"] = model.test_on_batch(X, LABELS, sample_weight=WEIGHT)
    dicts = {"test": model.test_on_batch(X[:3], LABELS[:3], return_dict=True)}
    dicts["train"] = model.train_on_batch(X[:3], LABELS[:3], return_dict=True)
    bare = mlp(K)
    bare.compile("sgd", "mse")
    called["single"], called["evaluated"] = bare.train_on_batch(X, Y), bare.evaluate(X, Y, verbose=0)
    called["predicted"] = bare.predict_on_batch(X)
    return {"called": {k: np.asarray(v, "float32") for k, v in called.items()}, "dicts": dicts, "order": list(dicts["test"])}


@case("own_train_objects")
def _(K: Any) -> dict[str, Any]:
    """Metrics among a subclass's attributes, add_loss in call, an overridden compute_loss."""

    class Own(K.Model):  # type: ignore[misc]  # the package is an argument
        def __init__(self) -> None:
            super().__init__(name="own")
            self.dense = K.layers.Dense(2, name="dense")
            self.size = K.metrics.Mean(name="size")

        def call(self, x: Any) -> Any:
            y = self.dense(x)
            self.add_loss(0.1 * K.ops.mean(K.ops.square(y)))
            return y

        def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True) -> Any:
            self.size.update_state(K.ops.abs(y_pred))
            return 2 * super().compute_loss(x, y, y_pred, sample_weight)

    model = Own()
    model(X[:1])
    model = with_weights(model)
    model.compile(K.optimizers.SGD(0.1), "mse", metrics=["mae"])
    return trained(model, X, Y)


@case("events")
def _(K: Any) -> dict[str, Any]:
    """What a callback sees, in order: fit with validation, evaluate, predict, and a stop in the middle of an epoch."""
    seen: list[Any] = []

    def note(event: str) -> Any:
        def listener(self: Any, *args: Any, logs: Any = None) -> None:
            *numbers, last = (*args, logs) if logs is not None or not args or isinstance(args[-1], int) else args
            seen.append([event, *(float(n) for n in numbers), sorted(last or {})])
            if stop_at and event == "on_train_batch_end" and numbers == stop_at:
                self.model.stop_training = True

        return listener

    stop_at: list[int] = []
    events = [f"on_{kind}{part}_{edge}" for kind in ("train", "test", "predict") for part in ("", "_batch") for edge in ("begin", "end")]
    Listener = type("Listener", (K.callbacks.Callback,), {e: note(e) for e in [*events, "on_epoch_begin", "on_epoch_end"]})
    model = mlp(K)
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(X, Y, batch_size=4, epochs=2, validation_split=0.3, verbose=0, callbacks=[Listener()])
    model.evaluate(X, Y, batch_size=5, verbose=0, callbacks=[Listener()])
    model.predict(X, batch_size=5, verbose=0, callbacks=[Listener()])
    stop_at = [1]
    history = model.fit(X, Y, batch_size=4, epochs=2, validation_split=0.3, verbose=0, callbacks=[Listener()])
    return {"seen": seen, "epochs": history.epoch, "params": history.params, "keys": list(history.history)}
