"""Checks before anything is trained, made on shapes and on the host's data."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.engine.dtypes import COMPLEX
from keras_lite.engine.errors import invalid
from keras_lite.layers.ranges import Range, check_ranges, watching
from keras_lite.state import tree
from keras_lite.state.scope import AbstractScope
from keras_lite.symbolic import engine as abstract
from keras_lite.training.data import Feed, check_dtypes, unpack


def preflight(model: Any, kind: str, feed: Feed, data: Any) -> None:
    """Build the model, the loss, the metrics and the optimizer for batches like those of `feed`, and check the values in `data`.

    Raises ValueError for shapes, labels and indices that do not fit, and for integers that the engine has not.
    """
    x, y, _ = unpack(feed.specs())
    check_dtypes(data, model._home())  # before anything is built
    _settle([model._loss_tracker] if model._loss_tracker is not None else [], model._home())
    if not model.built and not _has_call(model):  # a step of its own uses the layers as it likes
        model.built = True
    if not model.built or (model._compile_loss is not None and y is not None) or model._compile_metrics is not None:
        y_pred, ranges = _outputs(model, feed, x)
        _check_values(model, y_pred, ranges, data)
        if model._compile_metrics is not None and not model._compile_metrics.is_built and y is not None:
            with registry.using(model._home()):
                model._compile_metrics.build(y, y_pred)
            _settle(model._compile_metrics.metrics, model._home())
    if kind == "train" and model.optimizer is not None and not model.optimizer.built:
        with registry.using(model._home()):
            model.optimizer.build(model.trainable_variables)


def _has_call(model: Any) -> bool:
    from keras_lite.models.model import Model

    return model._graph is not None or type(model).call is not Model.call or type(model).train_step is Model.train_step


def check_batch(model: Any, kind: str, feed: Feed, batch: Any) -> None:
    """As `preflight`, for a batch after the first: where its form is known, its values alone are new."""
    known = model._programs.get(("outputs", feed.key()))
    if known is None and not _has_call(model):
        check_dtypes(batch, model._home())
    elif known is None:
        preflight(model, kind, feed, batch)
    else:
        y_pred, ranges = known
        check_dtypes(batch, model._home())
        _check_values(model, y_pred, ranges, batch)


def _check_values(model: Any, y_pred: Any, ranges: list[Range], data: Any) -> None:
    x, y, _ = unpack(data)
    if ranges:
        check_ranges(ranges, x)
    if model._compile_loss is not None and y is not None:
        with registry.using(model._home()):
            _check_kinds(y, y_pred)
            model._compile_loss.check_targets(y, y_pred)


def _outputs(model: Any, feed: Feed, x: Any) -> Any:
    """Specs of the outputs and the ranges of the inputs, worked out once for each form of batch."""
    key = ("outputs", feed.key())
    if not model.built or key not in model._programs:
        with registry.using(model._home()), registry.using(abstract), AbstractScope(), watching(x) as ranges:
            model._programs[key] = model._called(x, training=False), ranges
    return model._programs[key]


def _check_kinds(y: Any, y_pred: Any) -> None:
    """Complex targets of real outputs would lose their imaginary parts."""
    if any(t is not None and t.dtype.kind == "c" for t in tree.flatten(y)) and not any(p.dtype in COMPLEX for p in tree.flatten(y_pred)):
        raise invalid("y", "the targets are complex, the outputs of the model are not")


def _settle(metrics: list[Any], engine: Any) -> None:
    """Move the sums of metrics that were made on another engine than the model."""
    for variable in (v for metric in metrics for v in metric.variables):
        if variable.engine is not engine:
            variable.move(engine)
