"""JaxLayer and FlaxLayer: functions of JAX and modules of Flax as layers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from keras_lite import ops
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float
from keras_lite.engine.errors import invalid, wrong_type
from keras_lite.layers.foreign import of_engine
from keras_lite.layers.layer import Layer
from keras_lite.random import SeedGenerator
from keras_lite.random.seed_generator import make_default_seed
from keras_lite.state.variable import Variable
from keras_lite.symbolic.spec import map_shapes

_CALL, _INIT = ("params", "state", "rng", "inputs", "training"), ("rng", "inputs", "training")


class JaxLayer(Layer):
    """A function of JAX as a layer, on the jax engine; the arrays in its nest of parameters are the variables of the layer.

    The functions have some of the parameters below, by these names and in any order.

    Args:
        call_fn: gives the outputs for `inputs`, `params`, `state`, `rng` (a key while training, else None) and `training`; with a
            `state` the pair of the outputs and the new state.
        init_fn: makes the first params for `rng`, `inputs` (ones) and `training` (True); with a state the pair of params and state.
        params, state: nests of arrays, used in place of what `init_fn` makes.  Arrays of floats among the params are trained.
        seed: of the random keys.
        native_serialization_platforms: kept in the config for an export by way of TensorFlow.

    Raises:
        NotImplementedError: the active engine is not jax.
        ValueError: a function lacks a parameter or has another one; there is nothing to make params or state from.

    >>> import keras_lite
    >>> def call_fn(params, inputs):
    ...     return inputs @ params["w"]
    >>> if keras_lite.config.backend() == "jax":
    ...     layer = keras_lite.layers.JaxLayer(call_fn, params={"w": np.ones((4, 3), "float32")})
    ...     assert layer(np.ones((2, 4), "float32")).shape == (2, 3)
    """

    _left_out: ClassVar[dict[str, Any]] = {**Layer._left_out, "params": None, "state": None, "seed": None}

    def __init__(self, call_fn: Callable[..., Any], init_fn: Callable[..., Any] | None = None, params: Any = None, state: Any = None,
                 seed: int | None = None, native_serialization_platforms: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self._flatten = of_engine(type(self).__name__, "flatten_nest", "jax")
        self.native_serialization_platforms = native_serialization_platforms
        self.seed = seed
        self._set_functions(call_fn, init_fn, params, state)

    def _set_functions(self, call_fn: Callable[..., Any], init_fn: Callable[..., Any] | None, params: Any, state: Any) -> None:
        self.call_fn, self.init_fn, self._given = call_fn, init_fn, {"params": params, "state": state}
        self._call_arguments = _parameters("call_fn", call_fn, _CALL, needed=("inputs",))
        self._init_arguments = None if init_fn is None else _parameters("init_fn", init_fn, _INIT, needed=("rng", "inputs"))
        missing = [name for name in ("params", "state") if name in self._call_arguments and self._given[name] is None]
        if missing and init_fn is None:
            raise invalid(type(self).__name__, f"call_fn takes {' and '.join(missing)}: give them, or an init_fn that makes them")
        if "rng" in self._call_arguments:
            self.seed_generator = SeedGenerator(self.seed)

    def _argument(self, name: str, declared_by: type) -> Any:
        return self._given[name] if name in ("params", "state") else super()._argument(name, declared_by)

    def build(self, input_shape: Any) -> None:
        nests = self._first_values(input_shape)
        self._params, self._rebuild_params = self._variables_for(nests["params"], trainable=True)
        self._states, self._rebuild_state = self._variables_for(nests["state"], trainable=False)

    def _first_values(self, input_shape: Any) -> dict[str, Any]:
        """The nests of params and state, None for what the function does not take."""
        wanted = [name for name in ("params", "state") if name in self._call_arguments]
        if all(self._given[name] is not None for name in wanted):
            return {**self._given}
        assert self.init_fn is not None and self._init_arguments is not None  # `_set_functions` saw to it
        key = ops.convert_to_tensor(np.array([make_default_seed() if self.seed is None else self.seed, 0], "uint32"))
        values = {"rng": key, "inputs": _ones(input_shape, self.compute_dtype), "training": True}
        made = self.init_fn(*(values[name] for name in self._init_arguments))
        parts = dict(zip(wanted, made if len(wanted) == 2 else [made], strict=bool(wanted)))
        return {name: self._given[name] if self._given[name] is not None else parts.get(name) for name in ("params", "state")}

    def _variables_for(self, nest: Any, trainable: bool) -> tuple[list[Variable], Callable[[list[Any]], Any]]:
        """A variable for each array in a nest, and the function that makes such a nest of others."""
        leaves, rebuild = self._flatten(nest)
        leaves = [np.asarray(leaf) for leaf in leaves]
        return [self.add_weight(leaf.shape, leaf, dtype=str(leaf.dtype), trainable=trainable and is_float(str(leaf.dtype)))
                for leaf in leaves], rebuild

    def call(self, inputs: Any, training: bool = False) -> Any:
        if registry.current().is_abstract:
            raise TypeError("only JAX itself can tell the shape of what its function gives")
        values: dict[str, Any] = {"inputs": inputs, "training": bool(training), "rng": None}
        values["params"] = self._rebuild_params([v.value for v in self._params])
        values["state"] = self._rebuild_state([v.value for v in self._states])
        if training and "rng" in self._call_arguments:
            values["rng"] = self.seed_generator.next()
        result = self.call_fn(*(values[name] for name in self._call_arguments))
        if "state" not in self._call_arguments:
            return result
        outputs, state = result
        for variable, value in zip(self._states, self._flatten(state)[0], strict=True):
            variable.assign(value)
        return outputs


class FlaxLayer(JaxLayer):
    """A module of Flax (`flax.linen`) as a layer, on the jax engine.

    Its collection "params" is trained, the others ("batch_stats", ...) are state.  Random keys while training are those of "dropout"
    and of every other name that the module asks for.

    Args:
        module: the module.
        method: what is called in place of `__call__`: the name of a method, or a function of (module, inputs).  Where it has a
            parameter `training`, it gets that.
        variables: the collections, used in place of what `module.init` makes.
        **kwargs: those of `JaxLayer` and `Layer`, also `seed`.

    Raises:
        NotImplementedError: the active engine is not jax.
        TypeError: `module` is no module of Flax.
    """

    def __init__(self, module: Any, method: Any = None, variables: Any = None, **kwargs: Any):
        if not hasattr(module, "apply") or not hasattr(module, "init"):
            raise wrong_type("FlaxLayer", f"expects a module of flax.linen, got {module!r}")
        self._module, self.method = module, method
        params, state = (None, None) if variables is None else _parted(variables)
        super().__init__(self._apply, self._init, params, state, **kwargs)

    @property
    def module(self) -> Any:
        """The module, which holds no values itself."""
        return self._module

    def _extra(self, training: bool) -> dict[str, Any]:
        """`training`, if the method takes it."""
        called = self.method if callable(self.method) else getattr(type(self._module), self.method or "__call__")
        return {"training": training} if "training" in inspect.signature(called).parameters else {}

    def _apply(self, params: Any, state: Any, rng: Any, inputs: Any, training: bool) -> Any:
        keys = {} if rng is None else {"params": rng, "dropout": rng}
        kept = list(state) if training else False
        result = self._module.apply({**params, **state}, inputs, rngs=keys, method=self.method, mutable=kept, **self._extra(training))
        return (result[0], {**state, **result[1]}) if training else (result, state)

    def _init(self, rng: Any, inputs: Any, training: bool) -> Any:
        return _parted(self._module.init({"params": rng, "dropout": rng}, inputs, method=self.method, **self._extra(training)))

    def _argument(self, name: str, declared_by: type) -> Any:
        if name == "variables":
            return None if self._given["params"] is None else {**self._given["params"], **(self._given["state"] or {})}
        return super()._argument(name, declared_by)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {key: value for key, value in config.items() if key not in ("call_fn", "init_fn", "params", "state")}


def _parted(variables: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The collection "params", and the others."""
    parts = dict(variables)
    return ({"params": parts.pop("params")} if "params" in parts else {}), parts


def _parameters(what: str, function: Callable[..., Any], known: tuple[str, ...], needed: tuple[str, ...]) -> list[str]:
    """Names of a function's parameters, if they are among those that it may have."""
    names = [p.name for p in inspect.signature(function).parameters.values()]
    for name in needed:
        if name not in names:
            raise invalid(what, f"must have a parameter `{name}`, has {names}")
    for name in names:
        if name not in known:
            raise invalid(what, f"its parameters may be {', '.join(known)}, got {name!r}")
    return names


def _ones(shape: Any, dtype: str) -> Any:
    """Inputs to make variables for: of ones, 1 for an unknown size."""
    return map_shapes(lambda sizes: ops.ones(tuple(1 if n is None else n for n in sizes), dtype), shape)
