"""Rematerialization: computing intermediate values again for the gradient, in place of keeping them until then."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, NamedTuple

from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float
from keras_lite.engine.errors import unknown_name
from keras_lite.layers.context import CallContext, current_context, entered
from keras_lite.ops.arithmetic import add, multiply
from keras_lite.ops.core import cast, with_gradient
from keras_lite.ops.creation import zeros_like
from keras_lite.ops.reductions import reduce_sum
from keras_lite.state import tree
from keras_lite.state.scope import Scope, current_scope
from keras_lite.symbolic import graph
from keras_lite.symbolic.spec import KerasTensor

_MODES = ("full", "activations", "larger_than", "list_of_layers")


class Mode(NamedTuple):
    """What is computed again, for the layers made in a `RematScope`."""

    name: str
    output_size_threshold: int
    layer_names: tuple[str, ...]


_mode: ContextVar[Mode | None] = ContextVar("keras_lite_remat", default=None)


def current_mode() -> Mode | None:
    """The mode of the innermost `RematScope`."""
    return _mode.get()


class RematScope:
    """Scope whose new layers compute their intermediate values again for the gradient: less memory for more time.

    Args:
        mode: "full": all layers; "activations": the function `activation` of layers that have one; "larger_than": layers whose output
            has more than `output_size_threshold` entries; "list_of_layers": those named in `layer_names`; None: no layer.
        output_size_threshold: for "larger_than"; an unknown size counts as 1.
        layer_names: for "list_of_layers".

    Raises:
        ValueError: an unknown mode.

    Source: Chen et al. 2016, Training deep nets with sublinear memory cost.

    >>> import keras_lite
    >>> with keras_lite.RematScope("larger_than", output_size_threshold=10_000):
    ...     layer = keras_lite.layers.Dense(3)
    """

    def __init__(self, mode: str | None = "full", output_size_threshold: int = 1024, layer_names: Iterable[str] | None = None):
        if mode is not None and mode not in _MODES:
            raise unknown_name("mode of RematScope", mode, _MODES)
        self._mode = None if mode is None else Mode(mode, output_size_threshold, tuple(layer_names or ()))

    def __enter__(self) -> RematScope:
        self._token = _mode.set(self._mode)
        return self

    def __exit__(self, *args: Any, **kwargs: Any) -> None:
        _mode.reset(self._token)


# --- functions -----------------------------------------------------------------------------------------------------------


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, computed again where its gradient is taken.

    The gradient reaches the tensors among its arguments and the variables that it reads, but no other tensor that it captures.

    >>> import keras_lite
    >>> cheap = remat(lambda x: keras_lite.ops.exp(keras_lite.ops.sin(x)))
    >>> float(cheap(0.0))
    1.0
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        engine = registry.engine_of(tree.flatten((args, kwargs))) or registry.current()
        if engine.is_abstract:
            return f(*args, **kwargs)
        with registry.using(engine):
            return _Call(f, args, kwargs).run()

    return wrapped


class _Call:
    """One call of a function that is computed again."""

    def __init__(self, f: Callable[..., Any], args: Any, kwargs: Any):
        from keras_lite.training.describing import described

        self._f, self._engine = f, registry.current()
        self._nest = graph.specs_of(self._engine, (args, kwargs))
        leaves = tree.flatten((args, kwargs))
        self._tensors = [x for x, spec in zip(leaves, tree.flatten(self._nest), strict=True) if isinstance(spec, KerasTensor)]
        found = described(self._engine, lambda nest: f(*nest[0], **nest[1]), self._nest)
        self._read, self._written = found.read, found.written
        self._result: Any = None

    def run(self) -> Any:
        """The result of the function; what it assigns to variables is assigned."""
        scope = current_scope()
        values = [v.own_value if scope is None else scope.value_of(v) for v in (*self._read, *self._written)]
        outputs = with_gradient([*self._tensors, *values], self._forward, self._backward)
        count = len(outputs) - len(self._written)
        for variable, value in zip(self._written, outputs[count:], strict=True):
            variable.assign(value)
        return graph.filled(self._result, outputs[:count])

    def _forward(self, *tensors: Any) -> tuple[list[Any], list[Any]]:
        given, values = tensors[:len(self._tensors)], tensors[len(self._tensors):]
        with Scope(zip((*self._read, *self._written), values, strict=True)) as scope:
            args, kwargs = graph.filled(self._nest, given)
            result = self._f(*args, **kwargs)
            new = [scope.value_of(v) for v in self._written]
        self._result = graph.specs_of(self._engine, result)
        specs = tree.flatten(self._result)
        return [x for x, spec in zip(tree.flatten(result), specs, strict=True) if isinstance(spec, KerasTensor)] + new, list(tensors)

    def _backward(self, tensors: list[Any], cotangents: list[Any]) -> list[Any]:
        """The gradients, by way of the sum of the outputs times their cotangents."""
        engine, count = self._engine, len(self._tensors)
        if hasattr(engine, "held_back"):
            tensors = [*engine.held_back(tensors[:count], cotangents), *tensors[count:]]
        floats = [i for i, x in enumerate(tensors) if is_float(engine.dtype_of(x))]

        def total(given: list[Any]) -> tuple[Any, None]:
            complete = dict(enumerate(tensors)) | dict(zip(floats, given, strict=True))
            outputs, _ = self._forward(*complete.values())
            return _product(engine, outputs, cotangents), None

        with registry.differentiating():
            _, _, gradients = engine.value_and_grad(total, [tensors[i] for i in floats])
        found = dict(zip(floats, gradients, strict=True))
        return [found[i] if i in found else zeros_like(x) for i, x in enumerate(tensors)]


def _product(engine: Any, outputs: list[Any], cotangents: list[Any]) -> Any:
    pairs = [(x, c) for x, c in zip(outputs, cotangents, strict=True) if is_float(engine.dtype_of(x))]
    return functools.reduce(add, [cast(reduce_sum(multiply(x, c)), "float32") for x, c in pairs], engine.full((), 0.0, "float32"))


# --- layers --------------------------------------------------------------------------------------------------------------


def rematerialized(layer: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`call(*args, **kwargs)` of a layer in the mode in which the layer was made."""
    mode = layer._remat
    if mode is None or registry.current().is_abstract:
        return call(*args, **kwargs)
    if mode.name == "activations":
        return _with_cheap_activation(layer, call, args, kwargs)
    if mode.name == "list_of_layers" and layer.name not in mode.layer_names:
        return call(*args, **kwargs)
    if mode.name == "larger_than" and not _is_larger(layer, args, kwargs):
        return call(*args, **kwargs)
    return _inside_context(call, args, kwargs)


def _with_cheap_activation(layer: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    activation = vars(layer).get("activation")
    if not callable(activation):
        return call(*args, **kwargs)
    layer.activation = remat(activation)
    try:
        return call(*args, **kwargs)
    finally:
        layer.activation = activation


def _is_larger(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    args, kwargs = graph.specs_of(registry.current(), (args, kwargs))
    mode, layer._remat = layer._remat, None  # the engine may have to run the layer for the shape
    try:
        outputs = [x for x in tree.flatten(layer.compute_output_spec(*args, **kwargs)) if isinstance(x, KerasTensor)]
    finally:
        layer._remat = mode
    return any(math.prod(n or 1 for n in x.shape) > mode.output_size_threshold for x in outputs)


def _inside_context(call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`remat(call)`, with masks of the arguments, and masks and losses that it makes, as further arguments and results."""
    context = current_context() or CallContext()
    training = context.training  # now: it is another one when the gradient is computed
    layers: list[Any] = []

    def run(args: Any, kwargs: Any, masks: list[Any]) -> tuple[Any, list[Any], list[Any]]:
        inner = CallContext(training)
        inner.masks = [(x, m) for x, m in zip(tree.flatten((args, kwargs)), masks, strict=True) if m is not None]
        with entered(inner):
            result = call(*args, **kwargs)
        layers[:] = [layer for layer, _ in inner.losses]
        return result, [loss for _, loss in inner.losses], [inner.mask_of(x) for x in tree.flatten(result)]

    result, losses, masks = remat(run)(args, kwargs, [context.mask_of(x) for x in tree.flatten((args, kwargs))])
    context.losses.extend(zip(layers, losses, strict=True))
    for x, mask in zip(tree.flatten(result), masks, strict=True):
        if mask is not None:
            context.set_mask(x, mask)
    return result
