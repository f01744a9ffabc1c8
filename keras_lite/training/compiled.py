"""What `compile` was given: losses and metrics for the structure of the model's outputs."""

from __future__ import annotations

from typing import Any

from keras_lite import ops
from keras_lite.engine.errors import invalid
from keras_lite.layers.context import mask_of
from keras_lite.losses.weights import quotient
from keras_lite.optimizers.accumulation import SUM
from keras_lite.state import tree
from keras_lite.state.names import to_snake_case
from keras_lite.symbolic.spec import KerasTensor


def per_output(what: str, given: Any, outputs: Any, names: list[str] | None, is_one: Any) -> list[Any]:
    """One entry of `given` for each output: a single one serves all outputs, lists go by place, dicts by name."""
    count = len(tree.flatten(outputs))
    if given is None:
        return [None] * count
    if isinstance(given, dict):
        keys = sorted(outputs) if isinstance(outputs, dict) else names or []
        unknown = [key for key in given if key not in keys]
        if unknown:
            raise invalid("compile", f"{what} names outputs {unknown}, the model has {keys}")
        return [given.get(key) for key in keys]
    if isinstance(given, (list, tuple)) and not is_one(given):
        if len(given) != count:
            raise invalid("compile", f"{what} has {len(given)} entries, the model has {count} outputs")
        return list(given)
    return [given] * count


class CompileLoss:
    """The loss of a model with any structure of outputs: each output's loss times its weight, summed."""

    def __init__(self, loss: Any, loss_weights: Any = None, output_names: list[str] | None = None):
        self._given, self._weights, self.output_names = loss, loss_weights, output_names
        self._losses: list[Any] | None = None
        self.metrics: list[Any] = []
        self._divisor: Any = None

    def build(self, y_pred: Any) -> None:
        """Resolve names and structures for outputs like `y_pred`; with several losses there is a metric for each."""
        from keras_lite import losses, metrics

        given = per_output("loss", self._given, y_pred, self.output_names, lambda x: False)
        if isinstance(self._given, dict) and not isinstance(y_pred, dict):
            self._check_complete(self._given)
        self._losses = [losses.as_loss(x) for x in given]
        weights = per_output("loss_weights", self._weights, y_pred, self.output_names, lambda x: False)
        self._factors = [1.0 if w is None else float(w) for w in weights]
        self._names = output_names_of(y_pred, self.output_names)
        named = [name for name, loss in zip(self._names, self._losses, strict=True) if loss is not None]
        self.metrics = [metrics.Mean(name=f"{name}_loss") for name in named] if len(named) > 1 else []

    def _check_complete(self, given: dict[str, Any]) -> None:
        """Raise ValueError for outputs left out by mistake; a model whose outputs are a dict may leave some out, as in Keras."""
        missing = [name for name in self.output_names or [] if name not in given]
        if missing:
            raise invalid("compile", f"loss names {sorted(given)} and leaves out {missing}; give None for an output without a loss, "
                                     f"as in {dict.fromkeys(missing)}")

    @property
    def is_built(self) -> bool:
        return self._losses is not None

    def components(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> list[tuple[Any, float, Any, Any]]:
        """(loss, its weight, its divisor, where that comes from) for each output that has a loss; see `counted` and `_origin`."""
        if self._losses is None:
            self.build(y_pred)
        predictions, targets = tree.flatten(y_pred), aligned("y", y_true, y_pred, self._names)
        weights = aligned("sample_weight", sample_weight, y_pred, self._names, shared=True)
        out, several = [], sum(loss is not None for loss in self._losses or []) > 1
        for loss, factor, name, y, p, w in zip(self._losses or [], self._factors, self._names, targets, predictions, weights, strict=True):
            if loss is None:
                continue
            if y is None:
                raise invalid("loss", f"output {name!r} has a loss but no target y was given")
            value, count = counted(loss, y, p, w)
            out.append((value, factor, count, _origin(loss, y, p, w) if several else None))
        return out

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        parts = self.components(y_true, y_pred, sample_weight)
        if not parts:
            return ops.zeros((), "float32")
        for metric, (value, _, divisor, _) in zip(self.metrics, parts, strict=False):
            metric.update_state(ops.stop_gradient(value), sample_weight=weight_of_batch(divisor, y_pred))
        summed = all(loss is None or getattr(loss, "reduction", None) == SUM for loss in self._losses or [])
        alike = len({origin for *_, origin in parts}) == 1
        self._divisor = SUM if summed else parts[0][2] if alike else None
        total, *rest = (value if factor == 1.0 else ops.multiply(value, factor) for value, factor, *_ in parts)
        for value in rest:
            total = ops.add(total, value)
        return total

    def take_divisor(self) -> Any:
        """What the loss that was computed last was divided by, asked for once.

        "sum" if by nothing; None for several losses whose divisors may differ by more than a factor that the shapes decide.
        """
        divisor, self._divisor = self._divisor, None
        return divisor

    def check_targets(self, y_true: Any, y_pred: Any) -> None:
        """Let each loss look at the targets on the host (label ranges); `y_pred` are specs."""
        if self._losses is None:
            self.build(y_pred)
        for loss, y, p in zip(self._losses or [], aligned("y", y_true, y_pred, self._names), tree.flatten(y_pred), strict=True):
            check = getattr(loss, "check_targets", None)
            if check is not None and y is not None:
                check(y, (None, *p.shape[1:]))  # the targets may be those of all batches


def counted(loss: Any, y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[Any, Any]:
    """A loss, and what it was divided by: a float where the shapes alone decide it, None where the loss does not say it.

    With masks, and with weights by whose sum a loss is divided, it is a tensor.
    """
    from keras_lite.losses import Loss

    if type(loss).__call__ is not Loss.__call__ or loss.reduction in ("none", None):
        return loss(y_true, y_pred, sample_weight=sample_weight), None
    total, count = loss.fraction(y_true, y_pred, sample_weight)
    return ops.cast(quotient(total, count), loss.dtype), count if isinstance(count, float) else ops.stop_gradient(count)


def _origin(loss: Any, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
    """What decides the divisor of a loss besides shapes: equal for losses whose divisors are in a fixed proportion."""
    reduction = getattr(loss, "reduction", None)
    if not hasattr(loss, "valid") or loss.valid(y_true) is not None:
        return object()
    return reduction, id(sample_weight) if reduction == "mean_with_sample_weight" else None, id(mask_of(y_pred))


def is_fixed(divisor: Any) -> bool:
    """Whether a divisor is no tensor."""
    return divisor is None or isinstance(divisor, (float, str))


def weight_of_batch(divisor: Any, batch: Any) -> Any:
    """How much a batch counts in the mean of an epoch: the divisor of its loss where batches of as many rows differ in it, or its rows."""
    if not is_fixed(divisor):
        return divisor
    rows = tree.flatten(batch)[0].shape[0]
    return 1.0 if rows is None else float(rows)


def output_names_of(y_pred: Any, names: list[str] | None) -> list[str]:
    """A name for each output."""
    if isinstance(y_pred, dict):
        return sorted(y_pred)
    count = len(tree.flatten(y_pred))
    return names if names is not None and len(names) == count else [f"output_{i}" for i in range(count)] if count > 1 else ["output"]


def aligned(what: str, given: Any, like: Any, names: list[str], shared: bool = False) -> list[Any]:
    """The entries of `given` in the order of the outputs `like`; with `shared`, one entry may serve all."""
    count = len(names)
    if given is None:
        return [None] * count
    if isinstance(given, dict):
        missing = [key for key in given if key not in names]
        if missing:
            raise invalid(what, f"{what} names {missing}, the outputs are {names}")
        return [given.get(name) for name in names]
    leaves = tree.flatten(given)
    if shared and len(leaves) == 1:
        return leaves * count
    if len(leaves) != count:
        raise invalid(what, f"{what} has {len(leaves)} arrays, the model has {count} outputs")
    return leaves


class CompileMetrics:
    """The metrics of a model with any structure of outputs, weighted and not."""

    def __init__(self, metrics: Any, weighted_metrics: Any, output_names: list[str] | None = None):
        self._given, self._given_weighted, self.output_names = metrics, weighted_metrics, output_names
        self._entries: list[tuple[int, Any, bool]] | None = None  # (output, metric, weighted)

    @property
    def is_built(self) -> bool:
        return self._entries is not None

    @property
    def metrics(self) -> list[Any]:
        """The metric objects, once they are known."""
        return [metric for _, metric, _ in self._entries or []]

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Resolve names ("accuracy" by the shapes of target and output) and structures."""
        self._names = output_names_of(y_pred, self.output_names)
        targets, predictions = aligned("y", y_true, y_pred, self._names), tree.flatten(y_pred)
        entries = []
        for what, given, weighted in (("metrics", self._given, False), ("weighted_metrics", self._given_weighted, True)):
            rows = per_output(what, given, y_pred, self.output_names, lambda x: len(predictions) == 1 and not _has_rows(x))
            for i, row in enumerate(rows):
                for identifier in row if isinstance(row, (list, tuple)) else [row]:
                    if identifier is not None:
                        entries.append((i, resolve_metric(identifier, targets[i], predictions[i]), weighted))
        self._entries = entries

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch to every metric."""
        if self._entries is None:
            self.build(y_true, y_pred)
        targets, predictions = aligned("y", y_true, y_pred, self._names), tree.flatten(y_pred)
        weights = aligned("sample_weight", sample_weight, y_pred, self._names, shared=True)
        for i, metric, weighted in self._entries or []:
            if targets[i] is not None:
                metric.update_state(targets[i], predictions[i], sample_weight=weights[i] if weighted else None)

    def results(self) -> dict[str, Any]:
        """Result of each metric by name; with several outputs the output's name comes first, and all are sorted."""
        out: dict[str, Any] = {}
        for i, metric, is_weighted in self._entries or []:
            value = metric.result()
            for key, result in value.items() if isinstance(value, dict) else [(metric.name, value)]:
                prefix = f"{self._names[i]}_" if self.has_several_outputs else ""
                name = f"{prefix}weighted_{key}" if is_weighted and prefix + key in out else prefix + key
                out[_free(name, out)] = result
        return dict(sorted(out.items())) if self.has_several_outputs else out

    @property
    def has_several_outputs(self) -> bool:
        return self._entries is not None and len(self._names) > 1


def _has_rows(given: Any) -> bool:
    """Whether a list of metrics is a list of lists, one for each output."""
    return any(isinstance(item, (list, tuple)) for item in given)


def _free(name: str, taken: dict[str, Any]) -> str:
    number, free = 1, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def resolve_metric(identifier: Any, y_true: Any, y_pred: Any) -> Any:
    """A metric object from an object, a function or a name; "accuracy" and "crossentropy" depend on the shapes."""
    from keras_lite import metrics

    name = identifier if isinstance(identifier, str) else None
    if name is not None and name.lower() in SHAPED:
        identifier = f"{_output_kind(y_true, y_pred)}_{SHAPED[name.lower()]}"
    found = metrics.get(identifier)
    if isinstance(found, metrics.Metric):
        found.name = name or found.name
        return found
    return metrics.MeanMetricWrapper(found, name=name or _name_of(found))


def _name_of(function: Any) -> str:
    """The name in logs of a metric that is a function, or an object that can be called: in snake case, unless it has a `name`."""
    return getattr(function, "name", None) or to_snake_case(getattr(function, "__name__", type(function).__name__))


SHAPED = {"accuracy": "accuracy", "acc": "accuracy", "crossentropy": "crossentropy", "ce": "crossentropy"}


def _output_kind(y_true: Any, y_pred: Any) -> str:
    """"binary", "categorical" or "sparse_categorical", by the shapes."""
    classes = y_pred.shape[-1] if len(y_pred.shape) > 1 else 1
    if classes == 1:
        return "binary"
    same = len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] not in (1, None)
    is_index = isinstance(y_true, KerasTensor) and len(y_true.shape) < len(y_pred.shape)
    return "categorical" if same and not is_index else "sparse_categorical"
