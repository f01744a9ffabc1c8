"""Checks before anything is trained, made on shapes and on the host's data."""

from __future__ import annotations

from typing import Any

from keras_lite.engine import registry
from keras_lite.state.scope import AbstractScope
from keras_lite.symbolic import engine as abstract
from keras_lite.training.data import Feed, unpack


def preflight(model: Any, kind: str, feed: Feed, data: Any) -> None:
    """Build the model, the loss, the metrics and the optimizer for batches like those of `feed`, and check the targets in `data`.

    Raises ValueError for shapes and labels that do not fit.
    """
    x, y, _ = unpack(feed.specs())
    _settle([model._loss_tracker] if model._loss_tracker is not None else [], model._home())
    if not model.built or (model._compile_loss is not None and y is not None) or model._compile_metrics is not None:
        y_pred = _outputs(model, feed, x)
        if model._compile_loss is not None and y is not None:
            with registry.using(model._home()):
                model._compile_loss.check_targets(unpack(data)[1], y_pred)
        if model._compile_metrics is not None and not model._compile_metrics.is_built and y is not None:
            with registry.using(model._home()):
                model._compile_metrics.build(y, y_pred)
            _settle(model._compile_metrics.metrics, model._home())
    if kind == "train" and model.optimizer is not None and not model.optimizer.built:
        with registry.using(model._home()):
            model.optimizer.build(model.trainable_variables)


def _outputs(model: Any, feed: Feed, x: Any) -> Any:
    """Specs of the outputs, worked out once for each form of batch."""
    key = ("outputs", feed.key())
    if not model.built or key not in model._programs:
        with registry.using(model._home()), registry.using(abstract), AbstractScope():
            model._programs[key] = model._called(x, training=False)
    return model._programs[key]


def _settle(metrics: list[Any], engine: Any) -> None:
    """Move the sums of metrics that were made on another engine than the model."""
    for variable in (v for metric in metrics for v in metric.variables):
        if variable.engine is not engine:
            variable.move(engine)
