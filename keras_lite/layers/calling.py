"""What happens when a layer is called: bind, ensure built, context, call or trace, finish."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, promote
from keras_lite.engine.errors import explained, invalid, is_clear, wrong_type
from keras_lite.layers.building import building
from keras_lite.layers.context import CallContext, _current, entered, keep_mask
from keras_lite.layers.input_spec import InputSpec
from keras_lite.layers.probing import probed
from keras_lite.layers.signature import CallSignature, named
from keras_lite.ops.data import as_tensor, cast_sparse, weak_dtype_of
from keras_lite.state import tree
from keras_lite.state.names import current_path, name_scope
from keras_lite.state.scope import Scope, ShapesScope, _autocast, autocast, current_scope, only_shapes_are_wanted
from keras_lite.state.variable import Variable
from keras_lite.symbolic import engine as abstract
from keras_lite.symbolic import graph
from keras_lite.symbolic.spec import KerasTensor, known_sizes, map_shapes


def call_layer(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`layer(*args, **kwargs)`: on tensors it computes, on symbolic tensors it adds a node to their graph."""
    engine = registry.engine_of(args)
    if kwargs:
        engine = registry.engine_of(kwargs.values(), engine)
    if engine is not None and engine.is_abstract:
        return trace(layer, args, kwargs)
    if engine is None:
        engine = layer._home() if not registry.current().is_abstract else registry.current()
    elif engine is not layer.engine and layer.engine is not None and _current.get() is None:
        engine, args, kwargs = _brought_home(layer, engine, args, kwargs)
    if engine is registry.current():
        return _compute(layer, engine, args, kwargs)
    with registry.using(engine):
        return _compute(layer, engine, args, kwargs)


def _brought_home(layer: Any, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
    """The layer's engine and the tensors of another one as arrays; the call stays where it is if they have no values yet."""
    try:
        args, kwargs = tree.map_structure(lambda x: engine.to_numpy(x) if not isinstance(x, np.ndarray) and engine.is_tensor(x) else x,
                                          (args, kwargs))
    except Exception:  # inside a compiled function of that engine, such as one of its data pipelines
        return engine, args, kwargs
    return layer.engine, args, kwargs


# --- symbolic ------------------------------------------------------------------------------------------------------------


def trace(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The output's spec; a node of the graph where an input has a history."""
    bare_args, bare_kwargs, recorded = graph.without_history(args, kwargs)
    if not recorded and registry.current().is_abstract:
        return _specified(layer, args, kwargs)
    home = layer._home()
    with registry.using(home), registry.using(abstract), ShapesScope():
        result = _specified(layer, bare_args, bare_kwargs)
    if not recorded:
        return result
    result = graph.record(layer, args, kwargs, result)
    made = next((x for x in tree.flatten(result) if isinstance(x, KerasTensor)), None)
    if made is not None:
        layer._nodes.append(made.history[0])
    return result


def _specified(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The spec of the output: from the layer's own compute_output_spec or compute_output_shape, else by running `call`.

    `call` it is too where one wants to know more than shapes: which variables it writes, and its losses.
    """
    if not only_shapes_are_wanted():
        return inferred_spec(layer, args, kwargs)
    if layer._tells_spec:
        ensure_built(layer, args, kwargs)
        return layer.compute_output_spec(*args, **kwargs)
    return _default_spec(layer, args, kwargs)


def _default_spec(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The spec of the output of a layer without a compute_output_spec of its own."""
    if not layer._tells_shape:
        return inferred_spec(layer, args, kwargs)
    ensure_built(layer, args, kwargs)
    shapes = [tree.map_structure(lambda x: x.shape, a) for a in _tensor_arguments(layer, args, kwargs).values()]
    return map_shapes(lambda shape: KerasTensor.spec(tuple(shape), layer.compute_dtype), layer.compute_output_shape(*shapes))


def inferred_spec(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The spec of the output by running `call` on specs, whatever the layer itself says about its output."""
    try:
        return _compute(layer, abstract, args, kwargs)
    except Exception as error:
        if is_clear(error) and (not getattr(error, "needs_values", False) or hasattr(error, "decides")):
            raise
        engine = layer._home()
        with explained(error, f"on {engine.name} itself"):
            return probed(engine, lambda args, kwargs: _compute(layer, engine, args, kwargs), args, kwargs)


def spec_of_call(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The spec of the output by running `call`, for a `compute_output_spec` with parameters of its own."""
    bare_args, bare_kwargs, _ = graph.without_history(args, kwargs)
    with _describing(layer):
        return inferred_spec(layer, bare_args, bare_kwargs)


@contextlib.contextmanager
def _describing(layer: Any) -> Iterator[None]:
    """Scope in which a layer is run for the shape of its output alone; it leaves no losses and masks in a call around it."""
    around = _current.get()
    inner = None if around is None else CallContext(around.training)
    with entered(inner), registry.using(layer._home()), registry.using(abstract), ShapesScope():
        yield


def output_spec(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`Layer.compute_output_spec`, which a subclass may call from its own."""
    bare_args, bare_kwargs, _ = graph.without_history(args, kwargs)
    with _describing(layer):
        return _default_spec(layer, bare_args, bare_kwargs)


def output_shape(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`Layer.compute_output_shape`, which a subclass may call from its own: always inferred."""
    def spec(shape: Any) -> KerasTensor:
        return KerasTensor.spec(tuple(shape), layer.compute_dtype)

    specs = {key.removesuffix("_shape"): map_shapes(spec, value) for key, value in kwargs.items()}
    with _describing(layer):
        result = inferred_spec(layer, tuple(map_shapes(spec, shape) for shape in args), specs)
    return tree.map_structure(lambda x: x.shape, result)


# --- computing -----------------------------------------------------------------------------------------------------------


def _compute(layer: Any, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run `call` on tensors of `engine`."""
    if not layer.built:
        with _scope_of_caller():
            layer._place()  # first: the dtypes may depend on it
            args, kwargs = _converted(layer, engine, args, kwargs)
            ensure_built(layer, args, kwargs)
            with name_scope(layer.name):  # layers inside that are built by this first call
                return _run(layer, args, kwargs)
    args, kwargs = _converted(layer, engine, args, kwargs)
    if layer.input_spec is not None:
        check_input(layer, args[0] if args else next(iter(_tensor_arguments(layer, args, kwargs).values()), None))
    return _run(layer, args, kwargs)


def _scope_of_caller() -> contextlib.AbstractContextManager[None]:
    """The name scope of the layer that calls: its own first call has it open, a later one has not."""
    context = _current.get()
    path = None if context is None or context.layer is None else context.layer.path
    return contextlib.nullcontext() if path is None or f"{current_path()}/".startswith(f"{path}/") else name_scope(path)


def _run(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    context = _current.get()
    return _outermost(layer, args, kwargs) if context is None else _inner(layer, context, args, kwargs)


def _outermost(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Open a call context; afterwards hand the losses to the layers that added them."""
    context = CallContext()
    token = _current.set(context)
    try:
        result = _inner(layer, context, args, kwargs)
    finally:
        _current.reset(token)
    _forget_losses(layer)
    if context.losses:
        layer.__dict__["_added_losses"] = added = [inner for inner, _ in context.losses]
        for inner in added:
            inner._call_losses = [value for who, value in context.losses if who is inner]
        scope = current_scope()
        if scope is not None:
            scope.at_end(lambda: _forget_losses(layer))
            if scope.collected is not None:
                scope.collected += [value for _, value in context.losses]
    if context.masks:
        _keep_masks(context, result)
    return result


def _forget_losses(layer: Any) -> None:
    """Take back what the last call of `layer` added to the losses."""
    for inner in layer.__dict__.pop("_added_losses", ()):
        inner._call_losses = []


def _keep_masks(context: CallContext, result: Any) -> None:
    """Leave the masks for the loss, and for the next outermost call, as Keras does."""
    for x in tree.flatten(result):
        mask = context.mask_of(x)
        if mask is not None:
            keep_mask(x, mask)


def _inner(layer: Any, context: CallContext, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    signature = layer._signature
    outer_training, outer_layer = context.training, context.layer
    if signature.training or "training" in kwargs or outer_training is None:
        training = _training(signature, context, args, kwargs)
        context.training = training
        if signature.training and training is not None and len(args) <= signature.training_index:
            kwargs = {**kwargs, "training": training}
    if signature.masks:
        kwargs = _with_masks(signature, context, args, kwargs)
    policy = layer._policy
    call = layer.call if layer._remat is None else functools.partial(layer.rematerialized_call, layer.call)
    context.layer = layer
    try:
        if policy.compute_dtype != policy.variable_dtype or _autocast.get() is not None:
            with autocast(policy.compute_dtype if layer.autocast else None):
                result = call(*args, **kwargs)
        else:
            result = call(*args, **kwargs)
    finally:
        context.training, context.layer = outer_training, outer_layer
    return _finished(layer, context, args, kwargs, result)


def _training(signature: CallSignature, context: CallContext, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`training` as given, else that of the context, else the default of `call`; taken out of `kwargs` where `call` has none."""
    if signature.training:
        given = args[signature.training_index] if len(args) > signature.training_index else kwargs.get("training")
    else:
        given = kwargs.get("training") if signature.variadic else kwargs.pop("training", None)
    if given is None:
        given = context.training
    return signature.training_default if given is None else given


def _with_masks(signature: Any, context: CallContext, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """`kwargs` with the masks of the inputs for the mask parameters that were not given."""
    arguments = named(signature, args, kwargs)
    for tensor, mask in signature.masks:
        if arguments.get(mask) is None and arguments.get(tensor) is not None:
            masks = tree.map_structure(context.mask_of, arguments[tensor])
            if any(m is not None for m in tree.flatten(masks)):
                kwargs = {**kwargs, mask: masks}
    return kwargs


def _finished(layer: Any, context: CallContext, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> Any:
    """The result, after its mask was noted and the activity regularizer's loss added."""
    if layer.activity_regularizer is not None:
        for x in tree.flatten(result):
            if x is not None:
                size = (*ops.shape(x), None)[0]
                loss = layer.activity_regularizer(ops.cast(x, promote(ops.dtype(x), "float32")))  # sums overflow in float16
                context.losses.append((layer, loss if size is None else ops.divide(loss, ops.cast(size, ops.dtype(loss)))))
    if context.masks or layer._makes_mask or hasattr(args[0] if args else None, "_keras_mask"):
        _note_masks(layer, context, args, kwargs, result)
    return result


def _note_masks(layer: Any, context: CallContext, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    makes_mask = layer._makes_mask
    if not layer.supports_masking and not makes_mask:
        return
    inputs = next(iter(_tensor_arguments(layer, args, kwargs).values()), None)
    previous = tree.map_structure(context.mask_of, inputs)
    if not makes_mask and all(m is None for m in tree.flatten(previous)):
        return
    arguments = named(layer._signature, args, kwargs)
    given = arguments.get("mask")
    mask = layer._mask_of_call(inputs, previous if given is None else given, arguments)
    if tree.is_nested(result):
        for x, m in zip(tree.flatten(result), tree.flatten(mask), strict=False):
            if m is not None and x is not None:
                context.set_mask(x, m)
    elif mask is not None:
        context.set_mask(result, mask)


def _tensor_arguments(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The tensor arguments of a call by name."""
    signature = layer._signature
    arguments = named(signature, args, kwargs)
    found = {name: arguments[name] for name in signature.tensors if arguments.get(name) is not None}
    if not found and args:
        return {f"input_{i}": value for i, value in enumerate(args)}
    return found


def _converted(layer: Any, engine: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arrays among the arguments as tensors, floats in the compute dtype."""
    dtype = layer._policy.compute_dtype if layer._casts_inputs else None
    if len(args) == 1 and not kwargs and engine.is_tensor(args[0]):  # the usual call
        have = engine.dtype_of(args[0])
        if dtype is None or have == dtype or not is_float(have):
            return args, kwargs

    def convert(x: Any) -> Any:
        if not engine.is_tensor(x):
            if not isinstance(x, (np.ndarray, np.generic, Variable)):
                if dtype is None or not engine.is_sparse(x) or not is_float(weak_dtype_of(engine, x)):
                    return x
                return cast_sparse(engine, x, dtype)
            x = as_tensor(engine, x)
        if dtype is None or not is_float(engine.dtype_of(x)):
            return x
        return with_mask_of(x, engine.cast(x, engine.canonical_dtype(dtype)))

    args = tuple(tree.map_structure(convert, a) for a in args)
    first = args[0] if args else None
    if isinstance(first, (int, float)) and not isinstance(first, bool) and layer._signature.tensors:
        args = (as_tensor(engine, first, dtype), *args[1:])
    elif isinstance(first, (list, tuple)) and any(type(x) in (int, float) for x in tree.flatten(first)):
        raise wrong_type(type(layer).__name__, f"expects tensors or arrays, got numbers in a {type(first).__name__}; "
                                               "use keras_lite.ops.array(...) or numpy.array(...)")
    return args, {k: tree.map_structure(convert, v) for k, v in kwargs.items()}


def with_mask_of(x: Any, y: Any) -> Any:
    """`y`, which is `x` in another dtype, with the mask that `x` has."""
    context = _current.get()
    mask = getattr(x, "_keras_mask", None) if context is None else context.mask_of(x)
    if mask is not None and y is not x:
        if context is not None:
            context.set_mask(y, mask)
        else:
            with contextlib.suppress(AttributeError):  # what takes no attributes had no mask
                y._keras_mask = mask
    return y


# --- building ------------------------------------------------------------------------------------------------------------


def ensure_built(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Check the inputs against `input_spec` and build the layer with their shapes if it is not yet built."""
    if layer.input_spec is not None:
        check_input(layer, args[0] if args else next(iter(_tensor_arguments(layer, args, kwargs).values()), None))
    if not layer.built:
        with building:
            if not layer.built:  # by another thread
                _build(layer, args, kwargs)


def _build(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    layer._home()
    layer._place()
    shapes = {name: tree.map_structure(_shape, value) for name, value in _tensor_arguments(layer, args, kwargs).items()}
    names = layer._signature.shapes
    if len(names) <= 1:
        layer.build(next(iter(shapes.values()), None))
    else:
        layer.build(**{name: shapes[name.removesuffix("_shape")] for name in names if name.removesuffix("_shape") in shapes})
    layer.built = True
    if layer.input_spec is not None:
        check_input(layer, args[0] if args else None)


def _shape(x: Any) -> Any:
    if x is None or not hasattr(x, "shape"):
        return None
    return known_sizes(x.shape)


def check_input(layer: Any, inputs: Any) -> None:
    """Raise ValueError where an input does not fit the layer's `input_spec`."""
    usual = layer.input_spec.__class__ is InputSpec and hasattr(inputs, "shape")
    specs, tensors = ([layer.input_spec], [inputs]) if usual else (tree.flatten(layer.input_spec), tree.flatten(inputs))
    if len(specs) != len(tensors):
        raise invalid(layer.name, f"expects {len(specs)} inputs, got {len(tensors)}")
    for spec, x in zip(specs, tensors, strict=True):
        if spec is None or (x is None and spec.optional):
            continue
        problem = "expects a tensor" if x is None else spec.problem(_shape(x), getattr(x, "dtype", None))
        if problem:
            raise invalid(f"{type(layer).__name__} {layer.name!r}", f"{problem}, got an input of shape {_shape(x)}")


# --- without side effects ------------------------------------------------------------------------------------------------


def stateless_call(layer: Any, trainable: Any, non_trainable: Any, args: Any, kwargs: Any, return_losses: bool) -> Any:
    """`Layer.stateless_call`."""
    if not layer.built:
        raise invalid("stateless_call", f"{layer.name} must be built first: call it once, or build(input_shape)")
    variables = [*layer.trainable_variables, *layer.non_trainable_variables]
    values = [*trainable, *non_trainable]
    if len(values) != len(variables):
        raise invalid("stateless_call", f"{layer.name} has {len(layer.trainable_variables)} trainable and "
                      f"{len(layer.non_trainable_variables)} other variables, got {len(trainable)} and {len(non_trainable)} values")
    with Scope(zip(variables, (v.value if isinstance(v, Variable) else v for v in values), strict=True)) as scope:
        outputs = layer(*args, **kwargs)
        losses = layer.losses if return_losses else None
    rest = [scope.value_of(v) for v in layer.non_trainable_variables]
    return (outputs, rest, losses) if return_losses else (outputs, rest)
