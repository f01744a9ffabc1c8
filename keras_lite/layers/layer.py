"""Layer: state and computation.  A layer is its constructor, `build` and `call`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from keras_lite import constraints, dtype_policies, initializers, regularizers
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, standardize
from keras_lite.engine.errors import briefly, invalid, not_there, unknown_arguments, wrong_type
from keras_lite.layers import calling
from keras_lite.layers.building import scoped_build, shapes_of
from keras_lite.layers.context import current_context
from keras_lite.layers.operation import Operation
from keras_lite.layers.remat import current_mode, rematerialized
from keras_lite.layers.signature import call_signature, has_rule
from keras_lite.layers.tracking import attributes, flattened, trainable_first, unique
from keras_lite.saving.configurable import constructor_parameters
from keras_lite.state.names import current_path, name_scope
from keras_lite.state.variable import Variable, count_freeze

_LEGACY = ("input_shape", "batch_input_shape", "input_dim", "batch_size", "input_dtype")


class Layer(Operation):
    """Base of all layers.

    A subclass defines `__init__` (configuration), `build(input_shape)` (variables, through `add_weight`) and
    `call(inputs, ...)` (the computation, with `keras_lite.ops` or the engine's own functions, of which those of JAX and NumPy take
    `self.w.value` for a variable `self.w`).

    Args:
        activity_regularizer: regularizer of the output.
        trainable: whether its variables are trained.
        dtype: dtype or dtype policy.
        autocast: whether float inputs are cast to the compute dtype.
        name: name of the layer; made from the class name if None.

    >>> import keras_lite
    >>> class Scale(keras_lite.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
    ...     def call(self, x):
    ...         return x * self.factor
    >>> Scale()(keras_lite.ops.ones((2, 3))).shape[1]
    3
    """

    supports_masking = False
    autocast: bool
    built: bool
    engine: Any  # where its variables live: fixed when it is built, None before
    input_spec: Any = None
    _trainable: bool
    _own_losses: list[Any]
    _call_losses: list[Any]
    _added: list[Variable]  # those that were made by `add_weight`
    _build_shapes: Any
    _path: str | None = None
    cases: tuple[tuple[Any, ...], ...]  # of a class: configurations that the tests try, see CONTRIBUTING.md
    _remat: Any = None  # the mode of the `RematScope` in which it was made
    _left_out: ClassVar[dict[str, Any]] = {"activity_regularizer": None, "autocast": True}

    def __init__(self, *, activity_regularizer: Any = None, trainable: bool = True, dtype: Any = None, autocast: bool = True,
                 name: str | None = None, **kwargs: Any):
        super().__init__(name)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._given_input = {key: kwargs.pop(key) for key in _LEGACY if key in kwargs}
        if kwargs:
            known = constructor_parameters(type(self))  # type: ignore[arg-type]  # classes are hashable
            raise unknown_arguments(type(self).__name__, kwargs, [*known, *_LEGACY], invalid)
        self.dtype_policy = dtype
        self.__dict__.update(autocast=autocast, built=False, engine=None, _trainable=bool(trainable), _own_losses=[], _call_losses=[],
                             _build_shapes=None)
        if current_mode() is not None:
            self._remat = current_mode()

    _makes_mask = False  # whether the class has a compute_mask of its own
    _tells_spec = _tells_shape = False  # whether it has a compute_output_spec, a compute_output_shape, that is about its `call`

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if cls.build is not Layer.build and not hasattr(cls.build, "is_scoped"):  # of this class, or of one that is no layer
            cls.build = scoped_build(cls.build)  # type: ignore[method-assign]  # opens the layer's name scope
        cls._makes_mask = cls.compute_mask is not Layer.compute_mask
        cls._tells_spec, cls._tells_shape = (has_rule(cls, name, Layer) for name in ("compute_output_spec", "compute_output_shape"))

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, (Layer, Variable)):
            if "_trainable" not in self.__dict__ and "name" not in self.__dict__:
                raise wrong_type(type(self).__name__, f"call super().__init__() before setting self.{name}")
            self.__dict__.pop(name, None)  # moves it to the end: variables and layers are in the order in which they were set
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        value = self.__dict__.get(name)
        object.__delattr__(self, name)
        if "_added" in self.__dict__:
            self._added = [variable for variable in self._added if variable is not value]

    # --- to be defined by subclasses ------------------------------------------------------------------------------------

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation."""
        raise NotImplementedError(f"{type(self).__name__} defines no call()")

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Mask of the output, given those of the inputs."""
        return previous_mask

    def _mask_of_call(self, inputs: Any, previous_mask: Any, arguments: dict[str, Any]) -> Any:
        """Mask of the output of a call with these arguments (by name)."""
        return self.compute_mask(inputs, previous_mask)

    if TYPE_CHECKING:  # so that the types allow a subclass to take just what its `call` takes

        def build(self, *args: Any, **kwargs: Any) -> None: ...

        def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any: ...

        def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any: ...

    else:

        def build(self, input_shape):
            """Make the variables; called once with the shape of the first input, or with `<argument>_shape` of each that is named."""
            self.built = True

        def compute_output_spec(self, inputs=None, *args, **kwargs):
            """Shape and dtype of the output as KerasTensors, for KerasTensors as arguments of `call`."""
            return calling.output_spec(self, args if inputs is None else (inputs, *args), kwargs)

        def compute_output_shape(self, input_shape=None, *args, **kwargs):
            """Shape of the output for the shape of the input, or those of all tensor arguments of `call`, named `<argument>_shape`."""
            return calling.output_shape(self, args if input_shape is None else (input_shape, *args), kwargs)

    # --- calling --------------------------------------------------------------------------------------------------------

    @briefly
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return calling.call_layer(self, args, kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """The symbolic output of a call with these arguments; a node of their graph."""
        return calling.trace(self, args, kwargs)

    def rematerialized_call(self, layer_call: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # Keras's names
        """`layer_call(*args, **kwargs)`, computed again for the gradient as the `RematScope` says in which the layer was made."""
        return rematerialized(self, layer_call, args, kwargs)

    def stateless_call(self, trainable_variables: Any, non_trainable_variables: Any, *args: Any, return_losses: bool = False,
                       **kwargs: Any) -> Any:
        """Call with the given values in place of the variables', without touching those.

        Returns `(outputs, non_trainable_values)`, and the losses as a third with `return_losses`.
        """
        return calling.stateless_call(self, trainable_variables, non_trainable_variables, args, kwargs, return_losses)

    # --- variables ------------------------------------------------------------------------------------------------------

    def add_weight(self, shape: Any = None, initializer: Any = None, dtype: Any = None, trainable: bool = True, autocast: bool = True,
                   regularizer: Any = None, constraint: Any = None, aggregation: str = "none", overwrite_with_gradient: bool = False,
                   name: str | None = None) -> Variable:
        """Make a variable of this layer.

        Args:
            shape: sizes, a scalar by default.
            initializer: name or initializer; by default "glorot_uniform" for floats, else "zeros".
            dtype: the policy's variable dtype by default.
            trainable, autocast, aggregation, name: as in `Variable`.
            regularizer: adds a loss of the variable.
            constraint: applied after each update.
            overwrite_with_gradient: the optimizer replaces it by its gradient (float8 scales).
        """
        dtype = standardize(dtype) if dtype is not None else self.variable_dtype
        if initializer is None:
            initializer = "glorot_uniform" if is_float(dtype) else "zeros"
        with registry.using(self._home()), name_scope(self.name, self):
            variable = Variable(initializers.get(initializer), shape=() if shape is None else shape, dtype=dtype,
                                trainable=trainable, autocast=autocast, aggregation=aggregation, name=name)
        variable.regularizer, variable.constraint = regularizers.get(regularizer), constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        variable.trainable = trainable and self.trainable
        self._adopt(variable)
        return variable

    def add_variable(self, shape: Any, initializer: Any, dtype: Any = None, trainable: bool = True, autocast: bool = True,
                     regularizer: Any = None, constraint: Any = None, name: str | None = None) -> Variable:
        """As `add_weight`."""
        return self.add_weight(shape, initializer, dtype, trainable, autocast, regularizer, constraint, name=name)

    def _adopt(self, variable: Variable) -> None:
        """Keep a variable even if the caller binds it to no attribute."""
        self.__dict__.setdefault("_added", []).append(variable)

    def _home(self) -> Any:
        if self.engine is None:
            self.engine = registry.concrete()
        return self.engine

    @property
    def _layers(self) -> list[Layer]:
        """The layers directly inside this one."""
        return attributes(self, Layer)

    def _flatten_layers(self) -> list[Layer]:
        """This layer and all inside it, depth first, each once; layers may hold each other."""
        return flattened(self)

    def _own_variables(self) -> list[Variable]:
        """Variables of this layer alone: trainable ones first, as Keras orders them."""
        return trainable_first(attributes(self, Variable))

    @property
    def path(self) -> str | None:
        """Names of the layers around this one and its own, joined by "/"; None before it is built."""
        return self._path

    def _place(self) -> None:
        """Take note of the path, right before it is built."""
        if self._path is None:
            self._path = current_path(self.name)
            self._set_policy()

    @property
    def variables(self) -> list[Variable]:
        """All variables, random counters included."""
        return unique([v for layer in self._flatten_layers() for v in layer._held_variables()])

    def _held_variables(self) -> list[Variable]:
        """Variables of this layer alone, then its random counters."""
        from keras_lite.random import SeedGenerator

        held = attributes(self, (Variable, SeedGenerator))
        return [*trainable_first([x for x in held if isinstance(x, Variable)]), *(x.state for x in held if isinstance(x, SeedGenerator))]

    @property
    def weights(self) -> list[Variable]:
        """All variables but random counters."""
        return unique([v for layer in self._flatten_layers() for v in layer._own_variables()])

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that an optimizer changes."""
        layers = flattened(self, lambda layer: layer.trainable)
        return unique([v for layer in layers for v in layer._own_variables() if v.trainable])

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The other variables."""
        trainable = {id(v) for v in self.trainable_variables}
        return [v for v in self.variables if id(v) not in trainable]

    @property
    def trainable_weights(self) -> list[Variable]:
        return self.trainable_variables

    @property
    def non_trainable_weights(self) -> list[Variable]:
        trainable = {id(v) for v in self.trainable_variables}
        return [v for v in self.weights if id(v) not in trainable]

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        count_freeze()
        for layer in self._flatten_layers():
            layer._trainable = bool(value)
            for variable in layer._own_variables():
                variable.trainable = layer._trainable and variable.made_trainable

    def count_params(self) -> int:
        """Number of scalars in `weights`.  Raises ValueError before the layer is built."""
        if not self.built:
            raise invalid(self.name, "has no variables before it is built; call it, or build(input_shape)")
        return sum(int(np.prod(v.shape)) for v in self.weights)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the weights as NumPy arrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Assign arrays to the weights, in the order of `get_weights`."""
        variables = self.weights
        if len(weights) != len(variables):
            raise invalid("set_weights", f"{self.name} has {len(variables)} weights, got {len(weights)} arrays")
        for variable, value in zip(variables, weights, strict=True):
            if tuple(np.shape(value)) != variable.shape:
                raise invalid("set_weights", f"{variable.path} has shape {variable.shape}, the array has {np.shape(value)}")
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value)

    # --- losses ---------------------------------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Add scalars to what is minimised; inside `call` they may depend on the inputs."""
        context = current_context()
        for value in loss if isinstance(loss, (list, tuple)) else [loss]:
            if context is not None:
                context.losses.append((self, value))
            else:
                self._own_losses.append(value)

    @property
    def losses(self) -> list[Any]:
        """Scalars added by `add_loss` in the last call, and those of weight regularizers."""
        own = [value for layer in self._flatten_layers() for value in (*layer._own_losses, *layer._call_losses)]
        return own + [v.regularizer(v) for v in self.trainable_variables if v.regularizer is not None]

    # --- metrics --------------------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """The metrics among the attributes of this layer and of those inside it."""
        from keras_lite.metrics import Metric

        return unique([metric for layer in self._flatten_layers() for metric in attributes(layer, Metric)])

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]

    def add_metric(self, *args: Any, **kwargs: Any) -> None:
        """Not there in Keras 3 either: a metric is an attribute of the layer, and its `update_state` is called in `call`."""
        raise not_there("add_metric", "make the metric an attribute of the layer and call its update_state() in call(), or give it to "
                                      "compile(metrics=[...])")

    # --- dtypes ---------------------------------------------------------------------------------------------------------

    @property
    def dtype_policy(self) -> Any:
        """The dtypes of variables and of what is computed; may be set to a policy or the name of one."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._dtype_policy = dtype_policies.get(value)
        self._set_policy()

    def _set_policy(self) -> None:
        """Choose the layer's own policy from a map of them, by its path; before it has one, the default of the map."""
        policy = self._dtype_policy
        self._policy = policy[self._path] if isinstance(policy, dtype_policies.DTypePolicyMap) and self._path is not None else policy

    @property
    def dtype(self) -> str:
        return self.variable_dtype

    @property
    def compute_dtype(self) -> str:
        return self._policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        return self._policy.variable_dtype

    @property
    def _casts_inputs(self) -> bool:
        """Whether a call casts floats to the compute dtype."""
        return self.autocast

    @property
    def input_dtype(self) -> str:
        return self.compute_dtype

    # --- building from a config -----------------------------------------------------------------------------------------

    def _argument(self, name: str, declared_by: type) -> Any:
        """As in `Configurable`; the policy and `trainable` are the present ones in each subclass."""
        if name == "dtype":
            return self.dtype_policy
        return self.trainable if name == "trainable" else super()._argument(name, declared_by)

    def get_build_config(self) -> dict[str, Any] | None:
        """What `build_from_config` needs to make the variables again: the shape of the only input, or the arguments of `build`."""
        if self._build_shapes is None:
            return None
        shapes = {name: shape for name, shape in self._build_shapes.items() if shape is not None}
        if 1 in (len(shapes), len(self._build_shapes)):
            return {"input_shape": next(iter(shapes.values()), None)}
        return {"shapes_dict": shapes}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build with the shapes in `config`."""
        if "input_shape" in config:
            self.build(shapes_of(config["input_shape"]))
        else:
            self.build(**{k: shapes_of(v) for k, v in config.get("shapes_dict", config).items()})

    def __reduce__(self) -> Any:
        from keras_lite.saving.copies import restored, snapshot

        return restored, (snapshot(self),)

    @functools.cached_property
    def _signature(self) -> Any:
        return call_signature(type(self))  # type: ignore[arg-type]  # classes are hashable

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"
