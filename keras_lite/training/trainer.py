"""Trainer: the part of a model that compiles, trains, evaluates and predicts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.errors import briefly, invalid
from keras_lite.layers.context import keep_masks, masks_of
from keras_lite.layers.tracking import attributes, unique
from keras_lite.optimizers.accumulation import SUM, accumulation_weight
from keras_lite.state import tree
from keras_lite.state.scope import Scope
from keras_lite.training import loop
from keras_lite.training.compiled import SHAPED, CompileLoss, CompileMetrics, is_fixed, weight_of_batch
from keras_lite.training.data import unpack
from keras_lite.training.gradients import value_and_grad


def at_home(method: Callable[..., Any]) -> Callable[..., Any]:
    """A public method that runs on the engine of its model, and whose clear errors are shown with the user's frames alone."""

    @briefly
    @functools.wraps(method)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        with registry.using(self._home()):
            return method(self, *args, **kwargs)

    return run


class Trainer:
    """`compile`, `fit`, `evaluate`, `predict` and what a model may override of them.

    Overriding `train_step(self, data)` once, with `keras_lite.value_and_grad`, `optimizer.apply` and metric updates, works
    compiled on every engine.
    """

    optimizer: Any
    stop_training = False
    run_eagerly = False
    jit_compile = True

    if TYPE_CHECKING:  # what the model that it is a part of has
        built: bool
        dtype_policy: Any
        losses: list[Any]
        trainable_variables: list[Any]
        non_trainable_variables: list[Any]
        _flatten_layers: Callable[[], list[Any]]
        _graph: Any
        _home: Callable[[], Any]
        _signature: Any
        __call__: Callable[..., Any]

        @property
        def outputs(self) -> list[Any]: ...
        @property
        def output_names(self) -> list[Any]: ...

    def _init_training(self) -> None:
        self.optimizer = None
        self._compiled: dict[str, Any] | None = None
        self._programs: dict[Any, Any] = {}
        self._compile_loss: CompileLoss | None = None
        self._compile_metrics: CompileMetrics | None = None
        self._loss_tracker: Any = None
        self._in_fit = self._adds_up = False
        self.history: Any = None

    # --- configuration --------------------------------------------------------------------------------------------------

    @briefly
    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, loss_weights: Any = None, metrics: Any = None,
                weighted_metrics: Any = None, run_eagerly: bool = False, steps_per_execution: int = 1, jit_compile: Any = "auto",
                auto_scale_loss: bool = True) -> None:
        """Say how to train.

        Args:
            optimizer: name or optimizer.
            loss: name, function `(y_true, y_pred)` or loss; a list or dict of them for several outputs.
            loss_weights: number for each output's loss.
            metrics: names, functions or metrics; lists or dicts of them for several outputs.
            weighted_metrics: the same, weighted by `sample_weight`.
            run_eagerly: run the steps as plain Python, for debugging.
            steps_per_execution: how many steps lie between two calls of the batch hooks of callbacks.
            jit_compile: False runs the steps uncompiled; "auto" and True compile them.
            auto_scale_loss: with a 16-bit float compute dtype, scale the loss against underflow.

        Raises ValueError with the nearest names for a misspelt one.
        """
        from keras_lite import losses, optimizers
        from keras_lite import metrics as metric_module

        if jit_compile not in (True, False, "auto"):
            raise invalid("compile", f'jit_compile must be True, False or "auto", got {jit_compile!r}')
        if isinstance(steps_per_execution, bool) or not isinstance(steps_per_execution, int) or steps_per_execution < 1:
            raise invalid("compile", f"steps_per_execution must be a positive int, got {steps_per_execution!r}")
        for name in tree.flatten(loss):
            losses.get(name)
        for name in tree.flatten([metrics, weighted_metrics]):
            if isinstance(name, str) and name.lower() not in SHAPED:
                metric_module.get(name)
        chosen = optimizers.get(optimizer)
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16" and chosen.loss_scale_factor is None:
            scaled = isinstance(chosen, optimizers.LossScaleOptimizer)
            chosen = chosen if scaled else optimizers.LossScaleOptimizer(chosen, name="loss_scale_optimizer")
        names = self.output_names if self.outputs else None
        compile_loss = CompileLoss(loss, loss_weights, names) if loss is not None else None
        compile_metrics = CompileMetrics(metrics, weighted_metrics, names) if metrics or weighted_metrics else None
        # from here on nothing fails: a mistake above leaves the model as it was
        self.optimizer, self._compile_loss, self._compile_metrics = chosen, compile_loss, compile_metrics
        self._loss_tracker = metric_module.Mean(name="loss")
        self.run_eagerly, self.jit_compile, self.steps_per_execution = run_eagerly, jit_compile is not False, steps_per_execution
        self.loss, self.stop_training, self._programs = loss, False, {}
        self._compiled = {"optimizer": optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics,
                          "weighted_metrics": weighted_metrics, "run_eagerly": run_eagerly, "steps_per_execution": steps_per_execution,
                          "jit_compile": jit_compile, "auto_scale_loss": auto_scale_loss}

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._compiled is not None

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of `compile`, serialized."""
        from keras_lite.saving.serialization import serialize_keras_object

        return {} if self._compiled is None else serialize_keras_object(self._compiled)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile with the arguments of `get_compile_config`."""
        from keras_lite.saving.serialization import deserialize_keras_object

        self.compile(**deserialize_keras_object(config))
        if self.built and hasattr(self.optimizer, "build"):
            self.optimizer.build(self.trainable_variables)

    def needs_compile(self, what: str) -> None:
        """Raise ValueError before `compile`."""
        if not self.compiled:
            raise invalid(what, "the model is not compiled: call model.compile(optimizer=..., loss=...) first")

    # --- metrics --------------------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """The metrics of the model: its losses, those of `compile`, and those among the attributes of it and its layers."""
        from keras_lite.metrics import Metric

        own = [self._loss_tracker] if self._loss_tracker is not None else []
        own += self._compile_loss.metrics if self._compile_loss is not None else []
        compiled = self._compile_metrics.metrics if self._compile_metrics is not None else []
        tracked = [m for layer in self._flatten_layers() for m in attributes(layer, Metric)]
        return unique([*own, *compiled, *tracked])

    @property
    def metrics_names(self) -> list[str]:
        """Names of the results of `evaluate`, in order."""
        return list(self.get_metrics_result())

    @property
    def metrics_variables(self) -> list[Any]:
        return [v for metric in self.metrics for v in metric.variables]

    def reset_metrics(self) -> None:
        """Set all metrics to their beginning."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """Result of each metric by name."""
        return self._results_of(self.metrics)

    def _results_of(self, metrics: list[Any]) -> dict[str, Any]:
        """Results by name: the losses, the metrics of `compile`, then the others (with several outputs those of `compile` come last)."""
        compiled = self._compile_metrics
        inside = {id(m) for m in compiled.metrics} if compiled is not None else set()
        losses = {id(m) for m in (self._loss_tracker, *(self._compile_loss.metrics if self._compile_loss is not None else []))}
        first, last = _results([m for m in metrics if id(m) in losses]), _results([m for m in metrics if id(m) not in losses | inside])
        if compiled is None:
            return {**first, **last}
        parts = [first, last, compiled.results()] if compiled.has_several_outputs else [first, compiled.results(), last]
        return {name: next(part[name] for part in parts if name in part) for part in parts for name in part}

    # --- what may be overridden -----------------------------------------------------------------------------------------

    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True) -> Any:
        """The scalar that is minimised: the compiled loss and what layers and regularizers added."""
        parts = list(self.losses)
        if self._compile_loss is not None and (y is not None or not parts):
            parts.insert(0, self._compile_loss(y, y_pred, sample_weight))
        if not parts:
            raise invalid("compute_loss", "there is nothing to minimise: compile with a loss, or use add_loss in a layer")
        total = parts[0]
        for part in parts[1:]:
            total = ops.add(total, ops.cast(part, ops.dtype(total)))
        return total

    def stateless_compute_loss(self, trainable_variables: Any, non_trainable_variables: Any, metrics_variables: Any, x: Any = None,
                               y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True) -> Any:
        """`compute_loss` with the given values in place of the variables', and the values of these three kinds afterwards."""
        kinds = (self.trainable_variables, self.non_trainable_variables, self.metrics_variables)
        values = (trainable_variables, non_trainable_variables, metrics_variables)
        pairs = [pair for variables, given in zip(kinds, values, strict=True) for pair in zip(variables, given, strict=True)]
        with registry.using(self._home()), Scope(pairs) as scope:
            loss = self.compute_loss(x, y, y_pred, sample_weight, training)
        return loss, tuple([scope.value_of(v) for v in variables] for variables in kinds)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Update the metrics of `compile` with a batch; returns the logs: the results of all metrics."""
        self._update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of training on a batch; returns logs."""
        return self._train_core(data, self.compute_metrics)

    def test_step(self, data: Any) -> dict[str, Any]:
        """One step of evaluation on a batch; returns logs."""
        return self._test_core(data, self.compute_metrics)

    def predict_step(self, data: Any) -> Any:
        """The outputs for a batch."""
        return self._called(unpack(data)[0], training=False)

    # --- the default steps ----------------------------------------------------------------------------------------------

    def _called(self, x: Any, training: bool) -> Any:
        return self(x, training=training) if self._signature.training or self._graph is not None else self(x)

    def _train_core(self, data: Any, compute_metrics: Any = None) -> Any:
        """Forward, backward, update; what `compute_metrics` returns.

        By default that is nothing: the results of the metrics are not computed here but when somebody wants them.
        """
        x, y, sample_weight = unpack(data)
        divisors: list[Any] = []

        def forward() -> tuple[Any, Any]:
            self._take_divisor()  # whatever nobody asked for
            y_pred = self._called(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=True)
            divisor = self._take_divisor()
            divisors[:] = [divisor] if is_fixed(divisor) else []
            aux = loss, y_pred, masks_of(y_pred), None if divisors else divisor
            return self.optimizer.scale_loss(self._minimised(loss, divisor)), aux

        variables = self.trainable_variables
        (_, (loss, y_pred, masks, divisor)), gradients = value_and_grad(forward, variables, has_aux=True)
        divisor = divisors[0] if divisors else divisor
        keep_masks(y_pred, masks)  # the outputs are other tensors outside
        self._track_loss(loss, x, divisor)
        if variables:  # a frozen model has nothing to change, but a loss and metrics
            with accumulation_weight(weight_of_batch(None, x) if divisor is None else divisor):
                self.optimizer.apply(gradients, variables)
        return (compute_metrics or self._default_metrics)(x, y, y_pred, sample_weight)

    def _minimised(self, loss: Any, divisor: Any) -> Any:
        """What is differentiated: where the losses of micro-batches add up, regularizers count in the first of a window alone."""
        self._adds_up = divisor == SUM if isinstance(divisor, str) else False
        gathered = self.optimizer._number_gathered() if self._adds_up else None
        added = [v.regularizer(v) for v in self.trainable_variables if v.regularizer is not None] if gathered is not None else []
        for value in added:
            again = ops.cast(ops.greater(gathered, 0), ops.dtype(loss))
            loss = ops.subtract(loss, ops.multiply(ops.cast(value, ops.dtype(loss)), again))
        return loss

    def _test_core(self, data: Any, compute_metrics: Any = None) -> Any:
        x, y, sample_weight = unpack(data)
        self._take_divisor()  # as above
        y_pred = self._called(x, training=False)
        if self._compile_loss is not None or self.losses:
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False)
            self._track_loss(loss, x, self._take_divisor())
        return (compute_metrics or self._default_metrics)(x, y, y_pred, sample_weight)

    def _take_divisor(self) -> Any:
        """What the loss of this step was divided by, None if it does not say it."""
        return None if self._compile_loss is None else self._compile_loss.take_divisor()

    def _track_loss(self, loss: Any, x: Any, divisor: Any = None) -> None:
        """The epoch's loss is that of all its rows at once: each batch's counts as often as it has rows, or entries that count."""
        self._loss_tracker.update_state(loss, sample_weight=weight_of_batch(divisor, x))

    def _apply_leftovers(self) -> None:
        """An update with the gradients that wait for more micro-batches."""
        with accumulation_weight(SUM if self._adds_up else None):
            for optimizer in self._optimizers():
                optimizer.apply_accumulated()

    def _optimizers(self) -> list[Any]:
        """The optimizers among the attributes: that of `compile` and the user's own."""
        from keras_lite.optimizers import Optimizer

        return [o for o in unique([self.optimizer, *attributes(self, Optimizer)]) if isinstance(o, Optimizer)]

    def _default_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> None:
        self._update_metrics(y, y_pred, sample_weight)

    def _update_metrics(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        if self._compile_metrics is not None and y is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)

    def _standard(self, step: str) -> bool:
        """Whether neither `step` nor what it calls for its logs was overridden."""
        names = (step, "compute_metrics", "get_metrics_result")
        return all(getattr(type(self), name) is getattr(Trainer, name) and name not in vars(self) for name in names)

    # --- the loops ------------------------------------------------------------------------------------------------------

    @at_home
    def fit(self, x: Any = None, y: Any = None, batch_size: int | None = None, epochs: int = 1, verbose: Any = "auto",
            callbacks: Any = None, validation_split: float = 0.0, validation_data: Any = None, shuffle: bool = True,
            class_weight: Any = None, sample_weight: Any = None, initial_epoch: int = 0, steps_per_epoch: int | None = None,
            validation_steps: int | None = None, validation_batch_size: int | None = None, validation_freq: Any = 1) -> Any:
        """Train for a number of epochs.

        Args:
            x: inputs: an array, or a list or dict of arrays; or an iterable of batches (x, y) or (x, y, sample_weight).
            y: targets, for arrays.
            batch_size: rows in a step, 32 by default.
            epochs: number of the last epoch.
            verbose: 0 silent, 1 progress bar, 2 one line an epoch; "auto" is 1.
            callbacks: callbacks, or one `CallbackList`.
            validation_split: fraction of the last rows that is used for validation.
            validation_data: (x, y) or (x, y, sample_weight), or an iterable of batches.
            shuffle: whether the rows of arrays are put in a new order each epoch.
            class_weight: weight of each class in the loss, by label.
            sample_weight: weight of each row in the loss.
            initial_epoch: number of the first epoch, for going on.
            steps_per_epoch, validation_steps: number of steps, where it is not to be all.
            validation_batch_size: `batch_size` by default.
            validation_freq: after every how many epochs, or after which ones, to validate.

        Returns:
            `History`: its `history` is a dict with a list for each of the logs.
        """
        return loop.fit(self, x=x, y=y, batch_size=batch_size, epochs=epochs, verbose=verbose, callbacks=callbacks,
                        validation_split=validation_split, validation_data=validation_data, shuffle=shuffle, class_weight=class_weight,
                        sample_weight=sample_weight, initial_epoch=initial_epoch, steps_per_epoch=steps_per_epoch,
                        validation_steps=validation_steps, validation_batch_size=validation_batch_size, validation_freq=validation_freq)

    @at_home
    def evaluate(self, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: Any = "auto", sample_weight: Any = None,
                 steps: int | None = None, callbacks: Any = None, return_dict: bool = False, **kwargs: Any) -> Any:
        """The loss and the metrics over data: a list (a number if there is only the loss), or a dict with `return_dict`."""
        return loop.evaluate(self, x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict, **kwargs)

    @at_home
    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = "auto", steps: int | None = None, callbacks: Any = None) -> Any:
        """The outputs for all rows of `x`, as NumPy arrays."""
        return loop.predict(self, x, batch_size, verbose, steps, callbacks)

    @at_home
    def train_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False) -> Any:
        """One step on one batch; returns the loss and the metrics of that batch."""
        return loop.on_batch(self, "train", x, y, sample_weight, class_weight, return_dict)

    @at_home
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """The loss and the metrics of one batch, without training."""
        return loop.on_batch(self, "test", x, y, sample_weight, None, return_dict)

    @at_home
    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as NumPy arrays."""
        return loop.predict_on_batch(self, x)


def _results(metrics: list[Any]) -> dict[str, Any]:
    """Results of metrics by name; a metric whose result is a dict has the names in it."""
    out: dict[str, Any] = {}
    for metric in metrics:
        value = metric.result()
        out.update(value if isinstance(value, dict) else {metric.name: value})
    return out
