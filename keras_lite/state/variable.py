"""Variable: a tensor that can be assigned, with a name, belonging to one engine."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite import config
from keras_lite.engine import registry
from keras_lite.engine.dtypes import is_float, standardize
from keras_lite.engine.errors import invalid, is_clear, renamed, unknown_arguments, wrong_type
from keras_lite.state.names import auto_name, current_path
from keras_lite.state.scope import _autocast, _innermost
from keras_lite.symbolic.spec import KerasTensor, Operators, standardize_shape

_keys = itertools.count()
_freezes = 0


def freezes() -> int:
    """How often `trainable` of a variable or layer was set: while this stays, so does what is trained."""
    return _freezes


def count_freeze() -> None:
    """Note that `trainable` was set."""
    global _freezes  # one number for the process
    _freezes += 1


class Variable(Operators):
    """A tensor with a name that can be assigned to.

    Args:
        initializer: an array, number or tensor; or a callable `(shape, dtype)` or the name of an initializer.
        shape: sizes; needed with a callable or name.
        dtype: name of the dtype; `floatx` for a callable or name, else that of the value.
        trainable: whether optimizers may change it.
        autocast: whether it is read in the compute dtype inside layers of mixed precision.
        aggregation: how replicas combine it: "none", "mean", "sum" or "only_first_replica".
        synchronization: kept for distribution: "auto", "none", "on_write" or "on_read".
        name: last part of its path.
        layout: how it lies on several devices; None on engines that do not distribute.

    >>> import keras_lite
    >>> v = keras_lite.Variable([1.0, 2.0], name="v")
    >>> v.assign_add([1.0, 1.0])
    >>> v.numpy().tolist()
    [2.0, 3.0]
    """

    name: str
    path: str
    shape: tuple[int, ...]
    dtype: str
    aggregation: str
    synchronization: str
    regularizer: Any
    constraint: Any
    overwrite_with_gradient: bool

    def __init__(self, initializer: Any, shape: Any = None, dtype: Any = None, trainable: bool = True, autocast: bool = True,
                 aggregation: str = "none", synchronization: str = "auto", name: str | None = None, layout: Any = None,
                 **kwargs: Any):
        if kwargs:
            raise unknown_arguments("Variable", kwargs, Variable)
        _check("aggregation", aggregation, ("none", "mean", "sum", "only_first_replica", None))
        _check("synchronization", synchronization, ("auto", "none", "on_write", "on_read", None))
        self.key = next(_keys)
        self.name = name or auto_name("variable")
        if not isinstance(self.name, str) or "/" in self.name:
            raise invalid("Variable", f"name must be a string without '/', got {name!r}")
        self.path = current_path(self.name)
        self.engine = registry.concrete()
        self.autocast, self.aggregation, self.synchronization, self.layout = autocast, aggregation, synchronization, layout
        self.regularizer = self.constraint = None
        self.overwrite_with_gradient = False
        self._trainable = self.made_trainable = bool(trainable)  # the second one stays: it gives the place among a layer's variables
        with self.engine.untraced():  # a layer may be built while a call of it is traced
            value, is_own = _first_value(self.engine, initializer, shape, dtype)
            self._held = self.engine.variable(value, self._trainable, layout, is_own)
        self.shape = self.engine.shape_of(value)
        self.dtype = self.engine.dtype_of(value)
        self._fresh: Any = None  # a newer value than the holder's that nobody else has, see `rebind`
        self._is_shared = False  # whether the framework's own code looks at the holder

    @property
    def value(self) -> Any:
        """The current value as a tensor of the engine, in the compute dtype inside a layer of mixed precision.

        On torch it shares the memory of the variable, so that `assign` changes it too; `ops.copy` keeps what was there.
        """
        scope = _innermost.get()
        value = None if scope is None else scope.lookup(self)
        if value is None:
            value = self.own_value
        compute = _autocast.get()
        if compute is not None and self.autocast and compute != self.dtype and is_float(self.dtype):
            owner = registry.engine_of((value,)) or self.engine
            return owner.cast(value, compute)
        return value

    @property
    def own_value(self) -> Any:
        """The value that the variable itself holds, whatever a scope says; the framework's own gradients reach the holder through it."""
        return self.engine.read(self.held)

    def peek(self) -> Any:
        """The own value, for a caller who does not keep it."""
        return self.engine.read(self._held) if self._fresh is None else self._fresh

    def take(self) -> Any:
        """The own value, for a caller who destroys it and then calls `rebind`: a copy if it is the holder's."""
        return self.engine.copy(self.engine.read(self._held)) if self._fresh is None else self._fresh

    def rebind(self, value: Any) -> None:
        """Take over `value`, of the right shape and dtype; it is copied to the holder when one asks for that, at once if it is shared."""
        self._fresh = value
        if self._is_shared:
            self.held  # noqa: B018  # copies

    def fill(self, number: float) -> None:
        """Set all entries to a number."""
        if _innermost.get() is not None:
            self.assign(self.engine.full(self.shape, number, self.dtype))
            return
        with self.engine.untraced():
            self._fresh = self.engine.full(self.shape, number, self.dtype)  # nobody else holds it, so a compiled step may destroy it

    @property
    def held(self) -> Any:
        """The engine's holder (nn.Parameter, tf.Variable, ...), up to date."""
        if self._fresh is not None:
            with self.engine.untraced():
                self._held, self._fresh = self.engine.write(self._held, self._fresh), None
        return self._held

    def share(self, holder: Any) -> None:
        """Hold the framework's own `holder` (a Parameter of a module, ...) from now on, with its value, instead of one made for this."""
        self._held, self._fresh, self._is_shared = holder, None, True

    def move(self, engine: Any) -> None:
        """Make another engine the variable's, with the same value."""
        with engine.untraced():
            value = engine.convert(self.engine.to_numpy(self.own_value), engine.canonical_dtype(self.dtype))
            self.engine, self._fresh, self._is_shared = engine, None, False
            self.dtype, self._held = engine.dtype_of(value), engine.variable(value, self._trainable, None, True)

    @property
    def spec(self) -> KerasTensor:
        """The shape and dtype."""
        return KerasTensor.spec(self.shape, self.dtype)

    @property
    def owner(self) -> Any:
        """The engine of the present value: inside a scope it may be another one than the variable's own."""
        scope = _innermost.get()
        value = None if scope is None else scope.lookup(self)
        return self.engine if value is None else registry.engine_of((value,))

    def assign(self, value: Any) -> None:
        """Set the value; same shape, converted to the variable's dtype."""
        value = self.accepted(f"assign to {self.path}", value)
        scope = _innermost.get()
        if scope is not None:
            scope.write(self, value)
        else:
            self._held = self.engine.write(self.held, value)  # up to date before: a traced program may write it or not

    def assign_add(self, value: Any) -> None:
        """Add to the value: read, then assigned, so that of additions by several threads at once some may be lost."""
        self.assign(self + value)  # the operators are attached by keras_lite.ops

    def assign_sub(self, value: Any) -> None:
        """Subtract from the value; with several threads see `assign_add`."""
        self.assign(self - value)

    def accepted(self, where: str, value: Any) -> Any:
        """`value` as a tensor that this variable can have; `where` is told in errors."""
        from keras_lite.ops.data import as_tensor, check_range

        if isinstance(value, np.ndarray):  # data, also where arrays are the engine's tensors
            check_range(where, value, self.dtype)
        engine = self._engine_for(registry.engine_of((value,)))
        try:
            value = as_tensor(engine, value, self.dtype)
        except (TypeError, ValueError) as error:
            if is_clear(error):
                raise renamed(error, where) from None
            raise
        shape = engine.shape_of(value)
        if shape != self.shape:
            raise invalid(where, f"variable {self.path} has shape {self.shape}, the value has {shape}")
        return value

    def _engine_for(self, given: Any) -> Any:
        """The engine of a value to assign, `given` that of what was passed: tensors of another one than the variable's come by way
        of NumPy."""
        if given is None:
            return self.engine
        home = self.owner
        if given.is_abstract and home is not None and not home.is_abstract and _innermost.get() is None:
            raise wrong_type(f"assign to {self.path}", "a symbolic tensor has no values")
        return given if home is None or home.is_abstract or given.is_abstract else home

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        count_freeze()

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def numpy(self) -> np.ndarray:
        """A copy of the value as a NumPy array."""
        return self.engine.to_numpy(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        scope = _innermost.get()
        value = None if scope is None else scope.lookup(self)
        # a tensor that is traced or differentiated refuses: an array of it would be a constant, without a gradient
        array = self.numpy() if value is None else np.asarray(value)
        return array if dtype is None else array.astype(dtype)

    def __getattr__(self, name: str) -> Any:
        """What functions of the engine's framework look for on its own variables."""
        engine = self.__dict__.get("engine")
        getter = None if engine is None else engine.variable_attributes.get(name)
        if getter is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getter(self.held)

    def __jax_array__(self) -> Any:
        return self.value

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        return self.value if dtype is None else self.engine.cast(self.value, standardize(dtype))

    @classmethod
    def __torch_function__(cls, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        from keras_lite.state import tree

        args, kwargs = tree.map_structure(lambda x: x.value if isinstance(x, Variable) else x, (args, kwargs or {}))
        return func(*args, **kwargs)

    def __reduce__(self) -> Any:
        facts = {name: getattr(self, name) for name in ("dtype", "trainable", "autocast", "aggregation", "synchronization", "name")}
        rest = {name: getattr(self, name) for name in ("path", "regularizer", "constraint", "overwrite_with_gradient", "made_trainable")}
        return _restored, (self.engine.name, self.numpy(), facts, rest)

    def __float__(self) -> float:
        return float(self.numpy())

    def __int__(self) -> int:
        return int(self.numpy())

    def __bool__(self) -> bool:
        return bool(self.numpy())

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self.numpy()!r}>"


def _restored(engine: str, value: np.ndarray, facts: dict[str, Any], rest: dict[str, Any]) -> Variable:
    """A copy of a variable, on the engine of that name."""
    with registry.using(engine):
        variable = Variable(value, **facts)
    vars(variable).update(rest)
    return variable


def _check(what: str, value: Any, allowed: tuple[Any, ...]) -> None:
    if value not in allowed:
        raise invalid("Variable", f"{what} must be one of {', '.join(repr(a) for a in allowed if a)}, got {value!r}")


def _first_value(engine: Any, initializer: Any, shape: Any, dtype: Any) -> tuple[Any, bool]:
    """The first value as a tensor of `engine`, and whether nobody else holds it.

    Initial values are drawn on the host, so they are the same on every engine.
    """
    from keras_lite.ops.data import as_tensor

    config.check_floatx(engine)
    if isinstance(initializer, str):
        from keras_lite import initializers  # made of layers of the package above this one

        initializer = initializers.get(initializer)
    if not callable(initializer):
        wanted = None if dtype is None else standardize(dtype, config.floatx())
        with registry.using(engine):
            value = as_tensor(engine, initializer, wanted)
        if shape is not None and engine.shape_of(value) != standardize_shape(shape):
            raise invalid("Variable", f"the value has shape {engine.shape_of(value)}, not {standardize_shape(shape)}")
        return value, False
    if shape is None:
        raise invalid("Variable", f"the initializer {initializer!r} needs the argument `shape`")
    shape = standardize_shape(shape)
    if None in shape:
        raise invalid("Variable", f"all sizes must be known, got {shape}")
    dtype = standardize(dtype, config.floatx())
    with registry.using("numpy") as host:
        value = initializer(shape, dtype=dtype)
        owner = registry.engine_of((value,)) or host
        if not owner.is_tensor(value) or owner.dtype_of(value) != dtype:
            value = as_tensor(owner, value, dtype)
    if owner.shape_of(value) != shape:
        raise invalid("Variable", f"the initializer {initializer!r} gave shape {owner.shape_of(value)}, not {shape}")
    is_fresh = getattr(type(initializer).__call__, "is_fresh", False)
    if owner is engine:
        return value, is_fresh
    dtype = engine.canonical_dtype(dtype)
    if isinstance(value, np.ndarray):
        return (engine.adopt if is_fresh else engine.convert)(value, dtype), True
    return engine.convert(owner.to_numpy(value), dtype), True


@registry.classify
def _variable_owner(x: Any) -> Any:
    return registry.VARIABLE if isinstance(x, Variable) else registry.UNSEEN


