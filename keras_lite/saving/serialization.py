"""Objects to dictionaries and back, in Keras's form.

Loading knows the package's own public classes and functions and the user's custom objects, and nothing else: it imports and runs
nothing that a config names.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import types
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from keras_lite.engine import registry
from keras_lite.engine.errors import invalid, is_clear, unknown_arguments, unknown_name, wrong_type
from keras_lite.saving.configurable import constructor_parameters, is_given_by_subclass, is_own
from keras_lite.saving.custom_objects import custom_names, custom_object_scope, get_registered_name, get_registered_object, is_registered
from keras_lite.symbolic.spec import KerasTensor

_MODULES = ("dtype_policies", "layers", "models", "models.functional", "initializers", "regularizers", "constraints", "losses", "metrics",
            "optimizers", "optimizers.schedules", "random")
_FUNCTIONS = ("activations", "losses", "metrics", "ops")
_SPECIAL = {"DTypePolicy": "keras", "Model": "keras", "Sequential": "keras",
            "Functional": "keras.src.models.functional", "InputLayer": "keras.layers"}
_PUBLIC_NAMES = {"GroupedQueryAttention": "GroupQueryAttention"}  # layers are named after the class, but stand in the config by these


_in_memory: ContextVar[bool] = ContextVar("keras_lite_in_memory", default=False)


@contextlib.contextmanager
def in_memory() -> Iterator[None]:
    """Scope in which configs hold classes, functions and objects that can't be described as themselves: for copies, not for files."""
    token = _in_memory.set(True)
    try:
        yield
    finally:
        _in_memory.reset(token)


def is_in_memory() -> bool:
    """Whether a config is made for a copy in this process."""
    return _in_memory.get()


# --- objects to dictionaries ---------------------------------------------------------------------------------------------


def serialize_keras_object(obj: Any) -> Any:
    """A nest of plain data that describes `obj`, equal to what Keras writes.

    Raises:
        TypeError: `obj` can't be described, such as a lambda or an object without `get_config`.

    >>> import keras_lite
    >>> serialize_keras_object(keras_lite.regularizers.L2(0.1))["config"]
    {'l2': 0.1}
    """
    if obj is None or (isinstance(obj, (str, bool, int, float)) and not isinstance(obj, np.generic)):
        return obj
    if isinstance(obj, np.generic):
        return obj.item()
    if isinstance(obj, (list, tuple)):
        return type(obj)(map(serialize_keras_object, obj)) if type(obj) in (list, tuple) else tuple(map(serialize_keras_object, obj))
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    special = _special(obj)
    if special is not None:
        return special
    if isinstance(obj, (types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
        return _marked("object", value=obj) if _in_memory.get() else _function_config(obj)
    if _in_memory.get() and (inspect.isclass(obj) or not hasattr(obj, "get_config")):
        return _marked("object", value=obj)
    if inspect.isclass(obj) or not hasattr(obj, "get_config"):
        raise wrong_type("serialize_keras_object", f"{obj!r} ({type(obj).__name__}) can't be described: only plain data, arrays, named "
                                                   "functions and objects with get_config() can")
    return _object_config(obj)


def _special(obj: Any) -> dict[str, Any] | None:
    """The dictionary of a value that is neither plain data nor described by a config; None for other objects."""
    if isinstance(obj, bytes):
        return _marked("bytes", value=obj.decode("utf-8"))
    if isinstance(obj, slice):
        return _marked("slice", **{key: serialize_keras_object(getattr(obj, key)) for key in ("start", "stop", "step")})
    if obj is Ellipsis:
        return _marked("ellipsis")
    if isinstance(obj, KerasTensor):
        node, index = obj.history or (None, 0)
        origin = None if node is None else [node.name, node.operation._nodes.index(node), index]
        return _marked("keras_tensor", shape=obj.shape, dtype=obj.dtype, keras_history=origin)
    if isinstance(obj, np.dtype) or (inspect.isclass(obj) and issubclass(obj, np.generic)):
        return {"module": "builtins", "class_name": "type", "config": np.dtype(obj).name, "registered_name": "type"}
    engine = registry.engine_of((obj,))
    if isinstance(obj, np.ndarray) or engine is not None:
        array = obj if engine is None else engine.to_numpy(getattr(obj, "value", obj))
        return _marked("tensor", value=array.tolist(), dtype=str(array.dtype))
    return None


def _marked(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": f"__{kind}__", "config": config}


def _function_config(function: Any) -> dict[str, Any]:
    if function.__name__ == "<lambda>":
        raise wrong_type("serialize_keras_object", "a lambda can't be described, since its code would have to be run when it is loaded; "
                                                   "write a function with a name and put @register_keras_serializable() in front")
    return {"module": "builtins", "class_name": "function", "config": get_registered_name(function), "registered_name": "function"}


def _object_config(obj: Any) -> dict[str, Any]:
    cls = type(obj)
    module = _module_of(cls)
    public = is_own(cls) and not is_registered(cls) and not (module or "").startswith("keras.src")
    name = _PUBLIC_NAMES.get(cls.__name__, cls.__name__) if public else cls.__name__
    config = {"module": module, "class_name": name, "config": obj.get_config(),
              "registered_name": None if public else get_registered_name(cls)}
    if _in_memory.get():
        config["class"] = cls
    build = obj.get_build_config() if hasattr(obj, "get_build_config") else None
    if build is not None:
        config["build_config"] = serialize_keras_object(build)
    compiled = obj.get_compile_config() if hasattr(obj, "get_compile_config") else None
    if compiled is not None:
        config["compile_config"] = compiled
    return config


def _module_of(cls: type) -> str | None:
    """The module that stands in the config: Keras's name of the public module for the package's own classes."""
    if not is_own(cls):
        return None if cls.__module__ in ("__main__", "builtins") else cls.__module__
    if cls.__name__ in _SPECIAL:
        return _SPECIAL[cls.__name__]
    parts = cls.__module__.split(".")
    return "keras.optimizers.schedules" if "schedules" in parts else f"keras.{parts[1]}"


def config_of(obj: Any) -> dict[str, Any]:
    """The config of a `Configurable`: its constructor arguments in serialized form; name, trainable and dtype come first."""
    parameters = {name: cls for name, cls in constructor_parameters(type(obj)).items()  # type: ignore[arg-type]  # classes are hashable
                  if name in obj._recorded or not is_given_by_subclass(type(obj), name, cls)}
    first = [name for name in ("name", "trainable", "dtype", "activity_regularizer") if name in parameters]
    config = {}
    for name in dict.fromkeys([*first, *parameters]):
        value = obj._argument(name, parameters[name])
        if name in obj._left_out and value is obj._left_out[name]:
            continue
        try:
            config[name] = _serialized_argument(name, value)
        except TypeError as error:
            problem = str(error).removeprefix("serialize_keras_object: ")
            advice = "" if is_own(type(obj)) else "; define get_config and from_config"
            raise wrong_type(f"{type(obj).__name__}.get_config", f"argument {name!r}: {problem}{advice}") from None
    return config


def _serialized_argument(name: str, value: Any) -> Any:
    if name.endswith("activation") and value is not None:
        from keras_lite import activations

        return activations.serialize(value)
    return serialize_keras_object(value)


# --- dictionaries to objects ---------------------------------------------------------------------------------------------


def deserialize_keras_object(config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any) -> Any:
    """The object that `config` describes: the inverse of `serialize_keras_object`.

    Args:
        config: plain data; a dict with "class_name" and "config" stands for an object.
        custom_objects: further classes and functions by name.
        safe_mode: accepted for Keras's sake; code stored in a config is never run, whatever it says.
        **kwargs: `module_objects`, one more table of names.

    Raises:
        ValueError: an unknown class or function, or a config that does not fit its class.
    """
    table = kwargs.pop("module_objects", None)
    kwargs.pop("printable_module_name", None)
    if kwargs:
        raise unknown_arguments("deserialize_keras_object", kwargs, deserialize_keras_object)
    if table and isinstance(config, str):
        registered = get_registered_object(config, custom_objects, table)
        if registered is None:
            raise unknown_name("object", config, [*table, *custom_names()])
        return registered() if inspect.isclass(registered) else registered
    with custom_object_scope({**(table or {}), **(custom_objects or {})}):
        return _deserialized(config)


def _deserialized(config: Any) -> Any:
    if isinstance(config, (list, tuple)):
        return type(config)(map(_deserialized, config))
    if not isinstance(config, dict):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: _deserialized(value) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if not isinstance(name, str):
        raise invalid("config", f"class_name must be a string, got {name!r}")
    if name in _READERS:
        try:
            return _READERS[name](inner)
        except (AttributeError, KeyError, TypeError) as error:
            if is_clear(error):
                raise
            raise invalid("config", f"{name} can't be made from {inner!r}") from error
    if not isinstance(inner, dict):
        raise invalid("config", f"{name} can't be made from {inner!r}: expected a dict of arguments")
    cls = config.get("class") or find_class(name, config.get("module"), config.get("registered_name"))
    return _instance(cls, config)


def _instance(cls: Any, config: dict[str, Any]) -> Any:
    if not hasattr(cls, "from_config"):
        raise wrong_type("config", f"{cls!r} has no from_config")
    try:
        instance = cls.from_config(dict(config["config"]))
    except TypeError as error:
        if is_clear(error):
            raise
        raise invalid("config", f"{config['class_name']} can't be made from {config['config']!r}: {error}") from error
    if config.get("build_config") and hasattr(instance, "build_from_config"):
        instance.build_from_config(config["build_config"])
    if config.get("compile_config") and hasattr(instance, "compile_from_config"):
        instance.compile_from_config(config["compile_config"])
    return instance


def _lambda(inner: Any) -> Any:
    raise invalid("config", "it holds the code of a lambda, which is never run; make the model in Python and load its weights, "
                            "or save it with a named function")


def _dtype_type(inner: Any) -> Any:
    from keras_lite.engine.dtypes import numpy_dtype, standardize

    return numpy_dtype(standardize(inner)).type


def _function(inner: Any) -> Any:
    return find_function(inner)


_READERS: dict[str, Any] = {
    "__bytes__": lambda inner: inner["value"].encode("utf-8"),
    "__slice__": lambda inner: slice(*(_deserialized(inner[key]) for key in ("start", "stop", "step"))),
    "__ellipsis__": lambda inner: Ellipsis,
    "__object__": lambda inner: inner["value"],
    "__tuple__": lambda inner: tuple(map(_deserialized, inner["value"])),
    "__tensor__": lambda inner: np.array(inner["value"], dtype=_dtype_type(inner["dtype"])),
    "__numpy__": lambda inner: np.array(inner["value"], dtype=_dtype_type(inner["dtype"])),
    "__keras_tensor__": lambda inner: KerasTensor(inner["shape"], inner["dtype"]),
    "__lambda__": _lambda,
    "function": _function,
    "type": _dtype_type,
}


def arguments_of(cls: type, config: dict[str, Any]) -> dict[str, Any]:
    """Constructor arguments for `cls` from a config: the objects inside it made."""
    return {name: _deserialized(value) for name, value in config.items()}


# --- the closed table ----------------------------------------------------------------------------------------------------


@functools.cache
def _module(name: str) -> Any:
    """The package's own public module `name`; None while the package has none of that name."""
    try:
        return importlib.import_module(f"keras_lite.{name}")
    except ModuleNotFoundError as error:
        if error.name is not None and f"keras_lite.{name}".startswith(error.name):
            return None
        raise


def _public(modules: Iterable[str], name: str, wanted: Any) -> Any:
    """The first thing of that name which is `wanted`; None if there is none."""
    for module in modules:
        candidate = getattr(_module(module), name, None) if not name.startswith("_") else None
        if candidate is not None and wanted(candidate):
            return candidate
    return None


def _known(modules: Iterable[str], wanted: Any) -> list[str]:
    """All the names that `_public` would find, for messages."""
    public = {name: value for module in modules for name, value in vars(_module(module) or object).items() if not name.startswith("_")}
    return [name for name, value in public.items() if wanted(value)]


def _is_class(x: Any) -> bool:
    return inspect.isclass(x) and is_own(x) and hasattr(x, "from_config")


def _is_function(x: Any) -> bool:
    return inspect.isfunction(x) and is_own(x)


def find_class(name: str, module: str | None = None, registered_name: str | None = None) -> Any:
    """The class that a config names: a custom object, else one of the package's own.

    Raises:
        ValueError: there is none, with the nearest names.
    """
    for key in (registered_name, name):
        registered = get_registered_object(key) if key else None
        if registered is not None:
            return registered
    if module is None or module.partition(".")[0] in ("keras", "keras_lite", "tf_keras"):
        place = (module or "").partition(".")[2]
        public = _public([place, *_MODULES] if place in _MODULES else _MODULES, name, _is_class)
        if public is not None:
            return public
        raise _unknown("class", name, [*_known([place] if place in _MODULES else _MODULES, _is_class), *custom_names()])
    raise invalid("config", f"class {name!r} of module {module!r} is unknown; {_advice(name)}")


def _unknown(kind: str, name: str, known: Iterable[str]) -> Exception:
    error = unknown_name(kind, name, known)
    error.args = (f"{error.args[0]} If it is your own, {_advice(name)}",)
    return error


def _advice(name: str) -> str:
    return f"put @keras_lite.saving.register_keras_serializable() in front of it, or give custom_objects={{{name!r}: {name}}}"


def find_function(name: Any) -> Any:
    """The function that a config names: a custom object, else one of the package's own."""
    if not isinstance(name, str):
        raise invalid("config", f"a function is given by its name, got {name!r}")
    registered = get_registered_object(name)
    if registered is not None:
        return registered
    function = _public(_FUNCTIONS, name, _is_function)
    if function is None:
        raise _unknown("function", name, [*_known(_FUNCTIONS, _is_function), *custom_names()])
    return function
